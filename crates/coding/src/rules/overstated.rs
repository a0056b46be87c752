//! Headings that claim more than the narrative did: work given up, denied, or not reached after all.

use super::Sheet;
use super::fusion::Fused;
use crate::approach;
use crate::assertion::Assertion;
use crate::concept::Concept as C;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::Interspace;

re!(
    NOTHING_BEHIND,
    r"\bno (?:bone |morsel\w+ |allo|auto)*(?:graft|bone|chips)\b[^.;]{0,40}\b(?:posteriorly|postero-?laterally|behind|dorsally|in the (?:\w+ )?gutters?|over the (?:facets|transverse)|on the (?:facets|transverse|laminae))|\bno (?:formal |attempt at |open )*(?:posterior|postero-?lateral|facet|dorsal|intertransverse) (?:\w+ )?(?:arthrodesis|fusion|graft\w*|decortication)|\bwithout (?:a |any )?(?:posterior|postero-?lateral|facet|dorsal) (?:arthrodesis|fusion|graft\w*|decortication)|\b(?:facets?|facet joints?|transverse process\w*|gutters?|posterior elements?|lateral elements?|joints)\b[^.;]{0,60}\b(?:(?:were|was) (?:not|never|neither) (?:exposed|decorticated|prepared|grafted|roughened|opened|touched|disturbed|burred)|(?:were|was) left (?:covered|alone|untouched|intact))|\bnothing was (?:decorticated|grafted|laid|fused)\b[^.;]{0,30}\b(?:behind|posterior\w*)"
);
re!(OWN_GRAFT_BEHIND, r"decorticat\w+|roughen\w+|denuded|burred");

/// A posterior fusion that the heading names beside one through the front or flank, and whose narrative says
/// that nothing was roughened or grafted behind: percutaneous fixation alone. Asked about and not billed.
pub(super) fn nothing_laid_behind<'a>(
    op: &Operation<'a>,
    front: &[&'a Entity],
    back: &mut Vec<&'a Entity>,
    sheet: &mut Sheet,
) {
    let parts = [Part::Body, Part::Other];
    let any = [Assertion::Done, Assertion::Denied];
    let denied = op.find(&NOTHING_BEHIND, &parts, &any);
    if front.is_empty() || back.is_empty() || denied.is_empty() {
        return;
    }
    let ways = &op.account.ways;
    let rough = op.find(&OWN_GRAFT_BEHIND, &parts, &[Assertion::Done]);
    let behind = |s: &(usize, usize)| {
        let i = op.note.sentences.iter().position(|x| x.start <= s.0 && s.0 < x.end);
        let way = i.and_then(|i| ways.get(i).copied().flatten());
        way == Some(approach::Way::Behind) && !denied.iter().any(|d| d.0 <= s.0 && s.1 <= d.1)
    };
    if rough.iter().any(behind) {
        return;
    }
    let mut spans: Vec<(usize, usize)> = back.iter().map(|e| e.reach()).take(1).collect();
    spans.extend(denied.first());
    sheet.refuse(
        "22612",
        "the heading says posterior fusion, the description says nothing was grafted behind",
        "3.7",
        spans.clone(),
    );
    sheet.ask(
        "The heading names a posterior fusion that the description denies: please correct the heading.",
        &["22612", "22614"],
        spans,
    );
    back.clear();
}

/// Interspaces of a heading at which the narrative says the work was not done after all.
pub(super) fn given_up(op: &Operation<'_>, concepts: &[C], headed: &[Interspace]) -> Vec<Interspace> {
    let body = |e: &&Entity| e.part == Part::Body;
    let denied: Vec<Interspace> =
        op.denied(concepts).into_iter().filter(body).flat_map(|e| e.interspaces()).collect();
    let done: Vec<Interspace> =
        op.documented(concepts).into_iter().filter(body).flat_map(|e| e.interspaces()).collect();
    dedup(denied).into_iter().filter(|s| headed.contains(s) && !done.contains(s)).collect()
}

/// A replacement given up and a fusion done in its place: a device or graft went in there.
pub(super) fn converted<'a>(
    op: &Operation<'a>,
    f: &mut Fused,
    given_up: &[Interspace],
    front: &mut Vec<&'a Entity>,
    sheet: &mut Sheet,
) {
    if given_up.is_empty() {
        return;
    }
    let mut filled = op.documented(&[C::Cage, C::IntegratedCage, C::AllograftStructural]);
    filled.retain(|e| e.part == Part::Body && op.put_in(e));
    sheet.ask(
        "The heading names a replacement that the description says was given up: please correct the heading.",
        &["22858", "22551"],
        op.spans_of(given_up),
    );
    if let Some(e) = filled.first() {
        f.anterior.extend(given_up.iter().filter(|s| !f.anterior.contains(s)).copied().collect::<Vec<_>>());
        front.push(e);
    }
}

