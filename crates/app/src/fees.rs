//! Charges: the clinic's fee schedules by payer and date of service, and Medicare's fee times a percentage where no
//! schedule has the service.
//!
//! The first of these that knows the service prices a line: rates for the payer, rates for every payer, a percentage for
//! the payer, a percentage for every payer; within each the one in force that begins last. Where none does, the
//! clinic's default percentage of Medicare's national fee applies ([`DEFAULT_PERCENT`] until it sets its own). A
//! charge is that of one unit times the units, and twice that with modifier 50; what a payer then lowers (rank, sides,
//! assistants) is the payer's. Every line says where its charge comes from.

use crate::error::AppError;
use crate::people::Action;
use crate::rules::Rules;
use crate::session::{Session, blocking};
use iambilly_claim::money::Cents;
use iambilly_claim::{Claim, Fault, FaultKind};
use iambilly_scrub::optimise::Setting;
use iambilly_store::{FeeRate, FeeSchedule};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

mod sheet;
pub use sheet::{read, read_file};

/// Percentage of Medicare's fee until the clinic sets its own, in tenths of a percent.
pub const DEFAULT_PERCENT: u32 = 2000;
/// Setting that holds the clinic's default percentage.
const SETTING: &str = "charges";
/// Largest percentage taken, in tenths: ten times Medicare.
const LARGEST: u32 = 10_000;

/// A fee schedule as it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFeeSchedule {
    /// Its name for people.
    pub name: String,
    /// Payer id; none: for every payer.
    pub payer: Option<String>,
    /// First date of service.
    pub from: Date,
    /// Last date of service, if it ends.
    pub to: Option<Date>,
    /// What it charges.
    pub charges: Charges,
}

/// What a fee schedule charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charges {
    /// Tenths of a percent of Medicare's fee.
    Percent(u32),
    /// A rate for each service.
    Rates(Vec<FeeRate>),
}

/// A fee schedule as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeeScheduleView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Payer id; none: every payer.
    pub payer: Option<String>,
    /// First date of service.
    pub from: String,
    /// Last date of service, if it ends.
    pub to: Option<String>,
    /// Tenths of a percent of Medicare's fee; none: its rates.
    pub percent: Option<u32>,
    /// How many rates it has.
    pub rates: u64,
    /// When it was made, RFC 3339 in UTC.
    pub at: String,
    /// It no longer prices anything.
    pub retired: bool,
}

impl From<FeeSchedule> for FeeScheduleView {
    fn from(s: FeeSchedule) -> Self {
        Self {
            id: s.id.to_string(),
            name: s.name,
            payer: s.payer,
            from: s.from.to_string(),
            to: s.to.map(|d| d.to_string()),
            percent: s.percent,
            rates: s.rates,
            at: s.created_at.to_string(),
            retired: s.retired_at.is_some(),
        }
    }
}

/// All fee schedules and the percentage where none has the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fees {
    /// Newest first.
    pub schedules: Vec<FeeScheduleView>,
    /// Tenths of a percent of Medicare's national fee.
    pub default_percent: u32,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Default {
    percent: u32,
}

/// A schedule in force with the rates that a claim needs.
#[derive(Debug, Clone)]
struct InForce {
    schedule: FeeSchedule,
    rates: Vec<FeeRate>,
}

/// What prices a claim's lines.
#[derive(Debug, Clone)]
pub(crate) struct Pricing {
    schedules: Vec<InForce>,
    default_percent: u32,
}

