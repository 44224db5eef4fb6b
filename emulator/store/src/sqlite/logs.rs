//! The writer's side of the logs: events are appended, cut away and dropped.

use std::collections::{HashMap, HashSet};

use hpcs_audit::{EventDraft, EventTime};
use hpcs_names::InstanceId;
use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::head::{self, Head, LogNumber, integer};
use super::kinds::{Kind, Numbers};
use crate::{Anchor, LogChange, LogOptions, LogState, StoredEvent};

/// What the writer knows of the logs. All of it can be read again from the file.
pub(super) struct Logs {
    options: LogOptions,
    heads: HashMap<InstanceId, Option<Known>>,
    kinds: Numbers,
    /// Logs whose heads differ from their rows.
    changed: HashSet<InstanceId>,
    /// Logs that have more to be cut than one transaction took.
    overdue: HashSet<InstanceId>,
    /// Whether dropped logs may still have events in the file.
    dropped: bool,
    /// Events that were appended since the last cut.
    appended: u64,
}

#[derive(Clone, Copy)]
struct Known {
    head: Head,
    /// The time of the first event; `None` while it is not known.
    oldest: Option<EventTime>,
}

impl Logs {
    /// A file may hold what is left of dropped logs.
    pub(super) fn new(connection: &Connection, options: LogOptions) -> Result<Self, Failure> {
        let orphans = "SELECT EXISTS (SELECT 1 FROM logs WHERE instance IS NULL)";
        let dropped = connection.query_row(orphans, [], |row| row.get(0))?;
        Ok(Logs {
            options,
            heads: HashMap::new(),
            kinds: Numbers::default(),
            changed: HashSet::new(),
            overdue: HashSet::new(),
            dropped,
            appended: 0,
        })
    }

    /// How far a log has come.
    pub(super) fn state(&mut self, connection: &Connection, instance: InstanceId) -> Result<Option<LogState>, Failure> {
        Ok(self.known(connection, instance)?.map(|known| known.head.state))
    }

    /// Does what befalls a whole log. It was checked before that it fits.
    pub(super) fn change(&mut self, connection: &Connection, change: &LogChange) -> Result<(), Failure> {
        let instance = change.instance();
        match change {
            LogChange::Begin { anchor, .. } => self.begin(connection, instance, *anchor).map(drop),
            LogChange::Append { events, .. } => {
                let mut known = self.present(connection, instance)?;
                for event in events {
                    known.head.state.follow(event).map_err(Failure::damaged)?;
                    self.insert(connection, &mut known, event)?;
                }
                self.put(instance, known);
                Ok(())
            }
            LogChange::Drop(_) => {
                if let Some(known) = self.known(connection, instance)? {
                    known.head.orphan(connection)?;
                    self.dropped = true;
                }
                self.heads.insert(instance, None);
                self.changed.remove(&instance);
                self.overdue.remove(&instance);
                Ok(())
            }
        }
    }

    /// Stamps an operation's event and appends it; its log begins with it if need be.
    pub(super) fn append(
        &mut self,
        connection: &Connection,
        draft: &EventDraft,
        now: EventTime,
    ) -> Result<StoredEvent, Failure> {
        let instance = draft.source.instance_id();
        let mut known = self.present(connection, instance)?;
        let event = known.head.state.stamp(instance, draft, now, &self.options);
        self.insert(connection, &mut known, &event)?;
        self.put(instance, known);
        Ok(event)
    }

