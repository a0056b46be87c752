//! Chooses the next token under a grammar at the price of a plain choice.
//!
//! Asking the grammar about each of 150,000 tokens is a hundred times slower than writing a token. So the
//! model chooses first and the grammar is asked about that one token; only when it refuses are others asked
//! about, likeliest first, in growing groups, until one is allowed. Nothing is cut away before the grammar
//! has seen it, so there is an allowed token as long as the grammar has one; and only an allowed token is
//! ever accepted, because accepting another ends the process.

use iambilly_worker_protocol::serve::{Refusal, codes};
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;

/// Sizes of the groups asked about after a refusal; the last is everything.
const GROUPS: [usize; 3] = [64, 2048, usize::MAX];

/// A chooser of tokens for one answer.
pub struct Sampler {
    grammar: Option<LlamaSampler>,
    chance: Option<LlamaSampler>,
    refused: u32,
}

impl Sampler {
    /// A chooser; temperature 0 takes the likeliest token.
    ///
    /// # Errors
    /// `grammar_invalid` for a grammar that cannot be read.
    pub fn new(
        model: &LlamaModel,
        grammar: Option<&str>,
        temperature: f32,
        seed: u32,
    ) -> Result<Self, Refusal> {
        let grammar =
            grammar.map(|gbnf| LlamaSampler::grammar(model, gbnf, "root")).transpose().map_err(|_| {
                Refusal::new(
                    codes::GRAMMAR_INVALID,
                    "The grammar for the answer cannot be read.",
                    "Report this with the version of the application.",
                )
            })?;
        let chance = (temperature > 0.0).then(|| {
            LlamaSampler::chain(
                [
                    LlamaSampler::top_k(40),
                    LlamaSampler::top_p(0.95, 1),
                    LlamaSampler::temp(temperature),
                    LlamaSampler::dist(seed),
                ],
                true,
            )
        });
        Ok(Self { grammar, chance, refused: 0 })
    }

    /// The next token, given the model's opinion of each.
    ///
    /// # Errors
    /// `grammar_invalid` when the grammar allows no token at all.
    pub fn next(&mut self, logits: &[f32]) -> Result<LlamaToken, Refusal> {
        let first = match &mut self.chance {
            None => likeliest(logits),
            Some(chance) => chosen(chance, candidates(logits)),
        };
        let Some(grammar) = &mut self.grammar else { return Ok(first) };
        if let Some(token) = allowed(grammar, vec![LlamaTokenData::new(first, 1.0, 0.0)]).first() {
            let token = token.id();
            grammar.accept(token);
            return Ok(token);
        }
        self.refused = self.refused.saturating_add(1);
        let mut rest = candidates(logits);
        rest.sort_unstable_by(|a, b| b.logit().total_cmp(&a.logit()));
        let mut from = 0;
        for size in GROUPS {
            let to = size.min(rest.len());
            let group = rest.get(from..to).unwrap_or_default().to_vec();
            from = to;
            let left = allowed(grammar, group);
            if left.is_empty() {
                continue;
            }
            let token = match &mut self.chance {
                None => best(&left),
                Some(chance) => chosen(chance, left),
            };
            grammar.accept(token);
            return Ok(token);
        }
        Err(Refusal::new(
            codes::GRAMMAR_INVALID,
            "The grammar for the answer leaves no way to go on.",
            "Report this with the version of the application.",
        ))
    }

    /// How often the first choice was refused.
    #[must_use]
    pub const fn refused(&self) -> u32 {
        self.refused
    }
}

fn candidates(logits: &[f32]) -> Vec<LlamaTokenData> {
    (0i32..).zip(logits).map(|(id, logit)| LlamaTokenData::new(LlamaToken::new(id), *logit, 0.0)).collect()
}

fn likeliest(logits: &[f32]) -> LlamaToken {
    let best = (0i32..).zip(logits).max_by(|a, b| a.1.total_cmp(b.1));
    LlamaToken::new(best.map_or(0, |(id, _)| id))
}

fn best(candidates: &[LlamaTokenData]) -> LlamaToken {
    let best = candidates.iter().max_by(|a, b| a.logit().total_cmp(&b.logit()));
    best.map_or(LlamaToken::new(0), LlamaTokenData::id)
}

fn chosen(chance: &mut LlamaSampler, candidates: Vec<LlamaTokenData>) -> LlamaToken {
    let fallback = best(&candidates);
    let mut array = LlamaTokenDataArray::new(candidates, false);
    chance.apply(&mut array);
    array.selected_token().unwrap_or(fallback)
}

/// Those of the candidates that the grammar allows next.
fn allowed(grammar: &mut LlamaSampler, candidates: Vec<LlamaTokenData>) -> Vec<LlamaTokenData> {
    let mut array = LlamaTokenDataArray::new(candidates, false);
    grammar.apply(&mut array);
    array.data.retain(|token| token.logit() > f32::NEG_INFINITY);
    array.data
}
