//! Where the note says what the diagnosis is.
//!
//! The postoperative diagnosis, else the preoperative one; else the sentences of the story that say "diagnosis",
//! "assessment" or what the patient came for; else what the story tells of the levels operated on.

use super::finding::{Finding, findings};
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::Vertebra;

re!(
    SAME,
    r"^\W*(?:\d{1,2}[.)] ?)?(?:the )?same\b|^\W*(?:post\w*)?\W*same\b|^.{0,60}(?:as above|unchanged).{0,20}$"
);
re!(
    CUE,
    r"\b(?:(?:working |final |clinical |pre-?\w* |post-?\w* )?diagnos[ei]s\b|assessment\b|impression\b|here (?:today )?for\b|comes? (?:in )?(?:today )?(?:for|with)\b|presents? (?:today )?(?:for|with)\b|(?:indication|indicated)\b|so (?:this|the) (?:gentleman|lady|patient|man|woman) (?:has|with)\b)"
);
re!(
    SLIGHT,
    r"\b(?:mild|minimal|minor|slight|shallow|small|tiny|incidental\w*|asymptomatic|no (?:\w+ )?(?:contact|compression)|(?:does|do|did) not (?:touch|contact|compress)|not? treated)\b"
);
re!(
    STORYLIKE,
    r"\b(?:mri|m r i|ct scan|x-?rays?|films?|imaging|hpi|physical therapy|\bpt x|failed (?:\w+ )?(?:pt|therapy|conservative|physical|nsaids?|non-?operative|injections?|bracing)|emg|exam(?:ination)?|history of present|radiograph\w*|year[- ]old|presents?|injections? (?:helped|gave)|was (?:taken|brought|placed|prepped))\b"
);
re!(ASSESSED, r"^\W*(?:assessment|impression|a/p|assessment and plan)\b");
re!(
    ASSESSED_NO_MORE,
    r"^\W*(?:plan|medical decision|mdm|recommend\w*|risks?|we (?:discussed|talked|went)|i (?:recommend|discussed|explained|spent|told)|total time|time\b|procedure|disposition|decision|follow|return)\b"
);
re!(WHY, r"(?:indications?|reason for \w+|chief complaint|complaint)\W*$");
re!(BLANK, r"_{3,}|\[ ?\]|\[[a-z][a-z /]{2,30}\]|\*{3}|\{[a-z ]+");
re!(
    REPORT,
    r"radiology report|(?:reading|interpreting) (?:radiologist|physician)|radiologist:|electronically signed by: \w+[^\n]{0,30}radiolog"
);
re!(SURGEON, r"\bsurgeon\b|\bincision\b|\bprocedure performed\b|\bwas prepped\b|\bi (?:saw|examined|met)\b");

/// The diseases of the note and the sentences they were read from.
pub(super) struct Source {
    pub(super) findings: Vec<Finding>,
    /// Parts whose words bear on them.
    pub(super) parts: Vec<Part>,
    /// They come from the story, not from a stated diagnosis.
    pub(super) story: bool,
}

const STORY: [Part; 3] = [Part::History, Part::Body, Part::Other];
const STATED: [Part; 3] = [Part::Before, Part::After, Part::Diagnosis];

/// An imaging report says what was seen, not what was treated.
pub(super) fn imaging_report(op: &Operation<'_>) -> bool {
    op.mentions(&REPORT) && !op.mentions(&SURGEON)
}

