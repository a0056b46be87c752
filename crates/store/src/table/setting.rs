//! `settings`: a JSON value by key.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, to_json};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Records<'_> {
    /// A setting, if it was ever set.
    ///
    /// # Errors
    /// When it does not have the expected shape.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let json: Option<String> = self
            .sql
            .prepare_cached("SELECT json FROM settings WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        json.map(|text| from_json(&text, "settings.json")).transpose()
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_setting<T: Serialize>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let json = to_json(value, "settings.json")?;
        self.sql
            .prepare_cached(
                "INSERT INTO settings (key, json) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET json = excluded.json",
            )?
            .execute(params![key, json])?;
        Ok(())
    }

    /// Changes (or with none forgets) a setting that people choose, and notes it in the audit.
    ///
    /// # Errors
    /// Those of the database.
    pub fn change_setting<T: Serialize>(
        &self,
        actor: &str,
        key: &str,
        value: Option<&T>,
        now: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        match value {
            Some(value) => self.set_setting(key, value)?,
            None => self.remove_setting(key)?,
        }
        self.append_audit(actor, "setting.changed", key, now).map(drop)
    }

    /// All settings whose keys begin so.
    ///
    /// # Errors
    /// When one does not have the expected shape.
    pub fn settings_beginning<T: DeserializeOwned>(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, T)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT key, json FROM settings WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key",
        )?;
        let rows = statement.query_and_then([prefix], |row| {
            let json: String = row.get(1)?;
            Ok((row.get(0)?, from_json(&json, "settings.json")?))
        })?;
        rows.collect()
    }

    /// Forgets a setting.
    ///
    /// # Errors
    /// Those of the database.
    pub fn remove_setting(&self, key: &str) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM settings WHERE key = ?1")?.execute([key])?;
        Ok(())
    }
}
