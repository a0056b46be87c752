//! The lines of arthrodesis and disc replacement: one primary and (n-1) add-ons of its family.

use super::super::{Sheet, at};
use super::{Fused, NECK_DECOMPRESSION, extracavitary};
use crate::concept::Concept as C;
use crate::operation::Operation;
use crate::reader::Entity;
use iambilly_claim::{Interspace, Region};

/// Discs replaced.
pub(super) fn replaced_lines(f: &Fused, from: &[&Entity], sheet: &mut Sheet) {
    let (neck, low): (Vec<Interspace>, Vec<Interspace>) =
        f.replaced.iter().copied().partition(|s| s.region() == Region::Cervical);
    line_family(sheet, "22856", "22858", &neck, from, "disc replacement, one line per level (CNT)");
    line_family(sheet, "22857", "22860", &low, from, "disc replacement, one line per level (CNT)");
}

/// Fusions through the front, the flank or the chest.
pub(super) fn anterior_lines(op: &Operation<'_>, f: &Fused, from: &[&Entity], sheet: &mut Sheet) {
    let neck: Vec<Interspace> =
        f.anterior.iter().copied().filter(|s| s.region() == Region::Cervical).collect();
    let low: Vec<Interspace> =
        f.anterior.iter().copied().filter(|s| s.region() != Region::Cervical).collect();
    if !neck.is_empty() {
        let decompressed = !op.says(&NECK_DECOMPRESSION).is_empty()
            || from.iter().any(|e| e.concept == C::Acdf)
            || !op.work(&[C::Discectomy]).is_empty();
        let spanned = |s: &Interspace| f.corpectomy.iter().any(|v| *v == s.upper() || *v == s.lower());
        let (gap, discs): (Vec<Interspace>, Vec<Interspace>) = neck.iter().partition(|s| spanned(s));
        if !gap.is_empty() {
            line_family(sheet, "22554", "22585", &gap, from, "fusion across a corpectomy gap (3.1.6)");
        }
        if decompressed {
            line_family(
                sheet,
                "22551",
                "22552",
                &discs,
                from,
                "anterior neck disc removed, decompressed and fused (3.1, CNT)",
            );
        } else {
            line_family(
                sheet,
                "22554",
                "22585",
                &discs,
                from,
                "anterior neck fusion, decompression not described (3.1)",
            );
            sheet.ask(
                "Was the cord or a nerve root decompressed at the fused levels?",
                &["22551", "22554"],
                vec![],
            );
        }
    }
    let thoracic = low.iter().filter(|s| s.region() == Region::Thoracic).count() * 2 > low.len();
    let primary = if thoracic { "22556" } else { "22558" };
    let (primary, more) = match (extracavitary(op), thoracic) {
        (true, true) => ("22532", "22534"),
        (true, false) => ("22533", "22534"),
        _ => (primary, "22585"),
    };
    line_family(sheet, primary, more, &low, from, "anterior or lateral interbody fusion (3.9, CNT)");
}

/// Fusions from behind: one primary, add-ons of their kinds.
pub(super) fn posterior_lines(f: &Fused, from: &[&Entity], sheet: &mut Sheet) {
    let both: Vec<Interspace> =
        f.posterior_interbody.iter().copied().filter(|s| f.posterolateral.contains(s)).collect();
    let inter: Vec<Interspace> =
        f.posterior_interbody.iter().copied().filter(|s| !both.contains(s)).collect();
    let lateral: Vec<Interspace> = f.posterolateral.iter().copied().filter(|s| !both.contains(s)).collect();
    if both.is_empty() && inter.is_empty() {
        return posterior_only(&lateral, from, sheet);
    }
    // One primary; every further interspace takes the add-on of its kind (SP-02, SP-03).
    let primary = if both.is_empty() { "22630" } else { "22633" };
    let (first, rest) = if both.is_empty() {
        (&inter[..1], (&both[..], &inter[1..]))
    } else {
        (&both[..1], (&both[1..], &inter[..]))
    };
    sheet.line(
        primary,
        1,
        at(first),
        from,
        if both.is_empty() {
            "posterior interbody fusion (3.8)"
        } else {
            "interbody and posterolateral fusion at one interspace (SP-02)"
        },
    );
    for (code, spaces, why) in [
        ("22634", rest.0, "combined fusion, each further interspace (SP-03)"),
        ("22632", rest.1, "posterior interbody fusion, each further interspace (CNT)"),
        ("22614", &lateral[..], "posterolateral fusion at a different interspace (3.8)"),
    ] {
        if let Some(d) = sheet.line(code, spaces.len(), at(spaces), from, why) {
            d.primary = Some(primary);
        }
    }
}

/// Posterior fusion without interbody work: the region with most levels gives the primary (section 1).
fn posterior_only(spaces: &[Interspace], from: &[&Entity], sheet: &mut Sheet) {
    let mut rest: Vec<Interspace> = spaces.to_vec();
    rest.sort();
    let high = |s: &Interspace| s.upper().index() <= 1;
    let (top, mut low): (Vec<Interspace>, Vec<Interspace>) = rest.into_iter().partition(high);
    if let Some(s) = top.first() {
        let code = if s.upper().index() == 0 { "22590" } else { "22595" };
        sheet.line(code, 1, at(&top), from, "posterior fusion at the top of the neck (3.3)");
    }
    let Some(first) = low.first().copied() else { return };
    let count = |r: Region| low.iter().filter(|s| s.region() == r).count();
    let region = [Region::Cervical, Region::Thoracic, Region::Lumbar]
        .into_iter()
        .fold(first.region(), |best, r| if count(r) > count(best) { r } else { best });
    let code = match region {
        Region::Cervical => "22600",
        Region::Thoracic => "22610",
        _ => "22612",
    };
    if let Some(i) = low.iter().position(|s| s.region() == region) {
        let main = low.remove(i);
        sheet.line(
            code,
            1,
            at(&[main]),
            from,
            "posterior or posterolateral fusion, first interspace (3.3, 3.7)",
        );
    }
    if let Some(d) = sheet.line("22614", low.len(), at(&low), from, "each further interspace (CNT)") {
        d.primary = Some(code);
    }
}

/// First interspace on the primary, the others on the add-on.
pub(in crate::rules) fn line_family(
    sheet: &mut Sheet,
    primary: &'static str,
    more: &'static str,
    spaces: &[Interspace],
    from: &[&Entity],
    why: &'static str,
) {
    if spaces.is_empty() {
        return;
    }
    sheet.line(primary, 1, at(&spaces[..1]), from, why);
    if let Some(d) = sheet.line(more, spaces.len() - 1, at(&spaces[1..]), from, why) {
        d.primary = Some(primary);
    }
}
