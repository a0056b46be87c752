//! Opening the encrypted file, and transactions on it.

use crate::anchor::{AnchorFile, Standing};
use crate::error::StoreError;
use crate::migrate;
use crate::table::audit::{AuditHead, AuditKey};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long one process waits for another's write transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The encrypted database of a data folder; `Send` and `Sync`, one connection behind a lock.
pub struct Store {
    connection: Mutex<Connection>,
    interrupt: rusqlite::InterruptHandle,
    audit: AuditKey,
    anchor: AnchorFile,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// The keys of a database, as the vault gives them.
#[derive(Clone, Copy)]
pub struct StoreKeys<'a> {
    /// Encrypts the file.
    pub database: &'a [u8; 32],
    /// Seals the audit chain and its anchors.
    pub audit: &'a [u8; 32],
}

impl std::fmt::Debug for StoreKeys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[keys]")
    }
}

/// The tables, inside one transaction.
#[derive(Debug)]
pub struct Records<'a> {
    pub(crate) sql: &'a Connection,
    pub(crate) audit: &'a AuditKey,
    /// The head after what this transaction appended to the audit.
    pub(crate) appended: RefCell<Option<AuditHead>>,
}

impl<'a> Records<'a> {
    const fn of(sql: &'a Connection, audit: &'a AuditKey) -> Self {
        Self { sql, audit, appended: RefCell::new(None) }
    }
}

impl Store {
    /// Opens or creates the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::DatabaseNewer`], whatever the disk says; and where the audit and its
    /// anchor beside the database contradict each other (an older copy, events cut off) the errors of
    /// [`crate::anchor`]: nothing may be built on such records before a person has looked.
    pub fn open(path: &Path, keys: StoreKeys<'_>) -> Result<Self, StoreError> {
        let store = Self::open_unanchored(path, keys)?;
        match store.standing()? {
            Standing::Sound => Ok(store),
            Standing::First(head) => {
                // Before the first sealed event: from then on a missing anchor means that it was taken away.
                store.anchor.raise(&store.audit, &head)?;
                Ok(store)
            }
            Standing::Broken(found) => Err(StoreError::Anchor(found)),
        }
    }

