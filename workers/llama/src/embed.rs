//! Texts to vectors with a model that pools: several texts in one batch, as many as fit.

use iambilly_worker_protocol::Embedded;
use iambilly_worker_protocol::serve::{Job, Refusal, codes};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use std::num::NonZeroU32;
use std::time::Instant;

/// Tokens of a batch. Texts of one batch pay for each other's attention, so more is not faster.
const BATCH: usize = 512;
/// Texts of a batch.
const TEXTS: usize = 32;

/// A context that turns texts into vectors.
pub struct Embedder<'m> {
    context: LlamaContext<'m>,
    window: usize,
}

impl<'m> Embedder<'m> {
    /// A context for an embedding model.
    ///
    /// # Errors
    /// `engine_failed`.
    pub fn new(
        model: &'m LlamaModel,
        backend: &LlamaBackend,
        threads: u32,
        graphics: bool,
    ) -> Result<Self, Refusal> {
        let window = usize::try_from(model.n_ctx_train()).unwrap_or(BATCH).clamp(16, 2048);
        let batch = u32::try_from(window.max(BATCH)).unwrap_or(512);
        let threads = i32::try_from(threads).unwrap_or(1);
        let parameters = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(batch))
            .with_n_batch(batch)
            // A text is read in both directions, so all of it is in one piece.
            .with_n_ubatch(batch)
            .with_n_seq_max(u32::try_from(TEXTS).unwrap_or(1))
            .with_n_threads(threads)
            .with_n_threads_batch(threads)
            .with_offload_kqv(graphics)
            .with_op_offload(graphics)
            .with_embeddings(true)
            .with_pooling_type(LlamaPoolingType::Unspecified)
            .with_no_perf(true);
        let context = model.new_context(backend, parameters).map_err(|_| failed())?;
        Ok(Self { context, window })
    }

    /// Most tokens of a text.
    #[must_use]
    pub fn window(&self) -> u32 {
        u32::try_from(self.window).unwrap_or(u32::MAX)
    }

    /// The vectors of texts, in order.
    ///
    /// # Errors
    /// `cancelled` or `engine_failed`.
    pub fn vectors(&mut self, model: &LlamaModel, texts: &[String], job: &Job) -> Result<Embedded, Refusal> {
        let since = Instant::now();
        let vocabulary = model.vocab();
        let mut out = Embedded { vectors: vec![], tokens: 0, cut: 0, elapsed_ms: 0 };
        let mut waiting: Vec<Vec<LlamaToken>> = vec![];
        let mut room = BATCH;
        for text in texts {
            // Words of a text never act as control tokens.
            let mut tokens = vocabulary.tokenize(text.as_bytes(), true, false);
            if tokens.len() > self.window {
                let last = tokens.last().copied();
                tokens.truncate(self.window - 1);
                tokens.extend(last);
                out.cut += 1;
            }
            out.tokens = out.tokens.saturating_add(u32::try_from(tokens.len()).unwrap_or(u32::MAX));
            if !waiting.is_empty() && (tokens.len() > room || waiting.len() == TEXTS) {
                self.read(&waiting, &mut out.vectors)?;
                waiting.clear();
                room = BATCH;
                if job.is_cancelled() {
                    return Err(Refusal::cancelled());
                }
                job.progress(out.vectors.len() as f32 / texts.len() as f32);
            }
            room = room.saturating_sub(tokens.len());
            waiting.push(tokens);
        }
        if !waiting.is_empty() {
            self.read(&waiting, &mut out.vectors)?;
        }
        out.elapsed_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(out)
    }

    /// Reads texts in one batch.
    fn read(&mut self, texts: &[Vec<LlamaToken>], out: &mut Vec<Vec<f32>>) -> Result<(), Refusal> {
        let count = texts.iter().map(Vec::len).sum();
        let mut batch = LlamaBatch::new(count, 1);
        for (sequence, tokens) in (0_i32..).zip(texts) {
            for (position, token) in (0_i32..).zip(tokens) {
                batch.add(*token, position, &[sequence], true).map_err(|_| failed())?;
            }
        }
        self.context.clear_kv_cache();
        self.context.encode(&mut batch).map_err(|_| failed())?;
        for (sequence, _) in (0_i32..).zip(texts) {
            out.push(self.context.embeddings_seq_ith(sequence).map_err(|_| failed())?.to_vec());
        }
        Ok(())
    }
}

fn failed() -> Refusal {
    Refusal::new(
        codes::ENGINE_FAILED,
        "The embedding engine failed on these texts.",
        "Nothing is lost: the library goes on by words. Try again later.",
    )
}
