//! `policy watch`: folders whose policies are taken in as they come.

use crate::claims::session;
use crate::policy::became;
use crate::{NEGATIVE, Shell, show};
use clap::Subcommand;
use iambilly_app::Session;
use iambilly_app::library::WatchedView;
use iambilly_claim::Fault;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum WatchCommand {
    /// Watch a folder and take in what is there; the window looks again as long as it is unlocked
    Add {
        /// The folder
        folder: PathBuf,
        /// Payer id of all its files; without it each folder in it is named by its payer's id
        #[arg(long)]
        payer: Option<String>,
    },
    /// The watched folders: files taken, refused with the reason, and gone; exit 1 where there is none
    List,
    /// Look into every watched folder once and take in what is new or changed
    Look,
    /// Stop watching a folder; what was taken from it stays in the library
    Remove {
        /// The folder
        folder: PathBuf,
    },
}

pub(crate) async fn watch(shell: &Shell, command: WatchCommand) -> Result<u8, Fault> {
    let session = session(shell).await?;
    let done = watch_in(&session, shell, command).await;
    session.shut_down().await;
    done
}

async fn watch_in(session: &Session, shell: &Shell, command: WatchCommand) -> Result<u8, Fault> {
    match command {
        WatchCommand::Add { folder, payer } => {
            session.watch_folder(&folder, payer.as_deref()).await?;
            look(session, shell).await
        }
        WatchCommand::Look => look(session, shell).await,
        WatchCommand::List => {
            let all = session.watched_folders().await?;
            if shell.json {
                show::json(&all);
            } else {
                all.iter().for_each(watched);
            }
            Ok(if all.is_empty() { NEGATIVE } else { 0 })
        }
        WatchCommand::Remove { folder } => {
            session.unwatch_folder(&folder).await?;
            show::line("No longer watched. What was taken from it stays in the library.");
            Ok(0)
        }
    }
}

async fn look(session: &Session, shell: &Shell) -> Result<u8, Fault> {
    let progress = show::Progress::new(!shell.quiet);
    let looked = session.look_into_folders(&|what, share| progress.show(what, Some(share))).await;
    progress.clear();
    let looked = looked?;
    if shell.json {
        show::json(&looked);
        return Ok(0);
    }
    for (file, outcome) in &looked.taken {
        show::line(&format!("{file}: {}", became(*outcome)));
    }
    for one in &looked.refused {
        show::line(&format!("{}: refused. {} {}", one.file, one.why.message, one.why.advice));
    }
    for file in &looked.gone {
        show::line(&format!("{file}: no longer in the folder; its policy stays in the library"));
    }
    for folder in &looked.unreachable {
        show::line(&format!("{folder}: cannot be looked into"));
    }
    if looked.still_written > 0 {
        show::line(&format!("{} files are still being written; look again", looked.still_written));
    } else if !looked.is_news() && looked.unreachable.is_empty() {
        show::line("Nothing new.");
    }
    Ok(0)
}

fn watched(one: &WatchedView) {
    let whose = one.payer.as_deref().unwrap_or("each folder in it is a payer");
    show::line(&format!("{} ({whose}): {} files in the library", one.folder, one.taken));
    for file in &one.refused {
        show::line(&format!("  {}: refused. {}", file.file, file.why.message));
    }
    for file in &one.gone {
        show::line(&format!("  {}: gone; its policy {} is still in the library", file.file, file.policy));
    }
    if let Some(trouble) = &one.trouble {
        show::line(&format!("  {} {}", trouble.message, trouble.advice));
    }
}
