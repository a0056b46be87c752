//! Payer rules on whole claims: each condition fires and stays silent, and a dry run says what would change.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use iambilly_claim::{Claim, FindingKind, Verdict};
use iambilly_scrub::payer::dry_run;
use iambilly_scrub::{PayerRules, RuleBook, apply, scrub_with};
use serde_json::{Value, json};

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 6, 1);

fn rule(scope: &str, when: &str, more: &str) -> PayerRules {
    PayerRules::read(&format!(
        "[[rule]]\nid = \"ACME-1\"\nseverity = \"warn\"\nmessage = \"Not as this payer wants it.\"\nfrom = \"2026-01-01\"\nto = \"2026-12-31\"\n{more}\n[rule.scope]\n{scope}\n[rule.when]\n{when}\n[rule.source]\ntitle = \"Policy\"\nedition = \"2026\"\nlocator = \"p. 1\"\n"
    ))
    .unwrap()
}

fn claim(change: Value) -> Claim {
    let mut claim = json!({"claim_id": "T", "payer": {"id": "acme", "type": "commercial"},
        "patient": {"id": "p", "last": "Example", "first": "Pat", "birth_date": "1950-05-05", "sex": "F", "member_id": "M1",
                    "address": {"line": "1 Road", "state": "PA"}},
        "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "name": "Group", "address": {"state": "PA"}},
        "rendering_provider": {"npi": "1234567893", "role": "surgeon"}, "facility": {"npi": "1234567893", "pos": "11"},
        "received_date": "2026-02-20", "diagnoses": ["M54.16"],
        "lines": [{"number": 1, "code": "62323", "modifiers": [], "pointers": ["A"], "units": 1, "charge": "900.00",
                   "dos": "2026-02-02", "pos": "11", "levels": ["L4-L5"], "documented": ["under fluoroscopy"]}]});
    json_patch::merge(&mut claim, &change);
    serde_json::from_value(claim).unwrap()
}

fn fires(rules: &PayerRules, claim: &Claim) -> bool {
    let findings = scrub_with(claim, RuleBook::seed(), rules, TODAY);
    findings.findings.iter().any(|f| f.rule == "ACME-1")
}

#[test]
fn each_condition_fires_and_stays_silent() {
    let codes = "codes = [\"62320-62327\"]\n";
    let as_is = || json!({});
    let line = |member: &str, value: Value| {
        let mut whole = serde_json::to_value(claim(json!({}))).unwrap();
        whole["lines"][0][member] = value;
        json!({"lines": whole["lines"]})
    };
    for (scope, when, yes, no) in [
        ("", "", as_is(), line("code", json!("64483"))),
        ("", "", as_is(), line("dos", json!("2027-01-01"))),
        ("payers = [\"ACME\"]", "", as_is(), json!({"payer": {"id": "other"}})),
        ("types = [\"commercial\"]", "", as_is(), json!({"payer": {"type": "medicare"}})),
        ("states = [\"PA\"]", "", as_is(), json!({"billing_provider": {"address": {"state": "OH"}}})),
        ("places = [\"11\"]", "", as_is(), line("pos", json!("22"))),
        ("roles = [\"surgeon\"]", "", as_is(), json!({"rendering_provider": {"role": "assistant"}})),
        ("", "modifiers_any = [\"KX\"]", line("modifiers", json!(["kx"])), as_is()),
        ("", "modifiers_none = [\"KX\"]", as_is(), line("modifiers", json!(["KX"]))),
        ("", "units_above = 1", line("units", json!(2)), as_is()),
        (
            "",
            "levels_above = 1",
            line("levels", json!(["L3-L4", "L4-L5"])),
            line("levels", json!(["L4-L5", "L4-L5"])),
        ),
        (
            "",
            "charge_above = \"1000.00\"",
            line("charge", json!("1000.01")),
            line("charge", json!("1000.00")),
        ),
        ("", "diagnoses_any = [\"M54.1*\"]", as_is(), json!({"diagnoses": ["M48.061"]})),
        ("", "diagnoses_none = [\"M51.16\"]", as_is(), line("pointers", json!([]))),
        ("", "with_codes = [\"99213\"]", json!({"history": []}), as_is()),
        ("", "without_codes = [\"99213\"]", as_is(), as_is()),
        ("", "documented_any = [\"Fluoro\"]", as_is(), line("documented", json!([]))),
        ("", "documented_none = [\"contrast\"]", as_is(), line("documented", json!([]))),
        ("", "age_from = 75", as_is(), json!({"patient": {"birth_date": "1951-02-03"}})),
        (
            "",
            "age_below = 75",
            json!({"patient": {"birth_date": "1951-02-03"}}),
            json!({"patient": {"birth_date": null}}),
        ),
        ("", "no_authorisation = true", as_is(), json!({"prior_auth_number": "A1"})),
        (
            "",
            "received_after_days = 90",
            json!({"received_date": "2026-05-04"}),
            json!({"received_date": "2026-05-03"}),
        ),
        (
            "",
            "sessions = { codes = [\"6232*\"], more_than = 1, months = 12 }",
            json!({"history": [{"code": "62322", "dos": "2025-02-03"}]}),
            json!({"history": [{"code": "62322", "dos": "2025-02-02"}]}),
        ),
    ] {
        let rules = rule(scope, &format!("{codes}{when}"), "");
        let expected = !when.starts_with("with_codes");
        assert_eq!(fires(&rules, &claim(yes)), expected, "{scope} {when}");
        let silent = when.starts_with("without_codes");
        assert_eq!(fires(&rules, &claim(no)), silent, "{scope} {when}");
    }
}

