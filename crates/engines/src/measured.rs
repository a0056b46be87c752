//! How fast this machine is with a model, kept in `measured.toml` in the models folder.

use crate::library::{Library, Presence};
use crate::model_error::ModelError;
use iambilly_worker_protocol::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const FILE: &str = "measured.toml";
/// Real-time factor (whole windows, warm) up to which a model keeps up with a speaker and has the end of his
/// text within two seconds of the stop: the words since the last pause are a quarter of a window at most.
const KEEPS_UP: f64 = 0.3;

/// A measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Size of the model's file then; another file is to be measured again.
    pub bytes: u64,
    /// Threads it was given.
    pub threads: usize,
    /// Time of recognition over length of audio, the model in memory.
    pub real_time_factor: f64,
}

impl Library {
    /// What was measured on this machine, by model; what does not fit the files any more is left out.
    #[must_use]
    pub fn measured(&self) -> BTreeMap<String, Measured> {
        // A measurement that cannot be read is one to be made again.
        let text = std::fs::read_to_string(self.dir().join(FILE)).unwrap_or_default();
        let mut all: BTreeMap<String, Measured> = toml::from_str(&text).unwrap_or_default();
        all.retain(|id, m| {
            self.path(id).is_ok_and(|path| path.bytes == Some(m.bytes)) && m.real_time_factor.is_finite()
        });
        all
    }

    /// Keeps a measurement.
    ///
    /// # Errors
    /// The models folder cannot be written.
    pub fn keep_measured(&self, id: &str, measured: Measured) -> Result<(), ModelError> {
        let mut all = self.measured();
        all.insert(id.to_owned(), measured);
        let cannot = |e| ModelError::io("write the measurement", e);
        let text = toml::to_string_pretty(&all).map_err(|e| cannot(std::io::Error::other(e)))?;
        std::fs::create_dir_all(self.dir()).map_err(cannot)?;
        let mut new = tempfile::NamedTempFile::new_in(self.dir()).map_err(cannot)?;
        std::io::Write::write_all(&mut new, text.as_bytes()).map_err(cannot)?;
        new.persist(self.dir().join(FILE)).map(drop).map_err(|e| cannot(e.error))
    }

    /// The speech model for this machine: of those that keep up the most accurate, else the fastest. None
    /// before anything was measured.
    #[must_use]
    pub fn recommended(&self) -> Option<String> {
        let measured = self.measured();
        let here: Vec<_> = self
            .list()
            .into_iter()
            .filter(|l| l.model.role == Role::Speech && l.presence == Presence::Present)
            .filter_map(|l| measured.get(&l.model.id).map(|m| (l.model, m.real_time_factor)))
            .collect();
        let best = here.iter().filter(|(_, factor)| *factor <= KEEPS_UP).max_by(|a, b| {
            (a.0.accuracy, -a.1).partial_cmp(&(b.0.accuracy, -b.1)).unwrap_or(std::cmp::Ordering::Equal)
        });
        best.or_else(|| here.iter().min_by(|a, b| a.1.total_cmp(&b.1))).map(|(model, _)| model.id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Measured;
    use crate::{Library, Manifest};

    fn manifest() -> Manifest {
        let model = |id: &str, bytes: u64, accuracy: u8| {
            format!(
                "[[model]]\nid = \"{id}\"\nname = \"{id}\"\nrole = \"speech\"\nfile = \"{id}.bin\"\nbytes = {bytes}\nsha256 = \"{}\"\nlicence = \"MIT\"\nquantisation = \"f16\"\nmemory_mib = 1\naccuracy = {accuracy}\n[model.upstream]\nurl = \"https://example.org/{id}\"\n",
                "a".repeat(64)
            )
        };
        let text = format!(
            "[defaults]\nspeech = \"tiny\"\nlanguage = \"qwen\"\nembedding = \"mini\"\n{}{}{}{}{}",
            model("tiny", 1, 2),
            model("base", 2, 1),
            model("large", 3, 9),
            model("qwen", 4, 0).replace("\"speech\"", "\"language\""),
            model("mini", 5, 0).replace("\"speech\"", "\"embedding\""),
        );
        Manifest::parse(&text).expect("a manifest")
    }

    #[test]
    fn the_most_accurate_that_keeps_up_is_recommended() {
        let dir = tempfile::tempdir().expect("a folder");
        let library = Library::over(manifest(), dir.path()).expect("opens");
        for (id, bytes) in [("tiny", 1), ("base", 2), ("large", 3)] {
            std::fs::write(dir.path().join(format!("{id}.bin")), vec![0; bytes]).expect("writes");
        }
        assert_eq!(library.recommended(), None, "nothing was measured");
        let keep = |id: &str, bytes, real_time_factor| {
            library.keep_measured(id, Measured { bytes, threads: 2, real_time_factor }).expect("keeps");
            library.recommended()
        };
        for (id, bytes, factor, best, why) in [
            ("base", 2, 0.4, "base", "nothing else was measured"),
            ("large", 3, 1.7, "base", "the fastest, where none keeps up"),
            ("tiny", 1, 0.07, "tiny", "it keeps up"),
            ("base", 2, 0.15, "tiny", "faster and more accurate"),
            ("large", 3, 0.2, "large", "the most accurate that keeps up"),
        ] {
            assert_eq!(keep(id, bytes, factor).as_deref(), Some(best), "{why}");
        }
        std::fs::write(dir.path().join("large.bin"), b"other").expect("writes");
        assert_eq!(library.recommended().as_deref(), Some("tiny"), "another file was never measured");
        std::fs::write(dir.path().join("measured.toml"), b"no toml [").expect("writes");
        assert_eq!(library.recommended(), None);
    }
}
