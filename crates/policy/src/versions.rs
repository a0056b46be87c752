//! Which version of a policy is in force when: a newer one ends the older one the day before it begins.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// What a policy says of itself, as far as its place among versions goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Payer id.
    pub payer: String,
    /// Number without version, where it has one.
    pub number: Option<String>,
    /// Title.
    pub title: String,
    /// First date of service.
    pub from: Date,
    /// Last date of service it was given.
    pub to: Option<Date>,
    /// What it says it replaces.
    pub replaces: Option<String>,
}

/// Dates a version is in force, and the place of the one that ended it early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First date of service.
    pub from: Date,
    /// Last one, if it ends; before `from` where it was never in force.
    pub to: Option<Date>,
    /// Place of the version that took over.
    pub superseded_by: Option<usize>,
}

impl Period {
    /// Whether a date of service lies in it.
    #[must_use]
    pub fn holds(&self, dos: Date) -> bool {
        self.from <= dos && self.to.is_none_or(|to| dos <= to)
    }
}

/// The periods of versions given in the order they were added; of two that begin on one day the later one counts.
#[must_use]
pub fn periods(all: &[Version]) -> Vec<Period> {
    let period = |(at, own): (usize, &Version)| {
        let after = all.iter().enumerate().filter(|(other, v)| {
            *other != at && (v.from > own.from || (v.from == own.from && *other > at)) && takes_over(v, own)
        });
        match after.min_by_key(|(other, v)| (v.from, usize::MAX - other)) {
            Some((next, version)) => {
                let last = version.from.checked_sub(1.day()).unwrap_or(version.from);
                let earlier = own.to.is_none_or(|to| last < to);
                let to = if earlier { Some(last) } else { own.to };
                Period { from: own.from, to, superseded_by: earlier.then_some(next) }
            }
            None => Period { from: own.from, to: own.to, superseded_by: None },
        }
    };
    all.iter().enumerate().map(period).collect()
}

/// Whether a later version takes the place of an earlier one.
fn takes_over(later: &Version, earlier: &Version) -> bool {
    if !later.payer.eq_ignore_ascii_case(&earlier.payer) {
        return false;
    }
    match (&later.number, &earlier.number) {
        (Some(a), Some(b)) => {
            same(a) == same(b) || later.replaces.as_ref().is_some_and(|r| same(r).contains(&same(b)))
        }
        (None, None) => same(&later.title) == same(&earlier.title),
        _ => false,
    }
}

fn same(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{Version, periods};
    use jiff::civil::{Date, date};

    fn version(payer: &str, number: &str, from: Date, replaces: Option<&str>) -> Version {
        let number = Some(number.to_owned()).filter(|n| !n.is_empty());
        Version {
            payer: payer.into(),
            number,
            title: "Disc".into(),
            from,
            to: None,
            replaces: replaces.map(Into::into),
        }
    }

    #[test]
    fn a_newer_version_ends_the_older_one_and_nobody_elses() {
        let all = [
            version("acme", "AC-7", date(2026, 1, 1), None),
            version("acme", "ac 7", date(2025, 1, 1), None),
            version("other", "AC-7", date(2025, 1, 1), None),
            version("acme", "AC-9", date(2026, 3, 1), Some("AC-7 of 2026")),
            version("acme", "AC-9", date(2026, 3, 1), None),
            version("acme", "", date(2024, 1, 1), None),
        ];
        let to: Vec<String> =
            periods(&all).iter().map(|p| p.to.map_or_else(String::new, |d| d.to_string())).collect();
        assert_eq!(to, ["2026-02-28", "2025-12-31", "", "2026-02-28", "", ""]);
        let found = periods(&all);
        assert!(!found[3].holds(date(2026, 3, 1)), "the same day, added earlier");
        assert!(found[1].holds(date(2025, 12, 31)) && !found[1].holds(date(2026, 1, 1)));
    }
}
