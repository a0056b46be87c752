//! The vault of a data folder: created once, opened by its own key only, never replaced.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

use iambilly_vault::{
    KeySource, KeyringStore, KeyringTrouble, OsRandom, Vault, VaultError, VaultMode, VaultStatus,
};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use zeroize::Zeroizing;

/// A keyring in memory that can be locked, missing or emptied; the real one is in `keyring.rs`.
#[derive(Default)]
struct MemoryKeyring {
    entries: Mutex<HashMap<String, Vec<u8>>>,
    trouble: Mutex<Option<KeyringTrouble>>,
}

impl MemoryKeyring {
    fn well(&self) -> Result<(), KeyringTrouble> {
        self.trouble.lock().unwrap().map_or(Ok(()), Err)
    }
}

impl KeyringStore for MemoryKeyring {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringTrouble> {
        self.well()?;
        Ok(self.entries.lock().unwrap().get(account).cloned().map(Zeroizing::new))
    }
    fn write(&self, account: &str, secret: &[u8]) -> Result<(), KeyringTrouble> {
        self.well()?;
        self.entries.lock().unwrap().insert(account.to_owned(), secret.to_vec());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), KeyringTrouble> {
        self.well()?;
        self.entries.lock().unwrap().remove(account);
        Ok(())
    }
}

fn passphrase(text: &str) -> KeySource<'static> {
    KeySource::Passphrase(text.into())
}

fn code(result: Result<Vault, VaultError>) -> String {
    result.unwrap_err().fault().code
}

fn edit(dir: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let path = dir.join("vault.json");
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut json);
    fs::write(path, serde_json::to_vec(&json).unwrap()).unwrap();
}

