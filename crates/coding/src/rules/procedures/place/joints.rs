//! Facet joints: named as joints, or told by the nerves that serve them (section 1 of the coding rules).
//!
//! Neighbouring medial branches L3, L4 serve the joint L4-L5, cervical C4, C5 the joint C4-C5.

use super::at;
use super::telling::{Told, going_on, seen, told};
use crate::account::needle::{untreated_bones, upper_neck};
use crate::assertion::{self, Assertion};
use crate::concept::Role;
use crate::level::{Group, Item, dedup};
use crate::operation::Operation;
use crate::rules::procedures::{Found, says, targets};
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::{Interspace, Joint, Level, Vertebra};

re!(
    MEDIAL_BRANCH,
    r"medial branch|dorsal ram\w+|posterior sensory ram\w+|\bmbb?s?\b|ramo medial|ramo dorsal"
);
re!(THIRD_OCCIPITAL, r"third occipital|\bton\b");
re!(JOINT, r"joint|facet|zygapophys\w+");
re!(WRITTEN_PAIR, r"[clts]?\d ?[-/] ?[clts]?\d");
re!(
    JOINT_BEHIND,
    r"^[\s,]*(?:(?:bilateral|left|right|lumbar|cervical|thoracic|facet|zygapophys\w+|z)[\s-]*)*(?:joints?|facets)\b"
);

/// Facet joints: named as joints, else from the nerves that serve them, else those of the diagnosis.
pub(super) fn joints(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
    let mut found: Vec<Interspace> = named_joints(op, f);
    if found.is_empty() {
        found = nerves_told(op, f);
    }
    if found.is_empty() {
        found = facets_told(op, &[Part::Body, Part::Other, Part::Procedures]);
    }
    if found.is_empty() {
        found = facets_told(op, &[Part::After, Part::Before, Part::Diagnosis]);
    }
    if found.is_empty() && op.default_spaces().len() == 1 {
        found = op.default_spaces();
    }
    let left = untreated_bones(op.note);
    if f.procedure.nerves && !left.is_empty() {
        let kept: Vec<Interspace> = found.iter().copied().filter(|s| !lost(*s, &left)).collect();
        if !kept.is_empty() {
            found = kept;
        }
    }
    found.sort();
    at(found)
}

/// One of the two nerves of a joint was not treated, so that the joint was not.
fn lost(joint: Interspace, left: &[Vertebra]) -> bool {
    let beside = |v: &Vertebra| [v.above(), v.below()].into_iter().flatten().collect::<Vec<_>>();
    left.iter().any(|v| beside(v).into_iter().any(|n| Joint::served_by(&[*v, n]).contains(&joint)))
}

/// The joints a name gives: lists written as joints ("L3-4 and L4-5"), else the joints that the nerves named serve.
fn named_joints(op: &Operation<'_>, f: &Found<'_>) -> Vec<Interspace> {
    let mut groups: Vec<&Group> = vec![];
    for e in &f.entities {
        // "Rhizotomy, right, L3, L4 medial branches and L5 dorsal ramus" is one list, whatever its commas.
        let alone = op.note.entities.iter().all(|o| {
            o.sentence != e.sentence || o.concept == e.concept || !matches!(o.role, Role::Work) || !o.done()
        });
        let whole: Vec<&Group> = op.note.sentences.get(e.sentence).map_or(vec![], |s| {
            op.note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end).collect()
        });
        let of_list = alone
            && (e.part == Part::Procedures || !op.listed)
            && whole.iter().any(|g| g.nerve || g.only_singles());
        let own = if of_list { whole } else { e.groups.iter().collect() };
        groups.extend(own);
    }
    let joint = |g: &&Group| is_joint(op, g) || g.items.len() == 1 && is_joint_range(op, g);
    let joints: Vec<Interspace> =
        dedup(groups.iter().copied().filter(joint).flat_map(Group::interspaces).collect());
    if !joints.is_empty() {
        return joints;
    }
    let nerves: Vec<Vertebra> = groups.iter().flat_map(|g| g.vertebrae()).collect();
    let mut served = Joint::served_by(&nerves);
    if f.entities.iter().any(|e| says(&THIRD_OCCIPITAL, op.note.words(e.sentence))) {
        served.extend(upper_neck());
    }
    if served.is_empty() { dedup(groups.iter().flat_map(|g| g.interspaces()).collect()) } else { served }
}

