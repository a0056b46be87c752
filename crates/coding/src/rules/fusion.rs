//! Arthrodesis, disc replacement and corpectomy: which interspaces, from which side, and their codes.
//!
//! Sources: spine rules 3.1–3.3, 3.7–3.9; bundles SP-01 to SP-07. Counting: one primary and (n−1) add-ons.

mod lines;

use super::corpectomy::corpectomies;
use super::decompression::may_be_neck;
use super::overstated::{converted, denied_in_body, given_up, nothing_laid_behind};
use super::{Sheet, deformity};
use crate::approach;
use crate::concept::Concept as C;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::{Interspace, Region, Vertebra};
pub(super) use lines::line_family;
use lines::{anterior_lines, posterior_lines, replaced_lines};

/// What was fused or replaced, for the rules that follow.
#[derive(Debug, Default)]
pub(crate) struct Fused {
    pub(crate) anterior: Vec<Interspace>,
    pub(crate) posterior_interbody: Vec<Interspace>,
    pub(crate) posterolateral: Vec<Interspace>,
    pub(crate) replaced: Vec<Interspace>,
    pub(crate) corpectomy: Vec<Vertebra>,
    /// Discs removed through the front of the neck without fusion.
    pub(crate) disc_only: Vec<Interspace>,
    pub(crate) laminoplasty: bool,
    /// A heading names a fusion and the telling takes it back.
    pub(crate) taken_back: bool,
}

impl Fused {
    pub(crate) fn any(&self) -> bool {
        !(self.anterior.is_empty() && self.posterior_interbody.is_empty() && self.posterolateral.is_empty())
    }
    pub(crate) fn interbody(&self) -> Vec<Interspace> {
        dedup(self.anterior.iter().chain(&self.posterior_interbody).copied().collect())
    }
    pub(crate) fn posterior(&self) -> Vec<Interspace> {
        dedup(self.posterior_interbody.iter().chain(&self.posterolateral).copied().collect())
    }
}

re!(
    GUTTERS,
    r"(?:decorticat\w+|graft\w*|bone)\b[^.;]{0,110}\b(?:transverse process\w*|gutters?|inter-?transverse|postero-?laterally|posterolateral|sacral ala)|(?:transverse process\w*|gutters?|sacral ala)\b[^.;]{0,90}\b(?:decorticat\w+|graft\w*|bone)"
);
// Facets burred and grafted are a posterior bed as well (spine rules 3.9).
re!(
    FACETS_GRAFTED,
    r"\bfacets?(?: joints?)?\b[^.;]{0,40}\b(?:decorticat\w+|burred|roughened|denuded)\b[^.;]{0,50}\b(?:graft\w*|bone|chips|packed)\b|\b(?:decorticat\w+|burred|roughened|denuded)\b[^.;]{0,30}\bfacets?(?: joints?)?\b[^.;]{0,50}\b(?:graft\w*|bone|chips|packed)\b"
);
re!(NOT_LAID, r"\b(?:no|not|never|nothing|nor|without|spared|left alone|untouched)\b");
re!(
    NECK_DECOMPRESSION,
    r"decompress\w*|\bcord\b|osteophyte\w*|posterior longitudinal ligament|\bpll\b|foramin\w+|foramen|\broots?\b|\bdura\b|spinal cord|thecal|uncovertebral|uncinate"
);

