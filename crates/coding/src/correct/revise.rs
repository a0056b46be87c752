//! A transcript's next revision: words a person wrote over it, or what a second recognition heard otherwise.
//!
//! Every change keeps what was heard in `corrections` and the time of the words it replaces, so evidence still plays.
//! Writing back what was heard takes the correction away.

use super::rewrite::{exactly, shifted};
use super::{Edit, SPOKEN, taken_back};
use iambilly_claim::transcript::{Correction, Word};
use iambilly_claim::{Fault, FaultKind, Phi, Span, Transcript, phi};
use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// Rule id of words a person wrote.
pub const PERSON: &str = "person";
/// Rule id of words a second, larger model heard.
pub const FINAL_PASS: &str = "final-pass";

/// Words to stand in place of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextChange {
    /// First scalar of the words that go; the same as `end` to put words in.
    pub start: usize,
    /// One past their last scalar.
    pub end: usize,
    /// Exactly the words that go: a change made for another revision is refused.
    #[serde(serialize_with = "phi::disclose")]
    pub was: Phi<String>,
    /// The words that come; none to take words out.
    #[serde(serialize_with = "phi::disclose")]
    pub now: Phi<String>,
}

/// Why a transcript cannot be changed so. Nothing is changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextChangeError {
    /// The words are not where the change says.
    #[error("the transcript does not have these words there")]
    Moved,
    /// Two changes meet.
    #[error("two changes overlap")]
    Overlap,
    /// Nothing would be left.
    #[error("no words would be left")]
    Empty,
    /// A control character, or longer than a transcript can be.
    #[error("the new words cannot stand in a transcript")]
    Unwritable,
}

impl TextChangeError {
    /// For people.
    #[must_use]
    pub fn fault(self) -> Fault {
        let (code, advice) = match self {
            Self::Moved => ("text_moved", "Look at the newest revision and select the words again."),
            Self::Overlap => ("text_overlap", "Make one change of the two."),
            Self::Empty => ("text_empty", "A dictation without words is erased, not emptied."),
            Self::Unwritable => {
                ("text_unwritable", "Leave out control characters; at most 10,000 characters at a time.")
            }
        };
        Fault::new(FaultKind::Input, code, format!("The text was not changed: {self}."), advice)
    }
}

/// Longest text of one change, in scalars.
const LONGEST: usize = 10_000;

/// A transcript after its changes, and where the old one's words went.
#[derive(Debug, Clone, PartialEq)]
pub struct Revised {
    /// The new text; its revision number is given by the store.
    pub transcript: Transcript,
    edits: Vec<Edit>,
}

impl Revised {
    /// A text in which all that was there stands where it stood.
    pub(super) fn unchanged(transcript: Transcript) -> Self {
        Self { transcript, edits: vec![] }
    }

    /// Where a span of the old text lies in the new one, and whether its words were changed.
    #[must_use]
    pub fn follow(&self, old: Span) -> (Span, bool) {
        let hit = |at: usize| self.edits.iter().find(|e| e.start < at && at < e.end);
        // An end inside words that were changed goes to the end of those that replace them.
        let start = hit(old.start).map_or(old.start, |e| e.start);
        let end = hit(old.end).map_or(old.end, |e| e.end);
        let touched = self.edits.iter().any(|e| e.start < old.end && old.start < e.end);
        let length = self.transcript.text.expose().chars().count();
        let new = Span::new(shifted(start, &self.edits), shifted(end, &self.edits));
        (Span { start: new.start.min(length), end: new.end.min(length) }, touched)
    }
}

/// Makes a person's changes, in any order: all of them or none.
///
/// # Errors
/// See [`TextChangeError`].
pub fn revise(t: &Transcript, changes: &[TextChange]) -> Result<Revised, TextChangeError> {
    let chars: Vec<char> = t.text.expose().chars().collect();
    let mut edits = changes.iter().map(|c| edit(&chars, c)).collect::<Result<Vec<_>, _>>()?;
    edits.sort_by_key(|e| (e.start, e.end));
    if edits.windows(2).any(|pair| matches!(pair, [a, b] if b.start <= a.end)) {
        return Err(TextChangeError::Overlap);
    }
    edits.retain(|e| chars.get(e.start..e.end).is_none_or(|old| !old.iter().copied().eq(e.new.chars())));
    Ok(written(t, &chars, edits, PERSON))
}

