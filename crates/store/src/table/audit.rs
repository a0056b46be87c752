//! `audit_events`: who did what to which id and when, as a sealed hash chain. Ids and action names only, no PHI.
//!
//! Each event's SHA-256 covers its own fields (each with its length) and the hash of the event before, so anyone can
//! follow the chain; its MAC under a key of the vault says that this program wrote it. Events from before schema 5 have
//! no MAC; the first sealed event's hash covers theirs. [`crate::table::audit_check`] verifies, [`crate::anchor`] keeps
//! the head outside the database.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// Hash before the first event.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The key that seals events and anchors; never shown. In a place of its own: what is moved leaves a copy behind.
pub(crate) struct AuditKey(Box<Zeroizing<[u8; 32]>>);

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key]")
    }
}

impl AuditKey {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let mut key = Self(Box::default());
        key.0.copy_from_slice(bytes);
        key
    }

    /// HMAC-SHA256 over the parts, each with its length, in hex.
    pub(crate) fn mac(&self, parts: &[impl AsRef<str>]) -> String {
        let mac = self.made(parts);
        wipe_stack();
        hex::encode(mac)
    }

    /// Whether a MAC in hex is that of the parts.
    pub(crate) fn verifies(&self, parts: &[impl AsRef<str>], mac: &str) -> bool {
        let verified = hex::decode(mac).is_ok_and(|mac| self.verified(parts, &mac));
        wipe_stack();
        verified
    }

    // Not inlined, so that what they leave on the stack lies where the wiping reaches.
    #[inline(never)]
    fn made(&self, parts: &[impl AsRef<str>]) -> [u8; 32] {
        self.over(parts).finalize().into_bytes().into()
    }

    #[inline(never)]
    fn verified(&self, parts: &[impl AsRef<str>], mac: &[u8]) -> bool {
        self.over(parts).verify_slice(mac).is_ok()
    }

    fn over(&self, parts: &[impl AsRef<str>]) -> Hmac<Sha256> {
        // A key of the block's length is taken as it is: nothing can go wrong, and nothing to unwrap.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&self.0[..]);
        let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new((&*block).into());
        for part in parts {
            let part = part.as_ref();
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// Overwrites what a call just made has left on the stack: HMAC's first block is the key itself, and its states are as good
/// as the key.
#[inline(never)]
fn wipe_stack() {
    let mut left = [0_u64; 1024];
    left.zeroize();
    std::hint::black_box(&left);
}

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
    /// Which dictation that is about, where it is about one.
    pub dictation_id: Option<String>,
    /// Hash of the event before.
    pub previous_sha256: String,
    /// Hash of this event.
    pub sha256: String,
    /// Its seal under the vault's audit key; none for events of earlier schemas.
    pub mac: Option<String>,
}

/// The newest event's number and hash, to be kept elsewhere as an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Number; 0 for an empty chain.
    pub seq: u64,
    /// Hash.
    pub sha256: String,
}

impl AuditHead {
    /// The head of a chain without events.
    #[must_use]
    pub fn empty() -> Self {
        Self { seq: 0, sha256: GENESIS.to_owned() }
    }
}

/// Which events are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditSubject<'a> {
    /// All.
    All,
    /// Those about one id, itself or as part of that dictation.
    Id(&'a str),
    /// Those about dictations of the patient with this id.
    Patient(&'a str),
}

pub(crate) const COLUMNS: &str =
    "seq, at, actor, action, subject_id, dictation_id, previous_sha256, sha256, mac";

/// An event as it stands in its row, not yet believed.
pub(crate) struct RawEvent {
    pub(crate) seq: i64,
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject_id: String,
    pub(crate) dictation_id: Option<String>,
    pub(crate) previous_sha256: String,
    pub(crate) sha256: String,
    pub(crate) mac: Option<String>,
}

impl RawEvent {
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            subject_id: row.get(4)?,
            dictation_id: row.get(5)?,
            previous_sha256: row.get(6)?,
            sha256: row.get(7)?,
            mac: row.get(8)?,
        })
    }

    /// What its hash is if it has this number and follows that hash.
    pub(crate) fn hash_as(&self, seq: u64, previous: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(seq.to_le_bytes());
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        [self.at.as_str(), &self.actor, &self.action, &self.subject_id].into_iter().for_each(&mut part);
        if self.mac.is_some() {
            // Sealed events name their dictation; the length keeps "none" apart from every id.
            part(self.dictation_id.as_deref().unwrap_or_default());
        }
        part(previous);
        hex::encode(hash.finalize())
    }

    /// Whether its seal is one that this vault made for its hash.
    pub(crate) fn is_sealed(&self, key: &AuditKey) -> bool {
        self.mac.as_ref().is_some_and(|mac| key.verifies(&sealed_parts(&self.sha256), mac))
    }
}

fn sealed_parts(sha256: &str) -> [&str; 2] {
    ["iambilly event 1", sha256]
}

