//! One file per table: its typed rows and its SQL.

pub mod audit;
pub mod audit_check;
pub mod claim;
pub mod continuation;
pub mod correction;
pub mod custody;
pub mod decision;
pub mod dictation;
pub mod dictionary;
pub mod emr;
pub mod exchange;
pub mod fee;
pub mod insight;
pub mod job;
pub mod master;
pub mod model;
pub mod note;
pub mod patient;
pub mod payer_rule;
pub mod person;
pub mod physician;
pub mod policy;
pub mod queue;
pub mod recording;
pub mod related;
pub mod setting;
pub mod transcript;

use crate::error::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// RFC 3339 in UTC with exactly three decimals, so that times sort as text.
pub(crate) fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Reads a text column into a typed value; the error names the column, never the value.
pub(crate) fn parse<T: FromStr>(text: &str, column: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Malformed { column })
}

/// Reads an optional text column.
pub(crate) fn parse_opt<T: FromStr>(
    text: Option<&String>,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    text.map(|t| parse(t, column)).transpose()
}

/// Reads a JSON column.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Malformed { column })
}

/// Writes a JSON column.
pub(crate) fn to_json<T: Serialize>(value: &T, column: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Unstorable { column })
}

/// An unsigned number for an INTEGER column.
pub(crate) fn integer(value: u64, column: &'static str) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Unstorable { column })
}

/// An unsigned number from an INTEGER column.
pub(crate) fn unsigned<T: TryFrom<i64>>(value: i64, column: &'static str) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::Malformed { column })
}

/// A closed set of words: as text in a column, as an enum in the program.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }
        impl $name {
            /// The word in the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::error::StoreError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::error::StoreError::Malformed { column: stringify!($name) }),
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::{parse, time};
    use jiff::Timestamp;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_sort_as_text_and_come_back(a in 0_i64..253_402_207_200_000, b in 0_i64..253_402_207_200_000) {
            let at = |ms| Timestamp::from_millisecond(ms).unwrap();
            prop_assert_eq!(time(at(a)).cmp(&time(at(b))), a.cmp(&b));
            prop_assert_eq!(parse::<Timestamp>(&time(at(a)), "t").unwrap(), at(a));
        }
    }
}
