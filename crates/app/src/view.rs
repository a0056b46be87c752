//! Shapes the two doors show. The window's fields are camelCase; the contract's shapes inside keep theirs.

use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::phi::{self, Phi};
use iambilly_claim::{Claim, Coding, Evidence, Fault, FindingKind, Findings, Span, Transcript};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::edition_note::EditionNote;
use crate::events::Stage;
use crate::judgement::{JudgedBy, Judgement};
use crate::pipeline;
use iambilly_scrub::RuleBook;
use iambilly_store::{
    ClaimDecision, ClaimState, Dictation, DictationKind, Job, JobState, Recording, RecordingState, Records,
    RelatedClaim, Relation, StoreError,
};
use jiff::civil::Date;

/// State of a stage or of a whole dictation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Waiting for its turn.
    Queued,
    /// Being worked on.
    Running,
    /// Finished.
    Done,
    /// Stopped by an error that a retry did not mend.
    Failed,
    /// Stopped on request.
    Cancelled,
    /// Not needed, with the reason in the note.
    Skipped,
}

/// One stage as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageView {
    /// Which one.
    pub stage: Stage,
    /// Its state.
    pub state: WorkState,
    /// Share done, 0 to 1, while it runs.
    pub progress: Option<f64>,
    /// A short remark, e.g. why it was skipped.
    pub note: Option<String>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// A dictation in the list.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DictationView {
    /// Its id.
    pub id: DictationId,
    /// Name for people: the file's name or "Typed note".
    #[serde(serialize_with = "phi::disclose")]
    pub name: Phi<String>,
    /// Spoken or typed.
    pub kind: DictationKind,
    /// RFC 3339 in UTC.
    pub created_at: String,
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: String,
    /// Length of the audio.
    pub duration_ms: Option<u64>,
    /// The recording was cut off (a crash, a power cut) and everything sealed until then was recovered.
    pub recovered: bool,
    /// More can be dictated at its end.
    pub can_continue: bool,
    /// Its claim, once drafted.
    pub claim_id: Option<ClaimId>,
    /// State of that claim.
    pub claim_state: Option<ClaimState>,
    /// "Last, First" when the patient is known.
    #[serde(serialize_with = "phi::disclose")]
    pub patient_label: Phi<Option<String>>,
    /// Its stages in order.
    pub stages: Vec<StageView>,
    /// State over all stages.
    pub state: WorkState,
    /// The fault of the failed stage.
    pub fault: Option<Fault>,
}

/// Where the second opinion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondOpinion {
    /// Not there yet.
    Pending,
    /// Merged into this draft.
    Merged,
    /// Not asked for, or no language model installed.
    Skipped,
    /// It failed; the rules' draft stands.
    Failed,
}

/// A draft claim with everything needed to review it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DraftView {
    /// The claim.
    pub claim_id: ClaimId,
    /// Its dictation.
    pub dictation_id: DictationId,
    /// Life-cycle state.
    pub state: ClaimState,
    /// Revision shown.
    pub revision: u32,
    /// Who drafted it: "rules", model names.
    pub drafted_by: Vec<String>,
    /// The transcript that evidence points into.
    pub transcript: Transcript,
    /// Codes with proof.
    pub coding: Coding,
    /// The claim as CMS-1500 JSON.
    pub claim: Claim,
    /// The scrubber's findings.
    pub findings: Findings,
    /// By which rules they were made.
    pub judgement: Judgement,
    /// Our own short words per procedure code.
    pub labels: BTreeMap<String, String>,
    /// Titles per diagnosis code (ICD-10-CM, public domain).
    pub titles: BTreeMap<String, String>,
    /// The language model's part.
    pub second_opinion: SecondOpinion,
    /// Length of the audio; 0 for a note.
    pub audio_ms: u64,
    /// What a reader should know about the rules' editions.
    pub edition_note: Option<EditionNote>,
    /// Claims that this one is about, or that are about it.
    pub related: Vec<RelatedView>,
    /// What the physician answered, with where the answers stand in the transcript.
    pub answers: Vec<AnsweredQuery>,
    /// The last step of its life; none before the first.
    pub decided: Option<StepTaken>,
}

