//! Saved views: filter and order under a name, each person's own.

use super::{QueueFilter, QueueSort};
use crate::error::AppError;
use crate::people::Action;
use crate::session::Session;
use iambilly_claim::{Fault, FaultKind, Phi};
use iambilly_store::{Records, StoreError};
use serde::{Deserialize, Serialize};

/// As many views as one person keeps.
const MOST: usize = 40;
/// Longest name in characters.
const LONGEST: usize = 60;

/// A filter and an order under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// Which claims.
    #[serde(default)]
    pub filter: QueueFilter,
    /// In which order.
    #[serde(default)]
    pub sort: QueueSort,
    /// The other way round.
    #[serde(default)]
    pub reversed: bool,
}

const VIEWS: &str = "queue_views:";

fn setting(by: &str) -> String {
    format!("{VIEWS}{by}")
}

/// Forgets everybody's views that look for a patient with one of these words (in lower case), or name them.
pub(crate) fn forget_views_of(r: &Records<'_>, words: &[Phi<String>]) -> Result<(), StoreError> {
    let names = |text: &str| {
        let mut said = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 2);
        said.any(|w| words.iter().any(|of| of.expose().starts_with(&w.to_lowercase())))
    };
    for (key, mut views) in r.settings_beginning::<Vec<SavedView>>(VIEWS)? {
        let before = views.len();
        views.retain(|view| !names(view.filter.text.expose()) && !names(&view.name));
        if views.len() < before {
            r.set_setting(&key, &views)?;
        }
    }
    Ok(())
}

impl Session {
    /// The views that whoever asks has saved, by name.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn queue_views(&self) -> Result<Vec<SavedView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let key = setting(&self.by());
        Ok(self.store(move |s| s.read(|r| r.setting(&key))).await?.unwrap_or_default())
    }

    /// Saves a view under its name, in place of one of that name.
    ///
    /// # Errors
    /// `view_invalid` for a name that is empty or too long, or one view too many.
    pub async fn save_queue_view(&self, view: SavedView) -> Result<Vec<SavedView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let name = view.name.trim().to_owned();
        let mut all = self.queue_views().await?;
        all.retain(|v| v.name != name);
        if name.is_empty() || name.chars().count() > LONGEST || all.len() >= MOST {
            return Err(Fault::new(
                FaultKind::Input,
                "view_invalid",
                format!(
                    "A view has a name of 1 to {LONGEST} characters, and one person keeps {MOST} of them."
                ),
                "Shorten the name, or remove a view that is not used.",
            )
            .into());
        }
        all.push(SavedView { name, ..view });
        all.sort_by_key(|v| v.name.to_lowercase());
        self.keep_views(all).await
    }

    /// Removes a view; one that is not there is gone already.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn remove_queue_view(&self, name: &str) -> Result<Vec<SavedView>, AppError> {
        self.allow(Action::ViewClaims).await?;
        let mut all = self.queue_views().await?;
        all.retain(|v| v.name != name);
        self.keep_views(all).await
    }

    async fn keep_views(&self, all: Vec<SavedView>) -> Result<Vec<SavedView>, AppError> {
        let key = setting(&self.by());
        self.store(move |s| s.write(|r| r.set_setting(&key, &all).map(|()| all))).await
    }
}
