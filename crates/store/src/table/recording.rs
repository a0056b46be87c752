//! `recordings`: one sealed audio file each, with the wrapped key that opens it.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{integer, parse, time, unsigned, words};
use iambilly_claim::ids::RecordingId;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

words! {
    /// How far a recording is.
    RecordingState {
        /// Being written.
        Sealing = "sealing",
        /// Complete.
        Sealed = "sealed",
        /// Cut off; what is there can be used.
        Torn = "torn",
        /// Its key is destroyed.
        Erased = "erased",
    }
}

/// A recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its id, which is also bound into the sealed file.
    pub id: RecordingId,
    /// Name of the sealed file in the audio folder (made from the id, never from a patient's name).
    pub file_name: String,
    /// The wrapped key as text; `None` once erased.
    pub wrapped_key: Option<String>,
    /// Samples per second and channel, as recorded.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u16,
    /// Sample frames (one sample of every channel).
    pub frames: u64,
    /// Length in milliseconds.
    pub duration_ms: u64,
    /// How far it is.
    pub state: RecordingState,
    /// When it began.
    pub created_at: Timestamp,
}

const COLUMNS: &str =
    "id, file_name, wrapped_key, sample_rate, channels, frames, duration_ms, state, created_at";

/// The columns that [`read`] wants, of a table that a join calls `alias`.
pub(crate) fn qualified(alias: &str) -> String {
    COLUMNS.split(", ").map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ")
}

impl Records<'_> {
    /// Adds a recording.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_recording(&self, recording: &Recording) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO recordings ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute(params![
                recording.id.to_string(),
                recording.file_name,
                recording.wrapped_key,
                recording.sample_rate,
                recording.channels,
                integer(recording.frames, "recordings.frames")?,
                integer(recording.duration_ms, "recordings.duration_ms")?,
                recording.state.as_str(),
                time(recording.created_at),
            ])?;
        Ok(())
    }

    /// A recording by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recording(&self, id: RecordingId) -> Result<Option<Recording>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM recordings WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// Recordings in a state, oldest first; at start-up those still `sealing` were cut off.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recordings_in(&self, state: RecordingState) -> Result<Vec<Recording>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM recordings WHERE state = ?1 ORDER BY created_at, id"
        ))?;
        let rows = statement.query_and_then([state.as_str()], read)?;
        rows.collect()
    }

    /// Notes that a recording ended: complete or torn, and how long it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn end_recording(
        &self,
        id: RecordingId,
        state: RecordingState,
        frames: u64,
        duration_ms: u64,
    ) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE recordings SET state = ?2, frames = ?3, duration_ms = ?4
                 WHERE id = ?1 AND state <> 'erased'",
            )?
            .execute(params![
                id.to_string(),
                state.as_str(),
                integer(frames, "recordings.frames")?,
                integer(duration_ms, "recordings.duration_ms")?,
            ])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "recording" }) }
    }

    /// Destroys a recording's key, so that what is on disk can never be read again, and the words heard in it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn erase_recording(&self, id: RecordingId) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached("UPDATE recordings SET wrapped_key = NULL, state = 'erased' WHERE id = ?1")?
            .execute([id.to_string()])?;
        self.sql
            .prepare_cached("DELETE FROM recognitions WHERE recording_id = ?1")?
            .execute([id.to_string()])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "recording" }) }
    }
}

pub(crate) fn read(row: &Row<'_>) -> Result<Recording, StoreError> {
    Ok(Recording {
        id: parse(&row.get::<_, String>(0)?, "recordings.id")?,
        file_name: row.get(1)?,
        wrapped_key: row.get(2)?,
        sample_rate: row.get(3)?,
        channels: row.get(4)?,
        frames: unsigned(row.get(5)?, "recordings.frames")?,
        duration_ms: unsigned(row.get(6)?, "recordings.duration_ms")?,
        state: parse(&row.get::<_, String>(7)?, "recordings.state")?,
        created_at: parse(&row.get::<_, String>(8)?, "recordings.created_at")?,
    })
}
