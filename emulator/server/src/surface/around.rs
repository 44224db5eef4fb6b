//! What is done around some operations beyond what the engine does: for the event file, and for the operator.

use hpcs_audit::EventTime;
use hpcs_engine::{Engine, ServiceStore};
use hpcs_service::document::moment_text;
use hpcs_service::operations::ClockSetting;
use hpcs_service::{Operation, Refusal};
use hpcs_store::Clock;

use crate::sink::{Behind, Progress};
use crate::{Log, store};

/// Before and after operations.
#[derive(Default)]
pub(crate) struct Around(Option<Known>);

struct Known {
    store: ServiceStore,
    /// Where events are written to, if they are.
    sink: Option<Progress>,
    log: Log,
}

/// What is still to be done when the operation has succeeded.
pub(crate) enum Afterwards {
    Nothing,
    /// An instance was purged whose last events were not written.
    TellOfMissing(Behind),
    /// The clock was set.
    LookAtClock,
}

impl Around {
    /// `sink` is where events are written to, if they are.
    pub(crate) fn new(store: ServiceStore, sink: Option<Progress>, log: Log) -> Self {
        Around(Some(Known { store, sink, log }))
    }

    /// What the operation needs first. It becomes another one when it cannot be.
    pub(crate) async fn before(&self, operation: Operation, engine: &Engine) -> (Operation, Afterwards) {
        match &operation {
            Operation::SetClock(setting) => match reachable(setting, engine.clock().now()) {
                Ok(()) => (operation, Afterwards::LookAtClock),
                Err(refusal) => (Operation::Unreadable(refusal), Afterwards::Nothing),
            },
            Operation::DeleteInstance { instance, purge: true } => {
                let behind = match self.sink() {
                    Some(sink) => sink.catch_up(*instance).await,
                    None => None,
                };
                (operation, behind.map_or(Afterwards::Nothing, Afterwards::TellOfMissing))
            }
            _ => (operation, Afterwards::Nothing),
        }
    }

    /// The operation has succeeded.
    pub(crate) async fn after(&self, afterwards: Afterwards, engine: &Engine) {
        let Some(Known { store, sink, log }) = &self.0 else { return };
        match afterwards {
            Afterwards::Nothing => {}
            Afterwards::TellOfMissing(behind) => {
                if let Some(sink) = sink {
                    sink.tell(&behind);
                }
            }
            Afterwards::LookAtClock => {
                // A store that cannot be read tells so by itself.
                let Ok(totals) = store::totals(store).await else { return };
                if let Some(notice) = totals.clock_behind(engine.clock().now()) {
                    log.line(format_args!("{notice}"));
                }
            }
        }
    }

    fn sink(&self) -> Option<&Progress> {
        self.0.as_ref()?.sink.as_ref()
    }
}

/// Whether a clock that shows `now` can be set so: it would stop at the ends of time otherwise.
fn reachable(setting: &ClockSetting, now: EventTime) -> Result<(), Refusal> {
    let ClockSetting { time, shift, step, .. } = *setting;
    let last = i128::from(EventTime::MAX.unix_millis());
    let outside = |field, what: String| {
        Err(Refusal::InvalidArgument { field, why: format!("{what}; the time is between 1970 and 9999") })
    };
    let from = time.unwrap_or(now);
    if time.is_some_and(|time| i128::from(time.unix_millis()) >= last) {
        return outside("time", format!("{} is the end of time", moment_text(from)));
    }
    let at = i128::from(from.unix_millis()) + i128::from(shift.unwrap_or_default());
    if !(0..=last).contains(&at) {
        return outside("shift", format!("so far from {} there is no time", moment_text(from)));
    }
    match step {
        Some(step) if at + i128::from(step) > last => {
            outside("step", format!("a step of {step} ms leads beyond the end of time"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use hpcs_service::document::moment;

    use super::*;

    fn refused(setting: ClockSetting) -> Option<&'static str> {
        match reachable(&setting, moment("2026-01-01T00:00:00Z").unwrap()) {
            Ok(()) => None,
            Err(Refusal::InvalidArgument { field, why }) => {
                assert!(why.ends_with("between 1970 and 9999"), "{why}");
                Some(field)
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_setting_that_would_stop_at_an_end_of_time_is_refused() {
        let none = ClockSetting::default();
        assert_eq!(refused(ClockSetting { shift: Some(-1_767_225_600_000), ..none }), None);
        assert_eq!(refused(ClockSetting { shift: Some(-1_767_225_600_001), ..none }), Some("shift"));
        for shift in [i64::MIN, i64::MAX] {
            assert_eq!(refused(ClockSetting { shift: Some(shift), ..none }), Some("shift"));
            assert_eq!(
                refused(ClockSetting { time: moment("2000-01-01T00:00:00Z"), shift: Some(shift), ..none }),
                Some("shift")
            );
        }
        assert_eq!(refused(ClockSetting { step: Some(u64::MAX), ..none }), Some("step"));
        assert_eq!(refused(ClockSetting { step: Some(86_400_000), ..none }), None);
        assert_eq!(refused(ClockSetting { time: Some(EventTime::MAX), ..none }), Some("time"));
        assert_eq!(refused(none), None);
    }
}
