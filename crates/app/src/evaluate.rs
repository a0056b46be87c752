//! Accuracy on a folder of cases: runs readers, recogniser and scrubber as the product does and adds up scores.

use crate::error::AppError;
use crate::session::Config;
use crate::stateless::{code_with, transcribe_with};
use crate::surroundings::Surroundings;
use iambilly_claim::{Fault, FaultKind, Transcript};
use iambilly_coding::Reader;
use iambilly_engines::Engines;
use iambilly_eval::{Case, CaseBody, ClaimScore, NoteScore, SpeechScore, read_cases};
use iambilly_scrub::RuleBook;
use jiff::civil::Date;
use std::path::PathBuf;

pub use iambilly_eval::Report;

/// Date of service of cases that name none.
const DEFAULT_DOS: Date = Date::constant(2026, 2, 2);

/// What to evaluate, and with what.
#[derive(Debug, Clone)]
pub struct Request {
    /// A folder with `cases/*.json`.
    pub dir: PathBuf,
    /// Who reads.
    pub reader: Reader,
    /// Speech model for audio cases.
    pub speech_model: Option<String>,
    /// Language model for `llm` and `both`.
    pub language_model: Option<String>,
    /// Only cases whose name or number contains this.
    pub only: Option<String>,
}

/// Runs all cases. A case that cannot be run counts as failed, by its fault's code; the rest go on.
///
/// # Errors
/// When the folder cannot be read or holds no case.
pub async fn run(
    config: &Config,
    surroundings: &Surroundings,
    request: &Request,
    progress: &(dyn Fn(&str, f64) + Send + Sync),
) -> Result<Report, Fault> {
    let mut cases = read_cases(&request.dir).map_err(|e| e.fault())?;
    if let Some(only) = &request.only {
        cases.retain(|c| c.name.contains(only.as_str()) || c.n.to_string() == *only);
    }
    if cases.is_empty() {
        return Err(Fault::new(
            FaultKind::Input,
            "no_cases",
            "There is no case to evaluate.",
            "Give a folder with cases/*.json, and an --only that fits one of them.",
        ));
    }
    let engines = config.engines();
    let mut report = Report::new();
    let count = cases.len();
    for (done, case) in cases.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "a share for people")]
        progress("Evaluating", done as f64 / count as f64);
        if let Err(error) = one(&engines, config, surroundings, request, case, &mut report).await {
            report.add_failure(name(case), error.fault().code);
        }
    }
    engines.shutdown().await;
    Ok(report)
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
    report: &mut Report,
) -> Result<(), AppError> {
    let dos = case.dos.unwrap_or(DEFAULT_DOS);
    let payer = case.payer.as_deref().unwrap_or("medicare");
    let read = async |transcript: &Transcript| {
        let language = request.language_model.as_deref();
        code_with(engines, config, transcript, dos, payer, request.reader, language, &|_| {}).await
    };
    match &case.body {
        CaseBody::Note { text, gold } => {
            let text = text.expose();
            let coding = read(&Transcript::typed(text.clone())).await?;
            report.add_note(name(case), NoteScore::of(&coding, gold, text));
        }
        CaseBody::Audio { wav, text, gold } => {
            let transcript =
                transcribe_with(engines, config, wav, request.speech_model.as_deref(), true, &|_| {}).await?;
            let heard = transcript.text.expose();
            report.add_speech(name(case), SpeechScore::of(heard, text.expose()));
            if let Some(gold) = gold {
                let coding = read(&transcript).await?;
                report.add_note(name(case), NoteScore::of(&coding, gold, heard));
            }
        }
        CaseBody::Claim { claim, expect } => {
            let findings = iambilly_scrub::scrub(claim, RuleBook::seed(), (surroundings.today)());
            report.add_claim(name(case), ClaimScore::of(&findings, expect));
        }
    }
    Ok(())
}
