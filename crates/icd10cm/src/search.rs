//! Finding codes as they are typed.
//!
//! Every typed word begins a word of the entry, in any order: of its title, its inclusion terms, or those of
//! the codes above it. Abbreviations, everyday names and vertebral levels are read as the list says them
//! (`data/icd10cm/synonyms.tsv`). A code may be typed with or without its dot, whole or begun. Only where
//! nothing fits are slips of the fingers allowed for.

use crate::code::{bare, dotted};
use crate::edition::{Edition, Standing};
use crate::index::{allowed_slips, begins_alike, fold};
use crate::synonyms;
use std::cmp::Reverse;

/// A code found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hit<'a> {
    /// The code with its dot.
    pub code: String,
    /// Its title.
    pub title: &'a str,
    /// Whether it can be reported as it stands.
    pub billable: bool,
    /// What its 7th character means, where it has one.
    pub seventh: Option<&'a str>,
    /// The 7th characters it still needs, if any.
    pub needs: &'a str,
}

/// One typed word.
enum Typed {
    /// Ways to match it, each worth its per cent: all words of a way must match.
    Words(Vec<(Vec<String>, u16)>),
    /// The beginning of a code, or a word.
    Code(String, Vec<(Vec<String>, u16)>),
}

/// Words beyond these are not read; nobody types so many.
const MOST_WORDS: usize = 12;

fn literal(word: &str) -> Vec<(Vec<String>, u16)> {
    let said = synonyms::ways(word).into_iter();
    let said = said.map(|way| (way.iter().map(|w| (*w).to_owned()).collect(), 90));
    [(vec![word.to_owned()], 100)].into_iter().chain(said).collect()
}

fn looks_like_code(word: &str) -> bool {
    let b = word.as_bytes();
    b.len() >= 3
        && b.len() <= 8
        && b.first().is_some_and(u8::is_ascii_alphabetic)
        && b.get(1).is_some_and(u8::is_ascii_digit)
        && b.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'.')
}

fn read(query: &str) -> Vec<Typed> {
    let mut out = vec![];
    for chunk in query.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        let chunk = fold(chunk);
        let levels = synonyms::level(&chunk);
        if !levels.is_empty() {
            let mut ways: Vec<_> = levels.into_iter().zip([100, 85, 80]).collect();
            ways.push((vec![chunk.clone()], 100));
            out.push(if looks_like_code(&chunk) {
                Typed::Code(bare(&chunk).into_owned(), ways)
            } else {
                Typed::Words(ways)
            });
        } else if looks_like_code(&chunk) {
            out.push(Typed::Code(bare(&chunk).into_owned(), literal(&chunk)));
        } else {
            let words = chunk.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
            out.extend(words.map(|w| Typed::Words(literal(w))));
        }
    }
    out.truncate(MOST_WORDS);
    out
}

/// Marks of one search, a byte a row.
struct Marks {
    /// The best way of the word at hand.
    best: Vec<u8>,
    /// One way, and one word of it.
    way: Vec<u8>,
    word: Vec<u8>,
}

