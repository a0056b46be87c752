//! What the CMS-1500 (02/12) asks for beside patient, providers, diagnoses and lines: the insured, other coverage, what
//! the condition is related to, dates, signatures. Everything is optional: what is missing and needed is a finding.
//!
//! Item numbers are those of the NUCC instruction manual for the 02/12 form; where X12 837P (005010X222A1) calls a thing
//! otherwise, the field says so.

use crate::claim::{Address, Payer};
use crate::lenient;
use crate::phi::{self, Phi};
use serde::{Deserialize, Serialize};

/// Who holds a coverage and which: the primary one (items 4, 6, 7, 11) or another (items 9 to 9d).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Insured {
    /// What the patient is to the insured (item 6): `self`, `spouse`, `child` or `other`. With `self` the names, the
    /// dates and the address are the patient's and need not be repeated.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub relationship: Option<String>,
    /// Family name (items 4 and 9).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub last: Phi<Option<String>>,
    /// Given name.
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub first: Phi<Option<String>>,
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
    /// Date of birth, `YYYY-MM-DD` (item 11a).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub birth_date: Phi<Option<String>>,
    /// `F`, `M` or `U` (item 11a).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub sex: Phi<Option<String>>,
    /// Postal address (item 7).
    #[serde(
        default,
        deserialize_with = "lenient::private_part",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub address: Phi<Option<Address>>,
    /// Telephone (item 7).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub phone: Phi<Option<String>>,
    /// Member number of the other coverage; that of the primary one is `patient.member_id` (item 1a).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub member_id: Phi<Option<String>>,
    /// Policy, group or FECA number (items 11 and 9a).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub group: Phi<Option<String>>,
    /// Name of the insurance plan (items 11c and 9d).
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub plan_name: Option<String>,
    /// Another claim's number that the payer gave (item 11b), e.g. of workers' compensation (`Y4`).
    #[serde(
        default,
        deserialize_with = "lenient::private",
        serialize_with = "phi::disclose",
        skip_serializing_if = "phi::is_none"
    )]
    pub other_claim_id: Phi<Option<String>>,
    /// Who pays, for another coverage.
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub payer: Option<Payer>,
}

impl Insured {
    /// Whether the patient is the insured: said so, or nobody else is named.
    #[must_use]
    pub fn is_patient(&self) -> bool {
        match self.relationship.as_deref().map(str::trim) {
            Some(said) if !said.is_empty() => said.eq_ignore_ascii_case("self"),
            _ => self.last.expose().as_ref().is_none_or(|name| name.trim().is_empty()),
        }
    }
}

/// What the patient's condition is related to (item 10). None: not said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Condition {
    /// Employment, current or previous (item 10a).
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub employment: Option<bool>,
    /// An auto accident (item 10b).
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub auto_accident: Option<bool>,
    /// State of the auto accident, two letters (item 10b).
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Another accident (item 10c).
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub other_accident: Option<bool>,
    /// Claim codes of the NUCC (item 10d; in 837P the condition codes), e.g. `W2` for a duplicate of an original bill.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub claim_codes: Option<String>,
}

/// A date and what it is the date of (items 14 and 15).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct QualifiedDate {
    /// X12 qualifier. Item 14: `431` onset, `484` last menstrual period. Item 15: `454` first treatment, `304` last seen,
    /// `453` acute turn of a chronic condition, `439` accident, `455` last X-ray, `471` prescription, `090` and `091`
    /// care taken over and handed on, `444` first visit.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub qualifier: String,
    /// `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub date: String,
}

/// From a day to a day (items 16 and 18); it may still be open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DateSpan {
    /// First day, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A signature of patient or insured (items 12 and 13) or of the physician (item 31).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Signature {
    /// It is on file (`SOF` on paper). Item 12 releases information, item 13 assigns the benefits to the provider.
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub on_file: Option<bool>,
    /// When it was given, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// The three signatures of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Signatures {
    /// The patient's or an authorised person's, to release information (item 12).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub patient: Option<Signature>,
    /// The insured's, who assigns the benefits to the provider (item 13).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub insured: Option<Signature>,
    /// The physician's or supplier's (item 31).
    #[serde(default, deserialize_with = "lenient::or_none", skip_serializing_if = "Option::is_none")]
    pub physician: Option<Signature>,
}

/// Work of an outside laboratory that was bought in (item 20).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OutsideLab {
    /// An outside laboratory is billed for.
    #[serde(default, deserialize_with = "lenient::yes_no", skip_serializing_if = "Option::is_none")]
    pub used: Option<bool>,
    /// What it charged, `"120.00"`.
    #[serde(default, deserialize_with = "lenient::amount", skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
}

/// A number that is no NPI, with what it is (items 17a, 24I, 32b, 33b).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OtherId {
    /// X12 qualifier: `0B` state licence, `1G` UPIN, `G2` the payer's number, `LU` location, `ZZ` taxonomy.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub qualifier: String,
    /// The number.
    #[serde(default, deserialize_with = "lenient::default_for_null")]
    pub id: String,
}

