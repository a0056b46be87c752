//! Answers as a claim shows them: in sentences, and line by line what was paid and what was not.

use super::incoming::{MEDICARE, Underpaid};
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::ids::ClaimId;
use iambilly_edi::answers::{reason, remark};
use iambilly_store::{AnswerKind, AnswerStatus, ClaimAnswer, StoreError};
use serde::Serialize;
use serde_json::Value;

/// What [`AnswerView::kind`] says: of a file, of a claim on its way, the payer's decision.
const KINDS: [&str; 3] =
    [AnswerKind::Acknowledgement.as_str(), AnswerKind::Status.as_str(), AnswerKind::Remittance.as_str()];

/// An answer as a claim shows it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnswerView {
    /// Which of the answers of X12 it is.
    #[schemars(extend("enum" = KINDS))]
    pub kind: &'static str,
    /// What it means for the claim.
    pub status: AnswerStatus,
    /// When it was taken in, RFC 3339 in UTC.
    pub at: String,
    /// In sentences.
    pub says: Vec<String>,
    /// What was paid in all, where it is a decision.
    pub paid: Option<String>,
    /// Of what charge.
    pub charge: Option<String>,
    /// The decision line by line.
    pub lines: Vec<LineAnswer>,
    /// All of it.
    pub detail: Value,
}

/// What was decided of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineAnswer {
    /// Line number, where the payer names it.
    pub line: Option<u32>,
    /// Code.
    pub code: String,
    /// Charge.
    pub charge: String,
    /// What was paid.
    pub paid: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not paid in full, in sentences.
    pub says: Vec<String>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As expected, as far as anything is expected.
    Paid,
    /// Less than the contract or fee schedule says.
    Underpaid,
    /// Some of it.
    PartlyDenied,
    /// Nothing of it.
    Denied,
}

/// A line that was paid below expectation, with its claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Underpayment {
    /// Which claim.
    pub claim_id: ClaimId,
    /// When the decision was taken in, RFC 3339 in UTC.
    pub at: String,
    /// The line.
    #[serde(flatten)]
    pub low: Underpaid,
}

/// Decisions with underpaid lines that are listed.
const MOST: u32 = 500;

impl Session {
    /// What was answered of a claim, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn answers(&self, id: ClaimId) -> Result<Vec<AnswerView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let rows = self
            .store(move |s| {
                s.read(|r| {
                    r.claim(id)?.ok_or(StoreError::NotFound { what: "claim" })?;
                    r.answers(id)
                })
            })
            .await?;
        Ok(rows.iter().map(view).collect())
    }

    /// Lines that were paid below the payer's contract or Medicare's fee schedule, newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn underpayments(&self) -> Result<Vec<Underpayment>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let rows = self.store(|s| s.read(|r| r.underpaid_answers(MOST))).await?;
        Ok(rows.iter().flat_map(low).collect())
    }
}

fn low(row: &ClaimAnswer) -> Vec<Underpayment> {
    let detail: Value = serde_json::from_str(row.json.expose()).unwrap_or_default();
    let lines: Vec<Underpaid> = serde_json::from_value(detail["underpaid"].clone()).unwrap_or_default();
    let of = |low| Underpayment { claim_id: row.claim, at: row.at.to_string(), low };
    lines.into_iter().map(of).collect()
}

/// A remittance line by line.
fn lines(detail: &Value) -> Vec<LineAnswer> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |line: &Value| line["control"].as_str()?.trim().parse::<u32>().ok();
    let all = detail["lines"].as_array().cloned().unwrap_or_default();
    let low = detail["underpaid"].as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|line| {
            let (own, code) = (number(line), text(&line["code"]));
            let denied = line["adjustments"].as_array().is_some_and(|all| {
                all.iter().any(|a| {
                    !text(&a["amount"]).starts_with('-') && reason(&text(&a["reason"])).concern.is_denial()
                })
            });
            let paid = text(&line["paid"]);
            let nothing = paid.trim_matches(['0', '.']).is_empty();
            let is_low = low.iter().any(|l| {
                l["code"] == line["code"] && (own.is_none() || l["line"].as_u64() == own.map(u64::from))
            });
            let outcome = match (denied, nothing, is_low) {
                (true, true, _) => Outcome::Denied,
                (true, false, _) => Outcome::PartlyDenied,
                (false, _, true) => Outcome::Underpaid,
                (false, _, false) => Outcome::Paid,
            };
            let says = adjusted("", line);
            LineAnswer { line: own, code, charge: text(&line["charge"]), paid, outcome, says }
        })
        .collect()
}

