//! The scanner: level phrases in a normalised text, one after the other.
//!
//! What a number belongs to depends on what stood before it, so this is a scanner and not a pattern.

use super::{Item, Mention};
use crate::text::re;
use iambilly_claim::{Interspace, Region, Vertebra};

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

pub(crate) fn byte(s: &str, i: usize) -> u8 {
    s.as_bytes().get(i).copied().unwrap_or(b' ')
}

pub(crate) fn rest(s: &str, i: usize) -> &str {
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
pub(crate) fn lettered(s: &str, i: usize) -> Option<(Vec<Vertebra>, usize)> {
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