re!(
    NOTHING_IN,
    r"\b(?:nothing|no (?:metal|hardware|implants?|device)) (?:\w+ )?(?:was |were |has been )?(?:put|placed|implanted|inserted|fused|left) (?:in|back|there|behind)?|\b(?:nothing|neither)\b[^.;]{0,24}\b(?:fused|grafted|implanted)\b|\bimplants?\b[^.;]{0,24}\b(?:returned|unopened|not opened)\b|\bput (?:in )?(?:neither|no)\b"
);
re!(
    DISC_SHUT,
    r"\b(?:dis[ck](?: space)?|annulus|interspace)\b[^.;]{0,40}\b(?:not|never) (?:\w+ )?(?:entered|opened|incised|violated|touched)|\bno (?:annulotomy|dis[ck]ectomy)\b|\bno dis[ck] (?:\w+ )?(?:removed|taken)"
);
re!(
    NO_BED,
    r"\b(?:no|not|nothing|without) (?:\w+ )?(?:decort\w*|roughened|burred)\b|\bnot (?:\w+ )?(?:decorticated|roughened)\b"
);
re!(BED, r"\b(?:decorticat(?:ed|ion|ing)|roughened|burred raw|to bleeding bone)\b");

/// The telling says that the disc of the heading was not entered, and takes none out.
pub(super) fn disc_shut(op: &Operation<'_>) -> Option<(usize, usize)> {
    let any = [Assertion::Done, Assertion::Denied];
    let shut = op.find(&DISC_SHUT, &[Part::Body], &any).first().copied()?;
    let taken = op.documented(&[C::DiscRemoved, C::FragmentRemoved, C::Discectomy]);
    (!op.planned && taken.iter().all(|e| e.part != Part::Body)).then_some(shut)
}

/// Where the telling says that the parts a fusion is made of were not done: nothing was put in, or two of disc, bed,
/// graft, screws and cage are denied. A bed that was laid is a fusion whatever else was left out.
fn parts_denied(op: &Operation<'_>) -> Option<(usize, usize)> {
    let any = [Assertion::Done, Assertion::Denied, Assertion::Planned];
    let said = |r| op.find(r, &[Part::Body], &any).first().copied();
    let kinds: [&[C]; 3] = [
        &[C::Screws, C::BoneScrews, C::Instrumentation],
        &[C::Cage, C::IntegratedCage],
        &[
            C::Allograft,
            C::AllograftMorselised,
            C::AllograftStructural,
            C::AutograftLocal,
            C::AutograftSeparate,
        ],
    ];
    let body =
        |kind: &&[C]| op.denied(kind).into_iter().find(|d| d.part == Part::Body).map(|d| (d.start, d.end));
    let mut denied: Vec<(usize, usize)> = kinds.iter().filter_map(body).collect();
    denied.extend(said(&DISC_SHUT));
    denied.extend(said(&NO_BED));
    denied.extend(said(&NO_GRAFT).filter(|_| body(&kinds[2]).is_none()));
    let nothing = said(&NOTHING_IN);
    let laid = op.find(&BED, &[Part::Body], &[Assertion::Done]);
    let plain = |s: &(usize, usize)| !has(&NO_BED, op.note.doc.slice(s.0.saturating_sub(24), s.1));
    if op.planned
        || super::circumstance::stopped(op).is_some_and(|_| denied.len() < 3)
        || laid.iter().any(plain)
    {
        return None;
    }
    nothing.or_else(|| if denied.len() > 1 { denied.first().copied() } else { None })
}

re!(NO_GRAFT, r"\bno (?:bone |graft|auto|allo)\w*|\bno bone\b");

/// A fusion that the list names but the narrative denies is asked about, not billed.
pub(super) fn denied_in_body<'a>(
    op: &Operation<'a>,
    named: Vec<&'a Entity>,
    sheet: &mut Sheet,
) -> Vec<&'a Entity> {
    let all = [C::Acdf, C::InterbodyAnterior, C::InterbodyPosterior, C::Interbody, C::Fusion];
    let denial = op.denied(&all).into_iter().find(|d| d.part == Part::Body && d.groups.is_empty());
    let Some(denial) = denial.map(|d| (d.start, d.end)).or_else(|| parts_denied(op)) else { return named };
    // What the list names beside the fusion is as booked as the fusion is.
    let mut affirmed = op.documented(&[
        C::Cage,
        C::Plate,
        C::Screws,
        C::AutograftLocal,
        C::Allograft,
        C::AllograftMorselised,
        C::AllograftStructural,
        C::AutograftSeparate,
        C::AutograftSeparateStructural,
    ]);
    // What was on the shelf or in the patient already was not put in.
    affirmed.retain(|e| matches!(e.part, Part::Body | Part::Implants | Part::Other));
    affirmed.retain(|e| !super::implants::is_old(op.note.words(e.sentence)));
    if named.is_empty() || !affirmed.is_empty() {
        return named;
    }
    let mut spans: Vec<(usize, usize)> = named.iter().map(|e| e.reach()).collect();
    spans.push(denial);
    sheet.ask(
        "The list names a fusion but the narrative says none was done: which is right?",
        &["22612", "22633"],
        spans,
    );
    vec![]
}

/// Screws that a heading names and the telling says were not put in.
pub(super) fn screws_denied(op: &Operation<'_>) -> bool {
    let kinds = [C::Screws, C::Instrumentation, C::BoneScrews];
    let denied = op.denied(&kinds).into_iter().any(|d| d.part == Part::Body && d.groups.is_empty());
    let nothing = || parts_denied(op).is_some();
    (denied || nothing())
        && !op.documented(&kinds).into_iter().any(|e| matches!(e.part, Part::Body | Part::Implants))
}
