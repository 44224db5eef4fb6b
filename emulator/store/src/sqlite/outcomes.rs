//! What became of operations, in the file.
//!
//! Every operation that is taken into a transaction has a number of its own. A row of `outcomes` says that the operations
//! from `first` to `number` were committed; most transactions leave one row. A row without a session says that the
//! outcomes up to it are forgotten.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::head::{count, integer};
use crate::{Fate, Version};

/// Operations that follow each other, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Span {
    pub(super) fn contains(self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }

    /// Numbers in ascending order as few spans.
    pub(super) fn covering(numbers: impl Iterator<Item = u64>) -> Vec<Self> {
        let mut spans: Vec<Span> = Vec::new();
        for number in numbers {
            match spans.last_mut() {
                Some(span) if span.last + 1 == number => span.last = number,
                _ => spans.push(Span { first: number, last: number }),
            }
        }
        spans
    }
}

/// Writes down that these operations happen, with the transaction that this is written in.
pub(super) fn write(connection: &Connection, session: u64, spans: &[Span], version: Version) -> Result<(), Failure> {
    let mut insert =
        connection.prepare_cached("INSERT INTO outcomes (number, first, session, version) VALUES (?, ?, ?, ?)")?;
    for Span { first, last } in spans {
        insert.execute(params![integer(*last), integer(*first), session.cast_signed(), integer(version.0)])?;
    }
    Ok(())
}

/// Forgets all but the newest rows.
pub(super) fn forget(connection: &Connection, kept: u32) -> Result<(), Failure> {
    let mut oldest = connection.prepare_cached("SELECT number FROM outcomes ORDER BY number DESC LIMIT 1 OFFSET ?")?;
    let Some(oldest) = oldest.query_row([kept], |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(());
    };
    connection.prepare_cached("DELETE FROM outcomes WHERE number <= ?")?.execute([oldest])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO outcomes (number, first, session, version) VALUES (?, 1, NULL, 0)")?;
    insert.execute([oldest])?;
    Ok(())
}

/// The highest number and version that were given out.
pub(super) fn newest(connection: &Connection) -> Result<(u64, Version), Failure> {
    let newest = connection
        .query_row("SELECT number, version FROM outcomes ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match newest {
        Some((number, version)) => Ok((count(number)?, Version(count(version)?))),
        None => Ok((0, Version::ABSENT)),
    }
}

/// What became of an operation that is not under way.
pub(super) fn fate(connection: &Connection, session: u64, number: u64) -> Result<Fate, Failure> {
    let mut select =
        connection.prepare_cached("SELECT first, session FROM outcomes WHERE number >= ? ORDER BY number LIMIT 1")?;
    let row = select
        .query_row([integer(number)], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)))
        .optional()?;
    Ok(match row {
        Some((first, stored)) if first <= integer(number) => match stored {
            None => Fate::Unsettled,
            Some(stored) if stored == session.cast_signed() => Fate::Committed,
            Some(_) => Fate::NotCommitted,
        },
        _ => Fate::NotCommitted,
    })
}

/// Whether any operation of a transaction was committed.
pub(super) fn any(connection: &Connection, session: u64, span: Span) -> Result<bool, Failure> {
    let mut select =
        connection.prepare_cached("SELECT 1 FROM outcomes WHERE number BETWEEN ? AND ? AND session = ? LIMIT 1")?;
    Ok(select.exists(params![integer(span.first), integer(span.last), session.cast_signed()])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema/0001_records_and_logs.sql")).unwrap();
        connection
    }

    fn span(first: u64, last: u64) -> Span {
        Span { first, last }
    }

    #[test]
    fn numbers_in_a_row_are_one_span() {
        assert_eq!(Span::covering([3, 4, 5, 7, 9, 10].into_iter()), [span(3, 5), span(7, 7), span(9, 10)]);
        assert_eq!(Span::covering(std::iter::empty()), []);
    }

    #[test]
    fn each_operation_has_its_own_fate() {
        let connection = file();
        write(&connection, u64::MAX, &[span(2, 4), span(6, 6)], Version(1)).unwrap();
        write(&connection, 8, &[span(7, 9)], Version(2)).unwrap();
        let fates = |session| (1..=10).filter(|n| fate(&connection, session, *n).unwrap() == Fate::Committed).collect();
        let (first, second): (Vec<u64>, Vec<u64>) = (fates(u64::MAX), fates(8));
        assert_eq!((first, second), (vec![2, 3, 4, 6], vec![7, 8, 9]));
        assert_eq!(newest(&connection).unwrap(), (9, Version(2)));
        assert!(any(&connection, 8, span(7, 9)).unwrap() && !any(&connection, 8, span(2, 4)).unwrap());
    }

    #[test]
    fn of_what_is_forgotten_nothing_is_claimed() {
        let connection = file();
        for number in 1..=10 {
            write(&connection, 1, &[span(number * 2, number * 2)], Version(number)).unwrap();
        }
        for _ in 0..2 {
            forget(&connection, 4).unwrap();
            for number in 1..=12 {
                assert_eq!(fate(&connection, 1, number).unwrap(), Fate::Unsettled, "{number}");
            }
            assert_eq!(fate(&connection, 1, 13).unwrap(), Fate::NotCommitted);
            assert_eq!(fate(&connection, 1, 14).unwrap(), Fate::Committed);
        }
        assert_eq!(newest(&connection).unwrap(), (20, Version(10)));
    }
}