#[test]
fn a_remedy_is_a_fix_and_mends_the_finding() {
    let rules = rule(
        "",
        "codes = [\"62323\"]\nmodifiers_none = [\"KX\"]",
        "kind = \"modifier_missing\"\nremedy = { add_modifier = \"KX\" }",
    );
    let before = claim(json!({}));
    let findings = scrub_with(&before, RuleBook::seed(), &rules, TODAY);
    let found = findings.findings.iter().find(|f| f.rule == "ACME-1").unwrap();
    assert_eq!((found.kind, findings.verdict), (FindingKind::ModifierMissing, Verdict::Warn));
    assert_eq!(
        (found.source.title.as_str(), found.source.effective_to.as_deref()),
        ("Policy", Some("2026-12-31"))
    );
    let after = apply(&before, found.fix.as_ref().unwrap()).unwrap();
    assert_eq!(scrub_with(&after, RuleBook::seed(), &rules, TODAY).verdict, Verdict::Clean);
}

#[test]
fn a_dry_run_names_the_claims_and_the_verdicts() {
    let rules = rule("", "codes = [\"62323\"]\nunits_above = 1", "");
    let double = claim(
        json!({"claim_id": "B", "lines": [{"code": "62323", "units": 2, "dos": "2026-02-02", "pointers": ["A"],
        "charge": "1.00", "pos": "11"}]}),
    );
    let claims = [claim(json!({})), double];
    let touched = dry_run(&rules, &claims, RuleBook::seed(), TODAY);
    assert_eq!(touched.len(), 1);
    assert_eq!((touched[0].index, touched[0].claim_id.as_str()), (1, "B"));
    assert_eq!((touched[0].verdict_now, touched[0].verdict_then), (Verdict::Block, Verdict::Block));
    let all = dry_run(&rule("", "codes = [\"62323\"]", ""), &claims[..1], RuleBook::seed(), TODAY);
    assert_eq!((all[0].verdict_now, all[0].verdict_then), (Verdict::Clean, Verdict::Warn));
}

#[test]
fn the_example_of_the_guide_is_a_rule() {
    let guide =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/payer-rules.md")).unwrap();
    let example = guide.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    assert!(PayerRules::read(example).unwrap().get("AETNA-ESI-YEAR").is_some());
}
