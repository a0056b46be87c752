//! Scores the scrubber on folders of claim cases (`docs/contract.md`, "eval folder").
//!
//! `cargo run --release -p iambilly-scrub --example claims -- DIR…`
#![allow(clippy::print_stdout)]

use iambilly_eval::{CaseBody, ClaimScore, read_cases};
use iambilly_scrub::{RuleBook, scrub};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let today = jiff::Zoned::now().date();
    for folder in std::env::args().skip(1) {
        let (mut all, mut right) = (0, 0);
        for case in read_cases(std::path::Path::new(&folder))? {
            let CaseBody::Claim { claim, expect } = &case.body else { continue };
            let findings = scrub(claim, RuleBook::seed(), today);
            let score = ClaimScore::of(&findings, expect);
            all += 1;
            right +=
                i32::from(score.verdict_right && score.missing.is_empty() && score.false_alarms.is_empty());
            if !score.verdict_right || !score.missing.is_empty() || !score.false_alarms.is_empty() {
                println!(
                    "{} {}: {:?} {:?} {:?}",
                    case.n, case.name, findings.verdict, score.missing, score.false_alarms
                );
            }
        }
        println!("{folder}: {right}/{all} claims right");
    }
    Ok(())
}
