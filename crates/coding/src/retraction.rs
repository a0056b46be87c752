//! What a speaker takes back: "L2-3, correction, L3-4", "on the left, sorry, the right", "scratch that".
//!
//! A cue ("correction", "I mean") takes back what its new words replace: a level the levels before it, as many
//! as are said anew; a side the side; a number the number; a term the term of the same kind ("laminotomy, I
//! mean laminectomy"). Strong cues that nothing replaces take back their clause, or the sentence before them.
//! "Correction" is a noun of the trade too ("deformity correction"), so what stands before it counts.

use crate::level::{lettered, mentions, rest, sides};
use crate::text::{all, has, re};
use iambilly_claim::Span;

/// A self-correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retraction {
    /// The words taken back, without the cue.
    pub(crate) gone: Span,
    /// The words that stand instead; the cue, where nothing replaces them.
    pub(crate) stands: Span,
    /// What is not read: the words taken back, the cue and what leads on from it.
    blank: Span,
}

/// How far back a cue can reach, in letters.
const REACH: usize = 400;

re!(
    CUE,
    concat!(
        r"\b(?:(?P<strong>(?:i'?m )?(?:let me |to )?(?:correct|rephrase|restate) (?:that|myself)|i misspoke|corrections?",
        r"|(?:scratch|strike|delete|erase|disregard|cancel|belay|omit|undo) (?:all )?that(?: last (?:part|sentence|line|phrase))?|(?:no,? )?wait,? no|no,? wait)",
        r"|(?P<weak>(?:or |no,? )?i mean(?:t)?(?: to say)?|(?:i )?should (?:say|have said)|(?:that|it|this) should (?:be|read|say)|(?:or |no,? )?(?:make|change) (?:that|it)(?: to)?|(?:oh,? |i'?m |i am |so )?sorry|(?:or |but )?rather|excuse me|pardon(?: me)?|oops|whoops|my mistake|(?:well,? )?actually,? no|no,? actually|well,? actually|wait)",
        r"|(?P<bare>no))\b"
    )
);
re!(
    LEAD,
    r"^[\s,.:;-]*(?:(?:that's|that is|it was|it's|it is|this is|that was|should be|at|to|on|in|the|level|a|an|was|say|is)\s+)*"
);
re!(
    NOUN_BEFORE,
    r"(?:\b(?:deformity|curve|curvature|scoliosis|scoliotic|kyphosis|kyphotic|lordosis|sagittal|coronal|angular|rotational|rib|alignment|balance|slip|surgical|spinal|the|of|for|and|with|some|more|further|additional|no|any|achieved?|gave|gain|maximum|\w+(?:ent|ory|al|ing|ive|ble|ood|ate|ete))|%|percent) $"
);
re!(NUMBER, r"^(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b");
re!(WORD, r"[a-z][a-z-]*|\d+(?:\.\d+)?");
re!(STOP, r"[.;!?\n]");

/// Finds the self-corrections of a normalised text, in order.
pub(crate) fn find(norm: &str) -> Vec<Retraction> {
    let Some(cues) = CUE.as_ref() else { return vec![] };
    let mut out: Vec<Retraction> = vec![];
    for c in cues.captures_iter(norm) {
        let Some(cue) = c.get(0) else { continue };
        let strength = match (c.name("strong"), c.name("bare")) {
            (Some(_), _) => Strength::Strong,
            (_, Some(_)) => Strength::Bare,
            _ => Strength::Weak,
        };
        // What is already taken back is not taken back again.
        let floor = out.last().map_or(0, |r| r.blank.end).max(cue.start().saturating_sub(REACH));
        if let Some(r) = taken_back(norm, Span::new(cue.start(), cue.end()), strength, floor) {
            out.push(r);
        }
    }
    out
}

