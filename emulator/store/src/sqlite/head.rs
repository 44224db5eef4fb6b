//! The row of a log: where its events lie and how far it has come.

use hpcs_audit::EventTime;
use hpcs_names::{InstanceId, Uuid};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::Failure;
use crate::{Anchor, Digest, LogState};

/// A log as its row says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) number: LogNumber,
    pub(super) state: LogState,
}

/// The number of a log in the file; another one when a log is dropped and begun again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogNumber(pub(super) i64);

impl LogNumber {
    /// The id of an event.
    pub(super) fn id(self, sequence: u64) -> i64 {
        self.0 << SEQUENCE_BITS | (sequence.min(HIGHEST_SEQUENCE) as i64)
    }

    /// The sequence in an id.
    pub(super) fn sequence(id: i64) -> u64 {
        id as u64 & HIGHEST_SEQUENCE
    }

    /// The log in an id.
    pub(super) fn of(id: i64) -> Self {
        LogNumber(id >> SEQUENCE_BITS)
    }

    /// The ids of all events that the log can have.
    pub(super) fn ids(self) -> (i64, i64) {
        (self.id(0), self.id(HIGHEST_SEQUENCE))
    }
}

impl Head {
    /// The head of an instance's log.
    pub(super) fn load(connection: &Connection, instance: InstanceId) -> Result<Option<Self>, Failure> {
        let mut select = connection.prepare_cached(&format!("{SELECT} WHERE instance = ?"))?;
        let row = select.query_row([instance.0.as_bytes()], |row| Ok(Head::from_row(row))).optional()?;
        row.transpose()
    }

    /// Begins a log.
    pub(super) fn insert(connection: &Connection, instance: InstanceId, state: LogState) -> Result<Self, Failure> {
        let mut insert = connection.prepare_cached(
            "INSERT INTO logs (instance, anchor_sequence, anchor_time, anchor_digest, last_sequence, last_time,
             last_digest, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        let (anchor, last) = (Fields::of(&state.anchor), Fields::of(&state.last));
        insert.execute(params![
            instance.0.as_bytes(),
            anchor.sequence,
            anchor.time,
            anchor.digest,
            last.sequence,
            last.time,
            last.digest,
            integer(state.bytes)
        ])?;
        let number = connection.last_insert_rowid();
        if number > HIGHEST_LOG {
            return Err(Failure::Refused("no more logs can be begun in this file".to_owned()));
        }
        Ok(Head { number: LogNumber(number), state })
    }

    /// Writes how far the log has come.
    pub(super) fn save(&self, connection: &Connection) -> Result<(), Failure> {
        let mut update = connection.prepare_cached(
            "UPDATE logs SET anchor_sequence = ?, anchor_time = ?, anchor_digest = ?, last_sequence = ?,
             last_time = ?, last_digest = ?, bytes = ? WHERE number = ?",
        )?;
        let (anchor, last) = (Fields::of(&self.state.anchor), Fields::of(&self.state.last));
        update.execute(params![
            anchor.sequence,
            anchor.time,
            anchor.digest,
            last.sequence,
            last.time,
            last.digest,
            integer(self.state.bytes),
            self.number.0
        ])?;
        Ok(())
    }

    /// Takes the log from its instance. Its events go later, in batches.
    pub(super) fn orphan(&self, connection: &Connection) -> Result<(), Failure> {
        connection.prepare_cached("UPDATE logs SET instance = NULL WHERE number = ?")?.execute([self.number.0])?;
        Ok(())
    }

    /// A row of [`SELECT`].
    pub(super) fn from_row(row: &Row<'_>) -> Result<Self, Failure> {
        let number = LogNumber(row.get(0)?);
        let anchor =
            Anchor { sequence: count(row.get(1)?)?, time: time(row.get(2)?)?, digest: digest(row.get_ref(3)?)? };
        let last = Anchor { sequence: count(row.get(4)?)?, time: time(row.get(5)?)?, digest: digest(row.get_ref(6)?)? };
        let bytes = count(row.get(7)?)?;
        let plausible = (1..=HIGHEST_LOG).contains(&number.0)
            && anchor.sequence <= last.sequence
            && last.sequence < HIGHEST_SEQUENCE;
        if !plausible {
            return Err(Failure::damaged(format_args!("the head of log {} contradicts itself", number.0)));
        }
        Ok(Head { number, state: LogState { anchor, last, bytes } })
    }
}

/// An anchor as columns.
struct Fields<'a> {
    sequence: i64,
    time: i64,
    digest: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn of(anchor: &'a Anchor) -> Self {
        Fields {
            sequence: integer(anchor.sequence),
            time: integer(anchor.time.unix_millis()),
            digest: anchor.digest.as_ref().map(|digest| digest.as_slice()),
        }
    }
}

/// A number for a column; everything that is counted here stays far below the limit.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A number from a column that is never negative.
pub(super) fn count(value: i64) -> Result<u64, Failure> {
    u64::try_from(value).map_err(|_| Failure::damaged(format_args!("{value} stands where a count is expected")))
}

/// A time from a column.
pub(super) fn time(millis: i64) -> Result<EventTime, Failure> {
    count(millis).map(EventTime::from_unix_millis)
}

/// A digest from a column.
pub(super) fn digest(value: ValueRef<'_>) -> Result<Option<Digest>, Failure> {
    let bytes = value.as_blob_or_null().map_err(|_| Failure::damaged("a digest is not a blob"))?;
    let digest = bytes.map(Digest::try_from).transpose();
    digest.map_err(|_| Failure::damaged("a digest does not have 32 bytes"))
}

/// An instance from a column.
pub(super) fn instance(value: &[u8]) -> Result<InstanceId, Failure> {
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = match (hex.get(..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..32), hex.len()) {
        (Some(a), Some(b), Some(c), Some(d), Some(e), 32) => format!("{a}-{b}-{c}-{d}-{e}"),
        _ => return Err(Failure::damaged("an instance does not have 16 bytes")),
    };
    text.parse::<Uuid>().map(InstanceId).map_err(Failure::damaged)
}

/// What [`Head::from_row`] reads.
pub(super) const SELECT: &str = "SELECT number, anchor_sequence, anchor_time, anchor_digest, last_sequence, last_time, \
                                 last_digest, bytes, instance FROM logs";

/// Bits of an event's id that are its sequence.
const SEQUENCE_BITS: u32 = 40;

/// The highest sequence that fits.
pub(super) const HIGHEST_SEQUENCE: u64 = (1 << SEQUENCE_BITS) - 1;

/// The highest number of a log that fits.
const HIGHEST_LOG: i64 = (1 << (63 - SEQUENCE_BITS)) - 1;
