//! Readers of X12 under damaged and hostile files: never a panic, a hang or memory without bounds; refused with a place
//! in the file, and the same whether the file comes at once or drop by drop.
//!
//! Seeded and without a fuzzer's tool chain, so that it runs on stable wherever the tests do. It knows segments, elements
//! and trailers: most of what it makes has counts that agree, so that it gets past the frame. A short share runs always,
//! ten minutes with `IAMBILLY_SOAK`; `IAMBILLY_FUZZ_SEED` changes the seed and `IAMBILLY_FUZZ_KEEP` names a folder for
//! what found something new. The corpus is `tests/fixtures/x12`: what was ever found wrong goes there too.
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation, reason = "a test")]

mod made;

use iambilly_edi::answers::{read_277ca, read_835, read_999};
use iambilly_edi::professional::{read_batch, write_batch};
use iambilly_edi::{EdiError, Problem};
use made::Dice;
use std::collections::HashSet;
use std::fmt::{Debug, Write as _};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// No file of the corpus' size takes so long, on a machine however busy.
const LONG: Duration = Duration::from_secs(20);
/// Files made in the short share.
const SHORT: usize = 6_000;
const SOAK: Duration = Duration::from_secs(600);
/// Largest file that is changed further.
const LARGEST: usize = 60_000;

fn corpus() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/x12"));
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 7, "the corpus is there");
    let mut all: Vec<Vec<u8>> = paths.iter().map(|p| std::fs::read(p).unwrap()).collect();
    for seed in 0..12 {
        all.push(write_batch(&made::batch(7, vec![made::built(seed), made::built(seed + 100)])).unwrap());
    }
    all
}

/// Gives a file in small pieces of changing size.
struct Drops<'a> {
    rest: &'a [u8],
    dice: Dice,
}

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = (1 + self.dice.below(97)).min(self.rest.len()).min(into.len());
        into[..n].copy_from_slice(&self.rest[..n]);
        self.rest = &self.rest[n..];
        Ok(n)
    }
}

/// Reads with a reader: what it handed on, as text, and where it refused.
fn outcome(reader: usize, source: impl Read) -> (String, usize, Option<EdiError>) {
    let (mut said, mut events) = (String::new(), 0);
    let mut note = |event: &dyn Debug| {
        write!(said, "{event:?};").unwrap();
        events += 1;
    };
    let read = match reader {
        0 => read_999(source, |group| {
            note(&group);
            Ok::<(), EdiError>(())
        }),
        1 => read_277ca(source, |event| {
            note(&event);
            Ok::<(), EdiError>(())
        }),
        2 => read_835(source, |event| {
            note(&event);
            Ok::<(), EdiError>(())
        }),
        _ => read_batch(source).map(|batch| {
            batch.claims.iter().for_each(|claim| note(claim));
            again(batch.claims);
        }),
    };
    (said, events, read.err())
}

/// What was read as a batch and can be written is read again as the same.
fn again(claims: Vec<iambilly_edi::professional::ProfessionalClaim>) {
    let Ok(bytes) = write_batch(&made::batch(7, claims)) else { return };
    let Ok(back) = read_batch(bytes.as_slice()) else { return };
    let once = write_batch(&made::batch(7, back.claims)).unwrap();
    let Ok(back) = read_batch(once.as_slice()) else { panic!("what was written twice cannot be read") };
    assert!(
        once == write_batch(&made::batch(7, back.claims)).unwrap(),
        "written, read and written: two files"
    );
}

/// Holds a file to what must hold of all; answers with what was seen of it, for telling new from known.
fn held(bytes: &[u8], dice: &mut Dice) -> Vec<String> {
    let drops = dice.next();
    (0..4)
        .map(|reader| {
            let from = Instant::now();
            let (said, events, refused) = outcome(reader, bytes);
            let (drop_by_drop, _, refused_so) = outcome(reader, Drops { rest: bytes, dice: Dice(drops) });
            assert!(from.elapsed() < LONG, "reader {reader} took {:?}", from.elapsed());
            assert_eq!(said, drop_by_drop, "reader {reader} depends on how the file comes");
            assert_eq!(format!("{refused:?}"), format!("{refused_so:?}"), "reader {reader}");
            match refused {
                None => format!("{reader} read {}", events.min(40)),
                Some(EdiError::Refused { at, problem }) => {
                    let within = usize::try_from(at.byte).is_ok_and(|byte| byte <= bytes.len());
                    assert!(within && at.segment <= 1 + bytes.len() as u64, "{at:?} of {}", bytes.len());
                    assert!(at.segment > 0 || problem == Problem::Truncated, "{problem:?} at {at:?}");
                    format!("{reader} {problem:?} after {}", events.min(8))
                }
                Some(other) => panic!("no file is refused so: {other:?}"),
            }
        })
        .collect()
}

/// Values that have gone wrong somewhere.
const NASTY: &[&[u8]] = &[
    b"",
    b"0",
    b"-0",
    b"-1",
    b"1e9",
    b"0.005",
    b".",
    b"-",
    b"+5",
    b"99999999999999999999999",
    b"-9223372036854775808",
    b"9223372036854775807.99",
    b"92233720368547758.08",
    b"4294967296",
    b"NaN",
    b"20261332",
    b"00000000",
    b"20240230-20240101",
    b"99991231",
    b"\xff\xfe",
    b"\xc3",
    b"\xe2\x80\xae",
    b"A:B:C:D:E:F:G:H:I:J",
    b"::::::::",
    b"HC:::::",
    b":63047",
    b"^^^^",
    b"ISA",
    b"SE*1*0001",
    b"CO",
    b"AK1",
    b"\0",
    b" ",
    b"                    ",
];

fn random(dice: &mut Dice, of: usize) -> usize {
    dice.below(of.max(1))
}

