//! Words with times and probabilities, out of the recogniser's tokens.
//!
//! A token is a piece of a word and may end inside a character; a word begins with a token that begins with
//! a space. Times of tokens come in hundredths of a second: by dynamic time warping where the model's
//! alignment heads are known (the moment a token ends), by whisper.cpp's estimate elsewhere.

use iambilly_claim::Phi;
use iambilly_worker_protocol::{RecognisedSegment, RecognisedWord};

/// One text token of a segment.
#[derive(Clone, PartialEq)]
pub struct Token {
    /// Its bytes, perhaps not whole characters.
    pub bytes: Vec<u8>,
    /// Start in milliseconds from the start of the audio.
    pub start_ms: u64,
    /// End in milliseconds.
    pub end_ms: u64,
    /// Probability, 0 to 1.
    pub p: f32,
}

/// A segment of words: text and words agree, times never run backwards or out of the segment's.
#[must_use]
pub fn segment(start_ms: u64, end_ms: u64, no_speech_p: f32, tokens: &[Token]) -> Option<RecognisedSegment> {
    let end_ms = end_ms.max(start_ms);
    let mut words: Vec<RecognisedWord> = vec![];
    let mut earliest = start_ms;
    for group in groups(tokens) {
        let bytes: Vec<u8> = group.iter().flat_map(|t| &t.bytes).copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        // A token may hold more than one word of white space; a word holds none.
        let text = text.split_whitespace().collect::<String>();
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        if text.is_empty() {
            continue;
        }
        let start = first.start_ms.clamp(earliest, end_ms);
        let end = last.end_ms.clamp(start, end_ms);
        let p = group.iter().map(|t| t.p).fold(1.0, f32::min).clamp(0.0, 1.0);
        words.push(RecognisedWord { start_ms: start, end_ms: end, text: Phi::new(text), p });
        earliest = start;
    }
    // A word ends where the next begins at the latest.
    for i in 1..words.len() {
        let next = words[i].start_ms;
        let word = &mut words[i - 1];
        word.end_ms = word.end_ms.min(next).max(word.start_ms);
    }
    if words.is_empty() {
        return None;
    }
    let text = words.iter().map(|w| w.text.expose().as_str()).collect::<Vec<_>>().join(" ");
    let no_speech_p = no_speech_p.clamp(0.0, 1.0);
    Some(RecognisedSegment { start_ms, end_ms, text: Phi::new(text), no_speech_p, words })
}

/// Tokens of a word each.
fn groups(tokens: &[Token]) -> Vec<&[Token]> {
    let mut groups = vec![];
    let mut from = 0;
    for (i, token) in tokens.iter().enumerate() {
        if i > from && token.bytes.first().is_some_and(u8::is_ascii_whitespace) {
            groups.extend(tokens.get(from..i));
            from = i;
        }
    }
    groups.extend(tokens.get(from..).filter(|rest| !rest.is_empty()));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(bytes: &[u8], start_ms: u64, end_ms: u64, p: f32) -> Token {
        Token { bytes: bytes.to_vec(), start_ms, end_ms, p }
    }

    #[test]
    fn pieces_join_into_words_with_their_least_probability() {
        let tokens = [
            token(b" lam", 100, 200, 0.9),
            token(b"in", 200, 300, 0.4),
            token(b"ectomy", 300, 500, 0.8),
            token(b" L", 600, 650, 0.9),
            token(b"4", 650, 700, 0.9),
            token(b"-5", 700, 900, 0.9),
            token(b".", 900, 950, 0.5),
        ];
        let s = segment(0, 1000, 0.1, &tokens).expect("words");
        assert_eq!(s.text.expose(), "laminectomy L4-5.");
        let shape: Vec<_> = s.words.iter().map(|w| (w.start_ms, w.end_ms, w.p)).collect();
        assert_eq!(shape, [(100, 500, 0.4), (600, 950, 0.5)]);
    }

    #[test]
    fn a_character_over_two_tokens_is_whole() {
        let tokens = [token(b" caf\xc3", 0, 1, 1.0), token(b"\xa9", 1, 2, 1.0)];
        assert_eq!(segment(0, 2, 0.0, &tokens).expect("a word").text.expose(), "café");
    }

    #[test]
    fn times_never_run_backwards_or_out() {
        let tokens =
            [token(b" a", 500, 400, 1.0), token(b" b", 300, 9000, 1.0), token(b" c", 2000, 2000, 1.0)];
        let s = segment(450, 800, 2.0, &tokens).expect("words");
        let mut last = s.start_ms;
        for w in &s.words {
            assert!(last <= w.start_ms && w.start_ms <= w.end_ms && w.end_ms <= s.end_ms, "{w:?}");
            last = w.end_ms;
        }
        assert!(s.no_speech_p <= 1.0);
    }

    #[test]
    fn nothing_but_space_is_no_segment() {
        assert!(segment(0, 9, 0.9, &[token(b" ", 0, 1, 1.0), token(b"", 1, 2, 1.0)]).is_none());
    }
}
