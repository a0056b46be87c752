//! A claim completed from the master data: gaps are filled, what stands is left.

use super::record::{Record, folded, person};
use iambilly_claim::Claim;
use iambilly_claim::claim::{Facility, Patient, Payer, Provider};
use iambilly_claim::phi::Phi;
use iambilly_store::{MasterKind, MasterRow, Records, StoreError};
use serde_json::Value;

/// The master records that bear on a claim.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    clinic: Option<Provider>,
    rendering: Option<Provider>,
    facility: Option<Facility>,
    payer: Option<Payer>,
    second_payers: Vec<Payer>,
    patient: Option<Box<super::PatientRecord>>,
}

impl Known {
    /// Reads what is known of a claim's parts.
    pub(crate) fn of(claim: &Claim, r: &Records<'_>) -> Result<Self, StoreError> {
        let mut known = Self::default();
        let default = |kind| r.default_master(kind);
        if let Some(Record::Clinic(clinic)) = read(default(MasterKind::Clinic)?)? {
            known.clinic = Some(clinic);
        }
        let by_npi = claim.rendering_provider.npi.as_deref().map(str::trim).filter(|n| !n.is_empty());
        let rendering = match by_npi {
            Some(npi) => one(r.masters_known_as(MasterKind::Provider, "npi", &npi.into())?),
            None => default(MasterKind::Provider)?,
        };
        if let Some(Record::Provider(provider)) = read(rendering)? {
            known.rendering = Some(provider);
        }
        let by_npi = claim.facility.npi.as_deref().map(str::trim).filter(|n| !n.is_empty());
        let facility = match by_npi {
            Some(npi) => one(r.masters_known_as(MasterKind::Facility, "npi", &npi.into())?),
            None => default(MasterKind::Facility)?,
        };
        if let Some(Record::Facility(facility)) = read(facility)? {
            known.facility = Some(facility);
        }
        known.payer = payer(r, &claim.payer.id)?;
        known.patient = patient(r, &claim.patient)?;
        if let Some(patient) = &known.patient {
            for coverage in &patient.coverages {
                known.second_payers.extend(payer(r, &coverage.payer)?);
            }
        }
        Ok(known)
    }
}

fn read(row: Option<MasterRow>) -> Result<Option<Record>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let record = Record::stored(row.kind, row.data.into_exposed());
    record.map(Some).map_err(|_| StoreError::Malformed { column: "master_records.json" })
}

/// The one record of a number; where several share it, nobody is guessed.
fn one(mut rows: Vec<MasterRow>) -> Option<MasterRow> {
    if rows.len() == 1 { rows.pop() } else { None }
}

fn payer(r: &Records<'_>, id: &str) -> Result<Option<Payer>, StoreError> {
    let row = one(r.masters_known_as(MasterKind::Payer, "id", &Phi::new(folded(id)))?);
    Ok(match read(row)? {
        Some(Record::Payer(payer)) => Some(payer),
        _ => None,
    })
}

/// The patient by chart number, else by name and date of birth.
fn patient(r: &Records<'_>, given: &Patient) -> Result<Option<Box<super::PatientRecord>>, StoreError> {
    let known_as = |name, value: Option<String>| -> Result<Option<MasterRow>, StoreError> {
        let Some(value) = value.filter(|v| !v.is_empty()) else { return Ok(None) };
        Ok(one(r.masters_known_as(MasterKind::Patient, name, &Phi::new(value))?))
    };
    let row = match known_as("chart", given.id.expose().as_deref().map(folded))? {
        Some(row) => Some(row),
        None => known_as("person", person(given))?,
    };
    let Some(Record::Patient(record)) = read(row)? else { return Ok(None) };
    // A chart number that was typed wrong must not bring another's data in.
    let differ = |a: &Phi<Option<String>>, b: &Phi<Option<String>>| match (a.expose(), b.expose()) {
        (Some(a), Some(b)) => !a.trim().is_empty() && folded(a) != folded(b),
        _ => false,
    };
    let of = &record.patient;
    let other = differ(&given.last, &of.last)
        || differ(&given.first, &of.first)
        || differ(&given.birth_date, &of.birth_date);
    Ok((!other).then_some(record))
}

