//! The spine's levels: vertebrae (segments), interspaces and joints, in order from the occiput to S5.
//!
//! Counting rules (CPT, see the AMA CPT spine guidelines as paraphrased in `ARCHITECTURE.md` and `data/rules`): a *segment* is one whole vertebra, an *interspace* the
//! disc compartment between two neighbours. S1 counts as a segment; the pelvis does not. Transitional
//! anatomy (L6) has no place here: the reader asks the coder instead.

mod count;

pub use count::{Joint, Root, Segment, Stretch, Units, by_interspace};

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A region of the spine.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// Occiput and C1 to C7.
    Cervical,
    /// T1 to T12.
    Thoracic,
    /// L1 to L5.
    Lumbar,
    /// S1 to S5.
    Sacral,
}

/// A vertebra (or the occiput, `O`), by its place from the top: `O`=0, `C1`=1 … `C7`=7, `T1`=8 … `T12`=19,
/// `L1`=20 … `L5`=24, `S1`=25 … `S5`=29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vertebra(u8);

/// A text that names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a level of the spine; write C5-C6, T12 or L5-S1")]
pub struct LevelError;

impl Vertebra {
    /// The occiput.
    pub const OCCIPUT: Self = Self(0);
    /// The first sacral segment.
    pub const S1: Self = Self(25);

    /// A vertebra by region and number, if it exists (`Lumbar, 6` does not).
    #[must_use]
    pub const fn new(region: Region, number: u8) -> Option<Self> {
        let (base, last) = match region {
            Region::Cervical => (0, 7),
            Region::Thoracic => (7, 12),
            Region::Lumbar => (19, 5),
            Region::Sacral => (24, 5),
        };
        if number >= 1 && number <= last { Some(Self(base + number)) } else { None }
    }
    /// Place from the top, 0 (occiput) to 29 (S5).
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }
    /// The vertebra at a place from the top.
    #[must_use]
    pub const fn from_index(index: u8) -> Option<Self> {
        if index <= 29 { Some(Self(index)) } else { None }
    }
    /// Its region.
    #[must_use]
    pub const fn region(self) -> Region {
        match self.0 {
            0..=7 => Region::Cervical,
            8..=19 => Region::Thoracic,
            20..=24 => Region::Lumbar,
            _ => Region::Sacral,
        }
    }
    /// Its number within the region (0 for the occiput).
    #[must_use]
    pub const fn number(self) -> u8 {
        match self.0 {
            0..=7 => self.0,
            8..=19 => self.0 - 7,
            20..=24 => self.0 - 19,
            _ => self.0 - 24,
        }
    }
    /// The next vertebra below.
    #[must_use]
    pub const fn below(self) -> Option<Self> {
        Self::from_index(self.0 + 1)
    }
    /// The next vertebra above.
    #[must_use]
    pub const fn above(self) -> Option<Self> {
        if self.0 == 0 { None } else { Some(Self(self.0 - 1)) }
    }
    /// All vertebrae from `self` to `other`, both included, top to bottom whichever comes first.
    pub fn through(self, other: Self) -> impl Iterator<Item = Self> {
        (self.0.min(other.0)..=self.0.max(other.0)).map(Self)
    }
}

impl fmt::Display for Vertebra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("O");
        }
        let letter = match self.region() {
            Region::Cervical => 'C',
            Region::Thoracic => 'T',
            Region::Lumbar => 'L',
            Region::Sacral => 'S',
        };
        write!(f, "{letter}{}", self.number())
    }
}

impl FromStr for Vertebra {
    type Err = LevelError;
    fn from_str(s: &str) -> Result<Self, LevelError> {
        if s == "O" || s == "C0" {
            return Ok(Self::OCCIPUT);
        }
        let mut chars = s.chars();
        let region = match chars.next() {
            Some('C') => Region::Cervical,
            Some('T') => Region::Thoracic,
            Some('L') => Region::Lumbar,
            Some('S') => Region::Sacral,
            _ => return Err(LevelError),
        };
        let number = chars.as_str().parse().map_err(|_| LevelError)?;
        Self::new(region, number).ok_or(LevelError)
    }
}

/// The disc compartment between a vertebra and the one below it: `L5-S1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interspace(Vertebra);

