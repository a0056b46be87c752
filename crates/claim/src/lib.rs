//! The vocabulary of a claim: what every other room speaks.
//!
//! Pure types and their JSON shapes (`docs/contract.md`): codes, levels, money, transcript, evidence,
//! coding, claim and findings. No input or output, no clock, no randomness.
//!
//! Units: audio in milliseconds, money in cents, text offsets in Unicode scalar values (not bytes).

pub mod claim;
pub mod code;
pub mod coding;
pub mod evidence;
pub mod fault;
pub mod finding;
pub mod form;
pub mod ids;
pub mod learning;
mod lenient;
pub mod level;
pub mod money;
pub mod npi;
pub mod phi;
pub mod transcript;

pub use claim::{Claim, ServiceLine};
pub use code::{DiagnosisCode, Modifier, ProcedureCode};
pub use coding::{CodedDiagnosis, CodedLine, Coding, Laterality, MadeBy, NotBilled, Query, ReadBy, Risk};
pub use evidence::{Evidence, Proof, Span};
pub use fault::{Fault, FaultKind};
pub use finding::{Finding, FindingKind, Findings, Severity, Verdict};
pub use learning::{Correction, Decision, OwnWord, PhraseRule, Subject};
pub use level::{Interspace, Joint, Level, Region, Root, Segment, Stretch, Vertebra};
pub use money::Cents;
pub use phi::Phi;
pub use transcript::Transcript;
