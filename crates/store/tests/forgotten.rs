//! A database that was closed leaves no key in the memory of the process, neither as bytes nor as text.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../vault/tests/memory/mod.rs"]
mod memory;

use iambilly_store::{Store, StoreKeys};
use memory::Secret;

/// Keys of this moment, in no program and on no disk.
fn drawn(salt: u8) -> Box<[u8; 32]> {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    hash.update([salt]);
    hash.update(std::process::id().to_le_bytes());
    hash.update(format!("{:?}", std::time::Instant::now()));
    Box::new(hash.finalize().into())
}

#[test]
fn a_database_that_was_closed_leaves_no_key_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("records.db");
    let (mut database, mut audit) = (drawn(1), drawn(2));
    let raw = Secret::of(&*database);
    let secrets = [("text", raw.as_hex()), ("database", raw), ("audit", Secret::of(&*audit))];
    let store = Store::open(&path, StoreKeys { database: &database, audit: &audit }).unwrap();
    // The caller's own are the caller's to wipe.
    zeroize::Zeroize::zeroize(&mut *database);
    zeroize::Zeroize::zeroize(&mut *audit);
    store.write(|r| r.append_audit("owner", "vault.unlocked", "vault", jiff::Timestamp::UNIX_EPOCH)).unwrap();
    store.look_through(true).unwrap();
    // SQLCipher keeps the database's key masked while it is open; the audit's is ours, and as it is.
    assert!(!secrets[2].1.found().is_empty(), "the search finds what is there");
    drop(store);
    let left: Vec<_> =
        secrets.iter().map(|(name, s)| (name, s.found())).filter(|(_, f)| !f.is_empty()).collect();
    assert!(left.is_empty(), "{left:#?}");
}

/// HMAC's first block is the key itself, and a thread that waits for work keeps its stack.
#[test]
fn an_event_leaves_the_audits_key_in_its_one_place() {
    let dir = tempfile::tempdir().unwrap();
    let (database, mut audit) = (drawn(3), drawn(4));
    let secret = Secret::of(&*audit);
    let keys = StoreKeys { database: &database, audit: &audit };
    let store = Store::open(&dir.path().join("records.db"), keys).unwrap();
    zeroize::Zeroize::zeroize(&mut *audit);
    let (noted, looked) = (std::sync::Barrier::new(9), std::sync::Barrier::new(9));
    let places = std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                let event = store
                    .write(|r| r.append_audit("owner", "claim.viewed", "x", jiff::Timestamp::UNIX_EPOCH));
                noted.wait();
                looked.wait();
                event.unwrap();
            });
        }
        noted.wait();
        let places = secret.found();
        looked.wait();
        places
    });
    assert_eq!(places.len(), 1, "{places:#?}");
}
