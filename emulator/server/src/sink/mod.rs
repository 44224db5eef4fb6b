//! The event sink: every committed event as a line of NDJSON in a file or on standard output.
//!
//! It follows the committed logs of all instances, those that are created later too, and never blocks the service. A line
//! that cannot be written is kept and tried again. Where the store outlives the process, so does the sink's position: a
//! restart goes on where the last run ended. After a crash it repeats what was written since the position was kept last.

mod error;
mod line_writer;
mod place;
mod position;
mod progress;
mod rotating_file;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use hpcs_engine::{Engine, Feed, FeedBatch, FeedPosition, FeedScope, FeedStart};
use hpcs_names::InstanceId;
use hpcs_service::Refusal;
use hpcs_store::{EventFilter, StoredEvent};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Log;
use crate::config::{EventsTo, ReplicaName};
use crate::seldom::Seldom;
use error::target_name;
use line_writer::LineWriter;
use position::Keeper;
use rotating_file::RotatingFile;

pub(crate) use error::{SinkError, SinkFault};
pub(crate) use place::TakenPlace;
pub(crate) use place::check as check_place;
pub(crate) use position::KeepPosition;
pub(crate) use progress::{Behind, Progress};

/// A sink at work.
pub(crate) struct Sink {
    finish: CancellationToken,
    reader_gone: CancellationToken,
    work: Option<Work>,
}

/// What a sink is that writes.
struct Work {
    task: JoinHandle<Result<(), SinkError>>,
    progress: Progress,
}

/// What a sink reads from, and whom it tells.
pub(crate) struct Source {
    pub(crate) engine: Engine,
    /// The replica whose sink it is, where several work on the store.
    pub(crate) replica: Option<ReplicaName>,
    pub(crate) log: Log,
}

/// Where lines go.
trait Target: Send {
    /// Writes lines, each with its end. After an error the number tells how many are there whole; part of the next may
    /// be, and the next call goes on with it.
    fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)>;
}

impl Sink {
    /// Starts writing: where the last run with this target ended, otherwise from the first event on. A target that is not
    /// ready, such as a FIFO without a reader, is waited for.
    ///
    /// # Errors
    /// [`SinkError`] when the file cannot be opened, standard output is not there, or the store cannot be read.
    pub(crate) async fn open(to: &EventsTo, keep: KeepPosition, source: Source) -> Result<Self, SinkError> {
        let (finish, reader_gone) = (CancellationToken::new(), CancellationToken::new());
        let path = match to {
            EventsTo::Log => return Ok(Sink { finish, reader_gone, work: None }),
            EventsTo::Stdout => None,
            EventsTo::File(rotation) => Some(rotation.path.clone()),
        };
        let Source { engine, replica, log } = source;
        let failed = |why| SinkError { path: path.clone(), unwritten: 0, why };
        let target = opened(to, &log).await.map_err(|error| failed(SinkFault::Target(error)))?;
        let unreadable = |refusal: Refusal| failed(SinkFault::Store(refusal));
        let opening = Keeper::open(engine.clone(), keep, replica.as_ref(), path.as_deref());
        let (keeper, kept) = opening.await.map_err(unreadable)?;
        let start = kept.map_or(FeedStart::Beginning, FeedStart::Position);
        let feed = engine.feed(FeedScope::Everything, start, EventFilter::default()).await.map_err(unreadable)?;
        let (written, seen) = watch::channel(feed.position().clone());
        let progress =
            Progress { written: seen, engine: engine.clone(), log: log.clone(), target: target_name(path.as_ref()) };
        let writer = Writer {
            engine,
            written,
            feed,
            keeper,
            log,
            complaints: Seldom::new(COMPLAINT_PERIOD),
            path,
            target: Some(target),
            finish: finish.clone(),
            reader_gone: reader_gone.clone(),
        };
        Ok(Sink { finish, reader_gone, work: Some(Work { task: tokio::spawn(writer.run()), progress }) })
    }

    /// How far it has come; `None` when events go nowhere.
    pub(crate) fn progress(&self) -> Option<Progress> {
        self.work.as_ref().map(|work| work.progress.clone())
    }

