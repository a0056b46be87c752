//! The test of a FHIR connection: discovery, token, scopes, clock, and each capability by the server's own statement.

use super::fhir::FhirAdapter;
use crate::adapter::Adapter;
use crate::auth::discover;
use crate::capability::{Capability, Support};
use crate::config::SignIn;
use crate::probe::Probe;
use crate::record::PatientQuery;
use jiff::Timestamp;
use serde_json::Value;

/// A clock that differs by more than this many seconds is refused by servers that check the assertion's times.
const SKEW: i64 = 120;

/// Which interaction of which resource shows a capability.
const SHOWN_BY: [(Capability, &str, &str); 7] = [
    (Capability::PatientSearch, "Patient", "search-type"),
    (Capability::Patient, "Patient", "read"),
    (Capability::Encounters, "Encounter", "search-type"),
    (Capability::Coverage, "Coverage", "search-type"),
    (Capability::Appointments, "Appointment", "search-type"),
    (Capability::NoteWrite, "DocumentReference", "create"),
    (Capability::ProblemWrite, "Condition", "create"),
];

/// Whether scopes allow an interaction: SMART 1 (`read`, `write`, `*`) or 2 (`c`, `r`, `u`, `d`, `s`).
fn grants(granted: &str, resource: &str, interaction: &str) -> bool {
    let (old, new) = if interaction == "create" { ("write", 'c') } else { ("read", 'r') };
    granted.split_whitespace().any(|scope| {
        let Some((of, how)) = scope.split_once('/').and_then(|(_, rest)| rest.split_once('.')) else {
            return false;
        };
        let how = how.split('?').next().unwrap_or(how);
        let is_old = matches!(how, "read" | "write" | "*");
        let may = if is_old { how == old || how == "*" } else { how.contains(new) };
        (of == resource || of == "*") && may
    })
}

impl FhirAdapter {
    /// Discovery and clock.
    pub(super) async fn reached(&self) -> Vec<Probe> {
        let transport = &self.signed_in.transport;
        let enough = self.config.sign_in == SignIn::Open || self.config.token_url.is_some();
        let (probe, date) = match discover(transport, &self.base).await {
            Ok(found) if self.config.sign_in == SignIn::Launch && !found.pkce => {
                let probe = Probe::bad_words(
                    "discovery",
                    "The server does not offer PKCE with S256.",
                    "Please switch on PKCE (S256) for public clients; IamBilly does not sign in without it.",
                );
                (probe, found.date)
            }
            Ok(found) => {
                (Probe::good("discovery", "The server says where tokens are to be had."), found.date)
            }
            // It answered, but has no such page; its statement tells the time as well.
            Err(error) if enough && error.status.is_some_and(|s| s < 500) => {
                let asked = match self.url("metadata", &[]) {
                    Ok(url) => transport.read(|| Self::call("capability statement", url.clone())).await,
                    Err(error) => Err(error),
                };
                match asked {
                    Ok(answer) => (
                        Probe::note("discovery", "The server has no discovery; the settings say enough."),
                        answer.date,
                    ),
                    Err(error) => (Probe::bad("discovery", &error), None),
                }
            }
            Err(error) => (Probe::bad("discovery", &error), None),
        };
        vec![probe, clock(date.as_deref(), (transport.surroundings.now)())]
    }

    pub(super) async fn checks(&self) -> Vec<Probe> {
        let mut probes = self.reached().await;
        let scope = match self.signed_in.token().await {
            Ok(Some(token)) => {
                probes.push(Probe::good("token", "The server gave a token."));
                Some(token.scope)
            }
            Ok(None) => {
                probes.push(Probe::note("token", "This connection signs nobody in: for tests alone."));
                None
            }
            Err(error) => {
                probes.push(Probe::bad("token", &error));
                let rest = ["scopes"].into_iter().chain(SHOWN_BY.iter().map(|s| s.0.name()));
                probes.extend(rest.map(|check| Probe::skipped(check, "Not checked: there is no token.")));
                return probes;
            }
        };
        if let Some(scope) = &scope {
            probes.push(self.scopes(scope));
        }
        self.capabilities(&mut probes).await;
        probes
    }

    fn scopes(&self, granted: &str) -> Probe {
        if granted.trim().is_empty() {
            return Probe::note("scopes", "The server does not say what it granted.");
        }
        let missing: Vec<&str> = SHOWN_BY
            .iter()
            .filter(|(capability, ..)| self.support(*capability) == Support::Yes)
            .filter(|(_, resource, interaction)| !grants(granted, resource, interaction))
            .map(|(capability, ..)| capability.name())
            .collect();
        if missing.is_empty() {
            return Probe::good("scopes", "Everything needed is granted.");
        }
        Probe::bad_words(
            "scopes",
            format!("Not granted: {}.", missing.join(", ")),
            format!("Please grant IamBilly's client id the interfaces to {}.", missing.join(", ")),
        )
    }

