//! Levels called by name instead of number: the atlas, the axis, the lumbosacral junction, "the fifth body".

use super::{Item, Mention};
use crate::text::re;
use iambilly_claim::{Interspace, Region, Vertebra};

re!(
    NAME,
    concat!(
        r"\b(?:(?P<atlas>(?:the |of )atlas)|(?P<axis>(?:body|lamina|spine|arch|ring|pars|pedicles?|process|top|bottom) of (?:the )?axis|(?:in|into|on|to|and) (?:the )?axis)",
        r"|(?P<both>atlanto-?axial)|(?P<sacral>lumbo-?sacral (?:junction|interspace|dis[ck]|level|joint|segment))",
        r"|(?P<nth>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\d\d?(?:st|nd|rd|th)) (?:(?P<region>cervical|thoracic|dorsal|lumbar|sacral) )?(?:vertebral )?(?:body|vertebra)\b)"
    )
);

re!(
    STRETCH,
    concat!(
        r"\b(?P<a>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\d\d?(?:st|nd|rd|th))(?: (?P<ra>cervical|thoracic|dorsal|lumbar|sacral))?(?: vertebra)? (?:down |up )?(?:to|through) (?:the )?",
        r"(?P<b>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\d\d?(?:st|nd|rd|th)) (?:(?P<rb>cervical|thoracic|dorsal|lumbar|sacral)\b(?: (?:vertebra|segment|level)\w*)?|vertebra\w*)"
    )
);

const ORDINALS: [&str; 12] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

/// Adds the levels that are called by name; a number without a region has that of most levels of the text.
pub(crate) fn with_named(s: &str, mut mentions: Vec<Mention>) -> Vec<Mention> {
    let Some(r) = NAME.as_ref() else { return mentions };
    let usual = usual_region(&mentions);
    let mut named = stretches(s, usual);
    for c in r.captures_iter(s) {
        let Some(whole) = c.get(0) else { continue };
        // "Lumbosacral junction (L5-S1)": the number says it.
        let numbered =
            mentions.iter().chain(&named).any(|m| m.start < whole.end() + 6 && whole.start() < m.end);
        if numbered || s.get(whole.end()..).is_some_and(|t| t.starts_with(" of rotation")) {
            continue;
        }
        let item = if c.name("atlas").is_some() {
            Vertebra::new(Region::Cervical, 1).map(Item::Single)
        } else if c.name("axis").is_some() {
            Vertebra::new(Region::Cervical, 2).map(Item::Single)
        } else if c.name("both").is_some() {
            Vertebra::new(Region::Cervical, 1).and_then(Interspace::below).map(Item::Pair)
        } else if c.name("sacral").is_some() {
            Vertebra::new(Region::Lumbar, 5).and_then(Interspace::below).map(Item::Pair)
        } else {
            ordinal(&c, usual)
        };
        if let Some(item) = item {
            named.push(Mention { start: whole.start(), end: whole.end(), item, nerve: false, pelvis: false });
        }
    }
    mentions.extend(named);
    mentions.sort_by_key(|m| m.start);
    mentions
}

fn ordinal(c: &regex::Captures<'_>, usual: Option<Region>) -> Option<Item> {
    let nth = number(c.name("nth")?.as_str())?;
    Vertebra::new(c.name("region").and_then(|m| region(m.as_str())).or(usual)?, nth).map(Item::Single)
}

/// The number an ordinal says, in words or in digits.
fn number(word: &str) -> Option<u8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    match ORDINALS.iter().position(|o| *o == word) {
        Some(at) => u8::try_from(at + 1).ok(),
        None => digits.parse().ok(),
    }
}

fn region(word: &str) -> Option<Region> {
    Some(match word {
        "cervical" => Region::Cervical,
        "thoracic" | "dorsal" => Region::Thoracic,
        "lumbar" => Region::Lumbar,
        "sacral" => Region::Sacral,
        _ => return None,
    })
}

/// "From the fourth thoracic to the second lumbar vertebra"; a region said once is that of both.
fn stretches(s: &str, usual: Option<Region>) -> Vec<Mention> {
    let Some(r) = STRETCH.as_ref() else { return vec![] };
    let found = r.captures_iter(s).filter_map(|c| {
        let whole = c.get(0)?;
        let said = |n: &str| c.name(n).and_then(|m| region(m.as_str()));
        let last = said("rb").or(said("ra")).or(usual)?;
        let from = Vertebra::new(said("ra").unwrap_or(last), number(c.name("a")?.as_str())?)?;
        let to = Vertebra::new(last, number(c.name("b")?.as_str())?)?;
        let item = Item::Range(from.min(to), from.max(to));
        Some(Mention { start: whole.start(), end: whole.end(), item, nerve: false, pelvis: false })
    });
    found.collect()
}

/// The region of most levels of a text.
fn usual_region(mentions: &[Mention]) -> Option<Region> {
    let region = |m: &Mention| match m.item {
        Item::Single(v) | Item::Range(v, _) => v.region(),
        Item::Pair(p) => p.region(),
    };
    let all = [Region::Cervical, Region::Thoracic, Region::Lumbar, Region::Sacral];
    let count = |r: Region| mentions.iter().filter(|m| region(m) == r).count();
    all.into_iter().filter(|r| count(*r) > 0).max_by_key(|r| count(*r))
}

#[cfg(test)]
mod tests {
    use super::with_named;
    use crate::level::{groups, mentions};

    #[test]
    fn levels_called_by_name() {
        for (text, expected) in [
            ("screws were put into the lateral masses of the atlas and the pars of the axis", "C1 C2"),
            ("c4-5 and c5-6 were emptied and the fifth body was hollowed out", "C4 C5 C6"),
            ("a spacer at the lumbosacral junction", "L5 S1"),
            ("the lumbosacral junction (l5-s1)", "L5 S1"),
            ("the twelfth thoracic vertebra", "T12"),
            ("from the 11th thoracic to the 2nd lumbar vertebra", "T11 T12 L1 L2"),
            ("the third to the fifth cervical vertebra", "C3 C4 C5"),
            ("a rupture at the ninth thoracic interspace", "T9 T10"),
            ("the 4th lumbar vertebra", "L4"),
            ("the mechanical axis was restored; the second stage", ""),
            ("atlantoaxial fusion", "C1 C2"),
        ] {
            let found = groups(text, &with_named(text, mentions(text)));
            let mut bones: Vec<_> = found.iter().flat_map(super::super::Group::vertebrae).collect();
            bones.sort();
            bones.dedup();
            let bones: Vec<String> = bones.iter().map(ToString::to_string).collect();
            assert_eq!(bones.join(" "), expected, "{text}");
        }
    }
}
