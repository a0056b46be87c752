//! Whether two lines were done at the same place on the spine.

use crate::bundle::Site;
use iambilly_claim::{Interspace, Level, ServiceLine};
use std::collections::BTreeSet;

/// How the places of two lines relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They share a place.
    Same,
    /// They do not.
    Apart,
    /// The claim does not say.
    Unknown,
}

/// Relation of two lines by what a rule counts as one place. Lines of opposite sides are apart.
pub(crate) fn relation(a: &ServiceLine, b: &ServiceLine, site: Site) -> Relation {
    if site == Site::Session {
        return Relation::Same;
    }
    if let (Some(x), Some(y)) = (one_side(a), one_side(b))
        && x != y
    {
        return Relation::Apart;
    }
    if a.levels.is_empty() || b.levels.is_empty() {
        return Relation::Unknown;
    }
    let shared = match site {
        Site::Interspace => {
            let (a, b) = (spaces(&a.levels), spaces(&b.levels));
            a.iter().any(|x| b.iter().any(|y| same_interspace(*x, *y)))
        }
        Site::Construct => match (range(a), range(b)) {
            (Some((a0, a1)), Some((b0, b1))) => a0 <= b1 + 1 && b0 <= a1 + 1,
            _ => false,
        },
        Site::Segments | Site::Session => {
            let bones = bones(&b.levels);
            bones_of(&a.levels).any(|v| bones.contains(&v))
                || a.levels.iter().any(|x| x.vertebrae().is_empty() && b.levels.contains(x))
        }
    };
    if shared { Relation::Same } else { Relation::Apart }
}

/// Levels for comparison by interspace: bones that follow one another stand for the interspaces between them
/// (a plate on C5 and C6 is at C5-C6), a single bone for itself.
fn spaces(levels: &[Level]) -> Vec<Level> {
    // A list may repeat a level without end; each counts once.
    let mut seen = BTreeSet::new();
    let levels: Vec<Level> = levels.iter().copied().filter(|l| seen.insert(*l)).collect();
    let bones: Vec<_> =
        levels.iter().filter_map(|l| if let Level::Vertebra(v) = l { Some(*v) } else { None }).collect();
    let between: Vec<Level> =
        bones.windows(2).filter_map(|w| Interspace::between(w[0], w[1])).map(Level::Interspace).collect();
    let bridged = |l: &Level| matches!(l, Level::Vertebra(_)) && !between.is_empty();
    levels.iter().filter(|l| !bridged(l)).chain(&between).copied().collect()
}

/// Interspaces are the same when equal; a bone is at an interspace when it borders it.
fn same_interspace(a: Level, b: Level) -> bool {
    match (a, b) {
        (Level::Interspace(i), Level::Vertebra(v)) | (Level::Vertebra(v), Level::Interspace(i)) => {
            v == i.upper() || v == i.lower()
        }
        _ => a == b,
    }
}

/// `L` or `R` when a line was done on one side only.
pub(crate) fn one_side(line: &ServiceLine) -> Option<char> {
    use iambilly_claim::Laterality::{Bilateral, Left, Right};
    let has = |m: &str| line.modifiers.iter().any(|x| x.eq_ignore_ascii_case(m));
    match (line.laterality, has("LT"), has("RT")) {
        (Some(Bilateral), _, _) | (_, true, true) => None,
        (_, true, false) | (Some(Left), false, false) => Some('L'),
        (_, false, true) | (Some(Right), false, false) => Some('R'),
        (None, false, false) => None,
    }
}

fn bones_of(levels: &[Level]) -> impl Iterator<Item = u8> + '_ {
    levels.iter().flat_map(|l| l.vertebrae()).map(|v| v.index())
}

/// The vertebrae a set of levels touches, by their place from the top.
pub(crate) fn bones(levels: &[Level]) -> BTreeSet<u8> {
    bones_of(levels).collect()
}

fn range(line: &ServiceLine) -> Option<(u8, u8)> {
    let bones = bones(&line.levels);
    Some((*bones.first()?, *bones.last()?))
}

#[cfg(test)]
mod tests {
    use super::{Relation, relation};
    use crate::bundle::Site;
    use iambilly_claim::ServiceLine;

    fn line(levels: &[&str], modifiers: &[&str]) -> ServiceLine {
        ServiceLine {
            levels: levels.iter().map(|l| l.parse().unwrap()).collect(),
            modifiers: modifiers.iter().map(|m| (*m).to_owned()).collect(),
            ..ServiceLine::default()
        }
    }

    #[test]
    fn relations() {
        use Relation::{Apart, Same, Unknown};
        for (a, b, site, expected) in [
            (&["L4-L5"][..], &["L4-L5"][..], Site::Interspace, Same),
            (&["L4-L5"], &["L3-L4"], Site::Interspace, Apart),
            (&["L4-L5"], &["L3-L4"], Site::Segments, Same),
            (&["L4-L5"], &["L4", "L5", "S1"], Site::Segments, Same),
            (&["L4-L5"], &["L4"], Site::Interspace, Same),
            (&["C4-C5"], &["C5", "C6"], Site::Interspace, Apart),
            (&["C5-C6"], &["C5", "C6", "C7"], Site::Interspace, Same),
            (&["L4-L5"], &[], Site::Interspace, Unknown),
            (&["C3", "C4"], &["C5", "C6"], Site::Construct, Same),
            (&["C3", "C4"], &["L4", "L5"], Site::Construct, Apart),
            (&["L1"], &["L2"], Site::Segments, Apart),
            (&["SI"], &["SI"], Site::Segments, Same),
        ] {
            assert_eq!(relation(&line(a, &[]), &line(b, &[]), site), expected, "{a:?} {b:?} {site:?}");
        }
        assert_eq!(relation(&line(&["L4-L5"], &["LT"]), &line(&["L4-L5"], &["RT"]), Site::Interspace), Apart);
        assert_eq!(relation(&line(&[], &[]), &line(&[], &[]), Site::Session), Same);
    }
}
