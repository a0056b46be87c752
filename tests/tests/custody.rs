//! Custody of the data folder through the headless program: rotation, recovery kit, backup and restore, erasure.

mod support;

use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use support::sound::samples;
use support::{Answer, Clinic, Seeded, fixture, soak};

const NEW: &str = "another passphrase altogether";

/// A clinic with a drafted note and a short recording in which nobody speaks.
fn clinic() -> Clinic {
    let clinic = Clinic::new();
    let made = clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules"]);
    assert!([0, 1].contains(&made.code), "{made:?}");
    let quiet = clinic.folder.path().join("quiet.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut out = hound::WavWriter::create(&quiet, spec).unwrap();
    let mut seeded = Seeded(7);
    for _ in 0..20_000 {
        out.write_sample(i16::try_from(seeded.below(9)).unwrap() - 4).unwrap();
    }
    out.finalize().unwrap();
    clinic.claim(&quiet, &["--reader", "rules"]);
    clinic
}

fn with(clinic: &Clinic, passphrase: &str, more: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let mut command = clinic.command(arguments);
    command.env("IAMBILLY_PASSPHRASE", passphrase).envs(more.iter().copied());
    command.output().unwrap().into()
}

/// Everything of every dictation and claim, as the program shows it.
fn everything(clinic: &Clinic, data: &Path, passphrase: &str) -> Vec<Value> {
    let data = data.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let answer = with(clinic, passphrase, &[("IAMBILLY_DATA_DIR", data)], arguments);
        assert_eq!(answer.code, 0, "{answer:?}");
        answer.json()
    };
    let list = run(&["claims", "list", "--json"]);
    let mut all = vec![];
    for one in list.as_array().unwrap() {
        if let Some(id) = one["claimId"].as_str() {
            all.push(run(&["claims", "show", id, "--json"]));
        }
    }
    all.push(list);
    all
}

/// Runs the program, reads its answer and types a line back when it has given one.
fn typing_back(clinic: &Clinic, arguments: &[&str], line: impl FnOnce(&str) -> String) -> Answer {
    let mut command = clinic.command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = vec![];
    let mut out = child.stdout.take().unwrap();
    // It waits for the line after the closing brace.
    let mut byte = [0];
    while !said.ends_with(b"}\n") && out.read(&mut byte).unwrap() == 1 {
        said.push(byte[0]);
    }
    let words: Value = serde_json::from_slice(&said).unwrap();
    let typed = line(words["words"].as_str().unwrap());
    writeln!(child.stdin.take().unwrap(), "{typed}").unwrap();
    let mut answer: Answer = child.wait_with_output().unwrap().into();
    answer.stdout = String::from_utf8(said).unwrap();
    answer
}

fn kit(clinic: &Clinic) -> String {
    let mut words = String::new();
    let made = typing_back(clinic, &["recovery-kit", "create", "--json"], |shown| {
        words = shown.to_owned();
        shown.to_uppercase()
    });
    assert_eq!(made.code, 0, "{made:?}");
    words
}

#[test]
fn a_rotation_killed_anywhere_leaves_a_folder_that_opens_the_old_way_or_the_new() {
    let clinic = clinic();
    let before = everything(&clinic, &clinic.data(), &clinic.passphrase);
    let database = || fs::metadata(clinic.data().join("iambilly.db")).unwrap().len();
    let (rounds, mut seeded) = (if soak() { 100 } else { 6 }, Seeded(6_022));
    let mut now = clinic.passphrase.clone();
    let (mut old, mut new) = (0, 0);
    for round in 0..rounds {
        let next = format!("passphrase of round {round}");
        let mut command = clinic.command(&["rotate-keys"]);
        command.env("IAMBILLY_PASSPHRASE", &now).env("IAMBILLY_NEW_PASSPHRASE", &next);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100 + seeded.below(1_900)));
        let _ = running.kill();
        let _ = running.wait();
        let opens = |passphrase: &str| with(&clinic, passphrase, &[], &["claims", "list"]).code == 0;
        match (opens(&now), opens(&next)) {
            (true, false) => old += 1,
            (false, true) => {
                new += 1;
                now = next;
            }
            both => panic!("round {round}: opens by old and new: {both:?}"),
        }
    }
    assert_eq!(everything(&clinic, &clinic.data(), &now), before);
    assert_eq!(with(&clinic, &now, &[], &["audit", "verify"]).code, 0);
    assert!(database() < 4 << 20);
    println!("{rounds} kills of a rotation survived: {old} before it, {new} after it");
}

