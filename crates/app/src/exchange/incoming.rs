//! Answers onto claims: read as a stream, matched by control number and compared by content, all of a file or nothing.

use super::contract::Contract;
use super::denials::propose;
use super::outgoing::hex;
use crate::error::AppError;
use crate::people::Action;
use crate::rules::Rules;
use crate::session::{Session, blocking};
use crate::surroundings::Surroundings;
use iambilly_claim::claim::{Claim, ServiceLine};
use iambilly_claim::ids::ClaimId;
use iambilly_claim::money::Cents;
use iambilly_claim::{Fault, FaultKind, Phi, phi};
use iambilly_edi::EdiError;
use iambilly_edi::answers::{
    Acknowledged, ClaimPayment, ClaimStatus, LinePayment, Remittance, RemittanceEvent, StatusEvent,
    read_277ca, read_835, read_999, reason,
};
use iambilly_edi::x12::SegmentReader;
use iambilly_scrub::PayerRules;
use iambilly_scrub::optimise::Setting;
use iambilly_store::{AnswerKind, AnswerStatus, ClaimAnswer, Denial, Records, SentClaim, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// What a file of answers did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// Claims that were answered.
    pub matched: usize,
    /// How many answers belong to no claim of ours.
    pub unmatched: usize,
    /// The first of them.
    pub unmatched_list: Vec<Unmatched>,
    /// How many claims have each status.
    pub statuses: HashMap<&'static str, usize>,
    /// What was paid for claims of ours.
    pub paid: Cents,
    /// Denials that were opened as work.
    pub denials: usize,
    /// Lines paid below expectation.
    pub underpaid: usize,
    /// Payer rules that denials propose, each once.
    pub proposed_rules: Vec<String>,
    /// Payments whose claims do not add up to what was paid.
    pub unbalanced: usize,
}

/// An answer that belongs to no claim of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Unmatched {
    /// The number it names; another program's may identify a patient.
    #[serde(serialize_with = "phi::disclose")]
    pub control: Phi<String>,
    /// Why it was not taken.
    pub why: &'static str,
}

/// A line that was paid below expectation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Underpaid {
    /// Line number.
    pub line: u32,
    /// Code.
    pub code: String,
    /// What the payer allows.
    pub allowed: Cents,
    /// What was to be expected.
    pub expected: Cents,
    /// By what: Medicare's fee schedule, or the contract with the payer.
    #[serde(default = "by_medicare")]
    pub by: String,
}

pub(super) const MEDICARE: &str = "Medicare's fee schedule";

/// What was expected before contracts were known.
fn by_medicare() -> String {
    MEDICARE.to_owned()
}

/// Control number of the one transaction in each file of ours.
const TRANSACTION: &str = "0001";
/// Unmatched answers that are listed.
const MOST_LISTED: usize = 100;
/// A line paid by less than this much below expectation, in thousandths, is not told: rounding and local indices.
const TOLERANCE: i64 = 20;

impl Session {
    /// Takes a file of answers in: all of it or nothing, and each file once.
    ///
    /// # Errors
    /// `x12_…` with the place; `already_imported`; those of file and store.
    pub async fn import_answers(&self, kind: AnswerKind, file: PathBuf) -> Result<Imported, AppError> {
        self.allow(Action::TakeAnswers).await?;
        let by = self.by();
        let (rules, payers) = (self.config.rules.clone(), self.payer_rules_in_force().await?);
        let setting = self.payment_setting().await?;
        let contracts = self.contracts().await?;
        let (now, today) = ((self.surroundings.now)(), (self.surroundings.today)());
        let (store, surroundings) = (self.store_handle(), self.surroundings);
        blocking(move || {
            let open = || File::open(&file).map_err(|e| AppError::file("read the answers", &e));
            let sha256 = checksum(open()?)?;
            let source = BufReader::new(open()?);
            let mut refused = None;
            let done = store.write(|r| {
                let pricing = Pricing {
                    contracts: &contracts,
                    rules: &rules,
                    payers: &payers,
                    setting: &setting,
                    today,
                };
                let take = Take {
                    r,
                    by: &by,
                    kind,
                    pricing,
                    now,
                    surroundings,
                    done: Imported::default(),
                    by_content: None,
                };
                take.file(&sha256, source).map_err(|trouble| match trouble {
                    Trouble::Store(error) => error,
                    Trouble::Other(error) => {
                        refused = Some(error);
                        StoreError::Conflict { what: "the answers were refused" }
                    }
                })
            });
            match refused {
                Some(error) => Err(error),
                None => Ok(done?),
            }
        })
        .await
    }

