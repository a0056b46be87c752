//! Words a recogniser is told to expect: the physician's own, then terms of the trade.

use crate::OwnWords;

const TERMS: &str = include_str!("../../../data/coding/expected.txt");
/// Own words that go before the terms of the trade, the newest first: with more of them no term would be left.
const MOST_OWN: usize = 24;

/// Words to expect, separated by commas, the most wanted first; a model keeps as many of the first as it can.
#[must_use]
pub fn expected_words(own: &OwnWords) -> String {
    let terms = TERMS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    own.written_as().take(MOST_OWN).chain(terms).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{TERMS, expected_words};
    use crate::OwnWords;
    use iambilly_claim::OwnWord;

    #[test]
    fn own_words_come_first_and_nothing_told_is_a_fact() {
        let word = |meant: &str, heard: Option<&str>| OwnWord {
            meant: meant.into(),
            heard: heard.map(str::to_owned).into(),
        };
        let own =
            OwnWords::new(&[word("Nuvasive", Some("new vasive")), word("L5", None), word("Infuse", None)]);
        let words = expected_words(&own);
        assert!(words.starts_with("Nuvasive, Infuse, stenosis, "), "{words}");
        for term in TERMS.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(OwnWords::check(&word(term, None)), Ok(()), "{term}");
        }
    }

    #[test]
    fn every_term_is_spelled_as_the_lexicon_spells_it() {
        for term in TERMS.lines().filter(|line| !line.starts_with('#')) {
            for word in term.to_lowercase().split(' ') {
                let sort = crate::lexicon::LEXICON.sort(word);
                assert_ne!(sort, crate::lexicon::Sort::Unknown, "{word} of {term}");
            }
        }
    }
}
