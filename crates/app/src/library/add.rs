//! A policy into the library: read, dated, cut, kept; duplicates and new versions recognised; vectors where there is a
//! model, begun again where they were left.

use super::read::{self, ReadFile};
use crate::error::AppError;
use crate::models;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_engines::{Cancel, ModelPath, Role};
use iambilly_policy::criteria::proposals;
use iambilly_policy::passage::passages;
use iambilly_policy::{Identity, Passage};
use iambilly_store::{NewPassage, PolicyRow};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::Path;
use uuid::Uuid;

/// What a person says of a policy; it wins over what the policy says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddPolicy {
    /// Payer id as claims name it.
    pub payer: String,
    /// First date of service; read from the document where not given.
    pub from: Option<Date>,
    /// Last date of service; likewise.
    pub to: Option<Date>,
    /// Title; likewise.
    pub title: Option<String>,
    /// Policy number without version; likewise.
    pub number: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddOutcome {
    /// A policy that was not there.
    New,
    /// A version of one that is there.
    NewVersion,
    /// It was there already.
    Duplicate,
}

/// What adding did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Added {
    /// What became of the file.
    pub outcome: AddOutcome,
    /// The policy as it is in the library now.
    pub policy: super::PolicyView,
    /// Ids of the payer rules it seems to state: drafts that warn until a coder confirms them.
    pub proposed: Vec<String>,
    /// Why it is searched by words only, if so.
    pub words_only: Option<String>,
}

/// Passages whose vectors are kept together: what is lost when the program ends in between.
const TOGETHER: usize = 64;

/// A policy and its passages, from a file that was read.
pub(crate) fn policy_of(
    read: ReadFile,
    given: &AddPolicy,
    id: Uuid,
    (by, now): (&str, jiff::Timestamp),
) -> Result<(PolicyRow, Vec<Passage>), Fault> {
    let own = Identity::of(&read.document);
    let Some(from) = given.from.or(own.from) else {
        return Err(Fault::new(
            FaultKind::Usage,
            "policy_date_missing",
            "The policy does not say from which date of service it holds.",
            "Give its first date of service with --effective.",
        ));
    };
    let to = given.to.or(own.to.filter(|to| *to >= from));
    if to.is_some_and(|to| to < from) {
        return Err(Fault::new(
            FaultKind::Usage,
            "policy_dates_invalid",
            "The policy would end before it begins.",
            "Check the two dates of service.",
        ));
    }
    let payer = given.payer.trim().to_lowercase();
    if payer.is_empty() {
        return Err(Fault::new(
            FaultKind::Usage,
            "payer_missing",
            "A policy belongs to a payer.",
            "Give --payer.",
        ));
    }
    let found = passages(&read.document, Some(from));
    let policy = PolicyRow {
        id,
        payer,
        title: given.title.clone().or(own.title).unwrap_or_else(|| read.name.clone()),
        number: given.number.clone().or(own.number),
        version: own.version,
        from,
        to,
        replaces: own.replaces,
        superseded_by: own.superseded_by,
        file_name: read.name,
        pages: read.document.pages,
        pages_without_text: read.document.pages_without_text,
        pages_recognised: read.recognised,
        sha256: read.sha256,
        actor: by.to_owned(),
        added_at: now,
    };
    Ok((policy, found))
}

