//! Posterior decompression (discs: `disc`): laminectomy, laminoplasty, and what fusion leaves of them.
//!
//! Sources: spine rules 3.3–3.6, 3.8; bundles SP-01, SP-08, SP-19. The unit of a laminectomy is the segment
//! decompressed, of a discectomy the interspace.

mod beyond;
mod segments;

use super::disc::{discectomy, root_decompression, side, told_discs, told_discs_anyway};
use super::fusion::Fused;
use super::{Sheet, bones};
use crate::account::{Site, along_trough, for_screw, joint_fused};
use crate::approach;
use crate::concept::Concept as C;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use beyond::beside_interbody;
pub(super) use beyond::goes_beyond;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Region};
pub(super) use segments::distinct;
use segments::{laminectomy, places, side_of};

re!(NARROW, r"stenosis|claudication|stenotic|\brecess\b");
re!(STENOSIS, r"stenosis|claudication|stenotic");
re!(HERNIATION, r"herniat\w+|\bhnp\b|extru\w+|protru\w+|sequest\w+|ruptured dis[ck]|free fragment");
pub(super) const ANY: [crate::assertion::Assertion; 3] = [
    crate::assertion::Assertion::Done,
    crate::assertion::Assertion::Planned,
    crate::assertion::Assertion::Denied,
];
re!(PLATED, r"(?:mini-?)?plates?|plating|bony reconstruction|allograft (?:spacer|strut|wedge)|suture anchor");
re!(
    EDGE,
    r"\b(?:half|thirds?|quarter|edge|rim|border|margin|lip|upper|lower|superior|inferior|sup|inf|top|bottom|caudal|cephalad)\b"
);
re!(
    RIM,
    r"\b(?:upper|superior|sup|top|cephalad|cranial)(?: \w+){0,2}(?: of)?(?: the)?(?: lamina(?: of)?)?(?: the)? ?$"
);
re!(DOORS, r"\b(?:troughs?|hinges?|doors?|(?:mini-?)?plates?|opening side)\b");
re!(OPENED, r"lamin\w+|facetectom\w+|foraminotom\w+|kerrison|rongeur|incision|\bburr?\b|drill\w*");
re!(KEYHOLE, r"key-?hole|lamino-?foraminotom\w+");
re!(LOOSE_ARCH, r"\bgill\b|loose (?:posterior )?(?:arch|element)s?");

/// Decompressed places: interspaces, or vertebrae where laminae are named one by one.
struct Places {
    spaces: Vec<Interspace>,
    bones: Vec<iambilly_claim::Vertebra>,
}

