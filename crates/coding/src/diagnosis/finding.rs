//! Diseases as the note names them: their words, levels and region.

use super::certainty::uncertain;
use crate::assertion::{self, Assertion};
use crate::level::{Group, Item};
use crate::operation::Operation;
use crate::text::{all, has, pattern, re};
use iambilly_claim::{Interspace, Region, Vertebra};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Codes by region.
pub(super) type Table = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a mark a row of the data may carry")]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) patterns: Vec<String>,
    pub(super) plain: Table,
    #[serde(default)]
    pub(super) radiculopathy: Table,
    #[serde(default)]
    pub(super) myelopathy: Table,
    #[serde(default)]
    pub(super) claudication: Table,
    /// Taken from stated diagnoses only, never from the story.
    #[serde(default)]
    pub(super) stated: bool,
    /// Goes when a disease is there.
    #[serde(default)]
    pub(super) symptom: bool,
    /// Listed after what is treated.
    #[serde(default)]
    pub(super) last: bool,
    /// Goes when a better name for the same is there.
    #[serde(default)]
    pub(super) weak: bool,
    /// Every region that is named.
    #[serde(default)]
    pub(super) all_regions: bool,
    /// Only beside a disease of this kind.
    pub(super) companion: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) diagnosis: Vec<Row>,
}

pub(super) struct Entry {
    pub(super) row: Row,
    pub(super) patterns: Vec<Regex>,
}

pub(super) const SOURCE: &str = include_str!("../../../../data/coding/diagnoses.toml");

pub(super) static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let rows = toml::from_str::<File>(SOURCE).map(|f| f.diagnosis).unwrap_or_default();
    rows.into_iter()
        .map(|row| Entry { patterns: row.patterns.iter().filter_map(|p| pattern(p)).collect(), row })
        .collect()
});

/// The row of an id.
pub(super) fn row(id: &str) -> Option<&'static Row> {
    ENTRIES.iter().map(|e| &e.row).find(|r| r.id == id)
}

re!(HEALED, r"healed|(?:^|[ ,])old |remote|treated elsewhere|resolved|history of|(?:prior|previous) $");
re!(RISK, r"\brisks?\b|complications include|rule out|family history");
re!(UPON, r"^\s*(?:on|over|upon|onto|on top of)\s*$");
re!(ATLAS, r"atlanto-?axial|occipito-?cervical|cranio-?cervical|cranio-?vertebral|\bc1-?/?c?2\b");

