//! Backups: the whole data folder as it was at one moment, still encrypted, in a folder of its own.
//!
//! The database is copied by `VACUUM INTO` (one consistent moment, encrypted under the same key), then the sealed
//! recordings it names, `vault.json` and the manifest. A backup gets its name last: whoever is killed before leaves a
//! hidden partial folder, which the next backup clears away. Before that it is tried: restored into a temporary
//! folder, opened, checked page by page and event by event, every recording opened with its key.

mod expiry;
mod manifest;
mod restore;
mod schedule;

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
pub use expiry::Held;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{Recording, RecordingState, Store, StoreKeys};
use iambilly_vault::{SealedReader, Vault, WrappedKey};
use jiff::Timestamp;
pub use manifest::{BackupFile, Manifest};
pub use restore::{Restored, restore};
pub use schedule::{BackupState, LastBackup, Schedule};
use serde::Serialize;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DATABASE: &str = "iambilly.db";
const VAULT: &str = "vault.json";
const AUDIO: &str = "audio";
/// Room left on the disk beside the backup itself.
const RESERVE: u64 = 1 << 20;

/// A backup as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupView {
    /// Its folder.
    pub folder: PathBuf,
    /// Which data folder it is of.
    pub vault: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// How many dictations.
    pub dictations: u64,
    /// How many claims.
    pub claims: u64,
    /// Its length.
    pub bytes: u64,
    /// Recordings that were missing in the data folder when it was made.
    pub missing: Vec<String>,
    /// Whether every file is there with its length; `restore` checks the content too.
    pub whole: bool,
}

impl BackupView {
    fn of(folder: PathBuf, manifest: &Manifest) -> Self {
        let there =
            |file: &BackupFile| folder.join(&file.name).metadata().is_ok_and(|m| m.len() == file.bytes);
        Self {
            whole: manifest.files.iter().all(there),
            vault: manifest.vault.clone(),
            made_at: manifest.made_at,
            dictations: manifest.dictations,
            claims: manifest.claims,
            bytes: manifest.files.iter().map(|f| f.bytes).sum(),
            missing: manifest.missing.clone(),
            folder,
        }
    }
}

/// The backups in a folder, oldest first.
///
/// # Errors
/// `file_trouble` when the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<BackupView>, AppError> {
    let failed = |e: std::io::Error| AppError::file("read the folder of backups", &e);
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.join(manifest::NAME).exists() {
            let manifest = Manifest::read(&path)?;
            found.push(BackupView::of(path, &manifest));
        }
    }
    found.sort_by_key(|backup| backup.made_at);
    Ok(found)
}

impl Session {
    /// Makes a backup in a folder and proves that it can be restored.
    ///
    /// # Errors
    /// `disk_full`, `file_trouble`, `backup_damaged` when the trial restore finds anything: then there is no backup.
    pub async fn backup(&self, to: PathBuf) -> Result<BackupView, AppError> {
        self.allow(Action::Backup).await?;
        self.backup_now(to).await
    }

    async fn backup_now(&self, to: PathBuf) -> Result<BackupView, AppError> {
        let made = self.try_backup(to).await;
        // What went wrong with the backup matters more than that it could not be kept.
        let _ = self.keep_last(&made).await;
        made
    }

    async fn try_backup(&self, to: PathBuf) -> Result<BackupView, AppError> {
        self.note("backup.begun", "backup").await?;
        let now = (self.surroundings.now)();
        let (vault, data) = (Arc::clone(&self.vault), self.config.paths.data.clone());
        let id = self.surroundings.id();
        let store = self.store_handle();
        let view = blocking(move || make(&store, &vault, &data, &to, now, &id.to_string())).await?;
        self.note("backup.made", "backup").await?;
        Ok(view)
    }
}

fn no_folder() -> AppError {
    Fault::new(
        FaultKind::Usage,
        "backup_folder",
        "The folder for backups is not there.",
        "Make it, or connect its disk, and try again; nothing was written.",
    )
    .into()
}

