//! How long things are kept, through the headless program: legal hold, a patient's erasure, the retention of audio,
//! and the accounting of what left the program.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use support::{Clinic, fixture};

const SECRET: &str = "Quillfeather";

fn spoken() -> PathBuf {
    fixture("dictations/microdisc_right_l45.wav")
}

/// A dictation of the patient with this id: its id and its claim's.
fn dictated(clinic: &Clinic, patient: &str) -> (String, String) {
    let who = clinic.folder.path().join(format!("{patient}.json"));
    fs::write(
        &who,
        json!({"id": patient, "last": SECRET, "first": "Ada", "birth_date": "1960-05-04"}).to_string(),
    )
    .unwrap();
    let made = clinic.claim(&spoken(), &["--reader", "rules", "--patient", who.to_str().unwrap()]);
    assert!([0, 1].contains(&made.code), "{made:?}");
    let made = made.json();
    let text = |key: &str| made[key].as_str().unwrap().to_owned();
    (text("dictationId"), text("claimId"))
}

fn ok(clinic: &Clinic, arguments: &[&str]) -> Value {
    let answer = clinic.run(&[arguments, &["--json"]].concat());
    assert_eq!(answer.code, 0, "{arguments:?}: {answer:?}");
    answer.json()
}

fn refused(clinic: &Clinic, arguments: &[&str]) -> String {
    let answer = clinic.run(&[arguments, &["--json"]].concat());
    assert_ne!(answer.code, 0, "{arguments:?} was not refused");
    answer.error_code()
}

/// Sealed files beside the database.
fn sealed(clinic: &Clinic) -> usize {
    let all = support::files(&clinic.data());
    all.iter().filter(|p| p.extension().is_some_and(|e| e == "sealed")).count()
}

fn dictations(clinic: &Clinic) -> usize {
    ok(clinic, &["claims", "list"]).as_array().unwrap().len()
}

#[test]
fn what_is_held_is_erased_by_nobody_and_a_patient_goes_whole_or_not_at_all() {
    let clinic = Clinic::new();
    let (held, _) = dictated(&clinic, "p1");
    let (free, claim) = dictated(&clinic, "p1b");
    // Both of one patient.
    let who = clinic.folder.path().join("p1.json");
    let again = clinic.claim(&spoken(), &["--reader", "rules", "--patient", who.to_str().unwrap()]);
    assert!([0, 1].contains(&again.code), "{again:?}");
    assert_eq!(dictations(&clinic), 3);
    let files = sealed(&clinic);

    assert_eq!(refused(&clinic, &["erase", "hold", &held, "--reason", "  "]), "reason_needed");
    let holds = ok(&clinic, &["erase", "hold", &held, "--reason", "Matter of Quillfeather v. Clinic"]);
    assert_eq!(holds[0]["dictation"], held.as_str());
    for command in [
        vec!["erase", "recording", &held, "--yes"],
        vec!["erase", "dictation", &held, "--yes"],
        vec!["erase", "patient", "p1", "--yes"],
    ] {
        assert_eq!(refused(&clinic, &command), "legal_hold", "{command:?}");
    }
    assert_eq!((dictations(&clinic), sealed(&clinic)), (3, files), "nothing of that patient went");

    assert_eq!(refused(&clinic, &["erase", "patient", "nobody", "--yes"]), "not_found");
    let gone = ok(&clinic, &["erase", "patient", "p1b", "--yes"]);
    assert_eq!(gone["recordings"].as_array().map(Vec::len), Some(1));
    assert_eq!(dictations(&clinic), 2);
    assert_eq!(refused(&clinic, &["claims", "show", &claim]), "not_found");
    assert!(ok(&clinic, &["erase", "lift", &held]).as_array().unwrap().is_empty());
    let gone = ok(&clinic, &["erase", "patient", "p1", "--yes"]);
    assert_eq!(gone["recordings"].as_array().map(Vec::len), Some(2));
    assert_eq!(dictations(&clinic), 0);

    // The audit keeps ids, no names, and who held what.
    let file = clinic.folder.path().join("audit.csv");
    ok(&clinic, &["audit", "export", "-o", file.to_str().unwrap()]);
    let audit = fs::read_to_string(&file).unwrap();
    for (action, id) in
        [("dictation.held", &held), ("dictation.erase_refused", &held), ("dictation.erased", &free)]
    {
        assert!(audit.lines().any(|l| l.contains(action) && l.contains(id.as_str())), "{action}");
    }
    assert!(!audit.contains(SECRET));
    assert_eq!(clinic.run(&["audit", "verify"]).code, 0);
}

