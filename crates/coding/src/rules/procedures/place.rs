//! Where a procedure was done: levels and sides, from its name, else from the telling.
//!
//! Counting: section 1 of the coding rules. A facet level is a joint: neighbouring medial branches L3, L4 serve
//! the joint L4-L5, cervical C4, C5 the joint C4-C5.

use super::{Found, says, targets};
use crate::assertion::{self, Assertion};
use crate::catalogue::procedure::{Count, Procedure, Show, Sides, Words};
use crate::concept::{Concept, Role};
use crate::level::{Group, Item, dedup};
use crate::operation::Operation;
use crate::reader::{Entity, one_side, side_before};
use crate::sections::Part;
use crate::text::re;
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Joint, Level, Region, Root, Vertebra};
use regex::Regex;

re!(
    MEDIAL_BRANCH,
    r"medial branch|dorsal ram\w+|posterior sensory ram\w+|\bmbb?s?\b|ramo medial|ramo dorsal"
);
re!(THIRD_OCCIPITAL, r"third occipital|\bton\b");
re!(JOINT, r"joint|facet|zygapophys\w+");
re!(ROOT, r"\broots?\b|\bsnr");
// What a film shows was not treated by that.
re!(
    SEEN,
    r"\bmri\b|\bct (?:scan|of|from|shows?|showed)\b|(?:films?|x-?rays?|scan|imaging|studies|discogra\w+) (?:shows?|showed|demonstrat\w+|reveal\w*|had|of last)"
);
re!(AND, r"\band\b|&|\bplus\b");
re!(WRITTEN_PAIR, r"[clts]?\d ?[-/] ?[clts]?\d");
re!(
    JOINT_BEHIND,
    r"^[\s,]*(?:(?:bilateral|left|right|lumbar|cervical|thoracic|facet|zygapophys\w+|z)[\s-]*)*(?:joints?|facets)\b"
);
re!(FORAMEN, r"\bforam\w+");
re!(
    BOTH_SIDES,
    r"(?:repeated|performed|same procedure|treated)[a-z ,]{0,40}(?:other|opposite|contralateral|left|right) side|identical fashion|bilateral\w*|both sides"
);

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

/// A level list in a sentence of the telling.
struct Told<'a> {
    group: &'a Group,
    sentence: usize,
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
        Count::Session => return vec![shown(levels_shown(op, f).first().copied(), true)],
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
    let per_level = |l: Level| Place {
        side: side_of(op, f, l).or_else(|| side_told(op, f, l)).or(side),
        ..shown(Some(l), true)
    };
    levels.into_iter().map(per_level).collect()
}

fn region(l: Level) -> Option<Region> {
    l.vertebrae().first().map(|v| v.region())
}

fn own_spaces(f: &Found<'_>) -> Vec<Interspace> {
    dedup(f.entities.iter().flat_map(|e| e.interspaces()).collect())
}

fn own_bones(f: &Found<'_>) -> Vec<Vertebra> {
    dedup(f.entities.iter().flat_map(|e| e.vertebrae()).collect())
}

/// Level lists said as done in sentences of the telling that name the target.
fn told<'a>(op: &'a Operation<'_>, f: &Found<'_>) -> Vec<Told<'a>> {
    let note = op.note;
    let mut out = vec![];
    for (i, s) in note.sentences.iter().enumerate() {
        if !matches!(s.part, Part::Body | Part::Other | Part::Procedures)
            || !targets(f.procedure, note.words(i))
            || says(&SEEN, note.words(i))
        {
            continue;
        }
        for g in note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end) {
            if assertion::read(&note.doc.norm, (s.start, s.end), g.start, g.end) == Assertion::Done {
                out.push(Told { group: g, sentence: i });
            }
        }
    }
    out
}

fn at(v: Vec<Interspace>) -> Vec<Level> {
    v.into_iter().map(Level::Interspace).collect()
}

