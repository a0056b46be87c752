//! The real keyring: gnome-keyring on a private D-Bus session, in processes of their own.
//!
//! Each test runs this test binary again, inside `dbus-run-session` with its own home, so that nobody's own
//! keyring is touched. Needs the Debian packages `dbus` and `gnome-keyring`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]
#![cfg(target_os = "linux")]

use iambilly_vault::{KeySource, OsKeyring, OsRandom, Vault, VaultError};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Nobody answers a prompt here, and its end is sometimes told before the client listens (gnome-keyring 42).
const PATIENCE: Duration = Duration::from_secs(10);

const STEP: &str = "IAMBILLY_TEST_KEYRING_STEP";
const DIR: &str = "IAMBILLY_TEST_KEYRING_DIR";

/// What the inner process does; without the variable this is an ordinary, empty test.
#[test]
fn inner() {
    let Ok(step) = std::env::var(STEP) else { return };
    let dir = std::env::var(DIR).unwrap();
    let dir = Path::new(&dir);
    let open = || -> Result<Vault, VaultError> {
        let keyring = OsKeyring::connect_within(PATIENCE)?;
        Vault::open(dir, &KeySource::Keyring(&keyring))
    };
    match step.as_str() {
        "create" => {
            let keyring = OsKeyring::connect_within(PATIENCE).unwrap();
            let made = Vault::create(dir, &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
            assert_eq!(open().unwrap().database_key().expose(), made.database_key().expose());
        }
        "open" => drop(open().unwrap()),
        refused => assert_eq!(open().unwrap_err().fault().code, refused),
    }
}

/// Runs one step with a keyring daemon (in a home of its own) or without D-Bus at all.
fn run(step: &str, dir: &Path, home: &Path, bus: Bus) {
    let me = std::env::current_exe().unwrap();
    let inner = format!("'{}' --exact inner --nocapture", me.display());
    // The daemon goes to the background before it has its name on the bus; who asks too early starts a second one.
    let named = "until dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
                 org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true; do sleep 0.05; done";
    let daemon = "gnome-keyring-daemon --components=secrets";
    let script = match bus {
        Bus::Unlocked => format!("printf secret | {daemon} --unlock >/dev/null 2>&1 && {named} && {inner}"),
        Bus::Locked => format!("{daemon} --start >/dev/null 2>&1 && {named} && {inner}"),
        Bus::None => inner,
    };
    // A daemon that never answers fails the test instead of stopping it.
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", "90"]);
    if !matches!(bus, Bus::None) {
        command.args(["dbus-run-session", "--"]);
    }
    command.arg("bash");
    let runtime = home.join("run");
    std::fs::create_dir_all(&runtime).unwrap();
    // A keyring daemon that the bus started can outlive it, so what is said goes to a file: a pipe would stay open.
    let said = home.join("said");
    let file = std::fs::File::create(&said).unwrap();
    let status = command
        .args(["-c", &script])
        .env(STEP, step)
        .env(DIR, dir)
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("XDG_DATA_HOME", home.join("data"))
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .status()
        .expect("dbus-run-session is needed: apt install dbus gnome-keyring");
    assert!(status.success(), "step {step}: {}", String::from_utf8_lossy(&std::fs::read(said).unwrap()));
}

#[derive(Clone, Copy)]
enum Bus {
    Unlocked,
    Locked,
    None,
}

#[test]
fn the_real_keyring_keeps_the_key_across_sessions() {
    let (dir, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run("create", dir.path(), home.path(), Bus::Unlocked);
    run("open", dir.path(), home.path(), Bus::Unlocked);

    let stranger = tempfile::tempdir().unwrap();
    run("keyring_entry_missing", dir.path(), stranger.path(), Bus::Unlocked);
    run("keyring_unavailable", dir.path(), home.path(), Bus::None);
    run("keyring_locked", dir.path(), home.path(), Bus::Locked);
    run("open", dir.path(), home.path(), Bus::Unlocked);
}
