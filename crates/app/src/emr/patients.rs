//! Patients looked up as somebody types: what was seen before at once, with its age, then the EMR; and which patient of
//! an EMR the clinic's patient is.

use super::matching::{Match, compare};
use super::refused;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use iambilly_emr::{PatientQuery, RemoteEncounter, RemotePatient};
use iambilly_store::{EmrPatientRow, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A patient that was found.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundPatient {
    /// As the EMR has them.
    pub patient: RemotePatient,
    /// When the EMR showed them.
    pub seen_at: Timestamp,
    /// Seconds since then.
    pub age_seconds: i64,
    /// Whether another that was found has the same name and date of birth: compare before choosing.
    pub double: bool,
}

/// What a look-up found.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "EmrLooked")]
#[serde(rename_all = "camelCase")]
pub struct Looked {
    /// Patients.
    pub patients: Vec<FoundPatient>,
    /// Whether the EMR answered, or this is what was seen before.
    pub fresh: bool,
}

/// Words a patient is found by, in lower case.
fn words(patient: &RemotePatient) -> Phi<String> {
    let parts = [&patient.last, &patient.first, &patient.birth_date, &patient.record_number];
    let all: Vec<String> = parts.iter().filter_map(|p| p.expose().clone()).collect();
    Phi::new(all.join(" ").to_lowercase())
}

fn found(mut patients: Vec<(RemotePatient, Timestamp)>, now: Timestamp) -> Vec<FoundPatient> {
    let key = |p: &RemotePatient| {
        let text = |t: &Phi<Option<String>>| t.expose().clone().unwrap_or_default().to_lowercase();
        (text(&p.last), text(&p.first), text(&p.birth_date))
    };
    // Records that are no longer used come last.
    patients.sort_by_key(|(p, _)| (p.inactive, key(p)));
    let keys: Vec<_> = patients.iter().map(|(p, _)| key(p)).collect();
    let double = |of: &RemotePatient| keys.iter().filter(|k| **k == key(of)).count() > 1;
    patients
        .into_iter()
        .map(|(patient, seen_at)| FoundPatient {
            double: double(&patient),
            age_seconds: (now.as_second() - seen_at.as_second()).max(0),
            patient,
            seen_at,
        })
        .collect()
}

impl Session {
    /// Patients seen before, at once; with their age.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn emr_patients_seen(&self, id: Uuid, typed: Phi<String>) -> Result<Looked, AppError> {
        self.allow(Action::ViewMaster).await?;
        let query = PatientQuery::typed(typed.expose());
        let parts = [query.last, query.first, query.birth_date, query.identifier];
        let asked: Vec<Phi<String>> = parts
            .into_iter()
            .filter_map(Phi::into_exposed)
            .flat_map(|p| p.split(' ').map(|w| Phi::new(w.to_lowercase())).collect::<Vec<_>>())
            .collect();
        let rows = match asked.is_empty() {
            true => vec![],
            false => self.store(move |s| s.read(|r| r.emr_patients(id, &asked))).await?,
        };
        let read = |row: EmrPatientRow| Some((serde_json::from_str(row.json.expose()).ok()?, row.seen_at));
        let now = (self.surroundings.now)();
        Ok(Looked { patients: found(rows.into_iter().filter_map(read).collect(), now), fresh: false })
    }

    /// A patient of the EMR as it last showed them; none where this machine has not seen them.
    pub(super) async fn emr_patient_kept(
        &self,
        id: Uuid,
        remote: &Phi<String>,
    ) -> Result<Option<FoundPatient>, AppError> {
        let remote = remote.clone();
        let row = self.store(move |s| s.read(|r| r.emr_patient(id, &remote))).await?;
        let read = |row: EmrPatientRow| Some((serde_json::from_str(row.json.expose()).ok()?, row.seen_at));
        let now = (self.surroundings.now)();
        Ok(found(row.and_then(read).into_iter().collect(), now).into_iter().next())
    }

    /// Patients in the EMR; what it shows is kept. Each look into the EMR is in the audit.
    ///
    /// # Errors
    /// What the EMR answers.
    pub async fn emr_search(&self, id: Uuid, typed: Phi<String>) -> Result<Looked, AppError> {
        self.allow(Action::ViewMaster).await?;
        let query = PatientQuery::typed(typed.expose());
        if query.is_empty() {
            return Ok(Looked { patients: vec![], fresh: true });
        }
        let connected = self.emr_connected(id).await?;
        let answer = connected.adapter.search_patients(&query).await;
        self.emr_note(&connected).await?;
        let answer = answer?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let rows: Vec<(EmrPatientRow, Phi<String>)> = answer
            .iter()
            .filter_map(|patient| {
                let json = Phi::new(serde_json::to_string(patient).ok()?);
                Some((EmrPatientRow { remote_id: patient.id.clone(), json, seen_at: now }, words(patient)))
            })
            .collect();
        self.store(move |s| {
            s.write(|r| {
                rows.iter().try_for_each(|(row, words)| r.keep_emr_patient(id, row, words))?;
                r.append_audit(&by, "emr.patients_searched", &id.to_string(), now).map(drop)
            })
        })
        .await?;
        Ok(Looked { patients: found(answer.into_iter().map(|p| (p, now)).collect(), now), fresh: true })
    }

    /// The encounters of a patient of the EMR, newest first.
    ///
    /// # Errors
    /// What the EMR answers; `emr_break_the_glass` is not asked again.
    pub async fn emr_encounters(
        &self,
        id: Uuid,
        remote: Phi<String>,
    ) -> Result<Vec<RemoteEncounter>, AppError> {
        self.allow(Action::ViewMaster).await?;
        let connected = self.emr_connected(id).await?;
        let answer = connected.adapter.encounters(&remote).await;
        self.emr_note(&connected).await?;
        let found = answer?;
        self.note("emr.encounters_read", &id.to_string()).await?;
        Ok(found)
    }

    /// Notes which patient of an EMR a claim's patient is.
    ///
    /// # Errors
    /// `emr_patient_differs` when the dates of birth do not agree; `emr_patient_unsure` when something else does not and
    /// nobody is `sure` of it; `emr_patient_numberless`; `not_allowed_now` when the EMR's patient is another of the clinic's
    /// already.
    pub async fn link_emr(
        &self,
        id: Uuid,
        claim: ClaimId,
        remote: Phi<String>,
        sure: bool,
    ) -> Result<(), AppError> {
        self.allow(Action::ChangeMaster).await?;
        let revision = self
            .store(move |s| s.read(|r| r.revision(claim, None)))
            .await?
            .ok_or(StoreError::NotFound { what: "claim" })?;
        let patient = revision.claim.patient;
        let ours = patient.id.expose().clone().filter(|n| !n.trim().is_empty()).ok_or_else(|| {
            refused(
                "emr_patient_numberless",
                "The claim's patient has no number of the clinic's.",
                "Give the patient a number in the claim or in the master data.",
            )
        })?;
        let connected = self.emr_connected(id).await?;
        let answer = connected.adapter.patient(&remote).await;
        self.emr_note(&connected).await?;
        match compare(&patient, &answer?) {
            Match::Same => {}
            Match::Other => {
                return Err(refused(
                    "emr_patient_differs",
                    "The date of birth in the EMR is another one.",
                    "Choose another patient, or correct the date of birth where it is wrong.",
                ));
            }
            Match::Unsure(why) if !sure => {
                return Err(refused(
                    "emr_patient_unsure",
                    format!("It may be somebody else: {}.", why.join(", ")),
                    "Compare record number, address and telephone; then say that it is the same person, or choose another.",
                ));
            }
            Match::Unsure(_) => {}
        }
        let (by, now) = (self.by(), (self.surroundings.now)());
        self.store(move |s| {
            s.write(|r| {
                r.link_emr_patient(id, &Phi::new(ours), &remote, &by, now)?;
                let action = if sure { "emr.patient_linked_by_hand" } else { "emr.patient_linked" };
                r.append_audit(&by, action, &claim.to_string(), now).map(drop)
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::{found, words};
    use iambilly_emr::RemotePatient;

    #[test]
    fn doubles_are_told_and_what_is_no_longer_used_comes_last() {
        let patient = |id: &str, first: &str, inactive| RemotePatient {
            id: id.into(),
            last: Some("Exampleby".to_owned()).into(),
            first: Some(first.to_owned()).into(),
            birth_date: Some("1960-05-04".to_owned()).into(),
            inactive,
            ..RemotePatient::default()
        };
        let now: jiff::Timestamp = "2026-11-22T09:30:00Z".parse().unwrap();
        let seen = now - jiff::SignedDuration::from_secs(90);
        let all = [patient("1", "Ada", true), patient("2", "ADA", false), patient("3", "Bea", false)];
        let found = found(all.into_iter().map(|p| (p, seen)).collect(), now);
        let order: Vec<(&str, bool)> =
            found.iter().map(|f| (f.patient.id.expose().as_str(), f.double)).collect();
        assert_eq!(order, [("2", true), ("3", false), ("1", true)]);
        assert_eq!(found[0].age_seconds, 90);
        assert_eq!(words(&found[0].patient).expose(), "exampleby ada 1960-05-04");
    }
}
