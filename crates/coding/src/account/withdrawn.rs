//! Levels that the telling takes back: left alone, not entered, given up.

use super::Account;
use crate::concept::Concept;
use crate::level::Group;
use crate::reader::Note;
use crate::sections::Part;
use crate::text::{all, has, re};
use iambilly_claim::Interspace;

re!(
    LEFT_ALONE,
    r"nothing (?:else |further |more )?was (?:done|resected|removed|performed|touched|treated|needed)|nothing (?:else|further|more) was\b|nothing needed|nothing (?:more )?(?:i|we) (?:need|needed|did)|(?:elected|decided|chose|agreed|opted) (?:not to (?:decompress|operate|open|explore|resect|fuse|treat|address|include|enter|instrument|touch)|to leave)|(?:is|was|were|be|being) left (?:alone|undisturbed|untouched)|(?:leave|leaving|left) (?:[a-z0-9/-]+ ){1,4}(?:alone|undisturbed|untouched)|(?:was|were|is) not (?:to be )?(?:decompressed|operated|entered|opened|explored|addressed|treated|fused|instrumented|approached|included)|\bstay(?:ed|ing)? (?:away from|off|out of|clear of) (?:it|that|this|them)\b|\bnot (?:going to (?:do|touch)|doing) anything (?:there|at|about|with)\b|\b(?:nobody|no one|never|not) (?:ever )?touched\b|\b(?:did|do) not (?:do|touch) (?:anything (?:there|at|about)|it|that one)\b|\bno bone (?:was |were )?(?:taken|removed|resected|drilled)(?: \w+){0,1} (?:there|at)\b|\bnothing (?:at all )?(?:done|touched) (?:there|at)\b|(?:not performed|no (?:surgery|work|operation|decompression))(?: \w+){0,2} at"
);
re!(
    THIS_LEVEL,
    r"\b(?:enter|open|fuse|operate on|treat|touch|address) (?:this|that) (?:dis[ck]|level|interspace|segment|space)\b"
);
re!(CANAL_SUBJECT, r"\b(?:canal|dura|thecal sac|epidural space|spinous process(?:es)?|old wound)$");
re!(DISC, r"\bdis[ck]s?\b");
re!(DISC_SUBJECT, r"\bdis[ck]s?(?: spaces?)?(?: (?:at|of) [clts]?\d[\w/-]*)?(?: itself)?$");

// Begun or meant, and not gone through with.
re!(
    GIVEN_UP,
    r"\b(?:elected|decided|chose|opted|agreed|(?:felt|judged|thought) (?:it )?(?:was )?(?:\w+ ){0,2}?(?:best|wise|wiser|safer|prudent|better))\b[^.;]{0,24}\b(?:not to (?:proceed|continue|go (?:on|ahead|any further|to)|do|perform|attempt|start|begin|work|take on|persist)|against|to (?:stop|abort|abandon|forgo|forego|omit|skip|defer|postpone|leave out))\b|\b(?:was|were|is) (?:therefore |thus |then |so )?(?:abandoned|aborted|omitted|skipped|deferred|postponed|given up|left out|left for another|not (?:gone|proceeded|done|carried out|attempted|started|begun|reached|worked|included|exposed))\b|\b(?:abandon|abort|omit|skip|defer|postpon|forgo|forego)(?:t?ed|p?ed|ing|went)? (?:the |any |further |all )*(?:work|surgery|procedure|attempt|dis[ck]ectomy|fusion|decompression|level|interspace|[clts]\d)|\b(?:i|we) (?:therefore |thus |then )?left (?:it|this|that|them)\b(?: alone| as (?:it|they) (?:was|were))?(?:\s*$|[,;.]| and\b)|\b(?:did|do) not (?:proceed|go|continue) (?:to|with|on|at|ahead)\b"
);
re!(
    SHORT_OF,
    r"\b(?:stopp\w+|ended|stayed|kept) (?:just |well )?(?:short of|clear of|out of|away from)\b|\b(?:did not|never|without) (?:extend\w*|go\w*|carry\w*|reach\w*) (?:\w+ ){0,3}?(?:to|into|beyond|past|as far as)\b"
);
re!(HERE, r"\b(?:this|that) (?:dis[ck]|level|interspace|segment|space)\b|\bthere\b|\bhere\b");
re!(IT, r"\bleft (?:it|this|that|them)\b");
re!(LEVEL_SUBJECT, r"\b(?:levels?|interspaces?|segments?)\b");

// What was given up is the fusion, and not all work there.
re!(FUSING, r"\bfus(?:e|ed|ing|ions?)\b|arthrodes\w+|instrument\w+|interbody|\bcages?\b|\bscrews?\b");

