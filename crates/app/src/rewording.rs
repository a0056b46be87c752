//! Words of a transcript written over by a person: the next transcript revision, and the claim drafted from it.
//!
//! A draft nobody has touched is read again. Where a coder's work stands, its codes stay and their evidence follows the
//! words; what an edit changes for the reader becomes a query.

use crate::draft;
use crate::error::AppError;
use crate::events::Stage;
use crate::in_hand::InHand;
use crate::people::{Action, is_person};
use crate::pipeline;
use crate::session::{Session, blocking};
use crate::stages::draft::{Drafted, Reading, answered_questions, draft as draft_from, header, phrase_rules};
use crate::view::DraftView;
use iambilly_claim::ids::{ClaimId, JobId, RevisionId, TranscriptId};
use iambilly_claim::transcript::Correction;
use iambilly_claim::{Coding, Fault, FaultKind, OwnWord, Phi, Transcript};
pub use iambilly_coding::TextChange;
use iambilly_coding::{Context, OwnWords, PERSON, Reader, Revised, Tables, continued, reanchor, revise};
use iambilly_store::{Dictation, NewRevision, Records, StoreError};
use serde::Serialize;

/// Reads a list of text changes from JSON.
///
/// # Errors
/// `changes_invalid` with line and column, never content.
pub fn changes(json: &str) -> Result<Vec<TextChange>, Fault> {
    serde_json::from_str(json).map_err(|e| {
        Fault::new(
            FaultKind::Input,
            "changes_invalid",
            format!("The changes are not valid JSON of text changes (line {}, column {}).", e.line(), e.column()),
            "Give a list like [{\"start\":112,\"end\":116,\"was\":\"left\",\"now\":\"right\"}]; docs/contract.md explains it.",
        )
    })
}

/// A claim after its text was changed.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reworded {
    /// The claim as it stands now.
    pub draft: DraftView,
    /// Changes that could go into the dictionary, so that the recogniser's slip is mended by itself from now on.
    pub for_dictionary: Vec<OwnWord>,
}

/// A claim drafted from a text, that is to be its next revision.
pub(crate) struct Redrafted {
    /// The text.
    pub(crate) text: Transcript,
    /// Codes, claim, findings.
    pub(crate) drafted: Drafted,
    /// Who drafted the codes: `rules`, or a person.
    pub(crate) by: String,
}

impl Session {
    /// Changes the words of a claim's transcript: all changes or none. `seen` is the claim's revision the person saw.
    ///
    /// # Errors
    /// `claim_state` for an approved, rejected or exported claim; a conflict when the claim was changed meanwhile;
    /// `note_signed` once the note is signed; `text_…` for a change that cannot be made.
    pub async fn reword(
        &self,
        id: ClaimId,
        seen: u32,
        changes: Vec<TextChange>,
    ) -> Result<Reworded, AppError> {
        self.allow(Action::EditTranscript).await?;
        let open = self.codes_in_hand(id, seen, None, "claim.reworded_refused").await?;
        let revised =
            revise(&open.transcript.transcript, &changes).map_err(|e| AppError::Fault(e.fault()))?;
        if revised.transcript == open.transcript.transcript {
            return Ok(Reworded { draft: self.draft_now(id).await?, for_dictionary: vec![] });
        }
        self.unsigned(open.dictation.id, "claim.reworded_refused").await?;
        let next = self.redrafted(&open, revised, None).await?;
        let slips = slips(&open.transcript.transcript, &next.text);
        self.keep(open, seen, next, "claim.reworded", |_, _| Ok(())).await?;
        Ok(Reworded { draft: self.draft_now(id).await?, for_dictionary: self.learnable(slips).await? })
    }

    /// Reads a claim's transcript again by the rules; what a person made of the codes is left in older revisions.
    ///
    /// # Errors
    /// As [`Session::reword`].
    pub async fn reread(&self, id: ClaimId, seen: u32) -> Result<DraftView, AppError> {
        self.allow(Action::EditTranscript).await?;
        let open = self.codes_in_hand(id, seen, None, "claim.reread_refused").await?;
        let text = open.transcript.transcript.clone();
        let drafted = self.read_anew(id, &open.dictation, text.clone(), None).await?;
        let next = Redrafted { text, drafted, by: "rules".to_owned() };
        self.keep(open, seen, next, "claim.reread", |_, _| Ok(())).await?;
        self.draft_now(id).await
    }