    /// Takes a file of answers in, whichever kind it is: its first transaction says.
    ///
    /// # Errors
    /// Those of [`Session::import_answers`].
    pub async fn take_answers(&self, file: PathBuf) -> Result<Imported, AppError> {
        self.allow(Action::TakeAnswers).await?;
        let named = file.clone();
        let kind = blocking(move || kind_of(&named)).await?;
        self.import_answers(kind, file).await
    }
}

/// Bytes in which the first transaction of a file begins.
const BEGINNING: u64 = 64 * 1024;

/// Which kind of answer a file says it is.
fn kind_of(file: &Path) -> Result<AnswerKind, AppError> {
    let trouble = |e: &std::io::Error| AppError::file("read the answers", e);
    let mut beginning = vec![];
    File::open(file).and_then(|f| f.take(BEGINNING).read_to_end(&mut beginning)).map_err(|e| trouble(&e))?;
    let mut reader = SegmentReader::new(beginning.as_slice());
    // What is cut off by the bound has said enough by then; a file that is wrong is refused when it is read.
    while let Some(segment) = reader.next_segment()? {
        match (segment.id(), segment.element(1)) {
            ("ST", "999") => return Ok(AnswerKind::Acknowledgement),
            ("ST", "277") => return Ok(AnswerKind::Status),
            ("ST", "835") => return Ok(AnswerKind::Remittance),
            ("ST", _) => break,
            _ => {}
        }
    }
    Err(AppError::Fault(Fault::new(
        FaultKind::Input,
        "answer_unknown",
        "This file holds none of the answers that claims get: 999, 277CA or 835.",
        "Choose a file that the clearinghouse or payer has sent back.",
    )))
}

fn checksum(mut file: File) -> Result<String, AppError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer).map_err(|e| AppError::file("read the answers", &e))?;
        match buffer.get(..read) {
            None | Some([]) => return Ok(hex(&hash.finalize())),
            Some(bytes) => hash.update(bytes),
        }
    }
}

enum Trouble {
    Store(StoreError),
    Other(AppError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
impl From<EdiError> for Trouble {
    fn from(error: EdiError) -> Self {
        Self::Other(error.into())
    }
}

struct Pricing<'a> {
    contracts: &'a [Contract],
    rules: &'a Rules,
    payers: &'a PayerRules,
    setting: &'a Setting,
    today: Date,
}

/// A file on its way onto the claims.
struct Take<'a> {
    r: &'a Records<'a>,
    /// Who takes it in.
    by: &'a str,
    kind: AnswerKind,
    pricing: Pricing<'a>,
    now: Timestamp,
    surroundings: Surroundings,
    done: Imported,
    /// Sent claims by member number and charge, for answers without a number of ours; made when first asked for.
    by_content: Option<HashMap<(String, i64), Vec<SentClaim>>>,
}

