//! Recording through the real capture path: a sound server plays a dictation into the microphone, the program
//! records, is continued, is killed, recovers, and what it kept is compared with what was played, sample by sample.

mod support;

use iambilly_app::intake::NewDictation;
use iambilly_app::paths::Paths;
use iambilly_app::recording::Microphone;
use iambilly_app::session::{Config, Session, Unlock};
use iambilly_app::{Reader, Surroundings};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::sound::{NEW, alone, exported, matches, play, recording, rest, retried, samples};
use support::{Clinic, Seeded, assert_unreadable, check_evidence, codes, fixture, soak};

fn seconds_of(played: &[i16]) -> u64 {
    played.len() as u64 / 16_000
}

#[test]
fn what_was_spoken_becomes_a_claim_and_leaves_as_it_was() {
    let _one = alone();
    retried(spoken_and_exported);
}

fn spoken_and_exported() -> Result<(), String> {
    let clinic = Clinic::new();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let played = samples(&wav);
    let seconds = (seconds_of(&played) + 2).to_string();
    let (child, says) = recording(&clinic, &[&NEW[..], &["--seconds", &seconds, "--json"]].concat());
    play(&wav).wait().unwrap();
    let text = rest(says);
    let out = child.wait_with_output().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (kept, dictation) = exported(&clinic, folder.path());
    let length = matches(&kept, &played)?;
    if length != played.len() {
        return Err(format!("{length} samples of {} were kept", played.len()));
    }
    let draft: serde_json::Value = serde_json::from_slice(&out.stdout).expect("a draft");
    // One word heard otherwise on a busy machine is the recogniser's, not the recording's: tried again.
    if codes(&draft["coding"]).first().is_none_or(|code| code != "63030") {
        return Err(format!("{:?}: {text}", codes(&draft["coding"])));
    }
    assert!(text.to_lowercase().contains("disc"), "no settled text was told: {text}");
    assert_eq!(dictation["state"], "done");
    assert_unreadable(&clinic.data(), &["herniation", "microdisc"]);
    // A file that exists is never overwritten.
    let again = clinic.run(&[
        "recording",
        "export",
        dictation["id"].as_str().unwrap(),
        "-o",
        folder.path().join("out.wav").to_str().unwrap(),
        "--json",
    ]);
    assert_eq!((again.code, again.error_code().as_str()), (2, "file_exists"));
    Ok(())
}

/// Without a speech model nobody hears an answer that is spoken into a field; what was said is kept, sound and all.
#[test]
fn an_answer_that_nobody_heard_is_kept_as_a_dictation() {
    let _one = alone();
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Paths::from_environment(&|_| None, Path::new("iambilly"));
    paths.data = folder.path().join("data");
    paths.rules = folder.path().join("rules");
    paths.models = folder.path().join("no models");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let how = Unlock::passphrase("sorrel anvil tundra quartzite".to_owned());
        let session = Session::open(Config::new(paths, 1), Surroundings::system(), how).await.unwrap();
        let microphone = Microphone::open(Arc::clone(&session), None, |_| {}).await.unwrap();
        let new = NewDictation {
            payer: "medicare".to_owned(),
            dos: "2026-02-02".parse().unwrap(),
            reader: Reader::Rules,
            ..NewDictation::default()
        };
        let answer = microphone.record(new, |_| {}).await.map_err(|r| r.error.fault()).unwrap();
        let mut voice = play(&fixture("dictations/microdisc_right_l45.wav"));
        tokio::time::sleep(Duration::from_secs(2)).await;
        let error = answer.words().await.map(drop).unwrap_err().fault();
        let _ = voice.kill();
        voice.wait().unwrap();
        assert_eq!(error.code, "answer_unheard");
        let kept = session.dictations().await.unwrap();
        let lengths: Vec<u64> = kept.iter().filter_map(|d| d.duration_ms).collect();
        assert!(matches!(lengths[..], [1500..=4500]), "{lengths:?}");
        session.shut_down().await;
    });
}

/// A dictation that is done, with its id.
fn imported(clinic: &Clinic, wav: &Path) -> String {
    let answer = clinic.claim(wav, &["--reader", "rules"]);
    assert!([0, 1].contains(&answer.code), "{answer:?}");
    answer.json()["dictationId"].as_str().unwrap().to_owned()
}

#[test]
fn a_dictation_is_continued_and_its_words_times_and_evidence_go_on() {
    let _one = alone();
    retried(continued);
}

