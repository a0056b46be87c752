//! Claims about an earlier claim: replacements, voids and companions (`claims.of_claim`, `claims.relation`).

use crate::error::StoreError;
use crate::open::Records;
use crate::table::claim::{ClaimRevision, ClaimState, NewRevision};
use crate::table::{parse, parse_opt, time, words};
use iambilly_claim::ids::{ClaimId, DictationId};
use rusqlite::{OptionalExtension, params};

words! {
    /// What a claim is to the one it is about.
    Relation {
        /// Takes its place with the payer (frequency 7).
        Replacement = "replacement",
        /// Takes it back (frequency 8).
        Void = "void",
        /// Bills what somebody else did in the same operation.
        Companion = "companion",
    }
}

/// A claim that another is about, or that is about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelatedClaim {
    /// The other claim.
    pub claim: ClaimId,
    /// What the younger of the two is to the older.
    pub relation: Relation,
    /// Whether the other one is the older.
    pub is_older: bool,
    /// State of the other one.
    pub state: ClaimState,
}

impl Records<'_> {
    /// Adds a claim about another of the same dictation, in human review, with its first revision.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_related_claim(
        &self,
        id: ClaimId,
        dictation: DictationId,
        first: &NewRevision<'_>,
        (of, relation): (ClaimId, Relation),
    ) -> Result<ClaimRevision, StoreError> {
        let made = self.insert_claim(id, dictation, first)?;
        self.sql
            .prepare_cached(
                "UPDATE claims SET of_claim = ?2, relation = ?3, state = ?4, created_at = ?5 WHERE id = ?1",
            )?
            .execute(params![
                id.to_string(),
                of.to_string(),
                relation.as_str(),
                ClaimState::HumanReview.as_str(),
                time(first.now)
            ])?;
        Ok(made)
    }

    /// What a claim is to the one it is about; none for a claim of its own.
    ///
    /// # Errors
    /// Those of the database.
    pub fn relation_of(&self, id: ClaimId) -> Result<Option<(ClaimId, Relation)>, StoreError> {
        let found: Option<(Option<String>, Option<String>)> = self
            .sql
            .prepare_cached("SELECT of_claim, relation FROM claims WHERE id = ?1")?
            .query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((of, relation)) = found else { return Ok(None) };
        Ok(parse_opt(of.as_ref(), "claims.of_claim")?.zip(parse_opt(relation.as_ref(), "claims.relation")?))
    }

    /// Claims that a claim is about, or that are about it, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn related_claims(&self, id: ClaimId) -> Result<Vec<RelatedClaim>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT o.id, c.relation, 1, o.state, o.created_at FROM claims c JOIN claims o ON o.id = c.of_claim WHERE c.id = ?1
             UNION ALL
             SELECT id, relation, 0, state, created_at FROM claims WHERE of_claim = ?1
             ORDER BY 5, 1",
        )?;
        let rows = statement.query_and_then([id.to_string()], |row| {
            Ok(RelatedClaim {
                claim: parse(&row.get::<_, String>(0)?, "claims.id")?,
                relation: parse(&row.get::<_, String>(1)?, "claims.relation")?,
                is_older: row.get(2)?,
                state: parse(&row.get::<_, String>(3)?, "claims.state")?,
            })
        })?;
        rows.collect()
    }

    /// When each revision of a claim was made and by whom, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn revisions(&self, id: ClaimId) -> Result<Vec<(u32, String, jiff::Timestamp)>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT number, drafted_by, created_at FROM claim_revisions WHERE claim_id = ?1 ORDER BY number",
        )?;
        let rows = statement.query_and_then([id.to_string()], |row| {
            Ok((row.get(0)?, row.get(1)?, parse(&row.get::<_, String>(2)?, "claim_revisions.created_at")?))
        })?;
        rows.collect()
    }
}
