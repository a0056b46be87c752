//! Opening the encrypted file, and transactions on it.

use crate::error::StoreError;
use crate::migrate;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// How long one process waits for another's write transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The encrypted database of a data folder; `Send` and `Sync`, one connection behind a lock.
pub struct Store {
    connection: Mutex<Connection>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// The tables, inside one transaction.
#[derive(Debug)]
pub struct Records<'a> {
    pub(crate) sql: &'a Connection,
}

impl Store {
    /// Opens or creates the database, with the vault's raw 256-bit key, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::DatabaseNewer`], and whatever the disk says.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        register_vectors();
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // SQLCipher would write about wrong keys and damaged pages to stderr; the caller gets an error instead.
        connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
        set_key(&connection, key)?;
        // The first read proves the key.
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;",
        )?;
        migrate::upgrade(&mut connection)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Looks at the records as they are at one moment.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    pub fn read<T>(&self, f: impl FnOnce(&Records<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        f(&Records { sql: &transaction })
    }

    /// Changes records: everything in the closure is kept, or on an error nothing.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    pub fn write<T>(&self, f: impl FnOnce(&Records<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.lock();
        // Immediate: two processes that both read before they write would otherwise meet in a deadlock.
        let transaction = Transaction::new(&mut connection, TransactionBehavior::Immediate)?;
        let value = f(&Records { sql: &transaction })?;
        transaction.commit()?;
        Ok(value)
    }

    /// Moves what the write-ahead log holds into the database file; call it when the program closes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        Ok(self.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// SQLCipher's and sqlite-vec's versions, for the health report.
    ///
    /// # Errors
    /// Those of the database.
    pub fn versions(&self) -> Result<(String, String), StoreError> {
        let connection = self.lock();
        let cipher = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0))?;
        let vectors = connection.query_row("SELECT vec_version()", [], |row| row.get(0))?;
        Ok((cipher, vectors))
    }

    /// Checks every page's authentication code and every index; the first problem is an error.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn integrity_check(&self) -> Result<(), StoreError> {
        let connection = self.lock();
        let mut pages = connection.prepare("PRAGMA cipher_integrity_check")?;
        if pages.query([])?.next()?.is_some() {
            return Err(StoreError::Corrupt);
        }
        let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt) }
    }

    /// Limits the size of the database in pages of 4096 bytes, so that a clinic's quota (or a test) is met by
    /// a [`StoreError::DiskFull`] instead of a full disk.
    ///
    /// # Errors
    /// Those of the database.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        Ok(self.lock().query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in a closure rolled its transaction back; the connection itself is sound.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set_key(connection: &Connection, key: &[u8; 32]) -> Result<(), StoreError> {
    let mut pragma = Zeroizing::new(String::with_capacity(96));
    pragma.push_str("PRAGMA key = \"x'");
    for byte in key {
        // Writing to a String cannot fail.
        let _ = write!(pragma, "{byte:02x}");
    }
    pragma.push_str("'\"");
    let result = connection.execute_batch(&pragma);
    pragma.zeroize();
    Ok(result?)
}

/// Makes an empty file that only its owner may read; SQLite gives its log files the same mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(|_| ()).map_err(|e| {
        if e.kind() == std::io::ErrorKind::StorageFull { StoreError::DiskFull } else { StoreError::ReadOnly }
    })
}

/// Registers sqlite-vec for every connection of the process, once.
#[allow(unsafe_code, reason = "SQLite takes extensions as C function pointers")]
fn register_vectors() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: sqlite3_vec_init is a SQLite extension entry point, which has exactly the signature of
        // RawAutoExtension; the crate declares it without parameters. It is statically linked, so it lives
        // as long as the process. It neither opens a database nor touches the list of extensions.
        let registered = unsafe {
            let entry = std::mem::transmute::<*const (), rusqlite::auto_extension::RawAutoExtension>(
                sqlite_vec::sqlite3_vec_init as *const (),
            );
            rusqlite::auto_extension::register_auto_extension(entry)
        };
        // It fails only without memory; then the first use of a vector says so.
        drop(registered);
    });
}