/// A step of a claim's life: who took it, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepTaken {
    /// State after it.
    pub to: ClaimState,
    /// Who took it: an account's id, or `owner`.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Why, where a reason was given.
    #[serde(serialize_with = "phi::disclose")]
    pub reason: Phi<Option<String>>,
}

impl From<ClaimDecision> for StepTaken {
    fn from(row: ClaimDecision) -> Self {
        let reason = Phi::new(row.reason.map(Phi::into_exposed));
        Self { to: row.to, by: row.actor, at: row.at.to_string(), reason }
    }
}

/// A query that was answered, beside the claim it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnsweredQuery {
    /// What was asked.
    pub question: String,
    /// Who answered.
    pub signer: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The answer's words in the transcript; none where the note stands as it is.
    pub evidence: Option<Evidence>,
}

/// A claim beside another: what replaces or voids it, or a companion's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RelatedView {
    /// The other claim.
    pub claim_id: ClaimId,
    /// What the younger of the two is to the older.
    pub relation: Relation,
    /// Whether the other one is the older.
    pub is_older: bool,
    /// State of the other one.
    pub state: ClaimState,
}

impl From<RelatedClaim> for RelatedView {
    fn from(row: RelatedClaim) -> Self {
        Self { claim_id: row.claim, relation: row.relation, is_older: row.is_older, state: row.state }
    }
}

/// What the microphone is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MicrophoneState {
    /// Open; only the last second is in memory.
    Ready,
    /// The recording's file is being made.
    Starting,
    /// Recording.
    Recording,
    /// Paused: nothing is kept.
    Paused,
    /// The longest recording is reached; everything is kept.
    Full,
}

/// Level of the microphone for the meter.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LevelView {
    /// What it is doing.
    pub state: MicrophoneState,
    /// Recorded so far in ms, without pauses.
    pub elapsed_ms: u64,
    /// Left until the longest recording in ms.
    pub remaining_ms: u64,
    /// Root mean square, 0 to 1.
    pub rms: f32,
    /// Highest sample, 0 to 1.
    pub peak: f32,
    /// Full scale was reached.
    pub clipped: bool,
    /// Two seconds of digital silence.
    pub silent: bool,
    /// The device in use; none while it is lost and waited for.
    pub device: Option<String>,
    /// Why nothing more can be sealed; what was sealed is kept.
    pub trouble: Option<Fault>,
}

/// Builds the list's view of a dictation from its rows.
pub(crate) fn dictation(records: &Records<'_>, dictation: &Dictation) -> Result<DictationView, StoreError> {
    let jobs = records.jobs_of(dictation.id)?;
    let claim = records.claim_of(dictation.id)?;
    let recordings = records.recordings_of(dictation.id)?;
    let can_continue = why_not_continued(records, dictation, &recordings)?.is_none();
    let stages: Vec<StageView> = pipeline::stages_of(dictation, heard_again(&jobs))
        .into_iter()
        .map(|stage| stage_view(stage, &jobs, dictation))
        .collect();
    let failed = stages.iter().find(|s| s.state == WorkState::Failed);
    let fault = failed.and_then(|s| s.fault.clone());
    let any = |state| stages.iter().any(|s| s.state == state);
    let state = if dictation.cancelled_at.is_some() {
        WorkState::Cancelled
    } else if failed.is_some_and(|s| !matches!(s.stage, Stage::FinalPass | Stage::SecondOpinion)) {
        WorkState::Failed
    } else if any(WorkState::Running) {
        WorkState::Running
    } else if any(WorkState::Queued) {
        WorkState::Queued
    } else {
        // A failed second hearing or reading leaves a good draft.
        WorkState::Done
    };
    let patient_label = dictation.patient.as_ref().and_then(|p| {
        let name = |part: &Phi<Option<String>>| part.expose().clone().filter(|n| !n.is_empty());
        match (name(&p.last), name(&p.first)) {
            (Some(last), Some(first)) => Some(format!("{last}, {first}")),
            (last, first) => last.or(first),
        }
    });
    Ok(DictationView {
        id: dictation.id,
        name: dictation.name.clone(),
        kind: dictation.kind,
        created_at: dictation.created_at.to_string(),
        payer: dictation.payer.clone(),
        dos: dictation.dos.to_string(),
        recovered: recordings.iter().any(|r| r.state == RecordingState::Torn),
        duration_ms: (!recordings.is_empty()).then(|| recordings.iter().map(|r| r.duration_ms).sum()),
        can_continue,
        claim_id: claim.as_ref().map(|c| c.id),
        claim_state: claim.map(|c| c.state),
        patient_label: Phi::new(patient_label),
        stages,
        state,
        fault,
    })
}

