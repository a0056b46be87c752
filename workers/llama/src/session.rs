//! A loaded model and its context: reads prompts, keeps what it has read, writes answers.

use crate::prompt;
use crate::sample::Sampler;
use iambilly_claim::Phi;
use iambilly_worker_protocol::serve::{Job, Refusal, codes};
use iambilly_worker_protocol::{Finish, Generate, Generated};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use std::time::{Duration, Instant};

/// Most tokens read at once; the context is made for this many.
pub const BATCH: usize = 512;
/// Tokens read at first, until the machine's speed is known.
const FIRST_BATCH: usize = 32;
/// A batch should not take longer than this, so that cancelling is quick.
const BATCH_TIME: Duration = Duration::from_millis(400);
/// Reports of progress are this far apart.
const REPORT: Duration = Duration::from_millis(250);
/// Share of the progress given to reading the prompt.
const READING: f32 = 0.4;

/// A context and the tokens its cache holds.
pub struct Session<'m> {
    context: LlamaContext<'m>,
    cached: Vec<LlamaToken>,
}

impl<'m> Session<'m> {
    /// A session with an empty cache.
    #[must_use]
    pub const fn new(context: LlamaContext<'m>) -> Self {
        Self { context, cached: vec![] }
    }

    /// Size of the context window in tokens.
    #[must_use]
    pub fn context_tokens(&self) -> u32 {
        self.context.n_ctx()
    }

    /// Answers a chat.
    ///
    /// # Errors
    /// `cancelled`, `context_full`, `grammar_invalid`, `request_invalid` or `engine_failed`.
    pub fn answer(&mut self, model: &LlamaModel, ask: &Generate, job: &Job) -> Result<Generated, Refusal> {
        let since = Instant::now();
        let prompt = prompt::tokens(model, &ask.messages)?;
        let room = usize::try_from(self.context_tokens()).unwrap_or(0);
        if prompt.is_empty() || prompt.len() >= room {
            return Err(Refusal::new(
                codes::CONTEXT_FULL,
                format!("The note needs {} tokens, the model's window has {room}.", prompt.len()),
                "Choose a larger context window or a shorter note.",
            ));
        }
        let mut sampler = Sampler::new(model, ask.grammar.as_deref(), ask.temperature, ask.seed)?;
        let cached = self.keep_common(&prompt)?;
        let mut report = Report { job, last: since };
        self.read(&prompt, job, &mut report)?;
        let prompt_ms = millis(since);

        let since = Instant::now();
        let most = usize::try_from(ask.max_tokens).unwrap_or(usize::MAX).min(room - prompt.len());
        let vocabulary = model.vocab();
        let (mut bytes, mut count, mut finish) = (vec![], 0usize, Finish::Length);
        while count < most {
            if job.is_cancelled() {
                return Err(Refusal::cancelled());
            }
            let token = sampler.next(self.context.get_logits_ith(-1))?;
            if vocabulary.is_eog(token) {
                finish = Finish::Stop;
                break;
            }
            vocabulary.token_to_piece_into(token, &mut bytes, false, None);
            count += 1;
            report.at(READING + (1.0 - READING) * count as f32 / most.max(1) as f32);
            if count < most {
                self.decode(&[token])?;
            }
        }
        Ok(Generated {
            text: Phi::new(String::from_utf8_lossy(&bytes).into_owned()),
            finish,
            prompt_tokens: small(prompt.len()),
            cached_tokens: small(cached),
            tokens: small(count),
            refused_tokens: sampler.refused(),
            prompt_ms,
            generate_ms: millis(since),
        })
    }

    /// Forgets all of the cache that is not a beginning of this prompt; at least the last token is read anew,
    /// because its opinion of the next is what we are after.
    fn keep_common(&mut self, prompt: &[LlamaToken]) -> Result<usize, Refusal> {
        let common = self.cached.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        let keep = common.min(prompt.len().saturating_sub(1));
        self.cached.truncate(keep);
        let from = u32::try_from(keep).map_err(|_| failed())?;
        // Models with a recurrent state cannot forget a part.
        if self.context.kv_cache_seq_rm(0, Some(from), None).is_err() {
            self.context.clear_kv_cache();
            self.cached.clear();
        }
        Ok(self.cached.len())
    }

    fn read(&mut self, prompt: &[LlamaToken], job: &Job, report: &mut Report<'_>) -> Result<(), Refusal> {
        let mut size = FIRST_BATCH;
        while let Some(rest) = prompt.get(self.cached.len()..).filter(|rest| !rest.is_empty()) {
            if job.is_cancelled() {
                return Err(Refusal::cancelled());
            }
            let batch = rest.get(..size).unwrap_or(rest);
            let since = Instant::now();
            self.decode(batch)?;
            // Logits are computed with the next look at them; only then is the time known.
            self.context.synchronize();
            let a_second = batch.len() as f64 / since.elapsed().as_secs_f64().max(1e-6);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a batch")]
            let fitting = (a_second * BATCH_TIME.as_secs_f64()).clamp(8.0, BATCH as f64) as usize;
            size = fitting;
            report.at(READING * self.cached.len() as f32 / prompt.len() as f32);
        }
        Ok(())
    }

    /// Reads tokens behind the cache; the last one's logits can then be had.
    fn decode(&mut self, tokens: &[LlamaToken]) -> Result<(), Refusal> {
        let mut batch = LlamaBatch::new(tokens.len(), 1);
        for (i, token) in tokens.iter().enumerate() {
            let position = i32::try_from(self.cached.len() + i).map_err(|_| failed())?;
            batch.add(*token, position, &[0], i + 1 == tokens.len()).map_err(|_| failed())?;
        }
        if self.context.decode(&mut batch).is_err() {
            self.context.clear_kv_cache();
            self.cached.clear();
            return Err(failed());
        }
        self.cached.extend_from_slice(tokens);
        Ok(())
    }
}

/// Reports progress now and then.
struct Report<'j> {
    job: &'j Job,
    last: Instant,
}

impl Report<'_> {
    fn at(&mut self, fraction: f32) {
        if self.last.elapsed() >= REPORT {
            self.last = Instant::now();
            self.job.progress(fraction);
        }
    }
}

fn failed() -> Refusal {
    Refusal::new(
        codes::ENGINE_FAILED,
        "The language engine failed on this note.",
        "The note is safe. Try again, or read it with the rules only.",
    )
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
