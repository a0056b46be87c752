//! Payers the program knows by id, with their line of business; any other id is accepted as `other`.

use iambilly_claim::claim::Payer;
use serde::Serialize;

/// A payer as the window lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KnownPayer {
    /// Payer id as the command line takes it.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Line of business on the claim.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

const KNOWN: [KnownPayer; 6] = [
    KnownPayer { id: "medicare", name: "Medicare Part B", kind: "medicare" },
    KnownPayer { id: "medicaid", name: "Medicaid", kind: "medicaid" },
    KnownPayer { id: "commercial", name: "Commercial", kind: "commercial" },
    KnownPayer { id: "workers_comp", name: "Workers' compensation", kind: "workers_comp" },
    KnownPayer { id: "auto", name: "Auto or liability", kind: "auto" },
    KnownPayer { id: "other", name: "Other", kind: "other" },
];

/// All known payers.
#[must_use]
pub const fn list() -> &'static [KnownPayer] {
    &KNOWN
}

/// The claim's payer for an id.
#[must_use]
pub fn payer(id: &str) -> Payer {
    let kind = KNOWN.iter().find(|p| p.id == id).map_or("other", |p| p.kind);
    Payer { id: id.to_owned(), kind: kind.to_owned(), ..Payer::default() }
}
