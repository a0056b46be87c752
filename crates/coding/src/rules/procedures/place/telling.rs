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

re!(
    CONTINUES,
    r"^\W*(?:and |then |next |the |now |on )*(?:same|likewise|similarly|repeat\w*|(?:right|left)(?: side| one)?\b|other side|at\b|also|again|lastly|finally|then|next)"
);
re!(
    REJECTED_BEFORE,
    r"\b(?:reject\w*|rather than|instead of|avoid\w*|skipp\w+|sparing|unlike)(?: the)?(?: left| right)?\s*$"
);
re!(
    FAILED,
    concat!(
        r"\b(?:never|not|would not|could not|couldn't|can ?not|unable to|did not) (?:be )?(?:\w+ )?(?:enter\w*|inject\w*|access\w*|reach\w*|treat\w*|cannulat\w*|get (?:in|past|into))",
        r"|\bnothing (?:was |could be )?(?:\w+ )?(?:injected|given|put in)|\b(?:no|is no|was no) study\b|\b(?:was|were|had to be) (?:then )?abandoned|\bleft (?:untreated|uninjected)"
    )
);
re!(ENTERED, r"\b(?:foram\w+|joint|dis[ck]|needle|inject\w*|same|next|then|contrast|entered|mg|ml|cc)\b");
re!(KEPT_OUT_OF, r"\b(?:canal|thecal sac|sac|dura|chest|pleura|abdomen|vessels?) (?:was|were|is) $");
re!(GIVEN, r"\b(?:same|then|next|\d ?mg|ml|cc)\b");
re!(
    THEN_DONE,
    r"\b(?:second|third|another|repeat\w*|finally|eventually|at last|then|succe\w+|from the (?:other|right|left|opposite)) [^.]{0,80}\b(?:entered|injected|success\w*|obtained|spread|arthrogram|in place|went in)"
);

/// How many sentences behind its level a failure may be told, and how far within one.
const FAILED_WITHIN: usize = 2;

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
            near && (says(&CONTINUES, words) || level_first) && !says(&FAILED, words)
        };
        if !seen(words) && (holds(i) || goes_on()) {
            out.push(i);
        }
    }
    out
}

/// Interspaces of which the telling says that nothing went in, and not later that it did.
pub(super) fn untreated(op: &Operation<'_>) -> Vec<Interspace> {
    let note = op.note;
    let told = |i: usize| {
        note.sentences.get(i).filter(|s| matches!(s.part, Part::Body | Part::Other)).map(|s| (s.start, s.end))
    };
    let pairs = |from: usize, to: usize| -> Vec<Interspace> {
        let inside = note.groups.iter().filter(|g| from <= g.start && g.end <= to && !g.nerve);
        inside.filter(|g| g.interspaces().len() == 1).flat_map(Group::interspaces).collect()
    };
    let mut out = vec![];
    for i in 0..note.sentences.len() {
        let Some((start, end)) = told(i) else { continue };
        let Some(&(at, _)) = crate::text::all(&FAILED, note.words(i)).first() else { continue };
        // "The canal was not entered" says how the work was done, not that it was not.
        if says(&KEPT_OUT_OF, note.words(i).get(..at).unwrap_or("")) {
            continue;
        }
        let before = pairs(start, start + at).last().map(|p| (i, *p));
        let earlier = || {
            (i.saturating_sub(FAILED_WITHIN)..i)
                .rev()
                .find_map(|k| told(k).and_then(|(a, b)| pairs(a, b).last().map(|p| (k, *p))))
        };
        let after = || pairs(start + at, end).first().map(|p| (i, *p));
        let Some((source, space)) = before.or_else(after).or_else(earlier) else { continue };
        // The other side of the level may have been treated.
        let elsewhere = (0..note.sentences.len()).filter(|k| *k != i && *k != source).any(|k| {
            let (words, listed) =
                (note.words(k), note.sentences.get(k).filter(|s| s.part == Part::Procedures));
            // In a list of procedures only a sentence that tells.
            let tells = if listed.is_some() { says(&GIVEN, words) } else { says(&ENTERED, words) };
            let at = listed.map(|s| (s.start, s.end)).or_else(|| told(k));
            tells && !says(&FAILED, words) && at.is_some_and(|(a, b)| pairs(a, b).contains(&space))
        });
        if elsewhere {
            continue;
        }
        let later = (i..note.sentences.len()).take(FAILED_WITHIN + 1).take_while(|k| {
            *k == i || told(*k).is_some_and(|(a, b)| pairs(a, b).iter().all(|p| *p == space))
        });
        let done = later.into_iter().any(|k| {
            let words = note.words(k);
            let rest = if k == i { words.get(at..).unwrap_or("") } else { words };
            says(&THEN_DONE, rest) && !(k != i && says(&FAILED, rest))
        });
        if !done {
            out.push(space);
        }
    }
    dedup(out)
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
        Some(Show::Tip) => tip(op, f).into_iter().map(Level::Vertebra).collect(),
        Some(Show::Interspace) => {
            let own = own_spaces(f).first().copied();
            let space = own.or_else(|| most_told(op, f)).or_else(|| op.default_spaces().first().copied());
            let level =
                space.map(Level::Interspace).or_else(|| own_bones(f).first().copied().map(Level::Vertebra));
            level.into_iter().collect()
        }
    }
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

/// The interspace that the telling names most; the first of equals.
fn most_told(op: &Operation<'_>, f: &Found<'_>) -> Option<Interspace> {
    let all: Vec<Interspace> = told(op, f).iter().flat_map(|t| t.group.interspaces()).collect();
    let votes = |s: Interspace| all.iter().filter(|x| **x == s).count();
    all.iter().copied().rev().max_by_key(|s| votes(*s))
}
