//! So many requests a minute and no more: one limiter a tenant.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

const MINUTE: Duration = Duration::from_secs(60);

/// Lets at most so many requests through in any sixty seconds.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_minute: usize,
    // When each of the last requests was, or will be, let through.
    times: Mutex<VecDeque<Instant>>,
}

impl Limiter {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute: usize::try_from(per_minute.max(1)).unwrap_or(1), times: Mutex::default() }
    }

    /// Waits for a turn.
    pub(crate) async fn turn(&self) {
        sleep_until(self.next(Instant::now())).await;
    }

    fn next(&self, now: Instant) -> Instant {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match times.len().checked_sub(self.per_minute).and_then(|n| times.get(n)) {
            // A little more than a minute: the server's clock begins at its own moment.
            Some(earlier) => now.max(*earlier + MINUTE + Duration::from_millis(500)),
            None => now,
        };
        times.push_back(at);
        if times.len() > self.per_minute {
            times.pop_front();
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::Limiter;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn no_minute_has_more_than_allowed() {
        let limiter = Limiter::new(20);
        let start = Instant::now();
        let given: Vec<Duration> = (0..95).map(|_| limiter.next(start) - start).collect();
        assert!(given.iter().take(20).all(Duration::is_zero));
        for (n, at) in given.iter().enumerate().skip(20) {
            assert!(*at - given[n - 20] >= Duration::from_secs(60), "{n}");
        }
    }
}
