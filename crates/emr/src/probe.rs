//! The test of a connection: what was checked, what was found, and what the hospital's administrator must do, in words
//! that can be forwarded.

use crate::error::{EmrError, Trouble};
use serde::{Deserialize, Serialize};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeState {
    /// As it should be.
    Good,
    /// Works, with something to know.
    Note,
    /// Does not work.
    Bad,
    /// Could not be checked, because an earlier check failed or only a write would show it.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// What was checked: `discovery`, `token`, `scopes`, `clock` or a capability.
    pub check: String,
    /// How it ended.
    pub state: ProbeState,
    /// What was found.
    pub says: String,
    /// What the administrator must do; empty where nothing.
    pub forward: String,
}

impl Probe {
    pub(crate) fn good(check: &str, says: impl Into<String>) -> Self {
        Self { check: check.to_owned(), state: ProbeState::Good, says: says.into(), forward: String::new() }
    }

    pub(crate) fn note(check: &str, says: impl Into<String>) -> Self {
        Self { state: ProbeState::Note, ..Self::good(check, says) }
    }

    pub(crate) fn skipped(check: &str, says: impl Into<String>) -> Self {
        Self { state: ProbeState::Skipped, ..Self::good(check, says) }
    }

    pub(crate) fn bad(check: &str, error: &EmrError) -> Self {
        let fault = error.fault();
        Self {
            check: check.to_owned(),
            state: ProbeState::Bad,
            says: fault.message,
            forward: forward(error, check).unwrap_or(fault.advice),
        }
    }

    pub(crate) fn bad_words(check: &str, says: impl Into<String>, forward: impl Into<String>) -> Self {
        Self { check: check.to_owned(), state: ProbeState::Bad, says: says.into(), forward: forward.into() }
    }
}

/// Words for the hospital's administrator.
fn forward(error: &EmrError, check: &str) -> Option<String> {
    let words = match error.trouble {
        Trouble::SignInRefused => {
            "Please check in your app registration that the client id is active in this environment and that the public \
             key (JWK set) of IamBilly is the one registered. IamBilly signs its request with the key id shown beside \
             the connection."
        }
        Trouble::NoBackgroundUser => {
            "Please map a background user to IamBilly's client id; the EMR answers “unauthorized_client” until there is \
             one."
        }
        Trouble::NotGranted | Trouble::Forbidden => {
            return Some(format!(
                "Please grant IamBilly's client id the interface to {check}. The EMR answers that the app does not have \
                 it."
            ));
        }
        Trouble::Certificate => {
            "Please check the certificate chain of the interface's host (expiry, name, intermediate certificates; TLS \
             1.2 or newer). IamBilly does not go on without a valid one."
        }
        Trouble::Redirected => {
            "Please tell us the final base address: the one we have points to another host, which IamBilly does not \
             follow."
        }
        _ => return None,
    };
    Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
}
