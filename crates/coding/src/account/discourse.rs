//! What each sentence of the telling is about.
//!
//! A surgeon works one place at a time ("L3-4: ..."; "attention was then turned to C5-6"; "one level down"): a
//! sentence that names no place belongs to the last one reached. A lamina, or the edge of one, names the
//! interspace it covers; where no level at all has been named, a root names the one it was freed at.

use crate::concept::Concept as C;
use crate::level::{Group, Item, dedup};
use crate::reader::{Entity, Note};
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::{Interspace, Region, Vertebra};

/// What a sentence is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reached {
    pub(crate) spaces: Vec<Interspace>,
}

re!(
    ASIDE,
    r"\b(?:mri|ct|scan|imaging|films? (?:show|had|demonstrat)|myelogra\w+|left alone|(?:capsule|joint|facet|muscle)s?\b[^.;]{0,24}\b(?:protected|preserved|spared)|not (?:treated|addressed|operated)|prior|previous|(?:he|she|patient|also) (?:also )?has|leave (?:both|it|that|them|this) out|part of (?:it|today)|nothing to do with|no concern|bulges?|bulging)\b"
);
// "The retractor was moved one level down"; "the next level up was then treated".
re!(
    MOVED,
    r"\b(?:one|a|(?:the )?next|(?:the )?adjacent|another) (?:lumbar |cervical |disc |spinal )?(?:level|interspace|segment|space|lamina)s? (?:was |further |more )?(?:down|lower|below|caudal\w*|distal\w*|inferior\w*|up|above|higher|cephalad|cranial\w*|rostral\w*|proximal\w*|superior\w*)\b|\bthe (?:level|interspace|segment|space) (?:just |immediately |directly )?(?:above|below)\b|\b(?:down|up) (?:one|a) (?:level|interspace|segment|space)\b"
);
re!(
    LAID_BARE,
    r"\b(?:incisions?|cut|skin|midline|exposure|exposed|dissect\w+|stripped|cleared|bared|laid bare|opened the midline)\b"
);
re!(UP, r"\b(?:up|above|higher|cephalad|cranial\w*|rostral\w*|proximal\w*|superior\w*)\b");
// The edge of a lamina that was taken: "the upper edge of L5", "the superior margin of the inferior lamina of C6".
re!(
    UPPER_EDGE,
    r"\b(?:upper|superior|sup|top|cephalad|cranial|rostral)(?: (?:edge|half|third|quarter|border|margin|rim|lip|part|portion|aspect|one[- ]third|two[- ]thirds))?(?: and \w+)?(?: (?:of|on))?(?: the| each)?(?: (?:inferior|lower|caudal)? ?lamina(?:e)?(?: of)?)?\s*$"
);
re!(
    LOWER_EDGE,
    r"\b(?:lower|inferior|inf|bottom|caudal)(?: (?:edge|half|third|quarter|border|margin|rim|lip|part|portion|aspect|one[- ]third|two[- ]thirds))?(?: and \w+)?(?: (?:of|on))?(?: the| each)?(?: (?:superior|upper|cephalad)? ?lamina(?:e)?(?: of)?)?\s*$"
);

/// What every sentence of the telling is about.
pub(super) fn read(note: &Note) -> Vec<Reached> {
    let mut last: Vec<Interspace> = vec![];
    let mut out = vec![];
    for (i, s) in note.sentences.iter().enumerate() {
        if s.part != Part::Body {
            out.push(Reached::default());
            continue;
        }
        let words = note.words(i);
        let here: Vec<&Group> = note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end).collect();
        let named: Vec<Interspace> =
            here.iter().filter(|g| !g.nerve && !g.only_singles()).flat_map(|g| g.interspaces()).collect();
        // The stretch laid bare is longer than what is worked at.
        let laid_bare = has(&LAID_BARE, words) && dedup(named.clone()).len() > 1;
        let aside = has(&ASIDE, words) || laid_bare && !last.is_empty();
        if !named.is_empty() {
            if !aside {
                last = dedup(named);
            }
        } else if !aside {
            let laminae = opened_laminae(note, i, &last);
            if !laminae.is_empty() {
                last = laminae;
            } else if let Some(next) = moved(&last, words) {
                last = next;
            } else if last.is_empty() {
                last = by_root(note, i, &here);
            }
        }
        out.push(Reached { spaces: last.clone() });
    }
    out
}

/// Interspaces of the laminae a sentence opens; one that bounds the interspace reached stays there unless the
/// words say which of its edges was taken.
fn opened_laminae(note: &Note, i: usize, last: &[Interspace]) -> Vec<Interspace> {
    let acts = note.entities.iter().filter(|e| e.sentence == i && e.done() && e.concept == C::LaminaOpened);
    let mut out = vec![];
    for e in acts {
        for g in e.groups.iter().filter(|g| g.only_singles()) {
            let bounds = |s: &&Interspace| g.vertebrae().iter().any(|v| s.upper() == *v || s.lower() == *v);
            match edge(note, g) {
                None if last.iter().any(|s| bounds(&s)) => out.extend(nearest(&g.vertebrae(), last)),
                _ => out.extend(lamina_spaces(note, g)),
            }
        }
    }
    dedup(out)
}

