//! Editions: quarters, releases and years, from the names that the publishers give their files.

use crate::error::Reason;
use iambilly_scrub::edition::{Head, TableKind};
use jiff::civil::{Date, date};

/// An edition and the days it governs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// `2024Q3`, `RVU24C`, `2024`, `FY2026`.
    pub(crate) name: String,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) revision: u32,
}

impl Named {
    pub(crate) fn head(&self, kind: TableKind) -> Head {
        Head::new(kind, self.name.clone(), self.revision, self.from, self.to)
    }
}

/// A quarter, 1 to 4, of a year.
fn quarter(kind: TableKind, year: i16, quarter: i8, revision: u32) -> Option<Named> {
    if !(2000..=2099).contains(&year) || !(1..=4).contains(&quarter) {
        return None;
    }
    let from = date(year, quarter * 3 - 2, 1);
    let to = date(year, quarter * 3, 1).last_of_month();
    Some(Named { name: kind.edition_on(from), from, to, revision })
}

fn calendar_year(year: i16) -> Option<Named> {
    let fits = (2000..=2099).contains(&year);
    fits.then(|| Named {
        name: year.to_string(),
        from: date(year, 1, 1),
        to: date(year, 12, 31),
        revision: 0,
    })
}

/// A fiscal year from October, or its April update.
fn fiscal_year(year: i16, april: bool) -> Option<Named> {
    let from = if april { date(year, 4, 1) } else { date(year - 1, 10, 1) };
    let fits = (2000..=2099).contains(&year);
    fits.then(|| Named {
        name: TableKind::Icd10cm.edition_on(from),
        from,
        to: date(year, 9, 30),
        revision: 0,
    })
}

/// An edition said by a person: `2024Q3`, `RVU24C`, `2024`, `FY2026`, `FY2026 April`.
pub(crate) fn said(kind: TableKind, text: &str) -> Result<Named, Reason> {
    let bad =
        || Reason::BadEdition(text.chars().take(24).filter(|c| c.is_ascii_graphic() || *c == ' ').collect());
    let upper = text.trim().to_ascii_uppercase().replace(['-', '_'], " ");
    let number = |t: &str| t.parse::<i16>().ok();
    let named = match kind {
        TableKind::NcciPtp | TableKind::Mue | TableKind::Addon | TableKind::Hcpcs => upper
            .split_once('Q')
            .and_then(|(y, q)| quarter(kind, number(y.trim())?, q.trim().parse().ok()?, 0)),
        TableKind::Mpfs => upper.strip_prefix("RVU").and_then(|rest| {
            let (y, letter) = rest.split_at_checked(2)?;
            let q = ["A", "B", "C", "D"].iter().position(|l| *l == letter)?;
            quarter(kind, 2000 + number(y)?, i8::try_from(q).ok()? + 1, 0)
        }),
        TableKind::Gpci => number(&upper).and_then(calendar_year),
        TableKind::Icd10cm => {
            let rest = upper.strip_prefix("FY").unwrap_or(&upper).trim();
            let (year, update) = rest.split_once(' ').unwrap_or((rest, ""));
            match update.trim() {
                "" => number(year).and_then(|y| fiscal_year(y, false)),
                "APRIL" | "04" => number(year).and_then(|y| fiscal_year(y, true)),
                _ => None,
            }
        }
    };
    named.ok_or_else(bad)
}

/// The edition in the name of a file (and of the archive around it).
pub(crate) fn of_name(kind: TableKind, name: &str) -> Option<Named> {
    let lower = name.to_lowercase();
    match kind {
        TableKind::NcciPtp => {
            let coded = ncci_version(&lower);
            let spelled = spelled_quarter(&lower);
            match (coded, spelled) {
                (Some((y, q, _)), Some(other)) if (y, q) != other => None,
                (Some((y, q, r)), _) => quarter(kind, y, q, r),
                (None, Some((y, q))) => quarter(kind, y, q, 0),
                (None, None) => None,
            }
        }
        TableKind::Mue | TableKind::Addon => {
            let effective = effective_date(&lower).map(|d| (d.year(), (d.month() - 1) / 3 + 1));
            let (y, q) = effective.or_else(|| spelled_quarter(&lower))?;
            quarter(kind, y, q, 0)
        }
        TableKind::Mpfs => {
            let rest = lower.split_once("pprrvu")?.1;
            let year = leading_year(rest)?;
            let q = month_quarter(rest).or_else(|| letter_quarter(&lower))?;
            quarter(kind, year, q, 0)
        }
        TableKind::Gpci => {
            let rest = lower.split_once("gpci")?.1;
            let year = leading_year(rest.trim_start_matches(['_', '-', ' ']));
            calendar_year(year.or_else(|| years(&lower).next())?)
        }
        TableKind::Hcpcs => {
            let year = years(&lower).next()?;
            quarter(kind, year, month_quarter(&lower)?, 0)
        }
        TableKind::Icd10cm => fiscal_year(years(&lower).next()?, lower.contains("apr")),
    }
}

