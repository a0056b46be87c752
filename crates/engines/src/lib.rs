//! Model manifest, fetch and verify; supervisor of the model workers.
//!
//! [`Manifest`] says which models there are, [`Library`] which of them are on this machine and whole,
//! [`fetch`] brings one here, and [`Engines`] runs them in worker processes. Nothing here reads the
//! environment or the clock of a person: paths, threads and times come in with [`EngineSettings`].

mod bring;
mod chosen;
mod engines;
mod error;
pub mod fetch;
mod library;
mod manifest;
mod measured;
mod model_error;
mod process;
mod processor;
pub mod reader;
mod settings;
#[cfg(test)]
mod test_server;

pub use bring::Copying;
pub use engines::{Cancel, Engines, Progress};
pub use error::EngineError;
pub use fetch::{FetchOptions, Source, Transferred, fetch};
pub use iambilly_worker_protocol::{
    Backend, Finish, Generated, Recognised, RecognisedSegment, RecognisedWord, Role, Turn, TurnRole,
};
pub use library::{Library, Listed, Presence};
pub use manifest::{Defaults, Manifest, Model, Packages, Upstream};
pub use measured::Measured;
pub use model_error::ModelError;
pub use processor::Processor;
pub use reader::PolicyReader;
pub use settings::{
    BackendInfo, EngineSettings, GenerateRequest, GpuChoice, ModelPath, TranscribeOptions, WorkerStatus,
};
