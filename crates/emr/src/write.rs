//! What is written into an EMR, and what its answer means for it.

use crate::error::EmrError;
use iambilly_claim::phi::{self, Phi};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A note into the chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteWrite {
    /// The EMR's patient.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<String>,
    /// The EMR's encounter, which must be the same patient's.
    #[serde(serialize_with = "phi::disclose")]
    pub encounter: Phi<Option<String>>,
    /// Day of the operation, `YYYY-MM-DD`.
    pub date: String,
    /// Plain text: operative note and coded summary.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
}

/// A diagnosis onto the problem list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemWrite {
    /// The EMR's patient.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<String>,
    /// The EMR's encounter.
    #[serde(serialize_with = "phi::disclose")]
    pub encounter: Phi<Option<String>>,
    /// ICD-10-CM with its dot.
    pub code: String,
    /// Its words.
    pub display: String,
}

/// A charge of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeWrite {
    /// CPT or HCPCS code.
    pub code: String,
    /// Modifiers in order.
    pub modifiers: Vec<String>,
    /// Units of service.
    pub units: u32,
    /// Dollars with cents.
    pub amount: String,
    /// ICD-10-CM codes, at most four, in the order of the pointers.
    pub diagnoses: Vec<String>,
    /// Short note of the line.
    pub note: Option<String>,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimWrite {
    /// The EMR's patient.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<String>,
    /// Day of service, `YYYY-MM-DD`.
    pub date: String,
    /// The EMR's id of whoever operated; the connection's own where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Charges.
    pub charges: Vec<ChargeWrite>,
}

/// Something to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Write {
    /// A note.
    Note(NoteWrite),
    /// A problem.
    Problem(ProblemWrite),
    /// A claim.
    Claim(ClaimWrite),
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteKind {
    /// The operative note with the coded summary.
    Note,
    /// A provisional problem.
    Problem,
    /// A claim.
    Claim,
}

impl Write {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> WriteKind {
        match self {
            Self::Note(_) => WriteKind::Note,
            Self::Problem(_) => WriteKind::Problem,
            Self::Claim(_) => WriteKind::Claim,
        }
    }

    /// The EMR's patient it is for.
    #[must_use]
    pub const fn patient(&self) -> &Phi<String> {
        match self {
            Self::Note(w) => &w.patient,
            Self::Problem(w) => &w.patient,
            Self::Claim(w) => &w.patient,
        }
    }
}

/// What became of a write: one request, never repeated by this crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Stored under this id.
    Stored(Phi<String>),
    /// Certainly not stored, and not until something is put right.
    Refused(EmrError),
    /// Certainly not stored: it may be sent again, after this long where the EMR says so.
    NotSent(EmrError, Option<Duration>),
    /// Nobody can know: a person decides.
    Unknown(EmrError),
}

/// What the EMR has under the id it gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadBack {
    /// The same.
    Confirmed,
    /// Something else.
    Differs,
    /// It cannot be read back.
    Unreadable,
}

impl ReadBack {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Confirmed, Self::Differs, Self::Unreadable];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Differs => "differs",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A record of the EMR that may be the one whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The EMR's id.
    #[serde(serialize_with = "phi::disclose")]
    pub id: Phi<String>,
    /// When it was made, as the EMR writes it.
    pub made: Option<String>,
    /// What it is, in words without its text.
    pub says: String,
    /// Whether its content is exactly what was to be written.
    pub same: bool,
}
