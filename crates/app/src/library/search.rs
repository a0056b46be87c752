//! Asking the library: one payer, one date of service, one question.

use super::shelf::{Held, Shelf};
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::{Fault, FaultKind};
use iambilly_engines::Cancel;
use iambilly_policy::versions::Period;
use iambilly_policy::{Method, Passage, Query};
use iambilly_store::PolicyRow;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Payer id.
    pub payer: String,
    /// Date of service.
    pub dos: Date,
    /// The question.
    pub text: String,
    /// At most this many passages.
    pub limit: usize,
}

/// What the library says.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "LibraryAnswer")]
pub struct Answer {
    /// Passages, best first.
    pub hits: Vec<HitView>,
    /// What ranked: `hybrid` or `full_text`.
    pub method: Method,
    /// Why there is nothing, or what is missing, for people.
    pub note: Option<String>,
}

/// A passage that answers.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct HitView {
    /// Name of the file it was added from.
    pub doc: String,
    /// Id of the policy.
    pub policy: String,
    /// Title of the policy.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// Id of the passage.
    pub passage: u64,
    /// Page, from 1.
    pub page: u32,
    /// Headings above it, the outermost first, ` › ` between.
    pub section: String,
    /// The sentence that leads to it, where it is an item of a list.
    pub lead: String,
    /// Its words.
    pub text: String,
    /// Higher is better; comparable within one answer only.
    pub score: f32,
    /// First date of service it is in force for.
    pub effective_from: String,
    /// Last one, if it ends.
    pub effective_to: Option<String>,
    /// Its letters were recognised from a picture: look at the page.
    pub recognised: bool,
}

impl Session {
    /// Asks the library.
    ///
    /// # Errors
    /// Those of the store. A missing or failing model is no error: the answer says so.
    pub async fn ask_policies(&self, question: Question) -> Result<Answer, AppError> {
        self.allow(Action::ViewRules).await?;
        let shelf = self.shelf().await?;
        let vector = if shelf.is_empty() || question.text.trim().is_empty() {
            Err(None)
        } else {
            self.vector_of(&iambilly_policy::words::spelled_out(&question.text)).await.map_err(Some)
        };
        let (vector, missing) = match vector {
            Ok(vector) => (Some(vector), None),
            Err(missing) => (None, missing),
        };
        blocking(move || Ok(answer(&shelf, &question, vector.as_deref(), missing))).await
    }

    /// The passage a payer rule is from.
    ///
    /// # Errors
    /// `rule_unknown` where the rule is from no policy of the library.
    pub async fn policy_source(&self, rule: &str) -> Result<HitView, AppError> {
        self.allow(Action::ViewRules).await?;
        let shelf = self.shelf().await?;
        let links = self.store(|s| s.read(|r| r.policy_rules())).await?;
        let link = links.iter().find(|l| l.rule == rule);
        let found = link.and_then(|l| shelf.passage(u64::try_from(l.passage).ok()?));
        let (id, policy, period, passage) = found.ok_or_else(|| {
            Fault::new(
                FaultKind::Usage,
                "rule_unknown",
                "This rule is from no policy of the library.",
                "Use the id a finding gives; `rules list` shows them all.",
            )
        })?;
        Ok(view(id, 1.0, policy, period, passage))
    }

