//! The rule book: every table the scrubber looks things up in, by date of service.
//!
//! The program brings [`Seed`] tables for spine codes; a clinic imports the official editions, which then govern
//! their dates of service. The look-ups themselves are in `lookups`.

use crate::edition::{TableError, TableKind};
use crate::official::{Imported, Official};
use crate::seed::Seed;
use crate::table::Origin;
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

/// Tables with where they come from.
pub(crate) type Tables<'b> = Vec<(TableKind, &'b Origin)>;

static SEED: LazyLock<Seed> = LazyLock::new(|| Seed::embedded().unwrap_or_else(Seed::damaged));
static SEED_BOOK: LazyLock<RuleBook> =
    LazyLock::new(|| RuleBook { seed: &SEED, official: Official::default() });

/// All tables the scrubber looks things up in.
#[derive(Debug)]
pub struct RuleBook {
    seed: &'static Seed,
    pub(crate) official: Official,
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

    /// The title of a diagnosis code, in the newest edition that has it.
    #[must_use]
    pub fn diagnosis_title(&self, code: &str) -> Option<&str> {
        let imported = || self.official.of(TableKind::Icd10cm).rev().filter_map(Imported::icd);
        self.shipped_icd.iter().rev().chain(imported()).find_map(|icd| icd.title(code))
    }

    /// All tables with their editions.
    #[must_use]
    pub fn editions(&self) -> Vec<Edition> {
        let tables = [
            &self.seed_ptp.origin,
            &self.seed_mue.origin,
            &self.seed_addons.origin,
            &self.seed_pfs.origin,
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
            .chain(self.shipped_icd.iter().map(|icd| &icd.origin))
            .chain(tables)
            .map(|o| Edition { title: o.title.clone(), edition: o.edition.clone(), from: o.from, to: o.to })
            .collect()
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
        let icd = &self.icd(dos).origin;
        if icd.stale(dos) {
            old.push((TableKind::Icd10cm, icd));
        }
        (old, missing)
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
            assert!(!b.other.iter().any(|c| b.primary.has(crate::codes::Key::of(c))), "{}", b.id);
        }
        for code in book.counts.codes() {
            let further = book.counts.get(code).and_then(|c| c.further.as_deref());
            assert!(further.is_none_or(|f| book.is_add_on(f)), "{code}");
        }
    }
}
