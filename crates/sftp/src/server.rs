//! Where a file goes, and by what we are let in.

use crate::error::SftpError;
use russh::keys::{HashAlg, PublicKey};
use secrecy::SecretString;
use std::fmt;
use std::str::FromStr;

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port; 22 is usual.
    pub port: u16,
    /// The user there.
    pub user: String,
    /// Its key.
    pub host_key: HostKey,
    /// Folder there, as the server names it.
    pub folder: String,
}

/// By what a user is let in.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A password.
    Password(SecretString),
    /// A private key in OpenSSH, PEM or PuTTY form.
    Key {
        /// Its text.
        text: SecretString,
        /// What it is sealed with, if it is.
        passphrase: Option<SecretString>,
    },
}

/// The fingerprint of a server's key, like `SHA256:` and 43 letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey(String);

const PREFIX: &str = "SHA256:";
/// Base64 of 32 bytes without padding.
const LETTERS: usize = 43;

impl HostKey {
    pub(crate) fn of(key: &PublicKey) -> Self {
        Self(key.fingerprint(HashAlg::Sha256).to_string())
    }

    /// The fingerprint.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for HostKey {
    type Err = SftpError;

    fn from_str(text: &str) -> Result<Self, SftpError> {
        let letters = text.trim().strip_prefix(PREFIX).map(|l| l.trim_end_matches('=')).unwrap_or_default();
        let base64 = letters.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
        if base64 && letters.len() == LETTERS {
            Ok(Self(format!("{PREFIX}{letters}")))
        } else {
            Err(SftpError::Fingerprint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HostKey;

    #[test]
    fn only_whole_fingerprints_are_pinned() {
        let whole = format!("SHA256:{}", "aB+/0".repeat(9).get(..43).unwrap());
        assert_eq!(whole.parse::<HostKey>().unwrap().as_str(), whole);
        assert_eq!(format!(" {whole}= ").parse::<HostKey>().unwrap().as_str(), whole);
        for wrong in
            ["", "SHA256:", "MD5:00:11", whole.get(..whole.len() - 1).unwrap(), &whole.replace('+', "-"), "*"]
        {
            assert!(wrong.parse::<HostKey>().is_err(), "{wrong}");
        }
    }
}
