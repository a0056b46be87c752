//! Implants: posterior and anterior fixation by attached segments, cages by interspace (grafts: `grafts`).
//!
//! Sources: spine rules 3.1, 3.10, section 1; bundles SP-05, SP-06, SP-14, SP-22.

mod attached;

use super::fusion::Fused;
use super::{Sheet, at, bones, bounds, grafts};
use crate::approach::Way;
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{all, has, re};
use attached::{attached, rows};
use iambilly_claim::{Interspace, Level, Vertebra};

re!(
    SEPARATE,
    r"separate (?:\w+ ){0,4}plate|plate\b[^.]{0,60}(?:not attached|separate|independent|distinct|stand-?alone|own screws|apart from)|separate anterior|(?:distinct|independent) (?:\w+ ){0,3}plate|cages? ha(?:s|ve|d) no (?:fixation|screws?)"
);
re!(
    OLD,
    r"\bold\b|\b(?:19|20)\d\d (?:rods?|screws?|hardware|instrumentation|implants?|cages?|plate|fixation|construct)|previous|\bprior\b(?: [^t]|$)|existing|retained"
);
re!(
    OLD_AFTER,
    r"\b(?:screws?|rods?|hardware|instrumentation|implants?)\b[^.;]{0,60}?\b(?:removed|backed out|unscrewed|explanted|taken out|uncovered|stressed|loosened|left in place|remain(?:s|ed)?|in good position|untouched|not (?:removed|exchanged|disturbed))\b|\b(?:removed|uncovered|exposed|unlocked|loosened|stressed) (?:\w+ ){0,6}?(?:screws?|rods?|hardware|instrumentation|implants?)\b"
);
// What was removed is this, and not the screws named before it.
re!(
    OTHER_PART,
    r"\b(?:facets?|lamin\w+|dis[ck]s?|bone|ligament\w*|flavum|process\w*|osteophytes?|scar|tumou?r|retractors?|needles?|drapes?)\b"
);
re!(
    TAKEN_OUT,
    r"\b(?:screws?|rods?|hardware|instrumentation|implants?|links?)\b[^.;]{0,60}\b(?:removed|backed out|unscrewed|explanted|taken out)\b|\b(?:remov(?:al of|ed)|tak(?:e|ing) out(?: of)?|take-?down of|explantation of) (?:[\w/,-]+ ){0,6}?(?:screws?|rods?|hardware|instrumentation|implants?)\b"
);
re!(
    NEW,
    r"\b(?:new|replac\w+|exchang\w+|re-?insert\w*|re-?instrument\w*|revis\w+|placement|insertion|inserted|fusion)\b"
);
// Nothing was opened behind: screws that are told of there are old.
re!(
    NOT_BEHIND,
    r"\b(?:no|without(?: an?| any)?) (?:posterior|dorsal|back) (?:incisions?|approach|exposure|screws?|fixation|instrumentation|hardware|stage|surgery)"
);
re!(BEHIND, r"posterior|pedicle|percutaneous|lateral mass|facet|translaminar|pars|prone|rods?\b");
re!(
    PUT_IN,
    r"\b(?:placed|inserted|put|into|in|probed|cannulated|tapped|drilled|instrumented|seated|passed|screws? at|holes?|each side|both sides|either side|bilateral\w*)\b"
);

// New screws in the holes of the old ones are new.
re!(
    OLD_HOLE,
    r"\b(?:old|previous|prior|existing|same) (?:\w+ )?(?:holes?|tracks?|tracts?|paths?|tunnels?|trajector\w+|entry|sites?)\b"
);
re!(BRACKET, r"\([^()]{3,200}\)?");
re!(
    NEWLY,
    r"\b(?:new|fresh|larger|bigger|thicker|longer|up-?sized)\b[^.;]{0,40}\b(?:screws?|rods?|mm|diameter)\b|\b(?:replaced|exchanged|swapped|changed)\b[^.;]{0,24}\b(?:by|with|for|to|out for)\b"
);

