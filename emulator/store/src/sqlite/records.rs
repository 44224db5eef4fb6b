//! Records in the file.
//!
//! The row of a record says where its value stands. A value that outgrows its slot, or becomes much smaller, moves to
//! another one; the old slot is filled with zeros and waits for a value of its size. Slots are only ever appended to
//! their table or overwritten with as many bytes, so SQLite never moves one.

use std::collections::HashMap;
use std::hash::Hash;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::head::{count, integer};
use crate::Version;

/// A value, filled up to the size of its slot.
pub(super) struct Padded {
    bytes: Vec<u8>,
    length: usize,
}

/// The writer's side: where the values of records are, as far as it has been asked. All of it can be read again.
pub(super) struct Places<K>(HashMap<K, Place>);

/// Where a record's value is.
#[derive(Clone, Copy)]
struct Place {
    id: i64,
    slot: i64,
    size: usize,
}

impl Padded {
    pub(super) fn new(mut bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        bytes.resize(slot_size(length), 0);
        Padded { bytes, length }
    }

    /// Bytes of its slot.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }
}

/// The version of a record.
pub(super) fn version(connection: &Connection, name: &str) -> Result<Version, Failure> {
    let mut select = connection.prepare_cached("SELECT version FROM records WHERE name = ?")?;
    match select.query_row([name], |row| row.get(0)).optional()? {
        Some(version) => Ok(Version(count(version)?)),
        None => Ok(Version::ABSENT),
    }
}

/// The version and the value of a record.
pub(super) fn read(connection: &Connection, name: &str) -> Result<Option<(Version, Vec<u8>)>, Failure> {
    let mut select = connection
        .prepare_cached("SELECT version, length, value FROM records LEFT JOIN slots USING (slot) WHERE name = ?")?;
    let row = select
        .query_row([name], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<Vec<u8>>>(2)?)))
        .optional()?;
    let Some((version, length, value)) = row else { return Ok(None) };
    let damaged = || Failure::damaged(format_args!("record '{}' is not in its slot", name.escape_debug()));
    let mut value = value.ok_or_else(damaged)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= value.len()).ok_or_else(damaged)?;
    value.truncate(length);
    Ok(Some((Version(count(version)?), value)))
}

impl<K: Eq + Hash + Clone> Places<K> {
    pub(super) fn new() -> Self {
        Places(HashMap::new())
    }

    /// Writes a record, new or not.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        (key, name): (&K, &str),
        version: Version,
        value: &Padded,
    ) -> Result<(), Failure> {
        let (version, length, size) = (integer(version.0), value.length as i64, value.size());
        match self.of(connection, key, name)? {
            Some(place) if place.size == size => {
                overwrite(connection, place.slot, &value.bytes)?;
                let mut update =
                    connection.prepare_cached("UPDATE records SET version = ?, length = ? WHERE id = ?")?;
                update.execute(params![version, length, place.id])?;
            }
            Some(place) => {
                let slot = fill(connection, value)?;
                let mut update =
                    connection.prepare_cached("UPDATE records SET version = ?, length = ?, slot = ? WHERE id = ?")?;
                update.execute(params![version, length, slot, place.id])?;
                clear(connection, place)?;
                self.0.insert(key.clone(), Place { slot, size, ..place });
            }
            None => {
                let slot = fill(connection, value)?;
                let mut insert = connection
                    .prepare_cached("INSERT INTO records (name, version, slot, length) VALUES (?, ?, ?, ?)")?;
                insert.execute(params![name, version, slot, length])?;
                self.0.insert(key.clone(), Place { id: connection.last_insert_rowid(), slot, size });
            }
        }
        Ok(())
    }

    /// Deletes a record, if it is there.
    pub(super) fn delete(&mut self, connection: &Connection, (key, name): (&K, &str)) -> Result<(), Failure> {
        if let Some(place) = self.of(connection, key, name)? {
            connection.prepare_cached("DELETE FROM records WHERE id = ?")?.execute([place.id])?;
            clear(connection, place)?;
            self.0.remove(key);
        }
        Ok(())
    }

    /// After a transaction that did not happen.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, connection: &Connection, key: &K, name: &str) -> Result<Option<Place>, Failure> {
        if let Some(place) = self.0.get(key) {
            return Ok(Some(*place));
        }
        let place = stored_place(connection, name)?;
        if let Some(place) = place {
            self.0.insert(key.clone(), place);
        }
        Ok(place)
    }
}

fn stored_place(connection: &Connection, name: &str) -> Result<Option<Place>, Failure> {
    let mut select = connection.prepare_cached("SELECT id, slot, length FROM records WHERE name = ?")?;
    let found = select.query_row([name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((id, slot, length)) = found else { return Ok(None) };
    let length = usize::try_from(count(length)?).unwrap_or(usize::MAX);
    Ok(Some(Place { id, slot, size: slot_size(length) }))
}

/// Puts a value into a spare slot of its size, or into a new one.
fn fill(connection: &Connection, value: &Padded) -> Result<i64, Failure> {
    let mut spare = connection.prepare_cached("SELECT slot FROM spare_slots WHERE size = ? LIMIT 1")?;
    match spare.query_row([value.size() as i64], |row| row.get(0)).optional()? {
        Some(slot) => {
            connection.prepare_cached("DELETE FROM spare_slots WHERE slot = ?")?.execute([slot])?;
            overwrite(connection, slot, &value.bytes)?;
            Ok(slot)
        }
        None => {
            connection.prepare_cached("INSERT INTO slots (value) VALUES (?)")?.execute([&value.bytes])?;
            Ok(connection.last_insert_rowid())
        }
    }
}

/// Fills a slot with zeros and keeps it for later.
fn clear(connection: &Connection, place: Place) -> Result<(), Failure> {
    overwrite(connection, place.slot, &vec![0; place.size])?;
    let mut insert = connection.prepare_cached("INSERT INTO spare_slots (slot, size) VALUES (?, ?)")?;
    insert.execute(params![place.slot, place.size as i64])?;
    Ok(())
}

fn overwrite(connection: &Connection, slot: i64, bytes: &[u8]) -> Result<(), Failure> {
    let mut update = connection.prepare_cached("UPDATE slots SET value = ? WHERE slot = ? AND length(value) = ?")?;
    match update.execute(params![bytes, slot, bytes.len() as i64])? {
        1 => Ok(()),
        _ => Err(Failure::damaged(format_args!("slot {slot} does not have {} bytes", bytes.len()))),
    }
}

/// The size of the slot for a value: a quarter more than it needs, at most, apart from the smallest ones.
fn slot_size(length: usize) -> usize {
    let power = length.max(SMALLEST_SLOT).checked_next_power_of_two().unwrap_or(usize::MAX);
    let step = (power / 8).max(SMALLEST_SLOT);
    length.max(1).checked_next_multiple_of(step).unwrap_or(usize::MAX)
}

const SMALLEST_SLOT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_large_enough_and_waste_little() {
        for (length, size) in
            [(0, 64), (1, 64), (64, 64), (65, 128), (500, 512), (513, 640), (1024, 1024), (1025, 1280), (8000, 8192)]
        {
            assert_eq!(slot_size(length), size, "{length}");
        }
        for length in 500..20_000 {
            let size = slot_size(length);
            assert!(size >= length && size <= length + length / 4 + 64, "{length} in {size}");
            assert_eq!(slot_size(size), size);
        }
    }
}