/// Of the interspaces reached, those the bones' laminae cover: each the one below it, else the one above.
fn nearest(bones: &[Vertebra], reached: &[Interspace]) -> Vec<Interspace> {
    let of = |v: &Vertebra| {
        let below = reached.iter().find(|s| s.upper() == *v);
        below.or_else(|| reached.iter().find(|s| s.lower() == *v)).copied()
    };
    dedup(bones.iter().filter_map(of).collect())
}

/// Which edge of a lamina the words before its name say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Upper,
    Lower,
}

fn edge(note: &Note, g: &Group) -> Option<Edge> {
    let before = note.doc.slice(g.start.saturating_sub(56), g.start);
    match (g.items.len() == 1, has(&UPPER_EDGE, before), has(&LOWER_EDGE, before)) {
        (true, true, _) => Some(Edge::Upper),
        (_, _, true) => Some(Edge::Lower),
        _ => None,
    }
}

/// The interspaces that laminae named one by one cover: a lamina the one below it, its upper edge the one above.
fn lamina_spaces(note: &Note, g: &Group) -> Vec<Interspace> {
    let above = edge(note, g) == Some(Edge::Upper);
    let space = |v: Vertebra| if above { Interspace::below(v.above()?) } else { Interspace::below(v) };
    let singles = g.items.iter().filter_map(|i| match i {
        Item::Single(v) => Some(*v),
        _ => None,
    });
    singles.filter_map(space).collect()
}

/// The next interspace above or below the one reached.
fn moved(last: &[Interspace], words: &str) -> Option<Vec<Interspace>> {
    let &(a, b) = all(&MOVED, words).first()?;
    let up = has(&UP, words.get(a..b)?);
    let from = if up { last.iter().min()? } else { last.iter().max()? };
    let next = if up { Interspace::below(from.upper().above()?) } else { Interspace::below(from.lower()) };
    next.map(|s| vec![s])
}

/// Where a root was freed: in the neck above its bone; lower down, from within the canal, above its bone too,
/// and outside it at its foramen.
fn by_root(note: &Note, i: usize, here: &[&Group]) -> Vec<Interspace> {
    let freed = |e: &Entity| {
        e.sentence == i
            && e.done()
            && matches!(e.concept, C::ForamenOpened | C::RecessOpened | C::FacetTrimmed | C::FragmentRemoved)
    };
    if !note.entities.iter().any(freed) {
        return vec![];
    }
    let roots = here.iter().filter(|g| g.nerve && g.items.len() == 1).flat_map(|g| g.vertebrae());
    // A root passes two spaces: the one that a heading names is meant.
    let headed: Vec<Interspace> = {
        let part = |at: usize| note.sentences.iter().find(|s| s.start <= at && at < s.end).map(|s| s.part);
        let list = note.groups.iter().filter(|g| !g.nerve && part(g.start) == Some(Part::Procedures));
        list.flat_map(Group::interspaces).collect()
    };
    let space = |v: Vertebra| match v.region() {
        Region::Lumbar if Interspace::below(v).is_some_and(|s| headed.contains(&s)) => {
            let above = v.above().and_then(Interspace::below);
            above.filter(|s| headed.contains(s)).or_else(|| Interspace::below(v))
        }
        Region::Cervical | Region::Lumbar | Region::Sacral => Interspace::below(v.above()?),
        Region::Thoracic => Interspace::below(v),
    };
    dedup(roots.filter_map(space).collect())
}

/// Where something of the telling was done, and whether the telling names it.
pub(super) fn place(note: &Note, reached: &[Reached], e: &Entity) -> (Vec<Interspace>, bool) {
    let own = e.interspaces();
    if !own.is_empty() || e.part != Part::Body {
        let named = !own.is_empty();
        return (own, named);
    }
    let topic = reached.get(e.sentence).map(|r| r.spaces.clone()).unwrap_or_default();
    let bones = e.vertebrae();
    if !bones.is_empty() {
        let edged: Vec<Interspace> = e
            .groups
            .iter()
            .filter(|g| edge(note, g).is_some())
            .flat_map(|g| lamina_spaces(note, g))
            .collect();
        if !edged.is_empty() {
            return (dedup(edged), true);
        }
        let touching = if e.concept == C::LaminaOpened {
            nearest(&bones, &topic)
        } else {
            let touches = |s: &Interspace| bones.iter().any(|v| s.upper() == *v || s.lower() == *v);
            topic.iter().copied().filter(touches).collect()
        };
        if !touching.is_empty() {
            return (touching, true);
        }
        let covered = e.groups.iter().flat_map(|g| lamina_spaces(note, g)).collect();
        return (dedup(covered), true);
    }
    let named = !topic.is_empty();
    (topic, named)
}
