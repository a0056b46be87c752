//! Final pass: a larger speech model hears the sealed recordings again after the draft, and what it hears otherwise
//! becomes the next revision of the transcript, with the first words kept beside the new ones.
//!
//! It makes way for everything somebody waits for: while a recording runs, or other work is queued, it goes back to
//! the queue; what it recognised stays. A draft that a person has taken in hand is left alone.

use super::Outcome;
use super::draft::{Reading, draft, header, phrase_rules, transcript_of_claim};
use super::import;
use super::recognise::{Parts, Recogniser, Stretch, transcript};
use super::transcribe::{StoredParts, forget_parts, words_of};
use crate::error::AppError;
use crate::events::Stage;
use crate::models;
use crate::session::{Session, blocking};
use iambilly_claim::ids::{RevisionId, TranscriptId};
use iambilly_claim::{Fault, FaultKind};
use iambilly_coding::{FINAL_PASS, PERSON, Reader};
use iambilly_engines::Cancel;
use iambilly_store::{ClaimState, Dictation, NewRevision, StoreError};
use iambilly_worker_protocol::Recognised;
use jiff::SignedDuration;
use std::sync::Arc;

/// Code of the fault with which a pass makes way.
pub(crate) const YIELDED: &str = "yielded";
/// How long it stays away then.
pub(crate) const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(3);

/// Recognised pieces that are kept, until somebody waits for something else.
struct Yielding<'a> {
    kept: StoredParts<'a>,
}

impl Parts for Yielding<'_> {
    async fn find(&self, piece: Stretch) -> Result<Option<Recognised>, AppError> {
        make_way(self.kept.session).await?;
        self.kept.find(piece).await
    }
    async fn keep(&self, piece: Stretch, part: &Recognised) -> Result<(), AppError> {
        self.kept.keep(piece, part).await
    }
}

async fn make_way(session: &Session) -> Result<(), AppError> {
    let now = (session.surroundings.now)();
    let wait = session.store(move |s| s.read(|r| r.others_wait(Stage::FinalPass.name(), now))).await?;
    if !wait && !session.hears_now() {
        return Ok(());
    }
    Err(Fault::new(
        FaultKind::Cancelled,
        YIELDED,
        "The second hearing waits while somebody dictates.",
        "It goes on by itself.",
    )
    .into())
}

