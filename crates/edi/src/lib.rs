//! Claims on their way out and what comes back: X12 837P and CMS-1500 out; 999, 277CA and 835 in.
//!
//! Pure: no clock, no randomness, no environment. Times and control numbers come from the caller; files come as
//! streams and leave as bytes. A claim that lacks what it needs is refused with everything it lacks, never half
//! written; a file that cannot be right is refused with its place.

pub mod answers;
pub mod cms1500;
pub mod error;
pub mod professional;
pub mod text;
pub mod x12;

pub use error::{EdiError, Lack, Position, Problem};
