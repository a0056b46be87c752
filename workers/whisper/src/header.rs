//! What kind of model a whisper.cpp file is, from its first 48 bytes.
//!
//! Format: magic `ggml`, then eleven little-endian i32: vocabulary, audio context, audio state, audio heads,
//! audio layers, text context, text state, text heads, text layers, mel bands, weight type. It is checked
//! here, before whisper.cpp sees the file, and chooses the alignment heads for word times.

use std::io::{self, Read};
use whisper_rs::DtwModelPreset;

const MAGIC: i32 = 0x6767_6d6c;

/// The numbers that tell one Whisper from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Size of the vocabulary: 51,864 English only, 51,865 multilingual, 51,866 large-v3 and turbo.
    pub vocabulary: i32,
    /// Encoder layers.
    pub audio_layers: i32,
    /// Decoder layers.
    pub text_layers: i32,
    /// Mel bands: 80, or 128 from large-v3 on.
    pub mel_bands: i32,
}

/// Reads the header; `None` if this is no whisper.cpp model.
///
/// # Errors
/// The file cannot be read.
pub fn read(mut from: impl Read) -> io::Result<Option<Header>> {
    let mut bytes = [0u8; 48];
    match from.read_exact(&mut bytes) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut numbers = [0i32; 12];
    for (number, b) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
        *number = i32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    }
    let [magic, vocabulary, _, _, _, audio_layers, _, _, _, text_layers, mel_bands, _] = numbers;
    let plausible = magic == MAGIC
        && (50_000..60_000).contains(&vocabulary)
        && (1..=64).contains(&audio_layers)
        && (1..=64).contains(&text_layers)
        && (mel_bands == 80 || mel_bands == 128);
    Ok(plausible.then_some(Header { vocabulary, audio_layers, text_layers, mel_bands }))
}

impl Header {
    /// The known heads that follow the audio, for word times by dynamic time warping; `None` for a model
    /// whose heads are not known (distilled and fine-tuned in depth).
    #[must_use]
    pub const fn alignment(&self) -> Option<DtwModelPreset> {
        let english = self.vocabulary == 51_864;
        Some(match (self.audio_layers, self.text_layers) {
            (4, 4) if english => DtwModelPreset::TinyEn,
            (4, 4) => DtwModelPreset::Tiny,
            (6, 6) if english => DtwModelPreset::BaseEn,
            (6, 6) => DtwModelPreset::Base,
            (12, 12) if english => DtwModelPreset::SmallEn,
            (12, 12) => DtwModelPreset::Small,
            (24, 24) if english => DtwModelPreset::MediumEn,
            (24, 24) => DtwModelPreset::Medium,
            (32, 32) if self.mel_bands == 128 => DtwModelPreset::LargeV3,
            (32, 32) => DtwModelPreset::LargeV2,
            (32, 4) => DtwModelPreset::LargeV3Turbo,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(numbers: [i32; 12]) -> Vec<u8> {
        numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
    }
    fn model(vocabulary: i32, audio: i32, text: i32, mels: i32) -> Vec<u8> {
        file([MAGIC, vocabulary, 1500, 384, 6, audio, 448, 384, 6, text, mels, 1])
    }

    #[test]
    fn models_are_told_apart() {
        let name = |bytes: Vec<u8>| {
            let header = read(bytes.as_slice()).expect("reads").expect("a model");
            format!("{:?}", header.alignment())
        };
        assert_eq!(name(model(51_864, 4, 4, 80)), "Some(TinyEn)");
        assert_eq!(name(model(51_865, 6, 6, 80)), "Some(Base)");
        assert_eq!(name(model(51_866, 32, 32, 128)), "Some(LargeV3)");
        assert_eq!(name(model(51_866, 32, 4, 128)), "Some(LargeV3Turbo)");
        assert_eq!(name(model(51_864, 24, 2, 80)), "None", "distilled");
    }

    #[test]
    fn other_files_are_refused() {
        let mut gguf = model(51_864, 4, 4, 80);
        gguf[..4].copy_from_slice(b"GGUF");
        for bytes in [vec![], vec![0; 47], vec![0; 48], gguf, model(12, 4, 4, 80), model(51_864, 4, -4, 80)] {
            assert_eq!(read(bytes.as_slice()).expect("reads"), None);
        }
    }
}
