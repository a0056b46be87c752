//! The clinic's payer rules in the encrypted store: saved as drafts, confirmed, retired, and what of them counts.

use super::wording::{self, Worded};
use crate::error::AppError;
use crate::library::clipped;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::{Fault, FaultKind, Severity};
use iambilly_scrub::PayerRules;
use iambilly_scrub::payer::PayerRule;
use iambilly_store::{PayerRuleRevision, PayerRuleRow, PayerRuleState, PayerRuleStep};
use serde::Serialize;

/// A payer rule as a list and its editor show it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PayerRuleView {
    /// Its id.
    pub id: String,
    /// `draft`, `confirmed` or `retired`.
    pub state: PayerRuleState,
    /// A newer wording waits beside the confirmed one.
    pub draft_waits: bool,
    /// The wording to show: the draft, else the confirmed one, else the newest.
    pub text: String,
    /// Its revision.
    pub revision: u32,
    /// SHA-256 of that text in hex.
    pub sha256: String,
    /// Payer ids it is about; none: all payers.
    pub payers: Vec<String>,
    /// Codes it is about.
    pub codes: Vec<String>,
    /// How severe its findings are meant to be; until it is confirmed they count at most as `warn`.
    pub severity: Option<Severity>,
    /// What the coder reads.
    pub message: String,
    /// First date of service it holds for.
    pub from: Option<String>,
    /// Last one, if it ends.
    pub to: Option<String>,
    /// Who took the last step.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The step that undo would take back.
    pub undoable: Option<PayerRuleStep>,
    /// Why the stored text cannot be used, if so.
    pub fault: Option<Fault>,
}

/// What saving did.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "SavedRule")]
#[serde(rename_all = "camelCase")]
pub struct Saved {
    /// The rule as it is now.
    #[serde(flatten)]
    pub rule: PayerRuleView,
    /// Whether there is a new draft; the same text again is none.
    pub changed: bool,
}

impl From<PayerRuleRow> for PayerRuleView {
    fn from(row: PayerRuleRow) -> Self {
        let draft_waits = row.confirmed.is_some() && row.draft.is_some();
        let shown = row.draft.or(row.confirmed).unwrap_or(row.newest);
        let read = read(&shown);
        let rule = read.as_ref().ok();
        Self {
            state: row.state,
            draft_waits,
            revision: shown.revision,
            payers: rule.map(|r| r.scope.payers.clone()).unwrap_or_default(),
            codes: rule.map(|r| r.when.codes.clone()).unwrap_or_default(),
            severity: rule.map(|r| r.severity),
            message: rule.map(|r| r.message.clone()).unwrap_or_default(),
            from: rule.map(|r| r.from.to_string()),
            to: rule.and_then(|r| r.to).map(|d| d.to_string()),
            by: row.actor,
            at: row.at.to_string(),
            undoable: row.undoable,
            fault: read.err(),
            id: row.id,
            text: shown.text,
            sha256: shown.sha256,
        }
    }
}

/// A stored wording as a rule.
fn read(stored: &PayerRuleRevision) -> Result<PayerRule, Fault> {
    let damaged = |why: &str| {
        Fault::new(
            FaultKind::Internal,
            "payer_rule_damaged",
            format!("The payer rule {} cannot be used: {why}.", stored.rule),
            "Write it again or retire it; no claim is checked until then, so that none passes without it.",
        )
    };
    if !stored.is_sound() {
        return Err(damaged("its text is not the one that was saved"));
    }
    let rules = PayerRules::read(&stored.text).map_err(|e| damaged(&e.to_string()))?;
    let mut rules = rules.iter().filter(|r| r.id == stored.rule);
    rules.next().cloned().ok_or_else(|| damaged("its text is of another rule"))
}

/// What counts of the stored rules: confirmed wordings as they are, drafts of rules that nobody has confirmed as a
/// warning at most. A draft beside a confirmed wording waits.
fn counting(rows: &[PayerRuleRow]) -> Result<PayerRules, Fault> {
    let rule = |row: &PayerRuleRow| match (&row.confirmed, &row.draft) {
        (Some(confirmed), _) => Some(read(confirmed)),
        (None, Some(draft)) => Some(read(draft).map(unconfirmed)),
        (None, None) => None,
    };
    rows.iter().filter_map(rule).collect()
}

fn unconfirmed(mut rule: PayerRule) -> PayerRule {
    rule.severity = rule.severity.min(Severity::Warn);
    let message = rule.message.trim();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    rule.message = format!("{message}{end} (A draft: this rule is not confirmed yet.)");
    rule
}

impl Session {
    /// The payer rules that count for claims judged now.
    ///
    /// # Errors
    /// `payer_rule_damaged`; those of the store.
    pub async fn payer_rules_in_force(&self) -> Result<PayerRules, AppError> {
        let (rows, links, policies) =
            self.store(|s| s.read(|r| Ok((r.payer_rules()?, r.policy_rules()?, r.policies()?)))).await?;
        // A rule that stands in a policy counts no longer than the policy is in force.
        blocking(move || Ok(clipped(counting(&rows)?, &links, policies))).await
    }

