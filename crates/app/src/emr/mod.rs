//! Electronic medical records: the clinic's connections, patients looked up there, and what is written there, exactly
//! once.
//!
//! A write is queued in one step of the database with its audit event, marked as on its way before a request for it is
//! begun, and settled by the answer. What was on its way when the program ended, or whose answer was lost, is unknown:
//! a person decides, helped by a search in the EMR. The program never sends such a write again by itself.

mod compose;
mod connections;
mod decide;
mod deliver;
mod health;
mod matching;
mod patients;
mod send;

pub use connections::{ConnectionView, NewConnection};
pub use decide::Decision;
pub use deliver::{DeliveryView, Drained};
pub use iambilly_emr::{Candidate, ConnectionConfig, Probe, ProbeState, RemoteEncounter, WriteKind};
pub use iambilly_store::EmrState;
pub use patients::{FoundPatient, Looked};
pub use send::{NotSent, PlanView, PlannedWrite};

pub(crate) use connections::Adapters;

use crate::error::AppError;
use iambilly_claim::{Fault, FaultKind};
use uuid::Uuid;

/// A connection's or delivery's id as typed.
///
/// # Errors
/// `emr_id_invalid`.
pub fn id(text: &str) -> Result<Uuid, Fault> {
    text.trim().parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "emr_id_invalid",
            "That is no id of a connection or a delivery.",
            "iambilly emr list and iambilly emr outbox show them.",
        )
    })
}

fn refused(code: &str, message: impl Into<String>, advice: &str) -> AppError {
    Fault::new(FaultKind::Input, code, message, advice).into()
}
