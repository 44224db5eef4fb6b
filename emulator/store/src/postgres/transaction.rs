//! The steps of one transaction, up to its COMMIT.
//!
//! ```text
//! BEGIN, locks, versions, logs  ->  plan  ->  (cut)  ->  all writes  ->  COMMIT
//!        one round trip                                one round trip    one
//! ```

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio_postgres::{Row, Statement};

use super::cut;
use super::failure::Failure;
use super::faults::Gate;
use super::locks::Locks;
use super::plan::{Plan, Present, Unit};
use super::rows::{LogRow, unsigned};
use super::session::Session;
use super::tables::{Parameter, RecordColumns, Tables};
use crate::{Clock, FaultPoint, Faults, LogOptions, OperationId, Version};

/// What a transaction works with.
pub(super) struct Environment<'a> {
    pub(super) session: &'a Session,
    pub(super) operation: OperationId,
    pub(super) faults: &'a dyn Faults,
    pub(super) clock: &'a dyn Clock,
    pub(super) options: &'a LogOptions,
    /// How long it waits for a lock.
    pub(super) patience: Duration,
}

/// A transaction that has everything but its COMMIT.
pub(super) struct Written<'a, R> {
    pub(super) plan: Plan<'a, R>,
    /// Versions of the records that were written.
    pub(super) versions: Vec<(String, Version)>,
}

/// Begins the transaction, decides, and writes. An idle transaction has nothing to commit.
///
/// # Errors
/// [`Failure`]: nothing was committed.
pub(super) async fn write<'a, R>(
    environment: &Environment<'_>,
    units: &[&'a Unit<R>],
) -> Result<Written<'a, R>, Failure> {
    let present = begin(environment, units).await?;
    let Environment { clock, options, .. } = environment;
    let mut plan = Plan::make(units.iter().copied(), &present, *clock, options);
    if plan.writers == 0 {
        return Ok(Written { plan, versions: Vec::new() });
    }
    try_join_all(plan.logs.values_mut().map(|log| cut::cut(environment, log))).await?;
    let versions = write_all(environment, &plan).await?;
    Ok(Written { plan, versions })
}

/// Takes the locks of all units, and reads what is there once they are had.
async fn begin<R>(environment: &Environment<'_>, units: &[&Unit<R>]) -> Result<Present, Failure> {
    let Environment { session, operation, faults, patience, .. } = environment;
    let (client, statements) = (&session.client, &session.statements);
    let mut locks = Locks::of(*operation);
    units.iter().for_each(|unit| unit.lock(&mut locks));
    let (keys, exclusive) = locks.in_order();
    let names: Vec<&str> = units.iter().flat_map(|unit| unit.names()).collect();
    let instances: Vec<String> =
        units.iter().flat_map(|unit| unit.instances()).map(|instance| instance.to_string()).collect();
    let patience = format!("{}ms", patience.as_millis().max(1));

    let beginning = Gate::pass(*faults, FaultPoint::Begin).await?;
    let check = Gate::pass(*faults, FaultPoint::Check).await?;
    // All are on their way before the first answer. Each reads what is committed when it is its turn.
    let (began, patient, locked, versions, logs) = tokio::join!(
        client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
        execute(session, &statements.patience, [&patience], true),
        execute(session, &statements.lock, [&keys, &exclusive], true),
        query(session, &statements.versions, [&names]),
        query(session, &statements.logs, [&instances]),
    );
    beginning.answer(began.map_err(Failure::from))?;
    patient?;
    check.answer(locked)?;
    present(&versions?, &logs?)
}

fn present(versions: &[Row], logs: &[Row]) -> Result<Present, Failure> {
    let mut present = Present { versions: read_versions(versions)?.into_iter().collect(), logs: HashMap::new() };
    for row in logs {
        let LogRow { instance, log, state } = LogRow::read(row)?;
        present.logs.insert(instance, (log, state));
    }
    Ok(present)
}

