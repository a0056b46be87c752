//! A dictation that went on: what was there stays to the letter, with all that a person made of it; what was said since
//! stands after it.

use super::revise::Revised;
use super::{SPOKEN, taken_back};
use iambilly_claim::transcript::{Correction, Segment, Word};
use iambilly_claim::{Phi, Transcript};

/// The text so far, followed by what `anew` holds of the audio after `before.audio_ms`. `anew` is made from all of the
/// audio; what it says of the earlier part is not looked at.
#[must_use]
pub fn continued(before: &Transcript, anew: &Transcript) -> Revised {
    let later = |segment: &&Segment| segment.start_ms >= before.audio_ms && !segment.words.is_empty();
    let said: Vec<&Segment> = anew.segments.iter().filter(later).collect();
    let mut transcript = Transcript {
        audio_ms: anew.audio_ms.max(before.audio_ms),
        elapsed_ms: anew.elapsed_ms,
        language: anew.language.clone(),
        model: anew.model.clone(),
        ..before.clone()
    };
    let Some(first) = said.first().and_then(|s| s.words.first()) else {
        return Revised::unchanged(transcript);
    };
    let mut text = before.text.expose().trim_end().to_owned();
    let gap = if text.is_empty() { "" } else { " " };
    text.push_str(gap);
    let (from, to) = (first.start, text.chars().count());
    text.extend(anew.text.expose().chars().skip(from));
    let there = |at: usize| at.saturating_sub(from) + to;
    transcript.segments.extend(said.iter().map(|segment| {
        Segment {
            words: segment
                .words
                .iter()
                .map(|w| Word { start: there(w.start), end: there(w.end), ..w.clone() })
                .collect(),
            ..(*segment).clone()
        }
    }));
    transcript.corrections.extend(anew.corrections.iter().filter(|c| c.start >= from).map(|c| Correction {
        start: there(c.start),
        end: there(c.end),
        ..c.clone()
    }));
    // What is taken back may have been said before the pause.
    transcript.corrections.retain(|c| c.rule != SPOKEN);
    transcript.corrections.extend(taken_back(&text));
    transcript.corrections.sort_by_key(|c| (c.start, c.end));
    transcript.text = Phi::new(text);
    Revised::unchanged(transcript)
}

#[cfg(test)]
mod tests {
    use super::continued;
    use crate::correct::{PERSON, TextChange, revise};
    use iambilly_claim::transcript::{Segment, Word};
    use iambilly_claim::{Span, Transcript};

    /// Each word takes 400 ms, each sentence is a segment.
    fn heard(sentences: &[&str]) -> Transcript {
        let (mut segments, mut at, mut ms, mut text) = (vec![], 0, 0, String::new());
        for sentence in sentences {
            let mut words = vec![];
            for word in sentence.split(' ') {
                let n = word.chars().count();
                words.push(Word {
                    start_ms: ms,
                    end_ms: ms + 380,
                    start: at,
                    end: at + n,
                    text: word.into(),
                    p: 0.9,
                });
                (at, ms) = (at + n + 1, ms + 400);
            }
            text = if text.is_empty() { (*sentence).to_owned() } else { format!("{text} {sentence}") };
            let start_ms = words[0].start_ms;
            segments.push(Segment {
                start_ms,
                end_ms: ms,
                text: (*sentence).into(),
                tentative: false,
                flags: vec![],
                words,
            });
        }
        Transcript { model: "base".to_owned(), audio_ms: ms, segments, ..Transcript::typed(text) }
    }

    #[test]
    fn what_a_person_wrote_stays_and_the_rest_follows_with_its_times() {
        let first = heard(&["Left lamina tomy at L4-L5.", "The nerve was free."]);
        let all = heard(&["Left lamina tomy at L4-L5.", "The nerve was free.", "The wound was closed."]);
        let was = TextChange { start: 5, end: 16, was: "lamina tomy".into(), now: "laminotomy".into() };
        let edited = revise(&first, &[was]).unwrap().transcript;
        let out = continued(&edited, &all).transcript;
        assert_eq!(out.text.expose(), "Left laminotomy at L4-L5. The nerve was free. The wound was closed.");
        assert_eq!(out.corrections.iter().map(|c| c.rule.as_str()).collect::<Vec<_>>(), [PERSON]);
        assert_eq!((out.audio_ms, out.segments.len()), (all.audio_ms, 3));
        let chars: Vec<char> = out.text.expose().chars().collect();
        for w in out.segments.iter().flat_map(|s| &s.words) {
            assert_eq!(&chars[w.start..w.end].iter().collect::<String>(), w.text.expose());
        }
        let closed = out.text.expose().find("closed").unwrap();
        assert_eq!(out.audio_of(Span::new(closed, closed + 6)), all.audio_of(Span::new(61, 62)));
    }

    #[test]
    fn what_is_taken_back_may_have_been_said_before() {
        let first = heard(&["Decompression at L4-L5 on the left side,"]);
        let all = heard(&["Decompression at L4-L5 on the left side,", "correction, right side."]);
        let out = continued(&first, &all).transcript;
        assert_eq!(out, crate::correct(&all));
    }

    #[test]
    fn nothing_said_since_changes_no_word() {
        let first = heard(&["The wound was closed."]);
        let silent = Transcript { audio_ms: first.audio_ms + 3_000, ..first.clone() };
        assert_eq!(continued(&first, &silent).transcript, silent);
    }
}
