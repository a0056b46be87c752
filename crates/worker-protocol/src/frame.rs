//! The wire: `u32` little-endian payload length, one byte of kind, payload.
//!
//! Kind 1 is a JSON message (at most [`MAX_JSON`] bytes), kind 2 a run of f32 little-endian samples (at most
//! [`MAX_SAMPLES`]). A length is a claim of the other side: memory grows with the bytes that really arrive.
//! Errors never quote a payload, which may hold a dictation.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};

/// Longest JSON payload in bytes.
pub const MAX_JSON: usize = 16 << 20;
/// Most samples in one frame (65 seconds); longer audio is sent in several frames.
pub const MAX_SAMPLES: usize = 1 << 20;

const JSON: u8 = 1;
const SAMPLES: u8 = 2;

/// One frame as it arrived.
#[derive(Clone, PartialEq)]
pub enum Frame {
    /// A JSON message, not yet parsed.
    Json(Vec<u8>),
    /// Audio samples.
    Samples(Vec<f32>),
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Self::Samples(samples) => write!(f, "Samples({})", samples.len()),
        }
    }
}

/// What is wrong with a frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side closed the stream between two frames.
    #[error("the stream was closed")]
    Closed,
    /// The stream ended within a frame.
    #[error("the stream ended within a frame")]
    Truncated,
    /// A kind this version does not know.
    #[error("unknown frame kind {0}")]
    UnknownKind(u8),
    /// A length above the limit of its kind.
    #[error("a frame of kind {kind} with {length} bytes is longer than the {limit} allowed")]
    TooLong {
        /// Kind byte.
        kind: u8,
        /// Payload bytes announced.
        length: usize,
        /// Payload bytes allowed.
        limit: usize,
    },
    /// A sample payload that is not a whole number of samples.
    #[error("{0} bytes are not a whole number of samples")]
    NotSamples(usize),
    /// JSON that is not the message expected; where, but not what.
    #[error("a message cannot be read ({category}, byte {column})")]
    Malformed {
        /// Syntax, data or end of input.
        category: &'static str,
        /// Column of the trouble.
        column: usize,
    },
    /// Samples where a message was expected or the reverse.
    #[error("a frame of the other kind was expected")]
    Unexpected,
    /// The stream itself failed.
    #[error("the stream failed: {0}")]
    Io(#[from] io::Error),
}

impl From<serde_json::Error> for FrameError {
    fn from(error: serde_json::Error) -> Self {
        // The text of a serde error quotes the value it stumbled over.
        let category = match error.classify() {
            serde_json::error::Category::Io => "stream",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof => "end of input",
        };
        Self::Malformed { category, column: error.column() }
    }
}

/// Reads one frame; blocks until it is whole.
///
/// # Errors
/// [`FrameError::Closed`] at a clean end, otherwise what is wrong with the frame or the stream.
pub fn read_frame(from: &mut impl Read) -> Result<Frame, FrameError> {
    let mut head = [0u8; 5];
    let mut got = 0;
    while let Some(rest) = head.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) if got == 0 => return Err(FrameError::Closed),
            Ok(0) => return Err(FrameError::Truncated),
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    let [a, b, c, d, kind] = head;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    let limit = match kind {
        JSON => MAX_JSON,
        SAMPLES => MAX_SAMPLES * size_of::<f32>(),
        other => return Err(FrameError::UnknownKind(other)),
    };
    if length > limit {
        return Err(FrameError::TooLong { kind, length, limit });
    }
    if kind == SAMPLES && length % size_of::<f32>() != 0 {
        return Err(FrameError::NotSamples(length));
    }
    let mut payload = Vec::with_capacity(length.min(64 << 10));
    from.by_ref().take(length as u64).read_to_end(&mut payload)?;
    if payload.len() != length {
        return Err(FrameError::Truncated);
    }
    Ok(match kind {
        JSON => Frame::Json(payload),
        _ => Frame::Samples(
            payload.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        ),
    })
}

impl Frame {
    /// The message in a JSON frame.
    ///
    /// # Errors
    /// [`FrameError::Unexpected`] for samples, [`FrameError::Malformed`] for other JSON.
    pub fn message<T: DeserializeOwned>(&self) -> Result<T, FrameError> {
        match self {
            Self::Json(bytes) => Ok(serde_json::from_slice(bytes)?),
            Self::Samples(_) => Err(FrameError::Unexpected),
        }
    }
}

/// Writes one message and flushes.
///
/// # Errors
/// [`FrameError::TooLong`] above [`MAX_JSON`], or the stream's error.
pub fn write_json(to: &mut impl Write, message: &impl Serialize) -> Result<(), FrameError> {
    let payload = serde_json::to_vec(message)?;
    if payload.len() > MAX_JSON {
        return Err(FrameError::TooLong { kind: JSON, length: payload.len(), limit: MAX_JSON });
    }
    write_head(to, payload.len(), JSON)?;
    to.write_all(&payload)?;
    Ok(to.flush()?)
}

