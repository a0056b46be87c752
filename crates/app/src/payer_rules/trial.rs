//! What a rule would do to the claims in the store, before anybody depends on it.

use super::check;
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::phi::{self, Phi};
use iambilly_claim::{Claim, Finding, Verdict};
use iambilly_scrub::PayerRules;
use iambilly_store::ClaimState;
use serde::Serialize;

/// A stored claim that a rule would touch.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TouchedClaim {
    /// The claim.
    pub claim_id: ClaimId,
    /// "Last, First", where the patient is known.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<Option<String>>,
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: String,
    /// Life-cycle state.
    pub state: ClaimState,
    /// The verdict without the rule.
    pub verdict_now: Verdict,
    /// The verdict with the rule, confirmed.
    pub verdict_then: Verdict,
    /// What it would say.
    pub findings: Vec<Finding>,
}

/// A rule tried on every stored claim.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Trial {
    /// How many claims it was tried on.
    pub claims: usize,
    /// Those it would touch, newest first.
    pub touched: Vec<TouchedClaim>,
}

impl Session {
    /// Tries the rules of a text, as if they were confirmed, on the newest revision of every stored claim.
    ///
    /// # Errors
    /// `payer_rule_invalid` with line and reason; `payer_rule_damaged`; those of the store and the rule book.
    pub async fn try_payer_rules(&self, text: String) -> Result<Trial, AppError> {
        self.allow(Action::ChangeRules).await?;
        let rules = check(&text)?;
        let others = self.payer_rules_in_force().await?;
        let stored = self
            .store(|s| {
                s.read(|r| {
                    let mut all = vec![];
                    for summary in r.claims(None, u32::MAX)? {
                        if let Some(revision) = r.revision(summary.claim.id, None)? {
                            all.push((summary.claim, summary.payer, summary.dos, revision.claim));
                        }
                    }
                    Ok(all)
                })
            })
            .await?;
        let (book, today) = (self.config.rules.book()?, (self.surroundings.today)());
        blocking(move || {
            let others: PayerRules = others.iter().filter(|o| rules.get(&o.id).is_none()).cloned().collect();
            let claims = stored.iter().map(|(_, _, _, claim)| claim);
            let found = iambilly_scrub::payer::dry_run_beside(&rules, &others, claims, &book, today);
            let touched = found.into_iter().filter_map(|one| {
                let (row, payer, dos, claim) = stored.get(one.index)?;
                Some(TouchedClaim {
                    claim_id: row.id,
                    patient: Phi::new(patient(claim)),
                    payer: payer.clone(),
                    dos: dos.to_string(),
                    state: row.state,
                    verdict_now: one.verdict_now,
                    verdict_then: one.verdict_then,
                    findings: one.findings,
                })
            });
            let touched = touched.collect();
            Ok(Trial { claims: stored.len(), touched })
        })
        .await
    }
}

fn patient(claim: &Claim) -> Option<String> {
    let name = |part: &Phi<Option<String>>| part.expose().clone().filter(|n| !n.is_empty());
    match (name(&claim.patient.last), name(&claim.patient.first)) {
        (Some(last), Some(first)) => Some(format!("{last}, {first}")),
        (last, first) => last.or(first),
    }
}
