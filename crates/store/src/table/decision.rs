//! `claim_decisions`: the steps of a claim's life, each on the revision it was taken on.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::claim::ClaimState;
use crate::table::{parse, time};
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use jiff::Timestamp;
use rusqlite::{Row, params};
use uuid::Uuid;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimDecision {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub claim: ClaimId,
    /// The revision it was taken on.
    pub revision: u32,
    /// State before.
    pub from: ClaimState,
    /// State after.
    pub to: ClaimState,
    /// SHA-256 of that revision's content: what an approval signs.
    pub content_sha256: String,
    /// Who.
    pub actor: String,
    /// Why, where a reason was given.
    pub reason: Option<Phi<String>>,
    /// When.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, claim_id, revision, from_state, to_state, content_sha256, actor, reason, at";

impl Records<'_> {
    /// Moves a claim to another state and keeps the step. The rules of the life cycle are the caller's.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when the claim is in another state or at another
    /// revision by now.
    pub fn decide_claim(&self, step: &ClaimDecision) -> Result<(), StoreError> {
        let claim = self.claim(step.claim)?.ok_or(StoreError::NotFound { what: "claim" })?;
        if claim.current_revision != step.revision {
            return Err(StoreError::ClaimChanged { newest: claim.current_revision });
        }
        self.move_claim(step.claim, step.from, step.to)?;
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO claim_decisions ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute(params![
                step.id.to_string(),
                step.claim.to_string(),
                step.revision,
                step.from.as_str(),
                step.to.as_str(),
                step.content_sha256,
                step.actor,
                step.reason.as_ref().map(Phi::expose),
                time(step.at),
            ])?;
        Ok(())
    }

    /// The steps of a claim, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn claim_decisions(&self, id: ClaimId) -> Result<Vec<ClaimDecision>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM claim_decisions WHERE claim_id = ?1 ORDER BY at, id"
        ))?;
        let rows = statement.query_and_then([id.to_string()], read)?;
        rows.collect()
    }
}

fn read(row: &Row<'_>) -> Result<ClaimDecision, StoreError> {
    Ok(ClaimDecision {
        id: parse(&row.get::<_, String>(0)?, "claim_decisions.id")?,
        claim: parse(&row.get::<_, String>(1)?, "claim_decisions.claim_id")?,
        revision: row.get(2)?,
        from: parse(&row.get::<_, String>(3)?, "claim_decisions.from_state")?,
        to: parse(&row.get::<_, String>(4)?, "claim_decisions.to_state")?,
        content_sha256: row.get(5)?,
        actor: row.get(6)?,
        reason: row.get::<_, Option<String>>(7)?.map(Phi::new),
        at: parse(&row.get::<_, String>(8)?, "claim_decisions.at")?,
    })
}
