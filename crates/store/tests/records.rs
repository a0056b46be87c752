//! The tables through the public door: encryption, round trips, immutability, erasure, audit chain.
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
use iambilly_store::{
    AuditSubject, ClaimState, DataFolderLock, NewRevision, RecordingState, RegisteredModel, SCHEMA_VERSION,
    Store, StoreError, StoreKeys,
};
use std::fs;

fn revision(n: u128) -> (iambilly_claim::Coding, iambilly_claim::Claim, iambilly_claim::Findings, u128) {
    (coding(), claim(), findings(), n)
}

fn new_revision(
    parts: &(iambilly_claim::Coding, iambilly_claim::Claim, iambilly_claim::Findings, u128),
) -> NewRevision<'_> {
    NewRevision {
        id: revision_id(parts.3),
        coding: &parts.0,
        claim: &parts.1,
        findings: &parts.2,
        transcript: Some(transcript_id(1)),
        drafted_by: "pipeline",
        now: at(9),
    }
}

/// A dictation with a transcript and a claim.
fn with_claim(store: &Store) {
    store
        .write(|r| {
            r.insert_dictation(&dictation(1))?;
            r.add_transcript(transcript_id(1), dictation_id(1), &transcript(), at(1))?;
            r.insert_claim(claim_id(1), dictation_id(1), &new_revision(&revision(1)))?;
            r.append_audit("pipeline", "claim.drafted", &claim_id(1).to_string(), at(2))
        })
        .unwrap();
}

#[test]
fn the_file_shows_nothing_and_opens_only_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    with_claim(&store);
    for name in ["records.db", "records.db-wal"] {
        let bytes = fs::read(dir.path().join(name)).unwrap();
        assert!(!bytes.is_empty(), "{name}");
        for secret in ["Exampleby", "Laminectomy", "SQLite format", "dictations"] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{secret} is readable in {name}");
        }
    }
    #[cfg(unix)]
    for name in ["records.db", "records.db-wal", "records.db-shm"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is readable by others");
    }
    drop(store);
    let path = dir.path().join("records.db");
    let before = fs::read(&path).unwrap();
    let wrong = Store::open(&path, StoreKeys { database: &[43; 32], ..KEYS }).unwrap_err();
    assert!(matches!(wrong, StoreError::WrongKey));
    assert_eq!(wrong.fault().code, "wrong_key");
    assert_eq!(fs::read(&path).unwrap(), before);
    open(dir.path()).read(|r| r.dictation(dictation_id(1))).unwrap().unwrap();
    fs::write(&path, b"this is not a database at all, but a text").unwrap();
    assert!(matches!(Store::open(&path, KEYS), Err(StoreError::WrongKey)));
}

#[test]
fn full_text_vectors_and_encryption_work_in_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let (cipher, vectors) = open(dir.path()).versions().unwrap();
    assert!(cipher.starts_with("4.") && vectors.starts_with('v'), "{cipher} {vectors}");
    // The tables of the payer library come later; here their engines, on a connection like the store's.
    let db = rusqlite::Connection::open(dir.path().join("search.db")).unwrap();
    db.execute_batch(
        "PRAGMA key = \"x'2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a'\";
         PRAGMA journal_mode = WAL;
         CREATE VIRTUAL TABLE passages USING fts5 (text);
         INSERT INTO passages VALUES ('fusion needs six weeks of conservative care'), ('imaging within a year');
         CREATE VIRTUAL TABLE embeddings USING vec0 (v float[3]);
         INSERT INTO embeddings (rowid, v) VALUES (1, '[1, 0, 0]'), (2, '[0, 1, 0]');",
    )
    .unwrap();
    let hit: i64 = db
        .query_row("SELECT rowid FROM passages WHERE passages MATCH 'imaging' ORDER BY rank", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(hit, 2);
    let nearest: i64 = db
        .query_row("SELECT rowid FROM embeddings WHERE v MATCH '[0.1, 0.9, 0]' AND k = 1", [], |r| r.get(0))
        .unwrap();
    assert_eq!(nearest, 2);
    drop(db);
    let bytes = fs::read(dir.path().join("search.db")).unwrap();
    assert!(!bytes.windows(7).any(|w| w == b"imaging"));
}