/// Reads the fusions and writes their lines.
pub(crate) fn apply(op: &Operation<'_>, sheet: &mut Sheet) -> Fused {
    let mut f = Fused { laminoplasty: !op.work(&[C::Laminoplasty]).is_empty(), ..Fused::default() };
    let cervical = |s: &Interspace| s.region() == Region::Cervical;

    let replacements = op.work(&[C::Arthroplasty]);
    f.replaced = op.all_spaces(&replacements);
    let given_up = given_up(op, &[C::Arthroplasty], &f.replaced);
    f.replaced.retain(|s| !given_up.contains(s));
    let named = op.work(&[
        C::Acdf,
        C::InterbodyAnterior,
        C::InterbodyPosterior,
        C::FusionPosterolateral,
        C::Interbody,
        C::Fusion,
    ]);
    let headed = !named.is_empty();
    let named = denied_in_body(op, named, sheet);
    f.taken_back = headed && named.is_empty();
    let beside = extracavitary(op);
    let specific: Vec<&Entity> = named.iter().copied().filter(|e| e.concept != C::Fusion).collect();
    let covered = op.all_spaces(&specific);
    let mut front: Vec<&Entity> = vec![];
    let mut back_body: Vec<&Entity> = vec![];
    let mut back: Vec<&Entity> = vec![];
    for e in &named {
        let spaces = op.spaces(e);
        let neck = spaces.first().map_or(op.region == Some(Region::Cervical), cervical);
        match e.concept {
            C::Acdf | C::InterbodyAnterior => front.push(e),
            C::InterbodyPosterior => back_body.push(e),
            C::FusionPosterolateral => back.push(e),
            C::Interbody | C::Fusion if beside => front.push(e),
            C::Interbody if neck || op.goes_in_from_front(e) => front.push(e),
            C::Interbody => back_body.push(e),
            // A general "fusion" counts where nothing more precise is said of its levels.
            _ if !specific.is_empty() && spaces.iter().all(|s| covered.contains(s)) => {}
            _ if (neck && op.front_of_neck && !posterior_words(op, e)) || op.goes_in_from_front(e) => {
                front.push(e)
            }
            _ => back.push(e),
        }
    }
    nothing_laid_behind(op, &front, &mut back, sheet);
    f.anterior = op.all_spaces(&front);
    converted(op, &mut f, &given_up, &mut front, sheet);
    f.posterior_interbody = op.all_spaces(&back_body);
    f.posterior_interbody.retain(|s| !op.account.disc_left.contains(s));
    f.posterolateral = back_spaces(op, &back);

    let discs = neck_discs(op, &mut f);
    let acts = told_in_parts(op, &mut f, &front, &back, sheet);
    infer_from_cage(op, &mut f, &mut front, &mut back_body);
    each_filled(op, &mut f);
    likewise(op, &mut f);
    widen_posterolateral(op, &mut f, &mut back);
    f.anterior.retain(|s| !f.replaced.contains(s));
    nothing_in_front(op, &mut f, &mut front);
    not_fused(op, &mut f, sheet);

    replaced_lines(&f, &replacements, sheet);
    let hybrid = !f.replaced.is_empty();
    corpectomies(op, &mut f, sheet);
    let deformed = deformity::apply(op, &f, &front, &back, sheet);
    let front_proof: Vec<&Entity> = front.iter().chain(&discs).copied().collect();
    if !deformed.anterior {
        anterior_lines(op, &f, &front_proof, sheet);
    }
    if hybrid {
        // A fusion beside a replacement, at another level: column two of 22856 (3.2).
        for d in sheet.drafts.iter_mut().filter(|d| matches!(d.code, "22551" | "22554")) {
            d.modifiers.push("59");
        }
    }
    if !f.disc_only.is_empty() {
        line_family(
            sheet,
            "63075",
            "63076",
            &f.disc_only,
            &discs,
            "anterior neck discectomy without fusion (CNT)",
        );
    }
    let all_back: Vec<&Entity> = back_body.iter().chain(&back).copied().collect();
    if !deformed.posterior {
        posterior_lines(&f, &all_back, sheet);
    }
    // A fusion that only its acts tell rests on their words.
    for d in sheet.drafts.iter_mut().filter(|d| d.spans.is_empty()) {
        d.spans.clone_from(&acts);
        d.confidence = d.confidence.min(0.55);
    }
    f
}

re!(
    NOTHING_IN_FRONT,
    r"\bnothing (?:was )?(?:anterior(?:ly)?|in front|from the front|through the (?:front|belly))\b|\bno anterior (?:work|procedure|surgery|approach|exposure|stage)\b|\banterior\b[^.;]{0,40}\b(?:not (?:done|touched|re-?opened|revisited)) (?:today|now|this time)"
);

/// Nothing was done through the front today: cages met there are those of the other stage.
fn nothing_in_front(op: &Operation<'_>, f: &mut Fused, front: &mut Vec<&Entity>) {
    let told = [Part::Body, Part::Other, Part::History];
    let said = op.find(&NOTHING_IN_FRONT, &told, &super::decompression::ANY);
    if !said.is_empty() && !op.listed && !f.posterior().is_empty() {
        f.anterior.clear();
        front.clear();
    }
}

/// Levels that a heading fuses and the telling, though it decompresses them, says were not fused.
fn not_fused(op: &Operation<'_>, f: &mut Fused, sheet: &mut Sheet) {
    let unfused = &op.account.unfused;
    let all = [&mut f.anterior, &mut f.posterior_interbody, &mut f.posterolateral];
    let mut gone = vec![];
    for spaces in all {
        gone.extend(spaces.iter().filter(|s| unfused.contains(s)).copied());
        spaces.retain(|s| !unfused.contains(s));
    }
    if !gone.is_empty() {
        sheet.ask(
            "The heading fuses a level that the description says was not fused: please correct the heading.",
            &["22633", "22634", "22614"],
            op.spans_of(&gone),
        );
    }
}

