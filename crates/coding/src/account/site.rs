//! What was done from behind at one interspace, gathered from wherever the telling says it.

use super::Account;
use crate::approach::Way;
use crate::concept::Concept as C;
use crate::reader::{Entity, Note};
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::Interspace;
use iambilly_claim::coding::Laterality;

// A window made to feel a pedicle decompresses nothing.
re!(
    FOR_SCREW,
    r"lamin\w*otom\w+[- ]free|lamin\w*otom\w+[^.;]{0,40}\b(?:to|for) (?:feel(?:ing)?|palpat(?:e|ing)|see(?:ing)?|find(?:ing)?|check(?:ing)?|guid(?:e|ing)|confirm(?:ing)?|visuali[sz](?:e|ing)|direct(?:ing)?|expos(?:e|ing))\b[^.;]{0,30}\b(?:wall|pedicle|screw)"
);
// The side the hands did not come in from was treated too.
re!(
    ACROSS,
    r"\b(?:contralateral|opposite|other|far) (?:side|recess|foramen|facet|flavum|lamina|root)\b|\bover the top\b|\bacross the midline\b|\b(?:both|each|either) sides?\b|\bbilateral\w*"
);
// Bone, cement and metal come in fragments too.
re!(
    OTHER_FRAGMENT,
    r"\b(?:bon[ey]\w*|retropuls\w+|cement|screw|metal|fracture|lamina\w*) fragments?|fragments? of (?:the )?(?:bone|cement|lamina|metal)"
);

// A joint bared to be fused decompresses nothing.
re!(
    JOINT_FUSED,
    r"\b(?:cartilage|capsul\w*|decorticat\w*|denud\w*|roughen\w*|graft\w*|to fuse|for fusion|bleeding bone)\b"
);
// Laminae and facets burred together with the transverse processes are the bed of a fusion.
re!(
    BED,
    r"\btransverse process\w*|\btps\b|\bgutters?\b|\bsacral ala\w*|\bposterior (?:surfaces?|elements)\b|\blateral mass\w*[^.;]{0,40}\b(?:decorticat|rough|burr|scrap)\w*"
);
re!(ROUGHENED, r"\b(?:burred|decorticat\w*|rough\w*|scrap\w*|denud\w*|raw|bleeding)\b");
// The trough of an en bloc laminectomy runs where the lamina meets the facet.
re!(JUNCTION, r"lamin\w*[ -](?:and )?(?:the )?facets?|facet junction|lamino-?facet");
re!(
    DISC_WORDS,
    r"\bdis[ck]s?\b|annul\w+|nucle\w+|\broots?\b|\bnerves?\b|ganglion|herniat\w+|extru\w+|sequest\w+"
);

/// Disc, root or hernia are told of in the same breath.
fn near_disc(note: &Note, e: &Entity) -> bool {
    (e.sentence.saturating_sub(2)..=e.sentence).any(|i| has(&DISC_WORDS, note.words(i)))
}

/// A facet bared to be fused.
pub(crate) fn joint_fused(note: &Note, e: &Entity) -> bool {
    has(&JOINT_FUSED, note.doc.slice(e.start.saturating_sub(12), e.end + 60))
}

/// A facet named as the line along which laminae were cut.
pub(crate) fn along_trough(note: &Note, e: &Entity) -> bool {
    has(&JUNCTION, note.doc.slice(e.start.saturating_sub(12), e.start + 24))
}

re!(
    BY_WINDOW,
    r"\b(?:by|via|through|using) (?:way of |means of |a |the |small |tiny |open |direct )*lamin\w*otom\w+"
);
re!(SCREWS, r"\bscrews?\b");

/// A lamina opened only to place a screw.
pub(crate) fn for_screw(words: &str) -> bool {
    has(&FOR_SCREW, words) || has(&BY_WINDOW, words) && has(&SCREWS, words)
}

/// What was opened from behind at one interspace.
#[derive(Debug, Clone)]
pub(crate) struct Site<'a> {
    pub(crate) space: Interspace,
    pub(crate) lamina: bool,
    pub(crate) flavum: bool,
    pub(crate) facet: bool,
    pub(crate) foramen: bool,
    pub(crate) recess: bool,
    /// Disc material was taken out.
    pub(crate) disc: bool,
    /// A piece of disc that pressed on a root was taken out.
    pub(crate) fragment: bool,
    /// The telling says the place in words of its own (not taken from the headings).
    pub(crate) named: bool,
    pub(crate) side: Option<Laterality>,
    pub(crate) from: Vec<&'a Entity>,
}

