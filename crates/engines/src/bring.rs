//! Models brought from a file or a stick to a computer without the network, and taken away again.

use crate::engines::Cancel;
use crate::fetch::check_space;
use crate::library::{Library, Presence};
use crate::manifest::Model;
use crate::model_error::ModelError;
use iambilly_worker_protocol::Role;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Hears of a model that is copied: its id, bytes copied, bytes in all.
pub type Copying<'a> = &'a (dyn Fn(&str, u64, u64) + Send + Sync);

impl Library {
    /// Takes published models from a file, or every one in a folder and the folders in it (a stick, another computer's
    /// models folder). A file is known by its bytes, whatever it is called; it is proven before it gets its name here,
    /// and the source is not changed. One that is here and whole by size is left alone. Returns the ids now here.
    ///
    /// # Errors
    /// `model_not_recognised` where nothing there is a model, `model_corrupt` where a file has a model's size and other
    /// bytes, `disk_full`, `cancelled`, what the file system says.
    pub fn bring(
        &self,
        from: &Path,
        copying: Copying<'_>,
        cancel: &Cancel,
    ) -> Result<Vec<String>, ModelError> {
        let mut here = vec![];
        let mut damaged = None;
        for file in candidates(from)? {
            let bytes = file.metadata().map_err(|e| ModelError::io("read the file", e))?.len();
            let might_be: Vec<&Model> = self.published().iter().filter(|m| m.has_size(bytes)).collect();
            let Some(first) = might_be.first() else { continue };
            let present =
                |id: &str| self.list().iter().any(|l| l.model.id == id && l.presence == Presence::Present);
            if might_be.iter().any(|m| present(&m.id)) {
                here.extend(might_be.iter().find(|m| present(&m.id)).map(|m| m.id.clone()));
                continue;
            }
            match self.copy(&file, bytes, &might_be, copying, cancel)? {
                Some(id) => here.push(id),
                None => damaged = Some(first.id.clone()),
            }
        }
        here.dedup();
        if !here.is_empty() {
            return Ok(here);
        }
        let name = from.file_name().unwrap_or(from.as_os_str()).to_string_lossy().into_owned();
        Err(damaged.map_or(ModelError::NotRecognised(name), ModelError::Corrupt))
    }

    /// Copies a file beside the models and gives it the name of the model it proves to be; none where it is no model.
    fn copy(
        &self,
        file: &Path,
        bytes: u64,
        might_be: &[&Model],
        copying: Copying<'_>,
        cancel: &Cancel,
    ) -> Result<Option<String>, ModelError> {
        let cannot = |e| ModelError::io("copy the model", e);
        std::fs::create_dir_all(self.dir()).map_err(cannot)?;
        check_space(self.dir(), bytes)?;
        let named = might_be.first().map_or("", |m| m.id.as_str());
        let mut from = File::open(file).map_err(cannot)?;
        let mut to = tempfile::NamedTempFile::new_in(self.dir()).map_err(cannot)?;
        let (mut digest, mut buffer, mut done) = (Sha256::new(), vec![0u8; 1 << 20], 0u64);
        loop {
            if cancel.is_cancelled() {
                return Err(ModelError::Cancelled);
            }
            let n = from.read(&mut buffer).map_err(cannot)?;
            let Some(read) = buffer.get(..n).filter(|read| !read.is_empty()) else { break };
            digest.update(read);
            to.write_all(read).map_err(cannot)?;
            done += n as u64;
            copying(named, done, bytes);
        }
        let sum: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let Some(model) = might_be.iter().find(|m| m.is_right(&sum)) else { return Ok(None) };
        to.as_file().sync_all().map_err(cannot)?;
        to.persist(self.file(model)).map_err(|e| cannot(e.error))?;
        Ok(Some(model.id.clone()))
    }

