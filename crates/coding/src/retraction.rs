//! What a speaker takes back: "L2-3, correction, L3-4", "on the left, sorry, the right", "scratch that".

use crate::level::{groups, lettered, mentions, rest, sides};
use crate::text::{all, re};

re!(
    TAKEN_BACK,
    r"\b(?:correction|scratch that|strike that|i mean|make that|sorry|rather|excuse me|no wait|actually no|no)\b"
);

/// Blanks out what the speaker took back.
pub(crate) fn take_back(norm: &mut String) {
    let hits = all(&TAKEN_BACK, norm);
    for (s, e) in hits {
        let Some((from, to)) = taken_back(norm, s, e) else { continue };
        if to > from && to <= norm.len() {
            norm.replace_range(from..to, &" ".repeat(to - from));
        }
    }
}

re!(LEAD, r"^[\s,.:;-]*(?:that's |that is |it was |it's |it is |at |to |the |level |on )*");

/// What a spoken correction at `[start, end)` takes back: the range to blank out, keyword included.
///
/// A corrected level takes back the list of levels before it, a corrected side the side before it; "scratch
/// that" and its like take back the clause.
fn taken_back(s: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let word = s.get(start..end)?;
    let lead = LEAD.as_ref()?.find(rest(s, end)).map_or(0, |m| m.end());
    let next = end + lead;
    let clause = s.get(..start)?.rfind(['.', '\n', ';']).map_or(0, |p| p + 1);
    // A bare "no" takes a level back only right between two of them: "L3-4, no, L4-5".
    let no = word == "no";
    if no && !s.get(..start)?.trim_end().ends_with(',') {
        return None;
    }
    if lettered(s, next).is_some() {
        let before = s.get(clause..start)?;
        let found = groups(before, &mentions(before));
        let last = found.last()?;
        let near = before.len().saturating_sub(last.end) <= if no { 3 } else { 30 };
        return near.then_some((clause + last.start, next));
    }
    if sides(rest(s, next)).first().is_some_and(|(a, _, _)| *a == 0) {
        let before = s.get(clause..start)?;
        let (l, _, _) = *sides(before).last()?;
        // "left side, sorry the right side": everything from the wrong side up to the right one goes.
        let near = before.len() - l <= if no { 12 } else { 45 };
        return near.then_some((clause + l, next));
    }
    let explicit = match word {
        "scratch that" | "strike that" => true,
        "correction" => {
            let after = rest(s, end).trim_start();
            let bare_word = after.starts_with([',', ':', '.']) || after.starts_with("no ");
            let noun = [
                "deformity ",
                "curve ",
                "the ",
                "of ",
                "for ",
                "and ",
                "good ",
                "sagittal ",
                "coronal ",
                "surgical ",
            ];
            bare_word && !noun.iter().any(|n| s.get(..start).is_some_and(|b| b.ends_with(n)))
        }
        _ => false,
    };
    if !explicit {
        return None;
    }
    let from =
        s.get(..start)?.trim_end_matches([' ', ',']).rfind(['.', ',', '\n', ';', ':']).map_or(0, |p| p + 1);
    Some((from, end))
}