/// Why nothing can be dictated at the end of a dictation, with advice; none when it can.
pub(crate) fn why_not_continued(
    records: &Records<'_>,
    dictation: &Dictation,
    recordings: &[Recording],
) -> Result<Option<(&'static str, &'static str)>, StoreError> {
    const ANEW: &str = "Dictate what is missing as a new one.";
    let any = |state| recordings.iter().any(|r| r.state == state);
    if recordings.first().is_none_or(|first| first.frames == 0 && first.state != RecordingState::Sealing) {
        return Ok(Some(("This dictation has no audio that could be continued.", ANEW)));
    }
    if any(RecordingState::Sealing) {
        return Ok(Some(("This dictation is being recorded now.", "Stop the recording first.")));
    }
    if any(RecordingState::Erased) {
        return Ok(Some(("The audio of this dictation was erased.", ANEW)));
    }
    if dictation.cancelled_at.is_some() {
        return Ok(Some(("The work on this dictation was cancelled.", "Take it up again first.")));
    }
    if crate::physician::touched(records, dictation.id)? {
        return Ok(Some((
            "The note of this dictation is signed, or was added to.",
            "Add what is missing as an addendum.",
        )));
    }
    let state = records.claim_of(dictation.id)?.map_or(ClaimState::Draft, |claim| claim.state);
    Ok((state != ClaimState::Draft).then_some((
        "The claim of this dictation is no longer a draft.",
        "Ask whoever reviews it to return it, or dictate what is missing as a new one.",
    )))
}

/// Whether a larger model hears a dictation again.
fn heard_again(jobs: &[Job]) -> bool {
    jobs.iter().any(|j| j.stage == Stage::FinalPass.name())
}

fn stage_view(stage: Stage, jobs: &[Job], dictation: &Dictation) -> StageView {
    let job = jobs.iter().rev().find(|j| j.stage == stage.name());
    let note = job.and_then(|j| j.result.as_ref()?.get("note")?.as_str().map(str::to_owned));
    let skipped = job.and_then(|j| j.result.as_ref()?.get("skipped")?.as_bool()).unwrap_or(false);
    let state = match job.map(|j| j.state) {
        Some(JobState::Done) if skipped => WorkState::Skipped,
        Some(JobState::Done) => WorkState::Done,
        Some(JobState::Running) => WorkState::Running,
        Some(JobState::Failed) => WorkState::Failed,
        Some(JobState::Cancelled) => WorkState::Cancelled,
        Some(JobState::Queued) => WorkState::Queued,
        // A recording made here is sealed while it is made.
        None if stage == Stage::Import && dictation.recording.is_some() => WorkState::Done,
        None if dictation.cancelled_at.is_some() => WorkState::Cancelled,
        None => WorkState::Queued,
    };
    let running = state == WorkState::Running;
    StageView {
        stage,
        state,
        progress: job.filter(|_| running).map(|j| j.progress),
        note,
        fault: job.filter(|_| state == WorkState::Failed).and_then(|j| j.fault.clone()),
    }
}

/// Our own short words for a procedure code, or the title of a diagnosis code in the edition in force on a date.
#[must_use]
pub fn words(book: &RuleBook, code: &str, dos: Date) -> Option<String> {
    let title = || book.diagnosis_title_on(code, dos);
    iambilly_coding::label(code).or_else(title).map(str::to_owned)
}

