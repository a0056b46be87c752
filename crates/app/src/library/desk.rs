//! A policy as a person reads it: its passages in order, and the rules it seems to state, each beside its passage.

use super::search::{HitView, view};
use super::shelf::PolicyView;
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::PayerRuleState;
use serde::Serialize;
use uuid::Uuid;

/// A policy opened.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenPolicy {
    /// What it is.
    pub policy: PolicyView,
    /// Its passages in reading order.
    pub passages: Vec<HitView>,
    /// Rules proposed from it.
    pub rules: Vec<ProposedRule>,
}

/// A rule that a policy seems to state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProposedRule {
    /// Its id.
    pub rule: String,
    /// The passage it is from.
    pub passage: u64,
    /// Where it is in its life.
    pub state: PayerRuleState,
    /// The wording that is there now, for a confirmation of what was read.
    pub revision: u32,
    /// That wording.
    pub text: String,
}

impl Session {
    /// Opens a policy.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub async fn open_policy(&self, id: &str) -> Result<OpenPolicy, AppError> {
        self.allow(Action::ViewRules).await?;
        let unknown = || {
            Fault::new(
                FaultKind::Usage,
                "not_found",
                "There is no policy with this id.",
                "The list of policies shows those that are there.",
            )
        };
        let id: Uuid = id.trim().parse().map_err(|_| unknown())?;
        let shelf = self.shelf().await?;
        let listed = shelf.policies((self.surroundings.today)());
        let policy = listed.into_iter().find(|p| p.id == id.to_string()).ok_or_else(unknown)?;
        let (row, period) = shelf.in_order().find(|(p, _)| p.id == id).ok_or_else(unknown)?;
        let passages =
            shelf.passages_of(id).into_iter().map(|(at, p)| view(at, 1.0, row, period, p)).collect();
        let rules = self
            .store(move |s| {
                s.read(|r| {
                    let mut rules = vec![];
                    for link in r.policy_rules()?.into_iter().filter(|l| l.policy == id) {
                        if let (Some(rule), Ok(passage)) =
                            (r.payer_rule(&link.rule)?, u64::try_from(link.passage))
                        {
                            rules.push(ProposedRule {
                                rule: link.rule,
                                passage,
                                state: rule.state,
                                revision: rule.newest.revision,
                                text: rule.newest.text,
                            });
                        }
                    }
                    Ok(rules)
                })
            })
            .await?;
        Ok(OpenPolicy { policy, passages, rules })
    }
}
