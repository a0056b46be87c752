//! What coders meet seldom: pasted junk, codes that do not exist, a claim of ninety-nine lines, very long names and names
//! written from right to left. Each is taken or refused in words, and nothing that was there is lost.

mod support;

use serde_json::{Value, json};
use std::time::Instant;
use support::{Answer, Clinic};

const NOTE: &str = "Postoperative diagnosis: left L4-5 lumbar disc herniation with radiculopathy.\n\
    Procedure performed: left L4-5 microdiscectomy through a tubular retractor.\n\
    The disc fragment was removed and the left nerve root was free.";

fn write(clinic: &Clinic, name: &str, text: &str) -> String {
    let path = clinic.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn draft(clinic: &Clinic, text: &str, more: &[&str]) -> Value {
    let note = write(clinic, "note.txt", text);
    let mut arguments = vec!["--reader", "rules"];
    arguments.extend(more);
    let answer = clinic.claim(note.as_ref(), &arguments);
    assert!(answer.code <= 1, "{answer:?}");
    answer.json()
}

fn show(clinic: &Clinic, id: &str) -> Value {
    clinic.run(&["claims", "show", id, "--json"]).json()
}

fn correct(clinic: &Clinic, draft: &Value, edits: &Value) -> Answer {
    let file = write(clinic, "edits.json", &edits.to_string());
    let (id, revision) = (draft["claimId"].as_str().unwrap(), draft["revision"].to_string());
    clinic.run(&["claims", "correct", id, "--revision", &revision, "--edits", &file, "--json"])
}

#[test]
fn ninety_nine_lines_are_kept_judged_and_not_sent() {
    let clinic = Clinic::new();
    let first = draft(&clinic, NOTE, &[]);
    let id = first["claimId"].as_str().unwrap();
    let evidence = &first["coding"]["lines"][0]["evidence"][0];
    let span = json!({"start": evidence["start"], "end": evidence["end"]});
    let lines: Vec<Value> =
        (0..98).map(|_| json!({"op": "add_line", "code": "99213", "evidence": span})).collect();
    let since = Instant::now();
    let many = correct(&clinic, &first, &json!(lines)).json();
    let took = since.elapsed();
    assert_eq!(many["coding"]["lines"].as_array().unwrap().len(), 99);
    assert!(took.as_secs() < 10, "{took:?}: opening the records, the edit and the scrub of 99 lines");
    let said = many["findings"]["findings"].to_string();
    assert!(said.contains("at most 50 service lines"), "{said}");
    // Neither the approval nor an export takes it; both say why.
    assert_eq!(clinic.run(&["claims", "submit", id]).code, 0);
    let refused = clinic.run(&["claims", "approve", id, "--json"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    refused.error_code();
    assert_ne!(clinic.run(&["export", "837p", id, "-o", "many.837", "--json"]).code, 0);
    // The draft of one line is there still.
    let revisions = clinic.run(&[
        "claims",
        "restore",
        id,
        "--revision",
        &show(&clinic, id)["revision"].to_string(),
        "--to",
        "1",
        "--json",
    ]);
    assert_eq!(revisions.json()["coding"]["lines"].as_array().unwrap().len(), 1);
}

#[test]
fn codes_that_do_not_exist_are_refused_or_block() {
    let clinic = Clinic::new();
    let first = draft(&clinic, NOTE, &[]);
    for junk in
        ["", "x", "630", "6303O0", "<script>", "63030; DROP TABLE claims", "６３０３０", "\u{202e}63030"]
    {
        let refused = correct(&clinic, &first, &json!([{"op": "set_line", "line": 1, "code": junk}]));
        assert_eq!(refused.code, 3, "{junk:?}: {refused:?}");
        refused.error_code();
        let refused =
            correct(&clinic, &first, &json!([{"op": "set_diagnosis", "diagnosis": 1, "code": junk}]));
        assert_eq!(refused.code, 3, "{junk:?}: {refused:?}");
    }
    assert_eq!(
        show(&clinic, first["claimId"].as_str().unwrap())["revision"],
        first["revision"],
        "nothing was changed"
    );
    // Codes of the right form that no table has are kept as the coder's and block.
    let changed = correct(
        &clinic,
        &first,
        &json!([{"op": "set_line", "line": 1, "code": "69999"}, {"op": "set_diagnosis", "diagnosis": 1, "code": "M99.999"}]),
    )
    .json();
    let blocks: Vec<&Value> = changed["findings"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["severity"] == "block")
        .collect();
    let said = json!(blocks).to_string();
    assert!(said.contains("69999") && said.contains("M99.999"), "{said}");
}

#[test]
fn pasted_junk_becomes_a_claim_without_codes() {
    let clinic = Clinic::new();
    let junk = "%PDF-1.4 \u{0}\u{1}\u{7f} \u{200b}\u{202e}\u{feff} {{{{ </textarea><script>alert(1)</script> 😀👩‍👩‍👧‍👦 Z̷̡a̵l̸g̶o ";
    let whole = junk.repeat(400);
    let made = draft(&clinic, &whole, &[]);
    assert_eq!(made["coding"]["lines"], json!([]), "{made}");
    assert_eq!(made["coding"]["diagnoses"], json!([]));
    assert!(!made.to_string().contains("-0.0"), "a stake of nothing is 0");
    assert_eq!(
        made["transcript"]["text"].as_str().unwrap().chars().filter(|c| *c == '😀').count(),
        400,
        "the words are kept"
    );
    for text in ["", " \n\t ", "\u{feff}\u{200b}", "-- … --"] {
        let note = write(&clinic, "empty.txt", text);
        let refused = clinic.claim(note.as_ref(), &["--reader", "rules"]);
        assert!(refused.code >= 2, "{text:?}: {refused:?}");
        refused.error_code();
    }
}

#[test]
fn names_as_people_have_them_stay_whole_and_a_form_that_cannot_hold_them_says_so() {
    let clinic = Clinic::new();
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6);
    let hebrew = "אלכסנדרוביץ׳";
    let patient = json!({"id": "p1", "last": long.trim(), "first": hebrew, "birth_date": "1960-05-04", "sex": "F", "member_id": "1EG4TE5MK73"});
    let patient = write(&clinic, "p.json", &patient.to_string());
    let made = draft(&clinic, NOTE, &["--patient", &patient]);
    let id = made["claimId"].as_str().unwrap();
    let shown = show(&clinic, id);
    assert_eq!(
        (&shown["claim"]["patient"]["last"], &shown["claim"]["patient"]["first"]),
        (&json!(long.trim()), &json!(hebrew))
    );
    // X12's characters are Latin ones, and its names have 60: it is said before anything leaves.
    let findings = shown["findings"]["findings"].to_string();
    let refused = clinic.run(&["export", "837p", id, "-o", "names.837", "--json"]);
    assert_ne!(refused.code, 0, "{refused:?} {findings}");
    refused.error_code();
}
