//! The professional claim: CMS-1500 (02/12) as JSON.
//!
//! A claim that reaches the scrubber may be wrong in every way, so codes and numbers stay as written here and
//! are judged there: a missing required item is a finding, not a parse error.

use crate::coding::Laterality;
use crate::form::{Condition, DateSpan, Insured, OtherId, OutsideLab, QualifiedDate, Signatures};
use crate::lenient;
use crate::level::Level;
use crate::phi::{self, Phi};
use serde::{Deserialize, Serialize};

/// A professional claim.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Claim {
    /// Our id or the sender's.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub claim_id: String,
    /// Who pays.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub payer: Payer,
    /// The patient.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub patient: Patient,
    /// Who bills (item 33).
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub billing_provider: Provider,
    /// Who did it (item 24J).
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub rendering_provider: Provider,
    /// Who referred (item 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referring_provider: Option<Provider>,
    /// Where it was done (item 32).
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub facility: Facility,
    /// Prior authorisation number (item 23).
    #[serde(default)]
    pub prior_auth_number: Option<String>,
    /// Date the payer received it, for timely filing.
    #[serde(default)]
    pub received_date: Option<String>,
    /// ICD-10-CM codes, items 21 A to L, as written.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub diagnoses: Vec<String>,
    /// Service lines (item 24).
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub lines: Vec<ServiceLine>,
    /// Earlier services the payer knows of.
    #[serde(default, deserialize_with = "lenient::default_for_null", skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryLine>,
    /// Claim frequency code (item 22, X12 CLM05-3): 1 original, 7 replacement, 8 void; an original where none is given.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub frequency: Option<String>,
    /// The payer's own number of the claim that a replacement or void is about (item 22, X12 REF*F8): it stands on
    /// the payer's remittance, and at most 50 characters long.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub original_reference: Option<String>,
    /// Total charge (item 28) as written, when the sender states one.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub total_charge: Option<String>,
    /// Whose coverage it is (items 4, 6, 7, 11): the patient's own where none is given.
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub insured: Option<Insured>,
    /// Another coverage (items 9 to 9d; with one, item 11d is yes).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub other_insured: Option<Insured>,
    /// What the condition is related to (item 10).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// Signatures (items 12, 13 and 31).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub signatures: Option<Signatures>,
    /// When the illness, injury or pregnancy began (item 14).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub illness: Option<QualifiedDate>,
    /// Another date (item 15).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub other_date: Option<QualifiedDate>,
    /// When the patient could not work (item 16).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub unable_to_work: Option<DateSpan>,
    /// When the patient was in hospital for it (item 18).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub hospitalization: Option<DateSpan>,
    /// Who supervised (X12 loop 2310D; item 17 with qualifier DQ).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub supervising_provider: Option<Provider>,
    /// Additional claim information (item 19).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub additional_information: Phi<Option<String>>,
    /// An outside laboratory (item 20).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub outside_lab: Option<OutsideLab>,
    /// The provider accepts the payer's assignment (item 27).
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub accept_assignment: Option<bool>,
    /// What the patient or another payer has paid on the covered services (item 29).
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub amount_paid: Option<String>,
    /// Anything else the sender wrote; kept as it came.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// A payer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Payer {
    /// Payer id.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub id: String,
    /// Line of business: `medicare`, `medicaid`, `commercial`, `workers_comp`, `auto` or `other`.
    #[serde(default, deserialize_with = "lenient::default_for_null", rename = "type")]
    pub kind: String,
    /// Name, as it stands on the claim.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number that an electronic claim is sent to (X12 837P, NM109 of loop 2010BB).
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub payer_id: Option<String>,
    /// Claim filing indicator (X12 SBR09), e.g. `MB` Medicare Part B, `CI` commercial; from the line of business where
    /// none is given.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub filing_indicator: Option<String>,
    /// Where paper claims go.
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// The patient. Everything here identifies a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Patient {
    /// The clinic's id.
    #[serde(default, serialize_with = "phi::disclose")]
    pub id: Phi<Option<String>>,
    /// Family name.
    #[serde(default, serialize_with = "phi::disclose")]
    pub last: Phi<Option<String>>,
    /// Given name.
    #[serde(default, serialize_with = "phi::disclose")]
    pub first: Phi<Option<String>>,
    /// Date of birth, `YYYY-MM-DD`.
    #[serde(default, serialize_with = "phi::disclose")]
    pub birth_date: Phi<Option<String>>,
    /// `F`, `M` or `U`.
    #[serde(default, serialize_with = "phi::disclose")]
    pub sex: Phi<Option<String>>,
    /// Member number of the insured (item 1a).
    #[serde(default, serialize_with = "phi::disclose")]
    pub member_id: Phi<Option<String>>,
    /// Postal address.
    #[serde(default, serialize_with = "phi::disclose")]
    pub address: Phi<Option<Address>>,
    /// Middle name or initial.
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub middle: Phi<Option<String>>,
    /// Generation, e.g. `JR`.
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub suffix: Phi<Option<String>>,
    /// Telephone (item 5).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub phone: Phi<Option<String>>,
    /// The account number the clinic gave (item 26); the claim's id where there is none.
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub account: Phi<Option<String>>,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Address {
    /// Street lines.
    #[serde(default, alias = "street", alias = "line1")]
    pub line: Option<String>,
    /// Second street line.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// City.
    #[serde(default)]
    pub city: Option<String>,
    /// Two-letter state.
    #[serde(default)]
    pub state: Option<String>,
    /// ZIP code.
    #[serde(default)]
    pub zip: Option<String>,
}

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Provider {
    /// National Provider Identifier, ten digits with a check digit.
    #[serde(default)]
    pub npi: Option<String>,
    /// Employer identification number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// Taxonomy code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxonomy: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `surgeon`, `assistant`, `co_surgeon` or `anesthesia`; in item 17 `referring` (DN), `ordering` (DK) or
    /// `supervising` (DQ).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Family name, for a person.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Given name, for a person.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Middle name or initial, for a person.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub middle: Option<String>,
    /// Generation or credential after the name, e.g. `MD`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// Telephone (item 33).
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `EIN` or `SSN` (item 25); an EIN where none is given.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub tax_id_type: Option<String>,
    /// Where payments go, if not to the address (X12 loop 2010AB).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub pay_to: Option<Address>,
    /// A number that is no NPI (items 17a, 24J shaded, 33b).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub other_id: Option<OtherId>,
}

