//! The Medicare physician fee schedule: relative values with payment indicators, and the geographic indices.
//!
//! Source: CMS, `rvuYYx.zip`: `PPRRVU…` (from 2026 one file for qualifying participants of advanced payment models,
//! `QPP`, and one for all others, `nonQPP`, with conversion factors of their own) and `GPCIyyyy`. Headers span two or
//! more rows and gain columns over the years. Descriptors are not read.

use super::{Keyed, draft};
use crate::Draft;
use crate::document::Document;
use crate::edition::Named;
use crate::error::{ImportError, Reason};
use crate::header::{self, Cells, Column, Rows, but_not, needed, optional, words};
use iambilly_scrub::edition::{FeeRow, GpciRow, NONE, TableKind};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
struct Fees {
    rows: BTreeMap<String, FeeRow>,
    /// Year and quarter in the title above the header, where it says them.
    year: Option<i16>,
    quarter: Option<i8>,
    conversion: u32,
}

const CODE: usize = 0;
const MODIFIER: usize = 1;
const STATUS: usize = 2;
const GLOBAL: usize = 3;
/// Professional and technical component, multiple, bilateral, assistant, co-surgeon, team.
const INDICATORS: [usize; 6] = [4, 5, 6, 7, 8, 9];
const SHARES: [usize; 3] = [10, 11, 12];
/// Work, office and facility expense, malpractice, office and facility total.
const VALUES: [usize; 6] = [13, 14, 15, 16, 17, 18];
const CONVERSION: usize = 19;
const ENDOSCOPIC_BASE: usize = 20;

impl Rows for Fees {
    const COLUMNS: &'static [Column] = &[
        needed("HCPCS", &[words(&["hcpcs"])]),
        needed("Mod", &[words(&["mod"])]),
        needed("Status Code", &[words(&["status", "code"])]),
        needed("Glob Days", &[words(&["glob", "days"])]),
        needed("PCTC Ind", &[words(&["pctc", "ind"]), words(&["pctc"])]),
        needed("Mult Proc", &[words(&["mult", "proc"])]),
        needed("Bilat Surg", &[words(&["bilat", "surg"])]),
        needed("Asst Surg", &[words(&["asst", "surg"])]),
        needed("Co-Surg", &[words(&["co", "surg"])]),
        needed("Team Surg", &[words(&["team", "surg"])]),
        optional("Pre Op", &[words(&["pre", "op"])]),
        optional("Intra Op", &[words(&["intra", "op"])]),
        optional("Post Op", &[words(&["post", "op"])]),
        needed("Work RVU", &[words(&["work", "rvu"])]),
        needed(
            "Non-Fac PE RVU",
            &[words(&["non", "fac", "pe", "rvu"]), words(&["non", "facility", "pe", "rvu"])],
        ),
        needed(
            "Facility PE RVU",
            &[but_not(&["facility", "pe", "rvu"], &["non"]), but_not(&["fac", "pe", "rvu"], &["non"])],
        ),
        needed("MP RVU", &[words(&["mp", "rvu"])]),
        needed("Non-Facility Total", &[words(&["non", "facility", "total"])]),
        needed("Facility Total", &[but_not(&["facility", "total"], &["non"])]),
        needed("Conv Factor", &[words(&["conv", "factor"])]),
        optional("Endo Base", &[words(&["endo", "base"])]),
    ];

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason> {
        let code = cells.code(CODE)?;
        let modifier = cells.read(MODIFIER, "a modifier or blank", |t| {
            let fits = t.is_empty() || (t.len() == 2 && t.bytes().all(|b| b.is_ascii_alphanumeric()));
            fits.then(|| t.to_owned())
        })?;
        let mut indicators = [0; 6];
        for (slot, column) in indicators.iter_mut().zip(INDICATORS) {
            *slot = cells.read(column, "an indicator of one digit", indicator)?;
        }
        let mut shares = [0; 3];
        for (slot, column) in shares.iter_mut().zip(SHARES) {
            *slot = cells.read(column, "a share of 1", |t| {
                ten_thousandths(if t.is_empty() { "0" } else { t }).and_then(|v| u16::try_from(v).ok())
            })?;
        }
        let mut values = [NONE; 6];
        for (slot, column) in values.iter_mut().zip(VALUES) {
            *slot = cells.read(column, "a relative value", |t| match t {
                "" | "NA" => Some(NONE),
                value => ten_thousandths(value),
            })?;
        }
        let conversion = cells.read(CONVERSION, "a conversion factor", ten_thousandths)?;
        let row = FeeRow {
            status: cells.read(STATUS, "a status letter", |t| match t.as_bytes() {
                [letter] if letter.is_ascii_uppercase() => Some(*letter),
                _ => None,
            })?,
            global: cells.read(GLOBAL, "global days such as 090 or ZZZ", global)?,
            indicators,
            shares,
            values,
            conversion,
            endoscopic_base: <[u8; 5]>::try_from(cells.text(ENDOSCOPIC_BASE).as_bytes()).unwrap_or(*b"     "),
        };
        self.conversion = self.conversion.max(conversion);
        match self.rows.insert(format!("{code}{modifier}"), row) {
            Some(before) if before != row => Err(Reason::Contradiction),
            _ => Ok(()),
        }
    }

    fn preamble(&mut self, text: &str) -> Result<(), Reason> {
        let lower = text.to_lowercase();
        if lower.contains("fee schedule") || lower.contains("relative value") {
            let year = lower.split(|c: char| !c.is_ascii_digit()).find(|w| w.len() == 4);
            self.year = year.and_then(|y| y.parse().ok()).or(self.year);
            let months = [("january", 1), ("april", 4), ("july", 7), ("october", 10)];
            let month = months.iter().find(|(m, _)| lower.contains(m)).map(|(_, m)| *m);
            self.quarter = month.or(self.quarter);
        }
        Ok(())
    }
}

