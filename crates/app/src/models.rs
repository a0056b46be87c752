//! Model weights as the two doors show and choose them.

use crate::error::AppError;
use crate::paths::Paths;
use crate::people::Action;
use crate::session::{Config, Session, blocking};
use crate::stages::recognise::{Recogniser, Source};
use iambilly_claim::{Fault, FaultKind};
use iambilly_coding::OwnWords;
use iambilly_engines::{
    Cancel, FetchOptions, Library, Listed, Measured, ModelPath, Presence, Role, Source as Whence, Transferred,
};
use iambilly_speech::{Mono16k, RECOGNISER_RATE, WavSource};
use serde::Serialize;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// Where weights are fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Packages where there is a recipe, else upstream.
    Auto,
    /// Pinned packages.
    Packages,
    /// The upstream file.
    Upstream,
}

/// A model as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is good for, in plain words.
    pub about: String,
    /// `speech`, `language` or `embedding`.
    pub role: &'static str,
    /// `present`, `missing` or `corrupt`.
    pub state: &'static str,
    /// Whether its file is here with the right size.
    pub present: bool,
    /// Taken when nobody chooses.
    pub default: bool,
    /// Taken from now on: chosen, or the default where nobody chose.
    pub used: bool,
    /// Size of its file.
    pub bytes: u64,
    /// Licence of the weights.
    pub licence: String,
    /// What it needs in memory.
    pub memory_mib: u64,
    /// A remark: quantisation, own file, how fast it is here, whether it is recommended.
    pub note: String,
    /// Time of recognition over length of audio on this machine, where it was measured.
    pub real_time_factor: Option<f64>,
    /// The speech model for this machine: of those that keep up with a speaker the most accurate.
    pub recommended: bool,
    /// Hears a dictation again after the stop.
    pub final_pass: bool,
}

impl ModelView {
    /// Whether nothing is wrong with it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.present
    }

    fn of(listed: Listed) -> Self {
        let state = match listed.presence {
            Presence::Present => "present",
            Presence::Missing => "missing",
            Presence::Corrupt => "corrupt",
        };
        let own = if listed.registered { ", your own file" } else { "" };
        Self {
            present: listed.presence == Presence::Present,
            state,
            role: listed.model.role.as_str(),
            default: listed.default,
            used: listed.used,
            note: format!("{}{own}", listed.model.quantisation),
            real_time_factor: None,
            recommended: false,
            final_pass: false,
            about: listed.model.about,
            id: listed.model.id,
            name: listed.model.name,
            bytes: listed.model.bytes,
            licence: listed.model.licence,
            memory_mib: listed.model.memory_mib,
        }
    }
}

pub(crate) fn library(paths: &Paths) -> Result<Library, Fault> {
    Library::open(&paths.models).map_err(|e| e.fault())
}

/// All known models and the clinic's own, with the state of their files.
///
/// # Errors
/// `manifest_invalid` for a broken register.
pub fn list(paths: &Paths) -> Result<Vec<ModelView>, Fault> {
    let library = library(paths)?;
    let (measured, recommended) = (library.measured(), library.recommended());
    let finally = library.final_pass();
    let view = |listed| {
        let mut view = ModelView::of(listed);
        view.real_time_factor = measured.get(&view.id).map(|m| m.real_time_factor);
        view.recommended = recommended.as_ref() == Some(&view.id);
        view.final_pass = finally.as_ref() == Some(&view.id);
        if let Some(factor) = view.real_time_factor {
            view.note = format!("{}, a minute of speech in {:.0} s here", view.note, factor * 60.0);
        }
        if view.recommended {
            view.note = format!("{}, recommended for this machine", view.note);
        }
        view
    };
    Ok(library.list().into_iter().map(view).collect())
}

/// Takes a model for its role from the next recording or recognition on, and remembers it.
///
/// # Errors
/// `model_unknown`, `model_missing`, `model_corrupt`; a models folder that cannot be written.
pub fn choose(paths: &Paths, id: &str) -> Result<Vec<ModelView>, Fault> {
    library(paths)?.choose(id).map_err(|e| e.fault())?;
    list(paths)
}

/// Takes a speech model that hears each dictation again after its draft; `None` for no final pass.
///
/// # Errors
/// As [`choose`], and `model_role` for a model that does not hear.
pub fn choose_final_pass(paths: &Paths, id: Option<&str>) -> Result<Vec<ModelView>, Fault> {
    library(paths)?.choose_final_pass(id).map_err(|e| e.fault())?;
    list(paths)
}

