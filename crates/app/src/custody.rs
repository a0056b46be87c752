//! Custody of the keys: another keyring entry or passphrase (rotation), and the recovery kit on paper.

use crate::error::AppError;
use crate::people::Action;
use crate::session::{Random, Session, Unlock, blocking, check_new_passphrase};
use iambilly_vault::{
    KeySource, KeyringTrouble, OsKeyring, RecoveryWords, Vault, VaultError, VaultMode, VaultStatus,
};
use std::path::PathBuf;
use std::sync::Arc;

/// A new way to unlock, with what it needs: the keyring stays connected while it is used.
pub(crate) enum NewGuard {
    Keyring(OsKeyring),
    Passphrase(secrecy::SecretString),
}

impl NewGuard {
    pub(crate) fn of(how: Unlock) -> Result<Self, AppError> {
        match how {
            Unlock::Keyring => Ok(Self::Keyring(OsKeyring::connect().map_err(|trouble| match trouble {
                KeyringTrouble::Locked => VaultError::KeyringLocked,
                KeyringTrouble::Unavailable => VaultError::KeyringUnavailable,
            })?)),
            Unlock::Passphrase(passphrase) => Ok(Self::Passphrase(passphrase)),
            Unlock::Kit(_) | Unlock::Person(_) => {
                Err(VaultError::WrongSource { needed: "the keyring or a passphrase" }.into())
            }
        }
    }
    pub(crate) fn source(&self) -> Result<KeySource<'_>, AppError> {
        let source = match self {
            Self::Keyring(keyring) => KeySource::Keyring(keyring),
            Self::Passphrase(passphrase) => KeySource::Passphrase(passphrase.clone()),
        };
        check_new_passphrase(&source)?;
        Ok(source)
    }
}

impl Session {
    /// Puts the keys under a new keyring entry or a new passphrase, or once there are accounts under a new master key for
    /// everybody; no record and no recording is rewritten. Killed at
    /// any point, the old way or the new one unlocks.
    ///
    /// # Errors
    /// `passphrase_short`, `keyring_…`, and what the disk says.
    pub async fn rotate_keys(&self, to: Option<Unlock>) -> Result<VaultMode, AppError> {
        self.allow(Action::Keys).await?;
        self.note("vault.rotation_begun", "vault").await?;
        let (vault, dir, random) = (Arc::clone(&self.vault), self.data(), self.surroundings.random);
        let mode = blocking(move || {
            let people = VaultStatus::Locked { mode: VaultMode::People };
            let Some(to) = to.filter(|_| Vault::status(&dir).is_ok_and(|status| status != people)) else {
                vault.rotate_for_people(&dir, &mut Random(random))?;
                return Ok(VaultMode::People);
            };
            let guard = NewGuard::of(to)?;
            Ok(vault.rotate(&dir, &guard.source()?, &mut Random(random))?)
        })
        .await?;
        self.note("vault.rotated", "vault").await?;
        Ok(mode)
    }

    /// Draws the words of a new recovery kit. They open nothing until they are kept: show them, ask them back, then
    /// [`Session::keep_kit`].
    ///
    /// # Errors
    /// `not_allowed`; when there is no randomness.
    pub async fn draw_kit(&self) -> Result<RecoveryWords, AppError> {
        self.allow(Action::Keys).await?;
        Ok(RecoveryWords::draw(&mut self.randomness())?)
    }

    /// Whether a recovery kit was made and typed back.
    ///
    /// # Errors
    /// `not_allowed`; a damaged vault.
    pub async fn has_kit(&self) -> Result<bool, AppError> {
        self.allow(Action::Keys).await?;
        let dir = self.data();
        blocking(move || Ok(Vault::has_kit(&dir)?)).await
    }

    /// Makes a kit valid once a person has typed it back, and every earlier one void.
    ///
    /// # Errors
    /// `recovery_kit_unreadable` and `recovery_kit_wrong` for words that are not the ones drawn: nothing changes.
    pub async fn keep_kit(&self, drawn: RecoveryWords, typed: &str) -> Result<(), AppError> {
        self.allow(Action::Keys).await?;
        if RecoveryWords::typed(typed)? != drawn {
            return Err(VaultError::WrongKit.into());
        }
        let (vault, dir, random) = (Arc::clone(&self.vault), self.data(), self.surroundings.random);
        blocking(move || Ok(vault.keep_kit(&dir, &drawn, &mut Random(random))?)).await?;
        self.note("vault.kit_made", "vault").await
    }

    /// Whether these words open this data folder, without using them for anything else.
    ///
    /// # Errors
    /// `recovery_kit_unreadable`, `recovery_kit_wrong`, `recovery_kit_missing`.
    pub async fn check_kit(&self, typed: &str) -> Result<(), AppError> {
        self.allow(Action::Keys).await?;
        let (words, dir) = (RecoveryWords::typed(typed)?, self.data());
        blocking(move || Ok(Vault::open(&dir, &KeySource::Kit(words)).map(drop)?)).await?;
        self.note("vault.kit_checked", "vault").await
    }

    fn data(&self) -> PathBuf {
        self.config.paths.data.clone()
    }
}
