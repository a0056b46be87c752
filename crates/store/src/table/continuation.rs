//! `continuations` and `recognitions`: the recordings of a dictation in order, and what was recognised in each.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::recording::{Recording, qualified, read};
use crate::table::{from_json, to_json};
use iambilly_claim::ids::{DictationId, RecordingId};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Records<'_> {
    /// Adds a recording to the end of a dictation that has one already.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is nothing to continue.
    pub fn continue_dictation(&self, id: DictationId, with: RecordingId) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "INSERT INTO continuations (recording_id, dictation_id, number)
                 SELECT ?2, id, 1 + coalesce((SELECT max(number) FROM continuations WHERE dictation_id = ?1), 1)
                 FROM dictations WHERE id = ?1 AND recording_id IS NOT NULL",
            )?
            .execute([id.to_string(), with.to_string()])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "recording" }) }
    }

    /// Takes a recording out of the dictation it continued; `false` when it continued none.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_continuation(&self, recording: RecordingId) -> Result<bool, StoreError> {
        let changed = self
            .sql
            .prepare_cached("DELETE FROM continuations WHERE recording_id = ?1")?
            .execute([recording.to_string()])?;
        Ok(changed == 1)
    }

    /// The recordings of a dictation in the order they were spoken, in whatever state.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recordings_of(&self, dictation: DictationId) -> Result<Vec<Recording>, StoreError> {
        let columns = qualified("r");
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {columns}, 1 AS number FROM dictations d JOIN recordings r ON r.id = d.recording_id
             WHERE d.id = ?1
             UNION ALL
             SELECT {columns}, c.number FROM continuations c JOIN recordings r ON r.id = c.recording_id
             WHERE c.dictation_id = ?1
             ORDER BY number"
        ))?;
        let rows = statement.query_and_then([dictation.to_string()], read)?;
        rows.collect()
    }

    /// Keeps what a model recognised in a whole recording.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_recognition<T: Serialize>(
        &self,
        recording: RecordingId,
        model: &str,
        recognised: &T,
    ) -> Result<(), StoreError> {
        let json = to_json(recognised, "recognitions.json")?;
        self.sql
            .prepare_cached(
                "INSERT INTO recognitions (recording_id, model, json) VALUES (?1, ?2, ?3)
                 ON CONFLICT (recording_id, model) DO UPDATE SET json = excluded.json",
            )?
            .execute(params![recording.to_string(), model, json])?;
        Ok(())
    }

    /// What a model recognised in a whole recording.
    ///
    /// # Errors
    /// When it does not have the expected shape.
    pub fn recognition<T: DeserializeOwned>(
        &self,
        recording: RecordingId,
        model: &str,
    ) -> Result<Option<T>, StoreError> {
        let json: Option<String> = self
            .sql
            .prepare_cached("SELECT json FROM recognitions WHERE recording_id = ?1 AND model = ?2")?
            .query_row([&recording.to_string(), model], |row| row.get(0))
            .optional()?;
        json.map(|text| from_json(&text, "recognitions.json")).transpose()
    }
}
