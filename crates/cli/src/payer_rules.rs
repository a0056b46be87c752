//! A note on any rule, and a clinic's own payer rules: checked, tried, saved, confirmed, retired.

use crate::claims::session;
use crate::stateless::read_text;
use crate::{Shell, show};
use iambilly_app::payer_rules::PayerRules;
use iambilly_app::payer_rules::{self, PayerRuleView};
use iambilly_app::session::Session;
use iambilly_claim::{Fault, FaultKind};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

pub(crate) fn explain(
    shell: &Shell,
    rule: &str,
    file: Option<&Path>,
    dos: Option<Date>,
) -> Result<u8, Fault> {
    let rules = file.map(read_text).transpose()?;
    let on = dos.unwrap_or_else(shell.surroundings.today);
    let note = payer_rules::explain(rule, rules.as_deref(), &*shell.config.rules.book()?, on)?;
    if shell.json {
        show::json(&note);
    } else {
        show::line(note.to_string().trim_end());
    }
    Ok(0)
}

pub(crate) fn check(shell: &Shell, file: &Path) -> Result<u8, Fault> {
    let rules = payer_rules::check(&read_text(file)?)?;
    if shell.json {
        show::json(&rules);
    } else {
        for rule in rules.iter() {
            show::line(&format!("{}: {}", rule.id, rule.message));
        }
    }
    Ok(0)
}

pub(crate) fn dry_run(shell: &Shell, file: &Path, claims: &[PathBuf]) -> Result<u8, Fault> {
    let texts = claims.iter().map(|c| read_text(c)).collect::<Result<Vec<_>, _>>()?;
    let touched = payer_rules::dry_run(
        &read_text(file)?,
        &texts,
        &*shell.config.rules.book()?,
        (shell.surroundings.today)(),
    )?;
    if shell.json {
        show::json(&touched);
        return Ok(0);
    }
    for one in &touched {
        let path = claims.get(one.index).map(|p| p.display().to_string()).unwrap_or_default();
        show::line(&format!("{path}: {:?} now, {:?} with these rules", one.verdict_now, one.verdict_then));
        for finding in &one.findings {
            show::line(&format!("  {}: {}", finding.rule, finding.message));
        }
    }
    show::line(&format!("{} of {} claims touched.", touched.len(), claims.len()));
    Ok(0)
}

/// A step in the life of a stored payer rule.
pub(crate) enum Step {
    Confirm(Option<u32>),
    Retire,
    Undo,
}

/// The payer rules that count: those of the data folder named on the command line, else none.
pub(crate) async fn in_force(shell: &Shell) -> Result<PayerRules, Fault> {
    if !shell.names_data {
        return Ok(PayerRules::default());
    }
    if Session::status(&shell.config, false)?.is_new() {
        return Err(Fault::new(
            FaultKind::Input,
            "data_folder_missing",
            "There is no data folder at the place given with --data-dir.",
            "Check the path, or leave --data-dir away to scrub without a clinic's payer rules.",
        ));
    }
    let session = session(shell).await?;
    let rules = session.payer_rules_in_force().await;
    session.shut_down().await;
    Ok(rules?)
}

/// The stored payer rules, where the data folder is there and opens without asking.
pub(crate) async fn stored(shell: &Shell) -> Result<Option<Vec<PayerRuleView>>, Fault> {
    let status = Session::status(&shell.config, false)?;
    let given = std::env::var_os("IAMBILLY_PASSPHRASE").is_some_and(|p| !p.is_empty());
    if !shell.names_data && (status.is_new() || (status.needs_passphrase() && !given)) {
        return Ok(None);
    }
    let session = session(shell).await?;
    let rules = session.payer_rules().await;
    session.shut_down().await;
    Ok(Some(rules?))
}

pub(crate) async fn add(shell: &Shell, file: &Path) -> Result<u8, Fault> {
    let text = read_text(file)?;
    // What is wrong with the file is said before a folder is made.
    payer_rules::check(&text)?;
    let session = session(shell).await?;
    let saved = session.save_payer_rules(text).await;
    session.shut_down().await;
    let saved = saved?;
    if shell.json {
        show::json(&saved);
        return Ok(0);
    }
    for one in &saved {
        let what = if one.changed { "saved as draft" } else { "already there, nothing changed" };
        show::line(&format!("{}, revision {}: {what}", one.rule.id, one.rule.revision));
    }
    Ok(0)
}

pub(crate) async fn step(shell: &Shell, step: Step, id: String) -> Result<u8, Fault> {
    let session = session(shell).await?;
    let rule = match step {
        Step::Confirm(seen) => session.confirm_payer_rule(id, seen).await,
        Step::Retire => session.retire_payer_rule(id).await,
        Step::Undo => session.undo_payer_rule(id).await,
    };
    session.shut_down().await;
    let rule = rule?;
    if shell.json {
        show::json(&rule);
    } else {
        show::payer_rules(Some(&[rule]));
    }
    Ok(0)
}
