//! `interchanges`, `sent_claims`, `answer_files`, `claim_answers`, `denials`: claims that left and what came back.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, parse_opt, time, unsigned, words};
use iambilly_claim::Phi;
use iambilly_claim::ids::ClaimId;
use iambilly_claim::money::Cents;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::HashMap;
use uuid::Uuid;

words! {
    /// What kind of answer it is.
    AnswerKind {
        /// Of a file.
        Acknowledgement = "999",
        /// Of a claim on its way.
        Status = "277ca",
        /// The payer's decision.
        Remittance = "835",
    }
}

words! {
    /// What an answer means for a claim.
    AnswerStatus {
        /// It went on.
        Accepted = "accepted",
        /// It was sent back.
        Rejected = "rejected",
        /// It was paid.
        Paid = "paid",
        /// Some of it was paid.
        PartlyPaid = "partly_paid",
        /// Nothing of it was paid.
        Denied = "denied",
        /// A payment was taken back.
        Reversed = "reversed",
    }
}

/// A file of claims that leaves.
#[derive(Debug, Clone)]
pub struct NewInterchange<'a> {
    /// Control number on the envelope.
    pub control: u32,
    /// To whom.
    pub correspondent: &'a str,
    /// Folder it is delivered to.
    pub folder: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// SHA-256 of the file in hex.
    pub sha256: &'a str,
    /// The file.
    pub body: &'a Phi<Vec<u8>>,
    /// Its claims.
    pub claims: &'a [SentClaim],
    /// Who sends.
    pub actor: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A file of claims that left or waits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interchange {
    /// Control number on the envelope.
    pub control: u32,
    /// To whom.
    pub correspondent: String,
    /// Folder it is delivered to.
    pub folder: String,
    /// Its name there.
    pub name: String,
    /// SHA-256 of the file in hex.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// The file, until it is delivered.
    pub body: Option<Phi<Vec<u8>>>,
    /// How often delivery was tried.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
}

/// A claim in such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentClaim {
    /// The number by which answers name it.
    pub control: String,
    /// Control number of the file.
    pub interchange: u32,
    /// Which claim.
    pub claim: ClaimId,
    /// The revision that was approved and sent.
    pub revision: u32,
    /// SHA-256 of its content.
    pub content_sha256: String,
}

/// What was answered of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimAnswer {
    /// Which claim.
    pub claim: ClaimId,
    /// What kind of answer.
    pub kind: AnswerKind,
    /// What it means.
    pub status: AnswerStatus,
    /// Its content as JSON.
    pub json: Phi<String>,
    /// When it was taken in.
    pub at: Timestamp,
}

/// A denial as work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Its id.
    pub id: Uuid,
    /// Which claim.
    pub claim: ClaimId,
    /// Line number; none: the claim as a whole.
    pub line: Option<u32>,
    /// Code that was denied; empty for the claim as a whole.
    pub code: String,
    /// Claim adjustment reason code.
    pub reason: String,
    /// How much.
    pub amount: Cents,
    /// The payer rule that was proposed.
    pub rule: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

const INTERCHANGE: &str =
    "control, correspondent, folder, name, sha256, bytes, body, attempts, created_at, delivered_at";
const SENT: &str = "control, interchange, claim_id, revision, content_sha256";
const DENIAL: &str = "id, claim_id, line, code, reason, cents, rule_id, opened_at, closed_at";

