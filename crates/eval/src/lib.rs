//! Accuracy of transcripts, codings and findings against gold answers.
//!
//! Pure scoring: reading a folder of cases is the only input or output here ([`read_cases`]); running the
//! readers and engines on a case is the application's work, which then hands the answer to a score:
//! [`NoteScore`] for a coding, [`ClaimScore`] for findings, [`SpeechScore`] for a transcript. A [`Report`]
//! adds them up. Shapes of the cases: `docs/contract.md`, "eval folder".

mod case;
mod claim_score;
mod family;
mod hearing;
mod note_score;
mod options;
mod rate;
mod report;
mod speech;
mod words;

pub use case::{
    Case, CaseBody, EvalError, Expect, Expected, Gold, GoldDiagnosis, GoldLine, GoldNotBilled, Never,
    read_cases,
};
pub use claim_score::{ClaimScore, KindCount};
pub use family::family;
pub use hearing::Hearing;
pub use note_score::NoteScore;
pub use rate::{Counts, Share};
pub use report::Report;
pub use speech::SpeechScore;
pub use words::normalise;
