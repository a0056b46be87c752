//! Laws of the scrubber over generated claims, and input that is wrong in every way.
//!
//! `IAMBILLY_SOAK` runs the hostile share for ten minutes; what it ever found is kept in `tests/corpus`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_claim::finding::PatchOp;
use iambilly_claim::{Claim, FindingKind, Findings, Severity, Verdict};
use iambilly_scrub::optimise::{Setting, optimise};
use iambilly_scrub::{PayerRules, RuleBook, apply, scrub};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 6, 1);

fn base(diagnoses: &[&str], lines: Value) -> Value {
    json!({"claim_id": "T", "payer": {"id": "medicare", "type": "medicare"},
        "patient": {"id": "p", "last": "Example", "first": "Pat", "birth_date": "1950-05-05", "sex": "F", "member_id": "M1",
                    "address": {"line": "1 Road", "state": "PA"}},
        "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "name": "Group", "address": {"state": "PA"}},
        "rendering_provider": {"npi": "1234567893", "role": "surgeon"}, "facility": {"npi": "1234567893", "pos": "21"},
        "received_date": "2026-02-20", "diagnoses": diagnoses, "lines": lines,
        "history": [{"code": "22612", "dos": "2026-01-10", "npi": "1234567893", "diagnoses": ["M43.16"]}]})
}

fn any_line() -> impl Strategy<Value = Value> {
    let code = prop::sample::select(vec![
        "22551", "22552", "22554", "22585", "22612", "22614", "22630", "22632", "22633", "22634", "22840",
        "22842", "22845", "22846", "22848", "22850", "22852", "22853", "22830", "20930", "20936", "63047",
        "63048", "63052", "63053", "63030", "63042", "69990", "77003", "62323", "64483", "64484", "64493",
        "22513", "22515", "99213", "99223", "22851", "61783", "63685", "95941", "bad",
    ]);
    let levels = prop::sample::subsequence(vec!["C5-C6", "L3-L4", "L4-L5", "L5-S1", "L3", "L4", "T12"], 0..4);
    let modifiers = prop::sample::subsequence(
        vec!["59", "XS", "51", "50", "LT", "RT", "62", "80", "25", "78", "GA", "22"],
        0..3,
    );
    let pointers = prop::sample::subsequence(vec!["A", "B", "C"], 0..3);
    let side = prop::sample::select(vec![Value::Null, json!("left"), json!("right"), json!("bilateral")]);
    let documented = prop::sample::select(vec![
        json!([]),
        json!(["separate plate, not anchored to the cage"]),
        json!(["posterolateral graft on the transverse processes", "interbody cage"]),
        json!(["right L4-5 laminectomy, facetectomy, foraminotomy"]),
    ]);
    let dos = prop::sample::select(vec!["2026-02-02", "2026-02-02", "2026-02-02", "2026-02-01"]);
    (code, levels, modifiers, pointers, 0_u32..4, side, documented, dos).prop_map(
        |(code, levels, modifiers, pointers, units, side, documented, dos)| {
            json!({"code": code, "levels": levels, "modifiers": modifiers, "pointers": pointers, "units": units,
                   "laterality": side, "documented": documented, "charge": "1.00", "dos": dos, "pos": "21"})
        },
    )
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let diagnosis = prop::sample::select(vec![
        "M50.122", "M54.12", "M51.16", "M54.16", "M48.06", "M48.062", "M43.16", "Z98.1", "G99.2", "C79.51",
        "M80.08XD",
    ]);
    (prop::collection::vec(any_line(), 0..7), prop::collection::vec(diagnosis, 0..4)).prop_map(
        |(mut lines, dx)| {
            for (i, line) in lines.iter_mut().enumerate() {
                line["number"] = json!(i + 1);
            }
            serde_json::from_value(base(&dx, json!(lines))).unwrap()
        },
    )
}

