//! The rule book: all tables the scrubber looks things up in, read once and then only read.

use crate::bundle::{Bundle, BundleFile, Companion, Documentation};
use crate::icd::Icd;
use crate::rules::{AddOn, AddOnKind, Count, Global, IcdRules, Mue, Pfs, Policy, Unit};
use crate::table::{Origin, Table, read};
use iambilly_claim::{Fault, FaultKind};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
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

impl<T> Default for ByCode<T> {
    fn default() -> Self {
        Self { origin: Origin::default(), rows: HashMap::new() }
    }
}

/// A table by code with its origin.
#[derive(Debug)]
pub(crate) struct ByCode<T> {
    pub(crate) origin: Origin,
    rows: HashMap<Box<str>, T>,
}

impl<T> ByCode<T> {
    /// The row of a code in force on a date.
    pub(crate) fn on(&self, code: &str, dos: Date) -> Option<&T> {
        if self.origin.in_force(dos) { self.rows.get(code) } else { None }
    }
    /// The row of a code whatever the date.
    pub(crate) fn get(&self, code: &str) -> Option<&T> {
        self.rows.get(code)
    }
    /// All codes.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(|k| &**k)
    }
}

/// All tables the scrubber looks things up in.
#[derive(Debug, Default)]
pub struct RuleBook {
    pub(crate) damage: Option<BookError>,
    pub(crate) icd: Icd,
    pub(crate) icd_rules: IcdRules,
    pub(crate) icd_origin: Origin,
    pub(crate) addons: ByCode<AddOn>,
    pub(crate) ptp: ByCode<HashMap<Box<str>, u8>>,
    pub(crate) mue: ByCode<Mue>,
    pub(crate) pfs: ByCode<Pfs>,
    pub(crate) counts: ByCode<Count>,
    pub(crate) no62: ByCode<()>,
    pub(crate) deleted: ByCode<(Date, Box<str>)>,
    pub(crate) existing_origin: Origin,
    existing: HashSet<Box<str>>,
    /// Ranges in which `existing` is complete.
    complete: Vec<(Box<str>, Box<str>)>,
    pub(crate) families: Vec<HashSet<Box<str>>>,
    pub(crate) modifiers: HashMap<Box<str>, HashSet<Box<str>>>,
    pub(crate) modifier_origin: Origin,
    pub(crate) bundles: Vec<Bundle>,
    pub(crate) bundle_origin: Origin,
    pub(crate) companions: Vec<Companion>,
    pub(crate) documentation: Vec<Documentation>,
    pub(crate) policy: Policy,
    /// Bundles by the code of their other line.
    pub(crate) bundles_by_other: HashMap<Box<str>, Vec<usize>>,
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

static SEED: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::embedded().unwrap_or_else(|damage| RuleBook { damage: Some(damage), ..RuleBook::default() })
});

macro_rules! rules {
    ($name:literal) => {
        read($name, include_str!(concat!("../../../data/rules/", $name)))
    };
}

