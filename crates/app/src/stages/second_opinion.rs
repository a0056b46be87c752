//! Second opinion: the language model lists and quotes, the rules read its quotes, evidence merges them.
//!
//! A draft that a person has taken in hand meanwhile is left alone.

use super::Outcome;
use super::draft::{Reading, answered_questions, draft, header, phrase_rules, transcript_of_claim};
use crate::error::AppError;
use crate::models;
use crate::session::{Session, blocking};
use iambilly_claim::ids::RevisionId;
use iambilly_claim::{Coding, ReadBy, Transcript};
use iambilly_coding::Reader;
use iambilly_coding::llm::{self, Proposals};
use iambilly_engines::{Cancel, Engines, GenerateRequest, ModelPath, Role};
use iambilly_store::{ClaimState, Dictation, NewRevision, StoreError};

/// Asks the language model about a transcript.
pub(crate) async fn proposals(
    engines: &Engines,
    model: &ModelPath,
    transcript: &Transcript,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Proposals, AppError> {
    let requests = llm::requests(transcript);
    let count = requests.len();
    let mut replies = vec![];
    for (done, request) in requests.into_iter().enumerate() {
        let mut asked = GenerateRequest::new(request.system, request.user).with_grammar(request.grammar);
        asked.max_tokens = request.max_tokens;
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        let within = |share: f32| progress((done as f32 + share) / count as f32);
        replies.push(engines.generate(model, &asked, &within, cancel).await?.text.into_exposed());
    }
    Ok(llm::parse(&replies, transcript))
}

pub(super) async fn run(
    session: &Session,
    dictation: &Dictation,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Outcome, AppError> {
    let Ok(model) = models::resolve(&session.config.paths, Role::Language, None) else {
        return Ok(Outcome::skipped("no language model is installed"));
    };
    let of = dictation.id;
    let claim = session
        .store(move |s| s.read(|r| r.claim_of(of)))
        .await?
        .ok_or(StoreError::NotFound { what: "claim" })?;
    let by = session.store(move |s| s.read(|r| r.drafted_by(claim.id))).await?;
    if claim.state != ClaimState::Draft || by.as_deref() != Some("rules") {
        return Ok(Outcome::skipped("the draft is already in a person's hands"));
    }
    let (stored, transcript) = transcript_of_claim(session, dictation, claim.id).await?;
    let proposals = proposals(&session.engines, &model, &transcript, progress, cancel).await?;
    let reader = if dictation.reader == "llm" { Reader::Llm } else { Reader::Both };
    let (row, today, now) = (dictation.clone(), (session.surroundings.today)(), (session.surroundings.now)());
    let by = format!("rules, {}", model.id);
    let rules = phrase_rules(session).await?;
    let payer_rules = session.payer_rules_in_force().await?;
    let pricing = session.pricing(&dictation.payer, dictation.dos, None).await?;
    // Who the claim is for may have been filled in while the model read: that stands, and is no reason to stop.
    let header = header(session, dictation).await?;
    let claim = session
        .store(move |s| s.read(|r| r.claim_of(of)))
        .await?
        .ok_or(StoreError::NotFound { what: "claim" })?;
    let by_now = session.store(move |s| s.read(|r| r.drafted_by(claim.id))).await?;
    let (stored_now, _) = transcript_of_claim(session, dictation, claim.id).await?;
    if claim.state != ClaimState::Draft || by_now.as_deref() != Some("rules") || stored_now != stored {
        return Ok(Outcome::skipped("the claim or its words were changed meanwhile"));
    }
    let answered = answered_questions(session, of, None).await?;
    let book = session.config.rules.clone();
    let drafted = blocking(move || {
        let by = Reading {
            reader,
            proposals: Some(&proposals),
            model: Some(&model),
            phrase_rules: &rules,
            payer_rules: &payer_rules,
            rules: &book,
            pricing: &pricing,
            header: &header,
            answered: &answered,
        };
        draft(claim.id, &row, &transcript, &by, today)
    })
    .await?;
    let note = agreement(&drafted.coding);
    let id = RevisionId::new(session.surroundings.id());
    Ok(Outcome::new(Some(note), move |r| {
        let merged = NewRevision {
            id,
            coding: &drafted.coding,
            claim: &drafted.claim,
            findings: &drafted.findings,
            transcript: stored,
            drafted_by: &by,
            now,
        };
        match r.add_revision(claim.id, claim.current_revision, &merged) {
            Ok(_) => r.append_audit("pipeline", "claim.second_opinion", &claim.id.to_string(), now).map(drop),
            // A person was faster: their revision stands.
            Err(StoreError::Conflict { .. } | StoreError::ClaimChanged { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }))
}

/// "The language model agrees on 5 of 6 lines."
fn agreement(coding: &Coding) -> String {
    let agreed = coding.lines.iter().filter(|l| l.source == ReadBy::Both).count();
    format!("The language model agrees on {agreed} of {} lines.", coding.lines.len())
}