#[cfg(test)]
mod tests {
    use super::Insured;
    use crate::Claim;
    use serde_json::{Value, json};

    fn read(value: Value) -> Claim {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_item_of_the_form_goes_in_and_comes_out() {
        let whole = json!({
            "claim_id": "c1",
            "payer": {"id": "acme", "type": "commercial", "name": "Acme Health", "payer_id": "60054",
                "address": {"line": "PO Box 1", "line2": null, "city": "Springfield", "state": "IL", "zip": "62701"}},
            "patient": {"id": "p1", "last": "Exampleby", "first": "Ada", "middle": "Q", "suffix": "JR",
                "birth_date": "1960-05-04", "sex": "F", "member_id": "M1", "phone": "555 0100", "account": "A-77",
                "address": null},
            "insured": {"relationship": "spouse", "last": "Exampleby", "first": "Bo", "group": "G7",
                "plan_name": "Acme Gold", "other_claim_id": "WC-1"},
            "other_insured": {"relationship": "self", "member_id": "M2", "payer": {"id": "two", "type": "other"}},
            "condition": {"employment": false, "auto_accident": true, "state": "IL", "claim_codes": "W2"},
            "signatures": {"patient": {"on_file": true, "date": "2026-01-01"}, "insured": {"on_file": true},
                "physician": {"on_file": true}},
            "illness": {"qualifier": "431", "date": "2026-01-05"}, "other_date": {"qualifier": "439", "date": "2026-01-04"},
            "unable_to_work": {"from": "2026-01-05", "to": "2026-03-01"}, "hospitalization": {"from": "2026-02-02"},
            "referring_provider": {"npi": "1234567893", "first": "Cy", "last": "Testman", "role": "referring",
                "other_id": {"qualifier": "0B", "id": "L1"}},
            "supervising_provider": {"npi": "1234567893", "name": "Dee Testman"},
            "additional_information": "see report", "outside_lab": {"used": true, "charge": "120.00"},
            "accept_assignment": true, "amount_paid": "25.00",
            "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "tax_id_type": "EIN", "phone": "555 0199",
                "pay_to": {"line": "PO Box 2", "line2": null, "city": null, "state": null, "zip": null}},
            "lines": [{"number": 1, "code": "63030", "units": 1, "dos": "2026-02-02", "dos_to": "2026-02-03",
                "emergency": true, "epsdt": "AV", "supplement": "ZZfusion",
                "rendering_provider": {"npi": "1245319599"}}]
        });
        let claim = read(whole.clone());
        assert!(claim.other.is_empty() && claim.lines[0].other.is_empty(), "{:?}", claim.other.keys());
        let back = serde_json::to_value(&claim).unwrap();
        fn within(part: &Value, all: &Value, at: &str) {
            match part {
                Value::Object(map) => map.iter().for_each(|(k, v)| within(v, &all[k], &format!("{at}/{k}"))),
                Value::Array(list) => {
                    list.iter().enumerate().for_each(|(i, v)| within(v, &all[i], &format!("{at}/{i}")))
                }
                value => assert!(all == value || (value.is_null() && all.is_null()), "{at}: {value} {all}"),
            }
        }
        within(&whole, &back, "");
        assert_eq!(format!("{:?}", claim.insured).matches("Exampleby").count(), 0);
    }

    #[test]
    fn what_older_claims_say_is_written_as_before() {
        let claim = read(json!({"claim_id": "c1", "lines": [{"number": 1, "code": "63030", "units": 1}]}));
        let written = serde_json::to_value(&claim).unwrap();
        for name in [
            "insured",
            "other_insured",
            "condition",
            "signatures",
            "illness",
            "amount_paid",
            "supervising_provider",
        ] {
            assert!(written.get(name).is_none(), "{name}");
        }
        assert!(written["lines"][0].get("dos_to").is_none() && written["patient"].get("middle").is_none());
    }

    #[test]
    fn careless_senders_words_are_read_or_left_out() {
        let claim =
            read(json!({"insured": "the wife", "condition": {"employment": "Y", "auto_accident": "no",
            "other_accident": "perhaps"}, "accept_assignment": 1, "hospitalization": null}));
        let condition = claim.condition.unwrap();
        assert_eq!(
            (condition.employment, condition.auto_accident, condition.other_accident),
            (Some(true), Some(false), None)
        );
        assert_eq!((claim.insured, claim.accept_assignment, claim.hospitalization), (None, Some(true), None));
    }

    #[test]
    fn the_patient_is_the_insured_unless_somebody_else_is_named() {
        let insured = |value: Value| serde_json::from_value::<Insured>(value).unwrap();
        assert!(
            insured(json!({})).is_patient()
                && insured(json!({"relationship": "Self", "last": "X"})).is_patient()
        );
        assert!(!insured(json!({"last": "Exampleby"})).is_patient());
        assert!(!insured(json!({"relationship": "child"})).is_patient());
    }
}
