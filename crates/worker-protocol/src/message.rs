//! What is said on the wire: requests of the program, replies of a worker.
//!
//! Audio and text are a dictation, so they are `Phi` here and nothing derives a telling `Debug`.

use iambilly_claim::phi::{self, Phi};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What a worker is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Speech to words (whisper.cpp).
    Speech,
    /// Text to text (llama.cpp).
    Language,
    /// Text to vectors (llama.cpp).
    Embedding,
}

impl Role {
    /// Its name in files and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Speech => "speech",
            Self::Language => "language",
            Self::Embedding => "embedding",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The arithmetic a worker was built with or a model really runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// The processor.
    Cpu,
    /// NVIDIA's CUDA.
    Cuda,
    /// Vulkan.
    Vulkan,
    /// Apple's Metal.
    Metal,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
        })
    }
}

/// From the program to a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// Load a model in place of the one loaded. Answered by [`Reply::Loaded`].
    Load(Load),
    /// Recognise the samples that follow. Answered by [`Reply::Recognised`].
    Transcribe(Transcribe),
    /// Write an answer. Answered by [`Reply::Generated`].
    Generate(Generate),
    /// Turn texts into vectors. Answered by [`Reply::Embedded`].
    Embed(Embed),
    /// Stop the request with this id; it then ends with the error `cancelled`.
    Cancel {
        /// Id of the request.
        id: u64,
    },
    /// Is anybody there? Answered at once by [`Reply::Pong`], also in the middle of work.
    Ping {
        /// Comes back in the answer.
        nonce: u64,
    },
    /// Leave.
    Shutdown,
}

/// A model to load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Id of this request.
    pub id: u64,
    /// The weights.
    pub path: PathBuf,
    /// Use a graphics device if the worker was built for one.
    pub gpu: bool,
    /// Context window in tokens (language models; 0: what the model was trained with, within reason).
    #[serde(default)]
    pub context_tokens: u32,
    /// Threads for the arithmetic.
    pub threads: u32,
    /// The model is to turn texts into vectors, not to write.
    #[serde(default)]
    pub embedding: bool,
}

/// Texts to turn into vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// Id of this request.
    pub id: u64,
    /// The texts; what is longer than the model's window is cut.
    #[serde(serialize_with = "phi::disclose")]
    pub texts: Phi<Vec<String>>,
}

/// Audio to recognise; frames with `samples` samples in all follow at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcribe {
    /// Id of this request.
    pub id: u64,
    /// How many samples follow.
    pub samples: u64,
    /// Language as ISO 639-1, or none to detect it.
    #[serde(default)]
    pub language: Option<String>,
    /// Words to expect, separated by commas, the most wanted first; the model takes as many as it keeps.
    #[serde(serialize_with = "phi::disclose", default)]
    pub initial_prompt: Phi<Option<String>>,
    /// Look at the sound only, not at a whole window filled up with silence: less work and more errors, for text
    /// that is replaced or waited for.
    #[serde(default)]
    pub rough: bool,
    /// Threads for the arithmetic.
    pub threads: u32,
}

/// Whose turn a message of a chat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnRole {
    /// Standing instructions.
    System,
    /// The question.
    User,
    /// An answer, as an example.
    Assistant,
}

impl TurnRole {
    /// Its name in chat templates.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who speaks.
    pub role: TurnRole,
    /// What.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
}

/// A chat to answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generate {
    /// Id of this request.
    pub id: u64,
    /// The chat so far, system message first.
    pub messages: Vec<Turn>,
    /// GBNF grammar the answer must follow, with the rule `root`.
    #[serde(default)]
    pub grammar: Option<String>,
    /// Longest answer in tokens.
    pub max_tokens: u32,
    /// 0 takes the likeliest token each time.
    #[serde(default)]
    pub temperature: f32,
    /// Seed of the sampler when the temperature is above 0.
    #[serde(default)]
    pub seed: u32,
}

