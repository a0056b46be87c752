//! The main job through the command line, on real audio and real weights.

mod support;

use serde_json::Value;
use std::path::PathBuf;
use support::{Clinic, assert_unreadable, check_evidence, codes, fixture};

const PATIENT: &str = r#"{"id":"P-1","last":"Exampleby","first":"Sierra","birth_date":"1950-03-04","sex":"F","member_id":"1EG4TE5MK73"}"#;
const PROVIDER: &str = r#"{"billing_provider":{"npi":"1234567893","tax_id":"123456789","taxonomy":"207XS0117X","name":"Spine Group"},
  "rendering_provider":{"npi":"1234567893","taxonomy":"207XS0117X"},"facility":{"npi":"1234567893","pos":"21"}}"#;

fn draft(clinic: &Clinic, dictation: &str, more: &[&str]) -> Value {
    let answer = clinic.claim(&fixture(&format!("dictations/{dictation}.wav")), more);
    assert!(answer.code <= 1, "{answer:?}");
    answer.json()
}

#[test]
fn a_dictation_becomes_a_stored_draft_whose_every_code_points_to_the_words() {
    let clinic = Clinic::new();
    let (patient, provider) =
        (clinic.folder.path().join("patient.json"), clinic.folder.path().join("provider.json"));
    std::fs::write(&patient, PATIENT).unwrap();
    std::fs::write(&provider, PROVIDER).unwrap();
    let more = ["--patient", patient.to_str().unwrap(), "--provider", provider.to_str().unwrap()];
    let draft = draft(&clinic, "tlif_l34", &more);

    let text = draft["transcript"]["text"].as_str().unwrap();
    assert!(check_evidence(text, &draft["coding"]) >= 6);
    let found = codes(&draft["coding"]);
    for code in ["22633", "22840", "22853"] {
        assert!(found.iter().any(|c| c == code), "{code} is missing from {found:?}");
    }
    let primary = &draft["coding"]["lines"][0];
    assert_eq!(primary["code"], "22633");
    assert_eq!(primary["levels"], serde_json::json!(["L3-L4"]));
    // Words carry times: evidence plays.
    let words = draft["transcript"]["segments"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|s| s["words"].as_array().unwrap());
    assert!(words.filter(|w| w["end_ms"].as_u64() > w["start_ms"].as_u64()).count() > 20);
    assert_eq!(draft["claim"]["patient"]["last"], "Exampleby");
    assert_eq!(draft["claim"]["lines"].as_array().unwrap().len(), found.len());

    // It is stored: another process shows the same.
    let list = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let id = list[0]["claimId"].as_str().unwrap();
    let shown = clinic.run(&["claims", "show", id, "--json"]).json();
    assert_eq!(shown["coding"], draft["coding"]);
    assert_eq!(shown["claim"], draft["claim"]);

    // And sealed: neither patient nor dictation can be read in the data folder.
    assert_unreadable(
        &clinic.data(),
        &["Exampleby", "1EG4TE5MK73", "spondylolisthesis", "claudication", "tlif_l34"],
    );
}

#[test]
fn the_commonest_dictations_get_their_primary_procedures() {
    let clinic = Clinic::new();
    for (dictation, primary, level, side) in [
        ("acdf_c56", "22551", "C5-C6", Value::Null),
        ("microdisc_right_l45", "63030", "L4-L5", Value::from("right")),
    ] {
        let draft = draft(&clinic, dictation, &["--reader", "rules"]);
        let line = &draft["coding"]["lines"][0];
        assert_eq!(line["code"], primary, "{dictation}: {:?}", codes(&draft["coding"]));
        assert_eq!(line["levels"], serde_json::json!([level]), "{dictation}");
        assert_eq!(line["laterality"], side, "{dictation}");
        check_evidence(draft["transcript"]["text"].as_str().unwrap(), &draft["coding"]);
    }
    assert_eq!(clinic.run(&["claims", "list", "--json"]).json().as_array().unwrap().len(), 2);
}

#[test]
fn the_physicians_dictionary_writes_what_is_recognised() {
    let clinic = Clinic::new();
    // A word the recogniser surely writes, in the middle of every dictation.
    assert_eq!(clinic.run(&["dictionary", "add", "Carried out", "--heard", "performed"]).code, 0);
    let draft = draft(&clinic, "microdisc_right_l45", &["--reader", "rules"]);
    let text: Vec<char> = draft["transcript"]["text"].as_str().unwrap().chars().collect();
    let all = draft["transcript"]["corrections"].as_array().unwrap();
    let own = all.iter().find(|c| c["rule"] == "own-dictionary").unwrap();
    assert_eq!(own["original"].as_str().unwrap().to_lowercase(), "performed");
    let place = |key: &str| usize::try_from(own[key].as_u64().unwrap()).unwrap();
    assert_eq!(text[place("start")..place("end")].iter().collect::<String>(), "Carried out");
    assert!(codes(&draft["coding"]).iter().any(|c| c == "63030"));
}

