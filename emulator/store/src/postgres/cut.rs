//! Retention: old events go as new ones come.

use super::failure::Failure;
use super::faults::Gate;
use super::plan::LogPlan;
use super::rows::{digest, signed, time, unsigned};
use super::transaction::Environment;
use crate::{Anchor, FaultPoint};

/// Cuts away what retention does not keep of a log that gets new events, once it is enough to be worth it.
///
/// Only events that were committed before are looked at, a bounded number a transaction; the rest goes with the next.
pub(super) async fn cut(environment: &Environment<'_>, log: &mut LogPlan) -> Result<(), Failure> {
    let Environment { session, faults, clock, options, .. } = environment;
    let retention = &options.retention;
    let (Some(kept), Some(state)) = (log.kept, &mut log.state) else {
        return Ok(());
    };
    let exceeded = retention.is_exceeded(state.len(), state.bytes);
    let horizon = retention.horizon(clock.now());
    if !exceeded && horizon.is_none() {
        return Ok(());
    }
    let batch = if exceeded { LARGE_BATCH } else { SMALL_BATCH };
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&kept, &signed(state.anchor.sequence)?, &batch];
    let oldest = session.client.query(&session.statements.oldest, &parameters).await?;
    let before = state.anchor;
    for row in &oldest {
        let anchor = Anchor {
            sequence: unsigned(row.try_get(0)?)?,
            time: time(row.try_get(1)?)?,
            digest: digest(row.try_get(2)?)?,
        };
        let surplus = exceeded && retention.has_surplus(state.len(), state.bytes);
        let expired = horizon.is_some_and(|horizon| anchor.time < horizon);
        // The newest event stays whatever its size: a reader should find what was just done.
        if !(surplus || expired) || state.len() == 1 {
            break;
        }
        state.cut_to(anchor, unsigned(row.try_get(3)?)?);
    }
    if state.anchor == before {
        return Ok(());
    }
    let gate = Gate::pass(*faults, FaultPoint::Cut).await?;
    let cut = session.client.execute(&session.statements.cut, &[&kept, &signed(state.anchor.sequence)?]).await;
    gate.answer(cut.map_err(Failure::from))?;
    Ok(())
}

/// Events that are looked at when a log is too long.
const LARGE_BATCH: i64 = 4_096;

/// Events that are looked at to see whether some are too old.
const SMALL_BATCH: i64 = 256;