/// From a worker to the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// First message of every worker.
    Hello(Hello),
    /// The model is in memory.
    Loaded(Loaded),
    /// How far a request is; also a sign of life, sent at least every few seconds of work.
    Progress {
        /// Id of the request.
        id: u64,
        /// 0 to 1.
        fraction: f32,
    },
    /// The words of a [`Request::Transcribe`].
    Recognised {
        /// Id of the request.
        id: u64,
        /// What was heard.
        recognised: Recognised,
    },
    /// The answer to a [`Request::Generate`].
    Generated {
        /// Id of the request.
        id: u64,
        /// What was written.
        generated: Generated,
    },
    /// The vectors of a [`Request::Embed`].
    Embedded {
        /// Id of the request.
        id: u64,
        /// What came of it.
        embedded: Embedded,
    },
    /// A request failed; the worker lives on.
    Error {
        /// Id of the request, or none when it could not be read.
        id: Option<u64>,
        /// Stable name, see [`crate::serve::codes`].
        code: String,
        /// What happened, without a word of the request.
        message: String,
        /// What to do.
        advice: String,
    },
    /// Answer to a ping.
    Pong {
        /// As sent.
        nonce: u64,
    },
}

/// Who a worker is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`crate::PROTOCOL_VERSION`] of the worker.
    pub protocol: u32,
    /// Version of the worker's package.
    pub version: String,
    /// What it is for.
    pub role: Role,
    /// What it was built for.
    pub backend: Backend,
    /// Devices it can see, best first; the processor last.
    pub devices: Vec<String>,
    /// True when the worker can no longer open a network socket.
    pub confined: bool,
}

/// A model in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// Id of the request.
    pub id: u64,
    /// The model's own name for itself, e.g. `tiny` or `qwen2 0.5B`.
    pub model: String,
    /// What it really runs on.
    pub backend: Backend,
    /// The device's name.
    pub device: String,
    /// Speech: knows languages beside English.
    pub multilingual: bool,
    /// Language models: context window in tokens (0 for speech).
    pub context_tokens: u32,
    /// Time the loading took.
    pub elapsed_ms: u64,
}

/// What a speech model heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recognised {
    /// Language as ISO 639-1, told or detected.
    pub language: String,
    /// Segments in order of time.
    pub segments: Vec<RecognisedSegment>,
    /// Time of the recognition itself in milliseconds.
    pub elapsed_ms: u64,
}

/// A stretch of speech.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecognisedSegment {
    /// Start in the audio, milliseconds.
    pub start_ms: u64,
    /// End in the audio, milliseconds.
    pub end_ms: u64,
    /// Its text, trimmed.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Probability that nobody spoke, 0 to 1: high beside text means the model may have made it up.
    pub no_speech_p: f32,
    /// Its words.
    pub words: Vec<RecognisedWord>,
}

/// One word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecognisedWord {
    /// Start in the audio, milliseconds.
    pub start_ms: u64,
    /// End in the audio, milliseconds.
    pub end_ms: u64,
    /// The word with its punctuation, without spaces.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Least probability among its tokens, 0 to 1.
    pub p: f32,
}

/// Texts as vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedded {
    /// A vector for each text, in order, all of one length.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub tokens: u32,
    /// Texts that were cut to the model's window.
    pub cut: u32,
    /// Milliseconds of the arithmetic.
    pub elapsed_ms: u64,
}

/// What a language model wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generated {
    /// The answer.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Of these, taken from the cache of an earlier request.
    pub cached_tokens: u32,
    /// Tokens of the answer.
    pub tokens: u32,
    /// Tokens of the answer that the grammar refused at first choice.
    pub refused_tokens: u32,
    /// Milliseconds spent reading the prompt.
    pub prompt_ms: u64,
    /// Milliseconds spent writing.
    pub generate_ms: u64,
}

impl Generated {
    /// Tokens written a second.
    #[must_use]
    pub fn tokens_per_second(&self) -> f64 {
        f64::from(self.tokens) * 1000.0 / (self.generate_ms.max(1) as f64)
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model or the grammar was done.
    Stop,
    /// `max_tokens` or the context window was reached: the answer is cut.
    Length,
}