/// Blanks out what the speaker took back.
pub(crate) fn take_back(norm: &mut String) -> Vec<Retraction> {
    let found = find(norm);
    for r in &found {
        norm.replace_range(r.blank.start..r.blank.end, &" ".repeat(r.blank.end - r.blank.start));
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// Takes back its clause when nothing replaces it.
    Strong,
    /// Takes back only what its new words replace.
    Weak,
    /// A mere "no", between two of a kind.
    Bare,
}

fn taken_back(norm: &str, cue: Span, strength: Strength, floor: usize) -> Option<Retraction> {
    let before = norm.get(floor..cue.start)?;
    let word = norm.get(cue.start..cue.end)?;
    let apart = before.trim_end_matches(' ').ends_with([',', '.', ';', '-', ':', '\n']) || before.is_empty();
    let line_start = before.trim_end_matches(' ').ends_with('\n') || cue.start == 0;
    if word.starts_with("correction") && (line_start || (!apart && has(&NOUN_BEFORE, before))) {
        return None;
    }
    if strength == Strength::Bare && !before.trim_end().ends_with(',') {
        return None;
    }
    let next = cue.end + LEAD.as_ref()?.find(rest(norm, cue.end)).map_or(0, |m| m.end());
    let replaced = level(norm, before, floor, next, strength)
        .or_else(|| side(norm, before, floor, next, strength))
        .or_else(|| like_word(norm, before, floor, next, strength))
        .or_else(|| said_again(norm, before, floor, next, strength));
    if let Some((from, stands)) = replaced {
        return Some(Retraction {
            gone: Span::new(from, trimmed(norm, from, cue.start)),
            stands,
            blank: Span::new(from, stands.start),
        });
    }
    let explicit = strength == Strength::Strong && !word.contains("wait");
    let after = rest(norm, cue.end).trim_start();
    let ends = after.is_empty() || after.starts_with([',', ':', '.', '\n']) || after.starts_with("no ");
    if !explicit || !(ends || word.ends_with("that")) {
        return None;
    }
    // After a stop the sentence before goes, else the clause.
    let trimmed_before = before.trim_end_matches([' ', ',']);
    let clause: &[char] =
        if trimmed_before.ends_with('.') { &['.', '\n'] } else { &['.', ',', '\n', ';', ':'] };
    let body = trimmed_before.trim_end_matches('.');
    let from = floor + body.rfind(clause).map_or(0, |p| p + 1);
    Some(Retraction {
        gone: Span::new(from, trimmed(norm, from, cue.start)),
        stands: cue,
        blank: Span::new(from, cue.end),
    })
}

/// How far back a phrase that is begun anew may lie, in letters.
const ANEW: usize = 140;

/// "Allograft mixed with marrow, strike that, allograft with putty": the phrase begun anew replaces the last one
/// that began with the same word.
fn said_again(
    norm: &str,
    before: &str,
    floor: usize,
    next: usize,
    strength: Strength,
) -> Option<(usize, Span)> {
    if strength != Strength::Strong {
        return None;
    }
    let word = WORD.as_ref()?.find(rest(norm, next)).filter(|m| m.start() == 0 && m.len() > 4)?;
    let tail = before.get(before.len().saturating_sub(ANEW)..)?;
    let at = before.len() - tail.len() + tail.rfind(word.as_str())?;
    let between = before.get(at..)?;
    let whole = !before.get(..at)?.ends_with(|c: char| c.is_ascii_alphanumeric());
    (whole && !has(&STOP, between.trim_end_matches([' ', '.', ';', '-'])))
        .then(|| (floor + at, Span::new(next, next + word.len())))
}

fn trimmed(norm: &str, from: usize, to: usize) -> usize {
    from + norm.get(from..to).map_or(0, |w| w.trim_end_matches([' ', ',', '.', ';', '-']).len())
}

/// Between what is replaced and the cue: how many letters may lie there, and whether a sentence may end.
fn near(between: &str, strength: Strength, weak: usize) -> bool {
    let plain = between.trim_matches([' ', ',', '.', ';', '-']).is_empty();
    let limit = if strength == Strength::Bare { 3 } else { weak };
    between.len() <= limit && (plain || !has(&STOP, between))
}

/// Levels said anew take back as many of the levels before.
fn level(norm: &str, before: &str, floor: usize, next: usize, strength: Strength) -> Option<(usize, Span)> {
    let anew = {
        lettered(norm, next)?;
        let ahead = norm.get(next..norm.len().min(next + 120)).unwrap_or("");
        let found = mentions(ahead);
        let list = crate::level::groups(ahead, &found).into_iter().next()?;
        (list.start == 0).then(|| (list.items.len(), Span::new(next, next + list.end)))?
    };
    let found = mentions(before);
    let list = crate::level::groups(before, &found).pop()?;
    let items: Vec<_> = found.iter().filter(|m| m.start >= list.start && m.end <= list.end).collect();
    let first = items.get(items.len().saturating_sub(anew.0))?;
    near(before.get(list.end..)?, strength, 30).then_some((floor + first.start, anew.1))
}

/// A side said anew takes back the side before.
fn side(norm: &str, before: &str, floor: usize, next: usize, strength: Strength) -> Option<(usize, Span)> {
    let ahead = norm.get(next..norm.len().min(next + 40)).unwrap_or("");
    let (at, end, _) = *sides(ahead).first()?;
    let (from, to, _) = *sides(before).last()?;
    let fits = near(
        before.get(to..)?,
        if strength == Strength::Bare { Strength::Weak } else { strength },
        if strength == Strength::Bare { 8 } else { 40 },
    );
    (at == 0 && fits).then_some((floor + from, Span::new(next, next + end)))
}

/// A number takes back a number, a term the term of its kind among the last words.
fn like_word(
    norm: &str,
    before: &str,
    floor: usize,
    next: usize,
    strength: Strength,
) -> Option<(usize, Span)> {
    if strength == Strength::Bare {
        return None;
    }
    let ahead = norm.get(next..norm.len().min(next + 60)).unwrap_or("");
    let new = WORD.as_ref()?.find(ahead).filter(|m| m.start() == 0)?;
    let number = has(&NUMBER, new.as_str());
    let window = before.get(before.len().saturating_sub(60)..)?;
    let words = all(&WORD, window);
    let alike = |w: &str| {
        if number { has(&NUMBER, w) } else { same_kind(w, new.as_str()) }
    };
    let (from, _) = *words.iter().rev().take(5).find(|(s, e)| window.get(*s..*e).is_some_and(alike))?;
    let between = window.get(from..)?;
    let crosses = has(&STOP, between.trim_end_matches([' ', ',', '.', ';', '-']));
    (!crosses).then(|| (floor + before.len() - window.len() + from, Span::new(next, next + new.end())))
}

/// Two terms of one kind: the same ending of four letters or more, and not the same word.
fn same_kind(a: &str, b: &str) -> bool {
    let shared = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    a != b && shared >= 4 && a.len() > 5 && b.len() > 5
}

#[cfg(test)]
mod tests {
    use crate::text::Doc;

    /// What is read, blanks collapsed.
    fn read(text: &str) -> String {
        Doc::new(text).norm.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_taken_back_and_what_stands() {
        for (said, meant) in [
            ("fusion at L3-4, correction, L4-5", "fusion at l4-5"),
            ("fusion at L3-4. Correction, L4-5", "fusion at l4-5"),
            ("fusion at L three four, scratch that, L four five", "fusion at l four five"),
            ("fusion at L3-4, I mean L4-5, with a cage", "fusion at l4-5, with a cage"),
            ("fusion at L3-4, strike that, at L4-5", "fusion at l4-5"),
            ("fusion at L3-4, make that L4-5", "fusion at l4-5"),
            ("fusion at L3-4, no, wait, L4-5", "fusion at l4-5"),
            ("fusion at L3-4, or rather L4-5", "fusion at l4-5"),
            ("fusion at L3-4, let me correct that, it was L4-5", "fusion at l4-5"),
            ("fusion at L3-4, I'm sorry, L4-5", "fusion at l4-5"),
            ("fusion at L3-4, no, L4-5", "fusion at l4-5"),
            ("fusion at L3-4, that should be L4-5", "fusion at l4-5"),
            ("L3-4 and L4-5, correction, L5-S1", "l3-4 and l5-s1"),
            ("L2-3 and L3-4, correction, L3-4 and L4-5", "l3-4 and l4-5"),
            ("screws at L3, L4 and L5, excuse me, L2, L3 and L4", "screws at l2, l3 and l4"),
            ("on the left, correction, right", "on the right"),
            ("left side, sorry, the right side was opened", "right side was opened"),
            ("a left, no, right hemilaminotomy", "a right hemilaminotomy"),
            ("an eleven, correction, a twelve millimeter cage", "an twelve millimeter cage"),
            ("a laminotomy, I mean laminectomy, was done", "a laminectomy, was done"),
            ("packed with autograft, sorry, allograft", "packed with allograft"),
            ("an anterior, or rather posterior, approach", "an posterior, approach"),
            ("A cage was placed at L4-5. Scratch that. No cage was used.", ". no cage was used."),
            ("Iliac bolts were placed, scratch that. Closed.", ". closed."),
        ] {
            assert_eq!(read(said), meant, "{said}");
        }
    }

    #[test]
    fn words_that_take_nothing_back() {
        for text in [
            "t4-l1 fusion with deformity correction t5-l2",
            "there was excellent correction. l4-5 was next",
            "correction of the scoliosis at l2-3",
            "l3-4 was stenotic. no l4-5 stenosis was seen",
            "l4-5 rather than l3-4 was fused",
            "we apologised, sorry to say. rather large disc at l4-5.",
            "the plate at c5-6 was not needed, no cage was used",
            "l4-5 showed no l5 weakness",
            "correction: cantilever over the rod",
            "with 50% correction l1-l5",
            "wait times were long on the left. the right was opened",
            "she had no left leg pain, no right leg pain",
        ] {
            assert_eq!(read(text), text);
        }
    }
}
