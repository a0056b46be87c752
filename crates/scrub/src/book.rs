//! The rule book: every table the scrubber looks things up in, by date of service.
//!
//! The program brings [`Seed`] tables for spine codes; a clinic imports the official editions, which then govern
//! their dates of service. A look-up answers with the row and the edition it stands in ([`Dated`]), so that a
//! finding cites the very table it was judged by.

use crate::edition::{FeeRow, GpciRow, HcpcsRow, IcdRow, NONE, PairTable, TableError, TableKind, day};
use crate::official::{Imported, Official};
use crate::rules::{AddOnKind, Fee, Global, Mue, Values};
use crate::seed::Seed;
use crate::table::Origin;
use iambilly_claim::finding::Source;
use iambilly_claim::{Fault, FaultKind};
use jiff::civil::Date;
use serde::Serialize;
use std::ops::Deref;
use std::sync::LazyLock;

/// Why a rule book could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// A packed table is damaged.
    #[error("the rule table {file} cannot be unpacked")]
    Unpack {
        /// Which.
        file: &'static str,
    },
    /// A table does not say what it is.
    #[error("the rule table {file} has no proper header")]
    Header {
        /// Which.
        file: &'static str,
    },
    /// A row cannot be read.
    #[error("the rule table {file} has an unreadable row at line {line}")]
    Row {
        /// Which.
        file: &'static str,
        /// Line in the file, 0 where unknown.
        line: usize,
    },
    /// An imported edition cannot be used.
    #[error("the imported table \u{201c}{title}, {edition}\u{201d} cannot be used: {why}")]
    Edition {
        /// Which table.
        title: String,
        /// Which edition.
        edition: String,
        /// Why.
        why: TableError,
    },
}

impl BookError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let advice = match self {
            Self::Edition { .. } => {
                "Import the official files of this edition again; no claim is checked until then."
            }
            _ => "Install the program again; claims cannot be checked until then.",
        };
        let text = self.to_string();
        let mut letters = text.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        Fault::new(FaultKind::Internal, "rule_book_damaged", format!("{first}{}.", letters.as_str()), advice)
    }
}

/// A table of the rule book and the dates it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// What it is.
    pub title: String,
    /// Which edition.
    pub edition: String,
    /// First date of service it governs.
    pub from: Date,
    /// Last date of service it was published for; none for rules that no quarterly edition replaces.
    pub to: Option<Date>,
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

/// Tables with where they come from.
pub(crate) type Tables<'b> = Vec<(TableKind, &'b Origin)>;

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

/// An add-on code's primaries in force.
#[derive(Debug, Clone)]
pub(crate) struct Primaries<'b> {
    pub(crate) kind: AddOnKind,
    codes: Vec<&'b str>,
}

impl<'b> Primaries<'b> {
    fn of(table: &'b PairTable, code: &str, dos: Date) -> Option<Self> {
        let mut kind = AddOnKind::Listed;
        let mut codes = vec![];
        for (primary, term) in table.seconds(code, day(dos)) {
            // Types 2 and 3 leave primaries to the contractor, whose list is not in the table.
            if term.indicator != 1 || primary == CONTRACTOR {
                kind = AddOnKind::Open;
            }
            codes.push(primary);
        }
        (!codes.is_empty()).then_some(Self { kind, codes })
    }
    /// Whether a code is among them.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.binary_search(&code).is_ok()
    }
    /// All of them, in order.
    pub(crate) fn codes(&self) -> &[&str] {
        &self.codes
    }
}

/// Stands in the add-on table for primaries that the contractor defines.
const CONTRACTOR: &str = "CCCCC";

static SEED: LazyLock<Seed> = LazyLock::new(|| Seed::embedded().unwrap_or_else(Seed::damaged));
static SEED_BOOK: LazyLock<RuleBook> =
    LazyLock::new(|| RuleBook { seed: &SEED, official: Official::default() });

/// All tables the scrubber looks things up in.
#[derive(Debug)]
pub struct RuleBook {
    seed: &'static Seed,
    official: Official,
}

impl Deref for RuleBook {
    type Target = Seed;
    fn deref(&self) -> &Seed {
        self.seed
    }
}

