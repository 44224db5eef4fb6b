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
mod tests {
    use std::sync::{Arc, Mutex};

    use hpcs_engine::{Beginning, DeclaredInstance};
    use hpcs_service::{Instance, InstanceSpec, Operation, Origin, Who};

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

    /// Takes what it is given, into the lines of another target.
    struct Whole(Flaky);

    impl Target for Whole {
        fn write(&mut self, lines: &[Bytes]) -> Result<(), (usize, io::Error)> {
            self.0.lines.lock().unwrap().extend_from_slice(lines);
            Ok(())
        }
    }

    /// A log to look into once everyone who has it is gone.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Told {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// Two instances.
    fn emulator_config() -> Config {
        let mut config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let mut second = config.instances[0].clone();
        second.spec.number = 1;
        config.instances.push(second);
        config
    }

    /// An emulator of two instances with `count` events each.
    async fn emulator(count: usize) -> Emulator {
        emulator_of(emulator_config(), count).await
    }

    async fn emulator_of(config: Config, count: usize) -> Emulator {
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        for instance in emulator.instances() {
            for _ in 0..count {
                refused(&emulator, instance).await;
            }
        }
        emulator
    }

    /// An event: a command without a token.
    async fn refused(emulator: &Emulator, instance: &Instance) {
        let operation = Operation::submit(instance.id, instance.units[0].id, Bytes::from_static(ZEROIZE));
        let who = Who { authentication: emulator.engine().authenticate(None), origin: Origin::default() };
        assert!(emulator.engine().execute(who, operation).await.is_err());
    }

    async fn writer(emulator: &Emulator, target: impl Target + 'static, path: Option<PathBuf>) -> Writer {
        let engine = emulator.engine().clone();
        let feed = engine.feed(FeedScope::Everything, FeedStart::Beginning, EventFilter::default()).await.unwrap();
        let (keeper, _) = Keeper::open(engine.clone(), KeepPosition::AtTheEnd, None, path.as_deref()).await.unwrap();
        Writer {
            engine,
            written: watch::Sender::new(FeedPosition::default()),
            feed,
            keeper,
            log: Log::silent(),
            complaints: Seldom::new(COMPLAINT_PERIOD),
            path,
            target: Some(Box::new(target)),
            finish: CancellationToken::new(),
            reader_gone: CancellationToken::new(),
        }
    }

