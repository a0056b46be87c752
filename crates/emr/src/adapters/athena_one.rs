//! athenaOne by its REST interface: forms in, JSON out, the same field now a number and now text.
//!
//! Sources: the public Go and .NET clients (November 2026). They show no field for modifiers, so that a claim with
//! modifiers is refused unless the clinic has had their form confirmed ([`Modifiers`]). There is no idempotency key:
//! before a claim is created its patient's claims of the day are read.

use super::signed_in::SignedIn;
use super::stored::{nameless, written};
use crate::adapter::Adapter;
use crate::auth::TokenKeeper;
use crate::capability::Vendor;
use crate::config::{ConnectionConfig, Modifiers, Secrets};
use crate::error::{EmrError, Trouble};
use crate::fhir::{is_id, text};
use crate::probe::Probe;
use crate::record::{PatientQuery, RemoteAppointment, RemoteCoverage, RemoteEncounter, RemotePatient};
use crate::transport::{Answer, Call, Transport, read_json};
use crate::write::{Candidate, ClaimWrite, NoteWrite, ReadBack, Write, Written};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use iambilly_claim::Phi;
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

const FORM: &str = "application/x-www-form-urlencoded";
const PAGES: usize = 10;

pub(super) struct AthenaOne {
    pub(super) config: ConnectionConfig,
    pub(super) base: Url,
    pub(super) signed_in: SignedIn,
}

