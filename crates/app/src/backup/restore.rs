//! Restoring a backup into a data folder that is not there yet, on this machine or a new one.

use super::{AUDIO, DATABASE, check_database, manifest, open, sync};
use crate::custody::NewGuard;
use crate::error::AppError;
use crate::people::{Action, Attempt, unnamed};
use crate::session::{Random, Unlock, blocking, with_source};
use crate::surroundings::Surroundings;
use iambilly_claim::{Fault, FaultKind};
use iambilly_vault::{Opener, Vault, VaultMode, VaultStatus};
use jiff::Timestamp;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The new data folder.
    pub folder: PathBuf,
    /// When the backup was made: what happened later is not in it.
    pub made_at: Timestamp,
    /// How many dictations.
    pub dictations: u64,
    /// How many claims.
    pub claims: u64,
    /// What opens it: `keyring` or `passphrase`.
    pub mode: VaultMode,
}

/// Restores a backup. It is opened by `how`; `then` guards the new folder (needed after a recovery kit, and for a vault
/// in the keyring: the new folder gets an entry of its own).
///
/// # Errors
/// `folder_not_empty`, `backup_damaged`, `wrong_passphrase`, `recovery_kit_…`, `keyring_…`, `disk_full`. Whatever ends
/// it, there is no half data folder: it gets its name last.
pub async fn restore(
    from: PathBuf,
    to: PathBuf,
    how: Unlock,
    then: Option<Unlock>,
    surroundings: Surroundings,
) -> Result<Restored, AppError> {
    blocking(move || run(&from, &to, how, then, surroundings)).await
}

fn run(
    from: &Path,
    to: &Path,
    how: Unlock,
    then: Option<Unlock>,
    surroundings: Surroundings,
) -> Result<Restored, AppError> {
    let failed = |e: std::io::Error| AppError::file("restore the backup", &e);
    if std::fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) || to.is_file() {
        return Err(Fault::new(
            FaultKind::Usage,
            "folder_not_empty",
            "There is something in that folder already.",
            "Give a folder that is not there yet, or an empty one; nothing was written over.",
        )
        .into());
    }
    let manifest = manifest::Manifest::read(from)?;
    // Before a gigabyte is copied: is it this vault's, and do the words or the passphrase open it?
    let by_kit = matches!(how, Unlock::Kit(_));
    let (named, code) = match &how {
        Unlock::Person(given) => (Some(given.name.clone()), given.code.clone()),
        _ => (None, None),
    };
    let vault = with_source(how, |source| Ok(Vault::open(from, source)?))?;
    if vault.id() != manifest.vault {
        return Err(manifest::damaged("its vault is another's"));
    }
    let in_keyring = Vault::status(from)? == VaultStatus::Locked { mode: VaultMode::Keyring };
    let then = match then {
        None if by_kit || in_keyring => return Err(needs_guard()),
        other => other.map(NewGuard::of).transpose()?,
    };
    if let Some(guard) = &then {
        guard.source()?;
    }
    let parent = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let staging =
        tempfile::Builder::new().prefix(".iambilly-restoring-").tempdir_in(parent).map_err(failed)?;
    let folder = staging.path();
    std::fs::create_dir(folder.join(AUDIO)).map_err(failed)?;
    for file in &manifest.files {
        let source = from.join(&file.name);
        if !source.exists() {
            return Err(manifest::damaged(&format!("{} is not there", file.name)));
        }
        let copied = manifest::copy(&source, &folder.join(&file.name), &file.name, "restore the backup")?;
        if copied != *file {
            return Err(manifest::damaged(&format!("{} is not as it was written", file.name)));
        }
    }
    let database = folder.join(DATABASE);
    check_database(&database, &vault, &manifest)?;
    let mode = match &then {
        Some(guard) => vault.take_over(folder, &guard.source()?, &mut Random(surroundings.random))?,
        None => vault.mode(),
    };
    let store = open(&database, &vault)?;
    store.adopt_anchor()?;
    // Who is in the backup's records, with the second factor they had then.
    let actor = match (named, vault.opened_by()) {
        (Some(name), Opener::Person { id, .. }) => {
            Attempt::begin(folder, &name, (surroundings.now)())?.finish(&store, id, code.as_deref())?
        }
        (_, opener) => unnamed(&store, opener)?,
    };
    actor.check(Action::Backup)?;
    store.write(|r| r.append_audit(&actor.id(), "store.restored", "backup", (surroundings.now)()))?;
    store.checkpoint()?;
    drop(store);
    sync(&folder.join(AUDIO)).map_err(failed)?;
    sync(folder).map_err(failed)?;
    if to.exists() {
        std::fs::remove_dir(to).map_err(failed)?;
    }
    std::fs::rename(folder, to).map_err(failed)?;
    let _ = staging.keep();
    sync(parent).map_err(failed)?;
    Ok(Restored {
        folder: to.to_owned(),
        made_at: manifest.made_at,
        dictations: manifest.dictations,
        claims: manifest.claims,
        mode,
    })
}

fn needs_guard() -> AppError {
    Fault::new(
        FaultKind::Locked,
        "new_passphrase_needed",
        "The restored data folder needs something that opens it on this machine.",
        "Start from a desktop session with a keyring, or set IAMBILLY_PASSPHRASE to a new passphrase.",
    )
    .into()
}
