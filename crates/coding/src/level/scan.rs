//! The scanner: level phrases in a normalised text, one after the other.
//!
//! What a number belongs to depends on what stood before it, so this is a scanner and not a pattern.

use super::{Item, Mention};
use crate::text::{has, re};
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

/// Whether the word at `i` is exactly this one.
fn word(s: &str, i: usize, w: &str) -> bool {
    rest(s, i).starts_with(w) && !byte(s, i + w.len()).is_ascii_alphanumeric()
}

/// Region named at `i` by a word ("lumbar 4", "thoracic twelve"), and where its number starts.
fn region_word(s: &str, i: usize) -> Option<(Region, usize)> {
    let names = [
        ("cervical", Region::Cervical),
        ("thoracic", Region::Thoracic),
        ("lumbar", Region::Lumbar),
        ("sacral", Region::Sacral),
    ];
    names.into_iter().find(|(w, _)| word(s, i, w)).and_then(|(w, r)| {
        let at = i + w.len();
        matches!(byte(s, at), b' ' | b'-').then(|| (r, blanks(s, at + 1)))
    })
}

/// The joints above C3 by their names: vertebrae and end.
fn craniocervical(s: &str, i: usize) -> Option<(Vec<Vertebra>, usize)> {
    let c = |n| Vertebra::new(Region::Cervical, n);
    let names = [
        ("occiput", vec![Some(Vertebra::OCCIPUT)]),
        ("atlantoaxial", vec![c(1), c(2)]),
        ("atlanto-axial", vec![c(1), c(2)]),
        ("atlantooccipital", vec![Some(Vertebra::OCCIPUT), c(1)]),
        ("atlanto-occipital", vec![Some(Vertebra::OCCIPUT), c(1)]),
    ];
    names
        .into_iter()
        .find(|(w, _)| word(s, i, w))
        .and_then(|(w, vs)| Some((vs.into_iter().collect::<Option<Vec<_>>>()?, i + w.len())))
}

/// A number a recogniser wrote as the word that sounds like it ("L for L5"): only before another level.
fn homophone(s: &str, i: usize) -> Option<(String, usize)> {
    let (w, n) = [("to", 2), ("too", 2), ("for", 4), ("fore", 4), ("won", 1), ("ate", 8)]
        .into_iter()
        .find(|(w, _)| word(s, i, w))?;
    let end = i + w.len();
    let next = blanks(s, end);
    let level =
        matches!(byte(s, next), b'l' | b's' | b'c' | b't') && number(s, blanks(s, next + 1)).is_some();
    (level || bare(s, next).is_some_and(|(m, _)| m == n + 1)).then(|| (n.to_string(), end))
}

