//! A clinic's own payer rules: checking a file, trying it on claims, and a note on any rule; `stored` keeps them,
//! `wording` cuts a file into rules, `sheet` is one rule as form and text, `trial` tries it on the stored claims.

pub mod members;
pub mod sheet;
mod stored;
mod trial;
pub(crate) mod wording;

pub use iambilly_scrub::PayerRules;
pub use iambilly_store::{PayerRuleState, PayerRuleStep};
pub use stored::{PayerRuleView, Saved};
pub use trial::{TouchedClaim, Trial};

use iambilly_claim::{Claim, Fault, FaultKind};
use iambilly_scrub::RuleBook;
use iambilly_scrub::explain::Explanation;
use iambilly_scrub::payer::Touched;
use jiff::civil::Date;

/// Reads a file of payer rules.
///
/// # Errors
/// `payer_rule_invalid` with the line and the reason; then nothing of the file is taken.
pub fn check(text: &str) -> Result<PayerRules, Fault> {
    PayerRules::read(text).map_err(|e| e.fault())
}

/// Which of these claims (JSON) the rules would touch, and where the verdict would change.
///
/// # Errors
/// `payer_rule_invalid` as in [`check`]; `claim_invalid` with the claim's place in the list, line and column.
pub fn dry_run(rules: &str, claims: &[String], book: &RuleBook, today: Date) -> Result<Vec<Touched>, Fault> {
    let rules = check(rules)?;
    let read = |(i, text): (usize, &String)| {
        serde_json::from_str::<Claim>(text).map_err(|e| {
            Fault::new(
                FaultKind::Input,
                "claim_invalid",
                format!(
                    "Claim {} is not valid JSON of a claim (line {}, column {}).",
                    i + 1,
                    e.line(),
                    e.column()
                ),
                "iambilly schema claim prints what is expected.",
            )
        })
    };
    let claims = claims.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(iambilly_scrub::payer::dry_run(&rules, &claims, book, today))
}

/// A note on a rule of the program, or of the payer rules given.
///
/// # Errors
/// `rule_unknown`.
pub fn explain(rule: &str, rules: Option<&str>, book: &RuleBook, on: Date) -> Result<Explanation, Fault> {
    let rules = rules.map(check).transpose()?.unwrap_or_default();
    iambilly_scrub::explain::explain(book, &rules, rule, on).ok_or_else(|| {
        Fault::new(
            FaultKind::Input,
            "rule_unknown",
            "There is no rule of this name.".to_owned(),
            "Use the id a finding gives, such as SP-01, PTP-22633-63047, MUE-22853 or ICD-EX1-M54.1.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::RuleBook;
    use super::{check, dry_run, explain};

    const ON: jiff::civil::Date = jiff::civil::date(2026, 2, 2);
    const RULE: &str = "[[rule]]\nid = \"ACME-1\"\nseverity = \"warn\"\nmessage = \"Ask this payer first.\"\nfrom = \"2026-01-01\"\n[rule.scope]\n[rule.when]\ncodes = [\"62323\"]\n[rule.source]\ntitle = \"Policy\"\nedition = \"2026\"\nlocator = \"p. 1\"\n";

    #[test]
    fn checked_tried_and_explained() {
        assert!(check(RULE).is_ok());
        assert_eq!(check(&RULE.replace("warn", "loud")).unwrap_err().code, "payer_rule_invalid");
        let claims = [
            r#"{"claim_id": "A", "lines": [{"code": "62323", "dos": "2026-02-02"}]}"#.to_owned(),
            "{}".to_owned(),
        ];
        let touched = dry_run(RULE, &claims, RuleBook::seed(), ON).unwrap();
        assert_eq!((touched.len(), touched[0].claim_id.as_str()), (1, "A"));
        assert_eq!(dry_run(RULE, &["[".to_owned()], RuleBook::seed(), ON).unwrap_err().code, "claim_invalid");
        assert!(explain("SP-01", None, RuleBook::seed(), ON).unwrap().to_string().contains("63052"));
        assert!(explain("ACME-1", Some(RULE), RuleBook::seed(), ON).is_ok());
        assert_eq!(explain("ACME-1", None, RuleBook::seed(), ON).unwrap_err().code, "rule_unknown");
    }
}
