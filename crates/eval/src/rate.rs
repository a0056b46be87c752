//! Counts that add up over cases, and the rates made of them.

use serde::Serialize;
use std::ops::AddAssign;

/// True positives, false positives and false negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Answers that are right.
    pub hit: usize,
    /// Answers that are wrong.
    pub extra: usize,
    /// Right answers that were not given.
    pub missed: usize,
}

impl Counts {
    /// Share of answers that are right; 1 when there are none.
    #[must_use]
    pub fn precision(self) -> f64 {
        ratio(self.hit, self.hit + self.extra)
    }
    /// Share of right answers that were given; 1 when there are none.
    #[must_use]
    pub fn recall(self) -> f64 {
        ratio(self.hit, self.hit + self.missed)
    }
    /// Harmonic mean of precision and recall; 1 when nothing was expected and nothing said.
    #[must_use]
    pub fn f1(self) -> f64 {
        ratio(2 * self.hit, 2 * self.hit + self.extra + self.missed)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.hit += other.hit;
        self.extra += other.extra;
        self.missed += other.missed;
    }
}

/// So many out of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many hold.
    pub yes: usize,
    /// Out of how many.
    pub of: usize,
}

impl Share {
    /// The share, 1 when there was nothing to judge.
    #[must_use]
    pub fn rate(self) -> f64 {
        ratio(self.yes, self.of)
    }
    /// Counts one more.
    pub const fn count(&mut self, holds: bool) {
        self.of += 1;
        if holds {
            self.yes += 1;
        }
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.yes += other.yes;
        self.of += other.of;
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of cases are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
