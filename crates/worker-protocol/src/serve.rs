//! The worker's side of the conversation: one thread reads, one works, cancelling and pinging never wait.
//!
//! The reading thread answers pings at once, notes cancellations and leaves the process when standard input
//! closes, so that a worker whose program is gone does not go on computing. Requests are handled one after
//! the other, in order, on the thread that calls [`serve`].

use crate::SAMPLE_RATE;
use crate::frame::{Frame, FrameError, MAX_SAMPLES, read_frame, write_json};
use crate::message::{Embed, Generate, Hello, Load, Reply, Request, Transcribe};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// Longest audio of one request, in samples: four hours.
pub const MAX_AUDIO: u64 = 4 * 60 * 60 * SAMPLE_RATE as u64;

/// Codes of [`Reply::Error`].
pub mod codes {
    /// The request was cancelled.
    pub const CANCELLED: &str = "cancelled";
    /// The file is not a model this engine can load.
    pub const MODEL_INVALID: &str = "model_invalid";
    /// A request came before a model was loaded.
    pub const NO_MODEL: &str = "no_model";
    /// The request makes no sense to this worker.
    pub const REQUEST_INVALID: &str = "request_invalid";
    /// The grammar cannot be read or leaves no way on.
    pub const GRAMMAR_INVALID: &str = "grammar_invalid";
    /// The prompt does not fit the model's context window.
    pub const CONTEXT_FULL: &str = "context_full";
    /// The native engine failed.
    pub const ENGINE_FAILED: &str = "engine_failed";
}

/// Why a request failed, as it goes on the wire. Texts never quote a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One of [`codes`].
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub advice: String,
}

impl Refusal {
    /// A refusal with its code, message and advice.
    pub fn new(code: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, message: message.into(), advice: advice.into() }
    }
    /// The request was cancelled.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(codes::CANCELLED, "The request was cancelled.", "Nothing to do.")
    }
}

/// What a native engine does for a worker.
pub trait Engine {
    /// Loads a model in place of the one loaded.
    ///
    /// # Errors
    /// `model_invalid` or `engine_failed`.
    fn load(&mut self, load: &Load) -> Result<crate::Loaded, Refusal>;
    /// Recognises speech.
    ///
    /// # Errors
    /// See [`codes`].
    fn transcribe(
        &mut self,
        ask: &Transcribe,
        samples: &[f32],
        job: &Job,
    ) -> Result<crate::Recognised, Refusal> {
        let _ = (ask, samples, job);
        Err(not_mine())
    }
    /// Writes an answer.
    ///
    /// # Errors
    /// See [`codes`].
    fn generate(&mut self, ask: &Generate, job: &Job) -> Result<crate::Generated, Refusal> {
        let _ = (ask, job);
        Err(not_mine())
    }
    /// Turns texts into vectors.
    ///
    /// # Errors
    /// See [`codes`].
    fn embed(&mut self, ask: &Embed, job: &Job) -> Result<crate::Embedded, Refusal> {
        let _ = (ask, job);
        Err(not_mine())
    }
}

fn not_mine() -> Refusal {
    Refusal::new(codes::REQUEST_INVALID, "This worker does not do that.", "Send it to the other worker.")
}

/// The request at hand, as an engine sees it: has it been cancelled, and how to report progress.
#[derive(Clone)]
pub struct Job {
    id: u64,
    cancelled: Arc<Mutex<BTreeSet<u64>>>,
    out: Arc<Mutex<dyn Write + Send>>,
}

impl Job {
    /// A job nobody can cancel and whose progress nobody hears: for calling an engine without a worker.
    #[must_use]
    pub fn detached() -> Self {
        Self { id: 0, cancelled: Arc::default(), out: Arc::new(Mutex::new(std::io::sink())) }
    }
    /// True once the program asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.lock().unwrap_or_else(PoisonError::into_inner).contains(&self.id)
    }
    /// Reports how far the request is, 0 to 1. A lost report is not worth failing for.
    pub fn progress(&self, fraction: f32) {
        let reply = Reply::Progress { id: self.id, fraction: fraction.clamp(0.0, 1.0) };
        let _ = say(&self.out, &reply);
    }
}

enum Work {
    Load(Load),
    Transcribe(Transcribe, Vec<f32>),
    Generate(Generate),
    Embed(Embed),
}

