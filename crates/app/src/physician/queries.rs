//! The physician's inbox: what open claims ask, and the answers, which become evidence.

use super::{label, refused};
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use crate::view::DraftView;
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::{Evidence, Phi, Risk, phi};
use iambilly_store::{NoteAddendum, QueryAnswer, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Claims looked at for the inbox; beyond it there is more work than a day holds.
const CLAIMS: u32 = 200;

/// A question in the inbox.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueryView {
    /// The claim that asks.
    pub claim_id: ClaimId,
    /// Its revision.
    pub revision: u32,
    /// Its dictation.
    pub dictation_id: DictationId,
    /// "Last, First".
    #[serde(serialize_with = "phi::disclose")]
    pub patient_label: Phi<Option<String>>,
    /// What the dictation is called.
    #[serde(serialize_with = "phi::disclose")]
    pub name: Phi<String>,
    /// Date of service.
    pub dos: String,
    /// Payer id.
    pub payer: String,
    /// Who rendered it, as far as it is known.
    pub physician: String,
    /// The question.
    pub question: String,
    /// Codes that hang on it, with our short words.
    pub affects: BTreeMap<String, String>,
    /// What goes wrong if it stays open.
    pub risk: Risk,
    /// What hangs on it, in relative value units.
    pub stake: f64,
    /// The words that raised it.
    pub evidence: Vec<Evidence>,
    /// Length of the sound, 0 for a typed note.
    pub audio_ms: u64,
}

/// The gravest first: what could be a false claim before what is only missed.
const fn rank(risk: Risk) -> u8 {
    match risk {
        Risk::Compliance => 0,
        Risk::UpCode => 1,
        Risk::Denial => 2,
        Risk::Sequence => 3,
        Risk::Missed => 4,
    }
}

impl Session {
    /// Every question of open claims, the gravest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open_queries(&self) -> Result<Vec<QueryView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        self.note_view("queries.listed", "queries").await?;
        let mut all = self
            .store(|s| {
                s.read(|r| {
                    let mut all = vec![];
                    for id in r.claims_with_questions(CLAIMS)? {
                        let missing = |what| StoreError::NotFound { what };
                        let claim = r.claim(id)?.ok_or(missing("claim"))?;
                        let revision = r.revision(id, None)?.ok_or(missing("claim revision"))?;
                        let dictation = r.dictation(claim.dictation)?.ok_or(missing("dictation"))?;
                        let audio_ms = match revision.transcript {
                            Some(t) => r.transcript(t)?.map_or(0, |t| t.transcript.audio_ms),
                            None => 0,
                        };
                        let physician = revision.claim.rendering_provider.shown_name().unwrap_or_default();
                        for query in revision.coding.queries {
                            let words = |code: &String| {
                                (code.clone(), iambilly_coding::label(code).unwrap_or_default().to_owned())
                            };
                            all.push(QueryView {
                                claim_id: id,
                                revision: revision.number,
                                dictation_id: dictation.id,
                                patient_label: label(dictation.patient.as_ref()),
                                name: dictation.name.clone(),
                                dos: revision.coding.dos.to_string(),
                                payer: revision.coding.payer.clone(),
                                physician: physician.to_string(),
                                affects: query.affects.iter().map(words).collect(),
                                question: query.question,
                                risk: query.risk,
                                stake: query.stake,
                                evidence: query.evidence,
                                audio_ms,
                            });
                        }
                    }
                    Ok(all)
                })
            })
            .await?;
        all.sort_by(|a, b| rank(a.risk).cmp(&rank(b.risk)).then(b.stake.total_cmp(&a.stake)));
        Ok(all)
    }

    /// Answers a question of a claim: the words become part of the note as an addendum of whoever answers, and the claim is
    /// drafted with them. Without words the note stands as it is, and the question is not asked again.
    ///
    /// # Errors
    /// `query_gone` for a question the claim does not ask; `claim_state`; `claim_changed`; `text_…`.
    pub async fn answer_query(
        &self,
        id: ClaimId,
        seen: u32,
        question: String,
        words: Option<Phi<String>>,
    ) -> Result<DraftView, AppError> {
        self.allow(Action::SignNote).await?;
        let open = self.codes_in_hand(id, seen, None, "query.answered_refused").await?;
        if !open.revision.coding.queries.iter().any(|q| q.question == question) {
            return Err(refused(
                "query_gone",
                "The claim does not ask this any more.",
                "Look at its newest revision; the inbox shows what is asked now.",
            ));
        }
        let answer = QueryAnswer {
            id: self.surroundings.id(),
            dictation: open.dictation.id,
            claim: id,
            question: question.clone(),
            addendum: None,
            actor: self.by().to_string(),
            signer: self.actor().name().to_owned(),
            at: (self.surroundings.now)(),
        };
        match words {
            Some(words) => {
                let (revised, row) = self.added(&open, &words)?;
                let next = self.redrafted(&open, revised, Some(&question)).await?;
                self.keep(open, seen, next, "query.answered", move |r, transcript| {
                    let answer = QueryAnswer { addendum: Some(row.id), ..answer };
                    r.addend_note(&NoteAddendum { transcript, ..row })?;
                    r.answer_query(&answer)
                })
                .await?;
            }
            None => {
                let next = self.asked_no_more(&open, &question);
                self.keep(open, seen, next, "query.closed", move |r, _| r.answer_query(&answer)).await?;
            }
        }
        self.draft_now(id).await
    }
}
