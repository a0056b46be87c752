//! `backup`, `restore`, `rotate-keys`, `recovery-kit` and `erase`: the data folder as a whole.

use crate::arguments::{BackupArguments, BackupCommand, EraseCommand, GuardChoice, KitCommand};
use crate::claims::{new_passphrase, opened, session, unlock};
use crate::{NEGATIVE, Shell, show};
use iambilly_app::backup::{self, Schedule};
use iambilly_app::erase::Erased;
use iambilly_app::hold::HoldView;
use iambilly_app::paths::Paths;
use iambilly_app::session::{Config, Session, Unlock, kit_is_missing};
use iambilly_claim::{Fault, FaultKind, Phi};
use std::io::IsTerminal;
use std::path::PathBuf;

pub(crate) async fn backup(shell: &Shell, given: BackupArguments) -> Result<u8, Fault> {
    if let Some(BackupCommand::List { folder }) = &given.command {
        let found = backup::list(folder)?;
        if shell.json {
            show::json(&found);
        } else {
            for one in &found {
                let state = if one.whole { "" } else { "  NOT WHOLE" };
                let (at, mib) = (one.made_at, (one.bytes >> 20) + 1);
                let (dictations, claims) = (one.dictations, one.claims);
                show::line(&format!(
                    "{at:.0}  {dictations} dictations, {claims} claims, {mib} MiB  {}{state}",
                    one.folder.display()
                ));
            }
        }
        return Ok(if found.iter().all(|one| one.whole) { 0 } else { NEGATIVE });
    }
    if let Some(command) = given.command {
        return scheduled(shell, command).await;
    }
    let session = session(shell).await?;
    let made = session.backup(given.to.unwrap_or_default()).await;
    session.shut_down().await;
    let made = made?;
    if shell.json {
        show::json(&made);
    } else {
        show::line(&format!(
            "Backed up and tried: {} dictations, {} claims in {}.",
            made.dictations,
            made.claims,
            made.folder.display()
        ));
        if !made.missing.is_empty() {
            show::note(&format!("! {} recordings were not in the data folder any more.", made.missing.len()));
        }
    }
    Ok(0)
}

async fn scheduled(shell: &Shell, command: BackupCommand) -> Result<u8, Fault> {
    let session = session(shell).await?;
    let state = match command {
        BackupCommand::Schedule { to: Some(folder), every: Some(hours), keep, .. } => {
            session.schedule_backups(Some(Schedule { folder, hours, keep_days: keep })).await
        }
        BackupCommand::Schedule { off: true, .. } => session.schedule_backups(None).await,
        BackupCommand::Run => match session.backup_when_due().await {
            Ok(_) => session.backup_state().await,
            Err(error) => Err(error),
        },
        _ => session.backup_state().await,
    };
    session.shut_down().await;
    let state = state?;
    if shell.json {
        show::json(&state);
        return Ok(0);
    }
    match &state.schedule {
        Some(own) => {
            let kept = own.keep_days.map_or_else(|| "for good".to_owned(), |days| format!("for {days} days"));
            show::line(&format!("Every {} hours to {}, kept {kept}.", own.hours, own.folder.display()));
        }
        None => show::line("No backups are scheduled."),
    }
    if let Some(last) = &state.last {
        show::line(&match (&last.folder, &last.fault) {
            (Some(folder), _) => format!("Last: {:.0}, tried by a restore, {}.", last.at, folder.display()),
            (None, fault) => format!("Last: {:.0}, FAILED ({}).", last.at, fault.as_deref().unwrap_or("")),
        });
    }
    Ok(0)
}

fn passphrase_of(name: &str) -> Option<Unlock> {
    std::env::var(name).ok().filter(|p| !p.is_empty()).map(Unlock::passphrase)
}