    async fn capabilities(&self, probes: &mut Vec<Probe>) {
        let statement = match self.url("metadata", &[]) {
            Ok(url) => self.get("capability statement", url).await,
            Err(error) => Err(error),
        };
        for (capability, resource, interaction) in SHOWN_BY {
            let name = capability.name();
            probes.push(match (self.support(capability), &statement) {
                (Support::Yes, Ok(statement)) if offers(statement, resource, interaction) => {
                    if capability == Capability::PatientSearch {
                        self.search_works().await
                    } else {
                        Probe::good(name, "The server offers it.")
                    }
                }
                (Support::Yes, Ok(_)) => Probe::bad_words(
                    name,
                    "The server's statement does not offer it.",
                    format!("Please switch on “{interaction}” of {resource} for IamBilly's client id."),
                ),
                (Support::Yes, Err(error)) => Probe::bad(name, error),
                (Support::No | Support::By837p, _) => Probe::note(
                    name,
                    format!("{} does not take this from other programs.", self.config.vendor.name()),
                ),
            });
        }
        probes.push(Probe::note(Capability::ClaimCreate.name(), "Claims go by 837P."));
        for capability in [Capability::ClaimRead, Capability::DocumentUpload] {
            probes.push(Probe::note(
                capability.name(),
                format!("{} offers this to no other program.", self.config.vendor.name()),
            ));
        }
    }

    /// A search for nobody: what counts is that it is answered.
    async fn search_works(&self) -> Probe {
        let name = Capability::PatientSearch.name();
        let nobody = PatientQuery {
            last: Some("Zzznobody".to_owned()).into(),
            birth_date: Some("1900-01-01".to_owned()).into(),
            ..PatientQuery::default()
        };
        match self.search_patients(&nobody).await {
            Ok(_) => Probe::good(name, "A search was answered."),
            Err(error) => Probe::bad(name, &error),
        }
    }
}

fn offers(statement: &Value, resource: &str, interaction: &str) -> bool {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    list(statement.get("rest"))
        .iter()
        .flat_map(|rest| list(rest.get("resource")))
        .filter(|r| r.get("type").is_some_and(|t| t == resource))
        .flat_map(|r| list(r.get("interaction")))
        .any(|i| i.get("code").is_some_and(|c| c == interaction))
}

/// How far this computer's clock is from the server's.
pub(super) fn clock(date: Option<&str>, now: Timestamp) -> Probe {
    let server = date.and_then(|d| jiff::fmt::rfc2822::parse(d).ok());
    let Some(server) = server else {
        return Probe::note("clock", "The server does not say what time it has.");
    };
    let off = now.as_second() - server.timestamp().as_second();
    if off.abs() <= SKEW {
        return Probe::good("clock", format!("This computer's clock differs by {} s.", off.abs()));
    }
    let way = if off > 0 { "ahead of" } else { "behind" };
    Probe::bad_words(
        "clock",
        format!("This computer's clock is {} s {way} the server's; it will refuse the sign-in.", off.abs()),
        "Please let this computer keep its time by the hospital's time server (NTP).",
    )
}

#[cfg(test)]
mod tests {
    use super::{clock, grants};
    use crate::probe::ProbeState;

    #[test]
    fn scopes_of_both_spellings() {
        let v1 = "system/Patient.read system/Condition.write launch openid";
        assert!(grants(v1, "Patient", "read") && !grants(v1, "Patient", "create"));
        assert!(grants(v1, "Condition", "create") && !grants(v1, "Condition", "read"));
        let v2 = "system/Patient.crs user/Encounter.rs?category=x";
        assert!(grants(v2, "Patient", "search-type") && grants(v2, "Patient", "create"));
        assert!(grants(v2, "Encounter", "read") && !grants(v2, "Encounter", "create"));
        assert!(grants("user/*.*", "Coverage", "read") && grants("patient/*.rs", "Coverage", "read"));
        assert!(!grants("patient/*.rs", "Coverage", "create") && !grants("", "Patient", "read"));
    }

    #[test]
    fn clocks() {
        let now = "2026-11-22T09:30:00Z".parse().unwrap();
        let state = |date| clock(date, now).state;
        assert_eq!(state(Some("Sun, 22 Nov 2026 09:29:10 GMT")), ProbeState::Good);
        assert_eq!(state(Some("Sun, 22 Nov 2026 09:20:00 GMT")), ProbeState::Bad);
        assert_eq!((state(None), state(Some("yesterday"))), (ProbeState::Note, ProbeState::Note));
    }
}
