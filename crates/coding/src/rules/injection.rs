//! Injections and ablations: epidural, transforaminal, facet, sacroiliac, sympathetic, puncture.
//!
//! Sources: spine rules 3.14–3.17, section 1 (a facet level is a joint, never its nerves), SP-11, SP-20.

use super::{Sheet, at, bones, sided};
use crate::concept::Concept as C;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::{Entity, one_side};
use crate::text::re;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Joint, Level, Region};

re!(
    IMAGING,
    r"fluoro\w*|c-arm|\bct[- ]guid\w+|under ct|x-?ray guid\w+|image guid\w+|contrast|epidurogra\w+|radiopaque|radio-?graph\w* contrast|omnipaque|isovue"
);
re!(EPIDURAL_NEEDLE, r"tuohy|loss of resistance|hanging drop|epidural space");
re!(
    INJECTED,
    r"inject\w*|methylprednisolone|depo-?medrol|kenalog|triamcinolone|dexamethasone|betamethasone|celestone"
);
re!(SACROILIAC, r"lateral branch\w*|sacro-?iliac|\bsi joint");
re!(MEDIAL_BRANCH, r"medial branch|dorsal ram\w+|posterior sensory ram\w+");
re!(
    BOTH_SIDES,
    r"(?:repeated|performed|same procedure|treated)[a-z ,]{0,40}(?:other|opposite|contralateral|left|right) side|identical fashion|bilateral\w*|both sides"
);

pub(super) fn apply(op: &Operation<'_>, sheet: &mut Sheet) {
    let through = op.work(&[C::TransforaminalEpidural]);
    let between = op.work(&[C::EpiduralInjection]);
    let caudal = op.work(&[C::CaudalEpidural]);
    let imaged = !op.says(&IMAGING).is_empty();
    let lysis = !op.work(&[C::Adhesiolysis]).is_empty();
    if lysis {
        // The injection through the same needles is part of it.
    } else if !through.is_empty() {
        levelled(op, &through, ["64479", "64480", "64483", "64484"], sheet);
    } else if !caudal.is_empty() {
        epidural(op, &caudal, Region::Lumbar, imaged, sheet);
    } else if !between.is_empty() {
        let region = between
            .iter()
            .flat_map(|e| e.vertebrae())
            .next()
            .map(|v| v.region())
            .or_else(|| named_region(op, &between))
            .or(op.region)
            .unwrap_or(Region::Lumbar);
        epidural(op, &between, region, imaged, sheet);
    } else if !op.listed && !op.says(&EPIDURAL_NEEDLE).is_empty() && !op.says(&INJECTED).is_empty() {
        needle_alone(op, imaged, sheet);
    }
    let (sacral, facets): (Vec<&Entity>, Vec<&Entity>) = op
        .work(&[C::FacetAblation])
        .into_iter()
        .partition(|e| crate::text::has(&SACROILIAC, op.note.words(e.sentence)));
    if !sacral.is_empty() {
        let side = both_sides(op, &sacral);
        if let Some(d) =
            sheet.line("64625", 1, vec![], &sacral, "ablation for the sacroiliac joint, once per side (3.17)")
        {
            sided(d, side);
        }
    }
    joints(op, &facets, true, sheet);
    if op.work(&[C::FacetAblation]).is_empty() {
        joints(op, &op.work(&[C::FacetInjection]), false, sheet);
    }
    for (concept, code, why) in [
        (C::SacroiliacNerveBlock, "64451", "nerve blocks for the sacroiliac joint, once per side"),
        (C::SacroiliacInjection, "27096", "sacroiliac joint injection with imaging, once per side (3.12)"),
        (C::SympatheticBlock, "64520", "lumbar or thoracic sympathetic block"),
        (C::Adhesiolysis, "62264", "epidural adhesions dissolved on one day"),
    ] {
        let found = op.work(&[concept]);
        if found.is_empty() || (concept == C::SacroiliacInjection && sheet.has(&["64451"])) {
            continue;
        }
        let levels = if matches!(concept, C::SympatheticBlock | C::SacroiliacNerveBlock) {
            bones(&dedup(found.iter().flat_map(|e| e.vertebrae()).collect()))
        } else {
            vec![]
        };
        let side = both_sides(op, &found);
        if let Some(d) = sheet.line(code, 1, levels, &found, why) {
            sided(d, side);
        }
    }
    let puncture = op.work(&[C::LumbarPuncture]);
    if !puncture.is_empty() && sheet.drafts.is_empty() {
        let code = if imaged { "62328" } else { "62270" };
        let spaces: Vec<Interspace> = puncture.iter().flat_map(|e| e.interspaces()).take(1).collect();
        let spaces =
            if spaces.is_empty() { op.default_spaces().into_iter().take(1).collect() } else { spaces };
        sheet.line(code, 1, at(&spaces), &puncture, "diagnostic lumbar puncture");
    }
    let only_dye = op.documented(&[C::Epidurogram]);
    if sheet.drafts.is_empty() && !only_dye.is_empty() {
        sheet.ask(
            "Was anything but contrast injected? A contrast study alone has no code of its own.",
            &["64483", "64999"],
            only_dye.iter().map(|e| e.reach()).collect(),
        );
        let levels = bones(&dedup(only_dye.iter().flat_map(|e| e.vertebrae()).collect()));
        sheet.line(
            "64999",
            1,
            levels,
            &only_dye[..1],
            "contrast study of the epidural space, no code of its own",
        );
    }
}

