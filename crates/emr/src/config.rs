//! What a clinic sets about one EMR. Secrets stand apart, so that the rest can be shown.

use crate::auth::SigningKey;
use crate::capability::Vendor;
use crate::error::{EmrError, Trouble};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// How the program signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// SMART backend services, a JWT signed RS384 (RSA, 3072 bits).
    BackendRs384,
    /// SMART backend services, a JWT signed ES384 (P-384).
    BackendEs384,
    /// Client id and secret.
    ClientSecret,
    /// SMART App Launch, standalone, with PKCE: a person signs in in the browser.
    Launch,
    /// None: servers for tests alone.
    Open,
}

/// What athenaOne is given for modifiers. Its public clients show no field for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Modifiers {
    /// A claim with modifiers goes by 837P: nothing is guessed.
    #[default]
    Refuse,
    /// Behind the code, `22633,59`, once athenahealth has confirmed it for this practice.
    AfterCode,
}

/// A connection's settings without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionConfig {
    /// Whose interface.
    pub vendor: Vendor,
    /// FHIR base, or for athenaOne `https://…/v1/{practiceid}`.
    pub base_url: String,
    /// How the program signs in.
    pub sign_in: SignIn,
    /// The program's id there.
    #[serde(default)]
    pub client_id: String,
    /// Token endpoint; found by discovery where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_url: Option<String>,
    /// Scopes to ask for, separated by spaces. Epic is asked for none: it grants what the app has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<String>,
    /// HTTP proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// The hospital's own root certificate, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_certificate: Option<String>,
    /// Requests a minute; the vendor's own figure where none is given, and never more than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Seconds to wait for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// athenaOne: the department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department_id: Option<String>,
    /// The surgeon's id there: athenaOne's supervising provider, athenaPractice's signing practitioner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// athenaOne: the provider's id there of each surgeon, by NPI. Where any is given, a claim of another surgeon is not
    /// sent; where none is, the clinic has one surgeon, `provider_id`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub providers: BTreeMap<String, String>,
    /// Type of the note as `system|code`; LOINC 11504-8 (surgical operation note) where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note_type: Option<String>,
    /// Whether the note is filed as signed; else as a draft to be signed in the EMR.
    #[serde(default)]
    pub note_signed: bool,
    /// athenaOne: modifiers.
    #[serde(default)]
    pub modifiers: Modifiers,
}

/// A connection's secrets.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Client secret.
    pub client_secret: Option<SecretString>,
    /// Key of SMART backend services.
    pub key: Option<SigningKey>,
    /// Refresh token of a sign-in by a person.
    pub refresh_token: Option<SecretString>,
}

impl ConnectionConfig {
    /// The base address, ending in a slash.
    ///
    /// # Errors
    /// `emr_address_invalid`: https alone, but http to this computer itself (a server for tests).
    pub fn base(&self) -> Result<Url, EmrError> {
        let mut base = checked_url(&self.base_url)?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(Trouble::Address.into());
        }
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        Ok(base)
    }

    /// Whether what must be set is.
    ///
    /// # Errors
    /// `emr_address_invalid`, `emr_not_set_up`.
    pub fn check(&self) -> Result<(), EmrError> {
        self.base()?;
        if let Some(url) = &self.token_url {
            checked_url(url)?;
        }
        if self.client_id.trim().is_empty() && self.sign_in != SignIn::Open {
            return Err(Trouble::NotSetUp.into());
        }
        Ok(())
    }
}

/// An address that a request may go to.
pub(crate) fn checked_url(text: &str) -> Result<Url, EmrError> {
    let url = Url::parse(text.trim()).map_err(|_| Trouble::Address)?;
    let here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && here);
    let plain = url.username().is_empty() && url.password().is_none() && url.host().is_some();
    if safe && plain { Ok(url) } else { Err(Trouble::Address.into()) }
}

#[cfg(test)]
mod tests {
    use super::checked_url;

    #[test]
    fn only_https_and_this_computer() {
        for good in ["https://fhir.example.org/api/FHIR/R4", "http://127.0.0.1:8080/x", "http://localhost/x"]
        {
            assert!(checked_url(good).is_ok(), "{good}");
        }
        let bad = [
            "http://fhir.example.org/",
            "ftp://x/",
            "https://user:pw@example.org/",
            "",
            "javascript:alert(1)",
            "http://127.0.0.1.example.org/",
            "file:///etc/passwd",
        ];
        for bad in bad {
            assert!(checked_url(bad).is_err(), "{bad}");
        }
    }
}