fn continued() -> Result<(), String> {
    let clinic = Clinic::new();
    let (first, second) = (fixture("dictations/acdf_c56.wav"), fixture("dictations/microdisc_right_l45.wav"));
    let (before, played) = (samples(&first), samples(&second));
    let id = imported(&clinic, &first);
    let seconds = (seconds_of(&played) + 2).to_string();
    let (child, says) = recording(&clinic, &["record", "--continue", &id, "--seconds", &seconds, "--json"]);
    play(&second).wait().unwrap();
    let said = rest(says);
    let draft: serde_json::Value =
        serde_json::from_slice(&child.wait_with_output().unwrap().stdout).expect("a draft");
    let folder = tempfile::tempdir().unwrap();
    let (kept, dictation) = exported(&clinic, folder.path());
    assert_eq!(kept[..before.len()], before, "what was there before is as it was");
    let length = matches(&kept[before.len()..], &played)?;
    if length != played.len() {
        return Err(format!("{length} samples of {} were kept", played.len()));
    }
    assert_eq!((&dictation["id"], &dictation["state"]), (&id.as_str().into(), &"done".into()), "{said}");
    assert_eq!((&draft["revision"], &draft["dictationId"]), (&2.into(), &id.as_str().into()));
    // The words of both, in order; evidence of both operations; the later words have later times.
    let text = draft["transcript"]["text"].as_str().unwrap();
    assert!(check_evidence(text, &draft["coding"]) > 2);
    let coded = codes(&draft["coding"]);
    if !coded.contains(&"22551".to_owned()) || !coded.contains(&"63030".to_owned()) {
        return Err(format!("{coded:?} {text}"));
    }
    let before_ms = before.len() as u64 / 16;
    let words = words_of(&draft["transcript"]);
    assert!(words.windows(2).all(|w| w[0].1 <= w[1].1), "{words:?}");
    let disc = words.iter().find(|(word, start)| *start >= before_ms && word.to_lowercase().contains("disc"));
    assert!(disc.is_some(), "the second part is spoken after {before_ms} ms: {words:?}");
    assert!(words.iter().any(|(_, start)| *start < before_ms));
    Ok(())
}

/// A person's words and codes of a dictation stand when it goes on; what was said since follows and is asked about.
#[test]
fn what_a_person_made_of_it_stands_when_it_is_continued() {
    let _one = alone();
    retried(continued_after_edits);
}

fn continued_after_edits() -> Result<(), String> {
    let clinic = Clinic::new();
    let (first, second) = (fixture("dictations/acdf_c56.wav"), fixture("dictations/microdisc_right_l45.wav"));
    let spoken = clinic.claim(&first, &["--reader", "rules"]).json();
    let id = spoken["claimId"].as_str().unwrap();
    let file = clinic.folder.path().join("changes.json");
    let change = |verb: &str, revision: &str, option: &str, what: &serde_json::Value| {
        std::fs::write(&file, what.to_string()).unwrap();
        clinic.run(&["claims", verb, id, "--revision", revision, option, file.to_str().unwrap(), "--json"])
    };
    let text = spoken["transcript"]["text"].as_str().unwrap();
    let word = text.split(' ').next().unwrap();
    let end = word.chars().count();
    let put = serde_json::json!([{"start": 0, "end": end, "was": word, "now": "Zebrawood"}]);
    assert_eq!(change("reword", "1", "--changes", &put).code, 0);
    let edit = serde_json::json!([{"op": "set_line", "line": 1, "modifiers": ["22"]}]);
    let edited = change("correct", "2", "--edits", &edit).json();
    assert_eq!(edited["coding"]["lines"][0]["modifiers"], serde_json::json!(["22"]), "{edited}");

    let seconds = (seconds_of(&samples(&second)) + 2).to_string();
    let dictation = spoken["dictationId"].as_str().unwrap();
    let (child, says) =
        recording(&clinic, &["record", "--continue", dictation, "--seconds", &seconds, "--json"]);
    play(&second).wait().unwrap();
    rest(says);
    let draft: serde_json::Value =
        serde_json::from_slice(&child.wait_with_output().unwrap().stdout).expect("a draft");
    let now = draft["transcript"]["text"].as_str().unwrap();
    assert!(now.starts_with("Zebrawood") && now.contains(&text[end..]), "{now}");
    assert_eq!(codes(&draft["coding"]), codes(&edited["coding"]), "a person's codes stand");
    assert_eq!(draft["coding"]["lines"][0]["modifiers"], serde_json::json!(["22"]));
    assert!(check_evidence(now, &draft["coding"]) > 2);
    let words = words_of(&draft["transcript"]);
    assert!(words.windows(2).all(|w| w[0].1 <= w[1].1), "{words:?}");
    if !draft["coding"]["queries"].to_string().contains("63030") {
        return Err(format!("nothing is asked of the second operation: {now}"));
    }
    Ok(())
}

fn words_of(transcript: &serde_json::Value) -> Vec<(String, u64)> {
    let segments = transcript["segments"].as_array().unwrap();
    let words = segments.iter().flat_map(|s| s["words"].as_array().unwrap());
    words.map(|w| (w["text"].as_str().unwrap().to_owned(), w["start_ms"].as_u64().unwrap())).collect()
}

