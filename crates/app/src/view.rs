//! Shapes the two doors show. The window's fields are camelCase; the contract's shapes inside keep theirs.

use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::phi::{self, Phi};
use iambilly_claim::{Claim, Coding, Fault, Findings, Transcript};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::events::Stage;

/// State of a stage or of a whole dictation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Waiting for its turn.
    Queued,
    /// Being worked on.
    Running,
    /// Finished.
    Done,
    /// Stopped by an error that a retry did not mend.
    Failed,
    /// Stopped on request.
    Cancelled,
    /// Not needed, with the reason in the note.
    Skipped,
}

/// One stage as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageView {
    /// Which one.
    pub stage: Stage,
    /// Its state.
    pub state: WorkState,
    /// Share done, 0 to 1, while it runs.
    pub progress: Option<f64>,
    /// A short remark, e.g. why it was skipped.
    pub note: Option<String>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// A dictation in the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DictationView {
    /// Its id.
    pub id: DictationId,
    /// Name for people: the file's name or "Typed note".
    #[serde(serialize_with = "phi::disclose")]
    pub name: Phi<String>,
    /// `audio` or `note`.
    pub kind: String,
    /// RFC 3339 in UTC.
    pub created_at: String,
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: String,
    /// Length of the audio.
    pub duration_ms: Option<u64>,
    /// Its claim, once drafted.
    pub claim_id: Option<ClaimId>,
    /// State of that claim.
    pub claim_state: Option<String>,
    /// "Last, First" when the patient is known.
    #[serde(serialize_with = "phi::disclose")]
    pub patient_label: Phi<Option<String>>,
    /// Its stages in order.
    pub stages: Vec<StageView>,
    /// State over all stages.
    pub state: WorkState,
    /// The fault of the failed stage.
    pub fault: Option<Fault>,
}

/// Where the second opinion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondOpinion {
    /// Not there yet.
    Pending,
    /// Merged into this draft.
    Merged,
    /// Not asked for, or no language model installed.
    Skipped,
    /// It failed; the rules' draft stands.
    Failed,
}

/// A draft claim with everything needed to review it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DraftView {
    /// The claim.
    pub claim_id: ClaimId,
    /// Its dictation.
    pub dictation_id: DictationId,
    /// Life-cycle state.
    pub state: String,
    /// Revision shown.
    pub revision: u32,
    /// Who drafted it: "rules", model names.
    pub drafted_by: Vec<String>,
    /// The transcript that evidence points into.
    pub transcript: Transcript,
    /// Codes with proof.
    pub coding: Coding,
    /// The claim as CMS-1500 JSON.
    pub claim: Claim,
    /// The scrubber's findings.
    pub findings: Findings,
    /// Our own short words per procedure code.
    pub labels: BTreeMap<String, String>,
    /// Titles per diagnosis code (ICD-10-CM, public domain).
    pub titles: BTreeMap<String, String>,
    /// The language model's part.
    pub second_opinion: SecondOpinion,
    /// Length of the audio; 0 for a note.
    pub audio_ms: u64,
    /// What a reader should know about the rules' editions.
    pub edition_note: Option<String>,
}
