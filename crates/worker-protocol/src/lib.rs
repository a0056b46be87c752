//! Frames and messages between the program and its model workers.
//!
//! A worker is a process with one native engine in it. It speaks on standard input and output, nothing else:
//! [`frame`] is the wire (length, kind, payload), [`message`] what is said, [`serve`] the worker's side of the
//! conversation, [`confine`] what a worker gives up before it reads the first request and [`cores`] how much of
//! the machine it takes. The program's side is `iambilly-engines`.
//!
//! Units: audio is mono, 16 kHz, f32 in -1 to 1; times are milliseconds from the first sample.

pub mod confine;
pub mod cores;
pub mod frame;
pub mod message;
pub mod serve;

pub use frame::{Frame, FrameError, read_frame, write_json, write_samples};
pub use message::{
    Backend, Embed, Embedded, Finish, Generate, Generated, Hello, Load, Loaded, Recognised,
    RecognisedSegment, RecognisedWord, Reply, Request, Role, Transcribe, Turn, TurnRole,
};

/// Version of the conversation; a worker of another version is refused.
pub const PROTOCOL_VERSION: u32 = 2;

/// Samples a second, on every wire and in every model of this protocol.
pub const SAMPLE_RATE: u32 = 16_000;
