//! Osteotomies: named, told by what was cut, or claimed by a heading and not made.
//!
//! Sources: spine rules 3.19. Facets taken for a fusion or on the way in are no osteotomy: the narrative must
//! release the back of the column, or cut a wedge of the body, to correct it.

use super::{Sheet, at, bones};
use crate::assertion::Assertion;
use crate::concept::Concept as C;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::{Interspace, Level, Region, Vertebra};

/// Codes of one kind: neck, chest, back, each further segment.
struct Kind {
    concept: C,
    first: [&'static str; 3],
    more: &'static str,
    why: &'static str,
}

const THREE_COLUMN: Kind = Kind {
    concept: C::OsteotomyThreeColumn,
    first: ["22206", "22206", "22207"],
    more: "22208",
    why: "three-column osteotomy (3.19)",
};
const POSTERIOR: Kind = Kind {
    concept: C::OsteotomyPosterior,
    first: ["22210", "22212", "22214"],
    more: "22216",
    why: "posterior column osteotomy (3.19)",
};

/// `fused`: the spine was fused from behind, without which acts alone prove no osteotomy.
pub(super) fn apply(op: &Operation<'_>, fused: bool, sheet: &mut Sheet) {
    let mut three = op.work(&[C::OsteotomyThreeColumn]);
    let mut column = op.work(&[C::OsteotomyPosterior]);
    let named = !(three.is_empty() && column.is_empty());
    let before = three.len();
    withdrawn(op, &THREE_COLUMN, &mut three, sheet);
    withdrawn(op, &POSTERIOR, &mut column, sheet);
    // What was made in its place is what the telling names.
    if three.len() < before && column.is_empty() {
        column = told_of(op, C::OsteotomyPosterior);
    }
    // Beside a three-column osteotomy those of the posterior column lie at other levels: column two of it.
    let beside = !three.is_empty();
    let cut: Vec<_> = three.iter().flat_map(|e| e.vertebrae()).collect();
    for (found, kind) in [(three, &THREE_COLUMN), (column, &POSTERIOR)] {
        if found.is_empty() {
            continue;
        }
        let (levels, region) = places(op, &found, kind, &cut);
        let distinct = beside && kind.more == POSTERIOR.more && !levels.is_empty();
        write(op, kind, &levels, region, &found, distinct, sheet);
    }
    if !named && fused && !op.quoted_only && !by_name(op, sheet) {
        by_acts(op, sheet);
    }
}

/// Osteotomies that the telling names, with their places and what they were for, and no heading: asked about.
fn by_name(op: &Operation<'_>, sheet: &mut Sheet) -> bool {
    let corrects = |e: &Entity| {
        (e.sentence.saturating_sub(1)..e.sentence + WITHIN).any(|i| {
            has(&TO_CORRECT, op.note.words(i))
                || has(&FLAVUM, op.note.words(i)) && has(&TAKEN, op.note.words(i))
        })
    };
    let told: Vec<&Entity> = told_of(op, C::OsteotomyPosterior)
        .into_iter()
        .filter(|e| !e.interspaces().is_empty() && corrects(e))
        .collect();
    if !op.listed || told.is_empty() {
        return false;
    }
    let mut spaces = dedup(told.iter().flat_map(|e| e.interspaces()).collect());
    spaces.sort();
    let region = spaces.first().map(|s| s.region());
    let from = sheet.drafts.len();
    write(op, &POSTERIOR, &at(&spaces), region, &told, false, sheet);
    for d in sheet.drafts.iter_mut().skip(from) {
        d.confidence = d.confidence.min(0.65);
    }
    sheet.ask(
        "The description makes an osteotomy that the heading does not name: is the heading incomplete?",
        &[POSTERIOR.first[2], POSTERIOR.more],
        told.iter().map(|e| e.reach()).collect(),
    );
    true
}

fn told_of<'a>(op: &Operation<'a>, concept: C) -> Vec<&'a Entity> {
    op.documented(&[concept]).into_iter().filter(|e| e.part == Part::Body).collect()
}

/// An osteotomy of the heading that the telling says was not made: the whole of it, or the levels it names.
fn withdrawn(op: &Operation<'_>, kind: &Kind, found: &mut Vec<&Entity>, sheet: &mut Sheet) {
    let denied: Vec<&Entity> =
        op.denied(&[kind.concept]).into_iter().filter(|e| e.part == Part::Body).collect();
    let Some(denial) = denied.first() else { return };
    if found.is_empty()
        || !told_of(op, kind.concept).is_empty()
        || found.iter().any(|e| e.part != Part::Procedures)
    {
        return;
    }
    let spans: Vec<(usize, usize)> =
        found.iter().map(|e| e.reach()).take(1).chain([(denial.start, denial.end)]).collect();
    sheet.refuse(
        kind.first[2],
        "the heading names an osteotomy, the description says none was made",
        "3.19",
        spans.clone(),
    );
    sheet.ask(
        "The heading names an osteotomy that the description says was not made: please correct the heading.",
        &[kind.first[2], kind.more],
        spans,
    );
    found.clear();
}

