//! `claims` and `claim_revisions`: a claim's state, and its immutable revisions with coding and findings.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{from_json, parse, parse_opt, time, to_json, words};
use iambilly_claim::ids::{ClaimId, DictationId, RevisionId, TranscriptId};
use iambilly_claim::{Claim, Coding, Findings, Phi};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

words! {
    /// Where a claim is in its life.
    ClaimState {
        /// Made by the pipeline, not yet looked at.
        Draft = "draft",
        /// In a person's hands.
        HumanReview = "human_review",
        /// Approved for export.
        Approved = "approved",
        /// Sent back.
        Rejected = "rejected",
        /// Exported.
        Exported = "exported",
    }
}

/// A claim over all its revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// Its id.
    pub id: ClaimId,
    /// The dictation it came from.
    pub dictation: DictationId,
    /// Where it is in its life.
    pub state: ClaimState,
    /// Number of its newest revision.
    pub current_revision: u32,
    /// When it was first drafted.
    pub created_at: Timestamp,
}

/// A revision to be added; the store numbers and hashes it.
#[derive(Debug, Clone, Copy)]
pub struct NewRevision<'a> {
    /// Its id.
    pub id: RevisionId,
    /// Coded lines with evidence.
    pub coding: &'a Coding,
    /// The claim itself.
    pub claim: &'a Claim,
    /// What the scrubber found.
    pub findings: &'a Findings,
    /// The transcript revision that the evidence points into.
    pub transcript: Option<TranscriptId>,
    /// Who made it: `pipeline` or an account's id.
    pub drafted_by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A stored revision.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRevision {
    /// Its id.
    pub id: RevisionId,
    /// Whose revision it is.
    pub claim_id: ClaimId,
    /// Number from 1.
    pub number: u32,
    /// Coded lines with evidence.
    pub coding: Coding,
    /// The claim itself.
    pub claim: Claim,
    /// What the scrubber found.
    pub findings: Findings,
    /// The transcript revision that the evidence points into.
    pub transcript: Option<TranscriptId>,
    /// Who made it.
    pub drafted_by: String,
    /// SHA-256 in hex over coding, claim, findings and transcript id as stored; what an approval signs.
    pub content_sha256: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A claim in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimSummary {
    /// The claim.
    pub claim: ClaimRow,
    /// What its dictation is called.
    pub name: Phi<String>,
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: Date,
    /// Findings of the newest revision.
    pub findings: Findings,
}

const CLAIM: &str = "id, dictation_id, state, current_revision, created_at";
const REVISION: &str = "id, claim_id, number, coding_json, claim_json, findings_json, transcript_id, \
                        drafted_by, content_sha256, created_at";

impl Records<'_> {
    /// Adds a claim in state `draft` with its first revision.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_claim(
        &self,
        id: ClaimId,
        dictation: DictationId,
        first: &NewRevision<'_>,
    ) -> Result<ClaimRevision, StoreError> {
        self.sql
            .prepare_cached(&format!("INSERT INTO claims ({CLAIM}) VALUES (?1, ?2, ?3, 1, ?4)"))?
            .execute(params![
                id.to_string(),
                dictation.to_string(),
                ClaimState::Draft.as_str(),
                time(first.now)
            ])?;
        self.insert_revision(id, 1, first)
    }

    /// Adds the next revision of a claim that is not exported and makes it current.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::ClaimChanged`] when another revision came between (`expected` is
    /// the number the caller had seen); [`StoreError::Conflict`] when the claim has been exported.
    pub fn add_revision(
        &self,
        id: ClaimId,
        expected: u32,
        revision: &NewRevision<'_>,
    ) -> Result<ClaimRevision, StoreError> {
        let claim = self.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
        if claim.current_revision != expected {
            return Err(StoreError::ClaimChanged { newest: claim.current_revision });
        }
        if claim.state == ClaimState::Exported {
            return Err(StoreError::Conflict { what: "an exported claim is not changed any more" });
        }
        let number = expected + 1;
        self.sql
            .prepare_cached("UPDATE claims SET current_revision = ?2 WHERE id = ?1")?
            .execute(params![id.to_string(), number])?;
        self.insert_revision(id, number, revision)
    }

    fn insert_revision(
        &self,
        claim_id: ClaimId,
        number: u32,
        new: &NewRevision<'_>,
    ) -> Result<ClaimRevision, StoreError> {
        let coding = to_json(new.coding, "claim_revisions.coding_json")?;
        let claim = to_json(new.claim, "claim_revisions.claim_json")?;
        let findings = to_json(new.findings, "claim_revisions.findings_json")?;
        let transcript = new.transcript.map(|t| t.to_string());
        let content_sha256 = content_hash(&coding, &claim, &findings, transcript.as_deref().unwrap_or(""));
        self.sql
            .prepare_cached(&format!(
                "INSERT INTO claim_revisions ({REVISION})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            ))?
            .execute(params![
                new.id.to_string(),
                claim_id.to_string(),
                number,
                coding,
                claim,
                findings,
                transcript,
                new.drafted_by,
                content_sha256,
                time(new.now),
            ])?;
        Ok(ClaimRevision {
            id: new.id,
            claim_id,
            number,
            coding: new.coding.clone(),
            claim: new.claim.clone(),
            findings: new.findings.clone(),
            transcript: new.transcript,
            drafted_by: new.drafted_by.to_owned(),
            content_sha256,
            created_at: new.now,
        })
    }

    /// A claim by id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn claim(&self, id: ClaimId) -> Result<Option<ClaimRow>, StoreError> {
        self.sql
            .prepare_cached(&format!("SELECT {CLAIM} FROM claims WHERE id = ?1"))?
            .query_row([id.to_string()], |row| Ok(read_claim(row)))
            .optional()?
            .transpose()
    }

    /// The claim of a dictation: the first, or what replaced it; neither voids nor companions of it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn claim_of(&self, dictation: DictationId) -> Result<Option<ClaimRow>, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {CLAIM} FROM claims
                 WHERE dictation_id = ?1 AND coalesce(relation, 'replacement') = 'replacement'
                 ORDER BY created_at DESC, id DESC LIMIT 1"
            ))?
            .query_row([dictation.to_string()], |row| Ok(read_claim(row)))
            .optional()?
            .transpose()
    }

    /// Who drafted the newest revision of a claim: "rules", names of models, or a person.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drafted_by(&self, id: ClaimId) -> Result<Option<String>, StoreError> {
        Ok(self
            .sql
            .prepare_cached(
                "SELECT drafted_by FROM claim_revisions WHERE claim_id = ?1 ORDER BY number DESC LIMIT 1",
            )?
            .query_row([id.to_string()], |row| row.get(0))
            .optional()?)
    }

    /// The newest claims, optionally only those in one state.
    ///
    /// # Errors
    /// Those of the database.
    pub fn claims(&self, state: Option<ClaimState>, limit: u32) -> Result<Vec<ClaimSummary>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT c.id, c.dictation_id, c.state, c.current_revision, c.created_at,
                    d.name, d.payer, d.dos, r.findings_json
             FROM claims c
             JOIN dictations d ON d.id = c.dictation_id
             JOIN claim_revisions r ON r.claim_id = c.id AND r.number = c.current_revision
             WHERE ?1 IS NULL OR c.state = ?1
             ORDER BY c.created_at DESC, c.id DESC LIMIT ?2",
        )?;
        let rows = statement.query_and_then(
            params![state.map(ClaimState::as_str), limit],
            |row| -> Result<_, StoreError> {
                Ok(ClaimSummary {
                    claim: read_claim(row)?,
                    name: Phi::new(row.get(5)?),
                    payer: row.get(6)?,
                    dos: parse(&row.get::<_, String>(7)?, "dictations.dos")?,
                    findings: from_json(&row.get::<_, String>(8)?, "claim_revisions.findings_json")?,
                })
            },
        )?;
        rows.collect()
    }

    /// A claim's newest revision, or one by number.
    ///
    /// # Errors
    /// Those of the database; [`StoreError::Corrupt`] when the content does not have its hash.
    pub fn revision(&self, id: ClaimId, number: Option<u32>) -> Result<Option<ClaimRevision>, StoreError> {
        self.sql
            .prepare_cached(&format!(
                "SELECT {REVISION} FROM claim_revisions
                 WHERE claim_id = ?1 AND number = coalesce(?2, (SELECT current_revision FROM claims WHERE id = ?1))"
            ))?
            .query_row(params![id.to_string(), number], |row| Ok(read_revision(row)))
            .optional()?
            .transpose()
    }

    /// Moves a claim from one state to another; the rules of the life cycle are the caller's.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not in state `from` any more.
    pub fn move_claim(&self, id: ClaimId, from: ClaimState, to: ClaimState) -> Result<(), StoreError> {
        let changed = self
            .sql
            .prepare_cached("UPDATE claims SET state = ?3 WHERE id = ?1 AND state = ?2")?
            .execute(params![id.to_string(), from.as_str(), to.as_str()])?;
        if changed == 1 {
            return Ok(());
        }
        Err(match self.claim(id)? {
            None => StoreError::NotFound { what: "claim" },
            Some(_) => StoreError::Conflict { what: "the claim is in another state by now" },
        })
    }
}

