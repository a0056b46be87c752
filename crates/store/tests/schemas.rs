//! Databases of every earlier schema are upgraded with everything in them. They are made by the migrations of their
//! time, which never change once released, and filled as the programs of that time did.
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

use common::tables;
use common::*;
use iambilly_store::{AuditSubject, SCHEMA_VERSION, Store};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The SQL of each migration, in order.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect()
}

/// A dictation with a transcript, and audit events, as the first schema has them.
fn fill(db: &rusqlite::Connection, events: u64) {
    let (dictation, recording) = (dictation_id(1).to_string(), recording_id(1).to_string());
    db.execute(
        "INSERT INTO recordings VALUES (?1, '1.sealed', '00:11', 16000, 1, 16000, 1000, 'sealed', '2026-01-01T00:00:00.000Z')",
        [&recording],
    )
    .unwrap();
    db.execute(
        "INSERT INTO dictations (id, name, kind, recording_id, note_text, payer, dos, reader, created_at)
         VALUES (?1, 'Exampleby', 'audio', ?2, NULL, 'medicare', '2026-02-02', 'both', '2026-01-01T00:00:00.000Z')",
        [&dictation, &recording],
    )
    .unwrap();
    db.execute("INSERT INTO settings VALUES ('display', '{\"theme\":\"dark\"}')", []).unwrap();
    let mut previous = "0".repeat(64);
    for seq in 1..=events {
        let at = format!("2026-01-01T00:00:{seq:02}.000Z");
        let mut hash = Sha256::new();
        hash.update(seq.to_le_bytes());
        for part in [at.as_str(), "owner", "dictation.added", &dictation, &previous] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let sha256 = hex::encode(hash.finalize());
        db.execute(
            "INSERT INTO audit_events (seq, at, actor, action, subject_id, previous_sha256, sha256)
             VALUES (?1, ?2, 'owner', 'dictation.added', ?3, ?4, ?5)",
            rusqlite::params![seq as i64, at, dictation, previous, sha256],
        )
        .unwrap();
        previous = sha256;
    }
}

#[test]
fn every_earlier_schema_is_upgraded_with_what_is_in_it() {
    /// The first schema whose events are sealed.
    const SEALED: i64 = 6;
    let all = migrations();
    assert_eq!(all.len() as i64, SCHEMA_VERSION, "every file is a migration of this program");
    for schema in 1..SCHEMA_VERSION.min(SEALED) {
        let dir = tempfile::tempdir().unwrap();
        let db = raw(dir.path());
        for sql in &all[..schema as usize] {
            db.execute_batch(sql).unwrap();
        }
        db.pragma_update(None, "user_version", schema).unwrap();
        fill(&db, 3);
        drop(db);
        let store = Store::open(&dir.path().join("records.db"), KEYS).unwrap();
        store.write(|r| r.append_audit("owner", "vault.unlocked", "vault", at(0))).unwrap();
        store
            .read(|r| {
                let dictation = r.dictation(dictation_id(1))?.unwrap();
                assert_eq!(
                    (dictation.name.expose().as_str(), dictation.recording),
                    ("Exampleby", Some(recording_id(1)))
                );
                assert_eq!(r.recordings_of(dictation_id(1))?.len(), 1);
                assert_eq!(r.setting::<serde_json::Value>("display")?.unwrap()["theme"], "dark");
                assert_eq!(r.audit_events(AuditSubject::All)?.len(), 4);
                Ok(())
            })
            .unwrap();
        let verdict = store.verify_audit(&[]).unwrap();
        assert_eq!((verdict.broken, verdict.sound, verdict.unsealed), (None, 4, 3), "schema {schema}");
        store.integrity_check().unwrap();
        drop(store);
        open(dir.path());
    }
}

/// Every row of every table as text, by the columns that are there now.
fn dump(db: &rusqlite::Connection, columns: &[(String, Vec<String>)]) -> Vec<(String, Vec<String>)> {
    let rows = |table: &str, columns: &[String]| {
        let text: Vec<String> = columns.iter().map(|c| format!("quote({c})")).collect();
        let mut rows =
            db.prepare(&format!("SELECT {} FROM {table} ORDER BY 1", text.join(" || '|' || "))).unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    columns.iter().map(|(table, columns)| (table.clone(), rows(table, columns))).collect()
}

fn columns(db: &rusqlite::Connection) -> Vec<(String, Vec<String>)> {
    let of = |table: &str| {
        let mut columns = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        columns.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect::<Vec<String>>()
    };
    tables::names(db)
        .into_iter()
        .map(|table| (of(&table), table))
        .map(|(columns, table)| (table, columns))
        .collect()
}

/// A database of every released schema, with a row in each table it has: after the upgrade every row says what it said, and
/// what newer schemas derive from older rows (the queue) is there.
#[test]
fn no_row_of_any_earlier_schema_is_lost_or_changed() {
    let all = migrations();
    for schema in 1..SCHEMA_VERSION {
        let dir = tempfile::tempdir().unwrap();
        let db = raw(dir.path());
        for sql in &all[..schema as usize] {
            db.execute_batch(sql).unwrap();
        }
        db.pragma_update(None, "user_version", schema).unwrap();
        tables::fill(&db, "exampleby", 1);
        let there = columns(&db);
        let before = dump(&db, &there);
        drop(db);
        let store = Store::open(&dir.path().join("records.db"), KEYS).unwrap();
        store.integrity_check().unwrap();
        let patients = store.read(|r| r.patients_of_dictations()).unwrap();
        assert_eq!(patients.len(), 1, "schema {schema}");
        drop(store);
        let db = raw(dir.path());
        for ((table, was), (_, is)) in before.iter().zip(dump(&db, &there)) {
            assert_eq!(*was, is, "schema {schema}: {table}");
        }
        for derived in ["claim_queue", "claim_search"] {
            assert_eq!(tables::count(&db, derived), 1, "schema {schema}: {derived}");
        }
    }
}