/// A note that tells of the needle and the injection without naming the procedure.
fn needle_alone(op: &Operation<'_>, imaged: bool, sheet: &mut Sheet) {
    let region = op.default_spaces().first().map(|s| s.region()).or(op.region).unwrap_or(Region::Lumbar);
    epidural(op, &[], region, imaged, sheet);
    let spans = op.says(&EPIDURAL_NEEDLE);
    if let Some(d) = sheet.drafts.last_mut() {
        d.spans.extend(spans.first());
        d.confidence = 0.55;
    }
}

fn named_region(op: &Operation<'_>, from: &[&Entity]) -> Option<Region> {
    from.iter().find_map(|e| {
        let w = op.note.words(e.sentence);
        if w.contains("cervical") {
            Some(Region::Cervical)
        } else if w.contains("thoracic") {
            Some(Region::Thoracic)
        } else if w.contains("lumbar") || w.contains("sacral") || w.contains("caudal") {
            Some(Region::Lumbar)
        } else {
            None
        }
    })
}

fn epidural(op: &Operation<'_>, from: &[&Entity], region: Region, imaged: bool, sheet: &mut Sheet) {
    let high = matches!(region, Region::Cervical | Region::Thoracic);
    let code = match (high, imaged) {
        (true, true) => "62321",
        (true, false) => "62320",
        (false, true) => "62323",
        (false, false) => "62322",
    };
    let mut spaces = dedup(from.iter().flat_map(|e| e.interspaces()).collect());
    if spaces.is_empty() {
        spaces = op.default_spaces();
    }
    spaces.truncate(1);
    sheet.line(
        code,
        1,
        at(&spaces),
        from,
        if imaged {
            "epidural injection with imaging, once per session (3.14)"
        } else {
            "epidural injection, no imaging documented (3.14)"
        },
    );
    if !imaged {
        sheet.ask(
            "No imaging is documented: was fluoroscopy or CT used to guide the needle?",
            &[code],
            vec![],
        );
    }
}

/// First level and further levels of a region pair of codes: `[cervical/thoracic, add-on, lumbar/sacral, add-on]`.
fn levelled(op: &Operation<'_>, from: &[&Entity], codes: [&'static str; 4], sheet: &mut Sheet) {
    let mut levels: Vec<Level> = at(&dedup(from.iter().flat_map(|e| e.interspaces()).collect::<Vec<_>>()));
    if levels.is_empty() {
        levels = bones(&dedup(from.iter().flat_map(|e| e.vertebrae()).collect::<Vec<_>>()));
    }
    if levels.is_empty() {
        levels = at(&op.default_spaces());
    }
    let region = levels
        .first()
        .and_then(|l| l.vertebrae().first().map(|v| v.region()))
        .or_else(|| named_region(op, from))
        .or(op.region);
    let high = matches!(region, Some(Region::Cervical | Region::Thoracic));
    let (primary, more) = if high { (codes[0], codes[1]) } else { (codes[2], codes[3]) };
    let side = both_sides(op, from);
    let n = levels.len().max(1);
    if let Some(d) = sheet.line(
        primary,
        1,
        levels.iter().take(1).copied().collect(),
        from,
        "transforaminal injection, first level (3.15)",
    ) {
        sided(d, side);
    }
    if let Some(d) =
        sheet.line(more, n - 1, levels.iter().skip(1).copied().collect(), from, "each further level (CNT)")
    {
        d.primary = Some(primary);
        sided(d, side);
    }
}

