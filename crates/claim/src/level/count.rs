//! What CPT counts, as types: segments, interspaces, joints, nerve roots; and the counting rules as functions.
//!
//! Source: CPT spine guidelines and CMS NCCI Policy Manual chapters IV and VIII, as paraphrased in the product's
//! rules. A *segment* is one whole vertebra with its articular processes and laminae; an *interspace* the disc
//! compartment between two; a *joint* one facet joint of one side, whatever the number of its nerves; a
//! transforaminal injection counts nerve-root levels. So N fused interspaces in one stretch are one primary
//! with N−1 add-ons, and their instrumentation covers N+1 segments. The sacrum is one segment (S1); the pelvis
//! and the occiput are none.

use super::{Interspace, Region, Vertebra};
use crate::coding::Laterality;
use std::fmt;
use std::str::FromStr;

/// One whole vertebra, as decompressions and instrumentation count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment(Vertebra);

impl Segment {
    /// The segment a vertebra belongs to: S2 to S5 are part of the sacrum, S1; the occiput is none.
    #[must_use]
    pub fn of(v: Vertebra) -> Option<Self> {
        (v != Vertebra::OCCIPUT).then(|| Self(v.min(Vertebra::S1)))
    }
    /// Its vertebra.
    #[must_use]
    pub const fn vertebra(self) -> Vertebra {
        self.0
    }
    /// The segments that bound some interspaces, top to bottom, each once.
    #[must_use]
    pub fn bounding(spaces: &[Interspace]) -> Vec<Self> {
        Self::each(spaces.iter().flat_map(|s| [s.upper(), s.lower()]))
    }
    /// The segments of some vertebrae, top to bottom, each once.
    #[must_use]
    pub fn each(vertebrae: impl IntoIterator<Item = Vertebra>) -> Vec<Self> {
        let mut all: Vec<Self> = vertebrae.into_iter().filter_map(Self::of).collect();
        all.sort();
        all.dedup();
        all
    }
    /// Segments a construct fixed at these vertebrae spans: from the first to the last, those bridged included.
    #[must_use]
    pub fn spanned(fixed: &[Vertebra]) -> Vec<Self> {
        match (fixed.iter().min(), fixed.iter().max()) {
            (Some(a), Some(b)) => Self::each(a.through(*b)),
            _ => vec![],
        }
    }
}

/// An unbroken stretch of the spine between two vertebrae, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stretch {
    upper: Vertebra,
    lower: Vertebra,
}

impl Stretch {
    /// The stretch between two vertebrae, in either order.
    #[must_use]
    pub fn new(a: Vertebra, b: Vertebra) -> Self {
        Self { upper: a.min(b), lower: a.max(b) }
    }
    /// Its uppermost vertebra.
    #[must_use]
    pub const fn upper(self) -> Vertebra {
        self.upper
    }
    /// Its lowest vertebra.
    #[must_use]
    pub const fn lower(self) -> Vertebra {
        self.lower
    }
    /// Its interspaces, top to bottom: one fewer than its vertebrae, down to S1.
    #[must_use]
    pub fn interspaces(self) -> Vec<Interspace> {
        Interspace::spanning(self.upper, self.lower).collect()
    }
    /// Its segments, top to bottom.
    #[must_use]
    pub fn segments(self) -> Vec<Segment> {
        Segment::each(self.upper.through(self.lower))
    }
    /// The stretches that some interspaces form, top to bottom: neighbours join.
    #[must_use]
    pub fn of(spaces: &[Interspace]) -> Vec<Self> {
        let mut sorted = spaces.to_vec();
        sorted.sort();
        sorted.dedup();
        let mut out: Vec<Self> = vec![];
        for s in sorted {
            match out.last_mut() {
                Some(last) if last.lower == s.upper() => last.lower = s.lower(),
                _ => out.push(Self::new(s.upper(), s.lower())),
            }
        }
        out
    }
    /// The region of its first code: that of most of its interspaces, the upper one where they are equal.
    #[must_use]
    pub fn region(self) -> Region {
        let spaces = self.interspaces();
        let count = |r: Region| spaces.iter().filter(|s| s.region() == r).count();
        let mut best = self.upper.region();
        for r in [Region::Cervical, Region::Thoracic, Region::Lumbar] {
            if count(r) > count(best) {
                best = r;
            }
        }
        best
    }
}

/// What a family of codes reports for some interspaces: a primary for a region and its further interspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Units {
    /// Region of the primary code.
    pub region: Region,
    /// Units of the family's add-on.
    pub further: usize,
}

