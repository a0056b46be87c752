//! Vertebral bodies removed: named by a heading, told by what was done, or claimed by a heading and not done.
//!
//! Sources: spine rules 3.1.6, 3.9; a corpectomy takes at least half of a cervical body, a third of one below.

use super::fusion::{Fused, extracavitary};
use super::{Sheet, bones};
use crate::approach;
use crate::assertion::Assertion;
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::{Interspace, Region, Vertebra};

// Through the chest and behind the abdomen at once.
re!(
    BOTH_CAVITIES,
    r"thoraco-?abdominal|thoraco-?lumbar approach|combined thoraco\w+|\bdiaphragm\b[^.;]{0,40}\b(?:taken down|divided|incised|cut|detached|opened|split)"
);
re!(PARTIAL, r"partial (?:corpectomy|vertebrectomy)");

// A share of a body that was taken.
re!(
    SHARE,
    r"\b(?:(?:about|around|roughly|only|some|approximately|less than|under) )*(?:the |a |an |one )?(?:(?:lower|upper|posterior|back|dorsal|superior|inferior|caudal|cranial|rear)[ -]){0,2}(?:third|quarter|fourth|fifth|sixth|10|15|20|25|30|33|35|40)(?: ?(?:%|percent|per ?cent))?(?: or so)? (?:of )?(?:the )?(?:\w+ ){0,3}?(?:body|vertebra)\b[^.;]{0,80}\b(?:remov\w+|drill\w+|resect\w+|burr\w+|taken|took|undercut|off|away)"
);
re!(
    NOT_NEEDED,
    r"\b(?:no|not|without|rather than|instead of|short of|never) (?:a |an )?(?:formal |full |complete |true |whole )*(?:corpectomy|vertebrectomy)|(?:corpectomy|vertebrectomy) (?:was|is) (?:therefore |thus |then |so |felt |found )*(?:not|un)|less than half|(?:body|bodies) (?:itself |themselves )?(?:was|were) (?:otherwise )?(?:preserved|kept|spared|left|intact)"
);

/// The narrative says how little of a body a headed corpectomy took: under half in the neck, under a third below;
/// or it denies the corpectomy outright and no body is said to be gone.
fn too_little(op: &Operation<'_>, found: &[&Entity]) -> Option<Vec<(usize, usize)>> {
    let parts = [Part::Body, Part::Other];
    let neck = found.iter().flat_map(|e| e.vertebrae()).next().is_none_or(|v| v.region() == Region::Cervical);
    let low = |s: &(usize, usize)| {
        let words = op.note.doc.slice(s.0, s.1);
        neck || !words.contains("third")
            && !words.contains("33")
            && !words.contains("35")
            && !words.contains("40")
    };
    let little: Vec<(usize, usize)> =
        op.find(&SHARE, &parts, &[Assertion::Done]).into_iter().filter(low).collect();
    let denied = op.find(&NOT_NEEDED, &parts, &[Assertion::Done, Assertion::Denied]);
    let body = |e: &&&Entity| matches!(e.part, Part::Body | Part::Other);
    // Half, most, two thirds, nine tenths: enough.
    let enough = op.find(&ENOUGH, &parts, &[Assertion::Done]);
    if !enough.is_empty() || (little.is_empty() && denied.is_empty()) {
        return None;
    }
    // What the narrative itself calls a corpectomy, done, stands unless its share says otherwise.
    if little.is_empty() && found.iter().chain(&op.documented(&[C::Corpectomy])).any(|e| body(&e)) {
        return None;
    }
    let mut spans: Vec<(usize, usize)> = found.iter().map(|e| e.reach()).take(1).collect();
    spans.extend(little.first().or(denied.first()));
    Some(spans)
}

re!(
    ENOUGH,
    r"\b(?:half|most|all|bulk|entire|whole|two[- ]thirds|three[- ]quarters|(?:5|6|7|8|9)\d ?(?:%|percent|per ?cent)|\b(?:fifty|sixty|seventy|eighty|ninety)\b[a-z -]{0,10}per ?cent)\b[^.;]{0,30}\b(?:body|bodies|vertebra)\b[^.;]{0,60}\b(?:remov\w+|drill\w+|resect\w+|burr\w+|taken|took|gone|out|away)|\b(?:remov\w+|drill\w+|resect\w+|burr\w+|took)\b[^.;]{0,30}\b(?:half|most|all|the bulk|entire|whole|two[- ]thirds|three[- ]quarters)\b[^.;]{0,20}\b(?:body|vertebra)"
);

/// Corpectomy needs half of a cervical body removed; "partial" without more is a question (3.1.6).
/// A corpectomy is named with its bodies, and nothing says that too little was taken for one.
pub(super) fn named(op: &Operation<'_>) -> bool {
    let found = op.work(&[C::Corpectomy]);
    let bodies = found.iter().any(|e| e.groups.iter().any(crate::level::Group::only_singles));
    bodies && too_little(op, &found).is_none() && !op.mentions(&PARTIAL)
}

