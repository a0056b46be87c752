//! How fast claims leave and a remittance is read: `cargo run --release -p iambilly-edi --example exchange_speed -- DIR`.
//! Writes `small.835` (5 MB) with our time for it in `ours`, `claims.837` (10,000 claims) and `remittance.835` (100 MB) into DIR, for other programs to read as well.
#![allow(clippy::print_stdout, reason = "an example")]

#[path = "../tests/made/mod.rs"]
mod made;

use iambilly_edi::EdiError;
use iambilly_edi::answers::{RemittanceEvent, read_835};
use iambilly_edi::professional::{professional_claim, read_batch, write_batch};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::time::Instant;

const CLAIMS: u64 = 10_000;
const REMITTANCE: usize = 100_000_000;
const SMALL: usize = 5_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: exchange_speed DIR")?);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("remittance.835");
    let small = folder.join("small.835");
    let (_, segments) = remittance(&small, SMALL)?;
    let from = Instant::now();
    read_835(BufReader::new(File::open(&small)?), |_| Ok::<(), EdiError>(()))?;
    std::fs::write(folder.join("ours"), format!("{segments} {}", from.elapsed().as_millis()))?;
    let (decided, _) = remittance(&path, REMITTANCE)?;
    let (from, mut claims) = (Instant::now(), 0);
    read_835(BufReader::new(File::open(&path)?), |event| {
        claims += usize::from(matches!(event, RemittanceEvent::Claim(_)));
        Ok::<(), EdiError>(())
    })?;
    assert!(claims == decided, "every claim was read");
    println!(
        "835 of {} MB, {claims} claims: {} ms, peak memory {}",
        path.metadata()?.len() / 1_000_000,
        from.elapsed().as_millis(),
        peak()
    );

    let written: Vec<_> = (0..CLAIMS).map(made::claim).collect();
    let payers = made::payers();
    let from = Instant::now();
    let built: Result<Vec<_>, EdiError> =
        written.iter().enumerate().map(|(n, c)| professional_claim(c, &format!("PCN{n}"), &payers)).collect();
    let bytes = write_batch(&made::batch(1, built?))?;
    println!("{CLAIMS} claims to 837P ({} MB): {} ms", bytes.len() / 1_000_000, from.elapsed().as_millis());
    let from = Instant::now();
    let back = read_batch(bytes.as_slice())?.claims.len();
    println!("{back} claims back from it: {} ms", from.elapsed().as_millis());
    std::fs::write(folder.join("claims.837"), bytes)?;
    Ok(())
}

/// Writes an 835 of the size and tells how many claims and segments it has.
fn remittance(path: &PathBuf, size: usize) -> std::io::Result<(usize, usize)> {
    let mut out = BufWriter::new(File::create(path)?);
    let head = "ISA*00*          *00*          *ZZ*RCV999         *ZZ*SUB123         *261123*0930*^*00501*000000009*0*T*:~\
                GS*HP*RCV999*SUB123*20261123*0930*9*X*005010X221A1~ST*835*0001~BPR*I*0*C*CHK************20261201~TRN*1*T*1~\
                N1*PR*PAYER~LX*1~";
    out.write_all(head.as_bytes())?;
    let (mut bytes, mut segments, mut claims) = (head.len(), 5_usize, 0_usize);
    while bytes < size {
        let claim = format!(
            "CLP*PCN{claims}*1*3000*0*99.5*MB*ICN{claims}*21*1~NM1*QC*1*EXAMPLEBY*ADA****MI*MBR{claims}~SVC*HC:22633:62*2000*0**1~\
             DTM*472*20260202~CAS*CO*45*1900.5~CAS*PR*2*99.5~REF*6R*1~SVC*HC:22842*1000*0**1~DTM*472*20260202~CAS*CO*97*1000~\
             REF*6R*2~LQ*HE*N362~"
        );
        out.write_all(claim.as_bytes())?;
        (bytes, segments, claims) = (bytes + claim.len(), segments + 12, claims + 1);
    }
    write!(out, "SE*{}*0001~GE*1*9~IEA*1*000000009~", segments + 1)?;
    out.flush()?;
    Ok((claims, segments + 6))
}

/// The most memory this process has used.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |l| l.trim().to_owned())
}
