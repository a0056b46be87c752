//! `corrections` and `phrase_rules`: what coders changed, and the local rules learned from it.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, parse, parse_opt, time, to_json, unsigned, words};
use iambilly_claim::ids::{ClaimId, CorrectionId, DictationId, PhraseRuleId};
use iambilly_claim::{Correction, PhraseRule, Subject};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

words! {
    /// Where a phrase rule is in its life.
    PhraseRuleState {
        /// Learned, waiting for a person.
        Offered = "offered",
        /// A person accepted it: it acts on new drafts.
        Accepted = "accepted",
        /// A person declined it: it is not offered again.
        Declined = "declined",
        /// It was accepted once and acts no more.
        Retired = "retired",
    }
}

/// A correction to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewCorrection<'a> {
    /// Its id.
    pub id: CorrectionId,
    /// Whose dictation.
    pub dictation: DictationId,
    /// Whose claim.
    pub claim: ClaimId,
    /// The revision it made.
    pub revision: u32,
    /// What was changed.
    pub correction: &'a Correction,
    /// Who made it.
    pub actor: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A stored phrase rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseRuleRow {
    /// Its id.
    pub id: PhraseRuleId,
    /// Where it is in its life.
    pub state: PhraseRuleState,
    /// What it says.
    pub rule: PhraseRule,
    /// Who decided last.
    pub decided_by: Option<String>,
    /// When it was decided last.
    pub decided_at: Option<Timestamp>,
    /// When it was offered.
    pub created_at: Timestamp,
}

const fn subject(s: Subject) -> &'static str {
    match s {
        Subject::Line => "line",
        Subject::Diagnosis => "diagnosis",
    }
}

const RULE: &str = "id, state, subject, was_code, now_code, phrase, seen, decided_by, decided_at, created_at";

impl Records<'_> {
    /// Keeps a correction.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_correction(&self, new: &NewCorrection<'_>) -> Result<(), StoreError> {
        let code = |d: &Option<iambilly_claim::Decision>| d.as_ref().map(|d| d.code.clone());
        self.sql
            .prepare_cached(
                "INSERT INTO corrections (id, dictation_id, claim_id, revision, subject, was_code, now_code, json, actor, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?
            .execute(params![
                new.id.to_string(),
                new.dictation.to_string(),
                new.claim.to_string(),
                new.revision,
                subject(new.correction.subject),
                code(&new.correction.was),
                code(&new.correction.now),
                to_json(new.correction, "corrections.json")?,
                new.actor,
                time(new.now),
            ])?;
        Ok(())
    }

    /// Forgets the corrections that made the revisions of a claim after `revision`: they were taken back, so
    /// nothing is learned from them. Tells how many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn withdraw_corrections(&self, claim: ClaimId, revision: u32) -> Result<usize, StoreError> {
        let gone = self
            .sql
            .prepare_cached("DELETE FROM corrections WHERE claim_id = ?1 AND revision > ?2")?
            .execute(params![claim.to_string(), revision])?;
        Ok(gone)
    }

    /// All corrections in the order they were made, with their dictations.
    ///
    /// # Errors
    /// Those of the database.
    pub fn corrections(&self) -> Result<Vec<(DictationId, Correction)>, StoreError> {
        let mut statement =
            self.sql.prepare_cached("SELECT dictation_id, json FROM corrections ORDER BY created_at, id")?;
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            Ok((
                parse(&row.get::<_, String>(0)?, "corrections.dictation_id")?,
                from_json(&row.get::<_, String>(1)?, "corrections.json")?,
            ))
        })?;
        rows.collect()
    }

    /// Offers a rule, unless the same change is known already, whatever became of it. Tells whether it was new.
    ///
    /// # Errors
    /// Those of the database.
    pub fn offer_phrase_rule(
        &self,
        id: PhraseRuleId,
        rule: &PhraseRule,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let known: bool = self
            .sql
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM phrase_rules
                 WHERE subject = ?1 AND was_code IS ?2 AND now_code IS ?3
                   AND (phrase = ?4 OR state IN ('offered', 'accepted')))",
            )?
            .query_row(params![subject(rule.subject), rule.was, rule.now, rule.phrase.expose()], |row| {
                row.get(0)
            })?;
        if known {
            return Ok(false);
        }
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO phrase_rules ({RULE}) VALUES (?1, 'offered', ?2, ?3, ?4, ?5, ?6, NULL, NULL, ?7)"
            ))?
            .execute(params![
                id.to_string(),
                subject(rule.subject),
                rule.was,
                rule.now,
                rule.phrase.expose(),
                rule.seen,
                time(now),
            ])?;
        Ok(true)
    }

    /// Phrase rules, oldest first, optionally only those in one state.
    ///
    /// # Errors
    /// Those of the database.
    pub fn phrase_rules(&self, state: Option<PhraseRuleState>) -> Result<Vec<PhraseRuleRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {RULE} FROM phrase_rules WHERE ?1 IS NULL OR state = ?1 ORDER BY created_at, id"
        ))?;
        let rows = statement.query_and_then(params![state.map(PhraseRuleState::as_str)], read_rule)?;
        rows.collect()
    }

    /// Moves a rule to another state: accept or decline an offered one, retire an accepted one, accept a
    /// declined or retired one after all.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] for any other step.
    pub fn decide_phrase_rule(
        &self,
        id: PhraseRuleId,
        to: PhraseRuleState,
        actor: &str,
        now: Timestamp,
    ) -> Result<PhraseRuleRow, StoreError> {
        use PhraseRuleState as S;
        let found = self
            .sql
            .prepare_cached(&format!("SELECT {RULE} FROM phrase_rules WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read_rule(row)))
            .optional()?
            .transpose()?
            .ok_or(StoreError::NotFound { what: "phrase rule" })?;
        let allowed = matches!(
            (found.state, to),
            (S::Offered | S::Declined | S::Retired, S::Accepted)
                | (S::Offered, S::Declined)
                | (S::Accepted, S::Retired)
        );
        if !allowed {
            return Err(StoreError::Conflict { what: "the phrase rule is in another state by now" });
        }
        self.sql
            .prepare_cached(
                "UPDATE phrase_rules SET state = ?2, decided_by = ?3, decided_at = ?4 WHERE id = ?1",
            )?
            .execute(params![id.to_string(), to.as_str(), actor, time(now)])?;
        Ok(PhraseRuleRow { state: to, decided_by: Some(actor.to_owned()), decided_at: Some(now), ..found })
    }
}

fn read_rule(row: &Row<'_>) -> Result<PhraseRuleRow, StoreError> {
    let of: String = row.get(2)?;
    Ok(PhraseRuleRow {
        id: parse(&row.get::<_, String>(0)?, "phrase_rules.id")?,
        state: parse(&row.get::<_, String>(1)?, "phrase_rules.state")?,
        rule: PhraseRule {
            subject: match of.as_str() {
                "line" => Subject::Line,
                "diagnosis" => Subject::Diagnosis,
                _ => return Err(StoreError::Malformed { column: "phrase_rules.subject" }),
            },
            was: row.get(3)?,
            now: row.get(4)?,
            phrase: row.get::<_, String>(5)?.into(),
            seen: unsigned(row.get(6)?, "phrase_rules.seen")?,
        },
        decided_by: row.get(7)?,
        decided_at: parse_opt(row.get::<_, Option<String>>(8)?.as_ref(), "phrase_rules.decided_at")?,
        created_at: parse(&row.get::<_, String>(9)?, "phrase_rules.created_at")?,
    })
}