#[test]
fn a_passphrase_opens_what_it_created() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Vault::status(dir.path()).unwrap(), VaultStatus::New);
    assert_eq!(code(Vault::open(dir.path(), &passphrase("one two three"))), "vault_missing");
    assert_eq!(code(Vault::create(dir.path(), &passphrase(""), &mut OsRandom)), "passphrase_empty");
    assert_eq!(Vault::status(dir.path()).unwrap(), VaultStatus::New, "a refused creation leaves nothing");

    let made = Vault::create(dir.path(), &passphrase("one two three"), &mut OsRandom).unwrap();
    assert_eq!(Vault::status(dir.path()).unwrap(), VaultStatus::Locked { mode: VaultMode::Passphrase });
    let opened = Vault::open(dir.path(), &passphrase("one two three")).unwrap();
    assert_eq!(made.database_key().expose(), opened.database_key().expose());
    assert_eq!(code(Vault::open(dir.path(), &passphrase("one two thre"))), "wrong_passphrase");
    assert_eq!(code(Vault::create(dir.path(), &passphrase("other"), &mut OsRandom)), "vault_exists");
    let keyring = MemoryKeyring::default();
    assert_eq!(code(Vault::open(dir.path(), &KeySource::Keyring(&keyring))), "wrong_key_source");

    let (key, wrapped) = made.wrap_new_key("recording 1", &mut OsRandom).unwrap();
    assert_eq!(opened.unwrap_key(&wrapped, "recording 1").unwrap().expose(), key.expose());
    assert!(opened.unwrap_key(&wrapped, "recording 2").is_err(), "a wrapped key is bound to its recording");
    assert_ne!(key.expose(), made.database_key().expose());

    let on_disk = fs::read_to_string(dir.path().join("vault.json")).unwrap();
    let hexed: String = made.database_key().expose().iter().map(|b| format!("{b:02x}")).collect();
    assert!(!on_disk.contains(&hexed) && !on_disk.contains("one two"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.path().join("vault.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn the_keyring_opens_what_it_created_and_a_lost_entry_never_becomes_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = MemoryKeyring::default();
    let made = Vault::create(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    let opened = Vault::open(dir.path(), &KeySource::Keyring(&keyring)).unwrap();
    assert_eq!(made.database_key().expose(), opened.database_key().expose());
    let before = fs::read(dir.path().join("vault.json")).unwrap();

    *keyring.trouble.lock().unwrap() = Some(KeyringTrouble::Locked);
    assert_eq!(code(Vault::open(dir.path(), &KeySource::Keyring(&keyring))), "keyring_locked");
    *keyring.trouble.lock().unwrap() = Some(KeyringTrouble::Unavailable);
    assert_eq!(code(Vault::open(dir.path(), &KeySource::Keyring(&keyring))), "keyring_unavailable");
    *keyring.trouble.lock().unwrap() = None;

    let entries = std::mem::take(&mut *keyring.entries.lock().unwrap());
    assert_eq!(code(Vault::open(dir.path(), &KeySource::Keyring(&keyring))), "keyring_entry_missing");
    assert_eq!(code(Vault::create(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom)), "vault_exists");
    assert!(keyring.entries.lock().unwrap().is_empty(), "no key was made");
    assert_eq!(fs::read(dir.path().join("vault.json")).unwrap(), before, "the vault is untouched");

    let wrong: HashMap<_, _> = entries.into_keys().map(|account| (account, vec![9; 32])).collect();
    *keyring.entries.lock().unwrap() = wrong;
    assert_eq!(code(Vault::open(dir.path(), &KeySource::Keyring(&keyring))), "keyring_entry_wrong");
}

#[test]
fn records_without_their_vault_do_not_get_a_new_key() {
    let dir = tempfile::tempdir().unwrap();
    Vault::create(dir.path(), &passphrase("p"), &mut OsRandom).unwrap();
    fs::write(dir.path().join("iambilly.db"), [1; 100]).unwrap();
    fs::remove_file(dir.path().join("vault.json")).unwrap();
    assert_eq!(code(Vault::create(dir.path(), &passphrase("p"), &mut OsRandom)), "vault_lost");
    assert!(!dir.path().join("vault.json").exists());
}

#[test]
fn two_data_folders_keep_two_entries() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keyring = MemoryKeyring::default();
    let first = Vault::create(a.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    let second = Vault::create(b.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    assert_ne!(first.database_key().expose(), second.database_key().expose());
    assert_eq!(keyring.entries.lock().unwrap().len(), 2);
    Vault::open(a.path(), &KeySource::Keyring(&keyring)).unwrap();
}

#[test]
fn a_damaged_or_newer_vault_is_told_apart() {
    type Change = fn(&mut serde_json::Value);
    let cases: [(&str, Change, &str); 8] = [
        ("newer", |j| j["version"] = 4.into(), "vault_newer"),
        ("newer with unknown fields", |j| *j = serde_json::json!({"version": 7}), "vault_newer"),
        ("not ours", |j| *j = serde_json::json!({"hello": 1}), "vault_corrupt"),
        (
            "keys swapped",
            |j| {
                let k = j["database_key"].take();
                j["database_key"] = j["audio_root_key"].take();
                j["audio_root_key"] = k;
            },
            "vault_corrupt",
        ),
        ("key cut", |j| j["database_key"] = "00:11".into(), "vault_corrupt"),
        ("another id", |j| j["vault_id"] = "zz".into(), "vault_corrupt"),
        ("absurd memory", |j| j["argon2id"]["memory_kib"] = 4_000_000_000_u32.into(), "vault_corrupt"),
        ("no salt", |j| j["argon2id"]["salt"] = "".into(), "vault_corrupt"),
    ];
    let dir = tempfile::tempdir().unwrap();
    Vault::create(dir.path(), &passphrase("p"), &mut OsRandom).unwrap();
    let whole = fs::read(dir.path().join("vault.json")).unwrap();
    for (name, change, expected) in cases {
        fs::write(dir.path().join("vault.json"), &whole).unwrap();
        edit(dir.path(), change);
        assert_eq!(code(Vault::open(dir.path(), &passphrase("p"))), expected, "{name}");
    }
    for cut in 0..whole.len() - 1 {
        fs::write(dir.path().join("vault.json"), &whole[..cut]).unwrap();
        let found = Vault::status(dir.path());
        assert!(matches!(found, Err(VaultError::Corrupt { .. })), "cut at {cut}: never taken for new");
    }
    fs::write(dir.path().join("vault.json"), vec![b' '; 1 << 20]).unwrap();
    assert!(matches!(Vault::status(dir.path()), Err(VaultError::Corrupt { .. })));
}

#[test]
fn of_two_creators_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Vault::create(dir.path(), &passphrase("p"), &mut OsRandom)))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let winners: Vec<_> = results.iter().filter_map(|r| r.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1);
    let opened = Vault::open(dir.path(), &passphrase("p")).unwrap();
    assert_eq!(opened.database_key().expose(), winners[0].database_key().expose());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "the losers left no files");
}

