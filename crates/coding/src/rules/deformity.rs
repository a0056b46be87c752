//! Long fusions for deformity count segments instead of interspaces; osteotomies.
//!
//! Sources: spine rules 3.19. A posterior fusion of seven or more segments for scoliosis or kyphosis, or an
//! anterior one beside it, is coded by its length.

use super::fusion::Fused;
use super::{Sheet, at, bones, bounds};
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::text::re;
use iambilly_claim::{Interspace, Region};

/// Which sides were coded as deformity fusions.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Deformed {
    pub(super) anterior: bool,
    pub(super) posterior: bool,
}

re!(CURVE, r"scolio\w+|kyphos\w+|kyphoscolio\w+|flat-?back|scheuermann");

pub(super) fn apply(
    op: &Operation<'_>,
    f: &Fused,
    front: &[&Entity],
    back: &[&Entity],
    sheet: &mut Sheet,
) -> Deformed {
    osteotomies(op, sheet);
    let mut out = Deformed::default();
    if !op.mentions(&CURVE) {
        return out;
    }
    let posterior = bounds(&f.posterolateral);
    // The fusion of a neck is coded by its interspaces whatever its curve.
    let neck = posterior.iter().filter(|v| v.region() == Region::Cervical).count();
    if posterior.len() >= 7 && neck * 2 <= posterior.len() {
        let code = match posterior.len() {
            0..=6 => "22800",
            7..=12 => "22802",
            _ => "22804",
        };
        sheet.line(
            code,
            1,
            bones(&posterior),
            back,
            "posterior fusion for deformity, counted in segments (3.19)",
        );
        out.posterior = true;
    }
    let anterior = bounds(&f.anterior);
    if out.posterior && anterior.len() >= 2 {
        let code = match anterior.len() {
            0..=3 => "22808",
            4..=7 => "22810",
            _ => "22812",
        };
        sheet.line(
            code,
            1,
            bones(&anterior),
            front,
            "anterior fusion for deformity, counted in segments (3.19)",
        );
        out.anterior = true;
    }
    out
}

fn osteotomies(op: &Operation<'_>, sheet: &mut Sheet) {
    let three = op.work(&[C::OsteotomyThreeColumn]);
    let column = op.work(&[C::OsteotomyPosterior]);
    // Beside a three-column osteotomy those of the posterior column lie at other levels: column two of it.
    let beside = !three.is_empty();
    let cut: Vec<_> = three.iter().flat_map(|e| e.vertebrae()).collect();
    for (found, codes, more, why) in [
        (three, ["22206", "22206", "22207"], "22208", "three-column osteotomy (3.19)"),
        (column, ["22210", "22212", "22214"], "22216", "posterior column osteotomy (3.19)"),
    ] {
        if found.is_empty() {
            continue;
        }
        let mut levels = vec![];
        let mut region = None;
        for e in &found {
            let spaces: Vec<Interspace> = e.interspaces();
            region =
                region.or(spaces.first().map(|s| s.region())).or(e.vertebrae().first().map(|v| v.region()));
            let borrowed =
                more == "22216" && spaces.is_empty() && e.vertebrae().iter().all(|v| cut.contains(v));
            if e.groups.is_empty() || borrowed {
                // "Posterior column osteotomies x 2": the narrative names the places.
                let told = op.documented(&[e.concept]);
                let told = told.iter().filter(|t| t.part == crate::sections::Part::Body);
                levels.extend(at(&crate::level::dedup(told.flat_map(|t| t.interspaces()).collect())))
            } else if e.groups.iter().all(crate::level::Group::only_singles) {
                levels.extend(bones(&e.vertebrae()))
            } else {
                levels.extend(at(&spaces))
            }
        }
        levels.dedup();
        let code = match region.or(op.region) {
            Some(Region::Cervical) => codes[0],
            Some(Region::Thoracic) => codes[1],
            _ => codes[2],
        };
        let n = levels.len().max(1);
        let distinct = beside && more == "22216" && !levels.is_empty();
        if let Some(d) = sheet.line(code, 1, levels.iter().take(1).copied().collect(), &found, why)
            && distinct
        {
            d.modifiers.push("59");
        }
        if let Some(d) = sheet.line(more, n - 1, levels.iter().skip(1).copied().collect(), &found, why) {
            d.primary = Some(code);
            if distinct {
                d.modifiers.push("59");
            }
        }
    }
}
