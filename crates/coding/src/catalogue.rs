//! The catalogue: codes with their global period, bilateral indicator, weight and our own short words.
//!
//! The data is `data/coding/codes.tsv`. Weights order lines and are never shown as money.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What the catalogue knows of one CPT or HCPCS code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeEntry {
    /// Reported only beside a primary (global period `ZZZ`).
    pub(crate) add_on: bool,
    /// Modifier 50 applies (bilateral indicator 1).
    pub(crate) bilateral: bool,
    /// Total facility relative value units, a seed for ordering.
    pub(crate) rvu: f64,
    /// Our own short plain words.
    pub(crate) label: &'static str,
}

static CODES: LazyLock<HashMap<&'static str, CodeEntry>> = LazyLock::new(|| {
    include_str!("../../../data/coding/codes.tsv")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|line| {
            let mut f = line.split('\t');
            let (code, global, bilateral, rvu, label) =
                (f.next()?, f.next()?, f.next()?, f.next()?, f.next()?);
            let entry = CodeEntry {
                add_on: global == "ZZZ",
                bilateral: bilateral == "1",
                rvu: rvu.parse().unwrap_or(0.0),
                label,
            };
            Some((code, entry))
        })
        .collect()
});

/// What the catalogue knows of a code.
pub(crate) fn entry(code: &str) -> Option<CodeEntry> {
    CODES.get(code).copied()
}

/// Our own short plain words for a CPT or HCPCS code (never the AMA's descriptor), if the catalogue has it.
#[must_use]
pub fn label(code: &str) -> Option<&'static str> {
    entry(code).map(|e| e.label)
}

#[cfg(test)]
mod tests {
    use super::{CODES, entry, label};

    #[test]
    fn every_row_is_read() {
        let rows =
            include_str!("../../../data/coding/codes.tsv").lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(CODES.len(), rows);
        assert!(entry("22614").is_some_and(|e| e.add_on && !e.bilateral));
        assert!(entry("63030").is_some_and(|e| e.bilateral && e.rvu > 20.0));
        assert!(label("22633").is_some() && label("00000").is_none());
    }
}
