//! Levels named by pointing: "at the same level", "at each of these levels", "the level above", "the lower two
//! lumbar levels". They are read as the levels they point to; where that is not plain, as none.

use super::{Group, Item};
use crate::text::{has, re};
use iambilly_claim::{Interspace, Stretch, Vertebra};

re!(
    POINTING,
    concat!(
        r"\b(?:(?P<one>(?:the |this |that )?(?:same|above|aforementioned|above-mentioned|said|index) (?:disc )?(?:level|interspace|space)|(?:at |of )(?:this|that) (?:disc )?(?:level|interspace))",
        r"|(?P<many>(?:all|each|every|both)(?: of)?(?: the| these| those)?(?: (?P<n>two|three|four|five|six))?(?: (?:lumbar|cervical|thoracic|operated|above|operative|disc))* (?:levels?|interspaces?)|(?:these|those|the same|the above) (?:(?P<m>two|three|four|five|six) )?(?:levels|interspaces))",
        r"|(?P<next>(?:the )?(?:level|interspace|segment) (?:immediately |just |directly |one )?(?P<dir>above|below))",
        r"|(?P<end>(?:the )?(?P<which>lowest|bottom|lowermost|most caudal|uppermost|topmost|highest|top|most cranial|middle) (?:of the (?:two|three|four|five) (?:discs?|levels?|interspaces?|spaces?)|dis[ck](?: space)?|level|interspace|space|one\b))",
        r"|(?P<low>(?:the )?(?:lower|lowest|bottom|last|caudal) (?P<k>two|three|four|five) lumbar (?:disc |intervertebral )?(?:levels|interspaces|discs|disc spaces|segments)))\b"
    )
);

fn count(word: &str) -> Option<usize> {
    ["one", "two", "three", "four", "five", "six"].iter().position(|w| *w == word).map(|i| i + 1)
}

/// Adds the levels pointed at to the lists a text names, in order.
pub(crate) fn with_pointed(s: &str, named: Vec<Group>) -> Vec<Group> {
    let Some(r) = POINTING.as_ref() else { return named };
    let mut out = named.clone();
    for c in r.captures_iter(s) {
        let Some(whole) = c.get(0) else { continue };
        // "At the same level as L4-5", "each level, L3-4 and L4-5": the names follow.
        let follows = named.iter().any(|g| g.start >= whole.end() && g.start - whole.end() < 12);
        if follows {
            continue;
        }
        let before: Vec<&Group> =
            named.iter().take_while(|g| g.end <= whole.start()).filter(|g| !g.nerve).collect();
        let before = before.get(before.len().saturating_sub(40)..).unwrap_or(&[]);
        let number = c.name("n").or_else(|| c.name("m")).and_then(|m| count(m.as_str()));
        let both = c.name("many").is_some_and(|m| m.as_str().starts_with("both")).then_some(2);
        let items = if c.name("one").is_some() {
            before.last().map(|g| g.items.clone())
        } else if c.name("many").is_some() {
            several(before, number.or(both))
        } else if let Some(dir) = c.name("dir") {
            before.last().and_then(|g| beside(g, dir.as_str() == "above"))
        } else if let Some(which) = c.name("which") {
            end_of(before, which.as_str())
        } else {
            c.name("k").and_then(|k| lowest(count(k.as_str())?))
        };
        if let Some(items) = items {
            out.push(Group { start: whole.start(), end: whole.end(), items, nerve: false, pelvis: false });
        }
    }
    for g in &mut out {
        if let ([Item::Single(v)], Some(before)) =
            (g.items.as_slice(), s.get(g.start.saturating_sub(64)..g.start))
            && has(&BOTH_ENDS, before)
            && let (Some(a), Some(b)) = (v.above(), v.below())
        {
            g.items = vec![Item::Range(a, b)];
        }
    }
    out.sort_by_key(|g| g.start);
    out
}

re!(
    BOTH_ENDS,
    r"\b(?:dis[ck]s?|interspaces?|levels?|spaces?) (?:immediately |just |both )?(?:above and below|below and above|(?:on|to) (?:either|each|both) sides? of|bordering|adjoining|next to) (?:the )?(?:body of )?$"
);