#[test]
fn the_kit_is_asked_back_and_opens_what_nothing_else_opens() {
    let clinic = clinic();
    let wrong = typing_back(&clinic, &["recovery-kit", "create", "--json"], |shown| {
        let mut words: Vec<&str> = shown.split(' ').collect();
        words.rotate_left(1);
        words.join(" ")
    });
    assert_eq!(wrong.code, 4, "{wrong:?}");
    let none = with(
        &clinic,
        "",
        &[("IAMBILLY_RECOVERY_KIT", &"abandon ".repeat(11))],
        &["claims", "list", "--json"],
    );
    assert_eq!(none.error_code(), "recovery_kit_unreadable", "eleven words are no kit");
    let words = kit(&clinic);
    let by_kit = |arguments: &[&str]| {
        with(
            &clinic,
            "forgotten",
            &[("IAMBILLY_RECOVERY_KIT", &words), ("IAMBILLY_NEW_PASSPHRASE", NEW)],
            arguments,
        )
    };
    assert_eq!(
        with(&clinic, "forgotten", &[], &["claims", "list", "--json"]).error_code(),
        "wrong_passphrase"
    );
    assert_eq!(by_kit(&["claims", "list", "--json"]).json().as_array().unwrap().len(), 2);
    assert_eq!(by_kit(&["rotate-keys"]).code, 0);
    assert_eq!(with(&clinic, NEW, &[], &["claims", "list"]).code, 0);
    let newer = Clinic { folder: clinic.folder, passphrase: NEW.to_owned() };
    assert_ne!(kit(&newer), words);
    let old = with(&newer, NEW, &[("IAMBILLY_RECOVERY_KIT", &words)], &["claims", "list", "--json"]);
    assert_eq!((old.code, old.error_code().as_str()), (4, "recovery_kit_wrong"));
}

/// A script that makes a data folder is told what is missing, and so is who asks the doctor; the kit ends it.
#[test]
fn set_up_without_a_kit_is_said() {
    let clinic = Clinic::new();
    let first = clinic.run(&["claims", "list"]);
    assert_eq!(first.code, 0);
    assert!(first.stderr.contains("There is no recovery kit"), "{first:?}");
    assert!(!clinic.run(&["claims", "list"]).stderr.contains("recovery kit"), "once, for a script");
    let of_kit = || {
        let report = clinic.run(&["doctor", "--json"]).json();
        let checks = report["checks"].as_array().unwrap();
        checks.iter().find(|c| c["name"] == "recovery kit").unwrap()["state"].clone()
    };
    assert_eq!(of_kit(), "warn");
    kit(&clinic);
    assert_eq!(of_kit(), "ok");
    let quiet = Clinic::new();
    let json = quiet.run(&["claims", "list", "--json"]);
    assert_eq!(
        (json.code, json.stderr.as_str()),
        (0, ""),
        "a script that reads standard error finds nothing new there"
    );
}

/// Records that were damaged while nobody looked are refused at the next start after a crash, before anything is built on them.
#[test]
fn damage_is_found_at_the_start_after_a_crash() {
    let mut seeded = Seeded(4_711);
    for _ in 0..20 {
        let clinic = clinic();
        let note = fixture("notes/laminectomy.txt");
        let arguments =
            ["claim", note.to_str().unwrap(), "--payer", "medicare", "--dos", "2026-02-02", "--quiet"];
        let mut running = clinic.start(&arguments);
        std::thread::sleep(Duration::from_millis(250 + seeded.below(900)));
        let _ = running.kill();
        let _ = running.wait();
        let log = clinic.data().join("iambilly.db-wal");
        if !log.metadata().is_ok_and(|m| m.len() > 0) {
            continue;
        }
        // Half of the pages, so that the log covers some of them at most.
        let path = clinic.data().join("iambilly.db");
        let mut bytes = fs::read(&path).unwrap();
        for page in bytes.chunks_mut(4096).skip(8) {
            page[200] ^= 1;
        }
        fs::write(&path, bytes).unwrap();
        let refused = clinic.run(&["claims", "list", "--json"]);
        // Which page is met first decides how SQLite words it.
        assert_ne!(refused.code, 0, "{refused:?}");
        assert!(refused.error_code().starts_with("database"), "{refused:?}");
        return;
    }
    panic!("no kill left the log of an unfinished work");
}

