//! Requests to an EMR: TLS 1.2 or newer with certificates that hold, no redirect to another host, a limit on time and
//! size, a rate for each tenant, and a trace without patients.
//!
//! A read is tried again when the server asks for patience; a write is one request, never repeated here.

use crate::config::ConnectionConfig;
use crate::error::{EmrError, Trouble};
use crate::limiter::Limiter;
use crate::outcome;
use iambilly_claim::Phi;
use jiff::Timestamp;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{Certificate, Client, Method, Proxy, redirect, retry, tls};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use url::Url;

/// Longest answer that is read, in bytes: a bundle of a hundred patients has less than a tenth of it.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Longest that a read waits because the server asks for it.
const PATIENCE: Duration = Duration::from_secs(65);
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a read is tried when the server asks for patience.
const TRIES: u32 = 3;

/// Clock and randomness from outside.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The time now.
    pub now: fn() -> Timestamp,
    /// Fills a buffer with secure random bytes; false when there are none.
    pub random: fn(&mut [u8]) -> bool,
}

impl Surroundings {
    /// Random bytes as base64url.
    pub(crate) fn token(&self, bytes: usize) -> Result<String, EmrError> {
        let mut buffer = vec![0; bytes];
        if !(self.random)(&mut buffer) {
            return Err(Trouble::Internal.into());
        }
        Ok(crate::auth::base64url(&buffer))
    }
}

/// One exchange as it may be logged: nothing of a patient, not even a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// What was done, e.g. `search patients`.
    pub operation: &'static str,
    /// HTTP method.
    pub method: String,
    /// Host.
    pub host: String,
    /// Status, where there was an answer.
    pub status: Option<u16>,
    /// Code of the trouble, where there was any.
    pub trouble: Option<&'static str>,
    /// How long it took.
    pub millis: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Bytes received.
    pub received: u64,
}

/// Who is told of each exchange.
pub type Listener = Arc<dyn Fn(Trace) + Send + Sync>;

/// A request.
pub(crate) struct Call {
    pub operation: &'static str,
    pub method: Method,
    pub url: Url,
    pub bearer: Option<SecretString>,
    pub basic: Option<(String, SecretString)>,
    pub accept: &'static str,
    pub body: Option<(&'static str, Phi<String>)>,
    pub headers: Vec<(&'static str, String)>,
}

impl Call {
    pub(crate) fn get(operation: &'static str, url: Url) -> Self {
        Self {
            operation,
            method: Method::GET,
            url,
            bearer: None,
            basic: None,
            accept: "application/json",
            body: None,
            headers: vec![],
        }
    }

    pub(crate) fn post(operation: &'static str, url: Url, kind: &'static str, body: Phi<String>) -> Self {
        Self { method: Method::POST, body: Some((kind, body)), ..Self::get(operation, url) }
    }
}

/// An answer that was read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub location: Option<Phi<String>>,
    pub retry_after: Option<Duration>,
    /// The server's clock.
    pub date: Option<String>,
    pub body: Result<Phi<Vec<u8>>, EmrError>,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value, EmrError> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        serde_json::from_slice(body.expose())
            .map_err(|_| EmrError::from(Trouble::Unreadable).status(self.status))
    }

    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// The way to one tenant.
pub struct Transport {
    reader: Client,
    writer: Client,
    limiter: Limiter,
    listener: Listener,
    pub(crate) surroundings: Surroundings,
}

impl Transport {
    /// Made from a connection's settings.
    ///
    /// # Errors
    /// `emr_not_set_up` when proxy or certificate cannot be read.
    pub fn new(
        config: &ConnectionConfig,
        surroundings: Surroundings,
        listener: Listener,
    ) -> Result<Self, EmrError> {
        Self::within(config, surroundings, listener, Limiter::of(config))
    }

    /// The same within a limit that others of the same tenant count against as well.
    ///
    /// # Errors
    /// As [`Transport::new`].
    pub fn within(
        config: &ConnectionConfig,
        surroundings: Surroundings,
        listener: Listener,
        limiter: Limiter,
    ) -> Result<Self, EmrError> {
        let timeout =
            config.timeout_seconds.map_or(TIMEOUT, |s| Duration::from_secs(u64::from(s.clamp(1, 300))));
        let client = |follow: redirect::Policy, keep: usize| {
            let mut builder = Client::builder()
                .tls_version_min(tls::Version::TLS_1_2)
                .connect_timeout(timeout.min(Duration::from_secs(10)))
                .timeout(timeout)
                .redirect(follow)
                .retry(retry::never())
                .referer(false)
                .pool_max_idle_per_host(keep)
                // The proxy is the connection's own setting, not the environment's.
                .no_proxy()
                .user_agent(concat!("IamBilly/", env!("CARGO_PKG_VERSION")));
            if let Some(proxy) = &config.proxy {
                builder = builder.proxy(Proxy::all(proxy).map_err(|_| Trouble::NotSetUp)?);
            }
            if let Some(pem) = &config.root_certificate {
                let roots = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| Trouble::NotSetUp)?;
                if roots.is_empty() {
                    return Err(EmrError::from(Trouble::NotSetUp));
                }
                builder = builder.tls_certs_merge(roots);
            }
            builder.build().map_err(|_| EmrError::from(Trouble::NotSetUp))
        };
        Ok(Self {
            reader: client(same_host(), 2)?,
            // A write goes over a connection of its own: one that was closed meanwhile is then seen before it is sent.
            writer: client(redirect::Policy::none(), 0)?,
            limiter,
            listener,
            surroundings,
        })
    }

