//! The physician's own dictionary: what the recogniser writes for his words is written as he means it.
//!
//! A pair acts on whole words that stand together, whatever their case. Levels, numbers, sides and negations are
//! walls here too: a pair that holds one is refused, because it would change facts in every dictation. So is one
//! that would turn a spine term that is spelled right into another.

use super::Edit;
use super::rewrite::rewrite;
use super::token::{Token, tokens};
use crate::lexicon::Sort;
use iambilly_claim::{Fault, FaultKind, OwnWord, Transcript};

/// Rule id of a correction out of the physician's own dictionary.
const OWN: &str = "own-dictionary";
/// Longest entry in characters and in words.
const LONGEST: usize = 80;
const MOST_WORDS: usize = 8;
/// A single everyday word shorter than this stands for too much to be a mishearing of one thing.
const SHORTEST_EVERYDAY: usize = 5;

/// Why a word cannot be in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnWordError {
    /// There is no word in it.
    #[error("there is no word in it")]
    Empty,
    /// More than eight words or eighty characters.
    #[error("it is longer than {MOST_WORDS} words or {LONGEST} characters")]
    TooLong,
    /// It holds a level, a number, a side or a negation.
    #[error("it holds a level, a number, a side or a negation")]
    Wall,
    /// What is heard is written as it is meant already.
    #[error("heard and meant are the same")]
    Same,
    /// What is heard is a spine term, spelled right.
    #[error("what is heard is a spine term of its own")]
    Term,
    /// What is heard is a short everyday word.
    #[error("what is heard is a short everyday word")]
    Everyday,
}

impl OwnWordError {
    /// For people.
    #[must_use]
    pub fn fault(self) -> Fault {
        let (code, message, advice) = match self {
            Self::Empty => {
                ("own_word_empty", "There is no word in it.", "Write the word as it is to stand in the text.")
            }
            Self::TooLong => (
                "own_word_long",
                "That is too long for the dictionary.",
                "Take the few words that are misheard, at most eight.",
            ),
            Self::Wall => (
                "own_word_fact",
                "Levels, numbers, sides and words such as “no” and “without” cannot be in the dictionary: it would change facts in every dictation.",
                "Take the words beside them.",
            ),
            Self::Same => (
                "own_word_same",
                "Heard and meant are the same.",
                "Leave out what is heard if the word is only to be expected.",
            ),
            Self::Term => (
                "own_word_term",
                "What is heard is a spine term that is spelled right, so it would be lost wherever it is meant.",
                "Take in the misheard words beside it.",
            ),
            Self::Everyday => (
                "own_word_everyday",
                "What is heard is an everyday word that is said for itself too often.",
                "Take in the words beside it.",
            ),
        };
        Fault::new(FaultKind::Input, code, message, advice)
    }
}

/// The physician's own words, ready to act.
#[derive(Debug, Clone, Default)]
pub struct OwnWords {
    /// What is heard, in lower-case words, and what is written for it; the longest first.
    pairs: Vec<(Vec<String>, String)>,
    /// Words as they are meant, in lower case.
    meant: Vec<Vec<String>>,
    /// The same as they are written, in the order given.
    written: Vec<String>,
}

impl OwnWords {
    /// A dictionary of these; those that cannot be in one ([`OwnWords::check`]) do nothing.
    #[must_use]
    pub fn new<'a>(words: impl IntoIterator<Item = &'a OwnWord>) -> Self {
        let mut own = Self::default();
        for word in words.into_iter().filter(|w| Self::check(w).is_ok()) {
            let meant = word.meant.expose().trim();
            own.meant.push(lower(meant));
            own.written.push(meant.to_owned());
            if let Some(heard) = word.heard.expose() {
                own.pairs.push((lower(heard), meant.to_owned()));
            }
        }
        own.pairs.sort_by_key(|(heard, _)| std::cmp::Reverse(heard.len()));
        own
    }

    /// The words as they are written, in the order given.
    pub(crate) fn written_as(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(String::as_str)
    }

    /// Whether a word can be in the dictionary.
    ///
    /// # Errors
    /// Why not.
    pub fn check(word: &OwnWord) -> Result<(), OwnWordError> {
        let (meant, heard) = (word.meant.expose().trim(), word.heard.expose().as_deref().map(str::trim));
        for text in [Some(meant), heard].into_iter().flatten() {
            let words = of(text);
            if words.is_empty() {
                return Err(OwnWordError::Empty);
            }
            if words.len() > MOST_WORDS || text.chars().count() > LONGEST || text.contains(char::is_control) {
                return Err(OwnWordError::TooLong);
            }
            // A word in another alphabet or with an accent is a wall to the lexicon, and none here.
            if words.iter().any(|t| t.wall && t.lower.is_ascii()) {
                return Err(OwnWordError::Wall);
            }
        }
        let Some(heard) = heard else { return Ok(()) };
        if heard == meant {
            return Err(OwnWordError::Same);
        }
        let (words, kept) = (of(heard), lower(meant));
        // Only letters change their case: nothing is lost.
        if words.iter().map(|t| &t.lower).eq(&kept) {
            return Ok(());
        }
        let letters = kept.concat();
        let lost = |t: &Token| t.sort == Sort::Technical && !letters.contains(&t.lower);
        if words.iter().any(lost) || words.iter().all(|t| kept.contains(&t.lower)) {
            return Err(OwnWordError::Term);
        }
        match words.as_slice() {
            [only] if only.sort == Sort::Ordinary && only.lower.len() < SHORTEST_EVERYDAY => {
                Err(OwnWordError::Everyday)
            }
            _ => Ok(()),
        }
    }

    /// A transcript with its own words as they are meant.
    pub(super) fn written(&self, t: &Transcript) -> Transcript {
        let chars: Vec<char> = t.text.expose().chars().collect();
        let edits = self.edits(&chars);
        if edits.is_empty() { t.clone() } else { rewrite(t, &chars, &edits, OWN) }
    }

    fn edits(&self, chars: &[char]) -> Vec<Edit> {
        if self.pairs.is_empty() {
            return vec![];
        }
        let tokens = tokens(chars);
        let (mut edits, mut at) = (vec![], 0);
        while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
            let found = self.pairs.iter().find_map(|(heard, new)| {
                let (start, end) = span(rest, heard)?;
                Some((heard.len(), Edit { start, end, new: new.clone() }))
            });
            match found {
                Some((words, edit)) => {
                    // What stands as it is meant is no correction.
                    let same = chars
                        .get(edit.start..edit.end)
                        .is_some_and(|c| c.iter().copied().eq(edit.new.chars()));
                    if !same {
                        edits.push(edit);
                    }
                    at += words;
                }
                None => at += 1,
            }
        }
        edits
    }

    /// Takes out what would change the physician's own words.
    pub(super) fn spare(&self, chars: &[char], edits: &mut Vec<Edit>) {
        if self.meant.is_empty() || edits.is_empty() {
            return;
        }
        let tokens = tokens(chars);
        let own: Vec<(usize, usize)> = (0..tokens.len())
            .filter_map(|at| tokens.get(at..))
            .flat_map(|rest| self.meant.iter().filter_map(|words| span(rest, words)))
            .collect();
        edits.retain(|e| !own.iter().any(|(start, end)| e.start < *end && *start < e.end));
    }
}

