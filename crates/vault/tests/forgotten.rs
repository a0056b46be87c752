//! A vault that was dropped leaves no key and no passphrase in the memory of the process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod memory;

use iambilly_vault::{KeySource, OsRandom, Vault};
use memory::Secret;

/// Not in one piece in this program, so that only what was typed is found.
fn passphrase() -> String {
    ["sorrel ", "anvil ", "tundra ", "quartzite"].concat()
}

fn source() -> KeySource<'static> {
    KeySource::Passphrase(passphrase().into())
}

fn left(secrets: &[(&'static str, Secret)]) -> Vec<(&'static str, Vec<String>)> {
    let found = secrets.iter().map(|(name, secret)| (*name, secret.found()));
    found.filter(|(_, places)| !places.is_empty()).collect()
}

#[test]
fn a_vault_that_was_dropped_leaves_nothing_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    drop(Vault::create(dir.path(), &source(), &mut OsRandom).unwrap());
    let vault = Vault::open(dir.path(), &source()).unwrap();
    let (recording, wrapped) = vault.wrap_new_key("a recording", &mut OsRandom).unwrap();
    let secrets = vec![
        ("the database's key", Secret::of(vault.database_key().expose())),
        ("the audit's key", Secret::of(vault.audit_key().unwrap().expose())),
        ("the key of signatures", Secret::of(vault.signing_seed().unwrap().expose())),
        ("a recording's key", Secret::of(recording.expose())),
        ("the passphrase", Secret::of(passphrase().as_bytes())),
    ];
    let open: Vec<_> = left(&secrets).into_iter().map(|(name, _)| name).collect();
    assert!(open.contains(&"the database's key") && open.contains(&"a recording's key"), "{open:?}");
    drop(vault.unwrap_key(&wrapped, "a recording").unwrap());
    drop((recording, vault));
    assert!(left(&secrets).is_empty(), "{:#?}", left(&secrets));
}
