//! Insights: how claims fare over a period. Every figure says how many claims it rests on; with none there is no figure.

use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Cents, Fault, FaultKind};
use iambilly_edi::answers::reasons::{Concern, reason};
use iambilly_store::{Approval, Sending};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

/// The longest period in days.
const LONGEST: i32 = 3 * 366;
/// A period of up to so many days is shown by weeks.
const BY_WEEKS: i32 = 26 * 7;

/// A stretch of the period: how many claims, and how many of them are so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stretch {
    /// Its first day.
    pub from: Date,
    /// How many claims.
    pub of: u32,
    /// How many of them are so.
    pub are: u32,
}

/// A share of claims, over the period and in its stretches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// How many claims.
    pub of: u32,
    /// How many of them are so.
    pub are: u32,
    /// Week by week or month by month.
    pub stretches: Vec<Stretch>,
}

/// How long approvals took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// How many claims were approved.
    pub approved: u32,
    /// Half of them took at most so many minutes from draft to approval.
    pub median_minutes: Option<u64>,
    /// Nine of ten took at most so many.
    pub most_minutes: Option<u64>,
    /// The median of each stretch, with how many claims.
    pub stretches: Vec<WaitingStretch>,
}

/// How long approvals of a stretch took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingStretch {
    /// Its first day.
    pub from: Date,
    /// How many claims were approved.
    pub approved: u32,
    /// Half of them took at most so many minutes.
    pub median_minutes: Option<u64>,
}

/// Denials for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeniedFor {
    /// Reason code, or the status that sent claims back.
    pub reason: String,
    /// What it means.
    pub says: String,
    /// What it is about.
    pub concern: Concern,
    /// How many.
    pub count: u32,
    /// How much.
    pub amount: Cents,
}

/// Money on claims that are not decided yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AtRisk {
    /// 3 blocked, 2 warned or a question that matters, 1 another question, 0 none.
    pub risk: u8,
    /// How many claims.
    pub count: u32,
    /// What is charged on them.
    pub charge: Cents,
}

/// How long a stretch of a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// From Monday on.
    Week,
    /// Of the calendar.
    Month,
}

/// How claims fare.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Insights {
    /// First day of the period.
    pub from: Date,
    /// Last day of it.
    pub to: Date,
    /// How long a stretch is.
    pub by: Every,
    /// How many claims were sent.
    pub sent: u32,
    /// Of those answered: how many nobody rejected or denied, in whole or part.
    pub clean: Share,
    /// Denials opened in the period, the most money first.
    pub denials: Vec<DeniedFor>,
    /// Of those approved: how many stand as the readers coded them.
    pub agreement: Share,
    /// Codes that people changed on those approved.
    pub corrections: u32,
    /// From draft to approval.
    pub waiting: Waiting,
    /// Claims that are open now.
    pub at_risk: Vec<AtRisk>,
    /// Denials that are open now, and how much.
    pub open_denials: (u32, Cents),
}

impl Session {
    /// How claims fared from a day to another, both included.
    ///
    /// # Errors
    /// `period_invalid` for one that ends before it begins or is longer than three years.
    pub async fn insights(&self, from: Date, to: Date) -> Result<Insights, AppError> {
        self.allow(Action::ViewClaims).await?;
        let days = from.until(to).map(|span| span.get_days()).unwrap_or(i32::MAX);
        let (Some(begin), Some(end)) = (start(from), to.tomorrow().ok().and_then(start)) else {
            return Err(invalid());
        };
        if !(0..=LONGEST).contains(&days) {
            return Err(invalid());
        }
        let (approvals, sendings, denials, open, denied) = self
            .store(move |s| {
                s.read(|r| {
                    Ok((
                        r.approvals(begin, end)?,
                        r.sendings(begin, end)?,
                        r.denials_by_reason(begin, end)?,
                        r.open_by_risk()?,
                        r.open_denials()?,
                    ))
                })
            })
            .await?;
        let weekly = days < BY_WEEKS;
        let stretches = stretches(from, to, weekly);
        let answered: Vec<Sending> = sendings.iter().copied().filter(|s| s.answered).collect();
        Ok(Insights {
            from,
            to,
            by: if weekly { Every::Week } else { Every::Month },
            sent: number(sendings.len()),
            clean: share(&stretches, &answered, |s| s.sent_at, |s| !s.refused),
            denials: denials
                .into_iter()
                .map(|d| {
                    let sent_back = d.of.contains([':', ' ']);
                    let meant = reason(&d.of);
                    DeniedFor {
                        says: if sent_back {
                            "Sent back before anybody decided it.".to_owned()
                        } else {
                            meant.says.to_owned()
                        },
                        concern: if sent_back { Concern::Documentation } else { meant.concern },
                        reason: d.of,
                        count: d.count,
                        amount: d.amount,
                    }
                })
                .collect(),
            agreement: share(&stretches, &approvals, |a| a.approved_at, |a| a.corrections == 0),
            corrections: approvals.iter().map(|a| a.corrections).sum(),
            waiting: waiting(&stretches, &approvals),
            at_risk: open
                .into_iter()
                .map(|o| AtRisk { risk: o.of, count: o.count, charge: o.amount })
                .collect(),
            open_denials: (denied.count, denied.amount),
        })
    }
}

