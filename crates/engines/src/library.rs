//! The models on this machine: which are here, which are whole, where their files are.
//!
//! The models folder holds the files of the manifest under their names and, if the clinic has models of its
//! own, `registered.toml` with a `[[model]]` table for each in the manifest's shape.

use crate::manifest::{Manifest, Model};
use crate::model_error::ModelError;
use crate::settings::ModelPath;
use iambilly_worker_protocol::Role;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const REGISTER: &str = "registered.toml";

/// The manifest and the clinic's own models, over a folder.
#[derive(Debug, Clone)]
pub struct Library {
    manifest: Manifest,
    registered: Vec<Model>,
    dir: PathBuf,
}

/// What a look at a model's file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// The file is there and has the right size.
    Present,
    /// No file.
    Missing,
    /// The file has another size.
    Corrupt,
}

/// A model and the state of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The model.
    pub model: Model,
    /// Its file.
    pub path: PathBuf,
    /// Is it there?
    pub presence: Presence,
    /// Taken when nobody chooses.
    pub default: bool,
    /// Taken from now on: chosen by a person, or the default where nobody chose.
    pub used: bool,
    /// The clinic's own.
    pub registered: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Register {
    #[serde(rename = "model", default)]
    models: Vec<Model>,
}

impl Library {
    /// The library of a models folder, which need not exist yet.
    ///
    /// # Errors
    /// `manifest_invalid` for a register that cannot be read.
    pub fn open(dir: &Path) -> Result<Self, ModelError> {
        Self::over(Manifest::built_in()?, dir)
    }

