//! Where a procedure was done: levels and sides, from its name, else from the telling.
//!
//! Counting: section 1 of the coding rules.

mod items;
mod joints;
mod side;
mod telling;

use super::{Found, says};
use crate::account::needle::{untreated, untreated_bones};
use crate::catalogue::procedure::{Count, Show};
use crate::level::{Group, dedup};
use crate::operation::Operation;
use crate::reader::{Entity, one_side};
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Level, Region, Root, Vertebra};
use items::{counted_muscles, items, named_things};
use joints::joints;
use side::{mirrored, side_of, side_told, sides_of};
pub(super) use telling::levels_shown;
use telling::{own_bones, own_spaces, told};

re!(ROOT, r"\broots?\b|\bsnr");
re!(AND, r"\band\b|&|\bplus\b");
re!(FORAMEN, r"\bforam\w+");

/// One counted thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) level: Option<Level>,
    pub(super) region: Region,
    pub(super) side: Option<Laterality>,
    /// It was read, not assumed.
    pub(super) read: bool,
}

impl Place {
    pub(super) const fn known(&self) -> bool {
        self.read
    }
}

/// The things a procedure counts, at least one.
pub(super) fn places(op: &Operation<'_>, f: &Found<'_>) -> Vec<Place> {
    let p = f.procedure;
    let side = sides_of(op, f);
    let shown = |level: Option<Level>, read: bool| Place {
        level,
        region: level
            .and_then(region)
            .or_else(|| named_region(op, f))
            .or(op.region)
            .unwrap_or(Region::Lumbar),
        side,
        read,
    };
    let levels: Vec<Level> = match p.count {
        Count::Session => {
            let levels = sessions(op, f);
            return levels.into_iter().map(|l| shown(l, true)).collect();
        }
        Count::Item => {
            let n = p.counted.as_ref().map_or(1, |w| items(op, &w.0));
            return vec![shown(None, true); n];
        }
        Count::Named => {
            let n = named_things(op, p).max(counted_muscles(op));
            return vec![shown(None, n > 0); n.max(1)];
        }
        Count::Interspace => spaces(op, f),
        Count::Vertebra => bodies(op, f),
        Count::Joint => joints(op, f),
        Count::Foramen => foramina(op, f),
    };
    if levels.is_empty() {
        return vec![shown(None, false)];
    }
    // What the telling says was never entered is not counted, whatever the title promised.
    let (not, bones) = (untreated(op.note), untreated_bones(op.note));
    let entered = |l: &&Level| match l {
        Level::Interspace(s) => !not.contains(s),
        Level::Vertebra(v) => p.count != Count::Vertebra || !bones.contains(v),
        _ => true,
    };
    let kept: Vec<Level> = levels.iter().filter(entered).copied().collect();
    let levels = match (kept.is_empty(), p.count) {
        (false, _) => kept,
        // Nothing of what was named was reached: what the needles of the telling did reach.
        (true, Count::Joint | Count::Interspace | Count::Foramen) => {
            let told = told(op, f);
            let spaces = told.iter().flat_map(|t| t.group.interspaces());
            let mut reached = dedup(spaces.filter(|s| !not.contains(s)).collect());
            reached.sort();
            if reached.is_empty() { levels } else { at(reached) }
        }
        _ => levels,
    };
    // "The right L5-S1 joint was not injected": one side there, whatever was done elsewhere.
    let one = |l: Level| match l {
        Level::Interspace(s) => op.account.done_side(Some(s)).filter(|u| !u.at.is_empty()).map(|u| u.only),
        _ => None,
    };
    let per_level = |l: Level| {
        let told = || side_told(op, f, l).map(|s| mirrored(op, s));
        let side = side_of(op, f, l).or_else(told).or(side);
        let side = if side == Some(Laterality::Bilateral) { one(l).or(side) } else { side };
        Place { side, ..shown(Some(l), true) }
    };
    levels.into_iter().map(per_level).collect()
}

/// One session, or one in each region of the spine that the names enter: an epidural of the neck and one of the back.
fn sessions(op: &Operation<'_>, f: &Found<'_>) -> Vec<Option<Level>> {
    let one = vec![levels_shown(op, f).first().copied()];
    if f.procedure.show != Some(Show::Interspace) {
        return one;
    }
    let mut out: Vec<Interspace> = vec![];
    for s in own_spaces(f) {
        if out.iter().all(|o| (o.region() == Region::Lumbar) != (s.region() == Region::Lumbar)) {
            out.push(s);
        }
    }
    if out.len() < 2 { one } else { out.into_iter().map(|s| Some(Level::Interspace(s))).collect() }
}