/// One digit; global-day rows such as `09` of other columns are not indicators.
fn indicator(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [digit] if digit.is_ascii_digit() => Some(digit - b'0'),
        // Blank where the file has no indicator for the code.
        [] => Some(9),
        _ => None,
    }
}

/// Spreadsheets drop the zeros of `000`, `010` and `090`.
fn global(text: &str) -> Option<[u8; 3]> {
    match text {
        "0" => Some(*b"000"),
        "10" => Some(*b"010"),
        "90" => Some(*b"090"),
        "000" | "010" | "090" | "MMM" | "XXX" | "YYY" | "ZZZ" => text.as_bytes().try_into().ok(),
        _ => None,
    }
}

/// A number such as `27.06` in ten-thousandths; further digits are rounded.
fn ten_thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) || whole.len() > 5 {
        return None;
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let four: String = part.chars().chain("0000".chars()).take(4).collect();
    let up = part.as_bytes().get(4).is_some_and(|d| *d >= b'5');
    whole.checked_mul(10_000)?.checked_add(four.parse().ok()?)?.checked_add(u32::from(up))
}

/// Reads one relative value file.
pub(super) fn values(edition: &Named, document: &Document) -> Result<Draft, ImportError> {
    let table = header::read::<Fees>(document)?;
    let (year, month) = (edition.from.year(), edition.from.month());
    let differs = table.year.is_some_and(|y| y != year) || table.quarter.is_some_and(|m| m != month);
    if differs {
        let found = format!("a file of {}-{:02}", table.year.unwrap_or(year), table.quarter.unwrap_or(month));
        return Err(document.refused(None, Reason::OtherEdition { found, expected: edition.name.clone() }));
    }
    let mut head = edition.head(TableKind::Mpfs);
    let name = document.member.to_lowercase();
    head.qualifying = match (name.contains("nonqp") || name.contains("non-qp"), name.contains("qp")) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    };
    head.conversion = (table.conversion > 0).then_some(table.conversion);
    draft(document, head, table.rows.into_iter().collect(), "")
}

/// The geographic practice cost indices by locality.
#[derive(Debug, Default)]
pub(super) struct Localities {
    rows: BTreeMap<String, GpciRow>,
}

impl Rows for Localities {
    const COLUMNS: &'static [Column] = &[
        needed("MAC", &[words(&["mac"]), words(&["contractor"]), words(&["carrier"])]),
        needed("State", &[words(&["state"])]),
        needed("Locality Number", &[words(&["locality", "number"]), but_not(&["locality"], &["name"])]),
        needed(
            "PW GPCI",
            &[
                but_not(&["pw", "with", "floor"], &["without"]),
                but_not(&["work", "with", "floor"], &["without"]),
                but_not(&["pw"], &["without"]),
                but_not(&["work"], &["without"]),
            ],
        ),
        needed("PE GPCI", &[words(&["pe"])]),
        needed("MP GPCI", &[words(&["mp"])]),
    ];

    fn take(&mut self, cells: &Cells<'_>) -> Result<(), Reason> {
        let mac = cells.read(0, "a contractor number of five digits", |t| {
            let digits = matches!(t.len(), 4 | 5) && t.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| format!("{t:0>5}"))
        })?;
        let locality = cells.read(2, "a locality number", |t| {
            let digits = matches!(t.len(), 1 | 2) && t.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| format!("{t:0>2}"))
        })?;
        let state = cells.read(1, "two letters", |t| {
            <[u8; 2]>::try_from(t.as_bytes()).ok().filter(|s| s.iter().all(u8::is_ascii_uppercase))
        })?;
        let index =
            |column| cells.read(column, "an index such as 1.012", |t| ten_thousandths(t).filter(|v| *v > 0));
        let row = GpciRow { state, work: index(3)?, expense: index(4)?, malpractice: index(5)? };
        match self.rows.insert(format!("{mac}{locality}"), row) {
            Some(before) if before != row => Err(Reason::Contradiction),
            _ => Ok(()),
        }
    }
}

impl Keyed for Localities {
    type Row = GpciRow;
    fn into_rows(self) -> Vec<(String, GpciRow)> {
        self.rows.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{global, indicator, ten_thousandths};

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("27.06", Some(270_600)),
            ("0", Some(0)),
            (".5", Some(5_000)),
            ("33.28754", Some(332_875)),
            ("33.28755", Some(332_876)),
            ("1", Some(10_000)),
            ("-1", None),
            ("", None),
            ("1e3", None),
            ("999999", None),
        ] {
            assert_eq!(ten_thousandths(text), expected, "{text}");
        }
        assert_eq!((global("90"), global("ZZZ"), global("91")), (Some(*b"090"), Some(*b"ZZZ"), None));
        assert_eq!((indicator("2"), indicator(""), indicator("22")), (Some(2), Some(9), None));
    }
}
