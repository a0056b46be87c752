//! Simulators of the vendors: shapes of our own making that behave as the vendors are documented to, faults included.

mod athena;
mod fhir;
pub mod real;
pub mod server;

use serde_json::{Value, json};
use server::{Request, Response, Server};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Which vendor is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Fhir,
    Epic,
    AthenaOne,
    AthenaPractice,
    CureMd,
}

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The token has ended.
    Expired,
    /// 403 without a body: the interface is not on the app.
    Ungranted,
    /// 429, with or without seconds.
    Busy(Option<u64>),
    /// 503, with or without seconds.
    Unavailable(Option<u64>),
    /// It was done, and then the server failed.
    FailedAfter,
    /// The server failed before it did anything.
    FailedBefore,
    /// It was done, and the answer was lost.
    LostAfter,
    /// The request was lost before anything was done.
    LostBefore,
    /// It was done, and the answer broke off in the middle.
    Truncated,
    /// An OperationOutcome with this status and code.
    Outcome(u16, &'static str),
    /// 409.
    Conflict,
    /// 200 with `success: false`.
    NoSuccess,
    /// Another address.
    Redirect(u16, String),
    /// An answer of so many bytes.
    Huge(usize),
    /// This instead of the answer.
    Instead(u16, String),
    /// So late.
    Slow(Duration),
}

impl Fault {
    /// Whether whoever asked cannot know what became of a write.
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::FailedAfter
                | Self::FailedBefore
                | Self::LostAfter
                | Self::LostBefore
                | Self::Unavailable(None)
        )
    }
}

/// Something that was written into the EMR.
#[derive(Debug, Clone)]
pub struct Written {
    pub id: String,
    pub kind: String,
    pub body: Value,
}

#[derive(Default)]
pub struct State {
    pub written: Vec<Written>,
    /// Method and path of every request.
    pub requests: Vec<String>,
    faults: VecDeque<(&'static str, Fault)>,
    random: Option<Random>,
    /// Faults that were met by writes.
    pub met: Vec<Fault>,
    pub tokens: u64,
    pub assertions: Vec<String>,
    down: bool,
    recent: VecDeque<Instant>,
    pub limit: Option<usize>,
}

impl State {
    /// How far it has come: what was written and what went wrong.
    pub fn met_or_written(&self) -> usize {
        self.written.len() + self.met.len()
    }
}

struct Random {
    seed: u64,
    per_hundred: u64,
}

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % limit
    }
    fn draw(&mut self) -> Option<Fault> {
        if self.below(100) >= self.per_hundred {
            return None;
        }
        Some(match self.below(12) {
            0 => Fault::Expired,
            1 => Fault::Busy(Some(0)),
            2 => Fault::Busy(None),
            3 => Fault::Unavailable(Some(0)),
            4 => Fault::Unavailable(None),
            5 => Fault::FailedAfter,
            6 => Fault::FailedBefore,
            7 => Fault::LostAfter,
            8 => Fault::LostBefore,
            9 => Fault::Truncated,
            10 => Fault::Outcome(422, "59108"),
            _ => Fault::Slow(Duration::from_millis(150)),
        })
    }
}

/// A vendor that runs until it is dropped.
pub struct Emr {
    server: Server,
    pub kind: Kind,
    tls: bool,
    state: Arc<Mutex<State>>,
}

impl Emr {
    pub fn start(kind: Kind) -> Self {
        Self::with(kind, None)
    }

    pub fn with(kind: Kind, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let secure = tls.is_some();
        let server = Server::start(tls, Arc::new(move |request| respond(kind, &shared, request)));
        Self { server, kind, tls: secure, state }
    }

