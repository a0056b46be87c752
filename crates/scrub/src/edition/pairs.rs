//! Tables of pairs: PTP edits (column 1, column 2) and add-on codes (add-on, primary), each row with its dates.
//!
//! Rows of one first code stand together in order of the second, four bytes each: the number of the second key and
//! the number of a term. Two million rows share some thousands of terms, so a table of 1.7 million active pairs is
//! 10 MB and a look-up is one probe and a binary search in its group.

use super::container::{Head, Packed, TableError, pack, u16_at, u32_at};
use super::keys::{self, Keys};
use std::collections::HashMap;
use std::ops::Range;

const ROW: usize = 4;
const TERM: usize = 12;
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

    fn write(&self, out: &mut Vec<u8>) {
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

/// Collects rows of a table of pairs.
#[derive(Debug, Default)]
pub struct PairBuilder {
    codes: HashMap<[u8; keys::WIDTH], u16>,
    terms: HashMap<Term, u16>,
    rationales: HashMap<String, u16>,
    /// First code, second code, term, by number.
    rows: Vec<[u16; 3]>,
}

impl PairBuilder {
    /// Adds a row.
    ///
    /// # Errors
    /// A code is no key, or there are too many different codes, terms or rationales.
    pub fn push(&mut self, first: &str, second: &str, term: Term) -> Result<(), TableError> {
        let (first, second) = (self.code(first)?, self.code(second)?);
        let term = self.term(term)?;
        self.rows.push([first, second, term]);
        Ok(())
    }

    /// Number of a rationale, for [`Term::rationale`].
    ///
    /// # Errors
    /// There are too many.
    pub fn rationale(&mut self, text: &str) -> Result<u16, TableError> {
        if text.is_empty() {
            return Ok(0);
        }
        if let Some(number) = self.rationales.get(text) {
            return Ok(*number);
        }
        let number =
            u16::try_from(self.rationales.len() + 1).map_err(|_| TableError::TooMany("rationales"))?;
        self.rationales.insert(text.to_owned(), number);
        Ok(number)
    }

    /// Takes over the rows of another collection.
    ///
    /// # Errors
    /// Together they are too many.
    pub fn absorb(&mut self, other: Self) -> Result<(), TableError> {
        let mut rationales = vec![0; other.rationales.len() + 1];
        for (text, number) in &other.rationales {
            if let Some(slot) = rationales.get_mut(usize::from(*number)) {
                *slot = self.rationale(text)?;
            }
        }
        let mut codes = vec![0; other.codes.len()];
        for (key, number) in other.codes {
            if let Some(slot) = codes.get_mut(usize::from(number)) {
                *slot = self.key(key)?;
            }
        }
        let mut terms = vec![0; other.terms.len()];
        for (mut term, number) in other.terms {
            term.rationale = rationales.get(usize::from(term.rationale)).copied().unwrap_or(0);
            if let Some(slot) = terms.get_mut(usize::from(number)) {
                *slot = self.term(term)?;
            }
        }
        let of = |numbers: &[u16], n: u16| numbers.get(usize::from(n)).copied().unwrap_or(0);
        self.rows.extend(other.rows.iter().map(|[a, b, t]| [of(&codes, *a), of(&codes, *b), of(&terms, *t)]));
        Ok(())
    }

    /// Rows so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn code(&mut self, code: &str) -> Result<u16, TableError> {
        self.key(keys::key(code).ok_or(TableError::Key)?)
    }

    fn term(&mut self, term: Term) -> Result<u16, TableError> {
        if let Some(number) = self.terms.get(&term) {
            return Ok(*number);
        }
        let number = u16::try_from(self.terms.len()).map_err(|_| TableError::TooMany("dates"))?;
        self.terms.insert(term, number);
        Ok(number)
    }

    fn key(&mut self, key: [u8; keys::WIDTH]) -> Result<u16, TableError> {
        if let Some(number) = self.codes.get(&key) {
            return Ok(*number);
        }
        let number = u16::try_from(self.codes.len()).map_err(|_| TableError::TooMany("codes"))?;
        self.codes.insert(key, number);
        Ok(number)
    }

    /// The edition's bytes. The same rows in any order give the same bytes.
    ///
    /// # Errors
    /// There are too many rows.
    pub fn pack(self, mut head: Head) -> Result<Vec<u8>, TableError> {
        let (codes, rank) = ranked(self.codes);
        let mut rationales: Vec<(String, u16)> = self.rationales.into_iter().collect();
        rationales.sort_unstable();
        let rationale_rank: HashMap<u16, u16> =
            rationales.iter().zip(1..).map(|((_, old), new)| (*old, new)).collect();
        let mut terms: Vec<(Term, u16)> = self.terms.into_iter().collect();
        for (term, _) in &mut terms {
            term.rationale = rationale_rank.get(&term.rationale).copied().unwrap_or(0);
        }
        terms.sort_unstable_by_key(|(t, _)| (t.from, t.to, t.indicator, t.rationale));
        let mut term_rank = vec![0_u16; terms.len()];
        for ((_, old), new) in terms.iter().zip(0..) {
            if let Some(slot) = term_rank.get_mut(usize::from(*old)) {
                *slot = new;
            }
        }
        let of = |rank: &[u16], number: u16| rank.get(usize::from(number)).copied().unwrap_or(0);
        let mut rows: Vec<[u16; 3]> = self
            .rows
            .into_iter()
            .map(|[first, second, term]| [of(&rank, first), of(&rank, second), of(&term_rank, term)])
            .collect();
        rows.sort_unstable();
        rows.dedup();

        let last_day = day(head.to);
        let mut starts: Vec<u32> = Vec::with_capacity(codes.len() + 1);
        let mut packed = Vec::with_capacity(rows.len() * ROW);
        let mut active = 0_u64;
        for ([first, second, term], number) in rows.iter().zip(0_u32..) {
            while starts.len() <= usize::from(*first) {
                starts.push(number);
            }
            packed.extend_from_slice(&second.to_le_bytes());
            packed.extend_from_slice(&term.to_le_bytes());
            active += u64::from(terms.get(usize::from(*term)).is_some_and(|(t, _)| t.in_force(last_day)));
        }
        let total = u32::try_from(rows.len()).map_err(|_| TableError::TooMany("rows"))?;
        starts.resize(codes.len() + 1, total);
        let mut term_bytes = Vec::with_capacity(terms.len() * TERM);
        terms.iter().for_each(|(t, _)| t.write(&mut term_bytes));
        head.rows = u64::from(total);
        head.active = active;
        head.rationales = rationales.into_iter().map(|(text, _)| text).collect();
        let (keys, slots) = keys::pack(&codes)?;
        let starts: Vec<u8> = starts.into_iter().flat_map(u32::to_le_bytes).collect();
        let sections: [(&str, &[u8]); 5] = [
            ("keys", &keys),
            ("slots", &slots),
            ("starts", &starts),
            ("rows", &packed),
            ("terms", &term_bytes),
        ];
        pack(head, &sections)
    }
}