/// The words tell of fixation of an earlier day, and not only of the holes it left.
pub(super) fn is_old(words: &str) -> bool {
    let mut rest = words.to_owned();
    for (a, b) in all(&OLD_HOLE, words) {
        rest.replace_range(a..b, &" ".repeat(b - a));
    }
    // What a bracket adds tells of something beside.
    for (a, b) in all(&BRACKET, words) {
        rest.replace_range(a..b, &" ".repeat(b - a));
    }
    let gone = |s: (usize, usize)| rest.get(s.0..s.1).is_some_and(|between| !has(&OTHER_PART, between));
    let old = has(&OLD, &rest) || all(&OLD_AFTER, &rest).into_iter().any(gone);
    old && !has(&NEWLY, &rest)
}

re!(
    ON_THE_DEVICE,
    r"\b(?:device|cage|implant|spacer|it)\b[^.;]{0,24}\b(?:no|not have|not carry|without)\b[^.;]{0,30}\b(?:on|of|in) (?:it|its own)\b|\b(?:device|cage|implant|spacer)\b (?:itself )?(?:has|had|does not have|did not have|with) (?:no |any )?(?:\w+ ){0,2}(?:plate|screws?)"
);
// "Take out of the L4, L5 and S1 screws" in a list that goes on with the new ones.
re!(
    TAKING_OUT,
    r"\b(?:remov(?:al of|ed|ing)|tak(?:e|ing) out(?: of)?|explant(?:ation of|ed|ing))(?:,? (?:the|old|all|both|of|and|broken|loose|left|right|bilateral|pedicle|segmental|posterior|spinal|lumbar|painful|retained|instrumentation|hardware|implants?|fixation|[clts]\d[\w/-]*))*,?\s*$"
);
re!(JOINED, r"\bscrews?\b[^.;]{0,90}\b(?:joined|linked|connected|rods?|plate)\b");
re!(DEVICE, r"\b(?:devices?|implants?|spacers?|cages?|interbod(?:y|ies))\b");

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    let front = !f.anterior.is_empty() || !f.corpectomy.is_empty();
    // Past the ribs the body is reached from behind, and so are the screws.
    posterior(op, f, front && !super::fusion::extracavitary(op), sheet);
    let cages = if front || !f.posterior_interbody.is_empty() { cage(op, f, sheet) } else { false };
    if front {
        plate(op, f, cages, sheet);
    }
    if f.any() {
        grafts::apply(op, f, cages, sheet);
    }
}

