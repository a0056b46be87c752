//! Secret keys, and how one key wraps another: AES-256-GCM under HKDF-SHA256, bound to a purpose.

use crate::error::VaultError;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

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

/// A 256-bit key; on a page of its own that the system keeps out of swap where it lets us, wiped when dropped, never
/// shown.
pub struct SecretKey {
    /// Dropped before the page is given back. None where the system locks no more memory for this user.
    _lock: Option<region::LockGuard>,
    page: Box<Page>,
}

/// Locking works by pages, so that two keys on one would be unlocked together: 16 KiB is the largest page there is
/// (macOS on ARM).
#[repr(C, align(16384))]
struct Page {
    key: [u8; 32],
    rest: [u8; 16384 - 32],
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.page.key.zeroize();
    }
}

impl Clone for SecretKey {
    fn clone(&self) -> Self {
        Self::made(|key| key.copy_from_slice(&self.page.key))
    }
}

impl SecretKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn random(randomness: &mut dyn Randomness) -> Result<Self, VaultError> {
        let mut key = Self::made(|_| ());
        randomness.fill(&mut key.page.key)?;
        Ok(key)
    }
    /// A key from bytes that are one already.
    #[must_use]
    pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
        let key = Self::made(|key| key.copy_from_slice(&bytes));
        bytes.zeroize();
        key
    }

    /// A key on its locked page, written there and nowhere else.
    fn made(write: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut page = Box::new(Page { key: [0; 32], rest: [0; 16384 - 32] });
        let lock = region::lock(page.key.as_ptr(), page.key.len()).ok();
        write(&mut page.key);
        // The rest only fills the page.
        page.rest.fill(0);
        Self { _lock: lock, page }
    }

    /// Whether the system keeps this key out of swap.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self._lock.is_some()
    }
    /// The bytes; never log them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.page.key
    }
    /// A subkey for a purpose: HKDF-SHA256 with the salt and the purpose as info.
    pub(crate) fn derive(&self, salt: &[u8], purpose: &str) -> Result<Self, VaultError> {
        let derived = self.expanded(salt, purpose);
        wipe_stack();
        derived
    }
    /// Not inlined, so that what it leaves on the stack lies where [`wipe_stack`] reaches.
    #[inline(never)]
    fn expanded(&self, salt: &[u8], purpose: &str) -> Result<Self, VaultError> {
        let mut out = Self::made(|_| ());
        Hkdf::<Sha256>::new(Some(salt), self.expose())
            .expand(purpose.as_bytes(), &mut out.page.key)
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
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: key.expose(), aad: context.as_bytes() })
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
        (plain.len() == 32).then(|| Self::made(|key| key.copy_from_slice(&plain)))
    }
    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.expose().into())
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

/// Overwrites what a call just made has left on the stack: HMAC's blocks are the derived key itself. A frame that makes a
/// [`Page`] is aligned to one, so it may reach down over two.
#[inline(never)]
fn wipe_stack() {
    let mut left = [0_u8; 64 * 1024];
    left.zeroize();
    std::hint::black_box(&left);
}

#[cfg(test)]
mod tests {
    /// Linux tells of every mapping how much of it is locked; a key's page is one more.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_key_lies_on_a_locked_page_of_its_own() {
        let locked = || {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find_map(|l| l.strip_prefix("VmLck:")).unwrap();
            line.split_whitespace().next().unwrap().parse::<u64>().unwrap()
        };
        let keys: Vec<_> = (0..3).map(|n| super::SecretKey::from_bytes([n; 32])).collect();
        if keys.iter().all(super::SecretKey::is_locked) {
            assert!(locked() >= 12, "three pages: {} kB", locked());
        }
        let pages: std::collections::HashSet<_> =
            keys.iter().map(|k| k.expose().as_ptr().addr() / 16384).collect();
        assert_eq!(pages.len(), 3);
        let copy = keys[2].clone();
        drop(keys);
        assert_eq!(copy.expose(), &[2; 32], "a copy is its own");
    }

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