/// What the telling takes back.
#[derive(Debug, Default)]
pub(super) struct Withdrawn {
    /// Interspaces whose disc was not entered under a posterior fusion.
    pub(super) discs: Vec<Interspace>,
    /// Interspaces left as they are, and the sentence that says so.
    pub(super) alone: Vec<(Interspace, usize)>,
    /// Interspaces decompressed and not fused.
    pub(super) unfused: Vec<Interspace>,
}

/// The discs not entered under a posterior fusion, and the interspaces left as they are: the last named before
/// the words that say so, in the same clause, else the next named after them.
///
/// A disc that was not entered is another matter where the level was fused from behind, and a canal that was
/// not entered leaves no level alone.
pub(super) fn read(note: &Note, account: &Account<'_>) -> Withdrawn {
    let behind = note
        .entities
        .iter()
        .any(|e| e.part == Part::Procedures && e.concept == Concept::FusionPosterolateral && e.done());
    let mut out = Withdrawn::default();
    for (i, s) in note.sentences.iter().enumerate() {
        if !matches!(s.part, Part::Body | Part::History | Part::Other) {
            continue;
        }
        let words = note.words(i);
        let mut said = all(&LEFT_ALONE, words);
        if s.part != Part::History {
            said.extend(all(&GIVEN_UP, words));
        }
        // "The laminectomy stopped short of L3-4": the next place named was not reached.
        for (_, b) in all(&SHORT_OF, words) {
            let at = s.start + b;
            let next =
                note.groups.iter().find(|g| g.start >= at && g.start - at < 24 && g.end <= s.end && !g.nerve);
            out.alone.extend(next.iter().flat_map(|g| g.interspaces()).map(|space| (space, i)));
        }
        // "The left side at L5-S1 was not opened": the other was.
        if account.undone.iter().any(|u| s.start <= u.span.0 && u.span.0 < s.end) {
            continue;
        }
        for (a, b) in said {
            let subject = words.get(..a).unwrap_or("").trim_end();
            if has(&CANAL_SUBJECT, subject) {
                continue;
            }
            let (a, b) = (s.start + a, s.start + b);
            let inside = |g: &&Group| g.start >= s.start && g.end <= s.end && !g.nerve;
            let here: Vec<&Group> =
                note.groups.iter().filter(inside).filter(|g| !g.interspaces().is_empty()).collect();
            let near = here
                .iter()
                .find(|g| a <= g.start && g.end <= b)
                .or_else(|| {
                    let before = here.iter().rev().find(|g| g.end <= a)?;
                    let between = note.doc.slice(before.end, a);
                    (between.len() < 90 && !between.contains(',') || between.len() < 40).then_some(before)
                })
                .or_else(|| here.iter().find(|g| g.start >= b && g.start - b < 40))
                // "I looked at C4-5, and it was soft, so I left it."
                .or_else(|| has(&IT, note.doc.slice(a, b)).then(|| here.last()).flatten());
            let mut spaces: Vec<Interspace> = near.iter().flat_map(|g| g.interspaces()).collect();
            // "I elected not to enter this disc": the one interspace told of there.
            if here.is_empty()
                && (has(&THIS_LEVEL, words)
                    || has(&HERE, note.doc.slice(b, s.end))
                    || has(&IT, note.doc.slice(a, b)))
            {
                spaces = account.topic(i);
                spaces.truncate(if spaces.len() == 1 { 1 } else { 0 });
            }
            let from = near.filter(|g| g.end <= a).map_or(s.start, |g| g.end);
            let clause = note.doc.slice(from, a);
            let disc = has(&DISC_SUBJECT, subject) || has(&DISC, clause) && !has(&LEVEL_SUBJECT, clause);
            // "The disc was hard. I left it alone."
            let before = note.words(i.wrapping_sub(1));
            let disc = disc
                || here.is_empty()
                    && has(&IT, note.doc.slice(a, b))
                    && has(&DISC, before)
                    && !has(&LEVEL_SUBJECT, before);
            let fusing = has(&FUSING, note.doc.slice(a, (b + 24).min(s.end)));
            for space in spaces {
                if fusing && opened(account, space) {
                    out.unfused.push(space);
                } else if disc && !behind && opened(account, space) {
                    // "The disc was hard, so I left it": the canal was opened there all the same.
                } else if behind && disc {
                    out.discs.push(space);
                } else {
                    out.alone.push((space, i));
                }
            }
        }
    }
    out
}

/// The telling opens the canal there.
fn opened(account: &Account<'_>, space: Interspace) -> bool {
    account.events.iter().any(|x| {
        x.entity.part == Part::Body
            && x.entity.done()
            && x.named
            && matches!(
                x.entity.concept,
                Concept::LaminaOpened
                    | Concept::FlavumRemoved
                    | Concept::Decompression
                    | Concept::RecessOpened
                    | Concept::ForamenOpened
            )
            && x.spaces.contains(&space)
    })
}