/// Words a person adds behind everything that stands, as a paragraph of their own. They have no time in the audio, and no
/// word of the old text is touched.
///
/// # Errors
/// [`TextChangeError::Empty`], [`TextChangeError::Unwritable`].
pub fn append(t: &Transcript, words: &str) -> Result<Revised, TextChangeError> {
    let words = words.trim();
    if words.is_empty() {
        return Err(TextChangeError::Empty);
    }
    if words.chars().count() > LONGEST || words.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextChangeError::Unwritable);
    }
    let text = Phi::new(format!("{}\n\n{words}", t.text.expose()));
    Ok(Revised { transcript: Transcript { text, ..t.clone() }, edits: vec![] })
}

/// The second recognition of the same audio as the next revision of the first: its words and times, with what the
/// first had heard kept wherever the words differ. What the first one's corrections made equal is no difference.
#[must_use]
pub fn compare(first: &Transcript, second: &Transcript) -> Transcript {
    let (old, new) = (words(first), words(second));
    let key = |w: &&Word| {
        w.text.expose().to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>()
    };
    let (before, after): (Vec<String>, Vec<String>) =
        (old.iter().map(key).collect(), new.iter().map(key).collect());
    let mut out = second.clone();
    let mut passages: Vec<(Range<usize>, Range<usize>)> = vec![];
    for op in capture_diff_slices(Algorithm::Patience, &before, &after) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (gone, come) = (op.old_range(), op.new_range());
        match passages.last_mut() {
            // With one word between them it is one passage.
            Some(last) if gone.start <= last.0.end + 1 && come.start <= last.1.end + 1 => {
                *last = (last.0.start..gone.end, last.1.start..come.end);
            }
            _ => passages.push((gone, come)),
        }
    }
    for (gone, come) in passages {
        // Words that only go or only come are shown with the word before them, or the one after.
        let (gone, come) = match (gone.is_empty() || come.is_empty(), gone.start, come.start) {
            (false, ..) => (gone, come),
            (true, 0, _) | (true, _, 0) => {
                (gone.start..(gone.end + 1).min(old.len()), come.start..(come.end + 1).min(new.len()))
            }
            (true, from, to) => (from - 1..gone.end, to - 1..come.end),
        };
        let (Some(first_new), Some(last_new)) = (new.get(come.start), new.get(come.end.saturating_sub(1)))
        else {
            continue;
        };
        let said: Vec<&str> = old.get(gone).unwrap_or(&[]).iter().map(|w| w.text.expose().as_str()).collect();
        let (start, end) = (first_new.start, last_new.end);
        out.corrections.retain(|c| c.rule == SPOKEN || c.end <= start || end <= c.start);
        out.corrections.push(Correction {
            start,
            end,
            original: Phi::new(said.join(" ")),
            rule: FINAL_PASS.to_owned(),
        });
    }
    out.corrections.sort_by_key(|c| (c.start, c.end));
    out
}

fn words(t: &Transcript) -> Vec<&Word> {
    t.segments.iter().flat_map(|s| &s.words).collect()
}

fn written(t: &Transcript, chars: &[char], edits: Vec<Edit>, rule: &str) -> Revised {
    let mut transcript = exactly(t, chars, &edits, rule);
    let new: Vec<char> = transcript.text.expose().chars().collect();
    // Words over the end of a segment stand in the one they begin in.
    let mut reached = 0;
    for segment in &mut transcript.segments {
        segment.words.retain(|w| w.start >= reached);
        reached = segment.words.last().map_or(reached, |w| w.end);
        let said = segment.words.first().zip(segment.words.last()).and_then(|(a, z)| new.get(a.start..z.end));
        segment.text = Phi::new(said.unwrap_or(&[]).iter().collect());
        // A person has looked at it.
        if edits.iter().any(|e| {
            segment
                .words
                .iter()
                .any(|w| w.start <= shifted(e.start, &edits) && shifted(e.start, &edits) < w.end)
        }) {
            segment.flags.clear();
        }
    }
    transcript.segments.retain(|s| !s.words.is_empty());
    let stands = |c: &Correction| {
        new.get(c.start..c.end).is_some_and(|now| !now.iter().copied().eq(c.original.expose().chars()))
    };
    transcript.corrections.retain(|c| c.rule != SPOKEN && stands(c));
    transcript.corrections.extend(taken_back(transcript.text.expose()));
    transcript.corrections.sort_by_key(|c| (c.start, c.end));
    Revised { transcript, edits }
}

