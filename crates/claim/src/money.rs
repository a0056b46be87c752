//! Money in US cents; in JSON a decimal string (`"8200.00"`), never a float.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

/// An amount of US cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cents(pub i64);

/// A text that is not an amount like `8200.00`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an amount of money: write dollars with two decimals, like 8200.00")]
pub struct MoneyError;

impl FromStr for Cents {
    type Err = MoneyError;
    fn from_str(s: &str) -> Result<Self, MoneyError> {
        let (negative, digits) = s.strip_prefix('-').map_or((false, s), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
        let all_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || fraction.len() > 2 {
            return Err(MoneyError);
        }
        let whole: i64 = whole.parse().map_err(|_| MoneyError)?;
        let mut cents: i64 = fraction.parse().map_err(|_| MoneyError)?;
        if fraction.len() == 1 {
            cents *= 10;
        }
        let value = whole.checked_mul(100).and_then(|w| w.checked_add(cents)).ok_or(MoneyError)?;
        Ok(Self(if negative { -value } else { value }))
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.fold(0, |total, c| total.saturating_add(c.0)))
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Cents {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Cents".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"^-?\d+(\.\d{1,2})?$"})
    }
}

#[cfg(test)]
mod tests {
    use super::Cents;

    #[test]
    fn reads_and_writes_decimals() {
        for (text, cents) in [("8200.00", 820_000), ("0.05", 5), ("-1.5", -150), ("12", 1200)] {
            assert_eq!(text.parse(), Ok(Cents(cents)), "{text}");
        }
        for bad in ["", ".", "1.", "1.234", "1e3", "--1", "1,000.00", "99999999999999999999"] {
            assert!(bad.parse::<Cents>().is_err(), "{bad}");
        }
        assert_eq!(Cents(-5).to_string(), "-0.05");
    }
}
