//! The claims of an independent auditor (`tests/fixtures/claims-audit`), who wrote them without seeing the program: every
//! planted fault is found with its kind, nothing forbidden is said, every verdict is right.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_eval::{CaseBody, ClaimScore, read_cases};
use iambilly_scrub::{RuleBook, scrub};
use std::path::Path;

#[test]
fn every_claim_of_the_auditor_is_judged_rightly() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/claims-audit");
    let mut wrong = vec![];
    let cases = read_cases(&folder).unwrap();
    for case in &cases {
        let CaseBody::Claim { claim, expect } = &case.body else { continue };
        let findings = scrub(claim, RuleBook::seed(), jiff::civil::date(2026, 6, 1));
        let score = ClaimScore::of(&findings, expect);
        if !score.verdict_right || !score.missing.is_empty() || !score.false_alarms.is_empty() {
            wrong.push(format!(
                "{} {}: {:?}, missing {:?}, false {:?}",
                case.n, case.name, findings.verdict, score.missing, score.false_alarms
            ));
        }
    }
    assert!(cases.len() >= 45, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