/// A change as one over whole words, so that every word of the result has its time.
fn edit(chars: &[char], change: &TextChange) -> Result<Edit, TextChangeError> {
    let (from, to) = (change.start, change.end);
    let old = chars.get(from..to).ok_or(TextChangeError::Moved)?;
    if !old.iter().copied().eq(change.was.expose().chars()) {
        return Err(TextChangeError::Moved);
    }
    let now = change.now.expose();
    if now.chars().count() > LONGEST || now.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextChangeError::Unwritable);
    }
    let before = from.checked_sub(1).and_then(|at| chars.get(at)).copied();
    let after = chars.get(to).copied();
    let now = if old.is_empty() { apart(before, now, after) } else { now.clone() };
    let letter = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
    let (mut start, mut end) = (from, to);
    // A word that is cut, or that the new words touch, is part of the change.
    if letter(before) && (!now.is_empty() || letter(after) || letter(old.first().copied())) {
        start = word_start(chars, from);
    }
    if letter(after) && (!now.is_empty() || letter(before) || letter(old.last().copied())) {
        end = word_end(chars, to);
    }
    let piece = |from: usize, to: usize| chars.get(from..to).unwrap_or(&[]).iter().collect::<String>();
    let blank = |at: usize| chars.get(at).is_none_or(|c| c.is_whitespace());
    let written =
        |start: usize, end: usize| format!("{}{now}{}", piece(start, from), piece(to, end)).trim().to_owned();
    // White space around the words stays as it is.
    let trimmed = |mut start: usize, mut end: usize| {
        while start < end && blank(start) {
            start += 1;
        }
        while start < end && blank(end - 1) {
            end -= 1;
        }
        (start, end)
    };
    let (first, last) = trimmed(start, end);
    if first == last || written(start, end).is_empty() {
        // Words that only come or only go take their neighbour along, which has a time.
        if let Some(at) = (0..start).rev().find(|&at| !blank(at)) {
            start = word_start(chars, at);
        } else if let Some(at) = (end..chars.len()).find(|&at| !blank(at)) {
            end = word_end(chars, at);
        }
    }
    let new = written(start, end);
    let (start, end) = trimmed(start, end);
    if new.is_empty() || start == end {
        return Err(TextChangeError::Empty);
    }
    Ok(Edit { start, end, new })
}

/// Words put in at the edge of a word stand apart from it; inside a word they do not.
fn apart(before: Option<char>, now: &str, after: Option<char>) -> String {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let gap = |a: Option<char>, b: Option<char>| if word(a) && word(b) { " " } else { "" };
    if word(before) && word(after) {
        return now.to_owned();
    }
    format!("{}{now}{}", gap(before, now.chars().next()), gap(now.chars().next_back(), after))
}

fn word_start(chars: &[char], from: usize) -> usize {
    let begins = chars.get(..from).unwrap_or(&[]).iter().rposition(|c| c.is_whitespace());
    begins.map_or(0, |at| at + 1)
}