/// Where a procedure that counts sessions was done: what its name says, else what the telling says.
pub(super) fn levels_shown(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
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
        Some(Show::Interspace) => {
            let own = own_spaces(f).first().copied();
            let space = own.or_else(|| most_told(op, f)).or_else(|| op.default_spaces().first().copied());
            let level =
                space.map(Level::Interspace).or_else(|| own_bones(f).first().copied().map(Level::Vertebra));
            level.into_iter().collect()
        }
    }
}

/// The interspace that the telling names most; the first of equals.
fn most_told(op: &Operation<'_>, f: &Found<'_>) -> Option<Interspace> {
    let all: Vec<Interspace> = told(op, f).iter().flat_map(|t| t.group.interspaces()).collect();
    let votes = |s: Interspace| all.iter().filter(|x| **x == s).count();
    all.iter().copied().rev().max_by_key(|s| votes(*s))
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

/// Facet joints: named as joints, else from the nerves that serve them, else those of the diagnosis.
fn joints(op: &Operation<'_>, f: &Found<'_>) -> Vec<Level> {
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
    found.sort();
    at(found)
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
        let of_list =
            alone && e.part == Part::Procedures && whole.iter().any(|g| g.nerve || g.only_singles());
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
    let served = Joint::served_by(&nerves);
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
    }
    let third = (0..op.note.sentences.len())
        .any(|i| says(&THIRD_OCCIPITAL, op.note.words(i)) && targets(f.procedure, op.note.words(i)));
    if out.is_empty()
        && third
        && let (Some(a), Some(b)) = (Vertebra::new(Region::Cervical, 2), Vertebra::new(Region::Cervical, 3))
    {
        out.extend(Interspace::between(a, b));
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
    for (i, s) in note.sentences.iter().enumerate() {
        if !parts.contains(&s.part) || !says(&JOINT, note.words(i)) || says(&SEEN, note.words(i)) {
            continue;
        }
        for g in note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end) {
            if assertion::read(&note.doc.norm, (s.start, s.end), g.start, g.end) == Assertion::Done {
                out.extend(g.interspaces());
            }
        }
    }
    dedup(out)
}