pub(super) fn apply(op: &Operation<'_>, f: &Fused, sheet: &mut Sheet) {
    if f.laminoplasty {
        return laminoplasty(op, sheet);
    }
    let discs: Vec<&Entity> =
        op.work(&[C::Discectomy, C::Transpedicular]).into_iter().filter(|e| !in_front(op, f, e)).collect();
    let mut discs = discs;
    let mut lams = op.work(&[C::Laminectomy]);
    let mut lotomies = op.work(&[C::Laminotomy]);
    lotomies.retain(|e| !for_screw(op.note.words(e.sentence)));
    let mut parts: Vec<&Entity> = parts_listed(op, f);
    let mut anywhere = op.default_spaces();
    if anywhere.is_empty() && !op.listed {
        anywhere = op.complained_of();
    }
    let seen: Vec<Site<'_>> = if from_behind(op, f) { op.account.sites(op.note, &anywhere) } else { vec![] };
    // A disc of the heading that the telling found flat and left: what was opened for its root is what was done.
    if lams.is_empty()
        && op.all_spaces(&discs).len() == 1
        && dx(op, &NARROW)
        && let Some(shut) = super::overstated::disc_shut(op)
    {
        let here = op.all_spaces(&discs);
        let full = seen.iter().filter(|o| o.full() && here.contains(&o.space));
        lams.extend(full.flat_map(|o| o.from.first()).copied());
        if !lams.is_empty() {
            discs.clear();
            sheet.ask(
                "The heading names a disc that the description says was not entered: please correct the heading.",
                &["63030", "63047"],
                vec![shut],
            );
        }
    }
    // "Decompression" alone names no operation: the telling says which.
    let general =
        lams.is_empty() && lotomies.is_empty() && parts.iter().all(|e| e.concept == C::Decompression);
    let named = !(lams.is_empty() && lotomies.is_empty() && parts.is_empty());
    // What an osteotomy removes is not decompressed again at the same place (3.19).
    let mut cut = op.all_spaces(&op.work(&[C::OsteotomyPosterior, C::OsteotomyThreeColumn]));
    for v in op.work(&[C::OsteotomyThreeColumn]).iter().flat_map(|e| e.vertebrae()) {
        cut.extend([v.above().and_then(Interspace::below), Interspace::below(v)].into_iter().flatten());
    }
    cut.extend(super::osteotomy::cut(sheet));
    let unnamed = unlisted(op, f, &seen, named || !discs.is_empty(), &cut);
    lams.extend(unnamed.iter().flat_map(|o| o.from.first()).copied());
    if (!named || general && op.listed) && unnamed.is_empty() && discs.is_empty() {
        lams.extend(laminae_gone(op, f));
    }
    if general && !lams.is_empty() && unnamed.is_empty() {
        // The laminae told one by one say how far the decompression of the heading went.
        parts.clear();
    }
    let told = if discs.is_empty() && (general || !op.listed) && !op.quoted_only {
        told_discs(op, f, &seen, &cut)
    } else if discs.is_empty() && op.listed && !op.quoted_only {
        // "Laminectomy L4-5 and L5-S1", and at one of them the telling takes a hernia out that the diagnoses name there.
        let hernia = |o: &Site<'_>| o.fragment && !o.facet && o.named && herniated_at(op, o.space);
        told_discs_anyway(op, f, &seen, &cut).into_iter().filter(hernia).collect()
    } else {
        vec![]
    };
    if discs.is_empty() && told.is_empty() && lams.is_empty() && lotomies.is_empty() && parts.is_empty() {
        return;
    }
    let inter = &f.posterior_interbody;
    let opened: Vec<&Entity> = lams.iter().chain(&lotomies).chain(&parts).copied().collect();

    // Beside an interbody fusion at the same interspace: 63052/63053 or nothing (SP-01).
    let mut all_open = op.all_spaces(&opened);
    for e in opened.iter().filter(|e| !e.groups.is_empty() && e.groups.iter().all(Group::only_singles)) {
        // A lamina covers the interspace below it.
        all_open.extend(e.vertebrae().into_iter().filter_map(Interspace::below));
    }
    all_open.extend(unnamed.iter().map(|o| o.space));
    let mut all_open = dedup(all_open);
    if opened.iter().all(|e| e.groups.is_empty()) && !inter.is_empty() {
        all_open = inter.clone();
    }
    let same: Vec<Interspace> = all_open.iter().copied().filter(|s| inter.contains(s)).collect();
    beside_interbody(op, &same, &opened, &seen, sheet);

    // Discectomies at interspaces that are not fused.
    let fused = f.interbody();
    let disc_spaces: Vec<Interspace> = op
        .all_spaces(&discs)
        .into_iter()
        .filter(|s| !fused.contains(s) && !f.replaced.contains(s) && !cut.contains(s))
        .collect();
    let mut disc_spaces = disc_spaces;
    for site in &told {
        disc_spaces.push(site.space);
        discs.extend(
            site.from.iter().copied().filter(|e| matches!(e.concept, C::DiscRemoved | C::FragmentRemoved)),
        );
    }
    let stenosis = dx(op, &STENOSIS);
    let herniation = dx(op, &HERNIATION) || told.iter().any(|o| o.fragment);
    let full = !lams.is_empty() && opens_roots(op);
    // 63030 beside 63047 at one interspace: 63047 alone (3.5).
    let here =
        |e: &&Entity| e.interspaces().is_empty() || disc_spaces.iter().all(|s| e.interspaces().contains(s));
    let listed = |c: C| op.documented(&[c]).iter().any(|e| e.part == Part::Procedures && here(e));
    let named_in_full = listed(C::Laminectomy) && listed(C::Facetectomy) && listed(C::Foraminotomy);
    let by_laminectomy = stenosis && full && (!herniation || named_in_full);
    let mut used: Vec<Interspace> = vec![];
    if !disc_spaces.is_empty() && !by_laminectomy {
        let from = sheet.drafts.len();
        discectomy(op, &disc_spaces, &discs, &seen, sheet);
        // At another interspace than the interbody fusion: distinct, and said so (SP-01).
        if !f.posterior_interbody.is_empty()
            && let Some(d) = sheet.drafts.get_mut(from)
        {
            d.modifiers.insert(0, "59");
        }
        used.clone_from(&disc_spaces);
    }

    used.extend(&cut);
    let mut places = places(op, &opened, &used, inter);
    let nowhere = |e: &&Entity| e.groups.is_empty();
    if opened.iter().all(nowhere) {
        // The headings name no level: those the telling decompresses.
        let told = seen.iter().filter(|o| o.full() && o.named && !used.contains(&o.space));
        let told: Vec<Interspace> =
            told.map(|o| o.space).filter(|s| !inter.contains(s) && !op.account.is_left_alone(*s)).collect();
        if !told.is_empty() {
            places.spaces = sorted(told);
        }
    }
    let places = reconcile(op, places, &seen, &used, inter, sheet);
    if places.spaces.is_empty() && places.bones.is_empty() {
        return;
    }
    let neck = places.spaces.first().is_some_and(|s| s.region() == Region::Cervical);
    let one_sided = matches!(side(op, &opened), Some(Laterality::Left | Laterality::Right));
    let foramina: Vec<&Entity> =
        lotomies.iter().chain(parts.iter().filter(|e| e.concept == C::Foraminotomy)).copied().collect();
    // A keyhole is a foramen's way in whatever else the heading calls it.
    let keyhole = neck && one_sided && !stenosis && !foramina.is_empty() && !op.says(&KEYHOLE).is_empty();
    // One edge of the neck's laminae and a foramen, told by acts alone: the root was freed, the canal not unroofed.
    let edge = |o: &Site<'_>| o.foramen && !o.from.iter().any(|e| has(&WHOLE, op.note.words(e.sentence)));
    let root_alone =
        !named && neck && one_sided && !stenosis && !unnamed.is_empty() && unnamed.iter().all(edge);
    if root_alone {
        return root_decompression(op, &places.spaces, &opened, sheet);
    }
    if keyhole
        || lams.is_empty() && !foramina.is_empty() && (neck && one_sided || !lotomies.is_empty() && !stenosis)
    {
        // Laminotomy for a root without stenosis, and a foramen of the neck opened from behind on one side: the
        // disc family, per interspace and side.
        return root_decompression(op, &places.spaces, &foramina, sheet);
    }
    // Beside a fusion a heading's "decompression" needs a stenosis, or a lamina and a facet that the telling takes there.
    let told_there = seen.iter().any(|o| o.full() && o.named && places.spaces.contains(&o.space));
    if lams.is_empty() && lotomies.is_empty() && !stenosis && f.any() && !told_there {
        return;
    }
    laminectomy(op, f, &places, &opened, &seen, (!same.is_empty(), !cut.is_empty()), sheet);
}