/// Primaries and add-ons of a family counted by interspace: one primary for every region in which work stands
/// apart; a stretch that crosses a boundary of regions is one; spaces apart in one region share a primary.
#[must_use]
pub fn by_interspace(spaces: &[Interspace]) -> Vec<Units> {
    let mut out: Vec<Units> = vec![];
    for stretch in Stretch::of(spaces) {
        let n = stretch.interspaces().len();
        match out.iter_mut().find(|u| u.region == stretch.region()) {
            Some(u) => u.further += n,
            None => out.push(Units { region: stretch.region(), further: n.saturating_sub(1) }),
        }
    }
    out
}

/// One facet joint of one side, named by the vertebrae that form it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Joint {
    /// Between these vertebrae.
    pub space: Interspace,
    /// Left or right; `None` when not said.
    pub right: Option<bool>,
}

impl Joint {
    /// The joints meant by a level and a side: both sides are two joints.
    #[must_use]
    pub fn at(space: Interspace, side: Option<Laterality>) -> Vec<Self> {
        match side {
            Some(Laterality::Bilateral) => {
                vec![Self { space, right: Some(false) }, Self { space, right: Some(true) }]
            }
            Some(Laterality::Left) => vec![Self { space, right: Some(false) }],
            Some(Laterality::Right) => vec![Self { space, right: Some(true) }],
            None => vec![Self { space, right: None }],
        }
    }
    /// The joints that medial branches serve. A joint has two nerves: in the neck those of its own vertebrae
    /// (C4 and C5 for C4-C5), below it those of the vertebra above and its upper one (L3 and L4 for L4-L5).
    #[must_use]
    pub fn served_by(branches: &[Vertebra]) -> Vec<Interspace> {
        let mut vs = branches.to_vec();
        vs.sort();
        vs.dedup();
        let pairs = vs.iter().zip(vs.iter().skip(1)).filter(|(a, b)| a.below() == Some(**b));
        pairs
            .filter_map(|(a, b)| {
                if a.region() == Region::Cervical {
                    Interspace::between(*a, *b)
                } else {
                    Interspace::below(*b)
                }
            })
            .collect()
    }
}

/// A spinal nerve root by its region and number: C1 to C8, T1 to T12, L1 to L5, S1 to S5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Root {
    region: Region,
    number: u8,
}

impl Root {
    /// A root by region and number, if it exists (there is a C8).
    #[must_use]
    pub const fn new(region: Region, number: u8) -> Option<Self> {
        let last = match region {
            Region::Cervical => 8,
            Region::Thoracic => 12,
            Region::Lumbar | Region::Sacral => 5,
        };
        if number >= 1 && number <= last { Some(Self { region, number }) } else { None }
    }
    /// The interspace whose foramen it leaves through: in the neck above its vertebra (C6 at C5-C6, C8 at
    /// C7-T1), elsewhere below (L4 at L4-L5); none for C1 and the sacral foramina below S1.
    #[must_use]
    pub fn foramen(self) -> Option<Interspace> {
        match (self.region, self.number) {
            (Region::Cervical, 8) => Interspace::below(Vertebra::new(Region::Cervical, 7)?),
            (Region::Cervical, n) => Interspace::below(Vertebra::new(Region::Cervical, n.checked_sub(1)?)?),
            (Region::Sacral, _) => None,
            (r, n) => Interspace::below(Vertebra::new(r, n)?),
        }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.region {
            Region::Cervical => 'C',
            Region::Thoracic => 'T',
            Region::Lumbar => 'L',
            Region::Sacral => 'S',
        };
        write!(f, "{letter}{}", self.number)
    }
}

impl FromStr for Root {
    type Err = super::LevelError;
    fn from_str(s: &str) -> Result<Self, super::LevelError> {
        if s == "C8" {
            return Self::new(Region::Cervical, 8).ok_or(super::LevelError);
        }
        let v: Vertebra = s.parse()?;
        Self::new(v.region(), v.number()).ok_or(super::LevelError)
    }
}

#[cfg(test)]
mod tests {
    use super::{Joint, Root, Segment, Stretch, by_interspace};
    use crate::coding::Laterality;
    use crate::level::{Interspace, Region, Vertebra};
    use proptest::prelude::*;

    fn v(s: &str) -> Vertebra {
        s.parse().unwrap()
    }
    fn spaces(s: &str) -> Vec<Interspace> {
        s.split_whitespace().map(|x| x.parse().unwrap()).collect()
    }

