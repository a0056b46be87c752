//! The store against a killed process and a full disk: all of a transaction or nothing, and always openable.
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
use iambilly_store::{AuditSubject, Store, StoreError};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

const DIR: &str = "IAMBILLY_TEST_KILL_DIR";

/// The process that gets killed: writes pairs (a dictation and its audit event) as fast as it can.
#[test]
fn inner() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let store = open(std::path::Path::new(&dir));
    let first = store.read(|r| r.audit_head()).unwrap().seq;
    println!("ready");
    for n in first + 1.. {
        store
            .write(|r| {
                r.insert_dictation(&dictation(u128::from(n)))?;
                let id = dictation_id(u128::from(n)).to_string();
                r.append_audit("pipeline", "dictation.added", &id, at(0))
            })
            .unwrap();
        println!("{n}");
    }
}

#[test]
fn a_killed_process_leaves_whole_transactions() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let mut least = 0_u64;
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "inner", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The line before may share its line with the test's own name.
        while !lines.next().unwrap().unwrap().ends_with("ready") {}
        std::thread::sleep(Duration::from_millis(20 + round * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = lines.map_while(Result::ok).filter_map(|l| l.parse::<u64>().ok()).last().unwrap_or(least);
        let store = open(dir.path());
        store.integrity_check().unwrap();
        let (events, dictations, verdict) = store
            .read(|r| {
                Ok((
                    r.audit_events(AuditSubject::All)?.len() as u64,
                    r.dictations(u32::MAX)?.len() as u64,
                    r.verify_audit(&[])?,
                ))
            })
            .unwrap();
        assert_eq!(events, dictations, "half a transaction");
        assert!(verdict.is_sound());
        assert!(events >= told, "what was committed is there: {events} of {told}");
        least = events;
    }
    assert!(least > 20, "the process did some work: {least}");
}

#[test]
fn a_full_disk_is_a_fault_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.write(|r| r.insert_dictation(&dictation(1))).unwrap();
    store.limit_pages(60).unwrap();
    let mut stored = 1_u128;
    let error = loop {
        assert!(stored < 10_000, "the limit does not hold");
        let mut big = dictation(stored + 1);
        big.note_text = Some("word ".repeat(500).into());
        match store.write(|r| r.insert_dictation(&big)) {
            Ok(()) => stored += 1,
            Err(e) => break e,
        }
    };
    assert!(matches!(error, StoreError::DiskFull), "{error}");
    assert_eq!(error.fault().code, "disk_full");
    store.integrity_check().unwrap();
    assert_eq!(store.read(|r| r.dictations(u32::MAX)).unwrap().len() as u128, stored);
    store.limit_pages(10_000).unwrap();
    store.write(|r| r.insert_dictation(&dictation(stored + 1))).unwrap();
    drop(store);
    assert_eq!(open(dir.path()).read(|r| r.dictations(u32::MAX)).unwrap().len() as u128, stored + 1);
}

#[test]
fn a_damaged_page_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 1..50 {
        store.write(|r| r.insert_dictation(&dictation(n))).unwrap();
    }
    store.checkpoint().unwrap();
    drop(store);
    let path = dir.path().join("records.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() - 4096 * 2 + 100;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let found = Store::open(&path, KEYS).and_then(|s| s.integrity_check());
    assert!(found.is_err(), "a flipped bit in a page");
}
