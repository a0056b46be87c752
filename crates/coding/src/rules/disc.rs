//! Discs removed from behind: within the canal, far outside it, through the chest or beside the rib, and again.
//!
//! Sources: spine rules 3.6, 3.8; the unit is the interspace, and where it has sides the side.

use super::decompression::ANY;
use super::fusion::{Fused, line_family};
use super::{ONE_SIDE_DONE, Sheet, at, sided};
use crate::account::Site;
use crate::assertion::Assertion;
use crate::concept::Concept as C;
use crate::level::Group;
use crate::operation::Operation;
use crate::reader::{Entity, one_side, side_before, side_behind};
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Region};

re!(REDO, r"\b(?:redo|re-?do|re-?explor\w+|revision|recurrent|repeat)\b");
re!(
    BY_RIB,
    r"costotransvers\w+|costovertebral|(?:lateral )?extra-?cavitary|rib (?:head|and its head)[^.;]{0,60}(?:removed|resected|disarticulated)|(?:removed|resected|disarticulated)[^.;]{0,60}rib head"
);
// Through the chest or in front of it; a joint of the rib opened from behind is not.
re!(
    THROUGH_CHEST,
    r"retro-?pleural|extra-?pleural|trans-?pleural|trans-?thoracic|thoracotomy|thoracoscop\w+|antero-?lateral (?:\w+ ){0,3}?(?:dis[ck]ectomy|approach|decompression|exposure)|anterior (?:thoracic )?(?:dis[ck]ectomy|approach)"
);
re!(
    FAR,
    r"far[- ]lateral|extra-?foraminal|transpedicular|lateral to the (?:pars|facet|foramen|joint)|(?:beyond|outside|out past) the (?:foramen|canal)|(?:outer|lateral) (?:edge|border|margin|part|rim|half|third) of the pars|inter-?transvers\w+ (?:membrane|ligament|fascia|space|interval|muscle)|membrane\b[^.;]{0,40}\bbetween the (?:two )?transverse processes|costotransvers\w+"
);
// Seen through the endoscope alone; a tube with a microscope or an assisting endoscope is an open operation.
re!(
    ENDOSCOPIC,
    r"\bendoscop\w+ (?:lumbar |interlaminar |transforaminal |uniportal |biportal )*(?:dis[ck]ectomy|decompression)|dis[ck]ectom\w+,? (?:\w+ )?\(?(?:full(?:y)?[- ]|uni-?portal |bi-?portal |percutaneous )+endoscop\w+|(?:full(?:y)?[- ]|uni-?portal |percutaneous )endoscop\w+|(?:seen|viewed|visuali[sz]ed|done) only (?:by|through|with) the endoscope|endoscope (?:\S+ ){0,3}(?:under|with) (?:continuous|running|constant|flowing) (?:saline|irrigation|water|fluid)|(?:all|every step)[^.;]{0,30} (?:work|done)[^.;]{0,30} through (?:the |a |an )?(?:[\w-]+ ){0,6}endoscope"
);

// Begun through the endoscope and done open.
re!(CONVERTED, r"\bconver(?:t|sion)\w*|\b(?:endo)?scope out\b|\bopened (?:up )?formally");

/// Discs that the telling takes out from behind and no name covers, at interspaces that are not fused.
pub(super) fn told_discs<'a>(
    op: &Operation<'_>,
    f: &Fused,
    seen: &[Site<'a>],
    cut: &[Interspace],
) -> Vec<Site<'a>> {
    if op.listed && f.any() {
        return vec![];
    }
    told_discs_anyway(op, f, seen, cut)
}

/// The same beside fusions that the heading lists.
pub(super) fn told_discs_anyway<'a>(
    op: &Operation<'_>,
    f: &Fused,
    seen: &[Site<'a>],
    cut: &[Interspace],
) -> Vec<Site<'a>> {
    let fused = f.interbody();
    let free = |s: &Interspace| {
        !fused.contains(s) && !f.replaced.contains(s) && !cut.contains(s) && !op.account.is_left_alone(*s)
    };
    if op.front_of_neck || !f.corpectomy.is_empty() {
        return vec![];
    }
    let outside = !op.says(&FAR).is_empty();
    let taken = |o: &&Site<'a>| o.disc_from_behind() || outside && o.disc;
    seen.iter().filter(|o| free(&o.space)).filter(taken).cloned().collect()
}