impl Records<'_> {
    /// The highest control number given; 0 where none was.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_interchange(&self) -> Result<u32, StoreError> {
        let last: i64 = self
            .sql
            .prepare_cached("SELECT coalesce(max(control), 0) FROM interchanges")?
            .query_row([], |row| row.get(0))?;
        unsigned(last, "interchanges.control")
    }

    /// Keeps a file of claims until it is delivered, and after that what it was.
    ///
    /// # Errors
    /// Those of the database; a control number that was given before is refused by it.
    pub fn insert_interchange(&self, new: &NewInterchange<'_>) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO interchanges (control, correspondent, folder, name, sha256, bytes, body, actor, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                new.control,
                new.correspondent,
                new.folder,
                new.name,
                new.sha256,
                crate::table::integer(new.body.expose().len() as u64, "interchanges.bytes")?,
                new.body.expose(),
                new.actor,
                time(new.now)
            ])?;
        let mut insert = self
            .sql
            .prepare_cached(&format!("INSERT INTO sent_claims ({SENT}) VALUES (?1, ?2, ?3, ?4, ?5)"))?;
        for claim in new.claims {
            insert.execute(params![
                claim.control,
                new.control,
                claim.claim.to_string(),
                claim.revision,
                claim.content_sha256
            ])?;
        }
        Ok(())
    }

    /// Files of claims, newest first; only those that wait for delivery, or all without their content.
    ///
    /// # Errors
    /// Those of the database.
    pub fn interchanges(&self, waiting: bool) -> Result<Vec<Interchange>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {INTERCHANGE} FROM interchanges WHERE NOT ?1 OR (delivered_at IS NULL AND length(body) > 0)
             ORDER BY control DESC"
        ))?;
        let rows = statement.query_and_then([waiting], read_interchange)?;
        rows.collect()
    }

    /// Notes that delivery was tried in vain.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delivery_failed(&self, control: u32) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE interchanges SET attempts = attempts + 1 WHERE control = ?1")?
            .execute([control])?;
        Ok(())
    }

    /// Notes that a file was delivered; its content is kept no longer.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was delivered before.
    pub fn delivered(&self, control: u32, now: Timestamp) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE interchanges SET attempts = attempts + 1, body = NULL, delivered_at = ?2
                 WHERE control = ?1 AND delivered_at IS NULL",
            )?
            .execute(params![control, time(now)])?;
        if changed == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict { what: "the file was delivered before" })
        }
    }

    /// How often a claim was sent.
    ///
    /// # Errors
    /// Those of the database.
    pub fn times_sent(&self, claim: ClaimId) -> Result<u32, StoreError> {
        let times: i64 = self
            .sql
            .prepare_cached("SELECT count(*) FROM sent_claims WHERE claim_id = ?1")?
            .query_row([claim.to_string()], |row| row.get(0))?;
        unsigned(times, "sent_claims")
    }

    /// The claim that answers name by a number.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sent_claim(&self, control: &str) -> Result<Option<SentClaim>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {SENT} FROM sent_claims WHERE control = ?1"))?
            .query_row([control], |row| Ok(read_sent(row)))
            .optional()?
            .transpose()
    }

    /// The claims of a file; of all files without one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sent_claims(&self, interchange: Option<u32>) -> Result<Vec<SentClaim>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {SENT} FROM sent_claims WHERE ?1 IS NULL OR interchange = ?1 ORDER BY control"
        ))?;
        let rows = statement.query_and_then([interchange], read_sent)?;
        rows.collect()
    }

    /// Notes a file of answers by its checksum. Tells whether it is new.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin_answer_file(
        &self,
        sha256: &str,
        kind: AnswerKind,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let added = self
            .sql
            .prepare_cached("INSERT OR IGNORE INTO answer_files VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![sha256, kind.as_str(), actor, time(now)])?;
        Ok(added == 1)
    }

    /// Adds an answer to a claim's history.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_answer(&self, answer: &ClaimAnswer) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO claim_answers (claim_id, kind, status, json, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                answer.claim.to_string(),
                answer.kind.as_str(),
                answer.status.as_str(),
                answer.json.expose(),
                time(answer.at)
            ])?;
        Ok(())
    }

    /// Payers' decisions that paid a line below expectation, newest first, at most so many.
    ///
    /// # Errors
    /// Those of the database.
    pub fn underpaid_answers(&self, most: u32) -> Result<Vec<ClaimAnswer>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT claim_id, kind, status, json, at FROM claim_answers
             WHERE kind = '835' AND json_array_length(json, '$.underpaid') > 0 ORDER BY seq DESC LIMIT ?1",
        )?;
        let rows = statement.query_and_then([most], read_answer)?;
        rows.collect()
    }

    /// What was answered of a claim, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn answers(&self, claim: ClaimId) -> Result<Vec<ClaimAnswer>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT claim_id, kind, status, json, at FROM claim_answers WHERE claim_id = ?1 ORDER BY seq",
        )?;
        let rows = statement.query_and_then([claim.to_string()], read_answer)?;
        rows.collect()
    }

    /// What was answered last of each claim that was answered.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_answers(&self) -> Result<HashMap<ClaimId, AnswerStatus>, StoreError> {
        // SQLite takes the other columns from the row that has the maximum.
        let mut statement = self
            .sql
            .prepare_cached("SELECT claim_id, status, max(seq) FROM claim_answers GROUP BY claim_id")?;
        let rows = statement.query_and_then([], |row| -> Result<_, StoreError> {
            Ok((
                parse(&row.get::<_, String>(0)?, "claim_answers.claim_id")?,
                parse(&row.get::<_, String>(1)?, "claim_answers.status")?,
            ))
        })?;
        rows.collect()
    }

    /// Opens a denial as work.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_denial(&self, denial: &Denial) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO denials ({DENIAL}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            ))?
            .execute(params![
                denial.id.to_string(),
                denial.claim.to_string(),
                denial.line,
                denial.code,
                denial.reason,
                denial.amount.0,
                denial.rule,
                time(denial.opened_at),
                denial.closed_at.map(time)
            ])?;
        Ok(())
    }

    /// Denials, newest first: open ones, or with `all` closed ones too.
    ///
    /// # Errors
    /// Those of the database.
    pub fn denials(&self, all: bool) -> Result<Vec<Denial>, StoreError> {
        let mut statement = self.sql.prepare_cached(&format!(
            "SELECT {DENIAL} FROM denials WHERE ?1 OR closed_at IS NULL ORDER BY opened_at DESC, id DESC"
        ))?;
        let rows = statement.query_and_then([all], read_denial)?;
        rows.collect()
    }

    /// Closes a denial.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is no open one of that id.
    pub fn close_denial(&self, id: Uuid, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached(
                "UPDATE denials SET closed_by = ?2, closed_at = ?3 WHERE id = ?1 AND closed_at IS NULL",
            )?
            .execute(params![id.to_string(), actor, time(now)])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::NotFound { what: "open denial" }) }
    }
}

