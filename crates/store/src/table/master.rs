//! `master_records`: clinic, providers, facilities, payers and patients, found as one types.
//!
//! What a record holds is the application's; here it is a JSON object with a label, words to search and identifiers
//! that tell one from another.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, parse, parse_opt, time, to_json, words};
use iambilly_claim::Phi;
use iambilly_claim::ids::MasterId;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

words! {
    /// What a master record is of.
    MasterKind {
        /// Who bills.
        Clinic = "clinic",
        /// A person who renders, refers or supervises.
        Provider = "provider",
        /// Where services are done.
        Facility = "facility",
        /// Who pays.
        Payer = "payer",
        /// A patient with coverage.
        Patient = "patient",
    }
}

words! {
    /// Whether a master record is offered.
    MasterState {
        /// It is.
        Current = "current",
        /// Put aside.
        Retired = "retired",
        /// It was found to be another record's double.
        Merged = "merged",
    }
}

/// What a record is to hold from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct MasterContent {
    /// What a list shows.
    pub label: Phi<String>,
    /// The record as JSON.
    pub data: Phi<serde_json::Value>,
    /// Words it is found by.
    pub words: Phi<String>,
    /// Name and value of what tells it from others, e.g. `npi`.
    pub identifiers: Vec<(&'static str, Phi<String>)>,
}

