//! The vault: where every key of the data folder comes from, and the sealed file format for audio.
//!
//! One master key is kept by the operating system's keyring, or derived by Argon2id from a passphrase
//! where there is no keyring. It never encrypts data: HKDF turns it into a wrapping key, and that wraps two
//! random keys kept in `vault.json` (no PHI in it): the database key and the audio root key, which in turn
//! wraps one random key per recording. Changing the master re-wraps two keys; deleting a recording's
//! wrapped key erases the recording.
//!
//! Once there are accounts the master key is wrapped for each person, under Argon2id of their password combined with
//! a secret in the keyring: neither opens the vault alone.
//!
//! A recovery kit ([`RecoveryWords`]) wraps the same two keys once more, under words on paper.
//!
//! Randomness comes in through [`Randomness`]; [`OsRandom`] is the real one.

mod error;
mod file;
mod key;
mod keyring;
mod kit;
mod people;
mod sealed_read;
mod sealed_write;
mod secret;
mod source;
mod vault;

pub use error::{SealedError, VaultError};
pub use file::MODE_KEYRING_SERVICE as KEYRING_SERVICE;
pub use key::{OsRandom, Randomness, SecretKey, WrappedKey};
pub use keyring::{KEYRING_PATIENCE, KeyringStore, KeyringTrouble, OsKeyring};
pub use kit::RecoveryWords;
pub use people::PersonRef;
pub use sealed_read::{Ending, SealedReader};
pub use sealed_write::{MAX_FRAME_BYTES, SealedFile, SealedHeader, SealedWriter};
pub use source::KeySource;
pub use vault::{Opener, Vault, VaultMode, VaultStatus};
