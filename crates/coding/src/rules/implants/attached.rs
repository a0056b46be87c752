//! The segments that a posterior construct is attached to: as listed, as the telling places screws, else as fused.
//!
//! Source: spine rules 3.10, section 1.

use super::{PUT_IN, is_old};
use crate::concept::Concept as C;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::rules::bounds;
use crate::rules::fusion::Fused;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::Vertebra;
use iambilly_claim::coding::Laterality;

re!(REASON, r"\b(?:since|because|as the|due to|owing to)\b");
re!(SCREW, r"screws?|hooks?|pedicles?|lateral mass|\bpars\b|\bs2ai\b");
// "C3 L/R lateral mass 3.5x14": a row of an implant table.
re!(SIZE, r"\b\d(?:\.\d+)? ?(?:mm )?(?:x|by|/) ?\d\d\b");
re!(
    SKIPPED,
    r"skipped|not instrumented|(?:were|was) not (?:used|cannulated)|no screws?|without screws?|left (?:empty|without)"
);
re!(FRAME, r"\b(?:reference|tracker|array|arc|frame|clamp(?:ed)?|marker|fiducial)\b[^,;]{0,24}$");
re!(RODS, r"\brods?\b");
re!(
    ON_THE_SKULL,
    r"occipital (?:\w+ )?(?:plates?|screws?)|(?:plates?|screws?)\b[^.;]{0,24}\b(?:on|to|into) (?:the )?(?:occiput|skull|keel)"
);

/// Rows of a list of implants that give a bone its screw.
pub(super) fn rows(op: &Operation<'_>) -> Vec<(usize, usize)> {
    let s = &op.note.sentences;
    let row = |i: &usize| {
        let words = op.note.words(*i);
        s.get(*i).is_some_and(|x| x.part == Part::Implants)
            && has(&SCREW, words)
            && has(&SIZE, words)
            && !has(&SKIPPED, words)
    };
    (0..s.len()).filter(row).filter_map(|i| s.get(i).map(|x| (x.start, x.end))).collect()
}

/// Segments the construct is attached to: as listed; else where the narrative puts screws; else those fused.
pub(super) fn attached(op: &Operation<'_>, f: &Fused, found: &[&Entity]) -> Vec<Vertebra> {
    let sorted = |mut vs: Vec<Vertebra>| {
        vs.sort();
        vs.dedup();
        vs.retain(|v| *v <= Vertebra::S1);
        vs
    };
    let fused = {
        let back = f.posterior();
        bounds(if back.is_empty() { &f.anterior } else { &back })
    };
    let listed: Vec<&&Entity> =
        found.iter().filter(|e| e.part == Part::Procedures && !e.groups.is_empty()).collect();
    let named = sorted(listed.iter().flat_map(|e| e.vertebrae()).collect());
    let mut placed = screwed(op);
    if fused.first() == Some(&Vertebra::OCCIPUT) && !op.says(&ON_THE_SKULL).is_empty() {
        placed.push(Vertebra::OCCIPUT);
    }
    let placed = sorted(placed);
    let touches_fused = |vs: &[Vertebra]| vs.len() >= 2 && vs.iter().any(|v| fused.contains(v));
    // A heading as long as what was booked: the bones of a level that was not fused after all hold no screws.
    let mut dropped = op.account.unfused.clone();
    dropped.extend(op.account.left_alone.iter().map(|l| l.0));
    let dropped = bounds(&dropped);
    let beyond = |v: &Vertebra| !placed.contains(v) && dropped.contains(v);
    if touches_fused(&placed) && placed.iter().all(|v| named.contains(v)) && named.iter().any(beyond) {
        return placed;
    }
    // "Osteotomies T7-8 to T9-10, screws": the heading's levels are those of something else where the narrative gives
    // more bones of the fusion their screws, one by one.
    let within = |v: &Vertebra| fused.first() <= Some(v) && Some(v) <= fused.last();
    if placed.len() > named.len() && touches_fused(&placed) && placed.iter().all(within) {
        return placed;
    }
    if named.len() >= 2 && touches_fused(&named) {
        // Fixed at both ends only: the ends carry the screws, the middle is spanned.
        let ends = placed.len() >= 2
            && placed.len() < named.len()
            && placed.first() == named.first()
            && placed.last() == named.last();
        let singles = listed.iter().all(|e| e.groups.iter().all(Group::only_singles));
        let spanned = op.documented(&[C::Screws]).iter().filter(|e| e.part == Part::Body).count() > 0
            && named.len() == 3;
        // Bones inside the stretch without a screw ("T9, T10, T12 and L1" for "T9 to L1") are passed over.
        let one_passed = ends && placed.len() * 3 >= named.len() * 2;
        return if (one_passed || ends && spanned) && !singles { placed } else { named };
    }
    if touches_fused(&placed) {
        return placed;
    }
    if named.len() >= 2 {
        return named;
    }
    let rods = along_rods(op);
    if touches_fused(&rods) { rods } else { fused }
}

