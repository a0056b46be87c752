//! Which segments the recogniser may have made up.
//!
//! Layers, each enough alone: nobody seems to speak and the words are unsure; all words are hardly believed;
//! more words than a mouth can say; the same words again and again; a formula out of the films these models
//! learned from. Flagged segments stay: a person plays them and decides.

use iambilly_claim::transcript::{Segment, Word};
use std::collections::HashMap;

/// Flag of a segment that the recogniser may have made up.
pub const POSSIBLE_HALLUCINATION: &str = "possible_hallucination";
/// Whisper's own threshold for "nobody spoke".
const NO_SPEECH: f32 = 0.6;
/// Mean word probability below which words of a segment without speech are doubtful.
const LOW_P: f32 = 0.5;
/// Mean log-probability of words below which a segment is doubtful by itself. Whisper gives up below −1 a
/// token; a word counts by its least token, so this is lower.
const LOW_LOG_P: f32 = -1.8;
/// Most words a second over a whole segment; fast dictation has four.
const FASTEST: f32 = 9.0;
/// Segments shorter than this many words are not judged by log-probability and speed.
const FEW_WORDS: usize = 4;
/// Words over which the entropy is taken, and below what it is a loop, as whisper's own threshold for tokens
/// (natural logarithm; 32 different words have 3.5).
const ENTROPY_WORDS: usize = 32;
const LOW_ENTROPY: f32 = 2.0;
/// A phrase said so often in a row is a loop of the decoder...
const LOOP_REPEATS: usize = 4;
/// ...if it fills at least so many words (a surgeon may well say "suction, suction, suction").
const LOOP_WORDS: usize = 8;
const LOOP_PHRASE: usize = 12;
/// Whole segments of subtitles, which whisper models write over music and silence.
const FORMULAS: [&str; 14] = [
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "thank you very much for watching",
    "please subscribe",
    "subscribe to my channel",
    "please subscribe to my channel",
    "like and subscribe",
    "see you in the next video",
    "i ll see you in the next video",
    "subtitles by the amara org community",
    "transcription by castingwords",
    "music",
    "applause",
];

/// Whether a segment may be made up. `no_speech_p` is the model's probability that nobody spoke.
pub(crate) fn is_doubtful(no_speech_p: f32, start_ms: u64, end_ms: u64, words: &[Word]) -> bool {
    let said: Vec<String> = words.iter().map(|w| bare(w.text.expose())).collect();
    let unsure = no_speech_p > NO_SPEECH && mean(words.iter().map(|w| w.p)) < LOW_P;
    let many = words.len() >= FEW_WORDS;
    let unbelieved = many && mean(words.iter().map(|w| w.p.max(0.01).ln())) < LOW_LOG_P;
    let hurried = many && end_ms > start_ms && rate(words.len(), end_ms - start_ms) > FASTEST;
    unsure || unbelieved || hurried || loops(&said) || poor(&said) || is_formula(words)
}

/// Three times or more the same segment of several words is a loop across segments.
pub(crate) fn flag_repeated_segments(segments: &mut [Segment]) {
    let said: Vec<String> =
        segments.iter().map(|s| s.words.iter().map(|w| bare(w.text.expose()) + " ").collect()).collect();
    let mut start = 0;
    while start < said.len() {
        let same = said[start..].iter().take_while(|s| **s == said[start]).count();
        if same >= 3 && segments[start].words.len() >= 3 {
            for segment in &mut segments[start..start + same] {
                if segment.flags.is_empty() {
                    segment.flags.push(POSSIBLE_HALLUCINATION.to_owned());
                }
            }
        }
        start += same;
    }
}

/// Whether a phrase of up to a dozen words is said again and again.
fn loops(words: &[String]) -> bool {
    (1..=LOOP_PHRASE).any(|n| {
        // Words that equal the one n earlier: a run of them is a repetition.
        let mut run = 0;
        words.iter().skip(n).zip(words).any(|(later, earlier)| {
            run = if later == earlier { run + 1 } else { 0 };
            run >= n * (LOOP_REPEATS - 1) && run + n >= LOOP_WORDS
        })
    })
}

/// Whether a long stretch is made of a few words only.
fn poor(words: &[String]) -> bool {
    words.windows(ENTROPY_WORDS).any(|window| {
        let mut counts: HashMap<&str, f32> = HashMap::new();
        for word in window {
            *counts.entry(word).or_default() += 1.0;
        }
        let entropy: f32 = counts.values().map(|n| n / ENTROPY_WORDS as f32).map(|p| -p * p.ln()).sum();
        entropy < LOW_ENTROPY
    })
}

fn is_formula(words: &[Word]) -> bool {
    let text: String = words.iter().map(|w| w.text.expose().to_lowercase() + " ").collect();
    // A description of a sound, as subtitles put it in brackets or between notes: "(upbeat music)", "[BLANK_AUDIO]".
    let described = [('(', ')'), ('[', ']'), ('*', '*'), ('♪', '♪')];
    if described.iter().any(|(open, close)| text.trim().starts_with(*open) && text.trim().ends_with(*close)) {
        return true;
    }
    let said = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>();
    FORMULAS.contains(&said.join(" ").as_str())
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, n) = values.fold((0.0, 0.0_f32), |(sum, n), v| (sum + v, n + 1.0));
    if n == 0.0 { 0.0 } else { sum / n }
}

fn rate(words: usize, ms: u64) -> f32 {
    words as f32 * 1000.0 / ms as f32
}

#[cfg(test)]
mod tests {
    use super::poor;

    #[test]
    fn a_long_stretch_of_few_words_is_poor() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let few = words(&["left right left left right"; 8].join(" "));
        assert!(poor(&few));
        assert!(!poor(&few[..31]), "too short to tell");
        let dictated = "at L3 L4 the ligament was removed and the lateral recess was opened at L4 L5 the ligament \
                        was removed and the lateral recess was opened at L5 S1 the disc was left alone";
        assert!(!poor(&words(dictated)));
    }
}
