//! Retention: old events go as new ones come.

use hpcs_audit::EventTime;

use super::failure::Failure;
use super::faults::Gate;
use super::plan::LogPlan;
use super::rows::{digest, signed, time, unsigned};
use super::tables::Parameter;
use super::transaction::Environment;
use crate::{Anchor, FaultPoint, LogState};

/// Cuts away what retention does not keep of a log that gets new events, once it is enough to be worth it.
///
/// Of events that were committed before, a bounded number is looked at: at least twice of what comes, so that a log that
/// is far beyond its bounds gets back to them. Of those that come now, what is not to be kept is never written.
pub(super) async fn cut(environment: &Environment<'_>, log: &mut LogPlan) -> Result<(), Failure> {
    let Environment { session, faults, clock, options, .. } = environment;
    let retention = &options.retention;
    let Some(state) = &mut log.state else {
        return Ok(());
    };
    let exceeded = retention.is_exceeded(state.len(), state.bytes);
    let horizon = retention.horizon(clock.now());
    if !exceeded && horizon.is_none() {
        return Ok(());
    }
    // The newest event stays whatever its size: a reader should find what was just done.
    let goes = |state: &LogState, time: EventTime| {
        let surplus = exceeded && retention.has_surplus(state.len(), state.bytes);
        let expired = horizon.is_some_and(|horizon| time < horizon);
        (surplus || expired) && state.len() > 1
    };
    if let Some(kept) = log.kept {
        let incoming = i64::try_from(log.events.len()).unwrap_or(i64::MAX);
        let batch = if exceeded { LARGE_BATCH } else { SMALL_BATCH }.max(incoming.saturating_mul(2));
        let parameters: [Parameter<'_>; 3] = [&kept, &signed(state.anchor.sequence)?, &batch];
        let oldest = session.client.query(&session.statements.oldest, &parameters).await?;
        let before = state.anchor;
        for row in &oldest {
            let anchor = Anchor {
                sequence: unsigned(row.try_get(0)?)?,
                time: time(row.try_get(1)?)?,
                digest: digest(row.try_get(2)?)?,
            };
            if !goes(state, anchor.time) {
                break;
            }
            state.cut_to(anchor, unsigned(row.try_get(3)?)?);
        }
        if state.anchor != before {
            let gate = Gate::pass(*faults, FaultPoint::Cut).await?;
            let cut = session.client.execute(&session.statements.cut, &[&kept, &signed(state.anchor.sequence)?]).await;
            gate.answer(cut.map_err(Failure::from))?;
        }
    }
    let mut gone = 0;
    for event in &log.events {
        // Before them, everything older has to go.
        if event.sequence != state.first() || !goes(state, event.time) {
            break;
        }
        state.forget(event);
        gone += 1;
    }
    log.events.drain(..gone);
    Ok(())
}

/// Events that are looked at when a log is too long.
const LARGE_BATCH: i64 = 4_096;

/// Events that are looked at to see whether some are too old.
const SMALL_BATCH: i64 = 256;
