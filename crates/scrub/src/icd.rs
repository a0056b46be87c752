//! The ICD-10-CM table: which codes can be reported, what they are called, what excludes what.
//!
//! Embedded as a compact derivation of the public tabular list (`data/build/icd10cm.py`), unpacked once on
//! first use. Codes are looked up with or without their dot, in either case.

use crate::book::BookError;
use crate::table::{Origin, date};
use flate2::read::GzDecoder;
use std::borrow::Cow;
use std::io::Read as _;
use std::ops::RangeInclusive;

static PACKED: &[u8] = include_bytes!("../../../data/icd10cm/icd10cm.tsv.gz");
const FILE: &str = "icd10cm.tsv";

/// What a code is in this edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be reported.
    Billable,
    /// It is a heading: more characters are needed.
    Heading,
    /// It needs a 7th character (with `X` in the empty places).
    NeedsSeventh,
    /// It is not in this edition.
    Unknown,
}

/// A row of the table; texts are slices of the unpacked table.
#[derive(Debug)]
struct Row {
    code: Box<str>,
    title: Box<str>,
    /// Set of 7th characters and those that are valid here.
    seventh: Option<(u8, Box<str>)>,
    manifestation: bool,
    side: Option<Side>,
    site: Option<(u8, u8)>,
    excludes1: Box<[Pattern]>,
}

/// A side named in a code's title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
    Both,
}

/// A note's prefix or range of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    low: Box<str>,
    high: Option<Box<str>>,
    /// The note stands on the block or chapter, not on the category.
    block: bool,
}

impl Pattern {
    fn parse(text: &str) -> Self {
        let (block, text) = text.strip_prefix('^').map_or((false, text), |t| (true, t));
        let (low, high) = text.split_once('~').map_or((text, None), |(l, h)| (l, Some(h.into())));
        Self { low: low.into(), high, block }
    }
    fn covers(&self, code: &str) -> bool {
        match &self.high {
            None => code.starts_with(&*self.low),
            Some(high) => code >= &*self.low && (code <= &**high || code.starts_with(&**high)),
        }
    }
}

/// An Excludes1 note that two codes meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exclusion {
    /// The code (without its dot) the note stands at.
    pub(crate) at: String,
    /// The note stands on a whole block or chapter.
    pub(crate) block: bool,
}

/// The ICD-10-CM table.
#[derive(Debug, Default)]
pub struct Icd {
    pub(crate) origin: Origin,
    rows: Vec<Row>,
    /// Meanings of 7th characters by set.
    seventh: Vec<Vec<(char, Box<str>)>>,
}

/// A code without its dot, in capitals.
fn bare(code: &str) -> Cow<'_, str> {
    if code.bytes().any(|b| b == b'.' || b.is_ascii_lowercase() || b == b' ') {
        code.chars().filter(|c| !matches!(c, '.' | ' ')).map(|c| c.to_ascii_uppercase()).collect()
    } else {
        code.into()
    }
}

/// A code as it is written in print: with its dot, in capitals.
pub(crate) fn dotted(code: &str) -> String {
    let code = bare(code);
    let mut chars = code.chars();
    let head: String = chars.by_ref().take(3).collect();
    let tail = chars.as_str();
    if tail.is_empty() { head } else { format!("{head}.{tail}") }
}

