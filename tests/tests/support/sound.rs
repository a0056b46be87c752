//! The tests' own sound server: playing into its null sink, recording from it, comparing what was kept.

use super::{Clinic, program};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The tests share one sound server: two recordings at once would hear each other.
static SOUND: Mutex<()> = Mutex::new(());

/// The sound server for one test alone.
pub fn alone() -> MutexGuard<'static, ()> {
    assert!(
        std::env::var_os("IAMBILLY_TEST_SOUND").is_some(),
        "needs a sound server of the tests' own: run ./test, or scripts/with-services.sh cargo test"
    );
    SOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A new dictation at the microphone.
pub const NEW: [&str; 7] = ["record", "--payer", "medicare", "--dos", "2026-02-02", "--reader", "rules"];

/// Lets a command of the program find the tests' own sound server.
pub fn hearing(mut command: Command) -> Command {
    for name in ["XDG_RUNTIME_DIR", "PULSE_COOKIE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Starts recording and returns when it does; the rest of what it says stays readable.
pub fn recording(clinic: &Clinic, arguments: &[&str]) -> (Child, BufReader<ChildStderr>) {
    assert!(program().exists());
    let mut command = hearing(clinic.command(arguments));
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut says = BufReader::new(child.stderr.take().unwrap());
    let (mut line, mut all) = (String::new(), String::new());
    while !line.contains("Recording from") {
        line.clear();
        assert!(says.read_line(&mut line).unwrap() > 0, "it ended before it recorded: {all}");
        all.push_str(&line);
    }
    (child, says)
}

/// The rest of what a recording says, to its end.
pub fn rest(mut says: BufReader<ChildStderr>) -> String {
    let mut text = String::new();
    let mut buffer = [0; 256];
    while let Ok(read @ 1..) = std::io::Read::read(&mut says, &mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    text
}

/// Plays a WAV into a sink.
pub fn play_into(sink: &str, wav: &Path) -> Child {
    Command::new("paplay")
        .arg(format!("--device={sink}"))
        .arg(wav)
        .stderr(Stdio::null())
        .spawn()
        .expect("paplay of pulseaudio-utils")
}

/// Plays a WAV into the sink whose monitor is the default microphone.
pub fn play(wav: &Path) -> Child {
    play_into("spk", wav)
}

pub fn samples(wav: &Path) -> Vec<i16> {
    hound::WavReader::open(wav).unwrap().samples::<i16>().map(Result::unwrap).collect()
}

/// The recording of the only dictation, as a plain file, and the dictation as the list shows it.
pub fn exported(clinic: &Clinic, to: &Path) -> (Vec<i16>, serde_json::Value) {
    let list = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    let dictation = list[0].clone();
    let out = to.join("out.wav");
    let _ = std::fs::remove_file(&out);
    let done =
        clinic.run(&["recording", "export", dictation["id"].as_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(done.code, 0, "{done:?}");
    (samples(&out), dictation)
}

/// What a sound server may spoil where a sound begins: 200 ms at 16 kHz.
const BEGINNING: usize = 3_200;

/// Says that `kept` is silence, then what was played, to within the converter's last bit: how many samples of it
/// there are, or none when less than a second was kept.
pub fn matches(kept: &[i16], played: &[i16]) -> Result<usize, String> {
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
pub fn retried<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let mut tried = attempt();
    for _ in 0..2 {
        let Err(why) = &tried else { break };
        println!("tried again: {why}");
        tried = attempt();
    }
    tried.unwrap_or_else(|why| panic!("{why}"))
}