/// A stored master record.
#[derive(Debug, Clone, PartialEq)]
pub struct MasterRow {
    /// Its id.
    pub id: MasterId,
    /// What it is of.
    pub kind: MasterKind,
    /// Counts its changes from 1.
    pub version: u32,
    /// What a list shows.
    pub label: Phi<String>,
    /// The record as JSON.
    pub data: Phi<serde_json::Value>,
    /// Whether it is offered.
    pub state: MasterState,
    /// The record it was merged into.
    pub merged_into: Option<MasterId>,
    /// Taken where nothing else is said.
    pub is_default: bool,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

pub(crate) const COLUMNS: &str =
    "m.id, m.kind, m.version, m.label, m.json, m.state, m.merged_into, m.is_default, m.updated_at";

impl Records<'_> {
    /// Adds a record.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_master(
        &self,
        id: MasterId,
        kind: MasterKind,
        content: &MasterContent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO master_records (id, kind, version, label, json, state, created_at, updated_at)
                 VALUES (?1, ?2, 1, ?3, ?4, 'current', ?5, ?5)",
            )?
            .execute(params![
                id.to_string(),
                kind.as_str(),
                content.label.expose(),
                to_json(content.data.expose(), "master_records.json")?,
                time(now)
            ])?;
        self.index_master(self.sql.last_insert_rowid(), kind, content)
    }

    /// Changes a record; `seen` is the version the change was made on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when it was changed or merged meanwhile.
    pub fn update_master(
        &self,
        id: MasterId,
        seen: u32,
        content: &MasterContent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = self.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
        if row.version != seen || row.state == MasterState::Merged {
            return Err(StoreError::Conflict { what: "the record was changed by someone else meanwhile" });
        }
        let number: i64 = self
            .sql
            .prepare_cached(
                "UPDATE master_records SET version = version + 1, label = ?2, json = ?3, updated_at = ?4
                 WHERE id = ?1 RETURNING number",
            )?
            .query_row(
                params![
                    id.to_string(),
                    content.label.expose(),
                    to_json(content.data.expose(), "master_records.json")?,
                    time(now)
                ],
                |row| row.get(0),
            )?;
        self.index_master(number, row.kind, content)
    }

    /// Words and identifiers of a record, in place of those before.
    fn index_master(&self, number: i64, kind: MasterKind, content: &MasterContent) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM master_search WHERE rowid = ?1")?.execute([number])?;
        self.sql
            .prepare_cached("INSERT INTO master_search (rowid, text) VALUES (?1, ?2)")?
            .execute(params![number, content.words.expose()])?;
        self.sql.prepare_cached("DELETE FROM master_identifiers WHERE number = ?1")?.execute([number])?;
        let mut insert = self.sql.prepare_cached(
            "INSERT OR IGNORE INTO master_identifiers (number, kind, name, value) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (name, value) in &content.identifiers {
            insert.execute(params![number, kind.as_str(), name, value.expose()])?;
        }
        Ok(())
    }

    /// A record by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn master(&self, id: MasterId) -> Result<Option<MasterRow>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {COLUMNS} FROM master_records m WHERE m.id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// Records of a kind in the order of their labels, the default first; with a query only those that have words
    /// beginning with each of its words. `all` also gives those retired and merged.
    ///
    /// # Errors
    /// Those of the database.
    pub fn masters(
        &self,
        kind: MasterKind,
        query: &Phi<String>,
        all: bool,
        limit: u32,
    ) -> Result<Vec<MasterRow>, StoreError> {
        let found = beginnings(query.expose());
        let states = if all { "" } else { "AND m.state = 'current'" };
        // Nothing that is a word was asked for: then nothing is left out.
        let (from, order) = match found {
            Some(_) => ("master_search s JOIN master_records m ON m.number = s.rowid", "s.text MATCH ?3 AND"),
            None => ("master_records m", "?3 IS NULL AND"),
        };
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM {from} WHERE {order} m.kind = ?1 {states}
             ORDER BY m.is_default DESC, m.label COLLATE NOCASE, m.number LIMIT ?2"
        ))?;
        let sql = params![kind.as_str(), limit, found];
        statement.query_and_then(sql, read)?.collect()
    }

    /// The default record of a kind.
    ///
    /// # Errors
    /// Those of the database.
    pub fn default_master(&self, kind: MasterKind) -> Result<Option<MasterRow>, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM master_records m WHERE m.kind = ?1 AND m.is_default = 1"
            ))?
            .query_row([kind.as_str()], |row| Ok(read(row)))
            .optional()?
            .transpose()
    }

    /// Current records of a kind with this identifier. One that was merged away leads to the record it was merged into.
    ///
    /// # Errors
    /// Those of the database.
    pub fn masters_known_as(
        &self,
        kind: MasterKind,
        name: &str,
        value: &Phi<String>,
    ) -> Result<Vec<MasterRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "WITH RECURSIVE way (id, state, merged_into) AS (
               SELECT r.id, r.state, r.merged_into FROM master_identifiers i
               JOIN master_records r ON r.number = i.number
               WHERE i.kind = ?1 AND i.name = ?2 AND i.value = ?3
               UNION SELECT r.id, r.state, r.merged_into FROM way JOIN master_records r ON r.id = way.merged_into
             )
             SELECT DISTINCT {COLUMNS} FROM way JOIN master_records m ON m.id = way.id
             WHERE way.state = 'current' ORDER BY m.number"
        ))?;
        statement.query_and_then(params![kind.as_str(), name, value.expose()], read)?.collect()
    }

    /// Pairs of current records that share an identifier, with its name; the older first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn master_doubles(
        &self,
        kind: MasterKind,
        limit: u32,
    ) -> Result<Vec<(MasterId, MasterId, String)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT a.id, b.id, min(x.name) FROM master_identifiers x
             JOIN master_identifiers y ON y.kind = x.kind AND y.name = x.name AND y.value = x.value AND y.number > x.number
             JOIN master_records a ON a.number = x.number AND a.state = 'current'
             JOIN master_records b ON b.number = y.number AND b.state = 'current'
             WHERE x.kind = ?1 GROUP BY a.number, b.number ORDER BY a.number, b.number LIMIT ?2",
        )?;
        let rows =
            statement.query_and_then(params![kind.as_str(), limit], |row| -> Result<_, StoreError> {
                let (a, b): (String, String) = (row.get(0)?, row.get(1)?);
                Ok((parse(&a, "master_records.id")?, parse(&b, "master_records.id")?, row.get(2)?))
            })?;
        rows.collect()
    }

    /// Marks a record as another's double. Its identifiers stay, so that what names it leads to the other.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] for two of different kinds, one and the same, or one that is
    /// merged already.
    pub fn merge_master(&self, away: MasterId, into: MasterId, now: Timestamp) -> Result<(), StoreError> {
        let missing = || StoreError::NotFound { what: "record" };
        let (from, to) = (self.master(away)?.ok_or_else(missing)?, self.master(into)?.ok_or_else(missing)?);
        if away == into || from.kind != to.kind {
            return Err(StoreError::Conflict { what: "only two different records of one kind are merged" });
        }
        if from.state == MasterState::Merged || to.state != MasterState::Current {
            return Err(StoreError::Conflict { what: "one of the records is merged or retired already" });
        }
        self.sql
            .prepare_cached(
                "UPDATE master_records SET state = 'merged', merged_into = ?2, is_default = 0,
                 version = version + 1, updated_at = ?3 WHERE id = ?1",
            )?
            .execute(params![away.to_string(), into.to_string(), time(now)])?;
        if from.is_default {
            self.make_default_master(into)?;
        }
        Ok(())
    }

    /// Puts a record aside, or takes it up again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] for one that is merged.
    pub fn retire_master(&self, id: MasterId, retired: bool, now: Timestamp) -> Result<(), StoreError> {
        let row = self.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
        if row.state == MasterState::Merged {
            return Err(StoreError::Conflict { what: "a merged record is not put aside" });
        }
        let state = if retired { MasterState::Retired } else { MasterState::Current };
        self.sql
            .prepare_cached(
                "UPDATE master_records SET state = ?2, is_default = is_default * (?2 = 'current'),
                 version = version + 1, updated_at = ?3 WHERE id = ?1",
            )?
            .execute(params![id.to_string(), state.as_str(), time(now)])?;
        Ok(())
    }

    /// Makes a record the default of its kind, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] for one that is not current.
    pub fn make_default_master(&self, id: MasterId) -> Result<(), StoreError> {
        let row = self.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
        if row.state != MasterState::Current {
            return Err(StoreError::Conflict { what: "only a current record can be the default" });
        }
        self.sql
            .prepare_cached("UPDATE master_records SET is_default = 0 WHERE kind = ?1 AND is_default = 1")?
            .execute([row.kind.as_str()])?;
        self.sql
            .prepare_cached("UPDATE master_records SET is_default = 1 WHERE id = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }
}

/// The words of a query as beginnings, all of them wanted, in the language of the full-text index.
fn beginnings(query: &str) -> Option<String> {
    let words = query.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let words: Vec<String> = words.map(|w| format!("\"{w}\"*")).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

pub(crate) fn read(row: &Row<'_>) -> Result<MasterRow, StoreError> {
    let text = |index| row.get::<_, String>(index);
    Ok(MasterRow {
        id: parse(&text(0)?, "master_records.id")?,
        kind: parse(&text(1)?, "master_records.kind")?,
        version: row.get(2)?,
        label: Phi::new(row.get(3)?),
        data: Phi::new(from_json(&text(4)?, "master_records.json")?),
        state: parse(&text(5)?, "master_records.state")?,
        merged_into: parse_opt(row.get::<_, Option<String>>(6)?.as_ref(), "master_records.merged_into")?,
        is_default: row.get(7)?,
        updated_at: parse(&text(8)?, "master_records.updated_at")?,
    })
}
