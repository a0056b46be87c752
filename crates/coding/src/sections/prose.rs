//! Prose that no heading introduces: the story of the day below a list of labels, and what it tells of earlier days.
//!
//! A diagnosis, a list of implants or a line of labels ("EBL 90. Complications: none.") ends where a paragraph
//! begins to tell. Of that story, what stands before the patient is asleep, turned and draped is no act of the
//! day: sentences that tell of the complaint, its treatment and the talk about it are history.

use super::spoken;
use super::{Part, Sentence};
use crate::text::{Doc, has, re};

re!(
    TELLING,
    r"\b(?:was|were|we|i|he|she|had|did|made|went|came|lay|took)\b|^\W*(?:prone|supine|under (?:general|geta)|geta\b|midline|incision|approach|positioned|left lateral|right lateral|level|exposure|part (?:one|1|a)\b|stage (?:one|1|a)\b)"
);
re!(
    LABEL,
    r"^\W*(?:ebl|blood loss|fluids?|uop|urine|counts?|drains?|specimens?|assist\w*|surgeon|anesth\w+|anaesth\w+|complications?|implants?|\d+[.)])\b"
);
re!(
    BEGUN,
    concat!(
        r"\b(?:placed|positioned|turned|rolled|log-?rolled|flipped|lay|laid|put|set up)\b[^.;]{0,30}\b(?:prone|supine|decubitus|onto|on (?:a|an|the) (?:jackson|andrews|wilson|open|flat))",
        r"|^\W*(?:\d{1,2}[.)] ?)?(?:\w+ (?:pins|frame|tongs|holder|clamp|table),? )?(?:prone|supine|right side down|left side down|(?:left |right )?lateral decubitus)\b|\bunder (?:general |adequate )?an(?:a)?esthesia\b|^\W*(?:general|geta|tiva|spinal)\b[^.]{0,40}\ban(?:a)?esth\w+|\b(?:anesthetized|anaesthetised|intubated)\b",
        r"|\bprep(?:ped)?\b[^.;]{0,20}\bdrap|\b(?:skin|midline|paramedian|transverse|oblique|longitudinal|linear|vertical) (?:incision|cut)\b|\bincision\b[^.;]{0,40}\b(?:made|over|from|about|along|carried)\b|\btime-?out\b|\b(?:scars?|pockets?|old (?:wound|incision))\b[^.;]{0,24}\b(?:was|were) (?:re-?)?opened"
    )
);
re!(
    EARLIER,
    concat!(
        r"\b(?:years?|yrs?|months?|mo|weeks?|wks?|days?) (?:ago|before|earlier|out|post)|\b(?:19|20)\d\d\b|\byear[- ]old\b|\by[/.]?o\b|\bis (?:a )?\d\d\b|\b\d\d ?(?:m|f|male|female|yo)\b|\bage \d\d\b|\bsince (?:about|the|her|his|19|20)|\blast (?:week|year|month)|\bfor (?:about |over |the past )?\w+ (?:years|months|weeks)",
        r"|\b(?:he|she|patient|they)(?: has| had|'s)? (?:has|had|failed|tried|complain\w*|present\w*|came|wants?|wanted|chose|knows?|knew|understands?|agreed?|gets?|walks?|can|fell|noticed|underwent|uses?|takes?|smokes?|lives?|works?|is)\b|\bmr\b|\bmrs\b|\bms\b",
        r"|\b(?:mri|mr|ct|cta|x-?rays?|films?|imaging|scan|myelogram|flex(?:ion)?[/-]ext\w*|dexa|emg)\b[^.;]{0,60}\b(?:show\w*|demonstrat\w+|reveal\w*|dec|confirm\w*|with|:)|\bconsent\w*|\brisks?\b|\boptions?\b|\bdiscuss\w+|\btalked\b|\bcompared\b|\bconsidered\b|\brelief\b|\btherapy\b|\binjections?\b|\bconservative\b|\btrial\b|\bno (?:hydrocephalus|instability|tethered)|\bhistory\b|\bneuro(?:logic\w*)?:"
    )
);
re!(
    ACT,
    r"\b(?:laminectom\w+|dis[ck]ectom\w+|fusion|screws?|cage|decompress\w+)\b[^.;]{0,40}\b(?:was|were) (?:then )?(?:done|performed|placed|made)|\b(?:i|we) (?:then )?(?:did|performed|made|placed|removed|opened|took|put)\b"
);

