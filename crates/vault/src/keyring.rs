//! The operating system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! A locked keyring, a session without one and an entry that was never written are three different
//! situations with three different answers, so they stay apart here.

use crate::error::VaultError;
use keyring_core::api::CredentialStoreApi;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a question to the keyring may stay unanswered: time for a person to answer its prompt. The Secret
/// Service's prompt can also end without telling anybody, and then nothing else would ever end the wait.
pub const KEYRING_PATIENCE: Duration = Duration::from_secs(120);

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
    store: Arc<Platform>,
    patience: Duration,
}

type Platform = dyn CredentialStoreApi + Send + Sync;

impl std::fmt::Debug for OsKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OsKeyring")
    }
}

impl OsKeyring {
    /// Connects to the keyring; no question to it waits longer than [`KEYRING_PATIENCE`].
    ///
    /// # Errors
    /// [`KeyringTrouble::Unavailable`] where no service answers (no D-Bus session, no keyring daemon).
    pub fn connect() -> Result<Self, KeyringTrouble> {
        Self::connect_within(KEYRING_PATIENCE)
    }
    /// The same with a patience of one's own.
    ///
    /// # Errors
    /// As [`OsKeyring::connect`].
    pub fn connect_within(patience: Duration) -> Result<Self, KeyringTrouble> {
        let store = answer_within(patience, KeyringTrouble::Unavailable, platform_store)?;
        Ok(Self { store, patience })
    }
    /// Asks about one account. A question nobody answers counts as a locked keyring.
    fn ask<T: Send + 'static>(
        &self,
        account: &str,
        question: impl FnOnce(&keyring_core::Entry) -> Result<T, KeyringTrouble> + Send + 'static,
    ) -> Result<T, KeyringTrouble> {
        let (store, account) = (Arc::clone(&self.store), account.to_owned());
        answer_within(self.patience, KeyringTrouble::Locked, move || {
            let entry =
                store.build(crate::file::MODE_KEYRING_SERVICE, &account, None).map_err(|e| trouble(&e))?;
            question(&entry)
        })
    }
}

/// The answer of a call that may never return; it is left to its thread when the patience ends.
fn answer_within<T: Send + 'static>(
    patience: Duration,
    silence: KeyringTrouble,
    call: impl FnOnce() -> Result<T, KeyringTrouble> + Send + 'static,
) -> Result<T, KeyringTrouble> {
    let (tell, hear) = mpsc::sync_channel(1);
    // Whoever stopped waiting does not hear the answer; there is nobody left to tell.
    let asked = std::thread::Builder::new().name("keyring".into()).spawn(move || drop(tell.send(call())));
    match asked {
        Ok(_) => hear.recv_timeout(patience).unwrap_or(Err(silence)),
        Err(_) => Err(KeyringTrouble::Unavailable),
    }
}

#[cfg(target_os = "linux")]
fn platform_store() -> Result<Arc<Platform>, KeyringTrouble> {
    Ok(zbus_secret_service_keyring_store::Store::new().map_err(|e| trouble(&e))?)
}
#[cfg(target_os = "macos")]
fn platform_store() -> Result<Arc<Platform>, KeyringTrouble> {
    Ok(apple_native_keyring_store::keychain::Store::new().map_err(|e| trouble(&e))?)
}
#[cfg(windows)]
fn platform_store() -> Result<Arc<Platform>, KeyringTrouble> {
    Ok(windows_native_keyring_store::Store::new().map_err(|e| trouble(&e))?)
}
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn platform_store() -> Result<Arc<Platform>, KeyringTrouble> {
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
        self.ask(account, |entry| match entry.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(e) => Err(trouble(&e)),
        })
    }
    fn write(&self, account: &str, secret: &[u8]) -> Result<(), KeyringTrouble> {
        let secret = Zeroizing::new(secret.to_vec());
        self.ask(account, move |entry| entry.set_secret(&secret).map_err(|e| trouble(&e)))
    }
    fn delete(&self, account: &str) -> Result<(), KeyringTrouble> {
        self.ask(account, |entry| match entry.delete_credential() {
            Ok(()) | Err(keyring_core::Error::NoEntry) => Ok(()),
            Err(e) => Err(trouble(&e)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_ends_the_wait_and_an_answer_is_heard() {
        let mute = answer_within(Duration::from_millis(20), KeyringTrouble::Locked, || {
            std::thread::sleep(Duration::from_secs(2));
            Ok(())
        });
        assert_eq!(mute, Err(KeyringTrouble::Locked));
        assert_eq!(answer_within(KEYRING_PATIENCE, KeyringTrouble::Locked, || Ok(7)), Ok(7));
        let refused = answer_within::<()>(KEYRING_PATIENCE, KeyringTrouble::Locked, || {
            Err(KeyringTrouble::Unavailable)
        });
        assert_eq!(refused, Err(KeyringTrouble::Unavailable));
    }
}
