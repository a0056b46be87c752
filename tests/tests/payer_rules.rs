//! A clinic's own payer rules through the command line: saved, listed, counted, confirmed, retired, taken back.

mod support;

use support::{Answer, Clinic, fixture};

const RULE: &str = "[[rule]]\nid = \"ACME-LEVELS-1\"\nseverity = \"block\"\nmessage = \"Acme wants its own form before more levels.\"\nfrom = \"2026-01-01\"\n[rule.scope]\n[rule.when]\ncodes = [\"63048\"]\n[rule.source]\ntitle = \"Acme spine policy\"\nedition = \"2026-01\"\nlocator = \"p. 3\"\n";

fn severities(answer: &Answer) -> Vec<String> {
    let findings = answer.json()["findings"].as_array().unwrap().clone();
    let own = findings.iter().filter(|f| f["rule"] == "ACME-LEVELS-1");
    own.map(|f| f["severity"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_payer_rule_counts_from_draft_to_retirement() {
    let clinic = Clinic::new();
    let file = clinic.folder.path().join("acme.toml");
    std::fs::write(&file, RULE).unwrap();
    let file = file.to_str().unwrap();
    let claim = fixture("claims/addon_alone.json");
    let claim = claim.to_str().unwrap();
    let data = clinic.data();
    let with = |named: bool| -> Answer {
        let mut arguments = vec!["scrub", claim, "--dos", "2026-02-02", "--today", "2026-03-01", "--json"];
        if named {
            arguments.extend(["--data-dir", data.to_str().unwrap()]);
        }
        clinic.run(&arguments)
    };
    assert_eq!(with(true).error_code(), "data_folder_missing");
    let list = || clinic.run(&["rules", "list", "--json"]).json()["payer_rules"].clone();
    let saved = clinic.run(&["rules", "add", file, "--json"]).json();
    assert_eq!((&saved[0]["state"], &saved[0]["changed"]), (&"draft".into(), &true.into()));
    assert_eq!(clinic.run(&["rules", "add", file, "--json"]).json()[0]["changed"], false);
    assert_eq!(severities(&with(true)), ["warn"], "a draft warns at most");
    assert_eq!(severities(&with(false)), [""; 0], "no data folder is named");

    let late = clinic.run(&["rules", "confirm", "ACME-LEVELS-1", "--revision", "7", "--json"]);
    assert_eq!(late.error_code(), "not_allowed_now");
    assert_eq!(clinic.run(&["rules", "confirm", "ACME-LEVELS-1"]).code, 0);
    assert_eq!(list()[0]["state"], "confirmed");
    let blocked = with(true);
    assert_eq!((severities(&blocked), blocked.code), (vec!["block".to_owned()], 1));

    let milder = RULE.replace("block", "info");
    std::fs::write(file, milder).unwrap();
    assert_eq!(clinic.run(&["rules", "add", file, "--json"]).json()[0]["draftWaits"], true);
    assert_eq!(severities(&with(true)), ["block"], "the confirmed wording goes on to count");
    assert_eq!(clinic.run(&["rules", "retire", "ACME-LEVELS-1"]).code, 0);
    assert_eq!(severities(&with(true)), [""; 0]);
    let text = clinic.run(&["rules", "list"]).stdout;
    assert!(text.contains("ACME-LEVELS-1") && text.contains("retired"), "{text}");
    assert_eq!(clinic.run(&["rules", "undo", "ACME-LEVELS-1", "--json"]).json()["state"], "confirmed");
    assert_eq!(severities(&with(true)), ["block"]);

    std::fs::write(file, RULE.replace("63048", "6304!")).unwrap();
    let refused = clinic.run(&["rules", "add", file, "--json"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "payer_rule_invalid"));
    assert!(refused.stderr.contains("line 8"), "{refused:?}");
}

#[test]
fn drafts_of_the_pipeline_are_judged_by_payer_rules() {
    let clinic = Clinic::new();
    let file = clinic.folder.path().join("acme.toml");
    let any = RULE.replace("63048", "63030");
    std::fs::write(&file, any).unwrap();
    assert_eq!(clinic.run(&["rules", "add", file.to_str().unwrap()]).code, 0);
    let note = clinic.folder.path().join("note.txt");
    std::fs::write(
        &note,
        "Postoperative diagnosis: lumbar disc herniation L4-5 with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.",
    )
    .unwrap();
    let draft = clinic.claim(&note, &["--reader", "rules"]).json();
    let rules: Vec<&str> = draft["findings"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"ACME-LEVELS-1"), "{rules:?}");
}

#[test]
fn an_open_claim_is_judged_by_the_rules_of_today() {
    let clinic = Clinic::new();
    let note = clinic.folder.path().join("note.txt");
    std::fs::write(
        &note,
        "Postoperative diagnosis: lumbar disc herniation L4-5 with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.",
    )
    .unwrap();
    let draft = clinic.claim(&note, &["--reader", "rules"]).json();
    assert_eq!(draft["judgement"]["by"], "today");
    let id = draft["claimId"].as_str().unwrap();
    let quoted = draft["claim"]["lines"][0]["quoted"].to_string();
    assert!(quoted.contains("left L4-5 microdiscectomy through a tubular retractor"), "{quoted}");
    let show = || clinic.run(&["claims", "show", id, "--json"]).json();
    let changes =
        |shown: &serde_json::Value| (shown["judgement"]["new"].clone(), shown["judgement"]["gone"].clone());
    assert_eq!(changes(&show()), (0.into(), 0.into()));

    let file = clinic.folder.path().join("acme.toml");
    std::fs::write(&file, RULE.replace("63048", "63030")).unwrap();
    assert_eq!(clinic.run(&["rules", "add", file.to_str().unwrap()]).code, 0);
    assert_eq!(clinic.run(&["rules", "confirm", "ACME-LEVELS-1"]).code, 0);
    let shown = show();
    assert_eq!(changes(&shown), (1.into(), 0.into()));
    assert!(shown["findings"]["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "ACME-LEVELS-1"));
    assert_eq!(shown["revision"], draft["revision"], "looking changes nothing");
    assert!(clinic.run(&["claims", "show", id]).stdout.contains("1 new and 0 gone"));
    assert_eq!(clinic.run(&["claims", "submit", id]).code, 0);
    let refused = clinic.run(&["claims", "approve", id, "--json"]);
    assert_eq!(refused.error_code(), "claim_blocked");
    let kept = show();
    assert_eq!(changes(&kept), (0.into(), 0.into()), "what it was refused on is kept with it");
    assert_eq!(clinic.run(&["rules", "retire", "ACME-LEVELS-1"]).code, 0);
    assert_eq!(changes(&show()), (0.into(), 1.into()));
}

#[test]
fn a_stored_claim_is_priced_with_what_was_remembered() {
    let clinic = Clinic::new();
    let note = clinic.folder.path().join("note.txt");
    std::fs::write(
        &note,
        "Postoperative diagnosis: lumbar stenosis with claudication.\nProcedure performed: laminectomy, facetectomy and foraminotomies L3-4 and L4-5.\nThe laminae were removed, the facets undercut and the foramina opened at L3-4 and L4-5.",
    )
    .unwrap();
    let draft = clinic.claim(&note, &["--reader", "rules"]).json();
    let id = draft["claimId"].as_str().unwrap();
    let value = |more: &[&str]| clinic.run(&[&["claims", "value", id, "--json"], more].concat());
    let total = |answer: &Answer| {
        answer.json()["optimum"]["payment"]["total"].as_str().unwrap().parse::<f64>().unwrap()
    };
    let national = value(&[]);
    assert_eq!(national.json()["setting"]["qualifying"], false);
    let lines = national.json()["optimum"]["payment"]["lines"].as_array().unwrap().len();
    assert_eq!(lines, draft["coding"]["lines"].as_array().unwrap().len());
    let other = value(&["--qualifying", "yes"]);
    assert!((total(&other) / total(&national) - 33.5675 / 33.4009).abs() < 1e-4, "{other:?}");
    assert_eq!(value(&[]).json()["setting"]["qualifying"], false, "tried, not remembered");
    assert_eq!(value(&["--qualifying", "yes", "--remember"]).code, 0);
    assert!((total(&value(&[])) - total(&other)).abs() < 0.005);
    assert_eq!(value(&["--locality", "9999999", "--remember"]).error_code(), "locality_unknown");
    let text = clinic.run(&["claims", "value", id]).stdout;
    assert!(text.contains("EXPECTED PAYMENT") && text.contains("63047"), "{text}");
}
