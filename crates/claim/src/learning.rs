//! What a coder changed, and the local phrase rules that may be learned from it.
//!
//! Both stay on the machine. A rule does nothing until a person accepts it.

use crate::code::Modifier;
use crate::evidence::Evidence;
use crate::phi::{self, Phi};
use serde::{Deserialize, Serialize};

/// What sort of code a correction is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A service line.
    Line,
    /// A diagnosis.
    Diagnosis,
}

/// What a draft said, or what a coder decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// CPT, HCPCS or ICD-10-CM code.
    pub code: String,
    /// Units; 1 for a diagnosis.
    pub units: u32,
    /// Modifiers in order; none for a diagnosis.
    #[serde(default)]
    pub modifiers: Vec<Modifier>,
}

/// A word of the physician's own: a name or a term as it is to be written, and what the recogniser takes it for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OwnWord {
    /// As it is to be written.
    #[serde(serialize_with = "phi::disclose")]
    pub meant: Phi<String>,
    /// What the recogniser writes for it; none for a word that is only to be expected.
    #[serde(serialize_with = "phi::disclose", default)]
    pub heard: Phi<Option<String>>,
}

/// One change a coder made, with the words it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What it is about.
    pub subject: Subject,
    /// What the draft said; none when the coder added a code.
    pub was: Option<Decision>,
    /// What the coder decided; none when the coder took the code away.
    pub now: Option<Decision>,
    /// The words that support the code, as they stood in the transcript.
    pub evidence: Vec<Evidence>,
}

/// "Where these words support code A, the clinic codes B."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhraseRule {
    /// The words, lower case; `<level>`, `<side>` and `<number>` stand for any of their kind.
    #[serde(serialize_with = "phi::disclose")]
    pub phrase: Phi<String>,
    /// What it is about.
    pub subject: Subject,
    /// The code the readers give; none for a code they leave out.
    pub was: Option<String>,
    /// The code the clinic gives; none where it bills nothing.
    pub now: Option<String>,
    /// In how many dictations the same correction was made when the rule was offered.
    pub seen: u32,
}
