//! People's ways into a vault: each their own, none without the keyring's secret, none after they are kept out.
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
    KeySource, KeyringStore, KeyringTrouble, Opener, OsRandom, PersonRef, RecoveryWords, Vault, VaultError,
    VaultMode, VaultStatus,
};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use zeroize::Zeroizing;

#[derive(Default)]
struct MemoryKeyring {
    entries: Mutex<HashMap<String, Vec<u8>>>,
}

impl KeyringStore for MemoryKeyring {
    fn read(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringTrouble> {
        Ok(self.entries.lock().unwrap().get(account).cloned().map(Zeroizing::new))
    }
    fn write(&self, account: &str, secret: &[u8]) -> Result<(), KeyringTrouble> {
        self.entries.lock().unwrap().insert(account.to_owned(), secret.to_vec());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), KeyringTrouble> {
        self.entries.lock().unwrap().remove(account);
        Ok(())
    }
}

fn alice() -> PersonRef {
    PersonRef { id: "018f0000-0000-7000-8000-000000000001".to_owned(), name: "Alice".to_owned() }
}

fn bob() -> PersonRef {
    PersonRef { id: "018f0000-0000-7000-8000-000000000002".to_owned(), name: "bob".to_owned() }
}

fn open(
    dir: &Path,
    name: &str,
    password: &str,
    keyring: Option<&MemoryKeyring>,
) -> Result<Vault, VaultError> {
    let keyring = keyring.map(|k| k as &dyn KeyringStore);
    Vault::open(dir, &KeySource::Person { name: name.to_owned(), password: password.into(), keyring })
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
fn the_first_person_ends_the_single_owner_s_time() {
    let (dir, keyring) = (tempfile::tempdir().unwrap(), MemoryKeyring::default());
    let dir = dir.path();
    let made = Vault::create(dir, &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    let before = fs::read(dir.join("vault.json")).unwrap();
    made.let_in(dir, &alice(), &"alice's long password".into(), Some(&keyring), &mut OsRandom).unwrap();
    assert_eq!(Vault::status(dir).unwrap(), VaultStatus::Locked { mode: VaultMode::People });
    assert_eq!(code(Vault::open(dir, &KeySource::Keyring(&keyring))), "wrong_key_source");
    assert_eq!(Vault::people(dir).unwrap(), [alice()]);

    let opened = open(dir, " ALICE ", "alice's long password", Some(&keyring)).unwrap();
    assert_eq!(opened.database_key().expose(), made.database_key().expose());
    assert_eq!(*opened.opened_by(), Opener::Person { id: alice().id, stale: false });
    let table = [("alice", "alice's long passwore"), ("bob", "alice's long password"), ("alice", "")];
    for (name, password) in table {
        let found = code(open(dir, name, password, Some(&keyring)));
        assert!(["wrong_sign_in", "passphrase_empty"].contains(&found.as_str()), "{name}: {found}");
    }
    // A copy of the vault file of before opens nothing: the keyring's old entry is gone.
    fs::write(dir.join("vault.json"), before).unwrap();
    assert_eq!(code(Vault::open(dir, &KeySource::Keyring(&keyring))), "keyring_entry_missing");
}

#[test]
fn neither_the_password_nor_the_keyring_opens_alone() {
    let (dir, keyring) = (tempfile::tempdir().unwrap(), MemoryKeyring::default());
    let dir = dir.path();
    let made = Vault::create(dir, &KeySource::Passphrase("one two three".into()), &mut OsRandom).unwrap();
    made.let_in(dir, &alice(), &"alice's long password".into(), Some(&keyring), &mut OsRandom).unwrap();
    assert_eq!(code(open(dir, "alice", "alice's long password", None)), "keyring_unavailable");
    assert_eq!(
        code(open(dir, "alice", "alice's long password", Some(&MemoryKeyring::default()))),
        "keyring_entry_missing"
    );
    // Another machine's secret under the same account.
    let other = MemoryKeyring::default();
    for account in keyring.entries.lock().unwrap().keys() {
        other.write(account, &[7; 32]).unwrap();
    }
    assert_eq!(code(open(dir, "alice", "alice's long password", Some(&other))), "wrong_sign_in");
    assert!(open(dir, "alice", "alice's long password", Some(&keyring)).is_ok());
    // Without a keyring the password is all there is.
    let plain = tempfile::tempdir().unwrap();
    let made =
        Vault::create(plain.path(), &KeySource::Passphrase("one two three".into()), &mut OsRandom).unwrap();
    made.let_in(plain.path(), &alice(), &"alice's long password".into(), None, &mut OsRandom).unwrap();
    assert!(open(plain.path(), "alice", "alice's long password", Some(&keyring)).is_ok());
}

#[test]
fn who_is_kept_out_opens_nothing_and_the_others_notice_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let made = Vault::create(dir, &KeySource::Passphrase("one two three".into()), &mut OsRandom).unwrap();
    let kit = RecoveryWords::draw(&mut OsRandom).unwrap();
    made.keep_kit(dir, &kit, &mut OsRandom).unwrap();
    made.let_in(dir, &alice(), &"alice's long password".into(), None, &mut OsRandom).unwrap();
    assert_eq!(made.keep_out(dir, &alice().id, &mut OsRandom).unwrap_err().fault().code, "nobody_left");
    made.let_in(dir, &bob(), &"bob's other password".into(), None, &mut OsRandom).unwrap();
    let signed_in = open(dir, "alice", "alice's long password", None).unwrap();
    signed_in.rotate_for_people(dir, &mut OsRandom).unwrap();
    assert!(open(dir, "bob", "bob's other password", None).is_ok(), "after a rotation by alice");
    signed_in.keep_out(dir, &bob().id, &mut OsRandom).unwrap();
    assert_eq!(code(open(dir, "bob", "bob's other password", None)), "wrong_sign_in");
    // A new password for alice, by whoever has the vault open.
    made.let_in(dir, &alice(), &"a second password".into(), None, &mut OsRandom).unwrap();
    assert_eq!(code(open(dir, "alice", "alice's long password", None)), "wrong_sign_in");
    let again = open(dir, "alice", "a second password", None).unwrap();
    assert_eq!(again.audit_key().unwrap().expose(), made.audit_key().unwrap().expose());
    let by_kit = Vault::open(dir, &KeySource::Kit(kit)).unwrap();
    assert_eq!(*by_kit.opened_by(), Opener::Kit);
}

#[test]
fn costs_of_another_time_still_open_and_say_that_they_are_old() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let made = Vault::create(dir, &KeySource::Passphrase("one two three".into()), &mut OsRandom).unwrap();
    made.let_in(dir, &alice(), &"alice's long password".into(), None, &mut OsRandom).unwrap();
    edit(dir, |json| json["people"][0]["argon2id"]["passes"] = 1.into());
    assert_eq!(
        code(open(dir, "alice", "alice's long password", None)),
        "wrong_sign_in",
        "other costs, another key"
    );
    // A file that asks for absurd costs is damaged, not obeyed.
    edit(dir, |json| json["people"][0]["argon2id"]["memory_kib"] = u32::MAX.into());
    assert_eq!(code(open(dir, "alice", "alice's long password", None)), "vault_corrupt");
}

#[test]
fn a_person_s_part_that_was_changed_or_swapped_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let made = Vault::create(dir, &KeySource::Passphrase("one two three".into()), &mut OsRandom).unwrap();
    made.let_in(dir, &alice(), &"alice's long password".into(), None, &mut OsRandom).unwrap();
    made.let_in(dir, &bob(), &"bob's other password".into(), None, &mut OsRandom).unwrap();
    let sound = fs::read(dir.join("vault.json")).unwrap();
    // Bob takes alice's id, to act as her.
    edit(dir, |json| json["people"][1]["id"] = json["people"][0]["id"].clone());
    assert_eq!(code(open(dir, "bob", "bob's other password", None)), "wrong_sign_in");
    fs::write(dir.join("vault.json"), &sound).unwrap();
    edit(dir, |json| json["people"][1]["master"] = json["people"][0]["master"].clone());
    assert_eq!(code(open(dir, "bob", "bob's other password", None)), "vault_corrupt");
    fs::write(dir.join("vault.json"), &sound).unwrap();
    edit(dir, |json| json["people"][1]["escrow"] = json["people"][0]["escrow"].clone());
    assert!(open(dir, "bob", "bob's other password", None).is_ok(), "the escrow is for rotations");
    let error = made.rotate_for_people(dir, &mut OsRandom).unwrap_err();
    assert_eq!(error.fault().code, "vault_corrupt");
}

#[test]
fn letting_people_in_is_done_or_not_done_wherever_the_randomness_ends() {
    /// Randomness that ends after so many calls, as a program may.
    struct Ends(u32);
    impl iambilly_vault::Randomness for Ends {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), VaultError> {
            self.0 = self.0.checked_sub(1).ok_or(VaultError::NoRandomness)?;
            OsRandom.fill(bytes)
        }
    }
    let (dir, keyring) = (tempfile::tempdir().unwrap(), MemoryKeyring::default());
    let dir = dir.path();
    let made = Vault::create(dir, &KeySource::Keyring(&keyring), &mut OsRandom).unwrap();
    let mut done = false;
    for calls in 0..20 {
        let result =
            made.let_in(dir, &alice(), &"alice's long password".into(), Some(&keyring), &mut Ends(calls));
        let as_owner = Vault::open(dir, &KeySource::Keyring(&keyring)).is_ok();
        let as_alice = open(dir, "alice", "alice's long password", Some(&keyring)).is_ok();
        assert_eq!((as_owner, as_alice), (result.is_err(), result.is_ok()), "after {calls} calls");
        done = result.is_ok();
        if done {
            break;
        }
    }
    assert!(done);
}