/// A place: the key of the region in a table, and the interspace where one is named.
pub(super) type Place = (&'static str, Option<Interspace>);

/// A disease found in the note, before it has its code.
pub(super) struct Finding {
    pub(super) entry: &'static Row,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) sentence: usize,
    pub(super) groups: Vec<Group>,
    pub(super) keys: Vec<Place>,
}

/// A sentence, or the part of one, that may name diseases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Index of the sentence it stands in.
    pub(super) sentence: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Stretch {
    /// A whole sentence.
    pub(super) fn sentence(op: &Operation<'_>, i: usize) -> Option<Self> {
        op.note.sentences.get(i).map(|s| Self { sentence: i, start: s.start, end: s.end })
    }
}

/// The diseases that some sentences name as present. `stated` sentences say what the diagnosis is; others tell
/// the story, in which what was and what was only seen is passed over.
pub(super) fn findings(op: &Operation<'_>, sentences: &[usize], stated: bool) -> Vec<Finding> {
    let whole: Vec<Stretch> = sentences.iter().filter_map(|i| Stretch::sentence(op, *i)).collect();
    within(op, &whole, stated)
}

re!(
    UNTREATED,
    r"\b(?:did not|didn't|was not|were not|is not|not being|not to be) (?:\w+ )?(?:decompress|treat|address|operat|touch|fus)\w*\b"
);

/// The diseases that some stretches name as present, as [`findings`] does for whole sentences.
pub(super) fn within(op: &Operation<'_>, stretches: &[Stretch], stated: bool) -> Vec<Finding> {
    let note = op.note;
    let mut out: Vec<Finding> = vec![];
    for s in stretches {
        let mut masked = note.doc.slice(s.start, s.end).to_owned();
        // What the story names as not treated is none of today's diagnoses.
        if !stated && (has(&RISK, &masked) || has(&UNTREATED, &masked)) {
            continue;
        }
        for e in ENTRIES.iter() {
            for p in &e.patterns {
                let hits: Vec<(usize, usize)> = p.find_iter(&masked).map(|m| (m.start(), m.end())).collect();
                for (a, b) in hits {
                    masked.replace_range(a..b, &"\u{1}".repeat(b - a));
                    let (start, end) = (s.start + a, s.start + b);
                    let before = note.doc.slice(start.saturating_sub(25).max(s.start), start);
                    let accepted = match present(&note.doc.norm, (s.start, s.end), start, end) {
                        Assertion::Done => !(stated && has(&HEALED, before) && !e.row.last),
                        // "status post L4-5 fusion" in a diagnosis is no reason to drop what stands beside it.
                        Assertion::Past => stated && !has(&HEALED, before),
                        Assertion::Denied | Assertion::Planned => false,
                    };
                    if accepted
                        && (stated || !e.row.stated)
                        && !uncertain(&note.doc.norm, (s.start, s.end), (start, end), note.standing.visit)
                    {
                        out.push(finding(op, &e.row, *s, start, end));
                    }
                }
            }
        }
    }
    out.sort_by_key(|f| f.start);
    out
}

/// How a disease is asserted. A date behind a comma belongs to what stands there ("a collapsed disc, discogram in
/// 2024"), not to the disease.
fn present(norm: &str, (from, to): (usize, usize), start: usize, end: usize) -> Assertion {
    let how = assertion::read(norm, (from, to), start, end);
    let comma = norm.get(end..to).and_then(|after| after.find([',', '('])).map(|i| end + i);
    match (how, comma) {
        (Assertion::Past, Some(comma)) => assertion::read(norm, (from, comma), start, end),
        _ => how,
    }
}

fn finding(op: &Operation<'_>, entry: &'static Row, s: Stretch, start: usize, end: usize) -> Finding {
    let note = op.note;
    let sentence = s.sentence;
    let words = note.doc.slice(s.start, s.end);
    let here = levels_of(op, s.start, s.end);
    // The nearest list of levels in the sentence, after the words or before them.
    let nearest = here.iter().min_by_key(|g| {
        let (gap, before) = if g.start >= end { ((end, g.start), 0) } else { ((g.end, start.max(g.end)), 3) };
        // A comma between them makes them strangers, if there is another.
        let comma = note.doc.slice(gap.0, gap.1).contains([',', ';']);
        gap.1.saturating_sub(gap.0) + before + if comma { 25 } else { 0 }
    });
    let groups: Vec<Group> = nearest.cloned().into_iter().collect();
    let mut keys: Vec<Place> = vec![];
    for g in &groups {
        let spaces = g.interspaces();
        if spaces.is_empty() {
            keys.extend(g.vertebrae().iter().map(|v| (key_of_bone(*v), None)));
        }
        keys.extend(spaces.iter().map(|x| (key(*x), Some(*x))));
    }
    if entry.all_regions {
        keys = named_regions(words).into_iter().map(|k| (k, None)).collect();
    }
    if keys.is_empty() && entry.id == "radiculopathy" {
        keys = by_root(op, s, (start, end));
    }
    if keys.is_empty() {
        keys = by_words(op, words, entry);
    }
    if ["scoliosis", "kypho", "flatback", "junctional", "scheuermann"].iter().any(|d| entry.id.contains(d)) {
        keys = vec![curve(&keys, words)];
    }
    let each = ["disc-herniation", "disc-degeneration", "adjacent-segment", "fracture"];
    if !each.contains(&entry.id.as_str()) || keys.iter().all(|k| k.1.is_none()) {
        let mut seen: Vec<&'static str> = vec![];
        keys.retain(|k| {
            let new = !seen.contains(&k.0);
            seen.push(k.0);
            new
        });
    }
    Finding { entry, start, end, sentence, groups, keys }
}

/// The region of the root that a radiculopathy names ("left L5 radiculopathy", "radiculopathy, right C7").
fn by_root(op: &Operation<'_>, s: Stretch, (start, end): (usize, usize)) -> Vec<Place> {
    let near =
        |g: &&Group| g.start >= s.start && g.end <= s.end && (g.end + 12 > start && g.start < end + 25);
    let mut keys: Vec<Place> = vec![];
    for g in op.note.groups.iter().filter(|g| g.nerve).filter(near) {
        let spaces = g.interspaces();
        keys.extend(spaces.iter().map(|x| (key(*x), Some(*x))));
        if spaces.is_empty() {
            keys.extend(g.vertebrae().iter().map(|v| (key_of_bone(*v), None)));
        }
    }
    keys
}

/// Level lists between two places; "L5 on S1" is the interspace between them.
fn levels_of(op: &Operation<'_>, from: usize, to: usize) -> Vec<Group> {
    let note = op.note;
    let mut out: Vec<Group> = vec![];
    for g in note.groups.iter().filter(|g| g.start >= from && g.end <= to && !g.nerve) {
        if let Some(last) = out.last_mut()
            && has(&UPON, note.doc.slice(last.end, g.start))
            && let ([Item::Single(a)], [Item::Single(b)]) = (last.items.as_slice(), g.items.as_slice())
            && let Some(space) = Interspace::between(*a, *b)
        {
            (last.items, last.end) = (vec![Item::Pair(space)], g.end);
            continue;
        }
        out.push(g.clone());
    }
    out
}

const REGIONS: [(&str, &str); 11] = [
    ("lumbosacral", "ls"),
    ("lumbo-sacral", "ls"),
    ("thoracolumbar", "tl"),
    ("thoraco-lumbar", "tl"),
    ("cervicothoracic", "ct"),
    ("cervico-thoracic", "ct"),
    ("cervical", "c"),
    ("thoracic", "t"),
    ("lumbar", "l"),
    ("sacral", "s"),
    ("sacroiliac", "s"),
];

/// Regions a sentence names, each once, in the order it names them.
fn named_regions(words: &str) -> Vec<&'static str> {
    let mut found: Vec<(usize, &'static str)> = vec![];
    let mut masked = words.to_owned();
    for (word, key) in REGIONS {
        while let Some(at) = masked.find(word) {
            masked.replace_range(at..at + word.len(), &"\u{1}".repeat(word.len()));
            if found.iter().all(|f| f.1 != key) {
                found.push((at, key));
            }
        }
    }
    found.sort_unstable();
    found.into_iter().map(|f| f.1).collect()
}

/// The one region of a curve: by name, else from its ends.
fn curve(keys: &[Place], words: &str) -> Place {
    if let Some(named) = named_regions(words).first() {
        return (named, None);
    }
    let has = |k: &str| keys.iter().any(|p| p.0 == k);
    match keys {
        [one] => (one.0, None),
        _ if (has("t") || has("tl")) && (has("l") || has("ls") || has("tl")) => ("tl", None),
        _ if has("t") => ("t", None),
        _ if has("l") => ("l", None),
        _ => (keys.first().map_or("any", |k| k.0), None),
    }
}

/// The region by its name in the sentence, else by the levels of the operation; joints that no list of
/// procedures names are those the story tells of. A "lumbar radiculopathy" is lumbar, whatever was injected.
fn by_words(op: &Operation<'_>, words: &str, entry: &Row) -> Vec<Place> {
    let (joints, root) = (entry.id == "spondylosis", entry.id == "radiculopathy");
    if has(&ATLAS, words) {
        return vec![("o", None)];
    }
    let named = named_regions(words).first().copied();
    let fits = |k: &str| match named {
        None => true,
        Some("l") => matches!(k, "l" | "ls"),
        Some(n) => k == n,
    };
    if named == Some("ls") || (named.is_some() && root) {
        return named.map(|n| (n, None)).into_iter().collect();
    }
    let spaces = if joints && !op.listed { op.body_spaces() } else { op.default_spaces() };
    let own: Vec<Place> = spaces.iter().map(|s| (key(*s), Some(*s))).filter(|k| fits(k.0)).collect();
    if !own.is_empty() {
        return own;
    }
    let region = match op.region {
        Some(Region::Cervical) => "c",
        Some(Region::Thoracic) => "t",
        Some(Region::Lumbar) => "l",
        Some(Region::Sacral) => "s",
        None => "any",
    };
    vec![(named.unwrap_or(region), None)]
}

/// The region of an interspace. C1-C2 belongs to the occipito-atlanto-axial region.
pub(super) fn key(s: Interspace) -> &'static str {
    match (s.upper().region(), s.lower().region()) {
        (Region::Cervical, Region::Cervical) if s.upper().number() == 1 => "o",
        (Region::Cervical, Region::Cervical) => "c",
        (Region::Cervical, _) => "ct",
        (Region::Thoracic, Region::Thoracic) => "t",
        (Region::Thoracic, _) => "tl",
        (Region::Lumbar, Region::Lumbar) => "l",
        _ => "ls",
    }
}

pub(super) const fn key_of_bone(v: Vertebra) -> &'static str {
    match v.region() {
        Region::Cervical => "c",
        Region::Thoracic => "t",
        Region::Lumbar => "l",
        Region::Sacral => "ls",
    }
}

pub(super) fn bones_of(f: &Finding, space: Option<Interspace>) -> Vec<Vertebra> {
    space.map_or_else(|| f.groups.iter().flat_map(Group::vertebrae).collect(), |s| vec![s.upper(), s.lower()])
}

pub(super) fn reach(f: &Finding) -> (usize, usize) {
    let start = f.groups.iter().map(|g| g.start).chain([f.start]).min().unwrap_or(f.start);
    let end = f.groups.iter().map(|g| g.end).chain([f.end]).max().unwrap_or(f.end);
    (start, end)
}

/// Whether a pattern stands in the words around a finding.
pub(super) fn beside(op: &Operation<'_>, f: &Finding, r: &LazyLock<Option<Regex>>) -> bool {
    !all(r, op.note.words(f.sentence)).is_empty()
}
