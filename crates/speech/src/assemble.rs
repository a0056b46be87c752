//! From what the recogniser gave for each piece to one transcript, every word with its place and time.
//!
//! The text is all words joined by single spaces. For each word, the scalars `start..end` of the text are
//! exactly the word. Doubtful segments are flagged, never removed: what looks like a slip of the recogniser
//! may be what the surgeon said.

use crate::doubt::{POSSIBLE_HALLUCINATION, flag_repeated_segments, is_doubtful};
use iambilly_claim::Phi;
use iambilly_claim::Transcript;
use iambilly_claim::transcript::{Segment, Word};
use iambilly_worker_protocol::{Recognised, RecognisedSegment, RecognisedWord};

/// What whisper writes for a stretch without speech; a sign, not a word.
const BLANK: &str = "[BLANK_AUDIO]";
/// Builds the first revision of a transcript from the recognised pieces, each with its offset in
/// milliseconds, in the order of the recording.
#[must_use]
pub fn assemble(
    pieces: &[(u64, Recognised)],
    audio_ms: u64,
    model: impl Into<String>,
    elapsed_ms: u64,
) -> Transcript {
    let mut text = String::new();
    let mut scalars = 0;
    let mut segments: Vec<Segment> = Vec::new();
    for (offset, piece) in pieces {
        for heard in &piece.segments {
            let found = words_of(heard);
            if found.is_empty() {
                continue;
            }
            let at = |ms: u64| ms.saturating_add(*offset).min(audio_ms);
            let mut words = Vec::with_capacity(found.len());
            let mut segment_text = String::new();
            for word in found {
                if scalars > 0 {
                    text.push(' ');
                    scalars += 1;
                }
                if !segment_text.is_empty() {
                    segment_text.push(' ');
                }
                let start = scalars;
                text.push_str(&word.text);
                segment_text.push_str(&word.text);
                scalars += word.text.chars().count();
                words.push(Word {
                    start_ms: at(word.start_ms),
                    end_ms: at(word.end_ms.max(word.start_ms)),
                    start,
                    end: scalars,
                    text: Phi::new(word.text),
                    p: word.p,
                });
            }
            let flags = if is_doubtful(heard.no_speech_p, heard.start_ms, heard.end_ms, &words) {
                vec![POSSIBLE_HALLUCINATION.to_owned()]
            } else {
                vec![]
            };
            segments.push(Segment {
                start_ms: at(heard.start_ms),
                end_ms: at(heard.end_ms.max(heard.start_ms)),
                text: Phi::new(segment_text),
                tentative: false,
                flags,
                words,
            });
        }
    }
    flag_repeated_segments(&mut segments);
    let language = pieces.iter().map(|(_, p)| p.language.as_str()).find(|l| !l.is_empty()).unwrap_or("en");
    Transcript {
        text: Phi::new(text),
        revision: 1,
        language: language.to_owned(),
        model: model.into(),
        audio_ms,
        elapsed_ms,
        segments,
        corrections: vec![],
    }
}

struct Found {
    start_ms: u64,
    end_ms: u64,
    text: String,
    p: f32,
}

/// The words of a segment without white space inside. Where the recogniser's words are not the segment's
/// text (a model without word times), the text is what counts and the times are spread over it.
fn words_of(segment: &RecognisedSegment) -> Vec<Found> {
    let text = segment.text.expose();
    if text.trim() == BLANK {
        return Vec::new();
    }
    let squeeze = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let from_words: String = segment.words.iter().map(|w| squeeze(w.text.expose())).collect();
    let from_text = squeeze(text);
    if !from_words.is_empty() && (from_text.is_empty() || from_words == from_text) {
        return segment.words.iter().flat_map(split_word).collect();
    }
    let p = mean_p(segment.words.iter().map(|w| w.p));
    spread(text, segment.start_ms, segment.end_ms, p)
}

fn split_word(word: &RecognisedWord) -> Vec<Found> {
    spread(word.text.expose(), word.start_ms, word.end_ms, word.p)
}

