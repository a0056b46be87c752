//! Review from the command line: edits, the steps of a claim's life, and what is learned from corrections.

mod support;

use serde_json::{Value, json};
use support::{Answer, Clinic};

fn note(side: &str, level: &str) -> String {
    format!(
        "Postoperative diagnosis: lumbar disc herniation {level} with radiculopathy.\n\
         Procedure performed: {side} {level} microdiscectomy through a tubular retractor.\n\
         The disc fragment was removed and the {side} nerve root was free."
    )
}

/// A stored draft of a typed note, with everything a clean claim needs but its charges.
fn draft(clinic: &Clinic, name: &str, text: &str) -> Value {
    let file = clinic.folder.path().join(format!("{name}.txt"));
    std::fs::write(&file, text).unwrap();
    let answer = clinic.claim(&file, &["--reader", "rules"]);
    assert!(answer.code <= 1, "{answer:?}");
    answer.json()
}

fn correct(clinic: &Clinic, draft: &Value, edits: &Value) -> Answer {
    let file = clinic.folder.path().join("edits.json");
    std::fs::write(&file, edits.to_string()).unwrap();
    let revision = draft["revision"].to_string();
    let id = draft["claimId"].as_str().unwrap();
    clinic.run(&[
        "claims",
        "correct",
        id,
        "--revision",
        &revision,
        "--edits",
        file.to_str().unwrap(),
        "--json",
    ])
}

#[test]
fn a_correction_that_recurs_is_offered_and_acts_once_accepted() {
    let clinic = Clinic::new();
    let change = json!([{"op": "set_line", "line": 1, "code": "62380"}]);
    for (n, (side, level)) in [("Left", "L4-5"), ("Right", "L5-S1"), ("Left", "L3-4")].into_iter().enumerate()
    {
        assert_eq!(clinic.run(&["learned", "list", "--json"]).json(), json!([]), "not before it recurs");
        let first = draft(&clinic, &format!("note{n}"), &note(side, level));
        assert_eq!(first["coding"]["lines"][0]["code"], "63030");
        let second = correct(&clinic, &first, &change).json();
        assert_eq!(
            (&second["revision"], &second["coding"]["lines"][0]["code"]),
            (&json!(2), &json!("62380"))
        );
        assert_eq!(second["claim"]["lines"][0]["code"], "62380", "the claim follows the coding");
        assert_eq!(second["coding"]["lines"][0]["source"], "coder");
        let stale = correct(&clinic, &first, &change);
        assert_eq!(stale.error_code(), "claim_changed", "an edit of a revision that is not the newest");
    }
    let rules = clinic.run(&["learned", "list", "--json"]).json();
    assert_eq!((rules[0]["was"].as_str(), rules[0]["now"].as_str()), (Some("63030"), Some("62380")));
    assert_eq!((rules[0]["state"].as_str(), rules[0]["seen"].as_u64()), (Some("offered"), Some(3)));

    let fresh = note("Right", "L2-3");
    let before = draft(&clinic, "before", &fresh);
    assert_eq!(before["coding"]["lines"][0]["code"], "63030", "an offered rule does nothing");
    let id = rules[0]["id"].as_str().unwrap();
    assert_eq!(clinic.run(&["learned", "accept", id]).code, 0);
    let after = draft(&clinic, "after", &fresh);
    assert_eq!(after["coding"]["lines"][0]["code"], "62380");
    assert!(after["coding"]["lines"][0]["why"].as_str().unwrap().contains(id));
    assert_eq!(after["coding"]["made_by"]["phrase_rules"], json!([id]));
    let declined = clinic.run(&["learned", "decline", id, "--json"]);
    assert_eq!(declined.error_code(), "not_allowed_now", "an accepted rule is retired, not declined");
    assert_eq!(clinic.run(&["learned", "retire", id]).code, 0);
    let retired = draft(&clinic, "retired", &fresh);
    assert_eq!(retired["coding"]["lines"][0]["code"], "63030");
}

