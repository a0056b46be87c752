//! By which way the hands were in, sentence by sentence: a session may go in from the front and then from behind
//! ("part one, anterior"; "then turned prone"), and each way has its own fusion.
//!
//! A fusion is also told by its acts alone: bone roughened and graft laid behind; a disc emptied, its endplates
//! scraped and something put in its place.

use crate::assertion::{self, Assertion};
use crate::concept::Concept;
use crate::level::{Group, Item};
use crate::operation::Operation;
use crate::reader::{Entity, Note};
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::{Interspace, Region, Vertebra};

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the neck, the abdomen or the flank.
    Front,
    /// From behind.
    Behind,
}

re!(
    IN_FRONT,
    r"^\W*front(?:[,.:]| first\b| part\b)|\bthe front of (?:the )?(?:dis[ck]|spine|[clts]\d[\w/-]*)(?: dis[ck])? (?:was|were|lay) (?:then )?(?:bare\w*|clear\w*|exposed|open\w*|free\w*)|^\W*anterior(?:ly)?(?: by\b|,|:| first\b| with\b)|\bfront first\b|\banterior(?:ly)?[ ,:-]+(?:part|stage|portion|half|approach|exposure|procedure|incision|cervical|lumbar|column|work)\b|(?:part|stage|first)[ ,:]+(?:one |1 |a |i )?[(,:-]* ?(?:the )?(?:anterior|front)\b|(?:^\W*(?:patient |she |he )?supine\b|[.;:,(] ?supine\b|\b(?:placed|positioned|positioning|lay|laid|lying|turned|flipped|rolled|was|is|patient|position|put|returned|part one|stage one|asleep|intubated)\b[^.;]{0,30}\bsupine\b)|smith[- ]robinson|platysma|carotid|longus colli|omohyoid|strap muscles|\b(?:o?esophagus|trachea)\b|\bfront of the neck\b|\bneck,? from (?:the |in )?front\b|\bchest (?:was |is )?(?:then )?(?:opened|entered)|\bbed of the (?:\w+ ){0,3}rib\b|\blungs? (?:was |were )?(?:down|deflated|collapsed|retracted|dropped)|\bhad the lung down|retroperitone\w+|transperitone\w+|transpsoas|lateral decubitus|rectus sheath|sterno-?(?:cleido-?)?mastoid|thoraco-?abdominal|thoracotomy|\bthrough the front\b|(?:left|right|transverse|collar|anterior|low)[^.;]{0,16}\bneck (?:cut|incision|crease|approach|skin)|\bneck crease|between the (?:iliac )?vessels|\b(?:to|onto|reach\w*|expos\w*|bared|cleared) the front of (?:the )?(?:dis[ck]|spine|[clts]\d)"
);
re!(
    IN_BEHIND,
    r"\bprone\b|face[- ]down|^\W*back(?:[,:]| part\b)|^\W*(?:then |and then |next )?(?:flipped|turned|rolled)(?: over)?\W*$|\bposterior(?:ly)?[ ,:-]+(?:part|stage|portion|half|approach|exposure|procedure|incision|midline|work)\b|(?:part|stage|second)[ ,:]+(?:two |2 |b |ii )?[(,:-]* ?(?:the )?(?:posterior|back)\b|\b(?:flipped|turned|rolled) (?:him |her |them |the patient |patient |back )?(?:over |onto |to |on (?:the|an?|to|her|his) )"
);

// Another sitting or another surgeon has a report of its own.
re!(
    REPORTED_APART,
    r"\bin (?:its|his|her|their|a|an|the) (?:own|separate|other|\w+ary) (?:\w+ )?(?:report|note|dictation)|\bsee (?:that|the|his|her) (?:other |separate )?(?:report|note|dictation)"
);

/// The way in of every sentence of the narrative, from the last words that say one.
pub(crate) fn ways(note: &Note) -> Vec<Option<Way>> {
    let mut now = None;
    let mut out = vec![];
    for (i, s) in note.sentences.iter().enumerate() {
        if matches!(s.part, Part::Body | Part::Other) {
            let words = note.words(i);
            if has(&REPORTED_APART, words) {
                out.push(now);
                continue;
            }
            // A way in that another surgeon advised, or that is only talked about, was not taken.
            let taken = |h: &(usize, usize)| {
                assertion::read_act(&note.doc.norm, (s.start, s.end), s.start + h.0, s.start + h.1)
                    == Assertion::Done
            };
            let last = |r| all(r, words).into_iter().rfind(|h| taken(h)).map(|h| h.0);
            now = match (last(&IN_FRONT), last(&IN_BEHIND)) {
                (Some(a), Some(b)) => Some(if a > b { Way::Front } else { Way::Behind }),
                (Some(_), None) => Some(Way::Front),
                (None, Some(_)) => Some(Way::Behind),
                _ => now,
            };
        }
        out.push(now);
    }
    out
}

