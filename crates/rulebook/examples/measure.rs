//! Times of the rule book: `measure [FOLDER_OF_OFFICIAL_FILES]` imports the files it knows by name, opens the rule book,
//! scrubs claims of twelve lines with it, and puts the floor and the forms that were not taken beside it. Without a
//! folder it makes procedure-to-procedure edits of the real number of rows (2.5 million, two thirds of them active) in
//! the published layout, with spine codes in column 1 and made-up ones in column 2.
//!
//! Figures go to `docs/measurements.md`; nothing here judges them.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use iambilly_claim::Claim;
use iambilly_rulebook::{Request, TableKind, import, list, open};
use iambilly_scrub::{RuleBook, scrub};
use std::collections::HashMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn main() {
    let (shelf, made) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = std::env::args().nth(1).map(PathBuf::from).unwrap_or_else(|| {
        make_edits(made.path());
        made.path().to_owned()
    });
    let files = |words: &[&str]| -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&folder).into_iter().flatten().map(|f| f.unwrap().path()).collect();
        files.retain(|p| {
            let name = p.file_name().unwrap().to_string_lossy().to_lowercase();
            words.iter().any(|w| name.contains(w))
        });
        files.sort();
        files
    };
    println!("| what | measured |\n|---|---|");
    for (kind, words) in [
        (TableKind::NcciPtp, &["ccipra"][..]),
        (TableKind::Mue, &["practitionerservices"]),
        (TableKind::Addon, &["aoc"]),
        (TableKind::Mpfs, &["pprrvu"]),
        (TableKind::Gpci, &["gpci"]),
        (TableKind::Hcpcs, &["anweb"]),
        (TableKind::Icd10cm, &["order"]),
    ] {
        let request = Request { kind, files: files(words), edition: None, accept_fewer_rows: false };
        if request.files.is_empty() {
            continue;
        }
        let begun = Instant::now();
        match import(shelf.path(), &request) {
            Ok(editions) => {
                let rows: u64 = editions.iter().map(|e| e.entry.rows).sum();
                let active: u64 = editions.iter().map(|e| e.entry.active).sum();
                println!("| import {kind}: {rows} rows, {active} active | {:.2?} |", begun.elapsed());
            }
            Err(error) => println!("| import {kind} | refused: {error} |"),
        }
    }
    let (count, took) = timed(|| list(shelf.path()).unwrap().len());
    println!("| list {count} editions, every byte checked | {took:.2?} |");
    let before = resident();
    let (_, seed) = timed(RuleBook::seed);
    println!("| the program's own tables, once a process | {seed:.2?} |");
    let between = resident();
    let (book, took) = timed(|| open(shelf.path()).unwrap());
    println!("| open the rule book | {took:.2?} |");
    let claims = right_claims();
    let today = "2024-09-01".parse().unwrap();
    let (_, first) = timed(|| scrub(&claims[0], &book, today));
    println!("| first claim (reads and checks the editions it needs) | {first:.2?} |");
    println!(
        "| resident: program's own tables, rule book in use | {} MB, {} MB |",
        (between - before) / 1000,
        (resident() - between) / 1000
    );
    scaling();
    speed("right claims", &claims, &book);
    speed("claims with one fault each", &with_one_fault(&claims), &book);
    speed("claims that are wrong throughout", &mixed_claims(), &book);
    alternatives(&files(&["ccipra"]), &claims, &book);
}