/// A file made from another.
fn changed(parent: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let (element, end) = (*parent.get(3).unwrap_or(&b'*'), *parent.get(105).unwrap_or(&b'~'));
    let mut segments: Vec<Vec<u8>> = parent.split(|b| *b == end).map(<[u8]>::to_vec).collect();
    let others: Vec<&[u8]> = other.split(|b| *b == *other.get(105).unwrap_or(&b'~')).collect();
    for _ in 0..=random(dice, 4) {
        let at = random(dice, segments.len());
        match dice.below(12) {
            0 => drop(segments.remove(at)),
            1 => segments.insert(at, segments[at].clone()),
            2 => {
                let with = random(dice, segments.len());
                segments.swap(at, with);
            }
            3 => segments.insert(at, others[random(dice, others.len())].to_vec()),
            4..=6 => {
                let mut elements: Vec<Vec<u8>> =
                    segments[at].split(|b| *b == element).map(<[u8]>::to_vec).collect();
                let place = random(dice, elements.len());
                elements[place] = dice.of(NASTY).to_vec();
                segments[at] = elements.join(&element);
            }
            7 => {
                let mut elements: Vec<Vec<u8>> =
                    segments[at].split(|b| *b == element).map(<[u8]>::to_vec).collect();
                if dice.one_in(2) {
                    elements.truncate(random(dice, elements.len()));
                } else {
                    elements.extend(vec![b"1".to_vec(); random(dice, 40)]);
                }
                segments[at] = elements.join(&element);
            }
            8 => {
                let byte = dice.next() as u8;
                let place = random(dice, segments[at].len());
                if let Some(there) = segments[at].get_mut(place) {
                    *there = byte;
                }
            }
            9 => {
                // A run of the same, as a loop without an end would write it.
                let copy = segments[at].clone();
                segments.splice(at..at, vec![copy; 1 + random(dice, 30)]);
            }
            10 => segments[at].extend(vec![b'A'; random(dice, 2_000)]),
            _ => segments.truncate(at),
        }
        if segments.is_empty() {
            segments.push(vec![]);
        }
    }
    if !dice.one_in(4) {
        counted(&mut segments, element);
    }
    let mut bytes = segments.join(&end);
    match dice.below(20) {
        0 => bytes.truncate(random(dice, bytes.len())),
        1 => bytes.extend_from_slice(other),
        2 => {
            // Other separators in the header than in the rest.
            let place = *dice.of(&[3_usize, 82, 104, 105]);
            if let Some(there) = bytes.get_mut(place) {
                *there = *dice.of(b"*|~^:\n\x1c\x1d \0Az9\xff");
            }
        }
        _ => {}
    }
    bytes
}

/// Makes the trailers agree with what is there now.
fn counted(segments: &mut [Vec<u8>], element: u8) {
    let (mut transaction, mut transactions, mut groups) = (0, 0, 0);
    let count = |segment: &mut Vec<u8>, number: usize| {
        let mut elements: Vec<Vec<u8>> = segment.split(|b| *b == element).map(<[u8]>::to_vec).collect();
        if let Some(place) = elements.get_mut(1) {
            *place = number.to_string().into_bytes();
        }
        *segment = elements.join(&element);
    };
    for segment in segments {
        let name: Vec<u8> = segment
            .iter()
            .copied()
            .filter(|b| !b.is_ascii_whitespace())
            .take_while(|b| *b != element)
            .collect();
        transaction += 1;
        match name.as_slice() {
            b"ISA" => groups = 0,
            b"GS" => (transactions, groups) = (0, groups + 1),
            b"ST" => (transaction, transactions) = (1, transactions + 1),
            b"SE" => count(segment, transaction),
            b"GE" => count(segment, transactions),
            b"IEA" => count(segment, groups),
            _ => {}
        }
    }
}

#[test]
fn no_file_breaks_a_reader() {
    let soak = std::env::var_os("IAMBILLY_SOAK").is_some();
    let seed = std::env::var("IAMBILLY_FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_261_122);
    let keep = std::env::var_os("IAMBILLY_FUZZ_KEEP").map(PathBuf::from);
    let mut dice = Dice(seed);
    let mut parents = corpus();
    let mut seen: HashSet<String> = HashSet::new();
    for parent in &parents {
        seen.extend(held(parent, &mut dice));
    }
    let read = |reader: usize| seen.iter().any(|s| s.starts_with(&format!("{reader} read")));
    assert!((0..4).all(read), "the corpus reaches the end of each reader");
    let (from, mut made) = (Instant::now(), 0_usize);
    while if soak { from.elapsed() < SOAK } else { made < SHORT } {
        let (parent, other) = (random(&mut dice, parents.len()), random(&mut dice, parents.len()));
        let bytes = changed(&parents[parent], &parents[other], &mut dice);
        made += 1;
        let what = catch_unwind(AssertUnwindSafe(|| held(&bytes, &mut dice))).unwrap_or_else(|_| {
            panic!(
                "seed {seed}, file {made}, which belongs into tests/fixtures/x12: {}",
                bytes.escape_ascii()
            )
        });
        // What showed something new is changed further.
        if what.into_iter().filter(|w| seen.insert(w.clone())).count() > 0 && bytes.len() < LARGEST {
            if let Some(folder) = &keep {
                std::fs::write(folder.join(format!("{seed}-{made}.x12")), &bytes).unwrap();
            }
            parents.push(bytes);
        }
    }
    println!(
        "{made} files in {:.0} s, {} outcomes, {} parents",
        from.elapsed().as_secs_f64(),
        seen.len(),
        parents.len()
    );
    assert!(seen.len() > 150, "the changes reach far into the readers: {} outcomes", seen.len());
}