re!(EXTRACAVITARY, r"lateral extra-?cavitary");

/// The heading goes in beside the spine, past the ribs, from behind.
pub(super) fn extracavitary(op: &Operation<'_>) -> bool {
    !op.find(&EXTRACAVITARY, &[Part::Procedures], &[crate::assertion::Assertion::Done]).is_empty()
}

/// Interspaces of posterior fusions; one that names none, or one bone only, is as long as its construct.
fn back_spaces(op: &Operation<'_>, back: &[&Entity]) -> Vec<Interspace> {
    let named: Vec<Interspace> = back.iter().flat_map(|e| e.interspaces()).collect();
    if back.is_empty() || !named.is_empty() {
        return op.all_spaces(back);
    }
    // As long as the bed that was roughened and grafted, where the telling says.
    let (bed, _) = approach::laid_behind(op, &op.account.ways);
    let one_bone = back.iter().all(|e| e.vertebrae().len() == 1);
    if op.listed && (bed.len() > 1 && op.default_spaces().is_empty() || one_bone && !bed.is_empty()) {
        return bed;
    }
    let mut construct: Vec<Vertebra> =
        op.documented(&[C::Screws, C::Instrumentation]).iter().flat_map(|e| e.vertebrae()).collect();
    construct.sort();
    match (construct.first(), construct.last()) {
        (Some(a), Some(b)) if a != b => Interspace::spanning(*a, *b).collect(),
        _ => op.default_spaces(),
    }
}

fn posterior_words(op: &Operation<'_>, e: &Entity) -> bool {
    let w = op.note.words(e.sentence);
    w.contains("posterior") || w.contains("lateral mass") || w.contains("laminectom")
}

/// Discs removed through the front of the neck: part of a fusion when something was put in, else alone.
fn neck_discs<'a>(op: &Operation<'a>, f: &mut Fused) -> Vec<&'a Entity> {
    if !op.front_of_neck {
        return vec![];
    }
    let mut discs = op.work(&[C::Discectomy]);
    discs.retain(|e| !posterior_words(op, e) && may_be_neck(&op.spaces(e)));
    let mut named = op.all_spaces(&discs);
    let told = if op.listed { vec![] } else { op.account.discs(approach::Way::Front) };
    let open = told.iter().flat_map(|x| x.spaces.iter().copied());
    named.extend(open.filter(|s| !op.account.is_left_alone(*s)));
    discs.extend(told.iter().map(|x| x.entity));
    let spaces: Vec<Interspace> = dedup(named)
        .into_iter()
        .filter(|s| s.region() == Region::Cervical && !f.replaced.contains(s))
        .collect();
    if spaces.is_empty() {
        return discs;
    }
    let filled = !op
        .documented(&[
            C::Cage,
            C::Plate,
            C::AllograftStructural,
            C::Allograft,
            C::AutograftSeparateStructural,
            C::AutograftSeparate,
            C::IntegratedCage,
        ])
        .is_empty();
    if f.anterior.is_empty() && !filled {
        f.disc_only = spaces;
    } else if f.anterior.is_empty() || f.anterior.iter().all(|s| spaces.contains(s)) {
        // Each disc of the list was filled: "discectomy C5-6 and C6-7; arthrodesis with allograft and plate".
        for s in spaces {
            if !f.anterior.contains(&s) {
                f.anterior.push(s);
            }
        }
    }
    discs
}

