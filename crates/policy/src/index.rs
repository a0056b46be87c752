//! Searching passages: by words (BM25 over fields), by meaning (vectors), and both fused by rank.
//!
//! The index is partitioned by payer and every passage knows the dates it is in force, so payer and date of service
//! are part of the query, not a sieve behind it: another payer's passage or one of a superseded version is never
//! looked at, let alone ranked. It lives in memory; the encrypted store is the truth it is built from.

use crate::asked::Kinds;
use crate::passage::{Nature, Passage};
use crate::vectors::Vectors;
use crate::words::{question, terms};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Words only.
    FullText,
    /// Vectors only.
    Vectors,
    /// Both.
    Hybrid,
}

/// A passage to be searched.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its id, unique in the index.
    pub id: u64,
    /// Payer id; compared without case.
    pub payer: &'a str,
    /// Title of its document.
    pub title: &'a str,
    /// First date of service it is in force for.
    pub from: Date,
    /// Last one, if it ends.
    pub to: Option<Date>,
    /// The passage.
    pub passage: &'a Passage,
    /// Its vector, where it has one.
    pub vector: Option<&'a [f32]>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Payer id.
    pub payer: &'a str,
    /// Date of service.
    pub dos: Date,
    /// The question.
    pub text: &'a str,
    /// Its vector, where a model made one.
    pub vector: Option<&'a [f32]>,
    /// What ranks.
    pub method: Method,
    /// At most this many.
    pub limit: usize,
}

/// A passage found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: u64,
    /// Higher is better; comparable within one answer only.
    pub score: f32,
}

/// BM25's saturation and its share of length.
const K1: f32 = 1.1;
const B: f32 = 0.6;
/// Weights of the fields beside the passage's own words.
const HEADING: f32 = 0.8;
const SECTION: f32 = 0.4;
const LEAD: f32 = 0.35;
const TITLE: f32 = 0.15;
/// How fast a rank loses weight when two rankings are fused.
const FUSION: f32 = 12.0;
/// Weight of meaning beside words: a small model knows less of payers' language than its words do.
const MEANING: f32 = 0.5;
/// Grounds a passage needs to be an answer by words: a word that says it alone counts for this many.
const GROUNDS: u8 = 2;
/// How far a passage falls back that holds no answer of the kind the question wants.
const UNFIT: f32 = 0.5;
/// How many of each ranking are fused.
const DEPTH: usize = 100;
/// A passage with no greater cosine to the question than this, and without a word of it, is no answer.
pub const FAR: f32 = 0.32;

/// The index.
#[derive(Debug, Default)]
pub struct Index {
    payers: HashMap<String, Partition>,
}

#[derive(Debug, Default)]
struct Partition {
    ids: Vec<u64>,
    from: Vec<Date>,
    to: Vec<Option<Date>>,
    lengths: Vec<f32>,
    /// Words of all passages.
    words: f32,
    kinds: Vec<Kinds>,
    prior: Vec<f32>,
    postings: HashMap<String, Vec<(u32, f32)>>,
    vectors: Vectors,
}

impl Index {
    /// Builds it.
    pub fn build<'a>(entries: impl IntoIterator<Item = Entry<'a>>) -> Self {
        let mut index = Self::default();
        for entry in entries {
            index.add(&entry);
        }
        index
    }

    /// Adds a passage.
    pub fn add(&mut self, entry: &Entry<'_>) {
        self.payers.entry(entry.payer.trim().to_lowercase()).or_default().add(entry);
    }

    /// How many passages it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.payers.values().map(|p| p.ids.len()).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds a passage of this payer that is in force on a date of service.
    #[must_use]
    pub fn speaks_for(&self, payer: &str, dos: Date) -> bool {
        self.payers
            .get(&payer.trim().to_lowercase())
            .is_some_and(|p| (0..p.ids.len()).any(|at| p.in_force(at, dos)))
    }

    /// The best passages, best first; none where nothing fits.
    #[must_use]
    pub fn search(&self, query: &Query<'_>) -> Vec<Hit> {
        let Some(part) = self.payers.get(&query.payer.trim().to_lowercase()) else { return vec![] };
        let words = match query.method {
            Method::Vectors => vec![],
            _ => part.by_words(query),
        };
        let meaning = match (query.method, query.vector) {
            (Method::FullText, _) | (_, None) => vec![],
            (_, Some(vector)) => part.by_meaning(vector, query.dos),
        };
        let mut fused: HashMap<u32, f32> = HashMap::new();
        for (ranking, weight) in [(&words, 1.0), (&meaning, MEANING)] {
            let best = ranking.first().map_or(1.0, |(_, s)| s.max(1e-6));
            for (rank, (at, score)) in (0_u16..).zip(ranking.iter().take(DEPTH)) {
                // The rank counts, and within it how far behind the best it is.
                let share = 1.0 / (FUSION + f32::from(rank)) + 0.03 * (score / best);
                *fused.entry(*at).or_insert(0.0) += weight * share;
            }
        }
        let asked = Kinds::asked(query.text);
        for (at, score) in &mut fused {
            let fits = part.kinds.get(place(*at)).map_or(1.0, |k| k.share_of(asked));
            *score *= 1.0 - UNFIT * (1.0 - fits);
        }
        let mut hits: Vec<(u32, f32)> = fused.into_iter().collect();
        hits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        hits.truncate(query.limit);
        hits.iter()
            .filter_map(|(at, score)| Some(Hit { id: *part.ids.get(place(*at))?, score: *score }))
            .collect()
    }
}