pub(super) fn corpectomies(op: &Operation<'_>, f: &mut Fused, sheet: &mut Sheet) {
    let found = op.work(&[C::Corpectomy]);
    if found.is_empty() {
        return unnamed_corpectomy(op, f, sheet);
    }
    if let Some(spans) = too_little(op, &found) {
        sheet.refuse(
            "63081",
            "less of the body was removed than makes a corpectomy: part of the discectomy",
            "SP 3.1",
            spans.clone(),
        );
        sheet.ask(
            "The heading names a corpectomy, the description removes less of the body than that takes: please correct the heading.",
            &["63081", "22551"],
            spans,
        );
        return;
    }
    if op.mentions(&PARTIAL) {
        sheet.ask("How much of the vertebral body was removed? At least half of a cervical or a third of a thoracic or lumbar body makes a corpectomy.", &["63081", "63085", "63087", "63090"], found.iter().map(|e| e.reach()).collect());
        sheet.refuse(
            "63081",
            "partial corpectomy: the share of the body removed is not documented",
            "SP 3.1",
            found.iter().map(|e| e.reach()).collect(),
        );
        return;
    }
    let mut bodies: Vec<Vertebra> = found
        .iter()
        .filter(|e| e.groups.iter().any(crate::level::Group::only_singles))
        .flat_map(|e| e.vertebrae())
        .collect();
    bodies.sort();
    bodies.dedup();
    let Some(first) = bodies.first().copied() else { return unnamed_corpectomy(op, f, sheet) };
    let (primary, more) = match first.region() {
        Region::Cervical => ("63081", "63082"),
        Region::Thoracic if extracavitary(op) => ("63101", "63103"),
        _ if extracavitary(op) => ("63102", "63103"),
        _ if !op.says(&BOTH_CAVITIES).is_empty() => ("63087", "63088"),
        Region::Thoracic => ("63085", "63086"),
        _ => ("63090", "63091"),
    };
    sheet.line(primary, 1, bones(&bodies[..1]), &found, "vertebral body removed, first segment (CNT)");
    if let Some(d) = sheet.line(
        more,
        bodies.len() - 1,
        bones(&bodies[1..]),
        &found,
        "vertebral body removed, each further segment (CNT)",
    ) {
        d.primary = Some(primary);
    }
    // The spaces a corpectomy spans are fused across the gap.
    for b in &bodies {
        for s in [b.above().and_then(Interspace::below), Interspace::below(*b)].into_iter().flatten() {
            if !f.anterior.contains(&s) {
                f.anterior.push(s);
            }
        }
    }
    f.anterior.sort();
    f.corpectomy = bodies;
}

/// A body removed and replaced under a heading that names only discs: the narrative is what was done.
fn unnamed_corpectomy(op: &Operation<'_>, f: &mut Fused, sheet: &mut Sheet) {
    if f.anterior.is_empty()
        || op.quoted_only
        || op.mentions(&PARTIAL)
        || !op.denied(&[C::Corpectomy]).is_empty()
    {
        return;
    }
    let (bodies, spans) = approach::bodies_removed(op);
    // Between two interspaces that are fused, or it was an endplate.
    let inside = |v: &Vertebra| {
        let above = v.above().and_then(Interspace::below);
        let below = Interspace::below(*v);
        [above, below].into_iter().all(|s| s.is_some_and(|s| f.anterior.contains(&s)))
    };
    let bodies: Vec<Vertebra> = bodies.into_iter().filter(inside).collect();
    let from = op.documented(&[C::Cage, C::IntegratedCage, C::AllograftStructural, C::Discectomy]);
    let (first, more) = match bodies.first().map(|v| v.region()) {
        Some(Region::Cervical) | None => ("63081", "63082"),
        Some(Region::Thoracic) => ("63085", "63086"),
        _ => ("63090", "63091"),
    };
    for (code, units, part) in [
        (first, bodies.len().min(1), &bodies[..bodies.len().min(1)]),
        (more, bodies.len().saturating_sub(1), &bodies[bodies.len().min(1)..]),
    ] {
        if let Some(d) = sheet.line(
            code,
            units,
            bones(part),
            &from[..from.len().min(1)],
            "vertebral body removed and replaced, told by what was done (3.1, CNT)",
        ) {
            d.spans.splice(..0, spans.iter().copied());
            d.confidence = d.confidence.min(0.65);
            d.primary = (code == more).then_some(first);
        }
    }
    if !bodies.is_empty() {
        sheet.ask(
            "The description removes a vertebral body that the heading does not name: is the heading incomplete?",
            &[first, "22551"],
            spans,
        );
    }
    f.corpectomy = bodies;
}