/// Four files of made edits: as many rows, as many of them active and as many partners a code as the real ones.
fn make_edits(folder: &Path) {
    const SPINE: [&str; 24] = [
        "20930", "20931", "20936", "20939", "22551", "22552", "22558", "22585", "22612", "22614", "22633",
        "22634", "22840", "22842", "22845", "22853", "22854", "63030", "63045", "63047", "63048", "63052",
        "63053", "63081",
    ];
    /// Rows of 2024Q3: 2,546,017, of them 1,673,011 active.
    const PARTNERS: usize = 272;
    let invented: Vec<String> = (0..9_336).map(|n| format!("{:05}", 3 + n * 10)).collect();
    let mut first: Vec<&str> = invented.iter().map(String::as_str).chain(SPINE).collect();
    first.sort_unstable();
    for part in 0..4 {
        let mut text = String::from(
            "Made for measuring.\r\n\r\nColumn 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\tModifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\r\n",
        );
        for (i, column1) in first.iter().enumerate().skip(part * first.len() / 4).take(first.len() / 4) {
            // Partners spread over all codes, in order, each once.
            for j in 0..PARTNERS {
                let column2 =
                    &invented[(j * invented.len() + i * 31 % invented.len()) / PARTNERS % invented.len()];
                let (ended, indicator) = match (i + j) % 3 {
                    0 => ("20231231", 9),
                    n => ("*", n - 1),
                };
                if *column1 != column2 {
                    text.push_str(&format!(
                        "{column1}\t{column2}\t\t20130101\t{ended}\t{indicator}\tMade\r\n"
                    ));
                }
            }
        }
        std::fs::write(folder.join(format!("ccipra-v302r0-f{}.TXT", part + 1)), text).unwrap();
    }
}

/// Times of scrubbing claims, alone and on two threads.
fn speed(what: &str, claims: &[Claim], book: &RuleBook) {
    let today = "2024-09-01".parse().unwrap();
    let lines: usize = claims.iter().map(|c| c.lines.len()).sum::<usize>() / claims.len();
    let mut times = vec![];
    let mut findings = 0;
    for _ in 0..20 {
        for claim in claims {
            let (found, took) = timed(|| scrub(claim, book, today));
            findings += found.findings.len();
            times.push(took);
        }
    }
    times.sort_unstable();
    let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100];
    println!(
        "| scrub of {what} of {lines} lines ({:.1} findings each): p50, p99, max | {:.1?}, {:.1?}, {:.1?} |",
        findings as f64 / times.len() as f64,
        at(50),
        at(99),
        at(100)
    );
    let rounds = if what.starts_with("right") { 40 } else { 10 };
    let rate = |threads: usize| {
        let took = side_by_side(threads, || {
            for claim in (0..rounds).flat_map(|_| claims) {
                black_box(scrub(claim, book, today));
            }
        });
        (rounds * threads * claims.len()) as f64 / took.as_secs_f64()
    };
    println!("| {what}: claims a second on one thread, on two | {:.0}, {:.0} |", rate(1), rate(2));
}

/// How long the same work takes on so many threads at once.
fn side_by_side(threads: usize, work: impl Fn() + Sync) -> Duration {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(&work);
        }
    });
    begun.elapsed()
}

/// What two threads gain on this machine where they share nothing at all, neither memory nor an allocator: pure
/// arithmetic in registers. Two virtual processors on one core gain less than two cores.
fn scaling() {
    let work = || {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for n in 0..200_000_000_u64 {
            state ^= state << 13;
            state ^= state >> 7;
            state = (state ^ (state << 17)).wrapping_add(n);
        }
        black_box(state);
    };
    let (one, two) = (side_by_side(1, work), side_by_side(2, work));
    println!(
        "| baseline: what two threads of pure arithmetic gain over one on this machine | {:.2} times |",
        2.0 * one.as_secs_f64() / two.as_secs_f64()
    );
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let answer = work();
    (answer, begun.elapsed())
}

