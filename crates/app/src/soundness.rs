//! Whether the records are whole, looked at when work begins.
//!
//! SQLCipher checks each page's authentication code when it is read, so that a damaged page is never taken for data. What was
//! not read yet is looked at here: quickly when the last program did not end in order, and every page and index beside the
//! work whenever the window is unlocked.

use crate::error::AppError;
use crate::session::{Config, Session, blocking};
use iambilly_store::{DataFolderLock, Store, StoreError, StoreKeys};
use std::sync::Arc;

/// Whether the program that last had the records open did not close them: its log is still there, and nobody works on them.
pub(crate) fn ended_badly(config: &Config) -> bool {
    let mut log = config.paths.database().into_os_string();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|m| m.len() > 0) && DataFolderLock::take(&config.paths.data).is_ok()
}

impl Session {
    /// Reads every page and index of the records by a connection of its own, while others work. Damage is noted in the audit,
    /// and is the answer.
    ///
    /// # Errors
    /// `database_corrupt`.
    pub async fn check_records(&self) -> Result<(), AppError> {
        let (vault, path) = (Arc::clone(&self.vault), self.config.paths.database());
        let store = blocking(move || {
            let audit = vault.audit_key()?;
            let keys = StoreKeys { database: vault.database_key().expose(), audit: audit.expose() };
            Ok(Arc::new(Store::open_unanchored(&path, keys)?))
        })
        .await?;
        let reading = Arc::clone(&store);
        let found = tokio::select! {
            found = blocking(move || Ok(reading.look_through(true)?)) => found,
            // The key goes with the session, also from this connection.
            () = self.closing.cancelled() => {
                store.interrupt();
                Ok(())
            }
        };
        // A page that does not decrypt is not always called damage.
        if matches!(&found, Err(AppError::Store(error)) if !matches!(error, StoreError::Busy)) {
            tracing::error!(code = "database_corrupt", "the records are not whole");
            // The part that holds the audit may be the one that is damaged.
            let _ = self.note("records.damaged", "records").await;
        }
        found
    }
}
