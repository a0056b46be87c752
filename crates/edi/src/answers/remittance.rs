//! 835: what a payer decided and paid, claim by claim.

use super::{Content, each_transaction};
use crate::error::{EdiError, Problem};
use crate::professional::adjudication::{Adjustment, Group, read_adjustments};
use crate::text::{read_amount, read_date};
use crate::x12::Segment;
use crate::x12::frame::Kind;
use iambilly_claim::Phi;
use iambilly_claim::money::Cents;
use jiff::civil::Date;
use serde::Serialize;
use std::io::Read;

/// The payment that a remittance explains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Remittance {
    /// Number of the payment (TRN02).
    pub trace: String,
    /// When it was made (BPR16).
    pub date: Option<Date>,
    /// How much (BPR02).
    pub paid: Cents,
    /// The payer's name (N1*PR).
    pub payer: String,
}

/// What was decided of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimPayment {
    /// Our control number of it (CLP01).
    pub control: String,
    /// `1`, `2`, `3` decided as first, second, third payer; `4` denied; `22` a payment taken back… (CLP02).
    pub status: String,
    /// Charge.
    pub charge: Cents,
    /// Paid.
    pub paid: Cents,
    /// The patient's share.
    pub patient_share: Cents,
    /// The payer's number of it (CLP07).
    pub payer_control: String,
    /// The member's number, to compare.
    #[serde(skip)]
    pub member: Phi<Option<String>>,
    /// Adjustments of the claim as a whole.
    pub adjustments: Vec<Adjustment>,
    /// Remarks of the claim as a whole (RARC).
    pub remarks: Vec<String>,
    /// Its lines.
    pub lines: Vec<LinePayment>,
}

/// What was decided of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinePayment {
    /// Our control number of it (REF*6R), where it came back.
    pub control: Option<String>,
    /// The code that was decided.
    pub code: String,
    /// Its modifiers.
    pub modifiers: Vec<String>,
    /// The code that was billed, where the payer decided another.
    pub billed: Option<String>,
    /// Charge.
    pub charge: Cents,
    /// Paid.
    pub paid: Cents,
    /// Units paid; one where it does not say.
    pub units: u32,
    /// What the payer allows (AMT*B6), where it says.
    pub allowed: Option<Cents>,
    /// Adjustments.
    pub adjustments: Vec<Adjustment>,
    /// Remarks (RARC).
    pub remarks: Vec<String>,
}

impl LinePayment {
    /// What the payer allows: as it says, or what it paid and the patient's share.
    #[must_use]
    pub fn allowed(&self) -> Cents {
        let share: Cents =
            self.adjustments.iter().filter(|a| a.group == Group::Patient).map(|a| a.amount).sum();
        self.allowed.unwrap_or(Cents(self.paid.0.saturating_add(share.0)))
    }

    /// Whether what was paid and adjusted is the charge.
    #[must_use]
    pub fn balances(&self) -> bool {
        let adjusted: Cents = self.adjustments.iter().map(|a| a.amount).sum();
        self.paid.0.saturating_add(adjusted.0) == self.charge.0
    }
}

impl ClaimPayment {
    /// Whether it takes an earlier payment back.
    #[must_use]
    pub fn reverses(&self) -> bool {
        self.status == "22"
    }

    /// Whether what was paid and adjusted, on claim and lines, is the charge.
    #[must_use]
    pub fn balances(&self) -> bool {
        let lines = self.lines.iter().flat_map(|l| &l.adjustments);
        let adjusted: Cents = self.adjustments.iter().chain(lines).map(|a| a.amount).sum();
        self.paid.0.saturating_add(adjusted.0) == self.charge.0
            && self.lines.iter().all(LinePayment::balances)
    }
}

/// What an 835 says, piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemittanceEvent {
    /// A payment begins to be explained.
    Payment(Remittance),
    /// A claim of it.
    Claim(Box<ClaimPayment>),
    /// All of it was explained; whether claims and provider adjustments add up to the payment.
    End {
        /// They do.
        balances: bool,
    },
}

/// Lines kept of one claim, adjustments and remarks of one line: more no claim can have.
const MOST: usize = 999;

#[derive(Default)]
struct Open {
    payment: Remittance,
    told: bool,
    claim: Option<Box<ClaimPayment>>,
    claims_paid: i64,
    taken: i64,
    has_payment: bool,
}

struct Reader<F> {
    each: F,
    open: Open,
}

fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

impl<F> Reader<F> {
    fn tell<E>(&mut self) -> Result<(), E>
    where
        F: FnMut(RemittanceEvent) -> Result<(), E>,
    {
        if !self.open.told {
            self.open.told = true;
            (self.each)(RemittanceEvent::Payment(self.open.payment.clone()))?;
        }
        match self.open.claim.take() {
            Some(claim) => {
                self.open.claims_paid = self.open.claims_paid.saturating_add(claim.paid.0);
                (self.each)(RemittanceEvent::Claim(claim))
            }
            None => Ok(()),
        }
    }
}

impl<E: From<EdiError>, F: FnMut(RemittanceEvent) -> Result<(), E>> Content<E> for Reader<F> {
    fn begin(&mut self) {
        self.open = Open::default();
    }

