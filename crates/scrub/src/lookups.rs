//! Look-ups by date of service: a row of the edition that governs the date, with the edition it stands in
//! ([`Dated`]), so that a finding cites the very table it was judged by.

use crate::book::RuleBook;
use crate::edition::{FeeRow, GpciRow, HcpcsRow, NONE, PairTable, Place, RecordTable, TableKind, day};
use crate::official::Imported;
use crate::rules::{AddOn, AddOnKind, Fee, Global, Mue, Values};
use crate::table::Origin;
use iambilly_claim::finding::Source;
use jiff::civil::Date;
use std::collections::HashMap;
use std::ops::Deref;

/// A locality of the cost indices.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Locality {
    /// Contractor and locality number (`0110200`).
    pub number: String,
    /// Two letters of the state.
    pub state: String,
}

/// A row in force on a date, with the edition it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Dated<'b, T> {
    row: T,
    pub(crate) origin: &'b Origin,
}

impl<T> Deref for Dated<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.row
    }
}

impl<T> Dated<'_, T> {
    /// The citation of this row.
    #[must_use]
    pub fn cite(&self, locator: impl Into<String>) -> Source {
        self.origin.cite(locator)
    }
}

/// A procedure-to-procedure edit in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit<'b> {
    /// 1: a modifier may open the pair; 0: none does.
    pub(crate) indicator: u8,
    /// First day the row is in force (such as `20240701`), and why it exists, where the table says so.
    since: Option<u32>,
    rationale: Option<&'b str>,
}

impl Dated<'_, Edit<'_>> {
    /// The citation of the row: `22633 / 63047, in force since 2010-01-01 (misuse of column 2 code)`.
    pub(crate) fn cite_pair(&self, column1: &str, column2: &str) -> Source {
        let since = self
            .row
            .since
            .map(|d| format!(", in force since {:04}-{:02}-{:02}", d / 10_000, d / 100 % 100, d % 100));
        let why = self.row.rationale.map(|r| format!(" ({r})"));
        let (since, why) = (since.unwrap_or_default(), why.unwrap_or_default());
        self.origin.cite(format!("{column1} / {column2}{since}{why}"))
    }
}

/// Where a code stands in the tables of pairs that govern a date: found once, asked for every other code of the day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Partner<'b> {
    /// In the imported edition that governs the date.
    imported: Option<Standing<'b>>,
    /// In the program's own table, which is asked where no such edition is newer.
    seed: Option<(&'b HashMap<Box<str>, u8>, &'b Origin)>,
    /// Whether the seed comes first.
    seed_first: bool,
    day: u32,
}

/// A code in an imported table of pairs.
#[derive(Debug, Clone, Copy)]
struct Standing<'b> {
    edition: &'b Imported,
    table: &'b PairTable,
    place: Place<'b>,
}

impl<'b> Partner<'b> {
    /// The edit in which this code is column 1 and another one, of the same date, is column 2.
    pub(crate) fn denies(&self, other: &Self, column2: &str) -> Option<Dated<'b, Edit<'b>>> {
        let seed = || {
            let (row, origin) = self.seed?;
            let indicator = *row.get(column2)?;
            Some(Dated { row: Edit { indicator, since: None, rationale: None }, origin })
        };
        let imported = || {
            let Standing { edition, table, place } = self.imported?;
            let term = table.between(place, other.imported?.place, self.day)?;
            let rationale = table.rationale(term.rationale);
            let row = Edit { indicator: term.indicator, since: Some(term.from), rationale };
            Some(Dated { row, origin: edition.origin() })
        };
        if self.seed_first { seed().or_else(imported) } else { imported() }
    }
}

/// An add-on code's primaries in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Primaries<'b> {
    pub(crate) kind: AddOnKind,
    list: List<'b>,
}

/// Where the primaries are listed.
#[derive(Debug, Clone, Copy)]
enum List<'b> {
    Seed(&'b AddOn),
    Imported { table: &'b PairTable, place: Place<'b>, day: u32 },
}

