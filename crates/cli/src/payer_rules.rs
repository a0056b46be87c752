//! `rules explain`, `rules check` and `rules dry-run`: notes on rules, and a clinic's own payer rules.

use crate::stateless::read_text;
use crate::{Shell, show};
use iambilly_app::payer_rules;
use iambilly_claim::Fault;
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