re!(
    GIVEN_UP,
    r"\b(?:gave|given|giving) up\b|\babandon\w*|\babort\w*|\bconver(?:t|sion)\w*|\bbail\w* out|\bchang\w+ (?:the |our |of )?plan|\bno safe (?:corridor|window|passage|path|way)|\bnever (?:was )?(?:entered|reached|opened)\b[^.;]{0,20}\bfrom the (?:side|front|flank)"
);

/// Whether a way in through the front or the flank was given up before anything was put in there, and the work then
/// done from behind: nothing of it is a service of its own.
pub(crate) fn front_given_up(note: &Note, ways: &[Option<Way>]) -> bool {
    let way = |i: usize| ways.get(i).copied().flatten();
    let filled = |i: usize| {
        note.entities.iter().any(|e| {
            e.sentence < i
                && way(e.sentence) == Some(Way::Front)
                && e.part == Part::Body
                && e.done()
                && matches!(e.concept, Concept::Cage | Concept::IntegratedCage | Concept::AllograftStructural)
        })
    };
    let given_up = (0..note.sentences.len())
        .find(|i| way(*i) == Some(Way::Front) && has(&GIVEN_UP, note.words(*i)) && !filled(*i));
    given_up.is_some_and(|i| (i..note.sentences.len()).any(|k| way(k) == Some(Way::Behind)))
}

/// The narrative goes in from the front and then, in the same session, from behind, or the other way round.
pub(crate) fn both(ways: &[Option<Way>]) -> bool {
    ways.contains(&Some(Way::Front)) && ways.contains(&Some(Way::Behind))
}

re!(
    ROUGHENED,
    r"(?:decorticat\w+|roughen\w+|denuded|burr\w+)\b[^.;]{0,110}\b(?:facets?|joints?|lateral mass\w*|(?:transverse )?process\w*|tps?|lamina\w*|gutters?|ala|arch|posterior elements)\b|\b[clts]\d{1,2} ?(?:-|to|through|down to|thru) ?(?:the )?(?:[clts]?\d{1,2}|sacrum)\b[^.;]{0,24}\b(?:decorticated|roughened|burred)|\b(?:everything|all (?:of it|levels|of these)|(?:every|each) (?:level|segment)|levels?|bone|processes|segments|spine|elements|arch(?:es)?)\b[^.;]{0,60}\b(?:decorticated|roughened|burred(?: raw)?)|\b(?:facets?|facet joints?|joints|lateral mass\w*|transverse process\w*|tps?|lamina\w*|gutters?|ala)\b[^.;]{0,110}\b(?:decorticat\w+|roughened|denuded|burred|scraped|raw|bleeding bone)"
);
re!(
    LAID,
    r"\b(?:bone|grafts?|autograft|allograft|chips|dbm|matrix)\b[^.;]{0,110}\b(?:laid|placed|packed|put|spread|onlaid|impacted|applied|inlaid|positioned)\b|\b(?:laid|placed|packed|put|spread|applied|bedded|grafted)\b[^.;]{0,120}\b(?:bone|grafts?|autograft|allograft|chips|milled|laminae?)\b|\b(?:covered|mixed|buried|blanketed|grafted) (?:over )?with\b[^.;]{0,60}\b(?:bone|grafts?|autograft|allograft|chips)\b|\b(?:bone|grafts?|autograft|allograft|chips|laminae?|milled)\b[^.;]{0,60}\b(?:into|over|across|along) (?:and (?:over|into) )?(?:the |both |each |two |opened |cleaned |roughened |decorticated )*(?:joints?|facets?|gutters?|lateral mass\w*|transverse process\w*|tps)\b"
);
re!(DECORTICATED, r"\bdecorticat(?:ed|ing|ion)\b");
re!(NOT, r"\b(?:no|not|never|nothing|without)\b");

