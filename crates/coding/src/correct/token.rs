//! The words of a transcript as the lexicon sees them, and the walls no window crosses.

use crate::lexicon::{LEXICON, Sort};

#[derive(Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) lower: String,
    pub(super) sort: Sort,
    /// No window may contain it.
    pub(super) wall: bool,
    /// It may be part of a level ("L4").
    pub(super) level: bool,
    /// A stop stands before it.
    pub(super) fresh: bool,
    /// Written with a capital first and small letters after, though no sentence begins there.
    pub(super) capital: bool,
}

const WALLS: &[&str] = &[
    "left",
    "right",
    "bilateral",
    "bilaterally",
    "both",
    "no",
    "not",
    "without",
    "never",
    "none",
    "denied",
    "nor",
    "neither",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "correction",
    "unilateral",
];
pub(super) const FUNCTION: &[&str] = &[
    "the", "of", "with", "was", "were", "at", "to", "in", "a", "an", "and", "for", "from", "is", "are",
    "that", "this", "on", "by", "as", "or", "then", "we", "i", "he", "she", "it", "be", "been", "has", "had",
    "into", "over", "through", "there", "using", "used", "placed", "under", "our", "each", "mini", "tiva",
];

pub(super) fn tokens(chars: &[char]) -> Vec<Token> {
    let mut out: Vec<Token> = vec![];
    let mut i = 0;
    let mut fresh = true;
    while i < chars.len() {
        if !chars[i].is_alphanumeric() {
            fresh |= !matches!(chars[i], ' ' | '-' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}');
            i += 1;
            continue;
        }
        let start = i;
        while i < chars.len() && chars[i].is_alphanumeric() {
            i += 1;
        }
        let lower: String = chars[start..i].iter().flat_map(|c| c.to_lowercase()).collect();
        let digits = lower.chars().any(|c| c.is_ascii_digit());
        // A consonant may be a level's; "o" and "a" are what a recogniser leaves of a vowel.
        let letter = lower.len() == 1 && !matches!(lower.as_str(), "a" | "s" | "o" | "e" | "u" | "i");
        // The end of "hospital's" is no word.
        let genitive = lower == "s" && start > 0 && matches!(chars.get(start - 1), Some('\'' | '\u{2019}'));
        let wall = digits || letter || genitive || WALLS.contains(&lower.as_str()) || !lower.is_ascii();
        let capital =
            !fresh && chars[start].is_uppercase() && chars.get(start + 1).is_some_and(|c| c.is_lowercase());
        out.push(Token {
            start,
            end: i,
            sort: LEXICON.sort(&lower),
            level: digits,
            lower,
            wall,
            fresh,
            capital,
        });
        fresh = false;
    }
    out
}
