//! Signing in: SMART backend services, client secrets, and SMART App Launch with PKCE.

mod discovery;
mod key;
mod launch;
mod token;

pub(crate) use discovery::{Discovery, discover};
pub use key::{SigningAlgorithm, SigningKey};
pub use launch::{Launch, Loopback};
pub(crate) use token::TokenKeeper;
pub use token::TokenSet;

use base64::Engine;

pub(crate) fn base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