    /// Where its interface begins.
    pub fn base(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        // The certificate of the tests names the host, not the number.
        let host = if self.tls { "localhost" } else { "127.0.0.1" };
        let path = if self.kind == Kind::AthenaOne { "/v1/195900" } else { "/fhir" };
        format!("{scheme}://{host}:{}{path}", self.server.address.port())
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request whose method and path hold `to` goes wrong.
    pub fn fault(&self, to: &'static str, fault: Fault) -> &Self {
        self.state().faults.push_back((to, fault));
        self
    }

    /// Of a hundred writes so many go wrong.
    pub fn faults_at_random(&self, seed: u64, per_hundred: u64) {
        self.state().random = (per_hundred > 0).then_some(Random { seed, per_hundred });
    }

    /// The network is gone, or back.
    pub fn down(&self, down: bool) {
        self.state().down = down;
    }

    /// How many of a kind were written.
    pub fn count(&self, kind: &str) -> usize {
        self.state().written.iter().filter(|w| w.kind == kind).count()
    }

    /// How many requests had this in method and path.
    pub fn asked(&self, what: &str) -> usize {
        self.state().requests.iter().filter(|r| r.contains(what)).count()
    }
}

fn respond(kind: Kind, shared: &Mutex<State>, request: &Request) -> Response {
    let line = format!("{} {}", request.method, request.path);
    let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if state.down {
        return Response::dropped();
    }
    state.requests.push(line.clone());
    if let Some(limit) = state.limit {
        let now = Instant::now();
        state.recent.retain(|t| now - *t < Duration::from_secs(60));
        if state.recent.len() >= limit {
            return Response::json(429, &outcome("throttled")).with("Retry-After", "60");
        }
        state.recent.push_back(now);
    }
    let place = state.faults.iter().position(|(to, _)| line.contains(to));
    let writes = request.method == "POST" && !request.path.ends_with("/token");
    let fault = match place {
        Some(place) => state.faults.remove(place).map(|(_, fault)| fault),
        None if writes => state.random.as_mut().and_then(Random::draw),
        None => None,
    };
    if let (true, Some(fault)) = (writes, &fault) {
        state.met.push(fault.clone());
    }
    let instead = match &fault {
        Some(Fault::Expired) => Some(Response::new(401, "")),
        Some(Fault::Ungranted) => Some(Response::new(403, "")),
        Some(Fault::Busy(after)) => Some(wait(429, *after)),
        Some(Fault::Unavailable(after)) => Some(wait(503, *after)),
        Some(Fault::FailedBefore) => Some(Response::new(500, "<html>oops</html>")),
        Some(Fault::LostBefore) => Some(Response::dropped()),
        Some(Fault::Outcome(status, code)) => Some(Response::json(*status, &outcome(code))),
        Some(Fault::Conflict) => {
            Some(Response::json(409, &json!({"error": "Conflict", "detailedmessage": "for EXAMPLEBY"})))
        }
        Some(Fault::NoSuccess) => Some(Response::json(
            200,
            &json!({"success": "false", "errormessage": "no such department for EXAMPLEBY"}),
        )),
        Some(Fault::Redirect(status, to)) => Some(Response::new(*status, "").with("Location", to.clone())),
        Some(Fault::Huge(bytes)) => Some(Response::new(200, vec![b' '; *bytes])),
        Some(Fault::Instead(status, body)) => Some(Response::new(*status, body.as_bytes())),
        _ => None,
    };
    if let Some(response) = instead {
        return response;
    }
    let mut response = match kind {
        Kind::AthenaOne => athena::answer(&mut state, request),
        _ => fhir::answer(kind, &mut state, request),
    };
    match fault {
        Some(Fault::FailedAfter) => Response::new(500, ""),
        Some(Fault::LostAfter) => Response::dropped(),
        Some(Fault::Truncated) => {
            // Half of the body; the head came whole.
            response.cut = Some(response.body.len() / 2);
            response
        }
        Some(Fault::Slow(delay)) => {
            response.delay = delay;
            response
        }
        _ => response,
    }
}

fn wait(status: u16, after: Option<u64>) -> Response {
    let response = Response::json(status, &outcome("throttled"));
    match after {
        Some(seconds) => response.with("Retry-After", seconds.to_string()),
        None => response,
    }
}

/// An OperationOutcome whose words name a patient, as real ones do.
pub fn outcome(code: &str) -> Value {
    json!({"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "processing",
        "details": {"coding": [{"system": "urn:oid:1.2.840.114350.1.13.0.1.7.2.657369", "code": code}],
            "text": "Patient EXAMPLEBY, ADA 05/04/1960"},
        "diagnostics": "EXAMPLEBY"}]})
}

/// The number in `p17` or `e17`.
fn number(id: &str) -> Option<u32> {
    id.get(1..)?.parse().ok()
}
