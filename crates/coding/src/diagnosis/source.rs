//! Where the note says what the diagnosis is.
//!
//! The postoperative diagnosis, else the preoperative one; else the sentences of the story that say "diagnosis",
//! "assessment" or what the patient came for; else what the story tells of the levels operated on.

use super::finding::{Finding, Stretch, findings, within};
use crate::assertion::{self, Assertion};
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::Vertebra;
use regex::Regex;
use std::sync::LazyLock;

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
re!(WHY, r"(?:indications?|reason(?: for \w+)?|chief complaint|complaint)\W*$");
re!(WHY_LINE, r"^\W*(?:indications?|reason(?: for [\w ]{1,30}?)?|why|(?:chief )?complaint) ?[:.-]");
// A diagnosis said in the middle of a text: "the diagnosis is", "Dx for the injection:".
re!(
    INLINE,
    r"^\W*(?:dx|diagnos[ei]s)\b|\b(?:dx|diagnos[ei]s|reason|indication)(?: (?:for|of) (?:the |this |that |today'?s |it|which )?(?:\w+ ?){0,2})? ?(?:\b(?:is|was|being)\b|[:=])|\b(?:and|the|with|for) (?:the )?diagnosis\b,?(?: of\b)?|\bdiagnosis (?:of )?\b"
);
re!(
    INLINE_ENDS,
    r"\b(?:he|she|the patient|patient|pt|they|we|i|this|procedure|operation|after|under|consent\w*) (?:\w+ )?(?:was|is|were|had|has|have|signed|performed|done|came|comes|been)\b|\b(?:prone|supine)\b|\bplan\b|\bprocedure\b|[\n]"
);
/// How far a diagnosis said in the middle of a text may reach, in characters.
const INLINE_REACH: usize = 160;
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
    /// Where a diagnosis is named in the middle of a sentence that speaks of something else ("planned: …").
    pub(super) within: Vec<Stretch>,
}

impl Source {
    /// Where the words of a pattern are said of today in the middle of a sentence that names the diagnosis.
    pub(super) fn says(&self, op: &Operation<'_>, r: &LazyLock<Option<Regex>>) -> Vec<(usize, usize)> {
        let norm = &op.note.doc.norm;
        let hits = self.within.iter().flat_map(|s| {
            let found = all(r, op.note.doc.slice(s.start, s.end)).into_iter();
            found.map(move |(a, b)| ((s.start, s.end), s.start + a, s.start + b))
        });
        hits.filter(|(whole, a, b)| assertion::read(norm, *whole, *a, *b) == Assertion::Done)
            .map(|(_, a, b)| (a, b))
            .collect()
    }
}

const STORY: [Part; 3] = [Part::History, Part::Body, Part::Other];
const UNHEADED: [Part; 5] = [Part::History, Part::Body, Part::Other, Part::Procedures, Part::Plan];
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
    let mut best = Source { findings: vec![], parts: STATED.to_vec(), story: false, within: vec![] };
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
    if template {
        return best;
    }
    if best.findings.iter().any(disease) {
        second(op, &mut best);
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
        let within = inline(op);
        let named = super::finding::within(op, &within, true);
        if named.iter().any(disease) {
            let parts = STATED.iter().chain(&UNHEADED).copied().collect();
            return Source { findings: named, parts, story: true, within };
        }
    }
    if !more.iter().any(disease) {
        more.extend(findings(op, &told, false));
        more.sort_by_key(|f| f.start);
    }
    if !more.iter().any(disease) {
        // A list of procedures may say what each was for.
        more.extend(findings(op, &sentences(&[Part::Procedures]), true));
        more.sort_by_key(|f| f.start);
    }
    treated(op, &mut more);
    more.retain(|f| disease(f) || best.findings.is_empty());
    if more.iter().any(disease) || best.findings.is_empty() {
        let parts = STATED.iter().chain(&STORY).copied().collect();
        return Source { findings: more, parts, story: true, within: vec![] };
    }
    best
}

/// What is named as a diagnosis in the middle of parts that have another heading.
fn inline(op: &Operation<'_>) -> Vec<Stretch> {
    let mut out = vec![];
    for (i, s) in op.note.sentences.iter().enumerate().filter(|(_, s)| UNHEADED.contains(&s.part)) {
        let words = op.note.words(i);
        let Some(&(_, from)) = all(&INLINE, words).first() else { continue };
        let rest = words.get(from..).unwrap_or("");
        let rest = rest.get(..INLINE_REACH).unwrap_or(rest);
        let to = all(&INLINE_ENDS, rest).first().map_or(rest.len(), |e| e.0);
        out.push(Stretch { sentence: i, start: s.start + from, end: s.start + from + to });
    }
    out
}

/// A note may name a second diagnosis further down, for the injection of the same visit: what it adds is a disease
/// of another place or kind, not the first one said again.
fn second(op: &Operation<'_>, best: &mut Source) {
    // A disease that is coded without regard to the region has no place to compare.
    let place = |f: &Finding| f.keys.first().map(|k| k.0).filter(|_| f.entry.plain.len() > 1);
    let known = |f: &Finding| {
        best.findings
            .iter()
            .any(|b| b.entry.id == f.entry.id || place(b).is_some_and(|p| Some(p) == place(f)))
    };
    let more: Vec<Finding> =
        within(op, &inline(op), true).into_iter().filter(|f| disease(f) && !known(f)).collect();
    best.findings.extend(more);
}

/// A sentence that says why the patient is treated, in itself or by its heading.
fn cued(op: &Operation<'_>, i: usize) -> bool {
    let Some(s) = op.note.sentences.get(i) else { return false };
    if has(&CUE, op.note.words(i)) {
        return true;
    }
    // The sentences of one line under "Reason:" all say why.
    let line = op.note.doc.slice(0, s.start).rfind('\n').map_or(0, |n| n + 1);
    has(&WHY, op.note.doc.slice(s.start.saturating_sub(28), s.start))
        || has(&WHY_LINE, op.note.doc.slice(line, s.end))
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

re!(
    GREW,
    r"cultur\w+|\bgr[eo]w\w*|\bgram[- ]stain|aspirat\w+|blood|bacter[ae]mi\w+|\blab\b|microbiology|speciat\w+|isolat\w+|organism|sensitiv\w+|susceptib\w+|\bpcr\b"
);

/// The organisms that the rest of the note names where the diagnosis is an infection.
pub(super) fn organisms(op: &Operation<'_>, known: &[Finding]) -> Vec<Finding> {
    let infected = known.iter().any(super::companion::hosts_organism);
    if !infected || known.iter().any(|f| f.entry.companion.is_some()) {
        return vec![];
    }
    let told = (0..op.note.sentences.len()).filter(|i| has(&GREW, op.note.words(*i)));
    // An organism found last week grows today.
    let mut found = findings(op, &told.collect::<Vec<_>>(), true);
    found.retain(|f| f.entry.companion.is_some());
    found
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
