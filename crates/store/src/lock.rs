//! The lock of a data folder: whoever holds it leases jobs; others only read, write and enqueue.

use crate::error::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Held until dropped; the operating system releases it when the process dies.
#[derive(Debug)]
pub struct DataFolderLock {
    _file: File,
}

impl DataFolderLock {
    /// Takes the lock of a data folder.
    ///
    /// # Errors
    /// [`StoreError::FolderTaken`] when another process (or another part of this one) holds it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("iambilly.lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(StoreError::Lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::FolderTaken),
            Err(TryLockError::Error(e)) => Err(StoreError::Lock(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DataFolderLock;
    use crate::error::StoreError;

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataFolderLock::take(dir.path()).unwrap();
        assert!(matches!(DataFolderLock::take(dir.path()), Err(StoreError::FolderTaken)));
        drop(first);
        DataFolderLock::take(dir.path()).unwrap();
    }
}
