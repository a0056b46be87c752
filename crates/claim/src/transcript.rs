//! The transcript: an immutable revision of what was said or typed.

use crate::evidence::Span;
use crate::phi::{self, Phi};
use serde::{Deserialize, Serialize};

/// A transcript revision. `text` is what evidence points into; words carry times and offsets into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Transcript {
    /// The whole text, after corrections.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Revision number, from 1; an edit or a second recognition makes a new one.
    #[serde(default = "first")]
    pub revision: u32,
    /// Language as a BCP 47 tag.
    #[serde(default = "english")]
    pub language: String,
    /// Id of the speech model, or `typed` for a note.
    #[serde(default)]
    pub model: String,
    /// Length of the audio in milliseconds (0 for a typed note).
    #[serde(default)]
    pub audio_ms: u64,
    /// Time the recognition took in milliseconds.
    #[serde(default)]
    pub elapsed_ms: u64,
    /// Segments in order.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// What the lexicon changed after recognition, with the original kept.
    #[serde(default)]
    pub corrections: Vec<Correction>,
}

const fn first() -> u32 {
    1
}
fn english() -> String {
    "en".to_owned()
}

/// One recogniser segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Segment {
    /// Start in the audio, milliseconds.
    pub start_ms: u64,
    /// End in the audio, milliseconds.
    pub end_ms: u64,
    /// The segment's words after correction.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Still subject to change (live dictation).
    #[serde(default)]
    pub tentative: bool,
    /// Doubts about it, e.g. `possible_hallucination`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Its words.
    #[serde(default)]
    pub words: Vec<Word>,
}

/// One word with its time in the audio and its place in the transcript's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Word {
    /// Start in the audio, milliseconds.
    pub start_ms: u64,
    /// End in the audio, milliseconds.
    pub end_ms: u64,
    /// First scalar in the transcript's text.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
    /// The word as it stands in the text.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// Probability the recogniser gave it, 0 to 1.
    pub p: f32,
}

/// A change the lexicon made to the recogniser's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Correction {
    /// First scalar of the corrected words in the transcript's text.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
    /// What the recogniser had written.
    #[serde(serialize_with = "phi::disclose")]
    pub original: Phi<String>,
    /// Id of the lexicon rule.
    pub rule: String,
}

impl Transcript {
    /// A typed note: one revision without times.
    #[must_use]
    pub fn typed(text: impl Into<String>) -> Self {
        Self {
            text: Phi::new(text.into()),
            revision: 1,
            language: english(),
            model: "typed".to_owned(),
            audio_ms: 0,
            elapsed_ms: 0,
            segments: vec![],
            corrections: vec![],
        }
    }

    /// The stretch of audio `(start_ms, end_ms)` in which the words of a span were said.
    #[must_use]
    pub fn audio_of(&self, span: Span) -> Option<(u64, u64)> {
        let mut hit = self
            .segments
            .iter()
            .flat_map(|s| &s.words)
            .filter(|w| Span { start: w.start, end: w.end }.overlaps(span))
            .map(|w| (w.start_ms, w.end_ms));
        let first = hit.next()?;
        Some(hit.fold(first, |(s, e), (ws, we)| (s.min(ws), e.max(we))))
    }
}
