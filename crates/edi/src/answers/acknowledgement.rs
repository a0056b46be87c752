//! 999: whether a file could be read by whoever received it, and where not.

use super::{Content, each_transaction};
use crate::error::{EdiError, Problem};
use crate::x12::Segment;
use crate::x12::frame::Kind;
use serde::Serialize;
use std::io::Read;

/// What became of a group of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// Control number of the group (GS06), which is the interchange's with us.
    pub group: u32,
    /// `A` accepted, `E` accepted with errors, `P` partly, `R` rejected (AK901).
    pub code: String,
    /// Its transactions.
    pub transactions: Vec<TransactionAcknowledged>,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransactionAcknowledged {
    /// Its control number (ST02).
    pub control: String,
    /// `A` accepted, `E` accepted with errors, `R` rejected… (IK501).
    pub code: String,
    /// What is wrong with it.
    pub errors: Vec<SegmentError>,
}

/// A segment that was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SegmentError {
    /// Its name, like `NM1`.
    pub segment: String,
    /// Its number in the transaction, from 1.
    pub at: u32,
    /// Code of the error (IK304).
    pub code: String,
    /// Elements that were found wrong: number, component and code of the error.
    pub elements: Vec<(String, String)>,
    /// The claim it is in, by our number (CTX), where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
}

impl Acknowledged {
    /// Whether the claims of a transaction went on, by its control number: as the transaction says itself, else as the
    /// group does; none where the group was taken in part and does not speak of it.
    #[must_use]
    pub fn accepted(&self, control: &str) -> Option<bool> {
        let went_on = |code: &str| matches!(code, "A" | "E");
        let own = self
            .transactions
            .iter()
            .find(|t| t.control.trim_start_matches('0') == control.trim_start_matches('0'));
        match own.filter(|t| !t.code.is_empty()) {
            Some(transaction) => Some(went_on(&transaction.code)),
            None => (self.code != "P").then(|| went_on(&self.code)),
        }
    }

    /// What it says to one claim: without the errors that are in others.
    #[must_use]
    pub fn to_claim(&self, control: &str) -> Self {
        let mut own = self.clone();
        for transaction in &mut own.transactions {
            transaction.errors.retain(|e| e.claim.as_deref().is_none_or(|of| of == control));
        }
        own
    }
}

/// Errors kept of one transaction: more say nothing new.
const MOST_ERRORS: usize = 500;

struct Reader<F> {
    each: F,
    group: Option<Acknowledged>,
}

/// A code of letters and digits, so that nothing else is kept of what a stranger wrote.
fn code(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

/// A number of ours, likewise.
fn number(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(20).collect()
}

impl<E: From<EdiError>, F: FnMut(Acknowledged) -> Result<(), E>> Content<E> for Reader<F> {
    fn begin(&mut self) {
        self.group = None;
    }

    fn take(&mut self, s: Segment<'_>) -> Result<(), E> {
        let out_of_order = || s.refuse(Problem::Unexpected { expected: "the group it is about (AK1)" });
        if s.id() == "AK1" {
            let group = s.parsed(2, "AK102", |t| t.parse().ok())?;
            self.group = Some(Acknowledged { group, code: String::new(), transactions: vec![] });
            return Ok(());
        }
        let group = self.group.as_mut().ok_or_else(out_of_order)?;
        let transaction = group.transactions.last_mut();
        match (s.id(), transaction) {
            ("AK2", _) => group.transactions.push(TransactionAcknowledged {
                control: code(s.element(2)),
                code: String::new(),
                errors: vec![],
            }),
            ("IK3", Some(transaction)) if transaction.errors.len() < MOST_ERRORS => {
                transaction.errors.push(SegmentError {
                    segment: code(s.element(1)),
                    at: s.parsed(2, "IK302", |t| t.parse().ok())?,
                    code: code(s.element(4)),
                    elements: vec![],
                    claim: None,
                });
            }
            ("CTX", Some(transaction)) if s.component(1, 1) == "CLM01" => {
                if let Some(error) = transaction.errors.last_mut() {
                    error.claim = Some(number(s.component(1, 2))).filter(|n| !n.is_empty());
                }
            }
            ("IK4", Some(transaction)) => {
                if let Some(error) = transaction.errors.last_mut().filter(|e| e.elements.len() < MOST_ERRORS)
                {
                    error.elements.push((code(s.element(1)), code(s.element(3))));
                }
            }
            ("IK5", Some(transaction)) => transaction.code = s.parsed(1, "IK501", known)?,
            ("AK9", _) => group.code = s.parsed(1, "AK901", known)?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, s: Segment<'_>) -> Result<(), E> {
        let group = self.group.take().filter(|g| !g.code.is_empty());
        (self.each)(
            group
                .ok_or_else(|| s.refuse(Problem::Unexpected { expected: "the answer to the group (AK9)" }))?,
        )
    }
}

fn known(text: &str) -> Option<String> {
    matches!(text, "A" | "E" | "M" | "P" | "R" | "W" | "X").then(|| text.to_owned())
}

/// Reads a 999 and hands on each group it answers.
///
/// # Errors
/// Where the file is refused and why; those of `each`.
pub fn read_999<E: From<EdiError>>(
    source: impl Read,
    each: impl FnMut(Acknowledged) -> Result<(), E>,
) -> Result<(), E> {
    let kind =
        Kind { transaction: "999", version: "005010X231", name: "file acknowledgement (999 005010X231)" };
    each_transaction(source, kind, &mut Reader { each, group: None })
}
