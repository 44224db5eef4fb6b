//! The one way to follow event logs: for streams, waiting calls and sinks.
//!
//! A feed is a cursor per instance. It reads one page of one log at a time, so that its memory is bounded whatever the
//! reader's pace; it holds nothing that writers wait for. Instances that appear later join in at the beginning of their
//! logs, where the scope has them. Events of one instance come in sequence order; between instances there is no order.

mod position;
mod wait;

use std::collections::{BTreeMap, VecDeque};

use hpcs_names::InstanceId;
use hpcs_service::{EventScope, Record, RecordKey, Refusal};
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
    /// The logs in scope, with the version of the instance's record when it joined.
    members: BTreeMap<InstanceId, Version>,
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
            FeedStart::Sequence(sequence) => feed.position.set(feed.only_instance()?, sequence.max(1)),
            FeedStart::Position(position) => feed.resume(position).await?,
            FeedStart::Now => {
                let ids: Vec<_> = feed.members.keys().copied().collect();
                for id in ids {
                    let next = feed.end_of(id).await?;
                    feed.position.set(id, next);
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
            let wanted = self.position.get(instance);
            if let Some(wanted) = wanted.filter(|wanted| *wanted < first) {
                return Err(Refusal::EventsGone { instance, wanted, first });
            }
            // Nothing is awaited from here on: position and events go together. A log that has not begun names its first
            // event, whatever was asked for.
            self.position.set(instance, next.max(wanted.unwrap_or(next)));
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
        let start = Start::From(self.position.get(instance).unwrap_or(1));
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
        let members = self.members_among(listed).await?;
        let replaced: Vec<_> = members
            .iter()
            .filter(|(id, version)| self.members.get(id).is_some_and(|before| before != *version))
            .map(|(id, _)| *id)
            .collect();
        for id in replaced {
            self.restart_if_replaced(id).await?;
        }
        self.position.retain(|id| members.contains_key(&id));
        self.members = members;
        self.directory = Some(version);
        Ok(())
    }

    /// Those in scope, with the versions of their records.
    async fn members_among(&self, listed: Vec<InstanceId>) -> Result<BTreeMap<InstanceId, Version>, Refusal> {
        let named = match &self.scope {
            FeedScope::Of(EventScope::Instances(ids)) => Some(ids),
            FeedScope::Of(EventScope::Account(_)) | FeedScope::Everything => None,
        };
        let asked_for = |id: &&InstanceId| named.is_none_or(|ids| ids.contains(id));
        let keys: Vec<_> = listed.iter().filter(asked_for).map(|id| RecordKey::Instance(*id)).collect();
        let records = self.engine.0.store.load(&keys).await.map_err(unavailable)?;
        let member = |record: hpcs_store::Versioned<Record>| match (&*record.value, &self.scope) {
            (Record::Instance(found), FeedScope::Of(EventScope::Account(own))) if found.account != *own => None,
            (Record::Instance(found), _) => Some((found.id, record.version)),
            _ => None,
        };
        Ok(records.into_iter().flatten().filter_map(member).collect())
    }

    /// A log that is shorter than what was read of it is another one: its instance was purged and made again.
    async fn restart_if_replaced(&mut self, id: InstanceId) -> Result<(), Refusal> {
        let end = self.end_of(id).await?;
        if self.position.get(id).is_some_and(|next| next > end) {
            self.position.retain(|other| other != id);
        }
        Ok(())
    }

    /// Goes on at `position`, as far as it is about members.
    async fn resume(&mut self, position: FeedPosition) -> Result<(), Refusal> {
        self.position = position;
        self.position.retain(|id| self.members.contains_key(&id));
        let ids: Vec<_> = self.members.keys().copied().collect();
        for id in ids {
            self.restart_if_replaced(id).await?;
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
