//! Kyphoplasty and vertebroplasty: one primary of a technique, an add-on for each further body.
//!
//! Sources: spine rules 3.11; SP-21. One primary even when thoracic and lumbar bodies are treated together.

use super::{Sheet, bones};
use crate::concept::Concept as C;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::Entity;
use iambilly_claim::{Region, Vertebra};

pub(super) fn apply(op: &Operation<'_>, sheet: &mut Sheet) {
    let kypho = op.work(&[C::Kyphoplasty]);
    let vertebro = op.work(&[C::Vertebroplasty]);
    let done = bodies(op, &kypho);
    family(sheet, ["22513", "22514", "22515"], &done, &kypho);
    let mixed = !done.is_empty();
    let rest: Vec<Vertebra> = bodies(op, &vertebro).into_iter().filter(|v| !done.contains(v)).collect();
    family(sheet, ["22510", "22511", "22512"], &rest, &vertebro);
    if mixed && !rest.is_empty() {
        // Both techniques, different bodies: the vertebroplasty is column two (3.11).
        for d in sheet.drafts.iter_mut().filter(|d| matches!(d.code, "22510" | "22511")) {
            d.modifiers.push("59");
        }
    }
    let biopsy = op.documented(&[C::Biopsy]);
    if mixed || !rest.is_empty() {
        sheet.refuse(
            "20225",
            "biopsy of a body that is augmented is included",
            "SP-21",
            biopsy.iter().map(|e| e.reach()).collect(),
        );
    }
}

fn bodies(op: &Operation<'_>, from: &[&Entity]) -> Vec<Vertebra> {
    if from.is_empty() {
        return vec![];
    }
    let mut vs: Vec<Vertebra> = dedup(from.iter().flat_map(|e| e.vertebrae()).collect());
    if vs.is_empty() {
        vs = op.default_vertebrae();
    }
    vs.sort();
    vs
}

fn family(sheet: &mut Sheet, codes: [&'static str; 3], bodies: &[Vertebra], from: &[&Entity]) {
    let Some(first) = bodies.first() else { return };
    let thoracic = bodies.iter().any(|v| v.region() == Region::Thoracic || v.region() == Region::Cervical);
    let code = if thoracic { codes[0] } else { codes[1] };
    let _ = first;
    sheet.line(code, 1, bones(&bodies[..1]), from, "vertebral augmentation, first body (3.11)");
    if let Some(d) =
        sheet.line(codes[2], bodies.len() - 1, bones(&bodies[1..]), from, "each further body (CNT)")
    {
        d.primary = Some(code);
    }
}
