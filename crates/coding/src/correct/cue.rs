//! Cues of self-correction a recogniser misheard: "L3 L4, collection, L4 L5".
//!
//! A word between two levels, or between two sides, can hardly be anything but a cue when it sounds like one.

use super::Edit;
use super::token::tokens;
use crate::level::{lettered, mentions, sides};
use crate::lexicon::likeness;
use crate::text::Doc;

/// Cues as they are joined without blanks, and as they are written.
const CUES: [(&str, &str, usize); 3] =
    [("correction", "correction", 1), ("scratchthat", "scratch that", 2), ("strikethat", "strike that", 2)];
/// How alike a word must be to its cue.
const ALIKE: f64 = 0.72;

/// Edits that put the cues back.
pub(super) fn edits(chars: &[char]) -> Vec<Edit> {
    let text: String = chars.iter().collect();
    let norm = Doc::new(&text).norm;
    let words = tokens(chars);
    let mut out: Vec<Edit> = vec![];
    for (i, first) in words.iter().enumerate() {
        for (joined, written, n) in CUES {
            let Some(last) = words.get(i + n - 1) else { continue };
            let said: String = words.iter().skip(i).take(n).map(|t| t.lower.as_str()).collect();
            if said == joined || said == format!("{joined}s") || likeness(&said, joined) < ALIKE {
                continue;
            }
            let (before, after) = (norm.get(..first.start).unwrap_or(""), norm.get(last.end..).unwrap_or(""));
            if between_two_of_a_kind(before, after) && out.last().is_none_or(|e| e.end <= first.start) {
                out.push(Edit { start: first.start, end: last.end, new: written.to_owned() });
            }
        }
    }
    out
}

/// Whether a level stands right before and right after, or a side and the other one.
fn between_two_of_a_kind(before: &str, after: &str) -> bool {
    let stops = [' ', ',', '.', ';'];
    let before = before.trim_end_matches(stops);
    let before = before.get(before.len().saturating_sub(60)..).unwrap_or(before);
    let after = after.trim_start_matches(stops);
    let after = after.get(..60).unwrap_or(after);
    let level =
        mentions(before).last().is_some_and(|m| m.end == before.len()) && lettered(after, 0).is_some();
    let side = match (sides(before).last(), sides(after).first()) {
        (Some(b), Some(a)) => b.1 == before.len() && a.0 == 0 && b.2 != a.2,
        _ => false,
    };
    level || side
}