#[test]
fn audio_of_finished_claims_goes_and_nothing_else() {
    let clinic = Clinic::new();
    let (open, _) = dictated(&clinic, "p1");
    let (held, held_claim) = dictated(&clinic, "p2");
    let (done, done_claim) = dictated(&clinic, "p3");
    for claim in [&held_claim, &done_claim] {
        ok(&clinic, &["claims", "submit", claim]);
        ok(&clinic, &["claims", "reject", claim, "--reason", "a trial recording"]);
    }
    ok(&clinic, &["erase", "hold", &held, "--reason", "a matter"]);
    let audible = |id: &str| {
        let to = clinic.folder.path().join(format!("{id}.wav"));
        let exported = clinic.run(&["recording", "export", id, "-o", to.to_str().unwrap()]);
        let heard = exported.code == 0;
        let _ = fs::remove_file(&to);
        heard
    };
    assert!(audible(&open) && audible(&held) && audible(&done));

    let none = |answer: Value| assert_eq!(answer["recordings"], json!([]));
    none(ok(&clinic, &["erase", "old-audio", "--yes"]));
    none(ok(&clinic, &["erase", "old-audio", "--before", "2020-01-01", "--yes"]));
    // Kept for years: the day has not come.
    assert_eq!(ok(&clinic, &["users", "guards", "--keep-audio", "3650"])["audioDays"], 3650);
    none(ok(&clinic, &["erase", "old-audio", "--yes"]));
    let bad = clinic.run(&["users", "guards", "--keep-audio", "0", "--json"]);
    assert_eq!(bad.error_code(), "guards_invalid");
    assert!(audible(&open) && audible(&held) && audible(&done));

    let gone = ok(&clinic, &["erase", "old-audio", "--before", "2999-01-01", "--yes"]);
    assert_eq!(gone["recordings"].as_array().map(Vec::len), Some(1), "{gone}");
    assert!(audible(&open) && audible(&held), "what is open or held stays");
    assert!(!audible(&done));
    assert_eq!(ok(&clinic, &["claims", "show", &done_claim])["state"], "rejected", "the claim stays");
    none(ok(&clinic, &["erase", "old-audio", "--before", "2999-01-01", "--yes"]));

    // What left the program is accounted for by patient, and only that.
    let file = clinic.folder.path().join("disclosures.json");
    let of = |patient: &str| {
        let _ = fs::remove_file(&file);
        let _ = fs::remove_file(file.with_extension("json.sig.json"));
        let path = file.to_str().unwrap();
        ok(
            &clinic,
            &["audit", "export", "--format", "json", "--patient", patient, "--disclosures", "-o", path],
        );
        let events: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        events
    };
    let left = of("p3").to_string();
    assert!(left.contains(".exported") && left.contains(&done), "{left}");
    assert!(!left.contains("rejected") && !left.contains(&open), "{left}");
    assert!(!of("nobody").to_string().contains(".exported"));
}

#[test]
fn an_erased_patient_leaves_master_data_comments_and_views_and_says_when_backups_end() {
    let clinic = Clinic::new();
    let file = |name: &str, text: &Value| {
        let path = clinic.folder.path().join(name);
        fs::write(&path, text.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let note = |patient: &Value| {
        let who = file("who.json", patient);
        let made = clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules", "--patient", &who]);
        assert!([0, 1].contains(&made.code), "{made:?}");
        made.json()["claimId"].as_str().unwrap().to_owned()
    };
    let person = |id: Option<&str>, last: &str| json!({"id": id, "last": last, "first": "Ada", "birth_date": "1960-05-04"});
    let keep = |patient: Value| {
        let mut record = patient;
        record["coverages"] = json!([{"payer": "medicare", "member_id": "MBI1"}]);
        let kept = ok(&clinic, &["patients", "add", &file("record.json", &record)]);
        kept["record"]["id"].as_str().unwrap().to_owned()
    };
    // One with a number, one without, one whose number differs by its punctuation only.
    let numbered = note(&person(Some("1-23"), SECRET));
    note(&person(Some("12-3"), "Somebody"));
    let unnumbered = note(&person(None, "Ocelotwise"));
    let (first, other) = (keep(person(Some("1-23"), SECRET)), keep(person(Some("12-3"), "Somebody")));
    let second = keep(person(None, "Ocelotwise"));
    ok(&clinic, &["claims", "comment", &numbered, "Quillfeather called"]);
    assert_eq!(ok(&clinic, &["claims", "list"]).as_array().unwrap().len(), 3);

    let backups = clinic.folder.path().join("backups");
    fs::create_dir(&backups).unwrap();
    let to = backups.to_str().unwrap();
    let bad = ["backup", "schedule", "--to", to, "--every", "24", "--keep", "0"];
    assert_eq!(refused(&clinic, &bad), "backup_days");
    ok(&clinic, &["backup", "schedule", "--to", to, "--every", "24", "--keep", "30"]);
    ok(&clinic, &["backup", "run"]);

    let gone = ok(&clinic, &["erase", "patient", "1-23", "--yes"]);
    assert_eq!(gone["records"], json!([first]), "12-3 is somebody else");
    assert_eq!(gone["backups"]["there"], 1);
    let until: String = gone["backups"]["until"].as_str().unwrap().chars().take(10).collect();
    assert!(until.as_str() > "2026-01-01", "{gone}");
    let by_record = ok(&clinic, &["erase", "patient", &second, "--yes"]);
    assert_eq!(by_record["records"], json!([second]), "found by name and birth date");
    for claim in [&numbered, &unnumbered] {
        assert_eq!(refused(&clinic, &["claims", "show", claim]), "not_found");
    }
    let left = ok(&clinic, &["patients", "list", "--all"]);
    let left: Vec<&str> = left.as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(left, [other.as_str()]);
    assert_eq!(ok(&clinic, &["claims", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(refused(&clinic, &["erase", "patient", "1-23", "--yes"]), "not_found");
    let audit = clinic.folder.path().join("audit.csv");
    ok(&clinic, &["audit", "export", "-o", audit.to_str().unwrap()]);
    let audit = fs::read_to_string(audit).unwrap();
    assert!(audit.contains(&format!("patient.erased,{first}")) && !audit.contains(SECRET));
}
