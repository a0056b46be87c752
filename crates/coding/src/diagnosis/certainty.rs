//! Diagnoses that are only probable.
//!
//! Source: ICD-10-CM guidelines FY2026, section IV.H: in the office and for the physician's own claim what is
//! "probable", "suspected", "questionable", "rule out", "compatible with" or "consistent with" is not coded; the
//! sign or symptom that led to the visit is. (A "working diagnosis" heads what was then treated, and is read.)

use crate::text::{all, has, re};

re!(
    DOUBT_BEFORE,
    r"\b(?:probabl[ey]|suspect(?:ed|s|ing)?|suspicio(?:us|n) (?:for|of)|questionable|(?:a |the )?question of|(?:most |very |more )?likely|presum(?:ed|ably|ptive)|rule[- ]?out|r/o|(?:concern(?:ing|s)?|worrisome) (?:for|about)|cannot (?:exclude|rule out)|differential(?: diagnos[ei]s)?(?: includes?| is)?|versus|\bvs\b)(?:\W+\w[\w/-]*){0,7}\W*$"
);
// What was seen may be consistent with a disease that was then treated; in the office it stays a guess.
re!(
    LIKENESS,
    r"\b(?:consistent|compatible|in keeping|suggestive|suggests?|suggesting)(?: with| of)?(?:\W+\w[\w/-]*){0,7}\W*$"
);
re!(
    DOUBT_AFTER,
    r"^(?:\W+\w[\w-]*){0,2} (?:is|was|remains) (?:only |merely )?(?:suspected|likely|questionable|possible|in question)\b|^ ?(?:is |was )?(?:suspected|questionable|in question|to be (?:ruled out|excluded|confirmed)|versus\b|vs\b)|^\s?\?"
);
re!(STOP, r"[.;:\n]|\d[.)] ");
// A new statement begins behind these.
re!(
    FRESH,
    r"[.;:\n]|\d[.)] |\bwith\b|\bdue to\b|\bfrom\b|, (?:with|no|but)\b|, (?:neck|low|back|leg|arm|right|left) "
);

/// Whether what stands at `at` is named as only probable in its stretch; `visit`: an office visit.
pub(super) fn uncertain(norm: &str, stretch: (usize, usize), at: (usize, usize), visit: bool) -> bool {
    let before = norm.get(stretch.0..at.0).unwrap_or("");
    let since = |r| before.get(all(r, before).last().map_or(0, |f: &(usize, usize)| f.1)..).unwrap_or("");
    let after = norm.get(at.1..stretch.1).unwrap_or("");
    has(&DOUBT_BEFORE, since(&FRESH)) || has(&DOUBT_AFTER, after) || (visit && has(&LIKENESS, since(&STOP)))
}

#[cfg(test)]
mod tests {
    use super::uncertain;

    #[test]
    fn doubt_reaches_its_own_statement() {
        for (text, word, visit, expected) in [
            ("probable l5-s1 disc herniation", "herniation", false, true),
            ("suspect sacroiliitis versus facet pain", "sacroiliitis", true, true),
            ("suspect sacroiliitis versus facet pain", "facet", true, true),
            ("lumbar stenosis suspected", "stenosis", true, true),
            ("l4-5 stenosis, likely cause of her pain", "stenosis", false, false),
            ("disc herniation with likely scar; facet pain", "facet", false, false),
            ("likely facet syndrome. low back pain", "low back", true, false),
            ("picture consistent with radiculopathy", "radiculopathy", true, true),
            ("mri consistent with stenosis l4-5", "stenosis", false, false),
            ("lumbar radiculopathy?", "radiculopathy", true, true),
            ("low back pain, probable herniation", "low back", true, false),
        ] {
            let at = text.find(word).unwrap();
            let got = uncertain(text, (0, text.len()), (at, at + word.len()), visit);
            assert_eq!(got, expected, "{text}: {word}");
        }
    }
}
