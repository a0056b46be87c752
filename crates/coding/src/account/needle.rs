//! What a needle, a cannula or a lead was meant to reach and, as the telling says, did not.

use crate::level::{Group, dedup};
use crate::reader::Note;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::{Interspace, Region, Vertebra};

re!(
    FAILED,
    concat!(
        r"\b(?:never|not|would not|could not|couldn't|can ?not|unable to|did not) (?:be )?(?:\w+ )?(?:enter\w*|inject\w*|access\w*|reach\w*|treat\w*|cannulat\w*|get (?:in|past|into))",
        r"|\bnothing (?:was |could be )?(?:\w+ )?(?:injected|given|put in)|\b(?:no|is no|was no) study\b|\b(?:was|were|had to be) (?:then )?abandoned|\bleft (?:untreated|uninjected|alone)\b",
        r"|\b(?:was|were) (?:therefore |then |thus |so )?(?:given up|left out|skipped|omitted|not (?:\w+ )?(?:treated|lesioned|blocked|ablated|augmented|cemented|filled|injected))",
        r"|\bno (?:lesion|burn|block|injection|cement) (?:was |could be )?(?:made|done|given|placed)\b",
        r"|\bno way (?:\w+ )?to (?:get|pass|place|put)|\b(?:gave|given|giving) up\b|\b(?:inject\w*|gave|put in|did) nothing\b|\bnothing (?:was |could be )?(?:done|treated) (?:there|here|at)\b",
        r"|\bno (?:needle|cannula|probe|cement) (?:was |could be |went )?(?:placed|put|in|used|inserted)|\bleft (?:it|this|that|them) (?:alone|without|as|untreated|out)\b|\bwithout (?:heating|lesioning|burning|injecting) (?:any|there|it)"
    )
);
// The way in is shut, or another place was meant at first.
re!(
    SHUT,
    r"\b(?:original|initial|first|old|my|the) (?:plan|intent\w*|target)\b|\b(?:had|was|were|i|we) (?:been )?(?:planned|intended|scheduled|booked|meant)\b|\b(?:too|very|quite|extremely) (?:tight|narrow|small|steep|arthritic|degenerat\w+|calcified|overgrown|stenotic|scarred)\b|\b(?:met|hit|struck|touched|found|felt) (?:nothing but |only |just )?(?:bone|os|metal|scar)\b|\bonly bone\b|\b(?:closed|shut|blocked|bridged|roofed|overgrown|obliterated|covered|fused)(?: off| over)? (?:by|with|from)\b|\bcalcified\b|\bno (?:window|way in|opening|room|loss of resistance)\b|\b(?:could|would) not (?:be )?(?:\w+ )?(?:opened|seen|entered|passed|reached|threaded|penetrated)\b"
);
re!(
    INSTEAD,
    r"\b(?:instead|so (?:i|we)? ?(?:then )?(?:went|moved|changed|dropped|shifted|switched|chose|used|selected|redirected|turned)|therefore (?:i|we) (?:then )?(?:went|moved|changed|dropped|shifted|switched|chose|used|selected)|(?:went|moved|changed|dropped|shifted|switched|redirected|moving|changing|dropping|shifting|switching) (?:over |up |down |on )?(?:to|one|a|the next)|(?:changed|moved|switched) (?:the )?(?:level|site|needle))\b"
);
re!(
    ONE_DOWN,
    r"\b(?:(?:one|a) (?:level|space|interspace|segment) (?:down|lower|below|caudal\w*)|down (?:one|a) (?:level|space|interspace|segment)|the next (?:level|space|interspace) (?:down|below))\b"
);
re!(
    ONE_UP,
    r"\b(?:(?:one|a) (?:level|space|interspace|segment) (?:up|higher|above|cephalad|cranial\w*)|up (?:one|a) (?:level|space|interspace|segment)|the next (?:level|space|interspace) (?:up|above))\b"
);
re!(ENTERED, r"\b(?:foram\w+|joint|dis[ck]|needle|inject\w*|same|next|then|contrast|entered|mg|ml|cc)\b");
re!(KEPT_OUT_OF, r"\b(?:canal|thecal sac|sac|dura|chest|pleura|abdomen|vessels?) (?:was|were|is) $");
// Said beforehand, or only looked at.
re!(
    MEANT,
    r"\b(?:planned|plan(?:s)? (?:was|were|to|is|had)|plan:|intended|intent\w*|scheduled|booked|booking|consented|requested|ordered|referred)\b"
);
re!(LOOKED, r"\b(?:to image|imaged|mri|stir|scans?|cross-table|ct|tender\w*|edema|cleft)\b");
re!(GIVEN, r"\b(?:same|then|next|\d ?mg|ml|cc)\b");
re!(
    THEN_DONE,
    r"\b(?:second|third|another|repeat\w*|finally|eventually|at last|then|succe\w+|from the (?:other|right|left|opposite)) [^.]{0,80}\b(?:entered|injected|success\w*|obtained|spread|arthrogram|in place|went in)"
);