/// Interspaces fused from behind by what was done: bone roughened and graft laid, within a few sentences of the
/// part that works from behind. As long as the levels those sentences name.
pub(crate) fn laid_behind(
    op: &Operation<'_>,
    ways: &[Option<Way>],
) -> (Vec<Interspace>, Vec<(usize, usize)>) {
    let done = |r| op.find(r, &[Part::Body, Part::Other], &[Assertion::Done]);
    let sound = |s: &(usize, usize)| !has(&NOT, op.note.doc.slice(s.0, s.1));
    let sentence = |at: usize| op.note.sentences.iter().position(|s| s.start <= at && at < s.end);
    // A note that never says its way in, and never goes in from the front, works from behind.
    let front = ways.contains(&Some(Way::Front));
    let behind = |i: &usize| match ways.get(*i).copied().flatten() {
        Some(way) => way == Way::Behind,
        None => !front && !op.listed,
    };
    let within = |r| -> Vec<(usize, (usize, usize))> {
        let hits: Vec<(usize, usize)> = done(r);
        hits.into_iter().filter(sound).filter_map(|h| Some((sentence(h.0).filter(behind)?, h))).collect()
    };
    // What is scraped or packed in a disc space is no bed behind.
    let bed = |s: &(usize, (usize, usize))| !has(&IN_SPACE, op.note.doc.slice(s.1.0, s.1.1));
    let mut rough: Vec<_> = within(&ROUGHENED).into_iter().filter(bed).collect();
    // Whatever is decorticated, in a sentence that has nothing of a disc space.
    let outside = |s: &(usize, (usize, usize))| !has(&IN_SPACE, op.note.words(s.0));
    rough.extend(within(&DECORTICATED).into_iter().filter(outside));
    let laid: Vec<_> = within(&LAID).into_iter().filter(bed).collect();
    // Graft told beside the bed is laid on it, whatever the verb ("40 cc of chips over the roughened bone").
    let mut laid = laid;
    laid.extend(grafts_told(op).into_iter().filter(|g| behind(&g.0)));
    let Some((first, second)) =
        rough.iter().find_map(|r| laid.iter().find(|l| r.0.abs_diff(l.0) <= 4).map(|l| (r, l)))
    else {
        return (vec![], vec![]);
    };
    let mut bones: Vec<Vertebra> = vec![];
    for i in [first.0, second.0] {
        let Some(s) = op.note.sentences.get(i) else { continue };
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        bones.extend(here.flat_map(Group::vertebrae));
    }
    bones.sort();
    let spaces = match (bones.first(), bones.last()) {
        (Some(a), Some(b)) if a != b => Interspace::spanning(*a, *b).collect(),
        // The sentences name no level: the last stretch that the part from behind names before them.
        _ if both(ways) => {
            let named = |i: usize| -> Vec<Interspace> {
                let Some(s) = op.note.sentences.get(i).filter(|s| s.part == Part::Body) else {
                    return vec![];
                };
                let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
                here.flat_map(Group::interspaces).collect()
            };
            let told = (0..=first.0).rev().take_while(|i| behind(i)).map(named);
            told.into_iter().find(|t| !t.is_empty()).unwrap_or_default()
        }
        _ => [first.0, second.0]
            .into_iter()
            .map(|i| op.account.topic(i))
            .find(|t| !t.is_empty())
            .unwrap_or_default(),
    };
    (spaces, vec![first.1, second.1])
}

re!(
    IN_SPACE,
    r"\bcages?\b|\bspacers?\b|\bdis[ck]s?\b|\b(?:end ?)?-?plates?\b|\binterspaces?\b|\bthird of the space\b|\bannul\w+"
);

/// Graft of the telling, with its sentences, that does not go into a disc space.
fn grafts_told(op: &Operation<'_>) -> Vec<(usize, (usize, usize))> {
    let kinds = [
        Concept::AutograftLocal,
        Concept::AutograftSeparate,
        Concept::Allograft,
        Concept::AllograftMorselised,
    ];
    let found = op.documented(&kinds).into_iter();
    found
        .filter(|e| e.part == Part::Body && !has(&IN_SPACE, op.note.words(e.sentence)))
        .map(|e| (e.sentence, (e.start, e.end)))
        .collect()
}

