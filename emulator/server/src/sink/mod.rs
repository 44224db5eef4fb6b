//! The event sink: every committed event as a line of NDJSON in a file or on standard output.
//!
//! It follows the committed log, so that it never blocks the service. A line that cannot be written is kept and tried
//! again; nothing is lost or repeated within a run.

mod line_writer;
mod rotating_file;

use std::fmt;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use hpcs_engine::Engine;
use hpcs_names::InstanceId;
use hpcs_store::{EventPage, EventQuery};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Log;
use crate::config::EventsTo;
use line_writer::LineWriter;
use rotating_file::RotatingFile;

/// A sink at work.
pub(crate) struct Sink {
    finish: CancellationToken,
    reader_gone: CancellationToken,
    task: Option<JoinHandle<Result<(), SinkError>>>,
}

/// Events cannot be written.
#[derive(Debug)]
pub struct SinkError {
    /// The file; none for standard output.
    pub path: Option<PathBuf>,
    /// How many events are not written.
    pub unwritten: usize,
    /// Why.
    pub error: io::Error,
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SinkError { path, unwritten, error } = self;
        match path {
            Some(path) => write!(f, "{} cannot be written: {error}", path.display())?,
            None => write!(f, "standard output cannot be written: {error}")?,
        }
        if *unwritten > 0 {
            write!(f, "; {unwritten} events are missing there")?;
        }
        Ok(())
    }
}

impl std::error::Error for SinkError {}

/// Where lines go.
trait Target: Send {
    /// Writes lines, each with its end. After an error the number tells how many are there whole; part of the next may
    /// be, and the next call goes on with it.
    fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)>;
}

impl Sink {
    /// Starts writing the events of these instances, from the first on.
    ///
    /// # Errors
    /// [`SinkError`] when the file cannot be opened, or standard output is not there.
    pub(crate) fn open(to: &EventsTo, engine: Engine, instances: Vec<InstanceId>, log: Log) -> Result<Self, SinkError> {
        let (target, path): (Box<dyn Target>, _) = match to {
            EventsTo::Log => return Ok(Sink::new(None, CancellationToken::new(), CancellationToken::new())),
            EventsTo::Stdout => {
                let out = unbuffered_stdout().map_err(|error| SinkError { path: None, unwritten: 0, error })?;
                (Box::new(LineWriter::new(out)), None)
            }
            EventsTo::File(rotation) => {
                let path = Some(rotation.path.clone());
                let open = RotatingFile::open(rotation.clone(), log.clone());
                let file = open.map_err(|error| SinkError { path: path.clone(), unwritten: 0, error })?;
                (Box::new(file), path)
            }
        };
        let finish = CancellationToken::new();
        let reader_gone = CancellationToken::new();
        let cursors = instances.into_iter().map(|instance| Cursor { instance, next: 1 }).collect();
        let writer = Writer {
            engine,
            cursors,
            log,
            path,
            target: Some(target),
            finish: finish.clone(),
            reader_gone: reader_gone.clone(),
        };
        Ok(Sink::new(Some(tokio::spawn(writer.run())), finish, reader_gone))
    }

    fn new(
        task: Option<JoinHandle<Result<(), SinkError>>>,
        finish: CancellationToken,
        reader_gone: CancellationToken,
    ) -> Self {
        Sink { finish, reader_gone, task }
    }

    /// Cancelled when the reader of the events closed its end.
    pub(crate) fn reader_gone(&self) -> CancellationToken {
        self.reader_gone.clone()
    }

    /// Writes what is committed by now, and ends.
    ///
    /// # Errors
    /// [`SinkError`] with the number of events that could not be written.
    pub(crate) async fn finish(mut self) -> Result<(), SinkError> {
        self.finish.cancel();
        match self.task.take() {
            Some(task) => {
                let panicked = |_| SinkError { path: None, unwritten: 0, error: io::Error::other("the sink failed") };
                task.await.unwrap_or_else(|error| Err(panicked(error)))
            }
            None => Ok(()),
        }
    }
}

/// How far an instance's log is written.
struct Cursor {
    instance: InstanceId,
    next: u64,
}

struct Writer {
    engine: Engine,
    cursors: Vec<Cursor>,
    log: Log,
    path: Option<PathBuf>,
    /// Away only while a thread of the blocking pool writes.
    target: Option<Box<dyn Target>>,
    finish: CancellationToken,
    reader_gone: CancellationToken,
}

