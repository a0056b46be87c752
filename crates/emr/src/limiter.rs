//! So many requests a minute and no more: one limiter a tenant.

use crate::config::ConnectionConfig;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// More than any vendor allows in a minute, so that a figure can be raised without losing count.
const KEPT: usize = 256;
const MINUTE: Duration = Duration::from_secs(60);

/// Lets at most so many requests through in any sixty seconds; its clones count together.
#[derive(Debug, Clone)]
pub struct Limiter {
    per_minute: usize,
    // When each of the last requests was, or will be, let through.
    times: Arc<Mutex<VecDeque<Instant>>>,
}

impl Limiter {
    /// Of a connection: its own figure, and never more than its vendor's.
    #[must_use]
    pub fn of(config: &ConnectionConfig) -> Self {
        let vendor = config.vendor.requests_per_minute();
        Self::new(config.requests_per_minute.map_or(vendor, |own| own.min(vendor)))
    }

    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute: usize::try_from(per_minute.max(1)).unwrap_or(1), times: Arc::default() }
    }

    /// The same requests counted against another figure: what was asked under the old settings is not forgotten.
    #[must_use]
    pub fn again(&self, config: &ConnectionConfig) -> Self {
        Self { times: Arc::clone(&self.times), ..Self::of(config) }
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
        while times.len() > KEPT.max(self.per_minute) {
            times.pop_front();
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::Limiter;
    use crate::config::ConnectionConfig;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn changed_settings_do_not_begin_the_minute_anew() {
        let settings = |text: &str| serde_json::from_str::<ConnectionConfig>(text).unwrap();
        let of = |per_minute: &str| {
            settings(&format!(
                r#"{{"vendor": "cure_md", "base_url": "https://x/", "sign_in": "launch"{per_minute}}}"#
            ))
        };
        let limiter = Limiter::of(&of(r#", "requests_per_minute": 600"#));
        let start = Instant::now();
        assert!((0..20).all(|_| limiter.next(start) == start), "the vendor's own figure");
        let again = limiter.again(&of(""));
        assert!(again.next(start) - start >= Duration::from_secs(60));
    }

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
