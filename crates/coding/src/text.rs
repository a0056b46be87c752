//! The words in a form the readers can match: one lower-case ASCII byte for each Unicode scalar.
//!
//! Because the length never changes, a byte offset into [`Doc::norm`] *is* a scalar offset into the
//! transcript: evidence needs no map. Spoken punctuation becomes its sign padded with blanks, and words the
//! speaker took back ("L2 L3, correction, L3 L4"; "scratch that") are blanked out.

use crate::retraction::Retraction;
use crate::unread::{self, OPEN_BOX, TICKED_BOX, Unread};
use iambilly_claim::{Evidence, Span};
use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// Compiles a pattern of this crate; a faulty one matches nothing, and a test compiles them all.
///
/// The text is ASCII, so classes like `\\w` are too wherever that leaves no way into the middle of a scalar
/// (a negated class would): such a pattern compiles in a tenth of the time.
pub(crate) fn pattern(p: &str) -> Option<Regex> {
    compiled(p).ok()
}

/// Compiles a pattern, with its fault.
pub(crate) fn compiled(p: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(p).unicode(false).build().or_else(|_| Regex::new(p))
}

/// A static pattern, compiled once.
macro_rules! re {
    ($name:ident, $p:expr) => {
        static $name: std::sync::LazyLock<Option<regex::Regex>> =
            std::sync::LazyLock::new(|| $crate::text::pattern($p));
    };
}
pub(crate) use re;

/// Spans of all matches of an optional pattern.
pub(crate) fn all(r: &LazyLock<Option<Regex>>, s: &str) -> Vec<(usize, usize)> {
    r.as_ref().map_or_else(Vec::new, |r| r.find_iter(s).map(|m| (m.start(), m.end())).collect())
}

/// Whether an optional pattern matches.
pub(crate) fn has(r: &LazyLock<Option<Regex>>, s: &str) -> bool {
    r.as_ref().is_some_and(|r| r.is_match(s))
}

/// A normalised text and the original it stands for.
#[derive(Clone)]
pub(crate) struct Doc {
    /// The transcript's own text.
    pub(crate) original: String,
    /// Lower-case ASCII, one byte per scalar of the original.
    pub(crate) norm: String,
    /// Passages that are no record of work and are blank in `norm`.
    pub(crate) unread: Vec<Unread>,
    /// Words the speaker took back, blank in `norm`.
    pub(crate) retractions: Vec<Retraction>,
}

re!(
    SPOKEN_STOP,
    r"\b(?:period|comma|colon|semicolon|full stop|(?:new|next) line|newline|(?:new|next) paragraph)\b"
);
// Words that are nothing but a command, however few there are; "a new line was placed" is work.
re!(
    SPOKEN_BREAK,
    r"\b(?:new|next|start a new|begin a new) paragraph\b|(?:^|[.,:;]) ?(?:new|next) line\b(?:[.,:;]| (?:procedure|operation|diagnos|indication|finding|implant|complication|anesthesia|estimated|description|pre-?op|post-?op|the patient|number)\w*)"
);
impl Doc {
    /// Normalises a text.
    pub(crate) fn new(original: &str) -> Self {
        let mut bytes: Vec<u8> = original.chars().map(ascii).collect();
        spoken_punctuation(&mut bytes);
        let mut norm = String::from_utf8(bytes).unwrap_or_default();
        let unread = unread::blank(&mut norm);
        let retractions = crate::retraction::take_back(&mut norm);
        Self { original: original.to_owned(), norm, unread, retractions }
    }

    /// A slice of the normalised text; empty when out of range.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &str {
        self.norm.get(start..end.min(self.norm.len())).unwrap_or("")
    }

    /// Evidence for a span of the normalised text, without surrounding blanks and stops.
    pub(crate) fn evidence(&self, start: usize, end: usize) -> Option<Evidence> {
        let b = self.norm.as_bytes();
        let (mut s, mut e) = (start, end.min(b.len()));
        let blank = |c: u8| c.is_ascii_whitespace() || matches!(c, b',' | b'.' | b';' | b':');
        while s < e && blank(b[s]) {
            s += 1;
        }
        while e > s && blank(b[e - 1]) {
            e -= 1;
        }
        Evidence::cut(&self.original, Span::new(s, e))
    }
}