re!(
    PREPARED,
    r"\bdis[ck]\b[^.;]{0,80}\b(?:annulotom\w+|pituitar\w+|shavers?|paddles?|incised)|\bannulotom\w+[^.;]{0,80}\b(?:pituitar\w+|shavers?|curett\w*|paddles?|rasp\w*)|\bcurettes? and shavers?|\bshavers?[^.;]{0,20} and [^.;]{0,20}curettes?|\bdis[ck]s?(?: spaces?)?\b[^.;]{0,80}\b(?:removed|emptied|evacuated|cleaned|cleared|taken (?:out|down)|excised|prepared|out|curett?ed)\b|dis[ck]ectom\w+|\b(?:end ?-?plates?|plates)\b[^.;]{0,60}\b(?:prepar\w+|scraped|decorticat\w+|curett?\w*|rasped|bleed\w*|bled|shav\w+|denuded|roughened)|\b(?:scrap\w+|prepar\w+|curett?\w*|rasp\w+|decorticat\w+|shav\w+)\b[^.;]{0,50}\bend ?-?plates?"
);

/// A disc was emptied or its endplates prepared.
pub(crate) fn disc_prepared(op: &Operation<'_>) -> bool {
    op.says(&PREPARED).iter().any(|s| !has(&NOT, op.note.doc.slice(s.0, s.1)))
}

re!(
    BODY_GONE,
    r"\b(?:remov\w+|resect\w+|drill\w+|took (?:out|away|down)|taking (?:out|away)|burr\w+|rongeur\w+|excis\w+)\b[^.;]{0,60}\b(?:vertebral |c\d(?:'s)? |central |entire |whole |middle |intervening )+(?:body|bodies|vertebra)\b|\b(?:vertebra|c\d)(?: itself)? (?:was |were )(?:then |now |all |mostly )?(?:removed|resected|drilled|excised|taken|troughed|burred|hollowed|cored|gutted|milled|cut|gouged) ?(?:away|out|down)?\b|\b(?:trough|channel|gutter|trench|slot)\b[^.;]{0,80}\b(?:middle|center|centre|midline|body|vertebra)\b (?:of |in |through )?(?:the )?(?:c\d|body|vertebra)|\b(?:trough|channel|trench|slot|gutter)\b[^.;]{0,60}\b(?:in|through|into|across|down) (?:the )?(?:body of (?:the )?)?c\d\b|\bbod(?:y|ies)\b[^.;]{0,60}\b(?:was|were) [^.;]{0,30}\b(?:removed|resected|drilled|excised|taken|troughed|burred|hollowed|cored|gutted|milled|cut) ?(?:away|out|down|from)?\b|\b(?:whole|entire|most of the) (?:central |middle )?(?:part of the )?(?:vertebral )?body\b|\b(?:hollow\w+|cor(?:ed|ing)|gutt(?:ed|ing)|gouged|trough\w*)\b[^.;]{0,50}\b(?:body|bodies|vertebra)\b"
);
// Below the neck a body's edges are often trimmed: the body itself must go.
re!(
    LOW_BODY_GONE,
    r"\b[tl]\d{1,2} (?:vertebral )?body (?:itself )?(?:was |is )?(?:then |piecemeal |subtotally |completely )*(?:removed|resected|excised|drilled out|taken out|corpectom\w+)|\b(?:three[- ]quarters|two[- ]thirds|one[- ]third|a third|half|most|all|the whole|the bulk|\d\d ?(?:%|percent))[^.;]{0,24} (?:of )?(?:the )?(?:[tl]\d{1,2} )?(?:vertebral )?body[^.;]{0,40}\b(?:removed|resected|excised|drilled|taken|out)\b|\b(?:removed|resected|excised|drilled (?:out|away)|took (?:out|away|down)) (?:the |most of the |all of the |the whole |the bulk of the )*(?:[tl]\d{1,2}|fractured|collapsed|burst)(?: vertebral)? body\b"
);
re!(
    BODY_REPLACED,
    r"vertebral[- ]body (?:replacement|cage|spacer|device)|\bvbr\b|corpectomy (?:cage|device|spacer|defect|trough)|\bstrut\b|fibula\w*|expandable[^.;]{0,40}(?:cage|replacement|device)|mesh (?:cage|cylinder|tube)|\b(?:cage|cylinder|graft|spacer|device)\b[^.;]{0,80}\b(?:defect|trough|corpectomy)\b|\b(?:defect|trough|gap)\b[^.;]{0,80}\b(?:cage|cylinder|strut|spacer|device)\b"
);

