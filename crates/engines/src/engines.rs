//! The supervisor: one worker a role, started when needed, watched, restarted, sent home when idle.
//!
//! A request holds its role's worker until it is answered, so requests of a role queue in order. A worker
//! that dies costs the request one more try; one that dies three times in fifteen seconds costs the graphics
//! device (the processor takes over), and without one the requests of the next seconds. A worker that
//! answers no ping counts as dead; one that makes no progress for `request_timeout` is stopped.

use crate::error::EngineError;
use crate::process::{Event, Process};
use crate::processor::Processor;
use crate::settings::{
    BackendInfo, EngineSettings, GenerateRequest, GpuChoice, ModelPath, TranscribeOptions, WorkerStatus,
};
use iambilly_worker_protocol::serve::{MAX_AUDIO, codes};
use iambilly_worker_protocol::{
    Backend, Embed, Embedded, Generate, Generated, Hello, Load, Loaded, PROTOCOL_VERSION, Recognised, Reply,
    Request, Role, Transcribe,
};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Held, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

/// A word to stop, shared by whoever may say it; see [`tokio_util::sync::CancellationToken`].
pub use tokio_util::sync::CancellationToken as Cancel;

/// A progress report, 0 to 1.
pub type Progress<'a> = &'a (dyn Fn(f32) + Send + Sync);

/// Crashes within [`CRASH_WINDOW`] that end the patience with a worker.
const CRASH_BUDGET: usize = 3;
/// See [`CRASH_BUDGET`].
const CRASH_WINDOW: Duration = Duration::from_secs(15);
/// Texts of one request for vectors.
const EMBEDDED_AT_ONCE: usize = 32;
/// How long a cancelled worker may take to say so before it is killed.
const CANCEL_GRACE: Duration = Duration::from_millis(700);
/// How long a worker may take to start and to leave.
const HELLO_WITHIN: Duration = Duration::from_secs(20);
const LEAVE_WITHIN: Duration = Duration::from_secs(1);
/// How often a working worker is asked whether it is there, and how long it may be dead silent.
const PING_EVERY: Duration = Duration::from_secs(4);
const SILENT_FOR: Duration = Duration::from_secs(20);

/// The model workers. Cheap to clone; dropping the last one ends them.
#[derive(Debug, Clone)]
pub struct Engines {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: EngineSettings,
    silent_for: Duration,
    next_id: AtomicU64,
    speech: Post,
    language: Post,
    embedding: Post,
}

/// The place of one worker.
#[derive(Debug)]
struct Post {
    role: Role,
    slot: Mutex<Slot>,
    status: Held<WorkerStatus>,
    idle: Held<Option<AbortHandle>>,
}

#[derive(Debug, Default)]
struct Slot {
    live: Option<Live>,
    crashes: VecDeque<Instant>,
    sees_gpu: bool,
    without_gpu: bool,
}

#[derive(Debug)]
struct Live {
    process: Process,
    hello: Hello,
    loaded: Option<(LoadKey, Loaded)>,
    /// Request whose answer was not waited for.
    unanswered: Option<u64>,
}

/// What makes a loaded model the one that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LoadKey {
    file: PathBuf,
    bytes: u64,
    modified: Option<SystemTime>,
    gpu: bool,
    context_tokens: u32,
}

/// What a request says to the worker once its model is loaded.
enum Ask {
    Nothing,
    Transcribe(Transcribe, Arc<[f32]>),
    Generate(Generate),
    Embed(Embed),
}

enum Answer {
    Ready,
    Recognised(Recognised),
    Generated(Generated),
    Embedded(Embedded),
}

/// How an attempt ended without an answer.
enum Ended {
    Died(String),
    Failed(EngineError),
}

impl From<EngineError> for Ended {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

impl Engines {
    /// Engines that start nothing until they are asked for something.
    #[must_use]
    pub fn new(settings: EngineSettings) -> Self {
        Self::watched(settings, SILENT_FOR)
    }

    /// Engines with another patience for dead silence than the usual.
    #[must_use]
    pub fn watched(settings: EngineSettings, silent_for: Duration) -> Self {
        Self {
            shared: Arc::new(Shared {
                settings,
                silent_for,
                next_id: AtomicU64::new(1),
                speech: Post::new(Role::Speech),
                language: Post::new(Role::Language),
                embedding: Post::new(Role::Embedding),
            }),
        }
    }

