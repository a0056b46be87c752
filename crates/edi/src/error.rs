//! What can be wrong with a claim on its way out or a file on its way in. Never a value of either: only its place.

use iambilly_claim::{Fault, FaultKind};
use std::fmt;

/// A place in an X12 file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Position {
    /// Number of the segment in the file, from 1; the ISA is the first.
    pub segment: u64,
    /// Bytes before that segment.
    pub byte: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "segment {} (byte {})", self.segment, self.byte)
    }
}

/// Something that a claim needs before it can leave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
pub struct Lack {
    /// Item of the CMS-1500 it belongs to, like `33a`; `settings` for what the clinic sets once.
    pub item: String,
    /// What is missing or wrong, in a sentence without the patient's data.
    pub says: String,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.item == "settings" {
            write!(f, "{}", self.says)
        } else {
            write!(f, "item {}: {}", self.item, self.says)
        }
    }
}

/// Why a file that came in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It does not begin with an interchange header.
    NotX12,
    /// Its separators are letters, digits, spaces or the same twice.
    Separators,
    /// It ends in the middle.
    Truncated,
    /// It holds bytes that are no text.
    Binary,
    /// One segment is longer than any can be.
    LongSegment,
    /// More segments than a file may have.
    TooMany,
    /// Another version or kind of transaction than this reader is for.
    Version {
        /// What it should be.
        expected: &'static str,
    },
    /// A segment where it cannot stand.
    Unexpected {
        /// What should stand there, in words.
        expected: &'static str,
    },
    /// An element that is missing or has not its form.
    Element {
        /// Its name in the standard, like `CLP04`.
        name: &'static str,
    },
    /// A count or control number of a trailer that contradicts its header or content.
    Trailer {
        /// Which, like `SE01`.
        name: &'static str,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotX12 => f.write_str("it does not begin with an interchange header (ISA)"),
            Self::Separators => f.write_str("the separators of its header cannot be right"),
            Self::Truncated => f.write_str("the file ends in the middle"),
            Self::Binary => f.write_str("there are bytes that are no text"),
            Self::LongSegment => f.write_str("a segment does not end"),
            Self::TooMany => f.write_str("there are more segments than a file may have"),
            Self::Version { expected } => write!(f, "it is not a {expected}"),
            Self::Unexpected { expected } => write!(f, "a segment stands where {expected} should be"),
            Self::Element { name } => write!(f, "{name} is missing or has not its form"),
            Self::Trailer { name } => write!(f, "{name} contradicts what came before it"),
        }
    }
}

/// An error of this room.
#[derive(Debug, thiserror::Error)]
pub enum EdiError {
    /// The claim cannot leave yet; everything it lacks at once.
    #[error("{} item(s) are missing", .0.len())]
    Lacks(Vec<Lack>),
    /// The file is refused at a place.
    #[error("{problem}, at {at}")]
    Refused {
        /// Where.
        at: Position,
        /// Why.
        problem: Problem,
    },
    /// The file cannot be read from where it is.
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// A claim that has no place on the form or in the format at all.
    #[error("{0}")]
    Beyond(&'static str),
}

impl EdiError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Lacks(lacks) => {
                let list: Vec<String> = lacks.iter().map(ToString::to_string).collect();
                Fault::new(
                    FaultKind::Input,
                    "claim_incomplete",
                    format!("The claim cannot leave yet: {}", list.join(" ")),
                    "Reopen the claim to complete it, or complete the exchange settings; nothing was written.",
                )
            }
            Self::Refused { at, problem } => Fault::new(
                FaultKind::Input,
                match problem {
                    Problem::Version { .. } => "x12_version",
                    Problem::Truncated => "x12_truncated",
                    _ => "x12_invalid",
                },
                format!("The file was refused at {at}: {problem}."),
                "Ask the sender for the file again; nothing of it was taken.",
            ),
            Self::Read(error) => Fault::new(
                FaultKind::Missing,
                "file_trouble",
                format!("The file could not be read: {error}."),
                "Check that it exists and that you may read it.",
            ),
            Self::Beyond(why) => Fault::new(
                FaultKind::Input,
                "claim_out_of_scope",
                (*why).to_owned(),
                "Bill it with the program it belongs to; nothing was written.",
            ),
        }
    }
}
