//! The catalogue: codes with their values and our own short words, and the procedures that are data.
//!
//! Three files: `data/coding/codes.tsv` (code and words), `data/coding/rvu.tsv` (CMS values and indicators, made
//! by `data/build/rvu.py`) and `data/coding/procedures.toml` (what the words of a note must say for a code to be
//! reported; `docs/catalogue.md` explains every key). Values order lines and weigh alternatives; they are never
//! shown as money.

mod check;
pub(crate) mod procedure;

use iambilly_claim::{Fault, FaultKind};
use procedure::Procedure;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What the catalogue knows of one CPT or HCPCS code.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeEntry {
    /// Reported only beside a primary (global period `ZZZ`).
    pub(crate) add_on: bool,
    /// Modifier 50 applies (bilateral indicator 1).
    pub(crate) bilateral: bool,
    /// Total facility relative value units.
    pub(crate) rvu: f64,
    /// Total relative value units outside a facility.
    office: f64,
    /// Our own short plain words.
    pub(crate) label: String,
}

/// The codes and procedures a note is coded with.
#[derive(Debug)]
pub struct Catalogue {
    codes: HashMap<String, CodeEntry>,
    pub(crate) procedures: Vec<Procedure>,
}

/// A catalogue that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The text is not TOML of this shape.
    #[error("the catalogue of procedures cannot be read: {0}")]
    Shape(String),
    /// An entry breaks a rule of the catalogue.
    #[error("procedure \"{id}\": {what}")]
    Entry {
        /// The entry's id.
        id: String,
        /// What is wrong with it.
        what: String,
    },
}

impl CatalogueError {
    /// As a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let what = self.to_string();
        Fault::new(
            FaultKind::Input,
            "catalogue_invalid",
            &what,
            "Correct the entry; docs/catalogue.md explains every key.",
        )
    }
}

const CODES: &str = include_str!("../../../data/coding/codes.tsv");
const VALUES: &str = include_str!("../../../data/coding/rvu.tsv");
const PROCEDURES: &str = include_str!("../../../data/coding/procedures.toml");

static STANDARD: LazyLock<Catalogue> = LazyLock::new(|| {
    // The shipped data is proved by a test; were it broken, only procedures would be missing.
    Catalogue::parse(PROCEDURES, CODES, VALUES)
        .unwrap_or_else(|_| Catalogue { codes: codes(CODES, VALUES), procedures: vec![] })
});

impl Catalogue {
    /// The catalogue the program ships.
    #[must_use]
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// The shipped catalogue and more: procedures as in `procedures.toml`, codes as `code<TAB>words`.
    /// Procedures added here are looked for before the shipped ones.
    ///
    /// # Errors
    /// [`CatalogueError`] when the text is not of the shape or an entry breaks a rule.
    pub fn extended(procedures: &str, more_codes: &str) -> Result<Self, CatalogueError> {
        Self::parse(&format!("{procedures}\n{PROCEDURES}"), &format!("{CODES}\n{more_codes}"), VALUES)
    }

    fn parse(procedures: &str, code_words: &str, values: &str) -> Result<Self, CatalogueError> {
        let codes = codes(code_words, values);
        let procedures = procedure::read(procedures)?;
        check::check(&procedures, &codes)?;
        Ok(Self { codes, procedures })
    }

    /// What the catalogue knows of a code.
    pub(crate) fn entry(&self, code: &str) -> Option<&CodeEntry> {
        self.codes.get(code)
    }
}

/// Codes with their words and, where CMS values them, their values.
fn codes(words: &str, values: &str) -> HashMap<String, CodeEntry> {
    let rows = |text: &'_ str| -> Vec<Vec<String>> {
        let kept = text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty());
        kept.map(|l| l.split('\t').map(str::to_owned).collect()).collect()
    };
    let mut out: HashMap<String, CodeEntry> = HashMap::new();
    for row in rows(words) {
        if let [code, label] = row.as_slice() {
            out.insert(code.clone(), CodeEntry { label: label.clone(), ..CodeEntry::default() });
        }
    }
    for row in rows(values) {
        if let [code, _status, global, bilateral, _work, office, facility] = row.as_slice()
            && let Some(e) = out.get_mut(code)
        {
            e.add_on = global == "ZZZ";
            e.bilateral = bilateral == "1";
            e.rvu = facility.parse().unwrap_or(0.0);
            e.office = office.parse().unwrap_or(0.0);
        }
    }
    out
}

/// What the shipped catalogue knows of a code.
pub(crate) fn entry(code: &str) -> Option<&'static CodeEntry> {
    Catalogue::standard().entry(code)
}

/// Our own short plain words for a CPT or HCPCS code (never the AMA's descriptor), if the catalogue has it.
#[must_use]
pub fn label(code: &str) -> Option<&'static str> {
    entry(code).map(|e| e.label.as_str())
}

/// Every procedure code of the catalogue with our own short words, in no order.
pub fn labels() -> impl Iterator<Item = (&'static str, &'static str)> {
    Catalogue::standard().codes.iter().map(|(code, e)| (code.as_str(), e.label.as_str()))
}

/// Total facility relative value units of a code (CMS, edition in `data/coding/rvu.tsv`); `None` where CMS gives
/// the code no value.
#[must_use]
pub fn rvu(code: &str) -> Option<f64> {
    entry(code).map(|e| e.rvu).filter(|r| *r > 0.0)
}

/// The same outside a facility.
#[must_use]
pub fn office_rvu(code: &str) -> Option<f64> {
    entry(code).map(|e| e.office).filter(|r| *r > 0.0)
}

/// CMS edition of [`rvu`] and [`office_rvu`].
#[must_use]
pub fn values_edition() -> &'static str {
    VALUES.lines().find_map(|l| l.strip_prefix("#edition\t")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{CODES, Catalogue, PROCEDURES, VALUES, entry, label, rvu};

    #[test]
    fn the_shipped_data_has_no_fault() {
        if let Err(e) = Catalogue::parse(PROCEDURES, CODES, VALUES) {
            panic!("{e}");
        }
    }

    #[test]
    fn every_code_row_is_read() {
        let rows = CODES.lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(Catalogue::standard().codes.len(), rows);
        assert!(entry("22614").is_some_and(|e| e.add_on && !e.bilateral));
        assert!(entry("63030").is_some_and(|e| e.bilateral && e.rvu > 20.0));
        assert!(label("22633").is_some() && label("00000").is_none());
        assert!(rvu("22633") > rvu("22612") && rvu("20930").is_none());
        assert!(super::office_rvu("62323") > rvu("62323") && super::values_edition().starts_with("RVU"));
    }
}
