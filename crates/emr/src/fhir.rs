//! FHIR R4 read tolerantly: what is missing is missing, what is of another type is passed over, and a bundle never
//! leads to another host.

use crate::error::{EmrError, Trouble};
use crate::outcome;
use crate::record::{RemoteAppointment, RemoteCoverage, RemoteEncounter, RemotePatient};
use iambilly_claim::Phi;
use serde_json::Value;
use url::Url;

/// The resources of a type in a bundle, and where it goes on.
pub(crate) fn page(bundle: &Value, kind: &str, asked: &Url) -> Result<(Vec<Value>, Option<Url>), EmrError> {
    expect(bundle, "Bundle")?;
    let mut found = vec![];
    for entry in bundle.get("entry").and_then(Value::as_array).into_iter().flatten() {
        let Some(resource) = entry.get("resource") else { continue };
        match resource.get("resourceType").and_then(Value::as_str) {
            Some(of) if of == kind => found.push(resource.clone()),
            Some("OperationOutcome") => {
                // “Nothing found” is an empty list; a restricted chart or too many are not.
                if let Some(error) = outcome::within(resource).filter(|e| e.trouble != Trouble::NotFound) {
                    return Err(error);
                }
            }
            _ => {}
        }
    }
    let next = bundle
        .get("link")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|link| link.get("relation").is_some_and(|r| r == "next"))
        .and_then(|link| link.get("url").and_then(Value::as_str));
    let next = match next {
        None => None,
        Some(url) => {
            let url = asked.join(url).map_err(|_| Trouble::Unexpected)?;
            if url.origin() != asked.origin() {
                return Err(Trouble::Redirected.into());
            }
            Some(url)
        }
    };
    Ok((found, next))
}

/// That a resource is of a type.
pub(crate) fn expect(resource: &Value, kind: &str) -> Result<(), EmrError> {
    match resource.get("resourceType").and_then(Value::as_str) {
        Some(found) if found == kind => Ok(()),
        _ => Err(outcome::within(resource).unwrap_or_else(|| Trouble::Unexpected.into())),
    }
}

/// Text under a pointer; numbers are text too.
pub(crate) fn text(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    // A server that writes one object where a list belongs is understood.
    let found = value.get(name);
    let one = found.filter(|v| v.is_object());
    found.and_then(Value::as_array).into_iter().flatten().chain(one)
}

/// The id in a reference of a type: `Patient/1`, `https://…/Patient/1/_history/2`.
pub(crate) fn reference(text: &str, kind: &str) -> Option<String> {
    let mut parts = text.split('/').skip_while(|p| *p != kind);
    parts.next()?;
    parts.next().filter(|id| is_id(id)).map(str::to_owned)
}

/// Whether text is an id that may stand in a path.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && !matches!(text, "." | "..")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

fn id(resource: &Value) -> Option<Phi<String>> {
    text(resource, "/id").filter(|id| is_id(id)).map(Phi::new)
}

/// A patient; none without a usable id.
pub(crate) fn patient(resource: &Value) -> Option<RemotePatient> {
    let names: Vec<&Value> = items(resource, "name").collect();
    let name = names
        .iter()
        .find(|n| text(n, "/use").as_deref() == Some("official"))
        .or_else(|| names.iter().find(|n| text(n, "/use").as_deref() != Some("old")))
        .or_else(|| names.first());
    let given = name.map(|n| {
        let parts = n.get("given").and_then(Value::as_array).into_iter().flatten();
        parts.filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
    });
    // Where a name is one text only, its last word is not taken for the family's: it is shown whole.
    let last = name.and_then(|n| text(n, "/family").or_else(|| text(n, "/text")));
    let numbers: Vec<&Value> = items(resource, "identifier").collect();
    let record = numbers
        .iter()
        .find(|i| {
            items(i.get("type").unwrap_or(&Value::Null), "coding")
                .any(|c| c.get("code").is_some_and(|c| c == "MR"))
        })
        .or_else(|| numbers.first());
    let phone = items(resource, "telecom")
        .find(|t| text(t, "/system").as_deref() == Some("phone"))
        .and_then(|t| text(t, "/value"));
    let address = items(resource, "address").next();
    let place: Vec<String> =
        ["/city", "/state"].iter().filter_map(|p| address.and_then(|a| text(a, p))).collect();
    let sex = match text(resource, "/gender").as_deref() {
        Some("female") => Some("F"),
        Some("male") => Some("M"),
        Some(_) => Some("U"),
        None => None,
    };
    let inactive = resource.get("active").is_some_and(|a| a == false)
        || items(resource, "link").any(|l| text(l, "/type").as_deref() == Some("replaced-by"));
    Some(RemotePatient {
        id: id(resource)?,
        record_number: record.and_then(|i| text(i, "/value")).into(),
        last: last.into(),
        first: given.filter(|g| !g.is_empty()).into(),
        birth_date: text(resource, "/birthDate").into(),
        sex: sex.map(str::to_owned).into(),
        phone: phone.into(),
        place: (!place.is_empty()).then(|| place.join(", ")).into(),
        inactive,
    })
}