    /// The same without a look at the anchor: to examine records that [`Store::open`] refuses, and to accept them.
    ///
    /// # Errors
    /// As [`Store::open`], but for the anchor.
    pub fn open_unanchored(path: &Path, keys: StoreKeys<'_>) -> Result<Self, StoreError> {
        register_vectors();
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // SQLCipher would write about wrong keys and damaged pages to stderr; the caller gets an error instead.
        connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
        set_key(&connection, keys.database)?;
        // The first read proves the key.
        patiently(|| connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())))?;
        patiently(|| {
            connection.execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;
                 PRAGMA secure_delete = ON;
                 PRAGMA temp_store = MEMORY;
                 PRAGMA cache_size = -16384;",
            )
        })?;
        migrate::upgrade(&mut connection)?;
        let audit = AuditKey::new(keys.audit);
        let interrupt = connection.get_interrupt_handle();
        Ok(Self { connection: Mutex::new(connection), interrupt, audit, anchor: AnchorFile::beside(path) })
    }

    /// How the audit stands to its anchor. The anchor is read first: whoever appends meanwhile commits to the database
    /// before raising the anchor, so an honest anchor never runs ahead of what is read after it.
    fn standing(&self) -> Result<Standing, StoreError> {
        let mut standing = self.look()?;
        if matches!(standing, Standing::Broken(crate::AnchorBreak::Missing)) {
            // Another door may have made the first anchor and sealed an event between the two looks.
            standing = self.look()?;
        }
        Ok(standing)
    }

    fn look(&self) -> Result<Standing, StoreError> {
        let anchor = self.anchor.read(&self.audit);
        self.read(|r| r.standing(&anchor))
    }

    /// The anchor beside the database, where there is an honest one.
    #[must_use]
    pub fn anchored(&self) -> Option<AuditHead> {
        self.anchor.read(&self.audit).ok().flatten()
    }

    /// Checks the whole audit against the anchor beside the database and against anchors kept elsewhere.
    ///
    /// # Errors
    /// Those of the database; a broken chain is an answer, not an error.
    pub fn verify_audit(&self, elsewhere: &[AuditHead]) -> Result<crate::AuditVerdict, StoreError> {
        let standing = self.standing()?;
        let anchor = self.anchored();
        let mut anchors = elsewhere.to_vec();
        anchors.extend(anchor.clone());
        let mut verdict = self.read(|r| r.verify_audit(&anchors))?;
        verdict.anchored = anchor.map(|a| a.seq);
        if let (Standing::Broken(found), None) = (standing, &verdict.broken) {
            let seq = verdict.sound + 1;
            verdict.broken = Some(crate::AuditBreak { kind: found.kind(), seq, until: seq });
        }
        Ok(verdict)
    }

    /// Takes the records as they are for the true ones, after [`Store::open`] refused them: the audit says so for
    /// ever, and the anchor is set to its head. The old anchor is kept beside it.
    ///
    /// # Errors
    /// Those of the database and the disk.
    pub fn accept_audit(&self, actor: &str, now: jiff::Timestamp) -> Result<AuditHead, StoreError> {
        let action = match self.standing()? {
            Standing::Broken(found) => found.accepted(),
            _ => return Err(StoreError::Conflict { what: "the audit and its anchor agree" }),
        };
        self.anchor.set_aside()?;
        // Honest until the event below is anchored, should the program end between the two.
        let head = self.read(|r| r.audit_head())?;
        self.anchor.raise(&self.audit, &head)?;
        self.write(|r| r.append_audit(actor, action, "audit", now))
    }

    /// Authenticates an audit head, so that it can be kept off this machine.
    #[must_use]
    pub fn seal_head(&self, head: &AuditHead) -> String {
        crate::anchor::encode(&self.audit, head)
    }

    /// An audit head sealed by [`Store::seal_head`] under this vault's key.
    #[must_use]
    pub fn unseal_head(&self, text: &[u8]) -> Option<AuditHead> {
        crate::anchor::decode(&self.audit, text)
    }

    /// Looks at the records as they are at one moment.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    pub fn read<T>(&self, f: impl FnOnce(&Records<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        f(&Records::of(&transaction, &self.audit))
    }

    /// Changes records: everything in the closure is kept, or on an error nothing.
    ///
    /// # Errors
    /// Those of the closure and of the database.
    pub fn write<T>(&self, f: impl FnOnce(&Records<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.lock();
        // Immediate: two processes that both read before they write would otherwise meet in a deadlock.
        let transaction = Transaction::new(&mut connection, TransactionBehavior::Immediate)?;
        let records = Records::of(&transaction, &self.audit);
        let value = f(&records)?;
        let appended = records.appended.into_inner();
        transaction.commit()?;
        if let Some(head) = appended {
            // The work is kept already. An anchor that lags is no false alarm, and the next event raises it.
            let _ = self.anchor.raise(&self.audit, &head);
        }
        Ok(value)
    }

    /// Moves what the write-ahead log holds into the database file; call it when the program closes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        Ok(self.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Copies the database as it is at this moment into a new file, encrypted under the same key, without the pages of
    /// deleted rows.
    ///
    /// # Errors
    /// Those of the database and of the disk that is written to.
    pub fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
        create_private(path)?;
        let path = path.to_str().ok_or(StoreError::Unstorable { column: "a path" })?;
        self.lock().execute("VACUUM INTO ?1", [path])?;
        Ok(())
    }

    /// Rewrites the database without the pages of deleted rows, and empties the write-ahead log.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another program reads; what was deleted is overwritten all the same.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.lock().execute_batch("VACUUM")?;
        self.checkpoint()
    }

    /// Anchors the database as it is, for a copy that has no anchor of its own yet (a restored backup).
    ///
    /// # Errors
    /// Those of the database and the disk.
    pub fn adopt_anchor(&self) -> Result<(), StoreError> {
        let head = self.read(|r| r.audit_head())?;
        self.anchor.raise(&self.audit, &head)
    }

    /// A text sealed under the audit's key, as hex.
    #[must_use]
    pub fn seal_text(&self, text: &str) -> String {
        self.audit.mac(&["iambilly text 1", text])
    }

    /// Whether [`Store::seal_text`] of this vault gave this seal.
    #[must_use]
    pub fn text_is_sealed(&self, text: &str, seal: &str) -> bool {
        self.audit.verifies(&["iambilly text 1", text], seal)
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

    /// Reads every page that is in use, which proves its authentication code, and with `indexes` every index against its
    /// table; [`Store::interrupt`] ends it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]; [`StoreError::Busy`] when it was ended.
    pub fn look_through(&self, indexes: bool) -> Result<(), StoreError> {
        let sql = if indexes { "PRAGMA integrity_check(1)" } else { "PRAGMA quick_check(1)" };
        let verdict: String = self.lock().query_row(sql, [], |row| row.get(0))?;
        if verdict == "ok" { Ok(()) } else { Err(StoreError::Corrupt) }
    }

    /// Ends what this connection reads at this moment.
    pub fn interrupt(&self) {
        self.interrupt.interrupt();
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

/// Where several processes open a new database at once, the step to write-ahead logging is refused as busy without
/// SQLite's own waiting: it is tried again for two seconds.
fn patiently<T>(mut step: impl FnMut() -> rusqlite::Result<T>) -> Result<T, StoreError> {
    for _ in 0..100 {
        match step().map_err(StoreError::from) {
            Err(StoreError::Busy) => std::thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
    step().map_err(StoreError::from)
}

/// Gives SQLCipher the raw key. Not by a statement: SQLite keeps the text of statements, and frees it as it is.
#[allow(unsafe_code, reason = "SQLCipher takes a key other than by a statement through its C interface only")]
fn set_key(connection: &Connection, key: &[u8; 32]) -> Result<(), StoreError> {
    let mut raw = Zeroizing::new(String::with_capacity(96));
    raw.push_str("x'");
    for byte in key {
        // Writing to a String cannot fail.
        let _ = write!(raw, "{byte:02x}");
    }
    raw.push('\'');
    let length = i32::try_from(raw.len()).unwrap_or(0);
    // SAFETY: the handle is that of an open connection, which `connection` keeps open meanwhile, and the bytes are
    // readable for their length; SQLCipher copies them and wipes its copy when the connection closes.
    let answer = unsafe { rusqlite::ffi::sqlite3_key(connection.handle(), raw.as_ptr().cast(), length) };
    if answer == rusqlite::ffi::SQLITE_OK { Ok(()) } else { Err(StoreError::Sqlite { code: answer }) }
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
