//! Folders that are watched: new and changed files are taken in, files that went away are said, nothing is taken twice.
//!
//! The folder is looked into again and again rather than listened to: a share of the clinic's server sends no events.
//! What is known of each file is kept, so that a file is read again only when it changed, whoever looks.

use super::watched::{Became, Known, MOST_FILES, Trouble, Watched, files};
use super::{AddOutcome, AddPolicy};
use crate::error::AppError;
use crate::people::Action;
use crate::session::{Session, blocking};
use iambilly_claim::{Fault, FaultKind};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where the folders are kept.
const SETTING: &str = "policies.watched";
/// How long the window waits between two looks.
const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// A watched folder for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WatchedView {
    /// The folder.
    pub folder: String,
    /// Payer id of all its files; none where each folder in it is named by its payer.
    pub payer: Option<String>,
    /// Files in it that are in the library.
    pub taken: usize,
    /// Files that were refused, with the reason.
    pub refused: Vec<RefusedFile>,
    /// Files that went away although their policy is still in the library.
    pub gone: Vec<GoneFile>,
    /// Why it could not be looked into.
    pub trouble: Option<Trouble>,
}

/// A file that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RefusedFile {
    /// Its path below the folder.
    pub file: String,
    /// Why.
    #[serde(flatten)]
    pub why: Trouble,
}

/// A file that went away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct GoneFile {
    /// Its path below the folder.
    pub file: String,
    /// Its policy.
    pub policy: String,
}

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
#[schemars(rename = "LibraryLooked")]
pub struct Looked {
    /// Files taken in, with what became of each.
    pub taken: Vec<(String, AddOutcome)>,
    /// Files refused now, with the reason.
    pub refused: Vec<RefusedFile>,
    /// Files that went away since the last look.
    pub gone: Vec<String>,
    /// Files that are still being written: they are taken at the next look.
    pub still_written: usize,
    /// Folders that could not be looked into.
    pub unreachable: Vec<String>,
}

impl Looked {
    /// Whether anything changed.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !(self.taken.is_empty() && self.refused.is_empty() && self.gone.is_empty())
    }
}

