//! Secret keys, and how one key wraps another: AES-256-GCM under HKDF-SHA256, bound to a purpose.

use crate::error::VaultError;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Where random bytes come from.
pub trait Randomness {
    /// Fills the slice with unpredictable bytes.
    ///
    /// # Errors
    /// [`VaultError::NoRandomness`] when there are none.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError>;
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Randomness for OsRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError> {
        getrandom::fill(bytes).map_err(|_| VaultError::NoRandomness)
    }
}

/// A 256-bit key; wiped from memory when dropped, never shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn random(randomness: &mut dyn Randomness) -> Result<Self, VaultError> {
        let mut key = Self([0; 32]);
        randomness.fill(&mut key.0)?;
        Ok(key)
    }
    /// A key from bytes that are one already.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// The bytes; never log them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
    /// A subkey for a purpose: HKDF-SHA256 with the salt and the purpose as info.
    pub(crate) fn derive(&self, salt: &[u8], purpose: &str) -> Result<Self, VaultError> {
        let mut out = Self([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), &self.0)
            .expand(purpose.as_bytes(), &mut out.0)
            .map_err(|_| VaultError::Cipher)?;
        Ok(out)
    }
    /// Wraps another key, bound to a context (whose key, what for).
    pub(crate) fn wrap(
        &self,
        key: &Self,
        context: &str,
        randomness: &mut dyn Randomness,
    ) -> Result<WrappedKey, VaultError> {
        let mut nonce = [0; 12];
        randomness.fill(&mut nonce)?;
        let sealed = self
            .cipher()
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: &key.0, aad: context.as_bytes() })
            .map_err(|_| VaultError::Cipher)?;
        Ok(WrappedKey { nonce: nonce.to_vec(), sealed })
    }
    /// Unwraps a key; `None` when the seal, the context or this key do not fit.
    pub(crate) fn unwrap_key(&self, wrapped: &WrappedKey, context: &str) -> Option<Self> {
        if wrapped.nonce.len() != 12 {
            return None;
        }
        let payload = Payload { msg: &wrapped.sealed, aad: context.as_bytes() };
        let plain = Zeroizing::new(self.cipher().decrypt(Nonce::from_slice(&wrapped.nonce), payload).ok()?);
        let mut key = Self([0; 32]);
        if plain.len() != key.0.len() {
            return None;
        }
        key.0.copy_from_slice(&plain);
        Some(key)
    }
    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new((&self.0).into())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

/// A key sealed under another key; safe to store. As text: `nonce:sealed` in hex.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WrappedKey {
    nonce: Vec<u8>,
    sealed: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[wrapped key]")
    }
}

impl fmt::Display for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", hex::encode(&self.nonce), hex::encode(&self.sealed))
    }
}

impl From<WrappedKey> for String {
    fn from(key: WrappedKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for WrappedKey {
    type Error = VaultError;
    fn try_from(text: String) -> Result<Self, VaultError> {
        text.parse()
    }
}

impl std::str::FromStr for WrappedKey {
    type Err = VaultError;
    fn from_str(text: &str) -> Result<Self, VaultError> {
        let corrupt = || VaultError::Corrupt { what: "a wrapped key" };
        let (nonce, sealed) = text.split_once(':').ok_or_else(corrupt)?;
        let nonce = hex::decode(nonce).map_err(|_| corrupt())?;
        let sealed = hex::decode(sealed).map_err(|_| corrupt())?;
        // 32 bytes of key and 16 of tag.
        if nonce.len() != 12 || sealed.len() != 48 {
            return Err(corrupt());
        }
        Ok(Self { nonce, sealed })
    }
}

#[cfg(test)]
mod tests {
    use super::{OsRandom, SecretKey, WrappedKey};

    #[test]
    fn a_wrapped_key_opens_only_with_its_key_and_context() {
        let mut random = OsRandom;
        let outer = SecretKey::random(&mut random).unwrap();
        let inner = SecretKey::random(&mut random).unwrap();
        let wrapped = outer.wrap(&inner, "recording 1", &mut random).unwrap();
        let text = wrapped.to_string();
        let back: WrappedKey = text.parse().unwrap();
        assert_eq!(outer.unwrap_key(&back, "recording 1").unwrap().expose(), inner.expose());
        assert!(outer.unwrap_key(&back, "recording 2").is_none());
        assert!(inner.unwrap_key(&back, "recording 1").is_none());
        for i in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[i] = if bytes[i] == b'0' { b'1' } else { b'0' };
            let opened = String::from_utf8(bytes)
                .unwrap()
                .parse::<WrappedKey>()
                .ok()
                .and_then(|w| outer.unwrap_key(&w, "recording 1"));
            assert!(opened.is_none() || i >= text.len(), "a changed character {i} still opens");
        }
        assert_eq!(format!("{inner:?} {back:?}"), "[key] [wrapped key]");
    }
}