impl Icd {
    /// Unpacks the embedded table.
    ///
    /// # Errors
    /// When the embedded file is damaged.
    pub(crate) fn embedded() -> Result<Self, BookError> {
        let mut text = String::new();
        GzDecoder::new(PACKED).read_to_string(&mut text).map_err(|_| BookError::Unpack { file: FILE })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, BookError> {
        let mut lines = text.lines();
        let head = lines.next().and_then(|l| l.strip_prefix('#')).ok_or(BookError::Header { file: FILE })?;
        let mut head = head.split('\t');
        let (Some(edition), Some(from), Some(to)) = (head.next(), head.next(), head.next()) else {
            return Err(BookError::Header { file: FILE });
        };
        let origin = Origin {
            title: "ICD-10-CM tabular list".to_owned(),
            edition: edition.to_owned(),
            from: date(from, FILE)?,
            to: Some(date(to, FILE)?),
        };
        let mut icd = Self { origin, rows: Vec::with_capacity(48_000), seventh: Vec::new() };
        for (i, line) in lines.enumerate() {
            let bad = || BookError::Row { file: FILE, line: i + 2 };
            let mut cells = line.split('\t');
            let code = cells.next().ok_or_else(bad)?;
            let title = cells.next().ok_or_else(bad)?;
            if code.starts_with('7') {
                let set = title.split('|').filter_map(|m| {
                    let (c, meaning) = m.split_once('=')?;
                    Some((c.chars().next()?, meaning.into()))
                });
                icd.seventh.push(set.collect());
                continue;
            }
            let seventh = match cells.next().unwrap_or_default() {
                "" => None,
                cell => {
                    let (set, chars) = cell.split_once(':').ok_or_else(bad)?;
                    Some((set.parse().map_err(|_| bad())?, chars.into()))
                }
            };
            let flags = cells.next().unwrap_or_default();
            let site = match cells.next().unwrap_or_default() {
                "" => None,
                cell => {
                    let (low, high) = cell.split_once('-').ok_or_else(bad)?;
                    Some((low.parse().map_err(|_| bad())?, high.parse().map_err(|_| bad())?))
                }
            };
            icd.rows.push(Row {
                code: code.into(),
                title: title.into(),
                seventh,
                manifestation: flags.contains('m'),
                side: match flags.trim_start_matches('m') {
                    "L" => Some(Side::Left),
                    "R" => Some(Side::Right),
                    "B" => Some(Side::Both),
                    _ => None,
                },
                site,
                excludes1: cells.next().unwrap_or_default().split_whitespace().map(Pattern::parse).collect(),
            });
        }
        if icd.rows.windows(2).any(|w| w[0].code >= w[1].code) {
            return Err(BookError::Row { file: FILE, line: 0 });
        }
        Ok(icd)
    }

    fn index(&self, bare: &str) -> Option<usize> {
        self.rows.binary_search_by(|r| (*r.code).cmp(bare)).ok()
    }

    /// The row of a code, and its 7th character where the row is the code without it.
    fn find(&self, bare: &str) -> Option<(&Row, Option<char>)> {
        if let Some(i) = self.index(bare) {
            return Some((&self.rows[i], None));
        }
        let last = bare.chars().next_back()?;
        if bare.len() != 7 {
            return None;
        }
        let base = bare.get(..6)?;
        let row =
            (self.index(base)).or_else(|| self.index(base.trim_end_matches('X'))).map(|i| &self.rows[i])?;
        row.seventh.as_ref().is_some_and(|(_, chars)| chars.contains(last)).then_some((row, Some(last)))
    }

    /// Whether a row is a heading over other rows.
    fn is_heading(&self, bare: &str) -> bool {
        let next = self.index(bare).map(|i| i + 1).and_then(|i| self.rows.get(i));
        next.is_some_and(|r| r.code.starts_with(bare))
    }

    /// What the code is in this edition.
    #[must_use]
    pub fn standing(&self, code: &str) -> Standing {
        let bare = bare(code);
        match self.find(&bare) {
            None => Standing::Unknown,
            Some((_, Some(_))) => Standing::Billable,
            Some((row, None)) if row.seventh.is_some() => Standing::NeedsSeventh,
            Some(_) if self.is_heading(&bare) => Standing::Heading,
            Some(_) => Standing::Billable,
        }
    }
    /// Whether the code is in this edition at all, billable or not.
    #[must_use]
    pub fn is_valid(&self, code: &str) -> bool {
        self.standing(code) != Standing::Unknown
    }
    /// Whether the code can be reported.
    #[must_use]
    pub fn is_billable(&self, code: &str) -> bool {
        self.standing(code) == Standing::Billable
    }
    /// The code's title; for a code with a 7th character, of the code before it (see [`Icd::seventh`]).
    #[must_use]
    pub fn title(&self, code: &str) -> Option<&str> {
        self.find(&bare(code)).map(|(row, _)| &*row.title)
    }
    /// Meaning of a code's 7th character.
    #[must_use]
    pub fn seventh(&self, code: &str) -> Option<&str> {
        let bare = bare(code);
        let (row, seventh) = self.find(&bare)?;
        let set = self.seventh.get(usize::from(row.seventh.as_ref()?.0).checked_sub(1)?)?;
        set.iter().find(|(c, _)| Some(*c) == seventh).map(|(_, meaning)| &**meaning)
    }
    /// Whether it may never be first-listed because it is a manifestation of another disease.
    #[must_use]
    pub fn is_manifestation(&self, code: &str) -> bool {
        self.find(&bare(code)).is_some_and(|(row, _)| row.manifestation)
    }
    /// The billable codes under a heading, or the code with each of its 7th characters; at most `limit`.
    #[must_use]
    pub fn billable_under(&self, code: &str, limit: usize) -> Vec<String> {
        let bare = bare(code);
        let Some(start) = self.index(&bare) else { return vec![] };
        let mut out = Vec::new();
        for row in self.rows[start..].iter().take_while(|r| r.code.starts_with(&*bare)) {
            if let Some((_, chars)) = &row.seventh {
                out.extend(chars.chars().map(|c| dotted(&format!("{:X<6}{c}", row.code))));
            } else if !self.is_heading(&row.code) {
                out.push(dotted(&row.code));
            }
            if out.len() >= limit {
                break;
            }
        }
        out.truncate(limit);
        out
    }
    /// Whether an Excludes1 note of either code, or of a code above it, names the other.
    #[must_use]
    pub fn excludes1(&self, a: &str, b: &str) -> bool {
        self.exclusion(a, b).is_some()
    }

    pub(crate) fn exclusion(&self, a: &str, b: &str) -> Option<Exclusion> {
        let (a, b) = (bare(a), bare(b));
        self.one_way(&a, &b).or_else(|| self.one_way(&b, &a))
    }

    /// A note at `from` or above it that names `to`. A note that also names its own code proves nothing.
    fn one_way(&self, from: &str, to: &str) -> Option<Exclusion> {
        let (row, _) = self.find(from)?;
        let lineage =
            (3..=row.code.len()).rev().filter_map(|n| row.code.get(..n)).filter_map(|c| self.index(c));
        for row in lineage.map(|i| &self.rows[i]) {
            let note = row.excludes1.iter().find(|p| p.covers(to) && !p.covers(from));
            if let Some(note) = note {
                return Some(Exclusion { at: row.code.to_string(), block: note.block });
            }
        }
        None
    }

    /// Places from the top of the spine (see [`iambilly_claim::Vertebra::index`]) the code's title names.
    pub(crate) fn site(&self, code: &str) -> Option<RangeInclusive<u8>> {
        let (row, _) = self.find(&bare(code))?;
        row.site.map(|(low, high)| low..=high)
    }
    /// The side the code's title names.
    pub(crate) fn side(&self, code: &str) -> Option<Side> {
        self.find(&bare(code)).and_then(|(row, _)| row.side)
    }
}

#[cfg(test)]
mod tests {
    use super::{Icd, Side, Standing, dotted};
    use std::sync::LazyLock;

