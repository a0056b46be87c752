//! The supervisor with the real workers on real weights: killed, frozen, cancelled, idle, misled.
//!
//! Needs the worker programs (built by `cargo build --release`, found beside this test's own program) and the
//! small set of weights in the folder that `IAMBILLY_TEST_MODELS` names; `./test` sees to both.

#![allow(clippy::expect_used, reason = "a test fails by it, its helpers too")]

use iambilly_engines::{
    Cancel, EngineError, EngineSettings, Engines, GenerateRequest, Library, ModelPath, Processor, Role,
    TranscribeOptions,
};
use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

fn models_dir() -> PathBuf {
    std::env::var_os("IAMBILLY_TEST_MODELS")
        .expect("set IAMBILLY_TEST_MODELS to a folder with the small set of models (`iambilly models fetch`)")
        .into()
}

/// `target/release`, where this test runs from `target/release/deps`.
fn workers_dir() -> PathBuf {
    let here = std::env::current_exe().expect("own path");
    here.parent().and_then(|deps| deps.parent()).expect("target folder").to_owned()
}

fn settings() -> EngineSettings {
    EngineSettings { threads: 2, ..EngineSettings::new(workers_dir(), models_dir(), 2) }
}

fn model(role: Role) -> ModelPath {
    Library::open(&models_dir())
        .expect("opens")
        .default_path(role)
        .expect("fetch the small set of models first")
}

/// Seconds of something that keeps a recogniser busy: a wandering tone with noise.
fn sound(seconds: usize) -> Arc<[f32]> {
    let mut state = 12345u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 65536.0 - 0.5
    };
    (0..seconds * 16_000)
        .map(|i| {
            let t = i as f32 / 16_000.0;
            (t * (600.0 + 200.0 * (t * 3.0).sin())).sin() * 0.2 * (t * 5.0).sin().abs() + noise() * 0.02
        })
        .collect()
}

fn ignore(_: f32) {}

/// Native work takes all cores: one test at a time, so that times mean something.
async fn alone() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}

fn pid(engines: &Engines, role: Role) -> Option<Pid> {
    let (_, pid) = engines.worker_pids().into_iter().find(|(of, _)| *of == role)?;
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// Signals the worker when the request's progress is first heard of.
fn signal_once<'e>(
    engines: &'e Engines,
    role: Role,
    signal: Signal,
    times: u32,
) -> impl Fn(f32) + Send + Sync + 'e {
    let done = AtomicU32::new(0);
    move |_| {
        if done.fetch_add(1, Ordering::SeqCst) < times {
            kill_process(pid(engines, role).expect("it runs"), signal).expect("signals");
        }
    }
}

