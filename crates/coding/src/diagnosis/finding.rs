//! Diseases as the note names them: their words, levels and region, from the best part of the note.

use crate::assertion::{self, Assertion};
use crate::level::Group;
use crate::operation::Operation;
use crate::sections::Part;
use crate::text::{has, pattern, re};
use iambilly_claim::{Interspace, Region, Vertebra};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) patterns: Vec<String>,
    pub(super) plain: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) radiculopathy: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) myelopathy: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) claudication: BTreeMap<String, String>,
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

re!(HEALED, r"healed|(?:^|[ ,])old |remote|chronic|treated elsewhere");
re!(SAME, r"^\W*(?:the )?same\b|as above|unchanged");

re!(RISK, r"\brisks?\b|complications include|rule out");

/// A disease found in the note, before it has its code.
pub(super) struct Finding<'a> {
    pub(super) entry: &'a Row,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) sentence: usize,
    pub(super) groups: Vec<Group>,
    pub(super) keys: Vec<(&'static str, Option<Interspace>)>,
}

/// Findings from the best source, and the parts that source is.
pub(super) fn sources<'a>(op: &Operation<'_>) -> (Vec<Finding<'a>>, Vec<Part>) {
    let mut best: (Vec<Finding<'a>>, Vec<Part>) = (vec![], vec![Part::After, Part::Before, Part::Diagnosis]);
    let note = op.note;
    let same =
        note.sentences.iter().enumerate().any(|(i, s)| s.part == Part::After && has(&SAME, note.words(i)));
    let all = [Part::Before, Part::After, Part::Diagnosis];
    let order: [&[Part]; 2] =
        if same { [&all, &all] } else { [&[Part::After, Part::Diagnosis], &[Part::Before, Part::Diagnosis]] };
    for parts in order {
        let found = findings(op, parts);
        if !found.is_empty() {
            best = (found, parts.to_vec());
            break;
        }
    }
    if best.0.iter().any(|f| !symptom(f)) {
        return best;
    }
    // Nothing, or only a symptom, in the headings: what the narrative states.
    let mut more = findings(op, &[Part::History, Part::Body, Part::Other]);
    more.retain(|f| !symptom(f) || best.0.is_empty());
    if more.iter().any(|f| !symptom(f)) || best.0.is_empty() {
        return (
            more,
            vec![Part::After, Part::Before, Part::Diagnosis, Part::History, Part::Body, Part::Other],
        );
    }
    best
}

pub(super) fn symptom(f: &Finding<'_>) -> bool {
    matches!(
        f.entry.id.as_str(),
        "low-back-pain" | "back-pain" | "neck-pain" | "leg-pain" | "morbid-obesity" | "fibromyalgia"
    )
}

pub(super) fn findings<'a>(op: &Operation<'_>, parts: &[Part]) -> Vec<Finding<'a>> {
    let note = op.note;
    let narrative = parts.contains(&Part::Body);
    let mut out: Vec<Finding<'a>> = vec![];
    for (i, s) in note.sentences.iter().enumerate().filter(|(_, s)| parts.contains(&s.part)) {
        let mut masked = note.words(i).to_owned();
        if has(&RISK, &masked) {
            continue;
        }
        for e in ENTRIES.iter() {
            for p in &e.patterns {
                let hits: Vec<(usize, usize)> = p.find_iter(&masked).map(|m| (m.start(), m.end())).collect();
                for (a, b) in hits {
                    masked.replace_range(a..b, &"\u{1}".repeat(b - a));
                    let (start, end) = (s.start + a, s.start + b);
                    let how = assertion::read(&note.doc.norm, (s.start, s.end), start, end);
                    let accepted = match how {
                        Assertion::Done => true,
                        // "status post L4-5 fusion" in a diagnosis is no reason to drop what precedes it.
                        Assertion::Past => {
                            !narrative
                                && !has(&HEALED, note.doc.slice(start.saturating_sub(25).max(s.start), start))
                        }
                        Assertion::Denied | Assertion::Planned => false,
                    };
                    let incidental = narrative
                        && matches!(
                            e.row.id.as_str(),
                            "morbid-obesity"
                                | "fibromyalgia"
                                | "hardware-broken"
                                | "hardware-loose"
                                | "metastasis"
                                | "kyphosis"
                                | "epidural-fibrosis"
                        );
                    if accepted && !incidental {
                        out.push(finding(op, &e.row, i, start, end));
                    }
                }
            }
        }
    }
    out.sort_by_key(|f| f.start);
    out
}

