//! `registered_models`: models of the clinic's own, by path.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{integer, unsigned};
use rusqlite::params;

/// A model the clinic registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredModel {
    /// Its id, chosen by the clinic.
    pub id: String,
    /// `speech`, `language` or `embedding`.
    pub role: String,
    /// Where the file is.
    pub path: String,
    /// SHA-256 of the file in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl Records<'_> {
    /// Registers a model or replaces the one of the same id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn register_model(&self, model: &RegisteredModel) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO registered_models (id, role, path, sha256, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET role = excluded.role, path = excluded.path,
                   sha256 = excluded.sha256, bytes = excluded.bytes",
            )?
            .execute(params![
                model.id,
                model.role,
                model.path,
                model.sha256,
                integer(model.bytes, "registered_models.bytes")?
            ])?;
        Ok(())
    }

    /// Forgets a model; the file stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn unregister_model(&self, id: &str) -> Result<(), StoreError> {
        let changed =
            self.sql.prepare_cached("DELETE FROM registered_models WHERE id = ?1")?.execute([id])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "model" }) }
    }

    /// All registered models by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn registered_models(&self) -> Result<Vec<RegisteredModel>, StoreError> {
        let mut statement = self
            .sql
            .prepare_cached("SELECT id, role, path, sha256, bytes FROM registered_models ORDER BY id")?;
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            Ok(RegisteredModel {
                id: row.get(0)?,
                role: row.get(1)?,
                path: row.get(2)?,
                sha256: row.get(3)?,
                bytes: unsigned(row.get(4)?, "registered_models.bytes")?,
            })
        })?;
        rows.collect()
    }
}