impl Pricing {
    /// Writes the charges of a claim's lines and says where they come from. A charge that somebody wrote stays.
    pub(crate) fn charge(&self, claim: &mut Claim, rules: &Rules, today: Date) -> Result<(), Fault> {
        let book = rules.book()?;
        let fees = iambilly_scrub::optimise::fees(claim, &book, &Setting::default(), today);
        for (line, fee) in claim.lines.iter_mut().zip(fees) {
            if line.charge.is_some() && line.charge_source.is_none() {
                continue;
            }
            let medicare = || {
                if let Some(fee) = &fee {
                    return Some((fee.amount, fee.source.version.clone()));
                }
                let office = line.pos.as_deref() == Some("11");
                let value = if office {
                    iambilly_coding::office_rvu(&line.code)
                } else {
                    iambilly_coding::rvu(&line.code)
                }?;
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "values are below 1,000"
                )]
                let values = (value * 10_000.0).round() as u64;
                let dos = line.dos.as_deref()?.parse().ok()?;
                let amount = iambilly_scrub::optimise::national(&book, dos, values, &Setting::default())?;
                Some((amount, iambilly_coding::values_edition().to_owned()))
            };
            let priced = self.price(&line.code, &line.modifiers, medicare);
            let sides = if line.modifiers.iter().any(|m| m == "50") { 2 } else { 1 };
            let times = i64::from(line.units).saturating_mul(sides);
            line.charge = priced.as_ref().map(|(one, _)| Cents(one.0.saturating_mul(times)).to_string());
            line.charge_source = priced.map(|(_, from)| from);
        }
        Ok(())
    }

    /// The charge of one unit and where it comes from.
    fn price(
        &self,
        code: &str,
        modifiers: &[String],
        medicare: impl Fn() -> Option<(Cents, String)>,
    ) -> Option<(Cents, String)> {
        let share = |percent: u32| {
            let (amount, edition) = medicare()?;
            let charge = amount.0.saturating_mul(i64::from(percent)).saturating_add(500) / 1000;
            let words = format!("{}.{} % of Medicare's national fee ({edition})", percent / 10, percent % 10);
            Some((Cents(charge), words))
        };
        for own in &self.schedules {
            let s = &own.schedule;
            let priced = match s.percent {
                Some(percent) => share(percent),
                None => own.rate(code, modifiers).map(|rate| (rate, String::from("rate"))),
            };
            if let Some((charge, how)) = priced {
                return Some((charge, format!("{} (from {}): {how}", s.name, s.from)));
            }
        }
        share(self.default_percent).map(|(charge, how)| (charge, format!("{how}, the default")))
    }
}

impl InForce {
    /// The rate of a service: with one of its modifiers, else whatever the modifiers.
    fn rate(&self, code: &str, modifiers: &[String]) -> Option<Cents> {
        let of = |wanted: &str| {
            self.rates.iter().find(|r| r.code == code && r.modifier == wanted).map(|r| r.charge)
        };
        modifiers.iter().find_map(|m| of(m)).or_else(|| of(""))
    }
}

