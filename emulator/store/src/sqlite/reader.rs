//! Connections that only read, on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::failure::Failure;
use super::kinds::Kinds;
use super::open;

/// A few connections that take turns.
pub(super) struct Readers {
    file: PathBuf,
    deadline: Duration,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Reader>>,
}

/// One connection and what it has learnt.
struct Reader {
    connection: Connection,
    kinds: Kinds,
}

/// What a question is asked in: one moment of the file.
pub(super) struct Snapshot<'a> {
    pub(super) connection: &'a Connection,
    pub(super) kinds: &'a mut Kinds,
}

impl Readers {
    pub(super) fn new(file: PathBuf, deadline: Duration) -> Self {
        Readers { file, deadline, turns: Arc::new(Semaphore::new(CONNECTIONS)), idle: Mutex::new(Vec::new()) }
    }

    /// Asks a question on the blocking pool and waits for the answer, no longer than the deadline.
    ///
    /// # Errors
    /// What is wrong, as a text that does not name the file yet.
    pub(super) async fn ask<T, F>(self: &Arc<Self>, question: F) -> Result<T, String>
    where
        T: Send + 'static,
        F: FnOnce(Snapshot<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let readers = Arc::clone(self);
        let answer = async move {
            let Ok(turn) = Arc::clone(&readers.turns).acquire_owned().await else {
                return Err("the store is closed".to_owned());
            };
            let work = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                readers.answer(question).map_err(Failure::into_text)
            });
            work.await.unwrap_or_else(|_| Err("reading has ended unexpectedly".to_owned()))
        };
        timeout(self.deadline, answer).await.unwrap_or_else(|_| Err("it does not answer".to_owned()))
    }

    /// The file that is read.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Lets go of the connections. Questions that are being answered go on to their end.
    pub(super) fn close(&self) {
        self.turns.close();
        self.idle().clear();
    }

    fn answer<T>(&self, question: impl FnOnce(Snapshot<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let idle = self.idle().pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader { connection: open::reader(&self.file, self.deadline / 2)?, kinds: Kinds::default() },
        };
        let answer = reader.answer(question)?;
        // After a failure the connection is not kept: the next one may fare better.
        if !self.turns.is_closed() {
            self.idle().push(reader);
        }
        Ok(answer)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    fn answer<T>(&mut self, question: impl FnOnce(Snapshot<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let answer = question(Snapshot { connection: &transaction, kinds: &mut self.kinds })?;
        transaction.finish()?;
        Ok(answer)
    }
}

/// Reading is short and mostly from memory: more would only compete with the writer.
const CONNECTIONS: usize = 4;