impl Site<'_> {
    const fn new(space: Interspace) -> Self {
        Self {
            space,
            lamina: false,
            flavum: false,
            facet: false,
            foramen: false,
            recess: false,
            disc: false,
            fragment: false,
            named: false,
            side: None,
            from: vec![],
        }
    }

    /// Lamina opened, and a facet, foramen or recess with it: a decompression of the segment.
    pub(crate) const fn full(&self) -> bool {
        self.lamina && (self.facet || self.foramen || self.recess)
    }

    /// A disc taken out through an opening of the canal.
    pub(crate) const fn disc_from_behind(&self) -> bool {
        self.fragment || (self.disc && (self.lamina || self.flavum))
    }
}

re!(
    SAME,
    r"\b(?:same|likewise|ditto|identical(?:ly)?|as (?:above|before|described)|repeated|in (?:like|similar|identical) (?:fashion|manner)|similarly)\b"
);

impl<'a> Account<'a> {
    /// "C6-7 the same": what was done at the site before it was done here.
    fn repeated(&self, note: &Note, out: &mut Vec<Site<'a>>) {
        let mut before: Option<Interspace> = None;
        for (i, s) in note.sentences.iter().enumerate().filter(|(_, s)| s.part == Part::Body) {
            let here = note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
            let named: Vec<Interspace> = here.flat_map(crate::level::Group::interspaces).collect();
            if let (Some(last), [space]) = (before, named.as_slice())
                && last != *space
                && has(&SAME, note.words(i))
                && !self.is_left_alone(*space)
                && let Some(model) = out.iter().find(|o| o.space == last).cloned()
            {
                let at = out.iter().position(|o| o.space == *space).unwrap_or_else(|| {
                    out.push(Site::new(*space));
                    out.len() - 1
                });
                let Some(o) = out.get_mut(at) else { continue };
                o.lamina |= model.lamina;
                o.flavum |= model.flavum;
                o.facet |= model.facet;
                o.foramen |= model.foramen;
                o.recess |= model.recess;
                o.named = true;
                if o.from.is_empty() {
                    o.from = model.from;
                }
            }
            if let [space] = named.as_slice() {
                before = Some(*space);
            }
        }
    }

    /// The interspaces worked at from behind, in the order of the telling; what names no place is at `default`.
    pub(crate) fn sites(&self, note: &Note, default: &[Interspace]) -> Vec<Site<'a>> {
        let mut out: Vec<Site<'a>> = vec![];
        for event in &self.events {
            let e = event.entity;
            let words = note.words(e.sentence);
            let act = matches!(
                e.concept,
                C::LaminaOpened
                    | C::FlavumRemoved
                    | C::FacetTrimmed
                    | C::ForamenOpened
                    | C::RecessOpened
                    | C::DiscRemoved
                    | C::FragmentRemoved
            );
            if !act || !e.done() || e.part != Part::Body || for_screw(words) {
                continue;
            }
            // What the part through the front freed was not opened from behind.
            if event.way == Some(Way::Front) && crate::approach::both(&self.ways) {
                continue;
            }
            let disc = matches!(e.concept, C::DiscRemoved | C::FragmentRemoved);
            if disc && (event.way == Some(Way::Front) || has(&OTHER_FRAGMENT, words) || !near_disc(note, e)) {
                continue;
            }
            if has(&BED, words) && has(&ROUGHENED, note.doc.slice(e.start, e.end + 12)) {
                continue;
            }
            if e.concept == C::FacetTrimmed && (joint_fused(note, e) || along_trough(note, e)) {
                continue;
            }
            let (spaces, named) = match event.spaces.as_slice() {
                [] => (default, false),
                own => (own, event.named),
            };
            for space in spaces {
                let at = out.iter().position(|o| o.space == *space).unwrap_or_else(|| {
                    out.push(Site::new(*space));
                    out.len() - 1
                });
                let Some(o) = out.get_mut(at) else { continue };
                match e.concept {
                    C::LaminaOpened => o.lamina = true,
                    C::FlavumRemoved => o.flavum = true,
                    C::FacetTrimmed => o.facet = true,
                    C::ForamenOpened => o.foramen = true,
                    C::RecessOpened => o.recess = true,
                    C::FragmentRemoved => o.fragment = true,
                    _ => o.disc = true,
                }
                o.named |= named;
                let side = if o.side.is_some() && has(&ACROSS, words) {
                    Some(Laterality::Bilateral)
                } else {
                    event.side
                };
                o.side = match (o.side, side) {
                    (None, s) | (s, None) => s,
                    (Some(a), Some(b)) if a == b => Some(a),
                    _ => Some(Laterality::Bilateral),
                };
                o.from.push(e);
            }
        }
        self.repeated(note, &mut out);
        out
    }
}
