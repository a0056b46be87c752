//! What the clinic turns on: the idle lock, four eyes, a second factor for everybody; and emergency access.

use super::permission::{Action, Role};
use crate::error::AppError;
use crate::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Fault, FaultKind, Phi, phi};
use iambilly_store::{GlassBreak, Records, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;

/// How long broken glass stays broken.
const GLASS: SignedDuration = SignedDuration::from_mins(60);
const SETTING: &str = "guards";

/// Settings that guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Guards {
    /// Minutes without a key or the mouse after which the window locks; 1 to 60.
    pub idle_minutes: u32,
    /// Whether a coder's own draft needs another person's approval.
    pub four_eyes: bool,
    /// Whether everybody needs a second factor to do anything else.
    pub second_factor: bool,
    /// Days that recordings are kept after the last decision on their claims, once all are done with; none keeps them.
    pub audio_days: Option<u32>,
}

impl Default for Guards {
    fn default() -> Self {
        Self { idle_minutes: 10, four_eyes: false, second_factor: false, audio_days: None }
    }
}

/// Emergency access as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GlassView {
    /// Id.
    pub id: String,
    /// Who took it.
    pub person: String,
    /// Why.
    #[serde(serialize_with = "phi::disclose")]
    pub reason: Phi<String>,
    /// When, RFC 3339.
    pub at: String,
    /// Until when, RFC 3339.
    pub until: String,
    /// Who has seen it; none while it waits for an administrator.
    pub acknowledged_by: Option<String>,
}

impl From<GlassBreak> for GlassView {
    fn from(row: GlassBreak) -> Self {
        Self {
            id: row.id,
            person: row.person,
            reason: row.reason,
            at: format!("{:.3}", row.at),
            until: format!("{:.3}", row.until),
            acknowledged_by: row.acknowledged_by,
        }
    }
}

/// The settings that guard, as they stand.
pub(crate) fn guards_of(records: &Records<'_>) -> Result<Guards, StoreError> {
    Ok(records.setting(SETTING)?.unwrap_or_default())
}