/// Vertebrae named at `i`: by a letter and number, by a region's name and number, or by a name of their own.
pub(crate) fn lettered(s: &str, i: usize) -> Option<(Vec<Vertebra>, usize)> {
    if let Some(found) = craniocervical(s, i) {
        return Some(found);
    }
    if let Some((region, at)) = region_word(s, i) {
        let (n, end) = bare(s, at)?;
        return Some((vec![Vertebra::new(region, n)?], end));
    }
    let (region, mut j) = match byte(s, i) {
        b'c' => (Region::Cervical, i + 1),
        b't' | b'd' => (Region::Thoracic, i + 1),
        b'l' => (Region::Lumbar, i + 1),
        b's' => (Region::Sacral, i + 1),
        b'o' if byte(s, i + 1) == b'-' && byte(s, i + 2) == b'c' => {
            return Some((vec![Vertebra::OCCIPUT], i + 1));
        }
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
    let spoken = (!tight && byte(s, i) != b's').then(|| homophone(s, j)).flatten();
    let (digits, end) = spoken.or_else(|| number(s, j))?;
    if (digits.len() > 2 && !tight) || (byte(s, end) == b'.' && byte(s, end + 1).is_ascii_digit()) {
        return None;
    }
    // "L5S1": only another letter with its number may follow without a blank.
    let joined = matches!(byte(s, end), b'c' | b't' | b'l' | b's') && byte(s, end + 1).is_ascii_digit();
    if byte(s, end).is_ascii_alphanumeric() && !joined {
        return None;
    }
    if digits == "0" && region == Region::Cervical {
        return Some((vec![Vertebra::OCCIPUT], end));
    }
    let vs = run(region, &digits)?;
    if region == Region::Thoracic && vs.len() == 1 && imaging_weight(rest(s, end)) {
        return None;
    }
    Some((vs, end))
}

re!(
    ORDINAL,
    r"^(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)(?:[ -]+(and|to|through|&)?[ -]*(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth))? (cervical|thoracic|dorsal|lumbar|sacral) (vertebra|segment|nerve|root|pedicle|lamina|spinous|interspace|dis[ck] ?space|dis[ck])"
);

/// Vertebrae by their ordinals: "the fourth lumbar vertebra", "third through fifth lumbar vertebrae".
fn by_ordinal(s: &str, i: usize) -> Option<Vec<Mention>> {
    const ORDINALS: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth",
    ];
    if !matches!(byte(s, i), b'f' | b's' | b't' | b'e' | b'n') {
        return None;
    }
    let c = ORDINAL.as_ref()?.captures(rest(s, i))?;
    let region = match c.get(4)?.as_str() {
        "cervical" => Region::Cervical,
        "lumbar" => Region::Lumbar,
        "sacral" => Region::Sacral,
        _ => Region::Thoracic,
    };
    let vertebra = |w: &str| {
        let n = ORDINALS.iter().position(|o| *o == w)?;
        Vertebra::new(region, u8::try_from(n + 1).ok()?)
    };
    let named = c.get(4)?;
    let end = i + named.end();
    let nerve = names_nerve(rest(s, end));
    let at = |item| Mention { start: i, end, item, nerve, pelvis: false };
    let first = vertebra(c.get(1)?.as_str())?;
    let Some(second) = c.get(3) else {
        // "The ninth thoracic interspace" lies below the bone of its number.
        let space = c.get(5).filter(|n| n.as_str().starts_with(['i', 'd'])).and(Interspace::below(first));
        return Some(vec![at(space.map_or(Item::Single(first), Item::Pair))]);
    };
    let second = vertebra(second.as_str())?;
    Some(match (c.get(2).map(|w| w.as_str()), Interspace::between(first, second)) {
        (None, Some(pair)) => vec![at(Item::Pair(pair))],
        (Some("and" | "&"), _) => vec![at(Item::Single(first)), at(Item::Single(second))],
        _ => vec![at(Item::Range(first.min(second), first.max(second)))],
    })
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
    if let Some(m) = extra_lumbar(s, i).or_else(|| eighth_root(s, i)).or_else(|| from_below(s, i)) {
        return Some(m);
    }
    let (mut vs, mut end) = lettered(s, i)?;
    let mut ranged = false;
    while let Some((more, e, through)) = connected(s, end, &vs) {
        vs.extend(more);
        end = e;
        ranged |= through;
    }
    let (first, last) = (*vs.first()?, *vs.last()?);
    let pelvis = PELVIS.iter().any(|w| s.get(i..end).is_some_and(|p| p.ends_with(w)));
    let item = if vs.len() == 1 {
        Item::Single(first)
    } else if let (Some(pair), 2, false) = (Interspace::between(first, last), vs.len(), ranged) {
        Item::Pair(pair)
    } else {
        Item::Range(first.min(last), first.max(last))
    };
    Some(Mention { start: i, end, item, nerve: names_nerve(rest(s, end)), pelvis })
}

const PELVIS: [&str; 5] = ["pelvis", "ilium", "ilia", "iliac wings", "sacropelvis"];

/// Where the bones below the lumbar spine end a range ("L2 to the sacrum", "T10-pelvis"): the end of the word.
fn sacrum(s: &str, i: usize) -> Option<usize> {
    ["sacrum"].iter().chain(&PELVIS).find(|w| word(s, i, w)).map(|w| i + w.len())
}

re!(EXTRA, r"^l\s?([1-5])?\s?(?:-|/|to|through)?\s?(?:l\s?-?)?6(?:\s?(?:-|/|to|through)?\s?s\s?-?(1))?\b");

/// A sixth lumbar vertebra has no number of its own here: "L5-6" and "L6-S1" are read as the lumbosacral
/// interspace and "L4-L6" as down to it, and the reader asks. `L6` alone is no level.
fn extra_lumbar(s: &str, i: usize) -> Option<Mention> {
    if byte(s, i) != b'l' {
        return None;
    }
    let c = EXTRA.as_ref()?.captures(rest(s, i))?;
    let end = i + c.get(0)?.end();
    let last = Interspace::below(Vertebra::new(Region::Lumbar, 5)?)?;
    let item = match (c.get(1).and_then(|n| n.as_str().parse().ok()), c.get(2)) {
        (Some(5), None) | (None, Some(_)) => Item::Pair(last),
        (Some(n), _) => Item::Range(Vertebra::new(Region::Lumbar, n)?, Vertebra::S1),
        (None, None) => return None,
    };
    Some(Mention { start: i, end, item, nerve: names_nerve(rest(s, end)), pelvis: false })
}

