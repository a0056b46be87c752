//! Circumstances that change a line but not its code: two surgeons, a second stage, an unplanned return.
//!
//! Sources: section 5 (58, 62, 78). Modifier 62 only on codes of which each surgeon does a part, never on
//! instrumentation, devices and grafts (3.9); 58 and 78 on what the note itself says of the sitting.

use super::{Draft, Sheet};
use crate::assertion::Assertion::{Denied, Done, Past, Planned};
use crate::catalogue::entry;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{has, re};

re!(
    TWO_SURGEONS,
    r"co-?surgeons?|(?:access|approach|exposure) surgeon|(?:dr\.?|doctor) \w+(?: \w+)? (?:then |next |also )?(?:made|performed|did|provided|obtained|opened|carried out|gained)(?: \w+){0,3}? (?:the )?(?:\w+ ){0,2}(?:approach|exposure|opening|access|thoracotomy|laparotomy|chest|abdomen)|(?:approach|exposure|access|opening)[a-z ,-]{0,40} (?:by|per) (?:dr|doctor)|(?:separately |will be )dictated (?:separately )?by (?:dr|doctor|the|another)|dictates? (?:his|her|their|the)[a-z, ]{0,60} separately"
);
re!(NOBODY, r"^[\s:.-]*(?:none|n/?a|nil|no\b|not\b|-)");
re!(
    SECOND_STAGE,
    r"(?:second|2nd|final|third) (?:\w+ )?(?:stage|sitting|part)|stage (?:ii|iii|2|3|two|three)\b|planned (?:staged|second|return)|staged (?:return|second|completion|procedure, second)"
);
re!(
    AHEAD,
    r"\b(?:will|would|may|might|if (?:he|she|needed|it)|later|revisit|come back|left for|kept for|postponed)\b"
);
// "Stage two, posterior screws, will follow on Thursday."
re!(
    TO_COME,
    r"\b(?:will|would|is to|are to) (?:follow|come|be (?:done|performed|scheduled|carried out|planned)|take place|happen)\b|\b(?:is|was) (?:planned|scheduled|booked) (?:for|on|in|next|later)\b|\bfollows? (?:on|in|next|later)\b"
);
re!(
    RETURN,
    r"return(?:ed|s)? to (?:the )?(?:operating (?:room|theat\w+|suite)|or\b|surgery)|(?:taken|brought|took|going|went) (?:him |her |the patient )?back to (?:the )?(?:operating|or\b|theat\w+)|take-?back|\bor return|unplanned|re-?operation|global period"
);
re!(
    COMPLICATION,
    r"infect\w*|h[a]?ematoma|seroma|dehiscen\w+|csf leak|spinal fluid leak|pseudomeningocele|malposition\w*|misplaced|loosen\w+|migrat\w+|recurrent|retained|new (?:foot drop|deficit|weakness)|complication of|bleed\w*|displaced"
);
re!(
    STOPPED,
    r"(?:case|operation|procedure|surgery|attempt)(?: \w+){0,2} (?:was |had to be |were )?(?:then )?(?:aborted|abandoned|discontinued|called off|(?:stopped|halted|terminated) (?:before|prior|early|due|because|for|at this|when|after|without|on account))|\b(?:case|operation|procedure|surgery) (?:was |had to be )?(?:stopped|halted|ended early)\b|\b(?:case|operation|procedure|surgery) terminated\b|\bto go on would\b|\bnot (?:be )?(?:safe|wise|prudent|right) to (?:go on|continue|proceed|carry on)\b|\b(?:decided|elected|chose|agreed|opted) (?:\w+ ){0,2}?(?:not to (?:continue|go on|carry on)|to (?:stop|abort|close|terminate))\b|aborted (?:case|procedure|operation|surgery)|(?:abort(?:ed)?|abandon(?:ed)?|discontinued?|stop(?:ped)?|terminate) the (?:case|operation|procedure|surgery)"
);
re!(
    DANGER,
    r"hypotens\w+|pressures? (?:\w+ )?(?:fell|falling|dropp\w+|of \d\d\b)|cardiac|shock\w*|tachycardi\w+|bradycardi\w+|arrhythmi\w+|arrest|fibrillation|desaturat\w+|hypox\w+|anaphyla\w+|st elevation|ischemi\w+|unstable|instability|danger|threat\w*|life|safety|vasovagal|syncop\w+|h[a]?emorrhage|bleeding|embol\w+|loss of (?:motor|signals|potentials|meps?)|laryngospasm|seizure|bronchospasm"
);
re!(RECENT, r"\b(?:post-?op\w* )?(?:day|days|week|weeks)\b|\bpod ?#? ?\d|global period|unplanned");

/// Arthrodesis from the front, discs and vertebral bodies removed from the front: an access surgeon's part.
fn from_front(code: &str) -> bool {
    matches!(code, "22548" | "22551" | "22552" | "22554" | "22556" | "22558" | "22585" | "22856" | "22857")
        || matches!(code, "63075" | "63077" | "63081" | "63085" | "63087" | "63090")
        || matches!(code, "22808" | "22810" | "22812" | "63086" | "63088" | "63091")
}

