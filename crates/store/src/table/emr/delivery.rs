//! `emr_deliveries`: what is written into an EMR, and where it is.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time, unsigned, words};
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

words! {
    /// What is written.
    EmrWriteKind {
        /// The operative note.
        Note = "note",
        /// A provisional problem.
        Problem = "problem",
        /// A claim.
        Claim = "claim",
    }
}

words! {
    /// Where a write is.
    EmrState {
        /// Waits.
        Queued = "queued",
        /// On its way; found so after a crash, nobody can know whether it arrived.
        Sending = "sending",
        /// In the EMR.
        Delivered = "delivered",
        /// Refused: something is to be put right.
        Rejected = "rejected",
        /// Nobody can know: a person decides.
        Unknown = "unknown",
        /// Taken back before it was there.
        Cancelled = "cancelled",
    }
}

/// A write that is to leave.
#[derive(Debug, Clone)]
pub struct NewEmrDelivery {
    /// Its id.
    pub id: Uuid,
    /// Where to.
    pub connection: Uuid,
    /// Of which claim.
    pub claim: ClaimId,
    /// Of which revision.
    pub revision: u32,
    /// What it is.
    pub kind: EmrWriteKind,
    /// What it is, in words without a patient.
    pub says: String,
    /// What makes it the same as another.
    pub ledger: String,
    /// Its content as JSON.
    pub body: Phi<String>,
    /// Who sends.
    pub actor: String,
    /// When.
    pub now: Timestamp,
}

/// A write and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmrDelivery {
    /// Its id.
    pub id: Uuid,
    /// Where to.
    pub connection: Uuid,
    /// Of which claim.
    pub claim: ClaimId,
    /// Of which revision.
    pub revision: u32,
    /// What it is.
    pub kind: EmrWriteKind,
    /// What it is, in words without a patient.
    pub says: String,
    /// Its content as JSON.
    pub body: Phi<String>,
    /// Where it is.
    pub state: EmrState,
    /// The EMR's id of it.
    pub remote_id: Option<Phi<String>>,
    /// Whether it was read back: `confirmed`, `differs`, `unreadable`.
    pub read_back: Option<String>,
    /// Why it waits, was rejected or is unknown, as JSON.
    pub trouble: Option<String>,
    /// How often a request for it was begun.
    pub attempts: u32,
    /// Not tried before.
    pub not_before: Timestamp,
    /// A person has said that it is not in the EMR.
    pub not_there: bool,
    /// Who sent it.
    pub actor: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// What became of a write.
#[derive(Debug, Clone)]
pub struct EmrOutcome<'a> {
    /// The state it is in.
    pub state: EmrState,
    /// The EMR's id, where it was delivered.
    pub remote_id: Option<&'a Phi<String>>,
    /// Why, as JSON.
    pub trouble: Option<&'a str>,
    /// Not tried again before.
    pub not_before: Timestamp,
    /// When.
    pub now: Timestamp,
}

const DELIVERY: &str = "id, connection, claim_id, revision, kind, says, body, state, remote_id, read_back, trouble, \
                        attempts, not_before, not_there, actor, created_at, changed_at";

