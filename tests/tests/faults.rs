//! Faults at every write: a disk that is full, broken or gone in the middle, and the program killed in the middle of
//! a write, while a dictation becomes a claim, a coder corrects it, a backup is made and a dictation is erased.
//! Whatever fails, what was there stays as it was, a claim is whole or not there, and what the program said is done is done.

#![cfg(target_os = "linux")]

mod support;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Answer, Clinic, Seeded, check_evidence, soak};

const NOTE: &str = "PREOPERATIVE DIAGNOSIS: Lumbar stenosis with neurogenic claudication at L4-L5.\n\
PROCEDURE: Laminectomy with facetectomy and foraminotomy at L4-L5, bilateral.\n\
DESCRIPTION: The stenosis at L4-L5 was decompressed by a laminectomy, facetectomy and foraminotomy.\n";

/// As the preloaded library numbers them.
const KINDS: [&str; 7] = [
    "a short write",
    "no space once",
    "no space from then on",
    "an input/output error once",
    "input/output errors from then on",
    "killed before a write",
    "killed in the middle of a write",
];

struct Shim {
    _folder: tempfile::TempDir,
    library: PathBuf,
}

impl Shim {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("fault.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/fault.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .status()
            .unwrap();
        assert!(built.success(), "the C compiler that builds the native crates builds this too");
        Self { _folder: folder, library }
    }

