//! The elements of a decision: problems, data, risk. Two of three must reach a level (CPT 2021, 2023).

use super::{Decision, Kind};
use crate::assertion::{self, Assertion};
use crate::catalogue::procedure::Words;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::re;
use serde::Deserialize;

/// Words of an element by level.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scale {
    high: Vec<Words>,
    moderate: Vec<Words>,
    low: Vec<Words>,
    straightforward: Vec<Words>,
}

/// Words of the data element.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    /// Tests and documents, each counted once.
    items: Vec<Words>,
    /// One's own reading of a test another reads too.
    own: Vec<Words>,
    /// Talks with physicians outside.
    talks: Vec<Words>,
}

/// The three elements.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Elements {
    problems: Scale,
    risk: Scale,
    data: Data,
}

/// What the note proves of a decision.
pub(super) struct Judged {
    pub(super) level: Option<Decision>,
    /// What the note itself calls the decision.
    pub(super) stated: Option<Decision>,
    elements: [Option<(Decision, (usize, usize))>; 3],
}

re!(
    STATED,
    r"(?:medical )?decision[- ]making\b(?: complexity)?\W{0,3}(?:is |was |of |level )*(?:straightforward|low|moderate|high)|\bmdm\b\W{0,3}(?:is |was |of |level )*(?:straightforward|low|moderate|high)"
);

impl Judged {
    pub(super) fn spans(&self) -> Vec<(usize, usize)> {
        self.elements.iter().flatten().map(|e| e.1).collect()
    }

    /// The question that names what is missing.
    pub(super) fn question(&self, kind: &Kind) -> String {
        const NAMES: [&str; 3] = ["the problems addressed", "the data reviewed", "the risk of management"];
        let missing: Vec<&str> =
            NAMES.iter().zip(&self.elements).filter(|(_, e)| e.is_none()).map(|(n, _)| *n).collect();
        format!(
            "{}: no level is proved. What was the total time on the date, or {}?",
            kind.label,
            if missing.is_empty() {
                "the complexity of the decision".to_owned()
            } else {
                missing.join(" and ")
            }
        )
    }
}

impl Elements {
    /// Reads the elements of a note.
    pub(super) fn judge(&self, op: &Operation<'_>) -> Judged {
        let problems =
            self.problems.highest(op, &[Part::Diagnosis, Part::History, Part::Body, Part::Plan, Part::Other]);
        let risk =
            self.risk.highest(op, &[Part::Plan, Part::Diagnosis, Part::Body, Part::Other, Part::History]);
        let elements = [problems, self.data.level(op), risk];
        // Two of three: the second highest.
        let mut levels: Vec<Decision> = elements.iter().flatten().map(|e| e.0).collect();
        levels.sort_unstable_by(|a, b| b.cmp(a));
        Judged { level: levels.get(1).copied(), stated: stated(&op.note.doc.norm), elements }
    }
}

fn stated(text: &str) -> Option<Decision> {
    let hit = STATED.as_ref()?.find(text)?.as_str();
    [
        ("straightforward", Decision::Straightforward),
        ("low", Decision::Low),
        ("moderate", Decision::Moderate),
        ("high", Decision::High),
    ]
    .into_iter()
    .find(|(w, _)| hit.ends_with(w))
    .map(|x| x.1)
}

/// Where words stand outside negation and undecided talk.
fn stands(op: &Operation<'_>, w: &Words, parts: &[Part]) -> Option<(usize, usize)> {
    let norm = &op.note.doc.norm;
    op.note.sentences.iter().filter(|s| parts.contains(&s.part)).find_map(|s| {
        let words = op.note.doc.slice(s.start, s.end);
        if crate::text::has(&super::UNDECIDED, words) {
            return None;
        }
        w.0.find_iter(words).map(|m| (s.start + m.start(), s.start + m.end())).find(|(a, b)| {
            !matches!(assertion::read(norm, (s.start, s.end), *a, *b), Assertion::Denied | Assertion::Past)
        })
    })
}

impl Scale {
    fn highest(&self, op: &Operation<'_>, parts: &[Part]) -> Option<(Decision, (usize, usize))> {
        let by_level = [
            (Decision::High, &self.high),
            (Decision::Moderate, &self.moderate),
            (Decision::Low, &self.low),
            (Decision::Straightforward, &self.straightforward),
        ];
        by_level
            .into_iter()
            .find_map(|(d, words)| words.iter().find_map(|w| stands(op, w, parts)).map(|span| (d, span)))
    }
}

impl Data {
    /// Extensive with two of: three items, an own reading, a talk outside; moderate with one; limited with two items.
    fn level(&self, op: &Operation<'_>) -> Option<(Decision, (usize, usize))> {
        const ALL: [Part; 6] =
            [Part::History, Part::Body, Part::Other, Part::Plan, Part::Diagnosis, Part::Procedures];
        let hits = |ws: &[Words]| ws.iter().filter_map(|w| stands(op, w, &ALL)).collect::<Vec<_>>();
        let (items, own, talks) = (hits(&self.items), hits(&self.own), hits(&self.talks));
        let categories = [items.len() >= 3, !own.is_empty(), !talks.is_empty()];
        let n = categories.iter().filter(|c| **c).count();
        let level = match (n, items.len()) {
            (2.., _) => Decision::High,
            (1, _) => Decision::Moderate,
            (0, 2..) => Decision::Low,
            (0, 1) => Decision::Straightforward,
            _ => return None,
        };
        own.first().or(talks.first()).or(items.first()).map(|s| (level, *s))
    }
}
