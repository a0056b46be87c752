//! What the program gets from outside: the clock and randomness.

use jiff::{Timestamp, Zoned, civil::Date};
use uuid::Uuid;

/// Clock and randomness, as functions so that a test can fix them.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The time now.
    pub now: fn() -> Timestamp,
    /// Today in the workstation's time zone.
    pub today: fn() -> Date,
    /// Fills a buffer with cryptographically secure random bytes; `false` when the system has none.
    pub random: fn(&mut [u8]) -> bool,
}

impl Surroundings {
    /// The real clock and the operating system's randomness.
    #[must_use]
    pub fn system() -> Self {
        Self {
            now: Timestamp::now,
            today: || Zoned::now().date(),
            random: |buffer| getrandom::fill(buffer).is_ok(),
        }
    }

    /// A fresh UUIDv7 of this clock.
    #[must_use]
    pub fn id(&self) -> Uuid {
        let mut random = [0; 10];
        // Without randomness the id is still unique by time on this machine; keys are never made this way.
        let _ = (self.random)(&mut random);
        let ms = u64::try_from((self.now)().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid()
    }
}

/// What both shells do first: no core file of this process, which would hold a dictation, and no words of a panic, which
/// may quote one. Where the system refuses, the program works all the same.
pub fn guard_memory() {
    let _ = iambilly_worker_protocol::confine::no_core_dumps();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        tracing::error!(place, "panicked");
        let said =
            format!("iambilly panicked at {place}. What it said is not shown: it may quote a patient.\n");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes());
    }));
}