/// Whether the spine was reached from behind at all.
fn from_behind(op: &Operation<'_>, f: &Fused) -> bool {
    let front = !(f.anterior.is_empty() && f.replaced.is_empty() && f.disc_only.is_empty());
    !front || !f.posterior().is_empty() || !op.work(&[C::Laminectomy, C::Laminotomy]).is_empty()
}

/// Decompressions the narrative describes in full, at interspaces it names, that no heading names.
fn unlisted<'a>(
    op: &Operation<'a>,
    f: &Fused,
    seen: &[Site<'a>],
    named: bool,
    cut: &[Interspace],
) -> Vec<Site<'a>> {
    if (op.listed && (named || !f.any())) || (!f.any() && named) {
        return vec![];
    }
    // Beside an interbody fusion roots or recesses opened beyond what it needs are enough (63052).
    let said_beyond = goes_beyond(op);
    let beyond =
        |o: &&Site<'_>| said_beyond && f.posterior_interbody.contains(&o.space) && (o.recess || o.foramen);
    seen.iter()
        .filter(|o| {
            // Where one space alone was emptied, the roots freed "well beyond" are those of it.
            let at_one = || beyond(o) && f.posterior_interbody.as_slice() == [o.space];
            (o.full() || beyond(o))
                && (o.named || at_one())
                && !cut.contains(&o.space)
                && !f.anterior.contains(&o.space)
        })
        .filter(|o| !op.account.is_left_alone(o.space))
        .cloned()
        .collect()
}