/// The stretch that new rods of the telling run along, where no screws say more.
fn along_rods(op: &Operation<'_>) -> Vec<Vertebra> {
    let mut out = vec![];
    for (i, s) in op.note.sentences.iter().enumerate().filter(|(_, s)| s.part == Part::Body) {
        let words = op.note.words(i);
        if has(&RODS, words) && !is_old(words) {
            let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
            out.extend(here.filter(|g| !g.interspaces().is_empty()).flat_map(Group::vertebrae));
        }
    }
    out.sort();
    out.dedup();
    out.retain(|v| *v <= Vertebra::S1);
    out
}

re!(
    LEVELS_ALONE,
    r"^\W*[clts]\d{1,2}\b(?:[clts]?\d{1,2}|left|right|bilateral\w*|both sides|only|and|on|the|each side|to|[\s,/&+()-])*\W*$"
);
re!(ROD_ALONG, r"\brods?\b[^.;,]{0,16}\b(?:spann\w+|across|bridg\w+|along|from)\b[^.;,]{0,12}$");
re!(
    EXCEPT,
    r"\b(?:except|excepting|excluding|save|but (?:for|not)|other than|apart from|sparing|skipping|leaving out|omitting)(?: for| at| in| the| both| pedicles?| of)*\s*$"
);
re!(
    PEDICLE_AWAY,
    r"\bpedicles?\b (?:\w+ ){0,4}?(?:drilled|removed|resected|taken|burred|cut|excised|nibbled|off)\b"
);
re!(MARKED, r"\b(?:markers?|needles?|x-?rays?|radiographs?|films?|clamp|towel clip|penfield)\b");

/// Vertebrae named together with screws in the narrative.
fn screwed(op: &Operation<'_>) -> Vec<Vertebra> {
    let (mut out, mut skipped) = (vec![], vec![]);
    let mut last = None;
    for (i, s) in op.note.sentences.iter().enumerate() {
        let words = op.note.words(i);
        // "T4, T5 and T6 bilaterally; T7 left only; T8 right only": the list goes on behind its first stop.
        let goes_on = last.is_some_and(|l| l + 1 == i) && has(&LEVELS_ALONE, words);
        if goes_on {
            last = Some(i);
            let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end);
            out.extend(here.flat_map(Group::vertebrae));
            continue;
        }
        // The bone a marker was put on for the count holds no screw by that.
        let marked = has(&MARKED, words) && !words.contains("screw") && !words.contains("hook");
        if !matches!(s.part, Part::Body | Part::Implants) || !has(&SCREW, words) || is_old(words) || marked {
            continue;
        }
        // A pedicle drilled away holds no screw.
        if has(&PEDICLE_AWAY, words) && !words.contains("screw") && !words.contains("hook") {
            continue;
        }
        let placed = op.note.entities.iter().any(|e| {
            e.sentence == i
                && e.done()
                && matches!(e.concept, C::Screws | C::Instrumentation | C::PelvicFixation)
        });
        // "Screws T10 to S1 except L3".
        let except =
            |g: &&Group| has(&EXCEPT, op.note.doc.slice(g.start.saturating_sub(28).max(s.start), g.start));
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        skipped.extend(here.filter(except).flat_map(Group::vertebrae));
        // A reference frame is clamped to a bone that holds no screw.
        let frame =
            |g: &Group| has(&FRAME, op.note.doc.slice(g.start.saturating_sub(40).max(s.start), g.start));
        // Nor does every bone that a further rod runs past.
        let spanned =
            |g: &Group| has(&ROD_ALONG, op.note.doc.slice(g.start.saturating_sub(48).max(s.start), g.start));
        let groups = op
            .note
            .groups
            .iter()
            .filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve && !frame(g) && !spanned(g));
        // "T11 was not instrumented since the pedicle was split on the right": the reason's side is not the screw's.
        let said = all(&REASON, words).first().and_then(|r| words.get(..r.0)).unwrap_or(words);
        let one_sided = matches!(crate::reader::one_side(said), Some(Laterality::Left | Laterality::Right));
        if has(&SKIPPED, said) && (!one_sided || said.contains(" left without")) {
            skipped.extend(groups.flat_map(Group::vertebrae));
            continue;
        }
        let row = s.part == Part::Implants && has(&SIZE, words);
        if placed || row || has(&PUT_IN, words) {
            last = Some(i);
            out.extend(groups.flat_map(Group::vertebrae));
        }
    }
    out.retain(|v| !skipped.contains(v));
    dedup(out)
}
