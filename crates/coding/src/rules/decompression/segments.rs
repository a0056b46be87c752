//! A laminectomy counted: the segments or laminae it opened, its family, and what stands beside it.

use super::{ANY, FACETS_KEPT, LOOSE_ARCH, Places, STENOSIS, dx, opens_roots};
use crate::account::Site;
use crate::concept::Concept as C;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::rules::fusion::Fused;
use crate::rules::{Sheet, at, bones, bounds};
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Level, Region, Vertebra};

/// Where laminae were opened beyond the interspaces already coded.
pub(super) fn places(
    op: &Operation<'_>,
    opened: &[&Entity],
    used: &[Interspace],
    inter: &[Interspace],
) -> Places {
    let free = |s: &Interspace| !used.contains(s) && !inter.contains(s) && !op.account.is_left_alone(*s);
    let spaces: Vec<Interspace> = op.all_spaces(opened).into_iter().filter(free).collect();
    let mut vs = vec![];
    let mut spaces = spaces;
    let windows =
        |e: &&&Entity| e.concept == C::Laminotomy && e.part == Part::Body && e.interspaces().is_empty();
    for e in opened.iter().filter(windows) {
        spaces.extend(op.account.place(e).into_iter().filter(|s| free(s) && !e.groups.is_empty()));
    }
    let spaces = dedup(spaces);
    let bare =
        |e: &&&Entity| matches!(e.concept, C::Laminectomy | C::LaminaOpened | C::Laminotomy) && !windows(e);
    for e in opened.iter().filter(bare) {
        if e.groups.iter().all(Group::only_singles) && !e.groups.is_empty() {
            vs.extend(e.vertebrae());
        }
    }
    let touches = |v: &Vertebra| used.iter().chain(inter).any(|s| s.upper() == *v || s.lower() == *v);
    let vs: Vec<_> = dedup(vs).into_iter().filter(|v| !touches(v)).collect();
    // A single lamina inside an interspace already named adds nothing.
    if spaces.is_empty() || (!vs.is_empty() && opened.iter().all(|e| e.interspaces().len() < vs.len())) {
        return Places { spaces: if vs.is_empty() { spaces } else { vec![] }, bones: vs };
    }
    Places { spaces, bones: vec![] }
}

