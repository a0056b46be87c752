//! The clinic's own data, and how claims take it over: from a dictation without anything to an approved claim.

mod support;

use serde_json::{Value, json};
use support::Clinic;

const NOTE: &str = "Postoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.";

fn write(clinic: &Clinic, name: &str, value: &Value) -> String {
    let path = clinic.folder.path().join(name);
    std::fs::write(&path, value.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn add(clinic: &Clinic, command: &str, value: Value) -> Value {
    let file = write(clinic, "record.json", &value);
    let added = clinic.run(&[command, "add", &file, "--json"]);
    assert_eq!(added.code, 0, "{added:?}");
    added.json()
}

fn address() -> Value {
    json!({"line": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "627010001"})
}

/// Everything a clinic says of itself once.
fn set_up(clinic: &Clinic) -> Value {
    add(
        clinic,
        "clinic",
        json!({"name": "Spine Clinic", "npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207T00000X",
            "phone": "555 0100", "address": address(), "pay_to": {"line": "PO Box 9", "city": "Springfield", "state": "IL", "zip": "62701"}}),
    );
    add(
        clinic,
        "providers",
        json!({"last": "Testman", "first": "Ada", "suffix": "MD", "npi": "1245319599", "taxonomy": "207T00000X"}),
    );
    add(
        clinic,
        "facilities",
        json!({"name": "Test Hospital", "npi": "1245319599", "pos": "21", "address": address()}),
    );
    add(
        clinic,
        "payers",
        json!({"id": "medicare", "name": "Medicare of Illinois", "type": "medicare", "payer_id": "06102"}),
    );
    add(
        clinic,
        "patients",
        json!({"id": "c-1", "last": "Exampleby", "first": "Zoë", "birth_date": "1950-05-04", "sex": "F",
            "address": address(), "coverages": [{"payer": "medicare", "member_id": "1EG4TE5MK73"},
            {"payer": "supplement", "member_id": "S-2", "insured": {"plan_name": "Plan G"}}]}),
    )
}

#[test]
fn a_claim_takes_over_what_the_clinic_said_once_and_is_approved() {
    let clinic = Clinic::new();
    // Dictated before anything was set up: who it is for is not known yet.
    let note = clinic.folder.path().join("note.txt");
    std::fs::write(&note, NOTE).unwrap();
    let draft = clinic.claim(note.as_ref(), &["--reader", "rules"]).json();
    assert_eq!(draft["findings"]["verdict"], "block");
    let id = draft["claimId"].as_str().unwrap();
    let show = || clinic.run(&["claims", "show", id, "--json"]).json();
    set_up(&clinic);
    let shown = show();
    let claim = &shown["claim"];
    assert_eq!(claim["billing_provider"]["tax_id"], "12-3456789");
    assert_eq!(claim["rendering_provider"]["npi"], "1245319599");
    assert_eq!(
        (&claim["facility"]["name"], &claim["payer"]["payer_id"]),
        (&json!("Test Hospital"), &json!("06102"))
    );
    assert_eq!(shown["revision"], draft["revision"], "looking changes nothing");
    assert_eq!(shown["findings"]["verdict"], "block", "the patient is still missing");

    // The patient is chosen later: by chart number the rest is known.
    let mut header = claim.clone();
    header["patient"] = json!({"id": "C-1", "last": "Exampleby"});
    header["prior_auth_number"] = json!("PA-77");
    let file = write(&clinic, "header.json", &header);
    let at = draft["revision"].to_string();
    let filed = clinic.run(&["claims", "header", id, "--revision", &at, &file, "--json"]);
    assert_eq!(filed.code, 0, "{filed:?}");
    let filed = filed.json();
    let patient = &filed["claim"]["patient"];
    assert_eq!((&patient["member_id"], &patient["sex"]), (&json!("1EG4TE5MK73"), &json!("F")));
    assert_eq!(filed["claim"]["other_insured"]["plan_name"], "Plan G");
    assert_ne!(filed["findings"]["verdict"], "block", "{}", filed["findings"]);
    assert_eq!(filed["claim"]["lines"], show()["claim"]["lines"]);
    assert!(
        filed["draftedBy"].as_array().unwrap().contains(&json!("rules")),
        "the codes are still the readers'"
    );
    // A second window that saw the older revision loses nothing: it is told.
    let late = clinic.run(&["claims", "header", id, "--revision", &at, &file]);
    assert_eq!(late.code, 2, "{late:?}");
    // A coder's edit keeps the header.
    let edits =
        write(&clinic, "edits.json", &json!([{"op": "set_line", "line": 1, "modifiers": ["LT", "22"]}]));
    let now = show()["revision"].to_string();
    let edited =
        clinic.run(&["claims", "correct", id, "--revision", &now, "--edits", &edits, "--json"]).json();
    assert_eq!(edited["claim"]["prior_auth_number"], "PA-77");
    assert_eq!(edited["claim"]["patient"], filed["claim"]["patient"]);
    let back =
        clinic.run(&["claims", "restore", id, "--revision", &edited["revision"].to_string(), "--to", &now]);
    assert_eq!(back.code, 0, "{back:?}");

    assert_eq!(clinic.run(&["claims", "submit", id]).code, 0);
    assert_eq!(clinic.run(&["claims", "approve", id]).code, 0);
    assert_eq!(show()["state"], "approved");
    let listed = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(listed[0]["patientLabel"], "Exampleby, Zoë");
    // What is approved stays as it was approved.
    let before = show()["claim"]["billing_provider"].clone();
    add(&clinic, "clinic", json!({"name": "Other", "npi": "1245319599"}));
    assert_eq!(show()["claim"]["billing_provider"], before);
    let refused = clinic.run(&["claims", "header", id, "--revision", &show()["revision"].to_string(), &file]);
    assert_eq!(refused.code, 3, "{refused:?}");
}

#[test]
fn records_are_checked_found_named_as_doubles_and_merged() {
    let clinic = Clinic::new();
    let one = set_up(&clinic)["record"].clone();
    let wrong = write(&clinic, "wrong.json", &json!({"last": "Secretname", "npi": "1234567890"}));
    let refused = clinic.run(&["providers", "add", &wrong]);
    assert_eq!(refused.code, 3);
    assert!(!format!("{refused:?}").contains("Secretname"));
    // The same person under another chart, written otherwise.
    let two = add(
        &clinic,
        "patients",
        json!({"id": "X9", "last": "EXAMPLEBY", "first": "zoë", "birth_date": "1950-05-04", "phone": "555 0142"}),
    );
    assert_eq!(two["doubles"][0]["id"], one["id"]);
    let doubles = clinic.run(&["patients", "doubles", "--json"]).json();
    assert_eq!((doubles.as_array().unwrap().len(), &doubles[0]["shared"]), (1, &json!("person")));
    let (a, b) = (one["id"].as_str().unwrap(), two["record"]["id"].as_str().unwrap());
    let merged = clinic.run(&["patients", "merge", b, a, "--json"]).json();
    assert_eq!(merged["record"]["data"]["phone"], "555 0142", "what it lacked it took over");
    assert_eq!(merged["record"]["data"]["id"], "c-1", "what stood was left");
    assert_eq!(clinic.run(&["patients", "doubles", "--json"]).json(), json!([]));
    let found = clinic.run(&["patients", "list", "zoe exam", "--json"]).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    // A version that is not the newest is refused.
    let file = write(&clinic, "again.json", &json!({"last": "Exampleby"}));
    assert_eq!(clinic.run(&["patients", "edit", a, &file, "--version", "1"]).code, 2);
    // A claim of the patient that was merged away is the other's.
    let patient = write(&clinic, "p.json", &json!({"id": "X9", "last": "Exampleby"}));
    let note = clinic.folder.path().join("note.txt");
    std::fs::write(&note, NOTE).unwrap();
    let draft = clinic.claim(note.as_ref(), &["--reader", "rules", "--patient", &patient]).json();
    assert_eq!(draft["claim"]["patient"]["member_id"], "1EG4TE5MK73");
    assert_eq!(clinic.run(&["audit", "verify"]).code, 0);
}