    /// Ids of the rules that stand in a policy of the library.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn sourced_rules(&self) -> Result<Vec<String>, AppError> {
        self.allow(Action::ViewRules).await?;
        let links = self.store(|s| s.read(|r| r.policy_rules())).await?;
        Ok(links.into_iter().map(|l| l.rule).collect())
    }

    /// A question as a vector, or why not.
    async fn vector_of(&self, text: &str) -> Result<Vec<f32>, String> {
        let model = self.embedding_model().map_err(|f| f.message)?;
        let made = self.engines.embed(&model, &[text.to_owned()], &|_| (), &Cancel::new()).await;
        let made = made.map_err(|e| e.fault().message)?;
        made.into_iter().next().ok_or_else(|| "The embedding model gave nothing.".to_owned())
    }

    /// The library in memory, as it is now.
    pub(crate) async fn shelf(&self) -> Result<Arc<Shelf>, AppError> {
        let model = self.embedding_model().ok().map(|m| m.id);
        let stamp = (self.store(|s| s.read(|r| r.policy_stamp())).await?, model.clone());
        let known = self.library.shelf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, shelf)) = known
            && of == stamp
        {
            return Ok(shelf);
        }
        let store = self.store_handle();
        let shelf = blocking(move || {
            let (policies, rows) =
                store.read(|r| Ok((r.policies()?, r.policy_passages(model.as_deref())?)))?;
            let mut by_policy: HashMap<uuid::Uuid, Vec<_>> = HashMap::new();
            for row in rows {
                let passage = super::add::parsed(&row.body)?;
                let id = u64::try_from(row.id).unwrap_or(0);
                by_policy.entry(row.policy).or_default().push((id, passage, row.vector));
            }
            let mut held: Vec<Held> = (policies.into_iter())
                .map(|policy| Held { passages: by_policy.remove(&policy.id).unwrap_or_default(), policy })
                .collect();
            held.sort_by_key(|h| (h.policy.added_at, h.policy.id));
            Ok(Arc::new(Shelf::of(held)))
        })
        .await?;
        *self.library.shelf.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((stamp, Arc::clone(&shelf)));
        Ok(shelf)
    }
}

/// The answer of a shelf; `missing` says why the question has no vector.
pub(crate) fn answer(
    shelf: &Shelf,
    question: &Question,
    vector: Option<&[f32]>,
    missing: Option<String>,
) -> Answer {
    let method = shelf.method(vector.is_some());
    let query = Query {
        payer: &question.payer,
        dos: question.dos,
        text: &question.text,
        vector,
        method,
        limit: question.limit.clamp(1, 100),
    };
    let hits: Vec<HitView> = shelf
        .search(&query)
        .into_iter()
        .map(|(hit, policy, period, passage)| view(hit.id, hit.score, policy, period, passage))
        .collect();
    let note = nothing(shelf, question, hits.is_empty()).or_else(|| {
        const SOME: &str = "Some passages have not yet been read for meaning.";
        match method {
            Method::FullText => {
                Some(format!("Searched by words only. {}", missing.as_deref().unwrap_or(SOME)))
            }
            _ => (!shelf.is_embedded()).then(|| SOME.to_owned()),
        }
    });
    Answer { hits, method, note }
}

/// A passage as an answer shows it.
pub(super) fn view(id: u64, score: f32, policy: &PolicyRow, period: Period, passage: &Passage) -> HitView {
    HitView {
        doc: policy.file_name.clone(),
        policy: policy.id.to_string(),
        title: policy.title.clone(),
        number: policy.number.clone(),
        passage: id,
        page: passage.page,
        section: passage.section.join(" › "),
        lead: passage.lead.clone(),
        text: passage.text.clone(),
        score,
        effective_from: passage.from.unwrap_or(period.from).to_string(),
        effective_to: passage.to.or(period.to).map(|d| d.to_string()),
        recognised: policy.pages_recognised.contains(&passage.page),
    }
}

/// Why there is no answer.
fn nothing(shelf: &Shelf, question: &Question, none: bool) -> Option<String> {
    let payer = question.payer.trim().to_lowercase();
    if question.text.trim().is_empty() {
        return Some("Nothing was asked.".to_owned());
    }
    if shelf.is_empty() {
        return Some("The library is empty: add a policy first.".to_owned());
    }
    let payers = shelf.payers();
    if !payers.contains(&payer.as_str()) {
        return Some(format!("The library has no policy of this payer. It has: {}.", payers.join(", ")));
    }
    if !shelf.speaks_for(&payer, question.dos) {
        return Some(format!("No policy of this payer in the library is in force on {}.", question.dos));
    }
    none.then(|| "No passage of this payer's policies speaks of that.".to_owned())
}