/// Fills the gaps of a claim. A facility that was not said takes the place of the one the program assumes.
pub(crate) fn complete(claim: &mut Claim, known: &Known) {
    if let Some(clinic) = &known.clinic {
        same_or_blank(&mut claim.billing_provider, clinic);
    }
    if let Some(provider) = &known.rendering {
        let role = claim.rendering_provider.role.take();
        same_or_blank(&mut claim.rendering_provider, provider);
        if let Some(role) = role.or_else(|| claim.rendering_provider.role.clone()) {
            claim.rendering_provider.role = Some(role);
        }
    }
    if let Some(facility) = &known.facility {
        place(claim, facility);
    }
    if let Some(payer) = &known.payer {
        let id = claim.payer.id.clone();
        claim.payer = Payer { id, ..payer.clone() };
    }
    if let Some(record) = &known.patient {
        covered(claim, record, &known.second_payers);
    }
}

/// The whole record where nobody is named, its other fields where the same is.
fn same_or_blank(given: &mut Provider, known: &Provider) {
    let said = |t: &Option<String>| t.as_deref().is_some_and(|t| !t.trim().is_empty());
    let same = given.npi.as_deref().map(str::trim) == known.npi.as_deref();
    if (!said(&given.npi) && given.shown_name().is_none()) || (said(&given.npi) && same) {
        refill(given, known);
    }
}

fn place(claim: &mut Claim, known: &Facility) {
    let given = &claim.facility;
    let said = |t: &Option<String>| t.as_deref().is_some_and(|t| !t.trim().is_empty());
    if said(&given.npi) && given.npi.as_deref().map(str::trim) == known.npi.as_deref() {
        return refill(&mut claim.facility, known);
    }
    // Any other place was said by somebody.
    let assumed = given.pos.as_deref().is_none_or(|pos| pos == "21" || Some(pos) == known.pos.as_deref());
    if said(&given.npi) || said(&given.name) || !assumed {
        return;
    }
    let was = claim.facility.pos.clone();
    claim.facility = known.clone();
    for line in &mut claim.lines {
        if line.pos == was {
            line.pos.clone_from(&known.pos);
        }
    }
}

/// The patient's own data, and the coverage by the claim's payer with the next one behind it.
fn covered(claim: &mut Claim, record: &super::PatientRecord, payers: &[Payer]) {
    let id = claim.payer.id.clone();
    let at = record.coverages.iter().position(|c| c.payer.eq_ignore_ascii_case(&id));
    let coverage = at.and_then(|at| record.coverages.get(at));
    let mut patient = record.patient.clone();
    // A number of the record without coverages is that of whoever pays; otherwise each payer has its own.
    if let Some(coverage) = coverage {
        patient.member_id = coverage.member_id.clone();
    } else if !record.coverages.is_empty() {
        patient.member_id = Phi::default();
    }
    refill(&mut claim.patient, &patient);
    let Some(coverage) = coverage else { return };
    if let Some(insured) = &coverage.insured {
        let mut given = claim.insured.take().unwrap_or_default();
        refill(&mut given, insured);
        claim.insured = Some(given);
    }
    let next = record.coverages.iter().enumerate().find(|(i, _)| Some(*i) != at);
    if let (None, Some((_, next))) = (&claim.other_insured, next) {
        let mut other = next.insured.clone().unwrap_or_default();
        other.member_id = next.member_id.clone();
        let payer = payers.iter().find(|p| p.id.eq_ignore_ascii_case(&next.payer));
        other.payer = Some(payer.cloned().unwrap_or_else(|| crate::payers::payer(&next.payer)));
        claim.other_insured = Some(other);
    }
}

fn refill<T: serde::Serialize + serde::de::DeserializeOwned>(given: &mut T, known: &T) {
    let (Ok(mut value), Ok(from)) = (serde_json::to_value(&*given), serde_json::to_value(known)) else {
        return;
    };
    fill(&mut value, &from);
    if let Ok(filled) = serde_json::from_value(value) {
        *given = filled;
    }
}