pub(super) fn finding<'a>(
    op: &Operation<'_>,
    entry: &'static Row,
    sentence: usize,
    start: usize,
    end: usize,
) -> Finding<'a> {
    let note = op.note;
    let s = note.sentences[sentence];
    let here: Vec<Group> =
        note.groups.iter().filter(|g| g.start >= s.start && g.end <= s.end && !g.nerve).cloned().collect();
    // The nearest list of levels in the sentence, after the words or before them.
    let nearest = here.iter().min_by_key(|g| {
        let (gap, before) = if g.start >= end { ((end, g.start), 0) } else { ((g.end, start.max(g.end)), 3) };
        // A comma between them makes them strangers, if there is another.
        let comma = note.doc.slice(gap.0, gap.1).contains([',', ';']);
        gap.1 - gap.0 + before + if comma { 25 } else { 0 }
    });
    let groups: Vec<Group> = nearest.cloned().into_iter().collect();
    let words = note.words(sentence);
    let mut keys: Vec<(&'static str, Option<Interspace>)> = vec![];
    for g in &groups {
        let spaces = g.interspaces();
        if spaces.is_empty() {
            keys.extend(g.vertebrae().iter().map(|v| (key_of_bone(*v), None)));
        }
        keys.extend(spaces.iter().map(|x| (key(*x), Some(*x))));
    }
    if keys.is_empty() {
        keys = by_words(op, words);
    }
    if entry.id.starts_with("scoliosis") && keys.iter().any(|k| k.0 == "l") && keys.iter().any(|k| k.0 == "t")
    {
        keys = vec![("tl", None)];
    }
    if !matches!(entry.id.as_str(), "disc-herniation" | "disc-degeneration" | "fracture")
        || keys.iter().all(|k| k.1.is_none())
    {
        let mut seen: Vec<&'static str> = vec![];
        keys.retain(|k| {
            let new = !seen.contains(&k.0);
            seen.push(k.0);
            new
        });
    }
    Finding { entry, start, end, sentence, groups, keys }
}

/// The region by its name in the sentence, else by the levels of the operation.
pub(super) fn by_words(op: &Operation<'_>, words: &str) -> Vec<(&'static str, Option<Interspace>)> {
    let spaces = op.default_spaces();
    let named = [
        ("lumbosacral", "ls"),
        ("lumbo-sacral", "ls"),
        ("thoracolumbar", "tl"),
        ("thoraco-lumbar", "tl"),
        ("cervicothoracic", "ct"),
        ("cervical", "c"),
        ("thoracic", "t"),
        ("lumbar", "l"),
        ("sacral", "s"),
    ]
    .iter()
    .find(|(w, _)| words.contains(w))
    .map(|(_, k)| *k);
    let fits = |k: &str| match named {
        None => true,
        Some("l" | "ls") => matches!(k, "l" | "ls"),
        Some(n) => k.starts_with(n),
    };
    if named == Some("ls") {
        return vec![("ls", None)];
    }
    let own: Vec<_> = spaces.iter().map(|s| (key(*s), Some(*s))).filter(|k| fits(k.0)).collect();
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

pub(super) fn key(s: Interspace) -> &'static str {
    match (s.upper().region(), s.lower().region()) {
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

pub(super) fn bones_of(f: &Finding<'_>, space: Option<Interspace>) -> Vec<Vertebra> {
    space.map_or_else(|| f.groups.iter().flat_map(Group::vertebrae).collect(), |s| vec![s.upper(), s.lower()])
}

pub(super) fn reach(f: &Finding<'_>) -> (usize, usize) {
    let start = f.groups.iter().map(|g| g.start).chain([f.start]).min().unwrap_or(f.start);
    let end = f.groups.iter().map(|g| g.end).chain([f.end]).max().unwrap_or(f.end);
    (start, end)
}
