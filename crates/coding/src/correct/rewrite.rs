//! Applies edits to a transcript: text, words and segments follow, originals are kept.

use super::Edit;
use iambilly_claim::transcript::{Correction, Segment, Word};
use iambilly_claim::{Phi, Transcript};

/// Applies the edits of a rule to text, words and segments; a word at the start of a sentence keeps its capital.
pub(super) fn rewrite(t: &Transcript, chars: &[char], edits: &[Edit], rule: &str) -> Transcript {
    let edits: Vec<Edit> = edits.iter().map(|e| Edit { new: in_case(chars, e), ..*e }).collect();
    exactly(t, chars, &edits, rule)
}

fn in_case(chars: &[char], e: &Edit) -> String {
    let before = chars.get(..e.start).unwrap_or(&[]).iter().rfind(|c| !c.is_whitespace());
    let first = before.is_none_or(|c| matches!(c, '.' | ':' | '!' | '?'));
    if first && chars.get(e.start).is_some_and(|c| c.is_uppercase()) {
        capitalised(&e.new)
    } else {
        e.new.clone()
    }
}

/// The same, every letter as the edits have it. Edits are in order and do not overlap.
pub(super) fn exactly(t: &Transcript, chars: &[char], edits: &[Edit], rule: &str) -> Transcript {
    let mut out = t.clone();
    let mut text = String::new();
    let mut corrections = vec![];
    let mut at = 0;
    let mut length = 0;
    for e in edits {
        let before: String = chars[at..e.start].iter().collect();
        length += e.start - at;
        text.push_str(&before);
        let size = e.new.chars().count();
        corrections.push(Correction {
            start: length,
            end: length + size,
            original: Phi::new(heard(t, chars, e)),
            rule: rule.to_owned(),
        });
        text.push_str(&e.new);
        length += size;
        at = e.end;
    }
    text.extend(&chars[at..]);
    let kept = t.corrections.iter().filter(|c| !edits.iter().any(|e| c.start < e.end && e.start < c.end));
    out.corrections = kept.map(|c| moved(c, edits)).chain(corrections.iter().cloned()).collect();
    out.corrections.sort_by_key(|c| (c.start, c.end));
    let new_chars: Vec<char> = text.chars().collect();
    for s in &mut out.segments {
        respell(s, edits, &corrections, &new_chars);
    }
    out.text = Phi::new(text);
    out
}

/// What the recogniser had written in a stretch, earlier passes undone.
fn heard(t: &Transcript, chars: &[char], e: &Edit) -> String {
    let mut out = String::new();
    let mut at = e.start;
    for c in t.corrections.iter().filter(|c| c.start >= e.start && c.end <= e.end) {
        out.extend(&chars[at..c.start.max(at)]);
        out.push_str(c.original.expose());
        at = c.end.max(at);
    }
    out.extend(&chars[at..e.end.max(at)]);
    out
}

fn capitalised(s: &str) -> String {
    let mut c = s.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).collect())
}

/// Where an old offset lies after the edits before it.
pub(super) fn shifted(at: usize, edits: &[Edit]) -> usize {
    let mut shift: isize = 0;
    for e in edits.iter().filter(|e| e.end <= at) {
        shift += isize::try_from(e.new.chars().count()).unwrap_or(0)
            - isize::try_from(e.end - e.start).unwrap_or(0);
    }
    at.saturating_add_signed(shift)
}

fn moved(c: &Correction, edits: &[Edit]) -> Correction {
    Correction { start: shifted(c.start, edits), end: shifted(c.end, edits), ..c.clone() }
}

/// New words and text for a segment: words inside an edit give way to the edit's words, over the same time.
fn respell(s: &mut Segment, edits: &[Edit], corrections: &[Correction], new_chars: &[char]) {
    let old = std::mem::take(&mut s.words);
    let mut done: Vec<usize> = vec![];
    for w in old.iter() {
        let hit = edits.iter().position(|e| w.start < e.end && e.start < w.end);
        let Some(k) = hit else {
            let (start, end) = (shifted(w.start, edits), shifted(w.end, edits));
            s.words.push(Word { start, end, ..w.clone() });
            continue;
        };
        if done.contains(&k) {
            continue;
        }
        done.push(k);
        let inside: Vec<&Word> =
            old.iter().filter(|o| o.start < edits[k].end && edits[k].start < o.end).collect();
        s.words.extend(replaced(&inside, &edits[k], &corrections[k], new_chars, edits));
    }
    if let (Some(first), Some(last)) = (s.words.first(), s.words.last())
        && let Some(slice) = new_chars.get(first.start..last.end)
    {
        s.text = Phi::new(slice.iter().collect());
    }
}

fn replaced(
    inside: &[&Word],
    edit: &Edit,
    correction: &Correction,
    new_chars: &[char],
    edits: &[Edit],
) -> Vec<Word> {
    let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return vec![] };
    // The words may carry their punctuation and reach beyond the edit.
    let lead = edit.start.saturating_sub(first.start);
    let start = correction.start - lead.min(correction.start);
    let end = (correction.end + last.end.saturating_sub(edit.end)).min(new_chars.len());
    let _ = edits;
    let mut bounds = vec![];
    let mut open = None;
    for (i, c) in new_chars.iter().enumerate().take(end).skip(start) {
        match (c.is_whitespace(), open) {
            (false, None) => open = Some(i),
            (true, Some(o)) => {
                bounds.push((o, i));
                open = None;
            }
            _ => {}
        }
    }
    if let Some(o) = open {
        bounds.push((o, end));
    }
    let n = u64::try_from(bounds.len().max(1)).unwrap_or(1);
    let span = last.end_ms.saturating_sub(first.start_ms);
    let p = inside.iter().map(|w| w.p).fold(1.0_f32, f32::min);
    (0_u64..)
        .zip(bounds)
        .map(|(i, (a, b))| Word {
            start_ms: first.start_ms + span * i / n,
            end_ms: first.start_ms + span * (i + 1) / n,
            start: a,
            end: b,
            text: Phi::new(new_chars.get(a..b).unwrap_or(&[]).iter().collect()),
            p,
        })
        .collect()
}
