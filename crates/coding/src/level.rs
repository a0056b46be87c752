//! Levels and sides as they are written and spoken: `L4-5`, `L4/L5`, `L5S1`, `L four five`, `C3 through C6`.
//!
//! A scanner, not a pattern: what a number belongs to depends on what stood before it. A *mention* is one
//! level phrase; a *group* is a list of them ("C5-6 and C6-7"). What a list of single vertebrae means
//! depends on the procedure, so a group answers both questions: which interspaces, which vertebrae.
//! Counting rules: `docs/coding-rules.md` section 1.

use crate::text::{all, re};
use iambilly_claim::coding::Laterality;
use iambilly_claim::{Interspace, Region, Vertebra};

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

const WORDS: [(&str, u8); 12] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
];

fn byte(s: &str, i: usize) -> u8 {
    s.as_bytes().get(i).copied().unwrap_or(b' ')
}

fn rest(s: &str, i: usize) -> &str {
    s.get(i..).unwrap_or("")
}

fn blanks(s: &str, i: usize) -> usize {
    i + rest(s, i).bytes().take_while(|b| *b == b' ' || *b == b'\t').count()
}

/// A number as digits or as a word: the digits and the end.
fn number(s: &str, i: usize) -> Option<(String, usize)> {
    let digits: String = rest(s, i).chars().take_while(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        let end = i + digits.len();
        return (digits.len() <= 4).then_some((digits, end));
    }
    WORDS.iter().find_map(|(w, n)| {
        let end = i + w.len();
        (rest(s, i).starts_with(w) && !byte(s, end).is_ascii_alphanumeric()).then(|| (n.to_string(), end))
    })
}

/// The vertebra a bare number means after another one: the next consecutive (`5` then `1` is S1).
fn follow(after: Vertebra, n: u8) -> Option<Vertebra> {
    let same = Vertebra::new(after.region(), n).filter(|v| *v > after);
    let crossing = if n <= 2 {
        let next = match after.region() {
            Region::Cervical => Region::Thoracic,
            Region::Thoracic => Region::Lumbar,
            _ => Region::Sacral,
        };
        Vertebra::new(next, n).filter(|v| after.below() == Some(*v) || n == 1)
    } else {
        None
    };
    same.or(crossing)
}

/// Vertebrae named by a letter and its number, which may run together (`L45`, `L405`, `T1112`).
fn run(region: Region, digits: &str) -> Option<Vec<Vertebra>> {
    let n: u16 = digits.parse().ok()?;
    if let Some(v) = u8::try_from(n).ok().and_then(|n| Vertebra::new(region, n)) {
        return (!digits.starts_with('0')).then_some(vec![v]);
    }
    for cut in 1..digits.len() {
        let (a, b) = digits.split_at(cut);
        let first = a.parse().ok().and_then(|n| Vertebra::new(region, n));
        // A recogniser writes the dash of "L4-5" as a nought: "L405".
        let b = if b.len() > 1 { b.strip_prefix('0').unwrap_or(b) } else { b };
        let second = first.and_then(|f| b.parse().ok().and_then(|n| follow(f, n)));
        if let (Some(f), Some(l)) = (first, second)
            && f.below() == Some(l)
        {
            return Some(vec![f, l]);
        }
    }
    // L345: each digit the next vertebra.
    let mut out: Vec<Vertebra> = vec![];
    for d in digits.bytes() {
        let n = d.checked_sub(b'0')?;
        let v = match out.last() {
            None => Vertebra::new(region, n)?,
            Some(last) => follow(*last, n).filter(|v| last.below() == Some(*v))?,
        };
        out.push(v);
    }
    (out.len() > 1).then_some(out)
}

/// Vertebrae spelled with their letter at `i`.
fn lettered(s: &str, i: usize) -> Option<(Vec<Vertebra>, usize)> {
    if rest(s, i).starts_with("occiput") && !byte(s, i + 7).is_ascii_alphanumeric() {
        return Some((vec![Vertebra::OCCIPUT], i + 7));
    }
    let (region, mut j) = match byte(s, i) {
        b'c' => (Region::Cervical, i + 1),
        b't' | b'd' => (Region::Thoracic, i + 1),
        b'l' => (Region::Lumbar, i + 1),
        b's' => (Region::Sacral, i + 1),
        _ => return None,
    };
    // "D12" is written in some countries for T12; a bare "d one" is not.
    if byte(s, i) == b'd' && !(byte(s, j).is_ascii_digit() && byte(s, j + 1).is_ascii_digit()) {
        return None;
    }
    let tight = byte(s, j).is_ascii_digit();
    if !tight {
        if byte(s, j) == b'-' {
            j += 1;
        } else if byte(s, j) == b' ' {
            j = blanks(s, j);
        } else {
            return None;
        }
    }
    let (digits, end) = number(s, j)?;
    if (digits.len() > 2 && !tight) || (byte(s, end) == b'.' && byte(s, end + 1).is_ascii_digit()) {
        return None;
    }
    if byte(s, end).is_ascii_alphanumeric() && lettered(s, end).is_none() {
        return None;
    }
    let vs = run(region, &digits)?;
    if region == Region::Thoracic && vs.len() == 1 && imaging_weight(rest(s, end)) {
        return None;
    }
    Some((vs, end))
}

