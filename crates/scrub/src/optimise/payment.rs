//! What Medicare would pay for a claim by the fee schedule.
//!
//! A service's fee is its relative values, each times the index of the locality where the three parts are known, times
//! the conversion factor of the year. Modifiers, the rank of a procedure among those of its day and the status of its code
//! change the share that is paid (Claims Processing Manual ch. 12 s. 20 and 40). Relative values, indices and factors
//! are in ten-thousandths, shares in thousandths.

use crate::book::RuleBook;
use crate::codes::Codes;
use crate::view::{Line, View};
use iambilly_claim::finding::Source;
use iambilly_claim::money::Cents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Who is paid, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Setting {
    /// Contractor and locality number (`0110200`) of the imported indices; without it the payment is the national one.
    pub locality: Option<String>,
    /// A qualifying participant of an advanced payment model (its own conversion factor from 2026 on).
    pub qualifying: bool,
}

/// What a claim would be paid.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Payment {
    /// Each line, in the claim's order.
    pub lines: Vec<LinePayment>,
    /// Sum of what is priced.
    pub total: Cents,
    /// Sum of relative value units paid, in ten-thousandths.
    pub rvu: u64,
    /// Whether each line was priced in full.
    pub complete: bool,
}

/// What one line would be paid.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct LinePayment {
    /// Line number.
    pub line: u32,
    /// Code.
    pub code: String,
    /// Relative value units of one unit at the place of service, in ten-thousandths.
    pub rvu: Option<u32>,
    /// Share of the fee that is paid, in thousandths, all modifiers and the rank together.
    pub share: u32,
    /// The amount; none where the tables do not say.
    pub amount: Option<Cents>,
    /// How it came about, step by step.
    pub steps: Vec<String>,
    /// Table and edition of the relative values.
    pub source: Option<Source>,
}

/// The file of payment rules.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct PaymentRules {
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    multiple: Vec<u32>,
    bilateral: u32,
    co_surgeon: u32,
    assistant: u32,
    assistant_other: u32,
    facility: Vec<String>,
    by_report: Vec<String>,
    conversion: Vec<Factor>,
    pub(crate) missed: Vec<Missed>,
}

#[derive(Debug, Clone, Deserialize)]
struct Factor {
    from: Date,
    others: String,
    qualifying: String,
}

/// An add-on that words in the note call for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Missed {
    pub(crate) add: String,
    pub(crate) beside: Codes,
    pub(crate) says: Vec<Vec<String>>,
    pub(crate) unless: Codes,
    /// One unit for each level of the primary's line.
    pub(crate) each: bool,
    pub(crate) message: String,
}

/// The conversion factor of a date, in ten-thousandths of a dollar.
fn factor(book: &RuleBook, dos: Date, setting: &Setting) -> Option<u32> {
    book.conversion(dos, setting.qualifying).map(|f| *f).or_else(|| {
        let row = book.payment_rules.conversion.iter().rev().find(|f| f.from <= dos)?;
        crate::seed::rvu(if setting.qualifying { &row.qualifying } else { &row.others })
    })
}

/// The fee of one unit in full: relative value (adjusted to the locality where it can be) and the amount in
/// hundred-millionths of a dollar.
fn fee(
    view: &View<'_>,
    line: &Line<'_>,
    setting: &Setting,
    steps: &mut Vec<String>,
) -> Option<(u32, u64, Source)> {
    let (book, dos) = (view.book, line.dos?);
    let fee = line.on.fee?;
    let source = fee.cite(line.code.clone());
    let zero = |why: &str, steps: &mut Vec<String>| steps.push(format!("status {}: {why}", fee.status));
    match fee.status {
        'B' | 'I' | 'N' | 'P' | 'X' => {
            zero("not paid by itself", steps);
            return Some((0, 0, source));
        }
        'C' => {
            zero("priced by the contractor", steps);
            return None;
        }
        _ => {}
    }
    let values = fee.values;
    let in_facility = book.payment_rules.facility.iter().any(|p| p == line.place);
    let (total, expense) = if in_facility {
        (values.facility_total, values.facility_expense)
    } else {
        (values.office_total, values.office_expense)
    };
    // The seed knows this year's totals of some codes only: another year's would be a wrong amount.
    let Some(total) = total.filter(|t| *t > 0) else {
        steps.push(
            "no relative value of this year and place of service at hand; import the fee schedule".to_owned(),
        );
        return None;
    };
    let conversion = factor(book, dos, setting)?;
    let local = setting.locality.as_deref().and_then(|l| book.gpci(l, dos));
    let adjusted = match (local, values.work, expense, values.malpractice) {
        (Some(index), Some(work), Some(expense), Some(malpractice)) => {
            steps.push("adjusted to the locality".to_owned());
            let part = |value: u32, index: u32| u64::from(value).saturating_mul(u64::from(index)) / 10_000;
            part(work, index.work)
                .saturating_add(part(expense, index.expense))
                .saturating_add(part(malpractice, index.malpractice))
        }
        _ => {
            steps.push("national".to_owned());
            u64::from(total)
        }
    };
    steps.push(format!("{} RVU at {} dollars", decimal(adjusted), decimal(u64::from(conversion))));
    Some((total, adjusted.saturating_mul(u64::from(conversion)), source))
}

