//! `.well-known/smart-configuration`: where tokens are to be had.

use crate::config::checked_url;
use crate::error::{EmrError, Trouble};
use crate::transport::{Call, Transport, read_json};
use serde_json::Value;
use url::Url;

/// What a FHIR server says about signing in.
#[derive(Debug, Clone)]
pub(crate) struct Discovery {
    pub token: Url,
    pub authorize: Option<Url>,
    /// Whether it takes PKCE's S256.
    pub pkce: bool,
    /// The server's clock.
    pub date: Option<String>,
}

/// Asks a FHIR base.
pub(crate) async fn discover(transport: &Transport, base: &Url) -> Result<Discovery, EmrError> {
    let url = base.join(".well-known/smart-configuration").map_err(|_| Trouble::Address)?;
    let answer = transport.read(|| Call::get("discovery", url.clone())).await?;
    let found = read_json(&answer)?;
    let address = |name: &str| found.get(name).and_then(Value::as_str).map(checked_url).transpose();
    let token = address("token_endpoint")?.ok_or_else(|| EmrError::from(Trouble::Unexpected))?;
    let methods = found.get("code_challenge_methods_supported").and_then(Value::as_array);
    let pkce = methods.is_none_or(|m| m.iter().any(|v| v == "S256"));
    Ok(Discovery { token, authorize: address("authorization_endpoint")?, pkce, date: answer.date })
}
