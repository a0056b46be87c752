//! A master record, typed by its kind, and what must be right about it before it is kept.

use crate::error::AppError;
use iambilly_claim::claim::{Address, Facility, Patient, Payer, Provider};
use iambilly_claim::form::Insured;
use iambilly_claim::npi::is_npi;
use iambilly_claim::phi::{self, Phi};
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{MasterContent, MasterKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A patient with coverage, the primary first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PatientRecord {
    /// As a claim carries the patient.
    #[serde(flatten)]
    pub patient: Patient,
    /// Coverages in the order they pay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverages: Vec<Coverage>,
}

/// Who pays for a patient, under which number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Payer id.
    #[serde(default)]
    pub payer: String,
    /// Member number (item 1a).
    #[serde(default, serialize_with = "phi::disclose")]
    pub member_id: Phi<Option<String>>,
    /// Whose coverage it is, with group and plan; the patient's own where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured: Option<Insured>,
}

/// A record of the master data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Who bills.
    Clinic(Provider),
    /// A person.
    Provider(Provider),
    /// A place.
    Facility(Facility),
    /// Who pays.
    Payer(Payer),
    /// A patient.
    Patient(Box<PatientRecord>),
}

const KINDS_OF_PAYER: [&str; 6] = ["medicare", "medicaid", "commercial", "workers_comp", "auto", "other"];

pub(super) fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::new(
        FaultKind::Input,
        "master_unreadable",
        format!(
            "The record is not valid JSON of its kind (line {}, column {}).",
            error.line(),
            error.column()
        ),
        "docs/master-data.md shows the shape of each kind.",
    )
}

impl Record {
    /// Reads a record of a kind and checks it.
    ///
    /// # Errors
    /// `master_unreadable`, `master_invalid`.
    pub fn read(of: MasterKind, data: Value) -> Result<Self, Fault> {
        let data = match tidy(data) {
            // A form in which nothing was filled in is a record that lacks everything.
            Value::Null => Value::Object(serde_json::Map::new()),
            data => data,
        };
        let record = Self::stored(of, data)?;
        let wrong = record.wrong();
        if wrong.is_empty() {
            return Ok(record);
        }
        Err(Fault::new(
            FaultKind::Input,
            "master_invalid",
            wrong.join(" "),
            "Correct it and save it again; nothing was changed.",
        ))
    }

    /// Reads a record as it was kept.
    pub(crate) fn stored(of: MasterKind, data: Value) -> Result<Self, Fault> {
        Ok(match of {
            MasterKind::Clinic => Self::Clinic(typed(data)?),
            MasterKind::Provider => Self::Provider(typed(data)?),
            MasterKind::Facility => Self::Facility(typed(data)?),
            MasterKind::Payer => Self::Payer(typed(data)?),
            MasterKind::Patient => Self::Patient(typed(data)?),
        })
    }

    /// What it is of.
    #[must_use]
    pub const fn kind(&self) -> MasterKind {
        match self {
            Self::Clinic(_) => MasterKind::Clinic,
            Self::Provider(_) => MasterKind::Provider,
            Self::Facility(_) => MasterKind::Facility,
            Self::Payer(_) => MasterKind::Payer,
            Self::Patient(_) => MasterKind::Patient,
        }
    }

