//! Accuracy on a folder of cases: runs readers, recogniser and scrubber as the product does and adds up scores.

use crate::error::AppError;
use crate::session::{Config, Session};
use crate::stateless::{code_by, transcribe_with};
use crate::surroundings::Surroundings;
use iambilly_claim::{Fault, FaultKind, Transcript};
use iambilly_coding::Reader;
use iambilly_engines::Engines;
use iambilly_eval::{Case, CaseBody, ClaimScore, Gold, NoteScore, SpeechScore, read_cases};
use iambilly_scrub::PayerRules;
use iambilly_store::ClaimState;
use jiff::civil::Date;
use std::path::Path;

pub use iambilly_eval::Report;

/// Date of service of cases that name none.
const DEFAULT_DOS: Date = Date::constant(2026, 2, 2);

/// With what to evaluate.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who reads: one report for each. The language model is asked once a note, whoever needs it.
    pub readers: Vec<Reader>,
    /// Speech model for audio cases.
    pub speech_model: Option<String>,
    /// Language model for `llm` and `both`.
    pub language_model: Option<String>,
    /// Only cases whose name or number contains this.
    pub only: Option<String>,
}

/// The cases of a folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn folder(dir: &Path) -> Result<Vec<Case>, Fault> {
    read_cases(dir).map_err(|e| e.fault())
}

/// The clinic's own approved and exported claims as cases: the transcript, with the approved coding as gold.
///
/// # Errors
/// Those of the store.
pub async fn approved(session: &Session) -> Result<Vec<Case>, Fault> {
    let found = session
        .store(|s| {
            s.read(|r| {
                let mut all = vec![];
                for state in [ClaimState::Approved, ClaimState::Exported] {
                    for summary in r.claims(Some(state), u32::MAX)? {
                        let revision = r.revision(summary.claim.id, None)?;
                        let transcript = r.latest_transcript(summary.claim.dictation)?;
                        if let (Some(revision), Some(transcript)) = (revision, transcript) {
                            all.push((summary.claim.id, revision.coding, transcript.transcript));
                        }
                    }
                }
                Ok(all)
            })
        })
        .await?;
    Ok((1..)
        .zip(found)
        .map(|(n, (id, coding, transcript))| Case {
            n,
            // An id names no patient.
            name: id.to_string(),
            dos: Some(coding.dos),
            payer: Some(coding.payer.clone()),
            body: CaseBody::Note { text: transcript.text, gold: Gold::of(&coding) },
        })
        .collect())
}

/// Runs all cases; one report for each reader, in their order. A case that cannot be run counts as failed, by
/// its fault's code; the rest go on.
///
/// # Errors
/// When there is no case.
pub async fn run(
    config: &Config,
    surroundings: &Surroundings,
    mut cases: Vec<Case>,
    request: &Request,
    progress: &(dyn Fn(&str, f64) + Send + Sync),
) -> Result<Vec<(Reader, Report)>, Fault> {
    if let Some(only) = &request.only {
        cases.retain(|c| c.name.contains(only.as_str()) || c.n.to_string() == *only);
    }
    if cases.is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            "no_cases",
            "There is no case to evaluate.",
            "Give a folder with cases/*.json, and an --only that fits one of them; --approved needs approved claims.",
        ));
    }
    let engines = config.engines();
    let mut reports: Vec<(Reader, Report)> = request.readers.iter().map(|r| (*r, Report::new())).collect();
    let count = cases.len();
    for (done, case) in cases.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        progress("Evaluating", done as f64 / count as f64);
        if let Err(error) = one(&engines, config, surroundings, request, case, &mut reports).await {
            let code = error.fault().code;
            reports.iter_mut().for_each(|(_, report)| report.add_failure(name(case), code.clone()));
        }
    }
    engines.shutdown().await;
    Ok(reports)
}

fn name(case: &Case) -> String {
    format!("{:03} {}", case.n, case.name)
}

async fn one(
    engines: &Engines,
    config: &Config,
    surroundings: &Surroundings,
    request: &Request,
    case: &Case,
    reports: &mut [(Reader, Report)],
) -> Result<(), AppError> {
    let dos = case.dos.unwrap_or(DEFAULT_DOS);
    let payer = case.payer.as_deref().unwrap_or("medicare");
    let read = async |transcript: &Transcript| {
        let language = request.language_model.as_deref();
        code_by(engines, config, transcript, dos, payer, &request.readers, language, &|_| {}).await
    };
    match &case.body {
        CaseBody::Note { text, gold } => {
            let text = text.expose();
            let codings = read(&Transcript::typed(text.clone())).await?;
            for (coding, (_, report)) in codings.iter().zip(reports) {
                report.add_note(name(case), NoteScore::of(coding, gold, text));
            }
        }
        CaseBody::Audio { wav, text, gold } => {
            let transcript =
                transcribe_with(engines, config, wav, request.speech_model.as_deref(), true, &|_| {}).await?;
            let heard = transcript.text.expose();
            let codings = if gold.is_some() { read(&transcript).await? } else { vec![] };
            for (at, (_, report)) in reports.iter_mut().enumerate() {
                report.add_speech(name(case), SpeechScore::of(heard, text.expose()));
                if let (Some(gold), Some(coding)) = (gold, codings.get(at)) {
                    report.add_note(name(case), NoteScore::of(coding, gold, heard));
                }
            }
        }
        CaseBody::Claim { claim, expect } => {
            let findings = config.rules.judge(claim, &PayerRules::default(), (surroundings.today)())?;
            for (_, report) in reports {
                report.add_claim(name(case), ClaimScore::of(&findings, expect));
            }
        }
    }
    Ok(())
}