fn imaging_weight(after: &str) -> bool {
    let a = after.trim_start_matches([' ', '-']);
    ["weight", "signal", "hyperint", "hypoint", "image", "sequence", "mri", "flair", "cord signal"]
        .iter()
        .any(|w| a.starts_with(w))
}

/// A bare number at `i` that can only be a level: not a measure, a count or a decimal.
fn bare(s: &str, i: usize) -> Option<(u8, usize)> {
    let (digits, end) = number(s, i)?;
    if digits.len() > 2 || byte(s, end).is_ascii_alphabetic() {
        return None;
    }
    let decimal = byte(s, end) == b'.' && byte(s, end + 1).is_ascii_digit();
    let tail = rest(s, end).trim_start_matches([' ', '-']);
    let unit = [
        "mm", "cm", "cc", "ml", "mg", "x ", "x", "%", "degree", "percent", "day", "week", "month", "year",
        "level", "screw", "hour", "minute", "units", "point", "mill", "cent", "gram", "lead", "contact",
        "segment", "/", "to ", "g ", "nerve", "-0", "oh ", "liter", "french", "gauge", "inch",
    ]
    .iter()
    .any(|u| tail.starts_with(u));
    (!decimal && !unit).then(|| digits.parse().ok().map(|n| (n, end))).flatten()
}

/// The phrase that starts at `i`.
fn phrase(s: &str, i: usize) -> Option<Mention> {
    let (mut vs, mut end) = lettered(s, i)?;
    let mut ranged = false;
    while let Some((more, e, through)) = connected(s, end, &vs) {
        vs.extend(more);
        end = e;
        ranged |= through;
    }
    let (first, last) = (*vs.first()?, *vs.last()?);
    let item = if vs.len() == 1 {
        Item::Single(first)
    } else if let (Some(pair), 2, false) = (Interspace::between(first, last), vs.len(), ranged) {
        Item::Pair(pair)
    } else {
        Item::Range(first.min(last), first.max(last))
    };
    Some(Mention { start: i, end, item, nerve: names_nerve(rest(s, end)) })
}

re!(JOIN, r"^\s?[-/]\s?(?:to\s)?");
re!(THROUGH, r"^,?\s*(?:down to|up to|to|thru|through|-to-)\s*(?:and including\s+)?(?:the\s+)?");

/// What follows a vertebra in the same phrase: vertebrae, end, and whether a word of range joined them.
fn connected(s: &str, end: usize, vs: &[Vertebra]) -> Option<(Vec<Vertebra>, usize, bool)> {
    let last = *vs.last()?;
    let tail = rest(s, end);
    if let Some(m) = JOIN.as_ref().and_then(|r| r.find(tail)) {
        let at = end + m.end();
        if let Some((more, e)) = lettered(s, at) {
            return Some((more, e, false));
        }
        let (n, e) = bare(s, at)?;
        return follow(last, n).map(|v| (vec![v], e, false));
    }
    if let Some(m) = THROUGH.as_ref().and_then(|r| r.find(tail)) {
        let at = end + m.end();
        if let Some((more, e)) = lettered(s, at) {
            return Some((more, e, true));
        }
        if rest(s, at).starts_with("sacrum") {
            return Some((vec![Vertebra::S1], at + 6, true));
        }
        let (n, e) = bare(s, at)?;
        return follow(last, n).map(|v| (vec![v], e, true));
    }
    // Spoken without a sign: "L4 L5", "L5S1", "L4 5", "L four five".
    let at = blanks(s, end);
    if let Some((more, e)) = lettered(s, at) {
        let next = *more.first()?;
        return (more.len() == 1 && last.below() == Some(next)).then_some((more, e, false));
    }
    if at > end {
        let (n, e) = bare(s, at)?;
        return follow(last, n).filter(|v| last.below() == Some(*v)).map(|v| (vec![v], e, false));
    }
    None
}

re!(
    NERVE,
    r"^[\s'-]*(?:and\s+[clts]\d+\s+)?(?:exiting |traversing |spinal |dorsal )*(?:nerve|root|radicul|radiat|dermatom|myotom|medial branch|lateral branch|dorsal ram|distribution|palsy|motor|sensory)"
);

fn names_nerve(after: &str) -> bool {
    NERVE.as_ref().is_some_and(|r| r.is_match(after))
}