impl Take<'_> {
    fn file(mut self, sha256: &str, source: impl Read) -> Result<Imported, Trouble> {
        if !self.r.begin_answer_file(sha256, self.kind, self.by, self.now)? {
            return Err(Trouble::Other(AppError::Fault(Fault::new(
                FaultKind::Input,
                "already_imported",
                "This very file was taken in before.",
                "Nothing was changed; take the next file.",
            ))));
        }
        match self.kind {
            AnswerKind::Acknowledgement => read_999(source, |group| self.acknowledged(&group))?,
            AnswerKind::Status => read_277ca(source, |event| match event {
                StatusEvent::Claim(claim) => self.status(&claim),
                StatusEvent::Batch(..) => Ok(()),
            })?,
            AnswerKind::Remittance => {
                let mut payment = Remittance::default();
                read_835(source, |event| match event {
                    RemittanceEvent::Payment(begun) => {
                        payment = begun;
                        Ok(())
                    }
                    RemittanceEvent::Claim(claim) => self.paid(&claim, &payment),
                    RemittanceEvent::End { balances } => {
                        self.done.unbalanced += usize::from(!balances);
                        Ok(())
                    }
                })?;
            }
        }
        self.r.append_audit(self.by, "answers.imported", sha256, self.now)?;
        Ok(self.done)
    }

    fn unmatched(&mut self, control: &str, why: &'static str) {
        self.done.unmatched += 1;
        if self.done.unmatched_list.len() < MOST_LISTED {
            self.done.unmatched_list.push(Unmatched { control: control.to_owned().into(), why });
        }
    }

    fn answer<T: Serialize>(
        &mut self,
        claim: ClaimId,
        status: AnswerStatus,
        content: &T,
    ) -> Result<(), Trouble> {
        let json = serde_json::to_string(content)
            .map_err(|_| StoreError::Unstorable { column: "claim_answers.json" })?;
        let answer = ClaimAnswer { claim, kind: self.kind, status, json: json.into(), at: self.now };
        self.r.insert_answer(&answer)?;
        self.r.append_audit(self.by, "claim.answered", &claim.to_string(), self.now)?;
        self.done.matched += 1;
        *self.done.statuses.entry(status.as_str()).or_default() += 1;
        Ok(())
    }

    fn open(
        &mut self,
        of: (ClaimId, Option<u32>, String),
        reason: String,
        amount: Cents,
        rule: Option<String>,
    ) -> Result<(), Trouble> {
        let (claim, line, code) = of;
        let denial = Denial {
            id: self.surroundings.id(),
            claim,
            line,
            code,
            reason,
            amount,
            rule: rule.clone(),
            opened_at: self.now,
            closed_at: None,
        };
        self.r.insert_denial(&denial)?;
        self.done.denials += 1;
        if let Some(rule) = rule.filter(|rule| !self.done.proposed_rules.contains(rule)) {
            self.done.proposed_rules.push(rule);
        }
        Ok(())
    }

    fn acknowledged(&mut self, group: &Acknowledged) -> Result<(), Trouble> {
        let claims = self.r.sent_claims(Some(group.group))?;
        if claims.is_empty() {
            self.unmatched(&group.group.to_string(), "no file of ours has this control number");
            return Ok(());
        }
        // Each file of ours has one transaction.
        let Some(accepted) = group.accepted(TRANSACTION) else {
            self.unmatched(
                &group.group.to_string(),
                "it takes the file in part and does not speak of our transaction",
            );
            return Ok(());
        };
        let status = if accepted { AnswerStatus::Accepted } else { AnswerStatus::Rejected };
        for sent in claims {
            self.answer(sent.claim, status, &group.to_claim(&sent.control))?;
            if status == AnswerStatus::Rejected {
                let total = total(&self.sent(&sent)?);
                self.open((sent.claim, None, String::new()), format!("999 {}", group.code), total, None)?;
            }
        }
        Ok(())
    }

    /// The claim as it was sent.
    fn sent(&self, sent: &SentClaim) -> Result<Claim, Trouble> {
        let revision = self.r.revision(sent.claim, Some(sent.revision))?;
        let revision = revision.ok_or(StoreError::NotFound { what: "claim revision" })?;
        if revision.content_sha256 != sent.content_sha256 {
            return Err(StoreError::Corrupt.into());
        }
        Ok(revision.claim)
    }

    /// The claim an answer belongs to: by number, and what it says must agree; or by content, where one alone fits.
    fn matching(
        &mut self,
        control: &str,
        charge: Option<Cents>,
        member: Option<&str>,
    ) -> Result<Option<(ClaimId, Claim)>, Trouble> {
        let ours = self.r.sent_claim(control)?;
        if let Some(sent) = ours {
            let claim = self.sent(&sent)?;
            let same_member = member.is_none_or(|m| own_members(&claim).any(|own| own == plain(m)));
            if charge.is_some_and(|c| c != total(&claim)) {
                self.unmatched(control, "it has our number and another charge");
                return Ok(None);
            }
            if !same_member && charge.is_none() {
                self.unmatched(control, "it has our number and another member");
                return Ok(None);
            }
            return Ok(Some((sent.claim, claim)));
        }
        if let (Some(charge), Some(member)) = (charge, member) {
            let found = self.by_content()?.get(&(plain(member), charge.0)).cloned().unwrap_or_default();
            match found.as_slice() {
                [one] => return Ok(Some((one.claim, self.sent(one)?))),
                [] => {}
                _ => {
                    self.unmatched(control, "several claims of ours have this member and charge");
                    return Ok(None);
                }
            }
        }
        self.unmatched(control, "no claim of ours has this number");
        Ok(None)
    }

    fn by_content(&mut self) -> Result<&HashMap<(String, i64), Vec<SentClaim>>, Trouble> {
        let index = match self.by_content.take() {
            Some(index) => index,
            None => {
                let mut index: HashMap<_, Vec<SentClaim>> = HashMap::new();
                for sent in self.r.sent_claims(None)? {
                    let claim = self.sent(&sent)?;
                    for member in own_members(&claim) {
                        index.entry((member, total(&claim).0)).or_default().push(sent.clone());
                    }
                }
                index
            }
        };
        Ok(self.by_content.insert(index))
    }

    fn status(&mut self, status: &ClaimStatus) -> Result<(), Trouble> {
        let member = status.member.expose().clone();
        let Some((id, claim)) = self.matching(&status.control, status.charge, member.as_deref())? else {
            return Ok(());
        };
        let rejected = status.rejected();
        self.answer(id, if rejected { AnswerStatus::Rejected } else { AnswerStatus::Accepted }, status)?;
        if let Some(why) = status.statuses.iter().find(|s| s.rejects()) {
            self.open(
                (id, None, String::new()),
                format!("{}:{}", why.category, why.code),
                total(&claim),
                None,
            )?;
        }
        Ok(())
    }

    fn paid(&mut self, payment: &ClaimPayment, of: &Remittance) -> Result<(), Trouble> {
        let member = payment.member.expose().clone();
        // A payment taken back has the charge with its sign turned.
        let charge = Cents(payment.charge.0.abs());
        let Some((id, claim)) = self.matching(&payment.control, Some(charge), member.as_deref())? else {
            return Ok(());
        };
        self.done.paid = Cents(self.done.paid.0.saturating_add(payment.paid.0));
        let denied = |a: &iambilly_edi::professional::adjudication::Adjustment| {
            a.amount.0 > 0 && reason(&a.reason).concern.is_denial()
        };
        let mut denials: Vec<(Option<&ServiceLine>, String, Cents)> = vec![];
        if !payment.reverses() {
            denials.extend(
                payment.adjustments.iter().filter(|a| denied(a)).map(|a| (None, a.reason.clone(), a.amount)),
            );
            for line in &payment.lines {
                let own = own_line(&claim, line);
                denials.extend(
                    line.adjustments.iter().filter(|a| denied(a)).map(|a| (own, a.reason.clone(), a.amount)),
                );
            }
        }
        let status = match (payment.reverses(), denials.is_empty(), payment.paid.0 > 0) {
            (true, ..) => AnswerStatus::Reversed,
            (false, true, _) => AnswerStatus::Paid,
            (false, false, true) => AnswerStatus::PartlyPaid,
            (false, false, false) => AnswerStatus::Denied,
        };
        let underpaid = if payment.reverses() { vec![] } else { self.underpaid(&claim, payment) };
        self.done.underpaid += underpaid.len();
        let kept = Kept { payment: payment.clone(), trace: of.trace.clone(), date: of.date, underpaid };
        self.answer(id, status, &kept)?;
        let date = of.date.unwrap_or(self.pricing.today);
        for (line, carc, amount) in denials {
            // A claim denied as a whole is denied for its first line's sake, as far as a rule can foresee.
            let first = line.or(claim.lines.first());
            let rule = propose(self.r, &claim, first, &carc, (&of.trace, date), self.now)?;
            let (number, code) = line.map_or((None, String::new()), |l| (Some(l.number), l.code.clone()));
            self.open((id, number, code), carc, amount, rule)?;
        }
        Ok(())
    }

    /// Lines that the payer allows less for than its contract says, or Medicare than its fee schedule. Of a payer
    /// without either nothing is expected.
    fn underpaid(&self, claim: &Claim, payment: &ClaimPayment) -> Vec<Underpaid> {
        let p = &self.pricing;
        let medicare = claim.payer.kind == "medicare";
        let agreed = |own: &ServiceLine| p.contract(&claim.payer.id, own);
        if payment.lines.is_empty() || !(medicare || claim.lines.iter().any(|l| agreed(l).is_some())) {
            return vec![];
        }
        let Ok(optimum) = p.rules.optimise(claim, p.payers, p.setting, p.today) else { return vec![] };
        let line = |paid: &LinePayment| {
            let own = own_line(claim, paid)?;
            let reckoned = optimum.payment.lines.iter().find(|l| l.line == own.number)?;
            let (expected, by) = match agreed(own) {
                Some(contract) => (contract.expects(own, reckoned.share, reckoned.amount)?, contract.name()),
                None => (reckoned.amount.filter(|_| medicare)?, by_medicare()),
            };
            let allowed = paid.allowed();
            let low = allowed.0.saturating_mul(1000) < expected.0.saturating_mul(1000 - TOLERANCE);
            // What was denied is a denial, not a low price.
            let denied = paid.adjustments.iter().any(|a| reason(&a.reason).concern.is_denial());
            (low && !denied).then(|| Underpaid {
                line: own.number,
                code: own.code.clone(),
                allowed,
                expected,
                by,
            })
        };
        payment.lines.iter().filter_map(line).collect()
    }
}

