//! What the hands did, interspace by interspace: the narrative read on its own, whatever the list says.
//!
//! A surgeon works one place at a time ("L3-4: ..."; "attention was then turned to C5-6"): a sentence that
//! names no place belongs to the last one named. Laminae, facets, foramina and recesses opened are gathered
//! by the interspace they open, so that a decompression can be seen that no heading names, and one that a
//! heading names can be held against what was done.

use crate::concept::Concept as C;
use crate::level::dedup;
use crate::operation::Operation;
use crate::reader::Entity;
use crate::sections::Part;
use crate::text::{has, re};
use iambilly_claim::Interspace;
use iambilly_claim::coding::Laterality;

// A window made to feel a pedicle decompresses nothing.
re!(
    FOR_SCREW,
    r"lamin\w*otom\w+[- ]free|lamin\w*otom\w+[^.;]{0,40}\bto (?:feel|palpate|see|find|check|guide|confirm|visuali[sz]e|direct|expose)\b[^.;]{0,30}\b(?:wall|pedicle|screw)"
);

/// A lamina opened only to place a screw.
pub(crate) fn for_screw(words: &str) -> bool {
    has(&FOR_SCREW, words)
}

/// What was opened from behind at one interspace.
#[derive(Debug, Clone)]
pub(crate) struct Opened<'a> {
    pub(crate) space: Interspace,
    pub(crate) lamina: bool,
    pub(crate) facet: bool,
    pub(crate) foramen: bool,
    pub(crate) recess: bool,
    /// The narrative says the place in words of its own (not taken from the headings).
    pub(crate) named: bool,
    pub(crate) side: Option<Laterality>,
    pub(crate) from: Vec<&'a Entity>,
}

impl Opened<'_> {
    /// Lamina opened, and a facet, foramen or recess with it: a decompression of the segment.
    pub(crate) const fn full(&self) -> bool {
        self.lamina && (self.facet || self.foramen || self.recess)
    }
}

/// The interspaces opened from behind, in the order of the narrative.
pub(crate) fn opened<'a>(op: &Operation<'a>) -> Vec<Opened<'a>> {
    let mut out: Vec<Opened<'a>> = vec![];
    for e in &op.note.entities {
        let kind = match e.concept {
            C::LaminaOpened => 0,
            C::FacetTrimmed => 1,
            C::ForamenOpened => 2,
            C::RecessOpened => 3,
            _ => continue,
        };
        if !e.done() || e.part != Part::Body || has(&FOR_SCREW, op.note.words(e.sentence)) {
            continue;
        }
        let (spaces, named) = place(op, e);
        for space in spaces {
            let at = out.iter().position(|o| o.space == space).unwrap_or_else(|| {
                out.push(Opened {
                    space,
                    lamina: false,
                    facet: false,
                    foramen: false,
                    recess: false,
                    named: false,
                    side: None,
                    from: vec![],
                });
                out.len() - 1
            });
            let Some(o) = out.get_mut(at) else { continue };
            match kind {
                0 => o.lamina = true,
                1 => o.facet = true,
                2 => o.foramen = true,
                _ => o.recess = true,
            }
            o.named |= named;
            o.side = match (o.side, e.side) {
                (None, s) | (s, None) => s,
                (Some(a), Some(b)) if a == b => Some(a),
                _ => Some(Laterality::Bilateral),
            };
            o.from.push(e);
        }
    }
    out
}

/// The interspaces an act belongs to, and whether the narrative names them.
fn place(op: &Operation<'_>, e: &Entity) -> (Vec<Interspace>, bool) {
    let own = e.interspaces();
    if !own.is_empty() {
        return (own, true);
    }
    let topic = op.note.topic(e.sentence);
    let bones = e.vertebrae();
    if !bones.is_empty() {
        let touching: Vec<Interspace> = topic
            .iter()
            .copied()
            .filter(|s| bones.iter().any(|v| s.upper() == *v || s.lower() == *v))
            .collect();
        if !touching.is_empty() {
            return (touching, true);
        }
        // A lamina covers the interspace below it.
        return (dedup(bones.into_iter().filter_map(Interspace::below).collect()), true);
    }
    if topic.is_empty() { (op.default_spaces(), false) } else { (topic, true) }
}
