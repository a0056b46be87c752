//! How the engines are set up and what they are asked, in the program's own words.

use crate::processor::Processor;
use iambilly_claim::Phi;
use iambilly_worker_protocol::{Backend, Role, Turn};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// May a graphics device be used?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GpuChoice {
    /// Yes, if the workers were built for one and it works.
    #[default]
    Auto,
    /// No.
    Off,
}

/// Where the workers and models are and how they may be used.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Folder with the worker programs.
    pub workers_dir: PathBuf,
    /// Folder with the model files.
    pub models_dir: PathBuf,
    /// Threads for the arithmetic.
    pub threads: usize,
    /// Graphics device.
    pub gpu: GpuChoice,
    /// What the workers must run on.
    pub processor: Processor,
    /// A worker without work for this long gives its memory back.
    pub idle_shutdown: Duration,
    /// Work without a sign of progress for this long is stopped.
    pub request_timeout: Duration,
}

impl EngineSettings {
    /// Settings with the usual times: idle for five minutes, silent for two.
    #[must_use]
    pub fn new(workers_dir: PathBuf, models_dir: PathBuf, threads: usize) -> Self {
        Self {
            workers_dir,
            models_dir,
            threads,
            gpu: GpuChoice::Auto,
            processor: Processor::here(),
            idle_shutdown: Duration::from_secs(300),
            request_timeout: Duration::from_secs(120),
        }
    }
}

/// A model and its file, as [`crate::Library::path`] finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPath {
    /// Id in the manifest or the clinic's register.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// The weights.
    pub file: PathBuf,
    /// Size the file must have, when known.
    pub bytes: Option<u64>,
    /// Whether it hears better when it is told the words to expect.
    pub expects_words: bool,
    /// Whether it hears as well when its encoder is shown the sound only, not all of its 30 seconds.
    pub short_window: bool,
}

impl ModelPath {
    /// A model file by its path, size unknown.
    pub fn new(id: impl Into<String>, role: Role, file: impl Into<PathBuf>) -> Self {
        Self {
            id: id.into(),
            role,
            file: file.into(),
            bytes: None,
            expects_words: false,
            short_window: false,
        }
    }
}

/// How to recognise speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscribeOptions {
    /// Language as ISO 639-1, or none to detect it.
    pub language: Option<String>,
    /// Words to expect, separated by commas, the most wanted first; the model takes as many as it keeps.
    pub initial_prompt: Phi<Option<String>>,
    /// Less work and more errors: for text that is replaced a moment later or waited for.
    pub rough: bool,
}

impl Default for TranscribeOptions {
    fn default() -> Self {
        Self { language: Some("en".to_owned()), initial_prompt: Phi::new(None), rough: false }
    }
}

/// What to write.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateRequest {
    /// The chat, system message first.
    pub messages: Vec<Turn>,
    /// GBNF grammar the answer must follow, with the rule `root`.
    pub grammar: Option<String>,
    /// Longest answer in tokens.
    pub max_tokens: u32,
    /// 0 takes the likeliest token each time.
    pub temperature: f32,
    /// Seed when the temperature is above 0.
    pub seed: u32,
    /// Context window in tokens; 0 for 8,192 or what the model was trained with, whichever is less.
    pub context_tokens: u32,
}

impl GenerateRequest {
    /// A question with standing instructions, answered deterministically in at most 1,024 tokens.
    pub fn new(system: impl Into<String>, user: impl Into<String>) -> Self {
        use iambilly_worker_protocol::TurnRole;
        let turn = |role, text: String| Turn { role, text: Phi::new(text) };
        Self {
            messages: vec![turn(TurnRole::System, system.into()), turn(TurnRole::User, user.into())],
            grammar: None,
            max_tokens: 1024,
            temperature: 0.0,
            seed: 0,
            context_tokens: 0,
        }
    }
    /// The same, held to a GBNF grammar.
    #[must_use]
    pub fn with_grammar(mut self, gbnf: impl Into<String>) -> Self {
        self.grammar = Some(gbnf.into());
        self
    }
}

/// What a worker can do on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackendInfo {
    /// What it is for.
    pub role: Role,
    /// Version of the worker.
    pub version: String,
    /// What it was built for.
    pub backend: Backend,
    /// Devices it sees, best first.
    pub devices: Vec<String>,
    /// True when it cannot open a network socket.
    pub confined: bool,
}

/// A worker at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkerStatus {
    /// What it is for.
    pub role: Role,
    /// Process id, when it runs.
    pub pid: Option<u32>,
    /// Id of the model in its memory.
    pub model: Option<String>,
    /// What the model really runs on.
    pub backend: Option<Backend>,
    /// The device's name.
    pub device: Option<String>,
    /// Times it died since the program started.
    pub crashes: u32,
    /// True after the graphics device failed too often and the processor took over.
    pub fell_back_to_cpu: bool,
}