    /// Cancelled when the reader of the events closed its end.
    pub(crate) fn reader_gone(&self) -> CancellationToken {
        self.reader_gone.clone()
    }

    /// Writes what is committed by now, and ends.
    ///
    /// # Errors
    /// [`SinkError`] with the number of events that could not be written.
    pub(crate) async fn finish(self) -> Result<(), SinkError> {
        self.finish.cancel();
        let Some(Work { task, .. }) = self.work else { return Ok(()) };
        let panicked = || SinkFault::Target(io::Error::other("the sink failed"));
        task.await.unwrap_or_else(|_| Err(SinkError { path: None, unwritten: 0, why: panicked() }))
    }
}

/// Opens the target on the blocking pool: a FIFO opens when somebody reads it, and the service must not wait for that.
async fn opened(to: &EventsTo, log: &Log) -> io::Result<Box<dyn Target>> {
    let (place, told) = (to.clone(), log.clone());
    let mut opening = tokio::task::spawn_blocking(move || open_target(&place, &told));
    let opened = tokio::select! {
        opened = &mut opening => opened,
        () = tokio::time::sleep(PAUSE) => {
            if let EventsTo::File(rotation) = to {
                let path = rotation.path.display();
                log.line(format_args!("events: {path} does not open yet; a FIFO waits for somebody who reads it"));
            }
            opening.await
        }
    };
    opened.unwrap_or_else(|error| Err(io::Error::other(error)))
}

fn open_target(to: &EventsTo, log: &Log) -> io::Result<Box<dyn Target>> {
    Ok(match to {
        EventsTo::File(rotation) => Box::new(RotatingFile::open(rotation.clone(), log.clone())?),
        EventsTo::Log | EventsTo::Stdout => Box::new(LineWriter::new(unbuffered_stdout()?)),
    })
}

struct Writer {
    engine: Engine,
    feed: Feed,
    /// After the last event that is written.
    written: watch::Sender<FeedPosition>,
    keeper: Keeper,
    log: Log,
    /// Failures last for many tries.
    complaints: Seldom,
    path: Option<PathBuf>,
    /// Away only while a thread of the blocking pool writes.
    target: Option<Box<dyn Target>>,
    finish: CancellationToken,
    reader_gone: CancellationToken,
}

/// Events cannot be written, and will not be tried again.
struct GivenUp {
    why: SinkFault,
    /// Those that were read and are not written.
    left: usize,
}

impl Writer {
    async fn run(mut self) -> Result<(), SinkError> {
        let result = self.write_until_finished().await;
        // The next run repeats what this one cannot note; it was told by the store that it could not.
        let written = self.written();
        let _ = self.keeper.keep(&written).await;
        match result {
            Ok(()) => Ok(()),
            Err(GivenUp { why, left }) => {
                let unwritten = left + self.unread().await;
                Err(SinkError { path: self.path, unwritten, why })
            }
        }
    }

    async fn write_until_finished(&mut self) -> Result<(), GivenUp> {
        loop {
            // Before reading: what comes after is seen in the next round.
            let last_round = self.finish.is_cancelled();
            self.write_new().await?;
            if last_round || self.reader_gone.is_cancelled() {
                return Ok(());
            }
            let written = self.written();
            tokio::select! {
                changed = self.feed.changed() => if changed.is_err() { return Ok(()) },
                () = self.keeper.due(&written) => self.keeper.keep_when_due(&written).await,
                () = self.finish.cancelled() => {}
            }
        }
    }

    /// Writes all that the logs have beyond what is written.
    async fn write_new(&mut self) -> Result<(), GivenUp> {
        loop {
            let last_try = self.finish.is_cancelled();
            match self.feed.next(BATCH).await {
                Ok(FeedBatch { events, caught_up }) => {
                    self.write_all(events).await?;
                    if self.reader_gone.is_cancelled() {
                        return Ok(());
                    }
                    // Logs without new events too, so that the same position is not kept again and again.
                    let written = self.feed.position().clone();
                    self.keeper.keep_when_due(&written).await;
                    self.written.send_replace(written);
                    if caught_up {
                        return Ok(());
                    }
                }
                Err(Refusal::EventsGone { instance, wanted, first }) => {
                    self.skip(instance, wanted, first).await.map_err(|why| GivenUp { why, left: 0 })?;
                }
                Err(refusal) => {
                    let why = SinkFault::Store(refusal);
                    self.failed(why, last_try).await.map_err(|why| GivenUp { why, left: 0 })?;
                }
            }
        }
    }