/// Serves requests from `from` until it closes or asks to leave.
///
/// `leave` is called on the reading thread when standard input closes in the middle of work: a worker passes
/// the end of its process, a test something gentler.
///
/// # Errors
/// A frame that cannot be read, or an output that cannot be written.
pub fn serve(
    from: impl Read + Send + 'static,
    to: impl Write + Send + 'static,
    hello: Hello,
    engine: &mut dyn Engine,
    leave: impl FnOnce() + Send + 'static,
) -> Result<(), FrameError> {
    let out: Arc<Mutex<dyn Write + Send>> = Arc::new(Mutex::new(to));
    let cancelled = Arc::new(Mutex::new(BTreeSet::new()));
    say(&out, &Reply::Hello(hello))?;
    let (queue, work) = mpsc::channel();
    let reader = {
        let (out, cancelled) = (Arc::clone(&out), Arc::clone(&cancelled));
        std::thread::spawn(move || {
            let ended = read_requests(from, &queue, &out, &cancelled);
            drop(queue);
            leave();
            ended
        })
    };
    while let Ok(next) = work.recv() {
        let job = |id| Job { id, cancelled: Arc::clone(&cancelled), out: Arc::clone(&out) };
        let (id, answer) = match next {
            Work::Load(ask) => (ask.id, engine.load(&ask).map(Reply::Loaded)),
            Work::Transcribe(ask, samples) => (
                ask.id,
                unless_cancelled(&job(ask.id), |job| engine.transcribe(&ask, &samples, job))
                    .map(|recognised| Reply::Recognised { id: ask.id, recognised }),
            ),
            Work::Generate(ask) => (
                ask.id,
                unless_cancelled(&job(ask.id), |job| engine.generate(&ask, job))
                    .map(|generated| Reply::Generated { id: ask.id, generated }),
            ),
            Work::Embed(ask) => (
                ask.id,
                unless_cancelled(&job(ask.id), |job| engine.embed(&ask, job))
                    .map(|embedded| Reply::Embedded { id: ask.id, embedded }),
            ),
        };
        let reply = answer.unwrap_or_else(|refusal| refused(Some(id), refusal));
        cancelled.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        say(&out, &reply)?;
    }
    reader.join().unwrap_or(Ok(()))
}

fn unless_cancelled<T>(job: &Job, run: impl FnOnce(&Job) -> Result<T, Refusal>) -> Result<T, Refusal> {
    if job.is_cancelled() { Err(Refusal::cancelled()) } else { run(job) }
}

fn refused(id: Option<u64>, refusal: Refusal) -> Reply {
    Reply::Error { id, code: refusal.code.to_owned(), message: refusal.message, advice: refusal.advice }
}

fn say(out: &Mutex<dyn Write + Send>, reply: &Reply) -> Result<(), FrameError> {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out: &mut (dyn Write + Send) = &mut *out;
    write_json(&mut out, reply)
}