re!(
    NAMED,
    r"^\W*(?:next line |new paragraph |title of )?(?:procedures?|operations?|diagnos[ei]s|pre-?op\w*|post-?op\w*)\b|\b(?:pre|post)[- ]?(?:op\w*|procedure) (?:diagnos[ei]s|dx)|\bsame (?:procedure|operation)\b|\bprocedures? (?:is|performed)\b"
);
re!(AGED, r"\b\d\d ?-?(?:m|f|yo|y/o|year)\b");
re!(CLAUSE, r"\b(?:was|were|is|are|has|had|have|did|we|i|he|she|his|her|they)\b");

re!(ITEM, r"^\s*(?:\(?[a-h\d]{1,2}[.):]|[-*]|part \w+|number \w+)");
// What the hands did, in the finite verbs that tell it or in the participles of a terse hand.
re!(
    HANDS,
    r"\b(?:was|were|came|went|lay|took|gave|i|we) (?:\w+ ){0,3}?(?:opened|off|out|up|down|removed|drilled|burred|taken|placed|put|set|laid|cut|closed|entered|freed|free|packed|filled|found|seen|made|driven|walked|heated|injected|lifted|divided|split|exposed|decorticated|undercut|trimmed|shaved|cleared|drawn|pulled|delivered|reduced|washed|tested|locked|fixed|advanced|threaded|tunnel\w+|tried|passed|used|needed|left)\b"
);

// The same in a hand that writes no verbs: "lower half of the L2 lamina and flavum removed. Screws in L4."
re!(
    ACTED,
    r"^\W*(?:first|then|next|prone|supine|after)\b|\b(?:removed|drilled|resected|excised|decorticated|roughened|packed|tapped|inserted|entered|injected|threaded|steered|cannulated|undercut|trimmed|freed|decompressed|curetted|emptied|locked|tightened|irrigated|closed|sutured|grafted|laid|seated) ?(?:$|[,.;]|\b(?:and|with|to|from|by|at|in|on|until|down|up|over|under|between|across|behind)\b)"
);

/// Gives prose without a heading its part; `old` are places of older notes that were pasted in.
pub(super) fn settle(doc: &Doc, out: &mut [Sentence], old: &[(usize, usize)]) {
    tell(doc, out);
    below(doc, out, old);
    set_back(doc, out);
}

/// Whether a blank line stands between two sentences.
fn parted(doc: &Doc, a: &Sentence, b: &Sentence) -> bool {
    let end = a.start + doc.slice(a.start, a.end).trim_end().len();
    let lead = doc.slice(b.start, b.end);
    let start = b.start + lead.len() - lead.trim_start().len();
    doc.slice(end, start).matches('\n').count() > 1
}

const fn labels(part: Part) -> bool {
    matches!(part, Part::Before | Part::After | Part::Diagnosis | Part::Implants | Part::Other)
}

/// Behind labels a paragraph that tells begins the narrative.
fn tell(doc: &Doc, out: &mut [Sentence]) {
    let mut told = None;
    for i in 1..out.len() {
        let (Some(a), Some(b)) = (out.get(i - 1).copied(), out.get(i).copied()) else { continue };
        if a.section != b.section {
            told = None;
        }
        if told.is_none() && a.section == b.section && labels(b.part) && parted(doc, &a, &b) {
            let paragraph = out.get(i..).unwrap_or(&[]);
            let mut last = b;
            let mut tells = false;
            for s in paragraph {
                if s.section != b.section || (s.start > last.start && parted(doc, &last, s)) {
                    break;
                }
                let words = doc.slice(s.start, s.end);
                tells |= has(&TELLING, words) && words.split_whitespace().count() > 4 && !has(&LABEL, words);
                last = *s;
            }
            if tells {
                told = Some(b.section);
            }
        }
        if told == Some(b.section)
            && labels(b.part)
            && let Some(s) = out.get_mut(i)
        {
            s.part = Part::Body;
        }
    }
}

