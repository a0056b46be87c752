//! `emr_patients` and `emr_links`: patients as an EMR last showed them, and whose patient each one is.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time};
use iambilly_claim::Phi;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

/// A patient as an EMR last showed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmrPatientRow {
    /// The EMR's id.
    pub remote_id: Phi<String>,
    /// The patient as JSON.
    pub json: Phi<String>,
    /// When.
    pub seen_at: Timestamp,
}

impl Records<'_> {
    /// Keeps what an EMR showed of a patient; `words` is what they are found by.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_emr_patient(
        &self,
        connection: Uuid,
        row: &EmrPatientRow,
        words: &Phi<String>,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO emr_patients (connection, remote_id, words, json, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (connection, remote_id) DO UPDATE SET words = ?3, json = ?4, seen_at = ?5",
            )?
            .execute(params![
                connection.to_string(),
                row.remote_id.expose(),
                words.expose(),
                row.json.expose(),
                time(row.seen_at)
            ])?;
        Ok(())
    }

    /// One patient as last shown.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_patient(
        &self,
        connection: Uuid,
        remote_id: &Phi<String>,
    ) -> Result<Option<EmrPatientRow>, StoreError> {
        let row = self
            .sql
            .prepare_cached(
                "SELECT json, seen_at FROM emr_patients WHERE connection = ?1 AND remote_id = ?2",
            )?
            .query_row(params![connection.to_string(), remote_id.expose()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .optional()?;
        let Some((json, seen_at)) = row else { return Ok(None) };
        let seen_at = parse(&seen_at, "emr_patients.seen_at")?;
        Ok(Some(EmrPatientRow { remote_id: remote_id.clone(), json: Phi::new(json), seen_at }))
    }

    /// Patients as last shown, who have every one of some words (in lower case).
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_patients(
        &self,
        connection: Uuid,
        words: &[Phi<String>],
    ) -> Result<Vec<EmrPatientRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT remote_id, json, seen_at, words FROM emr_patients WHERE connection = ?1 ORDER BY words LIMIT 20000",
        )?;
        let mut rows = statement.query([connection.to_string()])?;
        let mut found = vec![];
        while let Some(row) = rows.next()? {
            let known: String = row.get(3)?;
            // Each word typed is the beginning of a word known.
            if !words.iter().all(|w| known.split(' ').any(|k| k.starts_with(w.expose().as_str()))) {
                continue;
            }
            found.push(EmrPatientRow {
                remote_id: Phi::new(row.get(0)?),
                json: Phi::new(row.get(1)?),
                seen_at: parse(&row.get::<_, String>(2)?, "emr_patients.seen_at")?,
            });
            if found.len() >= 50 {
                break;
            }
        }
        Ok(found)
    }

    /// Notes which patient of an EMR the clinic's patient is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the EMR's patient is another of the clinic's already.
    pub fn link_emr_patient(
        &self,
        connection: Uuid,
        patient: &Phi<String>,
        remote: &Phi<String>,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let taken: Option<String> = self
            .sql
            .prepare_cached("SELECT patient FROM emr_links WHERE connection = ?1 AND remote_id = ?2")?
            .query_row(params![connection.to_string(), remote.expose()], |row| row.get(0))
            .optional()?;
        if taken.is_some_and(|other| other != *patient.expose()) {
            return Err(StoreError::Conflict {
                what: "the EMR's patient is linked to another patient of the clinic already",
            });
        }
        self.sql
            .prepare_cached(
                "INSERT INTO emr_links VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (connection, patient) DO UPDATE SET remote_id = ?3, actor = ?4, linked_at = ?5",
            )?
            .execute(params![connection.to_string(), patient.expose(), remote.expose(), actor, time(now)])?;
        Ok(())
    }

    /// The EMR's id of the clinic's patient.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_link(
        &self,
        connection: Uuid,
        patient: &Phi<String>,
    ) -> Result<Option<Phi<String>>, StoreError> {
        let found = self
            .sql
            .prepare_cached("SELECT remote_id FROM emr_links WHERE connection = ?1 AND patient = ?2")?
            .query_row(params![connection.to_string(), patient.expose()], |row| row.get(0))
            .optional()?;
        Ok(found.map(Phi::new))
    }
}
