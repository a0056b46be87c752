//! The spine lexicon: terms, valid words, ordinary English, and how alike two spellings sound.
//!
//! Likeness is half spelling (normalised Levenshtein) and half sound (the same on consonant classes), so
//! that "form anatomy" meets "foraminotomy" and "faceectomy" "facetectomy".

use crate::phonetic::Sounds;
use crate::tabular;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A term as it should be written.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) words: Vec<String>,
    /// The words as written, with their capitals.
    pub(crate) written: Vec<String>,
    /// Letters of all words together.
    pub(crate) joined: String,
    pub(crate) sound: String,
    /// How it is said.
    pub(crate) heard: Sounds,
    letters: Letters,
    sounds: Letters,
}

/// How often each letter stands in a word: what two words share bounds how alike they can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letters {
    counts: [u8; 32],
    total: u8,
}

impl Letters {
    /// Counts the letters of a word of ASCII.
    pub(crate) fn of(word: &str) -> Self {
        let mut counts = [0_u8; 32];
        let mut total = 0_u8;
        for b in word.bytes() {
            if let Some(c) = counts.get_mut(usize::from(b & 31)) {
                *c = c.saturating_add(1);
            }
            total = total.saturating_add(1);
        }
        Self { counts, total }
    }

    /// The highest normalised Levenshtein likeness two words of these letters can have: a letter the other
    /// lacks costs one edit at least.
    fn bound(&self, other: &Self) -> f64 {
        let shared: u16 = self.counts.iter().zip(&other.counts).map(|(a, b)| u16::from(*a.min(b))).sum();
        let longest = self.total.max(other.total).max(1);
        f64::from(shared) / f64::from(longest)
    }
}

/// What sort of word a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A spine or surgical word, spelled right: never changed.
    Technical,
    /// An ordinary English word: changed only within a term.
    Ordinary,
    /// Not a word we know.
    Unknown,
}

const PREFIXES: [&str; 16] = [
    "intra", "inter", "supra", "infra", "peri", "pre", "post", "neuro", "micro", "extra", "sub", "para",
    "trans", "retro", "pseudo", "hemi",
];

/// The lexicon, read once.
pub(crate) struct Lexicon {
    pub(crate) terms: Vec<Term>,
    /// Terms by their letters joined.
    by_letters: HashMap<String, usize>,
    /// Numbers of the terms by the length of their joined letters.
    by_length: Vec<Vec<usize>>,
    /// Words of terms that are ordinary English too (screw, cage, body, nerve).
    pub(crate) shared: HashSet<String>,
    sorts: HashMap<&'static str, Sort>,
    /// Words of the tabular list of diseases: spelled right, whatever they sound like.
    tabular: HashSet<String>,
}

const TERMS: &str = include_str!("../../../data/coding/lexicon.txt");
const ENGLISH: &str = include_str!("../../../data/coding/english.txt");

pub(crate) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut sorts: HashMap<&'static str, Sort> =
        ENGLISH.lines().filter(|l| !l.starts_with('#')).map(|w| (w, Sort::Ordinary)).collect();
    let (mut terms, mut shared, mut known) = (vec![], HashSet::new(), false);
    for line in TERMS.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        match line {
            "[terms]" => known = false,
            "[known]" => known = true,
            _ if known => {
                for w in line.split_whitespace() {
                    sorts.insert(w, Sort::Technical);
                }
            }
            _ => terms.push(line),
        }
    }
    let terms = terms
        .into_iter()
        .map(|line| {
            let words: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
            let joined = words.concat();
            let sound = sound(&joined);
            Term {
                heard: Sounds::of(words.iter().map(String::as_str)),
                letters: Letters::of(&joined),
                sounds: Letters::of(&sound),
                sound,
                written: line.split_whitespace().map(str::to_owned).collect(),
                words,
                joined,
            }
        })
        .collect::<Vec<_>>();
    for word in TERMS
        .lines()
        .take_while(|l| *l != "[known]")
        .filter(|l| !l.starts_with(['#', '[']))
        .flat_map(str::split_whitespace)
    {
        match sorts.get(word) {
            Some(Sort::Ordinary) => {
                shared.insert(word.to_owned());
            }
            _ => {
                sorts.insert(word, Sort::Technical);
            }
        }
    }
    let longest = terms.iter().map(|t| t.joined.len()).max().unwrap_or(0);
    let mut by_letters = HashMap::new();
    let mut by_length = vec![vec![]; longest + 1];
    for (i, t) in terms.iter().enumerate() {
        by_letters.entry(t.joined.clone()).or_insert(i);
        if let Some(bucket) = by_length.get_mut(t.joined.len()) {
            bucket.push(i);
        }
    }
    Lexicon { terms, by_letters, by_length, shared, sorts, tabular: tabular::words() }
});

impl Lexicon {
    /// The term these joined letters spell.
    pub(crate) fn spelled(&self, joined: &str) -> Option<&Term> {
        self.by_letters.get(joined).and_then(|i| self.terms.get(*i))
    }

