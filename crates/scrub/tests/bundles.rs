//! The spine bundle rules SP-01 to SP-24: of each a claim that it stops and a claim that it leaves alone.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_claim::Claim;
use iambilly_scrub::{RuleBook, scrub};
use serde_json::{Value, json};

/// `CODE-MOD @LEVELS "words"`.
fn line(number: usize, text: &str) -> Value {
    let (head, documented) = text.split_once('"').map_or((text, ""), |(h, d)| (h, d.trim_end_matches('"')));
    let mut words = head.split_whitespace();
    let mut parts = words.next().unwrap().split('-');
    let code = parts.next().unwrap();
    let levels: Vec<&str> = words.filter_map(|w| w.strip_prefix('@')).flat_map(|l| l.split(',')).collect();
    let documented: Vec<&str> = Some(documented).filter(|d| !d.is_empty()).into_iter().collect();
    json!({"number": number, "code": code, "modifiers": parts.collect::<Vec<_>>(), "pointers": ["A"], "units": 1,
        "charge": "1000.00", "dos": "2026-02-02", "pos": "21", "levels": levels, "documented": documented})
}

/// The rules that speak, of the claim's findings the place and service edits.
fn rules(lines: &[&str]) -> Vec<String> {
    let lines: Vec<Value> = lines.iter().enumerate().map(|(i, l)| line(i + 1, l)).collect();
    let claim: Claim = serde_json::from_value(json!({"payer": {"id": "medicare", "type": "medicare"},
        "diagnoses": ["M48.061"], "lines": lines, "received_date": "2026-02-20"}))
    .unwrap();
    let found = scrub(&claim, RuleBook::seed(), jiff::civil::date(2026, 6, 1)).findings;
    found
        .into_iter()
        .filter(|f| f.rule.starts_with("SP-") || f.rule.starts_with("PTP-"))
        .map(|f| format!("{} {} {}", f.rule, f.source.locator, f.message))
        .collect()
}

