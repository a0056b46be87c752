//! How many threads the arithmetic may use at this moment.
//!
//! The threads of ggml wait for each other by spinning. When one of them has to share its core with another
//! program, all the others burn theirs waiting: two threads on two busy cores took ten times as long as one.
//! So work takes only cores that nobody else is using when it begins.

use std::time::Duration;

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

/// Threads that run or could, from the text of `/proc/stat`.
fn running(stat: &str) -> Option<usize> {
    stat.lines().find_map(|line| line.strip_prefix("procs_running "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{running, spare};

    #[test]
    fn the_count_is_found() {
        assert_eq!(running("cpu 1 2 3\nprocs_running 7\nprocs_blocked 0\n"), Some(7));
        assert_eq!(running("cpu 1 2 3\n"), None);
    }

    #[test]
    fn never_none_and_never_more_than_asked() {
        assert_eq!(spare(0), 1);
        for asked in [1, 2, 64] {
            assert!((1..=asked).contains(&spare(asked)));
        }
    }
}
