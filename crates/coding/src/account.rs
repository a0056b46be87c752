//! One account of the operation: what was done, in the order of the telling, each act at its place.
//!
//! The reader finds words; the account says what they amount to. Every act gets the interspaces it was done at
//! (its own words', else those the discourse has reached: `discourse`), the way the hands were in, and where in
//! the note it is told. Acts at one interspace make a [`Site`] (`site`); levels the note claims and its telling
//! takes back are withdrawn (`withdrawn`). The code rules read sites and events; they do not look for levels
//! again.

mod discourse;
pub(crate) mod needle;
mod site;
mod undone;
mod withdrawn;

use crate::approach::{self, Way};
use crate::concept::{Concept, Role};
use crate::reader::{Entity, Note};
use crate::sections::Part;
use crate::text::{has, re};
pub(crate) use discourse::Reached;
use iambilly_claim::Interspace;
use iambilly_claim::coding::Laterality;
pub(crate) use site::{Site, along_trough, for_screw, joint_fused};
pub(crate) use undone::Undone;

/// Something told of the operation.
#[derive(Debug, Clone)]
pub(crate) struct Event<'a> {
    pub(crate) entity: &'a Entity,
    /// Where: by its own words, else where the discourse has reached.
    pub(crate) spaces: Vec<Interspace>,
    /// The telling names the place (and not only a heading of the note).
    pub(crate) named: bool,
    pub(crate) side: Option<Laterality>,
    /// The way in at that point of the telling.
    pub(crate) way: Option<Way>,
}

/// The account of one note.
#[derive(Debug, Clone)]
pub(crate) struct Account<'a> {
    /// What is told, in order.
    pub(crate) events: Vec<Event<'a>>,
    /// What each sentence is about.
    reached: Vec<Reached>,
    /// The way in at each sentence.
    pub(crate) ways: Vec<Option<Way>>,
    /// The telling gives the way through the front or the flank up for the one from behind.
    pub(crate) front_given_up: bool,
    /// Interspaces at which the telling says that nothing was done, and the sentence that says it.
    pub(crate) left_alone: Vec<(Interspace, usize)>,
    /// Interspaces whose disc the telling of a posterior fusion says was not entered.
    pub(crate) disc_left: Vec<Interspace>,
    /// Interspaces that the telling decompresses and says were not fused.
    pub(crate) unfused: Vec<Interspace>,
    /// Sides that were planned and not done.
    pub(crate) undone: Vec<Undone>,
}

impl<'a> Account<'a> {
    /// Reads a note.
    pub(crate) fn read(note: &'a Note) -> Self {
        let ways = approach::ways(note);
        let reached = discourse::read(note);
        let events = note
            .entities
            .iter()
            .map(|entity| {
                let (spaces, named) = discourse::place(note, &reached, entity);
                let way = ways.get(entity.sentence).copied().flatten();
                Event { entity, spaces, named, side: entity.side, way }
            })
            .collect();
        let (left_alone, disc_left, unfused, undone) = (vec![], vec![], vec![], undone::read(note));
        let front_given_up = approach::front_given_up(note, &ways);
        let mut account =
            Self { events, reached, ways, front_given_up, left_alone, disc_left, unfused, undone };
        let withdrawn = withdrawn::read(note, &account);
        account.disc_left = withdrawn.discs;
        account.left_alone = withdrawn.alone;
        account.unfused = withdrawn.unfused;
        account
    }

    /// The interspaces a sentence of the telling is about: its own, else those last reached.
    pub(crate) fn topic(&self, sentence: usize) -> Vec<Interspace> {
        self.reached.get(sentence).map(|r| r.spaces.clone()).unwrap_or_default()
    }

    /// Where something was done, as far as the telling says.
    pub(crate) fn place(&self, e: &Entity) -> Vec<Interspace> {
        let found = self.events.iter().find(|x| std::ptr::eq(x.entity, e));
        found.map(|x| x.spaces.clone()).unwrap_or_default()
    }

    /// Whether an interspace was left as it was.
    pub(crate) fn is_left_alone(&self, space: Interspace) -> bool {
        self.left_alone.iter().any(|l| l.0 == space)
    }

    /// What is left of both sides where the telling says that one was not done, at all levels or at this one.
    pub(crate) fn done_side(&self, at: Option<Interspace>) -> Option<&Undone> {
        self.undone.iter().find(|u| u.at.is_empty() || at.is_some_and(|s| u.at.contains(&s)))
    }

    /// Discs the telling empties by one way in, at places it names and does not take back.
    pub(crate) fn discs(&self, way: Way) -> Vec<&Event<'a>> {
        let emptied = self.events.iter().filter(|x| {
            x.entity.concept == Concept::DiscRemoved
                && x.entity.part == Part::Body
                && x.entity.done()
                && x.named
                && (x.way == Some(way) || x.way.is_none() && way == Way::Front && self.wayless())
        });
        emptied.filter(|x| x.spaces.iter().any(|s| !self.is_left_alone(*s))).collect()
    }

    /// The telling never says a way in.
    fn wayless(&self) -> bool {
        self.ways.iter().all(Option::is_none)
    }

    /// The side the hands came in from, where the telling says one: of its acts, else of its cut.
    pub(crate) fn side(&self, note: &Note) -> Option<Laterality> {
        let acts = self.events.iter().filter(|x| {
            x.entity.part == Part::Body && x.entity.done() && x.entity.role == Role::Act && x.side.is_some()
        });
        let mut sides: Vec<Laterality> = acts.filter_map(|x| x.side).collect();
        if sides.is_empty() {
            let cut = |i: &usize| {
                note.sentences.get(*i).is_some_and(|s| s.part == Part::Body) && has(&CUT, note.words(*i))
            };
            sides = (0..note.sentences.len())
                .filter(cut)
                .filter_map(|i| crate::reader::one_side(note.words(i)))
                .take(1)
                .collect();
        }
        let first = *sides.first()?;
        Some(if sides.iter().all(|s| *s == first) { first } else { Laterality::Bilateral })
    }
}

re!(
    CUT,
    r"\bincis\w+|\bcut\b|\bmidline\b|\bparamedian\b|\bdock\w*|\btub(?:e|ular)\b|\bretractor\b|\bdilators?\b|\bstab\b"
);
