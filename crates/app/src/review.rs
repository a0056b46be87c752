//! Review: a coder's edits as new revisions, the steps of a claim's life, and what is learned from corrections.
//!
//! Draft → human review → approved or rejected → exported. Edits make a new revision and are scrubbed again;
//! an approval signs the hash of the revision it was given on. A blocked claim is not approved.

use crate::draft;
use crate::error::AppError;
use crate::in_hand::InHand;
use crate::people::Action;
use crate::session::{Session, blocking};
use crate::view::DraftView;
use iambilly_claim::ids::{ClaimId, CorrectionId, PhraseRuleId, RevisionId};
use iambilly_claim::{Fault, FaultKind, Phi, Subject, Verdict, phi};
use iambilly_coding::edit;
pub use iambilly_coding::edit::Edit;
use iambilly_coding::learned;
use iambilly_store::{ClaimDecision, ClaimState, NewCorrection, NewRevision, PhraseRuleRow, StoreError};
use serde::{Deserialize, Serialize};

pub use iambilly_store::PhraseRuleState;

/// Reads a list of edits from JSON.
///
/// # Errors
/// `edits_invalid` with line and column, never content.
pub fn edits(json: &str) -> Result<Vec<Edit>, Fault> {
    serde_json::from_str(json).map_err(|e| {
        Fault::new(
            FaultKind::Input,
            "edits_invalid",
            format!("The edits are not valid JSON of edits (line {}, column {}).", e.line(), e.column()),
            "Give a list like [{\"op\":\"set_line\",\"line\":1,\"code\":\"63047\"}]; docs/contract.md names all of them.",
        )
    })
}

/// A step in a claim's life that a person takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A draft goes to review.
    Submit,
    /// A reviewed claim is approved as it stands.
    Approve,
    /// A reviewed claim is sent back.
    Reject {
        /// Why.
        #[serde(serialize_with = "phi::disclose")]
        reason: Phi<String>,
    },
    /// An approved or rejected claim goes back to review.
    Reopen {
        /// Why.
        #[serde(serialize_with = "phi::disclose")]
        reason: Phi<String>,
    },
}

impl Step {
    /// The state a claim in `from` is in after this step, if the step can be taken there.
    fn to(&self, from: ClaimState) -> Option<ClaimState> {
        use ClaimState as S;
        match (self, from) {
            (Self::Submit, S::Draft) => Some(S::HumanReview),
            (Self::Approve, S::HumanReview) => Some(S::Approved),
            (Self::Reject { .. }, S::HumanReview) => Some(S::Rejected),
            (Self::Reopen { .. }, S::Approved | S::Rejected) => Some(S::HumanReview),
            _ => None,
        }
    }

    const fn action(&self) -> &'static str {
        match self {
            Self::Submit => "claim.submitted",
            Self::Approve => "claim.approved",
            Self::Reject { .. } => "claim.rejected",
            Self::Reopen { .. } => "claim.reopened",
        }
    }

    const fn permission(&self) -> Action {
        match self {
            Self::Submit => Action::Submit,
            Self::Approve | Self::Reject { .. } | Self::Reopen { .. } => Action::Decide,
        }
    }

    fn reason(&self) -> Option<Phi<String>> {
        match self {
            Self::Reject { reason } | Self::Reopen { reason } => Some(reason.clone()),
            Self::Submit | Self::Approve => None,
        }
    }
}

/// A local phrase rule as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PhraseRuleView {
    /// Its id.
    pub id: PhraseRuleId,
    /// `offered`, `accepted`, `declined` or `retired`.
    pub state: PhraseRuleState,
    /// The words; `<level>`, `<side>` and `<number>` stand for any of their kind.
    #[serde(serialize_with = "phi::disclose")]
    pub phrase: Phi<String>,
    /// `line` or `diagnosis`.
    pub subject: Subject,
    /// The code the readers give, if any.
    pub was: Option<String>,
    /// The code the clinic gives, if any.
    pub now: Option<String>,
    /// In how many dictations it was seen.
    pub seen: u32,
    /// The rule in a sentence.
    #[serde(serialize_with = "phi::disclose")]
    pub says: Phi<String>,
}

