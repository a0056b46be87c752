//! How fast the search is, against a linear scan over the same words as its peer, in one run.
//!
//! `cargo run --release -p iambilly-icd10cm --example search`
#![allow(clippy::print_stdout)]

use iambilly_icd10cm::{Edition, Editions, NoteKind};
use std::time::{Duration, Instant};

fn main() {
    let icd = Editions::shipped().on(jiff::civil::date(2026, 2, 2));
    let started = Instant::now();
    let _ = icd.search("x", 1);
    println!("index of {} nodes ({} billable codes): {:?}", icd.len(), icd.billable(), started.elapsed());
    let scan = scan_table(icd);
    let queries = queries(icd);
    let mut ours: Vec<Duration> = vec![];
    let mut peers: Vec<Duration> = vec![];
    let (mut found, mut scanned, mut slowest) = (0, 0, (Duration::ZERO, ""));
    for query in &queries {
        let started = Instant::now();
        found += icd.search(query, 20).len();
        let took = started.elapsed();
        if took > slowest.0 {
            slowest = (took, query);
        }
        ours.push(took);
    }
    for query in queries.iter().step_by(10) {
        let started = Instant::now();
        scanned += linear(&scan, query).len();
        peers.push(started.elapsed());
    }
    println!("{} queries, {found} hits; peer: {} queries, {scanned} hits", ours.len(), peers.len());
    report("search", &mut ours);
    report("linear scan", &mut peers);
    println!("slowest: {:?} for {:?}", slowest.0, slowest.1);
}

fn report(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |p: usize| times.get((times.len() * p / 100).min(times.len() - 1)).copied().unwrap_or_default();
    println!("{name:12} p50 {:?}  p95 {:?}  p99 {:?}  max {:?}", at(50), at(95), at(99), at(100));
}

/// Every billable or headed title of the list, typed letter by letter in beginnings of its words, turned about,
/// every seventh with a slip of the finger.
fn queries(icd: &Edition) -> Vec<String> {
    let codes = icd.billable_under("M48", 500).into_iter().chain((b'A'..=b'Z').flat_map(|l| {
        (0..100).flat_map(move |n| icd.billable_under(&format!("{}{n:02}", char::from(l)), 3))
    }));
    let mut out: Vec<String> = vec!["sten lum clau".into(), "a".into(), "e s i d".into(), "o".into()];
    for (i, code) in codes.enumerate() {
        let title = icd.title(&code).unwrap_or_default();
        let mut words: Vec<String> =
            title.split_whitespace().map(|w| w.chars().take(2 + i % 5).collect()).collect();
        let turn = i % words.len().max(1);
        words.rotate_left(turn);
        words.truncate(1 + i % 4);
        let mut query = words.join(" ");
        if i % 7 == 0 && query.is_char_boundary(2) && query.len() > 4 {
            query.insert(2, 'x');
        }
        out.push(query);
    }
    out
}

/// A row: its code, its words, its title in lower case.
type Row = (String, Vec<String>);

fn scan_table(icd: &Edition) -> Vec<Row> {
    let tops = (b'A'..=b'Z').flat_map(|l| {
        (0..100).flat_map(move |n| icd.billable_under(&format!("{}{n:02}", char::from(l)), usize::MAX))
    });
    let words = |code: &str| {
        let mut text = icd.title(code).unwrap_or_default().to_lowercase();
        for note in icd.notes(code).iter().filter(|n| n.kind == NoteKind::InclusionTerm) {
            text.push(' ');
            text.push_str(&note.text.to_lowercase());
        }
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    tops.map(|code| (words(&code), code)).map(|(w, c)| (c, w)).collect()
}

fn linear<'a>(table: &'a [Row], query: &str) -> Vec<&'a str> {
    let typed: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |words: &[String]| typed.iter().all(|t| words.iter().any(|w| w.starts_with(t.as_str())));
    table.iter().filter(|(_, words)| fits(words)).map(|(code, _)| code.as_str()).collect()
}
