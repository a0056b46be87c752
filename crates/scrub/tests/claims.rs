//! Whole claims in `tests/claims/*.toml`, each with all findings it must have and those it must not.
//!
//! A claim is `dx` and `lines`; a line is `CODE-MOD-MOD xUNITS @LEVELS SIDE ->POINTERS on=DATE pos=PLACE "words | words"`.
//! Around it stands a clean Medicare claim of 2026-02-02 in Pennsylvania, received on 2026-02-20; `change` is merged into
//! it (JSON merge patch). `expect` names every finding that warns or blocks as `kind CODE CODE` (`kind/kind`: either
//! kind), no more and no less; `tell` names findings that only inform and must be there; `never` kinds must not warn or block.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_claim::{Claim, Finding, Severity};
use iambilly_scrub::explain::explain;
use iambilly_scrub::{PayerRules, RuleBook, scrub};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

#[derive(Deserialize)]
struct File {
    claim: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    dx: Vec<String>,
    lines: Vec<String>,
    change: Option<String>,
    #[serde(default)]
    expect: Vec<String>,
    #[serde(default)]
    tell: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
}

fn line(number: usize, text: &str) -> Value {
    let (head, documented) = text.split_once('"').map_or((text, ""), |(h, d)| (h, d.trim_end_matches('"')));
    let mut words = head.split_whitespace();
    let mut parts = words.next().unwrap().split('-');
    let code = parts.next().unwrap();
    let documented: Vec<&str> = documented.split('|').map(str::trim).filter(|d| !d.is_empty()).collect();
    let mut line = json!({"number": number, "code": code, "modifiers": parts.collect::<Vec<_>>(), "pointers": ["A"],
        "units": 1, "charge": "1000.00", "dos": "2026-02-02", "pos": "21", "documented": documented});
    for word in words {
        if let Some(units) = word.strip_prefix('x') {
            line["units"] = json!(units.parse::<u32>().unwrap());
        } else if let Some(levels) = word.strip_prefix('@') {
            line["levels"] = json!(levels.split(',').collect::<Vec<_>>());
        } else if let Some(pointers) = word.strip_prefix("->") {
            line["pointers"] = pointers.chars().map(|c| json!(c.to_string())).collect();
        } else if let Some(dos) = word.strip_prefix("on=") {
            line["dos"] = json!(dos);
        } else if let Some(pos) = word.strip_prefix("pos=") {
            line["pos"] = json!(pos);
        } else {
            line["laterality"] = json!(word);
        }
    }
    line
}

fn claim(case: &Case) -> Claim {
    let lines: Vec<Value> = case.lines.iter().enumerate().map(|(i, l)| line(i + 1, l)).collect();
    let mut claim = json!({"claim_id": "T", "payer": {"id": "medicare", "type": "medicare"},
        "patient": {"id": "p", "last": "Example", "first": "Pat", "birth_date": "1950-05-05", "sex": "F", "member_id": "M1",
                    "address": {"line": "1 Road", "state": "PA"}},
        "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "name": "Group", "address": {"state": "PA"}},
        "rendering_provider": {"npi": "1234567893", "role": "surgeon"}, "facility": {"npi": "1234567893", "pos": "21"},
        "received_date": "2026-02-20", "diagnoses": case.dx, "lines": lines});
    if let Some(change) = &case.change {
        json_patch::merge(&mut claim, &serde_json::from_str(change).unwrap());
    }
    serde_json::from_value(claim).unwrap()
}

/// Whether a finding is what `kind/kind CODE CODE` says.
fn fits(finding: &Finding, said: &str) -> bool {
    let mut words = said.split_whitespace();
    let kind = serde_json::to_value(finding.kind).unwrap();
    words.next().unwrap().split('/').any(|k| kind == json!(k))
        && words.all(|code| finding.codes.iter().any(|c| c == code))
}

#[test]
fn every_claim_is_judged_as_a_coder_would() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/claims");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for path in files {
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for case in file.claim {
            count += 1;
            let findings = scrub(&claim(&case), RuleBook::seed(), jiff::civil::date(2026, 6, 1)).findings;
            for finding in &findings {
                let explained = explain(
                    RuleBook::seed(),
                    &PayerRules::default(),
                    &finding.rule,
                    jiff::civil::date(2026, 2, 2),
                );
                let source = &finding.source;
                if explained.is_none()
                    || source.title.is_empty()
                    || source.version.is_empty()
                    || source.locator.is_empty()
                {
                    wrong.push(format!("{}: {} has no note or source", case.name, finding.rule));
                }
            }
            let (told, spoken): (Vec<_>, Vec<_>) =
                findings.iter().partition(|f| f.severity == Severity::Info);
            let mut open: Vec<&String> = case.expect.iter().collect();
            let mut say = |what: &str| wrong.push(format!("{}: {what}", case.name));
            for finding in spoken {
                match open.iter().position(|e| fits(finding, e)) {
                    Some(i) => {
                        open.remove(i);
                    }
                    None => {
                        say(&format!("unexpected {:?} {} {}", finding.kind, finding.rule, finding.message))
                    }
                }
                if case.never.iter().any(|n| fits(finding, n)) {
                    say(&format!("never {:?}: {}", finding.kind, finding.message));
                }
            }
            for missing in open {
                say(&format!("missing {missing}"));
            }
            for tell in &case.tell {
                if !told.iter().any(|f| fits(f, tell)) {
                    say(&format!("does not tell {tell}"));
                }
            }
        }
    }
    assert!(count >= 60, "{count} claims");
    assert!(wrong.is_empty(), "{} of {count} claims:\n{}", wrong.len(), wrong.join("\n"));
}
