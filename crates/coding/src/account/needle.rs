//! What a needle, a cannula or a lead was meant to reach and, as the telling says, did not.

use crate::level::{Group, dedup};
use crate::reader::Note;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::{Interspace, Vertebra};

re!(
    FAILED,
    concat!(
        r"\b(?:never|not|would not|could not|couldn't|can ?not|unable to|did not) (?:be )?(?:\w+ )?(?:enter\w*|inject\w*|access\w*|reach\w*|treat\w*|cannulat\w*|get (?:in|past|into))",
        r"|\bnothing (?:was |could be )?(?:\w+ )?(?:injected|given|put in)|\b(?:no|is no|was no) study\b|\b(?:was|were|had to be) (?:then )?abandoned|\bleft (?:untreated|uninjected|alone)\b",
        r"|\b(?:was|were) (?:therefore |then |thus |so )?(?:given up|left out|skipped|omitted|not (?:\w+ )?(?:treated|lesioned|blocked|ablated|augmented|cemented|filled|injected))",
        r"|\bno (?:lesion|burn|block|injection|cement) (?:was |could be )?(?:made|done|given|placed)\b",
        r"|\bno way (?:\w+ )?to (?:get|pass|place|put)"
    )
);
re!(ENTERED, r"\b(?:foram\w+|joint|dis[ck]|needle|inject\w*|same|next|then|contrast|entered|mg|ml|cc)\b");
re!(KEPT_OUT_OF, r"\b(?:canal|thecal sac|sac|dura|chest|pleura|abdomen|vessels?) (?:was|were|is) $");
re!(GIVEN, r"\b(?:same|then|next|\d ?mg|ml|cc)\b");
re!(
    THEN_DONE,
    r"\b(?:second|third|another|repeat\w*|finally|eventually|at last|then|succe\w+|from the (?:other|right|left|opposite)) [^.]{0,80}\b(?:entered|injected|success\w*|obtained|spread|arthrogram|in place|went in)"
);

/// Whether a passage says that something was not entered, not injected, given up.
pub(crate) fn failed(words: &str) -> bool {
    has(&FAILED, words)
}

/// How many sentences behind its level a failure may be told, and how far within one.
const FAILED_WITHIN: usize = 2;

/// Interspaces of which the telling says that nothing went in, and not later that it did.
pub(crate) fn untreated(note: &Note) -> Vec<Interspace> {
    let told = |i: usize| {
        note.sentences.get(i).filter(|s| matches!(s.part, Part::Body | Part::Other)).map(|s| (s.start, s.end))
    };
    let pairs = |from: usize, to: usize| -> Vec<Interspace> {
        let inside = note.groups.iter().filter(|g| from <= g.start && g.end <= to && !g.nerve);
        inside.filter(|g| g.interspaces().len() == 1).flat_map(Group::interspaces).collect()
    };
    let mut out = vec![];
    for i in 0..note.sentences.len() {
        let Some((start, end)) = told(i) else { continue };
        let Some(&(at, _)) = all(&FAILED, note.words(i)).first() else { continue };
        // "The canal was not entered" says how the work was done, not that it was not.
        if has(&KEPT_OUT_OF, note.words(i).get(..at).unwrap_or("")) {
            continue;
        }
        let before = pairs(start, start + at).last().map(|p| (i, *p));
        let earlier = || {
            (i.saturating_sub(FAILED_WITHIN)..i)
                .rev()
                .find_map(|k| told(k).and_then(|(a, b)| pairs(a, b).last().map(|p| (k, *p))))
        };
        let after = || pairs(start + at, end).first().map(|p| (i, *p));
        let Some((source, space)) = before.or_else(after).or_else(earlier) else { continue };
        // The other side of the level may have been treated.
        let elsewhere = (0..note.sentences.len()).filter(|k| *k != i && *k != source).any(|k| {
            let (words, listed) =
                (note.words(k), note.sentences.get(k).filter(|s| s.part == Part::Procedures));
            // In a list of procedures only a sentence that tells.
            let tells = if listed.is_some() { has(&GIVEN, words) } else { has(&ENTERED, words) };
            let at = listed.map(|s| (s.start, s.end)).or_else(|| told(k));
            tells && !has(&FAILED, words) && at.is_some_and(|(a, b)| pairs(a, b).contains(&space))
        });
        if elsewhere {
            continue;
        }
        let later = (i..note.sentences.len()).take(FAILED_WITHIN + 1).take_while(|k| {
            *k == i || told(*k).is_some_and(|(a, b)| pairs(a, b).iter().all(|p| *p == space))
        });
        let done = later.into_iter().any(|k| {
            let words = note.words(k);
            let rest = if k == i { words.get(at..).unwrap_or("") } else { words };
            has(&THEN_DONE, rest) && !(k != i && has(&FAILED, rest))
        });
        if !done {
            out.push(space);
        }
    }
    dedup(out)
}

re!(
    CAME_OUT,
    r"\b(?:withdrawn|taken out|pulled|removed|came out|abandoned|drew blood|drawing blood|could not)\b"
);

/// Bones and nerves of which the telling says that nothing went in: "L2 was given up", "nothing was given at C3".
pub(crate) fn untreated_bones(note: &Note) -> Vec<Vertebra> {
    let told = |i: usize| {
        note.sentences.get(i).filter(|s| matches!(s.part, Part::Body | Part::Other)).map(|s| (s.start, s.end))
    };
    let singles = |from: usize, to: usize| -> Vec<Vertebra> {
        let inside = note.groups.iter().filter(|g| from <= g.start && g.end <= to);
        inside.filter(|g| g.only_singles() && g.items.len() == 1).flat_map(Group::vertebrae).collect()
    };
    let mut out = vec![];
    for i in 0..note.sentences.len() {
        let Some((start, end)) = told(i) else { continue };
        let words = note.words(i);
        let Some(&(at, _)) = all(&FAILED, words).last() else { continue };
        if has(&KEPT_OUT_OF, words.get(..at).unwrap_or("")) {
            continue;
        }
        let before = || singles(start, start + at).last().copied();
        let Some(bone) = before().or_else(|| singles(start + at, end).first().copied()) else { continue };
        let elsewhere = (0..note.sentences.len()).filter(|k| *k != i).any(|k| {
            let words = note.words(k);
            // "The needle drew blood and was taken out. Nothing was given at C3."
            let given_up = k < i && i - k <= FAILED_WITHIN && has(&CAME_OUT, words);
            !given_up
                && has(&ENTERED, words)
                && !has(&FAILED, words)
                && told(k).is_some_and(|(a, b)| singles(a, b).contains(&bone))
        });
        let later = has(&THEN_DONE, words.get(at..).unwrap_or(""));
        if !elsewhere && !later {
            out.push(bone);
        }
    }
    dedup(out)
}
