//! Sign-ins that failed: counted before anything is open, so that guessing gets slower and slower.
//!
//! The count lies in a file beside the vault. Who may write in the data folder can take it away; Argon2id still makes
//! every guess cost its time, and each refusal that was noted is in the audit at the next sign-in.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

const FILE: &str = "sign-in-tries.json";
/// Tries that cost nothing but their time.
const FREE: u32 = 5;
/// The first wait, in seconds; each further failure doubles it.
const FIRST_WAIT: i64 = 30;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 15 * 60;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Failed {
    failures: u32,
    last: Timestamp,
}

/// The failures of a data folder, held by one program at a time.
#[derive(Debug)]
pub(crate) struct Tries {
    folder: PathBuf,
    failed: BTreeMap<String, Failed>,
    _lock: Option<File>,
}

/// How long the next try has to wait after so many failures.
fn wait_after(failures: u32) -> SignedDuration {
    let Some(over) = failures.checked_sub(FREE) else { return SignedDuration::ZERO };
    let seconds = FIRST_WAIT.checked_shl(over).filter(|s| (FIRST_WAIT..LONGEST_WAIT).contains(s));
    SignedDuration::from_secs(if over > 16 { LONGEST_WAIT } else { seconds.unwrap_or(LONGEST_WAIT) })
}

impl Tries {
    /// Reads them, and keeps other programs waiting until this is dropped, so that guesses cannot be made side by side.
    pub(crate) fn hold(folder: &Path) -> Self {
        let lock =
            OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("sign-in.lock"));
        let lock = lock.ok().filter(|file| file.lock().is_ok());
        // One that cannot be read counts as none: it must not keep everybody out.
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        let failed = serde_json::from_str(&text).unwrap_or_default();
        Self { folder: folder.to_owned(), failed, _lock: lock }
    }

    /// How long a person's next try has to wait.
    pub(crate) fn wait(&mut self, person: &str, now: Timestamp) -> Option<SignedDuration> {
        let failed = self.failed.get_mut(person)?;
        let wait = wait_after(failed.failures);
        if now < failed.last && wait > SignedDuration::ZERO {
            // The clock was set back: the wait begins anew, and does not end any later for it.
            failed.last = now;
            self.write();
            return Some(wait);
        }
        let left = wait.checked_sub(now.duration_since(failed.last))?;
        (left > SignedDuration::ZERO).then_some(left)
    }

    /// Counts a failure.
    pub(crate) fn fail(&mut self, person: &str, now: Timestamp) {
        let failed = self.failed.entry(person.to_owned()).or_insert(Failed { failures: 0, last: now });
        failed.failures = failed.failures.saturating_add(1);
        failed.last = now;
        self.write();
    }

    /// Forgets a person's failures.
    pub(crate) fn clear(&mut self, person: &str) {
        if self.failed.remove(person).is_some() {
            self.write();
        }
    }

    /// How many failures a person has.
    pub(crate) fn failures(&self, person: &str) -> u32 {
        self.failed.get(person).map_or(0, |f| f.failures)
    }

    /// Best effort: a folder that cannot be written must not turn a wrong password into another error.
    fn write(&self) {
        if let Ok(text) = serde_json::to_vec(&self.failed) {
            let _ = crate::audit::write_durably(&self.folder, FILE, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tries, wait_after};
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn the_wait_doubles_and_ends_at_a_quarter_of_an_hour() {
        let table =
            [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (60, 900), (u32::MAX, 900)];
        for (failures, seconds) in table {
            assert_eq!(wait_after(failures), SignedDuration::from_secs(seconds), "{failures}");
        }
    }

    #[test]
    fn failures_outlive_the_program_and_a_clock_that_is_set_back_gains_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let wait = |second| Tries::hold(folder.path()).wait("alice", at(second)).map(|w| w.as_secs());
        for n in 0..5 {
            assert_eq!(wait(n), None);
            Tries::hold(folder.path()).fail("alice", at(n));
        }
        assert_eq!((wait(4), wait(33), wait(34)), (Some(30), Some(1), None));
        assert_eq!(Tries::hold(folder.path()).wait("bob", at(4)), None, "nobody else waits");
        assert_eq!(wait(-9000), Some(30), "set back");
        assert_eq!((wait(-8990), wait(-8970)), (Some(20), None), "counted from there");
        Tries::hold(folder.path()).clear("alice");
        assert_eq!(Tries::hold(folder.path()).failures("alice"), 0);
        std::fs::write(folder.path().join(super::FILE), "damaged").unwrap();
        assert_eq!(wait(0), None);
    }
}