impl Records<'_> {
    /// Appends an event; do it in the transaction of what it tells. The dictation that the subject belongs to is
    /// looked up here, while it is still there.
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
        let dictation_id: Option<String> = self
            .sql
            .prepare_cached(
                "SELECT id FROM dictations WHERE id = ?1
                 UNION ALL SELECT dictation_id FROM claims WHERE id = ?1
                 UNION ALL SELECT dictation_id FROM continuations WHERE recording_id = ?1
                 UNION ALL SELECT id FROM dictations WHERE recording_id = ?1
                 UNION ALL SELECT c.dictation_id FROM emr_deliveries e JOIN claims c ON c.id = e.claim_id WHERE e.id = ?1
                 UNION ALL SELECT c.dictation_id FROM denials d JOIN claims c ON c.id = d.claim_id WHERE d.id = ?1
                 LIMIT 1",
            )?
            .query_row([subject_id], |row| row.get(0))
            .optional()?;
        let head = self.audit_head()?;
        let seq = head.seq + 1;
        let mut event = RawEvent {
            seq: number(seq)?,
            at: time(now),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject_id: subject_id.to_owned(),
            dictation_id,
            previous_sha256: head.sha256,
            sha256: String::new(),
            mac: Some(String::new()),
        };
        event.sha256 = event.hash_as(seq, &event.previous_sha256);
        let mac = self.audit.mac(&sealed_parts(&event.sha256));
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO audit_events ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute(params![
                event.seq,
                event.at,
                event.actor,
                event.action,
                event.subject_id,
                event.dictation_id,
                event.previous_sha256,
                event.sha256,
                mac
            ])?;
        let head = AuditHead { seq, sha256: event.sha256 };
        *self.appended.borrow_mut() = Some(head.clone());
        Ok(head)
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
            None => Ok(AuditHead::empty()),
            Some((seq, sha256)) => {
                let seq =
                    u64::try_from(seq).map_err(|_| StoreError::Malformed { column: "audit_events.seq" })?;
                Ok(AuditHead { seq, sha256 })
            }
        }
    }

    /// When the newest event happened, by the clock of its time.
    ///
    /// # Errors
    /// Those of the database.
    pub fn audit_clock(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<String> = self
            .sql
            .prepare_cached("SELECT at FROM audit_events ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        at.map(|at| parse(&at, "audit_events.at")).transpose()
    }

    /// Whether the event of a head is in the chain.
    pub(crate) fn has_audit_head(&self, head: &AuditHead) -> Result<bool, StoreError> {
        if head.seq == 0 {
            return Ok(*head == AuditHead::empty());
        }
        let found: Option<String> = self
            .sql
            .prepare_cached("SELECT sha256 FROM audit_events WHERE seq = ?1")?
            .query_row([number(head.seq)?], |row| row.get(0))
            .optional()?;
        Ok(found.is_some_and(|sha256| sha256 == head.sha256))
    }

    pub(crate) fn has_sealed_events(&self) -> Result<bool, StoreError> {
        Ok(self
            .sql
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM audit_events WHERE mac IS NOT NULL)")?
            .query_row([], |row| row.get(0))?)
    }

    /// How many events were ever appended.
    pub(crate) fn audit_count(&self) -> Result<u64, StoreError> {
        let count: i64 =
            self.sql.prepare_cached("SELECT events FROM audit_count")?.query_row([], |row| row.get(0))?;
        u64::try_from(count).map_err(|_| StoreError::Malformed { column: "audit_count.events" })
    }

    /// Events about a subject, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn audit_events(&self, of: AuditSubject<'_>) -> Result<Vec<AuditEvent>, StoreError> {
        let (condition, given) = match of {
            AuditSubject::All => ("?1 IS NULL", None),
            AuditSubject::Id(id) => ("subject_id = ?1 OR dictation_id = ?1", Some(id)),
            AuditSubject::Patient(id) => (
                "dictation_id IN (SELECT id FROM dictations WHERE json_extract(patient_json, '$.id') = ?1)",
                Some(id),
            ),
        };
        let mut statement = self
            .sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM audit_events WHERE {condition} ORDER BY seq"))?;
        let rows = statement.query_and_then([given], read)?;
        rows.collect()
    }
}

pub(crate) fn number(seq: u64) -> Result<i64, StoreError> {
    i64::try_from(seq).map_err(|_| StoreError::Unstorable { column: "audit_events.seq" })
}

fn read(row: &Row<'_>) -> Result<AuditEvent, StoreError> {
    let raw = RawEvent::of(row)?;
    Ok(AuditEvent {
        seq: u64::try_from(raw.seq).map_err(|_| StoreError::Malformed { column: "audit_events.seq" })?,
        at: parse(&raw.at, "audit_events.at")?,
        actor: raw.actor,
        action: raw.action,
        subject_id: raw.subject_id,
        dictation_id: raw.dictation_id,
        previous_sha256: raw.previous_sha256,
        sha256: raw.sha256,
        mac: raw.mac,
    })
}