/// A line below that of a heading which tells in several sentences begins the telling, also without a blank line
/// ("Procedure: microdiscectomy.\nThe lamina was ..."). An older note that was pasted in tells of its own day.
fn below(doc: &Doc, out: &mut [Sentence], old: &[(usize, usize)]) {
    let heads = |p: Part| {
        matches!(p, Part::Procedures | Part::Before | Part::After | Part::Diagnosis | Part::History)
    };
    let words = |s: &Sentence| doc.slice(s.start, s.end);
    let mut told = None;
    for i in 1..out.len() {
        let (Some(a), Some(b)) = (out.get(i - 1).copied(), out.get(i).copied()) else { continue };
        if a.section != b.section {
            told = None;
        }
        if old.iter().any(|o| o.0 <= b.start && b.start < o.1) {
            continue;
        }
        if told.is_none() && a.section == b.section && heads(b.part) && new_line(doc, &a, &b) {
            let rest = out.get(i..).unwrap_or(&[]);
            let same = rest.iter().zip(rest.iter().skip(1)).take_while(|(x, y)| !new_line(doc, x, y)).count();
            let line = rest.get(..=same).unwrap_or(&[]);
            let length: usize = line.iter().map(|s| words(s).split_whitespace().count()).sum();
            let hands = line.iter().filter(|s| has(&HANDS, words(s))).count();
            let acted = line.iter().filter(|s| has(&ACTED, words(s))).count();
            let terse = b.part != Part::History && (line.len() >= 4 || line.len() > 1 && acted > 1);
            let story = matches!(b.part, Part::History)
                && (hands < 2 || line.iter().any(|s| has(&EARLIER, words(s))));
            if !has(&ITEM, words(&b)) && line.len() > 1 && length > 11 && (hands > 0 || terse) && !story {
                told = Some(b.section);
            }
        }
        if told == Some(b.section)
            && heads(b.part)
            && let Some(s) = out.get_mut(i)
        {
            s.part = Part::Body;
        }
    }
}

/// Whether a sentence begins on a line below the one before it.
fn new_line(doc: &Doc, a: &Sentence, b: &Sentence) -> bool {
    let end = a.start + doc.slice(a.start, a.end).trim_end().len();
    let lead = doc.slice(b.start, b.end);
    let start = b.start + lead.len() - lead.trim_start().len();
    doc.slice(end, start).contains('\n')
}

/// Before the first act of the day, what tells of earlier days is history.
fn set_back(doc: &Doc, out: &mut [Sentence]) {
    let words = |s: &Sentence| doc.slice(s.start, s.end);
    let first = out.iter().position(|s| {
        matches!(s.part, Part::Body | Part::Other) && has(&BEGUN, words(s)) && !spoken::another_day(words(s))
    });
    let Some(first) = first else { return };
    let mut telling = false;
    for i in 0..first {
        let Some(s) = out.get(i).copied() else { continue };
        let apart = i > 0 && out.get(i - 1).is_some_and(|a| a.section != s.section || parted(doc, a, &s));
        telling &= !apart;
        if s.part != Part::Body {
            continue;
        }
        // Headings said within the sentence, and titles without a verb, name the day's work.
        if has(&NAMED, words(&s)) {
            telling = false;
            continue;
        }
        telling |= has(&EARLIER, words(&s));
        if telling
            && (has(&AGED, words(&s)) || has(&CLAUSE, words(&s)))
            && !has(&ACT, words(&s))
            && let Some(s) = out.get_mut(i)
        {
            s.part = Part::History;
        }
    }
}