impl Pricing<'_> {
    /// The contract with a payer that is in force on a line's date of service.
    fn contract(&self, payer: &str, line: &ServiceLine) -> Option<&Contract> {
        let dos: Date = line.dos.as_deref()?.parse().ok()?;
        self.contracts
            .iter()
            .filter(|c| c.payer.eq_ignore_ascii_case(payer.trim()) && c.holds(dos))
            .max_by_key(|c| c.from)
    }
}

/// A decision as it is kept with the claim.
#[derive(Serialize)]
struct Kept {
    #[serde(flatten)]
    payment: ClaimPayment,
    trace: String,
    date: Option<Date>,
    underpaid: Vec<Underpaid>,
}

fn plain(member: &str) -> String {
    member.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// The member numbers a claim was sent with.
fn own_members(claim: &Claim) -> impl Iterator<Item = String> {
    let insured = claim.insured.as_ref().and_then(|i| i.member_id.expose().clone());
    claim.patient.member_id.expose().clone().into_iter().chain(insured).map(|m| plain(&m))
}

fn total(claim: &Claim) -> Cents {
    claim.lines.iter().filter_map(|l| l.charge.as_deref()?.parse::<Cents>().ok()).sum()
}

/// The line of ours that a payment is about: by its number, else by code and charge where one alone fits.
fn own_line<'a>(claim: &'a Claim, paid: &LinePayment) -> Option<&'a ServiceLine> {
    if let Some(number) = paid.control.as_deref().and_then(|c| c.parse::<u32>().ok())
        && let Some(line) = claim.lines.iter().find(|l| l.number == number)
    {
        return Some(line);
    }
    let code = paid.billed.as_ref().unwrap_or(&paid.code);
    let charge = |l: &ServiceLine| l.charge.as_deref().and_then(|c| c.parse::<Cents>().ok());
    let mut fits = claim.lines.iter().filter(|l| l.code == *code && charge(l) == Some(paid.charge));
    fits.next().filter(|_| fits.next().is_none())
}