/// Where the osteotomies named were made.
fn places(
    op: &Operation<'_>,
    found: &[&Entity],
    kind: &Kind,
    cut: &[Vertebra],
) -> (Vec<Level>, Option<Region>) {
    let mut levels = vec![];
    let mut region = None;
    for e in found {
        let spaces: Vec<Interspace> = e.interspaces();
        region = region.or(spaces.first().map(|s| s.region())).or(e.vertebrae().first().map(|v| v.region()));
        let borrowed =
            kind.more == POSTERIOR.more && spaces.is_empty() && e.vertebrae().iter().all(|v| cut.contains(v));
        if e.groups.is_empty() || borrowed {
            // "Posterior column osteotomies x 2": the narrative names the places.
            let told = told_of(op, e.concept);
            levels.extend(at(&dedup(told.iter().flat_map(|t| t.interspaces()).collect())));
        } else if e.groups.iter().all(Group::only_singles) {
            levels.extend(bones(&e.vertebrae()));
        } else {
            levels.extend(at(&spaces));
        }
    }
    levels.dedup();
    (levels, region)
}

fn write(
    op: &Operation<'_>,
    kind: &Kind,
    levels: &[Level],
    region: Option<Region>,
    found: &[&Entity],
    distinct: bool,
    sheet: &mut Sheet,
) {
    let code = match region.or(op.region) {
        Some(Region::Cervical) => kind.first[0],
        Some(Region::Thoracic) => kind.first[1],
        _ => kind.first[2],
    };
    let n = levels.len().max(1);
    if let Some(d) = sheet.line(code, 1, levels.iter().take(1).copied().collect(), found, kind.why)
        && distinct
    {
        d.modifiers.push("59");
    }
    if let Some(d) = sheet.line(kind.more, n - 1, levels.iter().skip(1).copied().collect(), found, kind.why) {
        d.primary = Some(code);
        if distinct {
            d.modifiers.push("59");
        }
    }
}

re!(
    WHOLE_FACETS,
    r"\b(?:inferior|lower)\b[^.;]{0,70}\b(?:and|then)\b[^.;]{0,30}\b(?:superior|upper)\b[^.;]{0,24}\b(?:facets?|articular)|\b(?:superior|upper)\b[^.;]{0,30}\b(?:and|then)\b[^.;]{0,30}\b(?:inferior|lower)\b[^.;]{0,24}\b(?:facets?|articular)|\b(?:both|whole|entire|complete|all(?: four)?|full)\b[^.;]{0,24}\b(?:facets?|facet joints?|facetectom\w+)"
);
re!(FLAVUM, r"\bflavum\b|yellow ligament|\bligaments?\b");
re!(TAKEN, r"\b(?:resect\w*|remov\w*|excis\w*|taken|took|taking|cut|drilled|came out|off)\b");
re!(
    TO_CORRECT,
    r"\b(?:for|to (?:allow|gain|get|restore|permit)|so that)\b[^.;]{0,60}\b(?:correct\w*|lordosis|kyphosis|clos\w+|shorten\w*|extension|realign\w*|derotat\w*|flexib\w+|open\w*|loosen\w*|mobil\w*)|\bso (?:that )?(?:the|it|they|each)\b[^.;]{0,40}\b(?:correct\w*|clos\w+|open\w*|mov\w+|loosen\w*)|\bto (?:loosen|mobili[sz]e|free up|relax) the (?:apex|curve|kyphosis|spine|deformity)|\b(?:gaps?|osteotom\w+|wedges?)\b[^.;]{0,60}\bclosed\b|\bclos(?:ed|ing) (?:the |these |all |each |down )*(?:\w+ )?(?:gaps?|wedges?)"
);
re!(
    PEDICLES_GONE,
    r"\bpedicles?\b[^.;]{0,50}\b(?:taken (?:down|off|away)|removed|resected|drilled (?:away|down)|cut (?:flush|off|away)|excised|subtracted|came out|out)|\b(?:resect\w*|remov\w*|took|taken|cut|drilled)\b[^.;]{0,160}\bboth pedicles\b"
);
re!(
    WEDGE,
    r"\bwedge\b[^.;]{0,40}\b(?:body|vertebra\w*)|\b(?:body|vertebra\w*)\b[^.;]{0,40}\bwedge\b|decancellat\w+|egg-?shell\w*|\bbody\b[^.;]{0,40}\bhollowed"
);
re!(
    CLOSED,
    r"\b(?:gaps?|wedge|osteotomy|defect)\b[^.;]{0,40}\b(?:clos\w+|shut)|\bclosed\b[^.;]{0,40}\b(?:bone on bone|gaps?|wedge|down)|collaps\w+|\bclos(?:ing|ure)\b|\b(?:\d+|ten|twenty|twenty-five|thirty|thirty-five|forty)(?: of)? degrees"
);