/// Each part with its length, so that no two different contents run together to the same bytes.
fn content_hash(coding: &str, claim: &str, findings: &str, transcript: &str) -> String {
    let mut hash = Sha256::new();
    for part in [coding, claim, findings, transcript] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("{:x}", hash.finalize())
}

fn read_claim(row: &Row<'_>) -> Result<ClaimRow, StoreError> {
    Ok(ClaimRow {
        id: parse(&row.get::<_, String>(0)?, "claims.id")?,
        dictation: parse(&row.get::<_, String>(1)?, "claims.dictation_id")?,
        state: parse(&row.get::<_, String>(2)?, "claims.state")?,
        current_revision: row.get(3)?,
        created_at: parse(&row.get::<_, String>(4)?, "claims.created_at")?,
    })
}

fn read_revision(row: &Row<'_>) -> Result<ClaimRevision, StoreError> {
    let (coding, claim, findings): (String, String, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let transcript: Option<String> = row.get(6)?;
    let content_sha256: String = row.get(8)?;
    if content_hash(&coding, &claim, &findings, transcript.as_deref().unwrap_or("")) != content_sha256 {
        return Err(StoreError::Corrupt);
    }
    Ok(ClaimRevision {
        id: parse(&row.get::<_, String>(0)?, "claim_revisions.id")?,
        claim_id: parse(&row.get::<_, String>(1)?, "claim_revisions.claim_id")?,
        number: row.get(2)?,
        coding: from_json(&coding, "claim_revisions.coding_json")?,
        claim: from_json(&claim, "claim_revisions.claim_json")?,
        findings: from_json(&findings, "claim_revisions.findings_json")?,
        transcript: parse_opt(transcript.as_ref(), "claim_revisions.transcript_id")?,
        drafted_by: row.get(7)?,
        content_sha256,
        created_at: parse(&row.get::<_, String>(9)?, "claim_revisions.created_at")?,
    })
}
