//! Fixation removed and fusions explored.
//!
//! Sources: spine rules 3.20; SP-09, SP-10.

use super::fusion::Fused;
use super::{Sheet, bones, bounds};
use crate::concept::Concept as C;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::Vertebra;

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    if put_back(op, f, sheet) {
        return;
    }
    let mut removed = op.work(&[C::HardwareRemoval]);
    if removed.is_empty() && !op.listed && sheet.drafts.is_empty() {
        removed = told(op);
    }
    let spans: Vec<(usize, usize)> = removed.iter().map(|e| e.reach()).collect();
    if !removed.is_empty() {
        let front = op.front_of_neck || removed.iter().any(|e| has_front(op, e));
        let vs = removed.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>();
        let vs =
            if vs.is_empty() { Some(metal_told(op)).filter(|v| v.len() > 1).unwrap_or_default() } else { vs };
        let vs = if vs.is_empty() { op.default_vertebrae() } else { vs };
        // As many screws as are counted, two to a bone.
        let counted = screws_counted(op);
        let stretch = op.default_vertebrae();
        let vs = match counted {
            Some(n) if dedup(vs.clone()).len() < n && stretch.len() == n => stretch,
            _ => vs,
        };
        let segments = if let Some(n) = counted.filter(|n| *n > dedup(vs.clone()).len()) {
            n
        } else if vs.is_empty() {
            bounds(&f.posterior()).len()
        } else {
            dedup(vs.clone()).len()
        };
        let code = if front {
            "22855"
        } else if segments == 2 {
            "22850"
        } else {
            "22852"
        };
        if sheet.has(&["22840", "22842", "22843", "22844", "22845", "22846", "22847"]) {
            sheet.refuse(
                code,
                "old fixation removed and new fixation placed over part of the same segments: insertion only",
                "SP-09",
                spans,
            );
        } else {
            sheet.line(code, 1, bones(&dedup(vs)), &removed, "fixation removed, none put back (3.20)");
        }
    }
    let explored = op.work(&[C::FusionExploration]);
    let spans: Vec<(usize, usize)> = explored.iter().map(|e| e.reach()).collect();
    if sheet.drafts.is_empty() {
        sheet.line(
            "22830",
            usize::from(!explored.is_empty()),
            vec![],
            &explored,
            "exploration of a fusion, nothing else done there (SP-10)",
        );
    } else {
        sheet.refuse("22830", "exploration in the area of other spine work is included", "SP-10", spans);
    }
}

re!(
    OLD_METAL,
    r"\b(?:hardware|instrumentation|fixation|implants?|metal|screws?|plate|rods?)\b[^.;]{0,60}\b(?:pain\w*|prominent|loose|broken|backing out|infect\w*|irritat\w*|retained|catch\w*|years? (?:after|ago|old))|\b(?:painful|prominent|old|retained|loose|broken|infected|symptomatic)(?: \w+){0,2} (?:hardware|instrumentation|fixation|implants?|metal|screws?|plate|rods?)|\bold (?:left |right |midline )*(?:cuts?|scars?|incisions?|wounds?)\b"
);
re!(TEMPORARY, r"caspar|distract\w*|vertebral body pins?|\btrials?\b|temporary|provisional|retractor");

/// Fixation that the telling takes out, in a note that tells of nothing else.
fn told<'a>(op: &Operation<'a>) -> Vec<&'a Entity> {
    if !op.mentions(&OLD_METAL) {
        return vec![];
    }
    let gone = op.documented(&[C::FixationRemoved]);
    let old = |e: &&Entity| e.part == Part::Body && !has(&TEMPORARY, op.note.words(e.sentence));
    gone.into_iter().filter(old).collect()
}

re!(
    COUNTED,
    r"\b(?:(?P<n>four|six|eight|ten|twelve|4|6|8|10|12)) (?:\w+ )?(?:pedicle |set |old |polyaxial )*screws?\b"
);

/// How many bones the screws taken out held, where the telling counts them: two to a bone.
fn screws_counted(op: &Operation<'_>) -> Option<usize> {
    let told = op.find(&COUNTED, &[Part::Body], &super::decompression::ANY);
    let counts = told.iter().filter_map(|s| {
        let n = COUNTED.as_ref()?.captures(op.note.doc.slice(s.0, s.1))?.name("n")?.as_str();
        let words = [("four", 4), ("six", 6), ("eight", 8), ("ten", 10), ("twelve", 12)];
        words.iter().find(|w| w.0 == n).map(|w| w.1).or_else(|| n.parse().ok())
    });
    counts.max().map(|n: usize| n / 2)
}

/// Bones of which the telling says that their metal came out.
fn metal_told(op: &Operation<'_>) -> Vec<Vertebra> {
    let gone = op.documented(&[C::FixationRemoved, C::BoneScrews]);
    let mut vs: Vec<Vertebra> =
        gone.iter().filter(|e| e.part == Part::Body).flat_map(|e| e.vertebrae()).collect();
    vs.retain(|v| *v <= Vertebra::S1);
    vs.sort();
    dedup(vs)
}

re!(
    PUT_BACK,
    r"\bscrews?\b[^.;]{0,110}\b(?:re-?inserted|re-?directed|re-?placed|re-?positioned|put back|new (?:trajectory|path|track|hole))\b|\b(?:new|better|corrected) (?:trajectory|path|track)\b[^.;]{0,60}\bscrews?\b|\brevis(?:ed|ion) of (?:the )?(?:\w+ ){0,3}screws?\b|\brepositioning of (?:the )?(?:\w+ ){0,3}screws?\b"
);
re!(
    MISPLACED,
    r"\bscrews?\b[^.;]{0,60}\b(?:medial\w*|lateral\w*|malposition\w*|misplaced|breach\w*|in the (?:canal|foramen)|too (?:long|low|high))|\b(?:malposition\w*|misplaced|breach\w*)\b[^.;]{0,40}\bscrews?\b"
);

re!(
    BROKEN_RODS,
    r"\brods?\b[^.;]{0,30}\b(?:broke\w*|fractur\w+|cracked|snapped)|\b(?:broken|fractured|cracked|snapped) (?:\w+ )?rods?\b|\brod (?:fractures?|breakage)"
);
re!(
    NEW_RODS,
    r"\b(?:new|replacement|fresh|satellite) (?:[\w.-]+ ){0,4}rods?\b|\brods?\b[^.;]{0,50}\b(?:replaced|exchanged|changed|swapped)\b"
);

/// A screw of an earlier fixation taken out and put back another way, and nothing fused: reinsertion.
fn put_back(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) -> bool {
    let back = op.says(&PUT_BACK);
    let fixed = ["22840", "22842", "22843", "22844", "22845", "22846", "22847", "22849"];
    let rods = op.says(&NEW_RODS);
    let broken = !rods.is_empty() && op.mentions(&BROKEN_RODS);
    let misplaced = !back.is_empty() && op.mentions(&MISPLACED);
    if f.any() || !(misplaced || broken) || sheet.has(&fixed) {
        return false;
    }
    let from = op.documented(&[C::Screws, C::BoneScrews, C::HardwareRemoval, C::FixationRemoved]);
    let from: Vec<&Entity> = from.into_iter().take(2).collect();
    let levels = dedup(from.iter().flat_map(|e| e.vertebrae()).collect());
    if let Some(d) = sheet.line("22849", 1, bones(&levels), &from, "fixation put back another way (3.20)") {
        d.spans.extend(back.first().or(rods.first()));
    }
    true
}

fn has_front(op: &Operation<'_>, e: &Entity) -> bool {
    op.note.words(e.sentence).contains("anterior")
}