impl Interspace {
    /// The interspace below this vertebra; none below S1 (the sacrum is one bone).
    #[must_use]
    pub const fn below(upper: Vertebra) -> Option<Self> {
        if upper.0 >= Vertebra::S1.0 { None } else { Some(Self(upper)) }
    }
    /// The interspace between two neighbouring vertebrae, in either order.
    #[must_use]
    pub fn between(a: Vertebra, b: Vertebra) -> Option<Self> {
        let (upper, lower) = (a.min(b), a.max(b));
        if upper.below() == Some(lower) { Self::below(upper) } else { None }
    }
    /// All interspaces between two vertebrae (`L3`, `S1` → L3-L4, L4-L5, L5-S1).
    pub fn spanning(a: Vertebra, b: Vertebra) -> impl Iterator<Item = Self> {
        (a.min(b).0..a.max(b).0.min(Vertebra::S1.0)).map(|i| Self(Vertebra(i)))
    }
    /// The vertebra above the disc.
    #[must_use]
    pub const fn upper(self) -> Vertebra {
        self.0
    }
    /// The vertebra below the disc.
    #[must_use]
    pub const fn lower(self) -> Vertebra {
        Vertebra(self.0.0 + 1)
    }
    /// Region by the upper vertebra, as CPT families count it (C7-T1 cervical, T12-L1 thoracic, L5-S1 lumbar).
    #[must_use]
    pub const fn region(self) -> Region {
        self.0.region()
    }
}

impl fmt::Display for Interspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.upper(), self.lower())
    }
}

impl FromStr for Interspace {
    type Err = LevelError;
    fn from_str(s: &str) -> Result<Self, LevelError> {
        let (upper, lower) = s.split_once('-').ok_or(LevelError)?;
        Self::between(upper.parse()?, lower.parse()?).ok_or(LevelError)
    }
}

/// Where a service was done, as a coding or claim line carries it.
///
/// In JSON: `"L4-L5"` for an interspace (and for a facet joint, which is named by the same two vertebrae),
/// `"T12"` for a vertebra, `"SI"` for a sacroiliac joint, `"pelvis"` for iliac fixation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// A vertebra (segment or body).
    Vertebra(Vertebra),
    /// An interspace or the facet joint there.
    Interspace(Interspace),
    /// A sacroiliac joint.
    SacroiliacJoint,
    /// The pelvis (iliac or S2-alar-iliac fixation).
    Pelvis,
}

impl Level {
    /// The vertebrae it touches, top to bottom (empty for joint and pelvis).
    #[must_use]
    pub fn vertebrae(self) -> Vec<Vertebra> {
        match self {
            Self::Vertebra(v) => vec![v],
            Self::Interspace(i) => vec![i.upper(), i.lower()],
            Self::SacroiliacJoint | Self::Pelvis => vec![],
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vertebra(v) => v.fmt(f),
            Self::Interspace(i) => i.fmt(f),
            Self::SacroiliacJoint => f.write_str("SI"),
            Self::Pelvis => f.write_str("pelvis"),
        }
    }
}

impl FromStr for Level {
    type Err = LevelError;
    fn from_str(s: &str) -> Result<Self, LevelError> {
        match s {
            "SI" => Ok(Self::SacroiliacJoint),
            "pelvis" => Ok(Self::Pelvis),
            _ if s.contains('-') => s.parse().map(Self::Interspace),
            _ => s.parse().map(Self::Vertebra),
        }
    }
}

macro_rules! level_json {
    ($name:ident, $pattern:literal) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "pattern": $pattern})
            }
        }
    };
}
level_json!(Vertebra, "^(O|C[1-7]|T([1-9]|1[0-2])|[LS][1-5])$");
level_json!(Interspace, "^[OCTL][0-9]{0,2}-[CTLS][0-9]{1,2}$");
level_json!(Level, "^(SI|pelvis|[OCTLS][0-9]{0,2}(-[CTLS][0-9]{1,2})?)$");

#[cfg(test)]
mod tests {
    use super::{Interspace, Level, Region, Vertebra};

    #[test]
    fn every_vertebra_round_trips() {
        for i in 0..=29 {
            let v = Vertebra::from_index(i).unwrap();
            assert_eq!(v.to_string().parse(), Ok(v));
        }
        assert!("L6".parse::<Vertebra>().is_err() && "C8".parse::<Vertebra>().is_err());
        assert_eq!(Vertebra::new(Region::Lumbar, 6), None);
    }

    #[test]
    fn interspaces_cross_regions_and_stop_at_the_sacrum() {
        let l3 = "L3".parse().unwrap();
        let s1 = "S1".parse().unwrap();
        let names: Vec<_> = Interspace::spanning(l3, s1).map(|i| i.to_string()).collect();
        assert_eq!(names, ["L3-L4", "L4-L5", "L5-S1"]);
        assert_eq!(Interspace::spanning(s1, "S2".parse().unwrap()).count(), 0);
        assert!("S1-S2".parse::<Interspace>().is_err() && "L3-L5".parse::<Interspace>().is_err());
        assert_eq!("C7-T1".parse::<Interspace>().unwrap().region(), Region::Cervical);
        assert_eq!("T12".parse(), Ok(Level::Vertebra("T12".parse().unwrap())));
    }
}