fn invalid() -> AppError {
    Fault::new(
        FaultKind::Input,
        "period_invalid",
        "That is no period.",
        "Give a first and a last day, at most three years apart.",
    )
    .into()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The beginning of a day in UTC, as the records keep time.
fn start(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// First days of the stretches of a period: Mondays, or the first of months; the first one is the period's own.
fn stretches(from: Date, to: Date, weekly: bool) -> Vec<Date> {
    let mut all = vec![from];
    let mut day = from;
    while let Ok(next) = day.tomorrow() {
        if next > to {
            break;
        }
        let begins = if weekly { next.weekday().to_monday_zero_offset() == 0 } else { next.day() == 1 };
        if begins {
            all.push(next);
        }
        day = next;
    }
    all
}

/// Which stretch a moment is in.
fn place(stretches: &[Date], at: Timestamp) -> usize {
    let day = at.to_zoned(TimeZone::UTC).date();
    stretches.iter().rposition(|begin| *begin <= day).unwrap_or(0)
}

fn share<T>(stretches: &[Date], all: &[T], at: impl Fn(&T) -> Timestamp, is: impl Fn(&T) -> bool) -> Share {
    let mut parts: Vec<Stretch> =
        stretches.iter().map(|from| Stretch { from: *from, of: 0, are: 0 }).collect();
    for one in all {
        if let Some(part) = parts.get_mut(place(stretches, at(one))) {
            part.of += 1;
            part.are += u32::from(is(one));
        }
    }
    Share { of: number(all.len()), are: parts.iter().map(|p| p.are).sum(), stretches: parts }
}

fn minutes(approval: &Approval) -> u64 {
    let took: Span = match approval.drafted_at.until(approval.approved_at) {
        Ok(took) => took,
        Err(_) => return 0,
    };
    u64::try_from(took.get_seconds() / 60 + took.get_minutes() + i64::from(took.get_hours()) * 60)
        .unwrap_or(0)
}

/// The least value that at least this share of a hundred is not above.
fn percentile(sorted: &[u64], share: usize) -> Option<u64> {
    let rank = (sorted.len() * share).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

fn waiting(stretches: &[Date], approvals: &[Approval]) -> Waiting {
    let mut parts: Vec<Vec<u64>> = stretches.iter().map(|_| vec![]).collect();
    for approval in approvals {
        if let Some(part) = parts.get_mut(place(stretches, approval.approved_at)) {
            part.push(minutes(approval));
        }
    }
    let mut all: Vec<u64> = parts.iter().flatten().copied().collect();
    all.sort_unstable();
    Waiting {
        approved: number(all.len()),
        median_minutes: percentile(&all, 50),
        most_minutes: percentile(&all, 90),
        stretches: stretches
            .iter()
            .zip(parts)
            .map(|(from, mut part)| {
                part.sort_unstable();
                WaitingStretch {
                    from: *from,
                    approved: number(part.len()),
                    median_minutes: percentile(&part, 50),
                }
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{percentile, share, stretches, waiting};
    use iambilly_store::Approval;
    use jiff::Timestamp;
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn stretches_begin_on_mondays_or_firsts_and_cover_the_period() {
        let weeks = stretches(date(2026, 3, 4), date(2026, 3, 17), true);
        assert_eq!(weeks, [date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16)]);
        let months = stretches(date(2026, 1, 15), date(2026, 3, 1), false);
        assert_eq!(months, [date(2026, 1, 15), date(2026, 2, 1), date(2026, 3, 1)]);
        assert_eq!(stretches(date(2026, 3, 4), date(2026, 3, 4), true), [date(2026, 3, 4)]);
    }

    #[test]
    fn a_share_counts_each_claim_once_in_its_own_stretch() {
        let weeks = stretches(date(2026, 3, 2), date(2026, 3, 15), true);
        let all =
            [("2026-03-02T00:00:00Z", true), ("2026-03-08T23:59:59Z", false), ("2026-03-09T00:00:00Z", true)];
        let found = share(&weeks, &all, |(when, _)| at(when), |(_, is)| *is);
        assert_eq!((found.of, found.are), (3, 2));
        let parts: Vec<_> = found.stretches.iter().map(|s| (s.of, s.are)).collect();
        assert_eq!(parts, [(2, 1), (1, 1)]);
    }

    #[test]
    fn waiting_is_told_by_median_and_nine_of_ten_and_by_nothing_where_nothing_was() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!((percentile(&[1, 2, 3, 4], 50), percentile(&[1, 2, 3, 4], 90)), (Some(2), Some(4)));
        let approval = |drafted: &str, approved: &str| Approval {
            drafted_at: at(drafted),
            approved_at: at(approved),
            corrections: 0,
        };
        let weeks = stretches(date(2026, 3, 2), date(2026, 3, 15), true);
        let found = waiting(
            &weeks,
            &[
                approval("2026-03-02T08:00:00Z", "2026-03-02T08:30:59Z"),
                approval("2026-03-01T08:00:00Z", "2026-03-03T09:00:00Z"),
            ],
        );
        assert_eq!((found.approved, found.median_minutes, found.most_minutes), (2, Some(30), Some(49 * 60)));
        assert_eq!((found.stretches[1].approved, found.stretches[1].median_minutes), (0, None));
    }
}