fn posterior(op: &Operation<'_>, f: &Fused, front: bool, sheet: &mut Sheet) {
    if f.laminoplasty || super::overstated::screws_denied(op) {
        return;
    }
    let neck_only = front && f.posterior().is_empty() && op.front_of_neck;
    let mut found = op.documented(&[C::Screws]);
    if !neck_only && f.posterior().len() + f.anterior.len() > 0 && f.anterior.is_empty() {
        found.extend(op.documented(&[C::Instrumentation]));
    }
    if front && !found.is_empty() && f.posterior().is_empty() && !neck_only {
        // Through the front only: the screws of a plate are not posterior fixation.
        found.retain(|e| has(&BEHIND, op.note.words(e.sentence)));
    }
    if !front && f.any() && found.is_empty() {
        found.extend(op.documented(&[C::BoneScrews]));
    }
    if front && !f.posterior().is_empty() && found.is_empty() {
        let behind = |e: &&Entity| op.account.ways.get(e.sentence).copied().flatten() == Some(Way::Behind);
        found.extend(op.documented(&[C::BoneScrews]).into_iter().filter(behind));
    }
    found.retain(|e| {
        !neck_only
            || op.note.words(e.sentence).contains("posterior")
            || op.note.words(e.sentence).contains("pedicle")
    });
    found.retain(|e| {
        let words = op.note.words(e.sentence);
        !is_old(words) || e.part == Part::Procedures && (!has(&TAKEN_OUT, words) || has(&NEW, words))
    });
    found.retain(|e| !has(&TAKING_OUT, op.note.doc.slice(e.start.saturating_sub(64), e.start)));
    let listed = found.iter().any(|e| e.part == Part::Procedures);
    if front
        && f.posterior().is_empty()
        && !listed
        && !op.find(&NOT_BEHIND, &[Part::Body], &super::decompression::ANY).is_empty()
    {
        return;
    }
    let rows = rows(op);
    if found.is_empty() && !f.posterior().is_empty() && rows.len() > 1 {
        let vs = attached(op, f, &[]);
        if let Some(d) = sheet.line(
            fixation(vs.len()),
            1,
            bones(&vs),
            &[],
            "posterior fixation by attached segments, from the list of implants (3.10, CNT)",
        ) {
            d.spans = rows;
        }
        return;
    }
    // Screws alone, without a fusion or a listing, are a passing mention.
    if found.is_empty() || (!f.any() && !found.iter().any(|e| e.part == Part::Procedures)) {
        return;
    }
    if !f.any() && (f.replaced.len() + f.disc_only.len() > 0) {
        return;
    }
    let mut pelvis = op.documented(&[C::PelvicFixation]);
    if pelvis.is_empty() {
        // "Instrumentation T10 to the pelvis."
        pelvis = found.iter().copied().filter(|e| e.groups.iter().any(|g| g.pelvis)).collect();
    }
    let vs = attached(op, f, &found);
    let code = fixation(vs.len());
    let mut from = found;
    from.sort_by_key(|e| (e.part != Part::Procedures, e.start));
    from.truncate(3);
    sheet.line(code, 1, bones(&vs), &from, "posterior fixation by attached segments (3.10, CNT)");
    if !pelvis.is_empty() {
        sheet.line("22848", 1, vec![Level::Pelvis], &pelvis, "fixation to the pelvis, once (3.10)");
    }
}

/// The code of posterior fixation by the number of segments attached.
const fn fixation(segments: usize) -> &'static str {
    match segments {
        0..=2 => "22840",
        3..=6 => "22842",
        7..=12 => "22843",
        _ => "22844",
    }
}

fn cage(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) -> bool {
    let found = op.documented(&[C::Cage, C::IntegratedCage]);
    let real: Vec<&Entity> = found
        .into_iter()
        .filter(|e| op.put_in(e))
        .filter(|e| {
            op.account.left_alone.is_empty()
                || !e.groups.is_empty()
                || e.part == Part::Procedures
                || e.part == Part::Body
        })
        .collect();
    // "A zero-profile device with its own screws" is the device as well.
    let device = |e: &&Entity| e.concept == C::Cage || has(&DEVICE, op.note.doc.slice(e.start, e.end + 24));
    if !real.iter().any(device) {
        return false;
    }
    let gone = if f.corpectomy.is_empty() { spanned(op, &real) } else { f.corpectomy.clone() };
    if !gone.is_empty() {
        sheet.line("22854", 1, bones(&gone), &real[..1], "device in the corpectomy defect (SP-06)");
        return true;
    }
    let all = f.interbody();
    let listed: Vec<_> = real
        .iter()
        .filter(|e| e.part == Part::Procedures && e.concept == C::Cage)
        .flat_map(|e| e.interspaces())
        .collect();
    // "PLIF L4-5, PLIF L5-S1, cages x4": the list names one space beside the cages, the telling cages at each.
    let told = |s: &Interspace| {
        let here = |x: &&crate::account::Event<'_>| {
            let e = x.entity;
            e.concept == C::Cage && e.part == Part::Body && e.done() && e.interspaces().contains(s)
        };
        op.account.events.iter().any(|x| here(&x))
    };
    let mut spaces: Vec<_> = all.iter().copied().filter(|s| listed.contains(s) || told(s)).collect();
    if spaces.is_empty() || listed.is_empty() {
        spaces = all;
    }
    let mut from = real;
    from.sort_by_key(|e| (e.part != Part::Procedures, e.concept != C::Cage, e.start));
    from.truncate(3);
    if let Some(d) = sheet.line(
        "22853",
        spaces.len(),
        at(&spaces),
        &from,
        "interbody device, one per interspace (3.1, CNT)",
    ) && !f.replaced.is_empty()
    {
        d.modifiers.push("59");
    }
    true
}

