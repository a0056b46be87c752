//! Our own notes with gold codes: `tests/fixtures/notes`, written and coded by people who had not seen the reader.
//!
//! The floors are below what was measured when they were set; a change that falls under one has made the
//! reader worse on whole notes, whatever single sentences say.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what is wrong"
)]

use iambilly_claim::Transcript;
use iambilly_coding::{Context, Reader, code};
use iambilly_eval::{CaseBody, NoteScore, Report, read_cases};
use jiff::civil::date;
use std::path::Path;

fn report() -> Report {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/notes");
    let mut report = Report::new();
    for case in read_cases(&folder).unwrap() {
        let CaseBody::Note { text, gold } = &case.body else { panic!("{} is no note", case.n) };
        let context = Context {
            dos: case.dos.unwrap_or(date(2026, 2, 2)),
            payer: case.payer.clone().unwrap_or_else(|| "medicare".to_owned()),
        };
        let coding = code(&Transcript::typed(text.expose().clone()), &context, Reader::Rules, None);
        report.add_note(format!("{} {}", case.n, case.name), NoteScore::of(&coding, gold, text.expose()));
    }
    report
}

#[test]
fn our_own_notes_are_coded_as_their_coders_did() {
    let report = report();
    println!("{}", report.to_table());
    let exactly = |x: f64, floor: f64, what: &str| assert!(x >= floor, "{what}: {x:.3} is under {floor}");
    exactly(report.line_f1(), 0.994, "line F1 (code)");
    exactly(report.whole_line_f1(), 0.975, "line F1 (code, units, modifiers)");
    exactly(report.exact_share(), 0.985, "exact code set");
    exactly(report.diagnosis_f1(), 0.955, "diagnosis F1");
    exactly(report.level_accuracy(), 0.93, "levels");
    exactly(report.laterality_accuracy(), 0.94, "laterality");
    exactly(report.evidence_validity(), 1.0, "evidence is an exact slice");
    assert!(report.extra_codes_a_note() <= 0.015, "extra codes a note: {:.2}", report.extra_codes_a_note());
}
