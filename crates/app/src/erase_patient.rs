//! Erasing all of one patient: dictations with everything made of them, master data, what EMRs showed; ids stay in the audit.

use crate::erase::Erased;
use crate::error::AppError;
use crate::hold::held;
use crate::master::{Record, chart, person};
use crate::people::Action;
use crate::queue::forget_views_of;
use crate::session::Session;
use iambilly_claim::Phi;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{DictationId, MasterId};
use iambilly_store::{MasterRow, Records, StoreError};

/// Everything that is one patient's.
#[derive(Default)]
struct Theirs {
    /// Numbers of theirs, as they were filed.
    charts: Vec<Phi<String>>,
    /// Records in the master data, doubles that were merged included.
    records: Vec<MasterRow>,
    /// Family name, given name and birth date, where a record knows all three.
    people: Vec<String>,
    dictations: Vec<DictationId>,
    /// Words of their names and numbers in lower case.
    words: Vec<Phi<String>>,
    held: bool,
}

impl Theirs {
    /// By the clinic's number of the patient, or by the id of a record in the master data.
    fn of(r: &Records<'_>, given: &Phi<String>) -> Result<Self, StoreError> {
        let mut theirs = Self { charts: vec![given.clone()], ..Self::default() };
        let named = given.expose().trim().parse::<MasterId>().ok();
        theirs.records = match named.map(|id| r.patient_and_doubles(id)).transpose()? {
            Some(family) if !family.is_empty() => family,
            // The index knows numbers without their punctuation, where 1-23 is 12-3: the wrong one must not go.
            _ => {
                let mut found = vec![];
                for row in r.patients_known_as("chart", &chart(given.expose()))? {
                    if same(&known(&row)?.id, given) {
                        found.extend(r.patient_and_doubles(row.id)?);
                    }
                }
                found.sort_by_key(|row| row.id);
                found.dedup_by_key(|row| row.id);
                found
            }
        };
        for row in &theirs.records {
            let patient = known(row)?;
            theirs.words.extend(words(&patient));
            theirs.people.extend(person(&patient));
            theirs.charts.extend(patient.id.into_exposed().map(Phi::new));
        }
        for (dictation, patient) in r.patients_of_dictations()? {
            let is_theirs = match patient.id.expose() {
                Some(_) => theirs.charts.iter().any(|chart| same(&patient.id, chart)),
                // Without a number of their own only the whole of name and birth date says who it is.
                None => person(&patient).is_some_and(|who| theirs.people.contains(&who)),
            };
            if is_theirs {
                theirs.held |= r.is_held(dictation)?;
                theirs.words.extend(words(&patient));
                theirs.dictations.push(dictation);
            }
        }
        Ok(theirs)
    }
}

fn same(number: &Phi<Option<String>>, other: &Phi<String>) -> bool {
    number.expose().as_ref().is_some_and(|n| n.trim() == other.expose().trim())
}

fn words(patient: &Patient) -> Vec<Phi<String>> {
    let said = [&patient.id, &patient.last, &patient.first, &patient.member_id];
    let said = said.into_iter().filter_map(|t| t.expose().as_deref());
    let all = said.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    all.filter(|w| w.chars().count() > 2).map(|w| Phi::new(w.to_lowercase())).collect()
}

fn known(row: &MasterRow) -> Result<Patient, StoreError> {
    match Record::stored(row.kind, row.data.clone().into_exposed()) {
        Ok(Record::Patient(known)) => Ok(known.patient),
        _ => Err(StoreError::Malformed { column: "master_records.json" }),
    }
}

impl Session {
    /// Erases all of a patient, or where one of their dictations is under legal hold nothing: dictations, recordings,
    /// transcripts, claims with revisions, comments and answers, what waits in the outboxes, the record in the master data
    /// with its coverages, and what EMRs showed of them. `patient` is the clinic's number of them or the id of their record.
    ///
    /// # Errors
    /// `legal_hold`, `file_waits`, `not_found` where nothing is known of them, those of [`Session::erase_dictation`].
    pub async fn erase_patient(&self, patient: Phi<String>) -> Result<Erased, AppError> {
        self.allow(Action::Erase).await?;
        let theirs = self.store(move |s| s.read(|r| Theirs::of(r, &patient))).await?;
        if theirs.held {
            for one in &theirs.dictations {
                self.note("dictation.erase_refused", &one.to_string()).await?;
            }
            return Err(held());
        }
        if theirs.dictations.is_empty() && theirs.records.is_empty() {
            return Err(StoreError::NotFound { what: "patient" }.into());
        }
        self.refuse_waiting(theirs.dictations.clone()).await?;
        let mut recordings = vec![];
        for one in theirs.dictations {
            recordings.extend(self.erase_rows(one).await?);
        }
        // Last, so that an erasure that was cut off finds the rest by the same number.
        let (now, by) = ((self.surroundings.now)(), self.by());
        let (charts, words) = (theirs.charts, theirs.words);
        let ids: Vec<MasterId> = theirs.records.iter().map(|row| row.id).collect();
        let records = ids.clone();
        self.store(move |s| {
            s.write(|r| {
                for chart in &charts {
                    r.forget_emr_patient(chart.expose())?;
                    r.forget_planned_patient(chart.expose())?;
                }
                r.forget_typed(&words)?;
                r.erase_patients(&ids)?;
                forget_views_of(r, &words)?;
                for id in &ids {
                    r.append_audit(&by, "patient.erased", &id.to_string(), now)?;
                }
                Ok(())
            })
        })
        .await?;
        self.erased(recordings, records).await
    }
}