#[test]
fn rows_come_back_as_they_went_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    with_claim(&store);
    let mut spoken = dictation(2);
    spoken.kind = iambilly_store::DictationKind::Audio;
    spoken.recording = Some(recording_id(5));
    (spoken.note_text, spoken.patient, spoken.provider) = (None, None, None);
    spoken.speech_model = Some("tiny.en".to_owned());
    spoken.source_path = Some("/media/recorder/exampleby.wav".into());
    let model = RegisteredModel {
        id: "own".to_owned(),
        role: "speech".to_owned(),
        path: "/models/own.bin".to_owned(),
        sha256: "00".to_owned(),
        bytes: 1 << 40,
    };
    store
        .write(|r| {
            r.insert_recording(&recording(5))?;
            r.insert_dictation(&spoken)?;
            r.register_model(&model)?;
            r.set_setting("display", &serde_json::json!({"theme": "dark"}))
        })
        .unwrap();
    drop(store);
    let store = open(dir.path());
    store
        .read(|r| {
            assert_eq!(r.dictation(dictation_id(1))?, Some(dictation(1)));
            assert_eq!(r.dictation(dictation_id(2))?, Some(spoken.clone()));
            assert_eq!(r.dictation(dictation_id(3))?, None);
            let newest: Vec<_> = r.dictations(10)?.iter().map(|d| d.id).collect();
            assert_eq!(newest, [dictation_id(2), dictation_id(1)]);
            assert_eq!(r.recording(recording_id(5))?, Some(recording(5)));
            assert_eq!(r.recordings_in(RecordingState::Sealing)?.len(), 1);
            assert_eq!(r.latest_transcript(dictation_id(1))?.unwrap().transcript, transcript());
            let stored = r.revision(claim_id(1), None)?.unwrap();
            assert_eq!((stored.coding, stored.claim, stored.findings), (coding(), claim(), findings()));
            assert_eq!((stored.number, stored.transcript), (1, Some(transcript_id(1))));
            assert_eq!(r.claim_of(dictation_id(1))?.unwrap().state, ClaimState::Draft);
            let summary = r.claims(Some(ClaimState::Draft), 10)?.remove(0);
            assert_eq!((summary.name.expose().as_str(), summary.payer.as_str()), (NAME, "medicare"));
            assert!(r.claims(Some(ClaimState::Approved), 10)?.is_empty());
            assert_eq!(r.dictation_of_recording(recording_id(5))?.unwrap().id, dictation_id(2));
            assert_eq!(r.registered_models()?, std::slice::from_ref(&model));
            assert_eq!(r.setting::<serde_json::Value>("display")?.unwrap()["theme"], "dark");
            assert_eq!(r.setting::<String>("nothing")?, None);
            assert!(matches!(r.setting::<u32>("display"), Err(StoreError::Malformed { .. })));
            Ok(())
        })
        .unwrap();
    store.write(|r| r.attach_recording(dictation_id(2), recording_id(5))).unwrap();
    let sealed = store.read(|r| r.dictation(dictation_id(2))).unwrap().unwrap();
    assert_eq!((sealed.source_path, sealed.recording), (None, Some(recording_id(5))));
    store.integrity_check().unwrap();
}

#[test]
fn several_doors_may_create_and_open_it_at_once() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for n in 1..=4 {
                let dir = dir.path();
                scope.spawn(move || open(dir).write(|r| r.insert_dictation(&dictation(n))).unwrap());
            }
        });
        assert_eq!(open(dir.path()).read(|r| r.dictations(9)).unwrap().len(), 4);
    }
}