impl From<PhraseRuleRow> for PhraseRuleView {
    fn from(row: PhraseRuleRow) -> Self {
        let words = row.rule.phrase.expose();
        let says = match (&row.rule.was, &row.rule.now) {
            (Some(was), Some(now)) => format!("Where “{words}” supports {was}, code {now} instead."),
            (Some(was), None) => format!("Where “{words}” supports {was}, leave it off."),
            (None, Some(now)) => format!("Where the note says “{words}”, add {now}."),
            (None, None) => String::new(),
        };
        Self {
            id: row.id,
            state: row.state,
            subject: row.rule.subject,
            was: row.rule.was.clone(),
            now: row.rule.now.clone(),
            seen: row.rule.seen,
            says: says.into(),
            phrase: row.rule.phrase,
        }
    }
}

pub(crate) fn not_now(state: ClaimState, what: &str) -> AppError {
    let state = state.as_str().replace('_', " ");
    AppError::Fault(Fault::new(
        FaultKind::Input,
        "claim_state",
        format!("A claim in state “{state}” cannot be {what}."),
        "Draft → human review → approved or rejected. Submit a draft first; reopen an approved or rejected claim to change it.",
    ))
}

impl Session {
    /// Makes a coder's edits as the next revision: all of them or none. `seen` is the revision the coder saw.
    ///
    /// # Errors
    /// `claim_state` for an approved, rejected or exported claim; a conflict when the claim was changed
    /// meanwhile; those of [`edit::apply`].
    pub async fn correct(&self, id: ClaimId, seen: u32, edits: Vec<Edit>) -> Result<DraftView, AppError> {
        self.allow(Action::Correct).await?;
        if edits.is_empty() {
            return self.draft_now(id).await;
        }
        let InHand { claim: row, revision, dictation, transcript } =
            self.codes_in_hand(id, seen, None, "claim.corrected_refused").await?;
        let today = (self.surroundings.today)();
        let text = transcript.transcript.text.clone();
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let pricing = self.pricing(&dictation.payer, dictation.dos, None).await?;
        let header = self.completed(revision.claim.clone()).await?;
        let (coding, corrections, claim, findings) = blocking(move || {
            let (coding, corrections) =
                edit::apply(&revision.coding, &edits, text.expose()).map_err(|e| e.fault())?;
            let mut claim = draft::claim(id, &coding, text.expose(), &header);
            pricing.charge(&mut claim, &rules, today)?;
            let findings = rules.judge(&claim, &payers, today)?;
            Ok((coding, corrections, claim, findings))
        })
        .await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let revision_id = RevisionId::new(self.surroundings.id());
        let ids: Vec<CorrectionId> =
            corrections.iter().map(|_| CorrectionId::new(self.surroundings.id())).collect();
        let transcript = transcript.id;
        self.store(move |s| {
            s.write(|r| {
                let next = NewRevision {
                    id: revision_id,
                    coding: &coding,
                    claim: &claim,
                    findings: &findings,
                    transcript: Some(transcript),
                    drafted_by: &by,
                    now,
                };
                let made = r.add_revision(id, seen, &next)?;
                for (correction_id, correction) in ids.iter().zip(&corrections) {
                    r.insert_correction(&NewCorrection {
                        id: *correction_id,
                        dictation: row.dictation,
                        claim: id,
                        revision: made.number,
                        correction,
                        actor: &by,
                        now,
                    })?;
                }
                r.append_audit(&by, "claim.corrected", &id.to_string(), now).map(drop)
            })
        })
        .await?;
        self.learn().await?;
        self.draft_now(id).await
    }

    /// Offers a phrase rule for every correction that recurs. Tells how many are new.
    async fn learn(&self) -> Result<usize, AppError> {
        let corrections = self.store(|s| s.read(|r| r.corrections())).await?;
        let offers = blocking(move || Ok(learned::propose(&corrections))).await?;
        let offers: Vec<_> =
            offers.into_iter().map(|rule| (PhraseRuleId::new(self.surroundings.id()), rule)).collect();
        let now = (self.surroundings.now)();
        self.store(move |s| {
            s.write(|r| {
                let mut new = 0;
                for (id, rule) in &offers {
                    if r.offer_phrase_rule(*id, rule, now)? {
                        r.append_audit("pipeline", "phrase_rule.offered", &id.to_string(), now)?;
                        new += 1;
                    }
                }
                Ok(new)
            })
        })
        .await
    }

