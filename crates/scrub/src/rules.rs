//! Rows of the rule tables as the checks see them (`data/rules`).

use crate::codes::Codes;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::HashSet;

/// An add-on code's primaries.
#[derive(Debug, Clone)]
pub(crate) struct AddOn {
    pub(crate) kind: AddOnKind,
    pub(crate) primaries: HashSet<Box<str>>,
}

/// How binding an add-on's list of primaries is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddOnKind {
    /// One of the listed primaries must be there.
    Listed,
    /// Some primaries are listed (type 3), and the contractor may define further ones: absence is a question.
    Partly,
    /// The contractor decides (type 2), or only a part of the list is known: absence proves nothing.
    Open,
}

/// A medically unlikely edit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mue {
    pub(crate) units: u32,
    /// 1 line edit, 2 date of service by policy, 3 date of service clinical.
    pub(crate) indicator: u8,
}

/// A code's row of the Medicare physician fee schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fee {
    /// Status: A active, B bundled, C contractor-priced, I not valid for Medicare, N not covered, R restricted …
    pub(crate) status: char,
    pub(crate) global: Global,
    /// Professional and technical component indicator, where known.
    pub(crate) components: Option<u8>,
    /// Multiple-procedure indicator: 0 none, 2 the standard reduction, 3 endoscopic; 9 does not apply.
    pub(crate) multiple: u8,
    pub(crate) bilateral: u8,
    pub(crate) assistant: u8,
    pub(crate) cosurgeon: u8,
    pub(crate) team: u8,
    /// Relative values, where known.
    pub(crate) values: Values,
}

/// Relative values in ten-thousandths of an RVU. The seed knows work and facility total only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) work: Option<u32>,
    pub(crate) facility_expense: Option<u32>,
    pub(crate) office_expense: Option<u32>,
    pub(crate) malpractice: Option<u32>,
    pub(crate) facility_total: Option<u32>,
    pub(crate) office_total: Option<u32>,
}

/// Global days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Global {
    /// So many days after the operation: 0, 10 or 90.
    Days(u16),
    /// An add-on: its primary's days.
    AddOn,
    /// None.
    None,
}

/// What one unit of a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Interspace,
    Segment,
    Body,
    Joint,
    Foramen,
    Gap,
    Session,
    Construct,
    Lead,
}

/// How a code is counted.
#[derive(Debug, Clone)]
pub(crate) struct Count {
    pub(crate) unit: Unit,
    /// Fewest and most segments of a construct.
    pub(crate) segments: Option<(usize, usize)>,
    /// Add-on for each further unit.
    pub(crate) further: Option<Box<str>>,
    /// Codes that differ only by the number of segments share a group.
    pub(crate) group: Option<Box<str>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct IcdRules {
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: String,
    pub(crate) symptoms: Vec<String>,
    pub(crate) never_first: Vec<String>,
    pub(crate) doubtful_excludes1: Vec<(String, String)>,
    pub(crate) neoplasms: Vec<String>,
    pub(crate) needs_neoplasm: Vec<String>,
    pub(crate) sided: Vec<String>,
    pub(crate) acute_only: Codes,
    pub(crate) fractures: Vec<String>,
    pub(crate) adult: Vec<String>,
    pub(crate) female: Vec<String>,
    pub(crate) male: Vec<String>,
    pub(crate) history: Vec<IcdHistory>,
    /// Injuries, whose 7th character S is a late effect.
    pub(crate) injuries: Vec<String>,
    pub(crate) sequence: Vec<Sequence>,
}

/// A manifestation and the diseases that stand before it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sequence {
    pub(crate) manifestation: Vec<String>,
    pub(crate) disease: Vec<String>,
}

/// A change of a diagnosis code's status.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct IcdHistory {
    pub(crate) code: String,
    /// All codes longer than this prefix share the change.
    pub(crate) prefix: Option<String>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Policy {
    pub(crate) authorisation: Vec<Authorisation>,
    pub(crate) frequency: Vec<Frequency>,
    pub(crate) same_day: Vec<SameDay>,
    pub(crate) not_covered: Vec<NotCovered>,
    pub(crate) trial: Vec<Trial>,
    pub(crate) support: Vec<Support>,
    /// Diagnoses that do not support a service when nothing else is pointed to.
    pub(crate) not_enough: Vec<Support>,
    pub(crate) filing: Filing,
    pub(crate) visits: Visits,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Authorisation {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) to: Option<Date>,
    pub(crate) locator: String,
    pub(crate) codes: Codes,
    pub(crate) places: Vec<String>,
    #[serde(default)]
    pub(crate) states: Vec<String>,
    pub(crate) severity: iambilly_claim::Severity,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Frequency {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    pub(crate) regions: Vec<Codes>,
    pub(crate) sessions: usize,
    pub(crate) months: i64,
    pub(crate) severity: iambilly_claim::Severity,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SameDay {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    pub(crate) left: Codes,
    pub(crate) right: Codes,
    pub(crate) message: String,
}

/// Services that must come before another one.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Trial {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    pub(crate) regions: Vec<TrialRegion>,
    /// Sessions needed before.
    pub(crate) sessions: usize,
    /// Speaks also where the history has other services and none of these; an empty history never proves anything.
    #[serde(default)]
    pub(crate) absent: bool,
    /// Diagnoses on the claim in whose presence the rule says nothing.
    #[serde(default)]
    pub(crate) unless_diagnoses: Vec<String>,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TrialRegion {
    pub(crate) now: Codes,
    pub(crate) before: Codes,
}

/// Diagnoses that support a service.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Support {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    pub(crate) codes: Codes,
    pub(crate) diagnoses: Vec<String>,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NotCovered {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    pub(crate) codes: Codes,
    /// Units up to which it is covered.
    pub(crate) units: u32,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Filing {
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    pub(crate) medicare_months: i64,
    pub(crate) other_months: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Visits {
    pub(crate) title: String,
    pub(crate) edition: String,
    pub(crate) from: Date,
    pub(crate) locator: String,
    /// Ranges of visit codes, low to high.
    pub(crate) low: Vec<String>,
    pub(crate) high: Vec<String>,
    /// Diagnoses of complications: what is done for them is not unrelated to the operation before.
    pub(crate) complications: Vec<String>,
    /// Sets of words in the note that say the same.
    pub(crate) related: Vec<Vec<String>>,
}
