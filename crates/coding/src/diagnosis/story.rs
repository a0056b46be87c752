//! What the note as a whole says that bears on every diagnosis: claudication, roots and cord, where it hurts, the
//! episode of care, the age.

use super::companion;
use super::finding::Finding;
use super::source::{Source, disease};
use crate::assertion::Assertion;
use crate::level::dedup;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_icd10cm::Edition;
use jiff::civil::{Date, date};
use regex::Regex;
use std::sync::LazyLock;

re!(
    CLAUDICATION,
    r"(?:neurogenic|neurogenous|pseudo-?)? ?claudicat(?:ion|ing|es|ed|ory)\b|\b(?:with|w/|and|&|\+) ?nc\b"
);
re!(RADICULOPATHY, r"radiculopath\w+|radiculitis|radicular (?:\w+ )?(?:pain|symptom|syndrome)\w*|sciatica");
re!(
    RADICULAR_SIGNS,
    r"\b(?:[cl]\d|s1) (?:nerve )?(?:root )?(?:distribution|dermatom\w+|pattern)|(?:distribution|dermatome) of (?:the )?(?:[cl]\d|s1)"
);
// A disc that presses on a root is classified with radiculopathy (index: Compression, nerve, root, in
// intervertebral disc disorder).
re!(
    ROOT_PRESSED,
    r"\b(?:compress|flatten|displac|push|imping|tent|pinch|squash|squeez|trap|press|deform|abut|effac|stretch)\w* (?:[\w-]+ ){0,6}?(?:nerve roots?|roots?|ganglion)\b|\b(?:nerve roots?|roots?|ganglion) (?:[\w-]+ ){0,4}?(?:compress|flatten|displac|push|pinch|squash|squeez|trap|deform|stretch|swollen)\w*"
);
re!(
    LIMB_SIGNS,
    r"(?:leg|arm|thigh|calf|shin|foot|hand|thumb|finger|buttock|lower extremity|upper extremity)s? (?:\w+ ){0,2}(?:pain|numb\w*|weak\w*|tingl\w*)|(?:pain|numb\w*|weak\w*|tingl\w*|burning)[a-z ]{0,30}\b(?:leg|arm|thigh|calf|shin|foot|hand|thumb|finger|buttock)"
);
re!(DENIAL, r"\b(?:no|not|without|denies|denied|nor|w/o|w/out)\b");
re!(MYELOPATHY, r"myelopath\w+|myeloradiculopath\w+");
re!(
    LEG_PAIN,
    r"(?:leg|lower extremity|legs|buttock) (?:pain|symptoms)|pain[a-z ]{0,30}(?:leg|legs|lower extremit\w+|buttock)|radicul\w+|sciatica"
);
re!(
    BACK_PAIN,
    r"(?:low(?:er)? |axial )?back pain|\bback (?:and|plus|&|/|more than) (?:\w+ )?(?:leg|buttock|thigh)s? (?:pain|symptoms)|lumbago|discogenic (?:\w+ )?pain"
);

/// What the note as a whole says that bears on every code.
pub(super) struct Story {
    pub(super) claudication: Vec<(usize, usize)>,
    pub(super) roots: Vec<(usize, usize)>,
    /// The roots are told by their distribution, not by the word.
    pub(super) inferred_root: bool,
    pub(super) cords: Vec<(usize, usize)>,
    /// Sixth character of M51.36- and M51.37-; none before they had one.
    pub(super) pain: Option<char>,
    /// 7th character by episode of care.
    pub(super) episode: char,
    pub(super) age: Option<u16>,
    pub(super) ids: Vec<String>,
    /// A disease that a myelopathy can be the manifestation of.
    pub(super) has_cause: bool,
}

/// Where the story stands: anywhere but in lists of procedures, implants and plans.
const BACKGROUND: [Part; 6] =
    [Part::Before, Part::After, Part::Diagnosis, Part::History, Part::Body, Part::Other];

