//! The cases of a day, planned and dictated, and the dictations of every other day.

use super::{label, refused, standing, touched};
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use crate::view::{self, DictationView};
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::DictationId;
use iambilly_claim::{Phi, phi};
use iambilly_store::{Dictation, PlannedCase, Records, StoreError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Dictations a day shows, and a page of the history.
const MOST: u32 = 200;
const PAGE: u32 = 50;

/// A case to be planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewCase {
    /// On which day.
    pub day: Date,
    /// `HH:MM`; empty where it is not known.
    #[serde(default)]
    pub at_time: String,
    /// Who.
    pub patient: Patient,
    /// Payer id.
    #[serde(default)]
    pub payer: String,
    /// What is planned, in words; it is a reminder and never evidence.
    #[serde(default, serialize_with = "phi::disclose")]
    pub operation: Phi<String>,
}

/// A case of the day.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    /// Id of what was planned; none for what was dictated without a plan.
    pub case_id: Option<Uuid>,
    /// `HH:MM`; empty where it is not known.
    pub at_time: String,
    /// Who.
    pub patient: Option<Patient>,
    /// "Last, First".
    #[serde(serialize_with = "phi::disclose")]
    pub patient_label: Phi<Option<String>>,
    /// Payer id.
    pub payer: String,
    /// What is planned.
    #[serde(serialize_with = "phi::disclose")]
    pub operation: Phi<String>,
    /// The dictation of it, once there is one.
    pub row: Option<HistoryRow>,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayView {
    /// Which.
    pub day: String,
    /// Its cases by time, then what was dictated without a plan.
    pub cases: Vec<CaseView>,
}

/// A dictation as the physician finds it again.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryRow {
    /// The dictation.
    pub dictation: DictationView,
    /// Questions its claim asks.
    pub questions: u32,
    /// Its note is signed as it is.
    pub signed: bool,
    /// It was signed or added to before, and is to be signed again.
    pub touched: bool,
}

/// A page of the history.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// Its dictations, the newest first.
    pub rows: Vec<HistoryRow>,
    /// What to ask the next page with; none at the end.
    pub next: Option<DictationId>,
}

fn row(r: &Records<'_>, dictation: &Dictation) -> Result<HistoryRow, StoreError> {
    let asked = match r.claim_of(dictation.id)? {
        Some(claim) => r.revision(claim.id, None)?.map_or(0, |revision| revision.coding.queries.len()),
        None => 0,
    };
    let signed = standing(r, dictation)?.is_some();
    Ok(HistoryRow {
        dictation: view::dictation(r, dictation)?,
        questions: u32::try_from(asked).unwrap_or(u32::MAX),
        signed,
        touched: touched(r, dictation.id)?,
    })
}

/// Whether a dictation is of a planned case: of the same patient.
fn is_of(case: &PlannedCase, dictation: &Dictation) -> bool {
    let part = |p: &Phi<Option<String>>| {
        p.expose().as_deref().map(|t| t.trim().to_lowercase()).filter(|t| !t.is_empty())
    };
    let Some(patient) = &dictation.patient else { return false };
    match (part(&case.patient.id), part(&patient.id)) {
        (Some(a), Some(b)) => a == b,
        _ => {
            part(&case.patient.last).is_some()
                && part(&case.patient.last) == part(&patient.last)
                && part(&case.patient.first) == part(&patient.first)
        }
    }
}

fn read(r: &Records<'_>, day: Date) -> Result<DayView, StoreError> {
    let mut dictated: Vec<Option<Dictation>> =
        r.dictations_served(day, MOST)?.into_iter().map(Some).collect();
    let mut cases = vec![];
    for case in r.planned_cases(day)? {
        let found = dictated.iter_mut().find(|d| d.as_ref().is_some_and(|d| is_of(&case, d)));
        let of = found.and_then(Option::take);
        cases.push(CaseView {
            case_id: Some(case.id),
            at_time: case.at_time,
            patient_label: label(Some(&case.patient)),
            patient: Some(case.patient),
            payer: case.payer,
            operation: case.operation,
            row: of.map(|d| row(r, &d)).transpose()?,
        });
    }
    for dictation in dictated.into_iter().flatten() {
        cases.push(CaseView {
            case_id: None,
            at_time: String::new(),
            patient_label: label(dictation.patient.as_ref()),
            patient: dictation.patient.clone(),
            payer: dictation.payer.clone(),
            operation: Phi::default(),
            row: Some(row(r, &dictation)?),
        });
    }
    Ok(DayView { day: day.to_string(), cases })
}

impl Session {
    /// The cases of a day.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn day(&self, day: Date) -> Result<DayView, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.note_view("day.viewed", "cases").await?;
        self.store(move |s| s.read(|r| read(r, day))).await
    }

    /// Plans a case.
    ///
    /// # Errors
    /// `case_invalid`.
    pub async fn plan_case(&self, new: NewCase) -> Result<DayView, AppError> {
        self.allow(Action::FileDictation).await?;
        let said = |p: &Phi<Option<String>>| p.expose().as_deref().is_some_and(|t| !t.trim().is_empty());
        let time = new.at_time.trim();
        let on_time = time.is_empty() || time.parse::<jiff::civil::Time>().is_ok();
        if !on_time
            || !(said(&new.patient.last) || said(&new.patient.id))
            || new.operation.expose().chars().count() > 400
        {
            return Err(refused(
                "case_invalid",
                "A case needs a patient, and a time such as 07:30 or none.",
                "Choose the patient; what is planned has at most 400 characters.",
            ));
        }
        let (now, by, day) = ((self.surroundings.now)(), self.by(), new.day);
        let case = PlannedCase {
            id: self.surroundings.id(),
            day,
            at_time: time.to_owned(),
            patient: new.patient,
            payer: new.payer,
            operation: new.operation,
            actor: by.to_string(),
            created_at: now,
        };
        self.store(move |s| {
            s.write(|r| {
                r.plan_case(&case)?;
                r.append_audit(&by, "case.planned", &case.id.to_string(), now)?;
                read(r, day)
            })
        })
        .await
    }

    /// Takes a planned case away; what was dictated of it stays.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn drop_case(&self, id: Uuid) -> Result<(), AppError> {
        self.allow(Action::FileDictation).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.drop_case(id)?;
                r.append_audit(&by, "case.dropped", &id.to_string(), now).map(drop)
            })
        })
        .await
    }

    /// Dictations with all these words in their name, patient, payer or date, the newest first; only those of no patient
    /// where `unfiled` says so. `after` is where the page before ended.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn history(
        &self,
        words: Phi<String>,
        unfiled: bool,
        after: Option<DictationId>,
    ) -> Result<HistoryPage, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.note_view("dictations.listed", "dictations").await?;
        self.store(move |s| {
            s.read(|r| {
                let mut found = r.dictation_history(&words, unfiled, after, PAGE + 1)?;
                let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
                let more = found.len() > most;
                found.truncate(most);
                let next = found.last().filter(|_| more).map(|d| d.id);
                let rows = found.iter().map(|d| row(r, d)).collect::<Result<_, _>>()?;
                Ok(HistoryPage { rows, next })
            })
        })
        .await
    }
}
