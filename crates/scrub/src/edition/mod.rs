//! An edition of an official table in the form it is looked up in: one run of bytes, checked once, never parsed.
//!
//! ```text
//! magic "IBRULES1" | head length u32 | head CRC-32 u32 | head as JSON | payload
//! ```
//! All numbers are little-endian. The head ([`Head`]) names the table, its edition and dates, the files it was made
//! from, and the length and CRC-32 of the payload and of each of its sections. The sections of a payload:
//!
//! | section | of | holds |
//! |---|---|---|
//! | `keys` | every table | the keys in order, eight bytes each, padded with zeros |
//! | `slots` | every table | hash index of the keys: open addressing, `u32` each, key number + 1 |
//! | `starts`, `rows` | tables of pairs | first row of each key; rows of second key and term, `u16` each |
//! | `terms` | tables of pairs | distinct dates and indicators of rows, twelve bytes each |
//! | `records` | other tables | one record of fixed width a key |
//! | `texts` | ICD-10-CM | titles, UTF-8 |
//!
//! Building and reading are pure; files are the business of the crate `iambilly-rulebook`.

mod container;
mod keys;
mod pair_builder;
mod pairs;
mod records;

pub use container::{Head, Packed, SourceFile, TableError, head_of};
pub use pair_builder::PairBuilder;
pub use pairs::{PairTable, Place, Term, day};
pub use records::{FeeRow, GpciRow, HcpcsRow, IcdRow, MueRow, NONE, Record, RecordTable, pack_records};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which official table.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TableKind {
    /// NCCI procedure-to-procedure edits, practitioner services; quarterly.
    NcciPtp,
    /// NCCI medically unlikely edits, practitioner services; quarterly.
    Mue,
    /// NCCI add-on code edits; quarterly.
    Addon,
    /// Medicare physician fee schedule relative value file; quarterly.
    Mpfs,
    /// Geographic practice cost indices; yearly.
    Gpci,
    /// HCPCS Level II codes; quarterly.
    Hcpcs,
    /// ICD-10-CM code descriptions in tabular order; October, with an April update.
    Icd10cm,
}

impl TableKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::NcciPtp, Self::Mue, Self::Addon, Self::Mpfs, Self::Gpci, Self::Hcpcs, Self::Icd10cm];

    /// The name on the command line and in file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NcciPtp => "ncci-ptp",
            Self::Mue => "mue",
            Self::Addon => "addon",
            Self::Mpfs => "mpfs",
            Self::Gpci => "gpci",
            Self::Hcpcs => "hcpcs",
            Self::Icd10cm => "icd10cm",
        }
    }

    /// The edition that is published for a date, as its publisher names it.
    #[must_use]
    pub fn edition_on(self, date: Date) -> String {
        let quarter = (date.month() - 1) / 3;
        match self {
            Self::NcciPtp | Self::Mue | Self::Addon | Self::Hcpcs => {
                format!("{}Q{}", date.year(), quarter + 1)
            }
            Self::Mpfs => {
                let letter = ["A", "B", "C", "D"].get(usize::from(quarter.unsigned_abs())).copied();
                format!("RVU{:02}{}", date.year() % 100, letter.unwrap_or_default())
            }
            Self::Gpci => date.year().to_string(),
            Self::Icd10cm => {
                let fiscal = if date.month() >= 10 { date.year() + 1 } else { date.year() };
                let update = if (4..10).contains(&date.month()) { " April" } else { "" };
                format!("FY{fiscal}{update}")
            }
        }
    }

    /// The title that findings cite.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NcciPtp => "NCCI procedure-to-procedure edits, practitioner",
            Self::Mue => "NCCI medically unlikely edits, practitioner",
            Self::Addon => "NCCI add-on code edits",
            Self::Mpfs => "Medicare physician fee schedule relative value file",
            Self::Gpci => "Medicare geographic practice cost indices",
            Self::Hcpcs => "HCPCS Level II",
            Self::Icd10cm => "ICD-10-CM",
        }
    }
}

impl fmt::Display for TableKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no table of this name")]
pub struct UnknownTable;

impl FromStr for TableKind {
    type Err = UnknownTable;
    fn from_str(name: &str) -> Result<Self, UnknownTable> {
        Self::ALL.into_iter().find(|k| k.name() == name).ok_or(UnknownTable)
    }
}
