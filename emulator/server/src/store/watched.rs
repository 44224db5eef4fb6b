//! A store whose faults the operator hears of.
//!
//! Callers are told of a fault by their refusals; this tells whoever runs the emulator, once and not once a call, and
//! again when it is over. An outcome that nobody knows is asked for until it is known.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hpcs_engine::ServiceStore;
use hpcs_names::InstanceId;
use hpcs_service::{Record, RecordKey};
use hpcs_store::{
    CommitError, CommitUnit, Committed, EventPage, EventQuery, Fate, LogState, OperationId, Store, Unavailable,
    Versioned,
};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::Log;
use crate::seldom::Seldom;

/// A store that tells the log of its faults.
pub(super) struct Watched {
    news: Arc<News>,
    /// Ends the search for outcomes.
    _end: DropGuard,
}

struct News {
    store: ServiceStore,
    log: Log,
    /// Whether anything worked yet. Before, whoever opens the store tells what is wrong.
    worked: AtomicBool,
    commits: Condition,
    reads: Condition,
    /// Operations whose outcome is looked for.
    unsettled: Mutex<BTreeSet<OperationId>>,
    end: CancellationToken,
}

/// Whether something works, as far as the operator was told.
struct Condition {
    lines: Seldom,
    /// Calls that failed since the operator was told; `None` while all is well.
    failed: Mutex<Option<u64>>,
    /// Whether `failed` is worth a lock: every call that works asks.
    told: AtomicBool,
}

impl Watched {
    pub(super) fn new(store: ServiceStore, log: Log) -> Self {
        let end = CancellationToken::new();
        let news = News {
            store,
            log,
            worked: AtomicBool::new(false),
            commits: Condition::new(),
            reads: Condition::new(),
            unsettled: Mutex::default(),
            end: end.clone(),
        };
        Watched { news: Arc::new(news), _end: end.drop_guard() }
    }
}

impl News {
    fn committed(self: &Arc<Self>, result: &Result<Committed, CommitError>, idle: bool) {
        match result {
            // What writes nothing may well work on a store that cannot be written.
            Ok(_) if !idle => self.over(&self.commits, "the store works again"),
            Ok(_) | Err(CommitError::Conflict) => {}
            Err(CommitError::Unavailable(cause)) => self.begun(&self.commits, "THE STORE REFUSES WORK", cause),
            Err(CommitError::OutcomeUnknown { operation, cause }) => self.unknown(*operation, cause),
        }
    }

    fn read<T>(&self, result: Result<T, Unavailable>) -> Result<T, Unavailable> {
        match &result {
            Ok(_) => self.over(&self.reads, "the store can be read again"),
            Err(cause) => self.begun(&self.reads, "THE STORE CANNOT BE READ", cause),
        }
        result
    }

    fn begun(&self, condition: &Condition, what: &str, cause: &dyn fmt::Display) {
        if self.worked.load(Ordering::Relaxed) && condition.has_failed() {
            self.log.line(format_args!("{what}: {cause}"));
        }
    }

    fn over(&self, condition: &Condition, what: &str) {
        if !self.worked.load(Ordering::Relaxed) {
            self.worked.store(true, Ordering::Relaxed);
        }
        if let Some(failed) = condition.has_worked() {
            let calls =
                if failed == 1 { "1 call was refused".to_owned() } else { format!("{failed} calls were refused") };
            self.log.line(format_args!("{what}; {calls} meanwhile"));
        }
    }

    /// Tells once an operation, however many callers share it, and looks for its outcome.
    fn unknown(self: &Arc<Self>, operation: OperationId, cause: &Unavailable) {
        {
            let mut unsettled = self.unsettled.lock().unwrap_or_else(PoisonError::into_inner);
            if unsettled.len() >= MOST_UNSETTLED || !unsettled.insert(operation) {
                return;
            }
        }
        self.log.line(format_args!("the outcome of operation {operation} is unknown: {cause}"));
        let news = self.clone();
        tokio::spawn(async move {
            let settled = tokio::select! {
                fate = news.settled(operation) => Some(fate),
                () = news.end.cancelled() => None,
            };
            if let Some(outcome) = settled {
                news.log.line(format_args!("operation {operation} {outcome}"));
            }
            news.unsettled.lock().unwrap_or_else(PoisonError::into_inner).remove(&operation);
        });
    }