impl Story {
    pub(super) fn new(op: &Operation<'_>, source: &Source, dos: Date, icd: &Edition) -> Self {
        let present =
            |r: &LazyLock<Option<Regex>>, parts: &[Part]| op.find_state(r, parts, &[Assertion::Done]);
        // In a diagnosis a year behind the words belongs to an earlier operation, not to the complaint.
        let stated = |r: &LazyLock<Option<Regex>>| {
            let mut found = op.find_state(r, &source.parts, &[Assertion::Done, Assertion::Past]);
            found.extend(source.says(op, r));
            dedup(found)
        };
        // "Back pain and no leg symptoms" names the leg across its denial.
        let felt = |r: &LazyLock<Option<Regex>>, parts: &[Part], how: &[Assertion]| {
            let hits = op.find_state(r, parts, how);
            hits.into_iter().chain(source.says(op, r)).any(|(a, b)| !has(&DENIAL, op.note.doc.slice(a, b)))
        };
        let mut everywhere: Vec<Part> = BACKGROUND.into_iter().chain([Part::Procedures]).collect();
        everywhere.extend(source.parts.iter().filter(|p| **p == Part::Plan));
        let own = stated(&RADICULOPATHY);
        let mut roots = if own.is_empty() {
            present(&RADICULOPATHY, &[Part::Before, Part::History, Part::Diagnosis])
        } else {
            own
        };
        // Pain or numbness in a root's distribution is what radiculopathy means; the word is asked for.
        let mut inferred = false;
        if roots.is_empty() && source.story {
            roots = present(&RADICULAR_SIGNS, &BACKGROUND);
            inferred = !roots.is_empty();
        }
        let disc = source.findings.iter().any(|f| f.entry.id == "disc-herniation");
        if roots.is_empty() && disc && felt(&LIMB_SIGNS, &BACKGROUND, &[Assertion::Done, Assertion::Past]) {
            roots = present(&ROOT_PRESSED, &BACKGROUND);
            inferred = !roots.is_empty();
        }
        let back = felt(&BACK_PAIN, &everywhere, &[Assertion::Done]);
        let leg = felt(&LEG_PAIN, &everywhere, &[Assertion::Done]);
        let signs = ["myelopathy", "cord-compression", "radiculopathy"];
        let cause = |f: &Finding| disease(f) && !signs.contains(&f.entry.id.as_str());
        Self {
            claudication: dedup(
                [present(&CLAUDICATION, &everywhere), source.says(op, &CLAUDICATION)].concat(),
            ),
            roots,
            inferred_root: inferred,
            cords: stated(&MYELOPATHY),
            // M51.36- and M51.37- have their sixth character since 2024-10-01.
            pain: (dos >= date(2024, 10, 1) && !icd.is_billable("M51.36")).then_some(match (back, leg) {
                (true, true) => '2',
                (true, false) => '0',
                (false, true) => '1',
                (false, false) => '9',
            }),
            episode: companion::episode(op),
            age: companion::age(op),
            ids: source.findings.iter().map(|f| f.entry.id.clone()).collect(),
            has_cause: source.findings.iter().any(cause),
        }
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.iter().any(|i| i == id)
    }

    /// Whether the note says so of today, anywhere but in plans and lists of implants.
    pub(super) fn says(&self, op: &Operation<'_>, r: &LazyLock<Option<Regex>>) -> bool {
        !op.find_state(r, &BACKGROUND, &[Assertion::Done]).is_empty()
    }
}

/// Whether a complication belongs to a finding: named in its sentence, or named on its own.
pub(super) fn applies(
    op: &Operation<'_>,
    f: &Finding,
    at: &[(usize, usize)],
    all: &[Finding],
    cord: bool,
    herniation: bool,
) -> bool {
    let bases =
        |sentence: usize| all.iter().any(|o| o.sentence == sentence && !o.entry.radiculopathy.is_empty());
    at.iter().any(|(a, _)| {
        let Some(i) = op.note.sentences.iter().position(|s| s.start <= *a && *a < s.end) else {
            return false;
        };
        if i == f.sentence {
            // "herniation C5-6 with radiculopathy": the disc presses on the root; the spondylosis beside it does
            // not. "HNP C5-6 with radiculopathy, spondylosis C6-7 with radiculopathy": each has its own.
            let here = || all.iter().filter(|o| o.sentence == i && !o.entry.radiculopathy.is_empty());
            let nearest = here().rfind(|o| o.start < *a).is_some_and(|o| o.start == f.start);
            let disc = here().any(|o| o.entry.id == "disc-herniation");
            let shared = here().any(|o| o.entry.id == "disc-herniation" && o.keys == f.keys);
            return cord || f.entry.id == "disc-herniation" || !disc || (nearest && !shared);
        }
        !bases(i) && (cord || f.entry.id == "disc-herniation" || !herniation)
    })
}
