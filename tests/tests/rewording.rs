//! The text of a dictation is changed: by a person, back to what was heard, and by a larger model's second hearing.

mod support;

use serde_json::{Value, json};
use support::{Clinic, check_evidence, codes, fixture};

const NOTE: &str = "Preoperative diagnosis: lumbar disc herniation at L4-L5 with left radiculopathy.\nProcedure performed: left L4-L5 microdiscectomy.\nDescription: A left L4-L5 hemilaminotomy was made and the extruded fragment was removed; the left L5 root was free.";

fn note(clinic: &Clinic) -> Value {
    let path = clinic.folder.path().join("note.txt");
    std::fs::write(&path, NOTE).unwrap();
    clinic.claim(&path, &["--reader", "rules"]).json()
}

/// A change of the first place where words stand in a text.
fn change(text: &str, was: &str, now: &str) -> Value {
    let start =
        text[..text.find(was).unwrap_or_else(|| panic!("{was:?} is not in {text:?}"))].chars().count();
    json!({"start": start, "end": start + was.chars().count(), "was": was, "now": now})
}

fn reword(clinic: &Clinic, draft: &Value, changes: &[Value]) -> support::Answer {
    let file = clinic.folder.path().join("changes.json");
    std::fs::write(&file, Value::from(changes.to_vec()).to_string()).unwrap();
    let revision = draft["revision"].to_string();
    let id = draft["claimId"].as_str().unwrap();
    clinic.run(&[
        "claims",
        "reword",
        id,
        "--revision",
        &revision,
        "--changes",
        file.to_str().unwrap(),
        "--json",
    ])
}