impl Writer {
    async fn run(mut self) -> Result<(), SinkError> {
        let mut changes = self.engine.event_changes();
        loop {
            // Both before reading: what comes after is seen in the next round.
            changes.mark_unchanged();
            let last_round = self.finish.is_cancelled();
            for at in 0..self.cursors.len() {
                if let Err(error) = self.write_new(at).await {
                    return Err(SinkError { path: self.path.clone(), unwritten: self.unwritten().await, error });
                }
            }
            if last_round || self.reader_gone.is_cancelled() {
                return Ok(());
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return Ok(()) },
                () = self.finish.cancelled() => {}
            }
        }
    }

    /// Writes all that one log has beyond its cursor.
    async fn write_new(&mut self, at: usize) -> io::Result<()> {
        while let Some(Cursor { instance, next }) = self.cursors.get(at) {
            let last_try = self.finish.is_cancelled();
            let EventPage { events, next: onwards, more, .. } =
                match self.engine.events(&EventQuery::all(*instance, *next, BATCH)).await {
                    Ok(read) => read,
                    Err(refusal) => {
                        self.failed(io::Error::other(refusal.to_string()), last_try).await?;
                        continue;
                    }
                };
            let lines = events.into_iter().map(|event| event.line).collect();
            self.write_all(lines, at, onwards).await?;
            if !more || self.reader_gone.is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    /// Writes lines of one log, which goes on at `onwards`, and moves its cursor.
    ///
    /// A failure ends it only when the try began after the call to finish.
    async fn write_all(&mut self, mut lines: Vec<Bytes>, at: usize, onwards: u64) -> io::Result<()> {
        while !lines.is_empty() {
            let last_try = self.finish.is_cancelled();
            let (rest, result) = self.write_once(lines).await;
            lines = rest;
            if let Some(cursor) = self.cursors.get_mut(at) {
                cursor.next = onwards.saturating_sub(lines.len() as u64);
            }
            match result {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.path.is_none() => {
                    self.reader_gone.cancel();
                    return Ok(());
                }
                Err(error) => self.failed(error, last_try).await?,
            }
        }
        Ok(())
    }

    /// Writes on the blocking pool: a pipe that nobody reads must not hold up the service. Gives back what is left.
    async fn write_once(&mut self, mut lines: Vec<Bytes>) -> (Vec<Bytes>, io::Result<()>) {
        let Some(mut target) = self.target.take() else {
            return (lines, Err(io::Error::other("an earlier write failed")));
        };
        let task = tokio::task::spawn_blocking(move || {
            let result = match target.write(&lines) {
                Ok(()) => {
                    lines.clear();
                    Ok(())
                }
                Err((written, error)) => {
                    lines.drain(..written.min(lines.len()));
                    Err(error)
                }
            };
            (target, lines, result)
        });
        match task.await {
            Ok((target, rest, result)) => {
                self.target = Some(target);
                (rest, result)
            }
            Err(error) => (Vec::new(), Err(io::Error::other(error))),
        }
    }

    /// Tells the operator and waits before the next try, unless this was the last.
    async fn failed(&mut self, error: io::Error, last_try: bool) -> io::Result<()> {
        if last_try {
            return Err(error);
        }
        let error = SinkError { path: self.path.clone(), unwritten: 0, error };
        self.log.line(format_args!("EVENTS ARE NOT BEING WRITTEN: {error}; trying again"));
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = self.finish.cancelled() => {}
        }
        Ok(())
    }

    /// How many events of all logs are beyond their cursors.
    async fn unwritten(&mut self) -> usize {
        let mut unwritten = 0;
        for Cursor { instance, next } in &self.cursors {
            // A log that cannot be read has told so by the error that led here.
            if let Ok(rest) = self.engine.events(&EventQuery::all(*instance, *next, usize::MAX)).await {
                unwritten += rest.events.len();
            }
        }
        unwritten
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

/// Time between two tries.
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use hpcs_service::{Operation, Origin, Who};

    use super::*;
    use crate::{Config, Emulator, World};

    /// Takes one line at a time, and fails in between.
    #[derive(Clone, Default)]
    struct Flaky {
        lines: Arc<Mutex<Vec<Bytes>>>,
        failing: Option<io::ErrorKind>,
    }

    impl Target for Flaky {
        fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)> {
            let mut written = self.lines.lock().unwrap();
            match (lines, self.failing) {
                (_, Some(kind)) => Err((0, kind.into())),
                ([line], None) => {
                    written.push(line.clone());
                    Ok(())
                }
                ([line, ..], None) => {
                    written.push(line.clone());
                    Err((1, io::ErrorKind::StorageFull.into()))
                }
                ([], None) => Ok(()),
            }
        }
    }

    /// Takes one line; while it fails to take the next, the emulator is told to end. Works again after many tries.
    struct FullAtTheEnd {
        finish: CancellationToken,
        tries: Arc<Mutex<usize>>,
    }

    impl Target for FullAtTheEnd {
        fn write(&mut self, _: &[Bytes]) -> Result<(), (usize, io::Error)> {
            let mut tries = self.tries.lock().unwrap();
            *tries += 1;
            self.finish.cancel();
            match *tries {
                1 => Err((1, io::ErrorKind::StorageFull.into())),
                2..10 => Err((0, io::ErrorKind::StorageFull.into())),
                _ => Ok(()),
            }
        }
    }

    /// An emulator of two instances with `count` events each.
    async fn emulator(count: usize) -> Emulator {
        let mut config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let mut second = config.instances[0].clone();
        second.spec.number = 1;
        config.instances.push(second);
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        for instance in emulator.instances() {
            for _ in 0..count {
                let operation = Operation::submit(instance.id, instance.units[0].id, Bytes::from_static(ZEROIZE));
                let who = Who { authentication: emulator.engine().authenticate(None), origin: Origin::default() };
                assert!(emulator.engine().execute(who, operation).await.is_err());
            }
        }
        emulator
    }

    fn writer(emulator: &Emulator, target: impl Target + 'static, path: Option<PathBuf>) -> Writer {
        Writer {
            engine: emulator.engine().clone(),
            cursors: emulator.instances().iter().map(|instance| Cursor { instance: instance.id, next: 1 }).collect(),
            log: Log::silent(),
            path,
            target: Some(Box::new(target)),
            finish: CancellationToken::new(),
            reader_gone: CancellationToken::new(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_neither_lose_nor_repeat_lines() {
        let emulator = emulator(5).await;
        let target = Flaky::default();
        let mut writer = writer(&emulator, target.clone(), Some("events.ndjson".into()));
        writer.write_new(0).await.unwrap();
        let all = EventQuery::all(emulator.instances()[0].id, 1, usize::MAX);
        let EventPage { events, .. } = emulator.engine().events(&all).await.unwrap();
        let expected: Vec<_> = events.into_iter().map(|event| event.line).collect();
        assert_eq!((expected.len(), &*target.lines.lock().unwrap()), (5, &expected));
    }

    #[tokio::test]
    async fn the_last_failure_says_how_many_events_of_all_instances_are_missing() {
        let emulator = emulator(3).await;
        let target = Flaky { failing: Some(io::ErrorKind::PermissionDenied), ..Flaky::default() };
        let writer = writer(&emulator, target, Some("events.ndjson".into()));
        writer.finish.cancel();
        let error = writer.run().await.unwrap_err();
        assert_eq!((error.unwritten, error.path), (6, Some("events.ndjson".into())));
    }

    #[tokio::test]
    async fn the_end_during_a_retry_gives_one_more_try() {
        let emulator = emulator(3).await;
        let mut writer = writer(&emulator, Flaky::default(), Some("events.ndjson".into()));
        let tries = Arc::default();
        writer.target = Some(Box::new(FullAtTheEnd { finish: writer.finish.clone(), tries: Arc::clone(&tries) }));
        let error = writer.run().await.unwrap_err();
        assert_eq!((error.error.kind(), error.unwritten), (io::ErrorKind::StorageFull, 5));
        assert_eq!(*tries.lock().unwrap(), 2);
    }

    #[tokio::test]
    async fn a_reader_that_closes_standard_output_ends_the_sink_without_a_failure() {
        let emulator = emulator(1).await;
        let target = Flaky { failing: Some(io::ErrorKind::BrokenPipe), ..Flaky::default() };
        let writer = writer(&emulator, target, None);
        let reader_gone = writer.reader_gone.clone();
        writer.run().await.unwrap();
        assert!(reader_gone.is_cancelled());
    }

    /// A request whose command can be made out.
    const ZEROIZE: &[u8] =
        b"245;PCI request;XPNUM   ;1;        ;00200400008054340000000000000003000000000000000000000000\
          0000004A304804040001002904040000000304383036040400000010040800000003000000010410393341414243\
          3031001122334455667704100000000000000000000000000000000104000400";
}
