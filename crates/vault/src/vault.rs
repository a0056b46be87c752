//! The vault of a data folder: create it once, open it with its master key, hand out the keys inside.

use crate::error::VaultError;
use crate::file::{self, Recovery, SINGLE, VaultFile};
use crate::key::{Randomness, SecretKey, WrappedKey};
use crate::kit::RecoveryWords;
use crate::people;
use crate::source::{Guard, KeySource, stretch};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Where the master key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultMode {
    /// In the operating system's keyring.
    Keyring,
    /// Derived from a passphrase.
    Passphrase,
    /// Wrapped once for each person, under their password and the keyring's secret.
    People,
}

impl VaultMode {
    const fn needed(self) -> &'static str {
        match self {
            Self::Keyring => "the operating system's keyring",
            Self::Passphrase => "a passphrase",
            Self::People => "a person's name and password",
        }
    }
}

/// What a data folder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultStatus {
    /// No vault yet.
    New,
    /// A vault, opened by this kind of source.
    Locked {
        /// Where its master key is.
        mode: VaultMode,
    },
}

/// An open vault: the keys of one data folder, in memory until dropped.
#[derive(Debug)]
pub struct Vault {
    id: Vec<u8>,
    mode: VaultMode,
    database_key: SecretKey,
    audio_root_key: SecretKey,
    opened_by: Opener,
}

/// What opened a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opener {
    /// Its own keyring entry or passphrase.
    Owner,
    /// The recovery kit.
    Kit,
    /// The person with this id; `stale` where the password's costs are older than this program's.
    Person {
        /// Id.
        id: String,
        /// Whether the password should be stretched anew.
        stale: bool,
    },
}

impl Vault {
    /// Looks at a data folder without opening anything.
    ///
    /// # Errors
    /// When the vault file is damaged, newer or unreadable.
    pub fn status(dir: &Path) -> Result<VaultStatus, VaultError> {
        Ok(VaultFile::read(dir)?.map_or(VaultStatus::New, |file| VaultStatus::Locked { mode: file.mode }))
    }

    /// Creates the vault of a new data folder (which exists) and opens it.
    ///
    /// # Errors
    /// [`VaultError::AlreadyThere`] when there is one: it is never replaced. [`VaultError::Lost`] when there is
    /// none but the folder holds a database: a new key would only bury the loss.
    pub fn create(
        dir: &Path,
        source: &KeySource<'_>,
        randomness: &mut dyn Randomness,
    ) -> Result<Self, VaultError> {
        // The database is looked for first: who creates both writes the vault first.
        let records = file::holds_records(dir)?;
        if VaultFile::read(dir)?.is_some() {
            return Err(VaultError::AlreadyThere);
        }
        if records {
            return Err(VaultError::Lost);
        }
        let mut id = vec![0; 16];
        randomness.fill(&mut id)?;
        let account = hex::encode(&id);
        let guard = Guard::make(source, &account, randomness)?;
        let database_key = SecretKey::random(randomness)?;
        let audio_root_key = SecretKey::random(randomness)?;
        let vault = Self { id, mode: guard.mode, database_key, audio_root_key, opened_by: Opener::Owner };
        let file = vault.file(&guard, None, None, randomness)?;
        if let Err(e) = file.write_new(dir) {
            if let KeySource::Keyring(keyring) = source {
                // Best effort: an entry no vault names is harmless.
                let _ = keyring.delete(&account);
            }
            return Err(e);
        }
        Ok(vault)
    }

    /// Puts the keys under a new master key: the keyring gets a new entry, or the (new) passphrase a new salt. No record
    /// and no recording is rewritten, the recovery kit stays as it is. Killed at any point, the old source or the new
    /// one opens the vault.
    ///
    /// Who copied `vault.json` before and knows the old source can still open that copy.
    ///
    /// # Errors
    /// A keyring that is missing or locked, an empty passphrase, what the disk says.
    pub fn rotate(
        &self,
        dir: &Path,
        source: &KeySource<'_>,
        randomness: &mut dyn Randomness,
    ) -> Result<VaultMode, VaultError> {
        self.rewrap(dir, source, true, randomness)
    }

    /// The same for a copy of a data folder (a restored backup): the original's keyring entry stays.
    ///
    /// # Errors
    /// As [`Vault::rotate`].
    pub fn take_over(
        &self,
        dir: &Path,
        source: &KeySource<'_>,
        randomness: &mut dyn Randomness,
    ) -> Result<VaultMode, VaultError> {
        self.rewrap(dir, source, false, randomness)
    }

