//! The tables of the file and the steps by which older files get there.

use rusqlite::{Connection, TransactionBehavior};

/// Marks the file as ours (`PRAGMA application_id`): "HPCS".
pub(super) const APPLICATION_ID: i64 = 0x4850_4353;

/// The schema that this program writes (`PRAGMA user_version`).
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// What a file says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing is in it yet.
    Empty,
    /// A schema of ours, or of a later program of ours.
    Version(i64),
    /// Another program's database.
    Foreign,
}

/// Reads what the file says it is.
pub(super) fn identify(connection: &Connection) -> rusqlite::Result<Found> {
    let number = |pragma| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    Ok(match (application, version, objects) {
        (0, 0, 0) => Found::Empty,
        (APPLICATION_ID, 1.., _) => Found::Version(version),
        _ => Found::Foreign,
    })
}

/// Takes the missing steps, all in one transaction. A file that is interrupted here is as it was.
pub(super) fn migrate(connection: &mut Connection, found: i64) -> rusqlite::Result<()> {
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let Some(missing) = MIGRATIONS.get(done..).filter(|missing| !missing.is_empty()) else {
        return Ok(());
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

/// Step n makes schema n out of schema n - 1. Steps that were released are never changed.
const MIGRATIONS: &[&str] =
    &[include_str!("schema/0001_records_and_logs.sql"), include_str!("schema/0002_events_by_kind.sql")];
