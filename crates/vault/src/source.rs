//! What opens a vault, and how a master key is made and come by again: the keyring, or Argon2id of a passphrase.

use crate::error::VaultError;
use crate::file::Argon2Cost;
use crate::key::{Randomness, SecretKey};
use crate::keyring::KeyringStore;
use crate::kit::RecoveryWords;
use crate::vault::VaultMode;
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

/// OWASP Password Storage Cheat Sheet, Argon2id: at least 19 MiB, 2 passes, 1 lane. More memory here, since
/// a person unlocks once a session: 64 MiB, 3 passes (about 0.1 s).
const ARGON2_MEMORY_KIB: u32 = 64 * 1024;
const ARGON2_PASSES: u32 = 3;
const ARGON2_LANES: u32 = 1;
/// A vault file that asks for more is damaged or hostile.
const ARGON2_MAX_MEMORY_KIB: u32 = 1024 * 1024;
const ARGON2_MAX_PASSES: u32 = 64;
const ARGON2_MAX_LANES: u32 = 16;

/// What opens a vault.
pub enum KeySource<'a> {
    /// The keyring.
    Keyring(&'a dyn KeyringStore),
    /// A passphrase.
    Passphrase(SecretString),
    /// The words of the recovery kit; opens a vault of any mode, and creates none.
    Kit(RecoveryWords),
    /// A person's name (any case) and password, with the keyring where the vault's wrapping needs its secret.
    Person {
        /// As the person signs in.
        name: String,
        /// The password.
        password: SecretString,
        /// The keyring, where one answers.
        keyring: Option<&'a dyn KeyringStore>,
    },
}

impl KeySource<'_> {
    /// The mode of a vault that this source guards; none for a kit.
    pub(crate) const fn mode(&self) -> Option<VaultMode> {
        match self {
            Self::Keyring(_) => Some(VaultMode::Keyring),
            Self::Passphrase(_) => Some(VaultMode::Passphrase),
            Self::Person { .. } => Some(VaultMode::People),
            Self::Kit(_) => None,
        }
    }
}

impl std::fmt::Debug for KeySource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.mode() {
            Some(mode) => write!(f, "KeySource::{mode:?}"),
            None => f.write_str("KeySource::Kit"),
        }
    }
}

/// A master key and how it is come by again.
pub(crate) struct Guard {
    pub(crate) mode: VaultMode,
    pub(crate) master: SecretKey,
    pub(crate) argon2id: Option<Argon2Cost>,
}

impl Guard {
    /// A new master key of a source; the keyring keeps it under the account.
    pub(crate) fn make(
        source: &KeySource<'_>,
        account: &str,
        randomness: &mut dyn Randomness,
    ) -> Result<Self, VaultError> {
        match source {
            KeySource::Passphrase(passphrase) => {
                let cost = new_cost(randomness)?;
                let master = stretch(passphrase, &cost)?;
                Ok(Self { mode: VaultMode::Passphrase, master, argon2id: Some(cost) })
            }
            KeySource::Keyring(keyring) => {
                let master = SecretKey::random(randomness)?;
                keyring.write(account, master.expose())?;
                // A keyring that forgets at once (a session-only collection) must not guard records.
                let kept = keyring.read(account)?;
                if kept.is_none_or(|k| k.as_slice() != master.expose()) {
                    return Err(VaultError::KeyringUnavailable);
                }
                Ok(Self { mode: VaultMode::Keyring, master, argon2id: None })
            }
            KeySource::Kit(_) | KeySource::Person { .. } => {
                Err(VaultError::WrongSource { needed: "the keyring or a passphrase" })
            }
        }
    }
}

/// Today's costs with a salt of their own.
pub(crate) fn new_cost(randomness: &mut dyn Randomness) -> Result<Argon2Cost, VaultError> {
    let mut salt = vec![0; 16];
    randomness.fill(&mut salt)?;
    Ok(Argon2Cost {
        memory_kib: ARGON2_MEMORY_KIB,
        passes: ARGON2_PASSES,
        lanes: ARGON2_LANES,
        salt: hex::encode(salt),
    })
}

/// Whether costs are below today's.
pub(crate) const fn is_stale(cost: &Argon2Cost) -> bool {
    cost.memory_kib < ARGON2_MEMORY_KIB || cost.passes < ARGON2_PASSES
}

pub(crate) fn stretch(passphrase: &SecretString, cost: &Argon2Cost) -> Result<SecretKey, VaultError> {
    if passphrase.expose_secret().is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    let corrupt = || VaultError::Corrupt { what: "its passphrase costs" };
    if cost.memory_kib > ARGON2_MAX_MEMORY_KIB
        || cost.passes > ARGON2_MAX_PASSES
        || cost.lanes > ARGON2_MAX_LANES
    {
        return Err(corrupt());
    }
    let salt = hex::decode(&cost.salt).map_err(|_| corrupt())?;
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| corrupt())?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose_secret().as_bytes(), &salt, &mut key)
        .map_err(|_| corrupt())?;
    let secret = SecretKey::from_bytes(key);
    zeroize::Zeroize::zeroize(&mut key);
    Ok(secret)
}