fn region(l: Level) -> Option<Region> {
    l.vertebrae().first().map(|v| v.region())
}

fn at(v: Vec<Interspace>) -> Vec<Level> {
    v.into_iter().map(Level::Interspace).collect()
}

fn spaces(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
    let own = own_spaces(f);
    if !own.is_empty() {
        return at(own);
    }
    let told: Vec<Interspace> = told(op, f).iter().flat_map(|t| t.group.interspaces()).collect();
    let mut found = if told.is_empty() { op.default_spaces() } else { dedup(told) };
    found.sort();
    at(found)
}

fn bodies(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
    let mut found = own_bones(f);
    if found.is_empty() {
        found = diagnosed(op, f);
    }
    if found.is_empty() {
        let names: Vec<Vertebra> =
            told(op, f).iter().filter(|t| t.group.only_singles()).flat_map(|t| t.group.vertebrae()).collect();
        found = dedup(names);
    }
    if found.is_empty() {
        found = op.default_vertebrae();
    }
    found.sort();
    found.into_iter().map(Level::Vertebra).collect()
}

/// Bones that the diagnoses name one by one beside the words of the procedure's data.
fn diagnosed(op: &Operation<'_>, f: &Found<'_>) -> Vec<Vertebra> {
    let Some(words) = &f.procedure.of_diagnosis else { return vec![] };
    let note = op.note;
    let dx = |i: &usize| {
        let part = note.sentences.get(*i).map(|s| s.part);
        matches!(part, Some(Part::Before | Part::After | Part::Diagnosis)) && words.0.is_match(note.words(*i))
    };
    let named = (0..note.sentences.len()).filter(dx).filter_map(|i| note.sentences.get(i)).flat_map(|s| {
        let here = note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve);
        here.filter(|g| g.only_singles()).flat_map(Group::vertebrae)
    });
    dedup(named.collect())
}

/// Interspaces where the name has them; else those of the foramina told; else the roots named.
fn foramina(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
    // "Left L4 and left L5", "root blocks L4 and L5" name two roots, not the space between.
    let roots = f.entities.iter().all(|e| {
        e.groups.iter().all(Group::only_singles)
            && (says(&ROOT, op.note.doc.slice(e.start, e.end)) || one_by_one(op, e))
    });
    let own = own_spaces(f);
    if !own.is_empty() && !roots {
        return at(own);
    }
    let told = told(op, f);
    let entered: Vec<Interspace> = told
        .iter()
        .filter(|t| says(&FORAMEN, op.note.words(t.sentence)) && !t.group.only_singles())
        .flat_map(|t| t.group.interspaces())
        .collect();
    if !entered.is_empty() {
        return at(dedup(entered));
    }
    let roots = own_bones(f);
    if !roots.is_empty() {
        return roots.into_iter().map(leaves_at).collect();
    }
    let spaces = dedup(told.iter().flat_map(|t| t.group.interspaces()).collect());
    if !spaces.is_empty() {
        return at(spaces);
    }
    let roots = dedup(told.iter().flat_map(|t| t.group.vertebrae()).collect::<Vec<_>>());
    if roots.is_empty() { at(op.default_spaces()) } else { roots.into_iter().map(leaves_at).collect() }
}

/// Single vertebrae joined by "and" or each with its own side: things treated one by one, no stretch between them.
fn one_by_one(op: &Operation<'_>, e: &Entity) -> bool {
    let joined = |g: &Group| {
        let words = op.note.doc.slice(g.start, g.end);
        g.items.len() == 1 || says(&AND, words) || one_side(words).is_some()
    };
    e.groups.iter().all(joined) && !e.groups.is_empty()
}

/// The foramen a root leaves through, as the place treated; the first sacral foramen is named by its root.
fn leaves_at(root: Vertebra) -> Level {
    let space = Root::new(root.region(), root.number()).and_then(Root::foramen);
    space.map_or(Level::Vertebra(root), Level::Interspace)
}

/// The region named beside the procedure.
fn named_region(op: &Operation<'_>, f: &Found<'_>) -> Option<Region> {
    f.entities.iter().find_map(|e| {
        if let Some(v) = e.vertebrae().first() {
            return Some(v.region());
        }
        let w = op.note.words(e.sentence);
        if w.contains("cervical") {
            Some(Region::Cervical)
        } else if w.contains("thoracic") {
            Some(Region::Thoracic)
        } else if w.contains("lumbar") || w.contains("sacral") || w.contains("caudal") {
            Some(Region::Lumbar)
        } else {
            None
        }
    })
}
