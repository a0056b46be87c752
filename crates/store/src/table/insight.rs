//! What the insights count, read from decisions, answers, denials, corrections and the queue.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, time, unsigned};
use iambilly_claim::Cents;
use jiff::Timestamp;
use rusqlite::params;

/// A claim that was approved for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// When it was drafted.
    pub drafted_at: Timestamp,
    /// When it was first approved.
    pub approved_at: Timestamp,
    /// Codes that a person changed before.
    pub corrections: u32,
}

/// A claim that was sent for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Whether a clearing house or payer said anything of the claim itself.
    pub answered: bool,
    /// Whether any of them rejected or denied it, or a part of it.
    pub refused: bool,
}

/// How many, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<T> {
    /// Of what.
    pub of: T,
    /// How many.
    pub count: u32,
    /// How much.
    pub amount: Cents,
}

impl Records<'_> {
    /// Claims first approved from a time on and before another, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn approvals(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Approval>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT c.created_at, d.at,
               (SELECT count(*) FROM corrections x
                WHERE x.dictation_id = c.dictation_id AND x.claim_id = c.id AND x.created_at <= d.at)
             FROM claim_decisions d JOIN claims c ON c.id = d.claim_id
             WHERE d.to_state = 'approved' AND d.at >= ?1 AND d.at < ?2
               AND NOT EXISTS (SELECT 1 FROM claim_decisions e
                               WHERE e.claim_id = d.claim_id AND e.to_state = 'approved' AND e.at < d.at)
             ORDER BY d.at",
        )?;
        let rows = statement.query_and_then(params![time(from), time(to)], |row| {
            Ok(Approval {
                drafted_at: parse(&row.get::<_, String>(0)?, "claims.created_at")?,
                approved_at: parse(&row.get::<_, String>(1)?, "claim_decisions.at")?,
                corrections: unsigned(row.get::<_, i64>(2)?, "corrections")?,
            })
        })?;
        rows.collect()
    }

    /// Claims first sent from a time on and before another, oldest first; neither replacements nor voids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sendings(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Sending>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT d.at,
               EXISTS (SELECT 1 FROM claim_answers a WHERE a.claim_id = d.claim_id AND a.kind <> '999'),
               EXISTS (SELECT 1 FROM claim_answers a WHERE a.claim_id = d.claim_id
                       AND a.status IN ('rejected', 'denied', 'partly_paid'))
             FROM claim_decisions d JOIN claims c ON c.id = d.claim_id
             WHERE d.to_state = 'exported' AND d.at >= ?1 AND d.at < ?2
               AND coalesce(c.relation, 'companion') = 'companion'
               AND NOT EXISTS (SELECT 1 FROM claim_decisions e
                               WHERE e.claim_id = d.claim_id AND e.to_state = 'exported' AND e.at < d.at)
             ORDER BY d.at",
        )?;
        let rows = statement.query_and_then(params![time(from), time(to)], |row| {
            let refused: bool = row.get(2)?;
            Ok(Sending {
                sent_at: parse(&row.get::<_, String>(0)?, "claim_decisions.at")?,
                answered: row.get::<_, bool>(1)? || refused,
                refused,
            })
        })?;
        rows.collect()
    }

    /// Denials opened from a time on and before another by their reason, the most money first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn denials_by_reason(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Tally<String>>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT reason, count(*), coalesce(sum(cents), 0) FROM denials WHERE opened_at >= ?1 AND opened_at < ?2
             GROUP BY reason ORDER BY 3 DESC, 1",
        )?;
        let rows = statement.query_and_then(params![time(from), time(to)], |row| {
            let count = unsigned(row.get::<_, i64>(1)?, "denials")?;
            Ok(Tally { of: row.get(0)?, count, amount: Cents(row.get(2)?) })
        })?;
        rows.collect()
    }

    /// What is charged on claims that are not decided yet, by their risk as the queue has it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open_by_risk(&self) -> Result<Vec<Tally<u8>>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT risk, count(*), sum(cents) FROM claim_queue WHERE state IN ('draft', 'human_review')
             GROUP BY risk ORDER BY risk DESC",
        )?;
        let rows = statement.query_and_then([], |row| {
            let (of, count) = (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?);
            Ok(Tally {
                of: unsigned(of, "claim_queue.risk")?,
                count: unsigned(count, "claim_queue")?,
                amount: Cents(row.get(2)?),
            })
        })?;
        rows.collect()
    }

    /// Denials that nobody has closed.
    ///
    /// # Errors
    /// Those of the database.
    pub fn open_denials(&self) -> Result<Tally<()>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT count(*), coalesce(sum(cents), 0) FROM denials WHERE closed_at IS NULL",
        )?;
        let (count, amount): (i64, i64) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Tally { of: (), count: unsigned(count, "denials")?, amount: Cents(amount) })
    }
}