#[test]
fn what_cannot_be_continued_is_refused_in_words() {
    let _one = alone();
    let clinic = Clinic::new();
    let note = clinic.folder.path().join("note.txt");
    std::fs::write(&note, "Right L4-L5 microdiscectomy was performed for a herniated disc.").unwrap();
    let typed = imported(&clinic, &note);
    let go_on = |id: &str| {
        support::Answer::from(
            support::sound::hearing(clinic.command(&[
                "record",
                "--continue",
                id,
                "--seconds",
                "1",
                "--json",
            ]))
            .output()
            .unwrap(),
        )
    };
    assert_eq!(go_on(&typed).error_code(), "cannot_continue", "there is no audio");
    assert_eq!(go_on("no id").error_code(), "dictation_id_invalid");
    assert_eq!(go_on("018f0000-0000-7000-8000-000000000001").error_code(), "not_found");
    let spoken = clinic.claim(&fixture("dictations/microdisc_right_l45.wav"), &["--reader", "rules"]).json();
    let claim = spoken["claimId"].as_str().unwrap();
    assert!(clinic.run(&["claims", "submit", claim]).code <= 1);
    assert_eq!(
        go_on(spoken["dictationId"].as_str().unwrap()).error_code(),
        "cannot_continue",
        "it is in review"
    );
}

/// Killed at a random moment while it records: at most the last second is lost, the rest opens and is worked on.
#[test]
fn killed_while_recording_it_loses_at_most_a_second() {
    let _one = alone();
    let rounds = if soak() { 120 } else { 3 };
    let wav = fixture("dictations/tlif_l34.wav");
    let played = samples(&wav);
    let (mut seeded, mut worst) = (Seeded(20_261_122), 0);
    for round in 0..rounds {
        let after = Duration::from_millis(700 + seeded.below(5_000));
        let lost = retried(|| killed_after(after, &Clinic::new(), &NEW, &[], &wav, &played));
        println!("recording, kill {round} after {after:?}: {lost} ms lost");
        worst = worst.max(lost);
    }
    println!("{rounds} kills while recording survived, at most {worst} ms lost");
}

/// The same while a dictation is continued: what was there before is never touched.
#[test]
fn killed_while_a_dictation_is_continued_it_loses_at_most_a_second() {
    let _one = alone();
    let rounds = if soak() { 40 } else { 1 };
    let (first, wav) = (fixture("dictations/microdisc_right_l45.wav"), fixture("dictations/tlif_l34.wav"));
    let (before, played) = (samples(&first), samples(&wav));
    let (mut seeded, mut worst) = (Seeded(11_222_026), 0);
    for round in 0..rounds {
        let after = Duration::from_millis(100 + seeded.below(4_000));
        let lost = retried(|| {
            let clinic = Clinic::new();
            let id = imported(&clinic, &first);
            killed_after(after, &clinic, &["record", "--continue", &id], &before, &wav, &played)
        });
        println!("continuing, kill {round} after {after:?}: {lost} ms lost");
        worst = worst.max(lost);
    }
    println!("{rounds} kills while continuing survived, at most {worst} ms lost");
}

/// Records, is killed, takes up what is left; how many ms were lost.
fn killed_after(
    time: Duration,
    clinic: &Clinic,
    arguments: &[&str],
    before: &[i16],
    wav: &Path,
    played: &[i16],
) -> Result<u64, String> {
    let (mut child, _says) = recording(clinic, arguments);
    let began = Instant::now();
    let mut player = play(wav);
    std::thread::sleep(time);
    child.kill().unwrap();
    let recorded = u64::try_from(began.elapsed().as_millis()).unwrap();
    child.wait().unwrap();
    let _ = player.kill();
    let _ = player.wait();
    assert_unreadable(&clinic.data(), &["laminectomy", "interbody", "microdisc"]);
    // What is left is taken up; a scrap without words is said to be one.
    let resumed = clinic.run(&["claims", "resume", "--quiet", "--json"]);
    assert!([0, 3].contains(&resumed.code), "{resumed:?}");
    let folder = tempfile::tempdir().unwrap();
    let (kept, dictation) = exported(clinic, folder.path());
    assert_eq!(dictation["kind"], "audio");
    assert_eq!(kept[..before.len()], *before, "what was there before is as it was");
    let kept = &kept[before.len()..];
    // Where a dictation was continued and nothing was sealed yet, it is as it was before.
    assert_eq!(dictation["recovered"], !kept.is_empty() || before.is_empty(), "{dictation}");
    let lost = recorded.saturating_sub(kept.len() as u64 / 16);
    if lost > 1000 {
        return Err(format!("{lost} ms of {recorded} ms are lost"));
    }
    matches(kept, played).map(|_| lost)
}