    /// All lines of all instances.
    async fn lines(emulator: &Emulator) -> Vec<Bytes> {
        let start = FeedStart::Beginning;
        let mut feed = emulator.engine().feed(FeedScope::Everything, start, EventFilter::default()).await.unwrap();
        let mut lines = Vec::new();
        loop {
            let batch = feed.next(BATCH).await.unwrap();
            lines.extend(batch.events.into_iter().map(|event| event.line));
            if batch.caught_up {
                return lines;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_neither_lose_nor_repeat_lines() {
        let emulator = emulator(5).await;
        let target = Flaky::default();
        let mut writer = writer(&emulator, target.clone(), Some("events.ndjson".into())).await;
        assert!(writer.write_new().await.is_ok());
        let expected = lines(&emulator).await;
        assert_eq!((expected.len(), &*target.lines.lock().unwrap()), (10, &expected));
    }

    #[tokio::test]
    async fn what_was_written_is_noted_even_when_the_rest_fails() {
        let emulator = emulator(3).await;
        let path = Some(PathBuf::from("events.ndjson"));
        let target = Flaky::default();
        let first = writer(&emulator, target.clone(), path.clone()).await;
        first.finish.cancel();
        assert_eq!(first.run().await.unwrap_err().unwritten, 5);
        let (_, kept) =
            Keeper::open(emulator.engine().clone(), KeepPosition::AtTheEnd, None, path.as_deref()).await.unwrap();
        let mut second = writer(&emulator, target.clone(), path).await;
        let (start, filter) = (FeedStart::Position(kept.unwrap()), EventFilter::default());
        second.feed = emulator.engine().feed(FeedScope::Everything, start, filter).await.unwrap();
        second.target = Some(Box::new(Whole(target.clone())));
        second.finish.cancel();
        second.run().await.unwrap();
        let expected = lines(&emulator).await;
        assert_eq!(*target.lines.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn instances_that_are_created_later_are_followed() {
        let emulator = emulator(1).await;
        let target = Flaky::default();
        let mut writer = writer(&emulator, Whole(target.clone()), None).await;
        assert!(writer.write_new().await.is_ok());
        let declared = DeclaredInstance {
            declared: "test".to_owned(),
            spec: InstanceSpec { number: 2, ..emulator_config().instances[0].spec.clone() },
            document: None,
        };
        let beginning = Beginning { instances: vec![declared], ..Beginning::default() };
        let made = emulator.engine().prepare(beginning).await.unwrap().instances;
        refused(&emulator, &made[0]).await;
        assert!(writer.write_new().await.is_ok());
        assert_eq!(target.lines.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn events_that_were_cut_away_before_they_were_written_are_told_and_passed_over() {
        let mut config = emulator_config();
        config.store.retention.events = Some(2);
        let emulator = emulator_of(config, 40).await;
        let target = Flaky::default();
        let mut writer = writer(&emulator, Whole(target.clone()), None).await;
        let instance = emulator.instances()[0].id;
        let start = FeedStart::Position(FeedPosition::default().moved(instance, 5));
        writer.feed = emulator.engine().feed(FeedScope::Everything, start, EventFilter::default()).await.unwrap();
        assert!(writer.write_new().await.is_ok());
        let expected = lines(&emulator).await;
        assert!(expected.len() < 60, "{}", expected.len());
        assert_eq!(*target.lines.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn the_last_failure_says_how_many_events_of_all_instances_are_missing() {
        let emulator = emulator(3).await;
        let target = Flaky { failing: Some(io::ErrorKind::PermissionDenied), ..Flaky::default() };
        let writer = writer(&emulator, target, Some("events.ndjson".into())).await;
        writer.finish.cancel();
        let error = writer.run().await.unwrap_err();
        assert_eq!((error.unwritten, error.path), (6, Some("events.ndjson".into())));
    }

    #[tokio::test]
    async fn the_end_during_a_retry_gives_one_more_try() {
        let emulator = emulator(3).await;
        let mut writer = writer(&emulator, Flaky::default(), Some("events.ndjson".into())).await;
        let tries = Arc::default();
        writer.target = Some(Box::new(FullAtTheEnd { finish: writer.finish.clone(), tries: Arc::clone(&tries) }));
        let error = writer.run().await.unwrap_err();
        assert!(matches!(&error.why, SinkFault::Target(why) if why.kind() == io::ErrorKind::StorageFull));
        assert_eq!(error.unwritten, 5);
        assert_eq!(*tries.lock().unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_purge_waits_for_the_sink_and_what_it_leaves_behind_is_told() {
        let (emulator, told) = (emulator(3).await, Told::default());
        let instance = emulator.instances()[0].id;
        let mut writer = writer(&emulator, Whole(Flaky::default()), None).await;
        let progress = Progress {
            written: writer.written.subscribe(),
            engine: emulator.engine().clone(),
            log: Log::new(told.clone()),
            target: "x".to_owned(),
        };
        progress.tell(&progress.catch_up(instance).await.unwrap());
        let (behind, written) = tokio::join!(progress.catch_up(instance), writer.write_new());
        assert!(behind.is_none() && written.is_ok());
        drop(progress);
        let expected = format!("EVENTS ARE MISSING in x: up to 3 from 1 on of instance {instance} were purged");
        assert!(told.text().contains(&expected), "{}", told.text());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_lasts_is_told_seldom_and_by_what_failed() {
        let (emulator, told) = (emulator(1).await, Told::default());
        let mut writer = writer(&emulator, Flaky::default(), Some("events.ndjson".into())).await;
        writer.log = Log::new(told.clone());
        for _ in 0..3 {
            writer
                .failed(SinkFault::Store(Refusal::StoreUnavailable("database gone".to_owned())), false)
                .await
                .unwrap();
        }
        tokio::time::advance(COMPLAINT_PERIOD).await;
        writer.failed(SinkFault::Target(io::ErrorKind::StorageFull.into()), false).await.unwrap();
        drop(writer);
        let told = told.text();
        let lines: Vec<&str> = told.lines().collect();
        let [store, file] = &lines[..] else { panic!("{told}") };
        assert!(store.contains("EVENTS ARE NOT BEING WRITTEN") && store.contains("database gone"), "{store}");
        assert!(!store.contains("cannot be written"), "{store}");
        assert!(file.contains("events.ndjson cannot be written"), "{file}");
    }

    #[tokio::test]
    async fn a_reader_that_closes_standard_output_ends_the_sink_without_a_failure() {
        let emulator = emulator(1).await;
        let target = Flaky { failing: Some(io::ErrorKind::BrokenPipe), ..Flaky::default() };
        let writer = writer(&emulator, target, None).await;
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