    /// What became of an operation, once it is known.
    async fn settled(&self, operation: OperationId) -> &'static str {
        loop {
            tokio::time::sleep(PAUSE).await;
            match self.store.fate(operation).await {
                Ok(Fate::Committed) => return "was committed, with its event",
                Ok(Fate::NotCommitted) => return "was not committed",
                Ok(Fate::Unsettled) | Err(_) => {}
            }
        }
    }
}

impl Condition {
    fn new() -> Self {
        Condition { lines: Seldom::new(PERIOD), failed: Mutex::default(), told: AtomicBool::new(false) }
    }

    /// Counts a failure; whether the operator is to be told.
    fn has_failed(&self) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *failed {
            Some(count) => {
                *count += 1;
                false
            }
            None => {
                // A store that comes and goes fills no log.
                let Some(kept_back) = self.lines.due() else { return false };
                *failed = Some(kept_back + 1);
                self.told.store(true, Ordering::Relaxed);
                true
            }
        }
    }

    /// Whether the operator is to be told that it works again, and of how many failures.
    fn has_worked(&self) -> Option<u64> {
        if !self.told.load(Ordering::Relaxed) || !self.told.swap(false, Ordering::Relaxed) {
            return None;
        }
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Store<RecordKey, Record> for Watched {
    fn name(&self) -> String {
        self.news.store.name()
    }

    fn load<'a>(&'a self, keys: &'a [RecordKey]) -> BoxFuture<'a, Result<Vec<Option<Versioned<Record>>>, Unavailable>> {
        Box::pin(async move { self.news.read(self.news.store.load(keys).await) })
    }

    /// The news are told even when the caller has gone.
    fn commit(&self, unit: CommitUnit<RecordKey, Record>) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move {
            let idle = unit.is_idle();
            let result = self.news.store.commit(unit).await;
            self.news.committed(&result, idle);
            result
        })
    }

    fn events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<EventPage, Unavailable>> {
        Box::pin(async move { self.news.read(self.news.store.events(query).await) })
    }

    fn log(&self, instance: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>> {
        Box::pin(async move { self.news.read(self.news.store.log(instance).await) })
    }

    fn fate(&self, operation: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>> {
        self.news.store.fate(operation)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.news.store.changes()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.news.end.cancel();
        self.news.store.close()
    }
}

/// Time between two questions for an outcome.
const PAUSE: Duration = Duration::from_secs(1);

/// At most one fault of a kind is told in this time.
const PERIOD: Duration = Duration::from_secs(30);

/// Outcomes that are looked for at once; a store that loses more is not worth a line for each.
const MOST_UNSETTLED: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::io::{self, Write};

    use hpcs_store::{Change, Version};

    use super::*;

    /// A store that answers as it is told.
    #[derive(Default)]
    struct Scripted {
        commits: Mutex<VecDeque<Result<Committed, CommitError>>>,
        fates: Mutex<VecDeque<Fate>>,
        reads: Mutex<VecDeque<Result<(), Unavailable>>>,
    }

    impl Store<RecordKey, Record> for Scripted {
        fn name(&self) -> String {
            "scripted".to_owned()
        }

        fn load<'a>(
            &'a self,
            _: &'a [RecordKey],
        ) -> BoxFuture<'a, Result<Vec<Option<Versioned<Record>>>, Unavailable>> {
            Box::pin(async { self.reads.lock().unwrap().pop_front().unwrap_or(Ok(())).map(|()| Vec::new()) })
        }

        fn commit(&self, _: CommitUnit<RecordKey, Record>) -> BoxFuture<'_, Result<Committed, CommitError>> {
            Box::pin(async { self.commits.lock().unwrap().pop_front().unwrap() })
        }

        fn events<'a>(&'a self, _: &'a EventQuery) -> BoxFuture<'a, Result<EventPage, Unavailable>> {
            Box::pin(async { Err(Unavailable("no events".to_owned())) })
        }

        fn log(&self, _: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>> {
            Box::pin(async { Ok(None) })
        }

        fn fate(&self, _: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>> {
            Box::pin(async { Ok(self.fates.lock().unwrap().pop_front().unwrap()) })
        }

        fn changes(&self) -> watch::Receiver<u64> {
            watch::Sender::new(0).subscribe()
        }

        fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
            Box::pin(async { Ok(()) })
        }
    }

    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A watched store, and what it tells once it is dropped.
    fn watched(store: Scripted) -> (Watched, Told) {
        let told = Told::default();
        (Watched::new(Arc::new(store), Log::new(told.clone())), told)
    }

    fn lines(told: &Told) -> Vec<String> {
        let text = String::from_utf8(told.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.strip_prefix("hpcs-emulator: ").unwrap().to_owned()).collect()
    }

    fn unit() -> CommitUnit<RecordKey, Record> {
        let change = Change { key: RecordKey::Directory, expected: Version::ABSENT, value: None };
        CommitUnit { changes: vec![change], ..CommitUnit::default() }
    }

    fn full() -> Result<Committed, CommitError> {
        Err(CommitError::Unavailable(Unavailable("file x: disk is full".to_owned())))
    }

    fn committed() -> Result<Committed, CommitError> {
        Ok(Committed { event: None })
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_is_told_once_and_its_end_with_the_number_of_calls() {
        let commits = [full(), full(), committed(), full(), committed(), committed()].into();
        let (store, told) = watched(Scripted { commits: Mutex::new(commits), ..Scripted::default() });
        store.load(&[]).await.unwrap();
        for _ in 0..3 {
            let _ = store.commit(unit()).await;
        }
        // Soon again: kept back, and so is its end.
        for _ in 0..2 {
            let _ = store.commit(unit()).await;
        }
        drop(store);
        let expected =
            ["THE STORE REFUSES WORK: file x: disk is full", "the store works again; 2 calls were refused meanwhile"];
        assert_eq!(lines(&told), expected);
    }

    #[tokio::test]
    async fn a_commit_that_writes_nothing_does_not_end_a_fault() {
        let commits = [full(), committed()].into();
        let (store, told) = watched(Scripted { commits: Mutex::new(commits), ..Scripted::default() });
        store.load(&[]).await.unwrap();
        let _ = store.commit(unit()).await;
        let _ = store.commit(CommitUnit::default()).await;
        drop(store);
        assert_eq!(lines(&told), ["THE STORE REFUSES WORK: file x: disk is full"]);
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_read_is_told() {
        let gone = || Err(Unavailable("gone".to_owned()));
        let reads = [gone(), Ok(()), gone(), Ok(())].into();
        let (store, told) = watched(Scripted { reads: Mutex::new(reads), ..Scripted::default() });
        // The first one is told by whoever opens the store.
        for _ in 0..4 {
            let _ = store.load(&[]).await;
        }
        drop(store);
        assert_eq!(
            lines(&told),
            ["THE STORE CANNOT BE READ: gone", "the store can be read again; 1 call was refused meanwhile"]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_outcome_is_told_once_and_asked_for_until_it_is_known() {
        let operation = OperationId { session: 1, number: 2 };
        let unknown = || Err(CommitError::OutcomeUnknown { operation, cause: Unavailable("lost".to_owned()) });
        let commits = Mutex::new([unknown(), unknown()].into());
        let fates = Mutex::new([Fate::Unsettled, Fate::Committed].into());
        let (store, told) = watched(Scripted { commits, fates, ..Scripted::default() });
        for _ in 0..2 {
            let _ = store.commit(unit()).await;
        }
        while !store.news.unsettled.lock().unwrap().is_empty() {
            tokio::time::advance(PAUSE).await;
            tokio::task::yield_now().await;
        }
        drop(store);
        tokio::task::yield_now().await;
        let expected = [
            "the outcome of operation 0000000000000001-2 is unknown: lost",
            "operation 0000000000000001-2 was committed, with its event",
        ];
        assert_eq!(lines(&told), expected);
    }
}
