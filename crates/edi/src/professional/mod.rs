//! The professional claim as it leaves: X12 837P 005010X222A1.
//!
//! [`build`] parses a claim of ours into [`ProfessionalClaim`], which holds only what can be sent, or names all it
//! lacks; [`write`] puts claims into an interchange; [`read`] reads one back.

pub mod adjudication;
pub mod build;
mod collect;
pub mod details;
pub mod model;
pub mod read;
mod read_claim;
mod scope;
pub mod write;

pub use build::{Directory, PayerEntry, professional_claim};
pub use model::ProfessionalClaim;
pub use read::read_batch;
pub use write::{Batch, CLAIMS_A_TRANSACTION, Correspondent, Submitter, write_batch};

/// Version of the implementation guide (GS08, ST03).
pub const VERSION: &str = "005010X222A1";
