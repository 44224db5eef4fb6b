//! The store in PostgreSQL: one database, any number of replicas.
//!
//! Each replica has two connections. One writes: it takes all units that wait into one transaction ([`writer`]), which
//! takes its locks before it looks ([`locks`]), decides without waiting ([`plan`]), and writes arrays ([`transaction`]).
//! The other reads, and listens for what other replicas commit. Both come back by themselves ([`link`]).
//!
//! What is committed is on the server's disk when it is answered (`synchronous_commit`). Sequence and time are given out
//! under a lock on the log, so they are gapless and never run back however many replicas there are. A load asks the
//! database for versions every time; what was decoded before is kept.
//!
//! A transaction that waits for another replica, or for a stranger's lock, does so for a bounded time; then its units are
//! tried one by one, so that only those suffer that need what is locked.
//!
//! Connections have no TLS. A pooler between program and server must keep sessions whole: statements are prepared, and
//! one connection listens.
//!
//! # What erasing means
//!
//! [`CommitUnit::erase`] asks for nothing more than any commit here: PostgreSQL keeps row versions that were replaced
//! until it vacuums, and longer in its journal, on its replicas and in backups. Against someone who reads those only the
//! codec helps: it seals what it gives out under keys that go with the values. Other replicas forget a record that was
//! replaced as soon as they hear of it.

mod address;
mod cache;
mod check;
mod cut;
mod failure;
mod faults;
mod link;
mod locks;
mod page;
mod plan;
mod queue;
mod rows;
mod schema;
mod session;
mod shared;
mod statements;
mod tables;
mod transaction;
mod writer;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hpcs_names::InstanceId;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use self::address::Address;
use self::cache::Cache;
use self::failure::Failure;
use self::faults::Gate;
use self::link::{CLOSED, Link, Purpose};
use self::plan::{NamedChange, Unit, Value};
use self::queue::{Waited, Waiting};
use self::rows::LogRow;
use self::session::Session;
use self::shared::Shared;
use self::transaction::OUTCOMES;
use self::writer::{TOO_LATE, Writer};
use crate::{
    Clock, Codec, CommitError, CommitUnit, Committed, EventPage, EventQuery, Fate, FaultPoint, Faults, LogState,
    OperationId, Store, StoreOptions, Unavailable, Version, Versioned,
};

/// Records and events in a PostgreSQL database, shared with other replicas.
pub struct PostgresStore<K, R> {
    shared: Arc<Shared<R>>,
    codec: Arc<dyn Codec<K, R>>,
    address: Arc<Address>,
    reader: Link,
    /// `None` once the store is closed.
    queue: Mutex<Option<mpsc::Sender<Waiting<R>>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// Why a store is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostgresOpenError {
    /// The address cannot be read, the server cannot be reached, or it refuses.
    Unavailable(Unavailable),
    /// A later version of the emulator wrote the tables.
    Newer {
        /// The database.
        name: String,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
}

impl<K, R> PostgresStore<K, R> {
    /// The schema that the tables have once the store is open.
    pub const SCHEMA_VERSION: i64 = schema::VERSION;
}

impl<K, R> PostgresStore<K, R>
where
    K: Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    /// Connects to the database that `url` names, `postgres://user:password@host:port/database`, and brings its tables
    /// to the present schema. They are made where the search path says.
    ///
    /// # Errors
    /// [`PostgresOpenError`].
    pub async fn open(
        url: &str,
        codec: Arc<dyn Codec<K, R>>,
        clock: Arc<dyn Clock>,
        options: StoreOptions,
        faults: Arc<dyn Faults>,
    ) -> Result<Self, PostgresOpenError> {
        let address = Arc::new(Address::parse(url, options.deadline)?);
        prepare(&address).await?;
        let shared = Arc::new(Shared {
            name: address.name().to_owned(),
            options,
            clock,
            faults,
            cache: Cache::new(),
            changes: watch::Sender::new(0),
            writer_process: AtomicI32::new(0),
        });
        let reader = Link::start(reading(&address, &shared));
        let writing = Link::start(writing(&address, &shared));
        let ready = Instant::now() + OPENING;
        for link in [&reader, &writing] {
            link.session(ready).await.map_err(|failure| shared.refusal(&failure))?;
        }
        let number = begin_session(&writing, shared.options.session, ready).await;
        let number = number.map_err(|failure| shared.refusal(&failure))?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(Writer::new(shared.clone(), writing, waiting, number).run());
        let (queue, writer) = (Mutex::new(Some(queue)), Mutex::new(Some(writer)));
        Ok(PostgresStore { shared, codec, address, reader, queue, writer })
    }

