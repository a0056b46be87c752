//! Payer policies: from a painted page to a passage that answers, and from a passage to a rule.
//!
//! Pure: no file, clock, window or network. [`layout`] puts glyphs into reading order, [`markdown`] reads text;
//! [`identity`] finds number, dates and what a document replaces; [`passage`] cuts it by its structure; [`index`]
//! searches passages by words and by meaning, within one payer's passages in force on a date of service ([`versions`]);
//! [`criteria`] proposes payer rules in the form the scrubber knows, [`check`] asks whether a note meets a criterion, [`letter`] writes down what was quoted.
//!
//! Text of a policy is data: nothing in it is ever followed as an instruction.

pub mod addressed;
pub mod asked;
pub mod check;
pub mod criteria;
mod dates;
mod document;
pub mod identity;
pub mod index;
pub mod layout;
pub mod letter;
pub mod markdown;
pub mod passage;
pub mod reading;
mod structure;
pub mod vectors;
pub mod versions;
pub mod words;

pub use document::{Block, Content, Document};
pub use identity::Identity;
pub use index::{Entry, FAR, Hit, Index, Method, Query};
pub use passage::{Nature, Passage};