/// The samples of the one dictation that has audio.
fn audio(clinic: &Clinic) -> Vec<i16> {
    let list = clinic.run(&["claims", "list", "--json"]).json();
    let one = list.as_array().unwrap().iter().find(|d| d["kind"] == "audio").unwrap().clone();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.wav");
    let done = clinic.run(&["recording", "export", one["id"].as_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{done:?}");
    samples(&out)
}

fn backups(clinic: &Clinic) -> PathBuf {
    let folder = clinic.folder.path().join("backups");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("audio")).unwrap();
    for file in support::files(from) {
        fs::copy(&file, to.join(file.strip_prefix(from).unwrap())).unwrap();
    }
}

#[test]
fn a_restored_backup_is_the_original_claim_by_claim_and_a_damaged_one_is_refused() {
    let clinic = clinic();
    let words = kit(&clinic);
    let folder = backups(&clinic);
    let made = clinic.run(&["backup", "--to", folder.to_str().unwrap(), "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let made = made.json();
    let backup = PathBuf::from(made["folder"].as_str().unwrap());
    assert_eq!((&made["dictations"], &made["claims"], &made["whole"]), (&2.into(), &1.into(), &true.into()));
    support::assert_unreadable(&backup, &["laminectomy", "stenosis"]);
    let list = clinic.run(&["backup", "list", folder.to_str().unwrap(), "--json"]);
    assert_eq!((list.code, list.json().as_array().unwrap().len()), (0, 1));
    assert_eq!(support::files(&folder).len(), support::files(&backup).len(), "nothing else is left there");

    let before = everything(&clinic, &clinic.data(), &clinic.passphrase);
    let to = clinic.folder.path().join("restored");
    let restore = |from: &Path, to: &Path, passphrase: &str, more: &[(&str, &str)]| {
        with(
            &clinic,
            passphrase,
            more,
            &["restore", from.to_str().unwrap(), "--to", to.to_str().unwrap(), "--json"],
        )
    };
    let wrong = restore(&backup, &to, "not this one", &[]);
    assert_eq!((wrong.code, wrong.error_code().as_str()), (4, "wrong_passphrase"));
    assert!(!to.exists(), "a refusal makes nothing");
    let done = restore(&backup, &to, &clinic.passphrase, &[]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(everything(&clinic, &to, &clinic.passphrase), before);
    let data = to.to_str().unwrap();
    let verified = with(&clinic, &clinic.passphrase, &[("IAMBILLY_DATA_DIR", data)], &["audit", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let again = restore(&backup, &to, &clinic.passphrase, &[]);
    assert_eq!(again.error_code(), "folder_not_empty");

    // On a new machine, by the kit, under a new passphrase; the audio sample for sample.
    let other = clinic.folder.path().join("new machine");
    let kit = [("IAMBILLY_RECOVERY_KIT", words.as_str())];
    assert_eq!(restore(&backup, &other, NEW, &kit).code, 0);
    assert_eq!(everything(&clinic, &other, NEW), before);
    fs::rename(clinic.data(), clinic.folder.path().join("gone")).unwrap();
    fs::rename(&other, clinic.data()).unwrap();
    let there = Clinic { folder: clinic.folder, passphrase: NEW.to_owned() };
    assert_eq!(audio(&there), samples(&there.folder.path().join("quiet.wav")));

    let clinic = there;
    let none = clinic.folder.path().join("none");
    let restored = |change: &dyn Fn(&Path)| {
        let bad = tempfile::tempdir().unwrap();
        copy_folder(&backup, bad.path());
        change(bad.path());
        let more = [("IAMBILLY_RECOVERY_KIT", words.as_str())];
        let arguments = ["restore", bad.path().to_str().unwrap(), "--to", none.to_str().unwrap(), "--json"];
        let answer = with(&clinic, NEW, &more, &arguments);
        assert!(!none.exists(), "{answer:?}");
        (answer.code, answer.error_code())
    };
    let damaged = (3, "backup_damaged".to_owned());
    let cut = |name: &str, dir: &Path| {
        let path = support::files(dir).into_iter().find(|f| f.to_string_lossy().contains(name)).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    assert_eq!(restored(&|dir| cut("iambilly.db", dir)), damaged);
    assert_eq!(restored(&|dir| cut(".sealed", dir)), damaged);
    assert_eq!(restored(&|dir| cut("manifest", dir)), damaged);
    assert_eq!(restored(&|dir| fs::remove_file(dir.join("manifest.json")).unwrap()), damaged);
    let forged = |dir: &Path| {
        let path = dir.join("manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replacen("\"claims\": 1", "\"claims\": 7", 1)).unwrap();
    };
    assert_eq!(restored(&forged), damaged);
    let outside = |dir: &Path| {
        let path = dir.join("manifest.json");
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("\"audio/", "\"../")).unwrap();
    };
    assert_eq!(restored(&outside), damaged);
}

#[test]
fn a_backup_killed_anywhere_is_none_or_whole() {
    let clinic = clinic();
    let folder = backups(&clinic);
    let to = folder.to_str().unwrap();
    let (rounds, mut seeded) = (if soak() { 60 } else { 5 }, Seeded(8_080));
    for round in 0..rounds {
        let mut running = clinic.start(&["backup", "--to", to]);
        std::thread::sleep(Duration::from_millis(100 + seeded.below(800)));
        let _ = running.kill();
        let _ = running.wait();
        let list = clinic.run(&["backup", "list", to, "--json"]);
        assert_eq!(list.code, 0, "round {round}: {list:?}");
    }
    let made = clinic.run(&["backup", "--to", to, "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with('.'), "what was cut off is left: {name:?}");
    }
    let list = clinic.run(&["backup", "list", to, "--json"]).json();
    let list = list.as_array().unwrap();
    for (n, one) in list.iter().enumerate() {
        let target = clinic.folder.path().join(format!("restored {n}"));
        let done =
            clinic.run(&["restore", one["folder"].as_str().unwrap(), "--to", target.to_str().unwrap()]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    println!("{rounds} kills of a backup survived; {} backups, all restored", list.len());
}

#[test]
fn what_is_erased_is_gone_and_the_audit_keeps_the_ids() {
    let clinic = clinic();
    let list = clinic.run(&["claims", "list", "--json"]).json();
    let of = |kind: &str| {
        let one = list.as_array().unwrap().iter().find(|d| d["kind"] == kind).unwrap();
        one["id"].as_str().unwrap().to_owned()
    };
    let (audio, note) = (of("audio"), of("note"));
    let sealed = || support::files(&clinic.data().join("audio")).len();
    assert_eq!(sealed(), 1);
    assert_eq!(clinic.run(&["erase", "recording", &audio]).code, 2, "not without --yes");
    assert_eq!(clinic.run(&["erase", "recording", &audio, "--yes"]).code, 0);
    assert_eq!(sealed(), 0);
    let out = clinic.folder.path().join("out.wav");
    let gone = clinic.run(&["recording", "export", &audio, "-o", out.to_str().unwrap(), "--json"]);
    assert_eq!(gone.error_code(), "recording_erased");
    assert_eq!(clinic.run(&["erase", "dictation", &note, "--yes"]).code, 0);
    assert_eq!(clinic.run(&["erase", "dictation", &note, "--yes", "--json"]).error_code(), "not_found");
    assert_eq!(clinic.run(&["claims", "list", "--json"]).json().as_array().unwrap().len(), 1);
    let file = clinic.folder.path().join("audit.json");
    let export =
        clinic.run(&["audit", "export", "--format", "json", "--of", &note, "-o", file.to_str().unwrap()]);
    assert_eq!(export.code, 0, "{export:?}");
    let events = fs::read_to_string(file).unwrap();
    assert!(events.contains("dictation.erased") && events.contains("claim.drafted"), "{events}");
    assert_eq!(clinic.run(&["audit", "verify"]).code, 0);
}
