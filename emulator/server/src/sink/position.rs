//! Where a sink goes on after a restart.

use std::path::{self, Path};
use std::sync::Arc;
use std::time::Duration;

use hpcs_engine::{Engine, FeedPosition};
use hpcs_service::Refusal;
use hpcs_store::{ControlledClock, Pace};
use tokio::time::Instant;

use crate::config::ReplicaName;

/// When a sink's position is kept in the store.
pub(crate) enum KeepPosition {
    /// Never: the store ends with the process.
    Never,
    /// When the sink ends. Each commit moves a stepped clock, so one now and then would give events other times,
    /// depending on how fast they are written.
    AtTheEnd,
    /// When the sink ends, and once a second while it is busy and this clock is not stepped.
    NowAndThen(Arc<ControlledClock>),
}

/// Keeps a sink's position.
pub(super) struct Keeper {
    engine: Engine,
    when: KeepPosition,
    target: String,
    kept: FeedPosition,
    /// When the next position may be kept.
    next: Instant,
}

impl Keeper {
    /// A keeper for the sink of this replica that writes to this file, or to standard output, and the position that was
    /// kept last.
    pub(super) async fn open(
        engine: Engine,
        when: KeepPosition,
        replica: Option<&ReplicaName>,
        file: Option<&Path>,
    ) -> Result<(Self, Option<FeedPosition>), Refusal> {
        let target = name(replica, file);
        let last = match &when {
            KeepPosition::Never => None,
            KeepPosition::AtTheEnd | KeepPosition::NowAndThen(_) => engine.sink_position(&target).await?,
        };
        let kept = last.clone().unwrap_or_default();
        Ok((Keeper { engine, when, target, kept, next: Instant::now() }, last))
    }

    /// Keeps the position if it is time to. A failure does no harm: the next time is soon, and the store tells of it.
    pub(super) async fn keep_when_due(&mut self, position: &FeedPosition) {
        if self.may_keep_now_and_then() && Instant::now() >= self.next {
            self.next = Instant::now() + PERIOD;
            let _ = self.keep(position).await;
        }
    }

    /// Waits until the position may be kept; for ever when there is nothing to keep.
    pub(super) async fn due(&self, position: &FeedPosition) {
        if self.may_keep_now_and_then() && self.kept != *position {
            tokio::time::sleep_until(self.next).await;
        } else {
            std::future::pending().await
        }
    }

    /// Keeps the position now.
    pub(super) async fn keep(&mut self, position: &FeedPosition) -> Result<(), Refusal> {
        if !matches!(self.when, KeepPosition::Never) && self.kept != *position {
            self.engine.keep_sink_position(&self.target, position).await?;
            self.kept = position.clone();
        }
        Ok(())
    }

    fn may_keep_now_and_then(&self) -> bool {
        matches!(&self.when, KeepPosition::NowAndThen(clock) if clock.state().pace != Pace::Stepped)
    }
}

/// A file is the same one wherever the emulator is started. Replicas have files and outputs of their own, which may well
/// be called alike.
fn name(replica: Option<&ReplicaName>, file: Option<&Path>) -> String {
    let target = match file {
        Some(file) => path::absolute(file).unwrap_or_else(|_| file.to_owned()).display().to_string(),
        None => "standard output".to_owned(),
    };
    match replica {
        Some(replica) => format!("{}: {target}", replica.as_str()),
        None => target,
    }
}

/// What was written for longer than this is not repeated after a crash.
const PERIOD: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_replica_has_a_position_of_its_own() {
        let (first, second) = ("a".parse().unwrap(), "b".parse().unwrap());
        assert_ne!(name(Some(&first), None), name(Some(&second), None));
        assert_ne!(name(Some(&first), Some(Path::new("x"))), name(Some(&second), Some(Path::new("x"))));
        assert_eq!(name(None, None), "standard output");
    }
}
