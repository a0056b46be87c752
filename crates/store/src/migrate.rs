//! Schema upgrades: numbered SQL files, applied together or not at all, never from a newer schema.

use crate::error::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// One file per released schema, in order; the schema's number is its place from 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_first.sql"),
    include_str!("../../../migrations/0002_review.sql"),
    include_str!("../../../migrations/0003_payer_rules.sql"),
    include_str!("../../../migrations/0004_continuations.sql"),
    include_str!("../../../migrations/0005_fee_schedules.sql"),
    include_str!("../../../migrations/0006_audit.sql"),
    include_str!("../../../migrations/0007_dictionary.sql"),
    include_str!("../../../migrations/0008_master.sql"),
    include_str!("../../../migrations/0009_people.sql"),
    include_str!("../../../migrations/0010_exchange.sql"),
    include_str!("../../../migrations/0011_policies.sql"),
    include_str!("../../../migrations/0012_queue.sql"),
    include_str!("../../../migrations/0013_queue_filters.sql"),
    include_str!("../../../migrations/0014_related_claims.sql"),
    include_str!("../../../migrations/0015_insights.sql"),
    include_str!("../../../migrations/0016_emr.sql"),
    include_str!("../../../migrations/0017_erasure.sql"),
    include_str!("../../../migrations/0018_physician.sql"),
];

/// The schema this program writes.
#[allow(clippy::cast_possible_wrap, reason = "a handful of files")]
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings a database to the newest schema.
pub(crate) fn upgrade(connection: &mut Connection) -> Result<(), StoreError> {
    upgrade_with(connection, MIGRATIONS)
}

fn upgrade_with(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if version(connection)? == known {
        return Ok(());
    }
    // Asked again inside the transaction: another process may have upgraded meanwhile.
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::DatabaseNewer { found, known });
    }
    let done = usize::try_from(found).map_err(|_| StoreError::Malformed { column: "user_version" })?;
    for sql in migrations.iter().skip(done) {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::{upgrade_with, version};
    use crate::error::StoreError;
    use rusqlite::Connection;

    #[test]
    fn all_steps_or_none() {
        let mut db = Connection::open_in_memory().unwrap();
        upgrade_with(&mut db, &["CREATE TABLE a (x)"]).unwrap();
        let broken = upgrade_with(&mut db, &["", "CREATE TABLE b (x)", "CREATE TABLE a (x)"]);
        assert!(broken.is_err());
        assert_eq!(version(&db).unwrap(), 1);
        let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 1, "nothing of the failed upgrade is left");
        upgrade_with(&mut db, &["", "CREATE TABLE b (x)", "CREATE TABLE c (x)"]).unwrap();
        assert_eq!(version(&db).unwrap(), 3);
    }

    #[test]
    fn a_newer_database_is_refused_untouched() {
        let mut db = Connection::open_in_memory().unwrap();
        upgrade_with(&mut db, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).unwrap();
        let refused = upgrade_with(&mut db, &["CREATE TABLE a (x)"]);
        assert!(matches!(refused, Err(StoreError::DatabaseNewer { found: 2, known: 1 })));
        assert_eq!(version(&db).unwrap(), 2);
    }
}