impl Session {
    /// All fee schedules, and the percentage where none has the service.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn fees(&self) -> Result<Fees, AppError> {
        self.allow(Action::ViewFees).await?;
        self.store(|s| {
            s.read(|r| {
                let default_percent = r.setting::<Default>(SETTING)?.map_or(DEFAULT_PERCENT, |d| d.percent);
                let schedules = r.fee_schedules()?.into_iter().map(FeeScheduleView::from).collect();
                Ok(Fees { schedules, default_percent })
            })
        })
        .await
    }

    /// Keeps a new fee schedule.
    ///
    /// # Errors
    /// `fee_schedule_invalid` for a name that is empty, dates the wrong way round, no rates or a percentage that cannot
    /// be meant.
    pub async fn add_fee_schedule(&self, new: NewFeeSchedule) -> Result<FeeScheduleView, AppError> {
        self.allow(Action::ChangeFees).await?;
        check(&new)?;
        let (percent, rates) = match new.charges {
            Charges::Percent(percent) => (Some(percent), vec![]),
            Charges::Rates(rates) => (None, rates),
        };
        let schedule = FeeSchedule {
            id: self.surroundings.id(),
            name: new.name.trim().to_owned(),
            payer: new.payer.map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()),
            from: new.from,
            to: new.to,
            percent,
            rates: rates.len() as u64,
            actor: self.by().to_string(),
            created_at: (self.surroundings.now)(),
            retired_at: None,
        };
        let kept = schedule.clone();
        self.store(move |s| {
            s.write(|r| {
                r.insert_fee_schedule(&schedule, &rates)?;
                let of = schedule.id.to_string();
                r.append_audit(&schedule.actor, "fee_schedule.added", &of, schedule.created_at).map(drop)
            })
        })
        .await?;
        Ok(kept.into())
    }

    /// Retires a fee schedule: it no longer prices anything.
    ///
    /// # Errors
    /// Not found.
    pub async fn retire_fee_schedule(&self, id: &str) -> Result<(), AppError> {
        self.allow(Action::ChangeFees).await?;
        let id: uuid::Uuid = id.trim().parse().map_err(|_| {
            Fault::new(
                FaultKind::Usage,
                "fee_schedule_id_invalid",
                "That is not a fee schedule's id.",
                "iambilly fees list shows them.",
            )
        })?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.retire_fee_schedule(id, &by, now)?;
                r.append_audit(&by, "fee_schedule.retired", &id.to_string(), now).map(drop)
            })
        })
        .await
    }

    /// Sets the percentage of Medicare's national fee where no schedule has the service, in tenths of a percent.
    ///
    /// # Errors
    /// `fee_schedule_invalid` for one that cannot be meant.
    pub async fn set_default_percent(&self, percent: u32) -> Result<(), AppError> {
        self.allow(Action::ChangeFees).await?;
        if percent == 0 || percent > LARGEST {
            return Err(invalid("A percentage of Medicare lies above 0 and at most at 1000.").into());
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.set_setting(SETTING, &Default { percent })?;
                r.append_audit(&by, "fee_schedule.default", &percent.to_string(), now).map(drop)
            })
        })
        .await
    }

    /// What prices claims of a payer on a date of service; for all codes, or some.
    pub(crate) async fn pricing(
        &self,
        payer: &str,
        dos: Date,
        codes: Option<BTreeSet<String>>,
    ) -> Result<Pricing, AppError> {
        let payer = payer.to_owned();
        self.store(move |s| {
            s.read(|r| {
                let default_percent = r.setting::<Default>(SETTING)?.map_or(DEFAULT_PERCENT, |d| d.percent);
                let mut schedules = vec![];
                for schedule in r.fee_schedules()? {
                    let ours = schedule.payer.as_ref().is_none_or(|p| p.eq_ignore_ascii_case(&payer));
                    let now = schedule.from <= dos && schedule.to.is_none_or(|to| dos <= to);
                    if schedule.retired_at.is_some() || !ours || !now {
                        continue;
                    }
                    let rates = match schedule.percent {
                        Some(_) => vec![],
                        None => r.fee_rates(schedule.id, codes.as_ref())?,
                    };
                    schedules.push(InForce { schedule, rates });
                }
                // Newest first already: what begins last, then what was made last.
                schedules.sort_by_key(|own| {
                    let s = &own.schedule;
                    (s.percent.is_some(), s.payer.is_none(), std::cmp::Reverse(s.from))
                });
                Ok(Pricing { schedules, default_percent })
            })
        })
        .await
    }

    /// The claim with today's charges: those somebody wrote stay.
    pub(crate) async fn charged(&self, mut claim: Claim) -> Result<Claim, AppError> {
        let dos = claim.lines.iter().find_map(|l| l.dos.as_deref()?.parse().ok());
        let Some(dos) = dos else { return Ok(claim) };
        let codes = claim.lines.iter().map(|l| l.code.clone()).collect();
        let pricing = self.pricing(&claim.payer.id, dos, Some(codes)).await?;
        let (rules, today) = (self.config.rules.clone(), (self.surroundings.today)());
        blocking(move || {
            pricing.charge(&mut claim, &rules, today)?;
            Ok(claim)
        })
        .await
    }
}

fn invalid(message: &str) -> Fault {
    Fault::new(
        FaultKind::Input,
        "fee_schedule_invalid",
        message,
        "Correct it and give it again; nothing was kept.",
    )
}

fn check(new: &NewFeeSchedule) -> Result<(), Fault> {
    let what = match &new.charges {
        _ if new.name.trim().is_empty() || new.name.chars().count() > 120 => {
            "A fee schedule needs a name of at most 120 characters."
        }
        _ if new.to.is_some_and(|to| to < new.from) => "A fee schedule ends before it begins.",
        Charges::Percent(p) if *p == 0 || *p > LARGEST => {
            "A percentage of Medicare lies above 0 and at most at 1000."
        }
        Charges::Rates(rates) if rates.is_empty() => "A fee schedule needs rates.",
        _ => return Ok(()),
    };
    Err(invalid(what))
}

#[cfg(test)]
mod tests {
    use super::{FeeRate, FeeSchedule, InForce, Pricing};
    use crate::rules::Rules;
    use iambilly_claim::Claim;
    use iambilly_claim::money::Cents;
    use jiff::civil::date;

