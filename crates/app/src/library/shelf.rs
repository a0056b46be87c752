//! The library in memory: policies with the dates they are in force, their passages, and the index over them.

use iambilly_policy::versions::{Period, Version, periods};
use iambilly_policy::{Entry, Hit, Index, Method, Passage, Query};
use iambilly_store::PolicyRow;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// A policy with its passages, as it goes onto the shelf.
#[derive(Debug, Clone)]
pub struct Held {
    /// The policy.
    pub policy: PolicyRow,
    /// Its passages: id, words, vector.
    pub passages: Vec<(u64, Passage, Option<Vec<f32>>)>,
}

/// The library in memory.
#[derive(Debug, Default)]
pub struct Shelf {
    policies: Vec<(PolicyRow, Period)>,
    passages: HashMap<u64, (usize, Passage)>,
    index: Index,
    vectors: usize,
}

/// How a policy stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStatus {
    /// It holds.
    InForce,
    /// It will.
    Upcoming,
    /// It ended by itself.
    Ended,
    /// A newer version ended it.
    Superseded,
}

impl PolicyStatus {
    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::Upcoming => "upcoming",
            Self::Ended => "ended",
            Self::Superseded => "superseded",
        }
    }
}

/// A policy as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    /// Its id.
    pub id: String,
    /// Payer id.
    pub payer: String,
    /// Title.
    pub title: String,
    /// Number without version.
    pub number: Option<String>,
    /// Version as printed.
    pub version: Option<String>,
    /// First date of service.
    pub from: String,
    /// Last one, if it ends, by itself or by a newer version.
    pub to: Option<String>,
    /// How it stands today.
    pub status: PolicyStatus,
    /// Id of the version that took over, if one did.
    pub superseded_by: Option<String>,
    /// Name of the file.
    pub file: String,
    /// Pages.
    pub pages: u32,
    /// Passages.
    pub passages: usize,
    /// Pages nobody could read: pictures without text.
    pub pages_without_text: Vec<u32>,
    /// Pages whose letters were recognised from a picture: check them.
    pub pages_recognised: Vec<u32>,
}

impl Shelf {
    /// Puts policies on a shelf, in the order they were added.
    #[must_use]
    pub fn of(held: Vec<Held>) -> Self {
        let versions: Vec<Version> = held.iter().map(|h| version(&h.policy)).collect();
        let mut shelf = Self::default();
        for (at, (one, period)) in held.into_iter().zip(periods(&versions)).enumerate() {
            for (id, passage, vector) in one.passages {
                shelf.vectors += usize::from(vector.is_some());
                shelf.index.add(&Entry {
                    id,
                    payer: &one.policy.payer,
                    title: &one.policy.title,
                    from: period.from,
                    to: period.to,
                    passage: &passage,
                    vector: vector.as_deref(),
                });
                shelf.passages.insert(id, (at, passage));
            }
            shelf.policies.push((one.policy, period));
        }
        shelf
    }

    /// Whether there is nothing on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Whether every passage has its vector.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.vectors > 0 && self.vectors == self.passages.len()
    }

    /// Payers with policies, in order.
    #[must_use]
    pub fn payers(&self) -> Vec<&str> {
        self.policies.iter().map(|(p, _)| p.payer.as_str()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether a payer has a policy in force on a date of service.
    #[must_use]
    pub fn speaks_for(&self, payer: &str, dos: Date) -> bool {
        self.index.speaks_for(payer, dos)
    }

    /// Searches.
    #[must_use]
    pub fn search(&self, query: &Query<'_>) -> Vec<(Hit, &PolicyRow, Period, &Passage)> {
        let hits = self.index.search(query);
        hits.into_iter()
            .filter_map(|hit| {
                let (at, passage) = self.passages.get(&hit.id)?;
                let (policy, period) = self.policies.get(*at)?;
                Some((hit, policy, *period, passage))
            })
            .collect()
    }

    /// The method that this shelf can answer by.
    #[must_use]
    pub fn method(&self, has_vector: bool) -> Method {
        if has_vector && self.vectors > 0 { Method::Hybrid } else { Method::FullText }
    }

    /// All policies with their status on a day.
    #[must_use]
    pub fn policies(&self, today: Date) -> Vec<PolicyView> {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for (at, _) in self.passages.values() {
            *counts.entry(*at).or_default() += 1;
        }
        self.policies
            .iter()
            .enumerate()
            .map(|(at, (policy, period))| {
                let by =
                    period.superseded_by.and_then(|by| self.policies.get(by)).map(|(p, _)| p.id.to_string());
                PolicyView {
                    id: policy.id.to_string(),
                    payer: policy.payer.clone(),
                    title: policy.title.clone(),
                    number: policy.number.clone(),
                    version: policy.version.clone(),
                    from: period.from.to_string(),
                    to: period.to.map(|d| d.to_string()),
                    status: if period.holds(today) {
                        PolicyStatus::InForce
                    } else if period.from > today {
                        PolicyStatus::Upcoming
                    } else if by.is_some() {
                        PolicyStatus::Superseded
                    } else {
                        PolicyStatus::Ended
                    },
                    superseded_by: by,
                    file: policy.file_name.clone(),
                    pages: policy.pages,
                    passages: counts.get(&at).copied().unwrap_or(0),
                    pages_without_text: policy.pages_without_text.clone(),
                    pages_recognised: policy.pages_recognised.clone(),
                }
            })
            .collect()
    }

    /// The passages of a policy in reading order.
    #[must_use]
    pub fn passages_of(&self, id: uuid::Uuid) -> Vec<(u64, &Passage)> {
        let mut all: Vec<(u64, &Passage)> = self
            .passages
            .iter()
            .filter(|(_, (at, _))| self.policies.get(*at).is_some_and(|(p, _)| p.id == id))
            .map(|(number, (_, passage))| (*number, passage))
            .collect();
        all.sort_by_key(|(number, _)| *number);
        all
    }

    /// A passage by its id.
    #[must_use]
    pub fn passage(&self, id: u64) -> Option<(u64, &PolicyRow, Period, &Passage)> {
        let (at, passage) = self.passages.get(&id)?;
        let (policy, period) = self.policies.get(*at)?;
        Some((id, policy, *period, passage))
    }

    /// Policies with the dates they are in force.
    pub fn in_order(&self) -> impl Iterator<Item = (&PolicyRow, Period)> {
        self.policies.iter().map(|(p, period)| (p, *period))
    }
}

pub(super) fn version(policy: &PolicyRow) -> Version {
    Version {
        payer: policy.payer.clone(),
        number: policy.number.clone(),
        title: policy.title.clone(),
        from: policy.from,
        to: policy.to,
        replaces: policy.replaces.clone(),
    }
}