    fn take(&mut self, s: Segment<'_>) -> Result<(), E> {
        match s.id() {
            "CLP" => {
                self.tell()?;
                self.open.claim = Some(Box::new(claim(s)?));
                return Ok(());
            }
            "LX" | "TS3" => {
                // A new summary group: the claim before it is complete.
                return if self.open.claim.is_some() { self.tell() } else { Ok(()) };
            }
            "PLB" => {
                self.tell()?;
                for at in (4..=s.elements().min(14)).step_by(2) {
                    self.open.taken = self.open.taken.saturating_add(s.parsed(at, "PLB04", read_amount)?.0);
                }
                return Ok(());
            }
            _ => {}
        }
        match &mut self.open.claim {
            Some(claim) => within(claim, s)?,
            None => header(&mut self.open, s)?,
        }
        Ok(())
    }

    fn end(&mut self, s: Segment<'_>) -> Result<(), E> {
        if !self.open.has_payment {
            return Err(s.refuse(Problem::Unexpected { expected: "a payment (BPR)" }).into());
        }
        self.tell()?;
        let balances = self.open.claims_paid.saturating_sub(self.open.taken) == self.open.payment.paid.0;
        (self.each)(RemittanceEvent::End { balances })
    }
}

fn header(open: &mut Open, s: Segment<'_>) -> Result<(), EdiError> {
    match s.id() {
        "BPR" => {
            open.has_payment = true;
            open.payment.paid = s.parsed(2, "BPR02", read_amount)?;
            open.payment.date = read_date(s.element(16));
        }
        "TRN" => open.payment.trace = short(s.element(2), 50),
        "N1" if s.element(1) == "PR" => open.payment.payer = short(s.element(2), 60),
        _ => {}
    }
    Ok(())
}

fn claim(s: Segment<'_>) -> Result<ClaimPayment, EdiError> {
    Ok(ClaimPayment {
        control: s.parsed(1, "CLP01", |t| (!t.is_empty()).then(|| short(t, 38)))?,
        status: s.parsed(2, "CLP02", |t| (!t.is_empty() && t.len() <= 2).then(|| t.to_owned()))?,
        charge: s.parsed(3, "CLP03", read_amount)?,
        paid: s.parsed(4, "CLP04", read_amount)?,
        patient_share: if s.element(5).is_empty() { Cents(0) } else { s.parsed(5, "CLP05", read_amount)? },
        payer_control: short(s.element(7), 50),
        member: Phi::default(),
        adjustments: vec![],
        remarks: vec![],
        lines: vec![],
    })
}

fn remark(text: &str) -> Option<String> {
    let form = (2..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    form.then(|| text.to_owned())
}

fn within(claim: &mut ClaimPayment, s: Segment<'_>) -> Result<(), EdiError> {
    let too_many = || s.refuse(Problem::TooMany);
    match s.id() {
        "SVC" => {
            if claim.lines.len() >= MOST {
                return Err(too_many());
            }
            claim.lines.push(line(s)?);
        }
        "CAS" => {
            let into = match claim.lines.last_mut() {
                Some(line) => &mut line.adjustments,
                None => &mut claim.adjustments,
            };
            if into.len() >= MOST {
                return Err(too_many());
            }
            read_adjustments(s, into)?;
        }
        "NM1" if matches!(s.element(1), "QC" | "IL") && !s.element(9).is_empty() => {
            // Where the insured is named beside the patient, his number is the one that was billed.
            claim.member = Phi::new(Some(short(s.element(9), 80)));
        }
        "MIA" | "MOA" if claim.remarks.len() < MOST => {
            let places: &[usize] = if s.id() == "MOA" { &[3, 4, 5, 6, 7] } else { &[5, 20, 21, 22, 23] };
            claim.remarks.extend(places.iter().filter_map(|e| remark(s.element(*e))));
        }
        "LQ" if s.element(1) == "HE" => {
            if let (Some(line), Some(remark)) = (claim.lines.last_mut(), remark(s.element(2)))
                && line.remarks.len() < MOST
            {
                line.remarks.push(remark);
            }
        }
        "REF" if s.element(1) == "6R" => {
            if let Some(line) = claim.lines.last_mut() {
                line.control = Some(short(s.element(2), 30));
            }
        }
        "AMT" if s.element(1) == "B6" => {
            let allowed = s.parsed(2, "AMT02", read_amount)?;
            if let Some(line) = claim.lines.last_mut() {
                line.allowed = Some(allowed);
            }
        }
        _ => {}
    }
    Ok(())
}

fn line(s: Segment<'_>) -> Result<LinePayment, EdiError> {
    let code = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).take(5).collect::<String>();
    let mut parts = s.components(1).skip(1);
    let billed = Some(code(s.component(6, 2))).filter(|c| !c.is_empty());
    let units = s.element(5).split('.').next().and_then(|u| u.parse().ok()).unwrap_or(1);
    Ok(LinePayment {
        control: None,
        code: code(parts.next().unwrap_or_default()),
        modifiers: parts.take(4).filter(|m| m.len() == 2).map(code).collect(),
        billed,
        charge: s.parsed(2, "SVC02", read_amount)?,
        paid: s.parsed(3, "SVC03", read_amount)?,
        units,
        allowed: None,
        adjustments: vec![],
        remarks: vec![],
    })
}

/// Reads an 835 and hands on what it says, piece by piece.
///
/// # Errors
/// Where the file is refused and why; those of `each`.
pub fn read_835<E: From<EdiError>>(
    source: impl Read,
    each: impl FnMut(RemittanceEvent) -> Result<(), E>,
) -> Result<(), E> {
    let kind = Kind { transaction: "835", version: "005010X221", name: "remittance (835 005010X221)" };
    each_transaction(source, kind, &mut Reader { each, open: Open::default() })
}