fn make(
    store: &Store,
    vault: &Vault,
    data: &Path,
    to: &Path,
    now: Timestamp,
    id: &str,
) -> Result<BackupView, AppError> {
    let failed = |e: std::io::Error| AppError::file("write the backup", &e);
    if !to.is_dir() {
        return Err(no_folder());
    }
    clear_partial(to);
    check_room(data, to)?;
    let partial = Partial::begin(to, id)?;
    let folder = partial.folder.as_path();
    std::fs::create_dir(folder.join(AUDIO)).map_err(failed)?;
    store.copy_into(&folder.join(DATABASE))?;
    // Opening it sets its journal; only then is it as it stays.
    let (recordings, head, dictations, claims) = contents(&folder.join(DATABASE), vault)?;
    File::open(folder.join(DATABASE)).and_then(|f| f.sync_all()).map_err(failed)?;
    let mut files = vec![
        manifest::measure(&folder.join(DATABASE), DATABASE)?,
        manifest::copy(&data.join(VAULT), &folder.join(VAULT), VAULT, "write the backup")?,
    ];
    let mut missing = vec![];
    for recording in &recordings {
        let (name, from) =
            (format!("{AUDIO}/{}", recording.file_name), data.join(AUDIO).join(&recording.file_name));
        if from.exists() {
            files.push(manifest::copy(&from, &folder.join(&name), &name, "write the backup")?);
        } else {
            missing.push(recording.id.to_string());
        }
    }
    let mut manifest = Manifest {
        version: Manifest::version(),
        vault: vault.id(),
        made_at: now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        head,
        dictations,
        claims,
        missing,
        files,
        mac: String::new(),
    };
    manifest.write(store, folder)?;
    try_it(folder, vault, &recordings)?;
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let short: String = vault.id().chars().take(8).collect();
    let named = free_name(to, &format!("iambilly-{short}-{stamp}"));
    partial.finish(&named).map_err(failed)?;
    Ok(BackupView::of(named, &manifest))
}

/// A folder that is removed unless it is finished.
struct Partial {
    folder: PathBuf,
    /// Held while it is written: what nobody holds was left by a crash.
    _lock: File,
    finished: bool,
}

const PARTIAL: &str = ".iambilly-partial-";
const LOCK: &str = ".writing";

impl Partial {
    fn begin(to: &Path, id: &str) -> Result<Self, AppError> {
        let failed = |e: std::io::Error| AppError::file("write the backup", &e);
        let folder = to.join(format!("{PARTIAL}{id}"));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(failed)?;
        let lock = File::create(folder.join(LOCK)).map_err(failed)?;
        let _ = lock.try_lock();
        Ok(Self { folder, _lock: lock, finished: false })
    }

