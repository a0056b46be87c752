//! Measures the store: `cargo run --release -p iambilly-store --example speed` prints the time to open an
//! existing database and durable transactions a second (one row and its audit event each).
#![allow(clippy::print_stdout, reason = "a measuring program")]

use iambilly_store::{Store, StoreError, StoreKeys};
use jiff::Timestamp;
use std::time::Instant;

const KEYS: StoreKeys<'_> = StoreKeys { database: &[7; 32], audit: &[8; 32] };

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const WRITES: u32 = 500;
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("records.db");
    let store = Store::open(&path, KEYS)?;
    let begin = Instant::now();
    for n in 0..WRITES {
        store.write(|r| {
            r.set_setting(&n.to_string(), &n)?;
            r.append_audit("owner", "setting.changed", &n.to_string(), Timestamp::UNIX_EPOCH)
        })?;
    }
    println!("{:.0} durable transactions a second", f64::from(WRITES) / begin.elapsed().as_secs_f64());
    let begin = Instant::now();
    let sound = store.verify_audit(&[])?.sound;
    println!("{sound} audit events verified in {:.1} ms", begin.elapsed().as_secs_f64() * 1000.0);
    drop(store);
    let begin = Instant::now();
    let store = Store::open(&path, KEYS)?;
    store.read(|r| r.setting::<u32>("1")).and_then(|s| s.ok_or(StoreError::NotFound { what: "setting" }))?;
    println!("opened and read in {:.1} ms", begin.elapsed().as_secs_f64() * 1000.0);
    println!("SQLCipher and sqlite-vec: {:?}", store.versions()?);
    Ok(())
}
