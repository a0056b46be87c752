//! `dictations`: what was handed in, audio or a typed note, and for whom it is billed.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, parse, parse_opt, time, to_json, words};
use iambilly_claim::Phi;
use iambilly_claim::claim::Patient;
use iambilly_claim::ids::{DictationId, RecordingId};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};

words! {
    /// What was handed in.
    DictationKind {
        /// A recording.
        Audio = "audio",
        /// A typed or pasted note.
        Note = "note",
    }
}

/// A dictation on its way to a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Dictation {
    /// Its id.
    pub id: DictationId,
    /// What a person calls it; may well name the patient.
    pub name: Phi<String>,
    /// Audio or note.
    pub kind: DictationKind,
    /// Where its audio is still to be taken from; `None` once it is sealed.
    pub source_path: Option<Phi<String>>,
    /// Its recording.
    pub recording: Option<RecordingId>,
    /// Its typed text.
    pub note_text: Option<Phi<String>>,
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: Date,
    /// The patient, as given.
    pub patient: Option<Patient>,
    /// Providers and facility, as given (JSON object).
    pub provider: Option<serde_json::Value>,
    /// Id of the speech model asked for.
    pub speech_model: Option<String>,
    /// Reader asked for: `rules`, `llm` or `both`.
    pub reader: String,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, kind, recording_id, note_text, payer, dos, patient_json, provider_json, \
                       speech_model, reader, created_at, cancelled_at, source_path";

impl Records<'_> {
    /// Adds a dictation.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_dictation(&self, dictation: &Dictation) -> Result<(), StoreError> {
        let patient =
            dictation.patient.as_ref().map(|p| to_json(p, "dictations.patient_json")).transpose()?;
        let provider =
            dictation.provider.as_ref().map(|p| to_json(p, "dictations.provider_json")).transpose()?;
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO dictations ({COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
            ))?
            .execute(params![
                dictation.id.to_string(),
                dictation.name.expose(),
                dictation.kind.as_str(),
                dictation.recording.map(|id| id.to_string()),
                dictation.note_text.as_ref().map(Phi::expose),
                dictation.payer,
                dictation.dos.to_string(),
                patient,
                provider,
                dictation.speech_model,
                dictation.reader,
                time(dictation.created_at),
                dictation.cancelled_at.map(time),
                dictation.source_path.as_ref().map(Phi::expose),
            ])?;
        Ok(())
    }

    /// A dictation by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictation(&self, id: DictationId) -> Result<Option<Dictation>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM dictations WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// The newest dictations.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictations(&self, limit: u32) -> Result<Vec<Dictation>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM dictations ORDER BY created_at DESC, id DESC LIMIT ?1"
        ))?;
        let rows = statement.query_and_then([limit], read)?;
        rows.collect()
    }

    /// Gives a dictation its sealed recording and forgets where the audio came from.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn attach_recording(&self, id: DictationId, recording: RecordingId) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached("UPDATE dictations SET recording_id = ?2, source_path = NULL WHERE id = ?1")?
            .execute([id.to_string(), recording.to_string()])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "dictation" }) }
    }

    /// Files a dictation under another payer, date, patient and providers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn file_dictation(
        &self,
        id: DictationId,
        payer: &str,
        dos: Date,
        patient: &Patient,
        provider: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let provider = match provider {
            serde_json::Value::Null => None,
            value => Some(to_json(value, "dictations.provider_json")?),
        };
        // A patient of whom nothing is known is none.
        let patient = (*patient != Patient::default())
            .then(|| to_json(patient, "dictations.patient_json"))
            .transpose()?;
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE dictations SET payer = ?2, dos = ?3, patient_json = ?4, provider_json = ?5 WHERE id = ?1",
            )?
            .execute(params![id.to_string(), payer, dos.to_string(), patient, provider])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "dictation" }) }
    }

    /// The dictation of a recording, its first or one that continues it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn dictation_of_recording(&self, recording: RecordingId) -> Result<Option<Dictation>, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM dictations WHERE recording_id = ?1
                 OR id = (SELECT dictation_id FROM continuations WHERE recording_id = ?1)"
            ))?
            .query_row([recording.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// Marks a dictation as cancelled; the first time counts. Its jobs: [`Records::cancel_jobs_of`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn cancel_dictation(&self, id: DictationId, now: Timestamp) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached("UPDATE dictations SET cancelled_at = coalesce(cancelled_at, ?2) WHERE id = ?1")?
            .execute(params![id.to_string(), time(now)])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "dictation" }) }
    }

    /// Takes the cancellation back, for a dictation that is to be worked on after all.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn resume_dictation(&self, id: DictationId) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached("UPDATE dictations SET cancelled_at = NULL WHERE id = ?1")?
            .execute([id.to_string()])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "dictation" }) }
    }

    /// Erases a dictation with its transcripts, claims and jobs. Destroy its recording's key first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn delete_dictation(&self, id: DictationId) -> Result<(), StoreError> {
        let changed =
            self.sql.prepare_cached("DELETE FROM dictations WHERE id = ?1")?.execute([id.to_string()])?;
        // A file with its claims alone does not leave any more.
        self.empty_orphaned_files()?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "dictation" }) }
    }
}

fn read(row: &Row<'_>) -> Result<Dictation, StoreError> {
    let json = |index| row.get::<_, Option<String>>(index);
    Ok(Dictation {
        id: parse(&row.get::<_, String>(0)?, "dictations.id")?,
        name: Phi::new(row.get(1)?),
        kind: parse(&row.get::<_, String>(2)?, "dictations.kind")?,
        recording: parse_opt(json(3)?.as_ref(), "dictations.recording_id")?,
        note_text: json(4)?.map(Phi::new),
        payer: row.get(5)?,
        dos: parse(&row.get::<_, String>(6)?, "dictations.dos")?,
        patient: json(7)?.map(|t| from_json(&t, "dictations.patient_json")).transpose()?,
        provider: json(8)?.map(|t| from_json(&t, "dictations.provider_json")).transpose()?,
        speech_model: row.get(9)?,
        reader: row.get(10)?,
        created_at: parse(&row.get::<_, String>(11)?, "dictations.created_at")?,
        cancelled_at: parse_opt(json(12)?.as_ref(), "dictations.cancelled_at")?,
        source_path: json(13)?.map(Phi::new),
    })
}
