//! The queue: claims as work. Filtered, sorted and paged by the store; given to people, commented on, and moved on many at
//! once with a preview of what would happen to each.
//!
//! Risk, findings and charges are those of the newest revision as it was kept; a claim is judged by today's rules when it
//! is opened, and again before it is approved.

mod bulk;
mod saved;

pub use bulk::{BulkOutcome, BulkStep, Chosen};
pub use saved::SavedView;
pub(crate) use saved::forget_views_of;

use crate::error::AppError;
use crate::people::{Action, OWNER, Role};
use crate::session::Session;
use iambilly_claim::ids::{ClaimId, DictationId};
use iambilly_claim::{Cents, Fault, FaultKind, Phi, phi};
use iambilly_store::{Comment, PersonState, QueueFacets, QueueRow};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

pub use iambilly_store::{ClaimState, QueueFilter, QueueQuery, QueueSort};

/// Longest comment in characters.
const LONGEST_COMMENT: usize = 4000;

/// A claim in the queue as the two doors show it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueuedClaim {
    /// The claim.
    pub claim_id: ClaimId,
    /// Its dictation.
    pub dictation_id: DictationId,
    /// What its dictation is called.
    #[serde(serialize_with = "phi::disclose")]
    pub name: Phi<String>,
    /// "Last, First"; empty when not known.
    #[serde(serialize_with = "phi::disclose")]
    pub patient: Phi<String>,
    /// Where it is in its life.
    pub state: ClaimState,
    /// Number of its newest revision.
    pub revision: u32,
    /// Payer id.
    pub payer: String,
    /// Rendering provider; empty when not known.
    pub physician: String,
    /// Date of service, `YYYY-MM-DD`.
    pub dos: String,
    /// 3 blocked; 2 warned, or a question open whose wrong answer could be a false claim; 1 another question open; 0 none.
    pub risk: u8,
    /// What is charged.
    pub charge: Cents,
    /// Service lines.
    pub lines: u32,
    /// Findings that block.
    pub blocks: u32,
    /// Findings that warn.
    pub warns: u32,
    /// Open questions.
    pub questions: u32,
    /// Id of who works on it; empty for nobody.
    pub assignee: String,
    /// How many comments it has.
    pub comments: u32,
    /// When it was first drafted, RFC 3339 in UTC.
    pub created_at: String,
    /// When its newest revision was made.
    pub changed_at: String,
}

impl From<QueueRow> for QueuedClaim {
    fn from(row: QueueRow) -> Self {
        Self {
            claim_id: row.claim,
            dictation_id: row.dictation,
            name: row.name,
            patient: row.patient,
            state: row.state,
            revision: row.revision,
            payer: row.payer,
            physician: row.physician,
            dos: row.dos.to_string(),
            risk: row.risk,
            charge: row.charge,
            lines: row.lines,
            blocks: row.blocks,
            warns: row.warns,
            questions: row.questions,
            assignee: row.assignee,
            comments: row.comments,
            created_at: row.created_at.to_string(),
            changed_at: row.changed_at.to_string(),
        }
    }
}

/// A page of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueuePage {
    /// Its claims.
    pub rows: Vec<QueuedClaim>,
    /// What to ask the next page with; none at the end.
    pub next: Option<String>,
}

/// How much a filter leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueSize {
    /// How many claims, up to a limit.
    pub count: u32,
    /// Whether there are more than were counted.
    pub more: bool,
    /// What is charged on those counted.
    pub charge: Cents,
}

/// What can be filtered by, and who claims can be given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueChoices {
    /// Payers of claims.
    pub payers: Vec<String>,
    /// Physicians of claims.
    pub physicians: Vec<String>,
    /// People by id, with their names.
    pub people: BTreeMap<String, String>,
    /// Whoever asks.
    pub me: String,
}

/// A comment as the two doors show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentView {
    /// Its id.
    pub id: Uuid,
    /// Who wrote it: an account's id, or `owner`.
    pub author: String,
    /// What it says.
    #[serde(serialize_with = "phi::disclose")]
    pub text: Phi<String>,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

impl From<Comment> for CommentView {
    fn from(row: Comment) -> Self {
        Self { id: row.id, author: row.author, text: row.text, at: row.at.to_string() }
    }
}