/// Writes samples in as many frames as they need and flushes. No samples write no frame.
///
/// # Errors
/// The stream's error.
pub fn write_samples(to: &mut impl Write, samples: &[f32]) -> Result<(), FrameError> {
    for run in samples.chunks(MAX_SAMPLES) {
        write_head(to, size_of_val(run), SAMPLES)?;
        for piece in run.chunks(4096) {
            let bytes: Vec<u8> = piece.iter().flat_map(|s| s.to_le_bytes()).collect();
            to.write_all(&bytes)?;
        }
    }
    Ok(to.flush()?)
}

fn write_head(to: &mut impl Write, length: usize, kind: u8) -> Result<(), FrameError> {
    let length32 =
        u32::try_from(length).map_err(|_| FrameError::TooLong { kind, length, limit: u32::MAX as usize })?;
    let [a, b, c, d] = length32.to_le_bytes();
    Ok(to.write_all(&[a, b, c, d, kind])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Reply, Request};
    use proptest::prelude::*;

    fn frame(length: u32, kind: u8, payload: &[u8]) -> Vec<u8> {
        [&length.to_le_bytes()[..], &[kind], payload].concat()
    }

    #[test]
    fn hostile_frames_are_refused_by_name() {
        type Check = fn(&FrameError) -> bool;
        let cases: [(&str, Vec<u8>, Check); 9] = [
            ("nothing", vec![], |e| matches!(e, FrameError::Closed)),
            ("half a head", vec![3, 0], |e| matches!(e, FrameError::Truncated)),
            ("head only", frame(3, 1, b""), |e| matches!(e, FrameError::Truncated)),
            ("short payload", frame(9, 1, b"{}"), |e| matches!(e, FrameError::Truncated)),
            ("kind 0", frame(0, 0, b""), |e| matches!(e, FrameError::UnknownKind(0))),
            ("kind 9", frame(2, 9, b"{}"), |e| matches!(e, FrameError::UnknownKind(9))),
            ("4 GiB of JSON", frame(u32::MAX, 1, b"{"), |e| matches!(e, FrameError::TooLong { .. })),
            ("4 GiB of audio", frame(u32::MAX - 3, 2, b""), |e| matches!(e, FrameError::TooLong { .. })),
            ("half a sample", frame(6, 2, b"123456"), |e| matches!(e, FrameError::NotSamples(6))),
        ];
        for (name, bytes, is_it) in cases {
            let error = read_frame(&mut bytes.as_slice()).expect_err(name);
            assert!(is_it(&error), "{name}: {error}");
        }
    }

    #[test]
    fn a_malformed_message_is_not_quoted() {
        let secret = r#"{"reply":"Mary Exampleby","id":"born 1950"}"#;
        let frame = Frame::Json(secret.as_bytes().to_vec());
        let error = frame.message::<Reply>().expect_err("not a reply");
        let shown = format!("{error} {error:?} {frame:?}");
        assert!(!shown.contains("Exampleby") && !shown.contains("1950"), "{shown}");
    }

    #[test]
    fn long_audio_is_split_and_comes_back_whole() {
        let samples: Vec<f32> = (0..MAX_SAMPLES + 3).map(|i| i as f32).collect();
        let mut wire = Vec::new();
        write_samples(&mut wire, &samples).expect("writes");
        let mut from = wire.as_slice();
        let mut back = Vec::new();
        while let Ok(Frame::Samples(run)) = read_frame(&mut from) {
            assert!(run.len() <= MAX_SAMPLES);
            back.extend(run);
        }
        assert!(back == samples && from.is_empty());
    }

    proptest! {
        #[test]
        fn samples_round_trip(bits in prop::collection::vec(any::<u32>(), 1..600)) {
            let samples: Vec<f32> = bits.iter().map(|b| f32::from_bits(*b)).collect();
            let mut wire = Vec::new();
            write_samples(&mut wire, &samples).expect("writes");
            let Frame::Samples(back) = read_frame(&mut wire.as_slice()).expect("reads") else { panic!("kind") };
            let back: Vec<u32> = back.iter().map(|s| s.to_bits()).collect();
            prop_assert_eq!(back, bits);
        }

        #[test]
        fn requests_round_trip(id in any::<u64>(), text in ".{0,80}", count in any::<u64>()) {
            let sent = Request::Transcribe(crate::Transcribe {
                id, samples: count, language: Some("en".into()),
                initial_prompt: Some(text).into(), rough: true, threads: 2,
            });
            let mut wire = Vec::new();
            write_json(&mut wire, &sent).expect("writes");
            let back: Request = read_frame(&mut wire.as_slice()).expect("reads").message().expect("parses");
            prop_assert_eq!(back, sent);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut from = bytes.as_slice();
            while let Ok(frame) = read_frame(&mut from) {
                let _ = frame.message::<Request>();
                let _ = frame.message::<Reply>();
            }
        }
    }
}
