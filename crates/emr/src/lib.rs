//! Electronic medical records: what each system truly accepts, how it is asked, and what its answers mean.
//!
//! One [`Adapter`] a vendor, made by [`connect`]: generic FHIR R4, Epic, athenaOne, athenaPractice and CureMD. Each
//! declares by [`Capability`] what it can do; what it cannot is said before anything is sent. A write is one request:
//! [`Written`] tells whether it was stored, refused, never arrived, or whether nobody can know, and the last is never
//! tried again by the program. Patients' data is [`iambilly_claim::Phi`] and in no error and no [`Trace`].
//!
//! The crate reads no clock, environment or randomness: [`Surroundings`] brings them; only signing keys are drawn by
//! the library that signs with them. Sources of the vendors' rules are named where they are encoded.

pub mod adapter;
mod adapters;
pub mod auth;
pub mod capability;
pub mod config;
pub mod error;
pub mod fhir;
mod limiter;
mod outcome;
pub mod probe;
pub mod record;
pub mod transport;
pub mod write;

pub use adapter::Adapter;
pub use adapters::{connect, connect_within};
pub use auth::{SigningKey, TokenSet};
pub use capability::{Capability, Support, Vendor};
pub use config::{ConnectionConfig, Modifiers, Secrets, SignIn};
pub use error::{EmrError, Trouble};
pub use limiter::Limiter;
pub use probe::{Probe, ProbeState};
pub use record::{PatientQuery, RemoteAppointment, RemoteCoverage, RemoteEncounter, RemotePatient};
pub use transport::{Surroundings, Trace, Transport};
pub use write::{
    Candidate, ChargeWrite, ClaimWrite, NoteWrite, ProblemWrite, ReadBack, Write, WriteKind, Written,
};
