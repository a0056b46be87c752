//! How fast 100,000 passages are searched, filtered by payer and date, and what the sieve by signs loses against plain
//! comparison of all vectors: `cargo run --release -p iambilly-policy --example search_speed`.

#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement prints, and its sizes are small"
)]

use iambilly_policy::{Entry, Index, Method, Nature, Passage, Query};
use jiff::civil::{Date, date};
use std::time::Instant;

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

fn main() {
    let mut noise = Noise(88_172_645_463_325_252);
    let subjects: Vec<Vec<f32>> = (0..500).map(|_| (0..DIMS).map(|_| noise.number()).collect()).collect();
    let from = |n: u64| if n.is_multiple_of(4) { date(2025, 1, 1) } else { date(2026, 1, 1) };
    for payers in [1_u64, 20] {
        let since = Instant::now();
        let mut index = Index::default();
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
            let length = vector.iter().map(|n| n * n).sum::<f32>().sqrt();
            all.push((id, payer, begins, vector.iter().map(|n| n / length).collect()));
        }
        println!("{PASSAGES} passages, {payers} payers: built in {:.1} s", since.elapsed().as_secs_f64());
        let (mut times, mut brute, mut same, mut nearest) = (vec![], vec![], 0_usize, 0_usize);
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
            let since = Instant::now();
            let mut exact: Vec<(u64, f32)> = all
                .iter()
                .filter(|(_, p, begins, _)| *p == payer && *begins <= dos)
                .map(|(id, _, _, v)| (*id, v.iter().zip(&vector).map(|(a, b)| a * b).sum()))
                .collect();
            exact.sort_by(|a, b| b.1.total_cmp(&a.1));
            brute.push(since.elapsed());
            let found = index.search(&ask(Method::Vectors));
            nearest += exact.len().min(10);
            same += exact.iter().take(10).filter(|(id, _)| found.iter().any(|h| h.id == *id)).count();
        }
        times.sort();
        brute.sort();
        let at = |all: &[std::time::Duration], share: usize| {
            all[(all.len() - 1) * share / 100].as_secs_f64() * 1e3
        };
        println!("  hybrid: median {:.2} ms, p99 {:.2} ms", at(&times, 50), at(&times, 99));
        println!(
            "  plain comparison of all vectors: median {:.2} ms, p99 {:.2} ms",
            at(&brute, 50),
            at(&brute, 99)
        );
        println!(
            "  of the 10 nearest by plain comparison found: {:.2} %",
            same as f64 * 100.0 / nearest as f64
        );
    }
}
