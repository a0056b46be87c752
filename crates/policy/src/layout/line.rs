//! Glyphs to words, words to lines; which words are bold.

use super::{Glyph, PageMarks};
use std::collections::HashMap;

/// A word with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) text: String,
}

/// Words on one baseline, from the left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) y: f32,
    pub(super) words: Vec<Word>,
}

impl Line {
    pub(super) fn x0(&self) -> f32 {
        self.words.first().map_or(0.0, |w| w.x0)
    }
    pub(super) fn x1(&self) -> f32 {
        self.words.iter().map(|w| w.x1).fold(0.0, f32::max)
    }
    pub(super) fn size(&self) -> f32 {
        self.words.iter().map(|w| w.size).fold(0.0, f32::max)
    }
    pub(super) fn bold(&self) -> bool {
        !self.words.is_empty() && self.words.iter().filter(|w| w.bold).count() * 5 >= self.words.len() * 4
    }
    /// Running text fills its line alone.
    pub(super) fn is_running(&self) -> bool {
        self.words.len() >= 8 && self.segments().len() == 1
    }
    pub(super) fn text(&self) -> String {
        join(&self.words)
    }
    /// The line cut where the space between two words is wide.
    pub(super) fn segments(&self) -> Vec<&[Word]> {
        let mut out = vec![];
        let mut from = 0;
        for at in 1..=self.words.len() {
            let wide = match (self.words.get(at - 1), self.words.get(at)) {
                (Some(a), Some(b)) => {
                    b.x0 - a.x1 > 0.95 * a.size.max(b.size) && !(at == from + 1 && is_marker(&a.text))
                }
                _ => true,
            };
            if wide {
                out.extend(self.words.get(from..at));
                from = at;
            }
        }
        out
    }
}

/// `•`, `1.`, `a.`, `(ii)`: what begins an item of a list.
pub(super) fn is_marker(text: &str) -> bool {
    if matches!(text, "•" | "◦" | "▪" | "■" | "●" | "○" | "–" | "-" | "*" | "·" | "‣") {
        return true;
    }
    let inner = text.trim_start_matches('(');
    let Some(inner) = inner.strip_suffix(['.', ')']) else { return false };
    let number = inner.len() <= 2 && !inner.is_empty() && inner.chars().all(|c| c.is_ascii_digit());
    let letter = inner.len() == 1 && inner.chars().all(|c| c.is_ascii_lowercase());
    let roman = !inner.is_empty() && inner.len() <= 4 && inner.chars().all(|c| matches!(c, 'i' | 'v' | 'x'));
    number || letter || roman
}

pub(super) fn join(words: &[Word]) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// How much ink a letter of the running text has.
pub(super) struct Ink(HashMap<String, f32>);

impl Ink {
    pub(super) fn of(pages: &[PageMarks]) -> Self {
        let mut seen: HashMap<&str, HashMap<u32, (usize, f32)>> = HashMap::new();
        for glyph in pages.iter().flat_map(|p| &p.glyphs) {
            if glyph.ink > 0.0 && glyph.text.chars().all(char::is_alphanumeric) {
                let entry = seen.entry(&glyph.text).or_default().entry(glyph.ink.to_bits()).or_default();
                *entry = (entry.0 + 1, glyph.ink);
            }
        }
        let usual = |inks: HashMap<u32, (usize, f32)>| {
            inks.into_values().max_by_key(|(count, _)| *count).map(|(_, ink)| ink)
        };
        Self(seen.into_iter().filter_map(|(t, inks)| Some((t.to_owned(), usual(inks)?))).collect())
    }
    fn is_bold(&self, glyphs: &[&Glyph]) -> bool {
        let ratios = glyphs.iter().filter_map(|g| Some(g.ink / self.0.get(&g.text).filter(|u| **u > 0.0)?));
        let (sum, count) = ratios.fold((0.0, 0.0), |(sum, n), r| (sum + r, n + 1.0));
        count > 0.0 && sum / count > 1.18
    }
}

