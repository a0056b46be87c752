//! FHIR R4: any server, Epic, athenaPractice and CureMD, which differ in what they take.

use super::signed_in::SignedIn;
use crate::adapter::Adapter;
use crate::auth::TokenKeeper;
use crate::capability::{Capability, Support, Vendor};
use crate::config::{ConnectionConfig, Secrets};
use crate::error::{EmrError, Trouble};
use crate::fhir::{self, is_id, page};
use crate::probe::Probe;
use crate::record::{PatientQuery, RemoteAppointment, RemoteCoverage, RemoteEncounter, RemotePatient};
use crate::transport::{Call, Transport, read_json};
use crate::write::{Candidate, ReadBack, Write, Written};
use async_trait::async_trait;
use iambilly_claim::Phi;
use serde_json::Value;
use url::Url;

const FHIR_JSON: &str = "application/fhir+json";
/// Pages that are followed at most; a search that needs more is too wide.
const PAGES: usize = 10;

pub(super) struct FhirAdapter {
    pub(super) config: ConnectionConfig,
    pub(super) base: Url,
    pub(super) signed_in: SignedIn,
}

impl FhirAdapter {
    pub(super) fn new(
        config: ConnectionConfig,
        secrets: Secrets,
        transport: Transport,
    ) -> Result<Self, EmrError> {
        let base = config.base()?;
        let tokens = TokenKeeper::new(config.clone(), secrets);
        Ok(Self { config, base, signed_in: SignedIn { transport, tokens } })
    }

    /// An address below the base.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, EmrError> {
        let mut url = self.base.join(path).map_err(|_| Trouble::Address)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// The address of a resource by its id.
    pub(super) fn resource(&self, kind: &str, id: &str) -> Result<Url, EmrError> {
        if is_id(id) { self.url(&format!("{kind}/{id}"), &[]) } else { Err(Trouble::NotFound.into()) }
    }

    pub(super) fn call(operation: &'static str, url: Url) -> Call {
        Call { accept: FHIR_JSON, ..Call::get(operation, url) }
    }

    pub(super) async fn get(&self, operation: &'static str, url: Url) -> Result<Value, EmrError> {
        read_json(&self.signed_in.read(|| Self::call(operation, url.clone())).await?)
    }

    /// Every resource of a type that a search finds. A list that the server drops while it is read is begun anew, once.
    pub(super) async fn search(
        &self,
        operation: &'static str,
        kind: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, EmrError> {
        let first = self.url(kind, query)?;
        match self.pages(operation, kind, first.clone()).await {
            Err(error) if error.trouble == Trouble::PagingExpired => self.pages(operation, kind, first).await,
            found => found,
        }
    }

    async fn pages(&self, operation: &'static str, kind: &str, first: Url) -> Result<Vec<Value>, EmrError> {
        let mut all = vec![];
        let mut next = Some(first);
        for _ in 0..PAGES {
            let Some(url) = next else { return Ok(all) };
            let bundle = self.get(operation, url.clone()).await?;
            let (found, more) = page(&bundle, kind, &url)?;
            all.extend(found);
            next = more;
        }
        if next.is_some() { Err(Trouble::TooMany.into()) } else { Ok(all) }
    }

    fn supported(&self, capability: Capability) -> Result<(), EmrError> {
        if self.support(capability) == Support::Yes { Ok(()) } else { Err(Trouble::Unsupported.into()) }
    }
}

/// Whether a patient fits what was looked for: a server that ignores a parameter it does not know answers with anybody.
fn fits(query: &PatientQuery, found: &RemotePatient) -> bool {
    let birth = match (query.birth_date.expose(), found.birth_date.expose()) {
        (Some(asked), Some(there)) => asked == there,
        _ => true,
    };
    let name = match (query.last.expose(), found.last.expose()) {
        (Some(asked), Some(there)) if asked.is_ascii() && there.is_ascii() => {
            there.to_ascii_lowercase().contains(&asked.to_ascii_lowercase())
        }
        _ => true,
    };
    birth && name
}

#[async_trait]
impl Adapter for FhirAdapter {
    fn vendor(&self) -> Vendor {
        self.config.vendor
    }