/// What is said, without the words, which name lines in the claim's order; the order of procedures is a rule of order.
fn said(findings: &Findings) -> Vec<(FindingKind, Severity, Vec<String>)> {
    let mut all: Vec<_> = (findings.findings.iter())
        .filter(|f| f.rule != "RANK-ORDER")
        .map(|f| {
            let mut codes = f.codes.clone();
            codes.sort();
            (f.kind, f.severity, codes)
        })
        .collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if std::env::var_os("IAMBILLY_SOAK").is_some() { 20_000 } else { 300 })
    })]

    #[test]
    fn judged_alike_twice_and_in_any_order(claim in any_claim(), seed in any::<u64>()) {
        let book = RuleBook::seed();
        let first = scrub(&claim, book, TODAY);
        prop_assert_eq!(&first, &scrub(&claim, book, TODAY));
        let mut turned = claim.clone();
        let n = turned.lines.len().max(1);
        turned.lines.rotate_left(usize::try_from(seed % n as u64).unwrap());
        if seed % 2 == 0 {
            turned.lines.reverse();
        }
        let second = scrub(&turned, book, TODAY);
        prop_assert_eq!(first.verdict, second.verdict);
        prop_assert_eq!(said(&first), said(&second));
    }

    #[test]
    fn every_finding_has_its_source_and_every_fix_tests_first(claim in any_claim()) {
        let before = scrub(&claim, RuleBook::seed(), TODAY);
        let mut all = claim.clone();
        for f in &before.findings {
            let s = &f.source;
            prop_assert!(!s.title.is_empty() && !s.version.is_empty() && !s.locator.is_empty(), "{:?}", f);
            prop_assert!(!f.rule.is_empty() && f.message.len() > 10);
            if let Some(fix) = &f.fix {
                let tests_first = matches!(fix.patch.first(), Some(PatchOp::Test { .. }));
                prop_assert!(tests_first);
                all = apply(&all, fix).unwrap_or(all);
            }
        }
        prop_assert!(scrub(&all, RuleBook::seed(), TODAY).verdict <= before.verdict, "all fixes together");
    }

    #[test]
    fn the_optimiser_gains_nothing_without_proof(claim in any_claim()) {
        let book = RuleBook::seed();
        let none = PayerRules::default();
        let found = optimise(&claim, book, &none, &Setting::default(), TODAY);
        prop_assert_eq!(&found, &optimise(&claim, book, &none, &Setting::default(), TODAY));
        for p in found.proposals.iter().filter(|p| p.rvu.is_some_and(|r| r > 0)) {
            prop_assert!(p.proof.iter().any(|x| !x.levels.is_empty() || !x.documented.expose().is_empty()), "{:?}", p);
        }
    }
}

#[test]
fn a_clean_claim_with_an_unrelated_clean_line_stays_clean() {
    let line = |number: u32, code: &str, levels: &[&str], dos: &str, pos: &str| {
        json!({"number": number, "code": code, "modifiers": [], "pointers": ["A"], "units": 1, "charge": "1.00", "dos": dos,
               "pos": pos, "levels": levels})
    };
    let clean = [
        vec![
            line(1, "22633", &["L4-L5"], "2026-05-02", "21"),
            line(2, "22840", &["L4", "L5"], "2026-05-02", "21"),
        ],
        vec![
            line(1, "63047", &["L4-L5"], "2026-05-02", "21"),
            line(2, "63048", &["L3-L4"], "2026-05-02", "21"),
        ],
        vec![line(1, "22514", &["L2"], "2026-05-02", "21")],
        vec![line(1, "62323", &["L4-L5"], "2026-05-02", "11")],
    ];
    let unrelated = [
        line(9, "99213", &[], "2026-04-20", "11"),
        line(9, "72110", &[], "2026-04-20", "11"),
        line(9, "72148", &[], "2026-05-02", "21"),
        line(9, "J1100", &[], "2026-04-20", "11"),
        line(9, "97110", &[], "2026-04-28", "11"),
    ];
    for lines in clean {
        for extra in &unrelated {
            let dx = if lines[0]["code"] == "22514" { "M80.08XA" } else { "M48.061" };
            let with = |lines: &[Value]| {
                let mut claim = base(&[dx], json!(lines));
                claim["history"] = json!([]);
                claim["received_date"] = json!("2026-05-20");
                scrub(&serde_json::from_value(claim).unwrap(), RuleBook::seed(), TODAY)
            };
            assert_eq!(with(&lines).verdict, Verdict::Clean, "{lines:?}");
            let more: Vec<Value> = lines.iter().chain([extra]).cloned().collect();
            let after = with(&more);
            assert_eq!(after.verdict, Verdict::Clean, "{extra} {:?}", after.findings);
        }
    }
}

/// Judges text as a claim if it is one: a panic is the only wrong answer, and a claim that cannot be right is blocked.
fn survive(text: &str) -> Option<Findings> {
    let claim: Claim = serde_json::from_str(text).ok()?;
    let findings = scrub(&claim, RuleBook::seed(), TODAY);
    let _ = optimise(&claim, RuleBook::seed(), &PayerRules::default(), &Setting::default(), TODAY);
    Some(findings)
}