    /// Takes a step in a claim's life on its newest revision, or on `seen` if it still is the newest. An approval is
    /// given on what today's rules find; where that differs from what was kept, it is kept first.
    ///
    /// # Errors
    /// `claim_state` where the step cannot be taken; `claim_blocked` for approving what the scrubber blocks;
    /// `reason_needed`; a conflict when the claim was changed meanwhile.
    pub async fn decide(
        &self,
        id: ClaimId,
        mut seen: Option<u32>,
        step: Step,
    ) -> Result<DraftView, AppError> {
        self.allow(step.permission()).await?;
        if step.reason().is_some_and(|r| r.expose().trim().is_empty()) {
            return Err(AppError::Fault(Fault::new(
                FaultKind::Input,
                "reason_needed",
                "This step needs a reason.",
                "Say in a sentence why, so that the next person knows.",
            )));
        }
        if step == Step::Approve {
            self.four_eyes(id).await?;
            self.of_somebody(id).await?;
            seen = self.renewed(id, seen).await?;
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        let step_id = self.surroundings.id();
        self.store(move |s| {
            s.write(|r| {
                let claim = r.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
                let revision =
                    r.revision(id, seen)?.ok_or(StoreError::NotFound { what: "claim revision" })?;
                let refused = format!("{}_refused", step.action());
                let Some(to) = step.to(claim.state) else {
                    r.append_audit(&by, &refused, &id.to_string(), now)?;
                    return Ok(Err(not_now(claim.state, step.action().trim_start_matches("claim."))));
                };
                if to == ClaimState::Approved && revision.findings.verdict == Verdict::Block {
                    r.append_audit(&by, &refused, &id.to_string(), now)?;
                    return Ok(Err(blocked()));
                }
                r.decide_claim(&ClaimDecision {
                    id: step_id,
                    claim: id,
                    revision: revision.number,
                    from: claim.state,
                    to,
                    content_sha256: revision.content_sha256,
                    actor: by.to_string(),
                    reason: step.reason(),
                    at: now,
                })?;
                r.append_audit(&by, step.action(), &id.to_string(), now)?;
                Ok(Ok(()))
            })
        })
        .await??;
        self.draft_now(id).await
    }

    /// All local phrase rules, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn phrase_rules(&self) -> Result<Vec<PhraseRuleView>, AppError> {
        self.allow(Action::Learn).await?;
        let rows = self.store(|s| s.read(|r| r.phrase_rules(None))).await?;
        Ok(rows.into_iter().map(PhraseRuleView::from).collect())
    }

    /// Accepts, declines or retires a local phrase rule.
    ///
    /// # Errors
    /// A conflict when the rule's state does not allow it.
    pub async fn decide_phrase_rule(
        &self,
        id: PhraseRuleId,
        to: PhraseRuleState,
    ) -> Result<PhraseRuleView, AppError> {
        self.allow(Action::Learn).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let row = self
            .store(move |s| {
                s.write(|r| {
                    let row = r.decide_phrase_rule(id, to, &by, now)?;
                    let action = match to {
                        PhraseRuleState::Accepted => "phrase_rule.accepted",
                        PhraseRuleState::Declined => "phrase_rule.declined",
                        PhraseRuleState::Retired | PhraseRuleState::Offered => "phrase_rule.retired",
                    };
                    r.append_audit(&by, action, &id.to_string(), now)?;
                    Ok(row)
                })
            })
            .await?;
        Ok(row.into())
    }
}

fn blocked() -> AppError {
    AppError::Fault(Fault::new(
        FaultKind::Input,
        "claim_blocked",
        "The claim is blocked by its findings and cannot be approved.",
        "Resolve what is marked “block”; claims show lists it with its source.",
    ))
}

#[cfg(test)]
mod tests {
    use super::Step;
    use iambilly_store::ClaimState as S;

    #[test]
    fn only_the_life_cycle_s_steps_exist() {
        let why = || String::from("why").into();
        let steps =
            [Step::Submit, Step::Approve, Step::Reject { reason: why() }, Step::Reopen { reason: why() }];
        let mut allowed = vec![];
        for from in [S::Draft, S::HumanReview, S::Approved, S::Rejected, S::Exported] {
            for step in &steps {
                allowed.extend(step.to(from).map(|to| (from, to)));
            }
        }
        let expected = [
            (S::Draft, S::HumanReview),
            (S::HumanReview, S::Approved),
            (S::HumanReview, S::Rejected),
            (S::Approved, S::HumanReview),
            (S::Rejected, S::HumanReview),
        ];
        assert_eq!(allowed, expected);
    }
}
