//! How fast 100,000 passages are searched, filtered by payer and date, what the sieve by signs loses against plain comparison of
//! all vectors, and what sqlite-vec and FTS5, both in memory and not encrypted, do with the same questions:
//! `cargo run --release --locked --workspace --example search_speed`.

#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement prints, and its sizes are small"
)]

use iambilly_policy::{Entry, FAR, Index, Method, Nature, Passage, Query};
use jiff::civil::{Date, date};
use rusqlite::{Connection, params};
use std::time::{Duration, Instant};

const PASSAGES: u32 = 100_000;
const DIMS: usize = 384;
const QUERIES: u32 = 200;

struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
    fn number(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 8_388_608.0 - 1.0
    }
    /// Words as rare and as common as in a language.
    fn word(&mut self) -> String {
        let rank = (20_000_f64.powf(self.below(1_000_000) as f64 / 1_000_000.0)) as u64;
        format!("w{}", ["or", "an", "is", "et"][(rank % 4) as usize]) + &letters(rank)
    }
}

fn letters(mut number: u64) -> String {
    let mut out = String::new();
    while number > 0 {
        out.push((b'a' + (number % 26) as u8) as char);
        number /= 26;
    }
    out
}

/// A vector near one of 500 subjects, as embeddings of policies are.
fn near(noise: &mut Noise, subjects: &[Vec<f32>]) -> Vec<f32> {
    let subject = &subjects[noise.below(subjects.len() as u64) as usize];
    subject.iter().map(|n| n + 0.9 * noise.number()).collect()
}

/// The same passages as sqlite-vec and FTS5 keep them.
struct Peers {
    db: Connection,
}

impl Peers {
    fn new() -> rusqlite::Result<Self> {
        let db = Connection::open_in_memory()?;
        db.execute_batch(
            "CREATE VIRTUAL TABLE plain USING vec0 (id integer primary key, payer text partition key, begins integer, v float[384] distance_metric=cosine);
             CREATE VIRTUAL TABLE signs USING vec0 (id integer primary key, payer text partition key, begins integer, v bit[384]);
             CREATE VIRTUAL TABLE words USING fts5 (payer, heading, body, begins UNINDEXED, tokenize = 'porter unicode61');
             BEGIN",
        )?;
        Ok(Self { db })
    }

    fn add(
        &self,
        id: u64,
        payer: &str,
        begins: Date,
        vector: &[f32],
        passage: &Passage,
    ) -> rusqlite::Result<()> {
        let (id, begins) = (i64::try_from(id).unwrap_or_default(), day(begins));
        let bytes = bytes(vector);
        self.db
            .prepare_cached("INSERT INTO plain (id, payer, begins, v) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, payer, begins, bytes])?;
        self.db
            .prepare_cached(
                "INSERT INTO signs (id, payer, begins, v) VALUES (?1, ?2, ?3, vec_quantize_binary(?4))",
            )?
            .execute(params![id, payer, begins, bytes])?;
        self.db
            .prepare_cached(
                "INSERT INTO words (rowid, payer, heading, body, begins) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![id, payer, passage.heading(), passage.text, begins])?;
        Ok(())
    }

    /// The ids of the nearest by sqlite-vec, all numbers compared.
    fn plain(&self, payer: &str, dos: Date, vector: &[f32]) -> rusqlite::Result<Vec<u64>> {
        let sql = "SELECT id FROM plain WHERE v MATCH ?1 AND k = 10 AND payer = ?2 AND begins <= ?3 ORDER BY distance";
        let mut asked = self.db.prepare_cached(sql)?;
        let rows = asked.query_map(params![bytes(vector), payer, day(dos)], |row| row.get::<_, i64>(0))?;
        rows.map(|id| Ok(id?.cast_unsigned())).collect()
    }

    /// How many of the nearest 1,200 by their signs there are: what a sieve of sqlite-vec hands on.
    fn signs(&self, payer: &str, dos: Date, vector: &[f32]) -> rusqlite::Result<usize> {
        let sql = "SELECT id FROM signs WHERE v MATCH vec_quantize_binary(?1) AND k = 1200 AND payer = ?2 AND begins <= ?3";
        let mut asked = self.db.prepare_cached(sql)?;
        let rows = asked.query_map(params![bytes(vector), payer, day(dos)], |row| row.get::<_, i64>(0))?;
        Ok(rows.count())
    }

    /// How many of the best 100 by words there are.
    fn words(&self, payer: &str, dos: Date, text: &str) -> rusqlite::Result<usize> {
        let any: Vec<String> = text.split(' ').map(|word| format!("\"{word}\"")).collect();
        let asked = format!("payer : {payer} AND {{heading body}} : ({})", any.join(" OR "));
        let sql = "SELECT rowid FROM words WHERE words MATCH ?1 AND begins <= ?2 ORDER BY bm25(words, 0, 0.8, 1) LIMIT 100";
        let mut found = self.db.prepare_cached(sql)?;
        let rows = found.query_map(params![asked, day(dos)], |row| row.get::<_, i64>(0))?;
        Ok(rows.count())
    }
}

fn day(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|n| n.to_le_bytes()).collect()
}

#[allow(unsafe_code, reason = "SQLite takes extensions as C function pointers")]
fn register_vectors() -> rusqlite::Result<()> {
    // SAFETY: as in `crates/store/src/open.rs`: the entry point has the signature of RawAutoExtension and is linked statically.
    unsafe {
        let entry = std::mem::transmute::<*const (), rusqlite::auto_extension::RawAutoExtension>(
            sqlite_vec::sqlite3_vec_init as *const (),
        );
        rusqlite::auto_extension::register_auto_extension(entry)
    }
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|n| n * n).sum::<f32>().sqrt();
    vector.iter().map(|n| n / length).collect()
}