fn same(a: &Vault, b: &Vault) -> bool {
    let (_, wrapped) = a.wrap_new_key("r", &mut OsRandom).unwrap();
    a.database_key().expose() == b.database_key().expose()
        && b.unwrap_key(&wrapped, "r").is_ok()
        && a.audit_key().unwrap().expose() == b.audit_key().unwrap().expose()
}

#[test]
fn a_rotation_changes_what_opens_the_vault_and_nothing_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = MemoryKeyring::default();
    let made = Vault::create(dir.path(), &passphrase("old words here"), &mut OsRandom).unwrap();
    let vault = Vault::open(dir.path(), &passphrase("old words here")).unwrap();
    vault.rotate(dir.path(), &passphrase("new words here"), &mut OsRandom).unwrap();
    assert_eq!(code(Vault::open(dir.path(), &passphrase("old words here"))), "wrong_passphrase");
    assert!(same(&made, &Vault::open(dir.path(), &passphrase("new words here")).unwrap()));

    let mode = vault.rotate(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    assert_eq!(mode, VaultMode::Keyring);
    assert_eq!(code(Vault::open(dir.path(), &passphrase("new words here"))), "wrong_key_source");
    assert!(same(&made, &Vault::open(dir.path(), &KeySource::Keyring(&keyring)).unwrap()));
    let first: HashMap<_, _> = keyring.entries.lock().unwrap().clone();
    vault.rotate(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    assert!(same(&made, &Vault::open(dir.path(), &KeySource::Keyring(&keyring)).unwrap()));
    assert_eq!(keyring.entries.lock().unwrap().len(), 1, "the old entry is gone");
    let copy = tempfile::tempdir().unwrap();
    fs::copy(dir.path().join("vault.json"), copy.path().join("vault.json")).unwrap();
    vault.take_over(copy.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    for folder in [&dir, &copy] {
        assert!(same(&made, &Vault::open(folder.path(), &KeySource::Keyring(&keyring)).unwrap()));
    }
    *keyring.entries.lock().unwrap() = first;
    assert_eq!(code(Vault::open(dir.path(), &KeySource::Keyring(&keyring))), "keyring_entry_missing");

    let words = iambilly_vault::RecoveryWords::draw(&mut OsRandom).unwrap();
    let refused = vault.rotate(dir.path(), &KeySource::Kit(words), &mut OsRandom).unwrap_err();
    assert_eq!(refused.fault().code, "wrong_key_source", "a kit guards no vault alone");
}

/// A keyring that stops answering after so many calls, as if the program were killed there.
struct Failing<'a>(&'a MemoryKeyring, Mutex<u32>);

impl Failing<'_> {
    fn count(&self) -> Result<(), KeyringTrouble> {
        let mut left = self.1.lock().unwrap();
        *left = left.checked_sub(1).ok_or(KeyringTrouble::Unavailable)?;
        Ok(())
    }
}

impl KeyringStore for Failing<'_> {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringTrouble> {
        self.count()?;
        self.0.read(account)
    }
    fn write(&self, account: &str, secret: &[u8]) -> Result<(), KeyringTrouble> {
        self.count()?;
        self.0.write(account, secret)
    }
    fn delete(&self, account: &str) -> Result<(), KeyringTrouble> {
        self.count()?;
        self.0.delete(account)
    }
}

