//! What can be wrong with a sound file, with a stable code and advice for each.

use iambilly_claim::{Fault, FaultKind};
use std::io;

/// Trouble with audio.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// A file without a byte.
    #[error("the file is empty")]
    Empty,
    /// Not a WAV file; says what it looks like, if it looks like anything known.
    #[error("this is not a WAV file{}", looks(.looks_like))]
    NotWav {
        /// What it looks like.
        looks_like: Option<&'static str>,
    },
    /// A WAV file with compressed sound.
    #[error("the WAV file holds {codec} sound, not plain PCM")]
    Compressed {
        /// Name of the codec.
        codec: &'static str,
    },
    /// A header that cannot be true.
    #[error("the WAV header is not usable: {what}")]
    BadHeader {
        /// What is wrong.
        what: &'static str,
    },
    /// No sample in it.
    #[error("the WAV file holds no sound")]
    NoFrames,
    /// Sound, but nobody speaks.
    #[error("the recording is silent")]
    NoSpeech {
        /// Loudest stretch in whole dB below full scale; `None` for digital silence.
        loudest_dbfs: Option<i32>,
    },
    /// The file changed or the disk failed while reading.
    #[error("the sound file could not be read ({})", .0.kind())]
    Io(#[from] io::Error),
    /// A sample format tag that is not ours.
    #[error("unknown sample format {tag}")]
    UnknownFormat {
        /// The tag.
        tag: u8,
    },
    /// The resampler refused; only for rates it was not made for.
    #[error("the sound could not be brought to 16 kHz")]
    Resample,
}

fn looks(what: &Option<&'static str>) -> String {
    what.map_or_else(String::new, |w| format!("; it looks like {w}"))
}

impl SpeechError {
    /// The same trouble as a person sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        const CONVERT: &str =
            "Export it as an uncompressed WAV (PCM, 16-bit, 16 kHz or more) and import that.";
        let (kind, code, advice) = match self {
            Self::Empty => (FaultKind::Input, "audio_empty", "Check that the recorder finished copying it."),
            Self::NotWav { .. } => (FaultKind::Input, "wav_not_a_wav", CONVERT),
            Self::Compressed { .. } => (FaultKind::Input, "wav_compressed", CONVERT),
            Self::BadHeader { .. } => (FaultKind::Input, "wav_bad_header", CONVERT),
            Self::NoFrames => {
                (FaultKind::Input, "wav_no_sound", "Check the recorder; this file has a header only.")
            }
            Self::NoSpeech { .. } => (
                FaultKind::Input,
                "no_speech",
                "Check the microphone, its mute switch and the input level, and dictate again.",
            ),
            Self::Io(_) => {
                (FaultKind::Missing, "audio_io", "Copy the file to this computer's disk and try again.")
            }
            Self::UnknownFormat { .. } => {
                (FaultKind::Input, "audio_unknown_format", "Update IamBilly, or restore the recording.")
            }
            Self::Resample => (FaultKind::Internal, "resample_failed", CONVERT),
        };
        let message = match self {
            Self::NoSpeech { loudest_dbfs: Some(db) } => {
                format!("The recording holds no speech: its loudest moment is {db} dB below full scale.")
                    .replace("-", "")
            }
            Self::NoSpeech { loudest_dbfs: None } => "The recording is digital silence.".to_owned(),
            _ => sentence(&self.to_string()),
        };
        Fault::new(kind, code, message, advice)
    }
}

/// First letter upper case, a full stop at the end.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        let mut s: String = first.to_uppercase().collect();
        s.push_str(chars.as_str());
        s.push('.');
        s
    })
}
