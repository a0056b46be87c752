//! Levels as surgeons write and say them, and laws of the grammar.

use super::{Item, groups, mentions, sides};
use iambilly_claim::{Interspace, Vertebra};
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
        ("C5/6 disc out. Same at 6/7, C7 roots free. Triceps 4/5", "C5-C6 C6-C7"),
        ("L4-5 done, power at 4/5 strength", "L4-L5"),
        ("fusion C4-C7, left C5-6 foraminotomy", "C4-C5 C5-C6 C6-C7 C5-C6"),
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

#[test]
fn ranges_to_the_pelvis_say_so() {
    let pelvis = |s: &str| groups(s, &mentions(s)).iter().any(|g| g.pelvis);
    assert!(pelvis("t10 to pelvis") && pelvis("l2-ilium") && pelvis("pelvis to l3"));
    assert!(!pelvis("l4 to the sacrum") && !pelvis("l4-s1; iliac crest graft"));
}

/// How a level list is put into words.
#[derive(Debug, Clone, Copy)]
enum Style {
    /// `L4-L5`, `T10-S1`.
    Written,
    /// `L4/5`, `L3 to L5`.
    Short,
    /// `l four l five`, `t twelve through l two`.
    Spoken,
}

const NUMBERS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

fn bone(v: Vertebra, style: Style) -> String {
    if v == Vertebra::OCCIPUT {
        return "occiput".to_owned();
    }
    let letter: String = v.to_string().chars().take(1).collect();
    match style {
        Style::Spoken => format!("{letter} {}", NUMBERS[usize::from(v.number()) - 1]),
        _ => v.to_string(),
    }
}

fn print(item: Item, style: Style) -> String {
    match (item, style) {
        (Item::Single(v), _) => bone(v, style),
        (Item::Pair(p), Style::Written) => p.to_string(),
        (Item::Pair(p), Style::Short) if p.upper() != Vertebra::OCCIPUT => {
            format!("{}/{}", p.upper(), p.lower().number())
        }
        (Item::Pair(p), Style::Short) => format!("{}/{}", bone(p.upper(), style), p.lower()),
        (Item::Pair(p), Style::Spoken) => format!("{} {}", bone(p.upper(), style), bone(p.lower(), style)),
        (Item::Range(a, b), Style::Written) if a != Vertebra::OCCIPUT => format!("{a}-{b}"),
        (Item::Range(a, b), Style::Spoken) => format!("{} through {}", bone(a, style), bone(b, style)),
        (Item::Range(a, b), _) => format!("{} to {}", bone(a, style), bone(b, style)),
    }
}

fn vertebra() -> impl Strategy<Value = Vertebra> {
    (0_u8..=25).prop_map(|i| Vertebra::from_index(i).unwrap())
}

fn item() -> impl Strategy<Value = Item> {
    (vertebra(), vertebra()).prop_map(|(a, b)| match Interspace::between(a, b) {
        _ if a == b => Item::Single(a),
        Some(p) => Item::Pair(p),
        None => Item::Range(a.min(b), a.max(b)),
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(items in proptest::collection::vec(item(), 1..5), style in 0_usize..3) {
        let style = [Style::Written, Style::Short, Style::Spoken][style];
        // Singles next to each other are a pair when spoken without a sign; "and at" keeps them apart.
        let text = items.iter().map(|i| print(*i, style)).collect::<Vec<_>>().join(" and at ").to_lowercase();
        let read: Vec<Item> = groups(&text, &mentions(&text)).into_iter().flat_map(|g| g.items).collect();
        prop_assert_eq!(read, items, "{}", text);
    }

    #[test]
    fn interspaces_of_a_range_are_one_fewer_than_its_vertebrae(a in vertebra(), b in vertebra(), style in 0_usize..3) {
        prop_assume!(Interspace::between(a, b).is_none() && a != b);
        let style = [Style::Written, Style::Short, Style::Spoken][style];
        let text = print(Item::Range(a.min(b), a.max(b)), style).to_lowercase();
        let found = groups(&text, &mentions(&text));
        prop_assert_eq!(found.len(), 1, "{}", text);
        prop_assert_eq!(found[0].interspaces().len() + 1, found[0].vertebrae().len());
    }

    #[test]
    fn never_panics_on_any_text(s in "\\PC{0,80}") {
        let d = crate::text::Doc::new(&s);
        for m in mentions(&d.norm) {
            prop_assert!(m.start < m.end && m.end <= d.norm.len());
        }
    }

    #[test]
    fn never_panics_and_stays_inside(s in "[clts0-9 ,/\\-andtohrugiv]{0,60}") {
        for m in mentions(&s) {
            prop_assert!(m.start < m.end && m.end <= s.len());
        }
    }
}
