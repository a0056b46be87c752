//! `emr_connections` and `emr_exchanges`: the clinic's EMRs, and a trace of what was said to each.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{integer, parse, time};
use jiff::Timestamp;
use rusqlite::params;
use uuid::Uuid;

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmrConnectionRow {
    /// Its id.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// Settings as JSON.
    pub config: String,
    /// Secrets, sealed by the vault.
    pub secrets: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Exchanges that are kept.
const TRACES: i64 = 5_000;

impl Records<'_> {
    /// Keeps a connection, new or changed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_emr_connection(&self, row: &EmrConnectionRow) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO emr_connections (id, name, config, secrets, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET name = ?2, config = ?3, secrets = ?4",
            )?
            .execute(params![row.id.to_string(), row.name, row.config, row.secrets, time(row.created_at)])?;
        Ok(())
    }

    /// Connections that are not removed, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_connections(&self) -> Result<Vec<EmrConnectionRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, name, config, secrets, created_at FROM emr_connections WHERE removed_at IS NULL ORDER BY created_at, id",
        )?;
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            Ok(EmrConnectionRow {
                id: parse(&row.get::<_, String>(0)?, "emr_connections.id")?,
                name: row.get(1)?,
                config: row.get(2)?,
                secrets: row.get(3)?,
                created_at: parse(&row.get::<_, String>(4)?, "emr_connections.created_at")?,
            })
        })?;
        rows.collect()
    }

    /// Removes a connection with its secrets and what was looked up there; what was sent stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] while something is on its way there.
    pub fn remove_emr_connection(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let id = id.to_string();
        let open: i64 = self
            .sql
            .prepare_cached(
                "SELECT count(*) FROM emr_deliveries WHERE connection = ?1 AND state IN ('queued', 'sending', 'unknown')",
            )?
            .query_row([&id], |row| row.get(0))?;
        if open > 0 {
            return Err(StoreError::Conflict { what: "something is still on its way to this EMR" });
        }
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE emr_connections SET removed_at = ?2, secrets = '' WHERE id = ?1 AND removed_at IS NULL",
            )?
            .execute(params![id, time(now)])?;
        if changed == 0 {
            return Err(StoreError::NotFound { what: "connection" });
        }
        self.sql.prepare_cached("DELETE FROM emr_patients WHERE connection = ?1")?.execute([&id])?;
        self.sql.prepare_cached("DELETE FROM emr_links WHERE connection = ?1")?.execute([&id])?;
        Ok(())
    }

    /// Keeps the trace of an exchange.
    ///
    /// # Errors
    /// Those of the database.
    pub fn trace_emr(&self, connection: Uuid, json: &str, now: Timestamp) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("INSERT INTO emr_exchanges (connection, at, json) VALUES (?1, ?2, ?3)")?
            .execute(params![connection.to_string(), time(now), json])?;
        self.sql
            .prepare_cached(
                "DELETE FROM emr_exchanges WHERE seq <= (SELECT max(seq) FROM emr_exchanges) - ?1",
            )?
            .execute([TRACES])?;
        Ok(())
    }

    /// The newest exchanges with an EMR, newest first: when, and the trace as JSON.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emr_traces(&self, connection: Uuid, limit: u32) -> Result<Vec<(Timestamp, String)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT at, json FROM emr_exchanges WHERE connection = ?1 ORDER BY seq DESC LIMIT ?2",
        )?;
        let limit = integer(u64::from(limit), "limit")?;
        let rows = statement.query_and_then(
            params![connection.to_string(), limit],
            |row| -> Result<_, StoreError> {
                Ok((parse(&row.get::<_, String>(0)?, "emr_exchanges.at")?, row.get(1)?))
            },
        )?;
        rows.collect()
    }
}
