//! Long fusions for deformity count segments instead of interspaces.
//!
//! Sources: spine rules 3.19. A posterior fusion of seven or more segments for scoliosis or kyphosis, or an
//! anterior one beside it, is coded by its length.

use super::fusion::Fused;
use super::{Sheet, bones, bounds, osteotomy};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::text::re;
use iambilly_claim::Region;

/// Which sides were coded as deformity fusions.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Deformed {
    pub(super) anterior: bool,
    pub(super) posterior: bool,
}

re!(
    CURVE,
    r"scolio\w+|kyphos\w+|kyphotic|kyphoscolio\w+|flat-?back|scheuermann|(?:sagittal|coronal) (?:plane )?(?:im|mal)?balance|(?:spinal|adult|sagittal|coronal) deformity|\bcurves? of (?:\d+|\w+)(?:[ -]\w+)? degrees|\b\d+[ -]degree (?:\w+ )?curves?|\b(?:ais|adolescent idiopathic)\b|\bcobb\b|derotat\w+|deformity (?:correction|surgery|fusion|arthrodesis)|(?:correction|fusion|arthrodesis) (?:of|for) (?:the |a |her |his |spinal |adult )*deformity"
);

pub(super) fn apply(
    op: &Operation<'_>,
    f: &Fused,
    front: &[&Entity],
    back: &[&Entity],
    sheet: &mut Sheet,
) -> Deformed {
    osteotomy::apply(op, !f.posterolateral.is_empty(), sheet);
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