    #[test]
    fn families_counted_by_interspace() {
        for (text, expected) in [
            ("C5-C6 C6-C7", vec![(Region::Cervical, 1)]),
            ("C4-C5 C5-C6 C6-C7", vec![(Region::Cervical, 2)]),
            ("T12-L1 L1-L2", vec![(Region::Thoracic, 1)]),
            ("T11-T12 T12-L1 L1-L2 L2-L3 L3-L4", vec![(Region::Lumbar, 4)]),
            ("C5-C6 L4-L5 L5-S1", vec![(Region::Cervical, 0), (Region::Lumbar, 1)]),
            ("C3-C4 C6-C7", vec![(Region::Cervical, 1)]),
        ] {
            let units: Vec<_> =
                by_interspace(&spaces(text)).into_iter().map(|u| (u.region, u.further)).collect();
            assert_eq!(units, expected, "{text}");
        }
    }

    #[test]
    fn segments_joints_and_roots() {
        assert_eq!(Segment::bounding(&spaces("L4-L5 L5-S1")).len(), 3);
        assert_eq!(Segment::each([v("S1"), v("S2"), v("O")]).len(), 1);
        assert_eq!(Segment::spanned(&[v("T10"), v("T12")]).len(), 3);
        assert_eq!(Joint::served_by(&[v("L3"), v("L4"), v("L5")]), spaces("L4-L5 L5-S1"));
        assert_eq!(Joint::served_by(&[v("C4"), v("C5"), v("C6")]), spaces("C4-C5 C5-C6"));
        assert_eq!(Joint::served_by(&[v("L3"), v("L5")]), []);
        let both = Joint::at(spaces("L4-L5")[0], Some(Laterality::Bilateral));
        assert_eq!(both.len(), 2);
        for (root, at) in
            [("C6", "C5-C6"), ("C8", "C7-T1"), ("L4", "L4-L5"), ("L5", "L5-S1"), ("T12", "T12-L1")]
        {
            let root: Root = root.parse().unwrap();
            assert_eq!(root.foramen().map(|s| s.to_string()).as_deref(), Some(at), "{root}");
        }
        assert_eq!("S1".parse::<Root>().unwrap().foramen(), None);
        assert!("C9".parse::<Root>().is_err() && "O".parse::<Root>().is_err());
    }

    fn vertebra() -> impl Strategy<Value = Vertebra> {
        (1_u8..=25).prop_map(|i| Vertebra::from_index(i).unwrap())
    }

    proptest! {
        #[test]
        fn one_interspace_fewer_than_vertebrae(a in vertebra(), b in vertebra()) {
            let s = Stretch::new(a, b);
            prop_assert_eq!(s.interspaces().len() + 1, s.segments().len());
            prop_assert_eq!(s.segments().len(), a.through(b).count());
        }
        #[test]
        fn stretches_lose_and_invent_nothing(ups in proptest::collection::vec(0_u8..25, 0..12)) {
            let mut spaces: Vec<Interspace> =
                ups.iter().filter_map(|i| Interspace::below(Vertebra::from_index(*i)?)).collect();
            let stretches = Stretch::of(&spaces);
            let back: Vec<Interspace> = stretches.iter().flat_map(|s| s.interspaces()).collect();
            spaces.sort();
            spaces.dedup();
            prop_assert_eq!(&back, &spaces);
            // A stretch of n interspaces is bounded by n + 1 vertebrae; stretches do not touch.
            let bones: usize = stretches.iter().map(|s| s.upper().through(s.lower()).count()).sum();
            prop_assert_eq!(bones, spaces.len() + stretches.len());
            let units = by_interspace(&spaces);
            prop_assert_eq!(units.iter().map(|u| u.further + 1).sum::<usize>(), spaces.len());
        }
        #[test]
        fn bounding_segments_of_a_stretch(a in vertebra(), b in vertebra()) {
            let spaces = Stretch::new(a, b).interspaces();
            let n = spaces.len();
            prop_assert_eq!(Segment::bounding(&spaces).len(), if n == 0 { 0 } else { n + 1 });
        }
        #[test]
        fn roots_print_and_parse(r in 0_usize..4, n in 1_u8..13) {
            let region = [Region::Cervical, Region::Thoracic, Region::Lumbar, Region::Sacral][r];
            if let Some(root) = Root::new(region, n) {
                prop_assert_eq!(root.to_string().parse::<Root>(), Ok(root));
            }
        }
    }
}
