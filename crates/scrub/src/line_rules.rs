//! Rules about one service line (`data/rules/lines.toml`): the part of the spine a code is for, words that speak
//! for another code, modifiers that contradict each other or need words or a payer.

use crate::codes::Codes;
use crate::table::Origin;
use iambilly_claim::{Level, Severity};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The file of rules about one line.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct LineRules {
    title: String,
    edition: String,
    from: Date,
    family: Vec<Family>,
    pub(crate) better: Vec<Better>,
    pub(crate) conflict: Vec<Conflict>,
    pub(crate) audience: Vec<Audience>,
    pub(crate) reason: Vec<Reason>,
    pub(crate) wanted: Vec<Wanted>,
    #[serde(skip)]
    parts: HashMap<String, (Part, usize)>,
}

impl LineRules {
    /// Where the rules come from.
    pub(crate) fn origin(&self) -> Origin {
        Origin { title: self.title.clone(), edition: self.edition.clone(), from: self.from, to: None }
    }
    /// Prepares look-ups by code.
    pub(crate) fn indexed(mut self) -> Self {
        for (i, family) in self.family.iter().enumerate() {
            for (part, code) in family.members() {
                self.parts.insert(code.to_owned(), (part, i));
            }
        }
        self
    }
    /// The part of the spine a code is for.
    pub(crate) fn part(&self, code: &str) -> Option<Part> {
        self.parts.get(code).map(|(part, _)| *part)
    }
    /// The code of the same operation for the part of the spine the levels are in.
    pub(crate) fn sibling(&self, code: &str, levels: &[Level], strict: bool) -> Option<&str> {
        let (_, family) = self.parts.get(code)?;
        let mut fitting =
            self.family.get(*family)?.members().filter(|(part, _)| part.holds_all(levels, strict));
        match (fitting.next(), fitting.next()) {
            (Some((_, code)), None) => Some(code),
            _ => None,
        }
    }
}

/// One operation, a code for each part of the spine.
#[derive(Debug, Clone, Default, Deserialize)]
struct Family {
    cervical: Option<String>,
    thoracic: Option<String>,
    lumbar: Option<String>,
    cervicothoracic: Option<String>,
    lumbosacral: Option<String>,
}

impl Family {
    fn members(&self) -> impl Iterator<Item = (Part, &str)> {
        [
            (Part::Cervical, &self.cervical),
            (Part::Thoracic, &self.thoracic),
            (Part::Lumbar, &self.lumbar),
            (Part::Cervicothoracic, &self.cervicothoracic),
            (Part::Lumbosacral, &self.lumbosacral),
        ]
        .into_iter()
        .filter_map(|(part, code)| code.as_deref().map(|c| (part, c)))
    }
}

/// A part of the spine as codes divide it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Cervical,
    Thoracic,
    Lumbar,
    Cervicothoracic,
    Lumbosacral,
}

impl Part {
    /// First and last vertebra from the top. Levels over a border (C7-T1, T12-L1) belong to both parts, unless
    /// bodies themselves are counted (`strict`).
    const fn range(self, strict: bool) -> RangeInclusive<u8> {
        match (self, strict) {
            (Self::Cervical, true) => 0..=7,
            (Self::Cervical, false) => 0..=8,
            (Self::Thoracic, true) => 8..=19,
            (Self::Thoracic, false) => 7..=20,
            (Self::Lumbar, true) => 20..=25,
            (Self::Lumbar, false) => 19..=25,
            (Self::Cervicothoracic, true) => 0..=19,
            (Self::Cervicothoracic, false) => 0..=20,
            (Self::Lumbosacral, true) => 20..=25,
            (Self::Lumbosacral, false) => 19..=25,
        }
    }
    fn holds(self, level: Level, strict: bool) -> bool {
        let range = self.range(strict && matches!(level, Level::Vertebra(_)));
        level.vertebrae().iter().all(|v| range.contains(&v.index()))
    }
    /// Whether any of the levels is in this part.
    pub(crate) fn holds_any(self, levels: &[Level], strict: bool) -> bool {
        levels.iter().any(|l| self.holds(*l, strict))
    }
    fn holds_all(self, levels: &[Level], strict: bool) -> bool {
        !levels.is_empty() && levels.iter().all(|l| self.holds(*l, strict))
    }
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cervical => "cervical",
            Self::Thoracic => "thoracic",
            Self::Lumbar => "lumbar",
            Self::Cervicothoracic => "cervical or thoracic",
            Self::Lumbosacral => "lumbar or sacral",
        }
    }
}

