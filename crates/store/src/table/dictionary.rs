//! `dictionary`: the physician's own words, and what the recogniser writes for them.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time};
use iambilly_claim::OwnWord;
use iambilly_claim::ids::OwnWordId;
use jiff::Timestamp;
use rusqlite::{ErrorCode, OptionalExtension, Row, params};

/// A stored word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWordRow {
    /// Its id.
    pub id: OwnWordId,
    /// The word.
    pub word: OwnWord,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, meant, heard, added_by, created_at";

impl Records<'_> {
    /// Adds a word.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is heard stands for something already, or the word is in it.
    pub fn add_own_word(
        &self,
        id: OwnWordId,
        word: &OwnWord,
        actor: &str,
        now: Timestamp,
    ) -> Result<OwnWordRow, StoreError> {
        let added = self
            .sql
            .prepare_cached(&format!("INSERT INTO dictionary ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)"))?
            .execute(params![id.to_string(), word.meant.expose(), word.heard.expose(), actor, time(now)]);
        match added {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(StoreError::Conflict { what: "the dictionary has an entry for these words already" })
            }
            Err(error) => Err(error.into()),
            Ok(_) => Ok(OwnWordRow { id, word: word.clone(), added_by: actor.to_owned(), created_at: now }),
        }
    }

    /// All words, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn own_words(&self) -> Result<Vec<OwnWordRow>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM dictionary ORDER BY created_at DESC, id DESC"))?;
        let rows = statement.query_and_then([], read)?;
        rows.collect()
    }

    /// Takes a word out and gives it back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn remove_own_word(&self, id: OwnWordId) -> Result<OwnWordRow, StoreError> {
        self.sql
            .prepare_cached(&format!("DELETE FROM dictionary WHERE id = ?1 RETURNING {COLUMNS}"))?
            .query_row([id.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()?
            .ok_or(StoreError::NotFound { what: "word of the dictionary" })
    }
}

fn read(row: &Row<'_>) -> Result<OwnWordRow, StoreError> {
    Ok(OwnWordRow {
        id: parse(&row.get::<_, String>(0)?, "dictionary.id")?,
        word: OwnWord {
            meant: row.get::<_, String>(1)?.into(),
            heard: row.get::<_, Option<String>>(2)?.into(),
        },
        added_by: row.get(3)?,
        created_at: parse(&row.get::<_, String>(4)?, "dictionary.created_at")?,
    })
}
