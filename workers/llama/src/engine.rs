//! llama.cpp as an engine of the worker protocol: one model, one context.

use crate::device;
use crate::embed::Embedder;
use crate::session::{BATCH, Session};
use iambilly_worker_protocol::cores;
use iambilly_worker_protocol::serve::{Engine, Job, Refusal, codes};
use iambilly_worker_protocol::{Backend, Embed, Embedded, Generate, Generated, Load, Loaded};
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use std::num::NonZeroU32;
use std::time::Instant;

/// Context window when none is asked for: a long operative note, instructions and an answer.
const USUAL_CONTEXT: u32 = 8192;
/// Smallest window worth having.
const LEAST_CONTEXT: u32 = 256;

self_cell::self_cell!(
    struct Ready {
        owner: LlamaModel,
        #[not_covariant]
        dependent: Session,
    }
);

self_cell::self_cell!(
    struct ReadyEmbedder {
        owner: LlamaModel,
        #[not_covariant]
        dependent: Embedder,
    }
);

/// The language engine; holds at most one model.
pub struct Llama {
    backend: LlamaBackend,
    ready: Option<Ready>,
    embedder: Option<ReadyEmbedder>,
    setup: Setup,
}

/// How the context is set up.
#[derive(Clone, Copy, Default)]
struct Setup {
    window: u32,
    /// Threads asked for, and those the context has.
    asked: u32,
    threads: u32,
    graphics: bool,
}

impl Setup {
    fn parameters(self) -> LlamaContextParams {
        let threads = i32::try_from(self.threads).unwrap_or(1);
        let batch = u32::try_from(BATCH).unwrap_or(512);
        LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(self.window))
            .with_n_batch(batch)
            .with_n_ubatch(batch)
            .with_n_threads(threads)
            .with_n_threads_batch(threads)
            .with_offload_kqv(self.graphics)
            .with_op_offload(self.graphics)
            .with_no_perf(true)
    }
}

impl Llama {
    /// The engine without a model; llama.cpp's log is dropped.
    ///
    /// # Errors
    /// A second engine in one process.
    pub fn new() -> Result<Self, llama_cpp_2::LlamaCppError> {
        let mut backend = LlamaBackend::init()?;
        backend.void_logs();
        Ok(Self { backend, ready: None, embedder: None, setup: Setup::default() })
    }

    /// A fresh context for a model.
    fn set_up(&self, model: LlamaModel) -> Result<Ready, Refusal> {
        Ready::try_new(model, |model| {
            model.new_context(&self.backend, self.setup.parameters()).map(Session::new).map_err(|_| {
                Refusal::new(
                    codes::ENGINE_FAILED,
                    "The language model could not be set up; memory is probably short.",
                    "Close other programs, or choose a smaller model or context window.",
                )
            })
        })
    }
}

impl Engine for Llama {
    fn load(&mut self, load: &Load) -> Result<Loaded, Refusal> {
        self.ready = None;
        self.embedder = None;
        let since = Instant::now();
        let graphics = device::graphics().filter(|_| load.gpu && device::built_for() != Backend::Cpu);
        // More layers than any model has: all of them.
        let layers = if graphics.is_some() { 10_000 } else { 0 };
        let parameters = LlamaModelParams::default().with_n_gpu_layers(layers);
        let model =
            LlamaModel::load_from_file(&self.backend, &load.path, &parameters).map_err(|_| not_a_model())?;
        let architecture = model.meta_val_str("general.architecture").unwrap_or_default();
        // An embedding model has no words to answer with, and another one no vector for a text.
        if model.meta_val_str(&format!("{architecture}.pooling_type")).is_ok() != load.embedding {
            return Err(not_a_model());
        }
        let wanted = if load.context_tokens == 0 { USUAL_CONTEXT } else { load.context_tokens };
        let window = wanted.clamp(LEAST_CONTEXT, model.n_ctx_train().max(LEAST_CONTEXT));
        let asked = load.threads.clamp(1, 256);
        let threads = cores::spare(asked);
        self.setup = Setup { window, asked, threads, graphics: graphics.is_some() };
        let name = model.meta_val_str("general.name").unwrap_or(architecture);
        let context_tokens = if load.embedding {
            let ready = ReadyEmbedder::try_new(model, |model| {
                Embedder::new(model, &self.backend, threads, graphics.is_some())
            })?;
            let tokens = ready.with_dependent(|_, embedder| embedder.window());
            self.embedder = Some(ready);
            tokens
        } else {
            let ready = self.set_up(model)?;
            let tokens = ready.with_dependent(|_, session| session.context_tokens());
            self.ready = Some(ready);
            tokens
        };
        Ok(Loaded {
            id: load.id,
            model: name,
            backend: if graphics.is_some() { device::built_for() } else { Backend::Cpu },
            device: graphics.as_ref().map_or_else(|| "cpu".to_owned(), device::describe),
            multilingual: true,
            context_tokens,
            elapsed_ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn generate(&mut self, ask: &Generate, job: &Job) -> Result<Generated, Refusal> {
        let no_model = || Refusal::new(codes::NO_MODEL, "No language model is loaded.", "Load one first.");
        let mut ready = self.ready.take().ok_or_else(no_model)?;
        let threads = cores::spare(self.setup.asked);
        if threads != self.setup.threads {
            // The number of threads belongs to the context; a new one costs less than a spinning one.
            self.setup.threads = threads;
            ready = self.set_up(ready.into_owner())?;
        }
        let ready = self.ready.insert(ready);
        ready.with_dependent_mut(|model, session| session.answer(model, ask, job))
    }

    fn embed(&mut self, ask: &Embed, job: &Job) -> Result<Embedded, Refusal> {
        let no_model = || Refusal::new(codes::NO_MODEL, "No embedding model is loaded.", "Load one first.");
        let ready = self.embedder.as_mut().ok_or_else(no_model)?;
        ready.with_dependent_mut(|model, embedder| embedder.vectors(model, ask.texts.expose(), job))
    }
}

fn not_a_model() -> Refusal {
    Refusal::new(
        codes::MODEL_INVALID,
        "The file is not a language model this engine can load.",
        "Fetch the model again.",
    )
}