/// Words in the note that speak for another code.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Better {
    pub(crate) id: String,
    pub(crate) from: Codes,
    pub(crate) to: String,
    pub(crate) says: Vec<Vec<String>>,
    /// Codes that day in whose presence the rule says nothing.
    pub(crate) unless: Codes,
    /// One of these codes must be there that day.
    #[serde(default)]
    pub(crate) needs: Codes,
    pub(crate) message: String,
}

/// Modifiers that contradict each other.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Conflict {
    pub(crate) one: Vec<String>,
    pub(crate) other: Vec<String>,
    pub(crate) severity: Severity,
    pub(crate) message: String,
}

/// Modifiers of some payers only.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Audience {
    pub(crate) modifiers: Vec<String>,
    pub(crate) payers: Vec<String>,
    pub(crate) message: String,
}

/// A modifier that needs words in the note.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Reason {
    pub(crate) modifier: String,
    pub(crate) needs: Vec<String>,
    pub(crate) number: bool,
    pub(crate) message: String,
}

/// A modifier that words in the note call for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) id: String,
    pub(crate) codes: Codes,
    pub(crate) says: Vec<Vec<String>>,
    pub(crate) modifier: String,
    pub(crate) payers: Vec<String>,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) message: String,
}

/// Whether a phrase has all words of one of the sets and denies nothing.
pub(crate) fn affirms(phrase: &str, sets: &[Vec<String>]) -> bool {
    let phrase = phrase.to_lowercase();
    let denies = phrase.split(|c: char| !c.is_alphanumeric()).any(|w| {
        matches!(w, "no" | "not" | "without" | "never" | "neither" | "declined" | "unable" | "planned")
    });
    !denies && sets.iter().any(|set| set.iter().all(|w| phrase.contains(w.as_str())))
}

#[cfg(test)]
mod tests {
    use super::{Part, affirms};
    use iambilly_claim::Level;

    #[test]
    fn parts_share_their_borders_except_where_bodies_are_counted() {
        let level = |t: &str| t.parse::<Level>().unwrap();
        for (part, at, strict, expected) in [
            (Part::Cervical, "C7-T1", false, true),
            (Part::Thoracic, "C7-T1", false, true),
            (Part::Cervical, "T1-T2", false, false),
            (Part::Lumbar, "T12-L1", false, true),
            (Part::Lumbar, "L5-S1", false, true),
            (Part::Lumbar, "T11-T12", false, false),
            (Part::Thoracic, "T12", true, true),
            (Part::Lumbar, "T12", true, false),
            (Part::Thoracic, "L1", true, false),
        ] {
            assert_eq!(part.holds_any(&[level(at)], strict), expected, "{part:?} {at}");
        }
    }

    #[test]
    fn a_phrase_that_denies_affirms_nothing() {
        let sets = vec![vec!["posterolateral".to_owned(), "graft".to_owned()]];
        for (phrase, expected) in [
            ("Posterolateral graft laid on the decorticated transverse processes", true),
            ("posterolateral graft was not placed", false),
            ("no posterolateral graft", false),
            ("notable posterolateral graft", true),
            ("interbody graft", false),
        ] {
            assert_eq!(affirms(phrase, &sets), expected, "{phrase}");
        }
    }
}