fn read_requests(
    mut from: impl Read,
    queue: &Sender<Work>,
    out: &Mutex<dyn Write + Send>,
    cancelled: &Mutex<BTreeSet<u64>>,
) -> Result<(), FrameError> {
    loop {
        let frame = match read_frame(&mut from) {
            Ok(frame) => frame,
            Err(FrameError::Closed) => return Ok(()),
            Err(e) => return Err(e),
        };
        let request: Request = match frame.message() {
            Ok(request) => request,
            Err(e) => {
                // The stream is still in step: the frame was whole, only its content is not ours.
                say(out, &refused(None, invalid(&e.to_string())))?;
                continue;
            }
        };
        let work = match request {
            Request::Load(ask) => Work::Load(ask),
            Request::Generate(ask) => Work::Generate(ask),
            Request::Embed(ask) => Work::Embed(ask),
            Request::Transcribe(ask) if ask.samples > MAX_AUDIO => {
                return Err(FrameError::TooLong {
                    kind: 2,
                    length: usize::try_from(ask.samples).unwrap_or(usize::MAX),
                    limit: usize::try_from(MAX_AUDIO).unwrap_or(usize::MAX),
                });
            }
            Request::Transcribe(ask) => {
                let samples = read_audio(&mut from, ask.samples)?;
                Work::Transcribe(ask, samples)
            }
            Request::Cancel { id } => {
                let mut ids = cancelled.lock().unwrap_or_else(PoisonError::into_inner);
                // Ids rise; those of requests long answered are dropped instead of kept for ever.
                if ids.len() >= 64 {
                    ids.pop_first();
                }
                ids.insert(id);
                continue;
            }
            Request::Ping { nonce } => {
                say(out, &Reply::Pong { nonce })?;
                continue;
            }
            Request::Shutdown => return Ok(()),
        };
        if queue.send(work).is_err() {
            return Ok(());
        }
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(
        codes::REQUEST_INVALID,
        format!("A request was not understood: {why}."),
        "Update the program.",
    )
}

fn read_audio(from: &mut impl Read, count: u64) -> Result<Vec<f32>, FrameError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut samples = Vec::with_capacity(count.min(MAX_SAMPLES));
    while samples.len() < count {
        match read_frame(from)? {
            Frame::Samples(run) if !run.is_empty() && run.len() <= count - samples.len() => {
                samples.extend(run)
            }
            _ => return Err(FrameError::Unexpected),
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::write_samples;
    use crate::message::{Backend, Loaded, Recognised, Role};
    use std::sync::mpsc::Receiver;
    use std::time::Duration;

    /// A pipe of bytes between two threads.
    struct PipeIn(Sender<Vec<u8>>);
    struct PipeOut(Receiver<Vec<u8>>, Vec<u8>);
    fn pipe() -> (PipeIn, PipeOut) {
        let (to, from) = mpsc::channel();
        (PipeIn(to), PipeOut(from, vec![]))
    }
    impl Write for PipeIn {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(|_| std::io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl Read for PipeOut {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.1.is_empty() {
                self.1 = self.0.recv().unwrap_or_default();
            }
            let n = into.len().min(self.1.len());
            into[..n].copy_from_slice(&self.1[..n]);
            self.1.drain(..n);
            Ok(n)
        }
    }

    /// Counts samples; works until cancelled when the language is `wait`.
    struct Counter;
    impl Engine for Counter {
        fn load(&mut self, _: &Load) -> Result<Loaded, Refusal> {
            Err(Refusal::new(codes::MODEL_INVALID, "not a model", "fetch one"))
        }
        fn transcribe(
            &mut self,
            ask: &Transcribe,
            samples: &[f32],
            job: &Job,
        ) -> Result<Recognised, Refusal> {
            job.progress(0.5);
            while ask.language.as_deref() == Some("wait") {
                if job.is_cancelled() {
                    return Err(Refusal::cancelled());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(Recognised { language: "en".into(), segments: vec![], elapsed_ms: samples.len() as u64 })
        }
    }

    fn start() -> (PipeIn, PipeOut, std::thread::JoinHandle<Result<(), FrameError>>) {
        let (program_to, worker_from) = pipe();
        let (worker_to, program_from) = pipe();
        let hello = Hello {
            protocol: crate::PROTOCOL_VERSION,
            version: "0".into(),
            role: Role::Speech,
            backend: Backend::Cpu,
            devices: vec!["processor".into()],
            confined: false,
        };
        let worker = std::thread::spawn(move || serve(worker_from, worker_to, hello, &mut Counter, || ()));
        (program_to, program_from, worker)
    }
    fn hear(from: &mut PipeOut) -> Reply {
        read_frame(from).expect("a frame").message().expect("a reply")
    }
    fn ask(id: u64, samples: u64, language: &str) -> Request {
        let initial_prompt = None.into();
        Request::Transcribe(Transcribe {
            id,
            samples,
            language: Some(language.into()),
            initial_prompt,
            rough: false,
            threads: 1,
        })
    }

    #[test]
    fn a_whole_conversation() {
        let (mut to, mut from, worker) = start();
        assert!(matches!(hear(&mut from), Reply::Hello(_)));
        write_json(&mut to, &ask(1, 5, "wait")).expect("sends");
        write_samples(&mut to, &[0.0; 5]).expect("sends");
        assert!(matches!(hear(&mut from), Reply::Progress { id: 1, .. }));
        // In the middle of work: pings are answered, nonsense is refused, cancelling works.
        write_json(&mut to, &Request::Ping { nonce: 7 }).expect("sends");
        assert_eq!(hear(&mut from), Reply::Pong { nonce: 7 });
        write_json(&mut to, &serde_json::json!({"request": "dance"})).expect("sends");
        assert!(
            matches!(hear(&mut from), Reply::Error { id: None, code, .. } if code == codes::REQUEST_INVALID)
        );
        write_json(&mut to, &Request::Cancel { id: 1 }).expect("sends");
        assert!(
            matches!(hear(&mut from), Reply::Error { id: Some(1), code, .. } if code == codes::CANCELLED)
        );
        // The worker lives on.
        write_json(&mut to, &ask(2, 3, "en")).expect("sends");
        write_samples(&mut to, &[0.0; 3]).expect("sends");
        assert!(matches!(hear(&mut from), Reply::Progress { id: 2, .. }));
        assert!(
            matches!(hear(&mut from), Reply::Recognised { id: 2, recognised } if recognised.elapsed_ms == 3)
        );
        write_json(&mut to, &Request::Shutdown).expect("sends");
        assert!(worker.join().expect("no panic").is_ok());
    }

    #[test]
    fn a_request_cancelled_before_its_turn_never_runs() {
        let (mut to, mut from, worker) = start();
        hear(&mut from);
        write_json(&mut to, &ask(1, 0, "wait")).expect("sends");
        write_json(&mut to, &ask(2, 0, "wait")).expect("sends");
        write_json(&mut to, &Request::Cancel { id: 2 }).expect("sends");
        write_json(&mut to, &Request::Cancel { id: 1 }).expect("sends");
        let mut ended = vec![];
        while ended.len() < 2 {
            if let Reply::Error { id, .. } = hear(&mut from) {
                ended.extend(id);
            }
        }
        assert_eq!(ended, [1, 2]);
        drop(to);
        assert!(worker.join().expect("no panic").is_ok());
    }

    #[test]
    fn audio_that_does_not_come_ends_the_conversation() {
        for bad in [ask(1, 5, "en"), ask(1, MAX_AUDIO + 1, "en")] {
            let (mut to, mut from, worker) = start();
            hear(&mut from);
            write_json(&mut to, &bad).expect("sends");
            let _ = write_samples(&mut to, &[0.0; 9]);
            assert!(worker.join().expect("no panic").is_err());
        }
    }
}
