//! `policies`, `policy_passages`, `policy_vectors`, `policy_words`: the payer-rule library.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, integer, parse, parse_opt, time, to_json, unsigned};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

/// A policy without its passages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// Its id.
    pub id: Uuid,
    /// Payer id as claims name it, in small letters.
    pub payer: String,
    /// Title.
    pub title: String,
    /// Number without version.
    pub number: Option<String>,
    /// Version as printed.
    pub version: Option<String>,
    /// First date of service.
    pub from: Date,
    /// Last date of service, as added.
    pub to: Option<Date>,
    /// What it says it replaces.
    pub replaces: Option<String>,
    /// What it says took its place.
    pub superseded_by: Option<String>,
    /// Name of the file.
    pub file_name: String,
    /// Its pages.
    pub pages: u32,
    /// Pages nobody could read.
    pub pages_without_text: Vec<u32>,
    /// Pages whose letters were recognised from a picture.
    pub pages_recognised: Vec<u32>,
    /// SHA-256 of the file in hex.
    pub sha256: String,
    /// Who added it.
    pub actor: String,
    /// When.
    pub added_at: Timestamp,
}

/// A passage as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageRow {
    /// Its id, unique in the library.
    pub id: i64,
    /// Its policy.
    pub policy: Uuid,
    /// The passage as JSON.
    pub body: String,
    /// Its vector, where it has one.
    pub vector: Option<Vec<f32>>,
}

/// Which passage a payer rule is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRuleRow {
    /// The rule's id.
    pub rule: String,
    /// Its policy.
    pub policy: Uuid,
    /// Its passage.
    pub passage: i64,
}

/// A passage to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPassage {
    /// Headings above it, for the full text.
    pub heading: String,
    /// Its words, for the full text.
    pub text: String,
    /// The passage as JSON.
    pub body: String,
}

const COLUMNS: &str = "id, payer, title, number, version, effective_from, effective_to, replaces, superseded_by, \
file_name, pages, pages_without_text, pages_recognised, sha256, actor, added_at";

