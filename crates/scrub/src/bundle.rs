//! Bundle rules: services that are one service when done at the same place (`data/rules/bundles.toml`).

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
}

/// One rule about a primary line and another line of the same day.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Bundle {
    pub(crate) id: String,
    pub(crate) primary: Vec<String>,
    pub(crate) other: Vec<String>,
    pub(crate) site: Site,
    pub(crate) separate: Separate,
    /// Sets of words; all of a set in one documented phrase prove the separate service.
    #[serde(default)]
    pub(crate) words: Vec<Vec<String>>,
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
    pub(crate) swap_only_from: Vec<String>,
    /// Codes on the claim in whose presence the rule says nothing.
    #[serde(default)]
    pub(crate) unless: Vec<String>,
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
        phrases.into_iter().any(|phrase| {
            let phrase = phrase.to_lowercase();
            let denied = phrase.starts_with("no ") || phrase.starts_with("without ");
            !denied && self.words.iter().any(|set| set.iter().all(|w| phrase.contains(w.as_str())))
        })
    }
}
