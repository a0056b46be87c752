//! Master data: the clinic, who works in it, where, who pays, and the patients with their coverage.
//!
//! Records are typed like the parts of a claim they go into, so that a claim takes over
//! what it lacks as it is. They are checked when they are kept, changed under the version seen, merged and put
//! aside, never deleted; each step is an audit event with the record's id.

mod complete;
mod record;

pub(crate) use complete::{Known, complete};
pub use iambilly_store::MasterKind;
pub use record::{Coverage, PatientRecord, Record};
pub(crate) use record::{chart, person};

use crate::error::AppError;
use crate::payers::{KnownPayer, list as known_payers};
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::ids::MasterId;
use iambilly_claim::phi::{self, Phi};
use iambilly_claim::{Claim, Fault, FaultKind};
use iambilly_store::{MasterRow, MasterState, Records, StoreError};
use serde::Serialize;

/// As many as a list shows at once.
const MOST: u32 = 500;

/// A record as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MasterView {
    /// Its id.
    pub id: MasterId,
    /// What it is of.
    pub kind: MasterKind,
    /// Counts its changes; a change names the one it was made on.
    pub version: u32,
    /// What a list shows.
    #[serde(serialize_with = "phi::disclose")]
    pub label: Phi<String>,
    /// `current`, `retired` or `merged`.
    pub state: MasterState,
    /// The record it was merged into.
    pub merged_into: Option<MasterId>,
    /// Taken where nothing else is said.
    pub default: bool,
    /// The record, typed by its kind (`docs/master-data.md`).
    #[serde(serialize_with = "phi::disclose")]
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub data: Phi<serde_json::Value>,
}

impl From<MasterRow> for MasterView {
    fn from(row: MasterRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            version: row.version,
            label: row.label,
            state: row.state,
            merged_into: row.merged_into,
            default: row.is_default,
            data: row.data,
        }
    }
}

/// A record that was kept, and those it may be a double of.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "SavedMaster")]
#[serde(rename_all = "camelCase")]
pub struct Saved {
    /// As it is kept.
    pub record: MasterView,
    /// Others that share an identifier with it.
    pub doubles: Vec<MasterView>,
}

/// Two records that may be the same.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Double {
    /// The older.
    pub one: MasterView,
    /// The newer.
    pub other: MasterView,
    /// What they share: `npi`, `name`, `tax_id`, `id`, `chart`, `person` or `member`.
    pub shared: String,
}

/// A payer as forms offer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PayerView {
    /// Payer id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Line of business.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The kind a word names, as the command line and the window write it.
///
/// # Errors
/// `master_kind_unknown`.
pub fn kind(word: &str) -> Result<MasterKind, Fault> {
    word.parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "master_kind_unknown",
            "There is no such kind of record.",
            "It is clinic, provider, facility, payer or patient.",
        )
    })
}

/// A record's id as it was written.
///
/// # Errors
/// `master_id_invalid`.
pub fn id(text: &str) -> Result<MasterId, Fault> {
    text.trim().parse().map_err(|_| {
        Fault::new(
            FaultKind::Usage,
            "master_id_invalid",
            "That is not the id of a record.",
            "`list` shows them.",
        )
    })
}

/// Reads a record from JSON.
///
/// # Errors
/// `master_unreadable` with line and column, never content; `master_invalid`.
pub fn read(of: MasterKind, json: &str) -> Result<Record, Fault> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|e| record::unreadable(&e))?;
    Record::read(of, value)
}

