//! What the telling says of levels: which lists belong to what was treated.

use crate::account::needle::{failed, instead_of};
use crate::assertion::{self, Assertion};
use crate::catalogue::procedure::Show;
use crate::concept::Concept;
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::Entity;
use crate::rules::procedures::{Found, says, targets};
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::{Interspace, Level, Region, Vertebra};

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

re!(
    CONTINUES,
    r"^\W*(?:and |then |next |the |now |on )*(?:in (?:a |an |the )?(?:similar|like|same|identical) (?:fashion|manner|way)|same|likewise|similarly|repeat\w*|(?:right|left)(?: side| one)?\b|other side|at\b|also|again|lastly|finally|then|next)"
);
re!(
    REJECTED_BEFORE,
    r"\b(?:reject\w*|rather than|instead of|avoid\w*|skipp\w+|sparing|unlike)(?: the)?(?: left| right)?\s*$"
);
/// Sentences of the telling that hold, and those that go on from them: "same at T7-8", "right side T8-9".
pub(super) fn going_on(op: &Operation<'_>, holds: impl Fn(usize) -> bool) -> Vec<usize> {
    let note = op.note;
    let mut out: Vec<usize> = vec![];
    for (i, s) in note.sentences.iter().enumerate() {
        let words = note.words(i);
        let goes_on = || {
            let near =
                out.last().is_some_and(|l| i - l <= 2) && matches!(s.part, Part::Body | Part::Procedures);
            let level_first =
                note.groups.iter().any(|g| s.start <= g.start && g.start < s.end && g.start - s.start < 12);
            near && (says(&CONTINUES, words) || level_first) && !failed(words)
        };
        if !seen(words) && (holds(i) || goes_on()) {
            out.push(i);
        }
    }
    out
}

/// Level lists said as done in sentences of the telling that name the target.
pub(super) fn told<'a>(op: &'a Operation<'_>, f: &Found<'_>) -> Vec<Told<'a>> {
    let note = op.note;
    let mut out = vec![];
    let holds = |i: usize| {
        let part = note.sentences.get(i).map(|s| s.part);
        matches!(part, Some(Part::Body | Part::Other | Part::Procedures))
            && targets(f.procedure, note.words(i))
    };
    for i in going_on(op, holds) {
        let Some(s) = note.sentences.get(i) else { continue };
        for g in note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end) {
            let rejected = says(&REJECTED_BEFORE, note.doc.slice(s.start, g.start));
            if !rejected
                && assertion::read(&note.doc.norm, (s.start, s.end), g.start, g.end) == Assertion::Done
            {
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
        Some(Show::Axis) => Vertebra::new(Region::Cervical, 2).map(Level::Vertebra).into_iter().collect(),
        Some(Show::Vertebrae) => {
            let mut bones = own_bones(f);
            if bones.is_empty() {
                bones = dedup(told(op, f).iter().flat_map(|t| t.group.vertebrae()).collect());
                bones.extend(reached_before(op, f, &bones));
            }
            if bones.is_empty() {
                // The laminae opened on the way in: as headed, else as told.
                let laminae =
                    op.documented(&[Concept::Laminotomy, Concept::Laminectomy, Concept::LaminaOpened]);
                let of = |listed: bool| {
                    let part = laminae.iter().filter(|e| (e.part == Part::Procedures) == listed);
                    let of =
                        |e: &&Entity| e.vertebrae().into_iter().chain(parts_taken(op, e)).collect::<Vec<_>>();
                    dedup(part.flat_map(of).collect::<Vec<_>>())
                };
                bones = Some(of(true)).filter(|b| !b.is_empty()).unwrap_or_else(|| of(false));
            }
            if bones.is_empty() && !f.procedure.replaces.is_empty() {
                bones = laid_open(op);
            }
            // The ramus of L5 is reached at the ala of the sacrum.
            if f.procedure.nerves && !bones.is_empty() && !op.says(&ALA).is_empty() {
                bones.extend(Vertebra::new(Region::Lumbar, 5).filter(|v| !bones.contains(v)));
            }
            bones.sort();
            bones.into_iter().map(Level::Vertebra).collect()
        }
        Some(Show::Tip) => match tip(op, f) {
            Some(v) => vec![Level::Vertebra(v)],
            None if f.procedure.nerves => foramina_told(op, f),
            None => vec![],
        },
        Some(Show::Interspace) => {
            let own = own_spaces(f).first().copied();
            let between = if own.is_none() { between_spines(op, f) } else { vec![] };
            if !between.is_empty() {
                return between.into_iter().map(Level::Interspace).collect();
            }
            let space = own.or_else(|| most_told(op, f)).or_else(|| op.default_spaces().first().copied());
            let space = space.map(|s| instead_of(op.note, s).unwrap_or(s));
            let level =
                space.map(Level::Interspace).or_else(|| own_bones(f).first().copied().map(Level::Vertebra));
            level.into_iter().collect()
        }
    }
}

re!(
    PART_OF,
    r"\b(?:lower|upper|top|bottom|whole|all|part|half|third|thirds|quarter|rest|remaining|remainder|inferior|superior|cranial|cephalad|caudal|portion|laminae?)(?: (?:of|the|and|half|part|portion|third|two-thirds|lamina))*\s*$"
);

re!(SLIVER, r"\b(?:bit|little|sliver|edge|rim|lip|millimet\w+|mm) of\b");