/// The lines of a page from the top.
pub(super) fn lines(page: &PageMarks, ink: &Ink) -> Vec<Line> {
    let mut glyphs: Vec<&Glyph> = page.glyphs.iter().filter(|g| g.size > 1.0 && g.x.is_finite()).collect();
    glyphs.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    let mut rows: Vec<(f32, Vec<&Glyph>)> = vec![];
    for glyph in glyphs {
        match rows.last_mut() {
            Some((y, row)) if (glyph.y - *y).abs() <= 0.3 * glyph.size => row.push(glyph),
            _ => rows.push((glyph.y, vec![glyph])),
        }
    }
    let line = |(y, mut row): (f32, Vec<&Glyph>)| {
        row.sort_by(|a, b| a.x.total_cmp(&b.x));
        Line { y, words: words(&row, ink) }
    };
    rows.into_iter().map(line).filter(|l| !l.words.is_empty()).collect()
}

fn words(row: &[&Glyph], ink: &Ink) -> Vec<Word> {
    let mut out: Vec<Word> = vec![];
    let mut open: Vec<&Glyph> = vec![];
    let mut close = |open: &mut Vec<&Glyph>| {
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            out.push(Word {
                x0: first.x,
                x1: last.x + last.width,
                size: open.iter().map(|g| g.size).fold(0.0, f32::max),
                bold: ink.is_bold(open),
                text: open.iter().map(|g| g.text.as_str()).collect(),
            });
        }
        open.clear();
    };
    for glyph in row {
        if glyph.text.trim().is_empty() {
            close(&mut open);
            continue;
        }
        if let Some(last) = open.last() {
            // The same letter painted twice at one place is a poor man's bold.
            if last.text == glyph.text && (glyph.x - last.x).abs() < 0.12 * glyph.size {
                continue;
            }
            if glyph.x - (last.x + last.width) > 0.17 * glyph.size {
                close(&mut open);
            }
        }
        open.push(glyph);
    }
    close(&mut open);
    out
}

/// What running text looks like in this document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Size of most letters.
    pub(super) body: f32,
    /// From baseline to baseline in a paragraph.
    pub(super) pitch: f32,
}

impl Style {
    pub(super) fn of(pages: &[Vec<Line>]) -> Self {
        let mut sizes: HashMap<i64, (usize, f32)> = HashMap::new();
        let mut running: HashMap<i64, (usize, f32)> = HashMap::new();
        let mut pitches: HashMap<i64, (usize, f32)> = HashMap::new();
        for page in pages {
            for line in page {
                // Tables, set smaller, may hold most of a document's letters.
                let prose = line.is_running();
                for word in &line.words {
                    let of = if prose { &mut running } else { &mut sizes };
                    let entry = of.entry(tenths(word.size)).or_default();
                    *entry = (entry.0 + word.text.len(), word.size);
                }
            }
            for (a, b) in page.iter().zip(page.iter().skip(1)) {
                let gap = b.y - a.y;
                let alike = (a.size() - b.size()).abs() < 0.5;
                if alike && gap > 0.8 * a.size() && gap < 1.8 * a.size() {
                    let entry = pitches.entry(tenths(gap)).or_default();
                    *entry = (entry.0 + 1, gap);
                }
            }
        }
        let usual = |seen: HashMap<i64, (usize, f32)>| seen.into_values().max_by_key(|s| s.0).map(|s| s.1);
        let body = usual(running).or_else(|| usual(sizes)).unwrap_or(10.0);
        Self { body, pitch: usual(pitches).unwrap_or(1.25 * body) }
    }
}

/// A length in tenths of a point.
#[allow(clippy::cast_possible_truncation, reason = "lengths of a page in points")]
fn tenths(length: f32) -> i64 {
    (length * 10.0).round() as i64
}