    /// Recognises speech: mono samples at 16 kHz.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn transcribe(
        &self,
        model: &ModelPath,
        samples: Arc<[f32]>,
        options: &TranscribeOptions,
        progress: Progress<'_>,
        cancel: &Cancel,
    ) -> Result<Recognised, EngineError> {
        if samples.len() as u64 > MAX_AUDIO {
            return Err(EngineError::RequestInvalid("The recording is longer than four hours."));
        }
        let ask = Transcribe {
            id: 0,
            samples: samples.len() as u64,
            language: options.language.clone(),
            initial_prompt: options.initial_prompt.clone(),
            rough: options.rough,
            threads: self.threads(),
        };
        let ask = Ask::Transcribe(ask, samples);
        match self.run(&self.shared.speech, model, 0, ask, progress, cancel).await? {
            Answer::Recognised(recognised) => Ok(recognised),
            _ => Err(EngineError::RequestInvalid("The worker answered another question.")),
        }
    }

    /// Has a speech model in memory before its first use.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn warm(&self, model: &ModelPath, cancel: &Cancel) -> Result<(), EngineError> {
        self.run(&self.shared.speech, model, 0, Ask::Nothing, &|_| (), cancel).await.map(drop)
    }

    /// Writes an answer to a chat.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn generate(
        &self,
        model: &ModelPath,
        request: &GenerateRequest,
        progress: Progress<'_>,
        cancel: &Cancel,
    ) -> Result<Generated, EngineError> {
        let ask = Ask::Generate(Generate {
            id: 0,
            messages: request.messages.clone(),
            grammar: request.grammar.clone(),
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            seed: request.seed,
        });
        let context = request.context_tokens;
        match self.run(&self.shared.language, model, context, ask, progress, cancel).await? {
            Answer::Generated(generated) => Ok(generated),
            _ => Err(EngineError::RequestInvalid("The worker answered another question.")),
        }
    }

    /// Turns texts into vectors, a vector for each, in order. Texts go in small requests, so that cancelling is quick
    /// and other texts are not held up for long.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub async fn embed(
        &self,
        model: &ModelPath,
        texts: &[String],
        progress: Progress<'_>,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for run in texts.chunks(EMBEDDED_AT_ONCE) {
            let ask = Ask::Embed(Embed { id: 0, texts: iambilly_claim::Phi::new(run.to_vec()) });
            match self.run(&self.shared.embedding, model, 0, ask, &|_| (), cancel).await? {
                Answer::Embedded(embedded) if embedded.vectors.len() == run.len() => {
                    vectors.extend(embedded.vectors);
                }
                _ => return Err(EngineError::RequestInvalid("The worker answered another question.")),
            }
            progress(vectors.len() as f32 / texts.len().max(1) as f32);
        }
        Ok(vectors)
    }

    /// Starts the worker of a role if it is not running and asks what it can do.
    ///
    /// # Errors
    /// The worker is missing, does not start or is of another version.
    pub async fn probe(&self, role: Role) -> Result<BackendInfo, EngineError> {
        let post = self.shared.post(role);
        let mut slot = post.slot.lock().await;
        let hello = match self.live(post, &mut slot).await {
            Ok(live) => live.hello.clone(),
            Err(Ended::Failed(e)) => return Err(e),
            Err(Ended::Died(reason)) => {
                self.bury(post, &mut slot);
                return Err(EngineError::WorkerNotStarted { role: post.role, reason });
            }
        };
        self.rest(post);
        Ok(BackendInfo {
            role: hello.role,
            version: hello.version,
            backend: hello.backend,
            devices: hello.devices,
            confined: hello.confined,
        })
    }

    /// Sends all workers home; work in hand is waited for. The next request starts them again.
    pub async fn shutdown(&self) {
        for post in self.shared.posts() {
            if let Some(idle) = post.idle.lock().unwrap_or_else(PoisonError::into_inner).take() {
                idle.abort();
            }
            let mut slot = post.slot.lock().await;
            send_home(post, &mut slot).await;
        }
    }

    /// The workers at this moment.
    #[must_use]
    pub fn status(&self) -> Vec<WorkerStatus> {
        let of = |post: &Post| post.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.shared.posts().map(of).to_vec()
    }

    /// Whether the worker of a role is at work, or starts or stops just now.
    #[must_use]
    pub fn is_busy(&self, role: Role) -> bool {
        self.shared.post(role).slot.try_lock().is_err()
    }

    /// Process ids of the running workers.
    #[must_use]
    pub fn worker_pids(&self) -> Vec<(Role, u32)> {
        self.status().iter().filter_map(|s| Some((s.role, s.pid?))).collect()
    }

    fn threads(&self) -> u32 {
        u32::try_from(self.shared.settings.threads.clamp(1, 256)).unwrap_or(1)
    }

    fn next_id(&self) -> u64 {
        self.shared.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Runs one request to its end, over crashes and fall-backs.
    async fn run(
        &self,
        post: &Post,
        model: &ModelPath,
        context_tokens: u32,
        mut ask: Ask,
        progress: Progress<'_>,
        cancel: &Cancel,
    ) -> Result<Answer, EngineError> {
        let mut slot = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(EngineError::Cancelled),
            slot = post.slot.lock() => slot,
        };
        let mut retried = false;
        loop {
            let key = self.load_key(model, context_tokens, &slot)?;
            let ended = match self.attempt(post, &mut slot, model, &key, &mut ask, progress, cancel).await {
                Ok(answer) => {
                    self.rest(post);
                    return Ok(answer);
                }
                Err(ended) => ended,
            };
            let reason = match ended {
                Ended::Failed(e) => {
                    self.rest(post);
                    return Err(e);
                }
                Ended::Died(reason) => reason,
            };
            self.bury(post, &mut slot);
            tracing::warn!(role = %post.role, reason, retried, "worker died during a request");
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            if !retried {
                retried = true;
            } else if self.may_fall_back(&slot) {
                self.fall_back(post, &mut slot);
            } else {
                return Err(EngineError::WorkerCrashed { role: post.role, reason });
            }
        }
    }

    fn load_key(&self, model: &ModelPath, context_tokens: u32, slot: &Slot) -> Result<LoadKey, EngineError> {
        let file = std::path::absolute(&model.file).map_err(|_| EngineError::missing(model))?;
        let meta = std::fs::metadata(&file).map_err(|_| EngineError::missing(model))?;
        if !meta.is_file() {
            return Err(EngineError::missing(model));
        }
        if meta.len() == 0 || model.bytes.is_some_and(|bytes| bytes != meta.len()) {
            return Err(EngineError::corrupt(model));
        }
        let gpu = self.shared.settings.gpu == GpuChoice::Auto && !slot.without_gpu;
        Ok(LoadKey { file, bytes: meta.len(), modified: meta.modified().ok(), gpu, context_tokens })
    }

    /// One try: a running worker, the model in it, the question, the answer.
    #[expect(clippy::too_many_arguments, reason = "one private step of `run`, split for reading")]
    async fn attempt(
        &self,
        post: &Post,
        slot: &mut Slot,
        model: &ModelPath,
        key: &LoadKey,
        ask: &mut Ask,
        progress: Progress<'_>,
        cancel: &Cancel,
    ) -> Result<Answer, Ended> {
        let live = self.live(post, slot).await?;
        // A worker that sees no graphics device never counts as using one.
        let key = LoadKey { gpu: key.gpu && live.hello.backend != Backend::Cpu, ..key.clone() };
        if live.loaded.as_ref().is_none_or(|(loaded, _)| *loaded != key) {
            live.loaded = None;
            let id = self.next_id();
            live.process.say(Request::Load(Load {
                id,
                path: key.file.clone(),
                gpu: key.gpu,
                context_tokens: key.context_tokens,
                threads: self.threads(),
                embedding: post.role == Role::Embedding,
            }));
            let loaded = match self.answer(post.role, live, id, &|_| (), cancel).await? {
                Reply::Loaded(loaded) => loaded,
                Reply::Error { code, .. } if code == codes::MODEL_INVALID => {
                    return Err(EngineError::corrupt(model).into());
                }
                other => return Err(unexpected(other).into()),
            };
            post.note(|status| {
                status.model = Some(model.id.clone());
                status.backend = Some(loaded.backend);
                status.device = Some(loaded.device.clone());
            });
            live.loaded = Some((key, loaded));
        }
        let id = self.next_id();
        match ask {
            Ask::Nothing => return Ok(Answer::Ready),
            Ask::Transcribe(ask, samples) => {
                ask.id = id;
                live.process.say(Request::Transcribe(ask.clone()));
                live.process.send_audio(Arc::clone(samples));
            }
            Ask::Generate(ask) => {
                ask.id = id;
                live.process.say(Request::Generate(ask.clone()));
            }
            Ask::Embed(ask) => {
                ask.id = id;
                live.process.say(Request::Embed(ask.clone()));
            }
        }
        match self.answer(post.role, live, id, progress, cancel).await? {
            Reply::Recognised { recognised, .. } => Ok(Answer::Recognised(recognised)),
            Reply::Generated { generated, .. } => Ok(Answer::Generated(generated)),
            Reply::Embedded { embedded, .. } => Ok(Answer::Embedded(embedded)),
            other => Err(unexpected(other).into()),
        }
    }

    /// The running worker of a post, started if need be and free of earlier work.
    async fn live<'s>(&self, post: &Post, slot: &'s mut Slot) -> Result<&'s mut Live, Ended> {
        if let Some(live) = &mut slot.live {
            // The caller of an earlier request may have gone away without an answer.
            if let Some(id) = live.unanswered.take() {
                live.process.say(Request::Cancel { id });
                let gone = timeout(CANCEL_GRACE, until_answered(&mut live.process, id)).await;
                if gone.is_err() {
                    live.process.kill();
                }
            }
        }
        if slot.live.as_mut().is_some_and(|live| live.process.has_ended()) {
            self.bury(post, slot);
        }
        if slot.live.is_none() {
            self.check_budget(post, slot)?;
            let live = self.start(post).await?;
            slot.sees_gpu = live.hello.backend != Backend::Cpu;
            slot.live = Some(live);
        }
        slot.live.as_mut().ok_or_else(|| Ended::Died("it left".to_owned()))
    }

    async fn start(&self, post: &Post) -> Result<Live, Ended> {
        let role = post.role;
        let name = match role {
            Role::Speech => "iambilly-whisper",
            Role::Language | Role::Embedding => "iambilly-llama",
        };
        let settings = &self.shared.settings;
        let path = settings.processor.worker(&settings.workers_dir, name);
        if !path.is_file() {
            let usual = Processor::Usual.worker(&settings.workers_dir, name);
            if settings.processor == Processor::Older && usual.is_file() {
                return Err(EngineError::ProcessorTooOld { role }.into());
            }
            return Err(EngineError::WorkerMissing { role, path: usual }.into());
        }
        let mut process = Process::start(&path, role)
            .map_err(|e| EngineError::WorkerNotStarted { role, reason: e.kind().to_string() })?;
        let pid = process.pid();
        let hello = match timeout(HELLO_WITHIN, process.next()).await {
            Ok(Event::Reply(Reply::Hello(hello))) => hello,
            Ok(Event::Ended(reason)) => return Err(EngineError::WorkerNotStarted { role, reason }.into()),
            Ok(Event::Reply(_)) => return Err(EngineError::WorkerVersion { role, found: 0 }.into()),
            Err(_) => return Err(EngineError::Timeout { role, after: HELLO_WITHIN }.into()),
        };
        if hello.protocol != PROTOCOL_VERSION || (hello.role == Role::Speech) != (role == Role::Speech) {
            return Err(EngineError::WorkerVersion { role, found: hello.protocol }.into());
        }
        post.note(|status| status.pid = Some(pid));
        Ok(Live { process, hello, loaded: None, unanswered: None })
    }

    /// Waits for the answer to a request; watches the worker's pulse, the clock and the caller's mind.
    async fn answer(
        &self,
        role: Role,
        live: &mut Live,
        id: u64,
        progress: Progress<'_>,
        cancel: &Cancel,
    ) -> Result<Reply, Ended> {
        live.unanswered = Some(id);
        let limit = self.shared.settings.request_timeout;
        let (mut heard, mut moved) = (Instant::now(), Instant::now());
        let mut ping = tokio::time::interval(PING_EVERY.min(self.shared.silent_for / 4));
        ping.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                biased;
                () = cancel.cancelled() => {
                    live.process.say(Request::Cancel { id });
                    if timeout(CANCEL_GRACE, until_answered(&mut live.process, id)).await.is_err() {
                        live.process.kill();
                    }
                    live.unanswered = None;
                    return Err(EngineError::Cancelled.into());
                }
                event = live.process.next() => event,
                () = tokio::time::sleep_until(moved + limit) => {
                    live.process.kill();
                    return Err(EngineError::Timeout { role, after: limit }.into());
                }
                _ = ping.tick() => {
                    if heard.elapsed() > self.shared.silent_for {
                        live.process.kill();
                        return Err(Ended::Died("it answered no ping".to_owned()));
                    }
                    live.process.say(Request::Ping { nonce: id });
                    continue;
                }
            };
            heard = Instant::now();
            match event {
                Event::Ended(reason) => return Err(Ended::Died(reason)),
                Event::Reply(reply) if answers(&reply, id) => {
                    live.unanswered = None;
                    return Ok(reply);
                }
                Event::Reply(Reply::Progress { id: of, fraction }) if of == id => {
                    moved = heard;
                    progress(fraction);
                }
                Event::Reply(_) => {}
            }
        }
    }

    /// Refuses to start a worker that keeps dying; takes the graphics device away first.
    fn check_budget(&self, post: &Post, slot: &mut Slot) -> Result<(), EngineError> {
        while slot.crashes.front().is_some_and(|at| at.elapsed() > CRASH_WINDOW) {
            slot.crashes.pop_front();
        }
        if slot.crashes.len() < CRASH_BUDGET {
            return Ok(());
        }
        if self.may_fall_back(slot) {
            self.fall_back(post, slot);
            return Ok(());
        }
        let crashes = slot.crashes.len();
        Err(EngineError::WorkerUnstable { role: post.role, crashes, window: CRASH_WINDOW })
    }

    fn may_fall_back(&self, slot: &Slot) -> bool {
        self.shared.settings.gpu == GpuChoice::Auto && slot.sees_gpu && !slot.without_gpu
    }

    fn fall_back(&self, post: &Post, slot: &mut Slot) {
        tracing::warn!(role = %post.role, "the graphics device failed too often; the processor takes over");
        slot.without_gpu = true;
        slot.crashes.clear();
        post.note(|status| status.fell_back_to_cpu = true);
    }

    /// Takes note of a dead worker.
    fn bury(&self, post: &Post, slot: &mut Slot) {
        slot.live = None;
        slot.crashes.push_back(Instant::now());
        post.note(|status| {
            status.pid = None;
            status.model = None;
            status.crashes = status.crashes.saturating_add(1);
        });
    }

    /// Sends the worker home after `idle_shutdown` without another request.
    fn rest(&self, post: &Post) {
        let shared = Arc::downgrade(&self.shared);
        let (role, after) = (post.role, self.shared.settings.idle_shutdown);
        let task = tokio::spawn(async move {
            sleep(after).await;
            if let Some(shared) = shared.upgrade() {
                let post = shared.post(role);
                let mut slot = post.slot.lock().await;
                send_home(post, &mut slot).await;
            }
        });
        let mut idle = post.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = idle.replace(task.abort_handle()) {
            earlier.abort();
        }
    }
}

