//! Laminae lifted out for work within the canal and put back: reported beside that work, and not as a laminoplasty.
//!
//! Sources: section 2 (primaries of 63295), 3.4, 3.18.

use super::{Sheet, bones};
use crate::concept::Concept as C;
use crate::level::Group;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{has, re};

re!(
    PUT_BACK,
    r"\b(?:lamin\w+|(?:posterior|neural) arch\w*|bone flap|roof)\b[^.;]{0,120}\b(?:put back|laid back|set back|placed back|replaced|returned|re-?attached|re-?implanted|re-?positioned|restored|re-?secured|secured|fixed|plated|re-?constructed|sewn back|tied back)\b[^.;]{0,90}\b(?:plates?|mini-?plates?|micro-?plates?|sutures?|screws?|wires?|silk|ethibond|nylon|titanium)\b"
);
re!(RECONSTRUCTION, r"osteoplastic|laminar reconstruction|reconstruction of the (?:lamin\w+|posterior arch)");

/// Operations beside which the reconstruction is reported (CMS add-on table).
fn carries(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|n| {
        [63172, 63173, 63185, 63190, 63200, 63290].contains(&n)
            || [63250..=63252, 63265..=63268, 63270..=63273, 63275..=63278, 63280..=63283, 63285..=63287]
                .iter()
                .any(|r| r.contains(&n))
    })
}

pub(super) fn apply(op: &Operation<'_>, sheet: &mut Sheet) {
    let Some(primary) = sheet.drafts.iter().find(|d| carries(d.code)).map(|d| d.code) else { return };
    let named = op.documented(&[C::Laminoplasty]);
    let mut spans = op.says(&PUT_BACK);
    if spans.is_empty() {
        spans = op.says(&RECONSTRUCTION);
    }
    if spans.is_empty() && named.is_empty() {
        return;
    }
    let at = |i: usize| op.note.sentences.iter().position(|s| s.start <= i && i < s.end);
    let told: Vec<usize> =
        spans.iter().filter_map(|s| at(s.0)).chain(named.iter().map(|e| e.sentence)).collect();
    let mut vs: Vec<_> = op
        .note
        .groups
        .iter()
        .filter(|g| !g.nerve && at(g.start).is_some_and(|i| told.contains(&i)))
        .flat_map(Group::vertebrae)
        .collect();
    vs.sort();
    vs.dedup();
    let from: Vec<_> = if named.is_empty() { op.documented(&[C::LaminaOpened]) } else { named };
    if let Some(d) = sheet.line(
        "63295",
        1,
        bones(&vs),
        &from[..from.len().min(1)],
        "laminae put back after work within the canal (section 2)",
    ) {
        d.primary = Some(primary);
        d.spans.extend(spans.first());
    }
}

re!(
    BLOCK,
    r"tri-?cortical|(?:cortico-?cancellous|cortical|bone) plates?\b|bi-?cortical|three cortical|\bblocks?\b|\bstruts?\b|\bwedges?\b|horse-?shoe|\bdowels?\b|\bplugs?\b|structural|\bh[- ](?:shaped|graft|plate)|\bbrooks\b|\bgallie\b|\bsonntag\b|\bnotched\b|smith[- ]robinson|interposition|press[- ]?fit"
);

/// Bone of another incision that is one piece and bears: named so in its own sentence or the next ones.
pub(super) fn in_one_piece(op: &Operation<'_>, sentence: usize) -> bool {
    let here = op.note.sentences.get(sentence).map(|s| s.section);
    (sentence..sentence + 3)
        .filter(|i| {
            op.note.sentences.get(*i).is_some_and(|s| Some(s.section) == here || s.part == Part::Body)
        })
        .take(2)
        .any(|i| has(&BLOCK, op.note.words(i)))
}
