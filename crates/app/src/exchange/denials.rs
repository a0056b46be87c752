//! Denials as work: each with what the payer said in plain words, and the payer rule that would have caught it, proposed
//! as a draft for a person to confirm or put aside.

use crate::error::AppError;
use crate::payer_rules::wording;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::claim::{Claim, ServiceLine};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::money::Cents;
use iambilly_claim::{Fault, FaultKind, FindingKind, Severity};
use iambilly_edi::answers::{Concern, reason};
use iambilly_scrub::PayerRules;
use iambilly_scrub::payer::{Condition, PayerRule, RuleSource, Scope};
use iambilly_store::{Denial, Records, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

/// A denial as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DenialView {
    /// Its id.
    pub id: Uuid,
    /// Which claim.
    pub claim_id: ClaimId,
    /// Line number; none: the claim as a whole.
    pub line: Option<u32>,
    /// Code that was denied.
    pub code: String,
    /// Reason code, or the status that sent the claim back.
    pub reason: String,
    /// What it is about.
    pub concern: Concern,
    /// What it means.
    pub says: String,
    /// What to do first.
    pub advice: String,
    /// How much.
    pub amount: Cents,
    /// The payer rule that was proposed.
    pub rule: Option<String>,
    /// When it was opened, RFC 3339 in UTC.
    pub opened_at: String,
    /// When it was closed.
    pub closed_at: Option<String>,
}

impl From<Denial> for DenialView {
    fn from(row: Denial) -> Self {
        // A status of a 277CA or 999 has a colon or begins with a word; reasons of an 835 have neither.
        let sent_back = row.reason.contains([':', ' ']);
        let meant = reason(&row.reason);
        Self {
            concern: if sent_back { Concern::Documentation } else { meant.concern },
            says: if sent_back {
                "The claim was sent back before anybody decided it.".to_owned()
            } else {
                meant.says.to_owned()
            },
            advice: if sent_back {
                "See the claim's answers for what was wrong; mend it and send it again.".to_owned()
            } else {
                meant.concern.advice().to_owned()
            },
            id: row.id,
            claim_id: row.claim,
            line: row.line,
            code: row.code,
            reason: row.reason,
            amount: row.amount,
            rule: row.rule,
            opened_at: row.opened_at.to_string(),
            closed_at: row.closed_at.map(|at| at.to_string()),
        }
    }
}

impl Session {
    /// Denials, newest first: open ones, or with `all` closed ones too.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn denials(&self, all: bool) -> Result<Vec<DenialView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let rows = self.store(move |s| s.read(|r| r.denials(all))).await?;
        Ok(rows.into_iter().map(DenialView::from).collect())
    }

    /// Closes a denial.
    ///
    /// # Errors
    /// `denial_id_invalid`; not found where no open one has that id.
    pub async fn close_denial(&self, id: &str) -> Result<(), AppError> {
        self.allow(Action::TakeAnswers).await?;
        let by = self.by();
        let id: Uuid = id.parse().map_err(|_| {
            AppError::Fault(Fault::new(
                FaultKind::Usage,
                "denial_id_invalid",
                "That is not a denial's id.",
                "iambilly exchange denials shows them.",
            ))
        })?;
        let now = (self.surroundings.now)();
        self.store(move |s| {
            s.write(|r| {
                r.close_denial(id, &by, now)?;
                r.append_audit(&by, "denial.closed", &id.to_string(), now).map(drop)
            })
        })
        .await
    }
}

/// Saves the rule that would have caught a denial as a draft; a rule of that id that is there already, in whatever
/// state, is left as people made it. Answers with its id.
pub(super) fn propose(
    r: &Records<'_>,
    claim: &Claim,
    line: Option<&ServiceLine>,
    carc: &str,
    trace: (&str, Date),
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some(rule) = rule_for(claim, line, carc, trace) else { return Ok(None) };
    if r.payer_rule(&rule.id)?.is_some() {
        return Ok(Some(rule.id));
    }
    let text = wording::written(&rule);
    // A rule that the reader of rules would refuse is none.
    if !PayerRules::read(&text).is_ok_and(|read| read.iter().count() == 1) {
        return Ok(None);
    }
    if r.save_payer_rule(&rule.id, &text, "remittance", now)? {
        r.append_audit("remittance", "payer_rule.proposed", &rule.id, now)?;
    }
    Ok(Some(rule.id))
}

