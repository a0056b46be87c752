//! The side of what was treated: the name's, the level's, the needle's or the pocket's.

use super::telling::told;
use crate::assertion::{self, Assertion};
use crate::catalogue::procedure::{Count, Sides};
use crate::level::sides;
use crate::operation::Operation;
use crate::reader::{one_side, side_before};
use crate::rules::procedures::{Found, passage, says, targets};
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Level, Vertebra};

re!(
    BOTH_SIDES,
    r"(?:repeated|performed|same procedure|treated)[a-z ,]{0,40}(?:other|opposite|contralateral|left|right) side|identical fashion|bilat(?:eral\w*)?\b|both sides|each side"
);

re!(
    LOOKED_AT,
    r"\b(?:strength|power|motor|sensation|sensory|reflex\w*|puls(?:e|es)|grip|gait|legs?|feet|arms?|hands?|toes?|straight leg|slr|exam\w*|temperature|skin temp|breath sounds|lungs?|pupils?|normal|intact|equal|symmetric\w*|warm|padded|pads?|scds?|stockings?|draped?)\b"
);
re!(
    ACTED,
    r"\b(?:inject\w*|needles?|blocks?|blocked|joints?|repeated|treated|placed|lesion\w*|burn\w*|cannul\w*|probes?|implants?|pins?|advanced|contrast|medicat\w*|steroid|cc|ml|mg)\b"
);

/// The side at one level: written right before it, or that of the only entity that names it.
pub(super) fn side_of(op: &Operation<'_>, f: &Found<'_>, l: Level) -> Option<Laterality> {
    let mut found: Vec<Laterality> = vec![];
    for e in &f.entities {
        let here = match l {
            Level::Interspace(s) => e.interspaces().contains(&s),
            Level::Vertebra(v) => e.vertebrae().contains(&v),
            _ => false,
        };
        if !here {
            continue;
        }
        let written = match l {
            Level::Interspace(s) => side_before(op.note.words(e.sentence), s),
            _ => None,
        };
        // "right and left L5-S1": both sides of the name outweigh the one beside the level.
        found.extend(if e.side == Some(Laterality::Bilateral) && e.interspaces().len() == 1 {
            e.side
        } else {
            written.or(e.side)
        });
    }
    joined(&found)
}

/// The side at one level as the telling has it: the sides of the sentences that treat it; one that says that nothing
/// was put in does not count. A sentence that goes on "same on the left" adds its side to the level it names.
pub(super) fn side_told(op: &Operation<'_>, f: &Found<'_>, l: Level) -> Option<Laterality> {
    let space = match l {
        Level::Interspace(space) => space,
        Level::Vertebra(v) => return side_of_bone(op, f, v),
        _ => return None,
    };
    if f.entities.iter().any(|e| e.side.is_some() && !e.groups.is_empty()) {
        return None;
    }
    let told = told(op, f);
    let here = told.iter().filter(|t| t.group.interspaces().contains(&space));
    let sides: Vec<Laterality> = here
        .filter(|t| !says(&UNTREATED, op.note.words(t.sentence)))
        .filter_map(|t| {
            let words = op.note.words(t.sentence);
            side_before(words, space).or_else(|| one_side(words))
        })
        .collect();
    joined(&sides)
}

/// The side from which one bone was entered: of the sentences that treat it and no other.
fn side_of_bone(op: &Operation<'_>, f: &Found<'_>, bone: Vertebra) -> Option<Laterality> {
    let told = told(op, f);
    let alone = |t: &&super::telling::Told<'_>| {
        t.group.vertebrae() == [bone]
            && told.iter().all(|o| o.sentence != t.sentence || o.group.vertebrae() == [bone])
    };
    let sides: Vec<Laterality> = told
        .iter()
        .filter(alone)
        .filter(|t| !says(&UNTREATED, op.note.words(t.sentence)))
        .filter_map(|t| one_side(op.note.words(t.sentence)))
        .collect();
    joined(&sides)
}

re!(
    SAME_ON,
    r"\b(?:same|identical(?:ly)?|mirror\w*|duplicate\w*) (?:\w+ ){0,7}?(?:on|for|at|from) the (?:left|right|other|opposite)\b|\b(?:then|next),? (?:on |to )?the (?:left|right|other|opposite)\b|\bthe (?:left|right|other|opposite) (?:joint|side|one)\b[^.;]{0,30}\b(?:then|next|likewise|also|same|similarly)\b"
);

/// The side told of a level, or both where the telling repeats all of it on the other.
pub(super) fn mirrored(op: &Operation<'_>, side: Laterality) -> Laterality {
    if same_on_the_other(op, Some(side)) { Laterality::Bilateral } else { side }
}

/// "On the right ... Same on the left": both, where nothing but the side changes.
fn same_on_the_other(op: &Operation<'_>, first: Option<Laterality>) -> bool {
    let said = op.says(&SAME_ON);
    said.iter().any(|(a, b)| {
        let words = op.note.doc.slice(*a, *b);
        let own = one_side(words);
        let levels = op.note.groups.iter().any(|g| g.start >= *b && g.start < *b + 24);
        !levels && first.is_some() && (own.is_none() || own != first)
    })
}

re!(
    UNTREATED,
    r"\b(?:not|nothing|never|no) (?:\w+ ){0,2}(?:injected|treated|touched|entered|blocked|given|done)|asymptomatic|left alone|considered"
);

