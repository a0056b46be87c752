//! Access tokens: asked for when there is none or it is about to end, asked for once more when one is refused.

use super::{Discovery, discover};
use crate::config::{ConnectionConfig, Secrets, SignIn, checked_url};
use crate::error::{EmrError, Trouble};
use crate::transport::{Call, Transport};
use iambilly_claim::Phi;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::Serializer;

const FORM: &str = "application/x-www-form-urlencoded";
const BY_JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// A token is renewed this many seconds before it ends.
const EARLY: i64 = 60;

/// What a token endpoint gave.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// The token.
    pub access: SecretString,
    /// For the next one, where a person signed in.
    pub refresh: Option<SecretString>,
    /// Until when it holds.
    pub until: Timestamp,
    /// What was granted.
    pub scope: String,
}

/// Keeps a connection's token.
pub(crate) struct TokenKeeper {
    config: ConnectionConfig,
    secrets: Secrets,
    state: Mutex<State>,
    fresh: std::sync::Mutex<Option<SecretString>>,
}

#[derive(Default)]
struct State {
    token: Option<TokenSet>,
    refresh: Option<SecretString>,
}

impl TokenKeeper {
    pub(crate) fn new(config: ConnectionConfig, secrets: Secrets) -> Self {
        let state = State { token: None, refresh: secrets.refresh_token.clone() };
        Self { config, secrets, state: Mutex::new(state), fresh: std::sync::Mutex::default() }
    }

    /// A refresh token given since the last time.
    pub(crate) fn fresh_refresh(&self) -> Option<SecretString> {
        self.fresh.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    /// A token that holds; none where the server is open.
    pub(crate) async fn token(&self, transport: &Transport) -> Result<Option<TokenSet>, EmrError> {
        if self.config.sign_in == SignIn::Open {
            return Ok(None);
        }
        let mut state = self.state.lock().await;
        let now = (transport.surroundings.now)();
        if let Some(token) = state.token.as_ref().filter(|t| now.as_second() + EARLY < t.until.as_second()) {
            return Ok(Some(token.clone()));
        }
        let token = self.ask(transport, state.refresh.as_ref()).await?;
        if let Some(refresh) = &token.refresh {
            state.refresh = Some(refresh.clone());
            *self.fresh.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(refresh.clone());
        }
        state.token = Some(token.clone());
        Ok(Some(token))
    }

    /// Forgets a token that was refused.
    pub(crate) async fn forget(&self, refused: &SecretString) {
        let mut state = self.state.lock().await;
        if state.token.as_ref().is_some_and(|t| t.access.expose_secret() == refused.expose_secret()) {
            state.token = None;
        }
    }

    /// Where tokens are to be had.
    pub(crate) async fn endpoint(&self, transport: &Transport) -> Result<Url, EmrError> {
        match &self.config.token_url {
            Some(url) => checked_url(url),
            None => {
                let Discovery { token, .. } = discover(transport, &self.config.base()?).await?;
                Ok(token)
            }
        }
    }

    async fn ask(&self, transport: &Transport, refresh: Option<&SecretString>) -> Result<TokenSet, EmrError> {
        let url = self.endpoint(transport).await?;
        let call = self.request(transport, url, refresh)?;
        let answer = transport.write(call).await?;
        given(&answer, (transport.surroundings.now)(), self.config.sign_in == SignIn::Launch)
    }

    fn request(
        &self,
        transport: &Transport,
        url: Url,
        refresh: Option<&SecretString>,
    ) -> Result<Call, EmrError> {
        let config = &self.config;
        let mut form = Serializer::new(String::new());
        let mut basic = None;
        match config.sign_in {
            SignIn::BackendRs384 | SignIn::BackendEs384 => {
                let key = self.secrets.key.as_ref().ok_or(Trouble::NotSetUp)?;
                let jti = transport.surroundings.token(24)?;
                let now = (transport.surroundings.now)();
                let assertion = key.assertion(&config.client_id, url.as_str(), &jti, now)?;
                form.append_pair("grant_type", "client_credentials");
                form.append_pair("client_assertion_type", BY_JWT);
                form.append_pair("client_assertion", assertion.expose_secret());
            }
            SignIn::ClientSecret => {
                let secret = self.secrets.client_secret.clone().ok_or(Trouble::NotSetUp)?;
                basic = Some((config.client_id.clone(), secret));
                form.append_pair("grant_type", "client_credentials");
            }
            SignIn::Launch => {
                let refresh = refresh.ok_or(Trouble::NeedsLaunch)?;
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", refresh.expose_secret());
                form.append_pair("client_id", &config.client_id);
            }
            SignIn::Open => return Err(Trouble::Internal.into()),
        }
        if let Some(scopes) = config.scopes.as_deref().filter(|s| !s.trim().is_empty()) {
            form.append_pair("scope", scopes);
        }
        let mut call = Call::post("sign in", url, FORM, Phi::new(form.finish()));
        call.basic = basic;
        Ok(call)
    }
}

/// Reads a token endpoint's answer; `expires_in` may be a number or text.
pub(super) fn given(
    answer: &crate::transport::Answer,
    now: Timestamp,
    by_person: bool,
) -> Result<TokenSet, EmrError> {
    let body = answer.json();
    if !answer.is_success() {
        let code = body.ok().and_then(|b| b.get("error").and_then(Value::as_str).map(str::to_owned));
        let trouble = match (code.as_deref(), answer.status) {
            (Some("unauthorized_client"), _) => Trouble::NoBackgroundUser,
            (Some("invalid_grant"), _) if by_person => Trouble::NeedsLaunch,
            (_, 429) => Trouble::Busy,
            (_, 503) => Trouble::Unavailable,
            (_, 500..) => Trouble::ServerFault,
            _ => Trouble::SignInRefused,
        };
        let mut error = EmrError::from(trouble).status(answer.status);
        error.retry_after = answer.retry_after;
        return Err(match code {
            Some(code) => error.vendor_code(&code),
            None => error,
        });
    }
    let body = body?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let access = text("access_token").filter(|t| !t.is_empty()).ok_or(Trouble::Unexpected)?;
    let seconds = match body.get("expires_in") {
        Some(Value::Number(n)) => n.as_i64(),
        Some(Value::String(s)) => s.trim().parse().ok(),
        _ => None,
    };
    // Without a word about it a token is used for five minutes.
    let life = jiff::SignedDuration::from_secs(seconds.unwrap_or(300).clamp(0, 24 * 3600));
    Ok(TokenSet {
        access: access.into(),
        refresh: text("refresh_token").map(Into::into),
        until: now.checked_add(life).unwrap_or(now),
        scope: text("scope").unwrap_or_default(),
    })
}
