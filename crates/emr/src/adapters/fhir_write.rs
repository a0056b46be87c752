//! What FHIR servers take: a note as DocumentReference, a diagnosis as provisional Condition.
//!
//! Epic (api 1046 and 949, May 2026): plain text in base64, the encounter of the same patient, `docStatus` preliminary
//! for a draft, problems provisional, an answer with a relative `Location` and no body. athenaPractice: RTF, and an
//! `authenticator` who is to sign.

use super::fhir::FhirAdapter;
use super::stored::{nameless, written};
use crate::adapter::Adapter;
use crate::capability::{Capability, Support, Vendor};
use crate::error::{EmrError, Trouble};
use crate::fhir::{self, is_id, reference, text};
use crate::transport::{Answer, Call};
use crate::write::{Candidate, NoteWrite, ProblemWrite, ReadBack, Write, Written};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iambilly_claim::Phi;
use serde_json::{Value, json};

const LOINC: &str = "http://loinc.org";
const ICD10CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
/// Surgical operation note.
const OPERATIVE_NOTE: &str = "11504-8";
/// Documents whose text is compared when an answer was lost.
const COMPARED: usize = 8;

impl FhirAdapter {
    pub(super) async fn post(&self, write: &Write) -> Written {
        let (kind, operation, body) = match write {
            Write::Note(note) if self.support(Capability::NoteWrite) == Support::Yes => {
                ("DocumentReference", "write the note", self.document(note))
            }
            Write::Problem(problem) if self.support(Capability::ProblemWrite) == Support::Yes => {
                ("Condition", "write a problem", Ok(condition(problem)))
            }
            _ => return Written::Refused(Trouble::Unsupported.into()),
        };
        let (body, url) = match body.and_then(|body| Ok((body, self.url(kind, &[])?))) {
            Ok(ready) => ready,
            Err(error) => return Written::Refused(error),
        };
        let body = body.to_string();
        let sent = self.signed_in.write(|| {
            let mut call =
                Call::post(operation, url.clone(), "application/fhir+json", Phi::new(body.clone()));
            call.accept = "application/fhir+json";
            call.headers.push(("prefer", "return=representation".to_owned()));
            call
        });
        written(sent.await, |answer| created(answer, kind))
    }

    /// The note as this server takes it.
    fn document(&self, note: &NoteWrite) -> Result<Value, EmrError> {
        let (system, code) = match self.config.note_type.as_deref().map(|t| t.split_once('|')) {
            Some(Some(parts)) => parts,
            Some(None) => return Err(Trouble::NotSetUp.into()),
            None => (LOINC, OPERATIVE_NOTE),
        };
        let (kind, content) = self.content(note.text.expose());
        let mut body = json!({
            "resourceType": "DocumentReference",
            "status": "current",
            "docStatus": if self.config.note_signed { "final" } else { "preliminary" },
            "type": {"coding": [{"system": system, "code": code}], "text": "Operative note"},
            "subject": {"reference": format!("Patient/{}", note.patient.expose())},
            "content": [{"attachment": {"contentType": kind, "data": STANDARD.encode(content)}}],
        });
        let members = body.as_object_mut().ok_or(Trouble::Internal)?;
        if let Some(encounter) = note.encounter.expose() {
            // A list, as R4 says; a printed sample of US Core shows one object.
            members.insert(
                "context".to_owned(),
                json!({"encounter": [{"reference": format!("Encounter/{encounter}")}]}),
            );
        }
        if self.config.vendor == Vendor::AthenaPractice {
            let signs = self.config.provider_id.as_deref().filter(|id| is_id(id)).ok_or(Trouble::NotSetUp)?;
            members.insert("authenticator".to_owned(), json!({"reference": format!("Practitioner/{signs}")}));
            members.insert("date".to_owned(), json!(format!("{}T00:00:00Z", note.date)));
        }
        Ok(body)
    }

    fn content(&self, text: &str) -> (&'static str, String) {
        if self.config.vendor == Vendor::AthenaPractice {
            ("text/rtf", rtf(text))
        } else {
            ("text/plain", text.to_owned())
        }
    }

