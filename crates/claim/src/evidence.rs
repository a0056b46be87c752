//! Evidence: the words, and through them the seconds of audio, that support a code.
//!
//! A coded line, diagnosis or decision holds a [`Proof`], which cannot be empty: a code without evidence
//! cannot be constructed. Offsets are Unicode scalar values into one transcript revision's text.

use crate::phi::{self, Phi};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A half-open range `[start, end)` of Unicode scalar values in a transcript's text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Span {
    /// First scalar.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
}

impl Span {
    /// A span; ends are swapped if they come in the wrong order.
    #[must_use]
    pub fn new(a: usize, b: usize) -> Self {
        Self { start: a.min(b), end: a.max(b) }
    }
    /// Whether two spans share a scalar.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
    /// Exactly the scalars of `text` in this span, if it lies within the text.
    #[must_use]
    pub fn slice(self, text: &str) -> Option<String> {
        if self.start > self.end {
            return None;
        }
        let quote: String = text.chars().skip(self.start).take(self.end - self.start).collect();
        (quote.chars().count() == self.end - self.start).then_some(quote)
    }
}

/// One supporting passage. `quote` is exactly the slice of the transcript's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// First scalar of the quote.
    pub start: usize,
    /// One past the last scalar.
    pub end: usize,
    /// The words themselves.
    #[serde(serialize_with = "phi::disclose")]
    pub quote: Phi<String>,
}

impl Evidence {
    /// Evidence cut from a text; `None` when the span is empty or lies outside it.
    #[must_use]
    pub fn cut(text: &str, span: Span) -> Option<Self> {
        let quote = span.slice(text)?;
        (!quote.is_empty()).then(|| Self { start: span.start, end: span.end, quote: quote.into() })
    }
    /// Its span.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }
    /// Whether the quote is exactly the slice of this text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.span().slice(text).as_ref() == Some(self.quote.expose())
    }
}

/// At least one piece of evidence, in reading order. In JSON an array that may not be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Evidence>", into = "Vec<Evidence>")]
pub struct Proof(Vec<Evidence>);

/// A code was offered without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code needs at least one piece of evidence")]
pub struct NoEvidence;

impl Proof {
    /// Proof by one passage.
    #[must_use]
    pub fn of(evidence: Evidence) -> Self {
        Self(vec![evidence])
    }
    /// Adds a passage, keeping reading order and dropping an exact repeat.
    pub fn add(&mut self, evidence: Evidence) {
        if !self.0.contains(&evidence) {
            self.0.push(evidence);
            self.0.sort_by_key(|e| (e.start, e.end));
        }
    }
    /// The passages.
    #[must_use]
    pub fn passages(&self) -> &[Evidence] {
        &self.0
    }
}

impl TryFrom<Vec<Evidence>> for Proof {
    type Error = NoEvidence;
    fn try_from(mut passages: Vec<Evidence>) -> Result<Self, NoEvidence> {
        if passages.is_empty() {
            return Err(NoEvidence);
        }
        passages.sort_by_key(|e| (e.start, e.end));
        passages.dedup();
        Ok(Self(passages))
    }
}

impl From<Proof> for Vec<Evidence> {
    fn from(proof: Proof) -> Self {
        proof.0
    }
}

impl schemars::JsonSchema for Proof {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Proof".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let items = generator.subschema_for::<Evidence>();
        schemars::json_schema!({"type": "array", "minItems": 1, "items": items})
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Proof, Span};

    #[test]
    fn offsets_are_scalars_not_bytes() {
        let text = "naïve – L4-L5 fusion";
        let e = Evidence::cut(text, Span::new(8, 13)).unwrap();
        assert_eq!(e.quote.expose(), "L4-L5");
        assert!(e.matches(text) && !e.matches("something else"));
        assert!(Evidence::cut(text, Span::new(8, 99)).is_none());
        assert!(Evidence::cut(text, Span::new(3, 3)).is_none());
    }

    #[test]
    fn proof_cannot_be_empty() {
        assert!(serde_json::from_str::<Proof>("[]").is_err());
    }
}
