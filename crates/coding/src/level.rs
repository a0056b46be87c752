//! Levels and sides as they are written and spoken: `L4-5`, `L4/L5`, `L5S1`, `L four five`, `C3 through C6`.
//!
//! A scanner, not a pattern: what a number belongs to depends on what stood before it. A *mention* is one
//! level phrase; a *group* is a list of them ("C5-6 and C6-7"). What a list of single vertebrae means
//! depends on the procedure, so a group answers both questions: which interspaces, which vertebrae.
//! Counting rules: [`iambilly_claim::level`].

mod scan;
mod side;

use crate::text::re;
use iambilly_claim::{Interspace, Vertebra};
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
}

/// A list of level phrases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) items: Vec<Item>,
    pub(crate) nerve: bool,
}

re!(
    GAP,
    r"^[\s,]*(?:and|&|as well as|plus|then|followed by)?\s*(?:also\s+)?(?:at\s+)?(?:the\s+)?(?:levels?\s+)?(?:left|right|bilateral)?\s*$"
);

/// Joins phrases that stand in one list.
pub(crate) fn groups(s: &str, mentions: &[Mention]) -> Vec<Group> {
    let mut out: Vec<Group> = vec![];
    for m in mentions {
        if let Some(g) = out.last_mut() {
            let gap = s.get(g.end..m.start).unwrap_or("");
            let joined = !gap.contains('\n') && GAP.as_ref().is_some_and(|r| r.is_match(gap));
            if joined && gap.len() < 30 {
                g.end = m.end;
                g.items.push(m.item);
                g.nerve |= m.nerve;
                continue;
            }
        }
        out.push(Group { start: m.start, end: m.end, items: vec![m.item], nerve: m.nerve });
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
mod tests {
    use super::{groups, mentions, sides};
    use proptest::prelude::*;

    fn spaces(s: &str) -> String {
        let s = s.to_lowercase();
        let all: Vec<String> =
            groups(&s, &mentions(&s)).iter().flat_map(|g| g.interspaces()).map(|i| i.to_string()).collect();
        all.join(" ")
    }
    fn bones(s: &str) -> String {
        let s = s.to_lowercase();
        let all: Vec<String> =
            groups(&s, &mentions(&s)).iter().flat_map(|g| g.vertebrae()).map(|v| v.to_string()).collect();
        all.join(" ")
    }

    #[test]
    fn interspaces_as_written_and_spoken() {
        for (text, expected) in [
            ("L4-5", "L4-L5"),
            ("L4/5 disc", "L4-L5"),
            ("l4-L5", "L4-L5"),
            ("L5S1", "L5-S1"),
            ("L5-1", "L5-S1"),
            ("L5 S1", "L5-S1"),
            ("L four five", "L4-L5"),
            ("L405 and L5 S1", "L4-L5 L5-S1"),
            ("L4 to S1", "L4-L5 L5-S1"),
            ("L4-S1", "L4-L5 L5-S1"),
            ("C3 through C6", "C3-C4 C4-C5 C5-C6"),
            ("C5, C6 and C6, C7", "C5-C6 C6-C7"),
            ("L3, L4, and L4, L5", "L3-L4 L4-L5"),
            ("L3-4, 4-5 and 5-1", "L3-L4 L4-L5 L5-S1"),
            ("C4-5 and 5-6", "C4-C5 C5-C6"),
            ("L3-4-5", "L3-L4 L4-L5"),
            ("T1112", "T11-T12"),
            ("T12-L1", "T12-L1"),
            ("L4 5 mm above", ""),
            ("T2-weighted images", ""),
            ("C-arm and 4 x 14 mm screws at C5", ""),
            ("2-0 Vicryl, s 1.5 mg", ""),
            ("right L4 L5 and right L5 S1", "L4-L5 L5-S1"),
        ] {
            assert_eq!(spaces(text), expected, "{text}");
        }
    }

    #[test]
    fn vertebrae_as_written_and_spoken() {
        for (text, expected) in [
            ("T12 and L1", "T12 L1"),
            ("T11, L1 and L2", "T11 L1 L2"),
            ("L4 to S1", "L4 L5 S1"),
            ("C3, 4, 5 and 6 laminoplasty", "C3 C4 C5 C6"),
            ("screws at L5 and S1, 6.5 mm", "L5 S1"),
            ("T-12 fracture", "T12"),
            ("L6", ""),
            ("C9 or T13", ""),
        ] {
            assert_eq!(bones(text), expected, "{text}");
        }
    }

    #[test]
    fn nerves_are_not_places() {
        assert!(mentions("the s1 nerve root").iter().all(|m| m.nerve));
        assert!(mentions("c6 radiculopathy").iter().all(|m| m.nerve));
        assert!(mentions("l4-5 interspace").iter().all(|m| !m.nerve));
    }

    #[test]
    fn sides_are_read() {
        assert_eq!(sides("left and right, bilaterally").len(), 3);
        assert!(sides("upright brightness").is_empty());
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_inside(s in "[clts0-9 ,/\\-andtohrugiv]{0,60}") {
            for m in mentions(&s) {
                prop_assert!(m.start < m.end && m.end <= s.len());
            }
        }
    }
}
