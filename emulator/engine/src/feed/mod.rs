//! The one way to follow event logs: for streams, waiting calls and sinks.
//!
//! A feed is a cursor per instance. It reads one page of one log at a time, so that its memory is bounded whatever the
//! reader's pace; it holds nothing that writers wait for. Instances that appear later join in at the beginning of their
//! logs, where the scope has them. Events of one instance come in sequence order; between instances there is no order.

mod position;
mod wait;

use std::collections::{BTreeMap, VecDeque};

use hpcs_names::InstanceId;
use hpcs_service::{EventScope, LogPlace, Record, RecordKey, Refusal};
use hpcs_store::{EventFilter, EventPage, EventQuery, Start, StoredEvent, Version};
use tokio::sync::watch;

pub use position::{FeedPosition, FeedPositionError};
pub use wait::WaitError;

use crate::{Engine, unavailable};

/// Which logs a feed follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedScope {
    /// Those that a caller may read.
    Of(EventScope),
    /// Those of all instances: for the operator's own sinks.
    Everything,
}

impl From<EventScope> for FeedScope {
    fn from(scope: EventScope) -> Self {
        FeedScope::Of(scope)
    }
}

/// Where a feed begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedStart {
    /// With the oldest events that are kept.
    Beginning,
    /// With this sequence; for one instance only.
    Sequence(u64),
    /// Where another feed was.
    Position(FeedPosition),
    /// With what is committed from now on.
    Now,
}

/// Follows event logs; see [`Engine::feed`].
pub struct Feed {
    engine: Engine,
    scope: FeedScope,
    filter: EventFilter,
    changes: watch::Receiver<u64>,
    /// Where each log goes on.
    position: FeedPosition,
    /// The logs in scope, with the incarnations of their instances.
    members: BTreeMap<InstanceId, u32>,
    /// The version of the list of instances that `members` comes from.
    directory: Option<Version>,
    /// Logs that are still to be read until the feed has caught up.
    round: VecDeque<InstanceId>,
}

/// Some events of one instance.
#[derive(Clone, Debug)]
pub struct FeedBatch {
    /// The events, in sequence order. May be empty.
    pub events: Vec<StoredEvent>,
    /// Whether there was nothing more when the feed looked; [`Feed::changed`] waits for more.
    pub caught_up: bool,
}

impl Engine {
    /// Follows the logs of this scope. Whether the caller may read them is decided before, by
    /// [`Operation::ReadEvents`](hpcs_service::Operation).
    ///
    /// # Errors
    /// [`Refusal::InvalidArgument`] when a sequence is given and not exactly one instance;
    /// [`Refusal::StoreUnavailable`].
    pub async fn feed(
        &self,
        scope: impl Into<FeedScope>,
        from: FeedStart,
        filter: EventFilter,
    ) -> Result<Feed, Refusal> {
        let mut feed = Feed {
            engine: self.clone(),
            scope: scope.into(),
            filter,
            changes: self.event_changes(),
            position: FeedPosition::default(),
            members: BTreeMap::new(),
            directory: None,
            round: VecDeque::new(),
        };
        feed.refresh().await?;
        match from {
            FeedStart::Beginning => {}
            FeedStart::Sequence(sequence) => feed.position.set_next(feed.only_instance()?, sequence.max(1)),
            FeedStart::Position(position) => feed.resume(position).await?,
            FeedStart::Now => {
                let ids: Vec<_> = feed.members.keys().copied().collect();
                for id in ids {
                    let next = feed.end_of(id).await?;
                    feed.position.set_next(id, next);
                }
            }
        }
        Ok(feed)
    }

    /// The newest `count` events of one log that pass the filter, oldest first.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`].
    pub async fn last_events(
        &self,
        instance: InstanceId,
        filter: EventFilter,
        count: usize,
    ) -> Result<Vec<StoredEvent>, Refusal> {
        let mut found = VecDeque::new();
        let mut start = Start::END;
        while found.len() < count {
            let query = EventQuery { instance, start, filter: filter.clone(), limit: count - found.len() };
            let page = self.0.store.events(&query).await.map_err(unavailable)?;
            page.events.into_iter().for_each(|event| found.push_front(event));
            if !page.more {
                break;
            }
            start = Start::Before(page.next);
        }
        Ok(found.into())
    }
}

impl Feed {
    /// The next events of one of the logs, at most `limit` (at least one). An empty batch that has not caught up asks to
    /// be called again.
    ///
    /// Nothing is lost when the returned future is dropped.
    ///
    /// # Errors
    /// [`Refusal::EventsGone`] when retention has cut away what was to be read next; [`Refusal::StoreUnavailable`].
    pub async fn next(&mut self, limit: usize) -> Result<FeedBatch, Refusal> {
        if self.round.is_empty() {
            // Before looking: what comes after is seen in the next round.
            self.changes.mark_unchanged();
            self.refresh().await?;
            self.round = self.members.keys().copied().collect();
        }
        for _ in 0..PAGES_AT_ONCE {
            let Some(&instance) = self.round.front() else { break };
            let EventPage { events, next, more, first } = self.page(instance, limit.max(1)).await?;
            let wanted = self.position.next_of(instance);
            let gone = (1..first).contains(&wanted);
            if (gone || !events.is_empty()) && !self.is_still_there(instance).await? {
                // This is a log that began since the instances were looked at, and may be for others to read.
                self.directory = None;
                self.refresh().await?;
                self.round = self.members.keys().copied().collect();
                continue;
            }
            if gone {
                return Err(Refusal::EventsGone { instance, wanted, first });
            }
            // Nothing is awaited from here on: position and events go together. A log that has not begun names its first
            // event, whatever was asked for.
            self.position.set_next(instance, next.max(wanted));
            self.round.pop_front();
            if more {
                self.round.push_back(instance);
            }
            if !events.is_empty() {
                return Ok(FeedBatch { events, caught_up: self.round.is_empty() });
            }
        }
        Ok(FeedBatch { events: Vec::new(), caught_up: self.round.is_empty() })
    }

