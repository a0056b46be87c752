//! Sides named in a text.
//!
//! "Left" is a verb and "right" an adverb too ("was left in place", "a right angle clamp"), and a form's choice
//! ("left/right") names no side.

use crate::text::{all, has, re};
use iambilly_claim::coding::Laterality;

re!(
    SIDE,
    r"\b(?:left-sided|right-sided|bilaterally|bilateral|bilat\b|b/l\b|both sides|(?:on )?(?:either|each) side\b|left|right|lt|rt|both-sided|[lr] (?:si(?:j| joint)\b|[clts]\d|side|arm|leg|hand|foot|hip|knee|shoulder|buttock|flank|groin))\b"
);
re!(
    LEFT_BEHIND,
    r"^ (?:in (?:place|situ|the (?:wound|disc|canal|room))|alone|intact|open|undisturbed|untouched|behind|out of|unfused|unresected|the (?:operating|or|room|hospital|clinic|patient)|over for|to heal|as is|attached|for (?:fusion|graft)|(?:it|them|this|that|these|those|him|her|nothing|no|only|both) )"
);
re!(
    VERB_BEFORE,
    r"\b(?:was|were|been|be|is|are|had|have|has|and|then|we|i|he|she|patient|purposely|intentionally) $"
);
re!(
    ADVERB,
    r"^[ -](?:angled?|away|now|after|before|there|here|hand(?:ed)?\b|next to|lower quadrant|upper quadrant|handed|about)"
);
// How the patient lies or looks, not what is treated.
re!(
    LYING,
    r"\b(?:head|face|neck|chin) (?:was |is )?(?:turned|rotated|facing) (?:to(?:wards?)? )?(?:the )?$|\b(?:turned|rolled|lies|lay|laid|lying) (?:over )?(?:onto|on|to) (?:his|her|their|the) $"
);
// "Needle count right."
re!(COUNTED, r"\bcounts? (?:was |were |is |are |all )?$");
re!(DECUBITUS, r"^[ -](?:lateral )?decubitus|^ side (?:up|down)\b");
re!(ROOT_BEFORE, r"\b[clts]\d{1,2} $");
re!(
    ROOT_AFTER,
    r"^ (?:free|medial\w*|loose|slack|pulled|retracted|mobili\w+|decompressed|freed|swollen|red|out|over|was|lay)\b"
);
re!(CHOICE_AFTER, r"^ ?(?:/|or|vs\.?|versus) ?(?:left|right|bilateral|lt|rt)\b");
re!(CHOICE_BEFORE, r"\b(?:left|right|bilateral|lt|rt) ?(?:/|or|vs\.?|versus) ?$");

/// Sides named in a text.
pub(crate) fn sides(s: &str) -> Vec<(usize, usize, Laterality)> {
    all(&SIDE, s)
        .into_iter()
        .filter(|&(a, b)| names_side(s, a, b))
        .map(|(a, b)| {
            let side = match s.get(a..b) {
                Some("left" | "left-sided" | "lt") => Laterality::Left,
                Some("right" | "right-sided" | "rt") => Laterality::Right,
                Some(w) if w.starts_with("l ") => Laterality::Left,
                Some(w) if w.starts_with("r ") => Laterality::Right,
                Some(w) if w.ends_with(" l") => Laterality::Left,
                Some(w) if w.ends_with(" r") => Laterality::Right,
                _ => Laterality::Bilateral,
            };
            (a, b, side)
        })
        .collect()
}

fn names_side(s: &str, a: usize, b: usize) -> bool {
    let after = s.get(b..).unwrap_or("");
    let before = s.get(a.saturating_sub(16)..a).unwrap_or("");
    if has(&LYING, s.get(a.saturating_sub(32)..a).unwrap_or("")) || has(&DECUBITUS, after) {
        return false;
    }
    // "S1 rt medial": the root.
    if s.get(a..b) == Some("rt") && has(&ROOT_BEFORE, before)
        || has(&ROOT_AFTER, after) && s.get(a..b) == Some("rt")
    {
        return false;
    }
    if has(&COUNTED, before) {
        return false;
    }
    if has(&CHOICE_AFTER, after) || has(&CHOICE_BEFORE, before) {
        return false;
    }
    match s.get(a..b) {
        Some("left") => {
            !(has(&LEFT_BEHIND, after) && (has(&VERB_BEFORE, before) || !after.starts_with(" the ")))
        }
        Some("right") => !has(&ADVERB, after),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::sides;
    use iambilly_claim::coding::Laterality::{Bilateral, Left, Right};

    #[test]
    fn words_that_name_a_side_and_words_that_do_not() {
        for (text, expected) in [
            ("left and right, bilaterally", vec![Left, Right, Bilateral]),
            ("a left-sided l4-5 hemilaminotomy", vec![Left]),
            ("on each side of the facet", vec![Bilateral]),
            ("bilat facet injection, b/l", vec![Bilateral, Bilateral]),
            ("the cage was left in place", vec![]),
            ("the ligament was left intact on the right", vec![Right]),
            ("the patient left the operating room", vec![]),
            ("a right angle probe, right away", vec![]),
            ("left/right (circle one)", vec![]),
            ("left or right l4-5", vec![]),
            ("into the left lateral recess and the right foramen", vec![Left, Right]),
            ("upright brightness", vec![]),
            ("crps of the r arm, head turned left", vec![Right]),
            ("turned onto his right side, left lateral decubitus", vec![]),
            ("l flank pocket", vec![Left]),
            ("healed, and we left it without cement; left this alone", vec![]),
        ] {
            let found: Vec<_> = sides(text).into_iter().map(|s| s.2).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
