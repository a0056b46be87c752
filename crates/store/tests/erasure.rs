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
use common::tables::{self, Fate::Goes, Fate::Stays, TABLES, count, is_shadow};
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
fn every_table_is_listed_with_what_becomes_of_a_patient_in_it() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let db = raw(dir.path());
    let mut names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let listed = |name: &String| TABLES.iter().any(|(table, _)| table == name);
    let unlisted: Vec<_> = names.iter().filter(|n| !is_shadow(n) && !listed(n)).collect();
    assert!(unlisted.is_empty(), "enter them above: does the erasure of a patient reach them? {unlisted:?}");
    for (table, _) in TABLES {
        assert!(names.iter().any(|n| n == table), "{table} is no table any more");
    }
}

#[test]
fn an_erased_patient_is_in_no_table_no_index_and_no_page() {
    const WHO: &str = "quillfeather";
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let db = raw(dir.path());
    tables::fill(&db, "somebody", 1);
    let others: Vec<i64> =
        TABLES.iter().map(|(t, f)| if matches!(f, Goes(_)) { count(&db, t) } else { 0 }).collect();
    assert!(others.iter().zip(TABLES).all(|(n, (_, f))| matches!(f, Stays) || *n == 1), "{others:?}");
    tables::fill(&db, WHO, 2);
    drop(db);
    assert!(found(dir.path(), WHO) > 0);

    let store = open(dir.path());
    let dictation = dictation_id(0x2);
    store
        .write(|r| {
            let named = r.patients_of_dictations()?;
            let theirs: Vec<_> =
                named.iter().filter(|(_, p)| p.id.expose().as_deref() == Some(WHO)).collect();
            assert_eq!((named.len(), theirs.len(), theirs[0].0), (2, 1, dictation));
            assert!(!r.waits_with_others(&[dictation])?, "each file holds one claim");
            let records = r.patients_known_as("chart", &WHO.to_owned().into())?;
            assert_eq!(records.len(), 1);
            r.remove_setting("part:2")?;
            r.forget_emr_patient(WHO)?;
            r.forget_planned_patient(WHO)?;
            r.forget_typed(&[WHO.to_owned().into()])?;
            r.erase_patients(&records.iter().map(|m| m.id).collect::<Vec<_>>())?;
            r.delete_dictation(dictation)
        })
        .unwrap();
    // The recording's own step is tried where its key is destroyed; its row stays with the id.
    let db = raw(dir.path());
    db.execute("DELETE FROM recognitions WHERE recording_id = 'r2'", []).unwrap();
    drop(db);
    store.compact().unwrap();
    assert_eq!(found(dir.path(), WHO), 0, "in a page");
    drop(store);
    let db = raw(dir.path());
    for ((table, fate), before) in TABLES.iter().zip(others) {
        if matches!(fate, Goes(_)) {
            // A recording's row stays with its id, a file's with its number and no content.
            let left = i64::from(["recordings", "interchanges"].contains(table));
            assert_eq!(count(&db, table), before + left, "{table}");
        }
    }
    let left: (i64, i64) = db
        .query_row("SELECT sum(length(body)), max(control) FROM interchanges", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(left, ("somebody".len() as i64, 2), "its control number is not given again");
}

#[test]
fn a_family_of_merged_records_goes_whole_and_no_other_kind_goes() {
    use iambilly_store::{MasterContent, MasterKind};
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let id = |n: u128| iambilly_claim::ids::MasterId::new(uuid::Uuid::from_u128(n));
    let content = |chart: &str| MasterContent {
        label: "Quillfeather".to_owned().into(),
        data: serde_json::json!({"id": chart}).into(),
        words: format!("quillfeather {chart}").into(),
        identifiers: vec![("chart", chart.to_owned().into())],
    };
    store
        .write(|r| {
            for n in 1..=4 {
                r.insert_master(id(n), MasterKind::Patient, &content(&format!("p{n}")), at(0))?;
            }
            r.insert_master(id(9), MasterKind::Provider, &content("p1"), at(0))?;
            r.merge_master(id(1), id(2), at(1))?;
            r.merge_master(id(2), id(3), at(1))
        })
        .unwrap();
    let family = |n| store.read(|r| r.patient_and_doubles(id(n))).unwrap().len();
    assert_eq!((family(1), family(2), family(3), family(4), family(9)), (3, 3, 3, 1, 0));
    assert_eq!(store.read(|r| r.patients_known_as("chart", &"p1".to_owned().into())).unwrap().len(), 3);
    let alone = store.write(|r| r.erase_patients(&[id(3)]));
    assert!(alone.is_err(), "what others were merged into does not go alone");
    assert!(store.write(|r| r.erase_patients(&[id(9)])).is_err(), "a provider stays");
    store.write(|r| r.erase_patients(&[id(3), id(1), id(2)])).unwrap();
    assert_eq!((family(1), family(4)), (0, 1));
    assert!(store.read(|r| r.master(id(9))).unwrap().is_some());
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
