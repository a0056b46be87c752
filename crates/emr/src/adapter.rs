//! One interface over every vendor's.

use crate::capability::{Capability, Support, Vendor};
use crate::error::EmrError;
use crate::probe::Probe;
use crate::record::{PatientQuery, RemoteAppointment, RemoteCoverage, RemoteEncounter, RemotePatient};
use crate::write::{Candidate, ReadBack, Write, Written};
use async_trait::async_trait;
use iambilly_claim::Phi;

/// A connection to an EMR. What [`Adapter::support`] denies is refused with `emr_unsupported` before anything is sent.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// Whose interface it is.
    fn vendor(&self) -> Vendor;

    /// Whether it can do something.
    fn support(&self, capability: Capability) -> Support {
        self.vendor().support(capability)
    }

    /// Patients that fit; a restricted chart is an error, not asked again.
    async fn search_patients(&self, query: &PatientQuery) -> Result<Vec<RemotePatient>, EmrError>;

    /// One patient.
    async fn patient(&self, id: &Phi<String>) -> Result<RemotePatient, EmrError>;

    /// A patient's encounters, newest first.
    async fn encounters(&self, patient: &Phi<String>) -> Result<Vec<RemoteEncounter>, EmrError>;

    /// A patient's insurances.
    async fn coverages(&self, patient: &Phi<String>) -> Result<Vec<RemoteCoverage>, EmrError>;

    /// A patient's appointments.
    async fn appointments(&self, patient: &Phi<String>) -> Result<Vec<RemoteAppointment>, EmrError>;

    /// Everything that can be asked before a write: that the encounter is the patient's, that the EMR does not have it
    /// already. Answers with records that look the same; where there is one, a person decides.
    async fn before(&self, write: &Write) -> Result<Vec<Candidate>, EmrError>;

    /// Writes, with one request that changes anything.
    async fn write(&self, write: &Write) -> Written;

    /// Reads back what was stored under an id.
    async fn read_back(&self, write: &Write, id: &Phi<String>) -> ReadBack;

    /// Records that may be a write whose answer was lost.
    async fn look_for(&self, write: &Write) -> Result<Vec<Candidate>, EmrError>;

    /// Checks the connection step by step.
    async fn probe(&self) -> Vec<Probe>;

    /// Checks the way alone: that it answers, proves who it is, and has about the same time. Nobody is signed in and
    /// nothing of a patient is asked.
    async fn reach(&self) -> Vec<Probe>;

    /// A refresh token that was given since the last time this was asked: it must be kept.
    fn fresh_refresh_token(&self) -> Option<secrecy::SecretString> {
        None
    }
}
