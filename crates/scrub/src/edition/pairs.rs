//! Tables of pairs: PTP edits (column 1, column 2) and add-on codes (add-on, primary), each row with its dates.
//!
//! Rows of one first code stand together in order of the second, four bytes each: the number of the second key and
//! the number of a term. Two million rows share some thousands of terms, so a table of 1.7 million active pairs is
//! 10 MB and a look-up is one probe and a binary search in its group.

use super::container::{Head, Packed, TableError, u16_at, u32_at};
use super::keys::Keys;
use std::ops::Range;

pub(super) const ROW: usize = 4;
pub(super) const TERM: usize = 12;
/// The indicator of a PTP row that was withdrawn as if it had never been.
const WITHDRAWN: u8 = 9;

/// Dates and indicator of a row. Dates are numbers such as `20240701`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Term {
    /// First day in force.
    pub from: u32,
    /// Last day in force; 0 while it is.
    pub to: u32,
    /// PTP: modifier indicator 0, 1 or 9. Add-on: type 1, 2 or 3.
    pub indicator: u8,
    /// Number of the rationale in the head, from 1; 0 for none.
    pub rationale: u16,
}

impl Term {
    /// Whether the row is in force on a day.
    #[must_use]
    pub const fn in_force(&self, day: u32) -> bool {
        self.indicator != WITHDRAWN && self.from <= day && (self.to == 0 || day <= self.to)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.from.to_le_bytes());
        out.extend_from_slice(&self.to.to_le_bytes());
        out.extend_from_slice(&self.rationale.to_le_bytes());
        out.extend_from_slice(&[self.indicator, 0]);
    }

    fn read(bytes: &[u8], number: usize) -> Option<Self> {
        let at = number * TERM;
        Some(Self {
            from: u32_at(bytes, at)?,
            to: u32_at(bytes, at + 4)?,
            rationale: u16_at(bytes, at + 8)?,
            indicator: *bytes.get(at + 10)?,
        })
    }
}

/// A date as a number such as `20240701`.
#[must_use]
pub fn day(date: jiff::civil::Date) -> u32 {
    let (y, m, d) = (date.year(), date.month(), date.day());
    u32::try_from(i32::from(y) * 10_000 + i32::from(m) * 100 + i32::from(d)).unwrap_or(0)
}

/// Where a code stands in a table of pairs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'t> {
    number: u16,
    /// The rows in which it is the first.
    group: &'t [u8],
}

/// A table of pairs, ready for look-ups.
#[derive(Debug)]
pub struct PairTable {
    packed: Packed,
    keys: Keys,
    starts: Range<usize>,
    rows: Range<usize>,
    terms: Range<usize>,
}

impl PairTable {
    /// Checks the sections of an edition.
    ///
    /// # Errors
    /// They contradict each other.
    pub fn open(packed: Packed) -> Result<Self, TableError> {
        let keys = Keys::open(&packed)?;
        let starts = packed.section("starts", 4)?;
        let (rows, terms) = (packed.section("rows", ROW)?, packed.section("terms", TERM)?);
        if starts.len() != (keys.count + 1) * 4 {
            return Err(TableError::Section("starts"));
        }
        Ok(Self { packed, keys, starts, rows, terms })
    }

    /// What it is.
    #[must_use]
    pub const fn head(&self) -> &Head {
        self.packed.head()
    }

    /// The rows of a first key.
    fn group(&self, first: usize) -> Option<&[u8]> {
        let starts = self.packed.slice(&self.starts);
        let start = usize::try_from(u32_at(starts, first * 4)?).ok()?;
        let end = usize::try_from(u32_at(starts, (first + 1) * 4)?).ok()?;
        self.packed.slice(&self.rows).get(start.checked_mul(ROW)?..end.checked_mul(ROW)?)
    }

    fn term(&self, group: &[u8], row: usize) -> Option<Term> {
        let number = u16_at(group, row * ROW + 2)?;
        Term::read(self.packed.slice(&self.terms), usize::from(number))
    }