/// Resident memory in kB.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// A claim of lines given as code, modifier, units and levels.
fn claim(lines: &[(&str, &str, u32, &str)]) -> Claim {
    let lines: Vec<serde_json::Value> = lines
        .iter()
        .enumerate()
        .map(|(i, (code, modifier, units, levels))| {
            let split = |t: &str| t.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            serde_json::json!({"number": i + 1, "code": code, "modifiers": split(modifier), "pointers": ["A"],
                "units": units, "charge": "1000.00", "dos": "2024-08-05", "pos": "21", "levels": split(levels)})
        })
        .collect();
    serde_json::from_value(serde_json::json!({"claim_id": "bench", "payer": {"id": "medicare", "type": "medicare"},
        "patient": {"last": "Example", "first": "Pat", "birth_date": "1950-05-05", "sex": "F", "member_id": "M1",
            "address": {"line": "1 Road", "state": "PA"}},
        "billing_provider": {"npi": "1234567893", "tax_id": "123456789", "name": "Group", "address": {"state": "PA"}},
        "rendering_provider": {"npi": "1234567893", "role": "surgeon"}, "facility": {"npi": "1234567893", "pos": "21"},
        "received_date": "2024-08-20", "diagnoses": ["M48.062", "M43.16"], "lines": lines}))
    .unwrap()
}

/// A long lumbar fusion with decompression, as it is coded rightly, in orders that change.
fn right_claims() -> Vec<Claim> {
    let lines = [
        ("22633", "", 1, "L4-L5"),
        ("22634", "", 1, "L5-S1"),
        ("22842", "", 1, "L4,L5,S1"),
        ("22848", "", 1, "pelvis"),
        ("22853", "", 2, "L4-L5,L5-S1"),
        ("63052", "", 1, "L4-L5"),
        ("63053", "", 1, "L5-S1"),
        ("20930", "", 1, ""),
        ("20936", "", 1, ""),
        ("61783", "", 1, ""),
        ("63047", "XS", 1, "L2-L3"),
        ("63048", "XS", 1, "L1-L2"),
    ];
    (0..500)
        .map(|n| {
            let mut lines = lines;
            lines.rotate_left(n % 12);
            claim(&lines)
        })
        .collect()
}

/// The same with one line's modifier, units or code gone wrong.
fn with_one_fault(claims: &[Claim]) -> Vec<Claim> {
    let mut claims = claims.to_vec();
    for (n, claim) in claims.iter_mut().enumerate() {
        let line = &mut claim.lines[n % 12];
        match n % 3 {
            0 => line.modifiers = vec!["51".to_owned()],
            1 => line.units = 3,
            _ => line.code = "63030".to_owned(),
        }
    }
    claims
}

/// Twelve lines of anything: every one of these lines comes up, in an order that changes.
fn mixed_claims() -> Vec<Claim> {
    let codes = [
        ("22633", "L4-L5"),
        ("22634", "L5-S1"),
        ("22612", "L3-L4"),
        ("22614", "L2-L3"),
        ("63047", "L4-L5"),
        ("63048", "L3-L4"),
        ("63052", "L4-L5"),
        ("22842", "L3-L4"),
        ("22853", "L4-L5"),
        ("20930", ""),
        ("20936", ""),
        ("61783", ""),
        ("22840", "L4-L5"),
        ("63030", "L5-S1"),
        ("22551", "C5-C6"),
        ("22552", "C6-C7"),
        ("22845", "C5-C6"),
        ("69990", ""),
        ("95940", ""),
        ("62323", ""),
        ("99214", ""),
        ("72100", ""),
        ("77003", ""),
    ];
    (0..500)
        .map(|n| {
            let lines: Vec<serde_json::Value> = (0..12)
                .map(|i| {
                    let (code, level) = codes[(n * 7 + i * (1 + n % 3)) % codes.len()];
                    let levels: Vec<&str> = if level.is_empty() { vec![] } else { vec![level] };
                    serde_json::json!({"number": i + 1, "code": code, "modifiers": if i % 4 == 3 { vec!["59"] } else { vec![] },
                        "pointers": ["A"], "units": 1, "charge": "1000.00", "dos": "2024-08-05", "pos": "21", "levels": levels})
                })
                .collect();
            serde_json::from_value(serde_json::json!({"claim_id": "bench", "payer": {"id": "medicare", "type": "medicare"},
                "billing_provider": {"npi": "1234567893"}, "rendering_provider": {"npi": "1234567893"},
                "facility": {"npi": "1234567893", "pos": "21"}, "diagnoses": ["M48.062", "M43.16"], "lines": lines}))
            .unwrap()
        })
        .collect()
}

