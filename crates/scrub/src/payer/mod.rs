//! Payer rules: a payer's own conditions as data that a coder reads and writes (`docs/payer-rules.md`).
//!
//! A file of rules is TOML or JSON. [`PayerRules::read`] refuses it whole when anything in it is wrong, with the line
//! and the reason. [`crate::scrub_with`] judges a claim by the rules that are in force and in scope; [`dry_run`] shows
//! which claims a new rule would touch before anybody depends on it.

mod dry_run;
mod format;
mod judge;
mod words;

pub use dry_run::{Touched, dry_run, dry_run_beside};
pub use format::{Condition, PayerRule, PayerRuleError, PayerRules, Remedy, RuleSource, Scope, Sessions};
pub(crate) use judge::{check, cite};
pub(crate) use words::in_words;