/// Bones of which a lamina's sentence takes a part too: "the lower half of L1, all of L2 and the top of L3".
fn parts_taken(op: &Operation<'_>, e: &Entity) -> Vec<Vertebra> {
    let note = op.note;
    let Some(s) =
        note.sentences.get(e.sentence).filter(|s| e.concept == Concept::LaminaOpened && s.part == Part::Body)
    else {
        return vec![];
    };
    let here =
        note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && g.only_singles() && !g.nerve);
    let before = |g: &&Group| note.doc.slice(s.start.max(g.start.saturating_sub(32)), g.start);
    here.filter(|g| says(&PART_OF, before(g)) && !says(&SLIVER, before(g)))
        .flat_map(Group::vertebrae)
        .collect()
}

re!(DEEP, r"\b(?:dura|tumou?r|mass|lesion|cyst|abscess|pus|clot|h[a]?ematoma|meningioma|schwannoma)\b");

/// The place of what was removed from the canal, where neither its name nor a lamina says it: the one space told of
/// where the telling reaches it, else the place of the diagnosis.
fn laid_open(op: &Operation<'_>) -> Vec<Vertebra> {
    let note = op.note;
    let body = |i: &usize| note.sentences.get(*i).is_some_and(|s| s.part == Part::Body);
    let reached = (0..note.sentences.len()).filter(body).filter(|i| says(&DEEP, note.words(*i)));
    let one = reached.map(|i| op.account.topic(i)).find(|t| t.len() == 1);
    match one.as_deref() {
        Some([space]) => vec![space.upper(), space.lower()],
        _ => Some(op.default_vertebrae()).filter(|v| v.len() < 4).unwrap_or_default(),
    }
}

re!(ALA, r"\bsacral alar? notch|\bsacral ala\b");
re!(TRUNK, r"vertebral|anterior|\bbod(?:y|ies)\b|transverse process");

/// Bones named before sentences that bring a needle to the trunk of the spine and name no level.
fn reached_before(op: &Operation<'_>, f: &Found<'_>, known: &[Vertebra]) -> Vec<Vertebra> {
    let note = op.note;
    let inside = |i: usize| -> Vec<&Group> {
        let Some(s) = note.sentences.get(i).filter(|s| s.part == Part::Body) else { return vec![] };
        note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end).collect()
    };
    let n = note.sentences.len();
    let mut out = vec![];
    for i in 0..n {
        let here = inside(i);
        let mut behind = (i + 1..n).take(4).take_while(|k| inside(*k).is_empty());
        let entered = |k: usize| targets(f.procedure, note.words(k)) && says(&TRUNK, note.words(k));
        if here.iter().any(|g| g.only_singles()) && behind.any(entered) {
            let bones = here.into_iter().filter(|g| g.only_singles()).flat_map(Group::vertebrae);
            out.extend(bones.filter(|v| !known.contains(v)));
        }
    }
    dedup(out)
}

re!(
    REACHED,
    r"\b(?:to|up to|at|near|reach\w*|over|top of|level of|body of|behind|across)(?: (?:the|about|level|top|tip|middle|bottom|upper|lower|body|of|mid|superior|inferior|endplate|border|aspect|left|right))*\s*$"
);

/// The vertebra a lead or catheter was brought to: the last named behind "to", "at", "up to".
fn tip(op: &Operation<'_>, f: &Found<'_>) -> Option<Vertebra> {
    let told = told(op, f);
    let here = |t: &&Told<'_>| {
        let from = op.note.sentences.get(t.sentence).map_or(t.group.start, |s| s.start);
        t.group.only_singles() && says(&REACHED, op.note.doc.slice(from, t.group.start))
    };
    let last = told.iter().rev().find(here);
    last.and_then(|t| t.group.vertebrae().first().copied())
}

re!(FORAMEN, r"^[- ](?:neural |intervertebral |neuro)?foram\w+");

/// The foramina that needles of the telling stand in, by the roots that leave there.
fn foramina_told(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
    let told = told(op, f);
    let named = told.iter().filter(|t| says(&FORAMEN, op.note.doc.slice(t.group.end, t.group.end + 32)));
    let roots: Vec<Vertebra> =
        named.filter(|t| t.group.only_singles()).flat_map(|t| t.group.vertebrae()).collect();
    dedup(roots).into_iter().map(super::leaves_at).collect()
}

re!(BETWEEN_SPINES, r"^ (?:inter-?spin\w+(?: space)?|inter-?space|interlaminar space)\b");
re!(PUNCTURED, r"\b(?:needle|tuohy|puncture\w*|stick|stuck|entered)\b");

/// Interspaces punctured that are named by the bone above: "the L4 interspinous space".
fn between_spines(op: &Operation<'_>, f: &Found<'_>) -> Vec<Interspace> {
    let note = op.note;
    let mut out = vec![];
    for (i, s) in note.sentences.iter().enumerate().filter(|(_, s)| s.part == Part::Body) {
        if !says(&PUNCTURED, note.words(i))
            || !targets(f.procedure, note.words(i)) && f.procedure.targets.is_some()
        {
            continue;
        }
        let here = note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && g.only_singles());
        let named = here.filter(|g| says(&BETWEEN_SPINES, note.doc.slice(g.end, g.end + 24)));
        out.extend(named.flat_map(Group::vertebrae).filter_map(Interspace::below));
    }
    dedup(out)
}

/// The interspace that the telling names most; the first of equals.
fn most_told(op: &Operation<'_>, f: &Found<'_>) -> Option<Interspace> {
    let all: Vec<Interspace> = told(op, f).iter().flat_map(|t| t.group.interspaces()).collect();
    let votes = |s: Interspace| all.iter().filter(|x| **x == s).count();
    all.iter().copied().rev().max_by_key(|s| votes(*s))
}