    /// The unit in names and bytes. Done by the caller's task, not by the writer.
    fn name_all(&self, unit: CommitUnit<K, R>) -> Result<Unit<R>, CommitError> {
        let mut changes = Vec::with_capacity(unit.changes.len());
        for change in unit.changes {
            let name = self.codec.name(&change.key);
            let value = match change.value {
                Some(record) => {
                    let sealed = self.codec.encode(&name, &record);
                    let sealed = sealed.map_err(|error| self.shared.unavailable(&error.0));
                    Some(Value { sealed: sealed.map_err(CommitError::Unavailable)?, record })
                }
                None => None,
            };
            changes.push(NamedChange { name, expected: change.expected, value });
        }
        let guards = unit.guards.iter().map(|(key, version)| (self.codec.name(key), *version)).collect();
        Ok(Unit { changes, guards, event: unit.event, logs: unit.logs })
    }

    async fn commit_unit(&self, unit: CommitUnit<K, R>) -> Result<Committed, CommitError> {
        let refused = |cause| CommitError::Unavailable(self.shared.unavailable(cause));
        let deadline = Instant::now() + self.shared.options.deadline;
        let (waiting, ticket) = Waiting::new(self.name_all(unit)?, deadline);
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(|| refused(CLOSED))?;
        queue.try_send(waiting).map_err(|error| match error {
            TrySendError::Full(_) => refused("too many commits wait already"),
            TrySendError::Closed(_) => refused(CLOSED),
        })?;
        match ticket.wait().await {
            Waited::Answered(answer) => answer.map(|event| Committed { event }),
            Waited::Withdrawn => Err(refused(TOO_LATE)),
            Waited::Abandoned(number) => Err(CommitError::OutcomeUnknown {
                operation: OperationId { session: self.shared.options.session, number },
                cause: self.shared.unavailable("the writer has ended unexpectedly"),
            }),
        }
    }

    /// Asks a question. One that lost its connection is asked again until the deadline.
    async fn ask<T, F>(&self, question: impl Fn(Arc<Session>) -> F) -> Result<T, Unavailable>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let deadline = Instant::now() + self.shared.options.deadline;
        loop {
            let session = self.reader.session(deadline).await.map_err(|failure| self.shared.refusal(&failure))?;
            let answer = tokio::time::timeout_at(deadline, question(session.clone())).await;
            match answer.unwrap_or_else(|_| Err(Failure::late())) {
                Ok(answer) => return Ok(answer),
                Err(failure @ Failure::Lost(_)) => {
                    session.retire(&failure);
                    if Instant::now() >= deadline {
                        return Err(self.shared.refusal(&failure));
                    }
                }
                Err(failure) => return Err(self.shared.refusal(&failure)),
            }
        }
    }

    async fn load_all(&self, keys: &[K]) -> Result<Vec<Option<Versioned<R>>>, Unavailable> {
        let names: Vec<String> = keys.iter().map(|key| self.codec.name(key)).collect();
        let known = self.shared.cache.known(&names);
        let version = |record: &Option<Versioned<R>>| record.as_ref().map_or(Version::ABSENT, |record| record.version);
        let versions: Vec<i64> = known.records.iter().map(|record| version(record).0.cast_signed()).collect();
        let (wanted, versions) = (&names, &versions);
        let rows = self.ask(|session| async move {
            Ok(session.client.query(&session.statements.load, &[wanted, versions]).await?)
        });
        let mut changed: HashMap<&str, Versioned<R>> = HashMap::new();
        let mut unchanged: HashSet<&str> = HashSet::new();
        let rows = rows.await?;
        for row in &rows {
            let read = || Ok((row.try_get(0)?, row.try_get::<_, i64>(1)?, row.try_get::<_, Option<&[u8]>>(2)?));
            let (name, version, value) = read().map_err(|failure| self.shared.refusal(&failure))?;
            let Some(value) = value else {
                unchanged.insert(name);
                continue;
            };
            let decoded = self.codec.decode(name, value).map_err(|error| self.shared.unavailable(&error.0))?;
            let record = Versioned { version: Version(version.cast_unsigned()), value: Arc::new(decoded) };
            self.shared.cache.fill(name, record.clone(), known.forgotten);
            changed.insert(name, record);
        }
        let record = |(name, known): (&String, Option<Versioned<R>>)| match changed.get(name.as_str()) {
            Some(record) => Some(record.clone()),
            None => known.filter(|_| unchanged.contains(name.as_str())),
        };
        Ok(names.iter().zip(known.records).map(record).collect())
    }

    /// Looks for the operation's row, once no transaction can write it any more. Where rows were pruned, one that is
    /// missing may have been among them.
    async fn look_up(&self, operation: OperationId) -> Result<Fate, Unavailable> {
        let gate = Gate::pass(&*self.shared.faults, FaultPoint::Settle).await;
        let gate = gate.map_err(|failure| self.shared.refusal(&failure))?;
        let give_up = Instant::now() + self.shared.options.deadline / 2;
        let key = locks::outcome_key(operation);
        let (session, number) = (operation.session.cast_signed(), operation.number.cast_signed());
        let fate = loop {
            let (under_way, found, never): (bool, bool, bool) = self
                .ask(|connection| async move {
                    let Session { client, statements, .. } = &*connection;
                    let under_way = client.query_one(&statements.is_under_way, &[&key]).await?.try_get(0)?;
                    let found = client.query_one(&statements.has_operation, &[&session, &number, &OUTCOMES]).await?;
                    Ok((under_way, found.try_get(0)?, found.try_get(1)?))
                })
                .await?;
            match (found, under_way) {
                (true, _) => break Fate::Committed,
                (false, false) => break if never { Fate::NotCommitted } else { Fate::Unsettled },
                (false, true) if Instant::now() >= give_up => break Fate::Unsettled,
                (false, true) => sleep(SETTLING).await,
            }
        };
        gate.answer(Ok(fate)).map_err(|failure| self.shared.refusal(&failure))
    }

    async fn finish(&self) -> Result<(), Unavailable> {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Whatever waits is answered by its deadline.
        let patience = self.shared.options.deadline * 3;
        let ended = match writer {
            Some(writer) => matches!(timeout(patience, writer).await, Ok(Ok(()))),
            None => true,
        };
        self.reader.close().await;
        if ended { Ok(()) } else { Err(self.shared.unavailable("the last commits did not come to their end")) }
    }
}