/// A word of each rule's own message, to tell it from the edit table's bare pair.
#[test]
fn each_bundle_rule_stops_what_it_means_and_nothing_else() {
    let mut wrong = vec![];
    for (rule, words, stopped, left) in [
        (
            "SP-01",
            "63052",
            &["22633 @L4-L5", "63047-59 @L4-L5"][..],
            &["22633 @L4-L5", "63047-59 @L2-L3"][..],
        ),
        ("SP-02", "22633", &["22612 @L4-L5", "22630 @L4-L5"], &["22633 @L4-L5", "22614 @L3-L4"]),
        (
            "SP-03",
            "22634",
            &["22633 @L3-L4", "22614 @L4-L5", "22632 @L4-L5"],
            &["22633 @L3-L4", "22634 @L4-L5"],
        ),
        ("SP-04", "22551", &["22551 @C5-C6", "22554-59 @C5-C6"], &["22551 @C5-C6", "22552 @C6-C7"]),
        (
            "SP-05",
            "plate",
            &["22551 @C5-C6", "22853 @C5-C6", "22845-59 @C5,C6 \"integrated plate\""],
            &[
                "22551 @C5-C6",
                "22853 @C5-C6",
                "22845-59 @C5,C6 \"separate plate that does not anchor the cage\"",
            ],
        ),
        (
            "SP-06",
            "device",
            &["22558 @L4-L5", "22853 @L4-L5", "22859 @L4-L5"],
            &["22558 @L4-L5", "22853 @L4-L5"],
        ),
        ("SP-07", "arthroplasty", &["22856 @C5-C6", "22551-59 @C5-C6"], &["22856 @C4-C5", "22551-59 @C5-C6"]),
        ("SP-08", "extensive", &["63047 @L4-L5", "63030-59 @L4-L5"], &["63047 @L4-L5", "63030-59 @L2-L3"]),
        (
            "SP-09",
            "insertion",
            &["22612 @L4-L5", "22840-59 @L4,L5", "22852 @L4,L5"],
            &["22612 @L4-L5", "22840 @L4,L5"],
        ),
        ("SP-10", "exploring", &["22612 @L4-L5", "22830-59 @L4-L5"], &["22612 @L4-L5", "22830-59 @T8-T9"]),
        ("SP-11", "imaging", &["63030 @L4-L5", "77003-59"], &["63030 @L4-L5", "61783"]),
        ("SP-12", "microscope", &["22551 @C5-C6", "69990-59"], &["63281 @T6", "69990"]),
        ("SP-13", "neuromonitoring", &["22551 @C5-C6", "95941"], &["22551 @C5-C6"]),
        (
            "SP-15",
            "tear",
            &["63047 @L4-L5", "63707-59 @L4-L5"],
            &["63047 @L4-L5", "63707-59 @L4-L5 \"leak not caused by this operation\""],
        ),
        (
            "SP-17",
            "implants",
            &["22852 @L4,L5", "20680-59"],
            &["22852 @L4,L5", "20680-59 \"plate of the wrist through a separate incision\""],
        ),
        ("SP-19", "laminoplasty", &["63050 @C4,C5,C6", "63045-59 @C5"], &["63050 @C4,C5,C6", "22551 @C6-C7"]),
        ("SP-21", "biopsy", &["22513 @T12", "20225-59 @T12"], &["22513 @T12", "20225-59 @L3"]),
        (
            "SP-22",
            "construct",
            &["22612 @L3-L4", "22842 @L3,L4,L5", "22840-59 @L4,L5"],
            &["22612 @L3-L4", "22842 @L3,L4,L5"],
        ),
        ("SP-24", "sedation", &["22612 @L4-L5", "99152"], &["22612 @L4-L5"]),
    ] {
        let said = rules(stopped);
        if !said.iter().any(|f| f.starts_with(rule) || f.contains(rule) || f.to_lowercase().contains(words)) {
            wrong.push(format!("{rule} does not stop {stopped:?}: {said:?}"));
        }
        let said = rules(left);
        if !said.is_empty() {
            wrong.push(format!("{rule} stops {left:?}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Bundle rules that the tables themselves judge: a claim each, and what must be said of it.
#[test]
fn what_the_tables_judge_needs_no_rule_of_its_own() {
    let units = |code: &str| {
        let mut one = line(1, &format!("{code} @L4-L5"));
        one["units"] = json!(2);
        one
    };
    let two = |a: &str, b: &str| vec![line(1, a), line(2, b)];
    let mut cases = vec![
        ("SP-14", two("22633 @L4-L5", "20930"), "STATUS-B-20930", "Info"),
        ("SP-14", two("22633 @L4-L5", "20936"), "STATUS-B-20936", "Info"),
        ("SP-16", two("22633 @L4-L5", "38220-59"), "PTP-22633-38220", "Block"),
        ("SP-16", two("22612 @L4-L5", "38230"), "PTP-22612-38230", "Block"),
        ("SP-16", two("22612 @L4-L5", "38220 \"marrow for the graft\""), "BETTER-20939", "Warn"),
        ("SP-18", two("22612 @L4-L5", "22841 @L4,L5"), "STATUS-B-22841", "Info"),
        ("SP-20", two("62323 @L4-L5", "64493-RT @L4-L5"), "LCD-ESI-FACET-L", "Warn"),
        ("SP-20", two("62323 @L4-L5", "64483-RT @L4-L5"), "PTP-62323-64483", "Block"),
        ("SP-20", two("64635-RT @L4-L5", "64493-RT @L4-L5"), "PTP-64635-64493", "Block"),
    ];
    for code in ["22551", "22612", "22630", "22633", "22558", "22600", "63047", "63030"] {
        cases.push(("SP-23", vec![units(code)], "UNITS-", "Block"));
    }
    let mut wrong = vec![];
    for (rule, lines, told, severity) in cases {
        let claim: Claim = serde_json::from_value(json!({"payer": {"id": "medicare", "type": "medicare"},
            "diagnoses": ["M48.061"], "lines": lines, "received_date": "2026-02-20"}))
        .unwrap();
        let found = scrub(&claim, RuleBook::seed(), jiff::civil::date(2026, 6, 1)).findings;
        if !found.iter().any(|f| f.rule.starts_with(told) && format!("{:?}", f.severity) == severity) {
            wrong.push(format!(
                "{rule} {told}: {:?}",
                found.iter().map(|f| (&f.rule, f.severity)).collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Words quoted from the note prove what they say; that they leave something out proves nothing.
#[test]
fn a_quoted_excerpt_speaks_but_its_silence_does_not() {
    let told = |member: &str, words: &str, code: &str| -> Vec<String> {
        let mut one = line(1, code);
        one[member] = json!([words]);
        let claim: Claim = serde_json::from_value(json!({"payer": {"id": "medicare", "type": "medicare"},
            "diagnoses": ["M48.061"], "lines": [one], "received_date": "2026-02-20"}))
        .unwrap();
        let found = scrub(&claim, RuleBook::seed(), jiff::civil::date(2026, 6, 1)).findings;
        found.into_iter().map(|f| f.rule).collect()
    };
    let (gap, better) = ("DOC-63047".to_owned(), "BETTER-63042".to_owned());
    assert!(told("documented", "laminectomy of L4", "63047 @L4-L5").contains(&gap));
    assert!(!told("quoted", "laminectomy of L4", "63047 @L4-L5").contains(&gap));
    for member in ["documented", "quoted"] {
        assert!(told(member, "the old scar was re-explored", "63030 @L4-L5").contains(&better), "{member}");
        assert!(!told(member, "this was no re-exploration", "63030 @L4-L5").contains(&better), "{member}");
    }
}
