//! `payer_rule_revisions` and `payer_rule_steps`: a clinic's own payer rules, every wording and every step of each.
//!
//! A rule has at most one confirmed wording and one draft beside it. Nothing is changed or deleted: a step says what
//! counts from then on, and taking it back is a step as well.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time, unsigned, words};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

words! {
    /// Where a payer rule is in its life.
    PayerRuleState {
        /// Saved, and confirmed by nobody yet.
        Draft = "draft",
        /// A person confirmed a wording of it; a newer draft may stand beside it.
        Confirmed = "confirmed",
        /// It counts no more.
        Retired = "retired",
    }
}

words! {
    /// A step in a payer rule's life.
    PayerRuleStep {
        /// A new wording was saved as draft; it takes the place of an older draft.
        Saved = "saved",
        /// The draft was confirmed; it takes the place of an older confirmed wording.
        Confirmed = "confirmed",
        /// The rule was put aside with its draft.
        Retired = "retired",
        /// The step before was taken back.
        Undone = "undone",
    }
}

/// One wording of a rule, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerRuleRevision {
    /// The rule's id, such as `AETNA-ESI-1`.
    pub rule: String,
    /// Number from 1.
    pub revision: u32,
    /// The rule as TOML (`docs/payer-rules.md`).
    pub text: String,
    /// SHA-256 of the text in hex, written when it was saved.
    pub sha256: String,
    /// Who saved it.
    pub actor: String,
    /// When.
    pub created_at: Timestamp,
}

impl PayerRuleRevision {
    /// Whether the text is the one that was saved.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        checksum(&self.text) == self.sha256
    }
}

/// A rule as it counts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerRuleRow {
    /// Its id.
    pub id: String,
    /// Where it is in its life.
    pub state: PayerRuleState,
    /// The confirmed wording, if any.
    pub confirmed: Option<PayerRuleRevision>,
    /// The draft, if any.
    pub draft: Option<PayerRuleRevision>,
    /// The newest wording, whatever became of it.
    pub newest: PayerRuleRevision,
    /// The step that made it so.
    pub step: PayerRuleStep,
    /// Who took that step.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// The step that [`Records::undo_payer_rule`] would take back, if any.
    pub undoable: Option<PayerRuleStep>,
}

/// A row of `payer_rule_steps`.
#[derive(Debug, Clone)]
struct Stepped {
    seq: i64,
    step: PayerRuleStep,
    undoes: Option<i64>,
    state: PayerRuleState,
    draft: Option<u32>,
    confirmed: Option<u32>,
    actor: String,
    at: Timestamp,
}

/// The revisions that count after a step.
#[derive(Debug, Clone, Copy, Default)]
struct Counting {
    draft: Option<u32>,
    confirmed: Option<u32>,
}

impl Counting {
    const fn state(self) -> PayerRuleState {
        match (self.confirmed, self.draft) {
            (Some(_), _) => PayerRuleState::Confirmed,
            (None, Some(_)) => PayerRuleState::Draft,
            (None, None) => PayerRuleState::Retired,
        }
    }
}

const REVISION: &str = "rule_id, revision, text, sha256, actor, created_at";
const STEP: &str = "seq, step, undoes, state, draft, confirmed, actor, at";

