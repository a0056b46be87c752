//! The physician's side through the headless program: dictated first and filed later, the note signed and added to, a query
//! answered into evidence, a dictation taken away from the wrong patient.

mod support;

use serde_json::{Value, json};
use support::Clinic;

const FERN: &str = r#"{"id":"F-1","last":"Fernworth","first":"Odile","birth_date":"1957-08-14","sex":"F","member_id":"1EG4TE5MK73"}"#;
const QUILL: &str =
    r#"{"id":"Q-2","last":"Quillfeather","first":"Bram","birth_date":"1971-11-02","sex":"M"}"#;

fn write(clinic: &Clinic, name: &str, text: &str) -> String {
    let path = clinic.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A note of nobody yet, whose claim asks something.
fn drafted(clinic: &Clinic) -> (String, String, Value) {
    let text = std::fs::read_to_string(support::fixture("dictations/tlif_l34.txt")).unwrap();
    let note = write(clinic, "note.txt", &text);
    let draft = clinic.claim(note.as_ref(), &["--reader", "rules"]).json();
    let id = |name: &str| draft[name].as_str().unwrap().to_owned();
    (id("dictationId"), id("claimId"), draft)
}

fn actions(clinic: &Clinic) -> Vec<String> {
    let file = clinic.folder.path().join("audit.csv");
    let _ = std::fs::remove_file(&file);
    let answer = clinic.run(&["audit", "export", "--output", file.to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("Fernworth") && !text.contains("Quillfeather"), "no patient in the audit");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_note_is_filed_signed_and_added_to_and_its_words_stand_from_then_on() {
    let clinic = Clinic::new();
    let (dictation, claim, draft) = drafted(&clinic);
    let note = clinic.run(&["notes", "show", &dictation, "--json"]).json();
    assert_eq!(
        (&note["state"], &note["template"], &note["patientLabel"]),
        (&json!("open"), &json!("Operation"), &Value::Null)
    );
    let titles: Vec<_> = note["sections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| !s["place"].is_null())
        .map(|s| s["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles[..2], ["Preoperative diagnosis", "Procedure performed"], "{titles:?}");

    // Of nobody, nothing is signed.
    let sign = |revision: &Value, more: &[&str]| {
        let revision = revision.to_string();
        let mut arguments = vec!["notes", "sign", &dictation, "--revision", &revision, "--json"];
        arguments.extend(more);
        clinic.run(&arguments)
    };
    assert_eq!(sign(&note["revision"], &["--incomplete"]).error_code(), "note_without_patient");
    let found = clinic.run(&["dictations", "find", "--unfiled", "--json"]).json();
    assert_eq!(found["rows"][0]["dictation"]["id"], *dictation);
    let fern = write(&clinic, "fern.json", FERN);
    let filed = clinic.run(&["dictations", "file", &dictation, "--patient", &fern, "--json"]);
    assert_eq!(filed.json()["patientLabel"], "Fernworth, Odile", "{filed:?}");
    let found = clinic.run(&["dictations", "find", "fernw medicare", "--json"]).json();
    assert_eq!(found["rows"][0]["dictation"]["id"], *dictation);
    assert_eq!(
        clinic.run(&["dictations", "find", "fern%", "--json"]).json()["rows"],
        json!([]),
        "no wild cards"
    );
    let shown = clinic.run(&["claims", "show", &claim, "--json"]).json();
    assert_eq!((&shown["claim"]["patient"]["id"], &shown["revision"]), (&json!("F-1"), &json!(2)));
    assert_eq!(shown["coding"]["lines"], draft["coding"]["lines"], "the codes stay");

    // A section is written; what it says is read, and an older revision is not written over.
    let words = write(&clinic, "words.txt", "Dr. Ama Osei");
    let writes = |revision: &str, title: &str| {
        clinic.run(&[
            "notes",
            "write",
            &dictation,
            "--revision",
            revision,
            "--title",
            title,
            "--json",
            &words,
        ])
    };
    assert_eq!(writes("1", "Surgeon").error_code(), "claim_changed");
    let note = writes("2", "Surgeon");
    assert_eq!(note.code, 0, "{note:?}");
    let note = note.json();
    let surgeon =
        note["sections"].as_array().unwrap().iter().find(|s| s["title"] == "Surgeon").unwrap().clone();
    assert_eq!(surgeon["text"], "Dr. Ama Osei");
    assert_eq!(sign(&note["revision"], &[]).error_code(), "note_incomplete");
    assert_eq!(sign(&json!(1), &["--incomplete"]).error_code(), "note_changed");
    let signed = sign(&note["revision"], &["--incomplete"]).json();
    assert_eq!(
        (&signed["state"], &signed["signatures"][0]["stands"], &signed["canEdit"]),
        (&json!("signed"), &json!(true), &json!(false))
    );
    assert_eq!(signed["signatures"][0]["contentSha256"].as_str().unwrap().len(), 64);

    // Its words stand; others are added, each under a name, and reach the claim.
    assert_eq!(writes("3", "Surgeon").error_code(), "note_signed");
    let changes = write(
        &clinic,
        "changes.json",
        r#"[{"start":0,"end":12,"was":"Preoperative","now":"Postoperative"}]"#,
    );
    let reworded =
        clinic.run(&["claims", "reword", &claim, "--revision", "3", "--changes", &changes, "--json"]);
    assert_eq!(reworded.error_code(), "note_signed");
    let more = write(&clinic, "more.txt", "Estimated blood loss was 150 mL.");
    let addended = clinic.run(&["notes", "addend", &dictation, "--json", &more]);
    assert_eq!(addended.code, 0, "{addended:?}");
    let addended = addended.json();
    assert_eq!((&addended["state"], &addended["addenda"][0]["stands"]), (&json!("signed"), &json!(true)));
    let shown = clinic.run(&["claims", "show", &claim, "--json"]).json();
    assert!(
        shown["transcript"]["text"]
            .as_str()
            .unwrap()
            .ends_with("\n\nAddendum: Estimated blood loss was 150 mL.")
    );

    // Under another patient it is to be signed again; what was the first one's is gone from the claim.
    let quill = write(&clinic, "quill.json", QUILL);
    let moves = |reason: &str| {
        clinic.run(&["dictations", "file", &dictation, "--patient", &quill, "--reason", reason, "--json"])
    };
    assert_eq!(moves("").error_code(), "reason_needed");
    assert_eq!(moves("The wrong chart was open.").json()["patientLabel"], "Quillfeather, Bram");
    let note = clinic.run(&["notes", "show", &dictation, "--json"]).json();
    assert_eq!((&note["state"], &note["signatures"][0]["stands"]), (&json!("void"), &json!(false)));
    assert_eq!(note["moves"].as_array().unwrap().len(), 2);
    let shown = clinic.run(&["claims", "show", &claim, "--json"]).json();
    assert!(!shown["claim"].to_string().contains("1EG4TE5MK73") && shown["claim"]["patient"]["id"] == "Q-2");
    let undone = clinic.run(&[
        "claims",
        "restore",
        &claim,
        "--revision",
        &shown["revision"].to_string(),
        "--to",
        "2",
        "--json",
    ]);
    assert_eq!(undone.error_code(), "moved_since", "an undo brings no other patient back");
    assert_eq!(sign(&note["revision"], &["--incomplete"]).json()["state"], "signed");

    let events = actions(&clinic);
    for action in [
        "dictation.filed",
        "dictation.moved",
        "claim.patient_changed",
        "note.edited",
        "note.signed_incomplete",
        "note.addended",
        "note.signed_refused",
        "note.viewed",
    ] {
        assert!(events.iter().any(|e| e.contains(action)), "{action}: {events:#?}");
    }
}

#[test]
fn an_answer_becomes_evidence_and_the_question_never_stands_in_the_note() {
    let clinic = Clinic::new();
    let (dictation, claim, draft) = drafted(&clinic);
    let asked = clinic.run(&["queries", "list", "--json"]).json();
    let question = asked[0]["question"].as_str().unwrap();
    assert_eq!(
        (&asked[0]["claimId"], &asked[0]["evidence"][0]["quote"]),
        (&json!(claim), &json!("decompressive laminectomy L3 L4"))
    );
    assert!(draft["coding"]["queries"].to_string().contains(question));
    let answer = |revision: &str, question: &str, words: Option<&str>| {
        let mut arguments =
            vec!["queries", "answer", &claim, "--revision", revision, "--question", question, "--json"];
        arguments.extend(words.map(|w| ["--words", w]).into_iter().flatten());
        clinic.run(&arguments)
    };
    let words = "The laminectomy and bilateral facetectomy at L3-L4 went beyond the interbody approach, to decompress the central canal and both L4 nerve roots.";
    assert_eq!(answer("1", "Was it raining?", Some(words)).error_code(), "query_gone");
    assert_eq!(answer("9", question, Some(words)).error_code(), "claim_changed");
    let answered = answer("1", question, Some(words));
    assert_eq!(answered.code, 0, "{answered:?}");
    let answered = answered.json();
    let text = answered["transcript"]["text"].as_str().unwrap();
    assert!(text.ends_with(&format!("Addendum: {words}")) && !text.contains(question));
    assert_eq!(answered["answers"][0]["evidence"]["quote"], *words);
    assert!(!answered["coding"]["queries"].to_string().contains(question), "it is not asked again");
    // The words are evidence like the rest of the note.
    let length = answered["transcript"]["text"].as_str().unwrap().chars().count() - words.chars().count();
    let line = answered["coding"]["lines"].as_array().unwrap().iter().find(|l| l["code"] == "63052").unwrap();
    assert!(
        line["evidence"].as_array().unwrap().iter().any(|e| e["start"].as_u64().unwrap() as usize >= length),
        "{line}"
    );
    // Read anew, it stays answered.
    let reread = clinic
        .run(&["claims", "reread", &claim, "--revision", &answered["revision"].to_string(), "--json"])
        .json();
    assert!(!reread["coding"]["queries"].to_string().contains(question), "{}", reread["coding"]["queries"]);
    let note = clinic.run(&["notes", "show", &dictation, "--json"]).json();
    assert_eq!(note["answers"][0]["answer"], *words);

    // A second dictation, where the note stands as it is: nothing is added.
    let (_, claim, draft) = drafted(&clinic);
    let closed = clinic
        .run(&["queries", "answer", &claim, "--revision", "1", "--question", question, "--json"])
        .json();
    assert_eq!(closed["transcript"]["text"], draft["transcript"]["text"]);
    assert_eq!((&closed["answers"][0]["evidence"], &closed["coding"]["queries"]), (&Value::Null, &json!([])));
    assert_eq!(clinic.run(&["queries", "list", "--json"]).json(), json!([]));
}

#[test]
fn a_planned_case_is_found_dictated_and_what_was_sent_is_not_moved() {
    let clinic = Clinic::new();
    let fern = write(&clinic, "fern.json", FERN);
    let plan = |time: &str| {
        clinic.run(&[
            "cases",
            "plan",
            "2026-02-02",
            "--patient",
            &fern,
            "--time",
            time,
            "--operation",
            "TLIF L3-L4",
            "--json",
        ])
    };
    assert_eq!(plan("25:99").error_code(), "case_invalid");
    let day = plan("07:30").json();
    assert_eq!((&day["cases"][0]["atTime"], &day["cases"][0]["row"]), (&json!("07:30"), &Value::Null));
    let (dictation, claim, _) = drafted(&clinic);
    let day = clinic.run(&["cases", "list", "2026-02-02", "--json"]).json();
    assert_eq!(day["cases"].as_array().unwrap().len(), 2, "of nobody, it is of no planned case");
    assert_eq!(clinic.run(&["dictations", "file", &dictation, "--patient", &fern]).code, 0);
    let day = clinic.run(&["cases", "list", "2026-02-02", "--json"]).json();
    assert_eq!(
        (day["cases"].as_array().unwrap().len(), &day["cases"][0]["row"]["dictation"]["id"]),
        (1, &json!(dictation))
    );

    // What was approved is reopened first.
    let provider =
        write(&clinic, "d.json", &json!({"npi": "1234567893", "tax_id": "12-3456789"}).to_string());
    let quill = write(&clinic, "quill.json", QUILL);
    assert_eq!(clinic.run(&["claims", "submit", &claim]).code, 0);
    assert_eq!(clinic.run(&["claims", "reject", &claim, "--reason", "Wrong patient."]).code, 0);
    let moved = clinic.run(&[
        "dictations",
        "file",
        &dictation,
        "--patient",
        &quill,
        "--reason",
        "Wrong chart.",
        "--json",
    ]);
    assert_eq!(moved.json()["patientLabel"], "Quillfeather, Bram", "{moved:?}");
    let _ = provider;
}