/// The model of the final pass, where one was chosen.
pub(crate) fn final_pass(paths: &Paths) -> Option<ModelPath> {
    let library = library(paths).ok()?;
    library.final_pass().and_then(|id| library.path(&id).ok())
}

impl Session {
    /// The final pass as a person of the clinic chooses it.
    ///
    /// # Errors
    /// `not_allowed`, and those of [`choose_final_pass`].
    pub async fn use_final_pass(&self, id: Option<&str>) -> Result<Vec<ModelView>, Fault> {
        self.allow(Action::ChooseModels).await?;
        choose_final_pass(&self.config.paths, id)
    }

    /// The same while the program works: the next recording finds the model in memory.
    ///
    /// # Errors
    /// `recognising` while a recording runs or is being recognised, and those of [`choose`].
    pub async fn use_model(self: &Arc<Self>, id: &str) -> Result<Vec<ModelView>, Fault> {
        self.allow(Action::ChooseModels).await?;
        if self.hears_now() || self.engines.is_busy(Role::Speech) {
            return Err(Fault::new(
                FaultKind::Usage,
                "recognising",
                "The speech model is not changed while somebody dictates or a dictation is being recognised.",
                "Wait for its text, then choose again.",
            ));
        }
        let views = choose(&self.config.paths, id)?;
        if views.iter().any(|m| m.id == id && m.role == Role::Speech.as_str()) {
            let (session, model) = (Arc::clone(self), resolve(&self.config.paths, Role::Speech, Some(id))?);
            // Nobody waits for it; a model that cannot be loaded is told of when it is used.
            tokio::spawn(
                async move { drop(session.engines.warm(&model, &session.closing.child_token()).await) },
            );
        }
        Ok(views)
    }
}

/// A dictation of our own, 14 s, 16 kHz mono.
const SAMPLE: &[u8] = include_bytes!("../../../data/speech/measure.wav");

/// Measures how fast this machine is with each speech model that is here; with `only_new` those that were
/// measured before are left alone. Takes some seconds a model: not while somebody dictates.
///
/// # Errors
/// Those of the worker, and a models folder that cannot be written.
pub async fn measure(
    config: &Config,
    only_new: bool,
    progress: &(dyn Fn(&str, Option<f64>) + Send + Sync),
) -> Result<Vec<ModelView>, Fault> {
    let library = library(&config.paths)?;
    let known = library.measured();
    let engines = config.engines();
    let source = WavSource::open(Cursor::new(SAMPLE)).map_err(|e| e.fault())?;
    let samples = whole(source).map_err(|e| e.fault())?;
    for listed in library.list() {
        let id = listed.model.id;
        let speech = listed.model.role == Role::Speech && listed.presence == Presence::Present;
        if !speech || (only_new && known.contains_key(&id)) {
            continue;
        }
        progress(&format!("{id}: measuring"), None);
        let model = library.path(&id).map_err(|e| e.fault())?;
        engines.warm(&model, &Cancel::new()).await.map_err(|e| e.fault())?;
        let bytes = model.bytes.unwrap_or_default();
        let recogniser = Recogniser::new(&engines, model, OwnWords::default());
        let heard = recogniser
            .hear(Arc::clone(&samples), false, &|_| {}, &Cancel::new())
            .await
            .map_err(|e| e.fault())?;
        #[allow(clippy::cast_precision_loss, reason = "a ratio for people")]
        let factor =
            heard.elapsed_ms as f64 * f64::from(RECOGNISER_RATE) / 1000.0 / samples.len().max(1) as f64;
        let measured =
            Measured { bytes, threads: config.threads, real_time_factor: (factor * 1000.0).round() / 1000.0 };
        library.keep_measured(&id, measured).map_err(|e| e.fault())?;
    }
    engines.shutdown().await;
    list(&config.paths)
}

/// All of a recording as the recogniser hears it.
fn whole(mut source: impl Source) -> Result<Arc<[f32]>, AppError> {
    let mut mono = Mono16k::new(source.rate(), source.channels())?;
    let (mut block, mut all) = (vec![], vec![]);
    while source.next(&mut block)? {
        mono.push(&block, &mut all)?;
    }
    mono.finish(&mut all)?;
    Ok(all.into())
}

/// Ids of the default set.
#[must_use]
pub fn default_set(paths: &Paths) -> Vec<String> {
    library(paths).map_or_else(
        |_| vec![],
        |l| [Role::Speech, Role::Language, Role::Embedding].map(|r| l.default_id(r).to_owned()).to_vec(),
    )
}

