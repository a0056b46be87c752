//! The audit against an insider who has the database and its key, and against crashes: every tampering is found and
//! named, and no honest end of the program is taken for one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a test fails by panicking, and casts its own small numbers"
)]

mod common;

use common::*;
use iambilly_store::{AnchorBreak, AuditHead, AuditSubject, AuditVerdict, BreakKind, Store, StoreError};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

const EVENTS: i64 = 9;
const UNLOCKED: &str = "DROP TRIGGER audit_events_are_not_updated; DROP TRIGGER audit_events_are_not_deleted;
     DROP TRIGGER audit_events_follow; DROP TRIGGER audit_count_only_grows; DROP TRIGGER audit_count_is_not_deleted;
     DROP TRIGGER audit_events_are_counted;";

fn append(store: &Store, n: i64) -> AuditHead {
    store.write(|r| r.append_audit("owner", "claim.viewed", &format!("subject {n}"), at(n))).unwrap()
}

/// A folder with some events, its database in one file.
fn audited(dir: &Path) {
    let store = open(dir);
    for n in 1..=EVENTS {
        append(&store, n);
    }
    store.checkpoint().unwrap();
}

fn copy_of(dir: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for name in ["records.db", "records.anchor"] {
        fs::copy(dir.join(name), to.path().join(name)).unwrap();
    }
    to
}

fn verdict(dir: &Path) -> AuditVerdict {
    Store::open_unanchored(&dir.join("records.db"), KEYS).unwrap().verify_audit(&[]).unwrap()
}

/// What is found after an SQL script of someone who holds the key: the kind, and where.
fn found(dir: &Path, sql: &str) -> Option<(BreakKind, u64)> {
    let copy = copy_of(dir);
    raw(copy.path()).execute_batch(&format!("{UNLOCKED} {sql}")).unwrap();
    verdict(copy.path()).broken.map(|b| (b.kind, b.seq))
}

/// Moves events from `from` on by one and puts a new one there, with its own hashes right as far as one can without the
/// vault's key.
fn insert_at(dir: &Path, from: i64) -> Option<(BreakKind, u64)> {
    found(
        dir,
        &format!(
            "UPDATE audit_events SET seq = -seq WHERE seq >= {from};
             UPDATE audit_events SET seq = 1 - seq WHERE seq < 0;
             INSERT INTO audit_events SELECT {from}, at, actor, 'claim.approved', subject_id, previous_sha256, sha256, dictation_id, mac
             FROM audit_events WHERE seq = {from} + 1;
             UPDATE audit_count SET events = events + 1;"
        ),
    )
}

fn delete_and_close_up(seq: i64) -> String {
    format!(
        "DELETE FROM audit_events WHERE seq = {seq};
         UPDATE audit_events SET seq = -seq WHERE seq > {seq};
         UPDATE audit_events SET seq = -seq - 1 WHERE seq < 0;"
    )
}

fn swap(a: i64, b: i64) -> String {
    format!(
        "UPDATE audit_events SET seq = -1 WHERE seq = {a};
         UPDATE audit_events SET seq = {a} WHERE seq = {b};
         UPDATE audit_events SET seq = {b} WHERE seq = -1;"
    )
}

#[test]
fn every_kind_of_tampering_is_named_with_its_place() {
    use BreakKind as K;
    let dir = tempfile::tempdir().unwrap();
    audited(dir.path());
    assert_eq!(found(dir.path(), ""), None);
    let cases: Vec<(String, K, u64)> = vec![
        ("UPDATE audit_events SET actor = 'other' WHERE seq = 3".into(), K::Edited, 3),
        ("UPDATE audit_events SET action = 'claim.rejected' WHERE seq = 9".into(), K::Edited, 9),
        ("UPDATE audit_events SET subject_id = 'x' WHERE seq = 1".into(), K::Edited, 1),
        ("UPDATE audit_events SET dictation_id = 'x' WHERE seq = 4".into(), K::Edited, 4),
        ("UPDATE audit_events SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1".into(), K::Edited, 1),
        ("UPDATE audit_events SET sha256 = previous_sha256 WHERE seq = 5".into(), K::Edited, 5),
        ("UPDATE audit_events SET mac = NULL WHERE seq = 5".into(), K::Edited, 5),
        ("UPDATE audit_events SET mac = (SELECT mac FROM audit_events WHERE seq = 2) WHERE seq = 6".into(), K::Inserted, 6),
        ("UPDATE audit_events SET seq = 12 WHERE seq = 9".into(), K::Edited, 9),
        ("DELETE FROM audit_events WHERE seq = 2".into(), K::Deleted, 2),
        ("DELETE FROM audit_events WHERE seq IN (4, 5, 6)".into(), K::Deleted, 4),
        (delete_and_close_up(3), K::Deleted, 3),
        (swap(3, 4), K::Reordered, 3),
        (swap(2, 8), K::Reordered, 2),
        ("DELETE FROM audit_events WHERE seq >= 8".into(), K::Truncated, 8),
        ("DELETE FROM audit_events".into(), K::Truncated, 1),
        ("DELETE FROM audit_events; UPDATE audit_count SET events = 0".into(), K::RolledBack, 1),
        (
            "INSERT INTO audit_events SELECT 10, at, 'owner', 'claim.approved', subject_id, sha256, 'ff', NULL, mac
             FROM audit_events WHERE seq = 9; UPDATE audit_count SET events = 10"
                .into(),
            K::Edited,
            10,
        ),
    ];
    for (sql, kind, seq) in cases {
        assert_eq!(found(dir.path(), &sql), Some((kind, seq)), "{sql}");
    }
    assert_eq!(insert_at(dir.path(), 4), Some((K::Inserted, 4)));
}

