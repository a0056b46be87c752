//! The ICD-10-CM edition the program comes with, as a table of the rule book with its origin.

use crate::book::BookError;
use crate::table::Origin;
pub(crate) use iambilly_icd10cm::{Edition, Editions, Side, dotted};
use std::ops::Deref;
use std::sync::Arc;

/// The newest shipped edition of ICD-10-CM.
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
    /// # Errors
    /// When a shipped edition is damaged.
    pub(crate) fn embedded() -> Result<Self, BookError> {
        let shipped = Editions::shipped();
        let edition = shipped.iter().last().filter(|_| shipped.damage().is_none()).cloned();
        let edition = edition.ok_or(BookError::Unpack { file: "ICD-10-CM" })?;
        let origin = Origin {
            title: "ICD-10-CM tabular list".to_owned(),
            edition: edition.name().to_owned(),
            from: edition.from(),
            to: edition.to(),
        };
        Ok(Self { origin, edition })
    }
}