/// The eighth cervical root, which leaves at C7-T1; there is no such vertebra.
fn eighth_root(s: &str, i: usize) -> Option<Mention> {
    let end = i + 2;
    if !word(s, i, "c8") || !names_nerve(rest(s, end)) {
        return None;
    }
    let space = iambilly_claim::Root::new(Region::Cervical, 8)?.foramen()?;
    Some(Mention { start: i, end, item: Item::Pair(space), nerve: true, pelvis: false })
}

/// A range said from below: "from the sacrum to L3", "pelvis to T10".
fn from_below(s: &str, i: usize) -> Option<Mention> {
    let end = sacrum(s, i)?;
    let through = THROUGH.as_ref()?.find(rest(s, end))?;
    let (vs, e) = lettered(s, end + through.end())?;
    let [top] = vs.as_slice() else { return None };
    let pelvis = !word(s, i, "sacrum");
    (*top < Vertebra::S1).then_some(Mention {
        start: i,
        end: e,
        item: Item::Range(*top, Vertebra::S1),
        nerve: false,
        pelvis,
    })
}

re!(JOIN, r"^(?:\s?[-/]\s?(?:to\s)?(?:the )?|\s(?:dash|hyphen|slash)\s|\s?,?\s(?:on|over|upon) )");
re!(
    THROUGH,
    r"^,?\s*(?:(?:all the way |extending |and )?(?:down|up) (?:to|through)|extending to|(?:-\s?)?to(?:\s?-)?|thru|through|-to-|until)\s*(?:and including\s+)?(?:the\s+)?(?:(?:top|bottom|upper|lower|superior|inferior|mid)(?:\s+(?:edge|half|third|part|border|end))?\s+of\s+(?:the\s+)?)?"
);

/// What follows a vertebra in the same phrase: vertebrae, end, and whether a word of range joined them.
fn connected(s: &str, end: usize, vs: &[Vertebra]) -> Option<(Vec<Vertebra>, usize, bool)> {
    let last = *vs.last()?;
    let tail = rest(s, end);
    if let Some(m) = JOIN.as_ref().and_then(|r| r.find(tail)) {
        let at = end + m.end();
        let beside = m.as_str().trim_start_matches([' ', ',']).starts_with(['o', 'u']);
        let fits = |v: Vertebra| !beside || last.below() == Some(v);
        if let Some((more, e)) = lettered(s, at) {
            let next = *more.first()?;
            return fits(next).then_some((more, e, false));
        }
        if let Some(e) = sacrum(s, at) {
            return (!beside && last < Vertebra::S1).then_some((vec![Vertebra::S1], e, true));
        }
        let (n, e) = bare(s, at)?;
        return follow(last, n).filter(|v| fits(*v)).map(|v| (vec![v], e, false));
    }
    if let Some(m) = THROUGH.as_ref().and_then(|r| r.find(tail)) {
        let at = end + m.end();
        if let Some((more, e)) = lettered(s, at) {
            return Some((more, e, true));
        }
        if let Some(e) = sacrum(s, at) {
            return (last < Vertebra::S1).then_some((vec![Vertebra::S1], e, true));
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
    r"^[\s'-]*(?:and\s+[clts]\d+\s+)?(?:exiting |traversing |spinal |dorsal )*(?:nerve|root|radicul|radiat|dermatom|myotom|medial branch|mbb?s?\b|lateral branch|dorsal ram|distribution|palsy|motor|sensory)"
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
        } else if let Some(ms) = boundary.then(|| by_ordinal(s, i)).flatten() {
            i = ms.first().map_or(i + 1, |m| m.end);
            out.extend(ms);
        } else if let Some(m) = boundary.then(|| unlettered(s, i, &out)).flatten() {
            i = m.end;
            out.push(m);
        } else {
            i += 1;
        }
    }
    out
}

