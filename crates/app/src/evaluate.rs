//! Accuracy on a folder of cases: runs readers, recogniser and scrubber as the product does and adds up scores.

mod noise;
pub mod policies;

use crate::error::AppError;
use crate::evaluate::noise::Noisy;
use crate::intake;
use crate::live::rehearse;
use crate::models;
use crate::people::Action;
use crate::session::{Config, Session, blocking};
use crate::stages::recognise::{NoParts, Recogniser, Source, recognise, transcript};
use crate::stateless::code_by;
use crate::surroundings::Surroundings;
use iambilly_claim::{Fault, FaultKind, Transcript};
use iambilly_coding::{OwnWords, Reader};
use iambilly_engines::{Cancel, Engines, ModelPath, Role};
use iambilly_eval::{Case, CaseBody, ClaimScore, Gold, Hearing, NoteScore, SpeechScore, read_cases};
use iambilly_scrub::PayerRules;
use iambilly_store::{ClaimState, ClaimSummary, Relation};
use jiff::civil::Date;
use std::collections::HashSet;
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
    /// Pink noise mixed into the dictations, so many dB below them.
    pub noise_db: Option<f64>,
    /// Dictations are played to a listener as fast as they were spoken, instead of read.
    pub live: bool,
    /// Whether the speech model is told the words to expect; as the model is set up without.
    pub expect: Option<bool>,
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
    session.allow(Action::Evaluate).await?;
    let found = session
        .store(|s| {
            s.read(|r| {
                let mut all = vec![];
                let mut seen = HashSet::new();
                let mut decided = vec![];
                for state in [ClaimState::Approved, ClaimState::Exported] {
                    decided.extend(r.claims(Some(state), u32::MAX)?);
                }
                // A dictation is one case: by what replaced a claim, not by what it replaced.
                decided.sort_by_key(|summary| std::cmp::Reverse(summary.claim.created_at));
                for ClaimSummary { claim, .. } in decided {
                    // A void repeats what was sent; a companion's codes are the surgeon's with another modifier.
                    let relation = r.relation_of(claim.id)?.map(|(_, relation)| relation);
                    if matches!(relation, Some(Relation::Void | Relation::Companion))
                        || !seen.insert(claim.dictation)
                    {
                        continue;
                    }
                    let Some(revision) = r.revision(claim.id, None)? else { continue };
                    // The words its evidence points into, which may be older than the newest.
                    let transcript = match revision.transcript {
                        Some(id) => r.transcript(id)?,
                        None => r.latest_transcript(claim.dictation)?,
                    };
                    all.extend(transcript.map(|t| (claim.id, revision.coding, t.transcript)));
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

/// The words of a dictation as the speech model writes them, and how long a speaker waited for them.
async fn hear(
    engines: &Engines,
    config: &Config,
    request: &Request,
    seed: u64,
    wav: &Path,
) -> Result<(Transcript, Option<u64>), AppError> {
    let model = models::resolve(&config.paths, Role::Speech, request.speech_model.as_deref())?;
    let model = ModelPath { expects_words: request.expect.unwrap_or(model.expects_words), ..model };
    let recogniser = Recogniser::new(engines, model, OwnWords::default());
    let source = intake::check_audio(wav)?;
    match request.noise_db {
        None => hear_source(&recogniser, source, request.live).await,
        Some(below_db) => {
            let loud = intake::check_audio(wav)?;
            let power = blocking(move || noise::power(loud)).await?;
            let noisy = Noisy::new(source, power, below_db, seed);
            hear_source(&recogniser, noisy, request.live).await
        }
    }
}

async fn hear_source(
    recogniser: &Recogniser,
    source: impl Source,
    live: bool,
) -> Result<(Transcript, Option<u64>), AppError> {
    if !live {
        let cancel = Cancel::new();
        return Ok((recognise(recogniser, source, &NoParts, &|_| {}, &cancel).await?, None));
    }
    let length_ms = source.length_ms();
    let (heard, wait) = rehearse(recogniser, source).await?;
    let heard = heard.ok_or_else(|| AppError::internal("a listener lost words"))?;
    let busy = heard.parts.iter().map(|(_, part)| part.elapsed_ms).sum();
    let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Ok((transcript(&heard.parts, length_ms, &recogniser.model, busy)?, Some(wait)))
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
            let (raw, wait_ms) = hear(engines, config, request, case.n, wav).await?;
            let said = SpeechScore::of(raw.text.expose(), text.expose());
            let (audio_ms, recognition_ms) = (raw.audio_ms, raw.elapsed_ms);
            let transcript = blocking(move || Ok(iambilly_coding::correct(&raw))).await?;
            let heard = transcript.text.expose();
            let corrected = SpeechScore::of(heard, text.expose());
            let hearing = Hearing { corrected, raw: said, audio_ms, recognition_ms, wait_ms };
            let codings = if gold.is_some() { read(&transcript).await? } else { vec![] };
            for (at, (_, report)) in reports.iter_mut().enumerate() {
                report.add_speech(name(case), hearing);
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
