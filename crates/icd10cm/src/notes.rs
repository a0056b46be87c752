//! The notes of the tabular list, and what their code ranges say.

use crate::code::{bare, dotted};
use crate::edition::{Edition, Span};

/// What a note says about its code and all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Further defines the category.
    Includes,
    /// A condition the code is used for.
    InclusionTerm,
    /// Never reported together, but for unrelated conditions.
    Excludes1,
    /// Not part of this condition; both may be reported.
    Excludes2,
    /// The underlying condition is listed before it.
    CodeFirst,
    /// A further code is reported after it, where it applies.
    UseAdditional,
    /// A further code may be needed; either order.
    CodeAlso,
    /// Any other.
    Other,
}

impl NoteKind {
    fn of(letter: &str) -> Self {
        match letter {
            "n" => Self::Includes,
            "i" => Self::InclusionTerm,
            "1" => Self::Excludes1,
            "2" => Self::Excludes2,
            "f" => Self::CodeFirst,
            "u" => Self::UseAdditional,
            "a" => Self::CodeAlso,
            _ => Self::Other,
        }
    }
}

/// A note with the code or block it stands at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note<'a> {
    /// What it says.
    pub kind: NoteKind,
    /// Its words.
    pub text: &'a str,
    /// The code it stands at, with its dot; empty where it stands on a section or chapter.
    pub at: String,
}

/// An Excludes1 note that two codes meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The code (without its dot) the note stands at; of a block, the category.
    pub at: String,
    /// The note stands on a whole section or chapter.
    pub block: bool,
}

/// A note's code or range of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pattern<'a> {
    low: &'a str,
    high: Option<&'a str>,
}

fn without_dot(code: &str) -> impl Iterator<Item = u8> {
    code.bytes().filter(|b| *b != b'.')
}

fn begins(code: &str, prefix: &str) -> bool {
    let mut code = code.bytes();
    without_dot(prefix).all(|p| code.next() == Some(p))
}

impl Pattern<'_> {
    fn covers(&self, code: &str) -> bool {
        match self.high {
            None => begins(code, self.low),
            Some(high) => {
                code.bytes().cmp(without_dot(self.low)).is_ge()
                    && (code.bytes().cmp(without_dot(high)).is_le() || begins(code, high))
            }
        }
    }
}

/// A code at the start of a text and what follows it.
fn code_in(text: &str) -> Option<(&str, &str)> {
    let b = text.as_bytes();
    let head = matches!(b, [l, d, c, ..] if l.is_ascii_uppercase() && d.is_ascii_digit() && (c.is_ascii_digit() || c.is_ascii_uppercase()));
    if !head {
        return None;
    }
    let more = match b.get(3) {
        Some(b'.') => {
            1 + b.iter().skip(4).take(4).take_while(|c| c.is_ascii_digit() || c.is_ascii_uppercase()).count()
        }
        _ => 0,
    };
    Some((text.get(..3 + more)?.trim_end_matches('.'), text.get(3 + more..)?))
}

fn pattern(text: &str) -> Option<Pattern<'_>> {
    let (low, rest) = code_in(text.trim())?;
    let rest = rest.trim_start_matches('.').trim_start_matches('-').trim_start();
    if rest.is_empty() {
        return Some(Pattern { low, high: None });
    }
    let (high, rest) = code_in(rest)?;
    rest.trim_matches(['.', '-']).is_empty().then_some(Pattern { low, high: Some(high) })
}

/// The codes in a note's parentheses; a group with anything else in it names none.
fn patterns(note: &str) -> impl Iterator<Item = Pattern<'_>> {
    let groups = note.split('(').skip(1).filter_map(|group| group.split_once(')'));
    let named = groups.filter(|(inside, _)| inside.split(',').all(|code| pattern(code).is_some()));
    named.flat_map(|(inside, _)| inside.split(',').filter_map(pattern))
}

impl Edition {
    pub(crate) fn lines(&self, notes: Span) -> impl Iterator<Item = (NoteKind, &str)> {
        self.text(notes).lines().filter_map(|l| {
            let (letter, text) = l.trim_start().split_once('\t')?;
            Some((NoteKind::of(letter), text))
        })
    }

    /// The notes that hold for a code: its own, then those of the codes above it, of its section and chapter.
    #[must_use]
    pub fn notes(&self, code: &str) -> Vec<Note<'_>> {
        let Some((i, _)) = self.find(&bare(code)) else { return vec![] };
        let own = self.lineage(i).flat_map(|r| {
            let at = dotted(self.text(r.code));
            self.lines(r.notes).map(move |(kind, text)| Note { kind, text, at: at.clone() })
        });
        let block = self.blocks_at(i).flat_map(|b| self.lines(b.notes));
        own.chain(block.map(|(kind, text)| Note { kind, text, at: String::new() })).collect()
    }

    /// Whether a note of this kind at a code, or above it, names another code. Code-first notes that give
    /// words but no code name none.
    #[must_use]
    pub fn note_names(&self, code: &str, kind: NoteKind, other: &str) -> bool {
        let other = bare(other);
        let names = |n: &Note<'_>| n.kind == kind && patterns(n.text).any(|p| p.covers(&other));
        self.notes(code).iter().any(names)
    }

    /// Whether an Excludes1 note of either code, or of a code above it, names the other.
    #[must_use]
    pub fn excludes1(&self, a: &str, b: &str) -> bool {
        self.exclusion(a, b).is_some()
    }

    /// The Excludes1 note two codes meet, in either direction.
    #[must_use]
    pub fn exclusion(&self, a: &str, b: &str) -> Option<Exclusion> {
        let (a, b) = (bare(a), bare(b));
        self.one_way(&a, &b).or_else(|| self.one_way(&b, &a))
    }

    /// A note at `from` or above it that names `to`. A note that also names its own code proves nothing.
    fn one_way(&self, from: &str, to: &str) -> Option<Exclusion> {
        let (i, _) = self.find(from)?;
        let names = |notes: Span| {
            self.lines(notes)
                .filter(|(kind, _)| *kind == NoteKind::Excludes1)
                .any(|(_, text)| patterns(text).any(|p| p.covers(to) && !p.covers(from)))
        };
        if let Some(row) = self.lineage(i).find(|r| names(r.notes)) {
            return Some(Exclusion { at: self.text(row.code).to_owned(), block: false });
        }
        let block = self.blocks_at(i).any(|b| names(b.notes));
        block.then(|| Exclusion { at: from.get(..3).unwrap_or(from).to_owned(), block })
    }
}

#[cfg(test)]
mod tests {
    use super::patterns;

    #[test]
    fn codes_in_notes() {
        for (note, covered, not) in [
            ("brachial radiculitis NOS (M54.13)", "M5413", "M5412"),
            ("positive tuberculin (P35-P39)", "P370", "P40"),
            ("congenital (Q76.0-Q76.4)", "Q7649", "Q765"),
            ("dorsalgia (M54.-)", "M545", "M55"),
            ("two (S33.1-, M99.1)", "S33120", "M992"),
            ("range to a stem (M40-M43.-)", "M4312", "M44"),
        ] {
            assert!(patterns(note).any(|p| p.covers(covered)), "{note}");
            assert!(!patterns(note).any(|p| p.covers(not)), "{note}");
        }
        assert_eq!(patterns("current injury - see injury of spine by body region").count(), 0);
        assert_eq!(patterns("a note (with words, M50)").count(), 0);
    }
}