/// Keys in order, and the rank of each by its number of arrival.
fn ranked(codes: HashMap<[u8; keys::WIDTH], u16>) -> (Vec<[u8; keys::WIDTH]>, Vec<u16>) {
    let mut sorted: Vec<([u8; keys::WIDTH], u16)> = codes.into_iter().collect();
    sorted.sort_unstable();
    let mut rank = vec![0_u16; sorted.len()];
    for ((_, arrival), place) in sorted.iter().zip(0..) {
        if let Some(slot) = rank.get_mut(usize::from(*arrival)) {
            *slot = place;
        }
    }
    (sorted.into_iter().map(|(key, _)| key).collect(), rank)
}

/// A date as a number such as `20240701`.
#[must_use]
pub fn day(date: jiff::civil::Date) -> u32 {
    let (y, m, d) = (date.year(), date.month(), date.day());
    u32::try_from(i32::from(y) * 10_000 + i32::from(m) * 100 + i32::from(d)).unwrap_or(0)
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

    /// The row of a pair in force on a day; of several, the one that began last.
    #[must_use]
    pub fn find(&self, first: &str, second: &str, day: u32) -> Option<Term> {
        let first = self.keys.find(&self.packed, first)?;
        let second = u16::try_from(self.keys.find(&self.packed, second)?).ok()?;
        let group = self.group(first)?;
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
    pub fn seconds(&self, first: &str, day: u32) -> impl Iterator<Item = (&str, Term)> {
        let group = self.keys.find(&self.packed, first).and_then(|n| self.group(n)).unwrap_or_default();
        (0..group.len() / ROW).filter_map(move |row| {
            let term = self.term(group, row).filter(|t| t.in_force(day))?;
            let second = usize::from(u16_at(group, row * ROW)?);
            Some((self.keys.text(&self.packed, second)?, term))
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
    use super::{PairBuilder, PairTable, Term, day};
    use crate::edition::{Head, Packed, TableKind, head_of};
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
        let seconds: Vec<&str> = table.seconds("22633", 20260202).map(|(c, _)| c).collect();
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