#[test]
fn a_typed_note_goes_the_same_way() {
    let clinic = Clinic::new();
    let answer = clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules"]);
    assert!(answer.code <= 1, "{answer:?}");
    let draft = answer.json();
    assert_eq!(codes(&draft["coding"]), ["63047", "63048"]);
    check_evidence(draft["transcript"]["text"].as_str().unwrap(), &draft["coding"]);
}

#[test]
fn stateless_commands_make_no_data_folder() {
    let clinic = Clinic::new();
    let wav = fixture("dictations/microdisc_right_l45.wav");
    let transcript = clinic.run(&["transcribe", wav.to_str().unwrap(), "--json", "--quiet"]);
    assert_eq!(transcript.code, 0, "{transcript:?}");
    let path = clinic.folder.path().join("transcript.json");
    std::fs::write(&path, &transcript.stdout).unwrap();
    let coding =
        clinic.run(&["code", path.to_str().unwrap(), "--dos", "2026-02-02", "--payer", "medicare", "--json"]);
    assert_eq!(coding.code, 0, "{coding:?}");
    assert_eq!(codes(&coding.json())[0], "63030");
    let findings = clinic.run(&["scrub", fixture("claims/addon_alone.json").to_str().unwrap(), "--json"]);
    assert_eq!(findings.code, 1, "{findings:?}");
    let findings = findings.json();
    assert_eq!(findings["verdict"], "block");
    assert!(findings["findings"].as_array().unwrap().iter().any(|f| f["kind"] == "addon_without_primary"));
    assert!(!clinic.data().exists());
}

#[test]
fn schemas_are_printed_and_help_is_an_answer() {
    let clinic = Clinic::new();
    for name in ["transcript", "coding", "claim", "findings"] {
        let schema = clinic.run(&["schema", name]);
        assert_eq!(schema.code, 0);
        assert_eq!(schema.json()["type"], "object", "{name}");
    }
    assert_eq!(clinic.run(&["schema", "nonsense"]).code, 2);
    assert_eq!(clinic.run(&["--help"]).code, 0);
    assert_eq!(clinic.run(&["nonsense"]).code, 2);
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_a_display_gets_a_sentence() {
    let window = support::program().with_file_name("iambilly-window");
    let out = std::process::Command::new(window)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(5), "{said}");
    assert!(
        said.contains("no display") && said.contains("iambilly claim") && said.lines().count() == 1,
        "{said}"
    );
}

fn wav(clinic: &Clinic, name: &str, samples: &[i16]) -> PathBuf {
    let path = clinic.folder.path().join(name);
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for s in samples {
        writer.write_sample(*s).unwrap();
    }
    writer.finalize().unwrap();
    path
}

