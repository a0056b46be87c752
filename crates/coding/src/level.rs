//! Levels and sides as they are written and spoken: `L4-5`, `L4/L5`, `L5S1`, `L four five`, `C3 through C6`.
//!
//! A scanner, not a pattern: what a number belongs to depends on what stood before it. A *mention* is one
//! level phrase; a *group* is a list of them ("C5-6 and C6-7"). What a list of single vertebrae means
//! depends on the procedure, so a group answers both questions: which interspaces, which vertebrae.
//! Counting rules: [`iambilly_claim::level`].

mod anaphora;
mod name;
mod scan;
mod side;

use crate::text::{has, re};
pub(crate) use anaphora::with_pointed;
use iambilly_claim::{Interspace, Vertebra};
pub(crate) use name::with_named;
pub(crate) use scan::{lettered, mentions, rest};
pub(crate) use side::sides;

/// One level as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A vertebra: `T12`.
    Single(Vertebra),
    /// Two neighbours written together: `L4-5`.
    Pair(Interspace),
    /// From one to the other: `L4 to S1`.
    Range(Vertebra, Vertebra),
}

/// A level phrase in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) item: Item,
    /// It names a nerve, a root or a dermatome rather than a place operated on.
    pub(crate) nerve: bool,
    /// It reaches to the pelvis or ilium.
    pub(crate) pelvis: bool,
}

/// A list of level phrases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) items: Vec<Item>,
    pub(crate) nerve: bool,
    /// Some phrase of it reaches to the pelvis or ilium.
    pub(crate) pelvis: bool,
}

re!(
    GAP,
    r"^[\s,]*(?:and|&|as well as|plus|then|followed by)?\s*(?:also\s+)?(?:at\s+)?(?:the\s+)?(?:levels?\s+)?(?:left|right|bilateral)?\s*$"
);

re!(THROUGH, r"^\s*(?:to|through|thru|down to|up to)\s*(?:and including\s*)?$");

/// Joins phrases that stand in one list.
pub(crate) fn groups(s: &str, mentions: &[Mention]) -> Vec<Group> {
    let mut out: Vec<Group> = vec![];
    for m in mentions {
        if let Some(g) = out.last_mut() {
            let gap = s.get(g.end..m.start).unwrap_or("");
            let joined = !gap.contains('\n') && GAP.as_ref().is_some_and(|r| r.is_match(gap));
            let words: usize = gap.split_whitespace().map(|w| w.len() + 1).sum();
            // "Left L5 and left S1": two bones, and no interspace between them.
            let single = |i: Option<&Item>| matches!(i, Some(Item::Single(_)));
            let apart = single(g.items.last())
                && single(Some(&m.item))
                && ["left", "right", "bilateral"].iter().any(|w| gap.contains(w));
            // "C3-4 to C6-7": every interspace from the one to the other.
            if let (Some(Item::Pair(a)), Item::Pair(b)) = (g.items.last().copied(), m.item)
                && a < b
                && has(&THROUGH, gap)
            {
                g.items.pop();
                g.items.push(Item::Range(a.upper(), b.lower()));
                g.end = m.end;
                continue;
            }
            // "Fusion C4-C7, left C5-6 foraminotomy": the stretch has no side, what follows is another place.
            let stretch = matches!(g.items.last(), Some(Item::Range(..)))
                && gap.contains(',')
                && ["left", "right"].iter().any(|w| gap.contains(w));
            // "Same at C6-7, C7 roots free": a place, and then a root.
            let root =
                m.nerve && !g.nerve && single(Some(&m.item)) && !single(g.items.last()) && gap.trim() == ",";
            if joined && words < 30 && !apart && !stretch && !root {
                g.end = m.end;
                g.items.push(m.item);
                g.nerve |= m.nerve;
                g.pelvis |= m.pelvis;
                continue;
            }
        }
        out.push(Group { start: m.start, end: m.end, items: vec![m.item], nerve: m.nerve, pelvis: m.pelvis });
    }
    out
}

impl Group {
    /// The interspaces meant, in order of mention. Single vertebrae count when they lie side by side:
    /// "C5, C6" and "L3, L4, and L4, L5" as dictated pairs, "L3, L4, L5" as a stretch.
    pub(crate) fn interspaces(&self) -> Vec<Interspace> {
        let mut out = vec![];
        let mut singles: Vec<Vertebra> = vec![];
        for item in &self.items {
            if let Item::Single(v) = item {
                singles.push(*v);
                continue;
            }
            out.extend(from_singles(&singles));
            singles.clear();
            match *item {
                Item::Pair(p) => out.push(p),
                Item::Range(a, b) => out.extend(Interspace::spanning(a, b)),
                Item::Single(_) => {}
            }
        }
        out.extend(from_singles(&singles));
        dedup(out)
    }

    /// The vertebrae meant.
    pub(crate) fn vertebrae(&self) -> Vec<Vertebra> {
        let all = self.items.iter().flat_map(|item| match *item {
            Item::Single(v) => vec![v],
            Item::Pair(p) => vec![p.upper(), p.lower()],
            Item::Range(a, b) => a.through(b).collect(),
        });
        dedup(all.collect())
    }

    /// Whether the list names only vertebrae one by one.
    pub(crate) fn only_singles(&self) -> bool {
        self.items.iter().all(|i| matches!(i, Item::Single(_))) && !self.dictated_pairs()
    }

    fn dictated_pairs(&self) -> bool {
        let singles: Vec<Vertebra> =
            self.items.iter().filter_map(|i| if let Item::Single(v) = i { Some(*v) } else { None }).collect();
        singles.len() == self.items.len() && paired(&singles) && singles.len() > 2
    }
}

/// Whether singles read as dictated pairs: neighbours two by two, with a vertebra said twice.
fn paired(singles: &[Vertebra]) -> bool {
    let neighbours = singles.chunks(2).all(|c| c.len() == 2 && Interspace::between(c[0], c[1]).is_some());
    let repeats = dedup(singles.to_vec()).len() < singles.len();
    !singles.is_empty() && neighbours && (repeats || singles.len() == 2)
}

fn from_singles(singles: &[Vertebra]) -> Vec<Interspace> {
    if paired(singles) {
        return singles.chunks(2).filter_map(|c| Interspace::between(c[0], c[1])).collect();
    }
    singles.windows(2).filter_map(|w| Interspace::between(w[0], w[1])).collect()
}

re!(
    SEE,
    r"\bsee (?:one|two|three|four|five|six|seven) (?:(?:and )?(?:see )?(?:two|three|four|five|six|seven)|(?:and )?(?:tee|t) one)\b"
);
re!(SEE_NUMBER, r"\bsee (?:one|two|three|four|five|six|seven)\b");

/// A recogniser that hears "C" as "see" hears it so throughout: the letter stands where a text says two pairs that way.
pub(crate) fn heard_letters(norm: &mut String) {
    if !norm.contains("see ") || crate::text::all(&SEE, norm).len() < 2 {
        return;
    }
    for (s, _) in crate::text::all(&SEE_NUMBER, norm) {
        norm.replace_range(s..s + 3, "  c");
    }
}

pub(crate) fn dedup<T: PartialEq + Copy>(items: Vec<T>) -> Vec<T> {
    let mut out: Vec<T> = vec![];
    for i in items {
        if !out.contains(&i) {
            out.push(i);
        }
    }
    out
}

#[cfg(test)]
mod tests;
