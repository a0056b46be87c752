//! What is reported beside the disease: a torn dura, aftercare, an earlier fusion, what was only suspected.
//!
//! Source: ICD-10-CM guidelines FY2026 I.C.21.c.7 (aftercare), IV.J (coexisting conditions).

use super::finding::Finding;
use crate::assertion::Assertion;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{all, has, re};
use regex::Regex;
use std::sync::LazyLock;

re!(
    DUROTOMY,
    r"durotom\w+|dural (?:tear|laceration|rent|violation|injury|opening)|(?:tear|rent|laceration|hole) in the dura|dura was (?:torn|lacerated|violated|nicked|inadvertently)|(?:a|there was|with|small|brisk) (?:\w+ )?(?:csf|cerebrospinal fluid) leak\b"
);
re!(
    MEANT,
    r"intradural|dura was (?:then )?(?:opened|incised)|opened the dura|duraplasty|meningioma|schwannoma|ependymoma|myelogra\w+|lumbar drain|spinal tap|lumbar puncture|blood patch|tethered|planned durotomy|intrathecal|check(?:ed)? (?:was made )?for"
);
re!(
    AFTERCARE,
    r"post-?\s?op(?:erative)? (?:visit|clinic|check|follow|appointment|evaluation)|(?:visit|clinic|check)\W{1,4}post-?\s?op\w*|(?:\d+|two|three|four|six|eight|ten|twelve)[- ](?:days?|weeks?|wks?|months?|mos?) (?:from|after|out|status|s/p|post|since|following)\b|routine healing|surgical follow-?up"
);
re!(
    DONE_TODAY,
    r"(?:placed|positioned|turned|lying|laid|rolled) (?:\w+ )?prone|^\W*prone\b|\bprone (?:on|position)|\bincisions? (?:was|were|is) (?:then )?(?:made|carried|opened|extended|deepened)|(?:an?|midline|transverse|paramedian|stab|cm) incision\b|\bprepped\b|\bneedles?\b|\bunder (?:general|local|spinal) an\w+|general an\w+thesia\b|\bdecision for surgery\b"
);
re!(FUSED, r"fusion|arthrodesis|\b[actpo]lif\b|\bacdf\b|\bllif\b");
re!(
    OPERATED,
    r"laminectom\w+|dis[ck]ectom\w+|decompress\w+|arthroplasty|disc replacement|kyphoplasty|surgery|operation"
);
re!(
    TROUBLE,
    r"recurren\w+|new (?:onset|pain|weakness|symptom)|worsen\w+|worse\b|infect\w+|loosen\w+|broken|pseudarthrosis|non-?union|persistent|wound (?:drainage|breakdown)|dehiscence"
);

/// Where the dura was torn by mischance today.
pub(super) fn torn_dura(op: &Operation<'_>) -> Option<(usize, usize)> {
    if op.mentions(&MEANT) {
        return None;
    }
    let parts = [Part::Body, Part::Procedures, Part::Other, Part::After, Part::Before, Part::Diagnosis];
    op.find_state(&DUROTOMY, &parts, &[Assertion::Done]).first().copied()
}

/// A visit after an operation with nothing new to treat: the operation's words, and whether it was a fusion.
pub(super) fn aftercare(op: &Operation<'_>) -> Option<((usize, usize), bool)> {
    let text = &op.note.doc.norm;
    if op.note.cancelled.is_some() || worked_today(op) || !has(&AFTERCARE, text) {
        return None;
    }
    let troubled = !op.find_state(&TROUBLE, &EVERYWHERE, &[Assertion::Done]).is_empty();
    let first = |r: &LazyLock<Option<Regex>>| all(r, text).first().copied();
    let (fused, operated) = (first(&FUSED), first(&OPERATED));
    let at = fused.or(operated).filter(|_| !troubled)?;
    Some((at, fused.is_some()))
}

/// Whether the note tells of work done today; what it copies of other days does not count.
fn worked_today(op: &Operation<'_>) -> bool {
    let today = |s: &&crate::sections::Sentence| !matches!(s.part, Part::History | Part::Plan);
    let says = |s: &crate::sections::Sentence| has(&DONE_TODAY, op.note.doc.slice(s.start, s.end));
    !op.work_concepts().is_empty() || op.note.sentences.iter().filter(today).any(says)
}

const EVERYWHERE: [Part; 8] = [
    Part::Before,
    Part::After,
    Part::Diagnosis,
    Part::History,
    Part::Body,
    Part::Other,
    Part::Procedures,
    Part::Plan,
];

/// Whether a companion of an infection has its infection.
pub(super) fn has_host(f: &Finding, all: &[Finding]) -> bool {
    match f.entry.companion.as_deref() {
        Some("infection") => all.iter().any(hosts_organism),
        _ => true,
    }
}

/// Whether a finding is an infection whose organism is reported beside it.
pub(super) fn hosts_organism(f: &Finding) -> bool {
    ["infection", "discitis", "osteomyelitis", "abscess"].iter().any(|w| f.entry.id.contains(w))
}

re!(
    LATER,
    r"follow-?up|routine healing|healing (?:well|as expected|nicely)|(?:weeks|months|wks) (?:after|since|out|from|post|following|s/p)|brace (?:off|weaning)|wean\w* (?:the |from |out of )"
);
re!(SEQUELA, r"sequela\w*|late effects?");
re!(NONUNION, r"non-?union|not healed|failed to (?:heal|unite)");
re!(DELAYED, r"delayed (?:healing|union)");

/// The 7th character of the episode of care: active treatment unless the visit only follows a healing injury.
pub(super) fn episode(op: &Operation<'_>) -> char {
    let text = &op.note.doc.norm;
    if worked_today(op) {
        return 'A';
    }
    match () {
        () if has(&SEQUELA, text) => 'S',
        () if !has(&LATER, text) => 'A',
        () if has(&NONUNION, text) => 'K',
        () if has(&DELAYED, text) => 'G',
        () => 'D',
    }
}

re!(AGE, r"\b(?P<age>\d{1,3})[- ]?(?:year|yr|y/?o|yo)\b|\b(?P<short>\d{1,3})\s?[mf]\b");

/// The patient's age in years, where the note gives it.
pub(super) fn age(op: &Operation<'_>) -> Option<u16> {
    let found = AGE.as_ref()?.captures(&op.note.doc.norm)?;
    found.name("age").or_else(|| found.name("short"))?.as_str().parse().ok().filter(|a| *a < 120)
}

re!(
    RULE_OUT,
    r"(?:indication|reason|performed|ordered)[^.;]{0,40}\brule out\b[^.;]*|\brule out\b[^.;]{0,60}(?:infection|meningitis|hemorrhage|bleed\w*)"
);

/// Where the note says that something is only to be ruled out.
pub(super) fn only_suspected(op: &Operation<'_>) -> Option<(usize, usize)> {
    all(&RULE_OUT, &op.note.doc.norm).first().copied()
}

re!(WRITTEN, r"\b[a-tv-z]\d[0-9ab](?:\.[0-9a-z]{1,4})\b");

/// ICD-10-CM codes written in a sentence.
pub(super) fn written(op: &Operation<'_>, sentence: usize) -> Vec<(String, (usize, usize))> {
    let Some(s) = op.note.sentences.get(sentence) else { return vec![] };
    let found = all(&WRITTEN, op.note.words(sentence)).into_iter();
    let code =
        |(a, b)| (op.note.doc.slice(s.start + a, s.start + b).to_uppercase(), (s.start + a, s.start + b));
    found.map(code).collect()
}