re!(
    WHOLE,
    r"\b(?:complete(?:ly)?|entire(?:ly)?|whole|en bloc|removal of|removed|resected|excised|taken (?:off|out|away)|came off|lifted (?:off|out|away)|(?:in|as) one piece|piecemeal|lifted\b[^.;]{0,50}\b(?:off|out|away)|drilled (?:off|away|through)|bitten (?:off|away))\b"
);

/// Laminae that the narrative says were removed one by one and no heading names: in a note without a list, and
/// beside a fusion laid from behind, where they are a decompression of their own (3.3).
fn laminae_gone<'a>(op: &Operation<'a>, f: &Fused) -> Vec<&'a Entity> {
    if op.listed && (f.posterolateral.is_empty() || !f.posterior_interbody.is_empty()) {
        return vec![];
    }
    let kinds: &[C] = if op.listed { &[C::Laminectomy, C::LaminaOpened] } else { &[C::LaminaOpened] };
    let gone = |e: &&Entity| {
        let words = op.note.words(e.sentence);
        let several = !op.listed || e.vertebrae().len() > 1;
        e.part == Part::Body
            && e.groups.iter().any(Group::only_singles)
            && several
            && has(&WHOLE, words)
            && !for_screw(words)
    };
    op.documented(kinds).into_iter().filter(gone).collect()
}

re!(
    LIKEWISE,
    r"\b(?:same|similar\w*|identical\w*|likewise|repeated|each|every|all|both|other|remaining|next|adjacent|above|below) ?(?:\w+ )?(?:levels?|interspaces?|segments?|procedure|manner|fashion|way|steps?|sequence|technique|work)|likewise|repeated|in sequence"
);

