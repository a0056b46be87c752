//! Health of everything the program needs, each with its fix. Nothing here touches PHI.

use crate::models;
use crate::session::{Config, Session};
use iambilly_engines::Role;
use jiff::civil::Date;
use serde::Serialize;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// The main job works, something else may not.
    Warn,
    /// The main job does not work.
    Fail,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// How it came out.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do.
    pub fix: Option<String>,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The checks in order.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether the main job works.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.checks.iter().all(|c| c.state != State::Fail)
    }
}

fn check(name: &str, state: State, detail: impl Into<String>, fix: Option<&str>) -> Check {
    Check { name: name.to_owned(), state, detail: detail.into(), fix: fix.map(str::to_owned) }
}

/// Looks at everything.
///
/// `today` tells which official editions are out of date.
pub async fn examine(config: &Config, today: Date) -> Report {
    let mut checks = vec![data(config)];
    checks.push(keyring(config));
    checks.push(disk(config));
    checks.push(swap());
    checks.extend(weights(config));
    checks.extend(workers(config).await);
    checks.extend(sound().await);
    checks.push(rules(config, today).await);
    Report { checks }
}

fn data(config: &Config) -> Check {
    match Session::status(config, false) {
        Ok(status) if status.is_new() => {
            check("data folder", State::Ok, "not made yet; the first claim or unlock makes it", None)
        }
        Ok(status) => check("data folder", State::Ok, format!("sealed, opened by {}", status.mode), None),
        Err(fault) => check("data folder", State::Fail, fault.message, Some(&fault.advice)),
    }
}

fn keyring(config: &Config) -> Check {
    match Session::status(config, false) {
        Ok(status) if status.keyring_available => check("keyring", State::Ok, "answers", None),
        _ => check(
            "keyring",
            State::Warn,
            "no unlocked keyring answers; the data folder opens by passphrase",
            Some("Start from a desktop session with a keyring (Secret Service), or set IAMBILLY_PASSPHRASE."),
        ),
    }
}

fn existing_folder(config: &Config) -> &std::path::Path {
    config.paths.data.ancestors().find(|p| p.exists()).unwrap_or(&config.paths.data)
}

/// Bytes free where recordings go; none when it cannot be measured.
pub(crate) fn free_space(config: &Config) -> Option<u64> {
    fs4::available_space(existing_folder(config)).ok()
}

fn swap() -> Check {
    let clear = crate::swap::unencrypted();
    if clear.is_empty() {
        return check("swap", State::Ok, "none, or encrypted, or this system does not tell", None);
    }
    check(
        "swap",
        State::Warn,
        format!("not encrypted: {}", clear.join(", ")),
        Some("Encrypt it or turn it off: what is in memory while you dictate can be written there."),
    )
}

fn disk(config: &Config) -> Check {
    // An hour of 48 kHz 16-bit sound is 350 MB; below 1 GB a long day may not fit.
    const WARN_BELOW: u64 = 1 << 30;
    match fs4::available_space(existing_folder(config)) {
        Ok(free) => {
            let detail = format!("{} MiB free for recordings", free >> 20);
            if free < WARN_BELOW {
                check(
                    "disk",
                    State::Warn,
                    detail,
                    Some("Free some space: an hour of dictation takes up to 350 MB."),
                )
            } else {
                check("disk", State::Ok, detail, None)
            }
        }
        Err(error) => check("disk", State::Warn, format!("cannot be measured: {error}"), None),
    }
}

fn weights(config: &Config) -> Vec<Check> {
    [
        (Role::Speech, State::Fail, "Dictations cannot be transcribed."),
        (Role::Language, State::Warn, "The rules read alone."),
    ]
    .into_iter()
    .map(|(role, without, consequence)| {
        let name = format!("{} model", role.as_str());
        match models::resolve(&config.paths, role, None) {
            Ok(model) => check(&name, State::Ok, model.id, None),
            Err(fault) => {
                check(&name, without, format!("{} {consequence}", fault.message), Some(&fault.advice))
            }
        }
    })
    .collect()
}

async fn workers(config: &Config) -> Vec<Check> {
    let engines = config.engines();
    let mut checks = vec![];
    for role in [Role::Speech, Role::Language] {
        let name = format!("{} worker", role.as_str());
        checks.push(match engines.probe(role).await {
            Ok(info) => {
                let devices = if info.devices.is_empty() {
                    "no device named".to_owned()
                } else {
                    info.devices.join(", ")
                };
                let confined = if info.confined { "confined" } else { "not confined by this system" };
                check(
                    &name,
                    State::Ok,
                    format!("{} · {:?} on {devices} · {confined}", info.version, info.backend),
                    None,
                )
            }
            Err(error) => {
                let fault = error.fault();
                check(&name, State::Fail, fault.message, Some(&fault.advice))
            }
        });
    }
    engines.shutdown().await;
    checks
}

async fn sound() -> Vec<Check> {
    let devices = tokio::task::spawn_blocking(iambilly_sound::default_devices).await;
    let (output, input) = devices.unwrap_or((None, None));
    vec![
        input.map_or_else(
            || {
                check(
                    "microphone",
                    State::Warn,
                    "none",
                    Some("Plug one in to dictate here; WAV files can be imported without."),
                )
            },
            |name| check("microphone", State::Ok, name, None),
        ),
        output.map_or_else(
            || {
                check(
                    "sound output",
                    State::Warn,
                    "none",
                    Some("Plug in headphones to hear the words behind a code."),
                )
            },
            |name| check("sound output", State::Ok, name, None),
        ),
    ]
}

async fn rules(config: &Config, today: Date) -> Check {
    match crate::shelf::look(config, today).await {
        Ok(shelf) => {
            let (state, said) = shelf.summary();
            let fix = "Import the official editions: in the window under Rules, or iambilly rules import.";
            check("rule book", state, said, (state != State::Ok).then_some(fix))
        }
        Err(fault) => check("rule book", State::Fail, fault.message, Some(&fault.advice)),
    }
}
