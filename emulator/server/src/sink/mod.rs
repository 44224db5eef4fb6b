//! The event sink: every committed event as a line of NDJSON in a file or on standard output.
//!
//! It follows the committed log, so that it never blocks the service. A line that cannot be written is kept and tried
//! again; nothing is lost or repeated within a run.

mod rotating_file;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use hpcs_engine::Engine;
use hpcs_names::InstanceId;
use hpcs_store::{EventFilter, EventPage};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Log;
use crate::config::EventsTo;
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
    /// Writes lines, each with its end. After an error the number tells how many are there whole; no part of another is.
    fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)>;
}

impl Sink {
    /// Starts writing the events of these instances, from the first on.
    ///
    /// # Errors
    /// [`SinkError`] when the file cannot be opened.
    pub(crate) fn open(to: &EventsTo, engine: Engine, instances: Vec<InstanceId>, log: Log) -> Result<Self, SinkError> {
        let (target, path): (Box<dyn Target>, _) = match to {
            EventsTo::Log => return Ok(Sink::new(None, CancellationToken::new(), CancellationToken::new())),
            EventsTo::Stdout => (Box::new(Stream(io::stdout())), None),
            EventsTo::File(rotation) => {
                let path = Some(rotation.path.clone());
                let open = RotatingFile::open(rotation.clone());
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
                self.write_new(at, last_round).await?;
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

    /// Writes all that one log has beyond its cursor. In the last round a failure ends it.
    async fn write_new(&mut self, at: usize, last_round: bool) -> Result<(), SinkError> {
        let all = EventFilter::default();
        while let Some(Cursor { instance, next }) = self.cursors.get(at) {
            let EventPage { events, next: onwards, more } =
                match self.engine.events(*instance, *next, &all, BATCH).await {
                    Ok(read) => read,
                    Err(refusal) => {
                        self.failed(&io::Error::other(refusal.to_string()), last_round, 0).await?;
                        continue;
                    }
                };
            let lines = events.into_iter().map(|event| event.line).collect();
            let written = self.write_all(lines, last_round).await;
            if let Some(cursor) = self.cursors.get_mut(at) {
                cursor.next = onwards;
            }
            written?;
            if !more || self.reader_gone.is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    async fn write_all(&mut self, mut lines: Vec<Bytes>, last_round: bool) -> Result<(), SinkError> {
        while !lines.is_empty() {
            let (rest, result) = self.write_once(lines).await;
            lines = rest;
            match result {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.path.is_none() => {
                    self.reader_gone.cancel();
                    return Ok(());
                }
                Err(error) => self.failed(&error, last_round, lines.len()).await?,
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
    async fn failed(&mut self, error: &io::Error, last_round: bool, unwritten: usize) -> Result<(), SinkError> {
        let error = SinkError { path: self.path.clone(), unwritten, error: copy(error) };
        if last_round {
            return Err(error);
        }
        self.log.line(format_args!("EVENTS ARE NOT BEING WRITTEN: {error}; trying again"));
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = self.finish.cancelled() => {}
        }
        Ok(())
    }
}

/// The same fault; the type itself cannot be copied.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// A stream that takes lines in order and cannot take them back.
struct Stream<W>(W);

impl<W: Write + Send> Target for Stream<W> {
    fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)> {
        for (written, line) in lines.iter().enumerate() {
            let line = [line, &b"\n"[..]].concat();
            self.0.write_all(&line).map_err(|error| (written, error))?;
        }
        self.0.flush().map_err(|error| (lines.len(), error))
    }
}

/// Events written at once.
const BATCH: usize = 256;

/// Time between two tries.
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use hpcs_engine::Call;
    use hpcs_service::{Operation, Origin};

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

    /// An emulator with `count` events.
    async fn emulator(count: usize) -> Emulator {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        let instance = &emulator.instances()[0];
        for _ in 0..count {
            let operation = Operation::submit(instance.id, instance.units[0].id, Bytes::from_static(ZEROIZE));
            let call = Call { authorization: None, origin: Origin::default(), operation };
            assert!(emulator.engine().execute(call).await.is_err());
        }
        emulator
    }

    fn writer(emulator: &Emulator, target: Flaky, path: Option<PathBuf>) -> Writer {
        Writer {
            engine: emulator.engine().clone(),
            cursors: vec![Cursor { instance: emulator.instances()[0].id, next: 1 }],
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
        writer.write_new(0, false).await.unwrap();
        let all = EventFilter::default();
        let EventPage { events, .. } =
            emulator.engine().events(emulator.instances()[0].id, 1, &all, usize::MAX).await.unwrap();
        let expected: Vec<_> = events.into_iter().map(|event| event.line).collect();
        assert_eq!((expected.len(), &*target.lines.lock().unwrap()), (5, &expected));
    }

    #[tokio::test]
    async fn the_last_failure_says_how_many_events_are_missing() {
        let emulator = emulator(3).await;
        let target = Flaky { failing: Some(io::ErrorKind::PermissionDenied), ..Flaky::default() };
        let writer = writer(&emulator, target, Some("events.ndjson".into()));
        writer.finish.cancel();
        let error = writer.run().await.unwrap_err();
        assert_eq!((error.unwritten, error.path), (3, Some("events.ndjson".into())));
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
