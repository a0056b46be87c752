//! The operating system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! A locked keyring, a session without one and an entry that was never written are three different
//! situations with three different answers, so they stay apart here.

use crate::error::VaultError;
use keyring_core::api::CredentialStoreApi;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why a keyring did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringTrouble {
    /// No service answers.
    Unavailable,
    /// It is locked or refused access.
    Locked,
}

impl From<KeyringTrouble> for VaultError {
    fn from(trouble: KeyringTrouble) -> Self {
        match trouble {
            KeyringTrouble::Unavailable => Self::KeyringUnavailable,
            KeyringTrouble::Locked => Self::KeyringLocked,
        }
    }
}

/// A place that keeps one secret per account. The vault knows only this.
pub trait KeyringStore {
    /// The secret of an account; `None` when there is no such entry.
    ///
    /// # Errors
    /// When the keyring is missing or locked.
    fn read(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringTrouble>;
    /// Writes the secret of an account.
    ///
    /// # Errors
    /// When the keyring is missing or locked.
    fn write(&self, account: &str, secret: &[u8]) -> Result<(), KeyringTrouble>;
    /// Removes an account; one that is not there is no trouble.
    ///
    /// # Errors
    /// When the keyring is missing or locked.
    fn delete(&self, account: &str) -> Result<(), KeyringTrouble>;
}

/// The keyring of the signed-in user.
pub struct OsKeyring {
    store: Arc<dyn CredentialStoreApi + Send + Sync>,
}

impl std::fmt::Debug for OsKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OsKeyring")
    }
}

impl OsKeyring {
    /// Connects to the keyring.
    ///
    /// # Errors
    /// [`KeyringTrouble::Unavailable`] where no service answers (no D-Bus session, no keyring daemon).
    pub fn connect() -> Result<Self, KeyringTrouble> {
        Ok(Self { store: platform_store()? })
    }
    fn entry(&self, account: &str) -> Result<keyring_core::Entry, KeyringTrouble> {
        self.store.build(crate::file::MODE_KEYRING_SERVICE, account, None).map_err(|e| trouble(&e))
    }
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, KeyringTrouble> {
    Ok(zbus_secret_service_keyring_store::Store::new().map_err(|e| trouble(&e))?)
}
#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, KeyringTrouble> {
    Ok(apple_native_keyring_store::keychain::Store::new().map_err(|e| trouble(&e))?)
}
#[cfg(windows)]
fn platform_store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, KeyringTrouble> {
    Ok(windows_native_keyring_store::Store::new().map_err(|e| trouble(&e))?)
}
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn platform_store() -> Result<Arc<dyn CredentialStoreApi + Send + Sync>, KeyringTrouble> {
    Err(KeyringTrouble::Unavailable)
}

fn trouble(error: &keyring_core::Error) -> KeyringTrouble {
    match error {
        keyring_core::Error::NoStorageAccess(_) => KeyringTrouble::Locked,
        _ => KeyringTrouble::Unavailable,
    }
}

impl KeyringStore for OsKeyring {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringTrouble> {
        match self.entry(account)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(e) => Err(trouble(&e)),
        }
    }
    fn write(&self, account: &str, secret: &[u8]) -> Result<(), KeyringTrouble> {
        self.entry(account)?.set_secret(secret).map_err(|e| trouble(&e))
    }
    fn delete(&self, account: &str) -> Result<(), KeyringTrouble> {
        match self.entry(account)?.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(e) => Err(trouble(&e)),
        }
    }
}