    /// What is wrong with it, in sentences without its content.
    fn wrong(&self) -> Vec<&'static str> {
        let mut wrong = vec![];
        let mut unless = |right: bool, words: &'static str| {
            if !right {
                wrong.push(words);
            }
        };
        match self {
            Self::Clinic(p) | Self::Provider(p) => {
                unless(p.shown_name().is_some(), "A name is missing.");
                unless(npi_or_none(p.npi.as_ref()), NPI);
                let tax = p.tax_id.as_deref().unwrap_or_default();
                let digits = tax.chars().filter(char::is_ascii_digit).count();
                unless(
                    tax.is_empty() || (digits == 9 && tax.chars().all(|c| c.is_ascii_digit() || c == '-')),
                    "The tax number has nine digits.",
                );
                unless(
                    p.tax_id_type.as_deref().is_none_or(|t| matches!(t, "EIN" | "SSN")),
                    "The tax number is an EIN or an SSN.",
                );
                unless(
                    p.taxonomy.as_deref().is_none_or(is_taxonomy),
                    "A taxonomy has ten characters and ends in X.",
                );
                unless(address_is_right(p.address.as_ref()) && address_is_right(p.pay_to.as_ref()), ADDRESS);
            }
            Self::Facility(f) => {
                unless(filled(f.name.as_ref()), "A name is missing.");
                unless(npi_or_none(f.npi.as_ref()), NPI);
                let pos = f.pos.as_deref().unwrap_or_default();
                unless(
                    pos.len() == 2 && pos.chars().all(|c| c.is_ascii_digit()),
                    "The place of service has two digits, like 21.",
                );
                unless(address_is_right(f.address.as_ref()), ADDRESS);
            }
            Self::Payer(p) => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
                unless(
                    !p.id.is_empty() && p.id.len() <= 40 && p.id.chars().all(plain),
                    "A payer's short id is letters, digits, - and _, at most 40.",
                );
                unless(filled(p.name.as_ref()), "A name is missing.");
                unless(
                    KINDS_OF_PAYER.contains(&p.kind.as_str()),
                    "The line of business is medicare, medicaid, commercial, workers_comp, auto or other.",
                );
                unless(address_is_right(p.address.as_ref()), ADDRESS);
            }
            Self::Patient(r) => {
                let p = &r.patient;
                unless(filled(p.last.expose().as_ref()), "The family name is missing.");
                let birth = p.birth_date.expose().as_deref();
                unless(birth.is_none_or(is_date), "The date of birth is written YYYY-MM-DD.");
                unless(
                    p.sex.expose().as_deref().is_none_or(|s| matches!(s, "F" | "M" | "U")),
                    "The sex is F, M or U.",
                );
                unless(address_is_right(p.address.expose().as_ref()), ADDRESS);
                unless(
                    r.coverages.iter().all(|c| !c.payer.trim().is_empty()),
                    "Each coverage names its payer.",
                );
                let insured = || r.coverages.iter().filter_map(|c| c.insured.as_ref());
                unless(
                    insured().all(|i| {
                        let word = i.relationship.as_deref().unwrap_or("self");
                        matches!(word, "self" | "spouse" | "child" | "other")
                    }),
                    "The relation to the insured is self, spouse, child or other.",
                );
                unless(
                    insured().all(|i| i.birth_date.expose().as_deref().is_none_or(is_date)),
                    "The insured's date of birth is written YYYY-MM-DD.",
                );
            }
        }
        wrong
    }

    /// What a list shows.
    fn label(&self) -> String {
        let said = |t: &Option<String>| t.clone().unwrap_or_default();
        match self {
            Self::Clinic(p) => p.shown_name().unwrap_or_default(),
            Self::Provider(p) => match (&p.last, &p.first) {
                (Some(last), Some(first)) => format!("{last}, {first}"),
                _ => p.shown_name().unwrap_or_default(),
            },
            Self::Facility(f) => said(&f.name),
            Self::Payer(p) => said(&p.name),
            Self::Patient(r) => {
                let (last, first) = (r.patient.last.expose(), r.patient.first.expose());
                match first {
                    Some(first) if !first.is_empty() => format!("{}, {first}", said(last)),
                    _ => said(last),
                }
            }
        }
    }

    /// What tells it from others of its kind.
    pub(super) fn identifiers(&self) -> Vec<(&'static str, Phi<String>)> {
        let mut all: Vec<(&'static str, Option<String>)> = vec![];
        match self {
            Self::Clinic(p) => {
                all.push(("npi", p.npi.clone()));
                all.push(("tax_id", p.tax_id.as_deref().map(digits)));
            }
            Self::Provider(p) => {
                all.push(("npi", p.npi.clone()));
                // Two people of one name are told apart by their numbers.
                if p.npi.is_none() {
                    all.push(("name", p.shown_name().as_deref().map(folded)));
                }
            }
            Self::Facility(f) => {
                all.push(("npi", f.npi.clone()));
                all.push(("name", f.name.as_deref().map(folded)));
            }
            Self::Payer(p) => {
                all.push(("id", Some(folded(&p.id))));
                all.push(("name", p.name.as_deref().map(folded)));
            }
            Self::Patient(r) => {
                let p = &r.patient;
                all.push(("chart", p.id.expose().as_deref().map(folded)));
                all.push(("person", person(p)));
                let numbers = r.coverages.iter().map(|c| c.member_id.expose()).chain([p.member_id.expose()]);
                all.extend(numbers.map(|m| ("member", m.as_deref().map(folded))));
            }
        }
        let said = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        said.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, Phi::new(value))).collect()
    }

    /// As it is kept.
    pub(super) fn content(&self) -> Result<MasterContent, AppError> {
        let data = match self {
            Self::Clinic(p) | Self::Provider(p) => serde_json::to_value(p),
            Self::Facility(f) => serde_json::to_value(f),
            Self::Payer(p) => serde_json::to_value(p),
            Self::Patient(r) => serde_json::to_value(r),
        };
        let data = data.map_err(|_| AppError::internal("a record could not be written"))?;
        let mut words = String::new();
        gather(&data, &mut words);
        Ok(MasterContent {
            label: Phi::new(self.label()),
            words: Phi::new(words),
            identifiers: self.identifiers(),
            data: Phi::new(data),
        })
    }
}

const NPI: &str = "The NPI is not one: ten digits, the last a check digit.";
const ADDRESS: &str = "In an address the state has two letters and the ZIP five or nine digits.";

fn typed<T: serde::de::DeserializeOwned>(data: Value) -> Result<T, Fault> {
    serde_json::from_value(data).map_err(|e| unreadable(&e))
}