/// Bones resected whole, of which the telling says that a cage spans the gap: "between T8 and T10".
fn spanned(op: &Operation<'_>, cages: &[&Entity]) -> Vec<Vertebra> {
    let mut gone = super::osteotomy::resected(op);
    gone.retain(|v| {
        let ends = [v.above(), v.below()];
        cages.iter().any(|e| ends.iter().all(|n| n.is_some_and(|n| e.vertebrae().contains(&n))))
    });
    gone
}

/// The note calls the plate separate from the interbody device.
pub(super) fn separate_plate(op: &Operation<'_>) -> bool {
    !op.says(&SEPARATE).is_empty()
}

fn plate(op: &Operation<'_>, f: &Fused, cages: bool, sheet: &mut Sheet) {
    let mut found: Vec<&Entity> = op.documented(&[C::Plate]);
    found.retain(|e| !has(&OLD, op.note.words(e.sentence)) || e.part == Part::Procedures);
    if op.front_of_neck && f.posterior().is_empty() {
        found.extend(
            op.documented(&[C::Instrumentation, C::Screws])
                .iter()
                .filter(|e| e.part == Part::Procedures && !op.note.words(e.sentence).contains("posterior")),
        );
    }
    if found.is_empty() && f.posterior().is_empty() && op.by_flank() {
        // Screws in the bodies joined by rods, through the flank or the chest.
        let way = |e: &Entity| op.account.ways.get(e.sentence).copied().flatten();
        let joined = |e: &&Entity| {
            let words = op.note.words(e.sentence);
            e.part == Part::Body && way(e) == Some(Way::Front) && has(&JOINED, words) && has(&PUT_IN, words)
        };
        found.extend(op.documented(&[C::BoneScrews, C::Screws]).into_iter().filter(joined));
    }
    let separate = separate_plate(op);
    let integral = op.documented(&[C::IntegratedCage]);
    let denied = op.denied(&[C::Plate]);
    if !integral.is_empty() && !separate {
        let mut spans: Vec<(usize, usize)> = integral.iter().map(|e| e.reach()).collect();
        spans.extend(denied.first().map(|e| (e.start, e.end)));
        return sheet.refuse(
            "22845",
            "the screws anchor the device itself; no separate plate is documented",
            "SP-05",
            spans,
        );
    }
    if found.is_empty() {
        return sheet.refuse(
            "22845",
            "the note says no plate was placed",
            "SP-05",
            denied.iter().map(|e| (e.start, e.end)).collect(),
        );
    }
    // "That device has no plate or screws on it" denies none beside it.
    let of_device = |e: &Entity| has(&ON_THE_DEVICE, op.note.words(e.sentence));
    if denied.iter().any(|e| e.part == Part::Body && !of_device(e))
        && !found.iter().any(|e| e.part == Part::Procedures)
    {
        return;
    }
    let fused = bounds(&f.anterior);
    let listed: Vec<Vertebra> = {
        let mut v: Vec<Vertebra> =
            found.iter().filter(|e| e.part == Part::Procedures).flat_map(|e| e.vertebrae()).collect();
        v.sort();
        v.dedup();
        v.retain(|v| *v <= Vertebra::S1);
        v
    };
    let vs = if listed.len() >= 2 && listed.iter().all(|v| fused.contains(v)) { listed } else { fused };
    let code = match vs.len() {
        0..=3 => "22845",
        4..=7 => "22846",
        _ => "22847",
    };
    found.sort_by_key(|e| (e.part != Part::Procedures, e.start));
    found.truncate(3);
    let spans = found.iter().map(|e| e.reach()).collect();
    if let Some(d) =
        sheet.line(code, 1, bones(&vs), &found, "anterior fixation by segments spanned (3.10, CNT)")
        && cages
    {
        d.modifiers.push("59");
        if !separate {
            d.confidence = d.confidence.min(0.75);
            sheet.ask("Is the plate separate from the interbody device, not anchoring it?", &[code], spans);
        }
    }
}
