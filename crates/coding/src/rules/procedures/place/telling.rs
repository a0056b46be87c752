//! What the telling says of levels: which lists belong to what was treated.

use crate::assertion::{self, Assertion};
use crate::catalogue::procedure::Show;
use crate::concept::Concept;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::rules::procedures::{Found, says, targets};
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::{Interspace, Level, Vertebra};

// What a film shows was not treated by that.
re!(
    SEEN,
    r"\bmri\b|\bct (?:scan|of|from|shows?|showed)\b|(?:films?|x-?rays?|scan|imaging|studies|discogra\w+) (?:shows?|showed|demonstrat\w+|reveal\w*|had|of last)"
);

/// Whether a sentence tells what a film shows.
pub(super) fn seen(words: &str) -> bool {
    says(&SEEN, words)
}

/// A level list in a sentence of the telling.
pub(super) struct Told<'a> {
    pub(super) group: &'a Group,
    pub(super) sentence: usize,
}

pub(super) fn own_spaces(f: &Found<'_>) -> Vec<Interspace> {
    dedup(f.entities.iter().flat_map(|e| e.interspaces()).collect())
}

pub(super) fn own_bones(f: &Found<'_>) -> Vec<Vertebra> {
    dedup(f.entities.iter().flat_map(|e| e.vertebrae()).collect())
}

/// Level lists said as done in sentences of the telling that name the target.
pub(super) fn told<'a>(op: &'a Operation<'_>, f: &Found<'_>) -> Vec<Told<'a>> {
    let note = op.note;
    let mut out = vec![];
    for (i, s) in note.sentences.iter().enumerate() {
        if !matches!(s.part, Part::Body | Part::Other | Part::Procedures)
            || !targets(f.procedure, note.words(i))
            || seen(note.words(i))
        {
            continue;
        }
        for g in note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end) {
            if assertion::read(&note.doc.norm, (s.start, s.end), g.start, g.end) == Assertion::Done {
                out.push(Told { group: g, sentence: i });
            }
        }
    }
    out
}

/// Where a procedure that counts sessions was done: what its name says, else what the telling says.
pub(in crate::rules::procedures) fn levels_shown(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
    match f.procedure.show {
        None => vec![],
        Some(Show::Sacroiliac) => vec![Level::SacroiliacJoint],
        Some(Show::Vertebrae) => {
            let mut bones = own_bones(f);
            if bones.is_empty() {
                bones = dedup(told(op, f).iter().flat_map(|t| t.group.vertebrae()).collect());
            }
            if bones.is_empty() {
                // The laminae opened on the way in.
                let laminae = op.documented(&[Concept::Laminectomy, Concept::LaminaOpened]);
                let narrative = laminae.iter().filter(|e| e.part == Part::Body);
                bones = dedup(narrative.flat_map(|e| e.vertebrae()).collect());
            }
            bones.sort();
            bones.into_iter().map(Level::Vertebra).collect()
        }
        Some(Show::Interspace) => {
            let own = own_spaces(f).first().copied();
            let space = own.or_else(|| most_told(op, f)).or_else(|| op.default_spaces().first().copied());
            let level =
                space.map(Level::Interspace).or_else(|| own_bones(f).first().copied().map(Level::Vertebra));
            level.into_iter().collect()
        }
    }
}

/// The interspace that the telling names most; the first of equals.
fn most_told(op: &Operation<'_>, f: &Found<'_>) -> Option<Interspace> {
    let all: Vec<Interspace> = told(op, f).iter().flat_map(|t| t.group.interspaces()).collect();
    let votes = |s: Interspace| all.iter().filter(|x| **x == s).count();
    all.iter().copied().rev().max_by_key(|s| votes(*s))
}