fn word_end(chars: &[char], from: usize) -> usize {
    let ends = chars.get(from..).unwrap_or(&[]).iter().position(|c| c.is_whitespace());
    ends.map_or(chars.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::{FINAL_PASS, PERSON, TextChange, TextChangeError, append, compare, revise};
    use iambilly_claim::transcript::{Segment, Word};
    use iambilly_claim::{Span, Transcript};
    use proptest::prelude::*;

    #[test]
    fn added_words_stand_behind_and_move_nothing() {
        let before = heard("the disc was removed");
        let added = append(&before, " Addendum: the side was left. ").unwrap();
        assert_eq!(added.transcript.text.expose(), "the disc was removed\n\nAddendum: the side was left.");
        assert_eq!(added.transcript.segments, before.segments);
        let span = Span { start: 4, end: 20 };
        assert_eq!(added.follow(span), (span, false));
        assert_eq!(append(&before, " \n").unwrap_err(), TextChangeError::Empty);
        assert_eq!(append(&before, "\u{7}").unwrap_err(), TextChangeError::Unwritable);
    }

    /// Segments of five words, each word 380 ms.
    fn heard(text: &str) -> Transcript {
        let (mut segments, mut at, mut ms) = (vec![], 0, 0);
        let all: Vec<&str> = text.split(' ').collect();
        for five in all.chunks(5) {
            let mut words = vec![];
            for w in five {
                let n = w.chars().count();
                words.push(Word {
                    start_ms: ms,
                    end_ms: ms + 380,
                    start: at,
                    end: at + n,
                    text: (*w).into(),
                    p: 0.8,
                });
                (at, ms) = (at + n + 1, ms + 400);
            }
            segments.push(Segment {
                start_ms: words[0].start_ms,
                end_ms: ms,
                text: five.join(" ").into(),
                tentative: false,
                flags: vec!["possible_hallucination".to_owned()],
                words,
            });
        }
        Transcript { model: "tiny.en".to_owned(), audio_ms: ms, segments, ..Transcript::typed(text) }
    }

    fn change(text: &str, was: &str, now: &str) -> TextChange {
        let start = text.split(was).next().unwrap().chars().count();
        TextChange { start, end: start + was.chars().count(), was: was.into(), now: now.into() }
    }

    fn consistent(t: &Transcript) {
        let text: Vec<char> = t.text.expose().chars().collect();
        let mut reached = 0;
        for s in &t.segments {
            assert!(!s.words.is_empty());
            for w in &s.words {
                assert!(reached <= w.start && w.start < w.end, "{w:?} after {reached} in {t:?}");
                reached = w.end;
                assert_eq!(&text[w.start..w.end].iter().collect::<String>(), w.text.expose());
                assert!(w.start_ms <= w.end_ms && w.end_ms <= t.audio_ms);
            }
        }
        for c in &t.corrections {
            assert!(c.start < c.end && c.end <= text.len(), "{c:?}");
        }
        // Every word of the text has its time.
        let timed: usize = t.segments.iter().flat_map(|s| &s.words).map(|w| w.end - w.start).sum();
        assert_eq!(timed, text.iter().filter(|c| !c.is_whitespace()).count(), "{t:?}");
    }

    #[test]
    fn words_are_written_over_and_kept() {
        let text = "we did a laminectomy at L3 L4 on the left side today";
        for (was, now, reads, kept) in [
            ("L3 L4", "L4 L5", "we did a laminectomy at L4 L5 on the left side today", Some("L3 L4")),
            ("left", "right", "we did a laminectomy at L3 L4 on the right side today", Some("left")),
            ("on the left side ", "", "we did a laminectomy at L3 L4 today", Some("L4 on the left side")),
            (
                "we did",
                "We performed",
                "We performed a laminectomy at L3 L4 on the left side today",
                Some("we did"),
            ),
            (" today", "", "we did a laminectomy at L3 L4 on the left side", Some("side today")),
            ("we ", "", "did a laminectomy at L3 L4 on the left side today", Some("we did")),
            ("ectomy", "otomy", "we did a laminotomy at L3 L4 on the left side today", Some("laminectomy")),
            ("left", "left", text, None),
        ] {
            let t = heard(text);
            let revised = revise(&t, &[change(text, was, now)]).unwrap().transcript;
            assert_eq!(revised.text.expose(), reads, "{was} -> {now}");
            consistent(&revised);
            let originals: Vec<&str> =
                revised.corrections.iter().map(|c| c.original.expose().as_str()).collect();
            assert_eq!(originals, kept.into_iter().collect::<Vec<_>>(), "{was} -> {now}");
            assert!(revised.corrections.iter().all(|c| c.rule == PERSON));
        }
    }

    #[test]
    fn words_are_put_in() {
        let text = "a left laminectomy at L4";
        for (at, now, reads) in [
            (1, " bilateral", "a bilateral left laminectomy at L4"),
            (2, "bilateral", "a bilateral left laminectomy at L4"),
            (2, "bilateral ", "a bilateral left laminectomy at L4"),
            (0, "Then", "Then a left laminectomy at L4"),
            (24, " L5", "a left laminectomy at L4 L5"),
            (24, "-L5", "a left laminectomy at L4-L5"),
        ] {
            let put = TextChange { start: at, end: at, was: String::new().into(), now: now.into() };
            let revised = revise(&heard(text), &[put]).unwrap().transcript;
            assert_eq!(revised.text.expose(), reads, "at {at}");
            consistent(&revised);
        }
    }

    #[test]
    fn what_was_heard_comes_back() {
        let text = "a medial face ectomy was done at L4";
        let once = crate::correct(&heard(text));
        assert_eq!(once.text.expose(), "a medial facetectomy was done at L4");
        let back =
            revise(&once, &[change(once.text.expose(), "facetectomy", "face ectomy")]).unwrap().transcript;
        assert_eq!(back.text.expose(), text);
        assert!(back.corrections.is_empty(), "{:?}", back.corrections);
        consistent(&back);
        // A correction over a correction keeps what was heard first.
        let again =
            revise(&once, &[change(once.text.expose(), "facetectomy", "fasciectomy")]).unwrap().transcript;
        assert_eq!(again.corrections[0].original.expose(), "face ectomy");
    }

    #[test]
    fn spans_follow_their_words() {
        let text = "fusion at L4 L5 with a cage and local bone";
        let t = heard(text);
        let revised =
            revise(&t, &[change(text, "a cage", "two PEEK cages"), change(text, "fusion", "Arthrodesis")])
                .unwrap();
        let new = revised.transcript.text.expose();
        assert_eq!(new, "Arthrodesis at L4 L5 with two PEEK cages and local bone");
        for (old, now, touched) in [
            ("local bone", "local bone", false),
            ("L4 L5", "L4 L5", false),
            ("with a cage", "with two PEEK cages", true),
            ("cage and local", "two PEEK cages and local", true),
            ("fusion at", "Arthrodesis at", true),
        ] {
            let start = text.find(old).unwrap();
            let (span, hit) = revised.follow(Span::new(start, start + old.len()));
            assert_eq!((span.slice(new).as_deref(), hit), (Some(now), touched), "{old}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_whole() {
        let text = "a cage at L4";
        let t = heard(text);
        let at =
            |start, end, was: &str, now: &str| TextChange { start, end, was: was.into(), now: now.into() };
        for (changes, why) in [
            (vec![at(2, 6, "rods", "x")], TextChangeError::Moved),
            (vec![at(2, 60, "cage", "x")], TextChangeError::Moved),
            (vec![at(2, 6, "cage", "x"), at(0, 3, "a c", "y")], TextChangeError::Overlap),
            (vec![at(0, 12, text, " ")], TextChangeError::Empty),
            (vec![at(2, 6, "cage", "\u{0}")], TextChangeError::Unwritable),
        ] {
            assert_eq!(revise(&t, &changes).unwrap_err(), why);
        }
        assert!(why_advises());
    }

    fn why_advises() -> bool {
        use TextChangeError as E;
        [E::Moved, E::Overlap, E::Empty, E::Unwritable].iter().all(|e| !e.fault().advice.is_empty())
    }

    #[test]
    fn a_second_hearing_shows_what_it_changes() {
        let first = heard("Laminectomy at L3, L4 on the left with hemlinomy today okay");
        let second = heard("laminectomy at L4 L5 on the left with hemilaminotomy today");
        let out = compare(&first, &second);
        assert_eq!(out.text, second.text);
        consistent(&out);
        let text: Vec<char> = out.text.expose().chars().collect();
        let shown: Vec<(&str, String)> = out
            .corrections
            .iter()
            .map(|c| (c.original.expose().as_str(), text[c.start..c.end].iter().collect()))
            .collect();
        assert_eq!(
            shown,
            [("L3, L4", "L4 L5".to_owned()), ("hemlinomy today okay", "hemilaminotomy today".to_owned())]
        );
        assert!(out.corrections.iter().all(|c| c.rule == FINAL_PASS));
        assert!(compare(&first, &first).corrections.is_empty());
        assert!(compare(&heard("so so L4"), &heard("L4")).corrections.len() == 1);
    }

    proptest! {
        #[test]
        fn any_changes_leave_a_transcript_whole(
            words in proptest::collection::vec("[a-zé]{1,6}", 1..30),
            cuts in proptest::collection::vec((0usize..120, 0usize..20, "[a-zß ]{0,12}"), 0..4),
        ) {
            let text = words.join(" ");
            let chars: Vec<char> = text.chars().collect();
            let changes: Vec<TextChange> = cuts.into_iter().map(|(at, length, now)| {
                let start = at.min(chars.len());
                let end = (start + length).min(chars.len());
                TextChange { start, end, was: chars[start..end].iter().collect::<String>().into(), now: now.into() }
            }).collect();
            let t = heard(&text);
            if let Ok(revised) = revise(&t, &changes) {
                consistent(&revised.transcript);
                let length = revised.transcript.text.expose().chars().count();
                for (at, c) in chars.iter().enumerate() {
                    let (span, touched) = revised.follow(Span::new(at, at + 1));
                    prop_assert!(span.start <= span.end && span.end <= length);
                    if !touched {
                        prop_assert_eq!(span.slice(revised.transcript.text.expose()).unwrap(), c.to_string());
                    }
                }
            }
        }
    }
}
