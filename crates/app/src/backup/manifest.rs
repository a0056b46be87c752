//! `manifest.json` of a backup: which files, how long, with which SHA-256; and the audit's head in it. No PHI.

use crate::error::AppError;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::{AuditHead, Store};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// Name of the file.
pub(super) const NAME: &str = "manifest.json";
const VERSION: u32 = 1;
/// Far more than a manifest of a hundred thousand recordings.
const MAX_BYTES: u64 = 64 << 20;

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    /// Its place in the data folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its content.
    pub sha256: String,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format.
    pub version: u32,
    /// Which data folder.
    pub vault: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Version of the program.
    pub program: String,
    /// The newest audit event in it.
    pub head: AuditHead,
    /// How many dictations.
    pub dictations: u64,
    /// How many claims.
    pub claims: u64,
    /// Recordings that the database names and the data folder did not have.
    pub missing: Vec<String>,
    /// The files.
    pub files: Vec<BackupFile>,
    /// HMAC under the vault's audit key over all the above.
    pub mac: String,
}

pub(super) fn damaged(what: &str) -> AppError {
    Fault::new(
        FaultKind::Input,
        "backup_damaged",
        format!("The backup is not whole: {what}."),
        "Nothing was restored from it. Take another backup, or copy this one again from where it was written.",
    )
    .into()
}

impl Manifest {
    pub(super) const fn version() -> u32 {
        VERSION
    }

    pub(super) fn read(backup: &Path) -> Result<Self, AppError> {
        let path = backup.join(NAME);
        let length = path.metadata().map_err(|_| damaged("it has no manifest"))?.len();
        if length > MAX_BYTES {
            return Err(damaged("its manifest is too long"));
        }
        let bytes = std::fs::read(path).map_err(|e| AppError::file("read the backup", &e))?;
        let version: u64 = serde_json::from_slice::<serde_json::Value>(&bytes)
            .ok()
            .and_then(|json| json.get("version")?.as_u64())
            .ok_or_else(|| damaged("its manifest cannot be read"))?;
        if version > u64::from(VERSION) {
            return Err(Fault::new(
                FaultKind::Input,
                "backup_newer",
                "A newer version of IamBilly made this backup.",
                "Update IamBilly, then restore it.",
            )
            .into());
        }
        let read: Self =
            serde_json::from_slice(&bytes).map_err(|_| damaged("its manifest cannot be read"))?;
        // A name never leads out of the folder.
        let safe = |name: &str| {
            let own = name.strip_prefix("audio/").unwrap_or(name);
            !own.is_empty()
                && !own.starts_with('.')
                && own.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        if read.files.iter().all(|file| safe(&file.name)) {
            Ok(read)
        } else {
            Err(damaged("its manifest names a file outside"))
        }
    }

    /// Written last: a backup without it is none.
    pub(super) fn write(&mut self, store: &Store, folder: &Path) -> Result<(), AppError> {
        self.mac = store.seal_text(&self.sealed_text()?);
        let bytes =
            serde_json::to_vec_pretty(self).map_err(|_| AppError::internal("a manifest without JSON"))?;
        crate::audit::write_durably(folder, NAME, &bytes).map_err(|e| AppError::file("write the backup", &e))
    }

    /// Whether the vault that the backup is of wrote this manifest.
    pub(super) fn is_genuine(&self, store: &Store) -> Result<bool, AppError> {
        Ok(store.text_is_sealed(&self.sealed_text()?, &self.mac))
    }

    fn sealed_text(&self) -> Result<String, AppError> {
        let open = Self { mac: String::new(), ..self.clone() };
        serde_json::to_string(&open).map_err(|_| AppError::internal("a manifest without JSON"))
    }
}

/// Copies a file, makes it durable and tells what was copied.
pub(super) fn copy(from: &Path, to: &Path, name: &str, doing: &str) -> Result<BackupFile, AppError> {
    let failed = |e: std::io::Error| AppError::file(doing, &e);
    let mut input = File::open(from).map_err(failed)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut output = options.open(to).map_err(failed)?;
    let sum = through(&mut input, &mut output).map_err(failed)?;
    output.sync_all().map_err(failed)?;
    Ok(BackupFile { name: name.to_owned(), bytes: sum.0, sha256: sum.1 })
}

/// Length and SHA-256 of a file.
pub(super) fn measure(path: &Path, name: &str) -> Result<BackupFile, AppError> {
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => damaged(&format!("{name} is not there")),
        _ => AppError::file("read the backup", &e),
    };
    let sum = through(&mut File::open(path).map_err(failed)?, &mut std::io::sink()).map_err(failed)?;
    Ok(BackupFile { name: name.to_owned(), bytes: sum.0, sha256: sum.1 })
}

fn through(input: &mut impl Read, output: &mut impl Write) -> std::io::Result<(u64, String)> {
    let (mut hash, mut length, mut block) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = input.read(&mut block)?;
        let Some(part) = block.get(..read).filter(|part| !part.is_empty()) else { break };
        output.write_all(part)?;
        hash.update(part);
        length += part.len() as u64;
    }
    Ok((length, format!("{:x}", hash.finalize())))
}