fn checksum(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

impl Records<'_> {
    /// Saves a wording of a rule as its draft. The same text as the draft changes nothing. Tells whether it is new.
    ///
    /// # Errors
    /// Those of the database.
    pub fn save_payer_rule(
        &self,
        id: &str,
        text: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let before = self.counting(id)?;
        let sha256 = checksum(text);
        if let Some(counts) = before.draft.or(before.confirmed)
            && self.payer_rule_revision(id, counts)?.sha256 == sha256
        {
            return Ok(false);
        }
        let last: Option<i64> = self
            .sql
            .prepare_cached("SELECT max(revision) FROM payer_rule_revisions WHERE rule_id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let revision: u32 = unsigned(last.unwrap_or(0) + 1, "payer_rule_revisions.revision")?;
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO payer_rule_revisions ({REVISION}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            ))?
            .execute(params![id, revision, text, sha256, actor, time(now)])?;
        let after = Counting { draft: Some(revision), ..before };
        self.add_step(id, PayerRuleStep::Saved, None, after, actor, now)?;
        Ok(true)
    }

    /// Confirms the draft of a rule: it counts in full from now on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when there is no draft, or `seen` is not its revision any
    /// more.
    pub fn confirm_payer_rule(
        &self,
        id: &str,
        seen: Option<u32>,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.known(id)?;
        let Some(draft) = before.draft else {
            return Err(StoreError::Conflict { what: "the payer rule has no draft to confirm" });
        };
        if seen.is_some_and(|s| s != draft) {
            return Err(StoreError::Conflict {
                what: "the payer rule was changed by someone else meanwhile",
            });
        }
        let after = Counting { draft: None, confirmed: Some(draft) };
        self.add_step(id, PayerRuleStep::Confirmed, None, after, actor, now)
    }

    /// Puts a rule aside with its draft: it counts no more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when it is retired already.
    pub fn retire_payer_rule(&self, id: &str, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        if self.known(id)?.state() == PayerRuleState::Retired {
            return Err(StoreError::Conflict { what: "the payer rule is retired already" });
        }
        self.add_step(id, PayerRuleStep::Retired, None, Counting::default(), actor, now)
    }

    /// Takes the last step of a rule back that was not taken back yet, and tells which it was.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when nothing is left to take back.
    pub fn undo_payer_rule(
        &self,
        id: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<PayerRuleStep, StoreError> {
        self.known(id)?;
        let steps = self.steps(id)?;
        let Some(place) = undoable(&steps) else {
            return Err(StoreError::Conflict { what: "nothing is left to take back" });
        };
        let (undone, before) = (steps.get(place), place.checked_sub(1).and_then(|p| steps.get(p)));
        let Some(undone) = undone else {
            return Err(StoreError::Malformed { column: "payer_rule_steps.seq" });
        };
        let counting =
            before.map_or_else(Counting::default, |s| Counting { draft: s.draft, confirmed: s.confirmed });
        self.add_step(id, PayerRuleStep::Undone, Some(undone.seq), counting, actor, now)?;
        Ok(undone.step)
    }

    /// A rule by its id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn payer_rule(&self, id: &str) -> Result<Option<PayerRuleRow>, StoreError> {
        let steps = self.steps(id)?;
        let Some(last) = steps.last() else { return Ok(None) };
        let revision = |number: Option<u32>| number.map(|n| self.payer_rule_revision(id, n)).transpose();
        Ok(Some(PayerRuleRow {
            id: id.to_owned(),
            state: last.state,
            confirmed: revision(last.confirmed)?,
            draft: revision(last.draft)?,
            newest: self.newest_revision(id)?,
            step: last.step,
            actor: last.actor.clone(),
            at: last.at,
            undoable: undoable(&steps).and_then(|p| steps.get(p)).map(|s| s.step),
        }))
    }

    /// All rules by id, retired ones included.
    ///
    /// # Errors
    /// Those of the database.
    pub fn payer_rules(&self) -> Result<Vec<PayerRuleRow>, StoreError> {
        let mut statement =
            self.sql.prepare_cached("SELECT DISTINCT rule_id FROM payer_rule_steps ORDER BY rule_id")?;
        let ids: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let rules = ids.iter().map(|id| self.payer_rule(id));
        rules.filter_map(Result::transpose).collect()
    }

    fn known(&self, id: &str) -> Result<Counting, StoreError> {
        if self.steps(id)?.is_empty() {
            return Err(StoreError::NotFound { what: "payer rule" });
        }
        self.counting(id)
    }

    fn counting(&self, id: &str) -> Result<Counting, StoreError> {
        let last = self.steps(id)?.pop();
        Ok(last.map_or_else(Counting::default, |s| Counting { draft: s.draft, confirmed: s.confirmed }))
    }

    fn steps(&self, id: &str) -> Result<Vec<Stepped>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {STEP} FROM payer_rule_steps WHERE rule_id = ?1 ORDER BY seq"
        ))?;
        let rows = statement.query_and_then([id], read_step)?;
        rows.collect()
    }

    fn add_step(
        &self,
        id: &str,
        step: PayerRuleStep,
        undoes: Option<i64>,
        after: Counting,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO payer_rule_steps (rule_id, step, undoes, state, draft, confirmed, actor, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                id,
                step.as_str(),
                undoes,
                after.state().as_str(),
                after.draft,
                after.confirmed,
                actor,
                time(now)
            ])?;
        Ok(())
    }

    fn payer_rule_revision(&self, id: &str, revision: u32) -> Result<PayerRuleRevision, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {REVISION} FROM payer_rule_revisions WHERE rule_id = ?1 AND revision = ?2"
            ))?
            .query_row(params![id, revision], |row| Ok(read_revision(row)))
            .optional()?
            .transpose()?
            .ok_or(StoreError::NotFound { what: "payer rule revision" })
    }

    fn newest_revision(&self, id: &str) -> Result<PayerRuleRevision, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {REVISION} FROM payer_rule_revisions WHERE rule_id = ?1 ORDER BY revision DESC LIMIT 1"
            ))?
            .query_row([id], |row| Ok(read_revision(row)))
            .optional()?
            .transpose()?
            .ok_or(StoreError::NotFound { what: "payer rule revision" })
    }
}

/// Place of the newest step that was not taken back and takes nothing back.
fn undoable(steps: &[Stepped]) -> Option<usize> {
    let undone: Vec<i64> = steps.iter().filter_map(|s| s.undoes).collect();
    steps.iter().rposition(|s| s.step != PayerRuleStep::Undone && !undone.contains(&s.seq))
}

fn read_step(row: &Row<'_>) -> Result<Stepped, StoreError> {
    let number = |value: Option<i64>, column| value.map(|v| unsigned(v, column)).transpose();
    Ok(Stepped {
        seq: row.get(0)?,
        step: parse(&row.get::<_, String>(1)?, "payer_rule_steps.step")?,
        undoes: row.get(2)?,
        state: parse(&row.get::<_, String>(3)?, "payer_rule_steps.state")?,
        draft: number(row.get(4)?, "payer_rule_steps.draft")?,
        confirmed: number(row.get(5)?, "payer_rule_steps.confirmed")?,
        actor: row.get(6)?,
        at: parse(&row.get::<_, String>(7)?, "payer_rule_steps.at")?,
    })
}

fn read_revision(row: &Row<'_>) -> Result<PayerRuleRevision, StoreError> {
    Ok(PayerRuleRevision {
        rule: row.get(0)?,
        revision: unsigned(row.get(1)?, "payer_rule_revisions.revision")?,
        text: row.get(2)?,
        sha256: row.get(3)?,
        actor: row.get(4)?,
        created_at: parse(&row.get::<_, String>(5)?, "payer_rule_revisions.created_at")?,
    })
}
