//! The reader codes by the edition of ICD-10-CM it is given: a code that is new, gone or split by date of service.
#![allow(clippy::unwrap_used, reason = "tests")]

use iambilly_claim::{Coding, Risk, Transcript};
use iambilly_coding::{Context, Reader, Tables, code_with};
use iambilly_icd10cm::{Edition, Editions};
use jiff::civil::{Date, date};

/// An edition of a few categories, as a later October might bring it.
fn edition(name: &str, from: &str, rows: &str) -> Edition {
    Edition::parse(format!(
        "#ICD-10-CM\t{name}\t{from}\t\n@\tM00-M99\tMusculoskeletal\n=\tM40-M54\tDorsopathies\n{rows}"
    ))
    .unwrap()
}

/// This year's codes of lumbar stenosis, and next October's: claudication split in two, one code more.
fn editions() -> Editions {
    let mut all = Editions::default();
    all.add(edition(
        "FY2026",
        "2025-10-01",
        "M48\tOther spondylopathies\t2\nM480\tSpinal stenosis\nM4806\tSpinal stenosis, lumbar region\nM48061\twithout neurogenic claudication\nM48062\twith neurogenic claudication\n",
    ));
    all.add(edition(
        "FY2027",
        "2026-10-01",
        "M43\tOther deforming dorsopathies\t2\nM431\tSpondylolisthesis\nM4316\tSpondylolisthesis, lumbar region\nM48\tOther spondylopathies\t2\nM480\tSpinal stenosis\nM4806\tSpinal stenosis, lumbar region\nM48061\twithout neurogenic claudication\nM48062\twith neurogenic claudication\nM480621\tmild\nM480622\tsevere\n",
    ));
    all
}

fn coded(text: &str, dos: Date, all: &Editions) -> Coding {
    let ctx = Context { dos, payer: "medicare".to_owned() };
    let tables = Tables { icd: all.on(dos), ..Tables::shipped(dos) };
    code_with(&tables, &Transcript::typed(text), &ctx, Reader::Rules, None)
}

fn codes(c: &Coding) -> Vec<&str> {
    c.diagnoses.iter().map(|d| d.code.as_str()).collect()
}

const SEPTEMBER: Date = date(2026, 9, 30);
const OCTOBER: Date = date(2026, 10, 1);

#[test]
fn the_date_of_service_chooses_the_codes() {
    let all = editions();
    let stenosis = "Diagnosis: lumbar stenosis L4-5, no claudication.";
    for dos in [SEPTEMBER, OCTOBER] {
        assert_eq!(codes(&coded(stenosis, dos, &all)), ["M48.061"], "in both editions");
    }
    let slip = "Diagnosis: spondylolisthesis L4-5.";
    assert_eq!(codes(&coded(slip, SEPTEMBER, &all)), [""; 0], "not yet");
    assert_eq!(codes(&coded(slip, OCTOBER, &all)), ["M43.16"], "new in October");
}

#[test]
fn a_code_that_was_split_becomes_a_question_that_names_its_parts() {
    let all = editions();
    let text = "Diagnosis: lumbar stenosis L4-5 with neurogenic claudication.\nProcedure: L4-5 laminectomy.";
    assert_eq!(codes(&coded(text, SEPTEMBER, &all)), ["M48.062"]);
    let c = coded(text, OCTOBER, &all);
    assert_eq!(codes(&c), [""; 0], "a heading is never reported");
    let q = c.queries.iter().find(|q| q.question.contains("needs more detail")).unwrap();
    assert!(q.question.contains("FY2027"), "{}", q.question);
    assert_eq!(q.affects, ["M48.062", "M48.0621", "M48.0622"]);
    assert_eq!((q.risk, q.evidence.is_empty()), (Risk::Denial, false));
}

#[test]
fn a_code_that_is_gone_is_not_given() {
    let mut all = Editions::default();
    all.add(edition(
        "FY2028",
        "2027-10-01",
        "M48\tOther spondylopathies\t2\nM480\tSpinal stenosis\nM4802\tSpinal stenosis, cervical region\n",
    ));
    let c = coded(
        "Diagnosis: lumbar stenosis L4-5 with claudication.\nProcedure: L4-5 laminectomy.",
        date(2027, 11, 2),
        &all,
    );
    assert_eq!(codes(&c), [""; 0]);
    assert!(c.queries.iter().any(|q| q.question.contains("M48.062, which is not in the edition in force")));
    let c =
        coded("Diagnosis: cervical stenosis C4-5.\nProcedure: C4-5 laminectomy.", date(2027, 11, 2), &all);
    assert_eq!(codes(&c), ["M48.02"]);
}

#[test]
fn a_code_the_author_writes_counts_from_the_day_it_exists() {
    let all = editions();
    let text = "Diagnosis: see the form (M43.16).";
    assert_eq!(codes(&coded(text, SEPTEMBER, &all)), [""; 0]);
    assert_eq!(codes(&coded(text, OCTOBER, &all)), ["M43.16"]);
}

/// M51.36 could be reported until 2024-09-30; then it was split by pain.
#[test]
fn the_worn_disc_before_it_was_split() {
    let mut all = Editions::default();
    let rows = "M51\tThoracic, thoracolumbar, and lumbosacral intervertebral disc disorders\t2\nM513\tOther degeneration\nM5136\tOther degeneration, lumbar region\n";
    all.add(edition("FY2024", "2023-10-01", rows));
    let text = "Diagnosis: degenerative disc disease L4-5 with low back pain.";
    assert_eq!(codes(&coded(text, date(2024, 5, 2), &all)), ["M51.36"]);
    assert_eq!(codes(&coded(text, date(2026, 2, 2), Editions::shipped())), ["M51.360"]);
}