    fn rewrap(
        &self,
        dir: &Path,
        source: &KeySource<'_>,
        retire: bool,
        randomness: &mut dyn Randomness,
    ) -> Result<VaultMode, VaultError> {
        let _lock = VaultFile::lock(dir)?;
        let now = self.own_file(dir)?;
        let mut end = [0; 8];
        randomness.fill(&mut end)?;
        let entry = matches!(source, KeySource::Keyring(_)).then(|| hex::encode(end));
        let account = file::account_of(&now.vault_id, entry.as_deref());
        let guard = Guard::make(source, &account, randomness)?;
        let next = self.file(&guard, entry, now.recovery.clone(), randomness)?;
        let replaced = next.replace(dir);
        if let KeySource::Keyring(keyring) = source {
            // Best effort: an entry no vault names is harmless.
            let _ = match (&replaced, now.mode) {
                (Err(_), _) => keyring.delete(&account),
                (Ok(()), VaultMode::Keyring) if retire => keyring.delete(&now.account()),
                (Ok(()), _) => Ok(()),
            };
        }
        replaced.map(|()| guard.mode)
    }

    /// Makes the words open this vault from now on, and no earlier kit.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_kit(
        &self,
        dir: &Path,
        words: &RecoveryWords,
        randomness: &mut dyn Randomness,
    ) -> Result<(), VaultError> {
        let _lock = VaultFile::lock(dir)?;
        let mut file = self.own_file(dir)?;
        let key = words.key(&self.id)?;
        let wrapping = wrapping_key(&key, &self.id)?;
        file.recovery = Some(Recovery {
            check: check_of(&key, &self.id)?,
            database_key: wrapping.wrap(
                &self.database_key,
                &context("kit-database", &file.vault_id),
                randomness,
            )?,
            audio_root_key: wrapping.wrap(
                &self.audio_root_key,
                &context("kit-audio", &file.vault_id),
                randomness,
            )?,
        });
        file.replace(dir)
    }

    /// Whether a data folder's vault can be opened by a recovery kit.
    ///
    /// # Errors
    /// When the vault file is damaged, newer or unreadable.
    pub fn has_kit(dir: &Path) -> Result<bool, VaultError> {
        Ok(VaultFile::read(dir)?.is_some_and(|file| file.recovery.is_some()))
    }

    /// The vault file as it is now, if it still is this vault's.
    pub(crate) fn own_file(&self, dir: &Path) -> Result<VaultFile, VaultError> {
        let file = VaultFile::read(dir)?.ok_or(VaultError::NotThere)?;
        if file.vault_id == self.id() { Ok(file) } else { Err(VaultError::Corrupt { what: "its id" }) }
    }

    fn file(
        &self,
        guard: &Guard,
        keyring_entry: Option<String>,
        recovery: Option<Recovery>,
        randomness: &mut dyn Randomness,
    ) -> Result<VaultFile, VaultError> {
        let vault_id = self.id();
        let wrapping = wrapping_key(&guard.master, &self.id)?;
        Ok(VaultFile {
            version: SINGLE,
            mode: guard.mode,
            argon2id: guard.argon2id.clone(),
            keyring_entry,
            check: check_of(&guard.master, &self.id)?,
            database_key: wrapping.wrap(&self.database_key, &context("database", &vault_id), randomness)?,
            audio_root_key: wrapping.wrap(&self.audio_root_key, &context("audio", &vault_id), randomness)?,
            vault_id,
            recovery,
            device_entry: None,
            people: vec![],
        })
    }

    /// Opens the vault of a data folder.
    ///
    /// # Errors
    /// A wrong passphrase, a keyring that is missing, locked or has no entry, a damaged or newer vault file.
    pub fn open(dir: &Path, source: &KeySource<'_>) -> Result<Self, VaultError> {
        let file = VaultFile::read(dir)?.ok_or(VaultError::NotThere)?;
        if source.mode().is_some_and(|mode| mode != file.mode) {
            return Err(VaultError::WrongSource { needed: file.mode.needed() });
        }
        let id = hex::decode(&file.vault_id)
            .ok()
            .filter(|id| id.len() == 16)
            .ok_or(VaultError::Corrupt { what: "its id" })?;
        let mut person = None;
        let (master, check, wrong) = match source {
            KeySource::Passphrase(passphrase) => {
                let cost =
                    file.argon2id.as_ref().ok_or(VaultError::Corrupt { what: "its passphrase costs" })?;
                (stretch(passphrase, cost)?, &file.check, VaultError::WrongPassphrase)
            }
            KeySource::Keyring(keyring) => {
                let secret = keyring.read(&file.account())?.ok_or(VaultError::KeyringEntryMissing)?;
                let bytes: [u8; 32] =
                    secret.as_slice().try_into().map_err(|_| VaultError::KeyringEntryWrong)?;
                (SecretKey::from_bytes(bytes), &file.check, VaultError::KeyringEntryWrong)
            }
            KeySource::Person { name, password, keyring } => {
                let (id, stale, master) = people::opened(&file, name, password, *keyring)?;
                person = Some((id, stale));
                (master, &file.check, VaultError::Corrupt { what: "a person's key" })
            }
            KeySource::Kit(words) => {
                let recovery = file.recovery.as_ref().ok_or(VaultError::NoKit)?;
                (words.key(&id)?, &recovery.check, VaultError::WrongKit)
            }
        };
        if check_of(&master, &id)? != *check {
            return Err(wrong);
        }
        let wrapping = wrapping_key(&master, &id)?;
        let unwrap = |wrapped: &WrappedKey, purpose: &str, what: &'static str| {
            wrapping
                .unwrap_key(wrapped, &context(purpose, &file.vault_id))
                .ok_or(VaultError::Corrupt { what })
        };
        let (database_key, audio_root_key) = match (&file.recovery, source) {
            (Some(kit), KeySource::Kit(_)) => (
                unwrap(&kit.database_key, "kit-database", "its recovery kit")?,
                unwrap(&kit.audio_root_key, "kit-audio", "its recovery kit")?,
            ),
            _ => (
                unwrap(&file.database_key, "database", "its database key")?,
                unwrap(&file.audio_root_key, "audio", "its audio key")?,
            ),
        };
        let opened_by = match (source, person) {
            (KeySource::Kit(_), _) => Opener::Kit,
            (_, Some((id, stale))) => Opener::Person { id, stale },
            _ => Opener::Owner,
        };
        Ok(Self { database_key, audio_root_key, id, mode: file.mode, opened_by })
    }

    /// What opened it.
    #[must_use]
    pub const fn opened_by(&self) -> &Opener {
        &self.opened_by
    }

    pub(crate) const fn keys(&self) -> (&SecretKey, &SecretKey) {
        (&self.database_key, &self.audio_root_key)
    }

    pub(crate) fn id_bytes(&self) -> &[u8] {
        &self.id
    }

    /// The key that keeps each person's key for rotations; who has an open vault has everything anyway.
    pub(crate) fn escrow(&self) -> Result<SecretKey, VaultError> {
        self.audio_root_key.derive(&self.id, "iambilly/person-escrow/v1")
    }

    /// Where the master key was when the vault was opened.
    #[must_use]
    pub const fn mode(&self) -> VaultMode {
        self.mode
    }

    /// The key of the database.
    #[must_use]
    pub const fn database_key(&self) -> &SecretKey {
        &self.database_key
    }

    /// The key that seals the audit and its anchors; the same after a rotation, so that old events still verify.
    ///
    /// # Errors
    /// None that a sound vault can have.
    pub fn audit_key(&self) -> Result<SecretKey, VaultError> {
        self.audio_root_key.derive(&self.id, "iambilly/audit-mac/v1")
    }

    /// The seed of the key that signs what leaves the vault for an auditor.
    ///
    /// # Errors
    /// None that a sound vault can have.
    pub fn signing_seed(&self) -> Result<SecretKey, VaultError> {
        self.audio_root_key.derive(&self.id, "iambilly/export-sign/v1")
    }

    /// The vault's id in hex; no secret.
    #[must_use]
    pub fn id(&self) -> String {
        hex::encode(&self.id)
    }

    /// A new random key for one thing (`context` names it, e.g. the recording's id) and its wrapped form.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn wrap_new_key(
        &self,
        context: &str,
        randomness: &mut dyn Randomness,
    ) -> Result<(SecretKey, WrappedKey), VaultError> {
        let key = SecretKey::random(randomness)?;
        let wrapped = self.audio_wrapping()?.wrap(&key, context, randomness)?;
        Ok((key, wrapped))
    }

    /// Opens a key wrapped by [`Self::wrap_new_key`] for the same context.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] when key, vault and context do not belong together.
    pub fn unwrap_key(&self, wrapped: &WrappedKey, context: &str) -> Result<SecretKey, VaultError> {
        self.audio_wrapping()?
            .unwrap_key(wrapped, context)
            .ok_or(VaultError::Corrupt { what: "a recording's key" })
    }

    fn audio_wrapping(&self) -> Result<SecretKey, VaultError> {
        self.audio_root_key.derive(&self.id, "iambilly/audio-wrap/v1")
    }
}

pub(crate) fn context(purpose: &str, vault_id: &str) -> String {
    format!("iambilly/{purpose}-key/v1/{vault_id}")
}

pub(crate) fn wrapping_key(master: &SecretKey, id: &[u8]) -> Result<SecretKey, VaultError> {
    master.derive(id, "iambilly/master-wrap/v1")
}

pub(crate) fn check_of(master: &SecretKey, id: &[u8]) -> Result<String, VaultError> {
    Ok(hex::encode(master.derive(id, "iambilly/master-check/v1")?.expose()))
}
