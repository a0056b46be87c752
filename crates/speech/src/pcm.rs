//! Samples as the bytes of a sealed frame, and back.

use crate::error::SpeechError;

/// How a sealed file keeps its samples; little-endian, interleaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PcmFormat {
    /// 16-bit signed.
    I16,
    /// 32-bit float.
    F32,
}

impl PcmFormat {
    /// The tag in the header of a sealed file.
    #[must_use]
    pub const fn tag(self) -> u8 {
        match self {
            Self::I16 => 1,
            Self::F32 => 2,
        }
    }
    /// The format of a tag.
    ///
    /// # Errors
    /// [`SpeechError::UnknownFormat`].
    pub const fn from_tag(tag: u8) -> Result<Self, SpeechError> {
        match tag {
            1 => Ok(Self::I16),
            2 => Ok(Self::F32),
            tag => Err(SpeechError::UnknownFormat { tag }),
        }
    }
    /// Bytes of one sample.
    #[must_use]
    pub const fn sample_bytes(self) -> usize {
        match self {
            Self::I16 => 2,
            Self::F32 => 4,
        }
    }
    /// A sample as it is kept in 16 bits; beyond full scale it clips.
    #[must_use]
    pub fn i16_of(sample: f32) -> i16 {
        #[allow(clippy::cast_possible_truncation, reason = "clamped to the range of i16")]
        let value = (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
        value
    }
    /// Appends samples as bytes. i16 takes back exactly what it gave; beyond full scale it clips.
    pub fn encode(self, samples: &[f32], bytes: &mut Vec<u8>) {
        bytes.reserve(samples.len() * self.sample_bytes());
        match self {
            Self::I16 => {
                for s in samples {
                    bytes.extend_from_slice(&Self::i16_of(*s).to_le_bytes());
                }
            }
            Self::F32 => samples.iter().for_each(|s| bytes.extend_from_slice(&s.to_le_bytes())),
        }
    }
    /// Appends the samples of whole frames' bytes; a last incomplete sample is left out.
    pub fn decode(self, bytes: &[u8], samples: &mut Vec<f32>) {
        samples.reserve(bytes.len() / self.sample_bytes());
        match self {
            Self::I16 => samples.extend(
                bytes.chunks_exact(2).map(|b| f32::from(i16::from_le_bytes([b[0], b[1]])) / 32_768.0),
            ),
            Self::F32 => {
                samples.extend(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PcmFormat;

    #[test]
    fn every_i16_survives() {
        let bytes: Vec<u8> = (i16::MIN..=i16::MAX).flat_map(i16::to_le_bytes).collect();
        let (mut samples, mut back) = (vec![], vec![]);
        PcmFormat::I16.decode(&bytes, &mut samples);
        PcmFormat::I16.encode(&samples, &mut back);
        assert_eq!(bytes, back);
        assert!(samples.iter().all(|s| (-1.0..1.0).contains(s)));
    }

    #[test]
    fn beyond_full_scale_clips_instead_of_wrapping() {
        let mut bytes = vec![];
        PcmFormat::I16.encode(&[1.5, -1.5, f32::NAN], &mut bytes);
        assert_eq!(bytes, [0xFF, 0x7F, 0x00, 0x80, 0, 0]);
    }

    #[test]
    fn tags_round_trip() {
        for format in [PcmFormat::I16, PcmFormat::F32] {
            assert_eq!(PcmFormat::from_tag(format.tag()).unwrap(), format);
        }
        assert!(PcmFormat::from_tag(0).is_err() && PcmFormat::from_tag(9).is_err());
    }
}