/// A session through the front and from behind whose heading names no levels for its two halves: each half is as
/// long as its acts say.
fn told_in_parts(
    op: &Operation<'_>,
    f: &mut Fused,
    front: &[&Entity],
    back: &[&Entity],
    sheet: &mut Sheet,
) -> Vec<(usize, usize)> {
    let ways = &op.account.ways;
    // A note without a list is told by its acts alone.
    // So is the fusion of one whose list names the screws alone.
    let screws_alone =
        || op.work_concepts().iter().any(|c| matches!(c, C::Screws | C::Instrumentation)) && front.is_empty();
    let unlisted = back.is_empty() && f.posterior_interbody.is_empty() && (!op.listed || screws_alone());
    if !(approach::both(ways) || unlisted) || op.planned {
        return vec![];
    }
    // A heading that says which levels were fused from behind is not overruled.
    let general = |es: &[&Entity]| es.iter().all(|e| e.concept == C::Fusion && e.interspaces().is_empty());
    if !front.is_empty() && general(front) {
        let mut spaces = vec![];
        for e in op.documented(&[C::Discectomy, C::Cage, C::IntegratedCage]) {
            if ways.get(e.sentence).copied().flatten() == Some(approach::Way::Front) {
                let own = e.interspaces();
                spaces.extend(if own.is_empty() { op.account.topic(e.sentence) } else { own });
            }
        }
        let spaces = dedup(spaces);
        if !spaces.is_empty() {
            f.anterior = spaces;
        }
    }
    if !general(back) {
        return vec![];
    }
    let (spaces, spans) = approach::laid_behind(op, ways);
    if spaces.is_empty() {
        return vec![];
    }
    if back.is_empty() {
        sheet.ask(
            "Graft was laid on roughened bone behind, and no heading names that fusion: was it a fusion of its own?",
            &["22612", "22600"],
            spans.clone(),
        );
    }
    f.posterolateral = spaces;
    spans
}

/// A cage in a disc space is an interbody fusion even where the note does not say the word.
fn infer_from_cage<'a>(
    op: &Operation<'a>,
    f: &mut Fused,
    front: &mut Vec<&'a Entity>,
    back_body: &mut Vec<&'a Entity>,
) {
    if !f.interbody().is_empty() || !f.corpectomy.is_empty() || op.listed && !f.replaced.is_empty() {
        return;
    }
    let mut cages = op.documented(&[C::Cage, C::IntegratedCage]);
    cages.retain(|e| op.put_in(e) && !(f.taken_back && e.part == Part::Procedures));
    // The cage of a body that was removed stands in its gap, which the corpectomy fuses.
    if super::corpectomy::named(op) {
        front.extend(cages.first());
        return;
    }
    if cages.is_empty() && !op.listed && op.by_flank() {
        // A ring or block of bone in its place.
        let blocks = op.documented(&[C::AllograftStructural, C::AutograftSeparateStructural]);
        let way = |e: &Entity| op.account.ways.get(e.sentence).copied().flatten();
        let front = |e: &&Entity| e.part == Part::Body && way(e) == Some(approach::Way::Front);
        cages.extend(blocks.into_iter().filter(front).filter(|e| op.put_in(e)));
    }
    // Beside a replacement, a cage counts where the telling puts it in another space.
    if !f.replaced.is_empty() {
        cages.retain(|e| filled(op, e).iter().any(|s| !f.replaced.contains(s)));
    }
    // Told by its acts alone, an interbody fusion is a disc emptied and something put in its place.
    let from_front = op.front_of_neck || op.by_flank() || cages.iter().any(|e| e.part == Part::Implants);
    let emptied = || op.account.events.iter().any(|x| x.entity.concept == C::DiscRemoved && x.entity.done());
    if !op.listed && !from_front && !approach::disc_prepared(op) && !emptied() {
        return;
    }
    // Under a heading that takes metal out, cages that are told of are those of the old fusion.
    if !op.work(&[C::HardwareRemoval]).is_empty() && !approach::disc_prepared(op) && !emptied() {
        return;
    }
    // A fusion from behind that is named, beside cages that are not placed in a disc, stays what it is.
    if !f.posterolateral.is_empty() {
        let named: Vec<Interspace> = cages.iter().flat_map(|e| e.interspaces()).collect();
        let prepared = approach::disc_prepared(op);
        cages.retain(|e| e.part == Part::Procedures || !named.is_empty() || prepared);
    }
    if cages.is_empty() || !op.procedures(&["kyphoplasty", "vertebroplasty"]).is_empty() {
        return;
    }
    let mut spaces = op.all_spaces(&cages);
    if cages.iter().all(|e| e.interspaces().is_empty()) {
        // "Each space received a cage": the interspaces told of there.
        let topic = dedup(cages.iter().flat_map(|e| filled(op, e)).collect());
        if !topic.is_empty() {
            spaces = topic;
        } else if spaces.is_empty() {
            spaces = op.default_spaces();
        }
    }
    spaces.retain(|s| !f.replaced.contains(s));
    // There is no interbody fusion of the neck from behind.
    let neck = !spaces.is_empty() && spaces.iter().all(|s| s.region() == Region::Cervical);
    let way = |e: &&Entity| op.account.ways.get(e.sentence).copied().flatten();
    let through_front = cages.iter().all(|e| way(e) == Some(approach::Way::Front));
    if neck || op.front_of_neck || op.by_flank() || through_front {
        f.anterior = spaces;
        front.extend(cages.first());
    } else {
        f.posterior_interbody = spaces;
        back_body.extend(cages.first());
    }
}