    /// Writes events. A failure ends it only when the try began after the call to finish.
    async fn write_all(&mut self, mut events: Vec<StoredEvent>) -> Result<(), GivenUp> {
        while !events.is_empty() {
            let last_try = self.finish.is_cancelled();
            let lines = events.iter().map(|event| event.line.clone()).collect();
            let (written, result) = self.write_once(lines).await;
            if let Some(last) = written.checked_sub(1).and_then(|last| events.get(last)) {
                self.written.send_modify(|written| *written = written.after(last));
            }
            events.drain(..written.min(events.len()));
            match result {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.path.is_none() => {
                    self.reader_gone.cancel();
                    return Ok(());
                }
                Err(error) => {
                    let left = events.len();
                    let why = SinkFault::Target(error);
                    self.failed(why, last_try).await.map_err(|why| GivenUp { why, left })?;
                }
            }
        }
        Ok(())
    }

    /// Writes on the blocking pool: a pipe that nobody reads must not hold up the service. Tells how many lines are there.
    async fn write_once(&mut self, lines: Vec<Bytes>) -> (usize, io::Result<()>) {
        let Some(mut target) = self.target.take() else {
            return (0, Err(io::Error::other("an earlier write failed")));
        };
        let task = tokio::task::spawn_blocking(move || match target.write(&lines) {
            Ok(()) => (target, lines.len(), Ok(())),
            Err((written, error)) => (target, written, Err(error)),
        });
        match task.await {
            Ok((target, written, result)) => {
                self.target = Some(target);
                (written, result)
            }
            Err(error) => (0, Err(io::Error::other(error))),
        }
    }

    /// Goes on behind events that retention cut away before they were written.
    async fn skip(&mut self, instance: InstanceId, wanted: u64, first: u64) -> Result<(), SinkFault> {
        let last_try = self.finish.is_cancelled();
        let position = self.feed.position().clone().moved(instance, first);
        let start = FeedStart::Position(position);
        match self.engine.feed(FeedScope::Everything, start, EventFilter::default()).await {
            Ok(feed) => {
                self.feed = feed;
                let missing = first.saturating_sub(wanted);
                self.log.line(format_args!(
                    "EVENTS ARE MISSING in {}: the {missing} from {wanted} on of instance {instance} were cut away \
                     before they were written",
                    target_name(self.path.as_ref())
                ));
                Ok(())
            }
            Err(refusal) => self.failed(SinkFault::Store(refusal), last_try).await,
        }
    }

    /// Tells the operator and waits before the next try, unless this was the last.
    async fn failed(&mut self, why: SinkFault, last_try: bool) -> Result<(), SinkFault> {
        if last_try {
            return Err(why);
        }
        if self.complaints.due().is_some() {
            let error = SinkError { path: self.path.clone(), unwritten: 0, why };
            self.log.line(format_args!("EVENTS ARE NOT BEING WRITTEN: {error}; trying again"));
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = self.finish.cancelled() => {}
        }
        Ok(())
    }

    /// How many events the logs have that were not read yet.
    async fn unread(&mut self) -> usize {
        let mut unread = 0;
        // A log that cannot be read has told so by the error that led here.
        while let Ok(FeedBatch { events, caught_up }) = self.feed.next(BATCH).await {
            unread += events.len();
            if caught_up {
                break;
            }
        }
        unread
    }

    fn written(&self) -> FeedPosition {
        self.written.borrow().clone()
    }
}

/// Standard output without the buffer of the standard library, which hides how much of a line was taken.
fn unbuffered_stdout() -> io::Result<File> {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(File::from(own))
}

/// Events written at once.
const BATCH: usize = 256;

/// Time between two tries; an open that takes longer is told.
const PAUSE: Duration = Duration::from_secs(1);

/// A failure that lasts is told this often.
const COMPLAINT_PERIOD: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
