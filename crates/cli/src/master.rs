//! `clinic`, `providers`, `facilities`, `payers`, `patients`: the master data, one command for each kind.

use crate::claims::session;
use crate::stateless::read_text;
use crate::{Shell, show};
use clap::Subcommand;
use iambilly_app::master::{self, MasterKind, MasterView, Saved};
use iambilly_claim::{Fault, Phi};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum MasterCommand {
    /// All of them, or those with words that begin so; the default first
    List {
        /// Beginnings of names, numbers, places
        query: Option<String>,
        /// Those put aside or merged too
        #[arg(long)]
        all: bool,
    },
    /// One of them
    Show {
        /// Its id
        id: String,
    },
    /// A new one from JSON; those it may be a double of are named
    Add {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Another content for one
    Edit {
        /// Its id
        id: String,
        /// The file, or - for standard input
        file: PathBuf,
        /// The version you saw; refused if it is not the newest any more
        #[arg(long)]
        version: u32,
    },
    /// Pairs that may be the same, and what they share
    Doubles,
    /// Merge the first into the second, which takes over what it lacks
    Merge {
        /// Id of the one that goes
        away: String,
        /// Id of the one that stays
        into: String,
    },
    /// Take this one where nothing else is said
    Default {
        /// Its id
        id: String,
    },
    /// Put one aside
    Retire {
        /// Its id
        id: String,
    },
    /// Take one up again that was put aside
    Restore {
        /// Its id
        id: String,
    },
}

pub(crate) async fn master(shell: &Shell, of: MasterKind, command: MasterCommand) -> Result<u8, Fault> {
    // What can be wrong with a file or an id is said before the vault is asked for.
    let step = match command {
        MasterCommand::List { query, all } => Step::List(Phi::new(query.unwrap_or_default()), all),
        MasterCommand::Show { id } => Step::Show(master::id(&id)?),
        MasterCommand::Add { file } => Step::Add(master::read(of, &read_text(&file)?)?),
        MasterCommand::Edit { id, file, version } => {
            Step::Edit(master::id(&id)?, version, master::read(of, &read_text(&file)?)?)
        }
        MasterCommand::Doubles => Step::Doubles,
        MasterCommand::Merge { away, into } => Step::Merge(master::id(&away)?, master::id(&into)?),
        MasterCommand::Default { id } => Step::Default(master::id(&id)?),
        MasterCommand::Retire { id } => Step::Retire(master::id(&id)?, true),
        MasterCommand::Restore { id } => Step::Retire(master::id(&id)?, false),
    };
    let session = session(shell).await?;
    let told = match step {
        Step::List(query, all) => session
            .masters(of, query, all)
            .await
            .map(|rows| told(shell, &rows, |rows| rows.iter().for_each(line))),
        Step::Show(id) => session.master(id).await.map(|row| show::json(&row)),
        Step::Add(record) => session.add_master(record).await.map(|kept| told(shell, &kept, saved)),
        Step::Edit(id, version, record) => {
            session.change_master(id, version, record).await.map(|kept| told(shell, &kept, saved))
        }
        Step::Doubles => session.master_doubles(of).await.map(|pairs| {
            told(shell, &pairs, |pairs| {
                for pair in pairs {
                    line(&pair.one);
                    line(&pair.other);
                    show::line(&format!("  share their {}", pair.shared));
                }
            });
        }),
        Step::Merge(away, into) => {
            session.merge_masters(away, into).await.map(|kept| told(shell, &kept, saved))
        }
        Step::Default(id) => session.make_default_master(id).await.map(|row| told(shell, &row, line)),
        Step::Retire(id, retired) => {
            session.retire_master(id, retired).await.map(|row| told(shell, &row, line))
        }
    };
    session.shut_down().await;
    told?;
    Ok(0)
}

enum Step {
    List(Phi<String>, bool),
    Show(iambilly_claim::ids::MasterId),
    Add(master::Record),
    Edit(iambilly_claim::ids::MasterId, u32, master::Record),
    Doubles,
    Merge(iambilly_claim::ids::MasterId, iambilly_claim::ids::MasterId),
    Default(iambilly_claim::ids::MasterId),
    Retire(iambilly_claim::ids::MasterId, bool),
}

fn told<T: Serialize>(shell: &Shell, answer: &T, say: impl FnOnce(&T)) {
    if shell.json { show::json(answer) } else { say(answer) }
}

fn line(row: &MasterView) {
    let mut marks = String::new();
    if row.default {
        marks.push_str(", default");
    }
    let state = serde_json::to_value(row.state).unwrap_or_default();
    if let Some(state) = state.as_str().filter(|s| *s != "current") {
        marks.push_str(&format!(", {state}"));
    }
    if let Some(into) = row.merged_into {
        marks.push_str(&format!(" into {into}"));
    }
    show::line(&format!("{}  {} (version {}{marks})", row.id, row.label.expose(), row.version));
}

fn saved(kept: &Saved) {
    line(&kept.record);
    for double in &kept.doubles {
        show::line("May be the same as:");
        line(double);
    }
}
