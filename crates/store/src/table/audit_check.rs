//! Verifying the audit: whether every event is as it was written, and if not, what was done to which.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::audit::{AuditHead, COLUMNS, RawEvent};
use crate::table::words;
use serde::Serialize;
use std::collections::HashMap;

words! {
    /// What was done to the audit.
    BreakKind {
        /// An event says something else than when it was written, or was not written by this program.
        Edited = "edited",
        /// Events are missing in the middle.
        Deleted = "deleted",
        /// An event stands there that this program did not write.
        Inserted = "inserted",
        /// An event stands in another's place.
        Reordered = "reordered",
        /// The newest events were cut off.
        Truncated = "truncated",
        /// The whole database is an older copy.
        RolledBack = "rolled_back",
        /// The anchor beside the database is gone.
        AnchorMissing = "anchor_missing",
        /// The anchor beside the database is damaged or another's.
        AnchorForged = "anchor_forged",
    }
}

/// Where the audit does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct AuditBreak {
    /// What was done.
    pub kind: BreakKind,
    /// Number of the first event that is not as it was written.
    pub seq: u64,
    /// The last one, where it is known to be several.
    pub until: u64,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// Events that hold, counted from the first.
    pub sound: u64,
    /// The first break.
    pub broken: Option<AuditBreak>,
    /// The head of the sound part.
    pub head: AuditHead,
    /// Up to which event the anchor beside the database reaches.
    pub anchored: Option<u64>,
    /// Events from before events were sealed: covered by the first seal, and no better known than then.
    pub unsealed: u64,
    /// Numbers of the events by which a person accepted records that contradicted their anchor.
    pub accepted: Vec<u64>,
}

impl AuditVerdict {
    /// Whether the whole chain holds.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.broken.is_none()
    }
}

impl Records<'_> {
    /// Checks the whole chain, and that it still contains every anchor.
    ///
    /// # Errors
    /// Those of the database; a broken chain is an answer, not an error.
    pub fn verify_audit(&self, anchors: &[AuditHead]) -> Result<AuditVerdict, StoreError> {
        let mut verdict = AuditVerdict {
            sound: 0,
            broken: None,
            head: AuditHead::empty(),
            anchored: None,
            unsealed: 0,
            accepted: vec![],
        };
        let mut anchored: HashMap<u64, Vec<&str>> = HashMap::new();
        for anchor in anchors {
            anchored.entry(anchor.seq).or_default().push(&anchor.sha256);
        }
        let furthest = anchors.iter().map(|a| a.seq).max().unwrap_or(0);
        let mut statement =
            self.sql.prepare_cached(&format!("SELECT {COLUMNS} FROM audit_events ORDER BY seq"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let event = RawEvent::of(row)?;
            let seq = verdict.head.seq + 1;
            let seal = event.is_sealed(self.audit) || (event.mac.is_none() && verdict.unsealed + 1 == seq);
            let right = u64::try_from(event.seq) == Ok(seq) && self.follows(&event, &verdict.head) && seal;
            let agrees = anchored.get(&seq).is_none_or(|known| known.iter().all(|k| **k == event.sha256));
            if !right || !agrees {
                verdict.broken = Some(self.diagnose(&verdict.head, &event)?);
                return Ok(verdict);
            }
            verdict.unsealed += u64::from(event.mac.is_none());
            if event.action.starts_with("audit.accepted_") {
                verdict.accepted.push(seq);
            }
            verdict.sound = seq;
            verdict.head = AuditHead { seq, sha256: event.sha256 };
        }
        if verdict.sound < furthest {
            let had = self.audit_count()? > verdict.sound;
            let kind = if had { BreakKind::Truncated } else { BreakKind::RolledBack };
            verdict.broken = Some(AuditBreak { kind, seq: verdict.sound + 1, until: furthest });
        }
        Ok(verdict)
    }

    /// Whether an event, as the one after the head, hashes to what it says.
    fn follows(&self, event: &RawEvent, head: &AuditHead) -> bool {
        event.previous_sha256 == head.sha256
            && event.sha256 == event.hash_as(head.seq + 1, &event.previous_sha256)
    }

    /// What happened right after the sound part, given the event that stands there: it is somewhere else (moved), or
    /// it is gone; and what stands in its place was written by this program for another place, or was not.
    fn diagnose(&self, head: &AuditHead, found: &RawEvent) -> Result<AuditBreak, StoreError> {
        let seq = head.seq + 1;
        let mut statement = self
            .sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM audit_events ORDER BY seq DESC LIMIT 1"))?;
        let last: i64 = statement.query_row([], |row| row.get(0))?;
        // Numbers may have been closed up after a deletion, but nobody had more events than were counted.
        let most = self.audit_count()?.max(u64::try_from(last).unwrap_or(0));
        let genuine = |event: &RawEvent| event.mac.is_none() || event.is_sealed(self.audit);
        let written_as = genuine(found)
            .then(|| (1..=most).find(|n| found.sha256 == found.hash_as(*n, &found.previous_sha256)))
            .flatten();
        let mut elsewhere = false;
        let mut statement =
            self.sql.prepare_cached(&format!("SELECT {COLUMNS} FROM audit_events WHERE seq <> ?1"))?;
        let mut rows = statement.query([found.seq])?;
        while let Some(row) = rows.next()? {
            let event = RawEvent::of(row)?;
            if self.follows(&event, head) && genuine(&event) {
                elsewhere = true;
                break;
            }
        }
        let place = |kind, until| AuditBreak { kind, seq, until };
        Ok(match (elsewhere, written_as) {
            (true, Some(_)) => place(BreakKind::Reordered, seq),
            (true, None) => place(BreakKind::Inserted, seq),
            (false, Some(n)) if n > seq => place(BreakKind::Deleted, n - 1),
            // The right event under another number, or one that an anchor contradicts.
            (false, Some(n)) if n == seq => place(BreakKind::Edited, seq),
            // Its link is right, only nobody with the key wrote it.
            (false, _) if self.follows(found, head) => place(BreakKind::Inserted, seq),
            (false, _) => place(BreakKind::Edited, seq),
        })
    }
}