#[test]
fn bad_input_gets_a_clear_error_and_makes_nothing() {
    let clinic = Clinic::new();
    let file = |name: &str, content: &[u8]| {
        let path = clinic.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let nothing = file("nothing.wav", b"");
    let text = file("text.wav", b"This is not sound at all, whatever its name says.");
    let mp3 = file("song.mp3", b"ID3\x04\x00\x00\x00\x00\x00\x00rest of it and a bit more to read");
    let cut = file("cut.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ");
    for path in [&nothing, &text, &mp3, &cut, &clinic.folder.path().join("missing.wav")] {
        let answer = clinic.claim(path, &[]);
        assert_eq!(answer.code, 3, "{} {answer:?}", path.display());
        answer.error_code();
        assert!(!clinic.data().exists(), "{}", path.display());
    }
    let silence = wav(&clinic, "silence.wav", &[0; 48_000]);
    let answer = clinic.run(&["transcribe", silence.to_str().unwrap(), "--json", "--quiet"]);
    assert_eq!((answer.code, answer.error_code().as_str()), (3, "no_speech"), "{answer:?}");
}

#[test]
fn a_truncated_recording_is_read_as_far_as_it_goes() {
    let clinic = Clinic::new();
    let whole = std::fs::read(fixture("dictations/microdisc_right_l45.wav")).unwrap();
    let cut = clinic.folder.path().join("cut.wav");
    std::fs::write(&cut, &whole[..whole.len() / 2 + 1]).unwrap();
    let answer = clinic.run(&["transcribe", cut.to_str().unwrap(), "--json", "--quiet"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let text = answer.json()["text"].as_str().unwrap().to_lowercase();
    assert!(text.contains("l4") && !text.contains("removed"), "{text}");
}

#[test]
fn the_wrong_passphrase_opens_nothing() {
    let mut clinic = Clinic::new();
    assert!(clinic.claim(&fixture("notes/laminectomy.txt"), &["--reader", "rules"]).code <= 1);
    clinic.passphrase = "a wrong one".to_owned();
    let answer = clinic.run(&["claims", "list", "--json"]);
    assert_eq!((answer.code, answer.error_code().as_str()), (4, "wrong_passphrase"), "{answer:?}");
    clinic.passphrase = "correct horse battery staple".to_owned();
    assert_eq!(clinic.run(&["claims", "list", "--json"]).json().as_array().unwrap().len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn the_keyring_opens_without_a_passphrase() {
    assert!(
        std::env::var("IAMBILLY_OWN_KEYRING").is_ok_and(|own| own == "yes"),
        "needs a keyring of the tests' own: run ./test, or scripts/with-services.sh cargo test"
    );
    let clinic = Clinic::new();
    let run = |arguments: &[&str]| {
        let mut command = clinic.command(arguments);
        command.env_remove("IAMBILLY_PASSPHRASE");
        for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
            command.env(name, std::env::var_os(name).unwrap_or_default());
        }
        support::Answer::from(command.output().unwrap())
    };
    let note = fixture("notes/laminectomy.txt");
    let note = note.to_str().unwrap();
    let made = run(&[
        "claim",
        note,
        "--payer",
        "medicare",
        "--dos",
        "2026-02-02",
        "--reader",
        "rules",
        "--json",
        "--quiet",
    ]);
    assert!(made.code <= 1, "{made:?}");
    assert_eq!(run(&["claims", "list", "--json"]).json().as_array().unwrap().len(), 1);
    assert_unreadable(&clinic.data(), &["claudication"]);
    // A passphrase does not open what the keyring guards, and says so.
    let other = clinic.run(&["claims", "list", "--json"]);
    assert_eq!(other.code, 4, "{other:?}");
    other.error_code();
}

#[test]
fn a_missing_or_corrupt_model_is_named_and_the_recording_is_kept() {
    let clinic = Clinic::new();
    let empty = clinic.folder.path().join("models");
    std::fs::create_dir(&empty).unwrap();
    let models = empty.to_str().unwrap();
    let dictation = fixture("dictations/microdisc_right_l45.wav");
    let answer = clinic.claim(&dictation, &["--models-dir", models]);
    assert_eq!((answer.code, answer.error_code().as_str()), (5, "model_missing"), "{answer:?}");
    let own = clinic.folder.path().join("own.bin");
    std::fs::write(&own, b"no weights in here").unwrap();
    let answer = clinic.run(&[
        "transcribe",
        dictation.to_str().unwrap(),
        "--model",
        own.to_str().unwrap(),
        "--json",
        "--quiet",
    ]);
    assert_eq!(answer.code, 5, "{answer:?}");
    assert_eq!(answer.error_code(), "model_corrupt");
    // The recording was sealed before the model was missed; with the model there, the work continues.
    let answer = clinic.run(&["claims", "resume", "--json", "--quiet"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let list = clinic.run(&["claims", "list", "--json"]).json();
    assert_eq!(list[0]["state"], "done", "{list}");
}

/// Sounds nobody spoke, as 16-bit samples at 16 kHz, 20 s each.
fn wordless() -> Vec<(&'static str, Vec<i16>)> {
    let sound = |f: &mut dyn FnMut(f32) -> f32| {
        (0..320_000_u32).map(|i| (f(i as f32 / 16_000.0).clamp(-1.0, 1.0) * 32_000.0) as i16).collect()
    };
    let mut state = 9_u64;
    let mut hiss = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    let wave = |hertz: f32, t: f32| (t * hertz * std::f32::consts::TAU).sin();
    // A melody of plucked chords, four a second.
    let chord = |t: f32| {
        let root = 220.0 * 2_f32.powf([0.0, 3.0, 7.0, 5.0, 10.0][(t * 4.0) as usize % 5] / 12.0);
        let fade = (-6.0 * (t * 4.0).fract()).exp();
        [1.0, 1.25, 1.5, 2.0].iter().map(|n| wave(root * n, t)).sum::<f32>() * 0.2 * fade
    };
    vec![
        ("silence", sound(&mut |_| 0.0001)),
        ("noise", sound(&mut |_| hiss() * 0.1)),
        ("hum", sound(&mut |t| 0.2 * wave(50.0, t) + 0.1 * wave(150.0, t) + 0.05 * wave(250.0, t))),
        ("music", sound(&mut |t| chord(t))),
    ]
}

/// What the recogniser makes up for a sound without words is not there at all, or flagged.
#[test]
fn sounds_without_words_give_no_text_that_looks_sure() {
    let clinic = Clinic::new();
    for (name, samples) in wordless() {
        let wav = clinic.folder.path().join(format!("{name}.wav"));
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut out = hound::WavWriter::create(&wav, spec).unwrap();
        samples.iter().for_each(|s| out.write_sample(*s).unwrap());
        out.finalize().unwrap();
        let answer = clinic.run(&["transcribe", wav.to_str().unwrap(), "--json"]);
        if answer.code == 3 {
            assert_eq!(answer.error_code(), "no_speech", "{name}: {answer:?}");
            continue;
        }
        let transcript = answer.json();
        for segment in transcript["segments"].as_array().unwrap() {
            assert_eq!(segment["flags"][0], "possible_hallucination", "{name}: {segment}");
        }
    }
}
