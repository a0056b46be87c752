//! `note_signatures`, `note_addenda` and `query_answers`: who answers for the words of a note, and what was added to them.

use crate::error::StoreError;
use crate::open::Records;
use crate::table::{parse, parse_opt, time};
use iambilly_claim::Phi;
use iambilly_claim::ids::{ClaimId, DictationId, TranscriptId};
use jiff::Timestamp;
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A signature under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Its id.
    pub id: Uuid,
    /// The note's dictation.
    pub dictation: DictationId,
    /// The transcript revision that was signed.
    pub transcript: TranscriptId,
    /// SHA-256 in hex of what was signed, see [`note_sha256`].
    pub content_sha256: String,
    /// Who signed, as in the audit.
    pub actor: String,
    /// The signer's name as it was then.
    pub signer: String,
    /// When.
    pub at: Timestamp,
}

/// What was added to a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteAddendum {
    /// Its id.
    pub id: Uuid,
    /// The note's dictation.
    pub dictation: DictationId,
    /// The transcript revision that it made.
    pub transcript: TranscriptId,
    /// Its words.
    pub text: Phi<String>,
    /// SHA-256 in hex of what was signed, see [`note_sha256`].
    pub content_sha256: String,
    /// Who wrote it.
    pub actor: String,
    /// Their name as it was then.
    pub signer: String,
    /// When.
    pub at: Timestamp,
}

/// A query that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryAnswer {
    /// Its id.
    pub id: Uuid,
    /// The note's dictation.
    pub dictation: DictationId,
    /// The claim that asked.
    pub claim: ClaimId,
    /// What was asked.
    pub question: String,
    /// The addendum with the answer; none where the note stands as it is.
    pub addendum: Option<Uuid>,
    /// Who answered.
    pub actor: String,
    /// Their name as it was then.
    pub signer: String,
    /// When.
    pub at: Timestamp,
}

/// SHA-256 in hex over parts, each with its length, so that no two contents run together to the same bytes.
#[must_use]
pub fn note_sha256(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("{:x}", hash.finalize())
}

impl Records<'_> {
    /// Keeps a signature.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sign_note(&self, signature: &NoteSignature) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO note_signatures (id, dictation_id, transcript_id, content_sha256, actor, signer, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                signature.id.to_string(),
                signature.dictation.to_string(),
                signature.transcript.to_string(),
                signature.content_sha256,
                signature.actor,
                signature.signer,
                time(signature.at),
            ])?;
        Ok(())
    }

    /// The signatures under a note, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_signatures(&self, of: DictationId) -> Result<Vec<NoteSignature>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, dictation_id, transcript_id, content_sha256, actor, signer, at FROM note_signatures
             WHERE dictation_id = ?1 ORDER BY at, id",
        )?;
        let rows = statement.query_and_then([of.to_string()], |row| {
            Ok(NoteSignature {
                id: parse(&row.get::<_, String>(0)?, "note_signatures.id")?,
                dictation: parse(&row.get::<_, String>(1)?, "note_signatures.dictation_id")?,
                transcript: parse(&row.get::<_, String>(2)?, "note_signatures.transcript_id")?,
                content_sha256: row.get(3)?,
                actor: row.get(4)?,
                signer: row.get(5)?,
                at: parse(&row.get::<_, String>(6)?, "note_signatures.at")?,
            })
        })?;
        rows.collect()
    }

    /// Keeps an addendum.
    ///
    /// # Errors
    /// Those of the database.
    pub fn addend_note(&self, addendum: &NoteAddendum) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO note_addenda (id, dictation_id, transcript_id, text, content_sha256, actor, signer, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                addendum.id.to_string(),
                addendum.dictation.to_string(),
                addendum.transcript.to_string(),
                addendum.text.expose(),
                addendum.content_sha256,
                addendum.actor,
                addendum.signer,
                time(addendum.at),
            ])?;
        Ok(())
    }

    /// What was added to a note, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_addenda(&self, of: DictationId) -> Result<Vec<NoteAddendum>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, dictation_id, transcript_id, text, content_sha256, actor, signer, at FROM note_addenda
             WHERE dictation_id = ?1 ORDER BY at, id",
        )?;
        let rows = statement.query_and_then([of.to_string()], |row| {
            Ok(NoteAddendum {
                id: parse(&row.get::<_, String>(0)?, "note_addenda.id")?,
                dictation: parse(&row.get::<_, String>(1)?, "note_addenda.dictation_id")?,
                transcript: parse(&row.get::<_, String>(2)?, "note_addenda.transcript_id")?,
                text: Phi::new(row.get(3)?),
                content_sha256: row.get(4)?,
                actor: row.get(5)?,
                signer: row.get(6)?,
                at: parse(&row.get::<_, String>(7)?, "note_addenda.at")?,
            })
        })?;
        rows.collect()
    }

    /// Keeps an answer.
    ///
    /// # Errors
    /// Those of the database.
    pub fn answer_query(&self, answer: &QueryAnswer) -> Result<(), StoreError> {
        self.sql
            .prepare_cached(
                "INSERT INTO query_answers (id, dictation_id, claim_id, question, addendum_id, actor, signer, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                answer.id.to_string(),
                answer.dictation.to_string(),
                answer.claim.to_string(),
                answer.question,
                answer.addendum.map(|id| id.to_string()),
                answer.actor,
                answer.signer,
                time(answer.at),
            ])?;
        Ok(())
    }

    /// What was answered about a dictation, oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn query_answers(&self, of: DictationId) -> Result<Vec<QueryAnswer>, StoreError> {
        let mut statement = self.sql.prepare_cached(
            "SELECT id, dictation_id, claim_id, question, addendum_id, actor, signer, at FROM query_answers
             WHERE dictation_id = ?1 ORDER BY at, id",
        )?;
        let rows = statement.query_and_then([of.to_string()], answer)?;
        rows.collect()
    }
}

fn answer(row: &Row<'_>) -> Result<QueryAnswer, StoreError> {
    Ok(QueryAnswer {
        id: parse(&row.get::<_, String>(0)?, "query_answers.id")?,
        dictation: parse(&row.get::<_, String>(1)?, "query_answers.dictation_id")?,
        claim: parse(&row.get::<_, String>(2)?, "query_answers.claim_id")?,
        question: row.get(3)?,
        addendum: parse_opt(row.get::<_, Option<String>>(4)?.as_ref(), "query_answers.addendum_id")?,
        actor: row.get(5)?,
        signer: row.get(6)?,
        at: parse(&row.get::<_, String>(7)?, "query_answers.at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::note_sha256;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(note_sha256(&["ab", "c"]), note_sha256(&["a", "bc"]));
        assert_ne!(note_sha256(&["ab"]), note_sha256(&["ab", ""]));
        assert_eq!(note_sha256(&["ab", "c"]), note_sha256(&["ab", "c"]));
    }
}