#[test]
fn debug_and_errors_keep_the_patient_to_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    with_claim(&store);
    let shown = store
        .read(|r| {
            let claim = r.revision(claim_id(1), None)?;
            Ok(format!("{:?} {:?} {:?}", r.dictation(dictation_id(1))?, claim, r.claims(None, 5)?))
        })
        .unwrap();
    assert!(!shown.contains("Exampleby") && !shown.contains("Laminectomy"), "{shown}");
    let again = store.write(|r| r.insert_dictation(&dictation(1))).unwrap_err();
    let told = format!("{again} {again:?} {}", again.fault());
    assert!(!told.contains("Exampleby"), "{told}");
}

#[test]
fn revisions_are_numbered_hashed_and_never_changed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    with_claim(&store);
    let second =
        store.write(|r| r.add_transcript(transcript_id(2), dictation_id(1), &transcript(), at(5))).unwrap();
    assert_eq!(second.transcript.revision, 2);

    let mut changed = revision(2);
    changed.0.lines[0].units = 2;
    let first_hash = store.read(|r| r.revision(claim_id(1), None)).unwrap().unwrap().content_sha256;
    let added = store.write(|r| r.add_revision(claim_id(1), 1, &new_revision(&changed))).unwrap();
    assert_eq!(added.number, 2);
    assert_ne!(added.content_sha256, first_hash);
    let late = store.write(|r| r.add_revision(claim_id(1), 1, &new_revision(&revision(3))));
    assert!(matches!(late, Err(StoreError::ClaimChanged { newest: 2 })), "someone else was faster");
    let first = store.read(|r| r.revision(claim_id(1), Some(1))).unwrap().unwrap();
    assert_eq!(first.content_sha256, first_hash);

    store.write(|r| r.move_claim(claim_id(1), ClaimState::Draft, ClaimState::Exported)).unwrap();
    let moved = store.write(|r| r.move_claim(claim_id(1), ClaimState::Draft, ClaimState::Approved));
    assert!(matches!(moved, Err(StoreError::Conflict { .. })));
    let exported = store.write(|r| r.add_revision(claim_id(1), 2, &new_revision(&revision(4))));
    assert!(matches!(exported, Err(StoreError::Conflict { .. })));
    drop(store);

    // Behind the store's back, with the key: the triggers still hold, and so does the content hash.
    let db = raw(dir.path());
    for sql in [
        "UPDATE transcripts SET json = '{}'",
        "UPDATE claim_revisions SET claim_json = '{}'",
        "UPDATE audit_events SET actor = 'nobody'",
        "DELETE FROM audit_events",
    ] {
        assert!(db.execute(sql, []).is_err(), "{sql}");
    }
    db.execute_batch(
        "DROP TRIGGER claim_revisions_are_immutable;
         UPDATE claim_revisions SET findings_json = replace(findings_json, 'clean', 'warn');",
    )
    .unwrap();
    drop(db);
    let tampered = open(dir.path()).read(|r| r.revision(claim_id(1), None));
    assert!(matches!(tampered, Err(StoreError::Corrupt)));
}

#[test]
fn a_patient_can_be_erased_and_the_audit_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    with_claim(&store);
    let mut spoken = dictation(2);
    spoken.recording = Some(recording_id(5));
    store
        .write(|r| {
            r.insert_recording(&recording(5))?;
            r.end_recording(recording_id(5), RecordingState::Sealed, 441_000, 10_000)?;
            r.insert_dictation(&spoken)
        })
        .unwrap();
    store
        .write(|r| {
            r.erase_recording(recording_id(5))?;
            r.delete_dictation(dictation_id(2))?;
            r.delete_dictation(dictation_id(1))
        })
        .unwrap();
    store
        .read(|r| {
            assert!(r.dictations(10)?.is_empty() && r.claims(None, 10)?.is_empty());
            assert!(r.transcript(transcript_id(1))?.is_none());
            let erased = r.recording(recording_id(5))?.unwrap();
            assert_eq!((erased.wrapped_key, erased.state), (None, RecordingState::Erased));
            assert!(r.verify_audit(&[])?.is_sound());
            Ok(())
        })
        .unwrap();
    let again = store.write(|r| r.end_recording(recording_id(5), RecordingState::Sealed, 1, 1));
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "an erased recording does not come back");
}

