//! What a payer has agreed to pay: rates by service, or a percentage of Medicare's fee.

use iambilly_claim::claim::ServiceLine;
use iambilly_claim::money::Cents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A contract with a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Payer id as claims name it.
    pub payer: String,
    /// First date of service.
    #[schemars(with = "String")]
    pub from: Date,
    /// Last date of service, if it ends.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// Tenths of a percent of Medicare's fee for what has no rate; none: nothing is expected of it.
    #[serde(default)]
    pub percent: Option<u32>,
    /// What one unit is paid, by code, or code and modifier like `63030-62`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub rates: BTreeMap<String, Cents>,
}

/// Largest percentage taken, in tenths: ten times Medicare.
const LARGEST: u32 = 10_000;

impl Contract {
    pub(super) fn is_sound(&self) -> bool {
        !self.payer.trim().is_empty()
            && self.to.is_none_or(|to| self.from <= to)
            && (self.percent.is_some() || !self.rates.is_empty())
            && self.percent.is_none_or(|p| (1..=LARGEST).contains(&p))
            && self.rates.values().all(|r| r.0 >= 0)
    }

    pub(super) fn holds(&self, dos: Date) -> bool {
        self.from <= dos && self.to.is_none_or(|to| dos <= to)
    }

    /// Its name for people.
    pub(super) fn name(&self) -> String {
        format!("the contract from {}", self.from)
    }

    /// What a line should be allowed. `share`: what Medicare's rules leave of a fee for rank, sides and modifiers, in
    /// thousandths, which contracts take over; `medicare`: what Medicare would pay.
    pub(super) fn expects(&self, line: &ServiceLine, share: u32, medicare: Option<Cents>) -> Option<Cents> {
        let with = |m: &String| self.rates.get(&format!("{}-{m}", line.code)).map(|rate| (rate, true));
        let rate =
            line.modifiers.iter().find_map(with).or_else(|| self.rates.get(&line.code).map(|r| (r, false)));
        if let Some((rate, of_modifier)) = rate {
            // A rate of its own for a modifier has that modifier's share in it.
            let share = if of_modifier { 1000 } else { i64::from(share) };
            let units = i64::from(line.units);
            return Some(Cents(rate.0.saturating_mul(units).saturating_mul(share) / 1000));
        }
        let percent = i64::from(self.percent?);
        Some(Cents(medicare?.0.saturating_mul(percent) / 1000))
    }
}

#[cfg(test)]
mod tests {
    use super::Contract;
    use iambilly_claim::claim::ServiceLine;
    use iambilly_claim::money::Cents;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn rates_come_before_a_percentage_and_shares_count() {
        let contract: Contract =
            serde_json::from_value(json!({"payer": "acme", "from": "2026-01-01", "to": "2026-12-31",
            "percent": 1250, "rates": {"63030": "1000.00", "63030-62": "600.00"}}))
            .unwrap();
        assert!(contract.is_sound());
        assert!(contract.holds(date(2026, 12, 31)) && !contract.holds(date(2027, 1, 1)));
        let line = |code: &str, modifiers: &[&str], units: u32| -> ServiceLine {
            serde_json::from_value(json!({"number": 1, "code": code, "modifiers": modifiers, "units": units}))
                .unwrap()
        };
        for (line, share, medicare, expected) in [
            (line("63030", &["LT"], 1), 1000, None, Some(100_000)),
            (line("63030", &["LT"], 1), 500, Some(1), Some(50_000)),
            (line("63030", &["62"], 1), 625, None, Some(60_000)),
            (line("63030", &[], 3), 1000, None, Some(300_000)),
            (line("22551", &[], 1), 500, Some(80_000), Some(100_000)),
            (line("22551", &[], 1), 500, None, None),
        ] {
            assert_eq!(contract.expects(&line, share, medicare.map(Cents)), expected.map(Cents), "{line:?}");
        }
        for wrong in [
            json!({"payer": "", "from": "2026-01-01", "percent": 1000}),
            json!({"payer": "acme", "from": "2026-01-01"}),
            json!({"payer": "acme", "from": "2026-01-01", "to": "2025-01-01", "percent": 1000}),
            json!({"payer": "acme", "from": "2026-01-01", "percent": 0}),
            json!({"payer": "acme", "from": "2026-01-01", "rates": {"63030": "-1.00"}}),
        ] {
            assert!(
                !serde_json::from_value::<Contract>(wrong.clone()).is_ok_and(|c| c.is_sound()),
                "{wrong}"
            );
        }
    }
}