/// Which part (`f1` to `f4`) a PTP file is.
pub(crate) fn part(name: &str) -> Option<usize> {
    let lower = name.to_lowercase();
    let found = lower.match_indices(['-', '_']).find_map(|(at, _)| {
        let mut rest = lower.get(at + 1..)?.bytes();
        let (f, digit, after) = (rest.next()?, rest.next()?, rest.next());
        let ends = after.is_none_or(|b| !b.is_ascii_alphanumeric());
        (f == b'f' && digit.is_ascii_digit() && ends).then(|| usize::from(digit - b'0'))
    });
    found.filter(|p| *p > 0)
}

/// `v302r0`: year 1994 + 30, third quarter, revision 0.
fn ncci_version(lower: &str) -> Option<(i16, i8, u32)> {
    lower.match_indices('v').find_map(|(at, _)| {
        let rest = lower.get(at + 1..)?;
        let (version, rest) = rest.split_at_checked(3)?;
        let version: i16 = version.parse().ok()?;
        let revision: u32 = rest.strip_prefix('r')?.get(..1)?.parse().ok()?;
        let q = i8::try_from(version % 10).ok()?;
        (q < 4).then_some((1994 + version / 10, q + 1, revision))
    })
}

/// `2024q3` or `q32024`.
fn spelled_quarter(lower: &str) -> Option<(i16, i8)> {
    lower.match_indices('q').find_map(|(at, _)| {
        let q: i8 = lower.get(at + 1..at + 2)?.parse().ok().filter(|q| (1..=4).contains(q))?;
        let before = lower.get(..at)?.trim_end_matches(['-', '_', ' ']);
        let before: Option<i16> = before.get(before.len().checked_sub(4)?..)?.parse().ok();
        before.filter(|y| *y >= 2000).map(|y| (y, q))
    })
}

/// `eff_07-01-2024`.
fn effective_date(lower: &str) -> Option<Date> {
    let rest = lower.split_once("eff")?.1.trim_start_matches(['_', '-', ' ']);
    let digits: Vec<&str> = rest.split(['-', '_', '.']).take(3).collect();
    let [month, day, year] = digits.as_slice() else { return None };
    let year = year.get(..4)?.parse().ok()?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok().filter(|d| d.day() == 1)
}

/// `2026` or `26` at the beginning.
fn leading_year(text: &str) -> Option<i16> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

/// Years of four digits.
fn years(lower: &str) -> impl Iterator<Item = i16> {
    lower
        .split(|c: char| !c.is_ascii_digit())
        .filter(|d| d.len() == 4)
        .filter_map(|d| d.parse().ok())
        .filter(|y| (2000..=2099).contains(y))
}

fn month_quarter(lower: &str) -> Option<i8> {
    let months = [("jan", 1), ("apr", 2), ("jul", 3), ("oct", 4)];
    months.iter().find(|(m, _)| lower.contains(m)).map(|(_, q)| *q)
}

/// `rvu24c`: the release's letter.
fn letter_quarter(lower: &str) -> Option<i8> {
    lower.match_indices("rvu").find_map(|(at, _)| {
        let mut rest = lower.get(at + 3..)?.bytes();
        let (a, b, letter) = (rest.next()?, rest.next()?, rest.next()?);
        let digits = a.is_ascii_digit() && b.is_ascii_digit();
        [b'a', b'b', b'c', b'd']
            .iter()
            .position(|l| digits && *l == letter)
            .and_then(|q| i8::try_from(q + 1).ok())
    })
}

