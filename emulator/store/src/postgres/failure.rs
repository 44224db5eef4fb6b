//! What can go wrong between this program and the server.

use std::error::Error as _;

use tokio_postgres::error::{Severity, SqlState};

/// Why a step was not taken, or why nobody can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The server answered with an error: the step was not taken.
    Refused(String),
    /// Another transaction was in the way: the step was not taken, and may be tried again.
    Contended(String),
    /// The connection was lost, or no answer came in time: the step may have been taken or not.
    Lost(String),
}

impl Failure {
    /// What went wrong.
    pub(super) fn text(&self) -> &str {
        match self {
            Failure::Refused(text) | Failure::Contended(text) | Failure::Lost(text) => text,
        }
    }

    /// No answer came before the deadline.
    pub(super) fn late() -> Self {
        Failure::Lost("no answer in time".to_owned())
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            return Failure::Lost(text);
        };
        // The message alone: details repeat values.
        let text = format!("{} (SQLSTATE {})", db.message(), db.code().code());
        let ends_connection = matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
        if ends_connection || db.code().code().starts_with(OPERATOR_INTERVENTION) {
            Failure::Lost(text)
        } else if CONTENTION.contains(db.code()) {
            Failure::Contended(text)
        } else {
            Failure::Refused(text)
        }
    }
}

/// Shutdown, crash, start-up: the connection is, or will be, closed.
const OPERATOR_INTERVENTION: &str = "57P";

const CONTENTION: &[SqlState] = &[
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
    SqlState::LOCK_NOT_AVAILABLE,
    SqlState::UNIQUE_VIOLATION,
];