impl<'b> Primaries<'b> {
    fn imported(table: &'b PairTable, code: &str, dos: Date) -> Option<Self> {
        let (place, day) = (table.place(code)?, day(dos));
        // Types 2 and 3 leave primaries to the contractor, whose list is not in the table.
        let contractor = table.place(CONTRACTOR).and_then(|c| table.between(place, c, day));
        let (mut listed, mut open, mut partly) = (false, contractor.is_some(), false);
        for term in table.terms(place, day) {
            listed = true;
            open |= term.indicator != 1;
            partly |= term.indicator == 3;
        }
        let kind = match (listed, partly, open) {
            (false, ..) => return None,
            (_, true, _) => AddOnKind::Partly,
            (_, _, true) => AddOnKind::Open,
            _ => AddOnKind::Listed,
        };
        Some(Self { kind, list: List::Imported { table, place, day } })
    }
    /// Whether a code is among them.
    pub(crate) fn has(&self, code: &str) -> bool {
        match self.list {
            List::Seed(row) => row.primaries.contains(code),
            List::Imported { table, place, day } => {
                table.place(code).is_some_and(|c| table.between(place, c, day).is_some())
            }
        }
    }
    /// All of them, in order.
    pub(crate) fn codes(&self) -> Vec<&'b str> {
        let mut codes: Vec<&str> = match self.list {
            List::Seed(row) => row.primaries.iter().map(|p| &**p).collect(),
            List::Imported { table, place, day } => table.seconds(place, day).map(|(code, _)| code).collect(),
        };
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// Stands in the add-on table for primaries that the contractor defines.
const CONTRACTOR: &str = "CCCCC";

impl RuleBook {
    /// The imported edition that governs a date, where it is not older than the seed of the same table, and then
    /// the older one to ask when the seed does not know a code.
    pub(crate) fn editions_on(
        &self,
        kind: TableKind,
        seed: &Origin,
        dos: Date,
    ) -> (Option<&Imported>, Option<&Imported>) {
        let edition = self.official.governing(kind, dos);
        let older = seed.in_force(dos) && edition.is_some_and(|e| e.head().from < seed.from);
        if older { (None, edition) } else { (edition, None) }
    }

    /// Where a code stands in the tables of pairs on a date.
    pub(crate) fn partner(&self, code: &str, dos: Date) -> Partner<'_> {
        let seed = &self.seed_ptp;
        let (edition, older) = self.editions_on(TableKind::NcciPtp, &seed.origin, dos);
        let imported = edition.or(older).and_then(|edition| {
            let table = edition.pairs()?;
            Some(Standing { edition, table, place: table.place(code)? })
        });
        Partner {
            imported,
            seed: seed.on(code, dos).map(|row| (row, &seed.origin)),
            seed_first: edition.is_none(),
            day: day(dos),
        }
    }

    /// The edit of a column 1 and a column 2 code that is in force on a date.
    pub(crate) fn pair(&self, column1: &str, column2: &str, dos: Date) -> Option<Dated<'_, Edit<'_>>> {
        self.partner(column1, dos).denies(&self.partner(column2, dos), column2)
    }

    /// The modifier indicator of the edit of a pair on a date: 1 a modifier may open it, 0 none does.
    #[must_use]
    pub fn pair_indicator(&self, column1: &str, column2: &str, dos: Date) -> Option<u8> {
        self.pair(column1, column2, dos).map(|edit| edit.indicator)
    }

