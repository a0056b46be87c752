//! ICD-10-CM: the complete tabular list of each edition, by date of service.
//!
//! An [`Edition`] is a compact text (`data/icd10cm`, made by `data/build/icd10cm.py` from the public files of
//! NCHS and CMS) with every node, its title and notes, and the 7th characters that are valid. [`Editions`]
//! holds several side by side and picks by date of service; next October's is added as data, with no code.
//! [`Edition::of_list`] makes one from the yearly list of codes that a clinic imports.
//! [`Edition::search`] finds codes as fast as they are typed.
//!
//! Codes are given with or without their dot, in either case, and come back with it.
//!
//! Pure: no input or output, no clock, no randomness.

mod code;
mod edition;
mod editions;
mod index;
mod list;
mod notes;
mod place;
mod search;
mod synonyms;

pub use code::dotted;
pub use edition::{Block, Edition, Standing};
pub use editions::Editions;
pub use list::Listed;
pub use notes::{Exclusion, Note, NoteKind};
pub use place::Side;
pub use search::Hit;

use iambilly_claim::{Fault, FaultKind};

/// Why an edition could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditionError {
    /// The packed file is damaged.
    #[error("the ICD-10-CM edition cannot be unpacked")]
    Unpack,
    /// The first line does not name the edition and its dates.
    #[error("the ICD-10-CM edition has no proper header")]
    Header,
    /// A line cannot be read, or stands in the wrong place.
    #[error("the ICD-10-CM edition has an unreadable line {line}")]
    Line {
        /// Line of the unpacked text, counted from 1.
        line: usize,
    },
}

impl EditionError {
    /// The error for people.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::new(
            FaultKind::Input,
            "icd10cm_edition_damaged",
            format!("{self}."),
            "Import the edition again from the official files; the editions at hand stay as they were.",
        )
    }
}
