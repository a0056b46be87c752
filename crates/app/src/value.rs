//! What a stored claim is worth: the expected payment of each line, what its own documentation bears beyond it, and
//! what in it is over-coded or likely to be asked for in an audit.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind};
use iambilly_scrub::Locality;
use iambilly_scrub::optimise::{Optimum, Setting};
use iambilly_store::StoreError;
use serde::Serialize;

/// Setting that remembers who is paid, and where.
const SETTING: &str = "payment";

/// A claim's value and what it was reckoned with.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimValue {
    /// The revision that was priced.
    pub revision: u32,
    /// Who is paid, and where.
    pub setting: Setting,
    /// Localities of the imported cost indices in force on the date of service; none where none are imported.
    pub localities: Vec<Locality>,
    /// Payment and proposals, in the contract's shape.
    pub optimum: Optimum,
}

impl Session {
    /// Who is paid, and where: what payments are reckoned with.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn payment_setting(&self) -> Result<Setting, AppError> {
        Ok(self.store(|s| s.read(|r| r.setting(SETTING))).await?.unwrap_or_default())
    }

    /// Remembers who is paid, and where.
    ///
    /// # Errors
    /// `locality_unknown` for a locality that no imported edition of the cost indices has.
    pub async fn set_payment_setting(&self, setting: Setting) -> Result<(), AppError> {
        self.allow(Action::ChangeFees).await?;
        if let Some(locality) = &setting.locality
            && !self.config.rules.book()?.knows_locality(locality)
        {
            return Err(AppError::Fault(Fault::new(
                FaultKind::Input,
                "locality_unknown",
                "The imported cost indices have no such locality.",
                "Import the year's GPCI file, then choose one of its localities; without one the payment is the national one.",
            )));
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| s.write(|r| r.change_setting(&by, SETTING, Some(&setting), now))).await
    }

    /// What a claim is worth in its newest revision. Another `setting` than the remembered one can be tried.
    ///
    /// # Errors
    /// `not_found`; a rule book that cannot be read.
    pub async fn value(&self, id: ClaimId, setting: Option<Setting>) -> Result<ClaimValue, AppError> {
        self.allow(Action::ViewValue).await?;
        let setting = match setting {
            Some(setting) => setting,
            None => self.payment_setting().await?,
        };
        let revision = self
            .store(move |s| {
                s.read(|r| r.revision(id, None)?.ok_or(StoreError::NotFound { what: "claim revision" }))
            })
            .await?;
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let today = (self.surroundings.today)();
        blocking(move || {
            let optimum = rules.optimise(&revision.claim, &payers, &setting, today)?;
            let localities = rules.book()?.localities(revision.coding.dos);
            Ok(ClaimValue { revision: revision.number, setting, localities, optimum })
        })
        .await
    }
}
