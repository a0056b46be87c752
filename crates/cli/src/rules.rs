//! `rules`: import official tables and list what is there; notes on rules and payer rules are next door.

use crate::arguments::RulesCommand;
use crate::payer_rules::Step;
use crate::{Shell, payer_rules, show};
use iambilly_app::Session;
use iambilly_app::people::Action;
use iambilly_app::rules::{self, Entry, Imported, Outcome, Request};
use iambilly_claim::Fault;

pub(crate) async fn rules(shell: &Shell, command: RulesCommand) -> Result<u8, Fault> {
    match command {
        RulesCommand::Import { table, files, edition, accept_fewer_rows } => {
            let request = Request { kind: table, files, edition, accept_fewer_rows };
            let imported = import(shell, request).await?;
            if shell.json {
                show::json(&imported);
                return Ok(0);
            }
            for one in &imported {
                let outcome = match one.outcome {
                    Outcome::Added => "imported",
                    Outcome::Unchanged => "already there, nothing changed",
                    Outcome::Replaced => "replaced",
                };
                show::line(&format!("{}: {outcome}", line(&one.entry)));
            }
        }
        RulesCommand::Explain { rule, file, dos } => {
            return payer_rules::explain(shell, &rule, file.as_deref(), dos);
        }
        RulesCommand::Check { file } => return payer_rules::check(shell, &file),
        RulesCommand::DryRun { file, claims } => return payer_rules::dry_run(shell, &file, &claims),
        RulesCommand::Add { file } => return payer_rules::add(shell, &file).await,
        RulesCommand::Confirm { id, revision } => {
            return payer_rules::step(shell, Step::Confirm(revision), id).await;
        }
        RulesCommand::Retire { id } => return payer_rules::step(shell, Step::Retire, id).await,
        RulesCommand::Undo { id } => return payer_rules::step(shell, Step::Undo, id).await,
        RulesCommand::List => {
            let mut list = rules::list(&shell.config).await?;
            list.payer_rules = payer_rules::stored(shell).await?;
            if shell.json {
                show::json(&list);
                return Ok(0);
            }
            show::line(&format!("Imported ({}):", list.folder.display()));
            for entry in &list.imported {
                show::line(&format!("  {}", line(entry)));
            }
            if list.imported.is_empty() {
                show::line("  nothing; claims are judged by the program's own tables");
            }
            show::line("Built in:");
            for edition in &list.built_in {
                let to = edition.to.map(|d| format!(" to {d}")).unwrap_or_default();
                show::line(&format!("  {}, {}, from {}{to}", edition.title, edition.edition, edition.from));
            }
            show::payer_rules(list.payer_rules.as_deref());
        }
    }
    Ok(0)
}

/// Imports, and notes it in the data folder that was named, or that people work in: one of them is asked first.
async fn import(shell: &Shell, request: Request) -> Result<Vec<Imported>, Fault> {
    let people = Session::status(&shell.config, false).is_ok_and(|s| s.needs_sign_in());
    if !(shell.names_data || people) {
        return rules::import(&shell.config, request).await;
    }
    let session = crate::claims::session(shell).await?;
    let done = async {
        session.permit(Action::ImportTables).await?;
        let imported = rules::import(&shell.config, request).await?;
        session.note_import(&imported).await?;
        Ok(imported)
    }
    .await;
    session.shut_down().await;
    done
}

fn line(entry: &Entry) -> String {
    format!(
        "{:<9} {:<16} {} to {}  {} rows, {} in force",
        entry.table.name(),
        entry.edition,
        entry.effective_from,
        entry.effective_to,
        entry.rows,
        entry.active
    )
}