    fn finish(mut self, named: &Path) -> std::io::Result<()> {
        std::fs::remove_file(self.folder.join(LOCK))?;
        sync(&self.folder.join(AUDIO))?;
        sync(&self.folder)?;
        std::fs::rename(&self.folder, named)?;
        self.finished = true;
        named.parent().map_or(Ok(()), sync)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Removes what killed backups left, unless another program is still writing it.
fn clear_partial(to: &Path) {
    for entry in std::fs::read_dir(to).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            let writing = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err());
            if !writing {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn free_name(to: &Path, name: &str) -> PathBuf {
    let first = to.join(name);
    std::iter::once(first.clone())
        .chain((2..u32::MAX).map(|n| to.join(format!("{name}-{n}"))))
        .find(|path| !path.exists())
        .unwrap_or(first)
}

/// Said before anything is written, rather than after an hour of copying.
fn check_room(data: &Path, to: &Path) -> Result<(), AppError> {
    let size = |path: &Path| path.metadata().map_or(0, |m| m.len());
    let audio = std::fs::read_dir(data.join(AUDIO)).into_iter().flatten().flatten();
    let audio: u64 = audio.map(|e| size(&e.path())).sum();
    // The database twice: in the backup and in its trial.
    let needed = audio + 2 * (size(&data.join(DATABASE)) + size(&data.join("iambilly.db-wal"))) + RESERVE;
    match fs4::available_space(to) {
        Ok(free) if free < needed => Err(Fault::new(
            FaultKind::Missing,
            "disk_full",
            format!("The backup needs {} MiB and there are {} MiB free.", (needed >> 20) + 1, free >> 20),
            "Free some space there, or choose another folder; nothing was written.",
        )
        .into()),
        _ => Ok(()),
    }
}

type Contents = (Vec<Recording>, iambilly_store::AuditHead, u64, u64);

/// What a copied database holds; opened beside the backup's manifest, and closed without a trace.
fn contents(database: &Path, vault: &Vault) -> Result<Contents, AppError> {
    let store = open(database, vault)?;
    let found = store.read(|r| {
        let kept = |one: &Recording| one.wrapped_key.is_some();
        let mut recordings = vec![];
        for state in [RecordingState::Sealing, RecordingState::Sealed, RecordingState::Torn] {
            recordings.extend(r.recordings_in(state)?.into_iter().filter(kept));
        }
        let claims = r.claims(None, u32::MAX)?.len() as u64;
        Ok((recordings, r.audit_head()?, r.dictations(u32::MAX)?.len() as u64, claims))
    })?;
    Ok(found)
}

fn open(database: &Path, vault: &Vault) -> Result<Store, AppError> {
    let audit = vault.audit_key()?;
    let keys = StoreKeys { database: vault.database_key().expose(), audit: audit.expose() };
    Ok(Store::open_unanchored(database, keys)?)
}

/// The trial restore: every file as the manifest says, the database whole, its audit sound up to the manifest's head,
/// every recording opened and read to its end with its key.
fn try_it(folder: &Path, vault: &Vault, recordings: &[Recording]) -> Result<(), AppError> {
    let manifest = Manifest::read(folder)?;
    let trial = tempfile::Builder::new()
        .prefix(PARTIAL)
        .tempdir_in(folder.parent().unwrap_or(folder))
        .map_err(|e| AppError::file("try the backup", &e))?;
    for file in &manifest.files {
        let copied = if file.name.starts_with(AUDIO) {
            manifest::measure(&folder.join(&file.name), &file.name)?
        } else {
            manifest::copy(
                &folder.join(&file.name),
                &trial.path().join(&file.name),
                &file.name,
                "try the backup",
            )?
        };
        if copied != *file {
            return Err(manifest::damaged(&format!("{} does not read as it was written", file.name)));
        }
    }
    check_database(&trial.path().join(DATABASE), vault, &manifest)?;
    for recording in recordings.iter().filter(|r| !manifest.missing.contains(&r.id.to_string())) {
        check_audio(&folder.join(AUDIO).join(&recording.file_name), recording, vault)?;
    }
    Ok(())
}

fn check_database(database: &Path, vault: &Vault, manifest: &Manifest) -> Result<(), AppError> {
    let store = open(database, vault)?;
    store.integrity_check()?;
    if !manifest.is_genuine(&store)? {
        return Err(manifest::damaged("its manifest was not made with this vault's key"));
    }
    let verdict = store.read(|r| r.verify_audit(std::slice::from_ref(&manifest.head)))?;
    // A chain that was broken before stays so: a backup keeps what there is, and audit verify says it.
    if verdict.head != manifest.head && verdict.is_sound() {
        return Err(manifest::damaged("its audit ends elsewhere than its manifest says"));
    }
    Ok(())
}

fn check_audio(path: &Path, recording: &Recording, vault: &Vault) -> Result<(), AppError> {
    let Some(wrapped) = &recording.wrapped_key else { return Ok(()) };
    let key = vault.unwrap_key(&wrapped.parse::<WrappedKey>()?, &recording.id.to_string())?;
    let input = File::open(path).map_err(|e| AppError::file("try the backup", &e))?;
    SealedReader::open(BufReader::new(input), recording.id, &key)?.verify()?;
    Ok(())
}

#[cfg(unix)]
fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}
#[cfg(not(unix))]
fn sync(_: &Path) -> std::io::Result<()> {
    Ok(())
}