re!(
    PLACE,
    r"(?:\b(?:at|to|level|levels|did|then|next|interspace|disc|the|we|of|said|says|shows|showed|reads?|confirmed) |^|[.\n] ?)$"
);
// Digits are dates, grades and needles as often: only behind a word of place, and not where strength is graded.
re!(
    PLACE_OF_DIGITS,
    r"(?:^|[^a-z])(?:(?:peek|cage|spacer|graft|screws?|same|done|likewise|then|and|down|up|out|did|disc|discs|opened|pll|ligament|again|[a-z]+ed),? )?(?:at|level|levels|disc|discs|interspace|space) $"
);
re!(
    GRADE,
    r"^\s*(?:strength|power|motor|pain|on the|in (?:his|her|the|both)|throughout|ehl|grip|deltoid|biceps|triceps|weak)"
);
re!(
    NO_PLACE,
    r"^,?\s*(?:more|times?|of\b|or\b|out\b|out of|hundred|thousand|by\b|per\b|and a half|x\b|screws?|sutures?|pieces?|passes|drains?|o'?clock|a\.?m|p\.?m|to\b|nylon|vicryl|silk|monocryl|kerrison|curette|-)"
);

/// An interspace said in words without its letter, in a note that has named its region: "I then turned to four
/// five"; "six seven was next"; "five one".
fn unlettered(s: &str, i: usize, before: &[Mention]) -> Option<Mention> {
    let region = match before.last()?.item {
        Item::Single(v) | Item::Range(v, _) => v.region(),
        Item::Pair(p) => p.region(),
    };
    let digits = byte(s, i).is_ascii_digit();
    let place = if digits { &PLACE_OF_DIGITS } else { &PLACE };
    if !has(place, s.get(i.saturating_sub(if digits { 24 } else { 12 })..i)?) {
        return None;
    }
    let plain = |at: usize| {
        if digits { number(s, at).and_then(|(n, e)| Some((n.parse().ok()?, e))) } else { bare(s, at) }
    };
    let (upper, mid) = plain(i)?;
    let at = mid + 1;
    // "Same at 6/7", "at four five": in digits with a sign between, in words without one.
    let sign = if digits { [b'/', b'-'] } else { [b' ', b'-'] };
    if !sign.contains(&byte(s, mid)) || byte(s, at).is_ascii_digit() != digits {
        return None;
    }
    let (lower, end) = plain(at)?;
    if digits
        && (matches!(byte(s, end), b'/' | b'-' | b'%')
            || byte(s, end).is_ascii_alphanumeric()
            || has(&GRADE, rest(s, end)))
    {
        return None;
    }
    let region = if region == Region::Sacral { Region::Lumbar } else { region };
    let first = Vertebra::new(region, upper)?;
    let second = follow(first, lower).filter(|v| first.below() == Some(*v))?;
    let space = Interspace::between(first, second)?;
    (!has(&NO_PLACE, rest(s, end))).then_some(Mention {
        start: i,
        end,
        item: Item::Pair(space),
        nerve: names_nerve(rest(s, end)),
        pelvis: false,
    })
}

re!(LIST, r"^\s*(?:,\s*and\s|,\s*|and\s|&\s*)\s*");

re!(
    ENDS_LIST,
    r"^\s*(?:[.,;:)\n]|$|and\b|&|with\b|for\b|using\b|on\b|was\b|were\b|lamin|disc|fusion|foramin|decomp|vertebra|nerve|root|interspace)"
);

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
        let Some((digits, after)) = number(s, at) else { return end };
        let spelled = !byte(s, at).is_ascii_digit();
        let Some(n) = digits.parse::<u8>().ok() else { return end };
        let Some(first) = follow(anchor, n).or_else(|| Vertebra::new(anchor.region(), n)) else { return end };
        // A number in words counts things as often as levels: it must be the next, or pair with it, and no noun
        // may follow.
        if spelled
            && (first <= anchor || first.region() != anchor.region())
            && anchor.below() != Some(first)
            && connected(s, after, &[first]).is_none()
        {
            return end;
        }
        if let Some((more, e, ranged)) = connected(s, after, &[first]) {
            let Some(to) = more.last().copied() else { return end };
            let item = match Interspace::between(first, to) {
                Some(p) if !ranged => Item::Pair(p),
                _ => Item::Range(first.min(to), first.max(to)),
            };
            out.push(Mention { start: at, end: e, item, nerve: names_nerve(rest(s, e)), pelvis: false });
            end = e;
        } else if single
            && bare(s, at).is_some()
            && first > anchor
            && (!spelled || (anchor.below() == Some(first) && has(&ENDS_LIST, rest(s, after))))
        {
            out.push(Mention {
                start: at,
                end: after,
                item: Item::Single(first),
                nerve: names_nerve(rest(s, after)),
                pelvis: false,
            });
            end = after;
        } else {
            return end;
        }
    }
}