/// Without empty texts and without blanks around the others, so that what was left empty in a form is not there.
fn tidy(value: Value) -> Value {
    match value {
        Value::String(text) => match text.trim() {
            "" => Value::Null,
            text => Value::String(text.to_owned()),
        },
        Value::Array(list) => Value::Array(list.into_iter().map(tidy).filter(|v| !v.is_null()).collect()),
        Value::Object(map) => {
            let map: serde_json::Map<_, _> =
                map.into_iter().map(|(k, v)| (k, tidy(v))).filter(|(_, v)| !v.is_null()).collect();
            if map.is_empty() { Value::Null } else { Value::Object(map) }
        }
        other => other,
    }
}

/// Every text of a record, to be found by.
fn gather(value: &Value, words: &mut String) {
    match value {
        Value::String(text) => {
            words.push_str(text);
            words.push('\n');
        }
        Value::Array(list) => list.iter().for_each(|v| gather(v, words)),
        Value::Object(map) => map.values().for_each(|v| gather(v, words)),
        _ => {}
    }
}

fn filled(text: Option<&String>) -> bool {
    text.is_some_and(|t| !t.trim().is_empty())
}

fn npi_or_none(npi: Option<&String>) -> bool {
    npi.is_none_or(|npi| is_npi(npi))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Letters and digits in lower case: two ways to write one name are one.
pub(super) fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A patient's number as it is found by.
pub(crate) fn chart(number: &str) -> Phi<String> {
    Phi::new(folded(number))
}

/// Who a patient is, where family name, given name and date of birth are known.
pub(crate) fn person(p: &Patient) -> Option<String> {
    let (last, first, birth) =
        (p.last.expose().as_deref()?, p.first.expose().as_deref()?, p.birth_date.expose().as_deref()?);
    let all = [folded(last), folded(first), digits(birth)];
    all.iter().all(|part| !part.is_empty()).then(|| all.join("|"))
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_taxonomy(text: &str) -> bool {
    text.len() == 10
        && text.ends_with('X')
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn address_is_right(address: Option<&Address>) -> bool {
    let Some(address) = address else { return true };
    let state = address.state.as_deref().unwrap_or_default();
    let zip = address.zip.as_deref().unwrap_or_default();
    let zip_digits = digits(zip).len();
    (state.is_empty() || (state.len() == 2 && state.bytes().all(|b| b.is_ascii_alphabetic())))
        && (zip.is_empty()
            || ((zip_digits == 5 || zip_digits == 9) && zip.chars().all(|c| c.is_ascii_digit() || c == '-')))
}

#[cfg(test)]
mod tests {
    use super::Record;
    use iambilly_store::MasterKind as K;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_said_without_quoting_it() {
        for (kind, data, says) in [
            (K::Clinic, json!({}), "A name is missing."),
            (K::Clinic, json!({"name": "  "}), "A name is missing."),
            (K::Provider, json!({"name": "Ada", "npi": "1234567890"}), "The NPI is not one"),
            (K::Provider, json!({"last": "Exampleby", "tax_id": "12"}), "nine digits"),
            (K::Provider, json!({"last": "Exampleby", "taxonomy": "spine"}), "taxonomy"),
            (K::Facility, json!({"name": "Hospital"}), "place of service"),
            (K::Facility, json!({"name": "H", "pos": "21", "address": {"state": "Illinois"}}), "two letters"),
            (K::Payer, json!({"id": "a b", "name": "A", "type": "medicare"}), "short id"),
            (K::Payer, json!({"id": "a", "name": "A", "type": "hmo"}), "line of business"),
            (K::Patient, json!({"first": "Ada"}), "family name"),
            (K::Patient, json!({"last": "Exampleby", "birth_date": "1.2.1960"}), "YYYY-MM-DD"),
            (K::Patient, json!({"last": "Exampleby", "coverages": [{"member_id": "1"}]}), "names its payer"),
            (
                K::Patient,
                json!({"last": "E", "coverages": [{"payer": "a", "insured": {"relationship": "aunt"}}]}),
                "relation",
            ),
        ] {
            let fault = Record::read(kind, data.clone()).unwrap_err();
            assert!(fault.message.contains(says), "{data}: {}", fault.message);
            assert!(!fault.message.contains("Exampleby"));
        }
        let fault = Record::read(K::Patient, json!({"last": {"of": "Exampleby"}})).unwrap_err();
        assert_eq!((fault.code.as_str(), fault.message.contains("Exampleby")), ("master_unreadable", false));
    }

    #[test]
    fn what_a_form_left_empty_is_not_there_and_names_are_one_however_they_are_written() {
        let a = Record::read(
            K::Patient,
            json!({"last": " O'Neil ", "first": "Zoë", "birth_date": "1960-05-04", "address": {"line": "", "zip": " "},
                "coverages": [{"payer": "acme", "member_id": "1-2 3"}, {"payer": "", "member_id": ""}]}),
        )
        .unwrap();
        let Record::Patient(kept) = &a else { panic!() };
        assert_eq!((kept.coverages.len(), kept.patient.address.expose().is_none()), (1, true));
        let b = Record::read(
            K::Patient,
            json!({"last": "ONEIL", "first": "ZOË", "birth_date": "1960-05-04", "member_id": "123"}),
        );
        assert_eq!(a.identifiers(), b.unwrap().identifiers());
        assert_eq!(a.label(), "O'Neil, Zoë");
    }
}