impl<K, R> Store<K, R> for PostgresStore<K, R>
where
    K: Send + Sync + 'static,
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
        let horizon = self.shared.options.log.retention.horizon(self.shared.clock.now());
        Box::pin(self.ask(move |session| async move { page::read(&session, query, horizon).await }))
    }

    fn log(&self, instance: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>> {
        Box::pin(
            self.ask(
                move |session| async move { Ok(page::log(&session, instance).await?.map(|row: LogRow| row.state)) },
            ),
        )
    }

    fn fate(&self, operation: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>> {
        Box::pin(self.look_up(operation))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(self.finish())
    }
}

impl From<Unavailable> for PostgresOpenError {
    fn from(cause: Unavailable) -> Self {
        PostgresOpenError::Unavailable(cause)
    }
}

impl fmt::Display for PostgresOpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PostgresOpenError::Unavailable(cause) => cause.fmt(f),
            PostgresOpenError::Newer { name, found, known } => write!(
                f,
                "{name} has schema version {found}, written by a later emulator; this one knows versions up to {known}"
            ),
        }
    }
}

impl std::error::Error for PostgresOpenError {}

/// Brings the tables to the present schema, over a connection of its own that may take its time.
async fn prepare(address: &Address) -> Result<(), PostgresOpenError> {
    let refused = |failure: &Failure| Unavailable(format!("{}: {}", address.name(), failure.text()));
    let migrating = async {
        let (mut client, connection) = address.connect().await?;
        let driver = tokio::spawn(connection);
        let version = schema::migrate(&mut client).await;
        drop(client);
        let _ = driver.await;
        version
    };
    let found = timeout(OPENING, migrating).await.unwrap_or_else(|_| Err(Failure::late()));
    match found.map_err(|failure| refused(&failure))? {
        found if found > schema::VERSION => {
            Err(PostgresOpenError::Newer { name: address.name().to_owned(), found, known: schema::VERSION })
        }
        _ => Ok(()),
    }
}

/// Leaves a row of the session, so that it can be told later what was never committed in it. Answers its last number:
/// none, as long as sessions are random.
async fn begin_session(link: &Link, session: u64, deadline: Instant) -> Result<u64, Failure> {
    let link = link.session(deadline).await?;
    link.client.execute(&link.statements.put_session, &[&session.cast_signed()]).await?;
    let row = link.client.query_one(&link.statements.last_number, &[&session.cast_signed()]).await?;
    rows::unsigned(row.try_get(0)?)
}

/// The connection for questions, which also listens.
fn reading<R: Send + Sync + 'static>(address: &Arc<Address>, shared: &Arc<Shared<R>>) -> Purpose {
    let (listening, heard) = (shared.clone(), shared.clone());
    Purpose {
        address: address.clone(),
        deadline: shared.options.deadline,
        listens: Some(Arc::new(move |notification| heard.hear(&notification))),
        opened: Box::new(move |_| listening.listen_anew()),
    }
}

/// The connection for commits.
fn writing<R: Send + Sync + 'static>(address: &Arc<Address>, shared: &Arc<Shared<R>>) -> Purpose {
    let writer = shared.clone();
    Purpose {
        address: address.clone(),
        deadline: shared.options.deadline,
        listens: None,
        opened: Box::new(move |session| writer.writer_process.store(session.process, Ordering::Release)),
    }
}

/// How long the server may take to be reached and to change its tables when the store is opened.
const OPENING: Duration = Duration::from_secs(10);

/// Units that may wait. At a thousandth of a second each they would all be late already.
const QUEUE: usize = 4_096;

/// Between two looks for an outcome.
const SETTLING: Duration = Duration::from_millis(10);