impl Records<'_> {
    /// Queues a write. Tells whether it is new: the same is never queued twice, unless it was cancelled.
    ///
    /// # Errors
    /// Those of the database.
    pub fn queue_emr(&self, new: &NewEmrDelivery) -> Result<bool, StoreError> {
        let added = self
            .sql
            .prepare_cached(
                "INSERT INTO emr_deliveries (id, connection, claim_id, revision, kind, says, ledger, body, state,
                   not_before, actor, created_at, changed_at)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?10, ?9, ?10, ?10
                 WHERE NOT EXISTS (SELECT 1 FROM emr_deliveries WHERE ledger = ?7 AND state <> 'cancelled')",
            )?
            .execute(params![
                new.id.to_string(),
                new.connection.to_string(),
                new.claim.to_string(),
                new.revision,
                new.kind.as_str(),
                new.says,
                new.ledger,
                new.body.expose(),
                new.actor,
                time(new.now)
            ])?;
        Ok(added == 1)
    }

    /// Writes of a claim, or of all, in the order they leave.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_deliveries(&self, claim: Option<ClaimId>) -> Result<Vec<EmrDelivery>, StoreError> {
        let claim = claim.map(|c| c.to_string());
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {DELIVERY} FROM emr_deliveries WHERE ?1 IS NULL OR claim_id = ?1 ORDER BY seq"
        ))?;
        let rows = statement.query_and_then([claim], read_delivery)?;
        rows.collect()
    }

    /// One write.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_delivery(&self, id: Uuid) -> Result<Option<EmrDelivery>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {DELIVERY} FROM emr_deliveries WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read_delivery(row)))
            .optional()?
            .transpose()
    }

    /// Writes that may leave now: due, and behind nothing of the same claim and EMR that is not settled.
    ///
    /// # Errors
    /// Those of the database.
    pub fn due_emr(&self, now: Timestamp) -> Result<Vec<EmrDelivery>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {DELIVERY} FROM emr_deliveries AS d WHERE state = 'queued' AND not_before <= ?1
               AND NOT EXISTS (SELECT 1 FROM emr_deliveries AS e WHERE e.claim_id = d.claim_id
                 AND e.connection = d.connection AND e.seq < d.seq
                 AND e.state NOT IN ('delivered', 'cancelled'))
             ORDER BY seq LIMIT 200"
        ))?;
        let rows = statement.query_and_then([time(now)], read_delivery)?;
        rows.collect()
    }

    /// Takes a queued write: from here on a request for it may be under way.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not queued any more.
    pub fn begin_emr(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE emr_deliveries SET state = 'sending', attempts = attempts + 1, trouble = NULL, changed_at = ?2
                 WHERE id = ?1 AND state = 'queued'",
            )?
            .execute(params![id.to_string(), time(now)])?;
        if changed == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict { what: "the write is not queued any more" })
        }
    }

    /// Notes what became of a write that was in one of some states.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is in another state by now.
    pub fn settle_emr(
        &self,
        id: Uuid,
        from: &[EmrState],
        outcome: &EmrOutcome<'_>,
    ) -> Result<(), StoreError> {
        let now_in = self.emr_delivery(id)?.ok_or(StoreError::NotFound { what: "delivery" })?.state;
        if !from.contains(&now_in) {
            return Err(StoreError::Conflict { what: "the write is in another state by now" });
        }
        self.sql
            .prepare_cached(
                "UPDATE emr_deliveries SET state = ?2, remote_id = ?3, trouble = ?4, not_before = ?5, changed_at = ?6
                 WHERE id = ?1",
            )?
            .execute(params![
                id.to_string(),
                outcome.state.as_str(),
                outcome.remote_id.map(Phi::expose),
                outcome.trouble,
                time(outcome.not_before),
                time(outcome.now)
            ])?;
        Ok(())
    }

    /// Notes that a person has found a write not to be in the EMR.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_not_there(&self, id: Uuid) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE emr_deliveries SET not_there = 1 WHERE id = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }

    /// Notes whether what was delivered was read back.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_read_back(&self, id: Uuid, result: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE emr_deliveries SET read_back = ?2 WHERE id = ?1 AND state = 'delivered'")?
            .execute(params![id.to_string(), result])?;
        Ok(())
    }

    /// Writes that were under way when their process ended: what became of them nobody can know. Only the holder of
    /// the outbox may ask this. Answers with their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn lost_emr(&self, trouble: &str, now: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "UPDATE emr_deliveries SET state = 'unknown', trouble = ?1, changed_at = ?2 WHERE state = 'sending' RETURNING id",
        )?;
        let rows = statement.query_and_then(params![trouble, time(now)], |row| -> Result<_, StoreError> {
            parse(&row.get::<_, String>(0)?, "emr_deliveries.id")
        })?;
        rows.collect()
    }
}

fn read_delivery(row: &Row<'_>) -> Result<EmrDelivery, StoreError> {
    Ok(EmrDelivery {
        id: parse(&row.get::<_, String>(0)?, "emr_deliveries.id")?,
        connection: parse(&row.get::<_, String>(1)?, "emr_deliveries.connection")?,
        claim: parse(&row.get::<_, String>(2)?, "emr_deliveries.claim_id")?,
        revision: unsigned(row.get(3)?, "emr_deliveries.revision")?,
        kind: parse(&row.get::<_, String>(4)?, "emr_deliveries.kind")?,
        says: row.get(5)?,
        body: Phi::new(row.get(6)?),
        state: parse(&row.get::<_, String>(7)?, "emr_deliveries.state")?,
        remote_id: row.get::<_, Option<String>>(8)?.map(Phi::new),
        read_back: row.get(9)?,
        trouble: row.get(10)?,
        attempts: unsigned(row.get(11)?, "emr_deliveries.attempts")?,
        not_before: parse(&row.get::<_, String>(12)?, "emr_deliveries.not_before")?,
        not_there: row.get(13)?,
        actor: row.get(14)?,
        created_at: parse(&row.get::<_, String>(15)?, "emr_deliveries.created_at")?,
        changed_at: parse(&row.get::<_, String>(16)?, "emr_deliveries.changed_at")?,
    })
}
