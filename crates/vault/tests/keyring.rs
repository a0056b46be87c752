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

const STEP: &str = "IAMBILLY_TEST_KEYRING_STEP";
const DIR: &str = "IAMBILLY_TEST_KEYRING_DIR";

/// What the inner process does; without the variable this is an ordinary, empty test.
#[test]
fn inner() {
    let Ok(step) = std::env::var(STEP) else { return };
    let dir = std::env::var(DIR).unwrap();
    let dir = Path::new(&dir);
    let open = || -> Result<Vault, VaultError> {
        let keyring = OsKeyring::connect()?;
        Vault::open(dir, &KeySource::Keyring(&keyring))
    };
    match step.as_str() {
        "create" => {
            let keyring = OsKeyring::connect().unwrap();
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
    let script = match bus {
        Bus::Unlocked => format!(
            "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null && {inner}"
        ),
        Bus::Locked => format!("gnome-keyring-daemon --start --components=secrets >/dev/null && {inner}"),
        Bus::None => inner,
    };
    let mut command = if matches!(bus, Bus::None) {
        Command::new("bash")
    } else {
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "bash"]);
        command
    };
    let runtime = home.join("run");
    std::fs::create_dir_all(&runtime).unwrap();
    let output = command
        .args(["-c", &script])
        .env(STEP, step)
        .env(DIR, dir)
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("XDG_DATA_HOME", home.join("data"))
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("dbus-run-session is needed: apt install dbus gnome-keyring");
    assert!(
        output.status.success(),
        "step {step}: {}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
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