/// The ASCII byte that stands for a scalar.
fn ascii(c: char) -> u8 {
    match c {
        '\n' => b'\n',
        c if c.is_ascii_graphic() || c == ' ' => {
            u8::try_from(u32::from(c.to_ascii_lowercase())).unwrap_or(b' ')
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => b'-',
        '\u{2018}' | '\u{2019}' | '\u{2032}' => b'\'',
        '\u{201c}' | '\u{201d}' | '\u{2033}' => b'"',
        'é' | 'è' | 'ê' | 'ë' | 'É' => b'e',
        'á' | 'à' | 'â' | 'ä' => b'a',
        'í' | 'ì' | 'î' | 'ï' => b'i',
        'ó' | 'ò' | 'ô' | 'ö' => b'o',
        'ú' | 'ù' | 'û' | 'ü' => b'u',
        '\u{2022}' | '\u{25cf}' | '\u{25aa}' => b'*',
        '×' => b'x',
        '\u{2610}' | '\u{25a1}' | '\u{25fb}' | '\u{274f}' => OPEN_BOX,
        '\u{2611}' | '\u{2612}' | '\u{2713}' | '\u{2714}' | '\u{25fc}' => TICKED_BOX,
        _ => b' ',
    }
}

/// Turns dictated stops into signs, where the note is dictated that way (at least three of them, two kinds).
fn spoken_punctuation(bytes: &mut [u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let hits = all(&SPOKEN_STOP, &text);
    let kinds: std::collections::BTreeSet<&str> = hits.iter().filter_map(|&(s, e)| text.get(s..e)).collect();
    if hits.len() < 3 || kinds.len() < 2 {
        for (s, e) in all(&SPOKEN_BREAK, &text) {
            let words = text.get(s..e).unwrap_or("");
            let Some(end) = ["paragraph", "line"].iter().find_map(|w| words.find(w).map(|at| at + w.len()))
            else {
                continue;
            };
            let from = s + words.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
            if let Some(command) = bytes.get_mut(from..s + end) {
                command.fill(b' ');
                command[0] = b'\n';
            }
        }
        return;
    }
    for (s, e) in hits {
        let sign = match text.get(s..e) {
            Some("period" | "full stop") => b'.',
            Some("comma") => b',',
            Some("colon") => b':',
            Some("semicolon") => b';',
            _ => b'\n',
        };
        // The sign follows its word at once: "L5 S1 period" reads as "L5 S1.".
        let at = if s > 0 && bytes[s - 1] == b' ' { s - 1 } else { s };
        bytes[at..e].fill(b' ');
        bytes[at] = sign;
    }
}

#[cfg(test)]
mod tests {
    use super::Doc;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_byte_per_scalar(s in "\\PC{0,200}") {
            let d = Doc::new(&s);
            prop_assert_eq!(d.norm.len(), s.chars().count());
            if let Some(e) = d.evidence(1, 9) { prop_assert!(e.matches(&s)); }
        }
    }

    #[test]
    fn spoken_stops_become_signs() {
        let d = Doc::new(
            "diagnosis colon stenosis L4 L5 comma severe period new line procedure colon fusion period",
        );
        assert!(d.norm.contains("diagnosis:") && d.norm.contains("l5,") && d.norm.contains("severe."));
        // A single ordinary "period" stays a word.
        assert!(Doc::new("over a period of two years").norm.contains("period"));
    }

    #[test]
    fn a_spoken_break_is_a_break_even_alone() {
        for (said, read) in [
            (
                "the drain was left. new paragraph the wound was closed",
                "the drain was left. \n the wound was closed",
            ),
            ("fusion l4-5. next paragraph, indications", "fusion l4-5. \n , indications"),
            ("stenosis l4-5. new line procedure fusion", "stenosis l4-5. \n procedure fusion"),
            ("a new line was placed in the wrist", "a new line was placed in the wrist"),
            ("on the next line of screws", "on the next line of screws"),
        ] {
            let norm = Doc::new(said).norm;
            let squeezed = norm.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
            assert_eq!(squeezed, read, "{said}");
        }
    }

    #[test]
    fn corrections_blank_what_was_taken_back() {
        let d = Doc::new("laminectomy at L3 L4 and L2 L3, correction, L3 L4 and L4 L5 for stenosis");
        assert_eq!(d.norm.matches("l3 l4").count(), 1, "{}", d.norm);
        assert!(!d.norm.contains("l2 l3"));
        let d = Doc::new("medial facetectomy was done on the left, sorry the right side");
        assert!(!d.norm.contains("left") && d.norm.contains("right side"));
        let d =
            Doc::new("packed with local bone, five cc of allograft chips correction no allograft was used");
        assert!(!d.norm.contains("chips") && d.norm.contains("local bone"));
        let d = Doc::new("We apologised, sorry to say. Rather large disc at L4-5.");
        assert!(d.norm.contains("l4-5"));
    }
}