    /// Whether what is stored under an id is what was written.
    pub(super) async fn compare(&self, write: &Write, id: &Phi<String>) -> Result<ReadBack, EmrError> {
        let kind = if matches!(write, Write::Note(_)) { "DocumentReference" } else { "Condition" };
        let found = self.get("read back", self.resource(kind, id.expose())?).await?;
        fhir::expect(&found, kind)?;
        if subject(&found).as_ref() != Some(write.patient().expose()) {
            return Ok(ReadBack::Differs);
        }
        Ok(match write {
            Write::Note(note) => match self.text_of(&found).await? {
                Some(text) if text == self.content(note.text.expose()).1 => ReadBack::Confirmed,
                Some(_) => ReadBack::Differs,
                None => ReadBack::Unreadable,
            },
            Write::Problem(problem) if has_code(&found, &problem.code) => ReadBack::Confirmed,
            _ => ReadBack::Differs,
        })
    }

    /// The text of a document, in it or in the Binary it names.
    async fn text_of(&self, document: &Value) -> Result<Option<String>, EmrError> {
        let data = match text(document, "/content/0/attachment/data") {
            Some(data) => Some(data),
            None => {
                let named = text(document, "/content/0/attachment/url").and_then(|u| reference(&u, "Binary"));
                match named {
                    Some(id) => {
                        let binary = self.get("read back", self.resource("Binary", &id)?).await?;
                        fhir::expect(&binary, "Binary")?;
                        text(&binary, "/data")
                    }
                    None => None,
                }
            }
        };
        let decoded = data.and_then(|d| STANDARD.decode(d).ok());
        Ok(decoded.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// What the EMR has that may be this.
    pub(super) async fn candidates(&self, write: &Write) -> Result<Vec<Candidate>, EmrError> {
        let patient = write.patient().expose().as_str();
        match write {
            Write::Note(note) => {
                let asked = [("patient", patient), ("category", "clinical-note"), ("_count", "50")];
                let mut found = self.search("look for the note", "DocumentReference", &asked).await?;
                // A server that files under no category of its own finds nothing by one.
                let any = [("patient", patient), ("_count", "50")];
                if let Ok(more) = self.search("look for the note", "DocumentReference", &any).await {
                    let known: Vec<Option<String>> = found.iter().map(|d| text(d, "/id")).collect();
                    found.extend(more.into_iter().filter(|d| !known.contains(&text(d, "/id"))));
                }
                found.retain(|d| subject(d).as_deref() == Some(patient));
                found.sort_by_key(|d| std::cmp::Reverse(text(d, "/date")));
                let expected = self.content(note.text.expose()).1;
                let mut candidates = vec![];
                for document in found.iter().take(COMPARED) {
                    let Some(id) = text(document, "/id") else { continue };
                    let same = self.text_of(document).await.ok().flatten().is_some_and(|t| t == expected);
                    candidates.push(Candidate {
                        id: id.into(),
                        made: text(document, "/date"),
                        says: "A document of this patient".to_owned(),
                        same,
                    });
                }
                Ok(candidates)
            }
            Write::Problem(problem) => {
                let asked = [("patient", patient), ("category", "problem-list-item"), ("_count", "100")];
                let found = self.search("look for the problem", "Condition", &asked).await?;
                let same = found
                    .iter()
                    .filter(|c| subject(c).as_deref() == Some(patient) && has_code(c, &problem.code))
                    .filter_map(|c| {
                        Some(Candidate {
                            id: text(c, "/id")?.into(),
                            made: text(c, "/recordedDate"),
                            says: format!("The problem {}", problem.code),
                            same: true,
                        })
                    });
                Ok(same.collect())
            }
            Write::Claim(_) => Err(Trouble::Unsupported.into()),
        }
    }
}

fn subject(resource: &Value) -> Option<String> {
    text(resource, "/subject/reference").and_then(|r| reference(&r, "Patient"))
}

fn has_code(condition: &Value, code: &str) -> bool {
    let codings = condition.pointer("/code/coding").and_then(Value::as_array);
    codings.into_iter().flatten().any(|c| c.get("code").and_then(Value::as_str) == Some(code))
}

fn condition(problem: &ProblemWrite) -> Value {
    let category = "http://terminology.hl7.org/CodeSystem/condition-category";
    let clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let status = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
    let mut body = json!({
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": status, "code": "provisional"}]},
        "category": [{"coding": [{"system": category, "code": "problem-list-item"}]}],
        "code": {"coding": [{"system": ICD10CM, "code": problem.code, "display": problem.display}], "text": problem.display},
        "subject": {"reference": format!("Patient/{}", problem.patient.expose())},
    });
    if let (Some(encounter), Some(members)) = (problem.encounter.expose(), body.as_object_mut()) {
        members.insert("encounter".to_owned(), json!({"reference": format!("Encounter/{encounter}")}));
    }
    body
}

/// The id of what was created: from `Location`, which may be relative, or from the body.
fn created(answer: &Answer, kind: &str) -> Result<String, Written> {
    if let Some(id) = answer.location.as_ref().and_then(|l| reference(l.expose(), kind)) {
        return Ok(id);
    }
    let body = answer.json().ok().filter(|b| b.get("resourceType").is_some_and(|t| t == kind));
    body.and_then(|b| text(&b, "/id")).filter(|id| is_id(id)).ok_or_else(|| nameless(answer))
}

/// Plain text as RTF 1.9: control characters escaped, beyond ASCII by number.
fn rtf(text: &str) -> String {
    let mut out = String::from("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\\f0\\fs20 ");
    for c in text.chars() {
        match c {
            '\\' | '{' | '}' => out.extend(['\\', c]),
            '\n' => out.push_str("\\par\n"),
            '\r' => {}
            ' '..='~' => out.push(c),
            '\t' => out.push_str("\\tab "),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // The number is signed, of sixteen bits.
                    out.push_str(&format!("\\u{}?", unit.cast_signed()));
                }
            }
        }
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::{condition, created, rtf};
    use crate::transport::Answer;
    use crate::write::{ProblemWrite, Written};
    use iambilly_claim::Phi;

    #[test]
    fn text_as_rtf() {
        assert!(rtf("a{b}\\c\nß≥").ends_with("a\\{b\\}\\\\c\\par\n\\u223?\\u8805?}"));
        assert!(rtf("🦴").ends_with("\\u-10178?\\u-8780?}"), "{}", rtf("🦴"));
    }

    #[test]
    fn a_problem_is_never_more_than_provisional() {
        let problem = ProblemWrite {
            patient: "p1".into(),
            encounter: Some("e1".to_owned()).into(),
            code: "M48.062".to_owned(),
            display: "Spinal stenosis".to_owned(),
        };
        let body = condition(&problem);
        assert_eq!(body["verificationStatus"]["coding"][0]["code"], "provisional");
        assert_eq!(body["encounter"]["reference"], "Encounter/e1");
    }

    #[test]
    fn the_id_of_what_was_created() {
        let of = |location: Option<&str>, body: &str| {
            let answer = Answer {
                status: 201,
                location: location.map(Into::into),
                retry_after: None,
                date: None,
                body: Ok(Phi::new(body.as_bytes().to_vec())),
            };
            created(&answer, "DocumentReference")
        };
        assert_eq!(of(Some("DocumentReference/d1"), "").unwrap(), "d1", "Epic: relative, no body");
        assert_eq!(of(Some("https://h/DocumentReference/d2/_history/1"), "{").unwrap(), "d2");
        assert_eq!(of(None, r#"{"resourceType":"DocumentReference","id":"d3"}"#).unwrap(), "d3");
        assert!(matches!(of(None, r#"{"resourceType":"Patient","id":"d3"}"#), Err(Written::Unknown(_))));
        assert!(matches!(of(Some("Patient/1"), "{\"resourceTy"), Err(Written::Unknown(_))));
    }
}
