//! The rule book: every table the scrubber looks things up in, by date of service.
//!
//! The program brings [`Seed`] tables for spine codes; a clinic imports the official editions, which then govern
//! their dates of service. A look-up answers with the row and the edition it stands in ([`Dated`]), so that a
//! finding cites the very table it was judged by.

use crate::rules::{AddOnKind, Fee, Mue};
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
}

impl BookError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::new(
            FaultKind::Internal,
            "rule_book_damaged",
            format!("{self}."),
            "Install the program again; claims cannot be checked until then.",
        )
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
pub(crate) struct Dated<'b, T> {
    pub(crate) row: T,
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
    pub(crate) fn cite(&self, locator: impl Into<String>) -> Source {
        self.origin.cite(locator)
    }
}

/// A procedure-to-procedure edit in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit {
    /// 1: a modifier may open the pair; 0: none does.
    pub(crate) indicator: u8,
}

/// An add-on code's primaries in force.
#[derive(Debug, Clone)]
pub(crate) struct Primaries<'b> {
    pub(crate) kind: AddOnKind,
    codes: Vec<&'b str>,
}

impl Primaries<'_> {
    /// Whether a code is among them.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.binary_search(&code).is_ok()
    }
    /// All of them, in order.
    pub(crate) fn codes(&self) -> &[&str] {
        &self.codes
    }
}

static SEED: LazyLock<Seed> = LazyLock::new(|| Seed::embedded().unwrap_or_else(Seed::damaged));
static SEED_BOOK: LazyLock<RuleBook> = LazyLock::new(|| RuleBook { seed: &SEED });

/// All tables the scrubber looks things up in.
#[derive(Debug)]
pub struct RuleBook {
    seed: &'static Seed,
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

    /// What is wrong with the book itself, if anything; every claim is then blocked.
    #[must_use]
    pub const fn damage(&self) -> Option<&BookError> {
        self.seed.damage.as_ref()
    }

    /// The title of a diagnosis code.
    #[must_use]
    pub fn diagnosis_title(&self, code: &str) -> Option<&str> {
        self.icd.title(code)
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
        tables
            .into_iter()
            .map(|o| Edition { title: o.title.clone(), edition: o.edition.clone(), from: o.from, to: o.to })
            .collect()
    }

    /// The edit of a column 1 and a column 2 code that is in force on a date.
    pub(crate) fn pair(&self, column1: &str, column2: &str, dos: Date) -> Option<Dated<'_, Edit>> {
        let indicator = *self.seed_ptp.on(column1, dos)?.get(column2)?;
        Some(Dated { row: Edit { indicator }, origin: &self.seed_ptp.origin })
    }

    /// The unit limit of a code on a date.
    pub(crate) fn mue(&self, code: &str, dos: Date) -> Option<Dated<'_, Mue>> {
        Some(Dated { row: *self.seed_mue.on(code, dos)?, origin: &self.seed_mue.origin })
    }

    /// The fee schedule's row of a code on a date.
    pub(crate) fn fee(&self, code: &str, dos: Date) -> Option<Dated<'_, Fee>> {
        let row = self.seed_pfs.on(code, dos)?.on(dos);
        Some(Dated { row, origin: &self.seed_pfs.origin })
    }

    /// The newest row of a code in the fee schedule, whatever the date.
    pub(crate) fn newest_fee(&self, code: &str) -> Option<Dated<'_, Fee>> {
        Some(Dated { row: self.seed_pfs.get(code)?.on(Date::MAX), origin: &self.seed_pfs.origin })
    }

    /// The primaries of an add-on code on a date; none for any other code.
    pub(crate) fn add_on(&self, code: &str, dos: Date) -> Option<Dated<'_, Primaries<'_>>> {
        let row = self.seed_addons.on(code, dos)?;
        let mut codes: Vec<&str> = row.primaries.iter().map(|p| &**p).collect();
        codes.sort_unstable();
        Some(Dated { row: Primaries { kind: row.kind, codes }, origin: &self.seed_addons.origin })
    }

    /// Whether a code is reported with a primary only (an add-on of any kind).
    #[must_use]
    pub fn is_add_on(&self, code: &str) -> bool {
        self.seed_addons.get(code).is_some()
    }

    /// Whether a code's payment is bundled into others (fee schedule status B).
    #[must_use]
    pub fn is_bundled(&self, code: &str) -> bool {
        self.newest_fee(code).is_some_and(|p| p.status == 'B')
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