impl Session {
    /// Records of a kind, the default first, then by name; with a query those with words that begin so. `all` also
    /// gives those retired and merged.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn masters(
        &self,
        of: MasterKind,
        query: Phi<String>,
        all: bool,
    ) -> Result<Vec<MasterView>, AppError> {
        self.allow(Action::ViewMaster).await?;
        if of == MasterKind::Patient {
            self.note_view("patients.listed", "patients").await?;
        }
        let rows = self.store(move |s| s.read(|r| r.masters(of, &query, all, MOST))).await?;
        Ok(rows.into_iter().map(MasterView::from).collect())
    }

    /// One record.
    ///
    /// # Errors
    /// Not found.
    pub async fn master(&self, id: MasterId) -> Result<MasterView, AppError> {
        self.allow(Action::ViewMaster).await?;
        let row = self
            .store(move |s| s.read(|r| r.master(id)?.ok_or(StoreError::NotFound { what: "record" })))
            .await?;
        if row.kind == MasterKind::Patient {
            self.note_view("patient.viewed", &id.to_string()).await?;
        }
        Ok(row.into())
    }

    /// Keeps a new record and names those it may be a double of. The first clinic, and the first provider and facility,
    /// become the default of their kind.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn add_master(&self, record: Record) -> Result<Saved, AppError> {
        self.allow(Action::ChangeMaster).await?;
        let by = self.by();
        let (id, now) = (MasterId::new(self.surroundings.id()), (self.surroundings.now)());
        let (of, content) = (record.kind(), record.content()?);
        self.store(move |s| {
            s.write(|r| {
                r.insert_master(id, of, &content, now)?;
                r.append_audit(&by, &format!("{}.added", of.as_str()), &id.to_string(), now)?;
                let one_at_hand =
                    matches!(of, MasterKind::Clinic | MasterKind::Provider | MasterKind::Facility);
                if one_at_hand && r.masters(of, &Phi::default(), false, 2)?.len() == 1 {
                    r.make_default_master(id)?;
                }
                saved(r, id)
            })
        })
        .await
    }

    /// Changes a record; `seen` is the version the change was made on.
    ///
    /// # Errors
    /// A conflict when it was changed meanwhile; `master_invalid` for another kind.
    pub async fn change_master(&self, id: MasterId, seen: u32, record: Record) -> Result<Saved, AppError> {
        self.allow(Action::ChangeMaster).await?;
        let by = self.by();
        let now = (self.surroundings.now)();
        let (of, content) = (record.kind(), record.content()?);
        self.store(move |s| {
            s.write(|r| {
                let row = r.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
                if row.kind != of {
                    return Err(StoreError::Conflict { what: "a record stays of its kind" });
                }
                r.update_master(id, seen, &content, now)?;
                r.append_audit(&by, &format!("{}.changed", of.as_str()), &id.to_string(), now)?;
                saved(r, id)
            })
        })
        .await
    }

    /// Pairs of records that may be the same.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn master_doubles(&self, of: MasterKind) -> Result<Vec<Double>, AppError> {
        self.allow(Action::ViewMaster).await?;
        self.store(move |s| {
            s.read(|r| {
                let pairs = r.master_doubles(of, MOST)?.into_iter();
                let view = |id| -> Result<MasterView, StoreError> {
                    Ok(r.master(id)?.ok_or(StoreError::NotFound { what: "record" })?.into())
                };
                pairs.map(|(a, b, shared)| Ok(Double { one: view(a)?, other: view(b)?, shared })).collect()
            })
        })
        .await
    }

    /// Merges a record into another: what the other lacks it takes over, and what names the first leads to it from
    /// then on. Claims keep what they say.
    ///
    /// # Errors
    /// A conflict for two of different kinds, one and the same, or one that is merged or retired.
    pub async fn merge_masters(&self, away: MasterId, into: MasterId) -> Result<Saved, AppError> {
        self.allow(Action::ChangeMaster).await?;
        let by = self.by();
        let now = (self.surroundings.now)();
        let missing = || StoreError::NotFound { what: "record" };
        let (from, to) = self
            .store(move |s| {
                s.read(|r| Ok((r.master(away)?.ok_or_else(missing)?, r.master(into)?.ok_or_else(missing)?)))
            })
            .await?;
        let mut data = to.data.clone().into_exposed();
        if from.kind == to.kind {
            complete::fill(&mut data, from.data.expose());
        }
        let content = Record::read(to.kind, data)?.content()?;
        let of = to.kind;
        self.store(move |s| {
            s.write(|r| {
                r.merge_master(away, into, now)?;
                r.update_master(into, to.version, &content, now)?;
                let action = format!("{}.merged", of.as_str());
                r.append_audit(&by, &action, &format!("{away} into {into}"), now)?;
                saved(r, into)
            })
        })
        .await
    }

    /// Puts a record aside, or takes it up again.
    ///
    /// # Errors
    /// Not found; a conflict for one that is merged.
    pub async fn retire_master(&self, id: MasterId, retired: bool) -> Result<MasterView, AppError> {
        self.allow(Action::ChangeMaster).await?;
        let by = self.by();
        let now = (self.surroundings.now)();
        self.store(move |s| {
            s.write(|r| {
                r.retire_master(id, retired, now)?;
                let row = r.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
                let step = if retired { "retired" } else { "restored" };
                r.append_audit(&by, &format!("{}.{step}", row.kind.as_str()), &id.to_string(), now)?;
                Ok(row.into())
            })
        })
        .await
    }

    /// Makes a record the default of its kind.
    ///
    /// # Errors
    /// Not found; a conflict for one that is not current.
    pub async fn make_default_master(&self, id: MasterId) -> Result<MasterView, AppError> {
        self.allow(Action::ChangeMaster).await?;
        let by = self.by();
        let now = (self.surroundings.now)();
        self.store(move |s| {
            s.write(|r| {
                r.make_default_master(id)?;
                let row = r.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
                r.append_audit(&by, &format!("{}.default", row.kind.as_str()), &id.to_string(), now)?;
                Ok(row.into())
            })
        })
        .await
    }

    /// A claim with its gaps filled from the master data.
    pub(crate) async fn completed(&self, mut claim: Claim) -> Result<Claim, AppError> {
        self.store(move |s| {
            s.read(|r| {
                let known = Known::of(&claim, r)?;
                complete(&mut claim, &known);
                Ok(claim)
            })
        })
        .await
    }

    /// Payers to choose from: the clinic's own, its default first, then those the program knows.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn payers(&self) -> Result<Vec<PayerView>, AppError> {
        let rows =
            self.store(|s| s.read(|r| r.masters(MasterKind::Payer, &Phi::default(), false, MOST))).await?;
        let mut payers = vec![];
        for row in rows {
            if let Record::Payer(payer) = Record::stored(row.kind, row.data.into_exposed())? {
                let name = payer.name.unwrap_or_else(|| payer.id.clone());
                payers.push(PayerView { id: payer.id, name, kind: payer.kind });
            }
        }
        for KnownPayer { id, name, kind } in known_payers() {
            if !payers.iter().any(|p| p.id.eq_ignore_ascii_case(id)) {
                payers.push(PayerView {
                    id: (*id).to_owned(),
                    name: (*name).to_owned(),
                    kind: (*kind).to_owned(),
                });
            }
        }
        Ok(payers)
    }
}

/// A record as it stands now, with its doubles.
fn saved(r: &Records<'_>, id: MasterId) -> Result<Saved, StoreError> {
    let row = r.master(id)?.ok_or(StoreError::NotFound { what: "record" })?;
    let record = Record::stored(row.kind, row.data.clone().into_exposed())
        .map_err(|_| StoreError::Malformed { column: "master_records.json" })?;
    let mut doubles: Vec<MasterView> = vec![];
    for (name, value) in record.identifiers() {
        for other in r.masters_known_as(row.kind, name, &value)? {
            if other.id != id && !doubles.iter().any(|d| d.id == other.id) {
                doubles.push(other.into());
            }
        }
    }
    Ok(Saved { record: row.into(), doubles })
}