/// The last list of as many levels as are meant; of more than one where no number is said.
fn several(before: &[&Group], number: Option<usize>) -> Option<Vec<Item>> {
    let fits = |g: &Group| {
        let spaces = g.interspaces().len();
        let bones = if g.only_singles() { g.items.len() } else { 0 };
        number.map_or(spaces > 1, |n| spaces == n || bones == n)
    };
    before.iter().rev().find(|g| fits(g)).map(|g| g.items.clone())
}

/// The lowest, the uppermost or the middle interspace of the last list of several.
fn end_of(before: &[&Group], which: &str) -> Option<Vec<Item>> {
    let mut spaces = before.iter().rev().map(|g| g.interspaces()).find(|s| s.len() > 1)?;
    spaces.sort();
    let space = match which {
        "middle" => spaces.get(spaces.len() / 2).filter(|_| spaces.len() == 3),
        w if w.starts_with(['l', 'b']) || w.ends_with("caudal") => spaces.last(),
        _ => spaces.first(),
    };
    space.map(|s| vec![Item::Pair(*s)])
}

/// The interspace next to a list of one stretch.
fn beside(g: &Group, above: bool) -> Option<Vec<Item>> {
    let spaces = g.interspaces();
    let [stretch] = Stretch::of(&spaces)[..] else { return None };
    let next =
        if above { Interspace::below(stretch.upper().above()?) } else { Interspace::below(stretch.lower()) };
    next.map(|p| vec![Item::Pair(p)])
}

/// The lowest lumbar interspaces, down to the sacrum.
fn lowest(n: usize) -> Option<Vec<Item>> {
    let top = Vertebra::from_index(Vertebra::S1.index().checked_sub(u8::try_from(n).ok()?)?)?;
    Some(vec![Item::Range(top, Vertebra::S1)])
}

#[cfg(test)]
mod tests {
    use super::with_pointed;
    use crate::level::{groups, mentions};

    /// The interspaces of the last list.
    fn last(s: &str) -> String {
        let all = with_pointed(s, groups(s, &mentions(s)));
        let spaces: Vec<String> =
            all.last().map(|g| g.interspaces().iter().map(ToString::to_string).collect()).unwrap_or_default();
        spaces.join(" ")
    }

    #[test]
    fn levels_pointed_at() {
        for (text, expected) in [
            ("l4-5 was exposed. at the same level the disc was removed", "L4-L5"),
            ("attention turned to l3-4. at this level a laminotomy was made", "L3-L4"),
            ("l3-4 and l4-5 were fused; cages at both levels", "L3-L4 L4-L5"),
            ("c4-5, c5-6 and c6-7; c5-6 was worst. all three levels got cages", "C4-C5 C5-C6 C6-C7"),
            (
                "l3 to s1 was exposed, then l4-5 marked. the facets at each level were drilled",
                "L3-L4 L4-L5 L5-S1",
            ),
            ("at l4-5 and at the level above", "L3-L4"),
            ("l3-4 was fused before; the level immediately below is stenotic", "L4-L5"),
            ("the lower two lumbar levels were injected", "L4-L5 L5-S1"),
            ("c4-5, c5-6 and c6-7. the lowest of the three discs was left", "C6-C7"),
            ("c4-5, c5-6 and c6-7. top one: disc out", "C4-C5"),
            ("the discs above and below c4 were emptied", "C3-C4 C4-C5"),
            ("the bottom three lumbar discs", "L3-L4 L4-L5 L5-S1"),
        ] {
            assert_eq!(last(text), expected, "{text}");
        }
    }

    #[test]
    fn pointing_at_nothing_is_no_level() {
        for text in [
            "at the same level nothing was done",
            "l4-5 was opened; cages at all three levels",
            "a two level fusion",
            "above the level of the lamina",
        ] {
            assert!(last(text).is_empty() || last(text) == "L4-L5", "{text}");
        }
        let s = "l4-5 was opened; cages at all three levels";
        assert_eq!(with_pointed(s, groups(s, &mentions(s))).len(), 1);
    }
}
