//! Records for the tests: our own fictional patient and note.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses its part")]

pub mod tables;

use iambilly_claim::claim::Patient;
use iambilly_claim::evidence::{Evidence, Proof};
use iambilly_claim::ids::{ClaimId, DictationId, JobId, RecordingId, RevisionId, TranscriptId};
use iambilly_claim::{Claim, CodedLine, Coding, Findings, Phi, ReadBy, Span, Transcript};
use iambilly_store::{Dictation, DictationKind, Recording, RecordingState, Store, StoreKeys};
use jiff::Timestamp;
use std::path::Path;
use uuid::Uuid;

pub const KEY: [u8; 32] = [42; 32];
pub const AUDIT_KEY: [u8; 32] = [24; 32];
pub const KEYS: StoreKeys<'_> = StoreKeys { database: &KEY, audit: &AUDIT_KEY };
pub const NAME: &str = "Exampleby, Testina";
pub const NOTE: &str = "Laminectomy at L4-L5 for stenosis in Exampleby.";

pub fn open(dir: &Path) -> Store {
    Store::open(&dir.join("records.db"), KEYS).unwrap()
}

/// The database with its key and without the store: what an insider who has the key can do.
pub fn raw(dir: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(dir.join("records.db")).unwrap();
    let hex: String = KEY.iter().map(|b| format!("{b:02x}")).collect();
    db.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"; PRAGMA foreign_keys = ON;")).unwrap();
    db
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub fn dictation_id(n: u128) -> DictationId {
    DictationId::new(Uuid::from_u128(n))
}
pub fn recording_id(n: u128) -> RecordingId {
    RecordingId::new(Uuid::from_u128(n))
}
pub fn transcript_id(n: u128) -> TranscriptId {
    TranscriptId::new(Uuid::from_u128(n))
}
pub fn claim_id(n: u128) -> ClaimId {
    ClaimId::new(Uuid::from_u128(n))
}
pub fn revision_id(n: u128) -> RevisionId {
    RevisionId::new(Uuid::from_u128(n))
}
pub fn job_id(n: u128) -> JobId {
    JobId::new(Uuid::from_u128(n))
}

pub fn recording(n: u128) -> Recording {
    Recording {
        id: recording_id(n),
        file_name: format!("{n}.sealed"),
        wrapped_key: Some("00:11".to_owned()),
        sample_rate: 44_100,
        channels: 2,
        frames: 0,
        duration_ms: 0,
        state: RecordingState::Sealing,
        created_at: at(0),
    }
}

pub fn dictation(n: u128) -> Dictation {
    Dictation {
        id: dictation_id(n),
        name: NAME.into(),
        kind: DictationKind::Note,
        source_path: None,
        recording: None,
        note_text: Some(NOTE.into()),
        payer: "medicare".to_owned(),
        dos: "2026-02-02".parse().unwrap(),
        patient: Some(Patient { last: Phi::new(Some("Exampleby".to_owned())), ..Patient::default() }),
        provider: Some(serde_json::json!({"billing_provider": {"npi": "1234567893"}})),
        speech_model: None,
        reader: "both".to_owned(),
        created_at: at(i64::try_from(n).unwrap()),
        cancelled_at: None,
    }
}

pub fn transcript() -> Transcript {
    Transcript::typed(NOTE)
}

pub fn coding() -> Coding {
    let evidence = Evidence::cut(NOTE, Span { start: 0, end: 20 }).unwrap();
    Coding {
        dos: "2026-02-02".parse().unwrap(),
        payer: "medicare".to_owned(),
        diagnoses: vec![],
        lines: vec![CodedLine {
            code: "63047".parse().unwrap(),
            units: 1,
            modifiers: vec![],
            pointers: vec!['A'],
            levels: vec!["L4-L5".parse().unwrap()],
            laterality: None,
            evidence: Proof::of(evidence),
            confidence: 0.9,
            source: ReadBy::Rules,
            why: "laminectomy".to_owned(),
        }],
        not_billed: vec![],
        queries: vec![],
        alternatives: vec![],
        made_by: None,
    }
}

pub fn claim() -> Claim {
    serde_json::from_value(serde_json::json!({
        "claim_id": "c1", "patient": {"last": "Exampleby"}, "lines": [{"number": 1, "code": "63047", "units": 1}]
    }))
    .unwrap()
}

pub fn findings() -> Findings {
    serde_json::from_value(serde_json::json!({"verdict": "clean", "findings": []})).unwrap()
}