    /// The claim of a text that was changed: read anew where nobody touched its codes, else with a person's codes, whose
    /// evidence follows the words. `answered` is a question that is answered by the change.
    pub(crate) async fn redrafted(
        &self,
        open: &InHand,
        revised: Revised,
        answered: Option<&str>,
    ) -> Result<Redrafted, AppError> {
        let (id, dictation) = (open.claim.id, &open.dictation);
        let text =
            Transcript { revision: open.transcript.transcript.revision + 1, ..revised.transcript.clone() };
        if !is_person(&open.revision.drafted_by) {
            let drafted = self.read_anew(id, dictation, text.clone(), answered).await?;
            return Ok(Redrafted { text, drafted, by: "rules".to_owned() });
        }
        let (coding, before) = (open.revision.coding.clone(), open.transcript.transcript.clone());
        let drafted =
            self.reanchored(id, dictation, coding, (before, text.clone()), revised, answered).await?;
        Ok(Redrafted { text, drafted, by: self.by().to_string() })
    }

    /// A claim that asks one question less and is otherwise as it was.
    pub(crate) fn asked_no_more(&self, open: &InHand, question: &str) -> Redrafted {
        let mut coding = open.revision.coding.clone();
        coding.queries.retain(|q| q.question != question);
        let (claim, findings) = (open.revision.claim.clone(), open.revision.findings.clone());
        Redrafted {
            text: open.transcript.transcript.clone(),
            drafted: Drafted { coding, claim, findings },
            by: open.revision.drafted_by.clone(),
        }
    }

    /// The rules' reading of a text as a draft.
    async fn read_anew(
        &self,
        id: ClaimId,
        dictation: &Dictation,
        transcript: Transcript,
        answered: Option<&str>,
    ) -> Result<Drafted, AppError> {
        let answered = answered_questions(self, dictation.id, answered).await?;
        let rules = phrase_rules(self).await?;
        let payer_rules = self.payer_rules_in_force().await?;
        let pricing = self.pricing(&dictation.payer, dictation.dos, None).await?;
        let header = header(self, dictation).await?;
        let (book, row, today) = (self.config.rules.clone(), dictation.clone(), (self.surroundings.today)());
        blocking(move || {
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
            draft_from(id, &row, &transcript, &by, today)
        })
        .await
    }

    /// A person's coding of a dictation that went on: the codes stand, and what was said since becomes queries.
    pub(crate) async fn followed(
        &self,
        id: ClaimId,
        dictation: &Dictation,
        coding: Coding,
        before: &Transcript,
        now: Transcript,
    ) -> Result<Drafted, AppError> {
        // All that was there stands where it stood.
        let revised = continued(before, &now);
        self.reanchored(id, dictation, coding, (before.clone(), now), revised, None).await
    }

    /// A person's coding under changed words, charged and judged; what the physician has answered is not asked again.
    async fn reanchored(
        &self,
        id: ClaimId,
        dictation: &Dictation,
        coding: Coding,
        (before, now): (Transcript, Transcript),
        revised: Revised,
        answered: Option<&str>,
    ) -> Result<Drafted, AppError> {
        let done = answered_questions(self, dictation.id, answered).await?;
        let (rules, row, after) = (self.config.rules.clone(), dictation.clone(), now.clone());
        let coding = blocking(move || {
            let book = rules.book()?;
            let tables = Tables { catalogue: iambilly_coding::Catalogue::standard(), icd: book.icd(row.dos) };
            let context = Context { dos: row.dos, payer: row.payer };
            let read = |t: &Transcript| iambilly_coding::code_with(&tables, t, &context, Reader::Rules, None);
            let mut coding = reanchor(&coding, &revised, &read(&before), &read(&after));
            coding.queries.retain(|q| !done.contains(&q.question));
            Ok(coding)
        })
        .await?;
        self.priced(id, dictation, coding, now).await
    }

