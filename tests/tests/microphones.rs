//! Microphones as they come: muted, too loud, a telephone headset, a studio interface, a dead channel, one that
//! is pulled out, a sound server that stands still; and what recording costs. Each is a null sink of the tests' own sound server.
#![cfg(target_os = "linux")]

mod support;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use support::sound::{NEW, alone, hearing, matches, play, play_into, recording, rest, retried, samples};
use support::{Answer, Clinic, fixture};

/// A sink whose monitor is a microphone; gone when dropped.
struct Device {
    name: &'static str,
    module: String,
}

impl Device {
    fn new(name: &'static str, rate: u32, channels: u8) -> Self {
        let sink = [
            "load-module".to_owned(),
            "module-null-sink".to_owned(),
            format!("sink_name={name}"),
            format!("rate={rate}"),
            format!("channels={channels}"),
        ];
        let out = Command::new("pactl").args(sink).output().expect("pactl of pulseaudio-utils");
        assert!(out.status.success(), "{out:?}");
        Self { name, module: String::from_utf8(out.stdout).unwrap().trim().to_owned() }
    }

    /// Its id as a microphone.
    fn id(&self, clinic: &Clinic) -> String {
        let command = hearing(clinic.command(&["recording", "microphones", "--json"])).output().unwrap();
        let list = Answer::from(command).json();
        let monitor = format!("{}.monitor", self.name);
        let found = list.as_array().unwrap().iter().find(|i| i["id"].as_str().unwrap().contains(&monitor));
        found.unwrap_or_else(|| panic!("{monitor} is not among {list}"))["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = Command::new("pactl").args(["unload-module", &self.module]).status();
    }
}

/// Records a dictation from a device and gives its WAV and its words.
fn through(device: &Device, wav: &Path) -> (PathBuf, String, Clinic) {
    let clinic = Clinic::new();
    let id = device.id(&clinic);
    let seconds = (samples(&fixture("dictations/microdisc_right_l45.wav")).len() / 16_000 + 3).to_string();
    let arguments = [&NEW[..], &["--microphone", &id, "--seconds", &seconds, "--json"]].concat();
    let (child, says) = recording(&clinic, &arguments);
    play_into(device.name, wav).wait().unwrap();
    let said = rest(says);
    let out = child.wait_with_output().unwrap();
    let draft: serde_json::Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("no draft: {said}"));
    let to = clinic.folder.path().join("out.wav");
    let id = draft["dictationId"].as_str().unwrap();
    assert_eq!(clinic.run(&["recording", "export", id, "-o", to.to_str().unwrap()]).code, 0);
    (to, draft["transcript"]["text"].as_str().unwrap().to_lowercase(), clinic)
}

#[test]
fn a_headset_of_8_khz_and_an_interface_of_192_khz_keep_their_rate_and_are_understood() {
    let _one = alone();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    for (name, rate) in [("headset", 8000), ("studio", 192_000)] {
        let device = Device::new(name, rate, 1);
        retried(|| {
            let (out, text, _clinic) = through(&device, &wav);
            assert_eq!(hound::WavReader::open(&out).unwrap().spec().sample_rate, rate);
            if text.contains("disc") { Ok(()) } else { Err(format!("{rate} Hz: {text}")) }
        });
    }
}

#[test]
fn a_dead_channel_does_not_make_the_other_quiet() {
    let _one = alone();
    let device = Device::new("halfdead", 16_000, 2);
    let original = samples(&fixture("dictations/microdisc_right_l45.wav"));
    let folder = tempfile::tempdir().unwrap();
    let left = folder.path().join("left.wav");
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut out = hound::WavWriter::create(&left, spec).unwrap();
    for sample in &original {
        out.write_sample(*sample).unwrap();
        out.write_sample(0_i16).unwrap();
    }
    out.finalize().unwrap();
    retried(|| {
        let (out, text, _clinic) = through(&device, &left);
        let peak = |s: &[i16]| s.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0);
        let kept = samples(&out);
        assert!(peak(&kept) >= peak(&original) / 10 * 9, "{} of {}", peak(&kept), peak(&original));
        if text.contains("disc") { Ok(()) } else { Err(text) }
    });
}