pub(super) fn read(op: &Operation<'_>) -> Source {
    let note = op.note;
    // Blanks of a template that nobody filled in say nothing.
    let template = all(&BLANK, &note.doc.norm).len() >= 5;
    let sentences = |parts: &[Part]| -> Vec<usize> {
        let filled = |i: &usize| !template || !has(&BLANK, note.words(*i));
        let within = note.sentences.iter().enumerate().filter(|(_, s)| parts.contains(&s.part));
        within.map(|(i, _)| i).filter(filled).collect()
    };
    let same =
        note.sentences.iter().enumerate().any(|(i, s)| s.part == Part::After && has(&SAME, note.words(i)));
    let order: [&[Part]; 2] = if same {
        [&STATED, &STATED]
    } else {
        [&[Part::After, Part::Diagnosis], &[Part::Before, Part::Diagnosis]]
    };
    let mut best = Source { findings: vec![], parts: STATED.to_vec(), story: false };
    // The sentence of a section that tells of films and treatments, and those after it, tell the story.
    let told_from: Vec<(usize, usize)> = note
        .sentences
        .iter()
        .enumerate()
        .filter(|(i, _)| has(&STORYLIKE, note.words(*i)))
        .map(|(i, s)| (s.section, i))
        .collect();
    let tells = |i: usize| {
        let section = note.sentences.get(i).map_or(0, |s| s.section);
        told_from.iter().any(|(s, from)| *s == section && *from <= i)
    };
    for parts in order {
        let whole = sentences(parts);
        let terse: Vec<usize> = whole.iter().copied().filter(|i| !tells(*i)).collect();
        best.findings = findings(op, &terse, true);
        if !best.findings.iter().any(disease) {
            best.findings = findings(op, &whole, true);
        }
        if !best.findings.is_empty() {
            best.parts = parts.to_vec();
            break;
        }
    }
    if best.findings.iter().any(disease) || template {
        return best;
    }
    // Nothing, or only a symptom, in the headings: what the story states.
    let story = sentences(&STORY);
    let assessed = assessment(op, &story);
    let (cued, told): (Vec<usize>, Vec<usize>) = story.iter().partition(|i| cued(op, **i));
    let mut more = findings(op, &assessed, true);
    if !more.iter().any(disease) {
        more = findings(op, &cued, true);
    }
    if !more.iter().any(disease) {
        more.extend(findings(op, &told, false));
        more.sort_by_key(|f| f.start);
    }
    treated(op, &mut more);
    more.retain(|f| disease(f) || best.findings.is_empty());
    if more.iter().any(disease) || best.findings.is_empty() {
        let parts = STATED.iter().chain(&STORY).copied().collect();
        return Source { findings: more, parts, story: true };
    }
    best
}

/// A sentence that says why the patient is treated, in itself or by its heading.
fn cued(op: &Operation<'_>, i: usize) -> bool {
    let Some(s) = op.note.sentences.get(i) else { return false };
    has(&CUE, op.note.words(i)) || has(&WHY, op.note.doc.slice(s.start.saturating_sub(28), s.start))
}

/// The sentences of an assessment that has no heading of its own.
fn assessment(op: &Operation<'_>, story: &[usize]) -> Vec<usize> {
    let mut out = vec![];
    let mut inside = 0;
    for &i in story {
        let words = op.note.words(i);
        if has(&ASSESSED, words) {
            inside = 8;
        } else if has(&ASSESSED_NO_MORE, words) {
            inside = 0;
        }
        if inside > 0 {
            out.push(i);
            inside -= 1;
        }
    }
    out
}

pub(super) fn disease(f: &Finding) -> bool {
    !f.entry.symptom && !f.entry.last && f.entry.companion.is_none()
}

/// Of what the story tells, what was treated: the levels operated on, and not what is said to be slight.
fn treated(op: &Operation<'_>, found: &mut Vec<Finding>) {
    let bones: Vec<Vertebra> = op.default_vertebrae();
    let meets = |f: &Finding| {
        let own: Vec<Vertebra> = f.groups.iter().flat_map(crate::level::Group::vertebrae).collect();
        own.is_empty() || bones.is_empty() || own.iter().any(|v| bones.contains(v))
    };
    if found.iter().any(|f| disease(f) && meets(f)) {
        found.retain(meets);
    }
    let slight = |f: &Finding| {
        let from = super::finding::reach(f);
        let around = op.note.doc.slice(from.0.saturating_sub(25), from.1 + 40);
        let clause = around.split(['.', ';']).next().unwrap_or(around);
        has(&SLIGHT, clause)
    };
    if found.iter().any(|f| disease(f) && !slight(f)) {
        found.retain(|f| !slight(f));
    }
}
