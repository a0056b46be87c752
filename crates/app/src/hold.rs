//! Legal hold: dictations that must be kept, whatever anybody asks to erase.

use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Fault, FaultKind, Phi, phi};
use iambilly_store::{LegalHold, StoreError};
use serde::Serialize;

/// A legal hold as the two doors show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldView {
    /// The dictation that is held.
    pub dictation: DictationId,
    /// Why.
    #[serde(serialize_with = "phi::disclose")]
    pub reason: Phi<String>,
    /// Who holds it.
    pub held_by: String,
    /// Since when, RFC 3339.
    pub at: String,
}

impl From<LegalHold> for HoldView {
    fn from(row: LegalHold) -> Self {
        Self {
            dictation: row.dictation,
            reason: row.reason,
            held_by: row.held_by,
            at: format!("{:.3}", row.at),
        }
    }
}

/// The refusal to erase what is held.
pub(crate) fn held() -> AppError {
    Fault::new(
        FaultKind::Input,
        "legal_hold",
        "This is under legal hold and must be kept; nothing was erased.",
        "Whoever asked for the hold has to release it; then lift it with iambilly erase lift.",
    )
    .into()
}

impl Session {
    /// Puts a dictation under legal hold; one that is held already stays as it is.
    ///
    /// # Errors
    /// `reason_needed`, `not_found`, `not_allowed`.
    pub async fn hold(&self, id: DictationId, reason: Phi<String>) -> Result<Vec<HoldView>, AppError> {
        self.allow(Action::Erase).await?;
        if reason.expose().trim().is_empty() {
            return Err(Fault::new(
                FaultKind::Input,
                "reason_needed",
                "A legal hold needs a reason.",
                "Name the matter it is for.",
            )
            .into());
        }
        let (at, by) = ((self.surroundings.now)(), self.by());
        let new = LegalHold { dictation: id, reason, held_by: by.to_string(), at };
        self.store(move |s| {
            s.write(|r| {
                r.dictation(id)?.ok_or(StoreError::NotFound { what: "dictation" })?;
                r.hold_dictation(&new)?;
                r.append_audit(&by, "dictation.held", &id.to_string(), at).map(drop)
            })
        })
        .await?;
        self.holds_now().await
    }

    /// Lifts a legal hold.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`.
    pub async fn lift_hold(&self, id: DictationId) -> Result<Vec<HoldView>, AppError> {
        self.allow(Action::Erase).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.lift_hold(id)?;
                r.append_audit(&by, "dictation.hold_lifted", &id.to_string(), now).map(drop)
            })
        })
        .await?;
        self.holds_now().await
    }

    /// All legal holds, the oldest first.
    ///
    /// # Errors
    /// `not_allowed`; those of the store.
    pub async fn holds(&self) -> Result<Vec<HoldView>, AppError> {
        self.allow(Action::Erase).await?;
        self.holds_now().await
    }

    async fn holds_now(&self) -> Result<Vec<HoldView>, AppError> {
        let rows = self.store(|s| s.read(|r| r.legal_holds())).await?;
        Ok(rows.into_iter().map(HoldView::from).collect())
    }
}