/// Whether a passage says that something was not entered, not injected, given up.
pub(crate) fn failed(words: &str) -> bool {
    has(&FAILED, words)
}

re!(THIRD_OCCIPITAL, r"third occipital|\bton\b");

/// The joint that the third occipital nerve serves.
pub(crate) fn upper_neck() -> Option<Interspace> {
    let (a, b) = (Vertebra::new(Region::Cervical, 2)?, Vertebra::new(Region::Cervical, 3)?);
    Interspace::between(a, b)
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
        let pair = |g: &&Group| !g.only_singles() && g.interspaces().len() == 1;
        let named = inside.filter(pair).flat_map(Group::interspaces);
        let served = has(&THIRD_OCCIPITAL, note.doc.slice(from, to)).then(upper_neck).flatten();
        named.chain(served).collect()
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
                .filter(|k| !has(&MEANT, note.words(*k)))
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
            tells
                && !has(&MEANT, words)
                && !has(&FAILED, words)
                && at.is_some_and(|(a, b)| pairs(a, b).contains(&space))
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
                && !has(&MEANT, words)
                && !has(&LOOKED, words)
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

/// "L4-5 was shut by spurs, so I went to L3-4": the space entered in place of the one that was meant.
pub(crate) fn instead_of(note: &Note, meant: Interspace) -> Option<Interspace> {
    let told = |i: usize| {
        note.sentences.get(i).filter(|s| matches!(s.part, Part::Body | Part::Other)).map(|s| (s.start, s.end))
    };
    let spaces = |from: usize, to: usize| -> Vec<(usize, Interspace)> {
        let inside = note.groups.iter().filter(|g| from <= g.start && g.end <= to && !g.nerve);
        let one = inside.filter(|g| g.interspaces().len() == 1);
        one.flat_map(|g| g.interspaces().into_iter().map(|s| (g.start, s))).collect()
    };
    for i in 0..note.sentences.len() {
        let Some((start, end)) = told(i) else { continue };
        let named = spaces(start, end);
        let Some(&(at, _)) = named.iter().find(|s| s.1 == meant) else { continue };
        if !has(&SHUT, note.words(i)) {
            continue;
        }
        // The words that turn away stand behind the space that was meant, here or in the next sentence.
        let next = told(i + 1).filter(|_| i + 1 < note.sentences.len());
        let turn =
            |from: usize, words: &str| all(&INSTEAD, words).into_iter().map(|t| from + t.0).find(|t| *t > at);
        let turned = turn(start, note.words(i))
            .map(|t| (t, end))
            .or_else(|| next.and_then(|(a, b)| turn(a, note.words(i + 1)).map(|t| (t, b))));
        let Some((turned, end)) = turned else { continue };
        let reach = next.map_or(end, |n| n.1.max(end));
        let other = spaces(turned, reach).into_iter().map(|s| s.1).find(|s| *s != meant);
        let rest = note.doc.slice(turned, end);
        let beside = if has(&ONE_DOWN, rest) {
            Interspace::below(meant.lower())
        } else if has(&ONE_UP, rest) {
            meant.upper().above().and_then(Interspace::below)
        } else {
            None
        };
        if let Some(space) = other.or(beside) {
            return Some(space);
        }
    }
    None
}
