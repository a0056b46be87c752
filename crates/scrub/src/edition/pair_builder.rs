//! Writing a table of pairs from its rows, in any order.

use super::container::{Head, TableError, pack};
use super::keys;
use super::pairs::{ROW, TERM, Term, day};
use std::collections::HashMap;

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