    /// Runs with a fault; gives the answer and how many writes there were, unless it was killed.
    fn run(&self, clinic: &Clinic, arguments: &[&str], at: u64, kind: usize) -> (Answer, Option<u64>) {
        let count = clinic.folder.path().join("count");
        let _ = fs::remove_file(&count);
        let mut command = clinic.command(arguments);
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAULT_ROOT", clinic.data().canonicalize().unwrap())
            .env("FAULT_COUNT", &count)
            .env("FAULT_AT", at.to_string())
            .env("FAULT_KIND", kind.to_string());
        let answer = command.output().unwrap().into();
        (answer, fs::read_to_string(&count).ok().and_then(|n| n.trim().parse().ok()))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn list(clinic: &Clinic) -> Vec<Value> {
    let answer = clinic.run(&["claims", "list", "--json"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.json().as_array().unwrap().clone()
}

fn shown(clinic: &Clinic, claim: &str) -> Value {
    let answer = clinic.run(&["claims", "show", claim, "--json"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.json()
}

/// What of a claim must never change by itself.
fn content(shown: &Value) -> Value {
    serde_json::json!([shown["revision"], shown["state"], shown["coding"], shown["claim"]["diagnoses"]])
}

struct Round<'a> {
    clinic: &'a Clinic,
    before: &'a Value,
    claim: &'a str,
    what: &'a str,
}

impl Round<'_> {
    fn whole(&self, done: bool) {
        let what = self.what;
        let resumed = self.clinic.run(&["claims", "resume", "--quiet", "--json"]);
        assert_eq!(resumed.code, 0, "{what}: {resumed:?}");
        assert_eq!(self.clinic.run(&["audit", "verify"]).code, 0, "{what}: the audit is broken");
        let all = list(self.clinic);
        assert!(all.len() <= 2, "{what}: {all:?}");
        for one in &all {
            // A stage that failed for good may be tried again by a person; everything else is a whole claim.
            let Some(claim) = one["claimId"].as_str() else {
                assert_ne!(one["state"], "done", "{what}: done without a claim: {one}");
                continue;
            };
            let shown = shown(self.clinic, claim);
            let text = shown["transcript"]["text"].as_str().unwrap();
            assert!(check_evidence(text, &shown["coding"]) > 0, "{what}: half a claim: {shown}");
        }
        let base = shown(self.clinic, self.claim);
        if self.what.starts_with("correct") {
            let revision = base["revision"].as_u64().unwrap();
            assert!((1..=2).contains(&revision) && (!done || revision == 2), "{what}: revision {revision}");
        } else {
            assert_eq!(&content(&base), self.before, "{what}: what was there changed");
        }
        if self.what.starts_with("claim") && done {
            assert_eq!(all.len(), 2, "{what}: it said done");
        }
        if self.what.starts_with("erase") && done {
            assert_eq!(all.len(), 1, "{what}: it said erased");
        }
    }
}

#[test]
fn whatever_write_fails_nothing_committed_is_lost_and_no_claim_is_half() {
    let rounds = if soak() { 204 } else { 14 };
    let shim = Shim::new();
    let original = Clinic::new();
    let file = |name: &str, text: &str| {
        let path = original.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (first, second) = (file("first.txt", NOTE), file("second.txt", &NOTE.replace("L4-L5", "L3-L4")));
    let made = original.claim(first.as_ref(), &["--reader", "rules"]).json();
    let claim = made["claimId"].as_str().unwrap().to_owned();
    let before = content(&shown(&original, &claim));
    let extra = original.claim(second.as_ref(), &["--reader", "rules"]).json();
    let extra = extra["dictationId"].as_str().unwrap().to_owned();
    let with_two = tempfile::tempdir().unwrap();
    copy(&original.data(), with_two.path());
    assert_eq!(original.run(&["erase", "dictation", &extra, "--yes"]).code, 0);
    let code = made["coding"]["lines"][0]["code"].as_str().unwrap();
    let edits = file("edits.json", &format!(r#"[{{"op":"set_line","line":1,"code":"{code}","units":2}}]"#));
    let backups = original.folder.path().join("backups");
    fs::create_dir(&backups).unwrap();
    let backups = backups.to_str().unwrap();
    let claim_note = vec![
        "claim",
        &second,
        "--payer",
        "medicare",
        "--dos",
        "2026-02-02",
        "--reader",
        "rules",
        "--json",
        "--quiet",
    ];
    let jobs: [(&str, Vec<&str>); 4] = [
        ("claim", claim_note),
        ("correct", vec!["claims", "correct", &claim, "--revision", "1", "--edits", &edits]),
        ("erase", vec!["erase", "dictation", &extra, "--yes"]),
        ("backup", vec!["backup", "--to", backups]),
    ];
    let mut seeded = Seeded(76_411);
    let (mut survived, mut told) = (0, 0);
    for (job, arguments) in &jobs {
        let fresh = || {
            let mut clinic = Clinic::new();
            clinic.passphrase.clone_from(&original.passphrase);
            let from = if *job == "erase" { with_two.path().to_owned() } else { original.data() };
            copy(&from, &clinic.data());
            clinic
        };
        // Without a fault: how many writes there are to choose from.
        let (done, writes) = shim.run(&fresh(), arguments, u64::MAX >> 1, 0);
        assert!([0, 1].contains(&done.code), "{job}: {done:?}");
        let writes = writes.expect("the library was not loaded: nothing would be tested");
        assert!(writes > 3, "{job}: only {writes} writes were seen");
        let share = if *job == "claim" { rounds / 2 } else { rounds / 6 };
        for round in 0..share.max(2) {
            let clinic = fresh();
            let (at, kind) = (1 + seeded.below(writes), 1 + seeded.below(7) as usize);
            let what = format!("{job}, write {at} of {writes}, {}, round {round}", KINDS[kind - 1]);
            let (answer, _) = shim.run(&clinic, arguments, at, kind);
            let done = [0, 1].contains(&answer.code);
            if !done && kind < 6 {
                // What did not work is said in words, with a code, and is no panic.
                assert!(!answer.stderr.contains("panicked"), "{what}: {answer:?}");
                assert!((2..=5).contains(&answer.code), "{what}: {answer:?}");
                told += 1;
            }
            Round { clinic: &clinic, before: &before, claim: &claim, what: &what }.whole(done);
            survived += 1;
        }
    }
    println!("{survived} faults at writes survived, {told} of them told");
}