#[test]
fn a_failed_transaction_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let failed: Result<(), StoreError> = store.write(|r| {
        r.insert_dictation(&dictation(1))?;
        r.append_audit("pipeline", "dictation.added", "1", at(0))?;
        Err(StoreError::LeaseLost)
    });
    assert!(failed.is_err());
    let empty = store
        .read(|r| Ok(r.dictations(9)?.is_empty() && r.audit_events(AuditSubject::All)?.is_empty()))
        .unwrap();
    assert!(empty);
    let orphan = store.write(|r| r.add_transcript(transcript_id(1), dictation_id(7), &transcript(), at(0)));
    assert!(orphan.is_err(), "a transcript of no dictation");
}

#[test]
fn a_newer_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    raw(dir.path()).pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    let refused = Store::open(&dir.path().join("records.db"), KEYS).unwrap_err();
    assert_eq!(refused.fault().code, "database_newer");
}

#[test]
fn a_folder_has_one_worker_but_many_readers() {
    let dir = tempfile::tempdir().unwrap();
    let _lock = DataFolderLock::take(dir.path()).unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    a.write(|r| r.insert_dictation(&dictation(1))).unwrap();
    assert!(b.read(|r| r.dictation(dictation_id(1))).unwrap().is_some());
    assert_eq!(DataFolderLock::take(dir.path()).unwrap_err().fault().code, "data_folder_in_use");
}

#[test]
fn a_continued_dictation_has_its_recordings_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut spoken = dictation(3);
    spoken.recording = Some(recording_id(9));
    let ids = |store: &iambilly_store::Store| {
        let of = store.read(|r| r.recordings_of(dictation_id(3))).unwrap();
        of.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    store
        .write(|r| {
            r.insert_dictation(&dictation(4))?;
            [9, 7, 8].into_iter().try_for_each(|n| r.insert_recording(&recording(n)))?;
            r.insert_dictation(&spoken)?;
            r.continue_dictation(dictation_id(3), recording_id(7))?;
            r.continue_dictation(dictation_id(3), recording_id(8))
        })
        .unwrap();
    assert_eq!(ids(&store), [recording_id(9), recording_id(7), recording_id(8)]);
    let of = store.read(|r| r.dictation_of_recording(recording_id(8))).unwrap();
    assert_eq!(of.map(|d| d.id), Some(dictation_id(3)));
    let typed = store.write(|r| r.continue_dictation(dictation_id(4), recording_id(8)));
    assert!(matches!(typed, Err(StoreError::NotFound { .. })), "a typed note has nothing to continue");

    store.write(|r| r.keep_recognition(recording_id(7), "tiny", &vec![1, 2])).unwrap();
    store.write(|r| r.keep_recognition(recording_id(7), "tiny", &vec![3])).unwrap();
    let kept =
        |model: &'static str| store.read(|r| r.recognition::<Vec<u8>>(recording_id(7), model)).unwrap();
    assert_eq!((kept("tiny"), kept("base")), (Some(vec![3]), None));
    store.write(|r| r.erase_recording(recording_id(7))).unwrap();
    assert_eq!(kept("tiny"), None, "its words go with its key");
    assert!(store.write(|r| r.drop_continuation(recording_id(7))).unwrap());
    assert!(!store.write(|r| r.drop_continuation(recording_id(9))).unwrap(), "the first continues none");
    assert_eq!(ids(&store), [recording_id(9), recording_id(8)]);
}
