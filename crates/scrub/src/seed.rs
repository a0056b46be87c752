//! The tables the program comes with: spine seeds, bundle rules, ICD-10-CM; unpacked once, then only read.

use crate::book::BookError;
use crate::bundle::{Bundle, BundleFile, Companion, Documentation};
use crate::explain::Notes;
use crate::icd::Icd;
use crate::line_rules::LineRules;
use crate::optimise::PaymentRules;
use crate::rules::{AddOn, AddOnKind, Count, Fee, Global, IcdRules, Mue, Policy, Unit, Values};
use crate::table::{Origin, Table, read};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

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

/// The tables the program comes with.
#[derive(Debug, Default)]
pub struct Seed {
    pub(crate) damage: Option<BookError>,
    pub(crate) shipped_icd: Vec<Icd>,
    /// Stands in where no edition of ICD-10-CM is at hand.
    pub(crate) no_icd: Icd,
    pub(crate) icd_rules: IcdRules,
    pub(crate) icd_origin: Origin,
    pub(crate) seed_addons: ByCode<AddOn>,
    pub(crate) seed_ptp: ByCode<HashMap<Box<str>, u8>>,
    pub(crate) seed_mue: ByCode<Mue>,
    pub(crate) seed_pfs: ByCode<SeedFee>,
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
    pub(crate) line_rules: LineRules,
    pub(crate) line_origin: Origin,
    pub(crate) notes: Notes,
    pub(crate) payment_rules: PaymentRules,
    /// Bundle rules by code, in order: those in which it is the primary, those in which it is the other.
    pub(crate) bundles_by_code: HashMap<Box<str>, [Vec<u16>; 2]>,
}

macro_rules! rules {
    ($name:literal) => {
        read($name, include_str!(concat!("../../../data/rules/", $name)))
    };
}

impl Seed {
    /// What a bundle rule says, by its id (`SP-01`).
    #[must_use]
    pub fn explain(&self, rule: &str) -> Option<&str> {
        self.bundles.iter().find(|b| b.id == rule).map(|b| b.message.as_str())
    }

    pub(crate) fn modifier_is(&self, class: &str, modifier: &str) -> bool {
        self.modifiers.get(class).is_some_and(|set| set.contains(modifier))
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

    /// An empty book that says what is wrong with it.
    pub(crate) fn damaged(damage: BookError) -> Self {
        Self { damage: Some(damage), ..Self::default() }
    }

    /// Unpacks the embedded tables.
    pub(crate) fn embedded() -> Result<Self, BookError> {
        let icd_rules: IcdRules = parse("icd.toml", include_str!("../../../data/rules/icd.toml"))?;
        let icd_origin = Origin {
            title: icd_rules.title.clone(),
            edition: icd_rules.edition.clone(),
            from: crate::table::date(&icd_rules.from, "icd.toml")?,
            to: None,
        };
        let file: BundleFile = parse("bundles.toml", include_str!("../../../data/rules/bundles.toml"))?;
        let bundle_origin = Origin { title: file.title, edition: file.edition, from: file.from, to: None };
        let mut bundles_by_code: HashMap<Box<str>, [Vec<u16>; 2]> = HashMap::new();
        for (i, bundle) in (0_u16..).zip(&file.bundle) {
            for code in &bundle.primary {
                bundles_by_code.entry(code.as_str().into()).or_default()[0].push(i);
            }
            for code in &bundle.other {
                bundles_by_code.entry(code.as_str().into()).or_default()[1].push(i);
            }
        }
        let existing = rules!("existing.tsv")?;
        let cells = |name: &'static str| {
            let named = existing.rows.iter().filter(move |(_, cells)| cells.first() == Some(&name));
            named.filter_map(|(_, cells)| cells.get(1)).flat_map(|c| c.split_whitespace())
        };
        let line_rules: LineRules = parse("lines.toml", include_str!("../../../data/rules/lines.toml"))?;
        let (modifier_origin, modifiers) = modifiers(&rules!("modifiers.tsv")?);
        Ok(Self {
            damage: None,
            shipped_icd: Icd::embedded()?,
            no_icd: Icd::default(),
            icd_rules,
            icd_origin,
            seed_addons: addons("addon.tsv", rules!("addon.tsv")?)?,
            seed_ptp: pairs("ptp.tsv", rules!("ptp.tsv")?)?,
            seed_mue: by_code("mue.tsv", rules!("mue.tsv")?, |cells| {
                Some(Mue { units: cells.first()?.parse().ok()?, indicator: cells.get(1)?.parse().ok()? })
            })?,
            seed_pfs: by_code("pfs.tsv", rules!("pfs.tsv")?, pfs)?,
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
            bundles_by_code,
            payment_rules: parse("payment.toml", include_str!("../../../data/rules/payment.toml"))?,
            notes: parse("explain.toml", include_str!("../../../data/rules/explain.toml"))?,
            line_origin: line_rules.origin(),
            line_rules: line_rules.indexed(),
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
        let kind = match *cells.first()? {
            "1" => AddOnKind::Listed,
            "3" => AddOnKind::Partly,
            _ => AddOnKind::Open,
        };
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

/// A fee schedule row of the seed with the relative values of 2024 and, where known, 2026.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeedFee {
    row: Fee,
    later: Values,
}

impl SeedFee {
    /// The row with the values of a date of service.
    pub(crate) fn on(&self, dos: Date) -> Fee {
        let values = if dos.year() < 2026 { self.row.values } else { self.later };
        Fee { values, ..self.row }
    }
}

/// Reads an RVU such as `27.06`, in ten-thousandths.
pub(crate) fn rvu(text: &str) -> Option<u32> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 4 || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u32 = format!("{part:0<4}").parse().ok()?;
    whole.checked_mul(10_000)?.checked_add(part)
}

fn pfs(cells: &[&str]) -> Option<SeedFee> {
    let digit = |i: usize| cells.get(i)?.parse().ok();
    let values = |work: usize, total: usize| {
        let value = |i: usize| cells.get(i).copied().and_then(rvu);
        Values { work: value(work), facility_total: value(total), ..Values::default() }
    };
    let row = Fee {
        status: cells.first()?.chars().next()?,
        global: match *cells.get(1)? {
            "ZZZ" => Global::AddOn,
            days => days.parse().map_or(Global::None, Global::Days),
        },
        components: None,
        multiple: digit(2)?,
        bilateral: digit(3)?,
        assistant: digit(4)?,
        cosurgeon: digit(5)?,
        team: digit(6)?,
        values: values(7, 8),
    };
    Some(SeedFee { row, later: values(9, 10) })
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