    /// Reads. Where the server asks for patience it is given some.
    pub(crate) async fn read(&self, call: impl Fn() -> Call) -> Result<Answer, EmrError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self.once(&self.reader, call()).await?;
            let busy = matches!(answer.status, 429 | 503);
            let wait = answer.retry_after.or((answer.status == 429).then_some(Duration::from_secs(2)));
            match wait.filter(|w| busy && tries < TRIES && *w <= PATIENCE) {
                Some(wait) => sleep(wait).await,
                None => return Ok(answer),
            }
        }
    }

    /// Writes: one request.
    pub(crate) async fn write(&self, call: Call) -> Result<Answer, EmrError> {
        self.once(&self.writer, call).await
    }

    async fn once(&self, client: &Client, call: Call) -> Result<Answer, EmrError> {
        self.limiter.turn().await;
        let began = Instant::now();
        let mut trace = Trace {
            operation: call.operation,
            method: call.method.to_string(),
            host: call.url.host_str().unwrap_or_default().to_owned(),
            status: None,
            trouble: None,
            millis: 0,
            sent: call.body.as_ref().map_or(0, |(_, b)| b.expose().len() as u64),
            received: 0,
        };
        let asked = call.url.clone();
        let result = exchange(client, call, &asked).await;
        trace.millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => {
                trace.status = Some(answer.status);
                trace.received = answer.body.as_ref().map_or(0, |b| b.expose().len() as u64);
                trace.trouble = answer.body.as_ref().err().map(|e| e.trouble.code());
            }
            Err(error) => {
                trace.status = error.status;
                trace.trouble = Some(error.trouble.code());
            }
        }
        (self.listener)(trace);
        result
    }
}

/// The same host, port and scheme, three times at most; elsewhere nothing is sent.
fn same_host() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let same = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
        if same && attempt.previous().len() <= 3 { attempt.follow() } else { attempt.stop() }
    })
}

async fn exchange(client: &Client, call: Call, asked: &Url) -> Result<Answer, EmrError> {
    let mut request = client.request(call.method, call.url).header(ACCEPT, call.accept);
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    if let Some(token) = call.bearer {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|_| Trouble::Internal)?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    if let Some((user, secret)) = call.basic {
        request = request.basic_auth(user, Some(secret.expose_secret()));
    }
    if let Some((kind, body)) = call.body {
        request = request.header(CONTENT_TYPE, kind).body(body.into_exposed());
    }
    let mut response = request.send().await.map_err(|e| network(&e))?;
    let status = response.status().as_u16();
    if response.status().is_redirection() && status != 304 {
        return Err(EmrError::from(Trouble::Redirected).status(status));
    }
    if response.url().origin() != asked.origin() {
        return Err(Trouble::Redirected.into());
    }
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::to_owned);
    let (location, date, retry_after) = (text(LOCATION).map(Phi::new), text(DATE), patience(headers));
    let mut body: Vec<u8> = vec![];
    let read = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_LIMIT => {
                break Err(EmrError::from(Trouble::TooLarge).status(status));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break Ok(()),
            Err(e) => break Err(network(&e).status(status)),
        }
    };
    Ok(Answer { status, location, retry_after, date, body: read.map(|()| Phi::new(body)) })
}

/// `Retry-After`: seconds, or a date by the server's own clock. What cannot be read is a minute, and a day is the most.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::trim);
    let moment = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|z| z.timestamp().as_second());
    let value = text(RETRY_AFTER)?;
    let seconds = value.parse::<u64>().ok().or_else(|| {
        let until = moment(value)? - moment(text(DATE)?)?;
        u64::try_from(until.max(0)).ok()
    });
    Some(Duration::from_secs(seconds.unwrap_or(60).min(24 * 3600)))
}

/// A transport's error in our words; its own text names the address with a patient's number.
fn network(error: &reqwest::Error) -> EmrError {
    if tls_refused(error) {
        return Trouble::Certificate.into();
    }
    if error.is_connect() {
        return Trouble::Unreachable.into();
    }
    if error.is_timeout() {
        return Trouble::TimedOut.into();
    }
    if error.is_builder() { Trouble::Internal.into() } else { Trouble::Interrupted.into() }
}

/// Whether the handshake failed. The TLS library's error type is not ours to name, its words are stable enough.
fn tls_refused(error: &reqwest::Error) -> bool {
    if !error.is_connect() {
        return false;
    }
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(inner) = cause {
        let words = inner.to_string().to_ascii_lowercase();
        if ["certificate", "handshake", "tls", "protocol version"].iter().any(|w| words.contains(w)) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Reads an answer's JSON, or says what the server's refusal means.
pub(crate) fn read_json(answer: &Answer) -> Result<Value, EmrError> {
    if answer.is_success() { answer.json() } else { Err(outcome::of(answer)) }
}

#[cfg(test)]
mod tests {
    use super::patience;
    use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

    #[test]
    fn seconds_and_dates_of_patience() {
        let of = |after: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(after));
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_static(date));
            }
            patience(&headers).unwrap().as_secs()
        };
        let now = Some("Wed, 21 Oct 2026 07:26:30 GMT");
        let cases = [
            ("7", None, 7),
            ("7", now, 7),
            ("Wed, 21 Oct 2026 07:28:00 GMT", now, 90),
            ("Wed, 21 Oct 2026 07:00:00 GMT", now, 0),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None, 60),
            ("soon", now, 60),
            ("-5", now, 60),
            ("999999999", None, 86_400),
        ];
        for (after, date, expected) in cases {
            assert_eq!(of(after, date), expected, "{after} at {date:?}");
        }
        assert_eq!(patience(&HeaderMap::new()), None);
    }
}
