//! Identifiers: UUIDv7 newtypes, so that a recording's id can never be passed for a claim's.
//!
//! Ids are made by the caller (time and randomness come in from outside), see [`uuid::Uuid::now_v7`].

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);
        impl $name {
            /// Wraps a UUID made elsewhere.
            #[must_use]
            pub const fn new(id: Uuid) -> Self { Self(id) }
            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> { s.parse().map(Self) }
        }
    };
}

id!(/** One dictation: audio or typed note on its way to a claim. */ DictationId);
id!(/** One sealed recording. */ RecordingId);
id!(/** One immutable transcript revision. */ TranscriptId);
id!(/** One claim over all its revisions. */ ClaimId);
id!(/** One immutable revision of a claim. */ RevisionId);
id!(/** One job row. */ JobId);
id!(/** One change a coder made. */ CorrectionId);
id!(/** One local phrase rule. */ PhraseRuleId);
id!(/** One word of the physician's own dictionary. */ OwnWordId);
id!(/** One record of the master data. */ MasterId);