    /// The terms whose likeness to a word of this sound may reach a floor: of a like length, and with enough
    /// letters in common. None that reaches it is left out.
    pub(crate) fn near<'a>(
        &'a self,
        joined: &str,
        sound: &str,
        floor: f64,
    ) -> impl Iterator<Item = &'a Term> + use<'a> {
        let n = joined.len();
        let (letters, sounds) = (Letters::of(joined), Letters::of(sound));
        let last = (n * 10 / 6 + 1).min(self.by_length.len());
        let first = (n * 6 / 10).min(last);
        self.by_length
            .get(first..last)
            .unwrap_or(&[])
            .iter()
            .flatten()
            .filter_map(|i| self.terms.get(*i))
            .filter(move |t| 0.5 * t.letters.bound(&letters) + 0.5 * t.sounds.bound(&sounds) >= floor - 1e-9)
    }

    /// The terms that may sound like a window to a floor: of a like length, and with the sounds for it.
    pub(crate) fn sounding<'a>(
        &'a self,
        joined: &str,
        heard: &Sounds,
        floor: f64,
    ) -> impl Iterator<Item = (&'a Term, f64)> + use<'a> {
        let n = joined.len();
        let last = (n * 10 / 7 + 2).min(self.by_length.len());
        let first = (n * 7 / 10).min(last);
        let heard = heard.clone();
        let near = self.by_length.get(first..last).unwrap_or(&[]).iter().flatten();
        near.filter_map(|i| self.terms.get(*i)).filter_map(move |t| {
            let near = heard.comparable(&t.heard) && heard.bound(&t.heard) >= floor;
            if near { heard.likeness_from(&t.heard, floor).map(|l| (t, l)) } else { None }
        })
    }

    /// What sort of word this lower-case word is; a plural or a possessive counts as its singular.
    pub(crate) fn sort(&self, word: &str) -> Sort {
        // "intra-articular", "neuroforaminal", "microdissection": a prefix of the trade on a known word.
        let rest = PREFIXES
            .iter()
            .filter_map(|p| word.strip_prefix(p))
            .find(|w| w.len() > 4 && self.sorts.contains_key(w));
        if rest.is_some() {
            return self.sorts.get(word).copied().unwrap_or(Sort::Technical);
        }
        let stems = ["s", "es", "ed", "ing", "ly", "al", "d"]
            .iter()
            .filter_map(|e| word.strip_suffix(e))
            .filter(|w| w.len() > 3);
        let known = [word].into_iter().chain(stems).find_map(|w| self.sorts.get(w).copied());
        known.unwrap_or(if self.tabular.contains(word) { Sort::Ordinary } else { Sort::Unknown })
    }
}

/// The consonants of a word by class, its first vowel kept: `foraminotomy` → `framntm`-like keys.
pub(crate) fn sound(word: &str) -> String {
    let mut chars: Vec<char> = Vec::with_capacity(word.len());
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        // Two letters for one sound.
        let one = match (c, rest.peek()) {
            ('p', Some('h')) => 'f',
            ('c', Some('k')) => 'k',
            ('g', Some('h')) => 'g',
            ('s', Some('c')) => 's',
            ('x', Some('c')) => 'x',
            _ => {
                chars.push(c);
                continue;
            }
        };
        rest.next();
        chars.push(one);
    }
    let mut out = String::with_capacity(chars.len());
    for (i, c) in chars.iter().enumerate() {
        let soft = chars.get(i + 1).is_some_and(|n| matches!(n, 'e' | 'i' | 'y'));
        let class = match c {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' => {
                if i == 0 {
                    'a'
                } else {
                    continue;
                }
            }
            'h' | 'w' => continue,
            'c' if soft => 's',
            'c' | 'k' | 'q' | 'g' => 'k',
            'b' | 'p' => 'p',
            'd' | 't' => 't',
            'f' | 'v' => 'f',
            's' | 'z' | 'x' => 's',
            'j' => 'k',
            other => *other,
        };
        if out.ends_with(class) {
            continue;
        }
        out.push(class);
    }
    out
}

/// Likeness of two spellings, 0 to 1.
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    likeness_with(a, &sound(a), b, &sound(b))
}

/// Likeness of two spellings whose sounds are known.
pub(crate) fn likeness_with(a: &str, a_sound: &str, b: &str, b_sound: &str) -> f64 {
    0.5 * strsim::normalized_levenshtein(a, b) + 0.5 * strsim::normalized_levenshtein(a_sound, b_sound)
}

#[cfg(test)]
mod tests {
    use super::{LEXICON, Sort, likeness};

    #[test]
    fn sorts() {
        assert_eq!(LEXICON.sort("laminectomy"), Sort::Technical);
        assert_eq!(LEXICON.sort("screw"), Sort::Ordinary);
        assert_eq!(LEXICON.sort("faceectomy"), Sort::Unknown);
        assert!(LEXICON.shared.contains("screw") && LEXICON.terms.len() > 200);
    }

    #[test]
    fn alike_by_sound_and_spelling() {
        assert!(likeness("formanatomy", "foraminotomy") > 0.8);
        assert!(likeness("faceectomy", "facetectomy") > 0.85);
        assert!(likeness("anterior", "posterior") < 0.65);
    }
}
