//! What the pipeline tells while it works; ids and figures only, never PHI.

use crate::view::StageView;
use iambilly_claim::Fault;
use iambilly_claim::ids::{ClaimId, DictationId};
use serde::Serialize;

/// A stage of a dictation's way to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Audio read and sealed.
    Import,
    /// Speech to text.
    Transcribe,
    /// Read by rules, coded, scrubbed, stored.
    Draft,
    /// Heard again by a larger speech model.
    FinalPass,
    /// Read by the language model and merged.
    SecondOpinion,
}

impl Stage {
    /// Stages of an audio dictation in order.
    pub const ALL: [Self; 5] =
        [Self::Import, Self::Transcribe, Self::Draft, Self::FinalPass, Self::SecondOpinion];

    /// Stable name in the store and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Transcribe => "transcribe",
            Self::Draft => "draft",
            Self::FinalPass => "final_pass",
            Self::SecondOpinion => "second_opinion",
        }
    }
    /// The stage of a stored name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
    /// What it is, for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Import => "Sealing the audio",
            Self::Transcribe => "Transcribing",
            Self::Draft => "Reading and coding",
            Self::FinalPass => "Hearing it again with the larger model",
            Self::SecondOpinion => "Language model's second reading",
        }
    }
}

/// An event for whoever watches.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "StageEvent")]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Whose dictation.
    pub dictation_id: DictationId,
    /// The stage as it is now.
    #[serde(flatten)]
    pub stage: StageView,
    /// The claim, once there is one.
    pub claim_id: Option<ClaimId>,
}

impl Event {
    /// The fault of a failed stage.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        self.stage.fault.as_ref()
    }
}
