//! Small secrets (tokens, passwords of other systems) sealed for the store, each under a key of its own.

use crate::error::VaultError;
use crate::key::{Randomness, WrappedKey};
use crate::vault::Vault;
use aes_gcm::Nonce;
use aes_gcm::aead::{Aead, Payload};
use zeroize::Zeroizing;

const CORRUPT: VaultError = VaultError::Corrupt { what: "a sealed secret" };

impl Vault {
    /// Seals a secret, bound to a context that names whose it is. The text is safe to store.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal_secret(
        &self,
        plain: &[u8],
        context: &str,
        randomness: &mut dyn Randomness,
    ) -> Result<String, VaultError> {
        let (key, wrapped) = self.wrap_new_key(context, randomness)?;
        let mut nonce = [0; 12];
        randomness.fill(&mut nonce)?;
        let sealed = key
            .cipher()
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: plain, aad: context.as_bytes() })
            .map_err(|_| VaultError::Cipher)?;
        Ok(format!("{wrapped};{}:{}", hex::encode(nonce), hex::encode(sealed)))
    }

    /// Opens what [`Self::seal_secret`] sealed for the same context.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] when text, vault and context do not belong together.
    pub fn open_secret(&self, sealed: &str, context: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (wrapped, rest) = sealed.split_once(';').ok_or(CORRUPT)?;
        let (nonce, sealed) = rest.split_once(':').ok_or(CORRUPT)?;
        let wrapped: WrappedKey = wrapped.parse()?;
        let nonce: [u8; 12] = hex::decode(nonce).ok().and_then(|n| n.try_into().ok()).ok_or(CORRUPT)?;
        let sealed = hex::decode(sealed).map_err(|_| CORRUPT)?;
        let payload = Payload { msg: &sealed, aad: context.as_bytes() };
        let key = self.unwrap_key(&wrapped, context)?;
        Ok(Zeroizing::new(key.cipher().decrypt(Nonce::from_slice(&nonce), payload).map_err(|_| CORRUPT)?))
    }
}
