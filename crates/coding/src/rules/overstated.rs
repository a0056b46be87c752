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
use crate::text::re;
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

/// A fusion that the list names but the narrative denies is asked about, not billed.
pub(super) fn denied_in_body<'a>(
    op: &Operation<'a>,
    named: Vec<&'a Entity>,
    sheet: &mut Sheet,
) -> Vec<&'a Entity> {
    let all = [C::Acdf, C::InterbodyAnterior, C::InterbodyPosterior, C::Interbody, C::Fusion];
    let denial = op.denied(&all).into_iter().find(|d| d.part == Part::Body && d.groups.is_empty());
    let Some(d) = denial else { return named };
    // What the list names beside the fusion is as booked as the fusion is.
    let mut affirmed = op.documented(&[
        C::Cage,
        C::Plate,
        C::Screws,
        C::AutograftLocal,
        C::Allograft,
        C::AllograftMorselised,
    ]);
    affirmed.retain(|e| e.part != Part::Procedures);
    if named.is_empty() || !affirmed.is_empty() {
        return named;
    }
    let mut spans: Vec<(usize, usize)> = named.iter().map(|e| e.reach()).collect();
    spans.push((d.start, d.end));
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
    denied && !op.documented(&kinds).into_iter().any(|e| matches!(e.part, Part::Body | Part::Implants))
}
