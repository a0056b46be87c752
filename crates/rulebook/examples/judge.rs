//! Scores the scrubber on folders of claim cases (`docs/contract.md`, "eval folder"), by the program's own tables and by
//! an imported rule book beside them.
//!
//! `cargo run --release -p iambilly-rulebook --example judge -- [--rules FOLDER] DIR…`
#![allow(clippy::print_stdout, reason = "a tool for developers")]

use iambilly_eval::{CaseBody, ClaimScore, Counts, read_cases};
use iambilly_rulebook::open;
use iambilly_scrub::{RuleBook, scrub};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let today = jiff::Zoned::now().date();
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut imported = None;
    if arguments.first().is_some_and(|a| a == "--rules") && arguments.len() > 1 {
        imported = Some(open(Path::new(&arguments.remove(1)))?);
        arguments.remove(0);
    }
    let books = [("own tables", Some(RuleBook::seed())), ("imported rule book", imported.as_ref())];
    for folder in &arguments {
        let cases = read_cases(Path::new(folder))?;
        for (name, book) in books {
            let Some(book) = book else { continue };
            let (mut all, mut right, mut verdicts, mut alarms) = (0, 0, 0, 0);
            let mut kinds = Counts::default();
            for case in &cases {
                let CaseBody::Claim { claim, expect } = &case.body else { continue };
                let findings = scrub(claim, book, today);
                let score = ClaimScore::of(&findings, expect);
                let good = score.verdict_right && score.missing.is_empty() && score.false_alarms.is_empty();
                all += 1;
                right += i32::from(good);
                verdicts += i32::from(score.verdict_right);
                alarms += score.false_alarms.len();
                kinds += score.all();
                if !good {
                    println!(
                        "  {} {}: {:?} missing {:?} false {:?}",
                        case.n, case.name, findings.verdict, score.missing, score.false_alarms
                    );
                }
            }
            println!(
                "{folder}, {name}: {right}/{all} claims right, verdicts {verdicts}/{all}, planted faults found {} of {}, false alarms {alarms}",
                kinds.hit,
                kinds.hit + kinds.missed
            );
        }
    }
    Ok(())
}
