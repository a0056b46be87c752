//! A transcript against the exact words.

use crate::words::{normalise, vertebra};
use serde::Serialize;
use std::collections::HashSet;
use std::sync::LazyLock;

static TERMS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../data/spine_terms.txt")
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect()
});

/// How far a transcript is from the exact words, after normalisation ([`normalise`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SpeechScore {
    /// Words of the gold.
    pub words: usize,
    /// Words that were heard as others.
    pub substituted: usize,
    /// Words that are too many.
    pub inserted: usize,
    /// Words that are missing.
    pub deleted: usize,
    /// Spine terms (listed words and vertebrae) of the gold.
    pub terms: usize,
    /// Spine terms that are wrong or missing.
    pub terms_wrong: usize,
}

impl SpeechScore {
    /// Aligns a transcript with the exact words at the least number of edits.
    #[must_use]
    pub fn of(hyp: &str, gold: &str) -> Self {
        let (hyp, gold) = (normalise(hyp), normalise(gold));
        let mut score = Self { words: gold.len(), ..Self::default() };
        for edit in align(&hyp, &gold) {
            let (word, right) = match edit {
                Edit::Same(word) => (word, true),
                Edit::Substitute(word) => {
                    score.substituted += 1;
                    (word, false)
                }
                Edit::Delete(word) => {
                    score.deleted += 1;
                    (word, false)
                }
                Edit::Insert => {
                    score.inserted += 1;
                    continue;
                }
            };
            if TERMS.contains(word) || vertebra(word).is_some() {
                score.terms += 1;
                score.terms_wrong += usize::from(!right);
            }
        }
        score
    }

    /// Word error rate: edits over words of the gold.
    #[must_use]
    pub fn word_error_rate(&self) -> f64 {
        rate(self.substituted + self.inserted + self.deleted, self.words)
    }

    /// Share of the gold's spine terms that are wrong or missing.
    #[must_use]
    pub fn term_error_rate(&self) -> f64 {
        rate(self.terms_wrong, self.terms)
    }

    /// Adds another text's counts.
    pub const fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.substituted += other.substituted;
        self.inserted += other.inserted;
        self.deleted += other.deleted;
        self.terms += other.terms;
        self.terms_wrong += other.terms_wrong;
    }
}

#[allow(clippy::cast_precision_loss, reason = "word counts are far below 2^52")]
fn rate(errors: usize, of: usize) -> f64 {
    if of == 0 { f64::from(u8::from(errors > 0)) } else { errors as f64 / of as f64 }
}

enum Edit<'a> {
    Same(&'a str),
    Substitute(&'a str),
    Delete(&'a str),
    Insert,
}

/// Price of an edit; a word that is the same costs one less than nothing, so that among alignments with as few
/// edits the one with the most words right is taken.
const EDIT: i64 = 1 << 32;

/// Levenshtein alignment; the word in an edit is the gold's.
fn align<'a>(hyp: &[String], gold: &'a [String]) -> Vec<Edit<'a>> {
    let width = hyp.len() + 1;
    let mut cost = vec![0_i64; width * (gold.len() + 1)];
    let at = |g: usize, h: usize| g * width + h;
    let step = |g: usize, h: usize| if gold[g - 1] == hyp[h - 1] { -1 } else { EDIT };
    for g in 0..=gold.len() {
        for h in 0..width {
            cost[at(g, h)] = match (g, h) {
                (0, 0) => 0,
                (0, h) => cost[at(0, h - 1)] + EDIT,
                (g, 0) => cost[at(g - 1, 0)] + EDIT,
                (g, h) => (cost[at(g - 1, h - 1)] + step(g, h))
                    .min(cost[at(g - 1, h)] + EDIT)
                    .min(cost[at(g, h - 1)] + EDIT),
            };
        }
    }
    let (mut g, mut h) = (gold.len(), hyp.len());
    let mut edits = Vec::with_capacity(g.max(h));
    while g > 0 || h > 0 {
        let here = cost[at(g, h)];
        if g > 0 && h > 0 && here == cost[at(g - 1, h - 1)] + step(g, h) {
            let word = &gold[g - 1];
            edits.push(if *word == hyp[h - 1] { Edit::Same(word) } else { Edit::Substitute(word) });
            (g, h) = (g - 1, h - 1);
        } else if g > 0 && here == cost[at(g - 1, h)] + EDIT {
            edits.push(Edit::Delete(&gold[g - 1]));
            g -= 1;
        } else {
            edits.push(Edit::Insert);
            h -= 1;
        }
    }
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use super::SpeechScore;
    use proptest::prelude::*;

    #[test]
    fn the_same_words_in_another_dress() {
        let s = SpeechScore::of(
            "Discectomy at C5-6, blood loss 50 mL.",
            "discectomy at C5 C6 blood loss fifty milliliters",
        );
        assert_eq!((s.word_error_rate(), s.terms, s.terms_wrong), (0.0, 3, 0));
    }

    #[test]
    fn edits_and_terms() {
        let s = SpeechScore::of("laminectomy L3 L4 was very", "laminectomy L4 L5 was done well");
        assert_eq!(s.words, 6);
        assert_eq!(s.substituted + s.inserted + s.deleted, 4);
        assert_eq!((s.terms, s.terms_wrong), (3, 1));
        assert_eq!(SpeechScore::of("", "left facet").term_error_rate(), 1.0);
    }

    proptest! {
        #[test]
        fn words_add_up(hyp in "[a-d ]{0,24}", gold in "[a-d ]{0,24}") {
            let s = SpeechScore::of(&hyp, &gold);
            let heard = crate::normalise(&hyp).len();
            prop_assert_eq!(s.words + s.inserted, heard + s.deleted);
            prop_assert_eq!(SpeechScore::of(&gold, &gold).word_error_rate(), 0.0);
        }
    }
}
