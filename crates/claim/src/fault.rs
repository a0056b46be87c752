//! A fault as a person sees it: a stable code, what happened, what to do. Never PHI.
//!
//! Every room has its own typed error; each converts into a `Fault` at its own border, so that the window
//! and the command line show all of them alike. Exit codes of the command line follow from the kind.

use serde::Serialize;
use std::fmt;

/// What sort of trouble it is; decides the exit code and the tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The command was called wrongly (exit 2).
    Usage,
    /// The input is not valid (exit 3).
    Input,
    /// Locked, not signed in or not allowed (exit 4).
    Locked,
    /// Something outside is missing: model, device, disk space, server (exit 5).
    Missing,
    /// Stopped on request (exit 5).
    Cancelled,
    /// Our own mistake (exit 5).
    Internal,
}

/// An error with a code, a message for people and advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Fault {
    /// Stable name in snake case, e.g. `wav_truncated`.
    pub code: String,
    /// Kind of trouble.
    pub kind: FaultKind,
    /// What happened and what is safe, in a sentence or two; no PHI.
    pub message: String,
    /// What to do now.
    pub advice: String,
}

impl Fault {
    /// A fault of a kind with its stable code, message and advice.
    pub fn new(kind: FaultKind, code: &str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code: code.to_owned(), kind, message: message.into(), advice: advice.into() }
    }
    /// The exit code of the command line for this fault.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            FaultKind::Usage => 2,
            FaultKind::Input => 3,
            FaultKind::Locked => 4,
            FaultKind::Missing | FaultKind::Cancelled | FaultKind::Internal => 5,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.message, self.advice)
    }
}

impl std::error::Error for Fault {}