/// The side at one level: written right before it, or that of the only entity that names it.
fn side_of(op: &Operation<'_>, f: &Found<'_>, l: Level) -> Option<Laterality> {
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
fn side_told(op: &Operation<'_>, f: &Found<'_>, l: Level) -> Option<Laterality> {
    let Level::Interspace(space) = l else { return None };
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

re!(
    UNTREATED,
    r"\b(?:not|nothing|never|no) (?:\w+ ){0,2}(?:injected|treated|touched|entered|blocked|given|done)|asymptomatic|left alone|considered"
);

fn joined(sides: &[Laterality]) -> Option<Laterality> {
    let first = *sides.first()?;
    Some(if sides.iter().all(|s| *s == first) { first } else { Laterality::Bilateral })
}

/// The side of the whole: the names', else both where the telling repeats it, else the needle's.
fn sides_of(op: &Operation<'_>, f: &Found<'_>) -> Option<Laterality> {
    if f.procedure.sides == Sides::Pocket {
        return side_of_pocket(op);
    }
    let named: Vec<Laterality> = f.entities.iter().filter_map(|e| e.side).collect();
    if let Some(side) = joined(&named) {
        return Some(side);
    }
    if f.entities.is_empty() {
        return side_nearby(op, f);
    }
    if !op.says(&BOTH_SIDES).is_empty() {
        return Some(Laterality::Bilateral);
    }
    let s = &op.note.sentences;
    let tells = |i: &usize| s.get(*i).is_some_and(|x| x.part != Part::History);
    // Each needle's side, where the telling treats both.
    let each: Vec<Laterality> = (0..s.len())
        .filter(tells)
        .filter(|i| targets(f.procedure, op.note.words(*i)) && !says(&UNTREATED, op.note.words(*i)))
        .filter_map(|i| one_side(op.note.words(i)))
        .collect();
    if each.len() > 1 && f.procedure.count == Count::Session && joined(&each) == Some(Laterality::Bilateral) {
        return Some(Laterality::Bilateral);
    }
    let needle = (0..s.len()).filter(tells).find_map(|i| {
        let w = op.note.words(i);
        (w.contains("needle") || w.contains("inject")).then(|| one_side(w)).flatten()
    });
    needle.or_else(|| joined(&each))
}

re!(
    POCKET,
    r"\b(?P<side>left|right)(?:-sided)? (?:upper |lower |outer |posterior )*(?:quadrant|buttock|flank|abdom\w+|glute\w+|iliac|belt|pocket|chest)|\b(?P<short>[lr])[lu]q\b|\b(?P<bare>[lr]) (?:(?:upper|lower) )?(?:flank|buttock|abdom\w+|pocket)"
);

/// The side on which a generator or pump lies.
fn side_of_pocket(op: &Operation<'_>) -> Option<Laterality> {
    let (s, e) = op.says(&POCKET).first().copied()?;
    let c = POCKET.as_ref()?.captures(op.note.doc.slice(s, e))?;
    let side = c.name("side").or_else(|| c.name("short")).or_else(|| c.name("bare"))?;
    Some(if side.as_str().starts_with('l') { Laterality::Left } else { Laterality::Right })
}

/// For a procedure described without its name: the side in its own passage, nearest to what is treated.
fn side_nearby(op: &Operation<'_>, f: &Found<'_>) -> Option<Laterality> {
    let (from, to) = super::passage(op, f.inferred.first()?.0)?;
    let mut found = vec![];
    for (i, s) in op.note.sentences.iter().enumerate() {
        if s.start < from || s.end > to {
            continue;
        }
        let words = op.note.words(i);
        if targets(f.procedure, words)
            && assertion::read(&op.note.doc.norm, (s.start, s.end), s.start, s.start + 1) == Assertion::Done
        {
            found.extend(one_side(words));
        }
    }
    found.first().copied().or_else(|| {
        let words = op.note.doc.slice(from, to);
        one_side(words)
    })
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

/// The names of a procedure's list that the telling says; of an examination's, where only that names them.
fn named_things(op: &Operation<'_>, p: &Procedure) -> usize {
    let told = p.named.iter().filter(|w| !super::said(op, &w.0).is_empty()).count();
    if told > 0 {
        return told;
    }
    let found =
        |w: &Words| !super::told(op, &w.0, &[Part::History, Part::Diagnosis], &[Assertion::Done]).is_empty();
    p.named.iter().filter(|w| found(w)).count()
}

re!(
    MUSCLES,
    r"\b(?P<n>two|three|four|five|six|seven|[2-7]) (?:different |separate |distinct |named )*muscles?\b"
);

/// "Seven injections in the four muscles named above".
fn counted_muscles(op: &Operation<'_>) -> usize {
    const WORDS: [&str; 6] = ["two", "three", "four", "five", "six", "seven"];
    let at = op.says(&MUSCLES).first().copied();
    let Some(c) = at.and_then(|(s, e)| MUSCLES.as_ref()?.captures(op.note.doc.slice(s, e))) else { return 0 };
    let Some(n) = c.name("n").map(|m| m.as_str()) else { return 0 };
    n.parse().ok().or_else(|| WORDS.iter().position(|w| *w == n).map(|i| i + 2)).unwrap_or(0)
}

/// How many things of a name the words count: "two leads", "leads x 2", "the second lead".
fn items(op: &Operation<'_>, noun: &Regex) -> usize {
    const NUMBERS: [(&str, usize); 6] = [
        ("four|4|quadruple", 4),
        ("three|3|triple", 3),
        ("two|2|dual|both|bilateral|second|2nd", 2),
        ("third|3rd", 3),
        ("fourth", 4),
        ("pair of", 2),
    ];
    let noun = noun.as_str();
    let mut most = 1;
    for (words, n) in NUMBERS {
        let before = format!(r"\b(?:{words})\b,? (?:[a-z0-9-]+ ){{0,4}}?(?:{noun})\b");
        let behind = format!(
            r"\b(?:{noun})\b(?: placement| implantation| insertion)?,? ?(?:x|times|\() ?(?:{words})\b"
        );
        for p in [before, behind] {
            if let Some(r) = crate::text::pattern(&p)
                && !super::said(op, &r).is_empty()
            {
                most = most.max(n);
            }
        }
    }
    most
}