impl Partition {
    fn add(&mut self, entry: &Entry<'_>) {
        let at = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let passage = entry.passage;
        let mut counts: HashMap<String, f32> = HashMap::new();
        let mut length = 0.0;
        let mut field = |text: &str, weight: f32, counted: bool| {
            for term in terms(text) {
                *counts.entry(term).or_insert(0.0) += weight;
                if counted {
                    length += 1.0;
                }
            }
        };
        field(&passage.text, 1.0, true);
        field(passage.heading(), HEADING, false);
        let above = passage.section.len().saturating_sub(1);
        field(&passage.section.iter().take(above).cloned().collect::<Vec<_>>().join(" "), SECTION, false);
        field(&passage.lead, LEAD, false);
        field(entry.title, TITLE, false);
        for code in &passage.codes {
            // A code inside a range is named as well as one that is printed.
            counts.entry(code.to_ascii_lowercase()).or_insert(1.0);
        }
        for (term, weight) in counts {
            self.postings.entry(term).or_default().push((at, weight));
        }
        self.ids.push(entry.id);
        self.from.push(passage.from.map_or(entry.from, |f| f.max(entry.from)));
        self.to.push(match (passage.to, entry.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        });
        self.lengths.push(length);
        self.words += length;
        self.kinds.push(Kinds::held(&passage.text));
        self.prior.push(match passage.nature {
            Nature::Criterion | Nature::Row | Nature::Prose => 1.0,
            Nature::History => 0.8,
            Nature::Apparatus => 0.5,
        });
        self.vectors.push(entry.vector);
    }

    fn in_force(&self, at: usize, dos: Date) -> bool {
        self.from.get(at).is_some_and(|f| *f <= dos)
            && self.to.get(at).is_some_and(|t| t.is_none_or(|t| dos <= t))
    }

    fn by_words(&self, query: &Query<'_>) -> Vec<(u32, f32)> {
        let count = self.ids.len();
        #[allow(clippy::cast_precision_loss, reason = "counts of passages")]
        let total = count as f32;
        let usual = self.words / total.max(1.0);
        let mut scores = vec![0.0_f32; count];
        // A passage that has one word of some phrase does not speak of it: two are wanted, or one that says it alone.
        let mut grounds = vec![0_u8; count];
        for (term, worth) in question(query.text, &|term| self.postings.contains_key(term)) {
            let Some(list) = self.postings.get(&term) else { continue };
            #[allow(clippy::cast_precision_loss, reason = "counts of passages")]
            let found = list.len() as f32;
            let rarity = (1.0 + (total - found + 0.5) / (found + 0.5)).ln();
            for (at, times) in list {
                let at = place(*at);
                if let (Some(score), Some(length)) = (scores.get_mut(at), self.lengths.get(at)) {
                    let norm = K1 * (1.0 - B + B * length / usual.max(1.0));
                    *score += worth.weight * rarity * times * (K1 + 1.0) / (times + norm);
                    if let Some(grounds) = grounds.get_mut(at) {
                        *grounds = grounds.saturating_add(if worth.alone { GROUNDS } else { 1 });
                    }
                }
            }
        }
        let scored = scores.iter().zip(&grounds).enumerate();
        let scored =
            scored.filter(|(at, (_, grounds))| **grounds >= GROUNDS && self.in_force(*at, query.dos));
        let scored =
            scored.filter_map(|(at, (s, _))| Some((u32::try_from(at).ok()?, s * self.prior.get(at)?)));
        best(scored.collect(), DEPTH)
    }

    fn by_meaning(&self, vector: &[f32], dos: Date) -> Vec<(u32, f32)> {
        let near = self.vectors.nearest(vector, DEPTH, |at| self.in_force(at, dos));
        let weighted = near.into_iter().filter(|(_, s)| *s > FAR);
        let mut near: Vec<(u32, f32)> =
            weighted.filter_map(|(at, s)| Some((at, s * self.prior.get(place(at))?.sqrt()))).collect();
        near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        near
    }
}

/// The best of a list, best first.
pub(crate) fn best(mut all: Vec<(u32, f32)>, limit: usize) -> Vec<(u32, f32)> {
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if all.len() > limit && limit > 0 {
        all.select_nth_unstable_by(limit - 1, order);
        all.truncate(limit);
    }
    all.sort_by(order);
    all
}

pub(crate) fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
