//! Health of everything the program needs, each with its fix. Nothing here touches PHI, and the report for somebody
//! else names no folder of this machine either.

mod machine;
mod window;

use crate::models;
use crate::session::{Config, Session};
use iambilly_engines::{BackendInfo, PolicyReader, Processor, Role};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "HealthState")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "HealthCheck")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "HealthReport")]
pub struct Report {
    /// The checks in order.
    pub checks: Vec<Check>,
    /// The same as plain text to send to somebody who helps: no PHI, no folder, no name of a device.
    pub text: String,
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

/// Names of checks whose finding is a name that a person gave, or may have given.
const NAMED_BY_PEOPLE: [&str; 3] = ["microphone", "sound output", "swap"];

/// Looks at everything.
///
/// `today` tells which official editions are out of date, `now` whether the clock can be right. With an open session the way
/// to each connected record system is looked at as well.
pub async fn examine(config: &Config, today: Date, now: Timestamp, session: Option<&Session>) -> Report {
    let mut checks = vec![data(config)];
    checks.extend(machine::folders(&config.paths));
    checks.push(keyring(config));
    checks.push(kit(config));
    checks.push(disk(config));
    checks.push(machine::clock(&config.paths, now));
    checks.push(swap());
    checks.push(machine::processor(Processor::here(), &config.paths.workers));
    checks.extend(weights(config));
    checks.extend(workers(config).await);
    checks.push(reader(config));
    checks.push(window::look(&config.paths.workers).await);
    checks.extend(sound().await);
    checks.push(rules(config, today).await);
    checks.extend(record_systems(config, session).await);
    let text = text(config, &checks, now);
    Report { checks, text }
}

/// The report for somebody else.
fn text(config: &Config, checks: &[Check], now: Timestamp) -> String {
    let mut text = format!(
        "IamBilly {} on {} {}, {} threads, {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        config.threads,
        now.strftime("%Y-%m-%d %H:%M UTC"),
    );
    for check in checks {
        let state = match check.state {
            State::Ok => "ok  ",
            State::Warn => "look",
            State::Fail => "FAIL",
        };
        let named = NAMED_BY_PEOPLE.contains(&check.name.as_str());
        let detail = if named && check.state == State::Ok { "there" } else { &check.detail };
        text.push_str(&format!("{state}  {}: {detail}\n", check.name));
    }
    without_folders(config, text)
}

/// Folders of this machine by what they are for: their names may be a person's.
fn without_folders(config: &Config, text: String) -> String {
    let paths = &config.paths;
    let mut folders: Vec<(String, &str)> = [
        (&paths.data, "DATA"),
        (&paths.models, "MODELS"),
        (&paths.rules, "RULES"),
        (&paths.workers, "PROGRAMS"),
    ]
    .into_iter()
    .flat_map(|(path, name)| {
        let above =
            path.parent().and_then(std::path::Path::parent).map(|p| (p.display().to_string(), "HOME"));
        [Some((path.display().to_string(), name)), above]
    })
    .flatten()
    .filter(|(path, _)| path.len() > 1)
    .collect();
    // The longest first, so that a folder inside another keeps its own name.
    folders.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    folders.into_iter().fold(text, |text, (path, name)| text.replace(&path, name))
}

fn data(config: &Config) -> Check {
    match Session::status(config, false) {
        Ok(status) if status.is_new() => {
            check("data folder", State::Ok, "not made yet; the first claim or unlock makes it", None)
        }
        Ok(status) => {
            check("data folder", State::Ok, format!("sealed, opened by {}", status.mode.as_str()), None)
        }
        Err(fault) => check("data folder", State::Fail, fault.message, Some(&fault.advice)),
    }
}

/// The way to each connected record system; which there are stands in the sealed folder.
async fn record_systems(config: &Config, session: Option<&Session>) -> Vec<Check> {
    let name = "record systems";
    match session {
        Some(session) => match session.emr_health().await {
            Ok(checks) if checks.is_empty() => vec![check(name, State::Ok, "none is connected", None)],
            Ok(checks) => checks,
            Err(error) => {
                let fault = error.fault();
                vec![check(name, State::Warn, fault.message, Some(&fault.advice))]
            }
        },
        None if Session::status(config, false).is_ok_and(|s| s.is_new()) => vec![],
        None => vec![check(
            name,
            State::Ok,
            "not looked at: the data folder is locked (IAMBILLY_PASSPHRASE, or a sign-in, opens it)",
            None,
        )],
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

fn kit(config: &Config) -> Check {
    if crate::session::kit_is_missing(config) {
        return check(
            "recovery kit",
            State::Warn,
            "none: without keyring or passphrase nobody could open the data folder",
            Some("iambilly recovery-kit create, or open the window, which asks for it."),
        );
    }
    check("recovery kit", State::Ok, "made, or an administrator\u{2019}s to make", None)
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
        (Role::Embedding, State::Warn, "Policies are searched by words alone."),
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
        let probed = engines.probe(role).await;
        if let (Role::Speech, Ok(info)) = (role, &probed) {
            checks.push(graphics(info));
        }
        checks.push(match probed {
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

/// Whether what the workers were built for is there.
fn graphics(info: &BackendInfo) -> Check {
    use iambilly_engines::Backend;
    let built_for = match info.backend {
        Backend::Cpu => {
            return check("graphics", State::Ok, "not used: these workers are built for the processor", None);
        }
        Backend::Cuda => "CUDA",
        Backend::Vulkan => "Vulkan",
        Backend::Metal => "Metal",
    };
    let devices: Vec<_> = info.devices.iter().filter(|d| !d.eq_ignore_ascii_case("cpu")).cloned().collect();
    if !devices.is_empty() {
        return check("graphics", State::Ok, format!("{built_for} on {}", devices.join(", ")), None);
    }
    check(
        "graphics",
        State::Warn,
        format!("the workers are built for {built_for} and find no device; the processor does the work"),
        Some(
            "Install the graphics card’s driver (NVIDIA’s for CUDA; mesa-vulkan-drivers or the maker’s for Vulkan) and start again, or install the package without a graphics variant.",
        ),
    )
}

fn reader(config: &Config) -> Check {
    if PolicyReader::of(&config.paths.workers).is_here() {
        return check("policy reader", State::Ok, "installed", None);
    }
    check(
        "policy reader",
        State::Warn,
        "not installed; no payer’s document can be added to the library",
        Some("Install the application again; the reader belongs to it."),
    )
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

#[cfg(test)]
mod tests {
    use super::{Check, State, examine, graphics, text, without_folders};
    use crate::paths::Paths;
    use crate::session::Config;
    use iambilly_engines::{Backend, BackendInfo, Role};
    use std::path::Path;

    fn config(folder: &Path) -> Config {
        let mut paths = Paths::from_environment(&|_| None, Path::new("iambilly"));
        paths.data = folder.join("share/iambilly/data");
        paths.models = folder.join("share/iambilly/models");
        paths.rules = folder.join("share/iambilly/rules");
        paths.workers = folder.join("programs");
        Config::new(paths, 2)
    }

    #[test]
    fn a_half_installed_system_is_named_part_by_part_with_a_fix_for_each() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let now: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let report = runtime.block_on(examine(&config, jiff::civil::date(2026, 11, 22), now, None));
        let of =
            |name: &str| report.checks.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("{name}"));
        for (name, state) in [
            ("speech model", State::Fail),
            ("language model", State::Warn),
            ("embedding model", State::Warn),
            ("speech worker", State::Fail),
            ("policy reader", State::Warn),
            ("window", State::Warn),
        ] {
            assert_eq!((of(name).state, of(name).fix.is_some()), (state, true), "{name}: {:?}", of(name));
        }
        assert!(!report.healthy());
        for check in &report.checks {
            assert!(check.state == State::Ok || check.fix.is_some() || check.name == "disk", "{check:?}");
            assert!(report.text.contains(&check.name), "{} is in the text", check.name);
        }
        let own = folder.path().display().to_string();
        assert!(!report.text.contains(&own), "{}", report.text);
    }

    #[test]
    fn the_text_for_others_names_no_folder_and_no_device() {
        let config = config(Path::new("/home/dr.fernworth"));
        let check = |name: &str, state, detail: &str| Check {
            name: name.to_owned(),
            state,
            detail: detail.to_owned(),
            fix: None,
        };
        let checks = [
            check("microphone", State::Ok, "Dr. Fernworth’s AirPods"),
            check("speech worker", State::Fail, "not at /home/dr.fernworth/programs/iambilly-whisper"),
        ];
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let said = text(&config, &checks, now);
        assert!(!said.to_lowercase().contains("fernworth"), "{said}");
        assert!(said.contains("FAIL  speech worker: not at PROGRAMS/iambilly-whisper"), "{said}");
        let inside = without_folders(&config, "/home/dr.fernworth/share/iambilly/models/x".to_owned());
        assert_eq!(inside, "MODELS/x");
    }

    #[test]
    fn a_graphics_variant_without_its_driver_is_named() {
        let info = |backend, devices: &[&str]| BackendInfo {
            role: Role::Speech,
            version: "1".to_owned(),
            backend,
            devices: devices.iter().map(|d| (*d).to_owned()).collect(),
            confined: true,
        };
        for (backend, devices, state, said) in [
            (Backend::Cpu, vec![], State::Ok, "not used"),
            (Backend::Vulkan, vec!["CPU"], State::Warn, "Vulkan and find no device"),
            (Backend::Cuda, vec![], State::Warn, "CUDA and find no device"),
            (Backend::Vulkan, vec!["Arc A380"], State::Ok, "Vulkan on Arc A380"),
        ] {
            let found = graphics(&info(backend, &devices));
            assert_eq!((found.state, found.fix.is_some()), (state, state != State::Ok));
            assert!(found.detail.contains(said), "{found:?}");
        }
    }
}
