//! How many threads the arithmetic may use at this moment.
//!
//! The threads of ggml wait for each other by spinning. When one of them has to share its core with another
//! program, all the others burn theirs waiting: two threads on two busy cores took ten times as long as one.
//! So work takes only cores that nobody else is using when it begins ([`spare`]), and notices when that
//! changes ([`Share`]).

use std::time::{Duration, Instant};

/// Less than this share of the processor time its threads could have had means that others took it.
const CROWDED: f64 = 0.85;

/// Looks at the machine this often, this far apart; the middle one counts.
const LOOKS: usize = 5;
const APART: Duration = Duration::from_millis(8);

/// At most `asked` threads, fewer while other programs are using the cores, never none. Takes some 30 ms on
/// Linux; elsewhere it is what was asked.
#[must_use]
pub fn spare(asked: u32) -> u32 {
    let Ok(cores) = std::thread::available_parallelism() else { return asked.max(1) };
    let mut looks: Vec<usize> = (0..LOOKS)
        .filter_map(|i| {
            if i > 0 {
                std::thread::sleep(APART);
            }
            running(&std::fs::read_to_string("/proc/stat").ok()?)
        })
        .collect();
    looks.sort_unstable();
    // The thread that looks is one of those running.
    let others = looks.get(looks.len() / 2).map_or(0, |n| n.saturating_sub(1));
    let free = u32::try_from(cores.get().saturating_sub(others)).unwrap_or(asked);
    asked.min(free).max(1)
}

/// Watches how much processor time this process gets from now on.
#[derive(Debug)]
pub struct Share {
    since: Instant,
    used: Option<Duration>,
}

impl Share {
    /// Watches from now on.
    #[must_use]
    pub fn watch() -> Self {
        Self { since: Instant::now(), used: processor_time() }
    }

    /// True when this many spinning threads got less than they could have had. Needs half a second or more to
    /// be worth asking; never true where the system does not tell.
    #[must_use]
    pub fn is_crowded(&self, threads: u32) -> bool {
        let (Some(then), Some(now)) = (self.used, processor_time()) else { return false };
        let could = self.since.elapsed().as_secs_f64() * f64::from(threads);
        now.saturating_sub(then).as_secs_f64() < could * CROWDED
    }
}

#[cfg(target_os = "linux")]
fn processor_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(target_os = "linux"))]
fn processor_time() -> Option<Duration> {
    None
}

/// Threads that run or could, from the text of `/proc/stat`.
fn running(stat: &str) -> Option<usize> {
    stat.lines().find_map(|line| line.strip_prefix("procs_running "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Share, running, spare};
    use std::time::Duration;

    #[test]
    fn the_count_is_found() {
        assert_eq!(running("cpu 1 2 3\nprocs_running 7\nprocs_blocked 0\n"), Some(7));
        assert_eq!(running("cpu 1 2 3\n"), None);
    }

    #[test]
    fn a_sleeping_process_counts_as_crowded() {
        let share = Share::watch();
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(share.is_crowded(64), cfg!(target_os = "linux"));
        assert!(!share.is_crowded(0));
    }

    #[test]
    fn never_none_and_never_more_than_asked() {
        assert_eq!(spare(0), 1);
        for asked in [1, 2, 64] {
            assert!((1..=asked).contains(&spare(asked)));
        }
    }
}