impl Session {
    /// The settings that guard.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn guards(&self) -> Result<Guards, AppError> {
        self.store(|s| s.read(guards_of)).await
    }

    /// Changes the settings that guard.
    ///
    /// # Errors
    /// `guards_invalid`, `not_allowed`.
    pub async fn set_guards(&self, guards: Guards) -> Result<(), AppError> {
        self.allow(Action::Guard).await?;
        if !(1..=60).contains(&guards.idle_minutes) || guards.audio_days.is_some_and(|d| d == 0 || d > 36_500)
        {
            return Err(Fault::new(
                FaultKind::Usage,
                "guards_invalid",
                "The window locks after 1 to 60 minutes, and recordings are kept 1 to 36500 days.",
                "Give numbers in these bounds; nothing was changed.",
            )
            .into());
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| s.write(|r| r.change_setting(&by, SETTING, Some(&guards), now))).await
    }

    /// Breaks the glass: for an hour the actor may see and hear what their roles do not show. Every administrator is
    /// told until one of them acknowledges it.
    ///
    /// # Errors
    /// `reason_needed`; `no_accounts` while one person owns everything.
    pub async fn break_glass(&self, reason: Phi<String>) -> Result<GlassView, AppError> {
        self.allow(Action::Devices).await?;
        let words = reason.expose().trim();
        if words.chars().count() < 8 {
            return Err(Fault::new(
                FaultKind::Input,
                "reason_needed",
                "Emergency access needs a reason.",
                "Say in a sentence what the emergency is; the administrator reads it.",
            )
            .into());
        }
        if self.actor().is_owner() {
            return Err(Fault::new(
                FaultKind::Usage,
                "no_accounts",
                "There are no accounts, so nothing is behind glass.",
                "The owner may see everything.",
            )
            .into());
        }
        let at = (self.surroundings.now)();
        let taken = GlassBreak {
            id: self.surroundings.id().to_string(),
            person: self.by().to_string(),
            reason: Phi::new(words.to_owned()),
            at,
            until: at.checked_add(GLASS).unwrap_or(at),
            acknowledged_by: None,
            acknowledged_at: None,
        };
        let row = taken.clone();
        self.store(move |s| {
            s.write(|r| {
                r.break_glass(&row)?;
                r.append_audit(&row.person, "glass.broken", &row.id, row.at).map(drop)
            })
        })
        .await?;
        *self.glass.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken.until);
        Ok(taken.into())
    }

    /// Emergency access that was taken, the newest first.
    ///
    /// # Errors
    /// `not_allowed`.
    pub async fn glass_breaks(&self) -> Result<Vec<GlassView>, AppError> {
        self.allow(Action::ReadAudit).await?;
        let rows = self.store(|s| s.read(|r| r.glass_breaks())).await?;
        Ok(rows.into_iter().map(GlassView::from).collect())
    }

    /// How many an administrator has to look at; for others none.
    pub(crate) async fn unseen_glass(&self) -> usize {
        if !self.may(Action::ManagePeople) {
            return 0;
        }
        let rows = self.store(|s| s.read(|r| r.glass_breaks())).await.unwrap_or_default();
        rows.iter().filter(|g| g.acknowledged_by.is_none()).count()
    }

    /// An administrator has seen emergency access; nobody acknowledges their own.
    ///
    /// # Errors
    /// `own_glass`, `not_allowed`, a conflict when it was seen before.
    pub async fn acknowledge_glass(&self, id: &str) -> Result<(), AppError> {
        self.allow(Action::ManagePeople).await?;
        let (now, by, id) = ((self.surroundings.now)(), self.by(), id.trim().to_owned());
        let own = self.store(|s| s.read(|r| r.glass_breaks())).await?;
        let others = self.store(|s| s.read(|r| r.people())).await?;
        let other_administrators = others.iter().any(|p| {
            *p.id != *by
                && p.state == iambilly_store::PersonState::Active
                && p.roles.iter().any(|r| r == Role::Administrator.name())
        });
        if other_administrators && own.iter().any(|g| g.id == id && *g.person == *by) {
            return Err(Fault::new(
                FaultKind::Locked,
                "own_glass",
                "Your own emergency access is for another administrator to look at.",
                "It waits for them.",
            )
            .into());
        }
        self.store(move |s| {
            s.write(|r| {
                r.acknowledge_glass(&id, &by, now)?;
                r.append_audit(&by, "glass.acknowledged", &id, now).map(drop)
            })
        })
        .await
    }

    /// What a session begins with: glass that is still broken, from another window or command.
    pub(crate) async fn recall_glass(&self) -> Result<(), AppError> {
        let (by, now) = (self.by(), (self.surroundings.now)());
        let rows = self.store(|s| s.read(|r| r.glass_breaks())).await?;
        let own = rows.into_iter().filter(|g| *g.person == *by).map(|g| g.until);
        let until: Option<Timestamp> = own.filter(|until| now < *until).max();
        *self.glass.lock().unwrap_or_else(PoisonError::into_inner) = until;
        Ok(())
    }

    /// Refuses an approval of one's own draft where the clinic asks for four eyes. Physicians answer for their own.
    pub(crate) async fn four_eyes(&self, claim: ClaimId) -> Result<(), AppError> {
        let by = self.by();
        let own = self
            .store(move |s| s.read(|r| Ok(guards_of(r)?.four_eyes && r.drafted_any(claim, &by)?)))
            .await?;
        if !own || self.actor().is_owner() || self.actor().has(Role::Physician) {
            return Ok(());
        }
        self.note("claim.approved_refused", &claim.to_string()).await?;
        Err(Fault::new(
            FaultKind::Locked,
            "four_eyes",
            "You changed this claim yourself, and this clinic wants another pair of eyes.",
            "Ask a physician or another coder to approve it.",
        )
        .into())
    }
}
