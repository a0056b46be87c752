//! Services in the global days of an earlier operation: which modifier tells the truth about them.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_claim::Claim;
use iambilly_scrub::{RuleBook, scrub};
use serde_json::json;

/// The global rules that speak of a service on a day after a fusion of 2 February 2026 for stenosis.
fn rules(code: &str, diagnosis: &str, dos: &str, words: &str) -> Vec<String> {
    let mut parts = code.split('-');
    let code = parts.next().unwrap();
    let modifiers: Vec<&str> = parts.collect();
    let pos = if code.starts_with("99") { "11" } else { "22" };
    let claim: Claim = serde_json::from_value(json!({"payer": {"id": "medicare", "type": "medicare"},
        "rendering_provider": {"npi": "1234567893"}, "diagnoses": [diagnosis], "received_date": "2026-07-01",
        "lines": [{"number": 1, "code": code, "modifiers": modifiers, "pointers": ["A"], "units": 1, "charge": "100.00",
            "dos": dos, "pos": pos, "quoted": if words.is_empty() { json!([]) } else { json!([words]) }}],
        "history": [{"code": "22633", "dos": "2026-02-02", "npi": "1234567893", "diagnoses": ["M48.062", "M43.16"]}]}))
    .unwrap();
    let found = scrub(&claim, RuleBook::seed(), jiff::civil::date(2026, 7, 2)).findings;
    found.into_iter().map(|f| f.rule).filter(|r| r.starts_with("GLOBAL")).collect()
}

#[test]
fn each_modifier_is_believed_only_where_it_can_be_true() {
    let mut wrong = vec![];
    for (what, code, diagnosis, dos, words, expected) in [
        ("a visit without a reason", "99214", "M54.12", "2026-03-16", "", &["GLOBAL"][..]),
        ("another problem", "99214-24", "M54.12", "2026-03-16", "", &[]),
        ("24 on the operation's diagnosis", "99214-24", "M48.062", "2026-03-16", "", &["GLOBAL-24"]),
        ("24 on an infected wound", "99214-24", "T81.41XA", "2026-02-16", "", &["GLOBAL-24"]),
        ("24 on a leak of fluid", "99213-24", "G97.82", "2026-02-10", "", &["GLOBAL-24"]),
        ("24 on a loose screw", "99214-24", "T84.226A", "2026-04-20", "", &["GLOBAL-24"]),
        ("24 on the syndrome after laminectomy", "99214-24", "M96.1", "2026-04-20", "", &["GLOBAL-24"]),
        (
            "24 where the words tell of the wound",
            "99213-24",
            "L98.8",
            "2026-02-16",
            "the wound shows infection",
            &["GLOBAL-24"],
        ),
        ("24 where the words deny it", "99213-24", "M54.12", "2026-02-16", "no wound infection", &[]),
        ("a haematoma evacuated", "22015-78", "T81.41XA", "2026-02-05", "", &[]),
        ("the same as unrelated", "22015-79", "T81.41XA", "2026-02-05", "", &["GLOBAL-79"]),
        ("a planned second stage", "22558-58", "M43.16", "2026-02-09", "", &[]),
        ("a procedure without a reason", "22558", "M43.16", "2026-02-09", "", &["GLOBAL"]),
        ("another disease operated on", "22551-79", "M50.022", "2026-04-20", "", &[]),
        ("after the last of 90 days", "99214", "M48.062", "2026-05-04", "", &[]),
        ("on the last of 90 days", "99214", "M48.062", "2026-05-03", "", &["GLOBAL"]),
        ("78 when the days are over", "22015-78", "T81.41XA", "2026-06-01", "", &["GLOBAL-OVER"]),
    ] {
        let found = rules(code, diagnosis, dos, words);
        if found != expected {
            wrong.push(format!("{what}: {code} for {diagnosis} on {dos}: {found:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