    /// The unit limit of a code on a date.
    pub(crate) fn mue(&self, code: &str, dos: Date) -> Option<Dated<'_, Mue>> {
        let seed = &self.seed_mue;
        let (edition, older) = self.editions_on(TableKind::Mue, &seed.origin, dos);
        if edition.is_none()
            && let Some(row) = seed.on(code, dos)
        {
            return Some(Dated { row: *row, origin: &seed.origin });
        }
        let edition = edition.or(older)?;
        let row = edition.mue()?.get(code)?;
        Some(Dated { row: Mue { units: row.units, indicator: row.indicator }, origin: edition.origin() })
    }

    /// The fee schedule's row of a code on a date.
    pub(crate) fn fee(&self, code: &str, dos: Date) -> Option<Dated<'_, Fee>> {
        let seed = &self.seed_pfs;
        let (edition, older) = self.editions_on(TableKind::Mpfs, &seed.origin, dos);
        if edition.is_none()
            && let Some(row) = seed.on(code, dos)
        {
            return Some(Dated { row: row.on(dos), origin: &seed.origin });
        }
        let edition = edition.or(older)?;
        Some(Dated { row: fee(edition.fee()?.get(code)?), origin: edition.origin() })
    }

    /// The newest row of a code in the fee schedule, whatever the date.
    pub(crate) fn newest_fee(&self, code: &str) -> Option<Dated<'_, Fee>> {
        self.fee(code, Date::MAX)
    }

    /// Dollars per RVU on a date, for a qualifying participant of an advanced payment model or for all others
    /// (the two differ from 2026 on), in ten-thousandths.
    #[must_use]
    pub fn conversion(&self, dos: Date, qualifying: bool) -> Option<Dated<'_, u32>> {
        let begun = || self.official.of(TableKind::Mpfs).rev().filter(|e| e.head().from <= dos);
        let newest = begun().next()?.head().from;
        let edition = begun()
            .filter(|e| e.head().from == newest)
            .find(|e| e.head().qualifying.is_none_or(|q| q == qualifying))?;
        Some(Dated { row: edition.head().conversion?, origin: edition.origin() })
    }

    /// The geographic practice cost indices of a locality (`0110200`: contractor and locality number) on a date.
    #[must_use]
    pub fn gpci(&self, locality: &str, dos: Date) -> Option<Dated<'_, GpciRow>> {
        let edition = self.official.governing(TableKind::Gpci, dos)?;
        Some(Dated { row: edition.gpci()?.get(locality)?, origin: edition.origin() })
    }

    /// The localities that payments can be adjusted to on a date, by number; none where no indices are imported.
    #[must_use]
    pub fn localities(&self, dos: Date) -> Vec<Locality> {
        let edition = self.official.governing(TableKind::Gpci, dos);
        let rows = edition.and_then(Imported::gpci).into_iter().flat_map(RecordTable::iter);
        rows.map(|(number, row)| Locality {
            number: number.to_owned(),
            state: String::from_utf8_lossy(&row.state).into_owned(),
        })
        .collect()
    }

    /// Whether any imported edition has indices of this locality.
    #[must_use]
    pub fn knows_locality(&self, number: &str) -> bool {
        self.official.of(TableKind::Gpci).any(|e| e.gpci().is_some_and(|t| t.get(number).is_some()))
    }

    /// The row of a HCPCS Level II code or modifier in the edition that governs a date.
    #[must_use]
    pub fn hcpcs(&self, code: &str, dos: Date) -> Option<Dated<'_, Option<HcpcsRow>>> {
        let edition = self.official.governing(TableKind::Hcpcs, dos)?;
        Some(Dated { row: edition.hcpcs()?.get(code), origin: edition.origin() })
    }

    /// The primaries of an add-on code on a date; none for any other code.
    pub(crate) fn add_on(&self, code: &str, dos: Date) -> Option<Dated<'_, Primaries<'_>>> {
        let seed = &self.seed_addons;
        let (edition, older) = self.editions_on(TableKind::Addon, &seed.origin, dos);
        if edition.is_none()
            && let Some(row) = seed.on(code, dos)
        {
            return Some(Dated {
                row: Primaries { kind: row.kind, list: List::Seed(row) },
                origin: &seed.origin,
            });
        }
        let edition = edition.or(older)?;
        Some(Dated { row: Primaries::imported(edition.pairs()?, code, dos)?, origin: edition.origin() })
    }

    /// Whether a code is reported with a primary only (an add-on of any kind).
    #[must_use]
    pub fn is_add_on(&self, code: &str) -> bool {
        let newest = self.official.newest(TableKind::Addon).and_then(Imported::pairs);
        self.seed_addons.get(code).is_some() || newest.is_some_and(|table| table.has(code))
    }

    /// Whether a code's payment is bundled into others (fee schedule status B).
    #[must_use]
    pub fn is_bundled(&self, code: &str) -> bool {
        self.newest_fee(code).is_some_and(|p| p.status == 'B')
    }
}

/// A row of the relative value file as the checks see it.
fn fee(row: FeeRow) -> Fee {
    let known = |value: u32| (value != NONE).then_some(value);
    let [work, office_expense, facility_expense, malpractice, office_total, facility_total] =
        row.values.map(known);
    let [components, multiple, bilateral, assistant, cosurgeon, team] = row.indicators;
    Fee {
        status: char::from(row.status),
        global: match &row.global {
            b"ZZZ" => Global::AddOn,
            days => {
                std::str::from_utf8(days).ok().and_then(|d| d.parse().ok()).map_or(Global::None, Global::Days)
            }
        },
        components: Some(components),
        multiple,
        bilateral,
        assistant,
        cosurgeon,
        team,
        values: Values { work, facility_expense, office_expense, malpractice, facility_total, office_total },
    }
}