impl AthenaOne {
    pub(super) fn new(
        mut config: ConnectionConfig,
        secrets: Secrets,
        transport: Transport,
    ) -> Result<Self, EmrError> {
        let base = config.base()?;
        if config.token_url.is_none() {
            config.token_url = Some(base.join("/oauth2/v1/token").map_err(|_| Trouble::Address)?.to_string());
        }
        config.scopes.get_or_insert_with(|| "athena/service/Athenanet.MDP.*".to_owned());
        let tokens = TokenKeeper::new(config.clone(), secrets);
        Ok(Self { config, base, signed_in: SignedIn { transport, tokens } })
    }

    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, EmrError> {
        let mut url = self.base.join(path).map_err(|_| Trouble::Address)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn patient_path(id: &Phi<String>, rest: &str) -> Result<String, EmrError> {
        let id = id.expose();
        if is_id(id) { Ok(format!("patients/{id}{rest}")) } else { Err(Trouble::NotFound.into()) }
    }

    fn department(&self) -> Result<&str, EmrError> {
        self.config.department_id.as_deref().ok_or_else(|| Trouble::NotSetUp.into())
    }

    pub(super) async fn get(&self, operation: &'static str, url: Url) -> Result<Value, EmrError> {
        read_json(&self.signed_in.read(|| Call::get(operation, url.clone())).await?)
    }

    /// Every item of a list, page by page; `next` is a path of the same interface.
    async fn list(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
        name: &str,
    ) -> Result<Vec<Value>, EmrError> {
        let mut all = vec![];
        let mut url = self.url(path, query)?;
        for _ in 0..PAGES {
            let body = self.get(operation, url.clone()).await?;
            let items = body.get(name).and_then(Value::as_array).ok_or(Trouble::Unexpected)?;
            all.extend(items.iter().cloned());
            let Some(next) = text(&body, "/next") else { return Ok(all) };
            // Only its query is taken: a path of another place is not followed.
            let query = next.split_once('?').map(|(_, q)| q.to_owned()).ok_or(Trouble::Unexpected)?;
            url.set_query(Some(&query));
        }
        Err(Trouble::TooMany.into())
    }

    async fn claims_of_day(&self, claim: &ClaimWrite) -> Result<Vec<Value>, EmrError> {
        let day = american(&claim.date)?;
        let asked = [
            ("patientid", claim.patient.expose().as_str()),
            ("departmentid", self.department()?),
            ("servicestartdate", day.as_str()),
            ("serviceenddate", day.as_str()),
            ("limit", "50"),
        ];
        self.list("look for the claim", "claims", &asked, "claims").await
    }

    fn claim_form(&self, claim: &ClaimWrite) -> Result<String, EmrError> {
        let mut charges = vec![];
        for charge in &claim.charges {
            let code = match (charge.modifiers.is_empty(), self.config.modifiers) {
                (true, _) => charge.code.clone(),
                (false, Modifiers::AfterCode) => format!("{},{}", charge.code, charge.modifiers.join(",")),
                (false, Modifiers::Refuse) => return Err(Trouble::Unsupported.into()),
            };
            if charge.diagnoses.len() > 4 {
                return Err(Trouble::Unsupported.into());
            }
            let amount: serde_json::Number = charge.amount.parse().map_err(|_| Trouble::Refused)?;
            let mut line = json!({"procedurecode": code, "units": charge.units, "unitamount": amount});
            let members = line.as_object_mut().ok_or(Trouble::Internal)?;
            for n in 0..4 {
                let code = charge.diagnoses.get(n).cloned().unwrap_or_default();
                members.insert(format!("icd10code{}", n + 1), code.into());
                members.insert(format!("icd9code{}", n + 1), "".into());
            }
            if let Some(note) = &charge.note {
                members.insert("linenote".to_owned(), note.clone().into());
            }
            charges.push(line);
        }
        let provider = claim.provider.as_deref().or(self.config.provider_id.as_deref());
        let provider = provider.ok_or(Trouble::NotSetUp)?;
        Ok(Serializer::new(String::new())
            .append_pair("patientid", claim.patient.expose())
            .append_pair("departmentid", self.department()?)
            .append_pair("supervisingproviderid", provider)
            .append_pair("servicedate", &american(&claim.date)?)
            .append_pair("claimcharges", &Value::Array(charges).to_string())
            .finish())
    }

    fn note_form(&self, note: &NoteWrite) -> Result<String, EmrError> {
        let mut form = Serializer::new(String::new());
        form.append_pair("departmentid", self.department()?)
            .append_pair("attachmentcontents", &STANDARD.encode(note.text.expose()))
            .append_pair("attachmenttype", "TXT")
            .append_pair("documentsubclass", "CLINICALDOCUMENT_OPERATIVENOTE")
            .append_pair("observationdate", &american(&note.date)?)
            .append_pair("originalfilename", "operative-note.txt");
        if let Some(provider) = &self.config.provider_id {
            form.append_pair("providerid", provider);
        }
        Ok(form.finish())
    }
}

/// `YYYY-MM-DD` as `MM/DD/YYYY`.
fn american(date: &str) -> Result<String, EmrError> {
    let day: jiff::civil::Date = date.parse().map_err(|_| Trouble::Refused)?;
    Ok(day.strftime("%m/%d/%Y").to_string())
}

/// `MM/DD/YYYY` as `YYYY-MM-DD`; anything else as it is.
fn iso(date: Option<String>) -> Option<String> {
    date.map(|d| jiff::civil::Date::strptime("%m/%d/%Y", &d).map_or(d, |day| day.to_string()))
}

/// `true`, `"true"`, `"1"`.
fn truth(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(b) => Some(*b),
        Value::String(s) => Some(matches!(s.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes")),
        Value::Number(n) => Some(n.as_i64() != Some(0)),
        _ => None,
    }
}

fn read_patient(value: &Value) -> Option<RemotePatient> {
    let place: Vec<String> = ["/city", "/state"].iter().filter_map(|p| text(value, p)).collect();
    let sex = text(value, "/sex").map(|s| match s.to_ascii_uppercase().as_str() {
        "F" | "FEMALE" => "F".to_owned(),
        "M" | "MALE" => "M".to_owned(),
        _ => "U".to_owned(),
    });
    let phone = ["/homephone", "/mobilephone"].iter().find_map(|p| text(value, p));
    Some(RemotePatient {
        id: text(value, "/patientid").filter(|id| is_id(id))?.into(),
        record_number: text(value, "/patientid").into(),
        last: text(value, "/lastname").into(),
        first: text(value, "/firstname").into(),
        birth_date: iso(text(value, "/dob")).into(),
        sex: sex.into(),
        phone: phone.into(),
        place: (!place.is_empty()).then(|| place.join(", ")).into(),
        inactive: text(value, "/status").is_some_and(|s| s != "active"),
    })
}

/// Codes of a claim's procedures, in order of their text.
fn codes(claim: &Value) -> Vec<String> {
    let lines = claim.get("procedures").and_then(Value::as_array);
    let mut codes: Vec<String> = lines
        .into_iter()
        .flatten()
        .filter_map(|l| text(l, "/procedurecode"))
        .filter_map(|c| c.split(',').next().map(str::to_owned))
        .collect();
    codes.sort();
    codes
}

fn candidate(claim: &Value, write: &ClaimWrite) -> Option<Candidate> {
    let mut ours: Vec<String> = write.charges.iter().map(|c| c.code.clone()).collect();
    ours.sort();
    let theirs = codes(claim);
    Some(Candidate {
        id: text(claim, "/claimid")?.into(),
        made: iso(text(claim, "/claimcreateddate")),
        says: format!("A claim of that day with {}", theirs.join(", ")),
        same: theirs == ours,
    })
}

/// What a create answered: 200 with `success: false` is a refusal.
fn created(answer: &Answer, pointers: &[&str]) -> Result<String, Written> {
    let Ok(body) = answer.json() else { return Err(nameless(answer)) };
    // Some answers are a list of one.
    let body = body.get(0).cloned().unwrap_or(body);
    if truth(body.get("success")) == Some(false) {
        return Err(Written::Refused(EmrError::from(Trouble::Refused).status(answer.status)));
    }
    let id = pointers.iter().find_map(|p| text(&body, p)).filter(|id| is_id(id));
    id.ok_or_else(|| nameless(answer))
}

#[async_trait]
impl Adapter for AthenaOne {
    fn vendor(&self) -> Vendor {
        Vendor::AthenaOne
    }

    async fn search_patients(&self, query: &PatientQuery) -> Result<Vec<RemotePatient>, EmrError> {
        if let Some(number) = query.identifier.expose() {
            return match self.patient(&Phi::new(number.clone())).await {
                Ok(found) => Ok(vec![found]),
                Err(error) if error.trouble == Trouble::NotFound => Ok(vec![]),
                Err(error) => Err(error),
            };
        }
        let born = query.birth_date.expose().as_deref().map(american).transpose()?;
        let mut asked: Vec<(&str, &str)> = vec![];
        let parts = [("lastname", query.last.expose()), ("firstname", query.first.expose()), ("dob", &born)];
        for (name, value) in parts {
            if let Some(value) = value {
                asked.push((name, value));
            }
        }
        if query.is_empty() {
            return Ok(vec![]);
        }
        if let Some(department) = &self.config.department_id {
            asked.push(("departmentid", department));
        }
        asked.push(("limit", "50"));
        let found = self.list("search patients", "patients", &asked, "patients").await?;
        Ok(found.iter().filter_map(read_patient).collect())
    }

    async fn patient(&self, id: &Phi<String>) -> Result<RemotePatient, EmrError> {
        let body = self.get("read a patient", self.url(&Self::patient_path(id, "")?, &[])?).await?;
        // A list of one, or one.
        let one = body.get(0).unwrap_or(&body);
        read_patient(one).ok_or_else(|| Trouble::Unexpected.into())
    }

    async fn encounters(&self, patient: &Phi<String>) -> Result<Vec<RemoteEncounter>, EmrError> {
        // The chart's encounters can be read only one by one; a day's appointments name them.
        let found = self.booked(patient).await?;
        let mut encounters: Vec<RemoteEncounter> = found
            .iter()
            .filter_map(|a| {
                Some(RemoteEncounter {
                    id: text(a, "/encounterid").filter(|id| is_id(id))?.into(),
                    patient: text(a, "/patientid")?.into(),
                    from: iso(text(a, "/date")).into(),
                    to: None.into(),
                    kind: text(a, "/appointmenttype"),
                    status: text(a, "/encounterstatus"),
                })
            })
            .filter(|e| e.patient == *patient)
            .collect();
        encounters.sort_by(|a, b| b.from.cmp(&a.from));
        Ok(encounters)
    }

    async fn coverages(&self, patient: &Phi<String>) -> Result<Vec<RemoteCoverage>, EmrError> {
        let path = Self::patient_path(patient, "/insurances")?;
        let found = self.list("read insurances", &path, &[], "insurances").await?;
        let read = |i: &Value| {
            Some(RemoteCoverage {
                id: text(i, "/insuranceid")?.into(),
                payer: text(i, "/insuranceplanname").or_else(|| text(i, "/ircname")),
                member_id: text(i, "/insuranceidnumber").into(),
                order: text(i, "/sequencenumber").and_then(|n| n.parse().ok()),
                active: text(i, "/eligibilitystatus").is_none_or(|s| !s.eq_ignore_ascii_case("ineligible")),
            })
        };
        Ok(found.iter().filter_map(read).collect())
    }

    async fn appointments(&self, patient: &Phi<String>) -> Result<Vec<RemoteAppointment>, EmrError> {
        let read = |a: &Value| {
            let (date, time) = (iso(text(a, "/date")), text(a, "/starttime"));
            Some(RemoteAppointment {
                id: text(a, "/appointmentid")?.into(),
                at: date.map(|d| time.map_or(d.clone(), |t| format!("{d} {t}"))).into(),
                kind: text(a, "/appointmenttype"),
                status: text(a, "/appointmentstatus"),
            })
        };
        Ok(self.booked(patient).await?.iter().filter_map(read).collect())
    }

    async fn before(&self, write: &Write) -> Result<Vec<Candidate>, EmrError> {
        match write {
            Write::Claim(claim) => {
                self.claim_form(claim)?;
                let found = self.claims_of_day(claim).await?;
                Ok(found.iter().filter_map(|c| candidate(c, claim)).filter(|c| c.same).collect())
            }
            Write::Note(note) => {
                self.note_form(note)?;
                Ok(vec![])
            }
            Write::Problem(_) => Err(Trouble::Unsupported.into()),
        }
    }

    async fn write(&self, write: &Write) -> Written {
        let (operation, path, form, ids): (_, _, _, &[&str]) = match write {
            Write::Claim(claim) => (
                "create the claim",
                Ok("claims".to_owned()),
                self.claim_form(claim),
                &["/claimids/0", "/claimid"],
            ),
            Write::Note(note) => (
                "upload the note",
                Self::patient_path(&note.patient, "/documents/clinicaldocument"),
                self.note_form(note),
                &["/clinicaldocumentid", "/documentid"],
            ),
            Write::Problem(_) => return Written::Refused(Trouble::Unsupported.into()),
        };
        let ready = path.and_then(|path| Ok((self.url(&path, &[])?, form?)));
        let request_id = self.signed_in.transport.surroundings.token(12);
        let (url, form, request_id) = match ready.and_then(|(url, form)| Ok((url, form, request_id?))) {
            Ok(ready) => ready,
            Err(error) => return Written::Refused(error),
        };
        let sent = self.signed_in.write(|| {
            let mut call = Call::post(operation, url.clone(), FORM, Phi::new(form.clone()));
            call.headers.push(("x-request-id", request_id.clone()));
            call
        });
        written(sent.await, |answer| created(answer, ids))
    }

    async fn read_back(&self, write: &Write, id: &Phi<String>) -> ReadBack {
        let Write::Claim(claim) = write else { return ReadBack::Unreadable };
        if !is_id(id.expose()) {
            return ReadBack::Unreadable;
        }
        let Ok(url) = self.url(&format!("claims/{}", id.expose()), &[]) else { return ReadBack::Unreadable };
        match self.get("read back", url).await {
            Ok(found) => {
                let one = found.get(0).unwrap_or(&found);
                let patient = text(one, "/patientid").is_none_or(|p| p == *claim.patient.expose());
                let same = candidate(one, claim).is_some_and(|c| c.same);
                if patient && same { ReadBack::Confirmed } else { ReadBack::Differs }
            }
            Err(_) => ReadBack::Unreadable,
        }
    }

    async fn look_for(&self, write: &Write) -> Result<Vec<Candidate>, EmrError> {
        match write {
            Write::Claim(claim) => {
                Ok(self.claims_of_day(claim).await?.iter().filter_map(|c| candidate(c, claim)).collect())
            }
            Write::Note(note) => {
                let path = Self::patient_path(&note.patient, "/documents/clinicaldocument")?;
                let asked = [("departmentid", self.department()?), ("limit", "50")];
                let found = self.list("look for the note", &path, &asked, "clinicaldocuments").await?;
                let day = Some(note.date.clone());
                let read = |d: &Value| {
                    let made = iso(text(d, "/observationdate"));
                    (made == day).then_some(())?;
                    Some(Candidate {
                        id: text(d, "/clinicaldocumentid")?.into(),
                        made: iso(text(d, "/createddate")).or(made),
                        says: "A clinical document of that day".to_owned(),
                        same: false,
                    })
                };
                Ok(found.iter().filter_map(read).collect())
            }
            Write::Problem(_) => Err(Trouble::Unsupported.into()),
        }
    }

    async fn probe(&self) -> Vec<Probe> {
        self.checks().await
    }

    async fn reach(&self) -> Vec<Probe> {
        self.reached().await
    }
}

impl AthenaOne {
    async fn booked(&self, patient: &Phi<String>) -> Result<Vec<Value>, EmrError> {
        let today = (self.signed_in.transport.surroundings.now)().to_zoned(jiff::tz::TimeZone::UTC).date();
        let days = |n: i64| today.saturating_add(jiff::Span::new().days(n)).strftime("%m/%d/%Y").to_string();
        let (from, to) = (days(-180), days(30));
        let asked = [
            ("patientid", patient.expose().as_str()),
            ("departmentid", self.department()?),
            ("startdate", from.as_str()),
            ("enddate", to.as_str()),
            ("limit", "100"),
        ];
        self.list("read appointments", "appointments/booked", &asked, "appointments").await
    }
}
