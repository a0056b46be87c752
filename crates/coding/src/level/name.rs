//! Levels called by name instead of number: the atlas, the axis, the lumbosacral junction, "the fifth body".

use super::{Item, Mention};
use crate::text::re;
use iambilly_claim::{Interspace, Region, Vertebra};

re!(
    NAME,
    concat!(
        r"\b(?:(?P<atlas>(?:the |of )atlas)|(?P<axis>(?:body|lamina|spine|arch|ring|pars|pedicles?|process|top|bottom) of (?:the )?axis|(?:in|into|on|to|and) (?:the )?axis)",
        r"|(?P<both>atlanto-?axial)|(?P<sacral>lumbo-?sacral (?:junction|interspace|dis[ck]|level|joint|segment))",
        r"|(?P<nth>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth) (?:(?P<region>cervical|thoracic|dorsal|lumbar|sacral) )?(?:vertebral )?(?:body|vertebra)\b)"
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
    let mut named = vec![];
    for c in r.captures_iter(s) {
        let Some(whole) = c.get(0) else { continue };
        // "Lumbosacral junction (L5-S1)": the number says it.
        let numbered = mentions.iter().any(|m| m.start < whole.end() + 6 && whole.start() < m.end);
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
    let nth = c.name("nth")?.as_str();
    let number = u8::try_from(ORDINALS.iter().position(|o| *o == nth)? + 1).ok()?;
    let region = match c.name("region").map(|m| m.as_str()) {
        Some("cervical") => Region::Cervical,
        Some("thoracic" | "dorsal") => Region::Thoracic,
        Some("lumbar") => Region::Lumbar,
        Some("sacral") => Region::Sacral,
        _ => usual?,
    };
    Vertebra::new(region, number).map(Item::Single)
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