impl Shared {
    const fn posts(&self) -> [&Post; 3] {
        [&self.speech, &self.language, &self.embedding]
    }
    const fn post(&self, role: Role) -> &Post {
        match role {
            Role::Speech => &self.speech,
            Role::Language => &self.language,
            Role::Embedding => &self.embedding,
        }
    }
}

impl Post {
    fn new(role: Role) -> Self {
        let status = WorkerStatus {
            role,
            pid: None,
            model: None,
            backend: None,
            device: None,
            crashes: 0,
            fell_back_to_cpu: false,
        };
        Self { role, slot: Mutex::default(), status: Held::new(status), idle: Held::default() }
    }
    fn note(&self, change: impl FnOnce(&mut WorkerStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

async fn send_home(post: &Post, slot: &mut Slot) {
    if let Some(mut live) = slot.live.take() {
        live.process.say(Request::Shutdown);
        let left = async { while !matches!(live.process.next().await, Event::Ended(_)) {} };
        // Dropping it kills it if it does not go by itself.
        let _ = timeout(LEAVE_WITHIN, left).await;
        post.note(|status| {
            status.pid = None;
            status.model = None;
        });
    }
}

/// Is this the end of the request, one way or the other?
fn answers(reply: &Reply, id: u64) -> bool {
    match reply {
        Reply::Loaded(loaded) => loaded.id == id,
        Reply::Recognised { id: of, .. }
        | Reply::Generated { id: of, .. }
        | Reply::Embedded { id: of, .. } => *of == id,
        // A worker that could not read a request does not know its id; only ours is open.
        Reply::Error { id: of, .. } => of.is_none_or(|of| of == id),
        Reply::Hello(_) | Reply::Progress { .. } | Reply::Pong { .. } => false,
    }
}

async fn until_answered(process: &mut Process, id: u64) {
    loop {
        match process.next().await {
            Event::Ended(_) => return,
            Event::Reply(reply) if answers(&reply, id) => return,
            Event::Reply(_) => {}
        }
    }
}

fn unexpected(reply: Reply) -> EngineError {
    match reply {
        Reply::Error { code, .. } if code == codes::CANCELLED => EngineError::Cancelled,
        Reply::Error { code, message, advice, .. } => EngineError::Refused { code, message, advice },
        _ => EngineError::RequestInvalid("The worker answered another question."),
    }
}
