//! 277CA: whether each claim was taken on, and why not.

use super::{Content, each_transaction};
use crate::error::{EdiError, Problem};
use crate::text::read_amount;
use crate::x12::Segment;
use crate::x12::frame::Kind;
use iambilly_claim::Phi;
use iambilly_claim::money::Cents;
use serde::Serialize;
use std::io::Read;

/// A status: category and code of the standard's lists (STC01, STC10, STC11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Category, like `A2`.
    pub category: String,
    /// Code, like `20`.
    pub code: String,
    /// Whom it is about, like `PR`.
    pub entity: String,
}

impl Status {
    /// Whether the claim goes no further.
    #[must_use]
    pub fn rejects(&self) -> bool {
        matches!(self.category.as_str(), "A3" | "A4" | "A6" | "A7" | "A8")
    }

    /// The category in plain words of our own.
    #[must_use]
    pub fn says(&self) -> &'static str {
        match self.category.as_str() {
            "A0" => "passed on to the next receiver",
            "A1" => "received, not yet checked",
            "A2" => "taken on for a decision",
            "A3" => "sent back: it was not taken on",
            "A4" => "not found",
            "A5" => "divided into several claims",
            "A6" => "sent back: something is missing",
            "A7" => "sent back: something cannot be right",
            "A8" => "sent back: parts contradict each other",
            _ => "an answer of another kind",
        }
    }
}

/// What is said of one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimStatus {
    /// Our control number of it (TRN02).
    pub control: String,
    /// The payer's number of it (REF*1K).
    pub payer_control: Option<String>,
    /// The member's number, to compare.
    #[serde(skip)]
    pub member: Phi<Option<String>>,
    /// Its statuses.
    pub statuses: Vec<Status>,
    /// Charge it is about (STC04).
    pub charge: Option<Cents>,
    /// Statuses of lines: our control number of the line.
    pub lines: Vec<(String, Vec<Status>)>,
}

impl ClaimStatus {
    /// Whether the claim goes no further.
    #[must_use]
    pub fn rejected(&self) -> bool {
        self.statuses.iter().any(Status::rejects)
    }
}

/// What a 277CA says, piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusEvent {
    /// Of a claim.
    Claim(ClaimStatus),
    /// Of a whole file of ours: its reference (BHT03) and statuses.
    Batch(String, Vec<Status>),
}

/// Statuses and lines kept of one claim.
const MOST: usize = 500;

/// At which level of the hierarchy the reader is.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    Source,
    Receiver,
    Provider,
    Patient,
}

struct Reader<F> {
    each: F,
    level: Level,
    claim: Option<ClaimStatus>,
    batch: Option<(String, Vec<Status>)>,
    member: Option<String>,
    in_line: bool,
}

fn code(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

fn statuses(s: Segment<'_>) -> impl Iterator<Item = Status> {
    [1, 10, 11].into_iter().filter(move |e| !s.element(*e).is_empty()).map(move |e| Status {
        category: code(s.component(e, 1)),
        code: code(s.component(e, 2)),
        entity: code(s.component(e, 3)),
    })
}

impl<F> Reader<F> {
    fn finish<E>(&mut self) -> Result<(), E>
    where
        F: FnMut(StatusEvent) -> Result<(), E>,
    {
        if let Some((reference, statuses)) = self.batch.take() {
            (self.each)(StatusEvent::Batch(reference, statuses))?;
        }
        self.in_line = false;
        match self.claim.take() {
            Some(claim) => (self.each)(StatusEvent::Claim(claim)),
            None => Ok(()),
        }
    }
}

impl<E: From<EdiError>, F: FnMut(StatusEvent) -> Result<(), E>> Content<E> for Reader<F> {
    fn take(&mut self, s: Segment<'_>) -> Result<(), E> {
        match s.id() {
            "HL" => {
                self.finish()?;
                self.member = None;
                self.level = match s.element(3) {
                    "20" => Level::Source,
                    "21" => Level::Receiver,
                    "19" => Level::Provider,
                    "PT" | "22" | "23" => Level::Patient,
                    _ => return Err(s.refuse(Problem::Element { name: "HL03" }).into()),
                };
            }
            "NM1" if self.level == Level::Patient => {
                self.member = Some(s.element(9).to_owned()).filter(|m| !m.is_empty());
            }
            "TRN" if self.level == Level::Patient => {
                self.finish()?;
                self.claim = Some(ClaimStatus {
                    control: s
                        .parsed(2, "TRN02", |t| (!t.is_empty() && t.len() <= 50).then(|| t.to_owned()))?,
                    payer_control: None,
                    member: self.member.clone().into(),
                    statuses: vec![],
                    charge: None,
                    lines: vec![],
                });
            }
            "TRN" if self.level == Level::Receiver => {
                self.batch = Some((code_of_batch(s.element(2)), vec![]))
            }
            "STC" => {
                let claim = self.claim.as_mut();
                match (claim, &mut self.batch) {
                    (Some(claim), _) if self.in_line => {
                        if let Some((_, of)) = claim.lines.last_mut().filter(|(_, of)| of.len() < MOST) {
                            of.extend(statuses(s));
                        }
                    }
                    (Some(claim), _) => {
                        if claim.statuses.len() < MOST {
                            claim.statuses.extend(statuses(s));
                        }
                        if !s.element(4).is_empty() {
                            claim.charge = Some(s.parsed(4, "STC04", read_amount)?);
                        }
                    }
                    (None, Some((_, of))) if of.len() < MOST => of.extend(statuses(s)),
                    _ => {}
                }
            }
            "SVC" => {
                self.in_line = true;
                if let Some(claim) = self.claim.as_mut().filter(|c| c.lines.len() < MOST) {
                    claim.lines.push((String::new(), vec![]));
                }
            }
            "REF" => {
                let value = s.element(2).chars().take(50).collect::<String>();
                match (s.element(1), self.claim.as_mut()) {
                    ("1K", Some(claim)) => claim.payer_control = Some(value),
                    ("FJ", Some(claim)) => {
                        if let Some((control, _)) = claim.lines.last_mut() {
                            *control = value;
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, _: Segment<'_>) -> Result<(), E> {
        self.finish()?;
        self.level = Level::Source;
        Ok(())
    }
}

fn code_of_batch(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(30).collect()
}

/// Reads a 277CA and hands on what it says, piece by piece.
///
/// # Errors
/// Where the file is refused and why; those of `each`.
pub fn read_277ca<E: From<EdiError>>(
    source: impl Read,
    each: impl FnMut(StatusEvent) -> Result<(), E>,
) -> Result<(), E> {
    let kind =
        Kind { transaction: "277", version: "005010X214", name: "claim acknowledgement (277CA 005010X214)" };
    let reader =
        &mut Reader { each, level: Level::Source, claim: None, batch: None, member: None, in_line: false };
    each_transaction(source, kind, reader)
}