fn story() -> GenerateRequest {
    let mut request = GenerateRequest::new("You tell long stories.", "Tell me about the sea, in many words.");
    request.max_tokens = 40;
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_speech_worker_costs_one_retry_not_the_job() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (speech, cancel, options) = (model(Role::Speech), Cancel::new(), TranscribeOptions::default());
    let calm = engines.transcribe(&speech, sound(32), &options, &ignore, &cancel).await.expect("works");
    let kill = signal_once(&engines, Role::Speech, Signal::KILL, 1);
    let killed =
        engines.transcribe(&speech, sound(32), &options, &kill, &cancel).await.expect("the retry works");
    assert_eq!(killed.segments, calm.segments, "the retry hears the same");
    let status = engines.status().into_iter().find(|s| s.role == Role::Speech).expect("a status");
    assert_eq!((status.crashes, status.fell_back_to_cpu), (1, false));
    engines.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_language_worker_costs_one_retry_not_the_job() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (language, cancel) = (model(Role::Language), Cancel::new());
    let calm = engines.generate(&language, &story(), &ignore, &cancel).await.expect("works");
    assert_eq!(calm.tokens, 40);
    let kill = signal_once(&engines, Role::Language, Signal::KILL, 1);
    let killed = engines.generate(&language, &story(), &kill, &cancel).await.expect("the retry works");
    assert_eq!(killed.text, calm.text, "greedy writing is the same again");
    engines.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_keeps_dying_is_given_up_and_said_so() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (speech, cancel, options) = (model(Role::Speech), Cancel::new(), TranscribeOptions::default());
    let kill = signal_once(&engines, Role::Speech, Signal::KILL, u32::MAX);
    let first = engines.transcribe(&speech, sound(32), &options, &kill, &cancel).await;
    assert_eq!(first.expect_err("killed twice").fault().code, "worker_crashed");
    let second = engines.transcribe(&speech, sound(32), &options, &kill, &cancel).await;
    assert_eq!(second.expect_err("killed a third time").fault().code, "worker_unstable");
    assert!(engines.worker_pids().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_idle_is_replaced_unnoticed() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (speech, cancel, options) = (model(Role::Speech), Cancel::new(), TranscribeOptions::default());
    engines.transcribe(&speech, sound(2), &options, &ignore, &cancel).await.expect("works");
    kill_process(pid(&engines, Role::Speech).expect("it runs"), Signal::KILL).expect("kills");
    engines.transcribe(&speech, sound(2), &options, &ignore, &cancel).await.expect("works again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_worker_is_noticed_by_its_missing_pulse() {
    let _turn = alone().await;
    let engines = Engines::watched(settings(), Duration::from_secs(2));
    let (language, cancel) = (model(Role::Language), Cancel::new());
    let freeze = signal_once(&engines, Role::Language, Signal::STOP, 1);
    engines.generate(&language, &story(), &freeze, &cancel).await.expect("the retry works");
    assert_eq!(engines.status()[1].crashes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_without_progress_times_out() {
    let _turn = alone().await;
    let short = EngineSettings { request_timeout: Duration::from_millis(50), ..settings() };
    let engines = Engines::new(short);
    let error = engines.generate(&model(Role::Language), &story(), &ignore, &Cancel::new()).await;
    assert_eq!(error.expect_err("loading alone takes longer").fault().code, "timeout");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_works_within_a_second() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    for role in [Role::Speech, Role::Language] {
        let cancel = Cancel::new();
        let asked = std::sync::Mutex::new(None);
        let stop = |_: f32| {
            asked.lock().expect("no panic").get_or_insert_with(Instant::now);
            cancel.cancel();
        };
        let model = model(role);
        let error = match role {
            Role::Speech => {
                let options = TranscribeOptions::default();
                engines.transcribe(&model, sound(90), &options, &stop, &cancel).await.err()
            }
            _ => engines.generate(&model, &story(), &stop, &cancel).await.err(),
        };
        let took = asked.lock().expect("no panic").expect("progress was heard").elapsed();
        assert!(matches!(error, Some(EngineError::Cancelled)), "{role}: {error:?}");
        assert!(took < Duration::from_secs(1), "{role}: {took:?}");
    }
    assert_eq!(engines.worker_pids().len(), 2, "both live on");
    // Cancelled while another request holds the worker, or before it begins.
    let cancel = Cancel::new();
    cancel.cancel();
    let speech = model(Role::Speech);
    let error = engines.transcribe(&speech, sound(2), &TranscribeOptions::default(), &ignore, &cancel).await;
    assert!(matches!(error, Err(EngineError::Cancelled)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_leaves_a_usable_worker() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (language, cancel) = (model(Role::Language), Cancel::new());
    let request = story();
    // It goes as soon as it hears that the worker is at it, however quick the machine.
    let heard = tokio::sync::Notify::new();
    let begun = |_: f32| heard.notify_one();
    tokio::select! {
        biased;
        () = heard.notified() => {}
        _ = engines.generate(&language, &request, &begun, &cancel) => panic!("no progress was told"),
    }
    let answer = engines.generate(&language, &request, &ignore, &cancel).await.expect("works");
    assert_eq!(answer.tokens, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_gives_its_memory_back() {
    let _turn = alone().await;
    let idle = EngineSettings { idle_shutdown: Duration::from_millis(300), ..settings() };
    let engines = Engines::new(idle);
    let info = engines.probe(Role::Speech).await.expect("it is installed");
    assert!(info.devices.contains(&"cpu".to_owned()) && (info.confined || cfg!(not(target_os = "linux"))));
    assert_eq!(engines.worker_pids().len(), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(engines.worker_pids().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_is_said_by_name() {
    let _turn = alone().await;
    let dir = tempfile::tempdir().expect("a folder");
    let cancel = Cancel::new();
    let options = TranscribeOptions::default();
    let engines = Engines::new(settings());
    let wrong = dir.path().join("wrong.bin");
    std::fs::write(&wrong, b"lmgg and then something else, at least forty-eight bytes of it")
        .expect("writes");
    let cases = [
        ("model_missing", Role::Speech, dir.path().join("nowhere.bin")),
        ("model_missing", Role::Speech, dir.path().to_owned()),
        ("model_corrupt", Role::Speech, wrong.clone()),
        ("model_corrupt", Role::Speech, model(Role::Language).file),
    ];
    for (code, role, file) in cases {
        let model = ModelPath::new("given", role, file);
        let error = engines.transcribe(&model, sound(2), &options, &ignore, &cancel).await.expect_err(code);
        assert_eq!(error.fault().code, code);
    }
    for file in [wrong, model(Role::Speech).file, model(Role::Embedding).file] {
        let model = ModelPath::new("given", Role::Language, file);
        let error =
            engines.generate(&model, &story(), &ignore, &cancel).await.expect_err("no language model");
        assert_eq!(error.fault().code, "model_corrupt");
    }
    let mut cut = model(Role::Speech);
    cut.bytes = cut.bytes.map(|bytes| bytes + 1);
    let error = engines.transcribe(&cut, sound(2), &options, &ignore, &cancel).await.expect_err("size");
    assert_eq!(error.fault().code, "model_corrupt");
    let nowhere = Engines::new(EngineSettings { workers_dir: dir.path().to_owned(), ..settings() });
    let error = nowhere.transcribe(&model(Role::Speech), sound(2), &options, &ignore, &cancel).await;
    assert_eq!(error.expect_err("no worker").fault().code, "worker_missing");
    assert_eq!(engines.status().iter().map(|s| s.crashes).sum::<u32>(), 0, "no worker died over this");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_older_processor_gets_the_worker_made_for_it_or_a_reason() {
    let dir = tempfile::tempdir().expect("a folder");
    let older =
        || EngineSettings { workers_dir: dir.path().to_owned(), processor: Processor::Older, ..settings() };
    let usual = workers_dir().join("iambilly-whisper");
    let code = async || Engines::new(older()).probe(Role::Speech).await.err().map(|e| e.fault().code);
    assert_eq!(code().await.as_deref(), Some("worker_missing"));
    std::os::unix::fs::symlink(&usual, dir.path().join("iambilly-whisper")).expect("links");
    assert_eq!(code().await.as_deref(), Some("processor_too_old"), "what would crash is not started");
    // Any worker will do here: what it is built for is shown by scripts/package-test.sh.
    std::os::unix::fs::symlink(&usual, dir.path().join("iambilly-whisper-baseline")).expect("links");
    assert_eq!(code().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_silence() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (speech, cancel, options) = (model(Role::Speech), Cancel::new(), TranscribeOptions::default());
    for samples in [vec![], vec![0.0; 16_000], vec![0.0; 16_000 * 40], vec![f32::NAN; 32_000]] {
        let heard =
            engines.transcribe(&speech, samples.into(), &options, &ignore, &cancel).await.expect("works");
        assert!(heard.segments.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grammar_holds_whatever_the_model_would_like() {
    let _turn = alone().await;
    let engines = Engines::new(settings());
    let (language, cancel) = (model(Role::Language), Cancel::new());
    let grammar = r#"root ::= "{\"side\":\"" ("left" | "right") "\",\"levels\":[" level ("," level)? "]}"
level ::= "\"" [CTL] [1-9] "-" [CTLS] [1-9] "\"""#;
    let request =
        GenerateRequest::new("Answer in French prose.", "Tell me about the weather.").with_grammar(grammar);
    let answer = engines.generate(&language, &request, &ignore, &cancel).await.expect("works");
    let text = answer.text.expose();
    assert!(text.starts_with("{\"side\":\"") && text.ends_with("]}"), "{text}");
    assert!(answer.refused_tokens > 0, "the model would have liked something else");
    let broken = GenerateRequest::new("", "x").with_grammar("root ::= <<");
    let error = engines.generate(&language, &broken, &ignore, &cancel).await.expect_err("no grammar");
    assert_eq!(error.fault().code, "grammar_invalid");
}
