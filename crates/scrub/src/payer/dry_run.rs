//! What a new rule would do to claims that are there already.

use super::PayerRules;
use crate::book::RuleBook;
use crate::view::View;
use iambilly_claim::{Claim, Finding, Findings, Verdict};
use jiff::civil::Date;
use serde::Serialize;

/// A claim that a rule would touch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Touched {
    /// Place of the claim among those given, from 0.
    pub index: usize,
    /// The claim's id.
    pub claim_id: String,
    /// What the rules would say of it.
    pub findings: Vec<Finding>,
    /// The verdict as it stands.
    pub verdict_now: Verdict,
    /// The verdict with the rules.
    pub verdict_then: Verdict,
}

/// Which of these claims the rules would touch, and whether a verdict would change. `rules` are the new ones alone.
#[must_use]
pub fn dry_run<'c>(
    rules: &PayerRules,
    claims: impl IntoIterator<Item = &'c Claim>,
    book: &RuleBook,
    today: Date,
) -> Vec<Touched> {
    dry_run_beside(rules, &PayerRules::default(), claims, book, today)
}

/// The same beside the payer rules that count already; `others` holds none of the new ones.
#[must_use]
pub fn dry_run_beside<'c>(
    rules: &PayerRules,
    others: &PayerRules,
    claims: impl IntoIterator<Item = &'c Claim>,
    book: &RuleBook,
    today: Date,
) -> Vec<Touched> {
    let touched = |(index, claim): (usize, &Claim)| {
        let mut findings = Vec::new();
        super::check(&View::new(claim, book, today, true), rules, &mut findings);
        if findings.is_empty() {
            return None;
        }
        let now = crate::scrub_with(claim, book, others, today);
        let then = Findings::of(now.findings.iter().chain(&findings).cloned().collect());
        Some(Touched {
            index,
            claim_id: claim.claim_id.clone(),
            findings,
            verdict_now: now.verdict,
            verdict_then: then.verdict,
        })
    };
    claims.into_iter().enumerate().filter_map(touched).collect()
}
