//! The side that was planned and, as the telling says, not done: "the right side was never incised", "nothing was
//! injected on the left", "we'll come back for the other joint".
//!
//! A claim for both sides where one was done is overpaid; the heading is asked about.

use super::needle;
use crate::level::{dedup, sides};
use crate::reader::{Note, one_side};
use crate::sections::Part;
use crate::text::{has, pattern, re};
use iambilly_claim::Interspace;
use iambilly_claim::coding::Laterality;
use regex::Regex;
use std::sync::LazyLock;

/// A side that the telling says was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undone {
    /// The side that was done, then.
    pub(crate) only: Laterality,
    /// At these interspaces; at all where none is named.
    pub(crate) at: Vec<Interspace>,
    /// Where it is said.
    pub(crate) span: (usize, usize),
}

const WHICH: &str = "(?P<side>left|right|other|opposite|contralateral)";
const THING: &str = "(?:(?: |-sided )(?:side|half|one|needle|set|approach|incision|part|lamina|dis[ck]|(?:si|facet|sacro-?iliac|[a-z]+) joint|joint|foramen|facet|block|injection|trial|probe|cannula)s?)?(?: (?:at|of) [clts]\\d[\\w/-]*)?";
const ACTED: &str = r"(?:attempt\w*|incis\w*|open(?:ed)?|done|treat\w*|start\w*|begun|touch\w*|inject\w*|perform\w*|enter\w*|operat\w*|carried out|address\w*|approach\w*|explor\w*|plac\w*|block\w*|lesion\w*|access\w*|cannulat\w*|undertaken|reach\w*|fused|implant\w*|expos\w*)";
const ACTING: &str = r"(?:open|opening|do|doing|go (?:on |over |across )?to|going (?:on |over |across )?to|treat|treating|touch|touching|inject|injecting|attempt|attempting|start|starting|begin|beginning|approach|approaching|operate on|operating on|enter|entering|proceed (?:to|with)|proceeding (?:to|with)|continue (?:to|with|on)|turn to|turning to|cross (?:over )?to|move (?:over )?to|moving (?:over )?to|expose|exposing|incise|incising|place|placing)";
const PUT_OFF: &str = "(?:deferred|postponed|abandoned|aborted|cancell?ed|called off|put off|put back|left for (?:another|later|a second|next)|left (?:out|untreated|undone)|omitted|skipped|given up|to wait)";

const SIDES: [&str; 6] = ["left", "right", "other", "opposite", "contralateral", " side"];
/// One of these is in every way to say it.
const GATE: [&str; 22] = [
    "not",
    "never",
    "neither",
    "n't",
    "without",
    "nothing",
    "before",
    "defer",
    "postpon",
    "abandon",
    "abort",
    "cancel",
    "called off",
    "put off",
    "put back",
    "left ",
    "omitted",
    "skipped",
    "given up",
    "to wait",
    " for ",
    "stopp",
];

/// Ways to say it; each names the side.
static WAYS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let be = "(?:,? (?:was|were|is|are|had|has|will be|would be|to be|had to be|has to))?(?: (?:then|therefore|thus|so|purposely|accordingly|been|be))*";
    let ways = [
        format!(r"\b{WHICH}{THING}{be} (?:never|not|neither) (?:\w+ )?{ACTED}\b"),
        format!(r"\b{WHICH}{THING}{be} {PUT_OFF}\b"),
        format!(
            r"\b{PUT_OFF} (?:doing |treating |work on )?(?:the )?{WHICH}(?: side| joint| one|[,.;]| (?:to|for|until|because|as|since)\b|\s*$)"
        ),
        format!(
            r"\b(?:did not|didn't|do not|could not|decided not to|elected not to|chose not to|without|never)(?: (?:even|ever|then|attempt to|try to|want to|wish to))* {ACTING}(?: (?:on|at|to|with|any|work|needles?|joint|procedure|a|an))*(?: the)? {WHICH}(?: side| joint| one| half| foramen|[,.;]| at all\b| today\b| because\b| as\b|\s*$)"
        ),
        format!(
            r"\b(?:stopp\w+|ended|terminat\w+|discontinu\w+|abort\w+|abandon\w+)\b[^.;]{{0,40}}\bbefore (?:any |the |doing |starting |beginning |going to |we |i |could |turned |to |reached )*{WHICH}\b"
        ),
        format!(
            r"\bnothing (?:at all )?(?:was |could be |has been )?(?:\w+ )?(?:injected|done|given|placed|opened|put in|treated|fused)(?: there)? (?:on|at|in|to) (?:the |that ){WHICH}\b"
        ),
        format!(
            r"\b(?:come|came|coming|bring\w*|return\w*|be|back)\b[^.;]{{0,20}} for (?:the )?{WHICH}\b[^.;]{{0,24}}\b(?:another|later|next|separate|in (?:a|two|three|four|six|some)|month|week)"
        ),
    ];
    ways.iter().filter_map(|w| pattern(w)).collect()
});
re!(
    THAT_SIDE,
    r"\bnothing (?:at all )?(?:was |could be )?(?:\w+ )?(?:injected|done|given|placed|opened|put in|treated|fused)(?: there)? (?:on|to) (?:that|this) side\b"
);
// What was not done to a part of the body that nobody came for, and what is said of the story.
re!(
    OF_THE_STORY,
    r"\b(?:previous\w*|earlier this|years? ago|months? ago|last (?:year|month|week)|in (?:19|20)\d\d)\b"
);
re!(
    DONE_LATER,
    r"\b(?:inject\w*|placed|entered|same|likewise|implants?|fragments?|opened|needle|incis\w*|treated)\b"
);

