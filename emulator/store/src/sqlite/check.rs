//! Whether a file is whole: everything in it is looked at once, as of one moment, in bounded memory.

use std::fmt;

use hpcs_names::InstanceId;
use rusqlite::{Connection, OptionalExtension, Row};

use super::SqliteStore;
use super::events;
use super::failure::Failure;
use super::head::{self, Head, LogNumber};
use super::kinds::Kinds;
use super::open;
use super::outcomes;
use super::records;
use crate::{Anchor, Broken, Codec, LogState, Unavailable, Version};

/// Something in a file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// SQLite itself finds the file, or a part of it, damaged.
    File(String),
    /// A record cannot be decoded, or has a version that was never given out.
    Record {
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// An event does not follow the one before it, or what retention has cut away before it.
    Event {
        /// Whose log it is in.
        instance: InstanceId,
        /// What is wrong.
        broken: Broken,
    },
    /// An event cannot be read, or what the head of the log says is not what is there.
    Log {
        /// Whose log; `None` where not even that can be read.
        instance: Option<InstanceId>,
        /// What is wrong.
        what: String,
    },
    /// Events that belong to no log.
    Orphans {
        /// The number of the log that is missing.
        number: i64,
    },
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Records.
    pub records: u64,
    /// Logs.
    pub logs: u64,
    /// Events in them.
    pub events: u64,
    /// Events whose digest was verified.
    pub chained: u64,
    /// What is wrong.
    pub findings: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::File(what) => write!(f, "the file: {what}"),
            Finding::Record { name, what } => write!(f, "record '{}': {what}", name.escape_debug()),
            Finding::Event { instance, broken } => write!(f, "log of instance {instance}: {broken}"),
            Finding::Log { instance: Some(instance), what } => write!(f, "log of instance {instance}: {what}"),
            Finding::Log { instance: None, what } => write!(f, "a log: {what}"),
            Finding::Orphans { number } => write!(f, "there are events of log {number}, but not the log"),
        }
    }
}

impl<K, R> SqliteStore<K, R> {
    /// Reads everything as of one moment: SQLite finds its file in order, every record decodes, every log is gapless from
    /// its anchor to its head, its times never run back and its digests build on each other. Findings are handed to
    /// `report` as they are made.
    ///
    /// It blocks, for minutes if the file is large, and others go on working meanwhile; only the write-ahead log is not
    /// emptied for that long, so that commits that erase have an unknown outcome until the end.
    ///
    /// # Errors
    /// [`Unavailable`] when the file cannot be opened. What is wrong in it is a finding.
    pub fn check(&self, report: &mut dyn FnMut(Finding)) -> Result<Checked, Unavailable> {
        let begun = open::reader(self.readers.file(), self.deadline).and_then(|connection| {
            connection.execute_batch("BEGIN")?;
            Ok(connection)
        });
        let connection = begun.map_err(|error| self.shared.unavailable(error))?;
        let mut check = Check { connection: &connection, report, seen: Checked::default() };
        check.section(Check::integrity);
        check.section(|check| check.records(&*self.codec));
        check.section(Check::slots);
        check.section(Check::logs);
        check.section(Check::orphans);
        Ok(check.seen)
    }
}

struct Check<'a> {
    connection: &'a Connection,
    report: &'a mut dyn FnMut(Finding),
    seen: Checked,
}

