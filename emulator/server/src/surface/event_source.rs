//! Events as a reader wants them, batch after batch.

use std::time::Duration;

use hpcs_engine::{Engine, Feed, FeedBatch, FeedPosition, FeedStart, WaitError};
use hpcs_service::{EventScope, LogPlace, Refusal};
use hpcs_store::{EventFilter, StoredEvent};
use tokio_util::sync::CancellationToken;

use super::calls::Calls;
use super::reading::{Portion, Reading, Waiting};

/// Events that were committed, and then those that are.
///
/// It ends when it has caught up with the logs or, when following, as the emulator closes: then everything that was
/// committed by then has been given. One batch is in memory at a time.
pub(crate) struct EventSource {
    feed: Feed,
    follow: bool,
    closing: CancellationToken,
    /// What was read and not given yet.
    ready: Option<Batch>,
    /// The feed had no more when it was last asked.
    caught_up: bool,
    /// Whether what is read now is the last that is read.
    last_round: bool,
}

/// Events in order.
pub(crate) struct Batch {
    /// Where the first of them is read from; where others stand when they were read.
    before: FeedPosition,
    pub(crate) events: Vec<StoredEvent>,
}

/// What a source has.
pub(crate) enum Progress {
    /// Events.
    Events(Batch),
    /// None now; see [`EventSource::changed`].
    CaughtUp,
    /// None ever.
    End,
}

/// What came while someone waited.
pub(crate) struct Waited {
    pub(crate) batch: Batch,
    /// Whether it is as much as was waited for.
    pub(crate) complete: bool,
}

impl EventSource {
    /// Reads what comes first, so that a position that cannot be read from is refused before an answer begins.
    ///
    /// # Errors
    /// [`Refusal::EventsGone`], [`Refusal::StoreUnavailable`].
    pub(crate) async fn open(calls: &Calls, scope: EventScope, reading: Reading) -> Result<Self, Refusal> {
        let Reading { portion, follow, filter } = reading;
        let (feed, ready) = match portion {
            Portion::From(start) => (calls.engine.feed(scope, start, filter).await?, None),
            Portion::Newest(count) => {
                let (feed, newest) = newest(&calls.engine, scope, filter, count).await?;
                (feed, Some(newest))
            }
        };
        let closing = calls.closing.clone();
        // The newest events are all there is, unless their reader wants those that come.
        let caught_up = ready.is_some() && !follow;
        let mut source = EventSource { feed, follow, closing, ready, caught_up, last_round: caught_up };
        if source.ready.is_none() {
            source.read().await?;
        }
        Ok(source)
    }

    /// What there is to send.
    ///
    /// # Errors
    /// [`Refusal::EventsGone`] when retention was faster than the reader; [`Refusal::StoreUnavailable`].
    pub(crate) async fn next(&mut self) -> Result<Progress, Refusal> {
        loop {
            if let Some(batch) = self.ready.take() {
                return Ok(Progress::Events(batch));
            }
            if self.caught_up {
                // Whoever comes again wants to know whether there is more.
                self.caught_up = self.last_round;
                return Ok(if self.last_round { Progress::End } else { Progress::CaughtUp });
            }
            self.read().await?;
        }
    }

    /// Waits until there may be more: something was committed, or the emulator closes.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`].
    pub(crate) async fn changed(&mut self) -> Result<(), Refusal> {
        tokio::select! {
            changed = self.feed.changed() => changed,
            () = self.closing.cancelled() => Ok(()),
        }
    }

    async fn read(&mut self) -> Result<(), Refusal> {
        // Before reading: what is committed until now is in this round or in an earlier one.
        self.last_round = !self.follow || self.closing.is_cancelled();
        let FeedBatch { events, caught_up } = self.feed.next(BATCH).await?;
        // All of them are of one instance, whose place each of them gives anew.
        let before = self.feed.position().clone();
        self.caught_up = caught_up;
        self.ready = (!events.is_empty()).then_some(Batch { before, events });
        Ok(())
    }
}

impl Batch {
    /// Each event with the resume token after it.
    pub(crate) fn with_tokens(&self) -> impl Iterator<Item = (&StoredEvent, String)> {
        let mut position = self.before.clone();
        self.events.iter().map(move |event| {
            position = position.after(event);
            (event, position.to_string())
        })
    }
}

/// Waits for events, or until time is over or the emulator closes.
///
/// # Errors
/// As [`EventSource::next`].
pub(crate) async fn wait(calls: &Calls, scope: EventScope, waiting: Waiting) -> Result<Waited, Refusal> {
    let Waiting { start, filter, count, timeout } = waiting;
    let mut feed = calls.engine.feed(scope, start, filter).await?;
    let before = feed.position().clone();
    let (events, complete) = match calls.engine.wait_for(&mut feed, count, over(calls, timeout)).await {
        Ok(events) => (events, true),
        Err(WaitError::TimedOut(events)) => (events, false),
        Err(WaitError::Refused(refusal)) => return Err(refusal),
    };
    Ok(Waited { batch: Batch { before, events }, complete })
}

async fn over(calls: &Calls, timeout: Duration) {
    tokio::select! {
        () = tokio::time::sleep(timeout) => {}
        () = calls.closing.cancelled() => {}
    }
}

/// The newest events of all logs in the order of their times, and a feed that goes on after them.
async fn newest(
    engine: &Engine,
    scope: EventScope,
    filter: EventFilter,
    count: usize,
) -> Result<(Feed, Batch), Refusal> {
    let now = engine.feed(scope.clone(), FeedStart::Now, filter.clone()).await?;
    let ends: Vec<_> = now.position().places().collect();
    let mut events: Vec<StoredEvent> = Vec::new();
    for (instance, _) in &ends {
        events.extend(engine.last_events(*instance, filter.clone(), count).await?);
        events.sort_by_key(|event| (event.time, event.instance, event.sequence));
        events.drain(..events.len().saturating_sub(count));
    }
    // An event that was committed meanwhile is among them, and the feed goes on after it.
    let edges = |instance, LogPlace { incarnation, next: end }| {
        let mut own = events.iter().filter(|event| event.instance == instance).map(|event| event.sequence);
        let first = own.next();
        let after = own.last().or(first).map_or(end, |last| end.max(last + 1));
        let at = |next| (instance, LogPlace { incarnation, next });
        (at(first.unwrap_or(end)), at(after))
    };
    let (before, after): (Vec<_>, Vec<_>) = ends.iter().map(|(id, end)| edges(*id, *end)).unzip();
    let (before, after) = (FeedPosition::of(before), FeedPosition::of(after));
    let feed = engine.feed(scope, FeedStart::Position(after), filter).await?;
    Ok((feed, Batch { before, events }))
}

/// Events read from a log at once.
const BATCH: usize = 128;