fn joined(sides: &[Laterality]) -> Option<Laterality> {
    let first = *sides.first()?;
    Some(if sides.iter().all(|s| *s == first) { first } else { Laterality::Bilateral })
}

/// The side of the whole: the names', else both where the telling repeats it, else the needle's.
pub(super) fn sides_of(op: &Operation<'_>, f: &Found<'_>) -> Option<Laterality> {
    if f.procedure.sides == Sides::Pocket {
        return side_of_pocket(op);
    }
    let named: Vec<Laterality> = f.entities.iter().filter_map(|e| e.side).collect();
    if let Some(side) = joined(&named) {
        return Some(side);
    }
    if f.entities.is_empty() {
        let side = side_nearby(op, f);
        let both = side.is_some_and(|s| s != Laterality::Bilateral) && same_on_the_other(op, side);
        return if both { Some(Laterality::Bilateral) } else { side };
    }
    let s = &op.note.sentences;
    // "Strength was normal on both sides" is looked at, not treated.
    let treats = |a: usize| {
        let at = s.iter().position(|x| x.start <= a && a < x.end);
        at.is_some_and(|i| {
            let words = op.note.words(i);
            let heads = s.get(i).is_some_and(|x| x.part == Part::Procedures);
            heads || !says(&LOOKED_AT, words) || says(&ACTED, words) || targets(f.procedure, words)
        })
    };
    if op.says(&BOTH_SIDES).iter().any(|x| treats(x.0)) {
        return Some(Laterality::Bilateral);
    }
    let tells = |i: &usize| s.get(*i).is_some_and(|x| x.part != Part::History);
    // Each needle's side, where the telling treats both.
    let each: Vec<Laterality> = (0..s.len())
        .filter(tells)
        .filter(|i| targets(f.procedure, op.note.words(*i)) && !says(&UNTREATED, op.note.words(*i)))
        .filter_map(|i| today(op, i))
        .collect();
    if each.len() > 1 && f.procedure.count == Count::Session && joined(&each) == Some(Laterality::Bilateral) {
        return Some(Laterality::Bilateral);
    }
    let needle = (0..s.len()).filter(tells).find_map(|i| {
        let w = op.note.words(i);
        (w.contains("needle") || w.contains("inject")).then(|| today(op, i)).flatten()
    });
    let side = needle.or_else(|| joined(&each));
    if side.is_some_and(|s| s != Laterality::Bilateral) && same_on_the_other(op, side) {
        return Some(Laterality::Bilateral);
    }
    side
}

/// The side a sentence names, without one of another year.
fn today(op: &Operation<'_>, i: usize) -> Option<Laterality> {
    let s = op.note.sentences.get(i)?;
    let past = |at: usize| {
        let (a, b) = (s.start + at, s.start + at + 1);
        assertion::read(&op.note.doc.norm, (s.start, s.end), a, b) == Assertion::Past
    };
    let named: Vec<Laterality> =
        sides(op.note.words(i)).into_iter().filter(|x| !past(x.0)).map(|x| x.2).collect();
    joined(&named)
}

re!(
    POCKET,
    r"\b(?P<side>left|right)(?:-sided)? (?:upper |lower |outer |posterior )*(?:quadrant|buttock|flank|abdom\w+|glute\w+|iliac|belt|pocket|chest)|\b(?P<short>[lr])[lu]q\b|\b(?P<bare>[lr]) (?:(?:upper|lower) )?(?:flank|buttock|abdom\w+|pocket)"
);

/// The side on which a generator or pump lies.
fn side_of_pocket(op: &Operation<'_>) -> Option<Laterality> {
    // An old pocket used again lies where it was made.
    let told = [Part::Procedures, Part::Body, Part::Implants, Part::Other];
    let made = |how| op.find(&POCKET, &told, &[how]).first().copied();
    let (s, e) = made(Assertion::Done).or_else(|| made(Assertion::Past))?;
    let c = POCKET.as_ref()?.captures(op.note.doc.slice(s, e))?;
    let side = c.name("side").or_else(|| c.name("short")).or_else(|| c.name("bare"))?;
    Some(if side.as_str().starts_with('l') { Laterality::Left } else { Laterality::Right })
}

/// For a procedure described without its name: the side in its own passage, nearest to what is treated.
fn side_nearby(op: &Operation<'_>, f: &Found<'_>) -> Option<Laterality> {
    let (from, to) = passage(op, f.inferred.first()?.0)?;
    let mut found = vec![];
    for (i, s) in op.note.sentences.iter().enumerate() {
        if s.start < from || s.end > to {
            continue;
        }
        let words = op.note.words(i);
        if targets(f.procedure, words)
            && assertion::read(&op.note.doc.norm, (s.start, s.end), s.start, s.start + 1) == Assertion::Done
        {
            found.extend(today(op, i));
        }
    }
    if let Some(side) = found.first() {
        return Some(*side);
    }
    // The passage's own telling, else the first target of the note.
    let told =
        |i: &usize| op.note.sentences.get(*i).is_some_and(|s| !matches!(s.part, Part::History | Part::Plan));
    let within = |i: &usize| op.note.sentences.get(*i).is_some_and(|s| from <= s.start && s.end <= to);
    let all = || (0..op.note.sentences.len()).filter(told);
    let named: Vec<Laterality> = all().filter(within).filter_map(|i| today(op, i)).collect();
    joined(&named)
        .or_else(|| all().filter(|i| targets(f.procedure, op.note.words(*i))).find_map(|i| today(op, i)))
}
