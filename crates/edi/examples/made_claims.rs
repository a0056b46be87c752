//! Writes generated claims as 837P files for other programs to judge:
//! `cargo run --release -p iambilly-edi --example made_claims -- DIR COUNT`.
//! One file a claim, and `all.837` with all of them.
#![allow(clippy::print_stdout, reason = "an example")]

#[path = "../tests/made/mod.rs"]
mod made;

use iambilly_edi::professional::write_batch;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: made_claims DIR COUNT")?);
    let count: u64 = arguments.next().ok_or("usage: made_claims DIR COUNT")?.parse()?;
    std::fs::create_dir_all(&folder)?;
    let mut all = vec![];
    for seed in 0..count {
        let claim = made::built(seed);
        all.push(claim.clone());
        let bytes = write_batch(&made::batch(u32::try_from(seed)? + 1, vec![claim]))?;
        std::fs::write(folder.join(format!("{seed:04}.837")), bytes)?;
    }
    std::fs::write(folder.join("all.837"), write_batch(&made::batch(999, all))?)?;
    println!("{count} claims");
    Ok(())
}
