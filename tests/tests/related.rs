//! A claim after it was sent: corrected and voided as claims of their own; a companion claim only where the note proves
//! it; the queue and the differences through the headless program.

mod support;

use serde_json::{Value, json};
use support::Clinic;

const NOTE: &str = "Surgeon: Sam Surgeon, MD. First assistant: Marta Quill, PA-C.\nPostoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy.\nProcedure performed: left L4-5 microdiscectomy through a tubular retractor.\nThe disc fragment was removed and the left nerve root was free.";

fn write(clinic: &Clinic, name: &str, text: &str) -> String {
    let path = clinic.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A draft with everything that a claim needs.
fn drafted(clinic: &Clinic) -> Value {
    let address = json!({"line1": "1 Test Way", "city": "Springfield", "state": "IL", "zip": "627011234"});
    let patient = json!({"id": "p1", "last": "Exampleby", "first": "Ada", "birth_date": "1960-05-04", "sex": "F",
        "member_id": "1EG4TE5MK73", "address": address});
    let provider = json!({
        "billing_provider": {"npi": "1234567893", "tax_id": "12-3456789", "taxonomy": "207T00000X",
            "name": "Spine Clinic", "address": address},
        "rendering_provider": {"npi": "1245319599", "taxonomy": "207T00000X", "role": "surgeon", "last": "Surgeon", "first": "Sam"},
        "facility": {"npi": "1245319599", "pos": "24", "name": "Test Surgery Center", "address": address}});
    let patient = write(clinic, "p.json", &patient.to_string());
    let provider = write(clinic, "d.json", &provider.to_string());
    let note = write(clinic, "note.txt", NOTE);
    clinic.claim(note.as_ref(), &["--reader", "rules", "--patient", &patient, "--provider", &provider]).json()
}

#[test]
fn a_sent_claim_is_replaced_or_voided_by_a_claim_of_its_own() {
    let clinic = Clinic::new();
    let draft = drafted(&clinic);
    let id = draft["claimId"].as_str().unwrap();
    let amend = |id: &str, how: &str, revision: u64| {
        clinic.run(&[
            "claims",
            "amend",
            id,
            how,
            "--revision",
            &revision.to_string(),
            "--reason",
            "The unit count was wrong.",
            "--json",
        ])
    };
    assert_eq!(amend(id, "correct", 1).error_code(), "claim_state", "only what was sent is corrected");
    for step in ["submit", "approve"] {
        assert_eq!(clinic.run(&["claims", step, id]).code, 0, "{step}");
    }
    let folder = clinic.folder.path().join("watched");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = json!({
        "submitter": {"name": "Spine Clinic", "id": "SUB123", "contact": "Billing Office", "phone": "2175550100"},
        "correspondents": [{"id": "house", "name": "Clearing House", "receiver_id": "RCV999",
            "parties": {"sender": "SUB123", "receiver": "RCV999"}, "usage": "test"}],
        "payers": [{"id": "medicare", "name": "Medicare Part B", "payer_id": "12345"}],
        "folders": {"house": folder}});
    let file = write(&clinic, "exchange.json", &settings.to_string());
    assert_eq!(clinic.run(&["exchange", "set", &file]).code, 0);
    let sent = clinic.run(&["export", "837p", id, "--json"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    let now = clinic.run(&["claims", "show", id, "--json"]).json();
    assert_eq!(now["state"], "exported");
    let revision = now["revision"].as_u64().unwrap();
    assert_eq!(amend(id, "correct", revision + 7).error_code(), "claim_changed");

    let void = amend(id, "void", revision);
    assert_eq!(void.code, 0, "{void:?}");
    let void = void.json();
    assert_eq!((&void["claim"]["frequency"], &void["state"]), (&json!("8"), &json!("human_review")));
    assert_eq!(
        void["related"],
        json!([{"claimId": id, "relation": "void", "isOlder": true, "state": "exported"}])
    );
    assert_eq!(void["claim"]["lines"], now["claim"]["lines"], "a void repeats what was sent");
    let void_id = void["claimId"].as_str().unwrap();
    let edits = write(&clinic, "edits.json", r#"[{"op":"set_line","line":1,"units":2}]"#);
    let edited = clinic.run(&["claims", "correct", void_id, "--revision", "1", "--edits", &edits, "--json"]);
    assert_eq!(edited.error_code(), "void_repeats");
    assert_eq!(amend(id, "correct", revision).error_code(), "amended_already");
    assert_eq!(clinic.run(&["claims", "reject", void_id, "--reason", "A correction is enough."]).code, 0);

    let replaced = amend(id, "correct", revision);
    assert_eq!(replaced.code, 0, "{replaced:?}");
    let replaced = replaced.json();
    let new = replaced["claimId"].as_str().unwrap();
    assert_eq!(replaced["claim"]["frequency"], "7");
    let edited = clinic.run(&["claims", "correct", new, "--revision", "1", "--edits", &edits, "--json"]);
    assert_eq!(edited.code, 0, "{edited:?}");
    // A header that says nothing of it leaves a replacement a replacement.
    let mut header = edited.json()["claim"].clone();
    header.as_object_mut().unwrap().remove("frequency");
    header["original_reference"] = json!("2026060123456");
    let header = write(&clinic, "header.json", &header.to_string());
    let kept = clinic.run(&["claims", "header", new, "--revision", "2", &header, "--json"]);
    assert_eq!(kept.json()["claim"]["frequency"], "7", "{kept:?}");
    assert_eq!(kept.json()["claim"]["original_reference"], "2026060123456");

    // What is different from the claim that was sent.
    let difference = clinic.run(&["claims", "diff", new, "--older", id]).json();
    assert_eq!(difference["lines"][0]["change"], "changed");
    assert!(difference["lines"][0]["fields"].as_array().unwrap().contains(&json!("units")), "{difference}");
    let places: Vec<_> =
        difference["fields"].as_array().unwrap().iter().map(|f| f["place"].as_str().unwrap()).collect();
    assert!(places.contains(&"frequency") && places.contains(&"original_reference"), "{places:?}");
    assert_eq!(clinic.run(&["claims", "diff", new]).json().as_array().unwrap().len(), 3);
    // Measured by what was decided, a dictation is one case, and neither its void nor its companion counts beside it.
    let measured = clinic.run(&["eval", "--approved", "--reader", "rules", "--json"]);
    assert!(measured.code <= 1 && measured.stdout.contains(id), "{measured:?}");
    assert!(!measured.stdout.contains(void_id) && !measured.stdout.contains(new), "{measured:?}");
    // The dictation leads to the replacement; the one that was sent stays as it was.
    let listed = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(listed[0]["claimId"], *new);
    assert_eq!(clinic.run(&["claims", "show", id, "--json"]).json()["claim"], now["claim"]);
}

#[test]
fn a_companion_claim_needs_words_that_name_the_person_and_say_it() {
    let clinic = Clinic::new();
    let draft = drafted(&clinic);
    let id = draft["claimId"].as_str().unwrap();
    let companion = |words: &str, modifier: &str, npi: &str| {
        let start = NOTE.find(words).unwrap();
        let asked = json!({"part": if modifier == "62" { "co_surgeon" } else { "assistant" }, "modifier": modifier,
            "provider": {"npi": npi, "last": "Quill", "first": "Marta"},
            "evidence": {"start": start, "end": start + words.len()}});
        let file = write(&clinic, "companion.json", &asked.to_string());
        clinic.run(&["claims", "companion", id, "--revision", "1", &file, "--json"])
    };
    let proof = "First assistant: Marta Quill, PA-C.";
    for (words, modifier, npi, code) in [
        ("The disc fragment was removed", "AS", "1999999984", "companion_unproven"),
        (proof, "62", "1999999984", "companion_unproven"),
        (proof, "82", "1999999984", "companion_unproven"),
        (proof, "59", "1999999984", "companion_invalid"),
        (proof, "AS", "1245319599", "companion_invalid"),
        (proof, "AS", "", "companion_invalid"),
    ] {
        assert_eq!(companion(words, modifier, npi).error_code(), code, "{modifier} {npi} {words}");
    }
    let made = companion(proof, "AS", "1999999984");
    assert_eq!(made.code, 0, "{made:?}");
    let made = made.json();
    assert_eq!(made["claim"]["rendering_provider"]["role"], "assistant");
    assert_eq!(made["claim"]["rendering_provider"]["last"], "Quill");
    let lines = |v: &Value| v["coding"]["lines"].as_array().unwrap().clone();
    assert_eq!(lines(&made).len(), lines(&draft).len());
    assert!(lines(&made).iter().all(|l| l["modifiers"][0] == "AS"), "{made}");
    let after = clinic.run(&["claims", "show", id, "--json"]).json();
    assert_eq!(after["coding"], draft["coding"], "the surgeon's own claim is as it was");
    assert_eq!(after["related"][0]["relation"], "companion");
    // The dictation still leads to the surgeon's claim; both are in the queue.
    assert_eq!(clinic.run(&["claims", "list", "--json"]).json()[0]["claimId"], *id);
    let queue = |more: &[&str]| clinic.run(&[&["claims", "queue", "--json"], more].concat()).json();
    assert_eq!(queue(&[])["rows"].as_array().unwrap().len(), 2);
    assert_eq!(queue(&["--physician", "Quill, Marta"])["rows"].as_array().unwrap().len(), 1);
    assert_eq!(queue(&["--text", "exampleby", "--state", "draft"])["rows"][0]["claimId"], *id);
    assert_eq!(clinic.run(&["claims", "assign", id, "--to", "owner"]).code, 0);
    assert_eq!(
        clinic.run(&["claims", "assign", id, "--to", "somebody", "--json"]).error_code(),
        "assignee_unknown"
    );
    assert_eq!(queue(&["--assignee", "owner"])["rows"][0]["claimId"], *id);
    let comments = clinic.run(&["claims", "comment", id, "Ask for the implant log.", "--json"]).json();
    assert_eq!(comments[0]["text"], "Ask for the implant log.");
    assert_eq!(queue(&["--assignee", "owner"])["rows"][0]["comments"], 1);
}