#[test]
fn what_was_taken_back_is_not_learned() {
    let clinic = Clinic::new();
    let change = json!([{"op": "set_line", "line": 1, "code": "62380", "modifiers": ["59"]}]);
    for (n, level) in ["L4-5", "L5-S1", "L3-4"].into_iter().enumerate() {
        let first = draft(&clinic, &format!("note{n}"), &note("Left", level));
        let second = correct(&clinic, &first, &change).json();
        assert_eq!(second["revision"], 2);
        if n == 0 {
            let id = first["claimId"].as_str().unwrap();
            let restore =
                |seen| clinic.run(&["claims", "restore", id, "--revision", seen, "--to", "1", "--json"]);
            assert_eq!(restore("1").error_code(), "claim_changed", "not the newest revision");
            let third = restore("2").json();
            assert_eq!(third["revision"], 3);
            assert_eq!(third["coding"], first["coding"], "all of it is as it was");
            assert_eq!(third["findings"], first["findings"]);
        }
    }
    assert_eq!(
        clinic.run(&["learned", "list", "--json"]).json(),
        json!([]),
        "two corrections stand, not three"
    );
}

#[test]
fn a_claim_lives_by_its_rules() {
    let clinic = Clinic::new();
    let first = draft(&clinic, "note", &note("Left", "L4-5"));
    let id = first["claimId"].as_str().unwrap();
    assert_eq!(first["state"], "draft");
    assert_eq!(clinic.run(&["claims", "approve", id]).code, 3, "a draft is not approved unseen");
    assert_eq!(clinic.run(&["claims", "submit", id, "--json"]).json()["state"], "human_review");
    let blocked = clinic.run(&["claims", "approve", id]);
    assert_eq!(blocked.code, 3, "what the scrubber blocks is not approved");
    assert_eq!(clinic.run(&["claims", "reject", id, "--reason", " "]).code, 3, "a reason is needed");
    assert_eq!(
        clinic.run(&["claims", "reject", id, "--reason", "side?", "--json"]).json()["state"],
        "rejected"
    );
    let edit = correct(&clinic, &first, &json!([{"op": "set_line", "line": 1, "units": 2}]));
    assert_eq!(edit.code, 3, "a rejected claim is reopened before it is edited");
    let open = clinic.run(&["claims", "reopen", id, "--reason", "side found", "--json"]).json();
    assert_eq!(open["state"], "human_review");
    let wrong = correct(&clinic, &first, &json!([{"op": "set_line", "line": 9, "units": 2}]));
    assert_eq!(wrong.code, 3);
    assert_eq!(clinic.run(&["eval", "--approved"]).code, 3, "nothing is approved yet");
}

#[test]
fn the_dictionary_takes_words_refuses_facts_and_gives_them_back() {
    let clinic = Clinic::new();
    assert_eq!(clinic.run(&["dictionary", "list", "--json"]).json(), json!([]));
    let add =
        |meant: &str, heard: &str| clinic.run(&["dictionary", "add", meant, "--heard", heard, "--json"]);
    let added = add("Nuvasive  plate", "new vasive plate").json();
    assert_eq!(
        (&added[0]["meant"], &added[0]["heard"]),
        (&json!("Nuvasive plate"), &json!("new vasive plate"))
    );
    assert_eq!(add("Novasive plate", "New Vasive plate").error_code(), "not_allowed_now");
    assert_eq!(add("right", "write").error_code(), "own_word_fact");
    let listed = clinic.run(&["dictionary", "list", "--json"]).json();
    assert_eq!(listed, added);
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(clinic.run(&["dictionary", "remove", id, "--json"]).json(), added);
    assert_eq!(clinic.run(&["dictionary", "remove", id, "--json"]).error_code(), "not_found");
    assert_eq!(clinic.run(&["dictionary", "list", "--json"]).json(), json!([]));
    assert!(clinic.run(&["dictionary", "list"]).stdout.contains("dictionary add"));
    support::assert_unreadable(&clinic.data(), &["Nuvasive"]);
}