impl Edition {
    /// The codes that fit what was typed, best first, at most `limit`: a whole code as typed, then codes that
    /// can be reported before headings. Nothing for an empty text.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit<'_>> {
        let typed = read(query);
        if typed.is_empty() || limit == 0 || self.is_empty() {
            return vec![];
        }
        let mut found = self.matches(&typed, Slips::None);
        if found.is_empty() {
            found = self.matches(&typed, Slips::InUnknownWords);
        }
        if found.is_empty() {
            found = self.matches(&typed, Slips::InAllWords);
        }
        let whole = query.split_whitespace().next().filter(|_| query.split_whitespace().count() == 1);
        let whole = whole.map(|w| bare(w).into_owned()).and_then(|b| self.find(&b).map(|f| (b, f)));
        let mut hits: Vec<Hit<'_>> = vec![];
        if let Some((code, (row, seventh))) = &whole {
            hits.push(Hit {
                code: dotted(code),
                seventh: seventh.and_then(|_| self.seventh(code)),
                ..self.hit(*row)
            });
            if let (Some(_), Some(hit)) = (seventh, hits.last_mut()) {
                (hit.needs, hit.billable) = ("", true);
            }
            found.retain(|(other, _)| *other as usize != *row);
        }
        let wanted = limit.saturating_sub(hits.len());
        let key = |(row, score): &(u32, u16)| (Reverse(*score), *row);
        if found.len() > wanted && wanted > 0 {
            found.select_nth_unstable_by_key(wanted - 1, key);
        }
        found.truncate(wanted);
        found.sort_unstable_by_key(key);
        hits.extend(found.into_iter().map(|(row, _)| self.hit(row as usize)));
        hits
    }

    fn hit(&self, row: usize) -> Hit<'_> {
        let code = self.code_at(row);
        Hit {
            code: dotted(code),
            title: self.row(row).map_or("", |r| self.text(r.title)),
            billable: self.standing(code) == Standing::Billable,
            seventh: None,
            needs: self.extensions_at(row),
        }
    }

    /// Rows that fit every typed word, with their score.
    fn matches(&self, typed: &[Typed], slips: Slips) -> Vec<(u32, u16)> {
        let index = self.index();
        let n = self.len();
        let mut marks = Marks { best: vec![0; n], way: vec![0; n], word: vec![0; n] };
        let mut scores: Vec<u16> = vec![1; n];
        for token in typed {
            marks.best.fill(0);
            let ways = match token {
                Typed::Words(ways) => ways,
                Typed::Code(code, ways) => {
                    let code = code.to_ascii_uppercase();
                    for row in self.beginning(&code) {
                        if let Some(mark) = marks.best.get_mut(row) {
                            *mark = 30;
                        }
                    }
                    ways
                }
            };
            for (way, worth) in ways {
                self.mark_way(way, *worth, &mut marks);
            }
            let unknown = slips == Slips::InUnknownWords && marks.best.iter().all(|m| *m == 0);
            let typed = ways.first().and_then(|(way, _)| way.first());
            if let Some(word) = typed.filter(|_| unknown || slips == Slips::InAllWords) {
                index.mark_alike(word, &mut marks.best);
                let few = allowed_slips(word);
                let near = |key: &&str| few > 0 && begins_alike(word, key, few);
                for way in synonyms::typed().filter(near).flat_map(synonyms::ways) {
                    let way: Vec<String> = way.iter().map(|w| (*w).to_owned()).collect();
                    self.mark_way(&way, 60, &mut marks);
                }
            }
            for (score, mark) in scores.iter_mut().zip(&marks.best) {
                *score = if *mark == 0 { 0 } else { (*score + u16::from(*mark) * 4) * u16::from(*score > 0) };
            }
        }
        let rows = scores.into_iter().zip(&index.rows).enumerate().filter(|(_, (score, _))| *score > 0);
        rows.map(|(row, (score, facts))| {
            let mut score = score + 200;
            score -= u16::from(facts.words.min(40)) * 2;
            score -= u16::from(facts.unspecified) * 8;
            score += u16::from(facts.spine) * 16;
            score += u16::from(!facts.heading) * 4000;
            (u32::try_from(row).unwrap_or(u32::MAX), score)
        })
        .collect()
    }

    /// Marks the rows in which all words of a way stand.
    fn mark_way(&self, way: &[String], worth: u16, marks: &mut Marks) {
        let index = self.index();
        let weigh = |mark: u8| u8::try_from(u16::from(mark) * worth / 100).unwrap_or(u8::MAX);
        for (i, word) in way.iter().enumerate() {
            marks.word.fill(0);
            index.mark(word, &mut marks.word);
            if i == 0 {
                std::mem::swap(&mut marks.way, &mut marks.word);
            } else {
                for (all, one) in marks.way.iter_mut().zip(&marks.word) {
                    *all = (*all).min(*one);
                }
            }
        }
        for (best, way) in marks.best.iter_mut().zip(&marks.way) {
            *best = (*best).max(weigh(*way));
        }
    }
}

/// Where slips of the fingers are allowed for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slips {
    None,
    InUnknownWords,
    InAllWords,
}