const fn other(side: Laterality) -> Option<Laterality> {
    match side {
        Laterality::Left => Some(Laterality::Right),
        Laterality::Right => Some(Laterality::Left),
        Laterality::Bilateral => None,
    }
}

/// The sides that the telling says were not done, and does not say later that they were.
pub(super) fn read(note: &Note) -> Vec<Undone> {
    let told = |i: usize| {
        let s = note.sentences.get(i)?;
        matches!(s.part, Part::Body | Part::Other | Part::Plan).then_some((s.start, s.end))
    };
    let mut out = vec![];
    for i in 0..note.sentences.len() {
        let Some((start, end)) = told(i) else { continue };
        let words = note.words(i);
        // The ways to say it are slow to look for, and most sentences name no side or deny nothing.
        if !SIDES.iter().any(|w| words.contains(w)) || !GATE.iter().any(|w| words.contains(w)) {
            continue;
        }
        if has(&OF_THE_STORY, words) {
            continue;
        }
        let Some((a, b, named)) = said(words) else { continue };
        let undone = match named {
            Some(side) => Some(side),
            // "The other side", "that side": after the side last told.
            None => {
                last_side(note, i, a).and_then(|s| if has(&THAT_SIDE, words) { Some(s) } else { other(s) })
            }
        };
        let Some((undone, only)) = undone.and_then(|u| Some((u, other(u)?))) else { continue };
        let later = (i + 1..note.sentences.len()).any(|k| {
            let words = note.words(k);
            told(k).is_some()
                && note.sentences.get(k).is_some_and(|s| s.part == Part::Body)
                && one_side(words) == Some(undone)
                && has(&DONE_LATER, words)
                && said(words).is_none()
                && !needle::failed(words)
        });
        if later {
            continue;
        }
        let here = note.groups.iter().filter(|g| start <= g.start && g.end <= end && !g.nerve);
        let at = dedup(here.flat_map(crate::level::Group::interspaces).collect());
        out.push(Undone { only, at, span: (start + a, start + b) });
    }
    out
}

/// Where a sentence says that a side was not done, and which; none for "the other".
fn said(words: &str) -> Option<(usize, usize, Option<Laterality>)> {
    let by_name = WAYS.iter().filter_map(|w| w.captures(words)).find_map(|c| {
        let (whole, side) = (c.get(0)?, c.name("side")?);
        Some((
            whole.start(),
            whole.end(),
            match side.as_str() {
                "left" => Some(Laterality::Left),
                "right" => Some(Laterality::Right),
                _ => None,
            },
        ))
    });
    by_name.or_else(|| crate::text::all(&THAT_SIDE, words).first().map(|&(a, b)| (a, b, None)))
}

/// The side last named before a place of the telling.
fn last_side(note: &Note, i: usize, at: usize) -> Option<Laterality> {
    let one = |text: &str| sides(text).last().map(|s| s.2).filter(|s| *s != Laterality::Bilateral);
    one(note.words(i).get(..at)?).or_else(|| {
        let before = (0..i).rev().filter(|k| note.sentences.get(*k).is_some_and(|s| s.part == Part::Body));
        before.into_iter().find_map(|k| one(note.words(k)))
    })
}
