//! `transcribe`, `code`, `scrub` and `icd`: they need no data folder and store nothing.

use crate::arguments::{CodeArguments, IcdCommand, TranscribeArguments};
use crate::{NEGATIVE, Shell, payer_rules, show};
use iambilly_app::rules::Setting;
use iambilly_app::{codes, stateless};
use iambilly_claim::{Fault, FaultKind, Verdict};
use jiff::civil::Date;
use std::io::Read;
use std::path::Path;

/// Reads a text file, or standard input for `-`.
pub(crate) fn read_text(path: &Path) -> Result<String, Fault> {
    /// A note or claim larger than this is not one.
    const LIMIT: u64 = 16 << 20;
    let mut bytes = vec![];
    let read = if path.as_os_str() == "-" {
        std::io::stdin().take(LIMIT).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|f| f.take(LIMIT).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        Fault::new(
            FaultKind::Input,
            "file_unreadable",
            // Without its name: people name files after patients, and errors end up in logs.
            format!("A file that was given cannot be read: {}.", error.kind()),
            "Check the paths on the command line and that you may read them.",
        )
    })?;
    String::from_utf8(bytes).map_err(|_| {
        Fault::new(
            FaultKind::Input,
            "not_text",
            "A file that was given is not UTF-8 text.".to_owned(),
            "Save it as plain text in UTF-8. A recording goes in as a WAV file.",
        )
    })
}

pub(crate) async fn transcribe(shell: &Shell, given: TranscribeArguments) -> Result<u8, Fault> {
    let progress = show::Progress::new(!shell.quiet);
    let transcript =
        stateless::transcribe(&shell.config, &given.input, given.model.as_deref(), !given.raw, &|share| {
            progress.show("Transcribing", Some(share))
        })
        .await?;
    progress.clear();
    if shell.json {
        show::json(&transcript);
    } else {
        show::line(transcript.text.expose());
    }
    Ok(0)
}

pub(crate) async fn code(shell: &Shell, given: CodeArguments) -> Result<u8, Fault> {
    let text = read_text(&given.input)?;
    let transcript = stateless::transcript_of(&text)?;
    let progress = show::Progress::new(!shell.quiet);
    let coding = stateless::code(
        &shell.config,
        &transcript,
        given.dos,
        &given.payer,
        given.reader.into(),
        given.language_model.as_deref(),
        &|share| progress.show("Language model reading", Some(share)),
    )
    .await?;
    progress.clear();
    if shell.json {
        show::json(&coding);
    } else {
        show::coding(&coding, &*shell.config.rules.book()?);
    }
    Ok(0)
}

pub(crate) async fn scrub(
    shell: &Shell,
    path: &Path,
    dos: Option<Date>,
    today: Option<Date>,
) -> Result<u8, Fault> {
    let claim = read_text(path)?;
    let payers = payer_rules::in_force(shell).await?;
    let findings = stateless::scrub(
        &shell.config,
        &claim,
        &payers,
        dos,
        today.unwrap_or_else(shell.surroundings.today),
    )?;
    if shell.json {
        show::json(&findings);
    } else {
        show::findings(&findings);
    }
    Ok(if findings.verdict == Verdict::Block { NEGATIVE } else { 0 })
}

pub(crate) async fn optimise(
    shell: &Shell,
    path: &Path,
    setting: &Setting,
    dos: Option<Date>,
    today: Option<Date>,
) -> Result<u8, Fault> {
    let claim = read_text(path)?;
    let payers = payer_rules::in_force(shell).await?;
    let today = today.unwrap_or_else(shell.surroundings.today);
    let optimum = stateless::optimise(&shell.config, &claim, &payers, dos, setting, today)?;
    if shell.json {
        show::json(&optimum);
    } else {
        show::optimum(&optimum);
    }
    Ok(0)
}

pub(crate) fn icd(shell: &Shell, given: &IcdCommand) -> Result<u8, Fault> {
    let IcdCommand::Search { query, dos, limit } = given;
    let dos = dos.unwrap_or_else(shell.surroundings.today);
    let found = codes::search_diagnoses(&shell.config.rules, query, dos, *limit)?;
    if shell.json {
        show::json(&found);
    } else {
        show::diagnoses(&found);
    }
    Ok(if found.hits.is_empty() { NEGATIVE } else { 0 })
}
