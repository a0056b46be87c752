//! SMART App Launch, standalone: a person signs in in the system's browser, which comes back to a port of this computer.
//!
//! RFC 8252 (loopback redirect), RFC 7636 (PKCE, S256 always), SMART App Launch 2.x (`aud` is the FHIR base).

use super::token::given;
use super::{TokenSet, base64url, discover};
use crate::capability::{Capability, Support, Vendor};
use crate::config::ConnectionConfig;
use crate::error::{EmrError, Trouble};
use crate::transport::{Call, Transport};
use iambilly_claim::Phi;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::Url;
use url::form_urlencoded::Serializer;

/// Longest a person may take to sign in.
const WAIT: Duration = Duration::from_secs(300);

/// What is asked for where the settings say nothing: what the vendor lets this program do and no more. CureMD grants by
/// patient and for reading alone; elsewhere a clinician signs in for everybody they may see.
fn scopes(vendor: Vendor) -> String {
    use Capability as C;
    let (launch, of) = if vendor == Vendor::CureMd { ("launch/patient ", "patient") } else { ("", "user") };
    let reads = [
        (C::PatientSearch, "Patient"),
        (C::Encounters, "Encounter"),
        (C::Coverage, "Coverage"),
        (C::Appointments, "Appointment"),
    ];
    let writes = [(C::NoteWrite, "DocumentReference"), (C::ProblemWrite, "Condition")];
    let may = |c: C| vendor.support(c) == Support::Yes;
    let mut all = format!("{launch}openid fhirUser offline_access");
    for (_, resource) in reads.into_iter().filter(|(c, _)| may(*c)) {
        all.push_str(&format!(" {of}/{resource}.rs"));
    }
    for (_, resource) in writes.into_iter().filter(|(c, _)| may(*c)) {
        all.push_str(&format!(" {of}/{resource}.crs"));
    }
    all
}
const DONE: &str = "<!doctype html><meta charset=utf-8><title>IamBilly</title><p>You are signed in. Go back to IamBilly; this page can be closed.";
const FAILED: &str = "<!doctype html><meta charset=utf-8><title>IamBilly</title><p>The sign-in did not succeed. Go back to IamBilly.";

/// A port of this computer that waits for the browser.
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    /// Opens a port that the system chooses.
    ///
    /// # Errors
    /// `emr_internal` when there is none.
    pub async fn open() -> Result<Self, EmrError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|_| Trouble::Internal)?;
        let port = listener.local_addr().map_err(|_| Trouble::Internal)?.port();
        Ok(Self { listener, port })
    }

    /// Where the browser is sent back to.
    #[must_use]
    pub fn redirect(&self) -> String {
        format!("http://127.0.0.1:{}/signed-in", self.port)
    }

    /// The code that came back with the right state.
    async fn code(&self, state: &str) -> Result<SecretString, EmrError> {
        loop {
            let (mut stream, _) = self.listener.accept().await.map_err(|_| Trouble::Internal)?;
            // Whoever connects and says nothing must not hold up the browser.
            let Ok(Some(path)) = timeout(Duration::from_secs(5), request(&mut stream)).await else {
                continue;
            };
            let Ok(url) = Url::parse(&format!("http://127.0.0.1{path}")) else { continue };
            let of = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
            if url.path() != "/signed-in" || of("state").as_deref() != Some(state) {
                respond(&mut stream, "404 Not Found", "").await;
                continue;
            }
            if let Some(code) = of("code") {
                respond(&mut stream, "200 OK", DONE).await;
                return Ok(code.into());
            }
            respond(&mut stream, "200 OK", FAILED).await;
            let error = EmrError::from(Trouble::SignInRefused);
            return Err(of("error").map_or(error.clone(), |code| error.vendor_code(&code)));
        }
    }
}

/// The path of a GET request.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut read = vec![];
    let mut buffer = [0; 1024];
    while !read.windows(4).any(|w| w == b"\r\n\r\n") && read.len() < 16 * 1024 {
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => read.extend_from_slice(buffer.get(..n)?),
            _ => return None,
        }
    }
    let text = String::from_utf8_lossy(&read);
    text.lines().next()?.strip_prefix("GET ")?.split(' ').next().map(str::to_owned)
}

async fn respond(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A sign-in that a person is to go through.
pub struct Launch {
    /// To open in the system's browser.
    pub url: Url,
    state: String,
    verifier: SecretString,
    token: Url,
    client: String,
    loopback: Loopback,
}

impl Launch {
    /// Prepares one.
    ///
    /// # Errors
    /// What discovery answers; `emr_not_set_up` where the server has no page to sign in at or no PKCE.
    pub async fn begin(config: &ConnectionConfig, transport: &Transport) -> Result<Self, EmrError> {
        config.check()?;
        let base = config.base()?;
        let found = discover(transport, &base).await?;
        let mut url = found.authorize.filter(|_| found.pkce).ok_or(Trouble::NotSetUp)?;
        let loopback = Loopback::open().await?;
        let (state, verifier) = (transport.surroundings.token(24)?, transport.surroundings.token(48)?);
        let challenge = base64url(&Sha256::digest(&verifier));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", &loopback.redirect())
            .append_pair("scope", &config.scopes.clone().unwrap_or_else(|| scopes(config.vendor)))
            .append_pair("state", &state)
            .append_pair("aud", base.as_str().trim_end_matches('/'))
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(Self {
            url,
            state,
            verifier: verifier.into(),
            token: found.token,
            client: config.client_id.clone(),
            loopback,
        })
    }

    /// Waits until the person has signed in, and takes the token; five minutes at most.
    ///
    /// # Errors
    /// `emr_timed_out`, `emr_sign_in_refused` and what the token endpoint answers.
    pub async fn finish(self, transport: &Transport) -> Result<TokenSet, EmrError> {
        let code = timeout(WAIT, self.loopback.code(&self.state)).await.map_err(|_| Trouble::TimedOut)??;
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code.expose_secret())
            .append_pair("redirect_uri", &self.loopback.redirect())
            .append_pair("client_id", &self.client)
            .append_pair("code_verifier", self.verifier.expose_secret())
            .finish();
        let call = Call::post("sign in", self.token, "application/x-www-form-urlencoded", Phi::new(form));
        given(&transport.write(call).await?, (transport.surroundings.now)(), false)
    }
}

#[cfg(test)]
mod tests {
    use super::{Vendor, scopes};

    #[test]
    fn no_more_is_asked_for_than_the_vendor_lets_a_program_do() {
        let cure = scopes(Vendor::CureMd);
        assert!(cure.starts_with("launch/patient ") && cure.contains("patient/Appointment.rs"), "{cure}");
        assert!(!cure.contains(".c"), "nothing is written to CureMD: {cure}");
        let epic = scopes(Vendor::Epic);
        assert!(epic.contains("user/DocumentReference.crs") && epic.contains("user/Condition.crs"), "{epic}");
        assert!(!scopes(Vendor::AthenaPractice).contains("Condition"));
        for vendor in Vendor::ALL {
            assert!(scopes(vendor).contains("offline_access"), "{vendor:?}");
        }
    }
}
