//! What was deleted is not in the bytes of the data folder, even for someone who has the key: every page of the
//! database and of its log is decrypted and searched.
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

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use common::*;
use std::fs;
use std::path::Path;

const PAGE: usize = 4096;
/// SQLCipher 4 keeps the page's IV (16 bytes) and HMAC-SHA-512 (64) at its end.
const RESERVED: usize = 80;

/// A page's content: AES-256-CBC under the raw key; the first page begins with the salt.
fn decrypted(page: &[u8], first: bool) -> Vec<u8> {
    let (body, reserved) = page.split_at(PAGE - RESERVED);
    let body = if first { &body[16..] } else { body };
    let iv: [u8; 16] = reserved[..16].try_into().unwrap();
    let mut cipher = cbc::Decryptor::<Aes256>::new(&KEY.into(), &iv.into());
    let mut plain = body.to_vec();
    for block in plain.chunks_exact_mut(16) {
        let mut whole: [u8; 16] = block.try_into().unwrap();
        let mut array = whole.into();
        cipher.decrypt_block(&mut array);
        whole.copy_from_slice(&array);
        block.copy_from_slice(&whole);
    }
    plain
}

/// Everything in the database file and its log, page by page.
fn pages(dir: &Path) -> Vec<Vec<u8>> {
    let database = fs::read(dir.join("records.db")).unwrap();
    let mut all: Vec<_> =
        database.chunks_exact(PAGE).enumerate().map(|(n, p)| decrypted(p, n == 0)).collect();
    let log = fs::read(dir.join("records.db-wal")).unwrap_or_default();
    for frame in log.get(32..).unwrap_or_default().chunks_exact(24 + PAGE) {
        let number = u32::from_be_bytes(frame[..4].try_into().unwrap());
        all.push(decrypted(&frame[24..], number == 1));
    }
    all
}

fn found(dir: &Path, word: &str) -> usize {
    pages(dir).iter().filter(|p| p.windows(word.len()).any(|w| w == word.as_bytes())).count()
}

#[test]
fn an_erased_dictation_is_in_no_page_of_the_database_or_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 1..=20 {
        let mut one = dictation(n);
        // Long enough to have pages of its own.
        let word = if n == 7 { "Quillfeather" } else { "somebody" };
        one.note_text = Some(format!("{word} {}", "stenosis at L4-L5 ".repeat(900)).into());
        one.name = format!("{word} {n}").into();
        store
            .write(|r| {
                r.insert_dictation(&one)?;
                r.add_transcript(
                    transcript_id(n),
                    dictation_id(n),
                    &iambilly_claim::Transcript::typed(one.note_text.as_ref().unwrap().expose()),
                    at(1),
                )
            })
            .unwrap();
    }
    assert!(found(dir.path(), "Quillfeather") > 0, "the search finds what is there");
    store.write(|r| r.delete_dictation(dictation_id(7))).unwrap();
    store.compact().unwrap();
    assert_eq!(found(dir.path(), "Quillfeather"), 0);
    assert!(found(dir.path(), "somebody") > 0, "the others are there");
    assert_eq!(fs::metadata(dir.path().join("records.db-wal")).unwrap().len(), 0);
    store.integrity_check().unwrap();
}

#[test]
fn what_an_emr_showed_of_a_patient_goes_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let connection = uuid::Uuid::from_u128(7);
    let row = |id: &str| iambilly_store::EmrPatientRow {
        remote_id: format!("remote-{id}").into(),
        json: format!(r#"{{"last":"{id}"}}"#).into(),
        seen_at: at(1),
    };
    store
        .write(|r| {
            r.keep_emr_connection(&iambilly_store::EmrConnectionRow {
                id: connection,
                name: "Somewhere".to_owned(),
                config: "{}".to_owned(),
                secrets: String::new(),
                created_at: at(1),
            })?;
            for id in ["quillfeather", "somebody"] {
                r.keep_emr_patient(connection, &row(id), &id.to_owned().into())?;
                r.link_emr_patient(
                    connection,
                    &id.to_owned().into(),
                    &format!("remote-{id}").into(),
                    "owner",
                    at(1),
                )?;
            }
            Ok(())
        })
        .unwrap();
    assert!(found(dir.path(), "quillfeather") > 0);
    store.write(|r| r.forget_emr_patient("quillfeather")).unwrap();
    store.compact().unwrap();
    assert_eq!(found(dir.path(), "quillfeather"), 0);
    assert!(found(dir.path(), "remote-somebody") > 0);
}

#[test]
fn a_copy_is_encrypted_under_the_same_key_and_has_no_deleted_rows() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store
        .write(|r| r.insert_dictation(&dictation(1)).and_then(|()| r.insert_dictation(&dictation(2))))
        .unwrap();
    store.write(|r| r.delete_dictation(dictation_id(2))).unwrap();
    let to = tempfile::tempdir().unwrap();
    store.copy_into(&to.path().join("records.db")).unwrap();
    assert!(store.copy_into(&to.path().join("records.db")).is_err(), "nothing is written over");
    let bytes = fs::read(to.path().join("records.db")).unwrap();
    assert!(!bytes.windows(6).any(|w| w == b"SQLite"));
    let copy = iambilly_store::Store::open_unanchored(&to.path().join("records.db"), KEYS).unwrap();
    copy.integrity_check().unwrap();
    assert_eq!(copy.read(|r| r.dictations(9)).unwrap(), store.read(|r| r.dictations(9)).unwrap());
}
