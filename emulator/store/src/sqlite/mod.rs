//! The store in a SQLite file.
//!
//! `emulator.db` in the data directory, beside it `emulator.lock` and what SQLite keeps while the file is open
//! (`emulator.db-wal`, `emulator.db-shm`). All of them are private to the user. One process at a time.
//!
//! # How it works
//!
//! - [`SqliteStore::commit`](crate::Store::commit) encodes the records and puts the unit into a bounded queue. One thread takes all that
//!   waits into one transaction, and answers when it is synchronised to the disk (write-ahead log, `synchronous = FULL`).
//! - Each transaction leaves a row with the numbers of its operations. When nobody can tell whether a COMMIT happened,
//!   the thread connects anew and looks for that row before it goes on.
//! - Records are decoded once and kept. Events are read from the file, on a few connections of their own.
//!
//! # What erasing means
//!
//! After [`CommitUnit::erase`] the old values are in none of the files: values stand in slots of fixed size that are
//! written in place, and the write-ahead log is emptied before the answer. Truncating that log gives its blocks back to the file system,
//! which may keep their content until it uses them again, as a disk may keep overwritten blocks. Against someone who
//! reads the bare disk only the codec helps: it seals what it gives out under keys that go with the values.

mod cache;
mod check;
mod events;
mod failure;
mod group;
mod head;
mod job;
mod kinds;
mod lock;
mod logs;
mod open;
mod outcomes;
mod queue;
mod reader;
mod records;
mod schema;
mod shared;
mod writer;

use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use hpcs_names::InstanceId;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

use self::failure::Failure;
use self::head::Head;
use self::job::{Answer, Job};
use self::logs::Logs;
use self::queue::{Refused, Ticket};
use self::reader::Readers;
use self::shared::Shared;
use crate::{
    Clock, Codec, CommitError, CommitUnit, Committed, EventPage, EventQuery, Fate, Faults, LogState, OperationId,
    Retention, Store, StoreOptions, Unavailable, Version, Versioned,
};

pub use check::{Checked, Finding};
pub use open::OpenError;

/// Records and events in a file. Dropped without [`Store::close`], it still finishes what it has begun.
pub struct SqliteStore<K, R> {
    shared: Arc<Shared<K, R>>,
    readers: Arc<Readers>,
    codec: Arc<dyn Codec<K, R>>,
    clock: Arc<dyn Clock>,
    retention: Retention,
    deadline: Duration,
    session: u64,
}

impl<K, R> SqliteStore<K, R> {
    /// The schema that the file has once the store is open.
    pub const SCHEMA_VERSION: i64 = schema::VERSION;
}

impl<K, R> SqliteStore<K, R>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    /// Opens the file `emulator.db` in a directory; both are made if they are missing.
    ///
    /// Nothing here takes longer for a fuller file, apart from steps to a newer schema. It blocks.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        directory: &Path,
        codec: Arc<dyn Codec<K, R>>,
        clock: Arc<dyn Clock>,
        options: StoreOptions,
        faults: Arc<dyn Faults>,
    ) -> Result<Self, OpenError> {
        let opened = open::open(directory, patience(options.deadline))?;
        SqliteStore::start(opened, codec, clock, options, faults)
    }

    /// Starts the writer on a file that is open.
    fn start(
        opened: open::Opened,
        codec: Arc<dyn Codec<K, R>>,
        clock: Arc<dyn Clock>,
        options: StoreOptions,
        faults: Arc<dyn Faults>,
    ) -> Result<Self, OpenError> {
        let StoreOptions { log, deadline, session } = options;
        let open::Opened { connection, directory, file, stale } = opened;
        let failed = |what: String| OpenError::Failed { path: file.clone(), what };
        let (last, version) = outcomes::newest(&connection).map_err(|error| failed(error.into_text()))?;
        let retention = log.retention;
        let logs = Logs::new(&connection, log).map_err(|error| failed(error.into_text()))?;
        let shared = Arc::new(Shared::new(&file, last, version));
        let parts = writer::Parts {
            connection,
            directory,
            file: file.clone(),
            patience: patience(deadline),
            logs,
            codec: codec.clone(),
            clock: clock.clone(),
            faults,
            shared: shared.clone(),
            session,
            version,
            stale,
        };
        writer::start(parts).map_err(|error| failed(error.to_string()))?;
        let readers = Arc::new(Readers::new(file, deadline));
        Ok(SqliteStore { shared, readers, codec, clock, retention, deadline, session })
    }
}

