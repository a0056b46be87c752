//! Speech worker: whisper.cpp behind the worker protocol.
//!
//! [`header`] reads what kind of model a file is, [`quiet`] leaves out stretches in which nobody can have
//! spoken, [`words`] makes words with times out of tokens, and [`engine`] is the [`Engine`] that
//! `serve` calls; [`onset`] hears where a word begins. The library exists so that a measurement can call the engine without a process between.
//!
//! [`Engine`]: iambilly_worker_protocol::serve::Engine

pub mod device;
pub mod engine;
pub mod header;
pub mod onset;
mod prompt;
pub mod quiet;
pub mod words;

pub use engine::Whisper;
