//! Model manifest, fetch and verify; supervisor of the model workers.
//!
//! [`Manifest`] says which models there are, [`Library`] which of them are on this machine and whole,
//! [`fetch`] brings one here, and [`Engines`] runs them in worker processes. Nothing here reads the
//! environment or the clock of a person: paths, threads and times come in with [`EngineSettings`].

mod engines;
mod error;
mod process;
mod settings;

pub use engines::{Cancel, Engines, Progress};
pub use error::EngineError;
pub use iambilly_worker_protocol::{
    Backend, Finish, Generated, Recognised, RecognisedSegment, RecognisedWord, Role, Turn, TurnRole,
};
pub use settings::{
    BackendInfo, EngineSettings, GenerateRequest, GpuChoice, ModelPath, TranscribeOptions, WorkerStatus,
};
