//! Language worker: llama.cpp behind the worker protocol.
//!
//! [`prompt`] turns a chat into tokens without letting its words act as control tokens, [`sample`] chooses
//! tokens under a grammar at the price of a plain choice, [`session`] is the context with its cache, [`embed`] turns
//! texts into vectors, and [`engine`] is the [`Engine`] that `serve` calls.
//!
//! [`Engine`]: iambilly_worker_protocol::serve::Engine

pub mod device;
pub mod embed;
pub mod engine;
pub mod prompt;
pub mod sample;
pub mod session;

pub use engine::Llama;
