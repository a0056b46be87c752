//! Pulling the plug: the program and its workers are killed at seeded points, and the work continues.

mod support;

use std::time::{Duration, Instant};
use support::sound::{exported, samples};
use support::{Clinic, Seeded, assert_unreadable, codes, fixture, soak};

/// Kills the program at a random point of the main job, again and again, then lets it finish: exactly one
/// claim, with the right code, the audio as it was, and nothing readable at any moment.
#[test]
fn killed_anywhere_the_dictation_still_becomes_one_claim() {
    let rounds = if soak() { 60 } else { 4 };
    let mut seeded = Seeded(20_261_122);
    for round in 0..rounds {
        let clinic = Clinic::new();
        let wav = fixture("dictations/microdisc_right_l45.wav");
        let wav = wav.to_str().unwrap();
        // Unlocking takes a fifth of a second, the whole job about three: the first kill falls anywhere in it.
        let mut running = clinic.start(&[
            "claim",
            wav,
            "--payer",
            "medicare",
            "--dos",
            "2026-02-02",
            "--reader",
            "rules",
            "--quiet",
        ]);
        std::thread::sleep(Duration::from_millis(150 + seeded.below(3_000)));
        let _ = running.kill();
        let _ = running.wait();
        if clinic.data().exists() {
            assert_unreadable(&clinic.data(), &["herniation", "microdisc"]);
        }
        for _ in 0..seeded.below(3) {
            let mut resumed = clinic.start(&["claims", "resume", "--quiet"]);
            std::thread::sleep(Duration::from_millis(100 + seeded.below(2_000)));
            let _ = resumed.kill();
            let _ = resumed.wait();
        }
        let resumed = clinic.run(&["claims", "resume", "--quiet", "--json"]);
        assert_eq!(resumed.code, 0, "round {round}: {resumed:?}");
        let list = clinic.run(&["claims", "list", "--json"]).json();
        let list = list.as_array().unwrap();
        // Killed before the dictation was stored there is none, and the user still has the file.
        assert!(list.len() <= 1, "round {round}: {list:?}");
        for dictation in list {
            assert_eq!(dictation["state"], "done", "round {round}: {dictation}");
            let shown =
                clinic.run(&["claims", "show", dictation["claimId"].as_str().unwrap(), "--json"]).json();
            assert_eq!(codes(&shown["coding"])[0], "63030", "round {round}");
            assert_eq!(shown["revision"], 1, "round {round}: a stage ran twice");
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(exported(&clinic, folder.path()).0, samples(wav.as_ref()), "round {round}");
        }
    }
    println!("{rounds} kills anywhere in the main job survived");
}

/// Kills the program while it seals a long file: the import begins anew, and every sample of the file is there.
#[test]
fn killed_while_importing_the_audio_is_whole() {
    let rounds = if soak() { 40 } else { 2 };
    let mut seeded = Seeded(2_611_222);
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.wav");
    // Five minutes at 48 kHz: a second or so of sealing. Nobody speaks in it, so that nothing is recognised.
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut out = hound::WavWriter::create(&long, spec).unwrap();
    for _ in 0..5 * 60 * 48_000 {
        out.write_sample(i16::try_from(seeded.below(9)).unwrap() - 4).unwrap();
    }
    out.finalize().unwrap();
    let original = samples(&long);
    let mut within = 0;
    // The sealing is quick: a kill that comes too late for it is one more, and does not count.
    for round in 0..4 * rounds {
        if within == rounds {
            break;
        }
        let clinic = Clinic::new();
        let arguments =
            ["claim", long.to_str().unwrap(), "--payer", "medicare", "--dos", "2026-02-02", "--quiet"];
        let mut running = clinic.start(&arguments);
        let audio = clinic.data().join("audio");
        let size = |path: std::path::PathBuf| path.metadata().map_or(0, |m| m.len());
        let sealed =
            || -> u64 { if audio.exists() { support::files(&audio).into_iter().map(size).sum() } else { 0 } };
        // Killed when so much of it is sealed; or after three seconds, whatever it does then.
        let (enough, began) = (seeded.below(original.len() as u64 * 2), Instant::now());
        while sealed() < enough && began.elapsed() < Duration::from_secs(3) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = running.kill();
        let _ = running.wait();
        let sealed = sealed();
        within += u32::from(sealed > 0 && sealed < original.len() as u64 * 2);
        // Nobody speaks in it: the work ends there, and the audio stays.
        let resumed = clinic.run(&["claims", "resume", "--quiet", "--json"]);
        assert!([0, 3].contains(&resumed.code), "round {round}: {resumed:?}");
        let list = clinic.run(&["claims", "list", "--json"]).json();
        if list.as_array().unwrap().is_empty() {
            continue;
        }
        let to = tempfile::tempdir().unwrap();
        assert!(exported(&clinic, to.path()).0 == original, "round {round}: the audio differs");
        assert_eq!(support::files(&audio).len(), 1, "round {round}: what was cut off is left");
    }
    println!("{within} kills in the middle of an import survived");
}

/// A worker killed in the middle of its work costs one retry, not the job.
#[test]
#[cfg(target_os = "linux")]
fn a_killed_worker_costs_one_retry() {
    let clinic = Clinic::new();
    let wav = fixture("dictations/tlif_l34.wav");
    let wav = wav.to_str().unwrap();
    let mut running = clinic
        .command(&[
            "claim",
            wav,
            "--payer",
            "medicare",
            "--dos",
            "2026-02-02",
            "--reader",
            "rules",
            "--quiet",
        ])
        .spawn()
        .unwrap();
    let worker = (0..400)
        .find_map(|_| {
            std::thread::sleep(Duration::from_millis(20));
            child_of(running.id(), "iambilly-whispe")
        })
        .expect("the speech worker starts");
    std::thread::sleep(Duration::from_millis(300));
    let killed = std::process::Command::new("kill").args(["-9", &worker.to_string()]).status().unwrap();
    assert!(killed.success(), "the worker was still at work");
    let status = running.wait().unwrap();
    assert!(matches!(status.code(), Some(0 | 1)), "{status:?}");
    let list = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(list[0]["state"], "done", "{list}");
}

/// A process of this name (as the kernel cuts it, 15 characters) whose parent is `parent`.
#[cfg(target_os = "linux")]
fn child_of(parent: u32, name: &str) -> Option<u32> {
    let stat = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
    std::fs::read_dir("/proc").ok()?.filter_map(|e| e.ok()?.file_name().to_str()?.parse::<u32>().ok()).find(
        |pid| {
            stat(*pid).is_some_and(|s| {
                let (head, tail) = s.rsplit_once(')').unwrap_or_default();
                head.split_once('(').is_some_and(|(_, n)| n == name)
                    && tail.split_whitespace().nth(1) == Some(parent.to_string().as_str())
            })
        },
    )
}
