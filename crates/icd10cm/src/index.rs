//! The words of an edition and the rows they stand in.

use crate::edition::Edition;
use crate::notes::NoteKind;
use crate::synonyms::terms;
use std::collections::HashMap;

/// Where in a row a word stands, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// First in its title, or in a term a practice uses for it.
    Lead,
    /// In its title.
    Title,
    /// In its own inclusion terms.
    Term,
    /// In the title of a code above it.
    Above,
    /// In an inclusion term of a code above it, or behind "without".
    Aside,
}

impl Place {
    const ALL: [Self; 5] = [Self::Lead, Self::Title, Self::Term, Self::Above, Self::Aside];

    /// What a match here is worth.
    pub(crate) const fn weight(self) -> u8 {
        match self {
            Self::Lead => 14,
            Self::Title => 12,
            Self::Term => 9,
            Self::Above => 6,
            Self::Aside => 4,
        }
    }
    fn of(bits: u32) -> Self {
        Self::ALL.get(bits as usize).copied().unwrap_or(Self::Aside)
    }
}

/// The words of an edition, sorted, each with the rows it stands in.
#[derive(Debug)]
pub(crate) struct Index {
    words: Vec<Word>,
    /// Row and place (its lowest three bits).
    postings: Vec<u32>,
    pub(crate) rows: Vec<RowFacts>,
}

#[derive(Debug)]
struct Word {
    text: Box<str>,
    /// One bit a letter, for a quick look at how far two words are apart.
    letters: u32,
    first: u32,
    last: u32,
}

/// What ranking wants to know of a row, without reading its text again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowFacts {
    pub(crate) heading: bool,
    /// Number of words in the title.
    pub(crate) words: u8,
    pub(crate) unspecified: bool,
    /// A code of the spine, its hardware or its nerves.
    pub(crate) spine: bool,
}

/// Ranges of codes that a spine practice reports: they win a tie.
const SPINE: [(&str, &str); 17] = [
    ("C412", "C412"),
    ("C7951", "C7952"),
    ("D32", "D33"),
    ("G061", "G062"),
    ("G54", "G55"),
    ("G83", "G83"),
    ("G89", "G89"),
    ("G95", "G99"),
    ("M40", "M54"),
    ("M80", "M80"),
    ("M96", "M96"),
    ("M99", "M99"),
    ("S12", "S14"),
    ("S22", "S24"),
    ("S32", "S34"),
    ("T84", "T84"),
    ("Z981", "Z981"),
];

/// Words of a text in lower case: runs of letters and digits.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(fold)
}

/// Lower case without accents, as people type.
pub(crate) fn fold(word: &str) -> String {
    let plain = |c: char| match c {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' => 'o',
        'ù'..='ü' => 'u',
        other => other,
    };
    word.chars().flat_map(char::to_lowercase).map(plain).collect()
}

pub(crate) fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |set, b| set | 1 << (b - b'a'))
}

impl Index {
    /// Reads every title and inclusion term (some hundred milliseconds, once).
    pub(crate) fn new(edition: &Edition) -> Self {
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        let mut rows = Vec::with_capacity(edition.len());
        for i in 0..edition.len() {
            let mut own: Vec<(String, Place)> = vec![];
            let mut add = |text: &str, place: Place| {
                let mut place = place;
                for (n, word) in words(text).enumerate() {
                    let here = if n > 0 && place == Place::Lead { Place::Title } else { place };
                    if word == "without" {
                        place = Place::Aside;
                    }
                    if !own.iter().any(|(w, _)| *w == word) {
                        own.push((word, here));
                    }
                }
            };
            for term in terms(edition.code_at(i)) {
                for word in words(term) {
                    add(&word, Place::Lead);
                }
            }
            let (mut words_in_title, mut unspecified) = (0, false);
            for (depth, row) in edition.lineage(i).enumerate() {
                let (title, own) = (edition.text(row.title), depth == 0);
                if own {
                    words_in_title = words(title).count();
                    unspecified = title.contains("unspecified") || title.contains("Unspecified");
                }
                add(title, if own { Place::Lead } else { Place::Above });
                for (kind, text) in edition.lines(row.notes) {
                    if matches!(kind, NoteKind::InclusionTerm | NoteKind::Includes) {
                        add(text, if own { Place::Term } else { Place::Aside });
                    }
                }
            }
            let row = u32::try_from(i).unwrap_or(u32::MAX >> 3);
            for (word, place) in own {
                places.entry(word).or_default().push(row << 3 | place as u32);
            }
            let code = edition.code_at(i);
            rows.push(RowFacts {
                heading: edition.has_below(i) && edition.extensions_at(i).is_empty(),
                words: u8::try_from(words_in_title).unwrap_or(u8::MAX),
                unspecified,
                spine: SPINE
                    .iter()
                    .any(|(low, high)| code >= *low && (code <= *high || code.starts_with(high))),
            });
        }
        let mut places: Vec<_> = places.into_iter().collect();
        places.sort();
        let (mut all, mut postings) = (Vec::with_capacity(places.len()), vec![]);
        for (text, list) in places {
            let first = u32::try_from(postings.len()).unwrap_or(u32::MAX);
            postings.extend(list);
            let last = u32::try_from(postings.len()).unwrap_or(u32::MAX);
            all.push(Word { letters: letters(&text), text: text.into(), first, last });
        }
        Self { words: all, postings, rows }
    }

