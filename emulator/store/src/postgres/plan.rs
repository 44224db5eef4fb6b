//! What a group of units makes of the present state. Nothing here waits for anything.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hpcs_audit::EventDraft;
use hpcs_names::InstanceId;

use super::locks::Locks;
use crate::{Anchor, Clock, CommitError, LogChange, LogOptions, LogState, StoredEvent, Version};

/// A commit unit with the names and bytes that the codec gave.
pub(super) struct Unit<R> {
    pub(super) changes: Vec<NamedChange<R>>,
    pub(super) guards: Vec<(String, Version)>,
    pub(super) event: Option<EventDraft>,
    pub(super) logs: Vec<LogChange>,
}

/// One record to write.
pub(super) struct NamedChange<R> {
    pub(super) name: String,
    pub(super) expected: Version,
    /// `None` deletes.
    pub(super) value: Option<Value<R>>,
}

/// A value and its bytes.
pub(super) struct Value<R> {
    pub(super) sealed: Vec<u8>,
    pub(super) record: Arc<R>,
}

/// What the database says, under the locks of the transaction.
#[derive(Default)]
pub(super) struct Present {
    /// Versions of the records that exist, of those that are asked about.
    pub(super) versions: HashMap<String, Version>,
    /// The logs that exist, of those that are asked about, and what their events are found by.
    pub(super) logs: HashMap<InstanceId, (i64, LogState)>,
}

/// What is to be written, and what each unit is told.
pub(super) struct Plan<'a, R> {
    /// In the order of the units: the event that each left, or a conflict.
    pub(super) answers: Vec<Result<Option<StoredEvent>, CommitError>>,
    /// The last value of every record that changes; `None` where it is deleted.
    pub(super) records: BTreeMap<&'a str, Option<&'a Value<R>>>,
    /// Every log that changes.
    pub(super) logs: BTreeMap<InstanceId, LogPlan>,
    /// Units that write something.
    pub(super) writers: usize,
}

/// What becomes of a log.
pub(super) struct LogPlan {
    /// What its present events are found by, unless there is none or it is dropped.
    pub(super) kept: Option<i64>,
    /// Whether the log that is there is dropped.
    pub(super) dropped: bool,
    /// How far the log has come in the end; `None` when it is gone.
    pub(super) state: Option<LogState>,
    /// New events, in sequence order.
    pub(super) events: Vec<StoredEvent>,
}

impl<R> Unit<R> {
    /// Whether there is nothing to write.
    fn is_idle(&self) -> bool {
        self.changes.is_empty() && self.event.is_none() && self.logs.is_empty()
    }

    /// About the bytes it will write.
    pub(super) fn size(&self) -> usize {
        let value = |change: &NamedChange<R>| change.value.as_ref().map_or(0, |value| value.sealed.len());
        let records: usize = self.changes.iter().map(value).sum();
        let appended = |change: &LogChange| match change {
            LogChange::Append { events, .. } => events.iter().map(|event| event.line.len()).sum(),
            LogChange::Begin { .. } | LogChange::Drop(_) => 0,
        };
        records + self.logs.iter().map(appended).sum::<usize>() + EVENT
    }

    /// The logs that it touches.
    pub(super) fn instances(&self) -> impl Iterator<Item = InstanceId> {
        let event = self.event.as_ref().map(|event| event.source.instance_id());
        event.into_iter().chain(self.logs.iter().map(LogChange::instance))
    }

    /// The records that it rests on or changes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.expectations().map(|(name, _)| name)
    }

    /// Asks for all locks that the unit needs.
    pub(super) fn lock(&self, locks: &mut Locks) {
        for change in &self.changes {
            locks.change_record(&change.name);
        }
        for (name, _) in &self.guards {
            locks.guard_record(name);
        }
        for instance in self.instances() {
            locks.append_to_log(instance);
        }
    }

    fn expectations(&self) -> impl Iterator<Item = (&str, Version)> {
        let changes = self.changes.iter().map(|change| (change.name.as_str(), change.expected));
        changes.chain(self.guards.iter().map(|(name, version)| (name.as_str(), *version)))
    }
}

impl<'a, R> Plan<'a, R> {
    /// Takes the units one after the other, each on what those before it made.
    pub(super) fn make(
        units: impl Iterator<Item = &'a Unit<R>>,
        present: &Present,
        clock: &dyn Clock,
        options: &LogOptions,
    ) -> Self {
        let mut plan = Plan { answers: Vec::new(), records: BTreeMap::new(), logs: BTreeMap::new(), writers: 0 };
        for unit in units {
            let answer = plan.add(unit, present, clock, options);
            if answer.is_ok() && !unit.is_idle() {
                plan.writers += 1;
                clock.advance();
            }
            plan.answers.push(answer);
        }
        plan
    }

    /// Whether any log gets events, or begins, or goes.
    pub(super) fn changes_logs(&self) -> bool {
        !self.logs.is_empty()
    }

    fn add(
        &mut self,
        unit: &'a Unit<R>,
        present: &Present,
        clock: &dyn Clock,
        options: &LogOptions,
    ) -> Result<Option<StoredEvent>, CommitError> {
        if !unit.expectations().all(|(name, expected)| self.has(name, expected, present)) {
            return Err(CommitError::Conflict);
        }
        let mut states: HashMap<InstanceId, Option<LogState>> = HashMap::new();
        for change in &unit.logs {
            let instance = change.instance();
            let state = states.entry(instance).or_insert_with(|| self.state(instance, present));
            *state = change.applied_to(*state)?;
        }
        for change in &unit.logs {
            self.log(change.instance(), present).apply(change)?;
        }
        let event = unit.event.as_ref().map(|draft| {
            let instance = draft.source.instance_id();
            let log = self.log(instance, present);
            let event = log.state.get_or_insert_with(|| LogState::after(Anchor::BEGINNING)).stamp(
                instance,
                draft,
                clock.now(),
                options,
            );
            log.events.push(event.clone());
            event
        });
        for change in &unit.changes {
            self.records.insert(&change.name, change.value.as_ref());
        }
        Ok(event)
    }

    /// Whether the record has this version now. A value of this group has one that nobody can know yet.
    fn has(&self, name: &str, expected: Version, present: &Present) -> bool {
        match self.records.get(name) {
            Some(Some(_)) => false,
            Some(None) => expected == Version::ABSENT,
            None => present.versions.get(name).copied().unwrap_or(Version::ABSENT) == expected,
        }
    }

    fn state(&self, instance: InstanceId, present: &Present) -> Option<LogState> {
        match self.logs.get(&instance) {
            Some(log) => log.state,
            None => present.logs.get(&instance).map(|(_, state)| *state),
        }
    }

    fn log(&mut self, instance: InstanceId, present: &Present) -> &mut LogPlan {
        self.logs.entry(instance).or_insert_with(|| {
            let there = present.logs.get(&instance);
            LogPlan {
                kept: there.map(|(log, _)| *log),
                dropped: false,
                state: there.map(|(_, state)| *state),
                events: Vec::new(),
            }
        })
    }
}

impl LogPlan {
    fn apply(&mut self, change: &LogChange) -> Result<(), CommitError> {
        self.state = change.applied_to(self.state)?;
        match change {
            LogChange::Begin { .. } => {}
            LogChange::Append { events, .. } => self.events.extend_from_slice(events),
            LogChange::Drop(_) => {
                self.dropped |= self.kept.take().is_some();
                self.events.clear();
            }
        }
        Ok(())
    }
}

/// About the bytes of an event that is not rendered yet, and of the rows around it.
const EVENT: usize = 2048;