fn day(text: Option<String>) -> Option<String> {
    text.and_then(|t| t.get(..10).map(str::to_owned).or(Some(t)))
}

/// An encounter; none without id or patient.
pub(crate) fn encounter(resource: &Value) -> Option<RemoteEncounter> {
    let patient = text(resource, "/subject/reference").and_then(|r| reference(&r, "Patient"))?;
    Some(RemoteEncounter {
        id: id(resource)?,
        patient: patient.into(),
        from: day(text(resource, "/period/start")).into(),
        to: day(text(resource, "/period/end")).into(),
        kind: text(resource, "/type/0/text")
            .or_else(|| text(resource, "/class/display"))
            .or_else(|| text(resource, "/class/code")),
        status: text(resource, "/status"),
    })
}

/// An insurance.
pub(crate) fn coverage(resource: &Value) -> Option<RemoteCoverage> {
    Some(RemoteCoverage {
        id: id(resource)?,
        payer: text(resource, "/payor/0/display").or_else(|| text(resource, "/class/0/name")),
        member_id: text(resource, "/subscriberId").or_else(|| text(resource, "/identifier/0/value")).into(),
        order: text(resource, "/order").and_then(|o| o.parse().ok()),
        active: text(resource, "/status").as_deref() == Some("active"),
    })
}

/// An appointment.
pub(crate) fn appointment(resource: &Value) -> Option<RemoteAppointment> {
    Some(RemoteAppointment {
        id: id(resource)?,
        at: text(resource, "/start").into(),
        kind: text(resource, "/serviceType/0/text").or_else(|| text(resource, "/appointmentType/text")),
        status: text(resource, "/status"),
    })
}

#[cfg(test)]
mod tests {
    use super::{encounter, is_id, page, patient, reference};
    use crate::error::Trouble;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use url::Url;

    fn base() -> Url {
        Url::parse("https://fhir.example.org/r4/Patient?family=x").unwrap()
    }

    #[test]
    fn a_patient_in_odd_shapes() {
        let odd = json!({"resourceType": "Patient", "id": 12, "active": true,
            "name": {"use": "official", "family": "O'Neil; DROP TABLE", "given": ["Ada", "Jo"]},
            "identifier": [{"value": 7}, {"type": {"coding": [{"code": "MR"}]}, "value": "M1"}],
            "gender": "other", "birthDate": "1960-05-04", "address": [{"city": "Springfield", "state": "IL"}]});
        let read = patient(&odd).unwrap();
        assert_eq!(read.id.expose(), "12");
        assert_eq!(read.record_number.expose().as_deref(), Some("M1"));
        assert_eq!(read.first.expose().as_deref(), Some("Ada Jo"));
        assert_eq!((read.sex.expose().as_deref(), read.inactive), (Some("U"), false));
        let merged = json!({"id": "a", "link": [{"type": "replaced-by"}]});
        assert!(patient(&merged).unwrap().inactive);
        assert!(patient(&json!({"id": "../../etc"})).is_none() && patient(&json!([])).is_none());
        assert!(!format!("{read:?}").contains("DROP"));
    }

    #[test]
    fn a_bundle_leads_nowhere_else() {
        let bundle = |next: &str| {
            json!({"resourceType": "Bundle", "link": [{"relation": "next", "url": next}],
            "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": {"resourceType": "Practitioner"}}, {}]})
        };
        let (found, next) = page(&bundle("?page=2"), "Patient", &base()).unwrap();
        assert_eq!((found.len(), next.unwrap().as_str()), (1, "https://fhir.example.org/r4/Patient?page=2"));
        for away in ["https://evil.example.com/", "http://fhir.example.org/r4", "//evil.example.com/x"] {
            let error = page(&bundle(away), "Patient", &base()).unwrap_err();
            assert_eq!(error.trouble, Trouble::Redirected, "{away}");
        }
        let wrong = page(&json!({"resourceType": "Patient"}), "Patient", &base()).unwrap_err();
        assert_eq!(wrong.trouble, Trouble::Unexpected);
        let glass = json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "OperationOutcome",
            "issue": [{"details": {"coding": [{"code": "4130"}]}}]}}]});
        assert_eq!(page(&glass, "Patient", &base()).unwrap_err().trouble, Trouble::BreakTheGlass);
    }

    #[test]
    fn ids_of_references() {
        let of = |text: &str| reference(text, "Patient");
        assert_eq!(of("Patient/a-1").as_deref(), Some("a-1"));
        assert_eq!(of("https://h/x/Patient/a.1/_history/2").as_deref(), Some("a.1"));
        assert_eq!((of("Encounter/1"), of("Patient/"), of("Patient/..")), (None, None, None));
        assert!(!is_id("a/b") && !is_id("") && !is_id("a b") && is_id("eAB-1.2"));
        assert!(encounter(&json!({"id": "1"})).is_none(), "an encounter of nobody");
    }

    proptest! {
        #[test]
        fn no_answer_is_too_odd(text in "\\PC{0,60}") {
            let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            let _ = (patient(&value), encounter(&value), page(&value, "Patient", &base()));
        }
    }
}
