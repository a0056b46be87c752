//! Adjustments: what a payer did not pay of a charge, and why (CAS). The same on the way out, where another payer
//! came first, and on the way in.

use crate::error::{EdiError, Problem};
use crate::text;
use crate::x12::{Segment, SegmentWriter};
use iambilly_claim::money::Cents;
use serde::{Deserialize, Serialize};

/// Who bears an amount (CAS01).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum Group {
    /// Contractual obligation: the provider writes it off.
    #[serde(rename = "CO")]
    Contractual,
    /// The patient's share.
    #[serde(rename = "PR")]
    Patient,
    /// Other adjustment.
    #[serde(rename = "OA")]
    Other,
    /// The payer's own reduction.
    #[serde(rename = "PI")]
    PayerInitiated,
}

impl Group {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Contractual => "CO",
            Self::Patient => "PR",
            Self::Other => "OA",
            Self::PayerInitiated => "PI",
        }
    }
    /// Reads the code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Some(match code {
            "CO" => Self::Contractual,
            "PR" => Self::Patient,
            // CR, a correction and reversal, is of an earlier edition.
            "OA" | "CR" => Self::Other,
            "PI" => Self::PayerInitiated,
            _ => return None,
        })
    }
}

/// One adjustment: group, reason, amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Adjustment {
    /// Who bears it.
    pub group: Group,
    /// Claim adjustment reason code (CARC), up to five characters.
    pub reason: String,
    /// How much; negative where a charge was raised.
    pub amount: Cents,
    /// Units it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// Reads a CAS segment: up to six adjustments of one group.
pub(crate) fn read_adjustments(segment: Segment<'_>, into: &mut Vec<Adjustment>) -> Result<(), EdiError> {
    let group = segment.parsed(1, "CAS01", Group::of)?;
    for first in (2..=segment.elements().min(19)).step_by(3) {
        let reason = segment.element(first);
        if reason.is_empty() && segment.element(first + 1).is_empty() {
            continue;
        }
        if reason.is_empty() || reason.len() > 5 || !reason.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(segment.refuse(Problem::Element { name: "CAS02" }));
        }
        let amount = segment.parsed(first + 1, "CAS03", text::read_amount)?;
        let units = segment.element(first + 2).split('.').next().and_then(|u| u.parse().ok());
        into.push(Adjustment { group, reason: reason.to_owned(), amount, units });
    }
    Ok(())
}

/// Writes adjustments: one segment a group, six in each.
pub(crate) fn write_adjustments(out: &mut SegmentWriter, adjustments: &[Adjustment]) {
    for group in [Group::Contractual, Group::Other, Group::PayerInitiated, Group::Patient] {
        let of_group: Vec<&Adjustment> = adjustments.iter().filter(|a| a.group == group).collect();
        for six in of_group.chunks(6) {
            let mut elements = vec![group.code().to_owned()];
            for adjustment in six {
                elements.push(adjustment.reason.clone());
                elements.push(text::amount(adjustment.amount));
                elements.push(adjustment.units.map(|u| u.to_string()).unwrap_or_default());
            }
            let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
            out.segment("CAS", &elements);
        }
    }
}
