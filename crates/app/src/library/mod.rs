//! The payer-rule library: policies added, listed, searched and taken out (`docs/library.md`).
//!
//! A file is taken apart in a confined process; what comes back is cut into passages and kept in the encrypted store
//! with their vectors. Searches run on an index in memory that is built at the first question and again when the
//! library has changed, by whichever door. Without an embedding model the library answers by words, and says so.

mod add;
mod coverage;
mod desk;
mod proposed;
pub(crate) mod read;
mod search;
pub mod shelf;
mod watch;
mod watched;

pub(crate) use add::policy_of;
pub use add::{AddOutcome, AddPolicy, Added};
pub use coverage::{Compared, Coverage, Criterion};
pub use desk::{OpenPolicy, ProposedRule};
pub use iambilly_policy::check::Standing;
pub(crate) use proposed::{clipped, origin};
pub use search::{Answer, HitView, Question};
pub use shelf::{PolicyStatus, PolicyView, Shelf};
pub use watch::{GoneFile, Looked, RefusedFile, WatchedView};
pub use watched::Trouble;

use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind};
use iambilly_store::PayerRuleState;
use jiff::civil::Date;
use std::sync::{Arc, Mutex};

/// What changes whenever the library, or the model its vectors are from, does.
type Stamp = ((u64, u64, u64), Option<String>);

/// The index in memory, and what the library looked like when it was built.
#[derive(Default)]
pub(crate) struct Cache {
    shelf: Mutex<Option<(Stamp, Arc<Shelf>)>>,
    looking: tokio::sync::Mutex<()>,
}

impl Cache {
    /// Held by whoever looks into the watched folders.
    async fn look(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.looking.lock().await
    }
}

impl Session {
    /// All policies by payer, with the dates each is in force.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn policies(&self, today: Date) -> Result<Vec<PolicyView>, AppError> {
        self.allow(Action::ViewRules).await?;
        let shelf = self.shelf().await?;
        Ok(shelf.policies(today))
    }

    /// Takes a policy out; the audit keeps that it was there.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub async fn remove_policy(&self, id: &str) -> Result<(), AppError> {
        let id: uuid::Uuid = id.trim().parse().map_err(|_| {
            Fault::new(
                FaultKind::Usage,
                "not_found",
                "There is no policy with this id.",
                "`policy list` shows the ids.",
            )
        })?;
        self.allow(Action::ChangeRules).await?;
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                // Rules that stand in it go with it; their wordings and steps are kept.
                for link in r.policy_rules()?.into_iter().filter(|l| l.policy == id) {
                    let counts =
                        r.payer_rule(&link.rule)?.is_some_and(|rule| rule.state != PayerRuleState::Retired);
                    if counts {
                        r.retire_payer_rule(&link.rule, &by, now)?;
                        r.append_audit(&by, "payer_rule.retired", &link.rule, now)?;
                    }
                }
                r.remove_policy(id)?;
                r.append_audit(&by, "policy.removed", &id.to_string(), now).map(drop)
            })
        })
        .await
    }
}