/// The words of an entry.
fn of(text: &str) -> Vec<Token> {
    tokens(&text.chars().collect::<Vec<_>>())
}

fn lower(text: &str) -> Vec<String> {
    of(text).into_iter().map(|t| t.lower).collect()
}

/// Where these words stand at the beginning of some tokens, with no stop between them.
fn span(tokens: &[Token], words: &[String]) -> Option<(usize, usize)> {
    let here = tokens.get(..words.len())?;
    let together = here.iter().skip(1).all(|t| !t.fresh);
    let (first, last) = (here.first()?, here.last()?);
    (together && here.iter().map(|t| &t.lower).eq(words)).then_some((first.start, last.end))
}

#[cfg(test)]
mod tests {
    use super::{OwnWordError as E, OwnWords};
    use crate::correct::correct_with;
    use iambilly_claim::{OwnWord, Transcript};

    fn word(meant: &str, heard: Option<&str>) -> OwnWord {
        OwnWord { meant: meant.into(), heard: heard.map(str::to_owned).into() }
    }

    fn written(words: &[OwnWord], text: &str) -> Transcript {
        let t = Transcript { model: "tiny.en".to_owned(), ..Transcript::typed(text) };
        correct_with(&t, &OwnWords::new(words))
    }

    #[test]
    fn own_words_are_written_as_they_are_meant() {
        let own = [
            word("Globus Creo", Some("globe us creole")),
            word("Nuvasive", Some("new vasive")),
            word("NuVasive XLIF", Some("new vasive exlif")),
            word("Infuse", None),
        ];
        for (heard, expected) in [
            ("a Globe us creole rod was placed", "a Globus Creo rod was placed"),
            ("the new vasive plate", "the Nuvasive plate"),
            ("the new-vasive exlif cage", "the NuVasive XLIF cage"),
            // A stop between the words: they do not belong together.
            ("the plate is new. Vasive was said", "the plate is new. Vasive was said"),
            ("a globe us", "a globe us"),
        ] {
            assert_eq!(written(&own, heard).text.expose(), expected);
        }
        let t = written(&own, "the new vasive plate");
        assert_eq!(t.corrections[0].rule, "own-dictionary");
        assert_eq!(t.corrections[0].original.expose(), "new vasive");
        assert_eq!(written(&own, "the Nuvasive plate").corrections, []);
    }

    #[test]
    fn the_lexicon_leaves_them_alone() {
        let text = "a laminectmy retractor was used";
        assert_eq!(written(&[], text).text.expose(), "a laminectomy retractor was used");
        assert_eq!(written(&[word("Laminectmy", None)], text).text.expose(), text);
    }

    #[test]
    fn what_would_change_facts_is_refused() {
        for (meant, heard, why) in [
            ("Globus", Some("globe us"), None),
            ("Globus", None, None),
            ("PEEK cage", Some("peak cage"), None),
            ("discectomy", Some("disc ectomy"), None),
            ("Déjerine", Some("dejerine sign"), None),
            ("PEEK", Some("Peek"), None),
            ("", None, Some(E::Empty)),
            ("Globus", Some(" - "), Some(E::Empty)),
            ("right side", Some("write side"), Some(E::Wall)),
            ("L5", Some("elf five"), Some(E::Wall)),
            ("Nurolon", Some("no lawn"), Some(E::Wall)),
            ("Globus", Some("Globus"), Some(E::Same)),
            ("lumbar", Some("cervical"), Some(E::Term)),
            ("posterior fusion", Some("fusion"), Some(E::Term)),
            ("corpectomy", Some("a discectomy"), Some(E::Term)),
            ("Anders", Some("and"), Some(E::Everyday)),
            ("a b", None, Some(E::Wall)),
        ] {
            assert_eq!(OwnWords::check(&word(meant, heard)).err(), why, "{heard:?} → {meant}");
        }
        assert_eq!(OwnWords::check(&word(&"long ".repeat(9), None)), Err(E::TooLong));
    }

    #[test]
    fn a_typed_note_is_left_alone() {
        let t = Transcript::typed("the new vasive plate");
        assert_eq!(correct_with(&t, &OwnWords::new(&[word("Nuvasive", Some("new vasive"))])), t);
    }
}