/// Takes over what is not there; an address or another part is taken whole or not at all.
pub(super) fn fill(given: &mut Value, known: &Value) {
    let (Value::Object(given), Value::Object(known)) = (given, known) else { return };
    for (name, value) in known {
        if given.get(name).is_none_or(is_empty) {
            given.insert(name.clone(), value.clone());
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, complete};
    use iambilly_claim::Claim;
    use serde_json::{Value, json};

    fn claim(value: Value) -> Claim {
        serde_json::from_value(value).unwrap()
    }

    fn known() -> Known {
        let parse = |v: Value| serde_json::from_value(v).unwrap();
        Known {
            clinic: Some(
                serde_json::from_value(json!({"npi": "1234567893", "name": "Clinic", "tax_id": "123456789"}))
                    .unwrap(),
            ),
            rendering: Some(serde_json::from_value(json!({"npi": "1245319599", "last": "Testman"})).unwrap()),
            facility: Some(
                serde_json::from_value(json!({"npi": "1245319599", "name": "Surgery Center", "pos": "24"}))
                    .unwrap(),
            ),
            payer: Some(
                serde_json::from_value(
                    json!({"id": "acme", "type": "commercial", "name": "Acme", "payer_id": "60054"}),
                )
                .unwrap(),
            ),
            second_payers: vec![
                serde_json::from_value(json!({"id": "two", "type": "commercial", "name": "Second"})).unwrap(),
            ],
            patient: Some(parse(json!({"id": "c1", "last": "Exampleby", "first": "Ada", "sex": "F",
                "address": {"line": "1 Road"},
                "coverages": [{"payer": "acme", "member_id": "A1", "insured": {"relationship": "spouse", "last": "Exampleby", "first": "Bo", "group": "G"}},
                    {"payer": "two", "member_id": "T2"}]}))),
        }
    }

    #[test]
    fn gaps_are_filled_and_what_stands_is_left() {
        let mut given = claim(json!({"payer": {"id": "acme"}, "patient": {"last": "Exampleby", "sex": "U"},
            "facility": {"pos": "21"}, "lines": [{"code": "63030", "pos": "21"}, {"code": "63030", "pos": "11"}]}));
        complete(&mut given, &known());
        assert_eq!(given.billing_provider.tax_id.as_deref(), Some("123456789"));
        assert_eq!(given.rendering_provider.npi.as_deref(), Some("1245319599"));
        assert_eq!(
            (given.payer.kind.as_str(), given.payer.payer_id.as_deref()),
            ("commercial", Some("60054"))
        );
        let pos: Vec<_> = given.lines.iter().map(|l| l.pos.as_deref().unwrap()).collect();
        assert_eq!((given.facility.pos.as_deref(), pos), (Some("24"), vec!["24", "11"]));
        let patient = &given.patient;
        assert_eq!(patient.sex.expose().as_deref(), Some("U"), "what stands is left");
        assert_eq!(
            (patient.first.expose().as_deref(), patient.member_id.expose().as_deref()),
            (Some("Ada"), Some("A1"))
        );
        assert_eq!(given.insured.as_ref().unwrap().group.expose().as_deref(), Some("G"));
        let other = given.other_insured.as_ref().unwrap();
        assert_eq!(other.payer.as_ref().unwrap().name.as_deref(), Some("Second"));
        let once = given.clone();
        complete(&mut given, &known());
        assert_eq!(given, once, "a second time changes nothing");
    }

    #[test]
    fn somebody_else_is_not_mixed_with_the_default() {
        let mut given = claim(json!({"payer": {"id": "three"}, "billing_provider": {"npi": "9999999999"},
            "rendering_provider": {"name": "Dr Else"}, "facility": {"pos": "11"}, "lines": [{"code": "63030", "pos": "11"}]}));
        let before = given.clone();
        complete(&mut given, &Known { payer: None, ..known() });
        assert_eq!(given.billing_provider, before.billing_provider);
        assert_eq!(given.rendering_provider, before.rendering_provider);
        assert_eq!((given.facility.pos.as_deref(), given.facility.npi.as_deref()), (Some("11"), None));
        assert_eq!(
            given.patient.member_id.expose(),
            &None,
            "no coverage by this payer: no other payer's number"
        );
        assert!(given.insured.is_none() && given.other_insured.is_none());
    }
}
