//! The tables and the steps by which older databases get there.

use tokio_postgres::Client;

use super::failure::Failure;
use super::locks;

/// The schema that this program writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Takes the missing steps, all in one transaction. Replicas that start together take turns.
///
/// Answers the version that is there afterwards; a later one than [`VERSION`] is left alone.
///
/// # Errors
/// [`Failure`] of the server; nothing is changed then.
pub(super) async fn migrate(client: &mut Client) -> Result<i64, Failure> {
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&locks::schema_key()]).await?;
    transaction.batch_execute("CREATE TABLE IF NOT EXISTS hpcs_schema (version bigint PRIMARY KEY)").await?;
    let row = transaction.query_one("SELECT coalesce(max(version), 0) FROM hpcs_schema", &[]).await?;
    let found: i64 = row.try_get(0)?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    for (step, version) in MIGRATIONS.iter().zip(1_i64..).skip(done) {
        transaction.batch_execute(step).await?;
        transaction.execute("INSERT INTO hpcs_schema (version) VALUES ($1)", &[&version]).await?;
    }
    transaction.commit().await?;
    Ok(found.max(VERSION))
}

/// Step n makes schema n out of schema n - 1. Steps that were released are never changed.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_records_and_logs.sql")];
