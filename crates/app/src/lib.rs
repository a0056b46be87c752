//! The application: use cases, the durable job pipeline and its events.
//!
//! The window and the command line are two doors onto this crate and hold no logic of their own. It knows
//! no environment, clock or randomness: [`surroundings::Surroundings`] brings them in. Every error becomes
//! a [`iambilly_claim::Fault`] with a code, a message and advice.
//!
//! The path of a dictation: import (sealed at once) → transcribe → draft (read, code, scrub, store) →
//! second opinion (language model, merged by evidence). Each stage is a job row, so that a program killed at
//! any point continues where it was.

pub mod audit;
pub mod audit_export;
pub mod backup;
pub mod codes;
mod custody;
mod diagnoses;
pub mod dictionary;
pub mod difference;
pub mod doctor;
pub mod draft;
pub mod edition_note;
pub mod emr;
pub mod erase;
mod erase_patient;
pub mod error;
pub mod evaluate;
pub mod events;
pub mod exchange;
pub mod export;
pub mod fees;
pub mod header;
pub mod hold;
mod in_hand;
pub mod insights;
pub mod intake;
pub mod judgement;
pub mod keys;
pub mod library;
pub mod live;
pub mod log;
pub mod master;
pub mod models;
pub mod one_window;
pub mod paths;
pub mod payer_rules;
pub mod payers;
pub mod people;
pub mod physician;
pub mod pipeline;
mod provenance;
pub mod queue;
pub mod recording;
pub mod related;
pub mod retention;
pub mod review;
pub mod rewording;
pub mod rules;
pub mod schema;
pub mod session;
pub mod shelf;
pub mod sound;
mod soundness;
mod stages;
pub mod stateless;
pub mod surroundings;
pub mod swap;
mod undo;
pub mod value;
pub mod view;
pub mod weights;

pub use error::AppError;
pub use events::Event;
pub use iambilly_coding::Reader;
pub use iambilly_engines::Cancel;
pub use iambilly_scrub::RuleBook;
pub use session::Session;
pub use surroundings::Surroundings;
