//! `audit_events`: who did what to which id and when, as a hash chain. Ids and action names only, no PHI.
//!
//! Each event's SHA-256 covers its own fields (each with its length) and the hash of the event before, so a
//! changed, removed or inserted event breaks the chain. Cutting off the newest events is seen only against
//! an [`AuditHead`] kept elsewhere.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Hash before the first event.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEvent {
    /// Number from 1, without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who: an account's id, or `pipeline`.
    pub actor: String,
    /// What, e.g. `claim.drafted`.
    pub action: String,
    /// To which id.
    pub subject_id: String,
    /// Hash of the event before.
    pub previous_sha256: String,
    /// Hash of this event.
    pub sha256: String,
}

/// The newest event's number and hash, to be kept elsewhere as an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Number; 0 for an empty chain.
    pub seq: u64,
    /// Hash.
    pub sha256: String,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// Events that hold, counted from the first.
    pub sound: u64,
    /// Number of the first event that is missing, moved or changed.
    pub broken_at: Option<u64>,
    /// The head of the sound part.
    pub head: AuditHead,
}

impl AuditVerdict {
    /// Whether the whole chain holds.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.broken_at.is_none()
    }
}

const COLUMNS: &str = "seq, at, actor, action, subject_id, previous_sha256, sha256";

impl Records<'_> {
    /// Appends an event; do it in the transaction of what it tells.
    ///
    /// # Errors
    /// Those of the database.
    pub fn append_audit(
        &self,
        actor: &str,
        action: &str,
        subject_id: &str,
        now: Timestamp,
    ) -> Result<AuditHead, StoreError> {
        let head = self.audit_head()?;
        let at = time(now);
        let seq = head.seq + 1;
        let sha256 = hash(seq, &at, actor, action, subject_id, &head.sha256);
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO audit_events ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ))?
            .execute(params![number(seq)?, at, actor, action, subject_id, head.sha256, sha256])?;
        Ok(AuditHead { seq, sha256 })
    }

    /// The newest event's number and hash.
    ///
    /// # Errors
    /// Those of the database.
    pub fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let head: Option<(i64, String)> = self
            .sql
            .prepare_cached("SELECT seq, sha256 FROM audit_events ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match head {
            None => Ok(AuditHead { seq: 0, sha256: GENESIS.to_owned() }),
            Some((seq, sha256)) => {
                let seq =
                    u64::try_from(seq).map_err(|_| StoreError::Malformed { column: "audit_events.seq" })?;
                Ok(AuditHead { seq, sha256 })
            }
        }
    }

    /// Checks the whole chain, and that it still contains the anchor.
    ///
    /// # Errors
    /// Those of the database; a broken chain is an answer, not an error.
    pub fn verify_audit(&self, anchor: Option<&AuditHead>) -> Result<AuditVerdict, StoreError> {
        let mut head = AuditHead { seq: 0, sha256: GENESIS.to_owned() };
        let mut statement =
            self.sql.prepare_cached(&format!("SELECT {COLUMNS} FROM audit_events ORDER BY seq"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let seq = head.seq + 1;
            let found: (i64, String, String, String, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
            let expected = hash(seq, &found.1, &found.2, &found.3, &found.4, &head.sha256);
            let anchored = anchor.is_none_or(|a| a.seq != seq || a.sha256 == found.6);
            if found.0 != number(seq)? || found.5 != head.sha256 || found.6 != expected || !anchored {
                return Ok(AuditVerdict { sound: head.seq, broken_at: Some(seq), head });
            }
            head = AuditHead { seq, sha256: expected };
        }
        let broken_at = anchor.filter(|a| a.seq > head.seq).map(|_| head.seq + 1);
        Ok(AuditVerdict { sound: head.seq, broken_at, head })
    }

    /// Events about one id, or all, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn audit_events(&self, subject_id: Option<&str>) -> Result<Vec<AuditEvent>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM audit_events WHERE ?1 IS NULL OR subject_id = ?1 ORDER BY seq"
        ))?;
        let rows = statement.query_and_then([subject_id], read)?;
        rows.collect()
    }
}

fn number(seq: u64) -> Result<i64, StoreError> {
    i64::try_from(seq).map_err(|_| StoreError::Unstorable { column: "audit_events.seq" })
}

fn hash(seq: u64, at: &str, actor: &str, action: &str, subject: &str, previous: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(seq.to_le_bytes());
    for part in [at, actor, action, subject, previous] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("{:x}", hash.finalize())
}

fn read(row: &Row<'_>) -> Result<AuditEvent, StoreError> {
    Ok(AuditEvent {
        seq: u64::try_from(row.get::<_, i64>(0)?)
            .map_err(|_| StoreError::Malformed { column: "audit_events.seq" })?,
        at: parse(&row.get::<_, String>(1)?, "audit_events.at")?,
        actor: row.get(2)?,
        action: row.get(3)?,
        subject_id: row.get(4)?,
        previous_sha256: row.get(5)?,
        sha256: row.get(6)?,
    })
}
