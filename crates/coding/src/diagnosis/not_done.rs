//! An operation that was called off or stopped: why, as ICD-10-CM says it (Z53.-), beside the disease.

use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::CodedLine;

re!(
    STOPPED,
    r"\b(?:abort\w*|abandon\w*|discontinu\w+|terminat\w+|called off|not carried out|not performed|not done|(?:case|operation|procedure|surgery|injection|block)[a-z ,]{0,20} stopped|stopp(?:ed|ing) (?:here|the))\b"
);
re!(
    OWN_CHOICE,
    r"(?:patient|pt|he|she|family|wife|husband|mother|daughter|son) (?:\w+ )?(?:declined|refused|changed (?:his|her|their) mind|decided (?:against|not)|withdrew|no longer want\w*|asked (?:us )?to stop)|changed (?:his|her|their) mind"
);
re!(LEFT, r"left (?:without being seen|before (?:the|being))|did not (?:show|appear|arrive)|\bno[- ]show\b");
re!(
    OTHER_REASON,
    r"(?:equipment|implants?|c-?arm|microscope|instruments?|tray|power|authori[sz]ation|insurance) (?:\w+ ){0,3}(?:fail\w*|broke\w*|unavailable|not available|missing|denied|lapsed|pending)|(?:lack|shortage) of|snow ?storm|weather|no bed"
);

re!(
    UNSEEN,
    r"(?:telephone|phone|portal)\b[^\n]{0,24}(?:note|encounter|call|message)|non-?face-to-face|\btelephone /"
);

/// Whether the patient whose service was called off never came: then nothing of that day is coded.
pub(super) fn unseen(op: &Operation<'_>) -> bool {
    let norm = &op.note.doc.norm;
    op.note.cancelled.is_some() && has(&UNSEEN, norm.get(..norm.len().min(200)).unwrap_or(norm))
}

/// How far from the words that call a service off its reason may stand, in characters.
const AROUND: usize = 350;

/// The code of a service that did not take place, with the words that say so.
pub(super) fn code(op: &Operation<'_>, lines: &[CodedLine]) -> Option<(&'static str, (usize, usize))> {
    let stopped = lines.iter().any(|l| l.modifiers.iter().any(|m| m.as_ref() == "53"));
    let span = match op.note.cancelled {
        Some(span) => span,
        None if stopped => {
            let told = |i: &usize| {
                let part = op.note.sentences.get(*i).map(|s| s.part);
                part.is_some_and(|p| !matches!(p, Part::History | Part::Plan))
            };
            (0..op.note.sentences.len()).filter(told).find_map(|i| {
                let s = op.note.sentences.get(i)?;
                all(&STOPPED, op.note.words(i)).first().map(|(a, b)| (s.start + a, s.start + b))
            })?
        }
        None => return None,
    };
    let near = op.note.doc.slice(span.0.saturating_sub(AROUND), span.1 + AROUND);
    let code = match () {
        () if has(&LEFT, near) => "Z53.21",
        () if has(&OWN_CHOICE, near) => "Z53.29",
        () if has(&OTHER_REASON, near) => "Z53.8",
        () => "Z53.09",
    };
    Some((code, span))
}