pub(crate) async fn restore(shell: &Shell, from: PathBuf, to: PathBuf) -> Result<u8, Fault> {
    // The backup is unlocked as a data folder would be.
    let paths = Paths { data: from.clone(), ..shell.config.paths.clone() };
    let at_backup = Shell {
        config: Config::new(paths, shell.config.threads),
        surroundings: shell.surroundings,
        names_data: false,
        user: shell.user.clone(),
        json: shell.json,
        quiet: shell.quiet,
    };
    if Session::status(&at_backup.config, false)?.is_new() {
        return Err(Fault::new(
            FaultKind::Usage,
            "no_backup",
            "There is no backup in that folder.",
            "iambilly backup list shows the backups in a folder.",
        ));
    }
    let how = unlock(&at_backup)?;
    let status = Session::status(&at_backup.config, false)?;
    let then = if matches!(how, Unlock::Passphrase(_) | Unlock::Person(_)) {
        None
    } else if let Some(passphrase) = passphrase_of("IAMBILLY_PASSPHRASE") {
        Some(passphrase)
    } else if status.keyring_available {
        Some(Unlock::Keyring)
    } else if std::io::stdin().is_terminal() {
        Some(new_passphrase("A new passphrase for the restored data folder: ")?)
    } else {
        None
    };
    let done = backup::restore(from, to, how, then, shell.surroundings).await?;
    if shell.json {
        show::json(&done);
    } else {
        show::line(&format!(
            "Restored as of {:.0}: {} dictations, {} claims in {}.",
            done.made_at,
            done.dictations,
            done.claims,
            done.folder.display()
        ));
    }
    Ok(0)
}

pub(crate) async fn rotate(shell: &Shell, to: Option<GuardChoice>) -> Result<u8, Fault> {
    let status = Session::status(&shell.config, false)?;
    let by_passphrase = match to {
        Some(choice) => choice == GuardChoice::Passphrase,
        None => status.needs_passphrase(),
    };
    let session = session(shell).await?;
    let new = if !by_passphrase && !status.needs_sign_in() {
        Ok(Some(Unlock::Keyring))
    } else if status.needs_sign_in() {
        // Everybody's password stays as it is.
        Ok(None)
    } else if let Some(passphrase) = passphrase_of("IAMBILLY_NEW_PASSPHRASE") {
        Ok(Some(passphrase))
    } else if std::io::stdin().is_terminal() {
        new_passphrase("The new passphrase: ").map(Some)
    } else {
        Err(Fault::new(
            FaultKind::Usage,
            "new_passphrase_needed",
            "There is no new passphrase to put the keys under.",
            "Set IAMBILLY_NEW_PASSPHRASE; nothing was changed.",
        ))
    };
    let done = match new {
        Ok(new) => session.rotate_keys(new).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    session.shut_down().await;
    let mode = done?;
    if shell.json {
        show::json(&serde_json::json!({"mode": mode}));
    } else {
        show::line(
            "The keys are under a new master key. Earlier backups open as they did when they were made.",
        );
    }
    Ok(0)
}

fn typed() -> Result<String, Fault> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    if read.is_ok_and(|n| n > 0) {
        return Ok(line);
    }
    Err(Fault::new(
        FaultKind::Usage,
        "recovery_kit_not_typed",
        "No words were typed.",
        "Type the twelve words in one line; nothing was changed.",
    ))
}

/// How often the words are shown and asked back before set-up goes on without a kit.
const KIT_TRIES: u32 = 3;

/// The recovery kit belongs to setting up. On a terminal it is made on the spot, and said to be missing at every command
/// until it was; a script gets one line when it makes the folder, and the window opens no screen without a kit.
pub(crate) async fn first_kit(shell: &Shell, session: &Session, is_new: bool) -> Result<(), Fault> {
    let asking = !shell.json && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if shell.json || shell.quiet || !(is_new || asking) || !kit_is_missing(&shell.config) {
        return Ok(());
    }
    if !(is_new && asking) {
        show::note(
            "! There is no recovery kit: without keyring or passphrase nobody could open this data folder. \
             iambilly recovery-kit create prints one and asks it back.",
        );
        return Ok(());
    }
    for _ in 0..KIT_TRIES {
        match create(shell, session).await {
            Err(fault) if fault.code.starts_with("recovery_kit") => show::warning(&fault),
            other => return other,
        }
    }
    show::note("! There is no recovery kit yet: iambilly recovery-kit create.");
    Ok(())
}

pub(crate) async fn kit(shell: &Shell, command: KitCommand) -> Result<u8, Fault> {
    let session = opened(shell).await?;
    let done = match command {
        KitCommand::Create => create(shell, &session).await,
        KitCommand::Check => match typed() {
            Ok(words) => session.check_kit(&words).await.map_err(Fault::from),
            Err(fault) => Err(fault),
        },
    };
    session.shut_down().await;
    done?;
    if !shell.json {
        show::line("The kit opens this data folder.");
    }
    Ok(0)
}

