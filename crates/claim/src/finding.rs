//! What the scrubber says of a claim: findings with severity, source and, where one exists, a fix.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All findings and the verdict, which is the worst severity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Findings {
    /// The verdict.
    pub verdict: Verdict,
    /// The findings, worst first.
    pub findings: Vec<Finding>,
}

impl Findings {
    /// Sorts findings worst first (stable) and derives the verdict.
    #[must_use]
    pub fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
        let verdict = match findings.first().map(|f| f.severity) {
            Some(Severity::Block) => Verdict::Block,
            Some(Severity::Warn) => Verdict::Warn,
            Some(Severity::Info) | None => Verdict::Clean,
        };
        Self { verdict, findings }
    }
}

/// Verdict on a claim.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to decide.
    Clean,
    /// A person should decide.
    Warn,
    /// A sure denial or a legal problem.
    Block,
}

/// Severity of one finding.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Tells.
    Info,
    /// For a person to decide.
    Warn,
    /// A sure denial or a legal problem.
    Block,
}

/// Kinds of findings (`docs/contract.md`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's and say what they are")]
pub enum FindingKind {
    Ptp,
    Mue,
    AddonWithoutPrimary,
    Units,
    ModifierInvalid,
    ModifierMissing,
    ModifierOrder,
    BilateralIndicator,
    AssistantIndicator,
    CosurgeonIndicator,
    IcdInvalid,
    IcdNotBillable,
    #[serde(rename = "icd_excludes1")]
    IcdExcludes1,
    IcdSequence,
    IcdLevelMismatch,
    LateralityConflict,
    AgeSex,
    GlobalPeriod,
    DuplicateLine,
    TimelyFiling,
    RequiredField,
    NpiChecksum,
    ChargeTotal,
    PointerInvalid,
    CodeInvalid,
    CodeDeleted,
    MedicalNecessity,
    PriorAuth,
    PayerRule,
    Frequency,
    DocumentationGap,
    Undercoded,
    Overcoded,
    EditionStale,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// Id of the rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Line numbers it touches.
    pub lines: Vec<u32>,
    /// Codes it touches.
    pub codes: Vec<String>,
    /// What is wrong, in plain words; no PHI.
    pub message: String,
    /// Where the rule stands.
    pub source: Source,
    /// What would mend it.
    pub fix: Option<Fix>,
}

/// Source of a rule with its dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Source {
    /// Title of the document or table.
    pub title: String,
    /// Edition or version.
    pub version: String,
    /// First day it is in force, `YYYY-MM-DD`.
    pub effective_from: Option<String>,
    /// Last day it is in force.
    pub effective_to: Option<String>,
    /// Section, row or page.
    pub locator: String,
}

/// A fix as JSON Patch (RFC 6902) on the claim; the first operation is a `test` of the line it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Fix {
    /// What it does, in plain words.
    pub description: String,
    /// The operations.
    pub patch: Vec<PatchOp>,
}

/// One JSON Patch operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
#[allow(missing_docs, reason = "RFC 6902 names")]
pub enum PatchOp {
    Test { path: String, value: Value },
    Add { path: String, value: Value },
    Replace { path: String, value: Value },
    Remove { path: String },
}