impl DraftView {
    /// What a reader should know about the editions its findings were made by.
    pub(crate) fn edition_note(&self, book: &RuleBook) -> Option<EditionNote> {
        let said = self.findings.findings.iter().any(|f| f.kind == FindingKind::EditionStale);
        said.then(|| EditionNote::of(&book.gaps(self.coding.dos)))
    }
}

/// The answers to a dictation's queries, found again in a transcript.
fn answered(
    records: &Records<'_>,
    of: DictationId,
    transcript: &Transcript,
) -> Result<Vec<AnsweredQuery>, StoreError> {
    let addenda = records.note_addenda(of)?;
    let text = transcript.text.expose();
    let found = |words: &str| {
        let at = text.rfind(words)?;
        let start = text.get(..at)?.chars().count();
        Evidence::cut(text, Span { start, end: start + words.chars().count() })
    };
    let answers = records.query_answers(of)?;
    Ok(answers
        .into_iter()
        .map(|a| AnsweredQuery {
            evidence: a
                .addendum
                .and_then(|id| addenda.iter().find(|x| x.id == id))
                .and_then(|x| found(x.text.expose())),
            question: a.question,
            signer: a.signer,
            at: a.at.to_string(),
        })
        .collect())
}

/// Builds the review's view of a claim from its rows, with the findings kept in them.
pub(crate) fn draft(records: &Records<'_>, id: ClaimId, book: &RuleBook) -> Result<DraftView, StoreError> {
    let missing = |what| StoreError::NotFound { what };
    let row = records.claim(id)?.ok_or(missing("claim"))?;
    let revision = records.revision(id, None)?.ok_or(missing("claim revision"))?;
    let dictation = records.dictation(row.dictation)?.ok_or(missing("dictation"))?;
    let transcript = match revision.transcript {
        Some(id) => records.transcript(id)?,
        None => records.latest_transcript(row.dictation)?,
    };
    let transcript = transcript.ok_or(missing("transcript"))?.transcript;
    let jobs = records.jobs_of(row.dictation)?;
    let merged = revision.drafted_by.starts_with("rules, ");
    let second_opinion = if merged {
        SecondOpinion::Merged
    } else if !pipeline::stages_of(&dictation, false).contains(&Stage::SecondOpinion) {
        SecondOpinion::Skipped
    } else {
        match stage_view(Stage::SecondOpinion, &jobs, &dictation).state {
            WorkState::Queued | WorkState::Running => SecondOpinion::Pending,
            WorkState::Failed => SecondOpinion::Failed,
            WorkState::Done => SecondOpinion::Merged,
            WorkState::Cancelled | WorkState::Skipped => SecondOpinion::Skipped,
        }
    };
    let coding = revision.coding;
    let not_billed = coding.not_billed.iter().map(|n| n.code.as_str());
    let others = coding.alternatives.iter().flat_map(|a| &a.lines);
    let asked = || coding.queries.iter().flat_map(|q| &q.affects).map(String::as_str);
    let labels = coding.lines.iter().chain(others).map(|l| l.code.as_str()).chain(not_billed).chain(asked());
    let labels = labels.filter_map(|c| Some((c.to_owned(), iambilly_coding::label(c)?.to_owned()))).collect();
    let titles = coding.diagnoses.iter().map(|d| d.code.as_str()).chain(asked());
    let titles = titles
        .filter_map(|c| Some((c.to_owned(), book.diagnosis_title_on(c, coding.dos)?.to_owned())))
        .collect();
    Ok(DraftView {
        claim_id: id,
        dictation_id: row.dictation,
        state: row.state,
        revision: revision.number,
        drafted_by: revision.drafted_by.split(", ").map(str::to_owned).collect(),
        audio_ms: transcript.audio_ms,
        answers: answered(records, row.dictation, &transcript)?,
        transcript,
        coding,
        claim: revision.claim,
        judgement: Judgement { by: JudgedBy::Revision, new: 0, gone: 0, verdict_today: None },
        findings: revision.findings,
        labels,
        titles,
        second_opinion,
        edition_note: None,
        related: records.related_claims(id)?.into_iter().map(RelatedView::from).collect(),
        decided: records.claim_decisions(id)?.pop().map(StepTaken::from),
    })
}
