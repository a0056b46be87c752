//! How people type what the tabular list words otherwise: abbreviations, everyday names, vertebral levels.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const SOURCE: &str = include_str!("../../../data/icd10cm/synonyms.tsv");

const TERMS: &str = include_str!("../../../data/icd10cm/terms.tsv");

/// What a practice calls a code (without its dot) beside the list's own words.
pub(crate) fn terms(code: &str) -> impl Iterator<Item = &'static str> {
    TERMS_OF.get(code).copied().unwrap_or_default().split('|').filter(|t| !t.is_empty())
}

static TERMS_OF: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    TERMS.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')).collect()
});

/// A way the list says a typed word: words that all stand in one entry.
type Way = Vec<&'static str>;

/// Each typed word with the ways the list says it.
static WAYS: LazyLock<BTreeMap<&'static str, Vec<Way>>> = LazyLock::new(|| {
    let mut ways: BTreeMap<&'static str, Vec<Way>> = BTreeMap::new();
    for line in SOURCE.lines().filter(|l| !l.starts_with('#')) {
        let Some((typed, said)) = line.split_once('\t') else { continue };
        for word in typed.split('|') {
            let said = said.split('|').map(|way| way.split_whitespace().collect());
            ways.entry(word.trim()).or_default().extend(said);
        }
    }
    ways
});

/// Typed words that have ways.
pub(crate) fn typed() -> impl Iterator<Item = &'static str> {
    WAYS.keys().copied()
}

/// The ways the list says a word; of four letters and more also one that is still being typed.
pub(crate) fn ways(word: &str) -> Vec<&'static Way> {
    let mut out: Vec<&'static Way> = vec![];
    let begun = WAYS.iter().skip_while(|(k, _)| **k < word).take_while(|(k, _)| k.starts_with(word));
    for (_, ways) in begun.filter(|(k, _)| word.len() >= 4 || **k == word) {
        for way in ways {
            if !out.contains(&way) {
                out.push(way);
            }
        }
    }
    out
}

/// A level as it is typed ("c5-6", "l5-s1", "l45", "t12"): the words the list uses for it, nearest first.
pub(crate) fn level(typed: &str) -> Vec<Vec<String>> {
    let Some((region, upper, lower)) = read(typed) else { return vec![] };
    let name = |r: char| match r {
        'c' => "cervical",
        't' => "thoracic",
        'l' => "lumbar",
        _ => "sacral",
    };
    let mut ways = vec![];
    if let Some((lower_region, lower)) = lower {
        ways.push(vec![format!("{region}{upper}"), format!("{lower_region}{lower}")]);
        let crossing = match (region, lower_region) {
            ('c', 't') => Some("cervicothoracic"),
            ('t', 'l') => Some("thoracolumbar"),
            ('l', 's') => Some("lumbosacral"),
            _ => None,
        };
        ways.push(vec![crossing.unwrap_or_else(|| name(region)).to_owned(), "region".to_owned()]);
    } else {
        ways.push(vec![format!("{region}{upper}")]);
        let ordinal = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"]
            .get(usize::from(upper).wrapping_sub(1));
        if let Some(ordinal) = ordinal {
            ways.push(vec![(*ordinal).to_owned(), name(region).to_owned(), "vertebra".to_owned()]);
        }
        ways.push(vec![name(region).to_owned(), "region".to_owned()]);
    }
    ways
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// A vertebra's region letter and number.
type Bone = (char, u8);

fn read(typed: &str) -> Option<(char, u8, Option<Bone>)> {
    let region = typed.chars().next().filter(|c| matches!(c, 'c' | 't' | 'l' | 's'))?;
    let last = |r: char| match r {
        'c' => 7,
        't' => 12,
        _ => 5,
    };
    let (upper, rest) = digits(typed.get(1..)?);
    let fits = |r: char, n: u8| (1..=last(r)).contains(&n);
    // "l45" and "c56" are two neighbours; "t12" is one bone.
    if let ([a, b], "") = (upper.as_bytes(), rest) {
        let (a, b) = (a - b'0', b - b'0');
        if fits(region, a) && fits(region, b) && b == a + 1 && !(region == 't' && a == 1) {
            return Some((region, a, Some((region, b))));
        }
    }
    let upper: u8 = upper.parse().ok().filter(|n| fits(region, *n))?;
    let rest = rest.trim_start_matches(['-', '/']);
    if rest.is_empty() {
        return Some((region, upper, None));
    }
    let below = rest.chars().next().filter(|c| matches!(c, 'c' | 't' | 'l' | 's'));
    let (lower, end) = digits(if below.is_some() { rest.get(1..)? } else { rest });
    let lower: u8 = lower.parse().ok()?;
    let below = below.unwrap_or(region);
    (end.is_empty() && fits(below, lower)).then_some((region, upper, Some((below, lower))))
}

#[cfg(test)]
mod tests {
    use super::{level, ways};

    #[test]
    fn levels_as_typed() {
        let first = |t: &str| level(t).first().map(|w| w.join(" "));
        assert_eq!(first("c5-6").as_deref(), Some("c5 c6"));
        assert_eq!(first("c56").as_deref(), Some("c5 c6"));
        assert_eq!(first("l5s1").as_deref(), Some("l5 s1"));
        assert_eq!(first("t12").as_deref(), Some("t12"));
        assert_eq!(first("l4/5").as_deref(), Some("l4 l5"));
        assert!(level("l5-s1").iter().any(|w| w.join(" ") == "lumbosacral region"));
        assert!(level("l1").iter().any(|w| w.join(" ") == "first lumbar vertebra"));
        for none in ["stenosis", "c9", "l", "c5-6-7x", "m48", "s", "t1é"] {
            assert!(level(none).is_empty(), "{none}");
        }
        assert!(!ways("hnp").is_empty() && ways("nothing").is_empty());
    }
}