/// A list of joints: neighbours written as pairs, not nerves one after the other ("C4 C5 and C6").
fn is_joint(op: &Operation<'_>, g: &Group) -> bool {
    let words = op.note.doc.slice(g.start, g.end);
    let pairs = g.items.iter().filter(|i| matches!(i, Item::Pair(_))).count();
    let only_pairs = pairs == g.items.len() && pairs > 0;
    let written = says(&WRITTEN_PAIR, words);
    let named = says(&JOINT_BEHIND, op.note.doc.slice(g.end, g.end + 40));
    pairs > 0 && !g.nerve && (only_pairs || written || named)
}

/// A stretch of joints: down to the sacrum, which has no medial branch, or called joints.
fn is_joint_range(op: &Operation<'_>, g: &Group) -> bool {
    let named = says(&JOINT_BEHIND, op.note.doc.slice(g.end, g.end + 40));
    g.items.iter().any(|i| matches!(i, Item::Range(_, b) if *b == Vertebra::S1 || named)) && !g.nerve
}

/// Joints of the nerves that the telling names one by one.
fn nerves_told(op: &Operation<'_>, f: &Found<'_>) -> Vec<Interspace> {
    let told = told(op, f);
    let of = |t: &&Told<'_>| says(&MEDIAL_BRANCH, op.note.words(t.sentence)) && t.group.only_singles();
    let near: Vec<Vertebra> = told.iter().filter(of).flat_map(|t| nerve_bones(op, t)).collect();
    let mut out = Joint::served_by(&near);
    if out.is_empty() {
        let lists = told.iter().filter(|t| !is_joint(op, t.group));
        let all: Vec<Vertebra> = lists.flat_map(|t| t.group.vertebrae()).collect();
        out = Joint::served_by(&all);
        let said = joints_said(op);
        if !out.is_empty() && !said.is_empty() {
            out = said;
        }
    }
    let said = |i: usize| {
        let s = op.note.sentences.get(i)?;
        let words = op.note.words(i);
        let at = crate::text::all(&THIRD_OCCIPITAL, words).first().copied()?;
        let span = (s.start + at.0, s.start + at.1);
        let done = assertion::read(&op.note.doc.norm, (s.start, s.end), span.0, span.1) == Assertion::Done;
        let part = matches!(s.part, Part::Body | Part::Other | Part::Procedures);
        (done && part && targets(f.procedure, words)).then_some(())
    };
    if (0..op.note.sentences.len()).any(|i| said(i).is_some()) {
        out.extend(upper_neck());
    }
    dedup(out)
}

/// Joints that the telling calls by that name, for needles told by the bones they stand on.
fn joints_said(op: &Operation<'_>) -> Vec<Interspace> {
    let note = op.note;
    let mut out = vec![];
    for (i, s) in note.sentences.iter().enumerate().filter(|(_, s)| s.part == Part::Body) {
        let here = note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        let named = here.filter(|g| says(&JOINT_BEHIND, note.doc.slice(g.end, g.end + 40)));
        let done = named
            .filter(|g| assertion::read(&note.doc.norm, (s.start, s.end), g.start, g.end) == Assertion::Done);
        if !seen(note.words(i)) {
            out.extend(done.flat_map(Group::interspaces));
        }
    }
    dedup(out)
}

/// In "the junction at L4 (L3 medial branch)" only L3 is the nerve.
fn nerve_bones(op: &Operation<'_>, t: &Told<'_>) -> Vec<Vertebra> {
    let words = op.note.words(t.sentence);
    let any_tagged = op.note.groups.iter().any(|g| {
        g.nerve && op.note.sentences.get(t.sentence).is_some_and(|s| g.start >= s.start && g.end <= s.end)
    });
    if any_tagged && !t.group.nerve && words.len() > t.group.end.saturating_sub(t.group.start) {
        let before = op.note.doc.slice(t.group.start.saturating_sub(24), t.group.start);
        if !says(&MEDIAL_BRANCH, before) {
            return vec![];
        }
    }
    t.group.vertebrae()
}

fn facets_told(op: &Operation<'_>, parts: &[Part]) -> Vec<Interspace> {
    let note = op.note;
    let mut out = vec![];
    let holds = |i: usize| {
        note.sentences.get(i).is_some_and(|s| parts.contains(&s.part)) && says(&JOINT, note.words(i))
    };
    let found = if parts.contains(&Part::Body) {
        going_on(op, holds)
    } else {
        (0..note.sentences.len()).filter(|i| holds(*i) && !seen(note.words(*i))).collect()
    };
    for i in found {
        let Some(s) = note.sentences.get(i) else { continue };
        for g in note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end) {
            if assertion::read(&note.doc.norm, (s.start, s.end), g.start, g.end) == Assertion::Done {
                out.extend(g.interspaces());
            }
        }
    }
    dedup(out)
}
