//! `transcribe`, `code` and `scrub` without a data folder: nothing is stored.

use crate::error::AppError;
use crate::intake;
use crate::models;
use crate::provenance;
use crate::rules::{Optimum, Setting};
use crate::session::{Config, blocking};
use crate::stages::recognise::{NoParts, Recogniser, recognise};
use crate::stages::second_opinion::proposals;
use iambilly_claim::{Claim, Coding, Fault, FaultKind, Findings, Transcript};
use iambilly_coding::{Catalogue, Context, OwnWords, Reader, Tables};
use iambilly_engines::{Cancel, Engines, Role};
use iambilly_scrub::PayerRules;
use jiff::civil::Date;
use std::path::Path;

/// Speech to transcript; with `lexicon` the recogniser's errors in spine terms are corrected.
///
/// # Errors
/// What is wrong with the file, the model or its worker; `no_speech`.
pub async fn transcribe(
    config: &Config,
    input: &Path,
    model: Option<&str>,
    lexicon: bool,
    progress: &(dyn Fn(f64) + Send + Sync),
) -> Result<Transcript, Fault> {
    let engines = config.engines();
    let transcript = transcribe_with(&engines, config, input, model, lexicon, progress).await;
    engines.shutdown().await;
    Ok(transcript?)
}

/// The same on engines that are already there.
pub(crate) async fn transcribe_with(
    engines: &Engines,
    config: &Config,
    input: &Path,
    model: Option<&str>,
    lexicon: bool,
    progress: &(dyn Fn(f64) + Send + Sync),
) -> Result<Transcript, AppError> {
    let source = intake::check_audio(input)?;
    let model = models::resolve(&config.paths, Role::Speech, model)?;
    let share = |s: f32| progress(f64::from(s));
    let recogniser = Recogniser::new(engines, model, OwnWords::default());
    let raw = recognise(&recogniser, source, &NoParts, &share, &Cancel::new()).await?;
    if !lexicon {
        return Ok(raw);
    }
    blocking(move || Ok(iambilly_coding::correct(&raw))).await
}

/// A transcript from its JSON, or from a note's text.
///
/// # Errors
/// `note_empty`, `transcript_invalid`.
pub fn transcript_of(text: &str) -> Result<Transcript, Fault> {
    if !crate::intake::says_something(text) {
        return Err(Fault::new(
            FaultKind::Input,
            "note_empty",
            "The note is empty.",
            "Give an operative note or a transcript.",
        ));
    }
    if !text.trim_start().starts_with('{') {
        return Ok(Transcript::typed(text));
    }
    serde_json::from_str(text).map_err(|e| {
        Fault::new(
            FaultKind::Input,
            "transcript_invalid",
            format!(
                "The transcript is not valid JSON of a transcript (line {}, column {}).",
                e.line(),
                e.column()
            ),
            "iambilly schema transcript prints what is expected.",
        )
    })
}

/// Transcript to coding.
///
/// # Errors
/// Those of the language model, when it is to read.
pub async fn code(
    config: &Config,
    transcript: &Transcript,
    dos: Date,
    payer: &str,
    reader: Reader,
    language_model: Option<&str>,
    progress: &(dyn Fn(f64) + Send + Sync),
) -> Result<Coding, Fault> {
    let engines = config.engines();
    let coding = code_with(&engines, config, transcript, dos, payer, reader, language_model, progress).await;
    engines.shutdown().await;
    Ok(coding?)
}

/// The same on engines that are already there.
#[allow(clippy::too_many_arguments, reason = "the contract's arguments and where to run them")]
pub(crate) async fn code_with(
    engines: &Engines,
    config: &Config,
    transcript: &Transcript,
    dos: Date,
    payer: &str,
    reader: Reader,
    language_model: Option<&str>,
    progress: &(dyn Fn(f64) + Send + Sync),
) -> Result<Coding, AppError> {
    let codings =
        code_by(engines, config, transcript, dos, payer, &[reader], language_model, progress).await?;
    codings.into_iter().next().ok_or_else(|| AppError::internal("a reader gave no coding"))
}

/// One coding for each reader; the language model is asked once, if any of them needs it.
#[allow(clippy::too_many_arguments, reason = "the contract's arguments and where to run them")]
pub(crate) async fn code_by(
    engines: &Engines,
    config: &Config,
    transcript: &Transcript,
    dos: Date,
    payer: &str,
    readers: &[Reader],
    language_model: Option<&str>,
    progress: &(dyn Fn(f64) + Send + Sync),
) -> Result<Vec<Coding>, AppError> {
    let context = Context { dos, payer: payer.to_owned() };
    let model = match readers.iter().any(|r| *r != Reader::Rules) {
        true => Some(models::resolve(&config.paths, Role::Language, language_model)?),
        false => None,
    };
    let proposed = match &model {
        Some(model) => {
            let share = |s: f32| progress(f64::from(s));
            Some(proposals(engines, model, transcript, &share, &Cancel::new()).await?)
        }
        None => None,
    };
    let (transcript, readers) = (transcript.clone(), readers.to_vec());
    let rules = config.rules.clone();
    blocking(move || {
        let book = rules.book()?;
        let tables = Tables { catalogue: Catalogue::standard(), icd: book.icd(dos) };
        let code = |reader: &Reader| {
            let mut coding =
                iambilly_coding::code_with(&tables, &transcript, &context, *reader, proposed.as_ref());
            coding.made_by = provenance::of(*reader, &transcript, model.as_ref(), &book, dos);
            coding
        };
        Ok(readers.iter().map(code).collect())
    })
    .await
}

/// Claim to findings. `dos` is taken for lines that have none; `payers` are a clinic's own rules, if any.
///
/// # Errors
/// `claim_invalid` with line and column, never content; a rule book that is damaged.
pub fn scrub(
    config: &Config,
    json: &str,
    payers: &PayerRules,
    dos: Option<Date>,
    today: Date,
) -> Result<Findings, Fault> {
    config.rules.judge(&claim_of(json, dos)?, payers, today)
}

/// What a claim would be paid, and what its documentation bears beyond it.
///
/// # Errors
/// As [`scrub`].
pub fn optimise(
    config: &Config,
    json: &str,
    payers: &PayerRules,
    dos: Option<Date>,
    setting: &Setting,
    today: Date,
) -> Result<Optimum, Fault> {
    config.rules.optimise(&claim_of(json, dos)?, payers, setting, today)
}

/// A claim from its JSON; lines without a date of service take `dos`.
fn claim_of(json: &str, dos: Option<Date>) -> Result<Claim, Fault> {
    let mut claim: Claim = serde_json::from_str(json).map_err(|e| {
        Fault::new(
            FaultKind::Input,
            "claim_invalid",
            format!("The claim is not valid JSON of a claim (line {}, column {}).", e.line(), e.column()),
            "iambilly schema claim prints what is expected; a missing item is a finding, a wrong shape is not.",
        )
    })?;
    if let Some(dos) = dos {
        for line in claim.lines.iter_mut().filter(|l| l.dos.is_none()) {
            line.dos = Some(dos.to_string());
        }
    }
    Ok(claim)
}
