//! From a coding to the draft of a professional claim.
//!
//! Nothing is invented here: what the clinic has not given (patient, providers) stays empty and becomes a finding of
//! the scrubber; charges come from the clinic's fee schedules ([`crate::fees`]).

use crate::payers;
use iambilly_claim::claim::{Claim, Facility, Patient, Provider, ServiceLine};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::{Coding, Evidence, Fault, FaultKind, Phi};
use serde::{Deserialize, Serialize};

/// The providers and the place of a claim, as the clinic's provider file gives them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Providers {
    /// Who bills (item 33).
    pub billing_provider: Provider,
    /// Who did it (item 24J).
    pub rendering_provider: Provider,
    /// Where (item 32); `pos` defaults to 21.
    pub facility: Facility,
    /// Prior authorisation number (item 23).
    pub prior_auth_number: Option<String>,
}

impl Providers {
    /// Reads a provider file: the claim's provider objects, or a single provider who bills and renders.
    ///
    /// # Errors
    /// `provider_file_invalid` when it is neither.
    pub fn parse(json: &str) -> Result<Self, Fault> {
        let value: serde_json::Value = serde_json::from_str(json).map_err(|e| provider_fault(&e))?;
        if value.get("npi").is_some() {
            let provider: Provider = serde_json::from_value(value.clone()).map_err(|e| provider_fault(&e))?;
            let facility = value.get("facility").cloned().map(serde_json::from_value).transpose();
            return Ok(Self {
                billing_provider: provider.clone(),
                rendering_provider: Provider { tax_id: None, address: None, ..provider },
                facility: facility.map_err(|e| provider_fault(&e))?.unwrap_or_default(),
                prior_auth_number: None,
            });
        }
        serde_json::from_value(value).map_err(|e| provider_fault(&e))
    }
}

fn provider_fault(error: &serde_json::Error) -> Fault {
    Fault::new(
        FaultKind::Input,
        "provider_file_invalid",
        format!(
            "The provider file is not valid JSON of a provider (line {}, column {}).",
            error.line(),
            error.column()
        ),
        "Give {\"billing_provider\":{\"npi\",\"tax_id\",…},\"rendering_provider\":{\"npi\"},\"facility\":{\"npi\",\"pos\"}}.",
    )
}

/// Reads a patient file: the claim's `patient` object, alone or under that name.
///
/// # Errors
/// `patient_file_invalid`; the message holds a place, never content.
pub fn parse_patient(json: &str) -> Result<Patient, Fault> {
    let fault = |e: &serde_json::Error| {
        Fault::new(
            FaultKind::Input,
            "patient_file_invalid",
            format!(
                "The patient file is not valid JSON of a patient (line {}, column {}).",
                e.line(),
                e.column()
            ),
            "Give {\"id\",\"last\",\"first\",\"birth_date\":\"YYYY-MM-DD\",\"sex\",\"member_id\",\"address\":{…}}.",
        )
    };
    let value: serde_json::Value = serde_json::from_str(json).map_err(|e| fault(&e))?;
    let patient = value.get("patient").cloned().unwrap_or(value);
    serde_json::from_value(patient).map_err(|e| fault(&e))
}

/// Builds the claim of a coding. `text` is what its evidence points into: each line carries the sentences it rests on,
/// so that rules about what the note says can be judged.
#[must_use]
pub fn claim(id: ClaimId, coding: &Coding, text: &str, patient: &Patient, providers: &Providers) -> Claim {
    let scalars: Vec<char> = text.chars().collect();
    let pos = providers.facility.pos.clone().unwrap_or_else(|| "21".to_owned());
    let lines = coding
        .lines
        .iter()
        .zip(1u32..)
        .map(|(line, number)| ServiceLine {
            number,
            code: line.code.to_string(),
            modifiers: line.modifiers.iter().map(ToString::to_string).collect(),
            pointers: line.pointers.iter().map(ToString::to_string).collect(),
            units: line.units,
            dos: Some(coding.dos.to_string()),
            pos: Some(pos.clone()),
            levels: line.levels.clone(),
            laterality: line.laterality,
            quoted: quoted(line.evidence.passages(), &scalars).into(),
            ..ServiceLine::default()
        })
        .collect();
    Claim {
        claim_id: id.to_string(),
        payer: payers::payer(&coding.payer),
        patient: patient.clone(),
        billing_provider: providers.billing_provider.clone(),
        rendering_provider: providers.rendering_provider.clone(),
        facility: Facility { pos: Some(pos), ..providers.facility.clone() },
        prior_auth_number: providers.prior_auth_number.clone(),
        diagnoses: coding.diagnoses.iter().map(|d| d.code.to_string()).collect(),
        lines,
        frequency: Some("1".to_owned()),
        ..Claim::default()
    }
}

