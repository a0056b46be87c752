//! Draft: the rules read, code and scrub; the first revision of the claim, or the next one of a dictation that was
//! continued.

use super::Outcome;
use crate::draft::{self, Providers};
use crate::error::AppError;
use crate::fees::Pricing;
use crate::master::{Known, complete};
use crate::payers;
use crate::people::is_person;
use crate::provenance;
use crate::rules::Rules;
use crate::session::{Session, blocking};
use iambilly_claim::ids::{ClaimId, DictationId, PhraseRuleId, RevisionId, TranscriptId};
use iambilly_claim::{Claim, Coding, Findings, PhraseRule, Transcript};
use iambilly_coding::{Catalogue, Context, Reader, Tables, learned, llm::Proposals};
use iambilly_engines::ModelPath;
use iambilly_scrub::PayerRules;
use iambilly_store::{ClaimRevision, ClaimState, Dictation, NewRevision, PhraseRuleState, StoreError};
use jiff::civil::Date;

/// Everything a revision holds.
pub(crate) struct Drafted {
    pub(crate) coding: Coding,
    pub(crate) claim: Claim,
    pub(crate) findings: Findings,
}

/// Who reads, with what beside the transcript.
pub(crate) struct Reading<'a> {
    pub(crate) reader: Reader,
    pub(crate) proposals: Option<&'a Proposals>,
    pub(crate) rules: &'a Rules,
    /// The clinic's own payer rules.
    pub(crate) payer_rules: &'a PayerRules,
    /// The language model that made the proposals.
    pub(crate) model: Option<&'a ModelPath>,
    pub(crate) phrase_rules: &'a PhraseRules,
    /// What the clinic charges.
    pub(crate) pricing: &'a Pricing,
    /// What the claim says beside its lines.
    pub(crate) header: &'a Claim,
    /// Questions the physician has answered: they are not asked again.
    pub(crate) answered: &'a [String],
}

/// Reads, codes and scrubs a transcript. Pure but for the rule book it loads once.
pub(crate) fn draft(
    id: ClaimId,
    dictation: &Dictation,
    transcript: &Transcript,
    by: &Reading<'_>,
    today: Date,
) -> Result<Drafted, AppError> {
    let context = Context { dos: dictation.dos, payer: dictation.payer.clone() };
    let book = by.rules.book()?;
    let tables = Tables { catalogue: Catalogue::standard(), icd: book.icd(dictation.dos) };
    let mut coding = iambilly_coding::code_with(&tables, transcript, &context, by.reader, by.proposals);
    coding.made_by = provenance::of(by.reader, transcript, by.model, &book, dictation.dos);
    learned::apply(&mut coding, transcript.text.expose(), by.phrase_rules);
    coding.queries.retain(|q| !by.answered.contains(&q.question));
    let mut claim = draft::claim(id, &coding, transcript.text.expose(), by.header);
    by.pricing.charge(&mut claim, by.rules, today)?;
    let findings = by.rules.judge(&claim, by.payer_rules, today)?;
    Ok(Drafted { coding, claim, findings })
}

/// What a dictation's claim says beside its lines: the newest revision's, where there is a claim already, else what the
/// dictation was given; completed from the master data.
pub(crate) async fn header(session: &Session, dictation: &Dictation) -> Result<Claim, AppError> {
    let providers: Providers = match dictation.provider.clone() {
        Some(json) => {
            serde_json::from_value(json).map_err(|_| AppError::internal("stored providers cannot be read"))?
        }
        None => Providers::default(),
    };
    let mut given = draft::header(&dictation.patient.clone().unwrap_or_default(), &providers);
    given.payer = payers::payer(&dictation.payer);
    let of = dictation.id;
    session
        .store(move |s| {
            s.read(|r| {
                let earlier = match r.claim_of(of)? {
                    Some(claim) => r.revision(claim.id, None)?,
                    None => None,
                };
                let mut header = earlier.map_or(given, |revision| revision.claim);
                let known = Known::of(&header, r)?;
                complete(&mut header, &known);
                Ok(header)
            })
        })
        .await
}

/// Accepted local phrase rules, oldest first.
pub(crate) type PhraseRules = [(PhraseRuleId, PhraseRule)];

/// The phrase rules in force.
pub(crate) async fn phrase_rules(session: &Session) -> Result<Vec<(PhraseRuleId, PhraseRule)>, AppError> {
    let rows = session.store(|s| s.read(|r| r.phrase_rules(Some(PhraseRuleState::Accepted)))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.rule)).collect())
}

/// What the physician has answered about a dictation, and a question that is being answered now.
pub(crate) async fn answered_questions(
    session: &Session,
    of: DictationId,
    now: Option<&str>,
) -> Result<Vec<String>, AppError> {
    let rows = session.store(move |s| s.read(|r| r.query_answers(of))).await?;
    Ok(rows.into_iter().map(|row| row.question).chain(now.map(str::to_owned)).collect())
}

/// The transcript the evidence points into: the newest one, or the typed note as its own.
pub(crate) async fn transcript_of(
    session: &Session,
    dictation: &Dictation,
) -> Result<(Option<TranscriptId>, Transcript), AppError> {
    let id: DictationId = dictation.id;
    let stored = session.store(move |s| s.read(|r| r.latest_transcript(id))).await?;
    match (stored, &dictation.note_text) {
        (Some(row), _) => Ok((Some(row.id), row.transcript)),
        (None, Some(note)) => Ok((None, Transcript::typed(note.expose().clone()))),
        (None, None) => Err(AppError::internal("a dictation without transcript or note reached the reader")),
    }
}