/// The floor, the form that was taken and the forms that were not, on the same 132 look-ups of a claim.
fn alternatives(files: &[PathBuf], claims: &[Claim], book: &RuleBook) {
    let pairs = active_pairs(files);
    if pairs.is_empty() {
        return;
    }
    let keys: Vec<Vec<(u64, u64)>> = claims
        .iter()
        .map(|c| {
            let codes: Vec<u64> = c.lines.iter().map(|l| packed(&l.code)).collect();
            let ordered = |(i, a): (usize, &u64)| {
                codes
                    .iter()
                    .enumerate()
                    .filter(move |(j, _)| i != *j)
                    .map(|(_, b)| (*a, *b))
                    .collect::<Vec<_>>()
            };
            codes.iter().enumerate().flat_map(ordered).collect()
        })
        .collect();
    let before = resident();
    let hashed: HashMap<(u64, u64), u8> = pairs.iter().map(|(a, b, m)| ((*a, *b), *m)).collect();
    let map_memory = resident() - before;
    let mut sorted: Vec<(u64, u64, u8)> = pairs;
    sorted.sort_unstable();
    let dos = "2024-08-05".parse().unwrap();
    let per_claim = |took: Duration| took / u32::try_from(claims.len()).unwrap();
    let each = |find: &dyn Fn(u64, u64) -> bool, of: &dyn Fn(usize) -> bool| {
        let begun = Instant::now();
        let mut hits = 0_usize;
        for keys in &keys {
            hits += keys.iter().enumerate().filter(|(i, (a, b))| of(*i) && find(*a, *b)).count();
        }
        (hits, per_claim(begun.elapsed()))
    };
    let all = |_: usize| true;
    let (_, floor) = each(&|a, b| hashed.contains_key(&(a, b)), &|i| i % 2 == 0);
    println!("| floor: 66 look-ups in a HashMap of all active pairs | {floor:.1?} a claim |");
    let (hits, took) = each(&|a, b| hashed.contains_key(&(a, b)), &all);
    println!(
        "| 132 look-ups in that HashMap ({} MB resident), {hits} hits | {took:.1?} a claim |",
        map_memory / 1000
    );
    let (hits, took) = each(&|a, b| sorted.binary_search_by(|p| (p.0, p.1).cmp(&(a, b))).is_ok(), &all);
    println!(
        "| 132 binary searches in one sorted Vec ({} MB), {hits} hits | {took:.1?} a claim |",
        sorted.len() * 24 / 1_000_000
    );
    let begun = Instant::now();
    let mut hits = 0;
    for claim in claims {
        for (i, a) in claim.lines.iter().enumerate() {
            for (j, b) in claim.lines.iter().enumerate() {
                hits += usize::from(i != j && book.pair_indicator(&a.code, &b.code, dos).is_some());
            }
        }
    }
    println!(
        "| 132 look-ups in the rule book, dates and edition included, {hits} hits | {:.1?} a claim |",
        per_claim(begun.elapsed())
    );
}

fn packed(code: &str) -> u64 {
    code.bytes().fold(0, |n, b| n << 8 | u64::from(b))
}

fn active_pairs(files: &[PathBuf]) -> Vec<(u64, u64, u8)> {
    let read = |path: &Path| std::fs::read(path).unwrap_or_default();
    let mut pairs = vec![];
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e.eq_ignore_ascii_case("txt"))) {
        for line in String::from_utf8_lossy(&read(file)).lines().skip(3) {
            let cells: Vec<&str> = line.split('\t').collect();
            // `*`, or the far end of the calendar, stands for a row still in force.
            if cells.get(4).is_some_and(|to| *to == "*" || *to == "99991231") {
                pairs.push((packed(cells[0]), packed(cells[1]), cells[5].parse().unwrap_or(9)));
            }
        }
    }
    pairs
}