#[cfg(test)]
mod tests {
    use super::{of_name, part, said};
    use iambilly_scrub::edition::TableKind as K;

    #[test]
    fn names_of_the_publishers() {
        for (kind, name, expected) in [
            (K::NcciPtp, "ccipra-v302r0-f1.TXT", Some(("2024Q3", "2024-07-01", "2024-09-30"))),
            (K::NcciPtp, "ccipra-v313r1-f4.xlsx", Some(("2025Q4", "2025-10-01", "2025-12-31"))),
            (K::NcciPtp, "ccipra-v320r0-f1.txt", Some(("2026Q1", "2026-01-01", "2026-03-31"))),
            (
                K::NcciPtp,
                "ccipra-v323r0-f2.txt medicare-ncci-2026q4-practitioner-ptp-edits-ccipra-v323r0-f2.zip",
                Some(("2026Q4", "2026-10-01", "2026-12-31")),
            ),
            (K::NcciPtp, "ccipra-v323r0-f2.txt medicare-ncci-2026q3-practitioner.zip", None),
            (K::NcciPtp, "edits.txt", None),
            (
                K::Mue,
                "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
                Some(("2024Q3", "2024-07-01", "2024-09-30")),
            ),
            (K::Mue, "MCR_MUE_PractitionerServices_Eff_13-01-2024.csv", None),
            (K::Addon, "AOC_V2024Q3-01-MCR.txt", Some(("2024Q3", "2024-07-01", "2024-09-30"))),
            (K::Mpfs, "PPRRVU24_JUL.csv", Some(("RVU24C", "2024-07-01", "2024-09-30"))),
            (K::Mpfs, "PPRRVU2026_Jan_nonQPP.csv", Some(("RVU26A", "2026-01-01", "2026-03-31"))),
            (K::Mpfs, "PPRRVU25.csv rvu25d.zip", Some(("RVU25D", "2025-10-01", "2025-12-31"))),
            (K::Gpci, "GPCI2026.csv", Some(("2026", "2026-01-01", "2026-12-31"))),
            (K::Hcpcs, "HCPC2026_JUL_ANWEB.xlsx", Some(("2026Q3", "2026-07-01", "2026-09-30"))),
            (K::Icd10cm, "icd10cm_order_2026.txt", Some(("FY2026", "2025-10-01", "2026-09-30"))),
            (
                K::Icd10cm,
                "icd10cm_order_2026.txt april-1-2026-code-descriptions-tabular-order.zip",
                Some(("FY2026 April", "2026-04-01", "2026-09-30")),
            ),
        ] {
            let named = of_name(kind, name);
            let shown = named.as_ref().map(|n| (n.name.as_str(), n.from.to_string(), n.to.to_string()));
            let expected = expected.map(|(n, f, t)| (n, f.to_owned(), t.to_owned()));
            assert_eq!(shown, expected, "{name}");
        }
        assert_eq!(of_name(K::NcciPtp, "ccipra-v313r1-f4.xlsx").map(|n| n.revision), Some(1));
    }

    #[test]
    fn said_by_a_person() {
        for (kind, text, expected) in [
            (K::NcciPtp, "2024q3", Some("2024Q3")),
            (K::NcciPtp, "2024Q5", None),
            (K::NcciPtp, "2024", None),
            (K::Mpfs, "RVU26B", Some("RVU26B")),
            (K::Mpfs, "RVU26E", None),
            (K::Gpci, "2026", Some("2026")),
            (K::Icd10cm, "FY2026", Some("FY2026")),
            (K::Icd10cm, "FY2026 April", Some("FY2026 April")),
            (K::Icd10cm, "FY2026 May", None),
        ] {
            assert_eq!(said(kind, text).ok().map(|n| n.name).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn parts() {
        for (name, expected) in [
            ("ccipra-v302r0-f1.TXT", Some(1)),
            ("ccipra-v302r0_f4.xlsx", Some(4)),
            ("ccipra-v302r0-f0.txt", None),
            ("ccipra-v302r0.txt", None),
            ("a-first.txt", None),
        ] {
            assert_eq!(part(name), expected, "{name}");
        }
    }
}
