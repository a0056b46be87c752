//! Fixation removed and fusions explored.
//!
//! Sources: spine rules 3.20; SP-09, SP-10.

use super::fusion::Fused;
use super::{Sheet, bones, bounds};
use crate::concept::Concept as C;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::Entity;

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    let removed = op.work(&[C::HardwareRemoval]);
    let spans: Vec<(usize, usize)> = removed.iter().map(|e| e.reach()).collect();
    if !removed.is_empty() {
        let front = op.front_of_neck || removed.iter().any(|e| has_front(op, e));
        let vs = removed.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>();
        let segments = if vs.is_empty() { bounds(&f.posterior()).len() } else { dedup(vs.clone()).len() };
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

fn has_front(op: &Operation<'_>, e: &Entity) -> bool {
    op.note.words(e.sentence).contains("anterior")
}