#[test]
fn silence_is_said_within_two_seconds_and_clipping_when_it_happens() {
    let _one = alone();
    let clinic = Clinic::new();
    let (mut child, mut says) = recording(&clinic, &NEW);
    let began = Instant::now();
    let until = |says: &mut std::io::BufReader<_>, words: &str| {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(says.read_line(&mut line).unwrap() > 0, "{words:?} was never said");
        }
    };
    until(&mut says, "No sound");
    // Half a second for a busy machine.
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
    let folder = tempfile::tempdir().unwrap();
    let loud = folder.path().join("loud.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut out = hound::WavWriter::create(&loud, spec).unwrap();
    for i in 0..32_000 {
        out.write_sample(if i / 20 % 2 == 0 { i16::MAX } else { i16::MIN }).unwrap();
    }
    out.finalize().unwrap();
    let mut player = play(&loud);
    until(&mut says, "Too loud");
    let _ = player.wait();
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A sound server that refuses this program: nothing is made, and it is said what to do.
#[test]
fn a_refused_microphone_is_said_and_leaves_nothing() {
    let _one = alone();
    let clinic = Clinic::new();
    assert!([0, 1].contains(&clinic.claim(&fixture("dictations/acdf_c56.wav"), &["--reader", "rules"]).code));
    let run = clinic.folder.path().join("run");
    std::fs::create_dir_all(run.join("pulse")).unwrap();
    let door = std::os::unix::net::UnixListener::bind(run.join("pulse/native")).unwrap();
    std::thread::spawn(move || door.incoming().for_each(drop));
    let mut command = clinic.command(&[&NEW[..], &["--seconds", "2", "--json"]].concat());
    let answer = Answer::from(command.env("XDG_RUNTIME_DIR", &run).output().unwrap());
    assert_eq!(answer.code, 5, "{answer:?}");
    assert!(!answer.error_code().is_empty());
    let list = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
}

/// A suspended machine, a sound server that hangs: nothing comes for five seconds, then it goes on.
#[test]
fn a_sound_server_that_stands_still_costs_only_that_time() {
    let _one = alone();
    let run = std::env::var("XDG_RUNTIME_DIR").unwrap();
    let server = std::fs::read_to_string(Path::new(&run).join("pulse/pid")).unwrap().trim().to_owned();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &server]).status().unwrap().success());
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let played = samples(&wav);
    retried(|| {
        let clinic = Clinic::new();
        let (child, says) = recording(&clinic, &[&NEW[..], &["--seconds", "32", "--json"]].concat());
        let mut player = play(&wav);
        std::thread::sleep(Duration::from_secs(4));
        signal("-STOP");
        std::thread::sleep(Duration::from_secs(5));
        signal("-CONT");
        player.wait().unwrap();
        let said = rest(says);
        let out = child.wait_with_output().unwrap();
        let draft: serde_json::Value =
            serde_json::from_slice(&out.stdout).map_err(|_| format!("no draft: {said}"))?;
        let to = clinic.folder.path().join("out.wav");
        let id = draft["dictationId"].as_str().unwrap();
        assert_eq!(clinic.run(&["recording", "export", id, "-o", to.to_str().unwrap()]).code, 0);
        // What was heard before it stood still is there to the last bit, and there is sound after it.
        let kept = samples(&to);
        let loud = kept.iter().rposition(|s| s.unsigned_abs() > 64).unwrap_or(0);
        if loud < 9 * 16_000 {
            return Err(format!("nothing is heard after {} s", loud / 16_000));
        }
        matches(&kept[..kept.len().min(4 * 16_000)], &played).map(drop)
    });
}

/// Pulled out in the middle and plugged in again: what was said before is there to the last bit, and it goes on.
#[test]
fn a_microphone_that_is_pulled_out_is_waited_for_and_nothing_said_is_lost() {
    let _one = alone();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let played = samples(&wav);
    retried(|| {
        let clinic = Clinic::new();
        let device = Device::new("usb", 16_000, 1);
        let id = device.id(&clinic);
        let arguments = [&NEW[..], &["--microphone", &id, "--seconds", "40", "--json"]].concat();
        let (child, says) = recording(&clinic, &arguments);
        let mut player = play_into(device.name, &wav);
        std::thread::sleep(Duration::from_secs(4));
        drop(device);
        let _ = player.kill();
        let _ = player.wait();
        std::thread::sleep(Duration::from_secs(3));
        let device = Device::new("usb", 16_000, 1);
        // Devices are looked at every few seconds.
        std::thread::sleep(Duration::from_secs(6));
        let mut player = play_into(device.name, &wav);
        let said = rest(says);
        let _ = player.wait();
        let out = child.wait_with_output().unwrap();
        let draft: serde_json::Value =
            serde_json::from_slice(&out.stdout).map_err(|_| format!("no draft: {said}"))?;
        // A sound server may move the stream to another device at once; then it is silence that is said.
        if !said.contains("Microphone lost") && !said.contains("No sound") {
            return Err(format!("it was not said: {said}"));
        }
        let to = clinic.folder.path().join("out.wav");
        let id = draft["dictationId"].as_str().unwrap();
        assert_eq!(clinic.run(&["recording", "export", id, "-o", to.to_str().unwrap()]).code, 0);
        let kept = samples(&to);
        let before = matches(&kept[..kept.len().min(3 * 16_000)], &played)?;
        let after = kept.iter().skip(5 * 16_000).filter(|s| s.unsigned_abs() > 64).count();
        if before < 16_000 || after < 16_000 {
            return Err(format!("{before} samples before it, {after} loud ones after it: {said}"));
        }
        Ok(())
    });
}

/// What capture alone costs: no speech model is there, so nothing listens.
#[test]
fn capture_alone_takes_at_most_a_fiftieth_of_a_core() {
    let _one = alone();
    let clinic = Clinic::new();
    let mut command = hearing(clinic.command(&NEW));
    command.env("IAMBILLY_MODELS_DIR", clinic.folder.path()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let stat = |field: usize| -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let after = stat.rsplit_once(") ").unwrap().1;
        after.split(' ').nth(field).unwrap().parse().unwrap()
    };
    // User and system time in hundredths of a second (USER_HZ is 100), as `man proc` counts from the third field.
    let used = || stat(11) + stat(12);
    std::thread::sleep(Duration::from_secs(4));
    let mut player = play(&fixture("dictations/tlif_l34.wav"));
    let (before, began) = (used(), Instant::now());
    std::thread::sleep(Duration::from_secs(20));
    let (ticks, elapsed) = (used() - before, began.elapsed());
    let resident_mb = stat(21) * 4096 / 1_000_000;
    let _ = player.kill();
    let _ = player.wait();
    child.kill().unwrap();
    child.wait().unwrap();
    #[allow(clippy::cast_precision_loss, reason = "a share for people")]
    let share = ticks as f64 / elapsed.as_secs_f64();
    println!("capture alone: {share:.2} % of a core, {resident_mb} MB resident");
    assert!(share <= 2.0, "{share:.2} % of a core");
}
