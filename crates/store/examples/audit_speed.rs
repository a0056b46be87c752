//! Measures the audit: `cargo run --release -p iambilly-store --example audit_speed [EVENTS]` appends events (a million
//! unless told) and prints the time to verify them all.
#![allow(clippy::print_stdout, reason = "a measuring program")]

use iambilly_store::{Store, StoreKeys};
use jiff::Timestamp;
use std::time::Instant;

const KEYS: StoreKeys<'_> = StoreKeys { database: &[7; 32], audit: &[8; 32] };
/// Appended in one transaction: what is measured is the check, not the disk.
const BATCH: u64 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let events: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("records.db");
    let store = Store::open(&path, KEYS)?;
    let begin = Instant::now();
    for batch in 0..events.div_ceil(BATCH) {
        store.write(|r| {
            (0..BATCH.min(events - batch * BATCH)).try_for_each(|n| {
                let id = format!("0199c0de-0000-7000-8000-{:012}", batch * BATCH + n);
                r.append_audit("owner", "claim.viewed", &id, Timestamp::UNIX_EPOCH).map(drop)
            })
        })?;
    }
    println!("{events} events appended in {:.1} s", begin.elapsed().as_secs_f64());
    let begin = Instant::now();
    let verdict = store.verify_audit(&[])?;
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{} verified in {seconds:.2} s, sound: {}, {} bytes",
        verdict.sound,
        verdict.is_sound(),
        path.metadata()?.len()
    );
    Ok(())
}
