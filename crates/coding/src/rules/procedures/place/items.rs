//! Things counted by their number or their names: leads, muscles.

use crate::assertion::Assertion;
use crate::catalogue::procedure::{Procedure, Words};
use crate::operation::Operation;
use crate::rules::procedures;
use crate::sections::Part;
use crate::text::{has, re};
use regex::Regex;

/// The names of a procedure's list that the telling says; of an examination's, where only that names them.
pub(super) fn named_things(op: &Operation<'_>, p: &Procedure) -> usize {
    let told = p.named.iter().filter(|w| !procedures::said(op, &w.0).is_empty()).count();
    if told > 0 {
        return told;
    }
    let found = |w: &Words| {
        !procedures::told(op, &w.0, &[Part::History, Part::Diagnosis], &[Assertion::Done]).is_empty()
    };
    p.named.iter().filter(|w| found(w)).count()
}

re!(
    MUSCLES,
    r"\b(?P<n>two|three|four|five|six|seven|[2-7]) (?:different |separate |distinct |named )*muscles?\b"
);

/// "Seven injections in the four muscles named above".
pub(super) fn counted_muscles(op: &Operation<'_>) -> usize {
    const WORDS: [&str; 6] = ["two", "three", "four", "five", "six", "seven"];
    let at = op.says(&MUSCLES).first().copied();
    let Some(c) = at.and_then(|(s, e)| MUSCLES.as_ref()?.captures(op.note.doc.slice(s, e))) else { return 0 };
    let Some(n) = c.name("n").map(|m| m.as_str()) else { return 0 };
    n.parse().ok().or_else(|| WORDS.iter().position(|w| *w == n).map(|i| i + 2)).unwrap_or(0)
}

// "4 programs of the electrodes", "three operations, trial leads": the number is of something else.
re!(
    OF_OTHERS,
    r"\b(?:programs?|levels?|contacts? (?:of|on)|operations?|surger\w+|weeks?|months?|days?|years?|cm|centimeters?|minutes?|incisions?|needles?|tries|passes|of the|in the|for the|and|with)\b"
);

/// How many things of a name the words count: "two leads", "leads x 2", "the second lead".
pub(super) fn items(op: &Operation<'_>, noun: &Regex) -> usize {
    const NUMBERS: [(&str, usize); 6] = [
        ("four|4|quadruple", 4),
        ("three|3|triple", 3),
        ("two|2|dual|both|bilateral|second|2nd", 2),
        ("third|3rd", 3),
        ("fourth", 4),
        ("pair of", 2),
    ];
    let noun = noun.as_str();
    let mut most = 1;
    for (words, n) in NUMBERS {
        // The number of "L2-3, leads" is the space's.
        let before = format!(r"(?:^|[\s(])(?:{words})\b,? (?:[a-z0-9-]+ ){{0,4}}?(?:{noun})\b");
        let behind = format!(
            r"\b(?:{noun})\b(?: placement| implantation| insertion)?,? ?(?:x|times|\() ?(?:{words})\b"
        );
        for p in [before, behind] {
            if let Some(r) = crate::text::pattern(&p)
                && procedures::said(op, &r).iter().any(|s| !has(&OF_OTHERS, op.note.doc.slice(s.0, s.1)))
            {
                most = most.max(n);
            }
        }
    }
    if most > 1 && given_up(op, noun) { most - 1 } else { most }
}

/// One of several things would not go in and was left out: "the second lead would not pass and was pulled out".
fn given_up(op: &Operation<'_>, noun: &str) -> bool {
    let failed = format!(
        r"\b(?:second|third|other|another|2nd|left|right) (?:\w+ )?(?:{noun})\b[^.;]{{0,60}}\b(?:(?:would|could|did) (?:not|never) (?:be )?(?:pass\w*|advanc\w*|place\w*|thread\w*|go|steer\w*|enter\w*)[^.;]{{0,60}}\b(?:out|removed|abandoned|given up|left out|thrown away|discarded|wasted|not used)|was (?:abandoned|given up|left out|not placed))\b"
    );
    crate::text::pattern(&failed).is_some_and(|r| {
        let told = |s: &&crate::sections::Sentence| matches!(s.part, Part::Body | Part::Other);
        op.note.sentences.iter().filter(told).any(|s| r.is_match(op.note.doc.slice(s.start, s.end)))
    })
}