#[test]
fn an_untouched_draft_is_read_again_from_the_new_words_and_can_be_taken_back() {
    let clinic = Clinic::new();
    let draft = note(&clinic);
    assert_eq!(codes(&draft["coding"]), ["63030"]);
    let text = draft["transcript"]["text"].as_str().unwrap();
    let all: Vec<Value> = text
        .match_indices("left")
        .map(|(at, _)| {
            let start = text[..at].chars().count();
            json!({"start": start, "end": start + 4, "was": "left", "now": "right"})
        })
        .collect();
    let answer = reword(&clinic, &draft, &all);
    assert_eq!(answer.code, 0, "{answer:?}");
    let reworded = answer.json();
    let now = &reworded["draft"];
    assert_eq!((&now["revision"], &now["transcript"]["revision"]), (&json!(2), &json!(2)));
    let line = &now["coding"]["lines"][0];
    assert_eq!(
        (line["code"].as_str(), line["laterality"].as_str()),
        (Some("63030"), Some("right")),
        "{line}"
    );
    assert!(check_evidence(now["transcript"]["text"].as_str().unwrap(), &now["coding"]) > 2);
    assert_eq!(
        reworded["forDictionary"],
        json!([]),
        "a typed note was not heard, and sides are never learned"
    );
    let kept: Vec<&str> = now["transcript"]["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|c| c["original"].as_str())
        .collect();
    assert_eq!(kept, vec!["left"; all.len()]);

    // The old revision is refused, words that are not there too; nothing changes by it.
    assert_eq!(reword(&clinic, &draft, &all).error_code(), "claim_changed");
    let gone = json!({"start": 0, "end": 4, "was": "left", "now": "x"});
    assert_eq!(reword(&clinic, now, &[gone]).error_code(), "text_moved");
    let id = draft["claimId"].as_str().unwrap();
    let back = clinic.run(&["claims", "restore", id, "--revision", "2", "--to", "1", "--json"]).json();
    assert_eq!(back["transcript"]["text"], draft["transcript"]["text"]);
    assert_eq!(back["coding"]["lines"][0]["laterality"], "left");
}

#[test]
fn a_coder_s_codes_follow_the_words_and_what_the_edit_touches_is_asked() {
    let clinic = Clinic::new();
    let draft = note(&clinic);
    let id = draft["claimId"].as_str().unwrap();
    let edits = clinic.folder.path().join("edits.json");
    std::fs::write(&edits, r#"[{"op":"set_line","line":1,"code":"63042"}]"#).unwrap();
    let coded = clinic
        .run(&["claims", "correct", id, "--revision", "1", "--edits", edits.to_str().unwrap(), "--json"])
        .json();
    assert_eq!(codes(&coded["coding"]), ["63042"]);
    let text = coded["transcript"]["text"].as_str().unwrap();
    let harmless = change(text, "A left", "Under the microscope a left");
    let touched = change(text, "left L4-L5 microdiscectomy", "left L3-L4 microdiscectomy");
    let now = reword(&clinic, &coded, &[harmless, touched]).json()["draft"].clone();
    assert_eq!(codes(&now["coding"]), ["63042"], "a person's code stands");
    assert!(check_evidence(now["transcript"]["text"].as_str().unwrap(), &now["coding"]) > 1);
    let asked = now["coding"]["queries"].to_string();
    assert!(asked.contains("were edited"), "{asked}");
    // Who wants the rules' reading of the new words instead gets it as a further revision.
    let revision = now["revision"].to_string();
    let anew = clinic.run(&["claims", "reread", id, "--revision", &revision, "--json"]).json();
    assert!(!codes(&anew["coding"]).contains(&"63042".to_owned()));
    assert_eq!(anew["transcript"], now["transcript"]);

    // What is decided is not reworded.
    for step in [vec!["claims", "submit", id], vec!["claims", "reject", id, "--reason", "Which level?"]] {
        assert_eq!(clinic.run(&step).code, 0);
    }
    let late = change(anew["transcript"]["text"].as_str().unwrap(), "microscope", "loupe");
    assert_eq!(reword(&clinic, &anew, &[late]).error_code(), "claim_state");
}

#[test]
fn a_correction_of_heard_words_is_taken_back_and_a_slip_goes_into_the_dictionary() {
    let clinic = Clinic::new();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let draft = clinic.claim(&wav, &["--reader", "rules"]).json();
    let text = draft["transcript"]["text"].as_str().unwrap().to_owned();
    let words = |t: &Value| -> Vec<Value> {
        let segments = t["segments"].as_array().unwrap();
        segments.iter().flat_map(|s| s["words"].as_array().unwrap().clone()).collect()
    };
    // Some long word of no other meaning, whatever the recogniser made of it.
    let plain =
        |w: &str| w.len() > 6 && w.chars().all(|c| c.is_ascii_lowercase()) && text.matches(w).count() == 1;
    let word = words(&draft["transcript"]).into_iter().find(|w| plain(w["text"].as_str().unwrap())).unwrap();
    let (was, start_ms) = (word["text"].as_str().unwrap().to_owned(), word["start_ms"].clone());
    let reworded = reword(&clinic, &draft, &[change(&text, &was, "Quillfeather")]).json();
    let now = &reworded["draft"];
    let written = words(&now["transcript"]).into_iter().find(|w| w["text"] == "Quillfeather").unwrap();
    assert_eq!(written["start_ms"], start_ms, "the new word plays where the old one was said");
    assert!(check_evidence(now["transcript"]["text"].as_str().unwrap(), &now["coding"]) > 1);
    let made = |draft: &Value, rule: &str| {
        let all = draft["transcript"]["corrections"].as_array().unwrap().clone();
        all.into_iter().filter(|c| c["rule"] == rule).collect::<Vec<_>>()
    };
    assert_eq!(made(now, "person").len(), 1);
    let back = change(now["transcript"]["text"].as_str().unwrap(), "Quillfeather", &was);
    let again = reword(&clinic, now, &[back]).json()["draft"].clone();
    assert_eq!(again["transcript"]["text"], draft["transcript"]["text"]);
    assert_eq!(again["transcript"]["corrections"], draft["transcript"]["corrections"]);
}

#[test]
fn a_larger_model_hears_it_again_and_shows_what_it_changes() {
    let clinic = Clinic::new();
    // The choice of models is kept beside them: this clinic has a folder of its own.
    let folder = clinic.folder.path().join("models");
    std::fs::create_dir(&folder).unwrap();
    for file in std::fs::read_dir(support::models()).unwrap() {
        let file = file.unwrap();
        if file.path().is_file() && file.file_name() != "chosen.toml" {
            std::os::unix::fs::symlink(file.path(), folder.join(file.file_name())).unwrap();
        }
    }
    let models = folder.to_str().unwrap();
    let run = |arguments: &[&str]| clinic.run(&[arguments, &["--models-dir", models]].concat());
    assert_eq!(run(&["models", "final-pass", "minilm-l6-v2", "--json"]).error_code(), "model_role");
    let larger = folder.join("ggml-base.bin");
    // Where the larger model was not fetched, the same weights under another name hear the same.
    if !larger.exists() {
        let own = folder.join("again.bin");
        std::fs::copy(folder.join("ggml-tiny.en.bin"), &own).unwrap();
        assert_eq!(
            run(&["models", "add", own.to_str().unwrap(), "--role", "speech", "--id", "again"]).code,
            0
        );
    }
    let id = if larger.exists() { "whisper-base" } else { "again" };
    assert_eq!(run(&["models", "final-pass", id]).code, 0);
    let wav = fixture("dictations/acdf_c56.wav");
    let input = wav.to_str().unwrap();
    let draft = run(&[
        "claim",
        input,
        "--payer",
        "medicare",
        "--dos",
        "2026-02-02",
        "--reader",
        "rules",
        "--json",
        "--quiet",
    ])
    .json();
    let list = clinic.run(&["claims", "list", "--json"]).json();
    let stage =
        list[0]["stages"].as_array().unwrap().iter().find(|s| s["stage"] == "final_pass").unwrap().clone();
    assert_eq!(stage["state"], "done", "{stage}");
    let heard = draft["transcript"]["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["rule"] == "final-pass")
        .count();
    if draft["transcript"]["model"] == id {
        assert!(heard > 0 && draft["transcript"]["revision"] == 2 && draft["revision"] == 2, "{draft}");
        assert!(stage["note"].as_str().unwrap().contains("otherwise"), "{stage}");
    } else {
        assert!(
            heard == 0 && draft["revision"] == 1 && stage["note"].as_str().unwrap().contains("same words"),
            "{stage}"
        );
    }
    assert!(check_evidence(draft["transcript"]["text"].as_str().unwrap(), &draft["coding"]) > 1);
    assert_eq!(run(&["models", "final-pass", "off"]).code, 0);
    let draft = run(&[
        "claim",
        input,
        "--payer",
        "medicare",
        "--dos",
        "2026-02-02",
        "--reader",
        "rules",
        "--json",
        "--quiet",
    ])
    .json();
    assert_eq!(draft["revision"], 1, "without a choice nothing is heard again");
}