/// Median and 99th percentile in ms.
fn told(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: usize| times.get((times.len() - 1) * share / 100).map_or(0.0, |t| t.as_secs_f64() * 1e3);
    println!("  {what}: median {:.2} ms, p99 {:.2} ms", at(50), at(99));
}

fn main() -> rusqlite::Result<()> {
    register_vectors()?;
    let mut noise = Noise(88_172_645_463_325_252);
    let subjects: Vec<Vec<f32>> = (0..500).map(|_| (0..DIMS).map(|_| noise.number()).collect()).collect();
    let from = |n: u64| if n.is_multiple_of(4) { date(2025, 1, 1) } else { date(2026, 1, 1) };
    for payers in [1_u64, 20] {
        let since = Instant::now();
        let (mut index, peers) = (Index::default(), Peers::new()?);
        let mut all: Vec<(u64, u64, Date, Vec<f32>)> = vec![];
        for id in 0..u64::from(PASSAGES) {
            let passage = Passage {
                page: 1,
                section: vec![format!("{} {}", noise.word(), noise.word())],
                lead: String::new(),
                text: (0..40).map(|_| noise.word()).collect::<Vec<_>>().join(" "),
                nature: Nature::Prose,
                codes: vec![],
                from: None,
                to: None,
            };
            let (payer, vector) = (id % payers, near(&mut noise, &subjects));
            let (name, begins) = (format!("payer{payer}"), from(id / payers));
            index.add(&Entry {
                id,
                payer: &name,
                title: "Policy",
                from: begins,
                to: None,
                passage: &passage,
                vector: Some(&vector),
            });
            peers.add(id, &name, begins, &vector, &passage)?;
            all.push((id, payer, begins, unit(&vector)));
        }
        peers.db.execute_batch("COMMIT")?;
        println!("{PASSAGES} passages, {payers} payers: built in {:.1} s", since.elapsed().as_secs_f64());
        let (mut times, mut brute, mut same, mut nearest) = (vec![], vec![], 0_usize, 0_usize);
        let (mut vec_plain, mut vec_signs, mut fts, mut agreed) = (vec![], vec![], vec![], 0_usize);
        for _ in 0..QUERIES {
            let text = (0..8).map(|_| noise.word()).collect::<Vec<_>>().join(" ");
            let (payer, vector) = (noise.below(payers), near(&mut noise, &subjects));
            let (name, dos) = (format!("payer{payer}"), date(2025, 6, 1));
            let ask =
                |method| Query { payer: &name, dos, text: &text, vector: Some(&vector), method, limit: 10 };
            let since = Instant::now();
            let hybrid = index.search(&ask(Method::Hybrid));
            times.push(since.elapsed());
            assert!(hybrid.len() <= 10);
            let asked = unit(&vector);
            let since = Instant::now();
            let mut exact: Vec<(u64, f32)> = all
                .iter()
                .filter(|(_, p, begins, _)| *p == payer && *begins <= dos)
                .map(|(id, _, _, v)| (*id, v.iter().zip(&asked).map(|(a, b)| a * b).sum()))
                .collect();
            exact.sort_by(|a, b| b.1.total_cmp(&a.1));
            brute.push(since.elapsed());
            // One that is too far from the question is no answer, however near the others are.
            exact.retain(|(_, cosine)| *cosine > FAR);
            let found = index.search(&ask(Method::Vectors));
            nearest += exact.len().min(10);
            same += exact.iter().take(10).filter(|(id, _)| found.iter().any(|h| h.id == *id)).count();
            let since = Instant::now();
            let theirs = peers.plain(&name, dos, &vector)?;
            vec_plain.push(since.elapsed());
            agreed += exact.iter().take(10).filter(|(id, _)| theirs.contains(id)).count();
            let since = Instant::now();
            assert!(peers.signs(&name, dos, &vector)? <= 1200);
            vec_signs.push(since.elapsed());
            let since = Instant::now();
            assert!(peers.words(&name, dos, &text)? <= 100);
            fts.push(since.elapsed());
        }
        told("hybrid", &mut times);
        told("plain comparison of all vectors", &mut brute);
        told("sqlite-vec, all numbers", &mut vec_plain);
        told("sqlite-vec, signs, the nearest 1,200", &mut vec_signs);
        told("FTS5, the best 100 by bm25", &mut fts);
        let share = |found: usize| found as f64 * 100.0 / nearest.max(1) as f64;
        println!(
            "  of the {nearest} nearest by plain comparison found: {:.2} % (sqlite-vec {:.2} %)",
            share(same),
            share(agreed)
        );
    }
    Ok(())
}