fn junk() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|f| json!(f)),
        prop::sample::select(vec![
            "",
            " ",
            "63047",
            "63.047",
            "m48.062",
            "M48062",
            "22633 ",
            "1899-12-31",
            "9999-12-31",
            "2026-02-30",
            "-1",
            "99999999999999999999",
            "1e9",
            "-0.01",
            "9223372036854775807",
            "L4-L5",
            "L9-L10",
            "é\u{301}",
            "\u{0}",
            "A",
            "Z",
            "50",
            "59",
            "25",
            "medicare",
            "F",
            "1234567893",
            "７",
            "2026-02-02",
        ])
        .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::collection::vec(any::<u8>().prop_map(Value::from), 0..3).prop_map(Value::from),
        Just(json!({"unknown": [1, {"deep": null}]})),
    ]
}

/// Puts junk somewhere into a value, by the path that `at` spells.
fn spoil(value: &mut Value, at: &[usize], junk: &Value) {
    let Some((first, rest)) = at.split_first() else {
        *value = junk.clone();
        return;
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(first % map.len()).cloned().unwrap();
            spoil(map.get_mut(&key).unwrap(), rest, junk);
        }
        Value::Array(list) if !list.is_empty() => {
            let n = list.len();
            spoil(&mut list[first % n], rest, junk);
        }
        other => *other = junk.clone(),
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let spot = (prop::collection::vec(0_usize..40, 1..5), junk());
    (any_claim(), prop::collection::vec(spot, 1..6)).prop_map(|(claim, spots)| {
        let mut value = serde_json::to_value(claim).unwrap();
        for (at, junk) in &spots {
            spoil(&mut value, at, junk);
        }
        value.to_string()
    })
}

#[test]
fn the_order_of_lines_decides_nothing() {
    let line = |code: &str, units: u32, dos: &str, levels: &[&str]| json!({"code": code, "units": units, "levels": levels, "charge": "1.00", "dos": dos, "pos": "21", "pointers": ["A"]});
    let claims = [
        // One line's units are wrong by its levels, both together by the limit of the day.
        vec![line("22515", 4, "2026-02-02", &["L1"]), line("22515", 2, "2026-02-02", &[])],
        // Two kinds of injection meet on the second day only.
        vec![
            line("64493", 1, "2026-02-01", &["L4-L5"]),
            line("64493", 1, "2026-02-02", &["L4-L5"]),
            line("62323", 1, "2026-02-02", &["L4-L5"]),
        ],
    ];
    for mut lines in claims {
        let judge = |lines: &[Value]| {
            let claim: Claim = serde_json::from_value(base(&["M54.16"], json!(lines))).unwrap();
            said(&scrub(&claim, RuleBook::seed(), TODAY))
        };
        let first = judge(&lines);
        for _ in 0..lines.len() {
            lines.rotate_left(1);
            assert_eq!(judge(&lines), first, "{lines:?}");
        }
    }
}

#[test]
fn no_input_makes_it_panic() {
    let soak = std::env::var_os("IAMBILLY_SOAK").is_some();
    let (started, limit) = (Instant::now(), Duration::from_secs(if soak { 600 } else { 3 }));
    let mut runner = if soak { TestRunner::default() } else { TestRunner::deterministic() };
    let mut read = 0;
    while started.elapsed() < limit {
        let text = hostile().new_tree(&mut runner).unwrap().current();
        let judged = std::panic::catch_unwind(|| survive(&text).is_some());
        assert!(judged.is_ok(), "keep this in tests/corpus: {text}");
        read += usize::from(judged.is_ok_and(|r| r));
    }
    assert!(read > 50, "{read} of the inputs were claims");
}

#[test]
fn what_is_kept_of_bad_input_is_judged() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        match survive(&text) {
            Some(findings) => assert_eq!(findings.verdict, Verdict::Block, "{name}"),
            None => assert!(name.starts_with("unreadable"), "{name}"),
        }
    }
}

#[test]
fn ten_thousand_lines_are_one_finding() {
    let line = json!({"code": "63047", "units": 1, "charge": "1.00", "dos": "2026-02-02", "pos": "21", "pointers": ["A"]});
    let claim: Claim = serde_json::from_value(base(&["M48.061"], json!(vec![line; 10_000]))).unwrap();
    let findings = scrub(&claim, RuleBook::seed(), TODAY);
    assert_eq!((findings.verdict, findings.findings.len()), (Verdict::Block, 1));
    assert!(findings.findings[0].message.contains("10000"));
}