pub(super) async fn run(
    session: &Session,
    dictation: &Dictation,
    progress: &(dyn Fn(f32) + Send + Sync),
    cancel: &Cancel,
) -> Result<Outcome, AppError> {
    let Some(model) = models::final_pass(&session.config.paths) else {
        return Ok(Outcome::skipped("no model is chosen for it"));
    };
    make_way(session).await?;
    let of = dictation.id;
    let claim = session
        .store(move |s| s.read(|r| r.claim_of(of)))
        .await?
        .ok_or(StoreError::NotFound { what: "claim" })?;
    let by = session.store(move |s| s.read(|r| r.drafted_by(claim.id))).await?;
    if claim.state != ClaimState::Draft || by.as_deref() != Some("rules") {
        return Ok(Outcome::skipped("the draft is already in a person's hands"));
    }
    if session.store(move |s| s.read(|r| crate::physician::touched(r, of))).await? {
        return Ok(Outcome::skipped("the physician has signed the note or added to it"));
    }
    let (stored, first) = transcript_of_claim(session, dictation, claim.id).await?;
    if first.corrections.iter().any(|c| c.rule == PERSON) {
        return Ok(Outcome::skipped("a person has gone over the words"));
    }
    if first.model == model.id {
        return Ok(Outcome::skipped("the same model heard it already"));
    }
    let mut recordings = session.store(move |s| s.read(|r| r.recordings_of(of))).await?;
    recordings.retain(import::readable);
    let total_ms: u64 = recordings.iter().map(|r| r.duration_ms).sum();
    let recogniser = Recogniser::new(&session.engines, model, session.own_words().await?);
    let (mut parts, mut recognised, mut before_ms) = (vec![], vec![], 0);
    for recording in recordings {
        let (id, length_ms) = (recording.id, recording.duration_ms);
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        let within =
            |share: f32| progress((before_ms as f32 + share * length_ms as f32) / total_ms.max(1) as f32);
        let yielding = Yielding { kept: StoredParts { session, recording: id, model: &recogniser.model.id } };
        match words_of(session, recording, None, &recogniser, &yielding, &within, cancel).await {
            Ok(words) => {
                parts.extend(words.iter().map(|(at, part)| (at + before_ms, part.clone())));
                recognised.push((id, words));
            }
            Err(AppError::Speech(iambilly_speech::SpeechError::NoSpeech { .. })) => {}
            Err(error) => return Err(error),
        }
        before_ms += length_ms;
    }
    let raw = transcript(&parts, total_ms, &recogniser.model, 0)?;
    let own = Arc::clone(&recogniser.own);
    let revision = first.revision + 1;
    let second = blocking(move || {
        let heard = iambilly_coding::correct_with(&raw, &own);
        let mut second = iambilly_coding::compare(&first, &heard);
        second.revision = revision;
        Ok(second)
    })
    .await?;
    let changed = second.corrections.iter().filter(|c| c.rule == FINAL_PASS).count();
    if changed == 0 {
        let note = "The larger model heard the same words.".to_owned();
        return Ok(Outcome::new(Some(note), move |r| {
            recognised.iter().try_for_each(|(id, words)| {
                r.keep_recognition(*id, &recogniser.model.id, words)?;
                forget_parts(r, *id)
            })
        }));
    }
    let rules = phrase_rules(session).await?;
    let payer_rules = session.payer_rules_in_force().await?;
    let pricing = session.pricing(&dictation.payer, dictation.dos, None).await?;
    // Who the claim is for may have been filled in while the model heard: that stands, and is no reason to stop.
    let header = header(session, dictation).await?;
    let now_claim = session.store(move |s| s.read(|r| r.claim_of(of))).await?;
    let by_now = session.store(move |s| s.read(|r| r.drafted_by(claim.id))).await?;
    let (stored_now, _) = transcript_of_claim(session, dictation, claim.id).await?;
    let claim = now_claim
        .filter(|c| c.id == claim.id && by_now.as_deref() == Some("rules") && stored_now == stored)
        .unwrap_or(claim);
    let (book, row, today) =
        (session.config.rules.clone(), dictation.clone(), (session.surroundings.today)());
    let (second, drafted) = blocking(move || {
        let by = Reading {
            reader: Reader::Rules,
            proposals: None,
            model: None,
            phrase_rules: &rules,
            payer_rules: &payer_rules,
            rules: &book,
            pricing: &pricing,
            header: &header,
            answered: &[],
        };
        let drafted = draft(claim.id, &row, &second, &by, today)?;
        Ok((second, drafted))
    })
    .await?;
    let note = format!(
        "The larger model heard {changed} passage{} otherwise; the first words are kept beside them.",
        if changed == 1 { "" } else { "s" }
    );
    let (revision_id, text_id) =
        (RevisionId::new(session.surroundings.id()), TranscriptId::new(session.surroundings.id()));
    let now = (session.surroundings.now)();
    Ok(Outcome::new(Some(note), move |r| {
        recognised.iter().try_for_each(|(id, words)| {
            r.keep_recognition(*id, &recogniser.model.id, words)?;
            forget_parts(r, *id)
        })?;
        // A person was faster: their revision and their text stand.
        let faster = r.claim(claim.id)?.is_none_or(|c| c.current_revision != claim.current_revision);
        if faster || crate::physician::touched(r, of)? {
            return Ok(());
        }
        let transcript = r.add_transcript(text_id, of, &second, now)?.id;
        let next = NewRevision {
            id: revision_id,
            coding: &drafted.coding,
            claim: &drafted.claim,
            findings: &drafted.findings,
            transcript: Some(transcript),
            drafted_by: "rules",
            now,
        };
        r.add_revision(claim.id, claim.current_revision, &next)?;
        r.append_audit("pipeline", "claim.final_pass", &claim.id.to_string(), now).map(drop)
    }))
}