    /// Where a code stands, to be asked for many pairs; `None` for a code of no row.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<Place<'_>> {
        let number = self.keys.find(&self.packed, code)?;
        Some(Place { number: u16::try_from(number).ok()?, group: self.group(number)? })
    }

    /// The row of a pair in force on a day; of several, the one that began last.
    #[must_use]
    pub fn find(&self, first: &str, second: &str, day: u32) -> Option<Term> {
        self.between(self.place(first)?, self.place(second)?, day)
    }

    /// The same for codes whose places are known.
    #[must_use]
    pub fn between(&self, first: Place<'_>, second: Place<'_>, day: u32) -> Option<Term> {
        let (group, second) = (first.group, second.number);
        let count = group.len() / ROW;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = usize::midpoint(low, high);
            if u16_at(group, middle * ROW)? < second { low = middle + 1 } else { high = middle }
        }
        (low..count)
            .take_while(|row| u16_at(group, row * ROW) == Some(second))
            .filter_map(|row| self.term(group, row))
            .filter(|t| t.in_force(day))
            .max_by_key(|t| (t.from, t.to == 0, t.to))
    }

    /// Whether a first code has any row, whatever its dates.
    #[must_use]
    pub fn has(&self, first: &str) -> bool {
        let group = self.keys.find(&self.packed, first).and_then(|n| self.group(n));
        group.is_some_and(|g| !g.is_empty())
    }

    /// The second codes of a first code in force on a day, with their terms, in order of code.
    pub fn seconds<'t>(&'t self, first: Place<'t>, day: u32) -> impl Iterator<Item = (&'t str, Term)> {
        let group = first.group;
        (0..group.len() / ROW).filter_map(move |row| {
            let term = self.term(group, row).filter(|t| t.in_force(day))?;
            let second = usize::from(u16_at(group, row * ROW)?);
            Some((self.keys.text(&self.packed, second)?, term))
        })
    }

    /// The terms of a first code's rows in force on a day; rows that share a term, one after the other, count once.
    pub fn terms<'t>(&'t self, first: Place<'t>, day: u32) -> impl Iterator<Item = Term> + 't {
        let group = first.group;
        let mut last = None;
        (0..group.len() / ROW).filter_map(move |row| {
            let number = u16_at(group, row * ROW + 2);
            let again = std::mem::replace(&mut last, number) == number;
            if again { None } else { self.term(group, row).filter(|t| t.in_force(day)) }
        })
    }

    /// A rationale by the number of a term.
    #[must_use]
    pub fn rationale(&self, number: u16) -> Option<&str> {
        let index = usize::from(number).checked_sub(1)?;
        self.head().rationales.get(index).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{PairTable, Term, day};
    use crate::edition::{Head, Packed, PairBuilder, TableKind, head_of};
    use proptest::prelude::*;

    fn head() -> Head {
        let day = |s: &str| s.parse().unwrap();
        Head::new(TableKind::NcciPtp, "2024Q3", 0, day("2024-07-01"), day("2024-09-30"))
    }

    const fn term(from: u32, to: u32, indicator: u8) -> Term {
        Term { from, to, indicator, rationale: 0 }
    }

    fn packed(rows: &[(&str, &str, Term)]) -> Vec<u8> {
        let mut builder = PairBuilder::default();
        for (a, b, t) in rows {
            builder.push(a, b, *t).unwrap();
        }
        builder.pack(head()).unwrap()
    }

    #[test]
    fn dates_decide() {
        let bytes = packed(&[
            ("22633", "63047", term(20100101, 0, 1)),
            ("22633", "22612", term(20100101, 20151231, 1)),
            ("22633", "22612", term(20200101, 0, 0)),
            ("22612", "63030", term(20100101, 20100101, 9)),
        ]);
        let table = PairTable::open(Packed::open(bytes).unwrap()).unwrap();
        assert_eq!((table.head().rows, table.head().active), (4, 2));
        for (a, b, day, expected) in [
            ("22633", "63047", 20260202, Some(1)),
            ("63047", "22633", 20260202, None),
            ("22633", "63047", 20091231, None),
            ("22633", "22612", 20151231, Some(1)),
            ("22633", "22612", 20160101, None),
            ("22633", "22612", 20260202, Some(0)),
            ("22612", "63030", 20100101, None),
            ("22633", "99999", 20260202, None),
            ("", "63047", 20260202, None),
            ("226339999", "63047", 20260202, None),
        ] {
            assert_eq!(table.find(a, b, day).map(|t| t.indicator), expected, "{a} {b} {day}");
        }
        let seconds: Vec<&str> =
            table.seconds(table.place("22633").unwrap(), 20260202).map(|(c, _)| c).collect();
        assert_eq!(seconds, ["22612", "63047"]);
        assert!(table.has("22612") && !table.has("63047"));
        assert_eq!(day("2024-07-01".parse().unwrap()), 20240701);
    }

    #[test]
    fn damage_anywhere_is_noticed() {
        let bytes =
            packed(&[("22633", "63047", term(20100101, 0, 1)), ("A0021", "A0030", term(20100101, 0, 1))]);
        assert!(Packed::open(bytes.clone()).is_ok());
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Packed::open(damaged).is_err(), "byte {at}");
            assert!(Packed::open(bytes[..at].to_vec()).is_err(), "cut at {at}");
        }
        let (read, _) = head_of(&bytes).unwrap();
        assert_eq!((read.kind, read.edition.as_str()), (TableKind::NcciPtp, "2024Q3"));
        assert!(Packed::open([bytes.as_slice(), b"x"].concat()).is_err(), "something behind the end");
    }

    proptest! {
        #[test]
        fn finds_what_was_put_in(rows in proptest::collection::vec(("[0-9A-Z]{5}", "[0-9A-Z]{5}", 0u8..2), 0..200)) {
            let mut distinct = std::collections::BTreeMap::new();
            for (a, b, m) in &rows {
                distinct.insert((a.clone(), b.clone()), *m);
            }
            let mut builder = PairBuilder::default();
            for ((a, b), m) in distinct.iter().rev() {
                builder.push(a, b, term(20200101, 0, *m)).unwrap();
            }
            let forward = {
                let mut builder = PairBuilder::default();
                for ((a, b), m) in &distinct {
                    builder.push(a, b, term(20200101, 0, *m)).unwrap();
                }
                builder.pack(head()).unwrap()
            };
            let bytes = builder.pack(head()).unwrap();
            prop_assert_eq!(&bytes, &forward);
            let table = PairTable::open(Packed::open(bytes).unwrap()).unwrap();
            for ((a, b), m) in &distinct {
                prop_assert_eq!(table.find(a, b, 20240701).map(|t| t.indicator), Some(*m));
                if !distinct.contains_key(&(b.clone(), a.clone())) {
                    prop_assert_eq!(table.find(b, a, 20240701), None);
                }
            }
        }

        #[test]
        fn random_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(Packed::open(bytes.clone()).is_err());
            let mut ours = b"IBRULES1".to_vec();
            ours.extend(bytes);
            prop_assert!(Packed::open(ours).is_err());
        }
    }
}
