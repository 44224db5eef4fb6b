//! Steps of a transaction, and how they fail.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use rusqlite::ffi;

use crate::{Fault, FaultPoint, Faults};

/// Why a transaction, or a step of it, failed. The text does not name the file yet.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing of it is there.
    Refused(String),
    /// The step may have been taken; for a commit that means: all of it is there, or nothing.
    Open(String),
}

impl Failure {
    /// What is wrong with the file.
    pub(super) fn damaged(what: impl std::fmt::Display) -> Self {
        Failure::Refused(format!("the file is damaged: {what}"))
    }

    /// The failure of a COMMIT.
    ///
    /// When a write fails, the last frame of the transaction, the one that makes it valid, is not in the log: it is
    /// written last. When the synchronisation fails, it is, and a crash might bring the transaction back.
    pub(super) fn of_commit(error: &rusqlite::Error) -> Self {
        let code = error.sqlite_error().map_or(ffi::SQLITE_IOERR, |error| error.extended_code);
        match code & 0xff {
            ffi::SQLITE_IOERR if code != ffi::SQLITE_IOERR_WRITE => Failure::Open(error.to_string()),
            _ => Failure::Refused(error.to_string()),
        }
    }

    /// The failure of a step before the COMMIT: it is undone with the whole transaction, whether it was taken or not.
    pub(super) fn certain(self) -> Self {
        Failure::Refused(self.into_text())
    }

    /// The text alone.
    pub(super) fn into_text(self) -> String {
        match self {
            Failure::Refused(text) | Failure::Open(text) => text,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Refused(error.to_string())
    }
}

/// Asks before each step whether it is to fail on purpose.
pub(super) struct Steps(pub(super) Arc<dyn Faults>);

impl Steps {
    /// Takes a step, or does what the fault says instead.
    pub(super) fn take<T>(&self, point: FaultPoint, step: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        match self.0.at(point) {
            Fault::None => step(),
            Fault::Fail => Err(Failure::Refused(format!("a fault on purpose at '{point}'"))),
            Fault::AnswerLost => {
                step()?;
                Err(Failure::Open(format!("the answer was lost on purpose at '{point}'")))
            }
            Fault::StepLost => Err(Failure::Open(format!("the step was lost on purpose at '{point}'"))),
            Fault::Hang(until) => {
                wait_for(until);
                step()
            }
        }
    }
}

/// Blocks this thread until the future is done.
fn wait_for(future: impl Future<Output = ()>) {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    while future.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Pending {
        thread::park();
    }
}