async fn create(shell: &Shell, session: &Session) -> Result<(), Fault> {
    let drawn = session.draw_kit().await?;
    let words = drawn.disclose().map_err(|e| e.fault())?;
    if shell.json {
        show::json(&serde_json::json!({"words": words.as_str()}));
    } else {
        show::line("IamBilly recovery kit. Write it down or print it; keep it where the computer is not.");
        for (n, word) in words.split(' ').enumerate() {
            show::line(&format!("{:>2}. {word}", n + 1));
        }
        show::note("Now type the twelve words from the paper, in one line:");
    }
    Ok(session.keep_kit(drawn, &typed()?).await?)
}

pub(crate) async fn erase(shell: &Shell, command: EraseCommand) -> Result<u8, Fault> {
    if let EraseCommand::Patient { id, .. } = command {
        let session = session(shell).await?;
        let done = session.erase_patient(Phi::new(id)).await;
        session.shut_down().await;
        return erased(shell, &done?);
    }
    if let EraseCommand::OldAudio { before, .. } = command {
        return old_audio(shell, before).await;
    }
    let named = match &command {
        EraseCommand::Recording { id, .. }
        | EraseCommand::Dictation { id, .. }
        | EraseCommand::Hold { id, .. }
        | EraseCommand::Lift { id } => id.as_str(),
        EraseCommand::Patient { .. } | EraseCommand::Holds | EraseCommand::OldAudio { .. } => "",
    };
    if let EraseCommand::Holds = command {
        let session = session(shell).await?;
        let holds = session.holds().await;
        session.shut_down().await;
        held(shell, &holds?);
        return Ok(0);
    }
    let id = named.parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "dictation_id_invalid",
            "That is not a dictation id.",
            "iambilly claims list shows them.",
        )
    })?;
    let session = session(shell).await?;
    let done = match command {
        EraseCommand::Recording { .. } => session.erase_recording(id).await,
        EraseCommand::Hold { reason, .. } => {
            let holds = session.hold(id, Phi::new(reason)).await;
            session.shut_down().await;
            held(shell, &holds?);
            return Ok(0);
        }
        EraseCommand::Lift { .. } => {
            let holds = session.lift_hold(id).await;
            session.shut_down().await;
            held(shell, &holds?);
            return Ok(0);
        }
        EraseCommand::Dictation { .. }
        | EraseCommand::Patient { .. }
        | EraseCommand::Holds
        | EraseCommand::OldAudio { .. } => session.erase_dictation(id).await,
    };
    session.shut_down().await;
    erased(shell, &done?)
}

async fn old_audio(shell: &Shell, before: Option<jiff::civil::Date>) -> Result<u8, Fault> {
    let session = session(shell).await?;
    let done = match before.map(|day| day.to_zoned(jiff::tz::TimeZone::UTC)) {
        Some(Ok(midnight)) => session.erase_old_audio(midnight.timestamp()).await,
        // A day no clock reaches: nothing is older.
        Some(Err(_)) => session.erase_old_audio(jiff::Timestamp::MIN).await,
        None => session.keep_retention().await,
    };
    session.shut_down().await;
    let done = done?;
    if done.recordings.is_empty() && !shell.json {
        show::line("There is no audio of finished claims to erase.");
        return Ok(0);
    }
    erased(shell, &done)
}

fn held(shell: &Shell, holds: &[HoldView]) {
    if shell.json {
        show::json(&holds);
        return;
    }
    for one in holds {
        show::line(&format!("{}  {}  {}  {}", one.dictation, one.at, one.held_by, one.reason.expose()));
    }
    if holds.is_empty() {
        show::line("Nothing is under legal hold.");
    }
}

fn erased(shell: &Shell, done: &Erased) -> Result<u8, Fault> {
    if shell.json {
        show::json(done);
    } else {
        show::line("Erased.");
        let (there, until) = (done.backups.there, done.backups.until);
        show::line(&match until {
            Some(until) => {
                format!(
                    "{there} backups still hold it; the last is deleted by {:.0} (backup schedule --keep).",
                    until
                )
            }
            None if there > 0 => {
                format!("{there} backups in the scheduled folder hold it until somebody deletes them.")
            }
            None => "Backups made before still hold it until they are deleted.".to_owned(),
        });
        if !done.compacted {
            show::note(
                "! Another program was reading; the database file is made smaller at the next erasure.",
            );
        }
    }
    Ok(0)
}
