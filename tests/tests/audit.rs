//! The audit through the headless program: what is noted, what is found, what leaves it.

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use support::{Answer, Clinic, fixture};

fn note() -> std::path::PathBuf {
    fixture("notes/laminectomy.txt")
}

/// A clinic with one drafted note; its dictation's and claim's ids.
fn drafted() -> (Clinic, String, String) {
    let clinic = Clinic::new();
    let made = clinic.claim(&note(), &["--reader", "rules"]);
    assert!([0, 1].contains(&made.code), "{made:?}");
    let made = made.json();
    let id = |name: &str| made[name].as_str().unwrap().to_owned();
    (clinic, id("dictationId"), id("claimId"))
}

fn verify(clinic: &Clinic) -> Answer {
    clinic.run(&["audit", "verify", "--json"])
}

fn exported(clinic: &Clinic, more: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.json");
    let file = file.to_str().unwrap();
    let mut arguments = vec!["audit", "export", "--format", "json", "-o", file, "--json"];
    arguments.extend(more);
    let answer = clinic.run(&arguments);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(clinic.run(&["audit", "check", file, "--json"]).json(), answer.json());
    let events: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    fs::write(file, "[ ]").unwrap();
    let refused = clinic.run(&["audit", "check", file, "--json"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "signature_invalid"));
    events.as_array().unwrap().clone()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|e| e["action"].as_str().unwrap()).collect()
}

#[test]
fn what_people_do_is_in_the_audit_and_no_patient_is() {
    let (clinic, dictation, claim) = drafted();
    let wrong =
        clinic.command(&["claims", "list", "--json"]).env("IAMBILLY_PASSPHRASE", "something else").output();
    assert_eq!(Answer::from(wrong.unwrap()).code, 4);
    clinic.run(&["claims", "list"]);
    clinic.run(&["claims", "show", &claim]);
    let refused = clinic.run(&["claims", "approve", &claim, "--json"]);
    assert_eq!(refused.error_code(), "claim_state");
    clinic.run(&["claims", "submit", &claim]);
    clinic.run(&["claims", "reject", &claim, "--reason", "Zebediah Quillfeather asked for it"]);
    clinic.run(&["claims", "value", &claim, "--remember"]);
    let events = exported(&clinic, &[]);
    let found = actions(&events);
    for action in [
        "dictation.added",
        "claim.drafted",
        "claim.viewed",
        "vault.unlocked",
        "vault.unlock_refused",
        "dictations.listed",
        "claim.approved_refused",
        "claim.submitted",
        "claim.rejected",
        "setting.changed",
        "audit.exported",
    ] {
        assert!(found.contains(&action), "{action} is not in {found:?}");
    }
    let text = serde_json::to_string(&events).unwrap().to_lowercase();
    for word in ["zebediah", "quillfeather", "laminectomy", "stenosis"] {
        assert!(!text.contains(word), "{word}");
    }
    let of_claim = exported(&clinic, &["--of", &dictation]);
    assert!(
        actions(&of_claim).contains(&"claim.submitted") && !actions(&of_claim).contains(&"vault.unlocked")
    );
    assert!(
        of_claim
            .iter()
            .all(|e| e["dictation_id"] == dictation.as_str() || e["subject_id"] == dictation.as_str())
    );
    assert!(exported(&clinic, &["--patient", "nobody"]).is_empty());
    let sound = verify(&clinic);
    assert_eq!((sound.code, &sound.json()["broken"]), (0, &Value::Null), "{sound:?}");
}

#[test]
fn a_wrong_passphrase_a_hundred_times_changes_nothing_and_is_counted() {
    let (clinic, ..) = drafted();
    let vault = fs::read(clinic.data().join("vault.json")).unwrap();
    let times = 100;
    for _ in 0..times {
        let wrong = clinic
            .command(&["claims", "list", "--json"])
            .env("IAMBILLY_PASSPHRASE", "open sesame 1")
            .output();
        let wrong = Answer::from(wrong.unwrap());
        assert_eq!((wrong.code, wrong.error_code().as_str()), (4, "wrong_passphrase"));
    }
    assert_eq!(fs::read(clinic.data().join("vault.json")).unwrap(), vault);
    assert_eq!(clinic.run(&["claims", "list", "--json"]).json().as_array().unwrap().len(), 1);
    let refused = exported(&clinic, &[]);
    assert_eq!(actions(&refused).iter().filter(|a| **a == "vault.unlock_refused").count(), times);
}

/// The clock was an hour ahead and is put right, or set back on purpose: both are noted, and nothing is refused.
#[test]
fn a_clock_that_was_set_back_is_noted() {
    use iambilly_app::Surroundings;
    use iambilly_app::paths::Paths;
    use iambilly_app::session::{Config, Session, Unlock};
    let clinic = Clinic::new();
    let mut paths = Paths::from_environment(&|_| None, Path::new("iambilly"));
    paths.data = clinic.data();
    let ahead = Surroundings {
        now: || jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1),
        ..Surroundings::system()
    };
    let unlock = Unlock::passphrase(clinic.passphrase.clone());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        Session::open(Config::new(paths, 1), ahead, unlock).await.unwrap().shut_down().await;
    });
    assert_eq!(clinic.run(&["claims", "list"]).code, 0);
    let events = exported(&clinic, &[]);
    assert_eq!(actions(&events).iter().filter(|a| **a == "clock.set_back").count(), 1, "{events:?}");
    assert_eq!(verify(&clinic).code, 0);
}

fn copy(from: &Path, to: &Path) {
    for name in ["iambilly.db", "iambilly.db-wal", "iambilly.db-shm"] {
        let _ = fs::remove_file(to.join(name));
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

#[test]
fn an_older_database_is_refused_in_words_and_the_newer_one_works_again() {
    let (clinic, ..) = drafted();
    let (older, newer) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy(&clinic.data(), older.path());
    clinic.run(&["claims", "list"]);
    let off_machine = clinic.folder.path().join("elsewhere");
    fs::create_dir(&off_machine).unwrap();
    let off = off_machine.to_str().unwrap();
    assert_eq!(clinic.run(&["audit", "anchor", off]).code, 0);
    copy(&clinic.data(), newer.path());

    copy(older.path(), &clinic.data());
    let refused = clinic.run(&["claims", "list", "--json"]);
    assert_eq!((refused.code, refused.error_code().as_str()), (3, "records_rolled_back"), "{refused:?}");
    let said = verify(&clinic);
    assert_eq!((said.code, &said.json()["broken"]["kind"]), (1, &"rolled_back".into()), "{said:?}");
    copy(newer.path(), &clinic.data());
    assert_eq!(clinic.run(&["claims", "list"]).code, 0);
    assert_eq!(clinic.run(&["audit", "verify", "--anchor", off]).code, 0);

    // The whole folder rolled back, anchor and all: only the anchors elsewhere tell.
    copy(older.path(), &clinic.data());
    fs::remove_file(clinic.data().join("iambilly.anchor")).unwrap();
    assert_eq!(clinic.run(&["claims", "list", "--json"]).error_code(), "audit_anchor_missing");
    assert_eq!(clinic.run(&["audit", "accept"]).code, 0);
    assert_eq!(verify(&clinic).code, 0);
    let said = clinic.run(&["audit", "verify", "--anchor", off, "--json"]);
    assert_eq!(said.code, 1, "{said:?}");
}