    /// A person's coding as a claim, charged and judged.
    async fn priced(
        &self,
        id: ClaimId,
        dictation: &Dictation,
        coding: Coding,
        transcript: Transcript,
    ) -> Result<Drafted, AppError> {
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let pricing = self.pricing(&dictation.payer, dictation.dos, None).await?;
        let header = header(self, dictation).await?;
        let today = (self.surroundings.today)();
        blocking(move || {
            let mut claim = draft::claim(id, &coding, transcript.text.expose(), &header);
            pricing.charge(&mut claim, &rules, today)?;
            let findings = rules.judge(&claim, &payers, today)?;
            Ok(Drafted { coding, claim, findings })
        })
        .await
    }

    /// Stores the next revision of the claim, and of its transcript where that changed, with whatever else belongs to the
    /// change; the language model is asked again where it reads too.
    pub(crate) async fn keep(
        &self,
        open: InHand,
        seen: u32,
        next: Redrafted,
        action: &'static str,
        with: impl FnOnce(&Records<'_>, TranscriptId) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), AppError> {
        let (now, actor) = ((self.surroundings.now)(), self.by());
        let (revision_id, transcript_id, job) = (
            RevisionId::new(self.surroundings.id()),
            TranscriptId::new(self.surroundings.id()),
            JobId::new(self.surroundings.id()),
        );
        let Redrafted { text, drafted, by } = next;
        let second =
            by == "rules" && pipeline::stages_of(&open.dictation, false).contains(&Stage::SecondOpinion);
        self.store(move |s| {
            s.write(|r| {
                let id = open.claim.id;
                let transcript = if text == open.transcript.transcript {
                    open.transcript.id
                } else {
                    r.add_transcript(transcript_id, open.dictation.id, &text, now)?.id
                };
                let next = NewRevision {
                    id: revision_id,
                    coding: &drafted.coding,
                    claim: &drafted.claim,
                    findings: &drafted.findings,
                    transcript: Some(transcript),
                    drafted_by: &by,
                    now,
                };
                r.add_revision(id, seen, &next)?;
                if second {
                    pipeline::enqueue(r, &open.dictation, Stage::SecondOpinion, job, now)?;
                }
                with(r, transcript)?;
                r.append_audit(&actor, action, &id.to_string(), now).map(drop)
            })
        })
        .await?;
        self.work.notify_one();
        Ok(())
    }

    /// Of a person's changes those that the dictionary could make by itself from now on.
    async fn learnable(&self, slips: Vec<OwnWord>) -> Result<Vec<OwnWord>, AppError> {
        let known = self.store(|s| s.read(|r| r.own_words())).await?;
        let heard = |w: &OwnWord| w.heard.expose().as_deref().map(str::to_lowercase);
        let is_known =
            |word: &OwnWord| known.iter().any(|k| heard(&k.word).is_some() && heard(&k.word) == heard(word));
        Ok(slips.into_iter().filter(|w| OwnWords::check(w).is_ok() && !is_known(w)).collect())
    }
}

/// What a person wrote over heard words, each with what had been heard: none for a typed note, and none where what was
/// heard was written back.
fn slips(before: &Transcript, after: &Transcript) -> Vec<OwnWord> {
    if before.segments.is_empty() {
        return vec![];
    }
    let scalars: Vec<char> = after.text.expose().chars().collect();
    let earlier =
        |c: &Correction| before.corrections.iter().any(|b| b.rule == PERSON && b.original == c.original);
    let made = after.corrections.iter().filter(|c| c.rule == PERSON && !earlier(c));
    made.map(|c| {
        let now: String = scalars.get(c.start..c.end).unwrap_or(&[]).iter().collect();
        OwnWord { meant: Phi::new(tidy(&now)), heard: Phi::new(Some(tidy(c.original.expose()))) }
    })
    .collect()
}

/// One space between words, none around them, no punctuation at the end.
fn tidy(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_matches(['.', ',', ';', ':', '!', '?']).to_owned()
}