    static ICD: LazyLock<Icd> = LazyLock::new(|| Icd::embedded().unwrap());

    #[test]
    fn standing_of_codes() {
        for (code, standing) in [
            ("M48.062", Standing::Billable),
            ("m48062", Standing::Billable),
            ("M48.06", Standing::Heading),
            ("M51.36", Standing::Heading),
            ("M80.08XA", Standing::Billable),
            ("M80.08", Standing::NeedsSeventh),
            ("M80.08XB", Standing::Unknown),
            ("M80.08A", Standing::Unknown),
            ("S22.080A", Standing::Billable),
            ("S22.080", Standing::NeedsSeventh),
            ("T84.216A", Standing::Billable),
            ("Z98.1", Standing::Billable),
            ("M99.999", Standing::Unknown),
            ("", Standing::Unknown),
            ("I10", Standing::Billable),
        ] {
            assert_eq!(ICD.standing(code), standing, "{code}");
        }
    }

    #[test]
    fn headings_name_their_billable_codes() {
        assert_eq!(ICD.billable_under("M48.06", 9), ["M48.061", "M48.062"]);
        assert_eq!(ICD.billable_under("M80.08", 2), ["M80.08XA", "M80.08XD"]);
        assert_eq!(ICD.billable_under("M54.5", 9), ["M54.50", "M54.51", "M54.59"]);
    }

    #[test]
    fn excludes1_in_both_directions_and_inherited() {
        for (a, b, expected) in [
            ("M50.122", "M54.12", true),
            ("M54.12", "M50.122", true),
            ("M51.17", "M54.31", true),
            ("M43.16", "Q76.2", true),
            ("M54.50", "M51.360", true),
            ("M43.16", "M48.062", false),
            ("M54.16", "M48.061", false),
            ("M51.16", "M48.061", false),
            ("G99.2", "C79.51", false),
            ("G99.2", "M50.022", true),
            ("M54.2", "M50.122", true),
            ("M54.17", "M54.2", false),
        ] {
            assert_eq!(ICD.excludes1(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn titles_sides_sites() {
        assert!(ICD.title("M43.16").unwrap().contains("lumbar"));
        assert_eq!(
            ICD.seventh("M80.08XD").unwrap(),
            "subsequent encounter for fracture with routine healing"
        );
        assert_eq!(ICD.side("M54.31"), Some(Side::Right));
        assert_eq!(ICD.site("M50.122"), Some(5..=6));
        assert!(ICD.site("M43.17").unwrap().contains(&25));
        assert!(ICD.is_manifestation("G99.2") && !ICD.is_manifestation("M48.062"));
        assert_eq!(dotted("m48062"), "M48.062");
    }
}