fn view(row: &ClaimAnswer) -> AnswerView {
    let detail: Value = serde_json::from_str(row.json.expose()).unwrap_or_default();
    AnswerView {
        lines: if row.kind == AnswerKind::Remittance { lines(&detail) } else { vec![] },
        paid: detail["paid"].as_str().map(str::to_owned),
        charge: detail["charge"].as_str().map(str::to_owned),
        kind: row.kind.as_str(),
        status: row.status,
        at: row.at.to_string(),
        says: says(row.kind, &detail),
        detail,
    }
}

/// An answer in sentences.
fn says(kind: AnswerKind, detail: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match kind {
        AnswerKind::Acknowledgement => {
            let group: Option<bool> = accepted(detail);
            let mut out = vec![if group == Some(true) {
                "The file could be read and went on.".to_owned()
            } else {
                "The claims of the file were refused unread: it could not be taken as it is.".to_owned()
            }];
            for transaction in list(&detail["transactions"]) {
                for error in list(&transaction["errors"]) {
                    out.push(format!(
                        "Segment {} ({}): error {}.",
                        error["at"],
                        text(&error["segment"]),
                        text(&error["code"])
                    ));
                }
            }
            out
        }
        AnswerKind::Status => list(&detail["statuses"])
            .iter()
            .map(|status| {
                let read = iambilly_edi::answers::status::Status {
                    category: text(&status["category"]),
                    code: text(&status["code"]),
                    entity: text(&status["entity"]),
                };
                format!("{} ({}:{}).", capital(read.says()), read.category, read.code)
            })
            .collect(),
        AnswerKind::Remittance => {
            let mut out = vec![format!("Paid {} of {}.", text(&detail["paid"]), text(&detail["charge"]))];
            out.extend(adjusted("The claim", detail));
            for line in list(&detail["lines"]) {
                let name =
                    format!("{} (line {})", text(&line["code"]), line["control"].as_str().unwrap_or("?"));
                out.push(format!("{name}: paid {} of {}.", text(&line["paid"]), text(&line["charge"])));
                out.extend(adjusted(&name, &line));
            }
            for low in list(&detail["underpaid"]) {
                out.push(format!(
                    "{} (line {}): {} allowed, {} expected by {}.",
                    text(&low["code"]),
                    low["line"],
                    text(&low["allowed"]),
                    text(&low["expected"]),
                    low["by"].as_str().unwrap_or(MEDICARE)
                ));
            }
            out
        }
    }
}

/// Whether a stored acknowledgement took our transaction.
fn accepted(detail: &Value) -> Option<bool> {
    let went_on = |code: &str| matches!(code, "A" | "E");
    let own = detail["transactions"].as_array().and_then(|all| {
        all.iter().find(|t| t["control"].as_str().is_some_and(|c| c.trim_start_matches('0') == "1"))
    });
    let code = own.and_then(|t| t["code"].as_str()).filter(|c| !c.is_empty());
    code.or_else(|| detail["code"].as_str()).map(went_on)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn adjusted(name: &str, adjusted: &Value) -> Vec<String> {
    let of = |name: &str| if name.is_empty() { String::new() } else { format!("{name}: ") };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = adjusted["adjustments"].as_array().cloned().unwrap_or_default();
    let mut out: Vec<String> = all
        .iter()
        .map(|a| {
            let carc = text(&a["reason"]);
            format!(
                "{}{} not paid, {}-{carc}: {}",
                of(name),
                text(&a["amount"]),
                text(&a["group"]),
                reason(&carc).says
            )
        })
        .collect();
    let remarks = adjusted["remarks"].as_array().cloned().unwrap_or_default();
    out.extend(remarks.iter().map(|r| {
        let code = text(r);
        format!("{}remark {code}: {}", of(name), remark(&code).unwrap_or("see the payer's list."))
    }));
    out
}
