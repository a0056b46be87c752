//! The clinic's EMRs: `emr_connections`, and what goes there.

mod connection;
mod delivery;
mod patient;

pub use connection::EmrConnectionRow;
pub use delivery::{EmrDelivery, EmrOutcome, EmrState, EmrWriteKind, NewEmrDelivery};
pub use patient::EmrPatientRow;