impl RuleBook {
    /// The rule book the program comes with, unpacked on first use (some tens of milliseconds). Should an
    /// embedded table be damaged, the book is empty and says so in [`RuleBook::damage`]: no claim passes it.
    #[must_use]
    pub fn seed() -> &'static Self {
        &SEED
    }

    /// What is wrong with the book itself, if anything; every claim is then blocked.
    #[must_use]
    pub const fn damage(&self) -> Option<&BookError> {
        self.damage.as_ref()
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
            &self.ptp.origin,
            &self.mue.origin,
            &self.addons.origin,
            &self.pfs.origin,
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

    /// What a bundle rule says, by its id (`SP-01`).
    #[must_use]
    pub fn explain(&self, rule: &str) -> Option<&str> {
        self.bundles.iter().find(|b| b.id == rule).map(|b| b.message.as_str())
    }

    /// The ICD-10-CM table.
    #[must_use]
    pub const fn icd(&self) -> &Icd {
        &self.icd
    }

    /// Whether a code is reported with a primary only (an add-on of any kind).
    #[must_use]
    pub fn is_add_on(&self, code: &str) -> bool {
        self.addons.get(code).is_some()
    }

    /// Whether a code's payment is bundled into others (fee schedule status B).
    #[must_use]
    pub fn is_bundled(&self, code: &str) -> bool {
        self.pfs.get(code).is_some_and(|p| p.status == 'B')
    }

    pub(crate) fn modifier_is(&self, class: &str, modifier: &str) -> bool {
        self.modifiers.get(class).is_some_and(|set| set.contains(modifier))
    }

    /// The modifier indicator of an active pair of edits on a date.
    pub(crate) fn pair(&self, column1: &str, column2: &str, dos: Date) -> Option<u8> {
        self.ptp.on(column1, dos)?.get(column2).copied()
    }

    /// Whether a code lies in a range of which all codes are known, and is none of them.
    pub(crate) fn does_not_exist(&self, code: &str, dos: Date) -> bool {
        let inside = |(low, high): &(Box<str>, Box<str>)| (&**low..=&**high).contains(&code);
        let five_digits = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
        five_digits
            && self.existing_origin.in_force(dos)
            && self.complete.iter().any(inside)
            && !self.existing.contains(code)
    }

    /// Whether a code is an evaluation and management visit.
    pub(crate) fn is_visit(&self, code: &str) -> bool {
        let v = &self.policy.visits;
        v.low.iter().zip(&v.high).any(|(low, high)| (low.as_str()..=high.as_str()).contains(&code))
    }

    fn embedded() -> Result<Self, BookError> {
        let icd_rules: IcdRules = parse("icd.toml", include_str!("../../../data/rules/icd.toml"))?;
        let icd_origin = Origin {
            title: icd_rules.title.clone(),
            edition: icd_rules.edition.clone(),
            from: crate::table::date(&icd_rules.from, "icd.toml")?,
            to: None,
        };
        let file: BundleFile = parse("bundles.toml", include_str!("../../../data/rules/bundles.toml"))?;
        let bundle_origin = Origin { title: file.title, edition: file.edition, from: file.from, to: None };
        let mut bundles_by_other: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (i, bundle) in file.bundle.iter().enumerate() {
            for code in &bundle.other {
                bundles_by_other.entry(code.as_str().into()).or_default().push(i);
            }
        }
        let existing = rules!("existing.tsv")?;
        let cells = |name: &'static str| {
            let named = existing.rows.iter().filter(move |(_, cells)| cells.first() == Some(&name));
            named.filter_map(|(_, cells)| cells.get(1)).flat_map(|c| c.split_whitespace())
        };
        let (modifier_origin, modifiers) = modifiers(&rules!("modifiers.tsv")?);
        Ok(Self {
            damage: None,
            icd: Icd::embedded()?,
            icd_rules,
            icd_origin,
            addons: addons("addon.tsv", rules!("addon.tsv")?)?,
            ptp: pairs("ptp.tsv", rules!("ptp.tsv")?)?,
            mue: by_code("mue.tsv", rules!("mue.tsv")?, |cells| {
                Some(Mue { units: cells.first()?.parse().ok()?, indicator: cells.get(1)?.parse().ok()? })
            })?,
            pfs: by_code("pfs.tsv", rules!("pfs.tsv")?, pfs)?,
            counts: by_code("counts.tsv", rules!("counts.tsv")?, count)?,
            no62: by_code("no62.tsv", rules!("no62.tsv")?, |_| Some(()))?,
            deleted: by_code("deleted.tsv", rules!("deleted.tsv")?, |cells| {
                Some((cells.first()?.parse().ok()?, (*cells.get(1)?).into()))
            })?,
            existing: cells("codes").map(Into::into).collect(),
            complete: cells("range")
                .filter_map(|r| r.split_once('-'))
                .map(|(a, b)| (a.into(), b.into()))
                .collect(),
            existing_origin: existing.origin.clone(),
            families: rules!("families.tsv")?
                .rows
                .iter()
                .map(|(_, cells)| cells.iter().flat_map(|c| c.split_whitespace()).map(Into::into).collect())
                .collect(),
            modifiers,
            modifier_origin,
            bundles: file.bundle,
            companions: file.companion,
            documentation: file.documentation,
            bundle_origin,
            policy: parse("policy.toml", include_str!("../../../data/rules/policy.toml"))?,
            bundles_by_other,
        })
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, BookError> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(0, |s| 1 + text.bytes().take(s.start).filter(|b| *b == b'\n').count());
        BookError::Row { file, line }
    })
}

/// A table whose first cell lists codes that share the row.
fn by_code<T: Clone>(
    file: &'static str,
    table: Table<'_>,
    row: impl Fn(&[&str]) -> Option<T>,
) -> Result<ByCode<T>, BookError> {
    let mut rows = HashMap::new();
    for (line, cells) in table.rows {
        let (codes, rest) = cells.split_first().ok_or(BookError::Row { file, line })?;
        let value = row(rest).ok_or(BookError::Row { file, line })?;
        for code in codes.split_whitespace() {
            rows.insert(code.into(), value.clone());
        }
    }
    Ok(ByCode { origin: table.origin, rows })
}

