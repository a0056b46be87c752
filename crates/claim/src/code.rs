//! CPT/HCPCS procedure codes, ICD-10-CM diagnosis codes and modifiers, checked for form when they are made.
//!
//! Form only: whether a code exists on a date is the rule book's question. CPT is © AMA: numbers only here.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A text that does not have the form of the code it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} does not have the form of a {what}")]
pub struct CodeError {
    text: String,
    what: &'static str,
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $what:literal, $pattern:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);
        impl $name {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl FromStr for $name {
            type Err = CodeError;
            fn from_str(s: &str) -> Result<Self, CodeError> {
                let valid: fn(&[u8]) -> bool = $valid;
                if valid(s.as_bytes()) { Ok(Self(s.to_owned())) }
                else { Err(CodeError { text: s.chars().take(12).collect(), what: $what }) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = CodeError;
            fn try_from(s: String) -> Result<Self, CodeError> { s.parse() }
        }
        impl From<$name> for String { fn from(c: $name) -> Self { c.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl PartialEq<str> for $name { fn eq(&self, other: &str) -> bool { self.0 == other } }
        impl PartialEq<&str> for $name { fn eq(&self, other: &&str) -> bool { self.0 == *other } }
        impl AsRef<str> for $name { fn as_ref(&self) -> &str { &self.0 } }
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool { true }
            fn schema_name() -> Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "pattern": $pattern})
            }
        }
    };
}

code!(
    /// A CPT or HCPCS Level II code: five characters, e.g. `22633`, `C1889`, `0275T`.
    ProcedureCode, "CPT or HCPCS code", "^[A-Z0-9][0-9]{3}[A-Z0-9]$",
    |b| b.len() == 5
        && (b[0].is_ascii_digit() || b[0].is_ascii_uppercase())
        && b[1..4].iter().all(u8::is_ascii_digit)
        && (b[4].is_ascii_digit() || b[4].is_ascii_uppercase())
);
code!(
    /// An ICD-10-CM code with its dot, e.g. `M48.062`, `S22.080A`, `I10`.
    DiagnosisCode, "ICD-10-CM code (with its dot)", r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$",
    |b| (b.len() == 3 || (5..=8).contains(&b.len()))
        && b[0].is_ascii_uppercase() && b[1].is_ascii_digit()
        && (b[2].is_ascii_digit() || b[2].is_ascii_uppercase())
        && (b.len() == 3 || (b[3] == b'.' && b[4..].iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())))
);
code!(
    /// A two-character modifier, e.g. `59`, `LT`, `XS`.
    Modifier, "modifier", "^[A-Z0-9]{2}$",
    |b| b.len() == 2 && b.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
);

#[cfg(test)]
mod tests {
    use super::{DiagnosisCode, Modifier, ProcedureCode};

    #[test]
    fn forms() {
        for good in ["22633", "C1889", "0275T", "G0453"] {
            assert!(good.parse::<ProcedureCode>().is_ok(), "{good}");
        }
        for bad in ["", "2263", "226333", "22-33", "ABCDE", "22633 "] {
            assert!(bad.parse::<ProcedureCode>().is_err(), "{bad}");
        }
        for good in ["I10", "M48.062", "S22.080A", "M80.08XA", "C7A.00"] {
            assert!(good.parse::<DiagnosisCode>().is_ok(), "{good}");
        }
        for bad in ["M48062", "M48.", "48.06", "m48.06", "M48.06222"] {
            assert!(bad.parse::<DiagnosisCode>().is_err(), "{bad}");
        }
        assert!("5".parse::<Modifier>().is_err() && "XS".parse::<Modifier>().is_ok());
    }
}