re!(AGAIN, r"\b(?:same|likewise|repeated|identical\w*|similarly|in like manner)\b");

/// How many sentences the acts of one osteotomy may stretch over.
const WITHIN: usize = 3;

/// Osteotomies that no heading names, proved by what was cut and what for; asked about.
fn by_acts(op: &Operation<'_>, sheet: &mut Sheet) {
    let said = |r| op.find(r, &[Part::Body], &[Assertion::Done]);
    let near = |a: usize, b: usize| a.abs_diff(b) < WITHIN;
    let sentence =
        |at: usize| op.note.sentences.iter().position(|s| s.start <= at && at < s.end).unwrap_or(0);
    let with = |r, i: usize| said(r).into_iter().find(|s| near(sentence(s.0), i));
    let singles = |i: usize| -> Vec<Vertebra> {
        let Some(s) = op.note.sentences.get(i) else { return vec![] };
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        here.filter(|g| g.only_singles() && g.items.len() == 1).flat_map(Group::vertebrae).collect()
    };
    let mut found = vec![];
    for wedge in said(&WEDGE) {
        let i = sentence(wedge.0);
        let (Some(pedicles), Some(closed)) = (with(&PEDICLES_GONE, i), with(&CLOSED, i)) else { continue };
        let here: Vec<Vertebra> =
            dedup([i, sentence(pedicles.0)].into_iter().flat_map(singles).collect::<Vec<_>>());
        if let [bone] = here.as_slice() {
            found.push((&THREE_COLUMN, vec![Level::Vertebra(*bone)], vec![wedge, pedicles, closed]));
        }
    }
    if found.is_empty() {
        let mut spaces: Vec<Interspace> = vec![];
        let mut spans = vec![];
        for facets in said(&WHOLE_FACETS) {
            let i = sentence(facets.0);
            let words = op.note.words(i);
            let Some(purpose) = with(&TO_CORRECT, i) else { continue };
            if has(&FLAVUM, words) && has(&TAKEN, words) {
                spaces.extend(op.account.topic(i));
                spans.extend([facets, purpose]);
                // "Did the same thing at L3-4 and at L4-5."
                for k in (i + 1..op.note.sentences.len()).take(2).filter(|k| has(&AGAIN, op.note.words(*k))) {
                    let Some(s) = op.note.sentences.get(k) else { continue };
                    let here =
                        op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
                    spaces.extend(here.flat_map(Group::interspaces));
                }
            }
        }
        let mut spaces = dedup(spaces);
        spaces.sort();
        if !spaces.is_empty() {
            found.push((&POSTERIOR, at(&spaces), spans));
        }
    }
    for (kind, levels, spans) in found {
        let region = levels.first().and_then(|l| l.vertebrae().first().map(|v| v.region()));
        let from = sheet.drafts.len();
        write(op, kind, &levels, region, &[], false, sheet);
        for d in sheet.drafts.iter_mut().skip(from) {
            d.spans.extend(spans.iter().take(4));
            d.confidence = 0.55;
        }
        sheet.ask(
            "The description makes an osteotomy that the heading does not name: is the heading incomplete?",
            &[kind.first[2], kind.more],
            spans,
        );
    }
}

/// Interspaces at which the sheet has an osteotomy: those of its level, and both beside a bone.
pub(super) fn cut(sheet: &Sheet) -> Vec<Interspace> {
    let codes = [&THREE_COLUMN, &POSTERIOR].map(|k| [k.first[0], k.first[1], k.first[2], k.more]).concat();
    let levels = sheet.drafts.iter().filter(|d| codes.contains(&d.code)).flat_map(|d| &d.levels);
    let spaces = levels.flat_map(|l| match *l {
        Level::Interspace(s) => vec![s],
        Level::Vertebra(v) => {
            [v.above().and_then(Interspace::below), Interspace::below(v)].into_iter().flatten().collect()
        }
        _ => vec![],
    });
    dedup(spaces.collect())
}

/// Bones removed whole between three-column cuts, with the discs beside them.
pub(super) fn resected(op: &Operation<'_>) -> Vec<Vertebra> {
    let whole = op.work(&[C::OsteotomyThreeColumn]).into_iter().filter(|e| {
        let name = op.note.doc.slice(e.start, e.end);
        name.contains("resection") || name.contains("vcr")
    });
    dedup(whole.flat_map(|e| e.vertebrae()).collect())
}
