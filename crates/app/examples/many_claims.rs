//! Fills a data folder with claims, to measure the window by: `cargo run --release -p iambilly-app --example many_claims --
//! DATA_DIR CLAIMS`. The folder is one that a vault was made in; its passphrase is in `IAMBILLY_PASSPHRASE`.
#![allow(clippy::print_stdout, reason = "a measuring program")]

use iambilly_claim::ids::{ClaimId, DictationId, RevisionId, TranscriptId};
use iambilly_claim::{Claim, Coding, Findings, Transcript};
use iambilly_store::{ClaimState, Dictation, DictationKind, NewRevision, Store, StoreKeys};
use iambilly_vault::{KeySource, Vault};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;
use std::path::PathBuf;
use uuid::Uuid;

const AT_ONCE: u64 = 2000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut given = std::env::args().skip(1);
    let dir = PathBuf::from(given.next().ok_or("which data folder?")?);
    let claims: u64 = given.next().ok_or("how many claims?")?.parse()?;
    let passphrase = SecretString::from(std::env::var("IAMBILLY_PASSPHRASE")?);
    let vault = Vault::open(&dir, &KeySource::Passphrase(passphrase))?;
    let audit = vault.audit_key()?;
    let keys = StoreKeys { database: vault.database_key().expose(), audit: audit.expose() };
    let store = Store::open(&dir.join("iambilly.db"), keys)?;
    let begin: Timestamp = "2024-01-02T08:00:00Z".parse()?;
    let states = [ClaimState::Draft, ClaimState::HumanReview, ClaimState::Approved, ClaimState::Rejected];
    for batch in 0..claims.div_ceil(AT_ONCE) {
        store.write(|r| {
            for n in batch * AT_ONCE..((batch + 1) * AT_ONCE).min(claims) {
                let hash = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                let payer = format!("payer-{:02}", hash % 25);
                let now = begin.checked_add(SignedDuration::from_mins(i64::try_from(n).unwrap_or(0) * 9)).unwrap_or(begin);
                let dos = now.to_string().chars().take(10).collect::<String>();
                let claim: Claim = serde_json::from_value(json!({
                    "payer": {"id": payer}, "diagnoses": ["M48.062"],
                    "lines": [{"number": 1, "code": "22633", "units": 1, "charge": format!("{}.00", 400 + hash % 9000)}],
                    "patient": {"last": format!("Exampleby{}", hash % 9000), "first": "Testina"},
                    "rendering_provider": {"last": format!("Surgeon{}", hash % 12), "npi": "1234567893"}
                }))
                .unwrap_or_default();
                let coding: Result<Coding, _> = serde_json::from_value(json!({
                    "dos": dos, "payer": payer, "diagnoses": [], "lines": [], "not_billed": [], "queries": [], "alternatives": []
                }));
                let findings: Result<Findings, _> =
                    serde_json::from_value(json!({"verdict": "clean", "findings": []}));
                let (Ok(coding), Ok(findings)) = (coding, findings) else { continue };
                let id = Uuid::from_u128(u128::from(n) + 1);
                r.insert_dictation(&Dictation {
                    id: DictationId::new(id),
                    name: format!("dictation {n}.wav").into(),
                    kind: DictationKind::Note,
                    source_path: None,
                    recording: None,
                    note_text: None,
                    payer: payer.clone(),
                    dos: coding.dos,
                    patient: Some(claim.patient.clone()),
                    provider: None,
                    speech_model: None,
                    reader: "rules".to_owned(),
                    created_at: now,
                    cancelled_at: None,
                })?;
                let text = r.add_transcript(
                    TranscriptId::new(id),
                    DictationId::new(id),
                    &Transcript::typed("Measured."),
                    now,
                )?;
                let first = NewRevision {
                    id: RevisionId::new(id),
                    coding: &coding,
                    claim: &claim,
                    findings: &findings,
                    transcript: Some(text.id),
                    drafted_by: "rules",
                    now,
                };
                r.insert_claim(ClaimId::new(id), DictationId::new(id), &first)?;
                let state = usize::try_from(hash % 20).ok().and_then(|at| states.get(at)).copied();
                let state = state.unwrap_or(ClaimState::Exported);
                if state != ClaimState::Draft {
                    r.move_claim(ClaimId::new(id), ClaimState::Draft, state)?;
                }
            }
            Ok(())
        })?;
    }
    println!("{claims} claims");
    Ok(())
}
