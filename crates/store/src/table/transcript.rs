//! `transcripts`: immutable revisions of what was said.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, parse, time, to_json};
use iambilly_claim::Transcript;
use iambilly_claim::ids::{DictationId, TranscriptId};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

/// A stored transcript revision.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriptRow {
    /// Its id.
    pub id: TranscriptId,
    /// Whose it is.
    pub dictation: DictationId,
    /// The transcript; its `revision` is the row's.
    pub transcript: Transcript,
    /// When it was made.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, dictation_id, revision, json, created_at";

impl Records<'_> {
    /// Adds the next revision of a dictation's transcript; the store numbers it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn add_transcript(
        &self,
        id: TranscriptId,
        dictation: DictationId,
        transcript: &Transcript,
        now: Timestamp,
    ) -> Result<TranscriptRow, StoreError> {
        let revision: u32 = self
            .sql
            .prepare_cached("SELECT coalesce(max(revision), 0) + 1 FROM transcripts WHERE dictation_id = ?1")?
            .query_row([dictation.to_string()], |row| row.get(0))?;
        let transcript = Transcript { revision, ..transcript.clone() };
        self.sql
            .prepare_cached(&format!("INSERT INTO transcripts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)"))?
            .execute(params![
                id.to_string(),
                dictation.to_string(),
                revision,
                to_json(&transcript, "transcripts.json")?,
                time(now),
            ])?;
        Ok(TranscriptRow { id, dictation, transcript, created_at: now })
    }

    /// A transcript by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn transcript(&self, id: TranscriptId) -> Result<Option<TranscriptRow>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM transcripts WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// The newest transcript of a dictation.
    ///
    /// # Errors
    /// Those of the database.
    pub fn latest_transcript(&self, dictation: DictationId) -> Result<Option<TranscriptRow>, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM transcripts WHERE dictation_id = ?1 ORDER BY revision DESC LIMIT 1"
            ))?
            .query_row([dictation.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }
}

fn read(row: &Row<'_>) -> Result<TranscriptRow, StoreError> {
    Ok(TranscriptRow {
        id: parse(&row.get::<_, String>(0)?, "transcripts.id")?,
        dictation: parse(&row.get::<_, String>(1)?, "transcripts.dictation_id")?,
        transcript: from_json(&row.get::<_, String>(3)?, "transcripts.json")?,
        created_at: parse(&row.get::<_, String>(4)?, "transcripts.created_at")?,
    })
}