/// The file of a model: an id, a path to a file of one's own, or the default of the role. Without a choice
/// and without the default, another installed model of the role is taken.
///
/// # Errors
/// `model_unknown`, `model_missing`, `model_corrupt`.
pub(crate) fn resolve(paths: &Paths, role: Role, choice: Option<&str>) -> Result<ModelPath, Fault> {
    let library = library(paths)?;
    match choice {
        Some(path) if path.contains(['/', '\\']) => {
            let file = Path::new(path);
            if !file.is_file() {
                return Err(Fault::new(
                    FaultKind::Missing,
                    "model_missing",
                    "There is no model file at that path.",
                    "Check the path, or name a model of `iambilly models list`.",
                ));
            }
            let id = file.file_stem().map_or_else(|| "own".to_owned(), |s| s.to_string_lossy().into_owned());
            Ok(ModelPath::new(id, role, file))
        }
        Some(id) => library.path(id).map_err(|e| e.fault()),
        None => library
            .chosen(role)
            .map_or_else(|| library.default_path(role), |id| library.path(&id))
            .or_else(|error| {
                let other = library
                    .list()
                    .into_iter()
                    .find(|l| l.model.role == role && l.presence == Presence::Present);
                other.and_then(|l| library.path(&l.model.id).ok()).ok_or_else(|| error.fault())
            }),
    }
}

/// Fetches models; one that is here and proven is left alone. Returns the ids.
///
/// # Errors
/// The first that could not be had.
pub async fn fetch(
    paths: &Paths,
    ids: &[String],
    origin: Origin,
    progress: &(dyn Fn(&str, Option<f64>) + Send + Sync),
) -> Result<Vec<String>, Fault> {
    let library = library(paths)?;
    let source = match origin {
        Origin::Auto => Whence::Auto,
        Origin::Packages => Whence::Packages,
        Origin::Upstream => Whence::Upstream,
    };
    let options = FetchOptions { source, ..FetchOptions::default() };
    for id in ids {
        let told = |t: &Transferred| {
            #[allow(clippy::cast_precision_loss, reason = "a share for people")]
            let share = t.bytes as f64 / t.total.max(1) as f64;
            progress(&format!("{id}: {}", t.step), Some(share));
        };
        iambilly_engines::fetch(&library, id, &options, &told, &Cancel::new())
            .await
            .map_err(|e| e.fault())?;
    }
    Ok(ids.to_vec())
}

/// Proves files by their SHA-256; all that are present when no id is given.
///
/// # Errors
/// `model_unknown`.
pub async fn verify(
    paths: &Paths,
    ids: &[String],
    progress: &(dyn Fn(&str, Option<f64>) + Send + Sync),
) -> Result<Vec<ModelView>, Fault> {
    let library = library(paths)?;
    for id in ids {
        library.find(id).map_err(|e| e.fault())?;
    }
    let mut checked = vec![];
    for listed in library.list() {
        let id = listed.model.id.clone();
        let wanted = if ids.is_empty() { listed.presence != Presence::Missing } else { ids.contains(&id) };
        if !wanted {
            continue;
        }
        progress(&format!("{id}: checking"), None);
        let own = library.clone();
        let sound = blocking(move || Ok(own.verify(&id, &|_| ()).is_ok())).await?;
        let mut view = ModelView::of(listed);
        if view.present && !sound {
            (view.present, view.state) = (false, "corrupt");
        }
        checked.push(view);
    }
    Ok(checked)
}

/// Registers a ggml or GGUF file of the clinic's own.
///
/// # Errors
/// `role_unknown`, and what is wrong with the file.
pub async fn add(paths: &Paths, file: &Path, role: &str, id: &str) -> Result<ModelView, Fault> {
    let role = [Role::Speech, Role::Language, Role::Embedding]
        .into_iter()
        .find(|r| r.as_str() == role)
        .ok_or_else(|| {
            Fault::new(
                FaultKind::Usage,
                "role_unknown",
                "There is no such role.",
                "Write speech, language or embedding.",
            )
        })?;
    let (mut library, file, id) = (library(paths)?, file.to_owned(), id.to_owned());
    let views = blocking(move || {
        library.register(&id, role, &file).map_err(|e| AppError::from(e.fault()))?;
        Ok((library.list(), id))
    })
    .await?;
    let (list, id) = views;
    let listed = list
        .into_iter()
        .find(|l| l.model.id == id)
        .ok_or_else(|| AppError::internal("a registered model is gone"))?;
    Ok(ModelView::of(listed))
}