#[test]
fn a_rotation_that_ends_at_any_call_to_the_keyring_leaves_a_vault_that_opens() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = MemoryKeyring::default();
    let vault = Vault::create(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    for calls in 0..8 {
        let failing = Failing(&keyring, Mutex::new(calls % 4));
        let _ = vault.rotate(dir.path(), &KeySource::Keyring(&failing), &mut OsRandom);
        let opened = Vault::open(dir.path(), &KeySource::Keyring(&keyring)).unwrap();
        assert!(same(&vault, &opened), "after {calls} calls");
    }
}

#[test]
fn the_recovery_kit_opens_what_passphrase_and_keyring_no_longer_do() {
    use iambilly_vault::RecoveryWords;
    let dir = tempfile::tempdir().unwrap();
    let keyring = MemoryKeyring::default();
    let vault = Vault::create(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    let kit = || RecoveryWords::draw(&mut OsRandom).unwrap();
    let (first, second) = (kit(), kit());
    let open = |words: &RecoveryWords| Vault::open(dir.path(), &KeySource::Kit(words.clone()));
    assert_eq!(code(open(&first)), "recovery_kit_missing");
    vault.keep_kit(dir.path(), &first, &mut OsRandom).unwrap();
    assert!(Vault::has_kit(dir.path()).unwrap());
    keyring.entries.lock().unwrap().clear();
    assert!(same(&vault, &open(&first).unwrap()));
    assert_eq!(code(open(&second)), "recovery_kit_wrong");

    // A rotation leaves the kit; a new kit ends the old one.
    let recovered = open(&first).unwrap();
    recovered.rotate(dir.path(), &passphrase("a new passphrase"), &mut OsRandom).unwrap();
    assert!(same(&vault, &Vault::open(dir.path(), &passphrase("a new passphrase")).unwrap()));
    assert!(same(&vault, &open(&first).unwrap()));
    vault.rotate(dir.path(), &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    vault.keep_kit(dir.path(), &second, &mut OsRandom).unwrap();
    assert_eq!(code(open(&first)), "recovery_kit_wrong");
    assert!(same(&vault, &open(&second).unwrap()));
    let on_disk = fs::read_to_string(dir.path().join("vault.json")).unwrap();
    assert!(!second.disclose().unwrap().split(' ').any(|w| w.len() > 4 && on_disk.contains(w)));

    edit(dir.path(), |j| j["recovery"]["database_key"] = j["database_key"].clone());
    assert_eq!(code(open(&second)), "vault_corrupt");
}

#[test]
fn a_vault_of_the_first_format_opens_and_rotates() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vault::create(dir.path(), &passphrase("p"), &mut OsRandom).unwrap();
    edit(dir.path(), |j| {
        j["version"] = 1.into();
        j.as_object_mut().unwrap().remove("recovery");
    });
    let opened = Vault::open(dir.path(), &passphrase("p")).unwrap();
    assert!(same(&made, &opened));
    opened.rotate(dir.path(), &passphrase("q"), &mut OsRandom).unwrap();
    assert!(same(&made, &Vault::open(dir.path(), &passphrase("q")).unwrap()));
}

#[test]
fn a_sealed_secret_opens_only_in_its_vault_and_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    let made =
        |folder: &Path| Vault::create(folder, &passphrase("correct horse battery"), &mut OsRandom).unwrap();
    let vault = made(folder.path());
    let sealed = vault.seal_secret(b"refresh-token", "emr:1", &mut OsRandom).unwrap();
    assert!(
        !sealed.contains("refresh")
            && sealed != vault.seal_secret(b"refresh-token", "emr:1", &mut OsRandom).unwrap()
    );
    assert_eq!(&*vault.open_secret(&sealed, "emr:1").unwrap(), b"refresh-token");
    assert!(vault.open_secret(&sealed, "emr:2").is_err());
    assert!(made(other.path()).open_secret(&sealed, "emr:1").is_err());
    for damaged in ["", ";", sealed.trim_end_matches(char::is_alphanumeric), &sealed.replace(';', "")] {
        assert!(vault.open_secret(damaged, "emr:1").is_err());
    }
}
