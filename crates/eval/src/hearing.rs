//! How a dictation was heard: the words before and after correction, and the time it took.

use crate::speech::SpeechScore;
use serde::Serialize;

/// How one dictation was heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Hearing {
    /// The transcript, after the lexicon's corrections.
    #[serde(flatten)]
    pub corrected: SpeechScore,
    /// What the speech model wrote.
    pub raw: SpeechScore,
    /// Length of the recording in ms.
    pub audio_ms: u64,
    /// Time the speech model worked on it in ms, guesses while somebody spoke not counted.
    pub recognition_ms: u64,
    /// Dictated as it was spoken: ms from the last sample to the final text.
    pub wait_ms: Option<u64>,
}

impl From<SpeechScore> for Hearing {
    fn from(corrected: SpeechScore) -> Self {
        Self { corrected, raw: corrected, ..Self::default() }
    }
}

/// All dictations together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) corrected: SpeechScore,
    pub(crate) raw: SpeechScore,
    audio_ms: u64,
    recognition_ms: u64,
    waits_ms: Vec<u64>,
}

impl Heard {
    pub(crate) fn of<'a>(all: impl Iterator<Item = &'a Hearing>) -> Self {
        let mut sum = Self::default();
        for one in all {
            sum.corrected.add(&one.corrected);
            sum.raw.add(&one.raw);
            sum.audio_ms += one.audio_ms;
            sum.recognition_ms += one.recognition_ms;
            sum.waits_ms.extend(one.wait_ms);
        }
        sum.waits_ms.sort_unstable();
        sum
    }

    /// Time of recognition over length of audio; none where neither was measured.
    #[allow(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub(crate) fn real_time_factor(&self) -> Option<f64> {
        (self.audio_ms > 0 && self.recognition_ms > 0)
            .then(|| self.recognition_ms as f64 / self.audio_ms as f64)
    }

    /// Median and longest wait in ms.
    pub(crate) fn wait_ms(&self) -> Option<(u64, u64)> {
        Some((*self.waits_ms.get(self.waits_ms.len() / 2)?, *self.waits_ms.last()?))
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, Hearing};
    use crate::SpeechScore;

    #[test]
    fn dictations_add_up() {
        let one = |wait_ms| Hearing {
            raw: SpeechScore::of("left", "left facet"),
            audio_ms: 1000,
            recognition_ms: 100,
            wait_ms,
            ..Hearing::from(SpeechScore::of("left facet", "left facet"))
        };
        let sum = Heard::of([one(Some(30)), one(None), one(Some(10)), one(Some(20))].iter());
        assert_eq!((sum.corrected.word_error_rate(), sum.raw.word_error_rate()), (0.0, 0.5));
        assert_eq!((sum.real_time_factor(), sum.wait_ms()), (Some(0.1), Some((20, 30))));
        let none = Heard::of(std::iter::empty());
        assert_eq!((none.real_time_factor(), none.wait_ms()), (None, None));
    }
}
