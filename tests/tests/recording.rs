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

/// Says that `kept` is silence, then what was played, to within the converter's last bit: how many samples of it
/// there are, or none when less than a second was kept.
fn matches(kept: &[i16], played: &[i16]) -> Result<usize, String> {
    // Found by a stretch that begins 200 ms after the sound.
    let key = &played[BEGINNING..BEGINNING + 2_000];
    let close = |kept: &i16, played: &i16| (i32::from(*kept) - i32::from(*played)).abs() <= 1;
    let found = kept.windows(key.len()).position(|w| w.iter().zip(key).all(|(k, p)| close(k, p)));
    let Some(found) = found else {
        let loud = kept.iter().filter(|s| s.unsigned_abs() > 64).count();
        return if loud < 16_000 { Ok(0) } else { Err(format!("{loud} loud samples were never played")) };
    };
    if kept[..found.saturating_sub(BEGINNING)].iter().any(|s| s.unsigned_abs() > 1) {
        return Err("something was heard before".to_owned());
    }
    let length = (kept.len() - found).min(played.len() - BEGINNING);
    match kept[found..].iter().zip(&played[BEGINNING..]).position(|(kept, played)| !close(kept, played)) {
        Some(at) => Err(format!("sample {at} of {length} differs")),
        None => Ok(length + BEGINNING),
    }
}

/// The tests' sound server may itself lose sound when the machine is busy: what fails is tried again, twice.
const TRIES: usize = 3;

#[test]
fn what_was_spoken_becomes_a_claim_and_leaves_as_it_was() {
    needs_sound();
    let _one = SOUND.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut why = String::new();
    for _ in 0..TRIES {
        match spoken_and_exported() {
            Ok(()) => return,
            Err(trouble) => why = trouble,
        }
    }
    panic!("{why}");
}

fn spoken_and_exported() -> Result<(), String> {
    let clinic = Clinic::new();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let played = samples(&wav);
    let length = Duration::from_millis(played.len() as u64 / 16);
    let (child, mut says) = recording(&clinic, &["--seconds", &(length.as_secs() + 2).to_string(), "--json"]);
    play(&wav).wait().unwrap();
    let mut text = String::new();
    let mut buffer = [0; 256];
    while let Ok(read @ 1..) = std::io::Read::read(&mut says, &mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    let out = child.wait_with_output().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (kept, dictation) = exported(&clinic, folder.path());
    let length = matches(&kept, &played)?;
    if length != played.len() {
        return Err(format!("{length} samples of {} were kept", played.len()));
    }
    let draft: serde_json::Value = serde_json::from_slice(&out.stdout).expect("a draft");
    assert_eq!(codes(&draft["coding"])[0], "63030", "{text}");
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
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_millis(700 + (state >> 33) % 5_000);
        let mut tried = Err(String::new());
        for _ in 0..TRIES {
            tried = killed_after(after, &wav, &played);
            if tried.is_ok() {
                break;
            }
        }
        worst = worst.max(tried.unwrap_or_else(|why| panic!("round {round}: {why}")));
    }
    println!("{rounds} kills survived, at most {worst} ms lost");
}

/// Records, is killed, takes up what is left; how many ms were lost.
fn killed_after(time: Duration, wav: &Path, played: &[i16]) -> Result<u64, String> {
    let clinic = Clinic::new();
    let (mut child, _says) = recording(&clinic, &[]);
    let began = Instant::now();
    let mut player = play(wav);
    std::thread::sleep(time);
    child.kill().unwrap();
    let recorded = u64::try_from(began.elapsed().as_millis()).unwrap();
    child.wait().unwrap();
    let _ = player.kill();
    let _ = player.wait();
    assert_unreadable(&clinic.data(), &["laminectomy", "interbody"]);
    // What is left is taken up; a scrap without words is said to be one.
    let resumed = clinic.run(&["claims", "resume", "--quiet", "--json"]);
    assert!([0, 3].contains(&resumed.code), "{resumed:?}");
    let folder = tempfile::tempdir().unwrap();
    let (kept, dictation) = exported(&clinic, folder.path());
    assert_eq!(dictation["kind"], "audio");
    assert_eq!(dictation["recovered"], true, "{dictation}");
    let lost = recorded.saturating_sub(kept.len() as u64 / 16);
    // A second, and 300 ms between the microphone and the file on a busy machine.
    if lost > 1300 {
        return Err(format!("{lost} ms of {recorded} ms are lost"));
    }
    matches(&kept, played).map(|_| lost)
}
