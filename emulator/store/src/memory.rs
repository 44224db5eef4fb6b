//! The store in memory: nothing survives the process.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use hpcs_audit::{EventDraft, EventTime};
use hpcs_names::InstanceId;
use tokio::sync::watch;

use crate::{
    Anchor, Clock, CommitError, CommitUnit, Committed, EventPage, EventQuery, Fate, LogChange, LogOptions, LogState,
    OperationId, Start, Store, StoredEvent, Unavailable, Version, Versioned,
};

/// Records and events behind one lock.
///
/// A blocking lock is right here: it is held for a map operation and the rendering of one event, a few microseconds, or
/// for a look at some thousand events, and never across an await.
pub struct MemoryStore<K, R> {
    inner: Mutex<Inner<K, R>>,
    changes: watch::Sender<u64>,
    clock: Arc<dyn Clock>,
    options: LogOptions,
}

struct Inner<K, R> {
    records: HashMap<K, Versioned<R>>,
    logs: HashMap<InstanceId, Log>,
    /// The version given out last. One counter for all records: a record that is deleted and made again never has a
    /// version that an old decision could have seen.
    version: Version,
    closed: bool,
}

/// The log of one instance.
struct Log {
    state: LogState,
    events: VecDeque<StoredEvent>,
    lines: Lines,
}

/// Where lines of events are kept: one behind the other in pieces of memory, each twice as large as the one before until
/// they hold dozens. A piece is given back when nobody holds one of its lines and new ones go elsewhere.
#[derive(Default)]
struct Lines {
    piece: BytesMut,
    /// Bytes of the piece when it was new.
    size: usize,
}

impl Lines {
    fn keep(&mut self, line: &[u8]) -> Bytes {
        if self.piece.capacity() < line.len() {
            self.size = (2 * self.size).clamp(SMALLEST_PIECE, LARGEST_PIECE);
            self.piece = BytesMut::with_capacity(line.len().max(self.size));
        }
        self.piece.extend_from_slice(line);
        self.piece.split().freeze()
    }
}

impl<K: Eq + Hash + Clone, R> MemoryStore<K, R> {
    /// An empty store that stamps events by `clock`.
    pub fn new(clock: Arc<dyn Clock>, options: LogOptions) -> Self {
        let inner = Inner { records: HashMap::new(), logs: HashMap::new(), version: Version::ABSENT, closed: false };
        MemoryStore { inner: Mutex::new(inner), changes: watch::Sender::new(0), clock, options }
    }

    /// A panic while the lock was held cannot leave half a commit: checks come before the first write.
    fn lock(&self) -> MutexGuard<'_, Inner<K, R>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit_now(&self, unit: CommitUnit<K, R>) -> Result<Committed, CommitError> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(CommitError::Unavailable(Unavailable(format!("{NAME}: the store is closed"))));
        }
        inner.check(&unit)?;
        if unit.is_idle() {
            return Ok(Committed { event: None });
        }
        let appends = unit.event.is_some() || !unit.logs.is_empty();
        for change in unit.logs {
            inner.change_log(change, &self.options, self.clock.now());
        }
        let event = unit.event.map(|draft| {
            let instance = draft.source.instance_id();
            let log = inner.logs.entry(instance).or_insert_with(|| Log::after(Anchor::BEGINNING));
            log.append(instance, &draft, self.clock.now(), &self.options)
        });
        for change in unit.changes {
            match change.value {
                Some(value) => {
                    let version = Version(inner.version.0 + 1);
                    inner.version = version;
                    inner.records.insert(change.key, Versioned { version, value });
                }
                None => {
                    inner.records.remove(&change.key);
                }
            }
        }
        self.clock.advance();
        drop(inner);
        if appends {
            self.changes.send_modify(|count| *count += 1);
        }
        Ok(Committed { event })
    }

    fn read(&self, query: &EventQuery) -> EventPage {
        let horizon = self.options.retention.horizon(self.clock.now());
        let inner = self.lock();
        match inner.logs.get(&query.instance) {
            Some(log) => log.read(query, horizon),
            None => {
                let first = LogState::after(Anchor::BEGINNING).first();
                let next = match query.start {
                    Start::From(from) => from.max(first),
                    Start::Before(_) => first,
                };
                EventPage { events: Vec::new(), next, more: false, first }
            }
        }
    }
}

impl<K: Eq + Hash, R> Inner<K, R> {
    /// Whether everything the unit rests on is as it expects it.
    fn check(&self, unit: &CommitUnit<K, R>) -> Result<(), CommitError> {
        let expected = unit.changes.iter().map(|change| (&change.key, change.expected));
        let guarded = unit.guards.iter().map(|(key, version)| (key, *version));
        for (key, version) in expected.chain(guarded) {
            let present = self.records.get(key).map_or(Version::ABSENT, |record| record.version);
            if present != version {
                return Err(CommitError::Conflict);
            }
        }
        let mut logs: HashMap<InstanceId, Option<LogState>> = HashMap::new();
        for change in &unit.logs {
            let instance = change.instance();
            let log = logs.entry(instance).or_insert_with(|| self.logs.get(&instance).map(|log| log.state));
            *log = change.applied_to(*log)?;
        }
        Ok(())
    }