impl Session {
    /// The watched folders with what is known of their files.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn watched_folders(&self) -> Result<Vec<WatchedView>, AppError> {
        self.allow(Action::ViewRules).await?;
        let held: Vec<String> =
            self.store(|s| s.read(|r| r.policies())).await?.into_iter().map(|p| p.id.to_string()).collect();
        Ok(self.watched().await?.iter().map(|w| shown(w, &held)).collect())
    }

    /// Watches a folder: its files belong to `payer`, or, without one, to the payer each folder in it is named by.
    ///
    /// # Errors
    /// `folder_unreadable`; `folder_watched` where it, a folder in it or one around it is watched already.
    pub async fn watch_folder(&self, folder: &Path, payer: Option<&str>) -> Result<(), AppError> {
        self.allow(Action::ChangeRules).await?;
        let folder = canonical(folder)?;
        let payer = payer.map(|p| p.trim().to_lowercase()).filter(|p| !p.is_empty());
        let mut all = self.watched().await?;
        if all.iter().any(|w| w.folder.starts_with(&folder) || folder.starts_with(&w.folder)) {
            return Err(Fault::new(
                FaultKind::Usage,
                "folder_watched",
                "This folder is watched already, or lies in or around one that is.",
                "`policy watch list` shows the watched folders; stop watching that one first.",
            )
            .into());
        }
        all.push(Watched::new(folder, payer));
        self.keep_watched(all, true).await
    }

    /// Stops watching a folder; what was taken from it stays in the library.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn unwatch_folder(&self, folder: &Path) -> Result<(), AppError> {
        self.allow(Action::ChangeRules).await?;
        let mut all = self.watched().await?;
        let before = all.len();
        // A folder that is gone can still be let go.
        let meant = canonical(folder).unwrap_or_else(|_| folder.to_path_buf());
        all.retain(|w| w.folder != meant && w.folder != folder);
        if all.len() == before {
            return Err(Fault::new(
                FaultKind::Usage,
                "not_found",
                "This folder is not watched.",
                "`policy watch list` shows the watched folders.",
            )
            .into());
        }
        self.keep_watched(all, true).await
    }

    /// Looks into every watched folder once and takes in what is new or changed.
    ///
    /// # Errors
    /// Those of the store; `cancelled`. A file that is refused, or a folder that cannot be read, is told in the answer.
    pub async fn look_into_folders(
        &self,
        progress: &(dyn Fn(&str, f64) + Send + Sync),
    ) -> Result<Looked, AppError> {
        self.allow(Action::ChangeRules).await?;
        // One look at a time: two would read the same file.
        let _alone = self.library.look().await;
        let mut looked = Looked::default();
        for at in 0..self.watched().await?.len() {
            // Read anew each time: somebody may have let a folder go meanwhile.
            let Some(one) = self.watched().await?.into_iter().nth(at) else { break };
            self.look_into(one, &mut looked, progress).await?;
        }
        Ok(looked)
    }

    /// Looks again and again until the session closes; `news` is told what changed. Nothing is done for a person who
    /// may not change the library.
    pub async fn watch_folders(&self, news: &(dyn Fn(&Looked) + Send + Sync)) {
        if self.may(Action::ChangeRules) {
            // What an earlier session did not finish is read for meaning now; without a model the search goes by words.
            let _ = self.embed_policies(&|_, _| (), &self.closing).await;
        }
        while !self.closing.is_cancelled() && self.may(Action::ChangeRules) {
            // What fails is kept with the folder, or tried again.
            if let Ok(looked) = self.look_into_folders(&|_, _| ()).await
                && looked.is_news()
            {
                news(&looked);
            }
            tokio::select! {
                () = self.closing.cancelled() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    async fn look_into(
        &self,
        mut one: Watched,
        looked: &mut Looked,
        progress: &(dyn Fn(&str, f64) + Send + Sync),
    ) -> Result<(), AppError> {
        let folder = one.folder.clone();
        let listed = blocking(move || Ok(files(&folder, SystemTime::now()))).await?;
        let before = one.clone();
        let (present, still) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                // Nothing went away: nobody could look. A share that is not mounted must not empty the list.
                looked.unreachable.push(one.folder.to_string_lossy().into_owned());
                one.trouble = Some(trouble(&unreadable(&error)));
                return self.keep_one(one, &before).await;
            }
        };
        looked.still_written += still;
        one.trouble = (present.len() >= MOST_FILES).then(|| trouble(&too_many()));
        if still == 0 {
            looked.gone.extend(one.mark_gone(&present));
        }
        let fresh = one.fresh(&present);
        let count = fresh.len();
        for (done, name) in fresh.into_iter().enumerate() {
            if self.closing.is_cancelled() {
                break;
            }
            let Some(file) = present.get(&name) else { continue };
            #[allow(clippy::cast_precision_loss, reason = "a share for people")]
            progress("Taking in files of a watched folder", done as f64 / count as f64);
            let became = match one.payer_of(&name) {
                None => Became::Refused(trouble(&no_payer())),
                Some(payer) => {
                    let given = AddPolicy { payer, ..AddPolicy::default() };
                    match self.add_policy(&file.path, given, progress).await {
                        Ok(added) => {
                            looked.taken.push((name.clone(), added.outcome));
                            Became::Policy { policy: added.policy.id, outcome: added.outcome }
                        }
                        Err(error) => {
                            let fault = Fault::from(error);
                            // A locked store, a full disk or a missing program is not the file's doing: try again.
                            if fault.kind != FaultKind::Input && fault.kind != FaultKind::Usage {
                                return Err(fault.into());
                            }
                            Became::Refused(trouble(&fault))
                        }
                    }
                }
            };
            if let Became::Refused(why) = &became {
                looked.refused.push(RefusedFile { file: name.clone(), why: why.clone() });
            }
            one.files.insert(name, Known { size: file.size, changed: file.changed, became });
            // After each file: what was taken is known even if the program ends now.
            self.keep_one(one.clone(), &before).await?;
        }
        self.keep_one(one, &before).await
    }

    async fn watched(&self) -> Result<Vec<Watched>, AppError> {
        Ok(self.store(|s| s.read(|r| r.setting(SETTING))).await?.unwrap_or_default())
    }

    /// Keeps what is known of one folder, if it is still watched.
    async fn keep_one(&self, one: Watched, before: &Watched) -> Result<(), AppError> {
        if one.files == before.files && one.trouble == before.trouble {
            return Ok(());
        }
        let mut all = self.watched().await?;
        if let Some(place) = all.iter_mut().find(|w| w.folder == one.folder) {
            *place = one;
        }
        self.keep_watched(all, false).await
    }

    /// Keeps the folders; that a person changed which are watched stands in the audit.
    async fn keep_watched(&self, all: Vec<Watched>, by_hand: bool) -> Result<(), AppError> {
        let (now, by) = ((self.surroundings.now)(), self.by());
        self.store(move |s| {
            s.write(|r| {
                if by_hand {
                    r.change_setting(&by, SETTING, Some(&all), now)
                } else {
                    r.set_setting(SETTING, &all)
                }
            })
        })
        .await
    }
}

fn shown(one: &Watched, held: &[String]) -> WatchedView {
    let mut view = WatchedView {
        folder: one.folder.to_string_lossy().into_owned(),
        payer: one.payer.clone(),
        taken: 0,
        refused: vec![],
        gone: vec![],
        trouble: one.trouble.clone(),
    };
    for (file, known) in &one.files {
        match &known.became {
            Became::Policy { .. } => view.taken += 1,
            Became::Refused(why) => view.refused.push(RefusedFile { file: file.clone(), why: why.clone() }),
            // Once a person took its policy out as well, there is nothing left to say.
            Became::Gone { policy: Some(policy) } if held.contains(policy) => {
                view.gone.push(GoneFile { file: file.clone(), policy: policy.clone() });
            }
            Became::Gone { .. } => {}
        }
    }
    view
}

fn canonical(folder: &Path) -> Result<PathBuf, Fault> {
    let folder = folder.canonicalize().map_err(|e| unreadable(&e))?;
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(unreadable(&std::io::Error::from(std::io::ErrorKind::NotADirectory)))
}

fn trouble(fault: &Fault) -> Trouble {
    Trouble { code: fault.code.clone(), message: fault.message.clone(), advice: fault.advice.clone() }
}

fn unreadable(error: &std::io::Error) -> Fault {
    Fault::new(
        FaultKind::Input,
        "folder_unreadable",
        format!("The folder cannot be read ({}).", error.kind()),
        "Check that it is there, or that the share is connected. Nothing in the library was changed.",
    )
}

fn no_payer() -> Fault {
    Fault::new(
        FaultKind::Input,
        "payer_missing",
        "The file lies in no payer's folder.",
        "Put it into a folder named by the payer's id, or watch a folder for one payer.",
    )
}

fn too_many() -> Fault {
    Fault::new(
        FaultKind::Input,
        "folder_too_large",
        format!("The folder holds more than {MOST_FILES} files; the first were looked at."),
        "Watch a folder that holds only policies.",
    )
}
