//! A sentence of a passage with what stands around it and the dates it names.

use super::Origin;
use crate::dates::dates;
use crate::passage::{Passage, codes, sentences};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// A sentence, or a row of a table.
pub(super) struct Clause<'p> {
    pub(super) passage: &'p Passage,
    /// As printed.
    pub(super) text: &'p str,
    /// In small letters, with numbers of one to ten as digits.
    pub(super) lower: String,
    /// The whole passage in small letters.
    pub(super) around: String,
    /// Headings and lead in small letters.
    pub(super) above: String,
    /// Codes it names itself.
    pub(super) codes: Vec<String>,
    pub(super) from: Date,
    pub(super) to: Option<Date>,
}

/// The clauses of a passage.
pub(super) fn clauses<'p>(origin: &Origin, passage: &'p Passage) -> Vec<Clause<'p>> {
    let parts = match passage.nature {
        crate::passage::Nature::Row => vec![passage.text.as_str()],
        _ => sentences(&passage.text).into_iter().flat_map(|s| s.split("; ")).collect(),
    };
    parts.iter().map(|text| of(origin, passage, text)).collect()
}

fn of<'p>(origin: &Origin, passage: &'p Passage, text: &'p str) -> Clause<'p> {
    let (from, to) = dated(origin, passage, text);
    Clause {
        passage,
        text,
        lower: plain(text),
        around: plain(&passage.text),
        above: plain(&format!("{} | {}", passage.section.join(" | "), passage.lead)),
        codes: codes(text),
        from,
        to,
    }
}

impl<'p> Clause<'p> {
    /// A passage as one clause.
    pub(super) fn whole(origin: &Origin, passage: &'p Passage) -> Self {
        of(origin, passage, &passage.text)
    }
    pub(super) fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|w| self.lower.contains(w))
    }
    pub(super) fn procedures(&self) -> Vec<String> {
        self.codes.iter().filter(|c| !c.contains('.')).cloned().collect()
    }
    pub(super) fn diagnoses(&self) -> Vec<String> {
        self.codes.iter().filter(|c| c.contains('.')).cloned().collect()
    }
}

/// The dates of service a clause is for.
fn dated(origin: &Origin, passage: &Passage, text: &str) -> (Date, Option<Date>) {
    let mut from = passage.from.map_or(origin.from, |f| f.max(origin.from));
    let mut to = match (passage.to, origin.to) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    for found in dates(text) {
        let before = text.get(..found.start).unwrap_or_default().to_lowercase();
        let before = before.trim_end();
        let is = |words: &[&str]| words.iter().any(|w| before.ends_with(w));
        if is(&["on or after", "from", "starting", "beginning", "effective", "since"]) {
            from = from.max(found.date);
        } else if is(&["through", "until", "up to", "to"]) {
            to = Some(to.map_or(found.date, |t| t.min(found.date)));
        } else if is(&["before", "prior to"]) {
            let last = found.date.checked_sub(1.day()).unwrap_or(found.date);
            to = Some(to.map_or(last, |t| t.min(last)));
        }
    }
    (from, to)
}

/// Small letters; number words as digits.
pub(super) fn plain(text: &str) -> String {
    const NUMBERS: [(&str, &str); 12] = [
        ("one", "1"),
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("eight", "8"),
        ("nine", "9"),
        ("ten", "10"),
        ("twelve", "12"),
        ("eighteen", "18"),
    ];
    let lower = text.to_lowercase();
    let word = |w: &str| {
        NUMBERS.iter().find(|(n, _)| *n == w).map_or_else(|| w.to_owned(), |(_, d)| (*d).to_owned())
    };
    lower.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