    fn change_log(&mut self, change: LogChange, options: &LogOptions, now: EventTime) {
        match change {
            LogChange::Begin { instance, anchor } => {
                self.logs.insert(instance, Log::after(anchor));
            }
            LogChange::Append { instance, events } => {
                if let Some(log) = self.logs.get_mut(&instance) {
                    for event in events {
                        log.take(event);
                    }
                    log.cut(options, now);
                }
            }
            LogChange::Drop(instance) => {
                self.logs.remove(&instance);
            }
        }
    }
}

impl Log {
    fn after(anchor: Anchor) -> Self {
        Log { state: LogState::after(anchor), events: VecDeque::new(), lines: Lines::default() }
    }

    fn append(
        &mut self,
        instance: InstanceId,
        draft: &EventDraft,
        now: EventTime,
        options: &LogOptions,
    ) -> StoredEvent {
        let mut event = self.state.stamp(instance, draft, now, options);
        event.line = self.lines.keep(&event.line);
        self.events.push_back(event.clone());
        self.cut(options, now);
        event
    }

    /// Takes an event that was checked already.
    fn take(&mut self, event: StoredEvent) {
        if self.state.follow(&event).is_ok() {
            self.events.push_back(event);
        }
    }

    /// Cuts away what retention does not keep, once it is enough to be worth it.
    fn cut(&mut self, options: &LogOptions, now: EventTime) {
        let retention = &options.retention;
        let horizon = retention.horizon(now);
        let exceeded = retention.is_exceeded(self.state.len(), self.state.bytes);
        while let Some(oldest) = self.events.front() {
            let surplus = exceeded && retention.has_surplus(self.state.len(), self.state.bytes);
            let expired = horizon.is_some_and(|horizon| oldest.time < horizon);
            // The newest event stays whatever its size: a reader should find what was just done.
            if !(surplus || expired) || self.events.len() == 1 {
                return;
            }
            self.state.forget(oldest);
            self.events.pop_front();
        }
    }

    fn read(&self, query: &EventQuery, horizon: Option<EventTime>) -> EventPage {
        let hidden = horizon.map_or(0, |horizon| self.events.partition_point(|event| event.time < horizon));
        let visible = self.state.first() + hidden as u64;
        let end = self.state.last.sequence + 1;
        let index = |sequence: u64| (sequence.clamp(visible, end) - self.state.first()) as usize;
        match query.start {
            Start::From(from) => {
                let start = index(from);
                let mut page = EventPage { events: Vec::new(), next: from.max(end), more: false, first: visible };
                for (looked, event) in self.events.range(start..).enumerate() {
                    if page.events.len() == query.limit || looked == SCANNED_AT_ONCE {
                        return EventPage { next: event.sequence, more: true, ..page };
                    }
                    if query.filter.matches(event) {
                        page.events.push(event.clone());
                    }
                }
                page
            }
            Start::Before(before) => {
                let start = index(visible);
                let mut page = EventPage { events: Vec::new(), next: visible, more: false, first: visible };
                for (looked, event) in self.events.range(start..index(before)).rev().enumerate() {
                    if page.events.len() == query.limit || looked == SCANNED_AT_ONCE {
                        return EventPage { next: event.sequence + 1, more: true, ..page };
                    }
                    if query.filter.matches(event) {
                        page.events.push(event.clone());
                    }
                }
                page
            }
        }
    }
}

impl<K, R> Store<K, R> for MemoryStore<K, R>
where
    K: Eq + Hash + Clone + Send + Sync,
    R: Send + Sync,
{
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn load<'a>(&'a self, keys: &'a [K]) -> BoxFuture<'a, Result<Vec<Option<Versioned<R>>>, Unavailable>> {
        Box::pin(async move {
            let inner = self.lock();
            Ok(keys.iter().map(|key| inner.records.get(key).cloned()).collect())
        })
    }

    fn commit(&self, unit: CommitUnit<K, R>) -> BoxFuture<'_, Result<Committed, CommitError>> {
        Box::pin(async move { self.commit_now(unit) })
    }

    fn events<'a>(&'a self, query: &'a EventQuery) -> BoxFuture<'a, Result<EventPage, Unavailable>> {
        Box::pin(async move { Ok(self.read(query)) })
    }

    fn log(&self, instance: InstanceId) -> BoxFuture<'_, Result<Option<LogState>, Unavailable>> {
        Box::pin(async move { Ok(self.lock().logs.get(&instance).map(|log| log.state)) })
    }

    /// No commit of this store is ever in doubt, so none is remembered.
    fn fate(&self, _: OperationId) -> BoxFuture<'_, Result<Fate, Unavailable>> {
        Box::pin(async { Ok(Fate::NotCommitted) })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        Box::pin(async {
            self.lock().closed = true;
            Ok(())
        })
    }
}

/// What refusals call it.
const NAME: &str = "memory";

/// Bytes of a piece of memory for lines: the first one has room for an event or two.
const SMALLEST_PIECE: usize = 2 * 1024;

const LARGEST_PIECE: usize = 64 * 1024;

/// How many events are looked at under the lock for one page.
const SCANNED_AT_ONCE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_as_they_were_whatever_follows_them() {
        const LENGTHS: [usize; 6] = [0, 1, 1000, LARGEST_PIECE - 1, LARGEST_PIECE, LARGEST_PIECE + 1];
        let line = |number: usize| vec![number as u8; LENGTHS[number % LENGTHS.len()]];
        let mut lines = Lines::default();
        let kept: Vec<_> = (0..300).map(|number| lines.keep(&line(number))).collect();
        assert!(kept.iter().enumerate().all(|(number, kept)| *kept == line(number)));
    }
}