    /// Takes a model away: the file of a published one with what was fetched of it; of the clinic's own only the
    /// entry, since the file lies where the clinic put it.
    ///
    /// # Errors
    /// `model_unknown`; `model_missing` where there is nothing to take away; `model_in_use` for the speech model that
    /// dictations are heard with; what the file system says.
    pub fn remove(&mut self, id: &str) -> Result<(), ModelError> {
        self.find(id)?;
        let listed = self.list().into_iter().find(|l| l.model.id == id);
        let Some(listed) = listed else { return Err(ModelError::Unknown(id.to_owned())) };
        if listed.used && listed.model.role == Role::Speech && listed.presence == Presence::Present {
            return Err(ModelError::InUse(id.to_owned()));
        }
        if self.forget(id)? {
            return Ok(());
        }
        let begun = self.dir().join(format!(".fetch-{id}"));
        let was_begun = begun.exists();
        if was_begun {
            std::fs::remove_dir_all(&begun).map_err(|e| ModelError::io("remove what was fetched", e))?;
        }
        match std::fs::remove_file(&listed.path) {
            Ok(()) => Ok(()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && was_begun => Ok(()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(ModelError::Missing(id.to_owned())),
            Err(e) => Err(ModelError::io("remove the model", e)),
        }
    }
}

/// The file itself, or the files of a folder and of the folders in it.
fn candidates(from: &Path) -> Result<Vec<PathBuf>, ModelError> {
    let cannot = |e| ModelError::io("read the folder", e);
    if !from.is_dir() {
        return Ok(vec![from.to_owned()]);
    }
    let entries = |folder: &Path| -> Result<Vec<PathBuf>, ModelError> {
        let mut all = vec![];
        for entry in std::fs::read_dir(folder).map_err(cannot)? {
            all.push(entry.map_err(cannot)?.path());
        }
        all.sort();
        Ok(all)
    };
    let mut files = vec![];
    for path in entries(from)? {
        // A folder that may not be read holds nothing for us.
        if path.is_dir() {
            files.extend(entries(&path).unwrap_or_default());
        } else {
            files.push(path);
        }
    }
    files.retain(|path| path.is_file());
    Ok(files)
}

#[cfg(test)]
mod tests {
    use crate::engines::Cancel;
    use crate::{Library, Manifest, ModelError};
    use iambilly_worker_protocol::Role;
    use std::path::Path;

    /// One model of each role; the right bytes are `abc`, `abcd` and `abcde`.
    fn library(dir: &Path) -> Library {
        let sums = [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589",
            "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c",
        ];
        let mut text = "[defaults]\nspeech = 's'\nlanguage = 'l'\nembedding = 'e'\n".to_owned();
        for ((id, role, bytes), sum) in
            [("s", "speech", 3), ("l", "language", 4), ("e", "embedding", 5)].iter().zip(sums)
        {
            text.push_str(&format!(
                "[[model]]\nid = '{id}'\nname = ''\nrole = '{role}'\nfile = '{id}.bin'\nbytes = {bytes}\nsha256 = '{sum}'\n\
                 licence = 'MIT'\nquantisation = ''\nmemory_mib = 1\n[model.upstream]\nurl = 'http://127.0.0.1:9/'\n"
            ));
        }
        Library::over(Manifest::parse(&text).unwrap(), dir).unwrap()
    }

    fn bring(library: &Library, from: &Path) -> Result<Vec<String>, ModelError> {
        library.bring(from, &|_, _, _| (), &Cancel::new())
    }

    #[test]
    fn a_stick_brings_what_it_holds_under_whatever_name() {
        let (stick, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let library = library(&here.path().join("models"));
        assert!(matches!(bring(&library, stick.path()), Err(ModelError::NotRecognised(_))));
        assert!(bring(&library, &stick.path().join("none")).is_err());
        std::fs::create_dir(stick.path().join("models")).unwrap();
        for (name, bytes) in
            [("speech.bin", "abc"), ("models/x", "abcd"), ("notes.txt", "hello world"), ("bad", "abcdX")]
        {
            std::fs::write(stick.path().join(name), bytes).unwrap();
        }
        assert_eq!(bring(&library, stick.path()).unwrap(), ["l", "s"]);
        assert!(library.verify("s", &|_| ()).is_ok() && library.verify("l", &|_| ()).is_ok());
        assert!(matches!(library.path("e"), Err(ModelError::Missing(_))), "wrong bytes get no name");
        assert_eq!(std::fs::read_dir(library.dir()).unwrap().count(), 2, "nothing is left over");
        assert!(
            matches!(bring(&library, &stick.path().join("bad")), Err(ModelError::Corrupt(id)) if id == "e")
        );
        // What is here is not copied again.
        assert_eq!(bring(&library, &stick.path().join("speech.bin")).unwrap(), ["s"]);
        let cancel = Cancel::new();
        cancel.cancel();
        std::fs::write(stick.path().join("bad"), "abcde").unwrap();
        assert!(matches!(
            library.bring(&stick.path().join("bad"), &|_, _, _| (), &cancel),
            Err(ModelError::Cancelled)
        ));
        assert_eq!(std::fs::read_dir(library.dir()).unwrap().count(), 2);
    }

    #[test]
    fn what_hears_the_dictations_stays_and_the_rest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let mut library = library(dir.path());
        assert!(matches!(library.remove("none"), Err(ModelError::Unknown(_))));
        assert!(matches!(library.remove("l"), Err(ModelError::Missing(_))));
        std::fs::write(dir.path().join("s.bin"), "abc").unwrap();
        std::fs::write(dir.path().join("l.bin"), "abcd").unwrap();
        std::fs::create_dir(dir.path().join(".fetch-e")).unwrap();
        assert!(matches!(library.remove("s"), Err(ModelError::InUse(_))));
        library.remove("l").unwrap();
        library.remove("e").unwrap();
        assert!(!dir.path().join("l.bin").exists() && !dir.path().join(".fetch-e").exists());
        let own = dir.path().join("ours.bin");
        std::fs::write(&own, "weights").unwrap();
        library.register("ours", Role::Speech, &own).unwrap();
        library.choose("ours").unwrap();
        assert!(matches!(library.remove("ours"), Err(ModelError::InUse(_))));
        library.choose("s").unwrap();
        library.remove("ours").unwrap();
        assert!(own.exists(), "the clinic's own file is left where it is");
        assert!(matches!(library.find("ours"), Err(ModelError::Unknown(_))));
    }
}