/// The rule that would have caught a denial, where its reason is one that a rule can foresee.
fn rule_for(
    claim: &Claim,
    line: Option<&ServiceLine>,
    carc: &str,
    (trace, date): (&str, Date),
) -> Option<PayerRule> {
    let line = line?;
    let concern = reason(carc).concern;
    let code = line.code.clone();
    let payer = claim.payer.id.trim();
    let mut when = Condition { codes: vec![code.clone()], ..Condition::default() };
    let (kind, says) = match concern {
        Concern::Authorisation => {
            when.no_authorisation = claim.prior_auth_number.as_ref().is_none_or(|a| a.trim().is_empty());
            (FindingKind::PriorAuth, "without an authorisation that it took".to_owned())
        }
        Concern::Necessity => {
            when.diagnoses_any = pointed(claim, line);
            (FindingKind::MedicalNecessity, format!("for {}", when.diagnoses_any.join(", ")))
        }
        Concern::Bundled => {
            let same_day = |l: &&ServiceLine| l.number != line.number && l.dos == line.dos && l.code != code;
            when.with_codes = claim.lines.iter().filter(same_day).map(|l| l.code.clone()).collect();
            when.with_codes.sort();
            when.with_codes.dedup();
            if when.with_codes.is_empty() {
                return None;
            }
            when.modifiers_none = ["59", "XE", "XP", "XS", "XU"]
                .into_iter()
                .filter(|m| !line.modifiers.iter().any(|own| own == m))
                .map(str::to_owned)
                .collect();
            (
                FindingKind::PayerRule,
                format!("as part of another service that day ({})", when.with_codes.join(", ")),
            )
        }
        Concern::Units => {
            when.units_above = Some(line.units.saturating_sub(1));
            (FindingKind::Frequency, format!("at {} unit(s)", line.units))
        }
        Concern::Coding => {
            when.modifiers_any = line.modifiers.clone();
            let modifiers = if line.modifiers.is_empty() {
                "without a modifier".to_owned()
            } else {
                format!("with {}", line.modifiers.join(", "))
            };
            (FindingKind::PayerRule, modifiers)
        }
        Concern::Timely => {
            let service: Date = line.dos.as_deref()?.parse().ok()?;
            // It was late then, so as many days are too many now.
            let days = service.until(date).ok()?.get_days();
            when.received_after_days =
                Some(u32::try_from(days.saturating_sub(30)).ok().filter(|d| *d >= 30)?);
            (FindingKind::TimelyFiling, "as too late".to_owned())
        }
        Concern::Documentation => (FindingKind::DocumentationGap, "for want of documents".to_owned()),
        Concern::NotCovered => (FindingKind::PayerRule, "as not covered".to_owned()),
        _ => return None,
    };
    let capitals: String =
        payer.chars().filter(char::is_ascii_alphanumeric).take(16).collect::<String>().to_ascii_uppercase();
    if capitals.is_empty() {
        return None;
    }
    Some(PayerRule {
        id: format!("{capitals}-DENIED-{code}-{carc}"),
        kind,
        severity: Severity::Warn,
        message: format!("{payer} has denied {code} {says} (reason {carc}): {}", reason(carc).says),
        from: Date::new(date.year(), 1, 1).ok()?,
        to: None,
        scope: Scope { payers: vec![payer.to_owned()], ..Scope::default() },
        when,
        source: RuleSource {
            title: format!("Remittance of {payer}"),
            edition: date.to_string(),
            locator: format!("payment {trace}, reason {carc}"),
        },
        remedy: None,
        why: concern.advice().to_owned(),
        except: String::new(),
    })
}

fn pointed(claim: &Claim, line: &ServiceLine) -> Vec<String> {
    let place = |p: &String| {
        let letter = p.trim().bytes().next()?.to_ascii_uppercase();
        claim.diagnoses.get(usize::from(letter.checked_sub(b'A')?)).cloned()
    };
    line.pointers.iter().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::rule_for;
    use iambilly_claim::{Claim, FindingKind};
    use iambilly_scrub::PayerRules;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn each_kind_of_denial_becomes_a_rule_that_the_reader_takes() {
        let claim: Claim = serde_json::from_value(json!({
            "payer": {"id": "acme-health"}, "diagnoses": ["M54.16", "M48.062"],
            "lines": [{"number": 1, "code": "63047", "modifiers": ["RT"], "pointers": ["B"], "units": 2, "dos": "2025-08-01"},
                {"number": 2, "code": "22633", "units": 1, "dos": "2025-08-01"}]
        }))
        .unwrap();
        for (carc, kind) in [
            ("197", FindingKind::PriorAuth),
            ("50", FindingKind::MedicalNecessity),
            ("97", FindingKind::PayerRule),
            ("151", FindingKind::Frequency),
            ("4", FindingKind::PayerRule),
            ("29", FindingKind::TimelyFiling),
            ("252", FindingKind::DocumentationGap),
            ("204", FindingKind::PayerRule),
        ] {
            let rule = rule_for(&claim, claim.lines.first(), carc, ("CHECK77", date(2026, 3, 1))).unwrap();
            assert_eq!(rule.kind, kind, "{carc}");
            let text = super::wording::written(&rule);
            let read = PayerRules::read(&text).unwrap_or_else(|e| panic!("{carc}: {e}\n{text}"));
            assert_eq!(read.get(&format!("ACMEHEALTH-DENIED-63047-{carc}")), Some(&rule));
        }
        for nothing in ["45", "1", "253", "18"] {
            assert!(
                rule_for(&claim, claim.lines.first(), nothing, ("T", date(2026, 3, 1))).is_none(),
                "{nothing}"
            );
        }
    }
}