#[test]
fn an_event_without_the_vault_s_key_is_not_one() {
    use sha2::{Digest, Sha256};
    let dir = tempfile::tempdir().unwrap();
    audited(dir.path());
    // The chain's hashes need no key: an insider can make a right link, and only the seal is missing.
    let event = open(dir.path()).read(|r| r.audit_events(AuditSubject::All)).unwrap().pop().unwrap();
    let mut hash = Sha256::new();
    hash.update(10_u64.to_le_bytes());
    for part in ["2026-01-01T00:00:00.000Z", "owner", "claim.approved", "c", "", &event.sha256] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let sql = format!(
        "INSERT INTO audit_events VALUES (10, '2026-01-01T00:00:00.000Z', 'owner', 'claim.approved', 'c', '{}', '{}', NULL, '{}');",
        event.sha256,
        hex::encode(hash.finalize()),
        event.mac.unwrap()
    );
    assert_eq!(found(dir.path(), &sql), Some((BreakKind::Inserted, 10)));
}

#[test]
fn the_table_itself_refuses_change() {
    let dir = tempfile::tempdir().unwrap();
    audited(dir.path());
    let db = raw(dir.path());
    for sql in [
        "UPDATE audit_events SET actor = 'nobody'",
        "DELETE FROM audit_events",
        "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events WHERE seq = 3",
        "REPLACE INTO audit_events SELECT * FROM audit_events WHERE seq = 9",
        "UPDATE audit_count SET events = 0",
        "DELETE FROM audit_count",
    ] {
        assert!(db.execute(sql, []).is_err(), "{sql}");
    }
    assert!(verdict(dir.path()).is_sound());
}

#[test]
fn an_older_copy_a_cut_and_a_lost_anchor_are_refused_and_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    audited(dir.path());
    let path = |name: &str| dir.path().join(name);
    let older = fs::read(path("records.db")).unwrap();
    append(&open(dir.path()), 10);
    open(dir.path()).checkpoint().unwrap();
    let newest = fs::read(path("records.db")).unwrap();
    let anchor = fs::read(path("records.anchor")).unwrap();
    let refused = || match Store::open(&path("records.db"), KEYS) {
        Err(StoreError::Anchor(found)) => Some(found),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    };
    let put = |db: &[u8], anchor: Option<&[u8]>| {
        for name in ["records.db-wal", "records.db-shm", "records.anchor"] {
            let _ = fs::remove_file(path(name));
        }
        fs::write(path("records.db"), db).unwrap();
        if let Some(bytes) = anchor {
            fs::write(path("records.anchor"), bytes).unwrap();
        }
    };
    put(&older, Some(&anchor));
    assert_eq!(refused(), Some(AnchorBreak::RolledBack));
    assert_eq!(fs::read(path("records.anchor")).unwrap(), anchor, "a refusal changes nothing");
    let said = verdict(dir.path()).broken.unwrap();
    assert_eq!((said.kind, said.seq, said.until), (BreakKind::RolledBack, 10, 10));
    put(&newest, Some(&anchor));
    assert_eq!(refused(), None, "the newer database put back is whole again");
    put(&newest, None);
    assert_eq!(refused(), Some(AnchorBreak::Missing));
    assert_eq!(verdict(dir.path()).broken.unwrap().kind, BreakKind::AnchorMissing);
    let mut forged = String::from_utf8(anchor.clone()).unwrap();
    forged = forged.replace("\"seq\":10", "\"seq\":9");
    for bytes in [forged.as_bytes(), b"", b"{}", &vec![b' '; 10_000]] {
        put(&newest, Some(bytes));
        assert_eq!(refused(), Some(AnchorBreak::Forged));
        assert_eq!(verdict(dir.path()).broken.unwrap().kind, BreakKind::AnchorForged);
    }
    put(&newest, Some(&anchor));
    raw(dir.path()).execute_batch(&format!("{UNLOCKED} DELETE FROM audit_events WHERE seq = 10")).unwrap();
    assert_eq!(refused(), Some(AnchorBreak::Truncated));
    // Emptied together with its anchor it does not pass for a new one.
    raw(dir.path()).execute_batch("DELETE FROM audit_events").unwrap();
    fs::remove_file(path("records.anchor")).unwrap();
    assert_eq!(refused(), Some(AnchorBreak::Missing));

    put(&older, Some(&anchor));
    let accepted = Store::open_unanchored(&path("records.db"), KEYS).unwrap();
    accepted.accept_audit("owner", at(20)).unwrap();
    assert!(path("records.anchor.1").exists(), "the evidence is kept");
    drop(accepted);
    assert_eq!(refused(), None);
    let said = verdict(dir.path());
    assert!(said.is_sound());
    assert_eq!((said.accepted, said.anchored), (vec![10], Some(10)));
    assert!(open(dir.path()).accept_audit("owner", at(21)).is_err(), "nothing to accept");
    // The newer database, put back after that, is another history.
    for name in ["records.db-wal", "records.db-shm"] {
        let _ = fs::remove_file(path(name));
    }
    fs::write(path("records.db"), &newest).unwrap();
    assert_eq!(refused(), Some(AnchorBreak::Rewritten));
}

