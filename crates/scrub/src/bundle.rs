//! Bundle rules: services that are one service when done at the same place (`data/rules/bundles.toml`).

use crate::codes::Codes;
use iambilly_claim::{FindingKind, Severity};
use jiff::civil::Date;
use serde::Deserialize;

/// The file of bundle rules.
#[derive(Debug, Deserialize)]
pub(crate) struct BundleFile {
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) bundle: Vec<Bundle>,
    pub(crate) companion: Vec<Companion>,
    pub(crate) documentation: Vec<Documentation>,
}

/// A service that needs another one at the same place.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Companion {
    pub(crate) id: String,
    pub(crate) codes: Codes,
    pub(crate) any_of: Codes,
    pub(crate) site: Site,
    /// Speaks also where there is no such service at all that day.
    pub(crate) absent: bool,
    pub(crate) severity: Severity,
    pub(crate) message: String,
}

/// What the note must say for a code.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Documentation {
    pub(crate) id: String,
    pub(crate) codes: Codes,
    /// Judged only where the note has one of these words; empty: always.
    pub(crate) if_says: Vec<String>,
    /// Each group needs one of its words.
    pub(crate) needs: Vec<Vec<String>>,
    pub(crate) message: String,
}

impl Documentation {
    /// Whether the phrases quoted for a line leave out what the code needs.
    pub(crate) fn lacking(&self, phrases: &[String]) -> bool {
        let note = phrases.join("; ").to_lowercase();
        let says = |words: &[String]| words.iter().any(|w| note.contains(w.as_str()));
        !note.is_empty()
            && (self.if_says.is_empty() || says(&self.if_says))
            && !self.needs.iter().all(|group| says(group))
    }
}

/// One rule about a primary line and another line of the same day.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Bundle {
    pub(crate) id: String,
    pub(crate) primary: Codes,
    pub(crate) other: Codes,
    pub(crate) site: Site,
    pub(crate) separate: Separate,
    /// Sets of words; all of a set in one documented phrase prove the separate service.
    #[serde(default)]
    pub(crate) words: Vec<Vec<String>>,
    /// Sets of words that prove the opposite.
    #[serde(default)]
    pub(crate) refuted: Vec<Vec<String>>,
    /// What to do where the claim does not name the levels.
    #[serde(default)]
    pub(crate) unknown: Unknown,
    #[serde(default)]
    pub(crate) drop: Option<Drop>,
    /// One code for both.
    #[serde(default)]
    pub(crate) becomes: Option<String>,
    /// The code the other line becomes in a fix.
    #[serde(default)]
    pub(crate) swap: Option<String>,
    /// Codes of the other line for which `swap` is right.
    #[serde(default)]
    pub(crate) swap_only_from: Codes,
    /// Codes on the claim in whose presence the rule says nothing.
    #[serde(default)]
    pub(crate) unless: Codes,
    /// Kind where the table of pairs has no row.
    #[serde(default = "overcoded")]
    pub(crate) kind: FindingKind,
    /// Kind whether or not the table has a row.
    #[serde(default)]
    pub(crate) always: Option<FindingKind>,
    #[serde(default = "block")]
    pub(crate) severity: Severity,
    /// Severity where the payer is neither Medicare nor Medicaid.
    #[serde(default)]
    pub(crate) commercial: Option<Severity>,
    pub(crate) message: String,
}

const fn overcoded() -> FindingKind {
    FindingKind::Overcoded
}
const fn block() -> Severity {
    Severity::Block
}

/// What counts as the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Site {
    /// A shared interspace.
    Interspace,
    /// A shared vertebra.
    Segments,
    /// Ranges of vertebrae that overlap or touch.
    Construct,
    /// The same day.
    Session,
}

/// What makes both services reportable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Separate {
    /// Another place.
    Level,
    /// Another place, or words in the note.
    Documented,
    /// Nothing.
    Never,
}

/// What a rule does where the claim does not name the levels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unknown {
    /// Asks, or blocks where the table has the pair.
    #[default]
    Ask,
    /// Says nothing.
    Silent,
}

/// Which line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Drop {
    /// The other line, even where the table would deny the primary.
    Other,
    /// The primary line.
    Primary,
}

impl Bundle {
    /// Whether a documented phrase proves the separate service.
    pub(crate) fn documented<'a>(&self, phrases: impl IntoIterator<Item = &'a String>) -> bool {
        phrases.into_iter().any(|p| says(p, &self.words))
    }
    /// Whether a documented phrase proves that it is none.
    pub(crate) fn refuted<'a>(&self, phrases: impl IntoIterator<Item = &'a String>) -> bool {
        phrases.into_iter().any(|p| says(p, &self.refuted))
    }
}

/// Whether a phrase has all words of one set and does not deny them at its start.
fn says(phrase: &str, sets: &[Vec<String>]) -> bool {
    let phrase = phrase.to_lowercase();
    let denied = ["no ", "not ", "without "].iter().any(|n| phrase.starts_with(n));
    !denied && sets.iter().any(|set| set.iter().all(|w| phrase.contains(w.as_str())))
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn words_of_one_phrase() {
        let sets = vec![vec!["separate".to_owned(), "plate".to_owned()]];
        for (phrase, expected) in [
            ("Separate anterior plate", true),
            ("no separate plate", false),
            ("anterior plate", false),
            ("a plate, separate from the cage", true),
        ] {
            assert_eq!(says(phrase, &sets), expected, "{phrase}");
        }
    }
}
