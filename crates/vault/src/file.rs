//! `vault.json`: what is kept on disk about the keys. No PHI, no key in the clear.
//!
//! Never overwritten in place: a second creator loses the race instead of replacing the keys of the first, and a
//! rotation renames a whole new file over the old one.

use crate::error::VaultError;
use crate::key::WrappedKey;
use crate::vault::VaultMode;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Name under which the keyring lists our entries.
pub const MODE_KEYRING_SERVICE: &str = "IamBilly";
/// Newest format of `vault.json` this program knows.
pub(crate) const VERSION: u32 = 3;
/// Format of a vault without people, which older programs read too.
pub(crate) const SINGLE: u32 = 2;
/// Far more than any vault file has: a thousand people are half of it.
const MAX_BYTES: u64 = 1024 * 1024;

/// Argon2id costs and salt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Argon2Cost {
    /// Memory in KiB.
    pub(crate) memory_kib: u32,
    /// Passes over it.
    pub(crate) passes: u32,
    /// Lanes.
    pub(crate) lanes: u32,
    /// Salt in hex.
    pub(crate) salt: String,
}

/// The content of `vault.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VaultFile {
    /// Format.
    pub(crate) version: u32,
    /// Random id in hex; also the account name in the keyring.
    pub(crate) vault_id: String,
    /// Where the master key is.
    pub(crate) mode: VaultMode,
    /// How the passphrase becomes the master key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) argon2id: Option<Argon2Cost>,
    /// Random end of the keyring's account name. Each new master key has an entry of its own, so that a rotation killed
    /// halfway leaves the old entry with the old file or the new one with the new, and a restored copy of a data folder
    /// never shares (or overwrites, or deletes) the entry of the one it is a copy of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keyring_entry: Option<String>,
    /// Derived from the master key; tells a wrong master key from a damaged file.
    pub(crate) check: String,
    /// The database key under the master's wrapping key.
    pub(crate) database_key: WrappedKey,
    /// The audio root key under the master's wrapping key.
    pub(crate) audio_root_key: WrappedKey,
    /// The same two keys under the recovery kit's words, where one was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recovery: Option<Recovery>,
    /// Random end of the account of the keyring's secret that people's passwords are combined with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device_entry: Option<String>,
    /// The master key, once for each person who may open the vault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) people: Vec<PersonEntry>,
}

/// A person's way to the master key. The name is in the clear: it is asked before anything is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonEntry {
    /// Id, the same as in the records.
    pub(crate) id: String,
    /// As the person signs in.
    pub(crate) name: String,
    /// How the password is stretched.
    pub(crate) argon2id: Argon2Cost,
    /// Derived from the person's key; tells a wrong password from a damaged file.
    pub(crate) check: String,
    /// The master key under the person's key.
    pub(crate) master: WrappedKey,
    /// The person's key under a key of the vault, so that a rotation needs nobody's password.
    pub(crate) escrow: WrappedKey,
}

/// The two keys under a recovery kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recovery {
    /// Derived from the words; tells wrong words from a damaged file.
    pub(crate) check: String,
    /// The database key.
    pub(crate) database_key: WrappedKey,
    /// The audio root key.
    pub(crate) audio_root_key: WrappedKey,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// The keyring's account of a vault's master key.
pub(crate) fn account_of(vault_id: &str, entry: Option<&str>) -> String {
    entry.map_or_else(|| vault_id.to_owned(), |entry| format!("{vault_id}.{entry}"))
}

/// Where the vault file of a data folder is.
pub(crate) fn path_in(dir: &Path) -> PathBuf {
    dir.join("vault.json")
}

/// Whether a data folder holds a database (`*.db`), which only a vault's key can have sealed.
pub(crate) fn holds_records(dir: &Path) -> Result<bool, VaultError> {
    for entry in fs::read_dir(dir)? {
        if entry?.path().extension().is_some_and(|e| e == "db") {
            return Ok(true);
        }
    }
    Ok(false)
}

impl VaultFile {
    /// Reads the vault file of a data folder; `None` when there is none.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, VaultError> {
        let path = path_in(dir);
        let meta = match fs::metadata(&path) {
            Ok(meta) => meta,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        if meta.len() > MAX_BYTES {
            return Err(VaultError::Corrupt { what: "its size" });
        }
        let bytes = fs::read(&path)?;
        // The version first: a newer file may have fields this program cannot read.
        let VersionOnly { version } =
            serde_json::from_slice(&bytes).map_err(|_| VaultError::Corrupt { what: "its version" })?;
        if version > VERSION {
            return Err(VaultError::Newer { found: version, known: VERSION });
        }
        let file: Self =
            serde_json::from_slice(&bytes).map_err(|_| VaultError::Corrupt { what: "its fields" })?;
        Ok(Some(file))
    }

    /// The keyring's account for the master key.
    pub(crate) fn account(&self) -> String {
        account_of(&self.vault_id, self.keyring_entry.as_deref())
    }

    /// Writes a new vault file, durable before it gets its name; refuses to replace one.
    pub(crate) fn write_new(&self, dir: &Path) -> Result<(), VaultError> {
        self.temporary(dir)?.persist_noclobber(path_in(dir)).map_err(|e| {
            if e.error.kind() == ErrorKind::AlreadyExists { VaultError::AlreadyThere } else { e.error.into() }
        })?;
        sync_folder(dir)
    }

    /// Replaces the vault file: whoever is killed at any point leaves the old one or this one, whole.
    pub(crate) fn replace(&self, dir: &Path) -> Result<(), VaultError> {
        self.temporary(dir)?.persist(path_in(dir)).map_err(|e| e.error)?;
        sync_folder(dir)
    }

    fn temporary(&self, dir: &Path) -> Result<tempfile::NamedTempFile, VaultError> {
        let bytes =
            serde_json::to_vec_pretty(self).map_err(|_| VaultError::Corrupt { what: "its fields" })?;
        // A temporary file of mode 0600 in the same folder, so that the rename is atomic.
        let mut temporary = tempfile::NamedTempFile::new_in(dir)?;
        temporary.write_all(&bytes)?;
        temporary.as_file().sync_all()?;
        Ok(temporary)
    }

    /// Held while a vault file is replaced, so that two programs do not mix their halves. A file system without locks
    /// is no reason not to rotate.
    pub(crate) fn lock(dir: &Path) -> Result<fs::File, VaultError> {
        let file =
            fs::OpenOptions::new().write(true).create(true).truncate(false).open(dir.join("vault.lock"))?;
        let _ = file.lock();
        Ok(file)
    }
}

#[cfg(unix)]
fn sync_folder(dir: &Path) -> Result<(), VaultError> {
    Ok(fs::File::open(dir)?.sync_all()?)
}
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), VaultError> {
    Ok(())
}
