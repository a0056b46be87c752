//! What the reader of files answers: a document, or why the file was refused.

use crate::document::Document;
use iambilly_claim::{Fault, FaultKind};
use serde::{Deserialize, Serialize};

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// Most pages.
pub const MAX_PAGES: u32 = 2_000;

/// The reader's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It could be read.
    Document(Document),
    /// It was refused.
    Refused(Refusal),
}

/// Why a file was refused; nothing of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Refusal {
    /// It needs a password.
    #[error("The file is protected by a password.")]
    Encrypted,
    /// It cannot be taken apart.
    #[error("The file is damaged, or is not what its name says.")]
    Damaged,
    /// It is of no kind we know.
    #[error("The file is neither PDF, HTML, a spreadsheet, Markdown nor text.")]
    Unknown,
    /// It runs something.
    #[error("The file carries a script, a program or another file inside it.")]
    Scripted,
    /// It is too large.
    #[error("The file is too large: at most {} MiB and a few million words or cells.", MAX_BYTES >> 20)]
    TooLarge,
    /// It has too many pages.
    #[error("The file has {pages} pages; at most {MAX_PAGES} are read.")]
    TooManyPages {
        /// How many.
        pages: u32,
    },
    /// Reading it took too much memory or time.
    #[error("The file was given up: it takes more memory or time than any policy needs.")]
    Exhausting,
    /// There is nothing in it.
    #[error("There is no text in the file.")]
    Empty,
}

impl Refusal {
    /// The refusal for people.
    #[must_use]
    pub fn fault(self) -> Fault {
        let (code, advice) = match self {
            Self::Encrypted => (
                "policy_encrypted",
                "Ask the payer for a copy without a password, or save one from your PDF viewer. Nothing of it was stored.",
            ),
            Self::Damaged => ("policy_damaged", "Download it again. Nothing of it was stored."),
            Self::Unknown => ("policy_unknown_kind", "Save it as PDF or text and add that."),
            Self::Scripted => (
                "policy_scripted",
                "A policy needs none of that. Print it to PDF, or save it as text, and add that. Nothing was run or stored.",
            ),
            Self::TooLarge => ("policy_too_large", "Split it, or save only the chapters about spine care."),
            Self::TooManyPages { .. } => {
                ("policy_too_many_pages", "Split it, or save only the chapters about spine care.")
            }
            Self::Exhausting => {
                ("policy_exhausting", "Save it anew from your PDF viewer. Nothing of it was stored.")
            }
            Self::Empty => ("policy_empty", "Check that it is the right file."),
        };
        Fault::new(FaultKind::Input, code, self.to_string(), advice)
    }
}
