//! What a claim's JSON may say beyond the items of the CMS-1500 (`docs/exchange.md`): what other payers decided,
//! attachments, numbers that only X12 has a place for.

use super::adjudication::Adjustment;
use crate::error::Lack;
use iambilly_claim::form::Insured;
use iambilly_claim::money::Cents;
use iambilly_claim::{Claim, Phi};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Another coverage of the patient (items 9 to 9d).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Coverage {
    /// `primary`, `secondary` or `tertiary`.
    pub sequence: String,
    /// The insured and the payer.
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

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// Other coverages, where the claim says more of them than item 9 does.
    pub coverages: Vec<Coverage>,
    /// Attachments.
    pub attachments: Vec<Attached>,
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
        let mut from = Members { written: &claim.other, lacks: vec![] };
        let mut details = Self {
            coverages: from.take("other_coverages", "9"),
            attachments: from.take("attachments", "19"),
            referral: from.take("referral_number", "23"),
            record: from.take("medical_record_number", "26"),
            medicare_secondary: from.take("medicare_secondary_reason", "11"),
        };
        if let Some(insured) = claim.other_insured.clone().filter(|_| details.coverages.is_empty()) {
            details.coverages.push(Coverage {
                sequence: "secondary".to_owned(),
                insured,
                ..Coverage::default()
            });
        }
        (details, from.lacks)
    }
}

struct Members<'a> {
    written: &'a Map<String, Value>,
    lacks: Vec<Lack>,
}

impl Members<'_> {
    fn take<T: DeserializeOwned + Default>(&mut self, name: &str, item: &str) -> T {
        match self.written.get(name) {
            None | Some(Value::Null) => T::default(),
            Some(value) => serde_json::from_value(value.clone()).unwrap_or_else(|_| {
                self.lacks.push(Lack {
                    item: item.to_owned(),
                    says: format!("the claim's “{name}” has not the form it should have."),
                });
                T::default()
            }),
        }
    }
}