    /// Waits until something was committed since the feed looked last; at once when it has not caught up.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`] when the store was let go of.
    pub async fn changed(&mut self) -> Result<(), Refusal> {
        if !self.round.is_empty() {
            return Ok(());
        }
        let closed = |_| Refusal::StoreUnavailable(format!("{}: closed", self.engine.store_name()));
        self.changes.changed().await.map_err(closed)
    }

    /// After everything that [`Feed::next`] gave.
    pub fn position(&self) -> &FeedPosition {
        &self.position
    }

    async fn page(&self, instance: InstanceId, limit: usize) -> Result<EventPage, Refusal> {
        let start = Start::From(self.position.next_of(instance).max(1));
        let query = EventQuery { instance, start, filter: self.filter.clone(), limit };
        self.engine.0.store.events(&query).await.map_err(unavailable)
    }

    /// Brings the members up to date, if the list of instances has changed.
    async fn refresh(&mut self) -> Result<(), Refusal> {
        let found = self.engine.0.store.load(&[RecordKey::Directory]).await.map_err(unavailable)?.pop().flatten();
        let version = found.as_ref().map_or(Version::ABSENT, |found| found.version);
        if self.directory == Some(version) {
            return Ok(());
        }
        let listed = match found.as_ref().map(|found| &*found.value) {
            Some(Record::Directory(directory)) => directory.instances.clone(),
            _ => Vec::new(),
        };
        self.members = self.members_among(listed).await?;
        self.position = self.position_of_members(&self.position);
        self.directory = Some(version);
        Ok(())
    }

    /// Those in scope, with their incarnations.
    async fn members_among(&self, listed: Vec<InstanceId>) -> Result<BTreeMap<InstanceId, u32>, Refusal> {
        let keys: Vec<_> = listed.iter().filter(|id| self.names(**id)).map(|id| RecordKey::Instance(*id)).collect();
        let records = self.engine.0.store.load(&keys).await.map_err(unavailable)?;
        Ok(records.into_iter().flatten().filter_map(|found| self.member(&found.value)).collect())
    }

    /// Whether the instance may be in scope, as far as its id tells.
    fn names(&self, id: InstanceId) -> bool {
        match &self.scope {
            FeedScope::Of(EventScope::Instances { instances, .. }) => instances.contains(&id),
            FeedScope::Of(EventScope::Account(_)) | FeedScope::Everything => true,
        }
    }

    /// The instance and its incarnation, if it is in scope: an id may be that of another account's instance by now.
    fn member(&self, record: &Record) -> Option<(InstanceId, u32)> {
        let Record::Instance(found) = record else { return None };
        let own = match &self.scope {
            FeedScope::Of(EventScope::Instances { account, .. } | EventScope::Account(account)) => {
                found.account == *account
            }
            FeedScope::Everything => true,
        };
        own.then_some((found.id, found.incarnation))
    }

    /// Whether the instance is the one that the feed knows.
    async fn is_still_there(&self, id: InstanceId) -> Result<bool, Refusal> {
        let found = self.engine.0.store.load(&[RecordKey::Instance(id)]).await.map_err(unavailable)?.pop().flatten();
        let present = found.and_then(|found| self.member(&found.value)).map(|(_, incarnation)| incarnation);
        Ok(present.is_some() && present.as_ref() == self.members.get(&id))
    }

    /// `position`, as far as it is about logs of members. Those that it is not about, and logs that began anew under the
    /// same id, go on at their beginning.
    fn position_of_members(&self, position: &FeedPosition) -> FeedPosition {
        FeedPosition::of(self.members.iter().map(|(id, incarnation)| {
            let known = position.get(*id).filter(|place| [0, *incarnation].contains(&place.incarnation));
            (*id, LogPlace { incarnation: *incarnation, next: known.map_or(0, |place| place.next) })
        }))
    }

    /// Goes on at `position`. What lies behind the end of a log was never read from it: a store in memory began anew.
    async fn resume(&mut self, position: FeedPosition) -> Result<(), Refusal> {
        self.position = self.position_of_members(&position);
        let ids: Vec<_> = self.members.keys().copied().collect();
        for id in ids {
            if self.position.next_of(id) > self.end_of(id).await? {
                self.position.set_next(id, 0);
            }
        }
        Ok(())
    }

    /// The sequence of the next event in the log.
    async fn end_of(&self, id: InstanceId) -> Result<u64, Refusal> {
        let log = self.engine.0.store.log(id).await.map_err(unavailable)?;
        Ok(log.map_or(1, |log| log.last.sequence + 1))
    }

    fn only_instance(&self) -> Result<InstanceId, Refusal> {
        let mut members = self.members.keys();
        match (members.next(), members.next()) {
            (Some(only), None) => Ok(*only),
            (None, _) => Err(Refusal::NoSuchInstance),
            (Some(_), Some(_)) => Err(Refusal::InvalidArgument {
                field: "from",
                why: "a sequence is of one instance, and there are several; name one, or use a position".to_owned(),
            }),
        }
    }
}

/// Pages without a match after which the caller gets a say.
const PAGES_AT_ONCE: usize = 16;