fn addons(file: &'static str, table: Table<'_>) -> Result<ByCode<AddOn>, BookError> {
    let mut sets: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut rest = Vec::new();
    for (line, cells) in table.rows {
        match cells.as_slice() {
            [name, codes] if name.starts_with('=') => {
                sets.insert(name, codes.split_whitespace().collect());
            }
            _ => rest.push((line, cells)),
        }
    }
    by_code(file, Table { origin: table.origin, rows: rest }, |cells| {
        let kind = if *cells.first()? == "1" { AddOnKind::Listed } else { AddOnKind::Open };
        let mut primaries = HashSet::new();
        for code in cells.get(1).copied().unwrap_or_default().split_whitespace() {
            match sets.get(code) {
                Some(set) => primaries.extend(set.iter().map(|c| Box::from(*c))),
                None => {
                    primaries.insert(code.into());
                }
            }
        }
        Some(AddOn { kind, primaries })
    })
}

fn pairs(file: &'static str, table: Table<'_>) -> Result<ByCode<HashMap<Box<str>, u8>>, BookError> {
    let mut rows: HashMap<Box<str>, HashMap<Box<str>, u8>> = HashMap::new();
    for (line, cells) in table.rows {
        let [ones, twos, indicator] = cells.as_slice() else { return Err(BookError::Row { file, line }) };
        let indicator = indicator.parse().map_err(|_| BookError::Row { file, line })?;
        for one in ones.split_whitespace() {
            let row = rows.entry(one.into()).or_default();
            row.extend(twos.split_whitespace().map(|two| (Box::from(two), indicator)));
        }
    }
    Ok(ByCode { origin: table.origin, rows })
}

fn pfs(cells: &[&str]) -> Option<Pfs> {
    let digit = |i: usize| cells.get(i)?.parse().ok();
    Some(Pfs {
        status: cells.first()?.chars().next()?,
        global: match *cells.get(1)? {
            "ZZZ" => Global::AddOn,
            days => days.parse().map_or(Global::None, Global::Days),
        },
        bilateral: digit(3)?,
        assistant: digit(4)?,
        cosurgeon: digit(5)?,
        team: digit(6)?,
    })
}

fn count(cells: &[&str]) -> Option<Count> {
    let cell = |i: usize| cells.get(i).copied().filter(|c| !c.is_empty());
    let unit = match cell(0)? {
        "interspace" => Unit::Interspace,
        "segment" => Unit::Segment,
        "body" => Unit::Body,
        "joint" => Unit::Joint,
        "foramen" => Unit::Foramen,
        "gap" => Unit::Gap,
        "session" => Unit::Session,
        "construct" => Unit::Construct,
        "lead" => Unit::Lead,
        _ => return None,
    };
    let segments = match (cell(1), cell(2)) {
        (Some(low), Some(high)) => Some((low.parse().ok()?, high.parse().ok()?)),
        _ => None,
    };
    // The further-unit and group columns share a place for codes that have only one of them.
    let (further, group) = match unit {
        Unit::Construct => (None, cell(3).or_else(|| cell(4)).map(Into::into)),
        _ => (cell(3).map(Into::into), None),
    };
    Some(Count { unit, segments, further, group })
}

fn modifiers(table: &Table<'_>) -> (Origin, HashMap<Box<str>, HashSet<Box<str>>>) {
    let classes = table.rows.iter().filter_map(|(_, cells)| {
        let (class, codes) = (cells.first()?, cells.get(1)?);
        Some(((*class).into(), codes.split_whitespace().map(Into::into).collect()))
    });
    (table.origin.clone(), classes.collect())
}

#[cfg(test)]
mod tests {
    use super::RuleBook;
    use crate::rules::{AddOnKind, Global, Unit};

    #[test]
    fn the_embedded_tables_are_whole() {
        let book = RuleBook::seed();
        assert_eq!(book.damage(), None);
        let dos = "2026-02-02".parse().unwrap();
        assert_eq!(book.pair("22633", "63047", dos), Some(1));
        assert_eq!(book.pair("22633", "22612", dos), Some(0));
        assert_eq!(book.pair("22633", "63047", "2024-06-30".parse().unwrap()), None);
        assert!(book.addons.get("22853").unwrap().primaries.contains("22551"));
        assert_eq!(book.addons.get("61783").unwrap().kind, AddOnKind::Open);
        assert_eq!(book.pfs.get("22612").unwrap().global, Global::Days(90));
        assert_eq!(book.pfs.get("22614").unwrap().global, Global::AddOn);
        assert_eq!(book.mue.get("22551").map(|m| (m.units, m.indicator)), Some((1, 2)));
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
        let known = |c: &str| {
            book.pfs.get(c).is_some() || book.counts.get(c).is_some() || book.addons.get(c).is_some()
        };
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