/// Medicare's fee of a service, before anything that lowers what is paid.
#[derive(Debug, Clone, PartialEq)]
pub struct Fee {
    /// Of one unit.
    pub amount: Cents,
    /// Table and edition of the relative values.
    pub source: Source,
}

/// The fee of one unit of each line; none where the tables do not say.
pub(crate) fn fees(view: &View<'_>, setting: &Setting) -> Vec<Option<Fee>> {
    let of = |line: &Line<'_>| {
        let (_, full, source) = fee(view, line, setting, &mut Vec::new())?;
        Some(Fee { amount: cents(full)?, source })
    };
    view.lines.iter().map(of).collect()
}

/// What Medicare pays nationally for relative values (in ten-thousandths) on a date of service.
pub(crate) fn national(book: &RuleBook, dos: Date, values: u64, setting: &Setting) -> Option<Cents> {
    cents(values.saturating_mul(u64::from(factor(book, dos, setting)?)))
}

/// Rounds hundred-millionths of a dollar.
fn cents(full: u64) -> Option<Cents> {
    i64::try_from(full.saturating_add(500_000) / 1_000_000).ok().map(Cents)
}

fn decimal(ten_thousandths: u64) -> String {
    let text = format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Prices a claim.
pub(crate) fn price(view: &View<'_>, setting: &Setting) -> Payment {
    let rules = &view.book.payment_rules;
    let mut lines: Vec<(LinePayment, u64)> = Vec::new();
    for line in &view.lines {
        let mut steps = Vec::new();
        let priced = fee(view, line, setting, &mut steps);
        let mut share = 1000_u32;
        let mut part = |by: u32, why: &str, steps: &mut Vec<String>| {
            share = share.saturating_mul(by) / 1000;
            steps.push(format!("{why} {}.{} %", by / 10, by % 10));
        };
        let row = line.on.fee;
        if line.has("50") && row.as_ref().is_some_and(|f| f.bilateral == 1) {
            part(rules.bilateral, "both sides", &mut steps);
        }
        if line.has("62") {
            part(rules.co_surgeon, "co-surgeon", &mut steps);
        }
        if line.has("AS") {
            part(rules.assistant_other, "assistant (AS)", &mut steps);
        } else if line.has_any(view.book, "assistant") {
            part(rules.assistant, "assistant", &mut steps);
        }
        let assists = line.has_any(view.book, "assistant") && row.as_ref().is_some_and(|f| f.assistant == 1);
        if assists {
            part(0, "assistants are not paid for this service", &mut steps);
        }
        let report = line.modifiers.iter().find(|m| rules.by_report.contains(m));
        if let Some(m) = report {
            steps.push(format!("{m} is priced by report"));
        }
        let full = priced.as_ref().filter(|_| report.is_none()).map(|(_, full, _)| *full);
        lines.push((
            LinePayment {
                line: line.number,
                code: line.code.clone(),
                rvu: priced.as_ref().map(|(rvu, ..)| *rvu),
                share,
                amount: full.map(|_| Cents(0)),
                steps,
                source: priced.map(|(.., source)| source),
            },
            full.unwrap_or(0),
        ));
    }
    rank(view, &mut lines, &rules.multiple);
    let (mut total, mut rvu) = (Cents(0), 0_u64);
    for ((payment, full), line) in lines.iter_mut().zip(&view.lines) {
        let units = u64::from(line.raw.units);
        if payment.amount.is_some() {
            let paid = full.saturating_mul(u64::from(payment.share)).saturating_mul(units) / 1000;
            let cents = paid.saturating_add(500_000) / 1_000_000;
            payment.amount = i64::try_from(cents).ok().map(Cents);
            total = Cents(total.0.saturating_add(payment.amount.map_or(0, |c| c.0)));
            let value = u64::from(payment.rvu.unwrap_or(0)).saturating_mul(units);
            rvu = rvu.saturating_add(value.saturating_mul(u64::from(payment.share)) / 1000);
        }
    }
    let lines: Vec<LinePayment> = lines.into_iter().map(|(payment, _)| payment).collect();
    let complete = lines.iter().all(|l| l.amount.is_some());
    Payment { lines, total, rvu, complete }
}

/// The multiple-procedure reduction: the highest fee of the day in full, the next ones in part.
fn rank(view: &View<'_>, lines: &mut [(LinePayment, u64)], shares: &[u32]) {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.retain(|i| {
        view.lines.get(*i).is_some_and(|l| {
            let fee = l.on.fee;
            !l.is_add_on && fee.is_some_and(|f| f.multiple == 2)
        })
    });
    let worth = |i: &usize| lines.get(*i).map_or(0, |(p, full)| full.saturating_mul(u64::from(p.share)));
    order.sort_by_key(|i| (view.lines.get(*i).and_then(|l| l.dos), std::cmp::Reverse(worth(i)), *i));
    let mut day = None;
    let mut place = 0;
    for i in order {
        let dos = view.lines.get(i).and_then(|l| l.dos);
        place = if dos == day { place + 1 } else { 0 };
        day = dos;
        let Some((payment, _)) = lines.get_mut(i) else { continue };
        let share = shares.get(place).or(shares.last()).copied().unwrap_or(1000);
        if share != 1000 {
            payment.share = payment.share.saturating_mul(share) / 1000;
            payment.steps.push(format!("procedure {} of the day {}.{} %", place + 1, share / 10, share % 10));
        }
        if place >= shares.len() {
            payment.steps.push("beyond the fifth procedure by report".to_owned());
        }
    }
}