/// Holds the interspaces a heading names against those the narrative opens.
///
/// Laminae named one by one ("laminectomy of L3 and L4") are placed where the narrative opens them; what a
/// heading claims and the narrative, level by level, never mentions is asked about and not billed; what the
/// narrative opens in full beyond the heading is billed from the narrative.
fn reconcile(
    op: &Operation<'_>,
    places: Places,
    seen: &[Site<'_>],
    used: &[Interspace],
    inter: &[Interspace],
    sheet: &mut Sheet,
) -> Places {
    let free = |s: &Interspace| !used.contains(s) && !inter.contains(s) && !op.account.is_left_alone(*s);
    let strong: Vec<Interspace> =
        seen.iter().filter(|o| o.full() && o.named && free(&o.space)).map(|o| o.space).collect();
    let touched: Vec<Interspace> = seen.iter().filter(|o| o.named).map(|o| o.space).collect();
    if !places.bones.is_empty() {
        // "The lower half of L4 and the upper rim of L5": both edges bound the one segment opened.
        let bound = |v: &iambilly_claim::Vertebra| strong.iter().any(|s| s.upper() == *v || s.lower() == *v);
        let edges = || {
            let opened = op.documented(&[C::LaminaOpened]).into_iter().filter(|e| e.part == Part::Body);
            let lowest = places.bones.iter().max().copied();
            let rim = |g: &Group| {
                g.vertebrae().into_iter().max() == lowest
                    && has(&RIM, op.note.doc.slice(g.start.saturating_sub(40), g.start))
            };
            op.note.groups.iter().any(rim)
                && opened.into_iter().all(|e| has(&EDGE, op.note.words(e.sentence)))
        };
        let all_bound = !op.listed && !strong.is_empty() && places.bones.iter().all(bound);
        let one = || all_bound && edges();
        // A note without a list that names one lamina and opens two segments in full.
        let more = all_bound && strong.len() > places.bones.len();
        let fits = more
            || (strong.len() > 1 || one())
                && strong.len() <= places.bones.len()
                && strong
                    .iter()
                    .all(|s| places.bones.contains(&s.upper()) || places.bones.contains(&s.lower()));
        return if fits { Places { spaces: sorted(strong), bones: vec![] } } else { places };
    }
    let mut spaces = places.spaces;
    let unseen: Vec<Interspace> = spaces.iter().copied().filter(|s| !touched.contains(s)).collect();
    let body: Vec<Interspace> = op.body_spaces();
    let silent = |s: &Interspace| !body.contains(s);
    if op.listed
        && spaces.iter().any(|s| strong.contains(s))
        && !unseen.is_empty()
        && unseen.iter().all(silent)
        && op.find(&LIKEWISE, &[Part::Body], &[crate::assertion::Assertion::Done]).is_empty()
    {
        let spans = op.spans_of(&unseen);
        sheet.ask(
            "The heading names a level that the description never mentions: was it decompressed?",
            &["63047", "63048"],
            spans,
        );
        spaces.retain(|s| !unseen.contains(s));
    }
    for s in strong {
        // Only beyond the stretch the headings cover: inside it the heading counts the levels.
        if spaces.contains(&s) || (op.listed && spaces.is_empty()) {
            continue;
        }
        if op.listed {
            sheet.ask(
                "The description opens a level that the heading does not name: is the heading incomplete?",
                &["63048"],
                op.spans_of(&[s]),
            );
        }
        spaces.push(s);
    }
    Places { spaces, bones: vec![] }
}

fn sorted(mut spaces: Vec<Interspace>) -> Vec<Interspace> {
    spaces.sort();
    spaces
}

re!(
    FACETS_KEPT,
    r"\bfacets?(?: joints?)?(?:,? (?:and|or) (?:the )?foram\w+)? (?:was|were) (?:not|never|neither) (?:\w+ )?(?:entered|opened|violated|touched|disturbed|resected|trimmed|undercut|taken)|\bfacets?(?: joints?)?(?:,? (?:and|or) (?:the )?foram\w+)? (?:was|were) (?:left|kept) (?:intact|whole|alone|untouched|undisturbed|covered)"
);
// "The dome of C2 was undercut": the lamina, no facet.
re!(DOME, r"\b(?:dome|arch|lamina)\b[^.;,]{0,20}$");

/// Whether facets, foramina or recesses were opened: said to be, and not only said not to be.
pub(super) fn opens_roots(op: &Operation<'_>) -> bool {
    let opened = [C::FacetTrimmed, C::ForamenOpened, C::RecessOpened, C::Facetectomy, C::Foraminotomy];
    // What the part through the front opened says nothing of the part from behind.
    let ways = &op.account.ways;
    let both = approach::both(ways);
    let front = |e: &&Entity| both && ways.get(e.sentence).copied().flatten() == Some(approach::Way::Front);
    op.documented(&opened).iter().any(|e| {
        let prepared = e.concept == C::FacetTrimmed && joint_fused(op.note, e);
        let of_lamina = has(&DOME, op.note.doc.slice(e.start.saturating_sub(28), e.start));
        !of_lamina
            && !front(e)
            && !along_trough(op.note, e)
            && !prepared
            && !for_screw(op.note.words(e.sentence))
    })
}

/// "Decompression", "foraminotomy" count as work of their own when the list of procedures names them.
fn parts_listed<'a>(op: &Operation<'a>, f: &Fused) -> Vec<&'a Entity> {
    if op.says(&OPENED).is_empty() {
        return vec![];
    }
    op.documented(&[C::Decompression, C::Foraminotomy, C::Facetectomy])
        .into_iter()
        .filter(|e| e.part == Part::Procedures && !in_front(op, f, e))
        .collect()
}