impl<K, R> SqliteStore<K, R>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    /// All records are of one moment: of the cache, or of the file as soon as one of them has to be read there.
    async fn load_all(&self, keys: &[K]) -> Result<Vec<Option<Versioned<R>>>, Unavailable> {
        if self.shared.queue.is_closed() {
            return Err(self.shared.unavailable("the store is closed"));
        }
        let known = self.shared.records.look(keys);
        if known.records.iter().all(Option::is_some) {
            return Ok(known.records);
        }
        let asked = keys.iter().map(|key| self.codec.name(key)).zip(known.records).collect();
        let loaded = self.read(asked).await?;
        for (key, record) in keys.iter().zip(&loaded) {
            if let Some(record) = record {
                self.shared.records.fill(key, record, known.forgotten);
            }
        }
        Ok(loaded)
    }

    /// Reads records, on the blocking pool, and decodes those that are not known in their present version.
    async fn read(&self, asked: Vec<Asked<R>>) -> Result<Vec<Option<Versioned<R>>>, Unavailable> {
        let codec = self.codec.clone();
        let question = move |snapshot: reader::Snapshot<'_>| {
            let mut records = Vec::with_capacity(asked.len());
            for (name, known) in &asked {
                if let Some(known) = known
                    && records::version(snapshot.connection, name)? == known.version
                {
                    records.push(Some(known.clone()));
                    continue;
                }
                let record = match records::read(snapshot.connection, name)? {
                    Some((version, bytes)) => {
                        let value = codec.decode(name, &bytes).map_err(|error| Failure::Refused(error.to_string()))?;
                        Some(Versioned { version, value: Arc::new(value) })
                    }
                    None => None,
                };
                records.push(record);
            }
            Ok(records)
        };
        self.readers.ask(question).await.map_err(|error| self.shared.unavailable(error))
    }

    async fn commit_unit(&self, unit: CommitUnit<K, R>) -> Answer {
        if unit.is_idle() {
            return self.check_guards(&unit.guards).await;
        }
        let (sender, receiver) = oneshot::channel();
        let job = Job::new(unit, &*self.codec, sender);
        let job = job.map_err(|error| CommitError::Unavailable(self.shared.unavailable(error)))?;
        let ticket = job.ticket.clone();
        if let Err(refused) = self.shared.queue.push(job) {
            let why = match refused {
                Refused::Full => "too many commits wait already",
                Refused::Closed => "the store is closed",
            };
            return Err(CommitError::Unavailable(self.shared.unavailable(why)));
        }
        self.wait(receiver, &ticket).await
    }

    /// Waits for the writer's answer until the deadline.
    async fn wait(&self, mut receiver: oneshot::Receiver<Answer>, ticket: &Ticket) -> Answer {
        if let Ok(Ok(answer)) = timeout(self.deadline, &mut receiver).await {
            return answer;
        }
        match (ticket.withdraw(), receiver.try_recv()) {
            (_, Ok(answer)) => answer,
            (None, Err(_)) => Err(CommitError::Unavailable(self.shared.too_late())),
            (Some(number), Err(_)) => {
                let operation = OperationId { session: self.session, number };
                Err(CommitError::OutcomeUnknown { operation, cause: self.shared.too_late() })
            }
        }
    }

    /// A unit that writes nothing: whether its guards hold.
    async fn check_guards(&self, guards: &[(K, Version)]) -> Answer {
        let keys: Vec<K> = guards.iter().map(|(key, _)| key.clone()).collect();
        let records = self.load_all(&keys).await.map_err(CommitError::Unavailable)?;
        let hold = guards
            .iter()
            .zip(records)
            .all(|((_, version), record)| record.map_or(Version::ABSENT, |record| record.version) == *version);
        if hold { Ok(Committed { event: None }) } else { Err(CommitError::Conflict) }
    }

    async fn find_fate(&self, operation: OperationId) -> Result<Fate, Unavailable> {
        let OperationId { session, number } = operation;
        if session == self.session && self.shared.pending.is_open(number) {
            return Ok(Fate::Unsettled);
        }
        let fate = self.readers.ask(move |snapshot| outcomes::fate(snapshot.connection, session, number)).await;
        fate.map_err(|error| self.shared.unavailable(error))
    }

    async fn end(&self) -> Result<(), Unavailable> {
        self.readers.close();
        self.shared.queue.close();
        let mut ended = self.shared.ended.subscribe();
        let patience = self.deadline.saturating_mul(DEADLINES_TO_CLOSE);
        match timeout(patience, ended.wait_for(|end| end.is_some())).await {
            Ok(Ok(end)) => end.clone().unwrap_or(Ok(())),
            Ok(Err(_)) | Err(_) => Err(self.shared.too_late()),
        }
    }
}

