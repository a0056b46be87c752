//! Scores the deterministic reader on evaluation folders, without the engines: `score DIR… [-v]`.
//!
//! The same scores as `iambilly eval DIR --reader rules`; totals only; with `-v` also what is wrong, case by case.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for developers")]

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};
use iambilly_eval::{CaseBody, NoteScore, Report, read_cases};
use jiff::civil::date;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (flags, folders): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|a| a.starts_with('-'));
    let verbose = flags.iter().any(|f| f == "-v");
    for folder in &folders {
        let cases = match read_cases(Path::new(folder)) {
            Ok(cases) => cases,
            Err(error) => {
                eprintln!("{}", error.fault());
                return ExitCode::from(3);
            }
        };
        let mut report = Report::new();
        for case in &cases {
            let CaseBody::Note { text, gold } = &case.body else { continue };
            let context = Context {
                dos: case.dos.unwrap_or(date(2026, 2, 2)),
                payer: case.payer.clone().unwrap_or_else(|| "medicare".to_owned()),
            };
            let coding = code(&Transcript::typed(text.expose().clone()), &context, Reader::Rules, None);
            let score = NoteScore::of(&coding, gold, text.expose());
            if verbose {
                wrong(case.n, &case.name, &score, &coding, gold);
            }
            report.add_note(format!("{:03} {}", case.n, case.name), score);
        }
        // Sets that nobody has opened stay unopened: what a case lacks is said only when asked for.
        let table = report.to_table();
        let totals = table.lines().filter(|l| verbose || !l.starts_with("- "));
        println!("{folder}\n{}\n", totals.collect::<Vec<_>>().join("\n"));
    }
    ExitCode::SUCCESS
}

/// What is wrong in one case, codes and levels only.
fn wrong(n: u64, name: &str, score: &NoteScore, coding: &iambilly_claim::Coding, gold: &iambilly_eval::Gold) {
    let places = score.levels.yes < score.levels.of || score.laterality.yes < score.laterality.of;
    let lines = score.whole_lines.extra + score.whole_lines.missed > 0;
    let diagnoses =
        score.diagnoses.extra + score.diagnoses.missed > 0 || score.first_listed.yes < score.first_listed.of;
    if !(places || lines || diagnoses) {
        return;
    }
    println!("{n} {name}");
    if places || lines {
        for l in &coding.lines {
            let levels: Vec<String> = l.levels.iter().map(ToString::to_string).collect();
            println!("    said {} x{} {:?} {levels:?} {:?}", l.code, l.units, l.modifiers, l.laterality);
        }
        for l in &gold.lines {
            println!(
                "    gold {} x{} {:?} {:?} {:?} {:?}",
                l.code, l.units, l.modifiers, l.levels, l.laterality, l.alternatives
            );
        }
    }
    if diagnoses {
        let said: Vec<&str> = coding.diagnoses.iter().map(|d| d.code.as_str()).collect();
        let want: Vec<&str> = gold.diagnoses.iter().map(|d| d.code.as_str()).collect();
        println!("    diagnoses said {said:?} gold {want:?}");
    }
}
