//! `glass_breaks` and `legal_holds`: emergency access with its reason, and what must not be erased.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, parse_opt, time};
use iambilly_claim::Phi;
use iambilly_claim::ids::DictationId;
use jiff::Timestamp;
use rusqlite::{Row, params};

/// Emergency access that somebody took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlassBreak {
    /// Id.
    pub id: String,
    /// Who took it.
    pub person: String,
    /// Why; it may name a patient.
    pub reason: Phi<String>,
    /// When.
    pub at: Timestamp,
    /// Until when it lasts.
    pub until: Timestamp,
    /// The administrator who has seen it.
    pub acknowledged_by: Option<String>,
    /// When that was.
    pub acknowledged_at: Option<Timestamp>,
}

/// A dictation that must be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Which.
    pub dictation: DictationId,
    /// Why; it may name a patient.
    pub reason: Phi<String>,
    /// Who holds it.
    pub held_by: String,
    /// Since when.
    pub at: Timestamp,
}

fn glass(row: &Row<'_>) -> Result<GlassBreak, StoreError> {
    let (at, until, seen): (String, String, Option<String>) = (row.get(3)?, row.get(4)?, row.get(6)?);
    Ok(GlassBreak {
        id: row.get(0)?,
        person: row.get(1)?,
        reason: Phi::new(row.get(2)?),
        at: parse(&at, "glass_breaks.at")?,
        until: parse(&until, "glass_breaks.until")?,
        acknowledged_by: row.get(5)?,
        acknowledged_at: parse_opt(seen.as_ref(), "glass_breaks.acknowledged_at")?,
    })
}

fn hold(row: &Row<'_>) -> Result<LegalHold, StoreError> {
    let (dictation, at): (String, String) = (row.get(0)?, row.get(3)?);
    Ok(LegalHold {
        dictation: parse(&dictation, "legal_holds.dictation_id")?,
        reason: Phi::new(row.get(1)?),
        held_by: row.get(2)?,
        at: parse(&at, "legal_holds.at")?,
    })
}

impl Records<'_> {
    /// Keeps emergency access that was taken.
    ///
    /// # Errors
    /// Those of the database.
    pub fn break_glass(&self, taken: &GlassBreak) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO glass_breaks (id, person, reason, at, until) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                taken.id,
                taken.person,
                taken.reason.expose(),
                time(taken.at),
                time(taken.until)
            ])?;
        Ok(())
    }

    /// All emergency access ever taken, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn glass_breaks(&self) -> Result<Vec<GlassBreak>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, person, reason, at, until, acknowledged_by, acknowledged_at
             FROM glass_breaks ORDER BY at DESC, id DESC",
        )?;
        let rows = statement.query_and_then([], glass)?;
        rows.collect()
    }

    /// An administrator has seen emergency access that was taken.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody has seen it before, or there is none.
    pub fn acknowledge_glass(&self, id: &str, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        let seen = self
            .sql
            .prepare_cached(
                "UPDATE glass_breaks SET acknowledged_by = ?2, acknowledged_at = ?3
                 WHERE id = ?1 AND acknowledged_by IS NULL",
            )?
            .execute(params![id, actor, time(now)])?;
        if seen == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict { what: "there is no such emergency access to acknowledge" })
        }
    }

    /// Puts a dictation under legal hold; one that is held already keeps its first reason.
    ///
    /// # Errors
    /// Those of the database.
    pub fn hold_dictation(&self, new: &LegalHold) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO legal_holds (dictation_id, reason, held_by, at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (dictation_id) DO NOTHING",
            )?
            .execute(params![new.dictation.to_string(), new.reason.expose(), new.held_by, time(new.at)])?;
        Ok(())
    }

    /// Lifts a legal hold.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none.
    pub fn lift_hold(&self, dictation: DictationId) -> Result<(), StoreError> {
        let lifted = self
            .sql
            .prepare_cached("DELETE FROM legal_holds WHERE dictation_id = ?1")?
            .execute([dictation.to_string()])?;
        if lifted == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "legal hold" }) }
    }

    /// All legal holds, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn legal_holds(&self) -> Result<Vec<LegalHold>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT dictation_id, reason, held_by, at FROM legal_holds ORDER BY at, dictation_id",
        )?;
        let rows = statement.query_and_then([], hold)?;
        rows.collect()
    }

    /// The dictations of the patient with this id, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictations_of_patient(&self, patient: &str) -> Result<Vec<DictationId>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id FROM dictations WHERE json_extract(patient_json, '$.id') = ?1 ORDER BY created_at, id",
        )?;
        let rows = statement.query_and_then([patient], |row| {
            let id: String = row.get(0)?;
            parse(&id, "dictations.id")
        })?;
        rows.collect()
    }

    /// Dictations whose audio may go: each has a claim, all its claims are done with (exported, rejected or void) and
    /// the last decision on them is older than `before`; none is under legal hold or being recorded. Oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn audio_done_with(&self, before: Timestamp, most: u32) -> Result<Vec<DictationId>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT d.id FROM dictations d
             WHERE EXISTS (SELECT 1 FROM recordings r WHERE r.state IN ('sealed', 'torn') AND (r.id = d.recording_id
                     OR r.id IN (SELECT recording_id FROM continuations WHERE dictation_id = d.id)))
               AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.state = 'sealing' AND (r.id = d.recording_id
                     OR r.id IN (SELECT recording_id FROM continuations WHERE dictation_id = d.id)))
               AND EXISTS (SELECT 1 FROM claims c WHERE c.dictation_id = d.id)
               AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.dictation_id = d.id
                     AND (c.state IN ('draft', 'human_review', 'approved')
                          OR NOT EXISTS (SELECT 1 FROM claim_decisions s WHERE s.claim_id = c.id)
                          OR EXISTS (SELECT 1 FROM claim_decisions s WHERE s.claim_id = c.id AND s.at >= ?1)))
               AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.dictation_id = d.id)
             ORDER BY d.created_at, d.id LIMIT ?2",
        )?;
        let rows = statement.query_and_then(params![time(before), most], |row| {
            let id: String = row.get(0)?;
            parse(&id, "dictations.id")
        })?;
        rows.collect()
    }

    /// Whether a dictation is under legal hold.
    ///
    /// # Errors
    /// Those of the database.
    pub fn is_held(&self, dictation: DictationId) -> Result<bool, StoreError> {
        Ok(self
            .sql
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM legal_holds WHERE dictation_id = ?1)")?
            .query_row([dictation.to_string()], |row| row.get(0))?)
    }
}
