//! `data/policies/criteria.toml`: conditions by their diagnoses, and what shows that a requirement was met.

use serde::Deserialize;
use std::sync::LazyLock;

/// A condition of a patient.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct State {
    pub(super) words: Vec<String>,
    pub(super) diagnoses: Vec<String>,
}

/// What a note shows.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Evidence {
    pub(super) asked: Vec<String>,
    pub(super) name: String,
    pub(super) shown: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Vocabulary {
    #[serde(rename = "condition")]
    pub(super) states: Vec<State>,
    pub(super) evidence: Vec<Evidence>,
}

pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../data/policies/criteria.toml")).unwrap_or_default()
});

/// Diagnoses of the conditions a text in small letters names.
pub(super) fn diagnoses_named(lower: &str) -> Vec<String> {
    let named =
        VOCABULARY.states.iter().filter(|s| s.words.iter().any(|w| crate::words::has_words(lower, w)));
    named.flat_map(|s| s.diagnoses.iter().cloned()).collect()
}
