//! What the readers make of a transcript: coded lines and diagnoses, each with its proof.

use crate::code::{DiagnosisCode, Modifier, ProcedureCode};
use crate::evidence::{Evidence, Proof};
use crate::level::Level;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Side of the body.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Laterality {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Both sides.
    Bilateral,
}

/// Which reader found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    /// The deterministic reader.
    Rules,
    /// The language model, its quote found in the transcript and read by the rules.
    Llm,
    /// Both readers agree.
    Both,
    /// A coder wrote it.
    Coder,
}

/// A whole coding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Coding {
    /// Date of service.
    #[schemars(with = "String")]
    pub dos: Date,
    /// Payer id.
    pub payer: String,
    /// Diagnoses, first-listed first.
    pub diagnoses: Vec<CodedDiagnosis>,
    /// Service lines in billing order.
    pub lines: Vec<CodedLine>,
    /// What was done but is not reported, and why.
    pub not_billed: Vec<NotBilled>,
    /// Questions to the physician or coder.
    pub queries: Vec<Query>,
    /// Other permitted ways to report the same work.
    pub alternatives: Vec<Alternative>,
    /// Which readers, versions and models made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<MadeBy>,
}

/// What a coding was made with, so that it can be made again and compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MadeBy {
    /// Version of the program.
    pub program: String,
    /// `rules`, `llm` or `both`.
    pub reader: String,
    /// Version and digest of the catalogue (concepts, codes, diagnoses, lexicon).
    pub catalogue: String,
    /// Version and digest of the question put to the language model, where one was asked.
    #[serde(default)]
    pub prompt: Option<String>,
    /// Speech model of the transcript, or `typed`.
    pub speech_model: String,
    /// Language model, where one was asked.
    #[serde(default)]
    pub language_model: Option<String>,
    /// Local phrase rules in force, by id.
    #[serde(default)]
    pub phrase_rules: Vec<String>,
    /// Editions of the tables it rests on.
    #[serde(default)]
    pub editions: Vec<String>,
}

/// A diagnosis with its proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CodedDiagnosis {
    /// ICD-10-CM code.
    pub code: DiagnosisCode,
    /// The words that support it.
    pub evidence: Proof,
    /// 0 to 1.
    pub confidence: f32,
    /// Who found it.
    pub source: ReadBy,
    /// Rule id(s) and one sentence.
    #[serde(default)]
    pub why: String,
}

/// A service line with its proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CodedLine {
    /// CPT or HCPCS code.
    pub code: ProcedureCode,
    /// Units of service.
    pub units: u32,
    /// Modifiers in order.
    pub modifiers: Vec<Modifier>,
    /// Diagnosis pointers, letters `A` to `L`.
    pub pointers: Vec<char>,
    /// Where it was done.
    pub levels: Vec<Level>,
    /// Side, where the service has one.
    pub laterality: Option<Laterality>,
    /// The words that support it.
    pub evidence: Proof,
    /// 0 to 1.
    pub confidence: f32,
    /// Who found it.
    pub source: ReadBy,
    /// Rule id(s) and one sentence.
    pub why: String,
}

/// Work that was documented but is not reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NotBilled {
    /// The code that is not reported.
    pub code: ProcedureCode,
    /// Why, in a sentence.
    pub reason: String,
    /// Rule id.
    pub rule: String,
    /// The words it was read from.
    pub evidence: Proof,
}

/// What goes wrong if a claim is sent while a question is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nothing proves this claim yet, or it mixes what belongs to several: to send it could be a false claim.
    Compliance,
    /// It may say more than was done: money that would have to be paid back.
    UpCode,
    /// The payer may refuse the line, because what it asks for is not in the note.
    Denial,
    /// Which code stands first hangs on the answer.
    Sequence,
    /// Work may be reported too low: money left, no wrong done.
    #[default]
    Missed,
}

/// A question whose answer decides a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Query {
    /// The question.
    pub question: String,
    /// Codes that depend on the answer.
    pub affects: Vec<String>,
    /// What raised it; empty when something is missing from the note.
    pub evidence: Vec<Evidence>,
    /// What goes wrong if it stays open. Drafts made before it was kept read as [`Risk::Missed`].
    #[serde(default)]
    pub risk: Risk,
    /// What hangs on the answer, in relative value units.
    #[serde(default)]
    pub stake: f64,
}

/// Another permitted way to report the same work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alternative {
    /// The lines it would have.
    pub lines: Vec<CodedLine>,
    /// What it changes.
    pub effect: Effect,
    /// What it is.
    pub why: String,
    /// What allows it.
    pub allowed_because: String,
}

/// Effect of an alternative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Effect {
    /// Difference in total relative value units, if known.
    pub rvu: Option<f64>,
}