    async fn search_patients(&self, query: &PatientQuery) -> Result<Vec<RemotePatient>, EmrError> {
        let mut asked: Vec<(&str, &str)> = vec![];
        let parts = [
            ("identifier", &query.identifier),
            ("family", &query.last),
            ("given", &query.first),
            ("birthdate", &query.birth_date),
        ];
        for (name, value) in parts {
            if let Some(value) = value.expose() {
                asked.push((name, value));
            }
        }
        if query.is_empty() {
            return Ok(vec![]);
        }
        asked.push(("_count", "50"));
        let found = self.search("search patients", "Patient", &asked).await?;
        Ok(found.iter().filter_map(fhir::patient).filter(|p| fits(query, p)).collect())
    }

    async fn patient(&self, id: &Phi<String>) -> Result<RemotePatient, EmrError> {
        let found = self.get("read a patient", self.resource("Patient", id.expose())?).await?;
        fhir::expect(&found, "Patient")?;
        fhir::patient(&found).ok_or_else(|| Trouble::Unexpected.into())
    }

    async fn encounters(&self, patient: &Phi<String>) -> Result<Vec<RemoteEncounter>, EmrError> {
        let asked = [("patient", patient.expose().as_str()), ("_count", "50")];
        let found = self.search("read encounters", "Encounter", &asked).await?;
        // Another patient's encounter is not shown, whatever the server answers.
        let mut found: Vec<RemoteEncounter> =
            found.iter().filter_map(fhir::encounter).filter(|e| e.patient == *patient).collect();
        found.sort_by(|a, b| b.from.cmp(&a.from));
        Ok(found)
    }

    async fn coverages(&self, patient: &Phi<String>) -> Result<Vec<RemoteCoverage>, EmrError> {
        let asked = [("patient", patient.expose().as_str())];
        let found = self.search("read insurances", "Coverage", &asked).await?;
        Ok(found.iter().filter_map(fhir::coverage).collect())
    }

    async fn appointments(&self, patient: &Phi<String>) -> Result<Vec<RemoteAppointment>, EmrError> {
        let asked = [("patient", patient.expose().as_str())];
        let found = self.search("read appointments", "Appointment", &asked).await?;
        Ok(found.iter().filter_map(fhir::appointment).collect())
    }

    async fn before(&self, write: &Write) -> Result<Vec<Candidate>, EmrError> {
        let encounter = match write {
            Write::Note(note) => {
                self.supported(Capability::NoteWrite)?;
                if note.encounter.expose().is_none() && self.config.vendor == Vendor::Epic {
                    return Err(Trouble::NoEncounter.into());
                }
                &note.encounter
            }
            Write::Problem(problem) => {
                self.supported(Capability::ProblemWrite)?;
                &problem.encounter
            }
            Write::Claim(_) => return Err(Trouble::Unsupported.into()),
        };
        if let Some(id) = encounter.expose() {
            let found = self.get("check the encounter", self.resource("Encounter", id)?).await?;
            fhir::expect(&found, "Encounter")?;
            let found = fhir::encounter(&found).ok_or(Trouble::Unexpected)?;
            if found.patient != *write.patient() {
                return Err(Trouble::WrongPatient.into());
            }
        }
        match write {
            // The list may have it from another operation, or from somebody there: a second one is not put beside it.
            Write::Problem(_) => match self.candidates(write).await {
                // Who may not read the list may write to it all the same.
                Err(error)
                    if matches!(
                        error.trouble,
                        Trouble::NotGranted | Trouble::Forbidden | Trouble::Refused | Trouble::NotFound
                    ) =>
                {
                    Ok(vec![])
                }
                found => found,
            },
            _ => Ok(vec![]),
        }
    }

    async fn write(&self, write: &Write) -> Written {
        self.post(write).await
    }

    async fn read_back(&self, write: &Write, id: &Phi<String>) -> ReadBack {
        self.compare(write, id).await.unwrap_or(ReadBack::Unreadable)
    }

    async fn look_for(&self, write: &Write) -> Result<Vec<Candidate>, EmrError> {
        self.candidates(write).await
    }

    async fn probe(&self) -> Vec<Probe> {
        self.checks().await
    }

    async fn reach(&self) -> Vec<Probe> {
        self.reached().await
    }

    fn fresh_refresh_token(&self) -> Option<secrecy::SecretString> {
        self.signed_in.tokens.fresh_refresh()
    }
}