/// The longest sentence taken around a quote, in scalars to each side: dictation may have no full stops.
const REACH: usize = 200;

/// The sentences around the passages a line rests on, each once, in the note's order.
fn quoted(evidence: &[Evidence], text: &[char]) -> Vec<String> {
    let ends = |at: usize| match text.get(at) {
        Some('\n') => true,
        Some('.' | '!' | '?' | ';') => text.get(at + 1).is_none_or(|c| c.is_whitespace()),
        _ => false,
    };
    let mut spans: Vec<(usize, usize)> = evidence
        .iter()
        .filter(|e| e.start < e.end && e.end <= text.len())
        .map(|e| {
            let earliest = e.start.saturating_sub(REACH);
            let start = (earliest..e.start).rev().find(|&at| ends(at)).map_or(earliest, |at| at + 1);
            let latest = (e.end + REACH).min(text.len());
            let end = (e.end - 1..latest).find(|&at| ends(at)).unwrap_or(latest);
            (start, end.max(e.end))
        })
        .collect();
    spans.sort_unstable();
    spans.dedup();
    let sentence = |(start, end)| -> Option<String> {
        let words: String = text.get(start..end)?.iter().collect();
        Some(words.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|s| !s.is_empty())
    };
    spans.into_iter().filter_map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::{Providers, parse_patient, quoted};
    use iambilly_claim::Evidence;

    #[test]
    fn a_line_carries_the_sentences_it_rests_on() {
        let text = "Findings: none. An anterior plate, separate from the cage, was fixed at C5.2 mm off. Closure\nnéxt";
        let scalars: Vec<char> = text.chars().collect();
        let at = |quote: &str| {
            let start = text.split(quote).next().unwrap().chars().count();
            Evidence { start, end: start + quote.chars().count(), quote: quote.to_owned().into() }
        };
        let said = quoted(&[at("separate"), at("anterior plate"), at("néxt")], &scalars);
        assert_eq!(said, ["An anterior plate, separate from the cage, was fixed at C5.2 mm off", "néxt"]);
        let beyond = Evidence { start: 90, end: 900, quote: String::new().into() };
        assert!(quoted(&[beyond], &scalars).is_empty());
        let long: Vec<char> = "word ".repeat(400).chars().collect();
        let one = Evidence { start: 1000, end: 1004, quote: String::from("word").into() };
        assert!(quoted(&[one], &long)[0].len() <= 2 * super::REACH + 4);
    }

    #[test]
    fn one_provider_bills_and_renders() {
        let p = Providers::parse(r#"{"npi":"1234567893","tax_id":"12-3456789","facility":{"pos":"24"}}"#)
            .unwrap();
        assert_eq!(p.billing_provider.npi, p.rendering_provider.npi);
        assert_eq!(p.facility.pos.as_deref(), Some("24"));
        assert_eq!(Providers::parse("[1]").unwrap_err().code, "provider_file_invalid");
    }

    #[test]
    fn a_bad_patient_file_is_refused_without_quoting_it() {
        let fault = parse_patient("{\"last\": Exampleby}").unwrap_err();
        assert!(!fault.message.contains("Exampleby"), "{}", fault.message);
        assert!(parse_patient(r#"{"patient":{"last":"Exampleby"}}"#).is_ok());
    }
}