impl Session {
    /// Adds a policy from a file.
    ///
    /// # Errors
    /// `policy_…` with the reason a file was refused; `policy_date_missing`; those of the store. A missing embedding
    /// model is no error.
    pub async fn add_policy(
        &self,
        path: &Path,
        given: AddPolicy,
        progress: &(dyn Fn(&str, f64) + Send + Sync),
    ) -> Result<Added, AppError> {
        self.allow(Action::ChangeRules).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        let read = read::file(&self.config.paths, path, progress).await?;
        let (policy, passages) = policy_of(read, &given, self.surroundings.id(), (&by, now))?;
        let id = policy.id;
        let rows = passages.iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        let period = (policy.from, policy.to);
        let proposals = proposals(&super::origin(&policy, period), &passages);
        let drafts: Vec<(String, String, u64)> = (proposals.iter())
            .filter_map(|p| Some((p.rule.id.clone(), p.text()?, u64::try_from(p.passage).ok()?)))
            .collect();
        let proposed: Vec<String> = drafts.iter().map(|d| d.0.clone()).collect();
        let before = self
            .store(move |s| {
                s.write(|r| {
                    if let Some(known) = r.policy_of_file(&policy.payer, &policy.sha256, policy.from)? {
                        return Ok(Some(known));
                    }
                    r.insert_policy(&policy, &rows)?;
                    r.append_audit(&by, "policy.added", &id.to_string(), now)?;
                    for (rule, text, place) in &drafts {
                        r.save_payer_rule(rule, text, &by, now)?;
                        r.link_policy_rule(rule, id, *place)?;
                    }
                    Ok(None)
                })
            })
            .await?;
        let words_only = self.embed_policies(progress, &self.closing).await?;
        let shelf = self.shelf().await?;
        let all = shelf.policies((self.surroundings.today)());
        let kept = before.unwrap_or(id).to_string();
        let ended_another = all.iter().any(|p| p.superseded_by.as_deref() == Some(&*kept));
        let policy = all.into_iter().find(|p| p.id == kept);
        let policy = policy.ok_or_else(|| AppError::internal("a policy was lost"))?;
        let outcome = match before {
            Some(_) => AddOutcome::Duplicate,
            None if ended_another || policy.superseded_by.is_some() => AddOutcome::NewVersion,
            None => AddOutcome::New,
        };
        let proposed = if before.is_some() { vec![] } else { proposed };
        Ok(Added { outcome, policy, proposed, words_only })
    }

    /// Gives every passage without a vector its vector; tells why not, where there is no model.
    ///
    /// # Errors
    /// Those of the store; `cancelled`.
    pub(crate) async fn embed_policies(
        &self,
        progress: &(dyn Fn(&str, f64) + Send + Sync),
        cancel: &Cancel,
    ) -> Result<Option<String>, AppError> {
        let model = match self.embedding_model() {
            Ok(model) => model,
            Err(fault) => return Ok(Some(fault.message)),
        };
        let named = model.id.clone();
        let (rows, titles) =
            self.store(move |s| s.read(|r| Ok((r.policy_passages(Some(&named))?, r.policies()?)))).await?;
        let title = |id: Uuid| titles.iter().find(|p| p.id == id).map_or("", |p| p.title.as_str());
        let mut waiting = vec![];
        for row in rows.into_iter().filter(|r| r.vector.is_none()) {
            let passage: Passage = parsed(&row.body)?;
            waiting.push((row.id, passage.for_embedding(title(row.policy))));
        }
        let count = waiting.len();
        for (done, run) in waiting.chunks(TOGETHER).enumerate() {
            #[allow(clippy::cast_precision_loss, reason = "a share for people")]
            progress("Reading for meaning", (done * TOGETHER) as f64 / count as f64);
            let texts: Vec<String> = run.iter().map(|(_, t)| t.clone()).collect();
            let vectors = match self.engines.embed(&model, &texts, &|_| (), cancel).await {
                Ok(vectors) => vectors,
                Err(iambilly_engines::EngineError::Cancelled) => {
                    return Err(iambilly_engines::EngineError::Cancelled.into());
                }
                // The library goes on by words; what is missing is made up next time.
                Err(error) => return Ok(Some(error.fault().message)),
            };
            let kept: Vec<(i64, Vec<f32>)> = run.iter().map(|(id, _)| *id).zip(vectors).collect();
            let named = model.id.clone();
            self.store(move |s| s.write(|r| r.keep_policy_vectors(&named, &kept))).await?;
        }
        Ok(None)
    }

    pub(crate) fn embedding_model(&self) -> Result<ModelPath, Fault> {
        models::resolve(&self.config.paths, Role::Embedding, None)
    }
}

fn stored(passage: &Passage) -> Result<NewPassage, AppError> {
    let body = serde_json::to_string(passage).map_err(|_| AppError::internal("a passage is no JSON"))?;
    Ok(NewPassage { heading: passage.section.join(" "), text: passage.text.clone(), body })
}

pub(super) fn parsed(body: &str) -> Result<Passage, AppError> {
    serde_json::from_str(body).map_err(|_| AppError::internal("a stored passage cannot be read"))
}
