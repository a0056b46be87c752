//! The recovery kit: twelve printed words that open the vault where keyring or passphrase is gone.
//!
//! The words carry 128 random bits and 4 check bits (BIP-39, English list), so a misspelled word is mostly told from a
//! wrong kit. They need no stretching: nobody guesses 128 bits. HKDF with the vault's id turns them into a key that
//! wraps the same two keys as the master.

use crate::error::VaultError;
use crate::key::{Randomness, SecretKey};
use bip39::{Language, Mnemonic};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// The words of a recovery kit; wiped from memory when dropped, never shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryWords(Zeroizing<[u8; 16]>);

impl std::fmt::Debug for RecoveryWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[recovery words]")
    }
}

impl RecoveryWords {
    /// New random words.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn draw(randomness: &mut dyn Randomness) -> Result<Self, VaultError> {
        let mut bits = Zeroizing::new([0; 16]);
        randomness.fill(bits.as_mut())?;
        Ok(Self(bits))
    }

    /// Words as a person typed them: any case and spacing, numbers before words as on the printed kit.
    ///
    /// # Errors
    /// [`VaultError::KitUnreadable`].
    pub fn typed(text: &str) -> Result<Self, VaultError> {
        let mut words = Zeroizing::new(String::with_capacity(text.len()));
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.extend(word.chars().flat_map(char::to_lowercase));
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, &words)
            .map_err(|_| VaultError::KitUnreadable)?;
        let (mut bits, length) = mnemonic.to_entropy_array();
        let mut kept = Zeroizing::new([0; 16]);
        let own = bits.get(..length).filter(|own| own.len() == kept.len());
        let read = own.map(|own| kept.copy_from_slice(own));
        bits.zeroize();
        read.map(|()| Self(kept)).ok_or(VaultError::KitUnreadable)
    }

    /// The words, to be printed; nowhere else do they belong.
    ///
    /// # Errors
    /// None: sixteen bytes always have words.
    pub fn disclose(&self) -> Result<Zeroizing<String>, VaultError> {
        let mnemonic = Mnemonic::from_entropy(self.0.as_ref()).map_err(|_| VaultError::Cipher)?;
        Ok(Zeroizing::new(mnemonic.to_string()))
    }

    /// The key of these words for one vault.
    pub(crate) fn key(&self, vault_id: &[u8]) -> Result<SecretKey, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(vault_id), self.0.as_ref())
            .expand(b"iambilly/recovery-kit/v1", key.as_mut())
            .map_err(|_| VaultError::Cipher)?;
        Ok(SecretKey::from_bytes(*key))
    }
}

#[cfg(test)]
mod tests {
    use super::RecoveryWords;
    use crate::key::OsRandom;

    #[test]
    fn words_come_back_as_they_are_typed() {
        let kit = RecoveryWords::draw(&mut OsRandom).unwrap();
        let words = kit.disclose().unwrap();
        assert_eq!(words.split(' ').count(), 12);
        let printed: String =
            words.split(' ').enumerate().map(|(n, w)| format!("{}. {}\n", n + 1, w.to_uppercase())).collect();
        for typed in [words.as_str(), &printed, &words.replace(' ', "  ,\t")] {
            assert_eq!(RecoveryWords::typed(typed).unwrap(), kit);
        }
        let short = words.rsplit_once(' ').unwrap().0;
        let eleven_and_another = format!("{short} qqqq");
        for typed in ["", "one two three", short, &eleven_and_another, &"abandon ".repeat(24)] {
            let error = RecoveryWords::typed(typed).unwrap_err();
            assert_eq!(error.fault().code, "recovery_kit_unreadable", "{typed:?}");
        }
        assert_eq!(format!("{kit:?}"), "[recovery words]");
    }
}
