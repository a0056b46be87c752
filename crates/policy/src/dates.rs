//! Dates as policies print them.

use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4})|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})|(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{4}))\b",
    )
    .ok()
});

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date and where it ends in the text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) date: Date,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// All dates of a text in order: `2026-01-01`, `1/1/2026` (month first), `January 1, 2026`, `1 January 2026`.
pub(crate) fn dates(text: &str) -> Vec<Found> {
    let Some(regex) = DATE.as_ref() else { return vec![] };
    let found = |c: regex::Captures<'_>| {
        let number = |at: usize| c.get(at).and_then(|m| m.as_str().parse::<i16>().ok());
        let named = |at: usize| {
            let name = c.get(at)?.as_str().to_ascii_lowercase();
            i16::try_from(MONTHS.iter().position(|m| *m == name)? + 1).ok()
        };
        let (year, month, day) = [
            (number(1), number(2), number(3)),
            (number(6), number(4), number(5)),
            (number(9), named(7), number(8)),
            (number(12), named(11), number(10)),
        ]
        .into_iter()
        .find_map(|(y, m, d)| Some((y?, m?, d?)))?;
        let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        let whole = c.get(0)?;
        Some(Found { date, start: whole.start(), end: whole.end() })
    };
    regex.captures_iter(text).filter_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::dates;

    #[test]
    fn dates_are_read_as_printed() {
        for (text, dates_) in [
            ("on or after 2026-01-01", "2026-01-01"),
            ("effective 3/15/2026.", "2026-03-15"),
            ("January 5, 2026 and Feb. 28th, 2026", "2026-01-05 2026-02-28"),
            ("12 March 2025", "2025-03-12"),
            ("2026-13-01 and 22633-2026", ""),
        ] {
            let found: Vec<String> = dates(text).iter().map(|f| f.date.to_string()).collect();
            assert_eq!(found.join(" "), dates_, "{text}");
        }
    }
}
