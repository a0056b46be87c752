//! What each vendor can do for another program: the matrix that is shown before anything is sent.
//!
//! Sources (seen November 2026): Epic's R4 CapabilityStatement of May 2026 and its error lists; athenahealth's public
//! clients and issue tracker; CureMD's FHIR guide. `docs/emr.md` has the table in words.

use serde::{Deserialize, Serialize};

/// A vendor's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Any FHIR R4 server: read.
    FhirR4,
    /// Epic on FHIR R4.
    Epic,
    /// athenaOne, REST.
    AthenaOne,
    /// athenaPractice and athenaFlow, formerly Centricity: FHIR R4.
    AthenaPractice,
    /// CureMD: FHIR R4, read-only.
    CureMd,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::FhirR4, Self::Epic, Self::AthenaOne, Self::AthenaPractice, Self::CureMd];

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FhirR4 => "FHIR R4 server",
            Self::Epic => "Epic",
            Self::AthenaOne => "athenaOne",
            Self::AthenaPractice => "athenaPractice / athenaFlow",
            Self::CureMd => "CureMD",
        }
    }

    /// Requests a minute that are never exceeded: CureMD allows 20; of the others none publishes a low figure, and
    /// more would be a load that nobody agreed to.
    #[must_use]
    pub const fn requests_per_minute(self) -> u32 {
        match self {
            Self::CureMd => 20,
            Self::AthenaOne => 240,
            _ => 120,
        }
    }

    /// What it can do.
    #[must_use]
    pub const fn support(self, capability: Capability) -> Support {
        use Capability as C;
        match (self, capability) {
            (Self::Epic, C::NoteWrite | C::ProblemWrite) | (Self::AthenaPractice, C::NoteWrite) => {
                Support::Yes
            }
            (Self::AthenaOne, C::NoteWrite | C::DocumentUpload | C::ClaimCreate | C::ClaimRead) => {
                Support::Yes
            }
            (_, C::PatientSearch | C::Patient | C::Encounters | C::Coverage | C::Appointments) => {
                Support::Yes
            }
            (_, C::ClaimCreate) => Support::By837p,
            _ => Support::No,
        }
    }
}

/// Something a vendor may be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Patients by name, birth date or number.
    PatientSearch,
    /// One patient.
    Patient,
    /// A patient's encounters.
    Encounters,
    /// A patient's insurances.
    Coverage,
    /// A patient's appointments.
    Appointments,
    /// A clinical note into the chart.
    NoteWrite,
    /// A diagnosis onto the problem list, provisional.
    ProblemWrite,
    /// A claim.
    ClaimCreate,
    /// Claims as the vendor has them.
    ClaimRead,
    /// A file into the chart.
    DocumentUpload,
}

impl Capability {
    /// All of them, reads first.
    pub const ALL: [Self; 10] = [
        Self::PatientSearch,
        Self::Patient,
        Self::Encounters,
        Self::Coverage,
        Self::Appointments,
        Self::NoteWrite,
        Self::ProblemWrite,
        Self::ClaimCreate,
        Self::ClaimRead,
        Self::DocumentUpload,
    ];

    /// For people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientSearch => "search patients",
            Self::Patient => "read a patient",
            Self::Encounters => "read encounters",
            Self::Coverage => "read insurances",
            Self::Appointments => "read appointments",
            Self::NoteWrite => "write the operative note",
            Self::ProblemWrite => "write provisional problems",
            Self::ClaimCreate => "create a claim",
            Self::ClaimRead => "read claims",
            Self::DocumentUpload => "upload a document",
        }
    }
}

/// Whether something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// By this connection.
    Yes,
    /// Not by this connection.
    No,
    /// Not by this connection: as X12 837P through a clearinghouse.
    #[serde(rename = "by_837p")]
    By837p,
}

#[cfg(test)]
mod tests {
    use super::{Capability as C, Support, Vendor};

    #[test]
    fn only_athena_one_takes_claims_and_every_other_claim_goes_by_837p() {
        for vendor in Vendor::ALL {
            let claim = vendor.support(C::ClaimCreate);
            let expected = if vendor == Vendor::AthenaOne { Support::Yes } else { Support::By837p };
            assert_eq!(claim, expected, "{vendor:?}");
        }
    }

    #[test]
    fn what_is_read_only_writes_nothing() {
        for vendor in [Vendor::CureMd, Vendor::FhirR4] {
            for write in [C::NoteWrite, C::ProblemWrite, C::DocumentUpload] {
                assert_eq!(vendor.support(write), Support::No);
            }
        }
        assert_eq!(Vendor::Epic.support(C::ProblemWrite), Support::Yes);
        assert_eq!(Vendor::AthenaPractice.support(C::ProblemWrite), Support::No);
    }
}