impl Check<'_> {
    /// One part of the check. Where reading fails, the next part still begins.
    fn section(&mut self, part: impl FnOnce(&mut Self) -> Result<(), Failure>) {
        if let Err(failure) = part(self) {
            self.found(Finding::File(failure.into_text()));
        }
    }

    fn found(&mut self, finding: Finding) {
        self.seen.findings += 1;
        (self.report)(finding);
    }

    fn integrity(&mut self) -> Result<(), Failure> {
        let mut check = self.connection.prepare(&format!("PRAGMA integrity_check({FINDINGS_OF_SQLITE})"))?;
        let mut rows = check.query([])?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(0)?;
            if text != "ok" {
                self.found(Finding::File(text));
            }
        }
        Ok(())
    }

    fn records<K, R>(&mut self, codec: &dyn Codec<K, R>) -> Result<(), Failure> {
        let (_, newest) = outcomes::newest(self.connection)?;
        let mut select = self.connection.prepare("SELECT name FROM records")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            self.seen.records += 1;
            let name: String = row.get(0)?;
            let what = match records::read(self.connection, &name) {
                Err(failure) => failure.into_text(),
                Ok(None) => "the index by name does not have it".to_owned(),
                Ok(Some((version, _))) if version > newest || version == Version::ABSENT => {
                    format!("version {} was never given out", version.0)
                }
                Ok(Some((_, value))) => match codec.decode(&name, &value) {
                    Ok(_) => continue,
                    Err(error) => error.to_string(),
                },
            };
            self.found(Finding::Record { name, what });
        }
        Ok(())
    }

    /// Every slot belongs to one record, or to none and is empty.
    fn slots(&mut self) -> Result<(), Failure> {
        let mut select = self.connection.prepare(
            "SELECT slots.slot, slots.value, spare_slots.slot, records.slot FROM slots
             LEFT JOIN spare_slots ON spare_slots.slot = slots.slot LEFT JOIN records ON records.slot = slots.slot",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (slot, spare, used): (i64, Option<i64>, Option<i64>) = (row.get(0)?, row.get(2)?, row.get(3)?);
            let value = row.get_ref(1)?.as_blob().map_err(|_| Failure::damaged("a value is not a blob"))?;
            let what = match (spare.is_some(), used.is_some()) {
                (true, true) => "is spare, but a record uses it",
                (false, false) => "is not spare, but no record uses it",
                (true, false) if value.iter().any(|byte| *byte != 0) => "is spare, but not empty",
                _ => continue,
            };
            self.found(Finding::File(format!("slot {slot} {what}")));
        }
        Ok(())
    }

    fn logs(&mut self) -> Result<(), Failure> {
        let mut kinds = Kinds::default();
        kinds.refresh(self.connection)?;
        let mut select = self.connection.prepare(&format!("{} WHERE instance IS NOT NULL", head::SELECT))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            self.seen.logs += 1;
            match log(row) {
                Ok((instance, head)) => self.log(instance, head, &kinds)?,
                Err(failure) => self.found(Finding::Log { instance: None, what: failure.into_text() }),
            }
        }
        Ok(())
    }

    /// Follows one log from its anchor to its end.
    fn log(&mut self, instance: InstanceId, head: Head, kinds: &Kinds) -> Result<(), Failure> {
        let Head { number, state: end } = head;
        let mut state = LogState::after(end.anchor);
        let (first, last) = number.ids();
        let mut select = self
            .connection
            .prepare_cached("SELECT id, kind, time, digest, line FROM events WHERE id BETWEEN ? AND ? ORDER BY id")?;
        let mut rows = select.query([first, last])?;
        while let Some(row) = rows.next()? {
            self.seen.events += 1;
            let event = match events::event(row, instance, kinds) {
                Ok(event) => event,
                Err(failure) => {
                    let what = format!("event {}: {}", LogNumber::sequence(row.get(0)?), failure.into_text());
                    self.found(Finding::Log { instance: Some(instance), what });
                    continue;
                }
            };
            self.seen.chained += u64::from(event.digest.is_some());
            if let Err(broken) = state.follow(&event) {
                self.found(Finding::Event { instance, broken });
                // Each fault is told once: what follows is held against what is there.
                state.last = Anchor { sequence: event.sequence, time: event.time, digest: event.digest };
                state.bytes += event.line.len() as u64;
            }
        }
        if state.last != end.last {
            let (found, said) = (state.last.sequence, end.last.sequence);
            let what = match found == said {
                true => format!("its head has another time or digest than event {found}, the last one"),
                false => format!("it ends with event {found}, its head says {said}"),
            };
            self.found(Finding::Log { instance: Some(instance), what });
        } else if state.bytes != end.bytes {
            let what = format!("its lines have {} bytes, its head says {}", state.bytes, end.bytes);
            self.found(Finding::Log { instance: Some(instance), what });
        }
        Ok(())
    }

    fn orphans(&mut self) -> Result<(), Failure> {
        let mut from = i64::MIN;
        let mut next = self.connection.prepare("SELECT id FROM events WHERE id >= ? ORDER BY id LIMIT 1")?;
        let mut exists = self.connection.prepare("SELECT 1 FROM logs WHERE number = ?")?;
        while let Some(id) = next.query_row([from], |row| row.get(0)).optional()? {
            let number = LogNumber::of(id);
            if !exists.exists([number.0])? {
                self.found(Finding::Orphans { number: number.0 });
            }
            let (_, last) = number.ids();
            match last.checked_add(1) {
                Some(behind) => from = behind,
                None => break,
            }
        }
        Ok(())
    }
}

/// A row of [`head::SELECT`] with its instance.
fn log(row: &Row<'_>) -> Result<(InstanceId, Head), Failure> {
    let instance = row.get_ref(8)?.as_blob().map_err(|_| Failure::damaged("an instance is not a blob"))?;
    Ok((head::instance(instance)?, Head::from_row(row)?))
}

/// SQLite stops after so many of its own findings.
const FINDINGS_OF_SQLITE: u32 = 100;