    fn rows_of(&self, word: &Word) -> impl Iterator<Item = (usize, Place)> {
        let list = self.postings.get(word.first as usize..word.last as usize).unwrap_or_default();
        list.iter().map(|p| ((p >> 3) as usize, Place::of(p & 7)))
    }

    /// Marks the rows with a word that begins so: the mark is what the best match is worth.
    pub(crate) fn mark(&self, beginning: &str, marks: &mut [u8]) {
        let start = self.words.partition_point(|w| &*w.text < beginning);
        for word in self.words.iter().skip(start).take_while(|w| w.text.starts_with(beginning)) {
            let whole = u8::from(word.text.len() == beginning.len()) * 3;
            self.mark_word(word, whole, 0, marks);
        }
    }

    fn mark_word(&self, word: &Word, more: u8, less: u8, marks: &mut [u8]) {
        for (row, place) in self.rows_of(word) {
            if let Some(mark) = marks.get_mut(row) {
                *mark = (*mark).max((place.weight() + more).saturating_sub(less).max(1));
            }
        }
    }

    /// Marks the rows with a word whose beginning is a slip or two away from what was typed.
    pub(crate) fn mark_alike(&self, typed: &str, marks: &mut [u8]) {
        let slips = allowed_slips(typed);
        let set = letters(typed);
        let alike = self.words.iter().filter(|w| {
            // Each slip takes away at most one of the typed letters.
            (set & !w.letters).count_ones() as usize <= slips && begins_alike(typed, &w.text, slips)
        });
        for word in alike {
            self.mark_word(word, 0, 4, marks);
        }
    }
}

/// How many slips a word of this length may have.
pub(crate) const fn allowed_slips(typed: &str) -> usize {
    match typed.len() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Whether some beginning of `word` is at most `slips` insertions, deletions, replacements or swaps of
/// neighbours away from `typed`.
pub(crate) fn begins_alike(typed: &str, word: &str, slips: usize) -> bool {
    let (a, b) = (typed.as_bytes(), word.as_bytes());
    if a.is_empty() || b.len() + slips < a.len() {
        return false;
    }
    let width = b.len().min(a.len() + slips);
    let b = b.get(..width).unwrap_or(b);
    let mut before: Vec<usize> = vec![];
    let mut last: Vec<usize> = (0..=width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut now = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut d = (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&now, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                d = d.min(at(&before, j - 1) + 1);
            }
            now.push(d);
        }
        if now.iter().all(|d| *d > slips) {
            return false;
        }
        before = last;
        last = now;
    }
    last.iter().any(|d| *d <= slips)
}

#[cfg(test)]
mod tests {
    use super::{begins_alike, fold};

    #[test]
    fn slips() {
        for (typed, word, slips, alike) in [
            ("stenoss", "stenosis", 1, true),
            ("stensois", "stenosis", 2, true),
            ("stnosis", "stenosis", 1, true),
            ("claudciation", "claudication", 1, true),
            ("lumber", "lumbar", 1, true),
            ("lumbr", "lumbar", 1, true),
            ("hernia", "hepatic", 1, false),
            ("spond", "s", 1, false),
            ("", "x", 1, false),
        ] {
            assert_eq!(begins_alike(typed, word, slips), alike, "{typed} {word}");
        }
        assert_eq!(fold("Ménière"), "meniere");
    }
}
