//! What a claim's JSON may say beyond its required members (`docs/exchange.md`): the insured where another than the
//! patient, other coverages, notes, attachments, dates. Read from the claim as it is written, whichever room gave it.

use super::adjudication::Adjustment;
use crate::error::Lack;
use iambilly_claim::money::Cents;
use iambilly_claim::phi::{self, Phi};
use iambilly_claim::{Claim, claim};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The insured, where another than the patient or with more than the patient says (items 4, 7, 11).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Insured {
    /// `self`, `spouse`, `child`, `employee`, `life_partner`, `other`…: what the patient is to the insured (item 6).
    pub relationship: Option<String>,
    /// Family name.
    #[serde(serialize_with = "phi::disclose")]
    pub last: Phi<Option<String>>,
    /// Given name.
    #[serde(serialize_with = "phi::disclose")]
    pub first: Phi<Option<String>>,
    /// Date of birth.
    #[serde(serialize_with = "phi::disclose")]
    pub birth_date: Phi<Option<String>>,
    /// `F`, `M` or `U`.
    #[serde(serialize_with = "phi::disclose")]
    pub sex: Phi<Option<String>>,
    /// Member number, where it is not on the patient (item 1a).
    #[serde(serialize_with = "phi::disclose")]
    pub member_id: Phi<Option<String>>,
    /// Group or policy number (item 11).
    #[serde(serialize_with = "phi::disclose")]
    pub group_number: Phi<Option<String>>,
    /// Name of the plan (item 11c).
    pub group_name: Option<String>,
    /// Address (item 7).
    #[serde(serialize_with = "phi::disclose")]
    pub address: Phi<Option<claim::Address>>,
    /// Telephone, ten digits (item 7).
    #[serde(serialize_with = "phi::disclose")]
    pub phone: Phi<Option<String>>,
}

/// Another coverage of the patient (items 9 to 9d).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Coverage {
    /// `primary`, `secondary` or `tertiary`.
    pub sequence: String,
    /// The payer's id, as the clinic names it.
    pub payer: String,
    /// The insured.
    pub insured: Insured,
    /// What this payer paid for the claim, where it has decided.
    pub paid: Option<Cents>,
    /// When it decided.
    pub decided: Option<String>,
    /// Adjustments of the claim as a whole.
    pub adjustments: Vec<Adjustment>,
    /// What it decided line by line.
    pub lines: Vec<LineDecided>,
}

/// What another payer decided of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct LineDecided {
    /// The claim's line.
    pub line: u32,
    /// What it paid.
    pub paid: Option<Cents>,
    /// Units it paid; those of the line where it does not say.
    pub units: Option<u32>,
    /// Adjustments.
    pub adjustments: Vec<Adjustment>,
}

/// Something sent beside the claim.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Attached {
    /// Its PWK01 code, like `OB` (operative note) or `OZ` (support data).
    #[serde(rename = "type")]
    pub kind: String,
    /// Its PWK02 code, like `FX` (fax) or `AA` (on request).
    pub transmission: String,
    /// The number it is found by.
    pub control_number: Option<String>,
}

/// What caused the condition (item 10).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Related {
    /// Employment.
    pub employment: bool,
    /// An automobile accident.
    pub auto_accident: bool,
    /// Another accident.
    pub other_accident: bool,
    /// State of the automobile accident.
    pub state: Option<String>,
    /// Date of the accident.
    #[serde(serialize_with = "phi::disclose")]
    pub date: Phi<Option<String>>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The insured.
    pub insured: Insured,
    /// Other coverages.
    pub coverages: Vec<Coverage>,
    /// Who supervised.
    pub supervising: Option<claim::Provider>,
    /// Note of the claim (item 19).
    pub note: Option<String>,
    /// Attachments.
    pub attachments: Vec<Attached>,
    /// Cause.
    pub related: Related,
    /// Onset of the illness (item 14).
    pub onset: Phi<Option<String>>,
    /// Hospitalisation (item 18).
    pub admission: Phi<Option<String>>,
    /// Its end.
    pub discharge: Phi<Option<String>>,
    /// Assignment accepted (item 27); accepted unless said.
    pub accept_assignment: Option<bool>,
    /// Benefits go to the provider (item 13); they do unless said.
    pub benefits_assigned: Option<bool>,
    /// The patient's release is on file (item 12); it is unless said.
    pub release_on_file: Option<bool>,
    /// What the patient paid (item 29).
    pub patient_paid: Option<Cents>,
    /// Number of the referral.
    pub referral: Option<String>,
    /// Medical record number.
    pub record: Phi<Option<String>>,
    /// Why Medicare is not first: an SBR05 code.
    pub medicare_secondary: Option<String>,
}

impl Details {
    /// Reads them from a claim; a member that has not its form is a lack.
    #[must_use]
    pub fn of(claim: &Claim) -> (Self, Vec<Lack>) {
        // As it is written, so that it does not matter which members the claim's own type has by now.
        let written = match serde_json::to_value(claim) {
            Ok(Value::Object(written)) => written,
            _ => Map::new(),
        };
        let mut from = Members { written, lacks: vec![] };
        let details = Self {
            insured: from.take("insured", "4"),
            coverages: from.take("other_coverages", "9"),
            supervising: from.take("supervising_provider", "17"),
            note: from.take("claim_note", "19"),
            attachments: from.take("attachments", "19"),
            related: from.take("related_to", "10"),
            onset: from.take("onset_date", "14"),
            admission: from.take("admission_date", "18"),
            discharge: from.take("discharge_date", "18"),
            accept_assignment: from.take("accept_assignment", "27"),
            benefits_assigned: from.take("benefits_assigned", "13"),
            release_on_file: from.take("release_on_file", "12"),
            patient_paid: from.take("amount_paid", "29"),
            referral: from.take("referral_number", "23"),
            record: from.take("medical_record_number", "26"),
            medicare_secondary: from.take("medicare_secondary_reason", "11"),
        };
        (details, from.lacks)
    }
}

struct Members {
    written: Map<String, Value>,
    lacks: Vec<Lack>,
}

impl Members {
    fn take<T: DeserializeOwned + Default>(&mut self, name: &str, item: &str) -> T {
        match self.written.remove(name) {
            None | Some(Value::Null) => T::default(),
            Some(value) => serde_json::from_value(value).unwrap_or_else(|_| {
                self.lacks.push(Lack {
                    item: item.to_owned(),
                    says: format!("the claim's “{name}” has not the form it should have."),
                });
                T::default()
            }),
        }
    }
}
