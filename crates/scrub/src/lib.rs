//! Findings from a claim and a rule book.
//!
//! [`scrub`] is a pure function: a claim, the [`RuleBook`] and the day's date in, [`Findings`] out. Rules are
//! data with dates (`data/rules`, `data/icd10cm`): those in force on a line's date of service are used, and
//! every finding cites its source. A finding may carry a fix as JSON Patch; a fix is only offered when applying
//! it, alone or after the fixes before it, leaves the verdict no worse.
//!
//! How it fits: [`RuleBook`] holds the tables, `view` reads the claim once, the modules under `checks` each
//! answer for one family of kinds, `fixes` writes and proves the patches.

mod book;
mod bundle;
mod checks;
mod codes;
pub mod edition;
pub mod explain;
mod fixes;
mod icd;
mod in_force;
mod line_rules;
mod lookups;
mod official;
pub mod optimise;
pub mod payer;
mod place;
mod rules;
mod seed;
mod table;
#[cfg(test)]
mod tests;
mod view;

pub use book::{BookError, Edition, RuleBook};
pub use fixes::{ApplyError, apply};
pub use iambilly_icd10cm::Standing;
pub use icd::Icd;
pub use in_force::Gap;
pub use lookups::{Dated, Locality};
pub use official::{Imported, Shelved};
pub use payer::PayerRules;
pub use seed::Seed;

use iambilly_claim::{Claim, Findings};
use jiff::civil::Date;

/// Judges a claim by the rules in force on its dates of service. `today` stands in for the date of receipt
/// where the claim has none.
#[must_use]
pub fn scrub(claim: &Claim, book: &RuleBook, today: Date) -> Findings {
    scrub_with(claim, book, &PayerRules::default(), today)
}

/// The same with a clinic's own payer rules beside the book.
#[must_use]
pub fn scrub_with(claim: &Claim, book: &RuleBook, rules: &PayerRules, today: Date) -> Findings {
    let findings = Findings::of(checks::all(claim, book, rules, today, true));
    fixes::prove(claim, findings, |changed| Findings::of(checks::all(changed, book, rules, today, false)))
}