    /// All payer rules by id, retired ones included.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn payer_rules(&self) -> Result<Vec<PayerRuleView>, AppError> {
        self.allow(Action::ViewRules).await?;
        let rows = self.store(|s| s.read(|r| r.payer_rules())).await?;
        Ok(rows.into_iter().map(PayerRuleView::from).collect())
    }

    /// Saves each rule of a text as a draft, all of them or none.
    ///
    /// # Errors
    /// `payer_rule_invalid` with line and reason; those of the store.
    pub async fn save_payer_rules(&self, text: String) -> Result<Vec<Saved>, AppError> {
        self.allow(Action::ChangeRules).await?;
        let rules = blocking(move || Ok(wording::each(&text)?)).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let saved = self
            .store(move |s| {
                s.write(|r| {
                    let mut saved = vec![];
                    for Worded { rule, text } in &rules {
                        let changed = r.save_payer_rule(&rule.id, text, &by, now)?;
                        if changed {
                            r.append_audit(&by, "payer_rule.saved", &rule.id, now)?;
                        }
                        saved.extend(r.payer_rule(&rule.id)?.map(|row| (row, changed)));
                    }
                    Ok(saved)
                })
            })
            .await?;
        Ok(saved.into_iter().map(|(row, changed)| Saved { rule: row.into(), changed }).collect())
    }

    /// Confirms the draft of a rule; `seen` is the revision the person read.
    ///
    /// # Errors
    /// A conflict when there is no draft, or another one by now.
    pub async fn confirm_payer_rule(&self, id: String, seen: Option<u32>) -> Result<PayerRuleView, AppError> {
        self.allow(Action::ChangeRules).await?;
        let view = self.step_payer_rule(id, "payer_rule.confirmed", move |r, id, by, now| {
            r.confirm_payer_rule(id, seen, by, now)
        });
        view.await
    }

    /// Puts a rule aside with its draft.
    ///
    /// # Errors
    /// A conflict when it is retired already.
    pub async fn retire_payer_rule(&self, id: String) -> Result<PayerRuleView, AppError> {
        self.allow(Action::ChangeRules).await?;
        self.step_payer_rule(id, "payer_rule.retired", |r, id, by, now| r.retire_payer_rule(id, by, now))
            .await
    }

    /// Takes the last step of a rule back that was not taken back yet.
    ///
    /// # Errors
    /// A conflict when nothing is left to take back.
    pub async fn undo_payer_rule(&self, id: String) -> Result<PayerRuleView, AppError> {
        self.allow(Action::ChangeRules).await?;
        let undo = self.step_payer_rule(id, "payer_rule.undone", |r, id, by, now| {
            r.undo_payer_rule(id, by, now).map(drop)
        });
        undo.await
    }

    async fn step_payer_rule(
        &self,
        id: String,
        action: &'static str,
        step: impl FnOnce(
            &iambilly_store::Records<'_>,
            &str,
            &str,
            jiff::Timestamp,
        ) -> Result<(), iambilly_store::StoreError>
        + Send
        + 'static,
    ) -> Result<PayerRuleView, AppError> {
        let (now, by) = ((self.surroundings.now)(), self.by());
        let row = self
            .store(move |s| {
                s.write(|r| {
                    step(r, &id, &by, now)?;
                    r.append_audit(&by, action, &id, now)?;
                    r.payer_rule(&id)?.ok_or(iambilly_store::StoreError::NotFound { what: "payer rule" })
                })
            })
            .await?;
        Ok(row.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{PayerRuleView, counting};
    use iambilly_claim::Severity;
    use iambilly_store::{PayerRuleRevision, PayerRuleRow, PayerRuleState, PayerRuleStep};
    use sha2::{Digest as _, Sha256};

    fn revision(severity: &str, number: u32) -> PayerRuleRevision {
        let text = format!(
            "[[rule]]\nid = \"ACME-1\"\nseverity = \"{severity}\"\nmessage = \"Ask this payer first\"\nfrom = \"2026-01-01\"\n[rule.scope]\npayers = [\"acme\"]\n[rule.when]\ncodes = [\"62323\"]\n[rule.source]\ntitle = \"Policy\"\nedition = \"2026\"\nlocator = \"p. 1\"\n"
        );
        PayerRuleRevision {
            rule: "ACME-1".to_owned(),
            revision: number,
            sha256: format!("{:x}", Sha256::digest(text.as_bytes())),
            text,
            actor: "owner".to_owned(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }
    fn row(confirmed: Option<PayerRuleRevision>, draft: Option<PayerRuleRevision>) -> PayerRuleRow {
        let newest = draft.clone().or(confirmed.clone()).unwrap_or_else(|| revision("block", 1));
        let state = match (&confirmed, &draft) {
            (Some(_), _) => PayerRuleState::Confirmed,
            (None, Some(_)) => PayerRuleState::Draft,
            (None, None) => PayerRuleState::Retired,
        };
        PayerRuleRow {
            id: "ACME-1".to_owned(),
            state,
            confirmed,
            draft,
            newest,
            step: PayerRuleStep::Saved,
            actor: "owner".to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            undoable: None,
        }
    }

    #[test]
    fn a_draft_warns_at_most_and_waits_beside_what_is_confirmed() {
        let severity = |confirmed, draft| {
            let rules = counting(&[row(confirmed, draft)]).unwrap();
            rules.get("ACME-1").map(|r| (r.severity, r.message.contains("not confirmed")))
        };
        let (block, info) = (|| Some(revision("block", 1)), || Some(revision("info", 2)));
        assert_eq!(severity(None, block()), Some((Severity::Warn, true)));
        assert_eq!(severity(None, info()), Some((Severity::Info, true)));
        assert_eq!(severity(block(), None), Some((Severity::Block, false)));
        assert_eq!(severity(block(), info()), Some((Severity::Block, false)));
        assert_eq!(severity(None, None), None, "retired");
    }

    #[test]
    fn a_text_that_changed_stops_and_can_still_be_seen() {
        let mut changed = revision("warn", 1);
        changed.text.push_str("# added\n");
        let row = row(Some(changed), None);
        assert_eq!(counting(std::slice::from_ref(&row)).unwrap_err().code, "payer_rule_damaged");
        let view = PayerRuleView::from(row);
        assert!(view.text.contains("# added") && view.fault.is_some());
    }
}
