//! One window a data folder: a second one asks the first to come forward and ends.
//!
//! The first holds a lock file beside the data folder (not in it, so that a folder can still be restored into that place).
//! The second leaves a mark that the first looks for; nothing of what it was opened with is written down, since the name of
//! a recording may be a patient's.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// The one window of a data folder, until dropped.
#[derive(Debug)]
pub struct OneWindow {
    /// None where this file system locks nothing: then every window is the only one.
    lock: Option<File>,
    mark: PathBuf,
}

fn beside(data: &Path, ending: &str) -> PathBuf {
    let name = data.file_name().unwrap_or_default().to_string_lossy().into_owned();
    data.with_file_name(format!(".{name}.{ending}"))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

impl OneWindow {
    /// Becomes the data folder's window; none where there is one, which then comes forward.
    #[must_use]
    pub fn of(data: &Path) -> Option<Self> {
        let mark = beside(data, "raise");
        if let Some(parent) = data.parent() {
            let _ = std::fs::create_dir_all(parent);
        }
        let lock = private().open(beside(data, "window")).ok();
        match lock.as_ref().map(File::try_lock) {
            Some(Err(std::fs::TryLockError::WouldBlock)) => {
                let _ = private().open(mark);
                None
            }
            Some(Ok(())) => {
                let _ = std::fs::remove_file(&mark);
                Some(Self { lock, mark })
            }
            Some(Err(std::fs::TryLockError::Error(_))) | None => Some(Self { lock: None, mark }),
        }
    }

    /// Whether another window was started since this was last asked.
    #[must_use]
    pub fn was_called(&self) -> bool {
        self.lock.is_some() && std::fs::remove_file(&self.mark).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::OneWindow;

    #[test]
    fn a_second_window_calls_the_first_and_each_folder_has_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (data, other) = (dir.path().join("data"), dir.path().join("other"));
        let first = OneWindow::of(&data).unwrap();
        assert!(!first.was_called());
        assert!(OneWindow::of(&data).is_none());
        assert!(OneWindow::of(&other).is_some());
        assert!(first.was_called() && !first.was_called(), "once each time");
        assert!(!data.exists(), "the data folder is not made by it");
        drop(first);
        let next = OneWindow::of(&data).unwrap();
        assert!(!next.was_called(), "a mark left behind calls nobody");
    }
}