/// All level phrases of a normalised text.
pub(crate) fn mentions(s: &str) -> Vec<Mention> {
    let mut out: Vec<Mention> = vec![];
    let mut i = 0;
    while i < s.len() {
        let boundary = i == 0 || !(byte(s, i - 1).is_ascii_alphanumeric() || byte(s, i - 1) == b'\'');
        if let Some(m) = boundary.then(|| phrase(s, i)).flatten() {
            i = m.end;
            out.push(m);
            i = list_of_numbers(s, i, &mut out);
        } else {
            i += 1;
        }
    }
    out
}

re!(LIST, r"^\s*(?:,\s*and\s|,\s*|and\s|&\s*)\s*");

/// Bare numbers that continue a list: "L3-4, 4-5 and 5-1"; "C3, 4, 5 and 6".
fn list_of_numbers(s: &str, mut end: usize, out: &mut Vec<Mention>) -> usize {
    loop {
        let Some(last) = out.last() else { return end };
        let anchor = match last.item {
            Item::Single(v) | Item::Range(_, v) => v,
            Item::Pair(p) => p.lower(),
        };
        let single = matches!(last.item, Item::Single(_));
        let Some(m) = LIST.as_ref().and_then(|r| r.find(rest(s, end))) else { return end };
        let at = end + m.end();
        if !byte(s, at).is_ascii_digit() {
            return end;
        }
        let Some((digits, after)) = number(s, at) else { return end };
        let Some(n) = digits.parse::<u8>().ok() else { return end };
        let Some(first) = follow(anchor, n).or_else(|| Vertebra::new(anchor.region(), n)) else { return end };
        if let Some((more, e, ranged)) = connected(s, after, &[first]) {
            let Some(to) = more.last().copied() else { return end };
            let item = match Interspace::between(first, to) {
                Some(p) if !ranged => Item::Pair(p),
                _ => Item::Range(first.min(to), first.max(to)),
            };
            out.push(Mention { start: at, end: e, item, nerve: names_nerve(rest(s, e)) });
            end = e;
        } else if single && bare(s, at).is_some() && first > anchor {
            out.push(Mention {
                start: at,
                end: after,
                item: Item::Single(first),
                nerve: names_nerve(rest(s, after)),
            });
            end = after;
        } else {
            return end;
        }
    }
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

re!(SIDE, r"\b(?:left|right|bilaterally|bilateral|both sides|on either side|lt|rt|left-sided|right-sided)\b");

/// Sides named in a text.
pub(crate) fn sides(s: &str) -> Vec<(usize, usize, Laterality)> {
    all(&SIDE, s)
        .into_iter()
        .map(|(a, b)| {
            let side = match byte(s, a) {
                b'l' => Laterality::Left,
                b'r' => Laterality::Right,
                _ => Laterality::Bilateral,
            };
            (a, b, side)
        })
        .collect()
}

re!(LEAD, r"^[\s,.:;-]*(?:that's |that is |it was |it's |it is |at |to |the |level |on )*");

/// What a spoken correction at `[start, end)` takes back: the range to blank out, keyword included.
///
/// A corrected level takes back the list of levels before it, a corrected side the side before it; "scratch
/// that" and its like take back the clause.
pub(crate) fn taken_back(s: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let word = s.get(start..end)?;
    let lead = LEAD.as_ref()?.find(rest(s, end)).map_or(0, |m| m.end());
    let next = end + lead;
    let clause = s.get(..start)?.rfind(['.', '\n', ';']).map_or(0, |p| p + 1);
    // A bare "no" takes a level back only right between two of them: "L3-4, no, L4-5".
    let no = word == "no";
    if no && !s.get(..start)?.trim_end().ends_with(',') {
        return None;
    }
    if lettered(s, next).is_some() {
        let before = s.get(clause..start)?;
        let found = groups(before, &mentions(before));
        let last = found.last()?;
        let near = before.len().saturating_sub(last.end) <= if no { 3 } else { 30 };
        return near.then_some((clause + last.start, next));
    }
    if sides(rest(s, next)).first().is_some_and(|(a, _, _)| *a == 0) {
        let before = s.get(clause..start)?;
        let (l, _, _) = *sides(before).last()?;
        // "left side, sorry the right side": everything from the wrong side up to the right one goes.
        let near = before.len() - l <= if no { 12 } else { 45 };
        return near.then_some((clause + l, next));
    }
    let explicit = match word {
        "scratch that" | "strike that" => true,
        "correction" => {
            let after = rest(s, end).trim_start();
            let bare_word = after.starts_with([',', ':', '.']) || after.starts_with("no ");
            let noun = [
                "deformity ",
                "curve ",
                "the ",
                "of ",
                "for ",
                "and ",
                "good ",
                "sagittal ",
                "coronal ",
                "surgical ",
            ];
            bare_word && !noun.iter().any(|n| s.get(..start).is_some_and(|b| b.ends_with(n)))
        }
        _ => false,
    };
    if !explicit {
        return None;
    }
    let from =
        s.get(..start)?.trim_end_matches([' ', ',']).rfind(['.', ',', '\n', ';', ':']).map_or(0, |p| p + 1);
    Some((from, end))
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
