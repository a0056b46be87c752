//! Findings as the rules stand now: a claim that is still open is judged again whenever it is looked at, so that an
//! edition imported, a payer rule confirmed, a fee schedule or the clinic's own data given since then count at once. What was approved keeps the findings it was
//! approved with, and says when today's rules would judge it otherwise.

use crate::error::AppError;
use crate::session::{Session, blocking};
use crate::view::DraftView;
use iambilly_claim::ids::{ClaimId, RevisionId};
use iambilly_claim::{Claim, Findings, Verdict};
use iambilly_store::{ClaimState, NewRevision, StoreError};
use serde::Serialize;

/// By what the findings shown were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JudgedBy {
    /// The rules and editions of today.
    Today,
    /// Those of the day the revision was made: the claim is decided, or the rule book cannot be read.
    Revision,
}

/// How the findings shown stand to those kept with the revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// By what those shown were made.
    pub by: JudgedBy,
    /// Findings of today that the revision was not kept with.
    pub new: usize,
    /// Findings the revision was kept with that today's rules do not make.
    pub gone: usize,
    /// The verdict of today's rules; none where the rule book cannot be read.
    pub verdict_today: Option<Verdict>,
}

impl Judgement {
    /// Compares the findings kept with a revision to today's.
    fn of(by: JudgedBy, kept: &Findings, today: Option<&Findings>) -> Self {
        let without =
            |a: &Findings, b: &Findings| a.findings.iter().filter(|f| !b.findings.contains(f)).count();
        Self {
            by,
            new: today.map_or(0, |t| without(t, kept)),
            gone: today.map_or(0, |t| without(kept, t)),
            verdict_today: today.map(|t| t.verdict),
        }
    }
}

impl Session {
    /// Puts today's findings in place of those kept, where the claim is still open, and says what changed.
    pub(crate) async fn judge_again(&self, mut view: DraftView) -> Result<DraftView, AppError> {
        let open = matches!(view.state, ClaimState::Draft | ClaimState::HumanReview);
        // A draft can be read whatever has become of the rule book.
        if open {
            view.claim = self.completed(view.claim).await?;
            if let Ok(claim) = self.charged(view.claim.clone()).await {
                view.claim = claim;
            }
        }
        let today = self.judged_today(view.claim.clone()).await.ok();
        let by = if open && today.is_some() { JudgedBy::Today } else { JudgedBy::Revision };
        view.judgement = Judgement::of(by, &view.findings, today.as_ref());
        if let (JudgedBy::Today, Some(today)) = (by, today) {
            view.findings = today;
        }
        Ok(view)
    }

    async fn judged_today(&self, claim: Claim) -> Result<Findings, AppError> {
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let today = (self.surroundings.today)();
        blocking(move || Ok(rules.judge(&claim, &payers, today)?)).await
    }

    /// Keeps today's findings, charges and master data with a claim in review before it is approved: as a further revision, where
    /// they differ from those of the revision that was seen. Answers with the revision to approve.
    ///
    /// # Errors
    /// A conflict when the claim was changed meanwhile; a rule book that cannot be read.
    pub(crate) async fn renewed(&self, id: ClaimId, seen: Option<u32>) -> Result<Option<u32>, AppError> {
        let missing = |what| StoreError::NotFound { what };
        let (claim, kept) = self
            .store(move |s| {
                s.read(|r| {
                    let claim = r.claim(id)?.ok_or(missing("claim"))?;
                    Ok((claim, r.revision(id, seen)?.ok_or(missing("claim revision"))?))
                })
            })
            .await?;
        if claim.state != ClaimState::HumanReview {
            return Ok(seen);
        }
        let charged = self.charged(self.completed(kept.claim.clone()).await?).await?;
        let today = self.judged_today(charged.clone()).await?;
        if today == kept.findings && charged == kept.claim {
            return Ok(Some(kept.number));
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        let revision_id = RevisionId::new(self.surroundings.id());
        self.store(move |s| {
            s.write(|r| {
                let again = NewRevision {
                    id: revision_id,
                    coding: &kept.coding,
                    claim: &charged,
                    findings: &today,
                    transcript: kept.transcript,
                    drafted_by: &kept.drafted_by,
                    now,
                };
                let made = r.add_revision(id, kept.number, &again)?;
                r.append_audit(&by, "claim.judged_again", &id.to_string(), now)?;
                Ok(Some(made.number))
            })
        })
        .await
    }
}