/// The interspaces a device or block of the telling fills: its own, else those the telling has reached.
fn filled(op: &Operation<'_>, e: &Entity) -> Vec<Interspace> {
    let own = e.interspaces();
    let all = if own.is_empty() { op.account.topic(e.sentence) } else { own };
    all.into_iter().filter(|s| !op.account.is_left_alone(*s)).collect()
}

/// A note without a list is told space by space: each that a device or block went into is fused as the first was.
fn each_filled(op: &Operation<'_>, f: &mut Fused) {
    if op.listed || op.quoted_only || op.planned {
        return;
    }
    for e in op.documented(&[C::Cage, C::IntegratedCage, C::AllograftStructural]) {
        if e.part != Part::Body || !op.put_in(e) {
            continue;
        }
        let front = op.account.ways.get(e.sentence).copied().flatten() != Some(approach::Way::Behind);
        let spaces =
            if front && !f.anterior.is_empty() { &mut f.anterior } else { &mut f.posterior_interbody };
        let Some(region) = spaces.first().map(|s| s.region()) else { continue };
        let more = filled(op, e);
        // A stretch laid bare is no list of spaces filled.
        if more.len() > 2 && e.interspaces().is_empty() {
            continue;
        }
        for s in more {
            let neck = (s.region() == Region::Cervical) == (region == Region::Cervical);
            if neck && !spaces.contains(&s) && !f.replaced.contains(&s) {
                spaces.push(s);
            }
        }
        spaces.sort();
    }
}

re!(
    LIKEWISE,
    r"^\W*(?:at |then )?[clts]\d{1,2} ?[-/] ?[clts]?\d{1,2}[ :,-]+(?:the |done the |was done the )?(?:same|likewise|ditto|identical\w*|similar\w*|as above)\b|\brepeated (?:every|all|the (?:same|steps|sequence|procedure|maneuver))|\b(?:everything|all(?: of it)?|the (?:steps|sequence|procedure|process|maneuvers?)) (?:was|were) (?:then )?(?:repeated|done again)|\b(?:same|identical|similar|like) (?:\w+ )?(?:fashion|manner|way|steps|sequence|technique|maneuvers?|procedure|decompression|work)\b|\b(?:likewise|ditto)\b|\b(?:just |exactly )?the same(?: thing)? (?:was done|at|for)\b|\bsame (?:at|thing at|was done)\b"
);

/// In a narrative told level by level and without a list, "L4-5: same" is fused as the level before it was.
fn likewise(op: &Operation<'_>, f: &mut Fused) {
    if op.listed {
        return;
    }
    let mut before: Option<Interspace> = None;
    for (i, s) in op.note.sentences.iter().enumerate().filter(|(_, s)| s.part == Part::Body) {
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        let Some(space) = here.flat_map(Group::interspaces).next() else { continue };
        let open = !op.account.is_left_alone(space);
        if let Some(last) = before
            && open
            && has(&LIKEWISE, op.note.words(i))
        {
            for spaces in [&mut f.anterior, &mut f.posterior_interbody] {
                if spaces.contains(&last) && !spaces.contains(&space) && !f.replaced.contains(&space) {
                    spaces.push(space);
                    spaces.sort();
                }
            }
        }
        // The space the work was last told of at, not one a film shows or a pin stands at.
        let fused = f.anterior.contains(&space) || f.posterior_interbody.contains(&space);
        if fused || before.is_none() {
            before = Some(space);
        }
    }
}

/// Graft laid on decorticated transverse processes makes the interbody fusion a combined one.
fn widen_posterolateral<'a>(op: &Operation<'a>, f: &mut Fused, back: &mut Vec<&'a Entity>) {
    if f.posterior_interbody.is_empty() || !f.posterolateral.is_empty() {
        return;
    }
    let laid = |s: &(usize, usize)| !has(&NOT_LAID, op.note.doc.slice(s.0, s.1));
    if !op.says(&GUTTERS).iter().chain(&op.says(&FACETS_GRAFTED)).any(laid) {
        return;
    }
    f.posterolateral.clone_from(&f.posterior_interbody);
    back.extend(op.documented(&[C::AutograftLocal, C::AllograftMorselised]).first());
}