/// Fusions and decompressions from behind that two surgeons may share (CMS co-surgeon indicator 1 or 2).
fn shared_from_behind(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|n| {
        (22590..=22634).contains(&n) || (22800..=22804).contains(&n) || (63001..=63048).contains(&n)
    })
}

pub(super) fn apply(op: &Operation<'_>, sheet: &mut Sheet) {
    two_surgeons(op, sheet);
    let listed = [Part::Procedures, Part::Before, Part::After, Part::Diagnosis, Part::Body, Part::Other];
    let stages = op.find_state(&SECOND_STAGE, &listed, &[Done, Planned]);
    // "Will come back to it as a second stage" is another day's.
    let today = |s: &(usize, usize)| {
        let sentence = op.note.sentences.iter().find(|x| x.start <= s.0 && s.0 < x.end);
        sentence.is_none_or(|x| {
            !has(&AHEAD, op.note.doc.slice(x.start, s.0)) && !has(&TO_COME, op.note.doc.slice(s.1, x.end))
        })
    };
    if let Some(span) = stages.into_iter().find(today) {
        modify(sheet, "58", span);
    } else if let Some(span) = unplanned_return(op) {
        modify(sheet, "78", span);
    }
}

fn two_surgeons(op: &Operation<'_>, sheet: &mut Sheet) {
    let parts = [Part::Procedures, Part::Body, Part::Other, Part::Implants];
    let said = op.find_state(&TWO_SURGEONS, &parts, &[Done, Planned]);
    let Some(span) = said.into_iter().find(|s| !has(&NOBODY, op.note.doc.slice(s.1, s.1 + 24))) else {
        return;
    };
    let front = sheet.drafts.iter().any(|d| from_front(d.code));
    let neck = sheet.has(&["22551", "22554", "22856", "63081"]);
    let formal = op.note.doc.slice(span.0, span.1).contains("surgeon");
    if !formal && (neck || !front) {
        return;
    }
    for d in sheet.drafts.iter_mut() {
        let part = if front { from_front(d.code) } else { shared_from_behind(d.code) };
        if part && !d.modifiers.contains(&"62") {
            d.modifiers.push("62");
            d.spans.push(span);
        }
    }
}

/// An unplanned return for a complication of a recent operation, in the note's own words.
fn unplanned_return(op: &Operation<'_>) -> Option<(usize, usize)> {
    let everywhere = [
        Part::Procedures,
        Part::History,
        Part::Body,
        Part::Other,
        Part::Before,
        Part::After,
        Part::Diagnosis,
    ];
    let span = op.find_state(&RETURN, &everywhere, &[Done, Past]).first().copied()?;
    (op.mentions(&COMPLICATION) && op.mentions(&RECENT)).then_some(span)
}

/// Where the note says that the operation was stopped.
pub(super) fn stopped(op: &Operation<'_>) -> Option<(usize, usize)> {
    let parts = [Part::Procedures, Part::Body, Part::Other, Part::After, Part::Diagnosis];
    op.find_state(&STOPPED, &parts, &[Done, Denied]).first().copied()
}

/// An operation stopped before it was done: its first primary with 53, nothing that follows from it.
///
/// `intended` is the sheet of what was planned. Without a stated danger to the patient it is a question.
pub(super) fn discontinued(op: &Operation<'_>, span: (usize, usize), intended: Sheet, sheet: &mut Sheet) {
    let mut primaries: Vec<Draft> = intended
        .drafts
        .into_iter()
        .filter(|d| entry(d.code).is_some_and(|e| !e.add_on && e.rvu > 0.0))
        .collect();
    primaries.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut primaries = primaries.into_iter();
    let Some(mut first) = primaries.next() else { return };
    let danger = op.find_state(&DANGER, &[Part::Body, Part::Other, Part::After, Part::Procedures], &[Done]);
    if danger.is_empty() {
        sheet.ask(
            "The operation was stopped: was the patient in danger (53), or was it reduced by choice (52)?",
            &[first.code],
            vec![span],
        );
    }
    first.modifiers = vec!["53"];
    first.why = "begun and stopped for the patient's safety; what follows from it was not done (section 5)";
    first.spans.push(span);
    first.spans.extend(danger.first());
    sheet.drafts = vec![first];
}

fn weight(d: &Draft) -> f64 {
    entry(d.code).map_or(0.0, |e| e.rvu)
}

/// Puts a modifier of the sitting on every line that carries money.
fn modify(sheet: &mut Sheet, modifier: &'static str, span: (usize, usize)) {
    let pays = |d: &Draft| entry(d.code).is_some_and(|e| e.rvu > 0.0);
    for d in sheet.drafts.iter_mut().filter(|d| pays(d)) {
        if !d.modifiers.contains(&"78") && !d.modifiers.contains(&"58") {
            d.modifiers.push(modifier);
            d.spans.push(span);
        }
    }
}
