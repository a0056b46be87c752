//! Recording through the real capture path: a sound server plays a dictation into the microphone, the program
//! records, is killed, recovers, and what it kept is compared with what was played, sample by sample.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Clinic, assert_unreadable, codes, fixture, soak};

/// The tests share one sound server: two recordings at once would hear each other.
static SOUND: std::sync::Mutex<()> = std::sync::Mutex::new(());

const RECORD: [&str; 7] = ["record", "--payer", "medicare", "--dos", "2026-02-02", "--reader", "rules"];

fn needs_sound() {
    assert!(
        std::env::var_os("IAMBILLY_TEST_SOUND").is_some(),
        "needs a sound server of the tests' own: run ./test, or scripts/with-services.sh cargo test"
    );
}

/// Starts recording and returns when it does; the rest of what it says stays readable.
fn recording(clinic: &Clinic, more: &[&str]) -> (Child, BufReader<ChildStderr>) {
    let mut command = clinic.command(&[&RECORD[..], more].concat());
    // Where the tests' own sound server answers.
    for name in ["XDG_RUNTIME_DIR", "PULSE_COOKIE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut says = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Recording from") {
        line.clear();
        assert!(says.read_line(&mut line).unwrap() > 0, "it ended before it recorded");
    }
    (child, says)
}

fn play(wav: &Path) -> Child {
    Command::new("paplay").arg("--device=spk").arg(wav).spawn().expect("paplay of pulseaudio-utils")
}

fn samples(wav: &Path) -> Vec<i16> {
    hound::WavReader::open(wav).unwrap().samples::<i16>().map(Result::unwrap).collect()
}

/// The recording of the only dictation, as a plain file.
fn exported(clinic: &Clinic, to: &Path) -> (Vec<i16>, serde_json::Value) {
    let list = clinic.run(&["claims", "list", "--json"]).json();
    let dictation = list[0].clone();
    let out = to.join("out.wav");
    let _ = std::fs::remove_file(&out);
    let done =
        clinic.run(&["recording", "export", dictation["id"].as_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{done:?}");
    (samples(&out), dictation)
}

/// What a sound server may spoil where a sound begins: 200 ms.
const BEGINNING: usize = 3_200;

/// Checks that `kept` is silence, then what was played, to within the converter's last bit; returns how many
/// samples of it there are, or none when less than a second was kept.
fn matches(kept: &[i16], played: &[i16]) -> usize {
    // Found by a stretch that begins 200 ms after the sound.
    let key = &played[BEGINNING..BEGINNING + 2_000];
    let close = |kept: &i16, played: &i16| (i32::from(*kept) - i32::from(*played)).abs() <= 1;
    let found = kept.windows(key.len()).position(|w| w.iter().zip(key).all(|(k, p)| close(k, p)));
    let Some(found) = found else {
        let loud = kept.iter().filter(|s| s.unsigned_abs() > 64).count();
        assert!(loud < 16_000, "{loud} loud samples that were never played");
        return 0;
    };
    let before = &kept[..found.saturating_sub(BEGINNING)];
    assert!(before.iter().all(|s| s.unsigned_abs() <= 1), "something was heard before");
    let length = (kept.len() - found).min(played.len() - BEGINNING);
    for (at, (kept, played)) in kept[found..].iter().zip(&played[BEGINNING..]).enumerate() {
        assert!(close(kept, played), "sample {at} of {length} differs");
    }
    length + BEGINNING
}

#[test]
fn what_was_spoken_becomes_a_claim_and_leaves_as_it_was() {
    needs_sound();
    let _one = SOUND.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let clinic = Clinic::new();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let played = samples(&wav);
    let length = Duration::from_millis(played.len() as u64 / 16);
    let (child, mut says) = recording(&clinic, &["--seconds", &(length.as_secs() + 2).to_string(), "--json"]);
    let began = Instant::now();
    play(&wav).wait().unwrap();
    // The text comes while it is recorded, not after.
    let mut first_words = None;
    let mut text = String::new();
    let mut buffer = [0; 256];
    while let Ok(read @ 1..) = std::io::Read::read(&mut says, &mut buffer) {
        first_words.get_or_insert_with(|| began.elapsed());
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    let out = child.wait_with_output().unwrap();
    let draft: serde_json::Value = serde_json::from_slice(&out.stdout).expect("a draft");
    assert_eq!(codes(&draft["coding"])[0], "63030", "{text}");
    assert!(text.to_lowercase().contains("microdis") || text.contains("discectomy"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let (kept, dictation) = exported(&clinic, folder.path());
    assert_eq!(matches(&kept, &played), played.len(), "all that was played was kept");
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
}

/// Killed at a random moment while it records: at most the last second is lost, the rest opens and is worked on.
#[test]
fn killed_while_recording_it_loses_at_most_a_second() {
    needs_sound();
    let _one = SOUND.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let rounds = if soak() { 200 } else { 3 };
    let wav = fixture("dictations/tlif_l34.wav");
    let played = samples(&wav);
    let mut state = 20_261_122_u64;
    let mut worst = 0;
    for round in 0..rounds {
        let clinic = Clinic::new();
        let (mut child, _says) = recording(&clinic, &[]);
        let began = Instant::now();
        let mut player = play(&wav);
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(700 + (state >> 33) % 5_000));
        child.kill().unwrap();
        let recorded = u64::try_from(began.elapsed().as_millis()).unwrap();
        child.wait().unwrap();
        let _ = player.kill();
        let _ = player.wait();
        assert_unreadable(&clinic.data(), &["laminectomy", "interbody"]);
        // What is left is taken up; a scrap without words is said to be one.
        let resumed = clinic.run(&["claims", "resume", "--quiet", "--json"]);
        assert!([0, 3].contains(&resumed.code), "round {round}: {resumed:?}");
        let folder = tempfile::tempdir().unwrap();
        let (kept, dictation) = exported(&clinic, folder.path());
        assert_eq!(dictation["kind"], "audio");
        let kept_ms = kept.len() as u64 / 16;
        let lost = recorded.saturating_sub(kept_ms);
        worst = worst.max(lost);
        // A second, and 300 ms between the microphone and the file on a busy machine.
        assert!(lost <= 1300, "round {round}: {lost} ms of {recorded} ms are lost");
        matches(&kept, &played);
    }
    println!("{rounds} kills survived, at most {worst} ms lost");
}