pub(super) fn discectomy(
    op: &Operation<'_>,
    spaces: &[Interspace],
    discs: &[&Entity],
    seen: &[Site<'_>],
    sheet: &mut Sheet,
) {
    let outside: Vec<Interspace> = op
        .says(&FAR)
        .iter()
        .filter_map(|s| op.note.sentences.iter().position(|x| x.start <= s.0 && s.0 < x.end))
        .flat_map(|i| op.account.topic(i))
        .filter(|s| spaces.contains(s))
        .collect();
    let inside = |s: &&Interspace| {
        !outside.contains(s) && seen.iter().any(|o| o.space == **s && (o.lamina || o.flavum))
    };
    if !outside.is_empty() && spaces.iter().any(|s| inside(&s)) {
        // One disc taken outside the canal and another within it: an operation each.
        let (far, near): (Vec<Interspace>, Vec<Interspace>) = spaces.iter().partition(|s| !inside(s));
        let before = sheet.drafts.len();
        discs_at(op, &near, discs, false, seen, sheet);
        for d in sheet.drafts.iter_mut().skip(before) {
            d.modifiers.insert(0, "59");
        }
        return line_family(
            sheet,
            "63056",
            "63057",
            &far,
            discs,
            "disc removed outside the canal, beside one removed within it (3.6)",
        );
    }
    let far = discs.iter().any(|e| e.concept == C::Transpedicular)
        || !op.says(&FAR).is_empty() && spaces.iter().all(|s| !inside(&s));
    discs_at(op, spaces, discs, far, seen, sheet);
}

/// Discs removed from behind by one way, within the canal or far outside it.
fn discs_at(
    op: &Operation<'_>,
    spaces: &[Interspace],
    discs: &[&Entity],
    far: bool,
    seen: &[Site<'_>],
    sheet: &mut Sheet,
) {
    let region = spaces.first().map_or(Region::Lumbar, |s| s.region());
    let contradicted = if op.listed { side_contradicted(op, side(op, discs)) } else { None };
    if let Some((_, spans)) = &contradicted {
        sheet.ask(
            "The heading says one side, the description the other throughout: please correct the heading.",
            &["63030", "63042"],
            spans.iter().copied().take(2).collect(),
        );
    }
    let told_side = contradicted.map(|c| c.0);
    let redo = discs.iter().any(|e| has(&REDO, op.note.words(e.sentence)))
        || discs.iter().any(|e| {
            let said = [Part::After, Part::Before, Part::Diagnosis];
            !op.find(&REDO, &said, &[Assertion::Done]).is_empty()
                && (e.part == Part::Procedures && redo_same(op)
                    || !op.listed && !op.find(&OLD_WAY, &[Part::Body], &ANY).is_empty())
        })
        || entered_again(op, spaces, told_side.or_else(|| side(op, discs)));
    let (primary, more) = match (region, far, redo) {
        (Region::Thoracic, ..) if !op.says(&THROUGH_CHEST).is_empty() => ("63077", "63078"),
        (Region::Thoracic, ..) if by_rib(op) => ("63064", "63066"),
        (Region::Thoracic, ..) => ("63055", "63057"),
        (Region::Lumbar, true, _) => ("63056", "63057"),
        (Region::Cervical, _, true) => ("63040", "63043"),
        (Region::Cervical, ..) => ("63020", "63035"),
        (_, _, true) => ("63042", "63044"),
        _ if !op.says(&ENDOSCOPIC).is_empty() && op.says(&CONVERTED).is_empty() => ("62380", "63035"),
        _ => ("63030", "63035"),
    };
    let own: Vec<Option<Laterality>> = spaces
        .iter()
        .map(|s| discs.iter().find_map(|e| side_before(op.note.words(e.sentence), *s)))
        .collect();
    let behind = || -> Vec<Option<Laterality>> {
        spaces.iter().map(|s| discs.iter().find_map(|e| side_behind(op.note.words(e.sentence), *s))).collect()
    };
    let own = if own.iter().all(Option::is_none) { behind() } else { own };
    if own.iter().all(Option::is_some) && own.iter().any(|s| *s != own[0]) {
        // Each level has its own side: a line each.
        for (i, (space, side)) in spaces.iter().zip(&own).enumerate() {
            let code = if i == 0 { primary } else { more };
            if let Some(d) = sheet.line(
                code,
                1,
                at(&[*space]),
                discs,
                "disc removed from behind, each level on its own side (3.6)",
            ) {
                d.primary = (i > 0).then_some(primary);
                sided(d, *side);
            }
        }
        return;
    }
    line_family(
        sheet,
        primary,
        more,
        spaces,
        discs,
        "disc removed from behind, per interspace and side (3.6, CNT)",
    );
    // Without a list the telling says the side before the story does.
    let opened = sides_opened(spaces, seen);
    let by_acts = opened.filter(|_| !op.listed);
    let side = told_side.or(by_acts).or_else(|| side(op, discs)).or(opened).or_else(|| {
        let (side, span) = side_of_complaint(op)?;
        sheet.ask(
            "The side stands only in the complaint: on which side was the disc removed?",
            &[primary],
            vec![span],
        );
        Some(side)
    });
    let side = both_or_one(op, side, primary, sheet);
    for d in sheet.drafts.iter_mut().filter(|d| d.code == primary || d.code == more) {
        sided(d, side);
        if d.side.is_none() {
            d.side = side;
        }
    }
}

/// Both sides, unless the telling says that one was not opened.
fn both_or_one(
    op: &Operation<'_>,
    side: Option<Laterality>,
    primary: &'static str,
    sheet: &mut Sheet,
) -> Option<Laterality> {
    let undone = op.account.done_side(None).filter(|_| side == Some(Laterality::Bilateral));
    let Some(undone) = undone else { return side };
    sheet.ask(ONE_SIDE_DONE, &[primary], vec![undone.span]);
    Some(undone.only)
}

re!(
    RIB_KEPT,
    r"\b(?:ribs?|rib heads?)\b[^.;]{0,50}\b(?:left|kept|spared|preserved|intact|whole|not (?:\w+ )?(?:resected|removed|taken|needed|disturbed|touched))\b|\bno (?:\w+ ){0,3}ribs?\b|\bwithout (?:taking|removing|resecting|touching) (?:the |any |a )?(?:\w+ )?rib"
);

/// The disc was reached beside the rib that was taken for it: a heading's word is not enough where the telling keeps
/// the rib.
fn by_rib(op: &Operation<'_>) -> bool {
    let told = [Part::Body, Part::Other];
    let kept = op.find(&RIB_KEPT, &told, &ANY);
    let taken = op.find(&BY_RIB, &told, &[Assertion::Done]);
    let inside = |s: &(usize, usize)| kept.iter().any(|k| s.0 < k.1 && k.0 < s.1);
    if kept.is_empty() { !op.says(&BY_RIB).is_empty() } else { taken.iter().any(|s| !inside(s)) }
}

/// The side on which the telling opened all of some interspaces.
fn sides_opened(spaces: &[Interspace], seen: &[Site<'_>]) -> Option<Laterality> {
    let mut sides = seen.iter().filter(|o| spaces.contains(&o.space)).map(|o| o.side);
    let first = sides.next()??;
    sides.all(|s| s == Some(first)).then_some(first)
}

/// A diagnosis of recurrence beside a note that says the level was entered before.
fn redo_same(op: &Operation<'_>) -> bool {
    re!(
        SCAR,
        r"scar(?:ring| tissue)?|previous (?:laminotomy|laminectomy|discectomy|surgery)|prior (?:laminotomy|laminectomy|discectomy|surgery)|epidural fibrosis"
    );
    op.mentions(&SCAR)
}

re!(
    OLD_WAY,
    r"\b(?:edges?|margins?|rim|border) of (?:the |an )?(?:old|previous|prior|earlier) (?:\w+ )?(?:window|laminotomy|laminectomy|defect|bone)|\b(?:old|previous|prior|earlier) (?:window|laminotomy|laminectomy|hemilaminotomy|bony window)|\bscar\b[^.;]{0,70}\b(?:dissect\w*|releas\w*|peel\w*|freed|free|separat\w*|cut|worked|divided|developed|tough|adher\w*|stuck)\b|\b(?:dissect\w*|releas\w*|peel\w*|free\w*|separat\w*|mobili\w*)\b[^.;]{0,50}\bscar\b"
);
re!(
    DISC_BEFORE,
    r"\b(?:same dis[ck]\b|took out (?:[\w-]+ ){0,4}dis[ck]|dis[ck] (?:operation|surgery)|dis[ck]ectom\w+|micro-?dis[ck]ectom\w+|laminotom\w+|laminectom\w+|dis[ck]\b[^.;]{0,30}\b(?:taken out|removed|operat\w+|surgery))"
);

/// The telling works through the scar of an earlier opening, and the story has that level (and no other side)
/// opened before (3.6).
fn entered_again(op: &Operation<'_>, spaces: &[Interspace], side: Option<Laterality>) -> bool {
    let any = [Assertion::Done, Assertion::Past, Assertion::Planned];
    if op.find(&OLD_WAY, &[Part::Body], &any).is_empty() {
        return false;
    }
    let parts = [Part::History, Part::Before, Part::After, Part::Diagnosis, Part::Body, Part::Other];
    let mut before = op.find(&DISC_BEFORE, &parts, &[Assertion::Past]);
    before.extend(op.find(&DISC_BEFORE, &[Part::History], &[Assertion::Done]));
    before.into_iter().any(|s| {
        let Some(sentence) = op.note.sentences.iter().position(|x| x.start <= s.0 && s.0 < x.end) else {
            return false;
        };
        let words = op.note.words(sentence);
        let (from, to) = op.note.sentences.get(sentence).map_or((0, 0), |x| (x.start, x.end));
        let named: Vec<Interspace> = op
            .note
            .groups
            .iter()
            .filter(|g| g.start >= from && g.end <= to)
            .flat_map(Group::interspaces)
            .collect();
        let same_level = named.is_empty() || named.iter().any(|x| spaces.contains(x));
        let same_side = match (one_side(words), side) {
            (Some(a), Some(b)) => a == b || a == Laterality::Bilateral || b == Laterality::Bilateral,
            _ => true,
        };
        same_level && same_side
    })
}

/// A heading of one side over a telling that speaks of the other alone: the telling is what was done.
fn side_contradicted(
    op: &Operation<'_>,
    headed: Option<Laterality>,
) -> Option<(Laterality, Vec<(usize, usize)>)> {
    let other = match headed? {
        Laterality::Left => Laterality::Right,
        Laterality::Right => Laterality::Left,
        Laterality::Bilateral => return None,
    };
    let mut spans = vec![];
    for s in op.note.sentences.iter().filter(|s| s.part == Part::Body) {
        for (a, b, side) in crate::level::sides(op.note.doc.slice(s.start, s.end)) {
            if side != other {
                return None;
            }
            spans.push((s.start + a, s.start + b));
        }
    }
    (spans.len() >= 2).then_some((other, spans))
}

pub(super) fn side(op: &Operation<'_>, from: &[&Entity]) -> Option<Laterality> {
    from.iter().find_map(|e| e.side).or_else(|| {
        let s = &op.note.sentences;
        (0..s.len())
            .filter(|i| {
                matches!(
                    s[*i].part,
                    Part::Procedures | Part::After | Part::Before | Part::Diagnosis | Part::Plan
                )
            })
            .find_map(|i| one_side(op.note.words(i)))
            .or_else(|| if op.listed { None } else { op.account.side(op.note) })
    })
}

re!(
    COMPLAINT,
    r"\b(?:left|right)(?:[ -]sided)? (?:\w+ ){0,3}?(?:leg|thigh|calf|foot|arm|shoulder|hand|buttock|groin|radicul\w+|sciatica|[clts]\d (?:pain|radicul\w+|root)|(?:[clts]\d[\w/-]* )?dis[ck]\b)"
);

/// The one side of the patient's complaint, where nothing of the operation says one.
fn side_of_complaint(op: &Operation<'_>) -> Option<(Laterality, (usize, usize))> {
    let parts = [Part::History, Part::Diagnosis, Part::Body, Part::Other];
    let ever = [Assertion::Done, Assertion::Planned, Assertion::Denied, Assertion::Past];
    let spans = op.find(&COMPLAINT, &parts, &ever);
    let sides: Vec<Laterality> = spans.iter().filter_map(|s| one_side(op.note.doc.slice(s.0, s.1))).collect();
    let first = *sides.first()?;
    sides.iter().all(|s| *s == first).then_some((first, *spans.first()?))
}

pub(super) fn root_decompression(
    op: &Operation<'_>,
    spaces: &[Interspace],
    from: &[&Entity],
    sheet: &mut Sheet,
) {
    let neck = spaces.first().is_some_and(|s| s.region() == Region::Cervical);
    let (primary, more) = if neck { ("63020", "63035") } else { ("63030", "63035") };
    // Beside a disc removed at another interspace this one is the further (CNT).
    let further = sheet.has(&[primary]);
    let (first, before) = (if further { more } else { primary }, sheet.drafts.len());
    line_family(
        sheet,
        first,
        more,
        spaces,
        from,
        "laminotomy with root decompression, per interspace and side (3.6)",
    );
    let side = both_or_one(op, side(op, from), primary, sheet);
    for d in sheet.drafts.iter_mut().skip(before) {
        sided(d, side);
        if further {
            d.primary = Some(primary);
        }
    }
}
