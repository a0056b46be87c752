//! Models brought to this computer and taken away again: from the network, from a file, from a stick.

use crate::Cancel;
use crate::models::{self, ModelView, Origin, library};
use crate::paths::Paths;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::Fault;
use std::path::PathBuf;
use std::sync::Arc;

/// Hears of a model on its way: its id and the share that is here, 0 to 1.
pub type OnTheWay = Arc<dyn Fn(&str, f64) + Send + Sync>;

#[allow(clippy::cast_precision_loss, reason = "a share for people")]
fn share(done: u64, all: u64) -> f64 {
    done as f64 / all.max(1) as f64
}

/// Takes every model that a file or folder holds; returns the ids now here.
///
/// # Errors
/// `model_not_recognised`, `model_corrupt`, `disk_full`, `cancelled`; what the file system says.
pub async fn import(
    paths: &Paths,
    from: PathBuf,
    told: OnTheWay,
    cancel: Cancel,
) -> Result<Vec<String>, Fault> {
    let library = library(paths)?;
    let here = blocking(move || {
        let copying = move |id: &str, done, all| told(id, share(done, all));
        Ok(library.bring(&from, &copying, &cancel).map_err(|e| e.fault())?)
    })
    .await?;
    Ok(here)
}

/// Takes a model away.
///
/// # Errors
/// `model_unknown`, `model_missing`, `model_in_use`; what the file system says.
pub fn remove(paths: &Paths, id: &str) -> Result<Vec<ModelView>, Fault> {
    library(paths)?.remove(id).map_err(|e| e.fault())?;
    models::list(paths)
}

impl Session {
    /// Asks for something that no other use case of a session asks for: what a shell does beside the data folder.
    ///
    /// # Errors
    /// `not_allowed`.
    pub async fn permit(&self, action: Action) -> Result<(), Fault> {
        Ok(self.allow(action).await?)
    }

    /// Fetches a model while the program works; a fetch that was broken off goes on where it stood.
    ///
    /// # Errors
    /// `not_allowed`, and those of [`models::fetch`].
    pub async fn fetch_model(
        &self,
        id: &str,
        told: OnTheWay,
        cancel: Cancel,
    ) -> Result<Vec<ModelView>, Fault> {
        self.allow(Action::ChooseModels).await?;
        let paths = &self.config.paths;
        let wanted = [id.to_owned()];
        let progress = |_: &str, share: Option<f64>| told(id, share.unwrap_or_default());
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            fetched = models::fetch(paths, &wanted, Origin::Auto, &progress) => {
                fetched?;
                self.note("models.fetched", id).await?;
            }
        }
        models::list(paths)
    }

    /// Takes models from a file or a folder while the program works.
    ///
    /// # Errors
    /// `not_allowed`, and those of [`import`].
    pub async fn import_models(
        &self,
        from: PathBuf,
        told: OnTheWay,
        cancel: Cancel,
    ) -> Result<Vec<ModelView>, Fault> {
        self.allow(Action::ChooseModels).await?;
        for id in import(&self.config.paths, from, told, cancel).await? {
            self.note("models.imported", &id).await?;
        }
        models::list(&self.config.paths)
    }

    /// Takes a model away while the program works.
    ///
    /// # Errors
    /// `not_allowed`, and those of [`remove`].
    pub async fn remove_model(&self, id: &str) -> Result<Vec<ModelView>, Fault> {
        self.allow(Action::ChooseModels).await?;
        let views = remove(&self.config.paths, id)?;
        self.note("models.removed", id).await?;
        Ok(views)
    }
}