#[test]
fn an_anchor_behind_is_honest_and_one_elsewhere_is_held_against_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    audited(dir.path());
    let behind = fs::read(dir.path().join("records.anchor")).unwrap();
    let store = open(dir.path());
    let head = append(&store, 10);
    let sealed = store.seal_head(&head);
    assert_eq!(store.unseal_head(sealed.as_bytes()), Some(head.clone()));
    assert_eq!(store.unseal_head(sealed.replace("10", "11").as_bytes()), None);
    drop(store);
    // Killed after the commit and before the anchor.
    fs::write(dir.path().join("records.anchor"), behind).unwrap();
    let store = open(dir.path());
    assert!(store.verify_audit(std::slice::from_ref(&head)).unwrap().is_sound());
    let mut other = head.clone();
    other.sha256 = "ff".repeat(32);
    assert_eq!(store.verify_audit(&[other]).unwrap().broken.unwrap().seq, 10);
    let ahead = AuditHead { seq: 12, ..head };
    let said = store.verify_audit(&[ahead]).unwrap().broken.unwrap();
    assert_eq!((said.kind, said.seq, said.until), (BreakKind::RolledBack, 11, 12));
}

#[test]
fn several_programs_append_and_no_anchor_runs_ahead() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for door in 0..4 {
            let dir = dir.path();
            scope.spawn(move || {
                for n in 0..15 {
                    append(&open(dir), door * 100 + n);
                }
            });
        }
    });
    let said = verdict(dir.path());
    assert!(said.is_sound());
    assert_eq!((said.sound, said.anchored), (60, Some(60)));
}

#[test]
fn events_of_earlier_schemas_are_covered_by_the_first_seal() {
    let dir = tempfile::tempdir().unwrap();
    audited(dir.path());
    // As schema 4 wrote them: no dictation, no MAC, a hash without them.
    let db = raw(dir.path());
    db.execute_batch(&format!("{UNLOCKED} DELETE FROM audit_events; UPDATE audit_count SET events = 0;"))
        .unwrap();
    let mut previous = "0".repeat(64);
    for seq in 1..=4_u64 {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        hash.update(seq.to_le_bytes());
        for part in ["2026-01-01T00:00:00.000Z", "owner", "claim.drafted", "c", &previous] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let sha256 = hex::encode(hash.finalize());
        let sql = "INSERT INTO audit_events VALUES (?1, '2026-01-01T00:00:00.000Z', 'owner', 'claim.drafted', 'c', ?2, ?3, NULL, NULL)";
        db.execute(sql, rusqlite::params![seq as i64, previous, sha256]).unwrap();
        previous = sha256;
    }
    db.execute_batch("UPDATE audit_count SET events = 4").unwrap();
    drop(db);
    fs::remove_file(dir.path().join("records.anchor")).unwrap();
    let store = open(dir.path());
    append(&store, 5);
    let said = store.verify_audit(&[]).unwrap();
    assert_eq!((said.sound, said.unsealed, said.broken), (5, 4, None));
    drop(store);
    let edited = "UPDATE audit_events SET actor = 'x' WHERE seq = 2";
    raw(dir.path()).execute_batch(edited).unwrap();
    assert_eq!(verdict(dir.path()).broken.map(|b| b.seq), Some(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Whatever one column of one event is changed to, and whatever is swapped or deleted: it is found, not later
    /// than where it was done.
    #[test]
    fn nothing_can_be_changed_unseen(seq in 1..=EVENTS, other in 1..=EVENTS, what in 0..9_usize, byte in "[a-z0-9]{1,8}") {
        let dir = tempfile::tempdir().unwrap();
        audited(dir.path());
        let column = ["at", "actor", "action", "subject_id", "dictation_id", "previous_sha256", "sha256"].get(what);
        let sql = match column {
            Some(column) => format!("UPDATE audit_events SET {column} = '{byte}' WHERE seq = {seq}"),
            None if what == 7 && seq != other => swap(seq, other),
            None => delete_and_close_up(seq),
        };
        let place = if what == 7 { seq.min(other) } else { seq };
        prop_assert_eq!(found(dir.path(), &sql).map(|f| f.1), Some(place as u64), "{}", sql);
    }
}
