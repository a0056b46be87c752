//! The claims of two independent auditors (`tests/fixtures/claims-audit`, `claims-audit-2`), who wrote them without
//! seeing the program: every planted fault is found with its kind, nothing forbidden is said, every verdict is right.
//! Where we judge otherwise than the auditor, the case says so (`auditor_verdict`, `why`).

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_eval::{CaseBody, ClaimScore, read_cases};
use iambilly_scrub::{RuleBook, scrub};
use std::path::Path;

#[test]
fn every_claim_of_the_auditors_is_judged_rightly() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut wrong = vec![];
    let mut cases = read_cases(&fixtures.join("claims-audit")).unwrap();
    cases.extend(read_cases(&fixtures.join("claims-audit-2")).unwrap());
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
    assert!(cases.len() >= 93, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