    /// Writes the heads that have changed.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), Failure> {
        for instance in self.changed.drain() {
            if let Some(Some(known)) = self.heads.get(&instance) {
                known.head.save(connection)?;
            }
        }
        Ok(())
    }

    /// Whether there is something to cut that no commit asks for.
    pub(super) fn has_chores(&self) -> bool {
        self.dropped || !self.overdue.is_empty()
    }

    /// Cuts away what retention does not keep, and a part of what dropped logs have left: a small one when someone waits.
    pub(super) fn cut(&mut self, connection: &Connection, now: EventTime, awaited: bool) -> Result<(), Failure> {
        // Twice of what came: a log that is far beyond its bounds gets back to them.
        let mut budget = LEAST_CUT.max(self.appended.saturating_mul(2));
        self.appended = 0;
        let candidates: Vec<InstanceId> = self.changed.union(&self.overdue).copied().collect();
        for instance in candidates {
            let Some(mut known) = self.known(connection, instance)? else { continue };
            let before = known.head.state.anchor.sequence;
            let finished = self.cut_one(connection, &mut known, now, budget)?;
            let cut = known.head.state.anchor.sequence - before;
            budget = budget.saturating_sub(cut);
            if cut > 0 {
                self.put(instance, known);
            }
            if finished {
                self.overdue.remove(&instance);
            } else {
                self.overdue.insert(instance);
            }
        }
        if self.dropped {
            self.dropped = purge(connection, if awaited { LEAST_CUT / 8 } else { LEAST_CUT })?;
        }
        Ok(())
    }

    /// After a transaction that did not happen: everything is read again.
    pub(super) fn forget(&mut self) {
        self.heads.clear();
        self.kinds.forget();
        self.changed.clear();
        self.overdue.clear();
        self.dropped = true;
        self.appended = 0;
    }

    /// Whether nothing is left to be cut from the log.
    fn cut_one(
        &self,
        connection: &Connection,
        known: &mut Known,
        now: EventTime,
        budget: u64,
    ) -> Result<bool, Failure> {
        let retention = &self.options.retention;
        let Head { number, mut state } = known.head;
        let exceeded = retention.is_exceeded(state.len(), state.bytes);
        let expired = match retention.overdue(now) {
            Some(bound) if !state.is_empty() => oldest(connection, known)? < bound,
            _ => false,
        };
        if !exceeded && !expired {
            return Ok(true);
        }
        let horizon = retention.horizon(now).filter(|_| expired);
        let first = state.first();
        let mut finished = false;
        {
            let mut select = connection.prepare_cached(
                "SELECT id, time, digest, length(line) FROM events WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
            )?;
            let mut rows =
                select.query(params![number.id(first), number.id(state.last.sequence), integer(budget + 1)])?;
            while let Some(row) = rows.next()? {
                let (sequence, time) = (LogNumber::sequence(row.get(0)?), head::time(row.get(1)?)?);
                let surplus = exceeded && retention.has_surplus(state.len(), state.bytes);
                let old = horizon.is_some_and(|horizon| time < horizon);
                known.oldest = Some(time);
                // The newest event stays whatever its size: a reader should find what was just done.
                finished = !(surplus || old) || sequence == state.last.sequence;
                if finished || sequence - first >= budget {
                    break;
                }
                let digest = head::digest(row.get_ref(2)?)?;
                state.cut_to(Anchor { sequence, time, digest }, head::count(row.get(3)?)?);
            }
        }
        let cut = state.first() - first;
        if cut == 0 && !finished && budget > 0 {
            return Err(Failure::damaged(format_args!("the first event of log {} is missing", number.0)));
        }
        let mut delete = connection.prepare_cached("DELETE FROM events WHERE id BETWEEN ? AND ?")?;
        delete.execute([number.id(first), number.id(state.anchor.sequence)])?;
        known.head.state = state;
        Ok(finished || !retention.is_exceeded(state.len(), state.bytes) && !expired)
    }

    fn known(&mut self, connection: &Connection, instance: InstanceId) -> Result<Option<Known>, Failure> {
        if let Some(known) = self.heads.get(&instance) {
            return Ok(*known);
        }
        let known = Head::load(connection, instance)?.map(|head| Known { head, oldest: None });
        self.heads.insert(instance, known);
        Ok(known)
    }

    /// The log of an instance, begun if there is none.
    fn present(&mut self, connection: &Connection, instance: InstanceId) -> Result<Known, Failure> {
        match self.known(connection, instance)? {
            Some(known) => Ok(known),
            None => self.begin(connection, instance, Anchor::BEGINNING),
        }
    }

    fn begin(&mut self, connection: &Connection, instance: InstanceId, anchor: Anchor) -> Result<Known, Failure> {
        let head = Head::insert(connection, instance, LogState::after(anchor))?;
        let known = Known { head, oldest: None };
        self.heads.insert(instance, Some(known));
        Ok(known)
    }

    fn put(&mut self, instance: InstanceId, known: Known) {
        self.heads.insert(instance, Some(known));
        self.changed.insert(instance);
    }

    fn insert(&mut self, connection: &Connection, known: &mut Known, event: &StoredEvent) -> Result<(), Failure> {
        let kind = self.kinds.number(connection, Kind::of(event))?;
        let mut insert =
            connection.prepare_cached("INSERT INTO events (id, kind, time, digest, line) VALUES (?, ?, ?, ?, ?)")?;
        insert.execute(params![
            known.head.number.id(event.sequence),
            kind,
            integer(event.time.unix_millis()),
            event.digest.as_ref().map(|digest| digest.as_slice()),
            event.line.as_ref()
        ])?;
        if known.head.state.first() == event.sequence {
            known.oldest = Some(event.time);
        }
        self.appended += 1;
        Ok(())
    }
}

/// The time of the first event.
fn oldest(connection: &Connection, known: &mut Known) -> Result<EventTime, Failure> {
    if let Some(oldest) = known.oldest {
        return Ok(oldest);
    }
    let Head { number, state } = known.head;
    let mut select = connection.prepare_cached("SELECT time FROM events WHERE id = ?")?;
    let millis = select.query_row([number.id(state.first())], |row| row.get(0)).optional()?;
    let Some(millis) = millis else {
        return Err(Failure::damaged(format_args!("event {} of log {} is missing", state.first(), number.0)));
    };
    let oldest = head::time(millis)?;
    known.oldest = Some(oldest);
    Ok(oldest)
}

/// Deletes some events of a dropped log, or its row when there are none; whether there may be more.
fn purge(connection: &Connection, budget: u64) -> Result<bool, Failure> {
    let mut dropped = connection.prepare_cached("SELECT number FROM logs WHERE instance IS NULL LIMIT 1")?;
    let Some(number) = dropped.query_row([], |row| row.get(0)).optional()?.map(LogNumber) else {
        return Ok(false);
    };
    let (first, last) = number.ids();
    let mut delete = connection.prepare_cached(
        "DELETE FROM events WHERE id BETWEEN ?1 AND
         (SELECT max(id) FROM (SELECT id FROM events WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3))",
    )?;
    if delete.execute(params![first, last, integer(budget)])? == 0 {
        connection.prepare_cached("DELETE FROM logs WHERE number = ?")?.execute([number.0])?;
    }
    Ok(true)
}

/// Events that one transaction may always cut: some milliseconds' work.
const LEAST_CUT: u64 = 1024;
