//! Charges from fee schedules, and the way of a claim to its approval.

mod support;

use serde_json::{Value, json};
use support::Clinic;

const NOTE: &str = "Postoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.";

/// A claim with everything a CMS-1500 needs.
fn drafted(clinic: &Clinic) -> Value {
    let write = |name: &str, text: String| {
        let path = clinic.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let address = json!({"line1": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "62701"});
    let patient = json!({"id": "p1", "last": "Exampleby", "first": "Ada", "birth_date": "1960-05-04", "sex": "F",
        "member_id": "1EG4TE5MK73", "address": address});
    let provider = json!({
        "billing_provider": {"npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207T00000X",
            "name": "Spine Clinic", "address": address},
        "rendering_provider": {"npi": "1234567893", "taxonomy": "207T00000X", "role": "surgeon"},
        "facility": {"npi": "1245319599", "pos": "21", "name": "Test Hospital", "address": address}});
    let (patient, provider) = (write("p.json", patient.to_string()), write("d.json", provider.to_string()));
    let note = write("note.txt", NOTE.to_owned());
    let more = ["--reader", "rules", "--patient", &patient, "--provider", &provider];
    clinic.claim(note.as_ref(), &more).json()
}

fn charge(draft: &Value) -> (f64, String) {
    let line = &draft["claim"]["lines"][0];
    (line["charge"].as_str().unwrap().parse().unwrap(), line["charge_source"].as_str().unwrap().to_owned())
}

#[test]
fn charges_come_from_the_schedule_in_force_and_the_claim_is_approved_with_them() {
    let clinic = Clinic::new();
    let draft = drafted(&clinic);
    assert_ne!(draft["findings"]["verdict"], "block", "{}", draft["findings"]);
    let (medicare, from) = charge(&draft);
    assert!(medicare > 500.0 && from.contains("200.0 % of Medicare"), "{medicare} {from}");
    let id = draft["claimId"].as_str().unwrap();
    let show = || clinic.run(&["claims", "show", id, "--json"]).json();

    // The clinic's own percentage, then a schedule of every payer, then one of this payer.
    assert_eq!(clinic.run(&["fees", "percent", "300"]).code, 0);
    let (three, _) = charge(&show());
    assert!((three - medicare * 1.5).abs() < 0.02, "{medicare} {three}");
    let file = clinic.folder.path().join("fees.csv");
    std::fs::write(&file, "CPT,Charge\n63030,\"$4,200.00\"\n").unwrap();
    let file = file.to_str().unwrap();
    let import =
        |more: &[&str]| clinic.run(&[&["fees", "import", file, "--from", "2026-01-01"], more].concat());
    assert_eq!(import(&["--name", "All 2026"]).code, 0);
    assert_eq!(import(&["--name", "Next", "--payer", "medicare", "--to", "2026-01-31"]).code, 0);
    assert_eq!(charge(&show()), (4200.0, "All 2026 (from 2026-01-01): rate".to_owned()));
    let percent =
        ["fees", "percent", "150", "--name", "Medicare", "--payer", "medicare", "--from", "2026-01-01"];
    assert_eq!(clinic.run(&percent).code, 0);
    assert_eq!(charge(&show()).0, 4200.0, "a rate comes before a percentage");
    assert_eq!(show()["revision"], draft["revision"], "looking changes nothing");

    // A coder's edit keeps the charge of the schedule; a rule confirmed after it was sent to review counts at the
    // approval, which keeps findings and charges of the day as a further revision.
    assert_eq!(clinic.run(&["claims", "submit", id]).code, 0);
    let rule = clinic.folder.path().join("rule.toml");
    std::fs::write(
        &rule,
        "[[rule]]\nid = \"ACME-1\"\nseverity = \"warn\"\nmessage = \"Send the imaging report along.\"\nfrom = \"2026-01-01\"\n[rule.scope]\n[rule.when]\ncodes = [\"63030\"]\n[rule.source]\ntitle = \"Acme spine policy\"\nedition = \"2026-01\"\nlocator = \"p. 3\"\n",
    )
    .unwrap();
    assert_eq!(clinic.run(&["rules", "add", rule.to_str().unwrap()]).code, 0);
    assert_eq!(clinic.run(&["rules", "confirm", "ACME-1"]).code, 0);
    let approved = clinic.run(&["claims", "approve", id, "--json"]);
    assert_eq!(approved.code, 0, "{approved:?}");
    let approved = show();
    assert_eq!(approved["state"], "approved");
    assert_eq!(approved["revision"].as_u64(), draft["revision"].as_u64().map(|r| r + 1));
    let kept = |shown: &Value| {
        let findings = shown["findings"]["findings"].as_array().unwrap();
        findings.iter().any(|f| f["rule"] == "ACME-1")
    };
    assert!(kept(&approved), "approved on what today's rules find");

    // What is approved stays as it was approved.
    assert_eq!(clinic.run(&["rules", "retire", "ACME-1"]).code, 0);
    let listed = clinic.run(&["fees", "list", "--json"]).json();
    for schedule in listed["schedules"].as_array().unwrap() {
        assert_eq!(clinic.run(&["fees", "retire", schedule["id"].as_str().unwrap()]).code, 0);
    }
    let later = show();
    assert!(kept(&later) && charge(&later).0 == 4200.0, "{later}");
    assert_eq!(later["judgement"]["gone"], 1);
    let own = clinic.run(&["eval", "--approved", "--json"]);
    assert_eq!(own.code, 0, "{own:?}");
}

#[test]
fn a_fee_schedule_that_cannot_be_meant_is_refused() {
    let clinic = Clinic::new();
    let file = clinic.folder.path().join("fees.csv");
    std::fs::write(&file, "code,charge\n63030,1.00\nnone,2.00\n").unwrap();
    let import = |more: &[&str]| {
        clinic.run(
            &[&["fees", "import", file.to_str().unwrap(), "--json", "--from", "2026-01-01"], more].concat(),
        )
    };
    let refused = import(&["--name", "x"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "fee_file_invalid"));
    assert!(refused.stderr.contains("Line 3"), "{refused:?}");
    assert!(!clinic.data().exists(), "said before a folder is made");
    std::fs::write(&file, "code,charge\n63030,1.00\n").unwrap();
    assert_eq!(import(&["--name", "x", "--to", "2025-01-01"]).error_code(), "fee_schedule_invalid");
    assert_eq!(import(&["--name", " "]).error_code(), "fee_schedule_invalid");
    assert_eq!(clinic.run(&["fees", "percent", "0", "--json"]).error_code(), "percent_invalid");
    assert_eq!(clinic.run(&["fees", "retire", "x", "--json"]).error_code(), "fee_schedule_id_invalid");
    let gone = clinic.run(&["fees", "retire", "018f0000-0000-7000-8000-000000000001", "--json"]);
    assert_eq!(gone.error_code(), "not_found");
    assert!(clinic.run(&["fees", "list"]).stdout.contains("200.0 % of Medicare"));
}