/// Bones whose body was removed and replaced, where no word names the operation.
pub(crate) fn bodies_removed(op: &Operation<'_>) -> (Vec<Vertebra>, Vec<(usize, usize)>) {
    let done = |r| op.find(r, &[Part::Body], &[Assertion::Done]);
    let replaced = done(&BODY_REPLACED);
    let Some(proof) = replaced.first().copied() else { return (vec![], vec![]) };
    let (mut bones, mut spans) = (vec![], vec![proof]);
    let low = done(&LOW_BODY_GONE);
    for (a, b) in done(&BODY_GONE).into_iter().chain(low.iter().copied()) {
        let Some(s) = op.note.sentences.iter().find(|s| s.start <= a && a < s.end) else { continue };
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        let named: Vec<Vertebra> = here.filter(|g| g.only_singles()).flat_map(Group::vertebrae).collect();
        if !named.is_empty() {
            spans.push((a, b));
        }
        let told = low.contains(&(a, b));
        bones.extend(named.into_iter().filter(|v| told || v.region() == Region::Cervical));
    }
    let (between, told) = spanned(op);
    bones.extend(between);
    spans.extend(told);
    bones.sort();
    bones.dedup();
    (bones, spans)
}

re!(BODY_TAKEN, r"\b(?:bod(?:y|ies)|vertebra|corpectomy|whole of [ctl]\d{1,2}|all of (?:it|[ctl]\d{1,2}))\b");
re!(
    TOOK,
    r"\b(?:took|taken|remov\w+|resect\w+|drill\w+|burr\w+|rongeur\w+|excis\w+|hollowed|gutted|gone|out)\b"
);

/// Bones that a device or strut spans from the one above to the one below, where the telling takes a body away: what
/// stood between must be gone ("a cage between T6 and T8").
fn spanned(op: &Operation<'_>) -> (Vec<Vertebra>, Vec<(usize, usize)>) {
    let taken = (0..op.note.sentences.len()).find(|i| {
        let body = op.note.sentences.get(*i).is_some_and(|s| s.part == Part::Body);
        let words = op.note.words(*i);
        body && has(&BODY_TAKEN, words) && has(&TOOK, words)
    });
    let Some(taken) = taken.and_then(|i| op.note.sentences.get(i)) else { return (vec![], vec![]) };
    let (mut bones, mut spans) = (vec![], vec![]);
    for e in
        op.documented(&[Concept::Cage, Concept::AllograftStructural, Concept::AutograftSeparateStructural])
    {
        if e.part != Part::Body || !op.put_in(e) {
            continue;
        }
        for g in &e.groups {
            let ends = g.vertebrae();
            let stretch = matches!(g.items.as_slice(), [Item::Range(..)]);
            let (Some(a), Some(b)) = (ends.iter().min(), ends.iter().max()) else { continue };
            let inside: Vec<Vertebra> = Interspace::spanning(*a, *b).skip(1).map(|s| s.upper()).collect();
            let whole = stretch || ends.len() == 2 && g.only_singles();
            if whole && (1..=2).contains(&inside.len()) && near_bone(op, e, &inside) {
                bones.extend(inside);
                spans.extend([e.reach(), (taken.start, taken.end.min(taken.start + 200))]);
            }
        }
    }
    (bones, spans)
}

/// One of the bones is named within two sentences of the device as taken: two cages of a stretch span nothing.
fn near_bone(op: &Operation<'_>, e: &Entity, inside: &[Vertebra]) -> bool {
    (0..op.note.sentences.len()).any(|i| {
        let Some(s) = op.note.sentences.get(i).filter(|s| s.part == Part::Body && i <= e.sentence) else {
            return false;
        };
        let here = op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        let named = here.filter(|g| g.only_singles() && g.items.len() == 1).flat_map(Group::vertebrae);
        let after = op.note.words(i + 1);
        let words = op.note.words(i);
        named.into_iter().any(|v| inside.contains(&v))
            && has(&BODY_TAKEN, words)
            && (has(&TOOK, words) || has(&TOOK, after))
    })
}

#[cfg(test)]
mod tests {
    use super::{both, ways};
    use crate::reader::Note;

    #[test]
    fn both_ways_of_a_session() {
        for (text, two) in [
            (
                "Procedure: fusion.\nDescription: The patient was supine. The platysma was split. The patient was then turned prone and the lateral masses were exposed.",
                true,
            ),
            (
                "Implants: two cages, rods.\n\nThe patient was supine for the first part. A plate was placed.\n\nThe patient was turned prone.",
                true,
            ),
            (
                "Description: The patient was placed prone on the Jackson frame. The posterior longitudinal ligament was opened.",
                false,
            ),
            (
                "Description: Supine. The posterior longitudinal ligament and posterior osteophytes were removed.",
                false,
            ),
        ] {
            let note = Note::read(text);
            assert_eq!(both(&ways(&note)), two, "{text} {:?}", note.sentences);
        }
    }
}