impl RuleBook {
    /// The rule book the program comes with, unpacked on first use (some tens of milliseconds). Should an
    /// embedded table be damaged, the book is empty and says so in [`RuleBook::damage`]: no claim passes it.
    #[must_use]
    pub fn seed() -> &'static Self {
        &SEED_BOOK
    }

    /// The seed with a clinic's imported editions, which govern their dates of service.
    #[must_use]
    pub fn with_editions(editions: Vec<Imported>) -> Self {
        Self { seed: &SEED, official: Official::new(editions) }
    }

    /// The imported editions, by table and date.
    #[must_use]
    pub fn imported(&self) -> &[Imported] {
        self.official.all()
    }

    /// What is wrong with the program's own tables, if anything; every claim is then blocked.
    #[must_use]
    pub const fn damage(&self) -> Option<&BookError> {
        self.seed.damage.as_ref()
    }

    /// What keeps the book from judging services of these dates: the program's own tables or an imported edition
    /// that governs one of the dates is damaged.
    #[must_use]
    pub fn trouble(&self, dates: impl IntoIterator<Item = Date>) -> Option<BookError> {
        if let Some(damage) = self.damage() {
            return Some(damage.clone());
        }
        dates.into_iter().find_map(|dos| {
            TableKind::ALL
                .into_iter()
                .filter_map(|kind| self.official.governing(kind, dos))
                .find_map(|edition| edition.load().err())
        })
    }

    /// The title of a diagnosis code.
    #[must_use]
    pub fn diagnosis_title(&self, code: &str) -> Option<&str> {
        self.icd.title(code).or_else(|| {
            let bare = code.replace('.', "").to_ascii_uppercase();
            self.official.newest(TableKind::Icd10cm)?.icd()?.title(&bare)
        })
    }

    /// All tables with their editions.
    #[must_use]
    pub fn editions(&self) -> Vec<Edition> {
        let tables = [
            &self.seed_ptp.origin,
            &self.seed_mue.origin,
            &self.seed_addons.origin,
            &self.seed_pfs.origin,
            &self.icd.origin,
            &self.icd_origin,
            &self.bundle_origin,
            &self.counts.origin,
            &self.modifier_origin,
            &self.deleted.origin,
            &self.existing_origin,
            &self.no62.origin,
        ];
        let imported = self.official.all().iter().map(Imported::origin);
        imported
            .chain(tables)
            .map(|o| Edition { title: o.title.clone(), edition: o.edition.clone(), from: o.from, to: o.to })
            .collect()
    }

    /// The imported edition that governs a date, where it is not older than the seed of the same table, and then
    /// the older one to ask when the seed does not know a code.
    fn editions_on(
        &self,
        kind: TableKind,
        seed: &Origin,
        dos: Date,
    ) -> (Option<&Imported>, Option<&Imported>) {
        let edition = self.official.governing(kind, dos);
        let older = seed.in_force(dos) && edition.is_some_and(|e| e.head().from < seed.from);
        if older { (None, edition) } else { (edition, None) }
    }

    /// The tables behind a claim's latest service: those whose imported edition is older than it, and those that are
    /// not imported, each with what is used instead.
    pub(crate) fn out_of_date(&self, dos: Date) -> (Tables<'_>, Tables<'_>) {
        let (mut old, mut missing) = (vec![], vec![]);
        for (kind, seed) in [
            (TableKind::NcciPtp, &self.seed_ptp.origin),
            (TableKind::Mue, &self.seed_mue.origin),
            (TableKind::Addon, &self.seed_addons.origin),
            (TableKind::Mpfs, &self.seed_pfs.origin),
        ] {
            match self.official.governing(kind, dos).map(Imported::origin) {
                Some(origin) if origin.stale(dos) => old.push((kind, origin)),
                Some(_) => {}
                None => missing.push((kind, seed)),
            }
        }
        let icd = self.official.governing(TableKind::Icd10cm, dos).map(Imported::origin);
        let icd = icd.filter(|o| o.from >= self.icd.origin.from || !self.icd.origin.in_force(dos));
        let icd = icd.unwrap_or(&self.icd.origin);
        if icd.stale(dos) {
            old.push((TableKind::Icd10cm, icd));
        }
        (old, missing)
    }

    /// The edit of a column 1 and a column 2 code that is in force on a date.
    pub(crate) fn pair(&self, column1: &str, column2: &str, dos: Date) -> Option<Dated<'_, Edit<'_>>> {
        let seed = &self.seed_ptp;
        let (edition, older) = self.editions_on(TableKind::NcciPtp, &seed.origin, dos);
        if edition.is_some() {
            return imported_pair(edition, column1, column2, dos);
        }
        let known = seed.on(column1, dos).and_then(|row| row.get(column2));
        match known {
            Some(indicator) => Some(Dated {
                row: Edit { indicator: *indicator, since: None, rationale: None },
                origin: &seed.origin,
            }),
            None => imported_pair(older, column1, column2, dos),
        }
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

    /// The row of a HCPCS Level II code or modifier in the edition that governs a date.
    #[must_use]
    pub fn hcpcs(&self, code: &str, dos: Date) -> Option<Dated<'_, Option<HcpcsRow>>> {
        let edition = self.official.governing(TableKind::Hcpcs, dos)?;
        Some(Dated { row: edition.hcpcs()?.get(code), origin: edition.origin() })
    }

    /// The row of a diagnosis code in the imported edition that governs a date; `None` without such an edition.
    #[must_use]
    pub fn icd_row(&self, code: &str, dos: Date) -> Option<Dated<'_, Option<IcdRow>>> {
        let edition = self.official.governing(TableKind::Icd10cm, dos)?;
        let bare = code.replace('.', "").to_ascii_uppercase();
        Some(Dated { row: edition.icd()?.get(&bare), origin: edition.origin() })
    }

    /// The primaries of an add-on code on a date; none for any other code.
    pub(crate) fn add_on(&self, code: &str, dos: Date) -> Option<Dated<'_, Primaries<'_>>> {
        let seed = &self.seed_addons;
        let (edition, older) = self.editions_on(TableKind::Addon, &seed.origin, dos);
        if edition.is_none()
            && let Some(row) = seed.on(code, dos)
        {
            let mut codes: Vec<&str> = row.primaries.iter().map(|p| &**p).collect();
            codes.sort_unstable();
            return Some(Dated { row: Primaries { kind: row.kind, codes }, origin: &seed.origin });
        }
        let edition = edition.or(older)?;
        Some(Dated { row: Primaries::of(edition.pairs()?, code, dos)?, origin: edition.origin() })
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

/// The row of a pair in an imported edition.
fn imported_pair<'b>(
    edition: Option<&'b Imported>,
    column1: &str,
    column2: &str,
    dos: Date,
) -> Option<Dated<'b, Edit<'b>>> {
    let edition = edition?;
    let table = edition.pairs()?;
    let term = table.find(column1, column2, day(dos))?;
    let rationale = table.rationale(term.rationale);
    let row = Edit { indicator: term.indicator, since: Some(term.from), rationale };
    Some(Dated { row, origin: edition.origin() })
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

#[cfg(test)]
mod tests {
    use super::RuleBook;
    use crate::rules::{AddOnKind, Global, Unit};
    use jiff::civil::Date;

    #[test]
    fn the_embedded_tables_are_whole() {
        let book = RuleBook::seed();
        assert_eq!(book.damage(), None);
        let dos: Date = "2026-02-02".parse().unwrap();
        let indicator = |a, b, dos| book.pair(a, b, dos).map(|e| e.indicator);
        assert_eq!(indicator("22633", "63047", dos), Some(1));
        assert_eq!(indicator("22633", "22612", dos), Some(0));
        assert_eq!(indicator("22633", "63047", "2024-06-30".parse().unwrap()), None);
        assert!(book.add_on("22853", dos).unwrap().has("22551"));
        assert_eq!(book.add_on("61783", dos).unwrap().kind, AddOnKind::Open);
        assert_eq!(book.fee("22612", dos).unwrap().global, Global::Days(90));
        assert_eq!(book.fee("22614", dos).unwrap().global, Global::AddOn);
        assert_eq!(book.mue("22551", dos).map(|m| (m.units, m.indicator)), Some((1, 2)));
        assert_eq!(book.counts.get("22842").unwrap().segments, Some((3, 6)));
        assert_eq!(book.counts.get("22551").unwrap().further.as_deref(), Some("22552"));
        assert_eq!(book.counts.get("22853").unwrap().unit, Unit::Interspace);
        assert!(book.modifier_is("known", "XS") && !book.modifier_is("known", "QQZ"));
        assert!(book.is_visit("99214") && !book.is_visit("63047"));
        assert!(book.editions().iter().all(|e| !e.title.is_empty() && e.to.is_none_or(|to| e.from < to)));
        assert!(book.explain("SP-01").is_some_and(|text| text.contains("63052")));
        assert_eq!(book.diagnosis_title("I10"), Some("Essential (primary) hypertension"));
    }

    #[test]
    fn every_bundle_and_count_is_about_known_codes() {
        let book = RuleBook::seed();
        let known =
            |c: &str| book.newest_fee(c).is_some() || book.counts.get(c).is_some() || book.is_add_on(c);
        for b in &book.bundles {
            assert!(b.primary.iter().any(|c| known(c)), "{}", b.id);
            assert!(!b.other.iter().any(|c| b.primary.contains(c)), "{}", b.id);
        }
        for code in book.counts.codes() {
            let further = book.counts.get(code).and_then(|c| c.further.as_deref());
            assert!(further.is_none_or(|f| book.is_add_on(f)), "{code}");
        }
    }
}