    fn schedule(name: &str, percent: Option<u32>, rates: &[(&str, &str, i64)]) -> InForce {
        let rate = |(code, modifier, cents): &(&str, &str, i64)| FeeRate {
            code: (*code).to_owned(),
            modifier: (*modifier).to_owned(),
            charge: Cents(*cents),
        };
        InForce {
            schedule: FeeSchedule {
                id: uuid::Uuid::nil(),
                name: name.to_owned(),
                payer: None,
                from: date(2026, 1, 1),
                to: None,
                percent,
                rates: rates.len() as u64,
                actor: "owner".to_owned(),
                created_at: jiff::Timestamp::UNIX_EPOCH,
                retired_at: None,
            },
            rates: rates.iter().map(rate).collect(),
        }
    }

    /// Charges of a claim's lines, with where each comes from.
    fn charges(schedules: Vec<InForce>, lines: serde_json::Value) -> Vec<(Option<String>, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let claim = serde_json::json!({"payer": {"id": "medicare", "type": "medicare"}, "lines": lines});
        let mut claim: Claim = serde_json::from_value(claim).unwrap();
        let pricing = Pricing { schedules, default_percent: 1000 };
        pricing.charge(&mut claim, &Rules::of(folder.path().to_owned()), date(2026, 3, 1)).unwrap();
        claim.lines.into_iter().map(|l| (l.charge, l.charge_source)).collect()
    }

    fn line(code: &str, modifiers: &[&str], units: u32, pos: &str) -> serde_json::Value {
        serde_json::json!({"number": 1, "code": code, "modifiers": modifiers, "units": units, "pos": pos,
            "dos": "2026-02-02"})
    }

    #[test]
    fn units_and_both_sides_are_charged_and_a_rate_with_the_modifier_comes_first() {
        let own = || vec![schedule("Own", None, &[("64493", "", 10_000), ("64493", "26", 4_000)])];
        let lines = serde_json::json!([
            line("64493", &[], 3, "24"),
            line("64493", &["50"], 1, "24"),
            line("64493", &["LT", "26"], 2, "24"),
        ]);
        let told: Vec<_> = charges(own(), lines).into_iter().map(|(c, _)| c.unwrap()).collect();
        assert_eq!(told, ["300.00", "200.00", "80.00"]);
    }

    #[test]
    fn what_a_person_wrote_stays_and_what_a_schedule_wrote_is_renewed() {
        let mut written = line("63030", &[], 1, "21");
        written["charge"] = "1234.00".into();
        let mut older = written.clone();
        older["charge_source"] = "an older schedule".into();
        let own = vec![schedule("Own", None, &[("63030", "", 99_900)])];
        let told = charges(own, serde_json::json!([written, older]));
        assert_eq!(told[0], (Some("1234.00".to_owned()), None));
        assert_eq!(told[1], (Some("999.00".to_owned()), Some("Own (from 2026-01-01): rate".to_owned())));
    }

    #[test]
    fn the_office_has_its_own_value_a_status_b_code_none_and_an_unlisted_code_no_charge() {
        let lines = serde_json::json!([
            line("62323", &[], 1, "11"),
            line("62323", &[], 1, "24"),
            line("20930", &[], 1, "21"),
            line("22899", &[], 1, "21"),
        ]);
        let told = charges(vec![], lines);
        let amount = |i: usize| told[i].0.as_ref().unwrap().parse::<Cents>().unwrap();
        assert!(amount(0) > amount(1) && amount(1).0 > 0, "{told:?}");
        assert!(told[0].1.as_ref().unwrap().ends_with("the default"), "{told:?}");
        assert_eq!(amount(2), Cents(0));
        assert_eq!(told[3], (None, None), "the scrubber asks for it");
    }

    #[test]
    fn a_percentage_prices_what_no_rate_does() {
        let own = vec![schedule("Rates", None, &[("22551", "", 1)]), schedule("Share", Some(1500), &[])];
        let lines = serde_json::json!([line("63030", &[], 1, "21")]);
        let share = charges(own, lines.clone()).remove(0);
        let whole = charges(vec![], lines).remove(0);
        let cents = |c: &Option<String>| c.as_ref().unwrap().parse::<Cents>().unwrap().0;
        assert!((cents(&share.0) * 2 - cents(&whole.0) * 3).abs() <= 3, "{share:?} {whole:?}");
        assert!(share.1.unwrap().starts_with("Share (from 2026-01-01): 150.0 %"));
    }
}