/// Cuts a text at its white space and gives each part its share of the time by its length.
fn spread(text: &str, start_ms: u64, end_ms: u64, p: f32) -> Vec<Found> {
    let length: u64 = text.split_whitespace().map(|w| w.chars().count() as u64).sum();
    let time = end_ms.saturating_sub(start_ms);
    let mut before = 0_u64;
    text.split_whitespace()
        .map(|part| {
            let after = before + part.chars().count() as u64;
            let share = |n: u64| start_ms.saturating_add(time.saturating_mul(n) / length.max(1));
            let found =
                Found { start_ms: share(before), end_ms: share(after), text: part.to_owned(), p: unit(p) };
            before = after;
            found
        })
        .collect()
}

fn mean_p(ps: impl Iterator<Item = f32>) -> f32 {
    let (sum, n) = ps.fold((0.0, 0.0), |(sum, n), p| (sum + unit(p), n + 1.0_f32));
    if n == 0.0 { 0.0 } else { sum / n }
}

fn unit(p: f32) -> f32 {
    if p.is_finite() { p.clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::assemble;
    use crate::doubt::POSSIBLE_HALLUCINATION;
    use iambilly_claim::{Span, Transcript};
    use iambilly_worker_protocol::{Recognised, RecognisedSegment, RecognisedWord};
    use proptest::prelude::*;

    fn word(text: &str, start_ms: u64, end_ms: u64, p: f32) -> RecognisedWord {
        RecognisedWord { start_ms, end_ms, text: text.into(), p }
    }

    fn segment(text: &str, words: Vec<RecognisedWord>, no_speech_p: f32) -> RecognisedSegment {
        RecognisedSegment { start_ms: 0, end_ms: 3000, text: text.into(), no_speech_p, words }
    }

    fn recognised(segments: Vec<RecognisedSegment>) -> Recognised {
        Recognised { language: "en".to_owned(), segments, elapsed_ms: 5 }
    }

    fn said(text: &str, p: f32, no_speech_p: f32) -> Recognised {
        let words = text
            .split_whitespace()
            .enumerate()
            .map(|(i, w)| word(w, i as u64 * 100, i as u64 * 100 + 90, p))
            .collect();
        recognised(vec![segment(text, words, no_speech_p)])
    }

    fn check_offsets(transcript: &Transcript) {
        let text = transcript.text.expose();
        for w in transcript.segments.iter().flat_map(|s| &s.words) {
            let slice = Span { start: w.start, end: w.end }.slice(text);
            assert_eq!(slice.as_ref(), Some(w.text.expose()));
            assert!(w.start_ms <= w.end_ms && w.end_ms <= transcript.audio_ms);
        }
    }

    #[test]
    fn pieces_become_one_text_with_their_times() {
        let first = said(" Ünder flüoroscopy,", 0.9, 0.0);
        let second = said("L4-5 was fused.", 0.9, 0.0);
        let transcript = assemble(&[(0, first), (60_000, second)], 120_000, "tiny.en", 77);
        assert_eq!(transcript.text.expose(), "Ünder flüoroscopy, L4-5 was fused.");
        assert_eq!(transcript.segments[1].words[0].start_ms, 60_000);
        assert_eq!((transcript.model.as_str(), transcript.elapsed_ms), ("tiny.en", 77));
        assert!(transcript.segments.iter().all(|s| s.flags.is_empty()));
        check_offsets(&transcript);
    }

    #[test]
    fn a_text_without_word_times_gets_them_spread() {
        let piece = recognised(vec![segment("one  three", vec![], 0.0)]);
        let transcript = assemble(&[(1000, piece)], 10_000, "m", 0);
        let words = &transcript.segments[0].words;
        assert_eq!(transcript.text.expose(), "one three");
        assert_eq!((words[0].start_ms, words[0].end_ms, words[1].end_ms), (1000, 2125, 4000));
        check_offsets(&transcript);
    }

    #[test]
    fn doubtful_segments_are_flagged_and_kept() {
        let many = "the cage was placed and it held well so the next was placed and it held well too then ";
        let poor = "left right left left right left right right ".repeat(5);
        let cases = [
            ("we will be right back", 0.2, 0.9, true, "nobody spoke, unsure"),
            ("we will be right back", 0.9, 0.9, false, "nobody spoke, but sure"),
            ("we will be right back", 0.2, 0.1, false, "somebody spoke unclearly"),
            ("we will be right back", 0.1, 0.1, true, "hardly believed"),
            ("right back", 0.1, 0.1, false, "two words are marked as words"),
            ("Thank you for watching!", 0.9, 0.0, true, "a formula of films"),
            ("thank you for watching the drain", 0.9, 0.0, false, "no formula"),
            ("(upbeat music)", 0.9, 0.0, true, "a sound described"),
            ("the drain (a Hemovac) was left", 0.9, 0.0, false, "brackets within"),
            (
                "the screw was placed the screw was placed the screw was placed the screw was placed",
                0.9,
                0.0,
                true,
                "a phrase in a loop",
            ),
            (&many.repeat(2), 0.9, 0.0, true, "more words than a mouth can say"),
            (&poor, 0.9, 0.0, true, "few words in a long stretch"),
            ("L4 L4 L4 L4", 0.9, 0.0, false, "short"),
            ("no no no no no no no no no", 0.9, 0.0, true, "a word in a loop"),
            ("at L3 L4 and at L4 L5 and at L5 S1 the same was done", 0.9, 0.0, false, "levels alike"),
        ];
        for (text, p, no_speech, flagged, why) in cases {
            let transcript = assemble(&[(0, said(text, p, no_speech))], 60_000, "m", 0);
            assert_eq!(transcript.text.expose(), text.trim());
            assert_eq!(transcript.segments[0].flags == [POSSIBLE_HALLUCINATION], flagged, "{why}: {text}");
        }
        let again = said("subtitles by someone", 0.9, 0.0).segments.remove(0);
        let loop_of_three = recognised(vec![again.clone(), again.clone(), again.clone()]);
        let transcript = assemble(&[(0, loop_of_three)], 60_000, "m", 0);
        assert!(transcript.segments.iter().all(|s| s.flags == [POSSIBLE_HALLUCINATION]));
        let twice = assemble(&[(0, recognised(vec![again.clone(), again]))], 60_000, "m", 0);
        assert!(twice.segments.iter().all(|s| s.flags.is_empty()));
    }

    #[test]
    fn blanks_make_no_words() {
        let blank = recognised(vec![segment(" [BLANK_AUDIO]", vec![word("[BLANK_AUDIO]", 0, 9, 0.9)], 0.9)]);
        let transcript = assemble(&[(0, blank), (9, recognised(vec![]))], 60_000, "m", 0);
        assert!(transcript.text.expose().is_empty() && transcript.segments.is_empty());
    }

    proptest! {
        #[test]
        fn every_word_is_its_slice(
            parts in prop::collection::vec(
                (prop::collection::vec("[ \\PC]{0,8}", 0..8), "\\PC{0,30}", any::<bool>(), 0_u64..200_000), 0..5)
        ) {
            let pieces: Vec<_> = parts.into_iter().map(|(words, text, own_text, offset)| {
                let text = if own_text { text } else { words.concat() };
                let words = words.iter().map(|w| word(w, 50, 20, f32::NAN)).collect();
                (offset, recognised(vec![segment(&text, words, f32::NAN)]))
            }).collect();
            let transcript = assemble(&pieces, 100_000, "m", 0);
            check_offsets(&transcript);
            let joined: Vec<&str> = transcript.segments.iter().map(|s| s.text.expose().as_str()).collect();
            prop_assert_eq!(&joined.join(" "), transcript.text.expose());
            prop_assert!(!transcript.text.expose().contains("  "));
        }
    }
}