fn both_sides(op: &Operation<'_>, from: &[&Entity]) -> Option<Laterality> {
    let named: Vec<Laterality> = from.iter().filter_map(|e| e.side).collect();
    let own = match named.first() {
        Some(first) if named.iter().all(|s| s == first) => Some(*first),
        Some(_) => Some(Laterality::Bilateral),
        None => None,
    };
    if own.is_some() {
        return own;
    }
    if !op.says(&BOTH_SIDES).is_empty() {
        return Some(Laterality::Bilateral);
    }
    let s = &op.note.sentences;
    (0..s.len()).filter(|i| s[*i].part != crate::sections::Part::History).find_map(|i| {
        let w = op.note.words(i);
        (w.contains("needle") || w.contains("inject")).then(|| one_side(w)).flatten()
    })
}

/// Facet work is counted in joints: consecutive medial branches L3, L4 serve the joint L4-L5.
fn joints(op: &Operation<'_>, from: &[&Entity], ablation: bool, sheet: &mut Sheet) {
    if from.is_empty() {
        return;
    }
    let mut joints: Vec<Interspace> = dedup(from.iter().flat_map(|e| joints_of(op, e)).collect());
    if joints.is_empty() && op.default_spaces().len() == 1 {
        joints = op.default_spaces();
    }
    joints.sort();
    let missing = joints.is_empty();
    if missing {
        sheet.ask(
            "Which facet joints were treated, and on which side?",
            &["64490", "64493", "64633", "64635"],
            from.iter().map(|e| e.reach()).collect(),
        );
    }
    let region = joints.first().map(|j| j.region()).or_else(|| named_region(op, from)).or(op.region);
    let high = matches!(region, Some(Region::Cervical | Region::Thoracic));
    let side = both_sides(op, from);
    let codes: [&'static str; 3] = match (ablation, high) {
        (true, true) => ["64633", "64634", "64634"],
        (true, false) => ["64635", "64636", "64636"],
        (false, true) => ["64490", "64491", "64492"],
        (false, false) => ["64493", "64494", "64495"],
    };
    let mut write =
        |code: &'static str, units: usize, levels: &[Interspace], primary: Option<&'static str>| {
            if let Some(d) = sheet.line(
                code,
                units,
                at(levels),
                from,
                "facet joints, counted as joints (3.16, 3.17, section 1)",
            ) {
                d.primary = primary;
                sided(d, side);
                if missing {
                    d.confidence = 0.4;
                }
            }
        };
    write(codes[0], 1, joints.get(..1).unwrap_or(&[]), None);
    let rest = joints.get(1..).unwrap_or(&[]);
    if ablation {
        write(codes[1], rest.len(), rest, Some(codes[0]));
    } else {
        write(codes[1], rest.len().min(1), rest.get(..1).unwrap_or(&[]), Some(codes[0]));
        // Third and any further joint: once (add-on table).
        write(codes[2], usize::from(rest.len() > 1), rest.get(1..).unwrap_or(&[]), Some(codes[0]));
    }
}

fn joints_of(op: &Operation<'_>, e: &Entity) -> Vec<Interspace> {
    let words = op.note.words(e.sentence);
    let singles = e.groups.iter().all(Group::only_singles) || e.groups.len() > 1;
    let nerves = crate::text::has(&MEDIAL_BRANCH, words) && !words.contains("joint");
    if nerves && (singles || e.interspaces().is_empty()) {
        return Joint::served_by(&e.vertebrae());
    }
    e.interspaces()
}