impl Provider {
    /// The name as it is shown: that of the organisation or whole person, else the parts of a person's.
    #[must_use]
    pub fn shown_name(&self) -> Option<String> {
        let said =
            |part: &Option<String>| part.clone().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        if let Some(name) = said(&self.name) {
            return Some(name);
        }
        let parts: Vec<String> =
            [&self.first, &self.middle, &self.last, &self.suffix].into_iter().filter_map(said).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// Where the service was done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Facility {
    /// NPI of the facility.
    #[serde(default)]
    pub npi: Option<String>,
    /// Place of service code, e.g. `21`.
    #[serde(default)]
    pub pos: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// A number that is no NPI (item 32b).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub other_id: Option<OtherId>,
}

/// A service line as written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ServiceLine {
    /// Line number, from 1.
    #[serde(default, deserialize_with = "lenient::units")]
    pub number: u32,
    /// CPT or HCPCS code.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub code: String,
    /// Modifiers in order.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub modifiers: Vec<String>,
    /// Diagnosis pointers, `A` to `L`.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub pointers: Vec<String>,
    /// Units of service.
    #[serde(default, deserialize_with = "lenient::units")]
    pub units: u32,
    /// Charge in dollars with cents, `"8200.00"`.
    #[serde(default, deserialize_with = "lenient::amount")]
    pub charge: Option<String>,
    /// Where the charge comes from: the fee schedule with its dates, in words; none where somebody wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_source: Option<String>,
    /// Date of service, `YYYY-MM-DD`.
    #[serde(default)]
    pub dos: Option<String>,
    /// Place of service.
    #[serde(default)]
    pub pos: Option<String>,
    /// Last day of the service, where it took more than one, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub dos_to: Option<String>,
    /// It was an emergency (item 24C).
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub emergency: Option<bool>,
    /// EPSDT and family planning (item 24H): `Y`, or a referral code `AV`, `S2`, `ST` or `NU`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub epsdt: Option<String>,
    /// Who did this line, where it was not the claim's rendering provider (item 24J).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub rendering_provider: Option<Provider>,
    /// Supplemental information above the line (item 24, shaded), with its qualifier, e.g. `ZZ` or `N4`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub supplement: Option<String>,
    /// Where on the spine, when known.
    #[serde(default, deserialize_with = "lenient::levels")]
    pub levels: Vec<Level>,
    /// Side, when known.
    #[serde(default, deserialize_with = "lenient::side")]
    pub laterality: Option<Laterality>,
    /// What the note documents for this line, all of it, in phrases of whoever sends the claim.
    #[serde(default, deserialize_with = "lenient::default_for_null", serialize_with = "phi::disclose")]
    pub documented: Phi<Vec<String>>,
    /// Sentences of the note that the line's evidence stands in: an excerpt, so what it does not say may stand
    /// elsewhere in the note.
    #[serde(
        default,
        deserialize_with = "lenient::default_for_null",
        serialize_with = "phi::disclose",
        skip_serializing_if = "nothing_quoted"
    )]
    pub quoted: Phi<Vec<String>>,
    /// Anything else the sender wrote; kept as it came.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

fn nothing_quoted(quoted: &Phi<Vec<String>>) -> bool {
    quoted.expose().is_empty()
}

impl ServiceLine {
    /// Everything said of this line, documented or quoted: what a rule may take as told.
    pub fn said(&self) -> impl Iterator<Item = &String> {
        self.documented.expose().iter().chain(self.quoted.expose())
    }
}

/// An earlier service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HistoryLine {
    /// CPT or HCPCS code.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub code: String,
    /// Date of service, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub dos: String,
    /// Rendering NPI.
    #[serde(default)]
    pub npi: Option<String>,
    /// Diagnoses.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub diagnoses: Vec<String>,
    /// Anything else the sender wrote; kept as it came.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}