    /// The library of a folder under another manifest.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn over(manifest: Manifest, dir: &Path) -> Result<Self, ModelError> {
        let registered = match std::fs::read_to_string(dir.join(REGISTER)) {
            Ok(text) => {
                let register: Register = toml::from_str(&text)
                    .map_err(|e| ModelError::ManifestInvalid(format!("{REGISTER}: {}", e.message())))?;
                register.models
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => vec![],
            Err(e) => return Err(ModelError::io("read the register of models", e)),
        };
        Ok(Self { manifest, registered, dir: dir.to_owned() })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// All models, the manifest's first, with the state of their files by size; see [`Library::verify`].
    #[must_use]
    pub fn list(&self) -> Vec<Listed> {
        let known = self.manifest.models.iter().map(|model| (model, false));
        let own = self.registered.iter().map(|model| (model, true));
        let chosen: Vec<_> = [Role::Speech, Role::Language, Role::Embedding]
            .into_iter()
            .filter_map(|role| Some((role, self.chosen(role)?)))
            .collect();
        known
            .chain(own)
            .map(|(model, registered)| {
                let path = self.file(model);
                let presence = match std::fs::metadata(&path) {
                    Ok(meta) if meta.is_file() && model.has_size(meta.len()) => Presence::Present,
                    Ok(_) => Presence::Corrupt,
                    Err(_) => Presence::Missing,
                };
                let default = !registered && self.manifest.default_id(model.role) == model.id;
                let used = match chosen.iter().find(|(role, _)| *role == model.role) {
                    Some((_, id)) => *id == model.id,
                    None => default,
                };
                Listed { model: model.clone(), path, presence, default, used, registered }
            })
            .collect()
    }

    /// The model of an id, the clinic's own first.
    ///
    /// # Errors
    /// `model_unknown`.
    pub fn find(&self, id: &str) -> Result<&Model, ModelError> {
        let own = self.registered.iter().find(|model| model.id == id);
        own.or_else(|| self.manifest.find(id)).ok_or_else(|| ModelError::Unknown(id.to_owned()))
    }

    /// A model ready for the engines: its file is there and has the right size.
    ///
    /// # Errors
    /// `model_unknown`, `model_missing` or `model_corrupt`.
    pub fn path(&self, id: &str) -> Result<ModelPath, ModelError> {
        let model = self.find(id)?;
        let file = self.file(model);
        let meta = std::fs::metadata(&file).map_err(|_| ModelError::Missing(id.to_owned()))?;
        if !meta.is_file() || !model.has_size(meta.len()) {
            return Err(ModelError::Corrupt(id.to_owned()));
        }
        Ok(ModelPath {
            id: model.id.clone(),
            role: model.role,
            file,
            bytes: Some(meta.len()),
            expects_words: model.expects_words,
            short_window: model.short_window,
        })
    }

    /// The model a role takes when nobody chooses, ready for the engines.
    ///
    /// # Errors
    /// As [`Library::path`].
    pub fn default_path(&self, role: Role) -> Result<ModelPath, ModelError> {
        self.path(self.manifest.default_id(role))
    }

    /// Id of the model a role takes when nobody chooses.
    #[must_use]
    pub fn default_id(&self, role: Role) -> &str {
        self.manifest.default_id(role)
    }

    /// Where a model's file is or will be.
    #[must_use]
    pub fn file(&self, model: &Model) -> PathBuf {
        self.dir.join(&model.file)
    }

    /// Reads the whole file of a model and proves it by its SHA-256. Slow: a second or two per GB.
    ///
    /// # Errors
    /// `model_unknown`, `model_missing` or `model_corrupt`.
    pub fn verify(&self, id: &str, progress: &dyn Fn(u64)) -> Result<(), ModelError> {
        let model = self.path(id)?;
        let sum = sha256(&model.file, progress)?;
        if self.find(id)?.is_right(&sum) { Ok(()) } else { Err(ModelError::Corrupt(id.to_owned())) }
    }

    /// Takes a file of the clinic's own into the register.
    ///
    /// # Errors
    /// `model_source` if the id is taken by the manifest, otherwise the file cannot be read or the register
    /// not written.
    pub fn register(&mut self, id: &str, role: Role, file: &Path) -> Result<ModelPath, ModelError> {
        if self.manifest.find(id).is_some() {
            return Err(ModelError::NoSuchSource { id: id.to_owned(), source_name: "a file of your own" });
        }
        let file = std::path::absolute(file).map_err(|e| ModelError::io("find the file", e))?;
        let sum = sha256(&file, &|_| ())?;
        let bytes = std::fs::metadata(&file).map_err(|e| ModelError::io("read the file", e))?.len();
        let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
        self.registered.retain(|model| model.id != id);
        self.registered.push(Model {
            id: id.to_owned(),
            name: text(file.file_stem()),
            role,
            file: file.to_string_lossy().into_owned(),
            bytes,
            sha256: sum,
            licence: "unknown".to_owned(),
            quantisation: "unknown".to_owned(),
            memory_mib: bytes / (1 << 20) * 5 / 4 + 128,
            accuracy: 0,
            expects_words: false,
            about: "A file of your own.".to_owned(),
            short_window: false,
            upstream: None,
            packages: None,
        });
        self.keep_register()?;
        self.path(id)
    }

    /// Takes a model of the clinic's own out of the register; its file stays where it is. False where there is none.
    pub(crate) fn forget(&mut self, id: &str) -> Result<bool, ModelError> {
        let before = self.registered.len();
        self.registered.retain(|model| model.id != id);
        if self.registered.len() == before {
            return Ok(false);
        }
        self.keep_register()?;
        Ok(true)
    }

    /// The models of the manifest, without the clinic's own.
    pub(crate) fn published(&self) -> &[Model] {
        &self.manifest.models
    }

    fn keep_register(&self) -> Result<(), ModelError> {
        let register = Register { models: self.registered.clone() };
        let text =
            toml::to_string_pretty(&register).map_err(|e| ModelError::ManifestInvalid(e.to_string()))?;
        let cannot = |e| ModelError::io("write the register of models", e);
        std::fs::create_dir_all(&self.dir).map_err(cannot)?;
        let mut new = tempfile::NamedTempFile::new_in(&self.dir).map_err(cannot)?;
        std::io::Write::write_all(&mut new, text.as_bytes()).map_err(cannot)?;
        new.persist(self.dir.join(REGISTER)).map_err(|e| cannot(e.error))?;
        Ok(())
    }
}

/// The SHA-256 of a file in hexadecimal; `progress` hears of bytes read.
pub(crate) fn sha256(file: &Path, progress: &dyn Fn(u64)) -> Result<String, ModelError> {
    let cannot = |e| ModelError::io("read the model's file", e);
    let mut file = File::open(file).map_err(cannot)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    let mut total = 0u64;
    loop {
        let n = file.read(&mut buffer).map_err(cannot)?;
        let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else { break };
        digest.update(read);
        total += n as u64;
        progress(total);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_what_is_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let library = Library::open(dir.path()).expect("opens");
        assert!(library.list().iter().all(|l| l.presence == Presence::Missing));
        assert!(matches!(library.path("whisper-tiny.en"), Err(ModelError::Missing(_))));
        std::fs::write(dir.path().join("ggml-tiny.en.bin"), b"half").expect("writes");
        assert!(matches!(library.path("whisper-tiny.en"), Err(ModelError::Corrupt(_))));
        assert!(matches!(library.path("whisper-huge"), Err(ModelError::Unknown(_))));
    }

    #[test]
    fn a_model_of_the_clinics_own() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("ours.gguf");
        std::fs::write(&file, b"weights").expect("writes");
        let mut library = Library::open(&dir.path().join("models")).expect("opens");
        assert!(library.register("whisper-tiny.en", Role::Speech, &file).is_err(), "the id is taken");
        library.register("ours", Role::Language, &file).expect("registers");
        let again = Library::open(library.dir()).expect("opens");
        assert_eq!(again.path("ours").expect("present").file, file);
        assert!(again.verify("ours", &|_| ()).is_ok());
        std::fs::write(&file, b"wEights").expect("writes");
        assert!(matches!(again.verify("ours", &|_| ()), Err(ModelError::Corrupt(_))));
        std::fs::remove_file(&file).expect("removes");
        assert!(matches!(again.path("ours"), Err(ModelError::Missing(_))));
    }

    #[test]
    fn sums_are_those_of_the_standard() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), b"abc").expect("writes");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(file.path(), &|_| ()).expect("reads"), abc);
    }
}
