//! How far a sink has come, for whoever must not overtake it.

use std::time::Duration;

use hpcs_engine::{Engine, FeedPosition, FeedScope, FeedStart};
use hpcs_names::InstanceId;
use hpcs_store::EventFilter;
use tokio::sync::watch;

use crate::Log;

/// What a sink has written. A purge waits for it: what is purged cannot be written any more.
#[derive(Clone)]
pub(crate) struct Progress {
    pub(super) written: watch::Receiver<FeedPosition>,
    pub(super) engine: Engine,
    pub(super) log: Log,
    pub(super) target: String,
}

/// Events that the sink had not written when their log was about to be purged.
pub(crate) struct Behind {
    instance: InstanceId,
    /// The first of them.
    next: u64,
    last: u64,
}

impl Progress {
    /// Waits until the events of this instance that are committed by now are written. Not for ever: a target that takes
    /// nothing must not keep an instance from being purged. Gives what is left then.
    pub(crate) async fn catch_up(&self, instance: InstanceId) -> Option<Behind> {
        // A store that cannot be read will not purge anything either.
        let end = self.engine.feed(FeedScope::Everything, FeedStart::Now, EventFilter::default()).await.ok()?;
        let last = next_of(end.position(), instance).checked_sub(1)?;
        let mut written = self.written.clone();
        let caught_up = written.wait_for(|position| next_of(position, instance) > last);
        match tokio::time::timeout(PATIENCE, caught_up).await {
            Ok(Ok(_)) => None,
            _ => {
                let next = next_of(&self.written.borrow(), instance).max(1);
                (next <= last).then_some(Behind { instance, next, last })
            }
        }
    }

    /// Tells the operator of events that were purged before they were written.
    pub(crate) fn tell(&self, behind: &Behind) {
        let Behind { instance, next, last } = behind;
        self.log.line(format_args!(
            "EVENTS ARE MISSING in {}: up to {} from {next} on of instance {instance} were purged before they were written",
            self.target,
            last.saturating_sub(*next) + 1
        ));
    }
}

fn next_of(position: &FeedPosition, instance: InstanceId) -> u64 {
    position.places().find(|(id, _)| *id == instance).map_or(0, |(_, place)| place.next)
}

/// How long a purge waits for the sink.
const PATIENCE: Duration = Duration::from_secs(5);