impl Session {
    /// A page of the queue.
    ///
    /// # Errors
    /// Not found for a place that is none; those of the store.
    pub async fn queue(&self, query: QueueQuery) -> Result<QueuePage, AppError> {
        self.allow(Action::ViewClaims).await?;
        let page = self.store(move |s| s.read(|r| r.queue(&query))).await?;
        Ok(QueuePage { rows: page.rows.into_iter().map(QueuedClaim::from).collect(), next: page.next })
    }

    /// How many claims a filter leaves, and what is charged on them.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn queue_size(&self, filter: QueueFilter) -> Result<QueueSize, AppError> {
        self.allow(Action::ViewClaims).await?;
        let (count, charge) = self.store(move |s| s.read(|r| r.queue_count(&filter))).await?;
        Ok(QueueSize { count, more: count >= iambilly_store::table::queue::COUNTED, charge })
    }

    /// What can be filtered by, and who claims can be given to.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn queue_choices(&self) -> Result<QueueChoices, AppError> {
        self.allow(Action::ViewClaims).await?;
        let (facets, people) = self.store(|s| s.read(|r| Ok((r.queue_facets()?, r.people()?)))).await?;
        let QueueFacets { payers, physicians, assignees } = facets;
        let mut named: BTreeMap<String, String> = BTreeMap::new();
        for person in people {
            let works = [Role::Physician, Role::Coder, Role::Biller]
                .iter()
                .any(|role| person.roles.iter().any(|own| own == role.name()));
            // Who left still stands on what was theirs.
            if (works && person.state != PersonState::Disabled) || assignees.contains(&person.id) {
                named.insert(person.id, person.name);
            }
        }
        if named.is_empty() || assignees.iter().any(|a| a == OWNER) {
            named.insert(OWNER.to_owned(), OWNER.to_owned());
        }
        Ok(QueueChoices { payers, physicians, people: named, me: self.by().to_string() })
    }

    /// Gives a claim to somebody, or with an empty id to nobody.
    ///
    /// # Errors
    /// `assignee_unknown` for an id of nobody who works here; not found.
    pub async fn assign(&self, id: ClaimId, assignee: String) -> Result<(), AppError> {
        self.allow(Action::Organise).await?;
        if !assignee.is_empty() && !self.queue_choices().await?.people.contains_key(&assignee) {
            return Err(Fault::new(
                FaultKind::Input,
                "assignee_unknown",
                "Nobody of that id works on claims here.",
                "Choose one of the people that the queue offers.",
            )
            .into());
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                r.assign_claim(id, &assignee)?;
                r.append_audit(&by, "claim.assigned", &id.to_string(), now).map(drop)
            })
        })
        .await
    }

    /// Adds a comment to a claim, for people to read; it changes nothing about the claim.
    ///
    /// # Errors
    /// `comment_invalid` for an empty one or one of more than 4,000 characters; not found.
    pub async fn comment(&self, id: ClaimId, text: Phi<String>) -> Result<Vec<CommentView>, AppError> {
        self.allow(Action::Organise).await?;
        let words = text.expose().trim();
        if words.is_empty() || words.chars().count() > LONGEST_COMMENT {
            return Err(Fault::new(
                FaultKind::Input,
                "comment_invalid",
                format!("A comment has between 1 and {LONGEST_COMMENT} characters."),
                "Say it shorter, or in two comments.",
            )
            .into());
        }
        let (now, by) = ((self.surroundings.now)(), self.by());
        let new = Comment {
            id: self.surroundings.id(),
            claim: id,
            author: by.to_string(),
            text: Phi::new(words.to_owned()),
            at: now,
        };
        self.store(move |s| {
            s.write(|r| {
                r.add_comment(&new)?;
                r.append_audit(&by, "claim.commented", &id.to_string(), now).map(drop)
            })
        })
        .await?;
        self.comments(id).await
    }

    /// Comments on a claim, oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn comments(&self, id: ClaimId) -> Result<Vec<CommentView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let rows = self.store(move |s| s.read(|r| r.comments(id))).await?;
        Ok(rows.into_iter().map(CommentView::from).collect())
    }
}