pub(super) fn laminectomy(
    op: &Operation<'_>,
    f: &Fused,
    places: &Places,
    from: &[&Entity],
    seen: &[Site<'_>],
    (beside, cut): (bool, bool),
    sheet: &mut Sheet,
) {
    let side_at = |levels: &[Level]| side_of(from, seen, levels);
    // One lamina taken for the roots below it: the segment it covers.
    let covered = match places.bones.as_slice() {
        [v] if (v.region() == Region::Lumbar || from.iter().all(|e| e.part != Part::Procedures))
            && opens_roots(op) =>
        {
            Interspace::below(*v)
        }
        _ => None,
    };
    let levels: Vec<Level> = match covered {
        Some(space) => at(&[space]),
        None if places.bones.is_empty() => at(&places.spaces),
        None => bones(&places.bones),
    };
    let region = places
        .bones
        .first()
        .map(|v| v.region())
        .or(places.spaces.first().map(|s| s.region()))
        .unwrap_or(Region::Lumbar);
    let kept = op.denied(&[C::FacetTrimmed, C::Facetectomy, C::ForamenOpened, C::Foraminotomy]);
    let kept = !kept.is_empty() || !op.find(&FACETS_KEPT, &[Part::Body], &ANY).is_empty();
    let full = opens_roots(op) || (dx(op, &STENOSIS) && !kept);
    let n = levels.len();
    if region != Region::Cervical && region != Region::Thoracic && !op.says(&LOOSE_ARCH).is_empty() {
        sheet.line("63012", 1, levels, from, "loose arch of a spondylolisthesis removed (3.5)");
        return;
    }
    if !full {
        // What is counted are laminae: "L2 through L4" are two interspaces and, where the telling takes three, three.
        let laminae = if places.bones.is_empty() { laminae_told(op, &places.spaces) } else { vec![] };
        let levels = if laminae.len() > n { bones(&laminae) } else { levels };
        let code = match (region, levels.len() > 2) {
            (Region::Cervical, false) => "63001",
            (Region::Cervical, true) => "63015",
            (Region::Thoracic, false) => "63003",
            (Region::Thoracic, true) => "63016",
            (_, false) => "63005",
            (_, true) => "63017",
        };
        sheet.line(code, 1, levels, from, "plain laminectomy, facets and foramina not opened (3.5)");
        return;
    }
    let code = match region {
        Region::Cervical => "63045",
        Region::Thoracic => "63046",
        _ => "63047",
    };
    if let Some(d) = sheet.line(
        code,
        1,
        levels.iter().take(1).copied().collect(),
        from,
        "laminectomy with facet and foramen work, first segment (3.5, CNT)",
    ) {
        d.side = side_at(&d.levels);
        // At another interspace than the interbody fusion or the osteotomy: distinct, and said so.
        if beside || cut || !f.posterior_interbody.is_empty() {
            d.modifiers.push("59");
        }
    }
    if let Some(d) = sheet.line(
        "63048",
        n - 1,
        levels.iter().skip(1).copied().collect(),
        from,
        "each further segment (CNT)",
    ) {
        d.primary = Some(code);
        d.side = side_at(&d.levels);
    }
}

re!(OF_LAMINAE, r"\blamin(?:a|ae|as|ectom\w+)\b[^.;]{0,24}$");

/// The laminae that the telling takes within some interspaces, named as such.
fn laminae_told(op: &Operation<'_>, spaces: &[Interspace]) -> Vec<Vertebra> {
    let ends = bounds(spaces);
    let taken = op.documented(&[C::LaminaOpened]);
    let named = taken.iter().filter(|e| e.part == Part::Body).flat_map(|e| &e.groups);
    let laminae = named.filter(|g| {
        let before = op.note.doc.slice(g.start.saturating_sub(32), g.start);
        g.only_singles() || has(&OF_LAMINAE, before) && g.items.len() == 1
    });
    let mut out: Vec<_> = laminae.flat_map(Group::vertebrae).filter(|v| ends.contains(v)).collect();
    out.sort();
    out.dedup();
    out
}

/// A disc removed at another interspace than a laminectomy is column 2 of it: distinct, and said so (SP-08).
pub(in crate::rules) fn distinct(sheet: &mut Sheet) {
    // A line that rests on no words is not written.
    let proved = sheet.drafts.iter().filter(|d| !d.spans.is_empty());
    let laminectomies = proved.filter(|d| matches!(d.code, "63045" | "63047" | "63048"));
    let opened: Vec<Level> = laminectomies.flat_map(|d| d.levels.clone()).collect();
    let discs = sheet.drafts.iter_mut().filter(|d| matches!(d.code, "63020" | "63030" | "63040" | "63042"));
    for d in discs.filter(|d| !opened.is_empty() && !opened.iter().any(|l| d.levels.contains(l))) {
        if !d.modifiers.contains(&"59") {
            d.modifiers.insert(0, "59");
        }
    }
}

/// The side of a laminectomy where the words give it one: its own heading's, else the narrative's.
pub(super) fn side_of(from: &[&Entity], seen: &[Site<'_>], levels: &[Level]) -> Option<Laterality> {
    let own = from.iter().filter(|e| e.part == Part::Procedures).find_map(|e| e.side);
    own.or_else(|| {
        let here = |s: &Interspace| levels.contains(&Level::Interspace(*s));
        let mut sides = seen.iter().filter(|o| here(&o.space)).map(|o| o.side);
        let first = sides.next()??;
        sides.all(|s| s == Some(first)).then_some(first)
    })
}