impl Records<'_> {
    /// Keeps a policy with its passages.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_policy(&self, policy: &PolicyRow, passages: &[NewPassage]) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO policies ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
            ))?
            .execute(params![
                policy.id.to_string(),
                policy.payer,
                policy.title,
                policy.number,
                policy.version,
                policy.from.to_string(),
                policy.to.map(|d| d.to_string()),
                policy.replaces,
                policy.superseded_by,
                policy.file_name,
                policy.pages,
                to_json(&policy.pages_without_text, "policies.pages_without_text")?,
                to_json(&policy.pages_recognised, "policies.pages_recognised")?,
                policy.sha256,
                policy.actor,
                time(policy.added_at),
            ])?;
        let mut insert = self
            .sql
            .prepare_cached("INSERT INTO policy_passages (policy, place, body) VALUES (?1, ?2, ?3)")?;
        let mut words =
            self.sql.prepare_cached("INSERT INTO policy_words (rowid, heading, body) VALUES (?1, ?2, ?3)")?;
        for (place, passage) in (0_u64..).zip(passages) {
            let place = integer(place, "policy_passages.place")?;
            insert.execute(params![policy.id.to_string(), place, passage.body])?;
            words.execute(params![self.sql.last_insert_rowid(), passage.heading, passage.text])?;
        }
        Ok(())
    }

    /// All policies by payer and date.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM policies ORDER BY payer, number, effective_from, added_at"
        ))?;
        statement.query_and_then([], read)?.collect()
    }

    /// The policy a file was added as, if it was.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy_of_file(&self, payer: &str, sha256: &str, from: Date) -> Result<Option<Uuid>, StoreError> {
        let found: Option<String> = self
            .sql
            .prepare_cached(
                "SELECT id FROM policies WHERE payer = ?1 AND sha256 = ?2 AND effective_from = ?3",
            )?
            .query_row(params![payer, sha256, from.to_string()], |row| row.get(0))
            .optional()?;
        found.map(|id| parse(&id, "policies.id")).transpose()
    }

    /// All passages in the order of the library, with the vectors a model made.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy_passages(&self, model: Option<&str>) -> Result<Vec<PassageRow>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT p.id, p.policy, p.body, v.vector FROM policy_passages p
             LEFT JOIN policy_vectors v ON v.passage = p.id AND v.model = ?1 ORDER BY p.id",
        )?;
        let rows = statement.query_and_then([model], |row| {
            Ok::<_, StoreError>(PassageRow {
                id: row.get(0)?,
                policy: parse(&row.get::<_, String>(1)?, "policy_passages.policy")?,
                body: row.get(2)?,
                vector: row.get::<_, Option<Vec<u8>>>(3)?.map(|bytes| numbers(&bytes)),
            })
        })?;
        rows.collect()
    }

    /// Keeps the vectors a model made of passages; a passage that is gone meanwhile is passed over.
    ///
    /// # Errors
    /// Those of the database.
    pub fn keep_policy_vectors(&self, model: &str, vectors: &[(i64, Vec<f32>)]) -> Result<(), StoreError> {
        let mut insert = self.sql.prepare_cached(
            "INSERT INTO policy_vectors (passage, model, vector)
             SELECT id, ?2, ?3 FROM policy_passages WHERE id = ?1
             ON CONFLICT (passage) DO UPDATE SET model = excluded.model, vector = excluded.vector",
        )?;
        for (passage, vector) in vectors {
            let bytes: Vec<u8> = vector.iter().flat_map(|n| n.to_le_bytes()).collect();
            insert.execute(params![passage, model, bytes])?;
        }
        Ok(())
    }

    /// Passages with these words anywhere in the library, best first: their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find_policy_words(&self, words: &str, limit: u32) -> Result<Vec<i64>, StoreError> {
        // Each word in quotes: nothing a person types is a command of FTS5.
        let asked: Vec<String> = words
            .split_whitespace()
            .map(|w| format!("\"{}\"", w.replace('"', "")))
            .filter(|w| w.len() > 2)
            .collect();
        if asked.is_empty() {
            return Ok(vec![]);
        }
        let mut statement = self.sql.prepare_cached(
            "SELECT rowid FROM policy_words WHERE policy_words MATCH ?1 ORDER BY rank LIMIT ?2",
        )?;
        let rows = statement.query_map(params![asked.join(" "), limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps that a payer rule is from the passage of a policy that stands at this place.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no such passage.
    pub fn link_policy_rule(&self, rule: &str, policy: Uuid, place: u64) -> Result<(), StoreError> {
        let place = integer(place, "policy_passages.place")?;
        let added = self
            .sql
            .prepare_cached(
                "INSERT INTO policy_rules (rule_id, policy, passage)
                 SELECT ?1, policy, id FROM policy_passages WHERE policy = ?2 AND place = ?3
                 ON CONFLICT (rule_id) DO UPDATE SET policy = excluded.policy, passage = excluded.passage",
            )?
            .execute(params![rule, policy.to_string(), place])?;
        if added == 0 { Err(StoreError::NotFound { what: "passage" }) } else { Ok(()) }
    }

    /// Which passages payer rules are from.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy_rules(&self) -> Result<Vec<PolicyRuleRow>, StoreError> {
        let mut statement =
            self.sql.prepare_cached("SELECT rule_id, policy, passage FROM policy_rules ORDER BY rule_id")?;
        let rows = statement.query_and_then([], |row| {
            Ok::<_, StoreError>(PolicyRuleRow {
                rule: row.get(0)?,
                policy: parse(&row.get::<_, String>(1)?, "policy_rules.policy")?,
                passage: row.get(2)?,
            })
        })?;
        rows.collect()
    }

    /// Takes a policy out with its passages, vectors and words.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn remove_policy(&self, id: Uuid) -> Result<(), StoreError> {
        match self.sql.prepare_cached("DELETE FROM policies WHERE id = ?1")?.execute([id.to_string()])? {
            0 => Err(StoreError::NotFound { what: "policy" }),
            _ => Ok(()),
        }
    }

    /// What changes whenever the library does: policies, last passage, vectors.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy_stamp(&self) -> Result<(u64, u64, u64), StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT (SELECT count(*) FROM policies), (SELECT coalesce(max(id), 0) FROM policy_passages),
                    (SELECT count(*) FROM policy_vectors)",
        )?;
        let (a, b, c) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok((unsigned(a, "policies")?, unsigned(b, "policy_passages")?, unsigned(c, "policy_vectors")?))
    }
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

fn read(row: &Row<'_>) -> Result<PolicyRow, StoreError> {
    let text = |at: usize| row.get::<_, String>(at);
    let maybe = |at: usize| row.get::<_, Option<String>>(at);
    Ok(PolicyRow {
        id: parse(&text(0)?, "policies.id")?,
        payer: text(1)?,
        title: text(2)?,
        number: maybe(3)?,
        version: maybe(4)?,
        from: parse(&text(5)?, "policies.effective_from")?,
        to: parse_opt(maybe(6)?.as_ref(), "policies.effective_to")?,
        replaces: maybe(7)?,
        superseded_by: maybe(8)?,
        file_name: text(9)?,
        pages: unsigned(row.get(10)?, "policies.pages")?,
        pages_without_text: from_json(&text(11)?, "policies.pages_without_text")?,
        pages_recognised: from_json(&text(12)?, "policies.pages_recognised")?,
        sha256: text(13)?,
        actor: text(14)?,
        added_at: parse(&text(15)?, "policies.added_at")?,
    })
}
