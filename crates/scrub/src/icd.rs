//! The editions of ICD-10-CM, shipped and imported, each as a table of the rule book with its origin.

use crate::book::{BookError, RuleBook};
use crate::edition::{Head, IcdRow, RecordTable, TableError, TableKind};
use crate::official::Imported;
use crate::table::Origin;
use iambilly_icd10cm::Listed;
pub(crate) use iambilly_icd10cm::{Edition, Editions, Side, dotted};
use jiff::civil::Date;
use std::ops::Deref;
use std::sync::Arc;

/// An edition of ICD-10-CM with its origin.
#[derive(Debug, Default)]
pub struct Icd {
    pub(crate) origin: Origin,
    edition: Arc<Edition>,
}

impl Deref for Icd {
    type Target = Edition;
    fn deref(&self) -> &Edition {
        &self.edition
    }
}

impl Icd {
    /// Every shipped edition, oldest first.
    ///
    /// # Errors
    /// When a shipped edition is damaged, or there is none.
    pub(crate) fn embedded() -> Result<Vec<Self>, BookError> {
        let shipped = Editions::shipped();
        let all: Vec<Self> = (shipped.iter())
            .map(|edition| Self {
                origin: Origin {
                    title: "ICD-10-CM tabular list".to_owned(),
                    edition: edition.name().to_owned(),
                    from: edition.from(),
                    to: edition.to(),
                },
                edition: Arc::clone(edition),
            })
            .collect();
        if shipped.damage().is_some() || all.is_empty() {
            return Err(BookError::Unpack { file: "ICD-10-CM" });
        }
        Ok(all)
    }

    /// An imported list of codes, with the notes of the shipped tabular list nearest to it.
    pub(crate) fn imported(table: &RecordTable<IcdRow>) -> Result<Self, TableError> {
        let head: &Head = table.head();
        let list: Vec<Listed<'_>> = table
            .iter()
            .map(|(code, row)| Listed {
                code,
                billable: row.billable,
                title: table.title(code).unwrap_or_default(),
            })
            .collect();
        let tabular = Editions::shipped().on(head.from);
        let edition = Edition::of_list(&head.name(), head.from, head.to, &list, tabular)
            .map_err(|_| TableError::Section("codes"))?;
        let origin = Origin {
            title: head.kind.title().to_owned(),
            edition: head.name(),
            from: head.from,
            to: Some(head.to),
        };
        Ok(Self { origin, edition: Arc::new(edition) })
    }

    /// Whether it was published for a date of service.
    pub(crate) fn covers(&self, dos: Date) -> bool {
        self.origin.in_force(dos) && !self.origin.stale(dos)
    }
}

impl RuleBook {
    /// The edition of ICD-10-CM that governs a date of service: of the shipped and the imported ones the newest that
    /// had begun; before all of them, the oldest. Of two that begin on the same day it is the shipped one, which holds
    /// the April update of its year already. Damaged imports are passed over here and said by
    /// [`RuleBook::trouble`].
    #[must_use]
    pub fn icd(&self, dos: Date) -> &Icd {
        let shipped = self.shipped_icd.iter();
        let imported = || self.official.of(TableKind::Icd10cm);
        let begun = shipped.clone().rev().find(|i| i.origin.in_force(dos));
        let since = begun.map(|i| i.origin.from);
        let newer =
            imported().rev().find(|e| e.head().from <= dos && since.is_none_or(|s| s < e.head().from));
        if let Some(icd) = newer.and_then(Imported::icd).or(begun) {
            return icd;
        }
        let (first, oldest) = (shipped.clone().next(), imported().next());
        let oldest = oldest.filter(|e| first.is_none_or(|f| e.head().from < f.origin.from));
        oldest.and_then(Imported::icd).or(first).unwrap_or(&self.no_icd)
    }
}