/// Sends every write, then waits for all of them: the first error in this order is the cause of those after it.
async fn write_all<R>(environment: &Environment<'_>, plan: &Plan<'_, R>) -> Result<Vec<(String, Version)>, Failure> {
    let Environment { session, operation, faults, .. } = environment;
    let Tables { written, deleted, dropped, logs, events } = Tables::of(plan)?;
    let touched =
        |any: bool, point| async move { if any { Gate::pass(*faults, point).await.map(Some) } else { Ok(None) } };
    let record_gate = touched(!written.names.is_empty() || !deleted.is_empty(), FaultPoint::WriteRecord).await?;
    let log_gate = touched(plan.changes_logs(), FaultPoint::WriteLog).await?;
    let event_gate = touched(!events.sequences.is_empty(), FaultPoint::WriteEvent).await?;
    let outcome_gate = Gate::pass(*faults, FaultPoint::WriteOutcome).await?;

    let (number, id) = (operation.number.cast_signed(), operation.session.cast_signed());
    let statements = &session.statements;
    let (channels, payloads) = notices(plan);
    let (put, delete, drop_logs, put_logs, put_events, put_operation, prune, notify) = tokio::join!(
        put_records(session, &written),
        execute(session, &statements.delete_records, [&deleted], !deleted.is_empty()),
        execute(session, &statements.drop_logs, [&dropped], !dropped.is_empty()),
        execute(session, &statements.put_logs, logs.parameters(), !logs.instances.is_empty()),
        execute(session, &statements.put_events, events.parameters(), !events.sequences.is_empty()),
        execute(session, &statements.put_operation, [&id, &number], true),
        execute(session, &statements.prune_operations, [&OUTCOMES], operation.number.is_multiple_of(PRUNE_EVERY)),
        execute(session, &statements.notify, [&channels, &payloads], !channels.is_empty()),
    );
    let versions = answered(record_gate, put)?;
    delete?;
    drop_logs?;
    answered(log_gate, put_logs)?;
    answered(event_gate, put_events)?;
    outcome_gate.answer(put_operation)?;
    prune?;
    notify?;
    Ok(versions)
}

async fn put_records(session: &Session, written: &RecordColumns<'_>) -> Result<Vec<(String, Version)>, Failure> {
    if written.names.is_empty() {
        return Ok(Vec::new());
    }
    read_versions(&query(session, &session.statements.put_records, [&written.names, &written.values]).await?)
}

async fn query<const N: usize>(
    session: &Session,
    statement: &Statement,
    parameters: [Parameter<'_>; N],
) -> Result<Vec<Row>, Failure> {
    Ok(session.client.query(statement, &parameters).await?)
}

async fn execute<const N: usize>(
    session: &Session,
    statement: &Statement,
    parameters: [Parameter<'_>; N],
    wanted: bool,
) -> Result<(), Failure> {
    if wanted {
        session.client.execute(statement, &parameters).await?;
    }
    Ok(())
}

fn answered<T>(gate: Option<Gate>, answer: Result<T, Failure>) -> Result<T, Failure> {
    match gate {
        Some(gate) => gate.answer(answer),
        None => answer,
    }
}

fn read_versions(rows: &[Row]) -> Result<Vec<(String, Version)>, Failure> {
    rows.iter().map(|row| Ok((row.try_get(0)?, Version(unsigned(row.try_get(1)?)?)))).collect()
}

/// What other replicas are told at the COMMIT: that logs changed, and which records did.
fn notices<R>(plan: &Plan<'_, R>) -> (Vec<&'static str>, Vec<String>) {
    let (mut channels, mut payloads) = (Vec::new(), Vec::new());
    if plan.changes_logs() {
        channels.push(EVENTS_CHANNEL);
        payloads.push(String::new());
    }
    if !plan.records.is_empty() {
        let names = plan.records.keys().copied().collect::<Vec<_>>().join("\n");
        channels.push(RECORDS_CHANNEL);
        payloads.push(if names.len() <= LONGEST_NOTICE { names } else { EVERYTHING.to_owned() });
    }
    (channels, payloads)
}

/// Hears of changed logs.
pub(super) const EVENTS_CHANNEL: &str = "hpcs_events";

/// Hears of changed records: their names, one a line.
pub(super) const RECORDS_CHANNEL: &str = "hpcs_records";

/// Stands for all names.
pub(super) const EVERYTHING: &str = "*";

/// The server takes less than 8,000 bytes.
const LONGEST_NOTICE: usize = 7_900;

/// Outcomes that are kept. Never more in a later version: what was pruned already is judged by it.
pub(super) const OUTCOMES: i64 = 100_000;

/// How many transactions of this replica there are between two prunings.
const PRUNE_EVERY: u64 = 1_024;