impl<K, R> Drop for SqliteStore<K, R> {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

impl<K, R> Store<K, R> for SqliteStore<K, R>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    fn name(&self) -> String {
        self.shared.name.clone()
    }

    fn load<'a>(&'a self, keys: &'a [K]) -> BoxFuture<'a, Result<Vec<Option<Versioned<R>>>, Unavailable>> {
        Box::pin(self.load_all(keys))
    }

    fn commit(&self, unit: CommitUnit<K, R>) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(self.commit_unit(unit))
    }

    fn events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<EventPage, Unavailable>> {
        let horizon = self.retention.horizon(self.clock.now());
        let query = query.clone();
        Box::pin(async move {
            let page = self.readers.ask(move |snapshot| events::read(snapshot, &query, horizon)).await;
            page.map_err(|error| self.shared.unavailable(error))
        })
    }

    fn log(&self, instance: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>> {
        Box::pin(async move {
            let head = self.readers.ask(move |snapshot| Head::load(snapshot.connection, instance)).await;
            let head = head.map_err(|error| self.shared.unavailable(error))?;
            Ok(head.map(|head| head.state))
        })
    }

    fn fate(&self, operation: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>> {
        Box::pin(self.find_fate(operation))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(self.end())
    }
}

/// The name of a record, and the record as it is remembered.
type Asked<R> = (String, Option<Versioned<R>>);

/// A caller is to hear of a locked file before its deadline.
fn patience(deadline: Duration) -> Duration {
    deadline / 3
}

/// What is in the queue at the closing is still committed.
const DEADLINES_TO_CLOSE: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, CodecError, LogOptions, NoFaults, VirtualClock};

    struct Plain;

    impl Codec<u8, Vec<u8>> for Plain {
        fn name(&self, key: &u8) -> String {
            key.to_string()
        }

        fn encode(&self, _: &str, record: &Vec<u8>) -> Result<Vec<u8>, CodecError> {
            Ok(record.clone())
        }

        fn decode(&self, _: &str, value: &[u8]) -> Result<Vec<u8>, CodecError> {
            Ok(value.to_vec())
        }
    }

    fn write(key: u8, bytes: usize) -> CommitUnit<u8, Vec<u8>> {
        let change = Change { key, expected: Version::ABSENT, value: Some(Arc::new(vec![key; bytes])) };
        CommitUnit { changes: vec![change], ..CommitUnit::default() }
    }

    #[tokio::test]
    async fn a_full_file_refuses_and_takes_again_what_fits() {
        let directory = tempfile::tempdir().unwrap();
        let mut options = StoreOptions::new(LogOptions::default(), 1);
        options.deadline = Duration::from_secs(30);
        let opened = open::open(directory.path(), options.deadline).unwrap();
        let pages: u32 = opened.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        opened.connection.pragma_update(None, "max_page_count", pages + 2).unwrap();
        let clock = Arc::new(VirtualClock::new(hpcs_audit::EventTime::from_unix_millis(0), 1));
        let store = SqliteStore::start(opened, Arc::new(Plain), clock, options, Arc::new(NoFaults)).unwrap();

        let refusal = store.commit(write(1, 100_000)).await.unwrap_err();
        let file = directory.path().join(open::DATABASE_FILE);
        let expected = Unavailable(format!("SQLite file {}: database or disk is full", file.display()));
        assert_eq!(refusal, CommitError::Unavailable(expected));
        assert!(store.load(&[1]).await.unwrap()[0].is_none());
        store.commit(write(1, 100)).await.unwrap();
        assert_eq!(store.load(&[1]).await.unwrap()[0].as_ref().unwrap().value.len(), 100);
        store.close().await.unwrap();
    }
}