re!(
    FROM_BEHIND,
    r"posterior (?:approach|lumbar|cervical|thoracic|spinal|decompress|dis[ck]ectom|foramin|lamin|incision|midline)|lamin(?:a\b|ae|ec|ot|of)|from behind|hemilamin"
);

/// The work belongs to an operation from the front.
fn in_front(op: &Operation<'_>, f: &Fused, e: &Entity) -> bool {
    let words = op.note.words(e.sentence);
    let says_back = has(&FROM_BEHIND, words);
    let spaces = op.spaces(e);
    let front = f.anterior.iter().chain(&f.replaced).chain(&f.disc_only);
    let overlaps = front.clone().any(|s| spaces.contains(s));
    let neck = op.front_of_neck && may_be_neck(&spaces);
    !says_back && (neck || overlaps || (spaces.is_empty() && front.count() > 0))
}

/// What an operation through the front of the neck can reach: a lumbar disc beside it is an operation of its own.
pub(super) fn may_be_neck(spaces: &[Interspace]) -> bool {
    spaces.is_empty() || spaces.iter().any(|s| s.region() != Region::Lumbar)
}

/// Whether the diagnoses (or, without any, the rest of the note) say it.
fn dx(op: &Operation<'_>, r: &std::sync::LazyLock<Option<regex::Regex>>) -> bool {
    let all = [crate::assertion::Assertion::Done, crate::assertion::Assertion::Past];
    let listed = [Part::Before, Part::After, Part::Diagnosis];
    if op.note.sentences.iter().any(|s| listed.contains(&s.part)) {
        return !op.find(r, &listed, &all).is_empty();
    }
    !op.find(r, &[Part::Body, Part::History, Part::Procedures, Part::Other], &all).is_empty()
}

/// A diagnosis names a herniated disc at this interspace, and no stenosis in the same breath.
fn herniated_at(op: &Operation<'_>, space: Interspace) -> bool {
    let listed = [Part::Before, Part::After, Part::Diagnosis];
    (0..op.note.sentences.len()).any(|i| {
        let Some(s) = op.note.sentences.get(i).filter(|s| listed.contains(&s.part)) else { return false };
        let words = op.note.words(i);
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end);
        has(&HERNIATION, words)
            && !has(&STENOSIS, words)
            && here.flat_map(Group::interspaces).any(|g| g == space)
    })
}

fn laminoplasty(op: &Operation<'_>, sheet: &mut Sheet) {
    let found = op.work(&[C::Laminoplasty]);
    let mut vs: Vec<_> = found.iter().flat_map(|e| e.vertebrae()).collect();
    if vs.is_empty() {
        // The heading names no bone: those of the troughs, the doors and their plates.
        let told = (0..op.note.sentences.len()).filter(|i| has(&DOORS, op.note.words(*i)));
        let told = told.filter_map(|i| op.note.sentences.get(i)).filter(|s| s.part == Part::Body);
        vs = told
            .flat_map(|s| op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve))
            .flat_map(Group::vertebrae)
            .collect();
    }
    vs.sort();
    vs.dedup();
    let code = if op.says(&PLATED).is_empty() { "63050" } else { "63051" };
    sheet.line(
        code,
        1,
        bones(&vs),
        &found,
        "laminoplasty, once per session; plates are part of it (3.4, SP-19)",
    );
    let extra = op.documented(&[C::Laminectomy, C::Foraminotomy, C::Decompression]);
    sheet.refuse(
        "63045",
        "laminectomy and foraminotomy are part of the laminoplasty",
        "SP-19",
        extra.iter().map(|e| e.reach()).collect(),
    );
}