/// The transcript the newest revision of a claim points into: an older one where edits were taken back.
pub(crate) async fn transcript_of_claim(
    session: &Session,
    dictation: &Dictation,
    claim: ClaimId,
) -> Result<(Option<TranscriptId>, Transcript), AppError> {
    let row = session
        .store(move |s| {
            s.read(|r| match r.revision(claim, None)?.and_then(|revision| revision.transcript) {
                Some(id) => r.transcript(id),
                None => Ok(None),
            })
        })
        .await?;
    match row {
        Some(row) => Ok((Some(row.id), row.transcript)),
        None => transcript_of(session, dictation).await,
    }
}

/// A draft whose newest revision a person made of an earlier transcript than this one: its revision number, that
/// revision and its transcript.
async fn worked_on(
    session: &Session,
    of: DictationId,
    newest: TranscriptId,
) -> Result<Option<(u32, ClaimRevision, Transcript)>, AppError> {
    session
        .store(move |s| {
            s.read(|r| {
                let Some(claim) = r.claim_of(of)?.filter(|c| c.state == ClaimState::Draft) else {
                    return Ok(None);
                };
                let Some(revision) = r.revision(claim.id, None)?.filter(|v| is_person(&v.drafted_by)) else {
                    return Ok(None);
                };
                let before = match revision.transcript.filter(|t| *t != newest) {
                    Some(id) => r.transcript(id)?,
                    None => None,
                };
                Ok(before.map(|before| (claim.current_revision, revision, before.transcript)))
            })
        })
        .await
}

pub(super) async fn run(session: &Session, dictation: &Dictation) -> Result<Outcome, AppError> {
    let (stored, transcript) = transcript_of(session, dictation).await?;
    let rules = phrase_rules(session).await?;
    let payer_rules = session.payer_rules_in_force().await?;
    let pricing = session.pricing(&dictation.payer, dictation.dos, None).await?;
    let header = header(session, dictation).await?;
    let answered = answered_questions(session, dictation.id, None).await?;
    let book = session.config.rules.clone();
    let of = dictation.id;
    let earlier = session.store(move |s| s.read(|r| r.claim_of(of))).await?;
    let ids = (
        earlier.map_or_else(|| ClaimId::new(session.surroundings.id()), |claim| claim.id),
        RevisionId::new(session.surroundings.id()),
        TranscriptId::new(session.surroundings.id()),
    );
    let (row, today, now) = (dictation.clone(), (session.surroundings.today)(), (session.surroundings.now)());
    // Where a person has made the codes, they stand; what the words since then would change is asked.
    let theirs = match &stored {
        Some(newest) => worked_on(session, of, *newest).await?,
        None => None,
    };
    if let Some((seen, worked, before)) = theirs {
        let drafted = session.followed(ids.0, dictation, worked.coding, &before, transcript).await?;
        return Ok(Outcome::new(None, move |r| {
            let next = NewRevision {
                id: ids.1,
                coding: &drafted.coding,
                claim: &drafted.claim,
                findings: &drafted.findings,
                transcript: stored,
                drafted_by: &worked.drafted_by,
                now,
            };
            match r.add_revision(ids.0, seen, &next) {
                Ok(_) => r.append_audit("pipeline", "claim.drafted", &ids.0.to_string(), now).map(drop),
                // A person was faster: what they see now is what counts.
                Err(StoreError::Conflict { .. } | StoreError::ClaimChanged { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        }));
    }
    let (transcript, drafted) = blocking(move || {
        let by = Reading {
            reader: Reader::Rules,
            proposals: None,
            model: None,
            phrase_rules: &rules,
            payer_rules: &payer_rules,
            rules: &book,
            pricing: &pricing,
            header: &header,
            answered: &answered,
        };
        let drafted = draft(ids.0, &row, &transcript, &by, today)?;
        Ok((transcript, drafted))
    })
    .await?;
    Ok(Outcome::new(None, move |r| {
        let earlier = r.claim_of(of)?;
        if let Some(claim) = &earlier {
            // A retry after a crash between two transactions finds the claim already there. What a person has
            // made of it since stands.
            let newest = r.revision(claim.id, None)?;
            let same = stored.is_none() || newest.as_ref().is_some_and(|n| n.transcript == stored);
            let theirs = newest.is_some_and(|n| is_person(&n.drafted_by));
            if same || theirs || claim.state != ClaimState::Draft {
                return Ok(());
            }
        }
        let transcript = match stored {
            Some(id) => id,
            None => r.add_transcript(ids.2, of, &transcript, now)?.id,
        };
        let revision = NewRevision {
            id: ids.1,
            coding: &drafted.coding,
            claim: &drafted.claim,
            findings: &drafted.findings,
            transcript: Some(transcript),
            drafted_by: "rules",
            now,
        };
        match earlier {
            Some(claim) => drop(r.add_revision(claim.id, claim.current_revision, &revision)?),
            None => drop(r.insert_claim(ids.0, of, &revision)?),
        }
        r.append_audit("pipeline", "claim.drafted", &ids.0.to_string(), now).map(drop)
    }))
}
