//! Measures the queue: `cargo run --release -p iambilly-store --example queue_speed [CLAIMS]` fills an encrypted store
//! (100,000 claims unless told otherwise) and prints how long a page of 60 takes, from pressing to rows.
#![allow(clippy::print_stdout, clippy::cast_possible_truncation, reason = "a measuring program")]

use iambilly_claim::ids::{ClaimId, DictationId, RevisionId};
use iambilly_claim::{Claim, Coding, Findings};
use iambilly_store::{
    ClaimState, Dictation, DictationKind, NewRevision, QueueFilter, QueueQuery, QueueSort, Store, StoreKeys,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::{Duration, Instant};
use uuid::Uuid;

const KEYS: StoreKeys<'_> = StoreKeys { database: &[7; 32], audit: &[8; 32] };
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Fills the store; a claim's parts follow from its number.
fn fill(store: &Store, claims: u64) -> Result<(), Box<dyn std::error::Error>> {
    const AT_ONCE: u64 = 2000;
    let begin: Timestamp = "2024-01-02T08:00:00Z".parse()?;
    let states = [ClaimState::Draft, ClaimState::HumanReview, ClaimState::Approved, ClaimState::Rejected];
    for batch in 0..claims.div_ceil(AT_ONCE) {
        store.write(|r| {
            for n in batch * AT_ONCE..((batch + 1) * AT_ONCE).min(claims) {
                let hash = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                let payer = format!("payer-{:02}", (hash % 25) * (hash % 3) / 2);
                let days = SignedDuration::from_secs((n * 900) as i64);
                let now = begin.checked_add(days).unwrap_or(begin);
                let dos = now.checked_sub(DAY).unwrap_or(now).to_string().chars().take(10).collect::<String>();
                let lines: Vec<_> = (0..1 + hash % 6)
                    .map(|l| json!({"number": l + 1, "code": format!("{}", 22_500 + (hash + l * 7) % 900), "units": 1,
                        "charge": format!("{}.00", 400 + (hash + l) % 9000)}))
                    .collect();
                let questions: Vec<_> = (0..hash % 3)
                    .map(|_| json!({"question": "Which side?", "affects": [], "evidence": [], "risk": "denial"}))
                    .collect();
                let claim: Claim = serde_json::from_value(json!({
                    "payer": {"id": payer}, "diagnoses": ["M48.062", "M43.16"], "lines": lines,
                    "patient": {"last": format!("Exampleby{}", hash % 9000), "first": "Testina", "member_id": format!("T{n:08}")},
                    "rendering_provider": {"last": format!("Surgeon{}", hash % 12), "npi": "1234567893"}
                }))
                .unwrap_or_default();
                let coding: Result<Coding, _> = serde_json::from_value(json!({
                    "dos": dos, "payer": payer, "diagnoses": [], "lines": [], "not_billed": [], "queries": questions, "alternatives": []
                }));
                let verdict = ["clean", "clean", "warn", "block"][(hash % 4) as usize];
                let findings: Result<Findings, _> = serde_json::from_value(json!({"verdict": verdict, "findings": []}));
                let (Ok(coding), Ok(findings)) = (coding, findings) else { continue };
                let id = Uuid::from_u128(u128::from(n) + 1);
                r.insert_dictation(&Dictation {
                    id: DictationId::new(id), name: format!("dictation {n}.wav").into(), kind: DictationKind::Note,
                    source_path: None, recording: None, note_text: None, payer: payer.clone(), dos: coding.dos,
                    patient: None, provider: None, speech_model: None, reader: "rules".to_owned(), created_at: now,
                    cancelled_at: None,
                })?;
                let first = NewRevision {
                    id: RevisionId::new(id), coding: &coding, claim: &claim, findings: &findings, transcript: None,
                    drafted_by: "rules", now,
                };
                r.insert_claim(ClaimId::new(id), DictationId::new(id), &first)?;
                // Most claims of a clinic's years are exported.
                let state = states.get((hash % 20) as usize).copied().unwrap_or(ClaimState::Exported);
                if state != ClaimState::Draft {
                    r.move_claim(ClaimId::new(id), ClaimState::Draft, state)?;
                }
                if hash.is_multiple_of(30) {
                    r.assign_claim(ClaimId::new(id), "coder-1")?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let claims = std::env::args().nth(1).map_or(Ok(100_000), |n| n.parse())?;
    let dir = tempfile::tempdir()?;
    let store = Store::open(&dir.path().join("records.db"), KEYS)?;
    let begin = Instant::now();
    fill(&store, claims)?;
    println!("{claims} claims written in {:.0} s", begin.elapsed().as_secs_f64());
    let open = vec![ClaimState::Draft, ClaimState::HumanReview];
    let filters = [
        ("everything", QueueFilter::default()),
        ("open", QueueFilter { states: open.clone(), ..QueueFilter::default() }),
        (
            "open, of one payer",
            QueueFilter { states: open.clone(), payer: Some("payer-12".into()), ..QueueFilter::default() },
        ),
        ("of one physician", QueueFilter { physician: Some("Surgeon3".into()), ..QueueFilter::default() }),
        ("assigned to one coder", QueueFilter { assignee: Some("coder-1".into()), ..QueueFilter::default() }),
        (
            "served in one month",
            QueueFilter {
                from: "2024-06-01".parse().ok(),
                to: "2024-06-30".parse().ok(),
                ..QueueFilter::default()
            },
        ),
        ("a patient's name", QueueFilter { text: "exampleby4711".into(), ..QueueFilter::default() }),
        ("a word of every claim", QueueFilter { text: "testina".into(), ..QueueFilter::default() }),
        (
            "blocked, above $40,000",
            QueueFilter { risk: Some(3), charge_from: "40000.00".parse().ok(), ..QueueFilter::default() },
        ),
    ];
    let sorts = [QueueSort::Risk, QueueSort::Money, QueueSort::Age, QueueSort::Payer, QueueSort::Dos];
    for (what, filter) in filters {
        let (mut worst, mut all) = (Duration::ZERO, vec![]);
        for sort in sorts {
            let mut query = QueueQuery { filter: filter.clone(), sort, limit: 60, ..QueueQuery::default() };
            // The first pages, as one scrolls.
            for _ in 0..8 {
                let begin = Instant::now();
                let page = store.read(|r| r.queue(&query))?;
                let took = begin.elapsed();
                worst = worst.max(took);
                all.push(took);
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        all.sort_unstable();
        let median = all.get(all.len() / 2).copied().unwrap_or_default();
        let begin = Instant::now();
        let (count, _) = store.read(|r| r.queue_count(&filter))?;
        let ms = |d: Duration| d.as_secs_f64() * 1000.0;
        println!(
            "{what}: {:.1} ms a page, the slowest {:.1} ms; {count} counted in {:.1} ms",
            ms(median),
            ms(worst),
            ms(begin.elapsed())
        );
    }
    let begin = Instant::now();
    store.read(|r| r.queue_facets())?;
    println!("what can be filtered by: {:.1} ms", begin.elapsed().as_secs_f64() * 1000.0);
    Ok(())
}
