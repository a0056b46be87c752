//! What is read from an EMR, whatever its vendor: patients, encounters, insurances, appointments.

use iambilly_claim::phi::{self, Phi};
use serde::{Deserialize, Serialize};

/// Whom to look for. At least a family name or a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatientQuery {
    /// Family name or its beginning.
    pub last: Phi<Option<String>>,
    /// Given name or its beginning.
    pub first: Phi<Option<String>>,
    /// `YYYY-MM-DD`.
    pub birth_date: Phi<Option<String>>,
    /// Record number, with or without its system (`system|value`).
    pub identifier: Phi<Option<String>>,
}

impl PatientQuery {
    /// As typed: words, a date of birth in any order of `YYYY-MM-DD` or `MM/DD/YYYY`, or a number.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        let mut query = Self::default();
        let mut names: Vec<String> = vec![];
        let comma = text.contains(',');
        for word in text.split([' ', ',', '\t']).filter(|w| !w.is_empty()) {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            if let Some(date) = date(word) {
                query.birth_date = Some(date).into();
            } else if digits >= 3 {
                query.identifier = Some(word.to_owned()).into();
            } else {
                names.push(word.to_owned());
            }
        }
        // `Family, Given`; without a comma the last of several words is the family's.
        let family = if comma || names.len() < 2 { 0 } else { names.len() - 1 };
        query.last = (family < names.len()).then(|| names.remove(family)).into();
        query.first = (!names.is_empty()).then(|| names.join(" ")).into();
        query
    }

    /// Whether there is anything to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last.expose().is_none() && self.identifier.expose().is_none()
    }
}

/// `YYYY-MM-DD` from what a person types as a date.
fn date(word: &str) -> Option<String> {
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, a, b) };
    let number = |text: &str| text.parse::<i16>().ok();
    let day = i8::try_from(number(day)?).ok()?;
    let month = i8::try_from(number(month)?).ok()?;
    if year.len() != 4 {
        return None;
    }
    jiff::civil::Date::new(number(year)?, month, day).ok().map(|d| d.to_string())
}

/// A patient as an EMR has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemotePatient {
    /// The EMR's id.
    #[serde(serialize_with = "phi::disclose")]
    pub id: Phi<String>,
    /// Record number people know, where there is one.
    #[serde(serialize_with = "phi::disclose")]
    pub record_number: Phi<Option<String>>,
    /// Family name.
    #[serde(serialize_with = "phi::disclose")]
    pub last: Phi<Option<String>>,
    /// Given names.
    #[serde(serialize_with = "phi::disclose")]
    pub first: Phi<Option<String>>,
    /// `YYYY-MM-DD`.
    #[serde(serialize_with = "phi::disclose")]
    pub birth_date: Phi<Option<String>>,
    /// `F`, `M` or `U`.
    #[serde(serialize_with = "phi::disclose")]
    pub sex: Phi<Option<String>>,
    /// Telephone.
    #[serde(serialize_with = "phi::disclose")]
    pub phone: Phi<Option<String>>,
    /// City and state.
    #[serde(serialize_with = "phi::disclose")]
    pub place: Phi<Option<String>>,
    /// Whether the EMR says that this is a double of another record, or no longer used.
    #[serde(default)]
    pub inactive: bool,
}

/// An encounter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoteEncounter {
    /// The EMR's id.
    #[serde(serialize_with = "phi::disclose")]
    pub id: Phi<String>,
    /// The EMR's id of its patient.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<String>,
    /// First day, `YYYY-MM-DD`.
    #[serde(serialize_with = "phi::disclose")]
    pub from: Phi<Option<String>>,
    /// Last day.
    #[serde(serialize_with = "phi::disclose")]
    pub to: Phi<Option<String>>,
    /// Kind, as the EMR calls it.
    pub kind: Option<String>,
    /// Status, as the EMR calls it.
    pub status: Option<String>,
}

/// An insurance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteCoverage {
    /// The EMR's id.
    #[serde(serialize_with = "phi::disclose")]
    pub id: Phi<String>,
    /// The payer's name there.
    pub payer: Option<String>,
    /// Member number.
    #[serde(serialize_with = "phi::disclose")]
    pub member_id: Phi<Option<String>>,
    /// 1 pays first.
    pub order: Option<u32>,
    /// Whether it is in force.
    pub active: bool,
}

/// An appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteAppointment {
    /// The EMR's id.
    #[serde(serialize_with = "phi::disclose")]
    pub id: Phi<String>,
    /// When, as the EMR writes it.
    #[serde(serialize_with = "phi::disclose")]
    pub at: Phi<Option<String>>,
    /// Kind.
    pub kind: Option<String>,
    /// Status.
    pub status: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::PatientQuery;

    #[test]
    fn what_a_desk_types_is_understood() {
        let of = |text: &str| {
            let q = PatientQuery::typed(text);
            [q.last, q.first, q.birth_date, q.identifier].map(|p| p.into_exposed().unwrap_or_default())
        };
        assert_eq!(of("Exampleby"), ["Exampleby", "", "", ""]);
        assert_eq!(of("Exampleby, Ada Jo 5/4/1960"), ["Exampleby", "Ada Jo", "1960-05-04", ""]);
        assert_eq!(of("1960-05-04 O'Neil"), ["O'Neil", "", "1960-05-04", ""]);
        assert_eq!(of("Ada Jo Exampleby"), ["Exampleby", "Ada Jo", "", ""]);
        assert_eq!(of("E1234"), ["", "", "", "E1234"]);
        assert!(PatientQuery::typed("  ").is_empty() && PatientQuery::typed("1960-05-04").is_empty());
        assert_eq!(of("13/40/1960 Roe")[0], "Roe", "no such day");
    }
}