fn read_interchange(row: &Row<'_>) -> Result<Interchange, StoreError> {
    Ok(Interchange {
        control: unsigned(row.get(0)?, "interchanges.control")?,
        correspondent: row.get(1)?,
        folder: row.get(2)?,
        name: row.get(3)?,
        sha256: row.get(4)?,
        bytes: unsigned(row.get(5)?, "interchanges.bytes")?,
        body: row.get::<_, Option<Vec<u8>>>(6)?.map(Phi::new),
        attempts: unsigned(row.get(7)?, "interchanges.attempts")?,
        created_at: parse(&row.get::<_, String>(8)?, "interchanges.created_at")?,
        delivered_at: parse_opt(row.get::<_, Option<String>>(9)?.as_ref(), "interchanges.delivered_at")?,
    })
}

fn read_sent(row: &Row<'_>) -> Result<SentClaim, StoreError> {
    Ok(SentClaim {
        control: row.get(0)?,
        interchange: unsigned(row.get(1)?, "sent_claims.interchange")?,
        claim: parse(&row.get::<_, String>(2)?, "sent_claims.claim_id")?,
        revision: unsigned(row.get(3)?, "sent_claims.revision")?,
        content_sha256: row.get(4)?,
    })
}

fn read_answer(row: &Row<'_>) -> Result<ClaimAnswer, StoreError> {
    Ok(ClaimAnswer {
        claim: parse(&row.get::<_, String>(0)?, "claim_answers.claim_id")?,
        kind: parse(&row.get::<_, String>(1)?, "claim_answers.kind")?,
        status: parse(&row.get::<_, String>(2)?, "claim_answers.status")?,
        json: Phi::new(row.get(3)?),
        at: parse(&row.get::<_, String>(4)?, "claim_answers.at")?,
    })
}

fn read_denial(row: &Row<'_>) -> Result<Denial, StoreError> {
    Ok(Denial {
        id: parse(&row.get::<_, String>(0)?, "denials.id")?,
        claim: parse(&row.get::<_, String>(1)?, "denials.claim_id")?,
        line: row.get(2)?,
        code: row.get(3)?,
        reason: row.get(4)?,
        amount: Cents(row.get(5)?),
        rule: row.get(6)?,
        opened_at: parse(&row.get::<_, String>(7)?, "denials.opened_at")?,
        closed_at: parse_opt(row.get::<_, Option<String>>(8)?.as_ref(), "denials.closed_at")?,
    })
}
