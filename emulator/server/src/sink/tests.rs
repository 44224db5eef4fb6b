//! The sink against targets that fail, fill up, or leave.

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
        writer.failed(SinkFault::Store(Refusal::StoreUnavailable("database gone".to_owned())), false).await.unwrap();
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
const ZEROIZE: &[u8] = b"245;PCI request;XPNUM   ;1;        ;00200400008054340000000000000003000000000000000000000000\
      0000004A304804040001002904040000000304383036040400000010040800000003000000010410393341414243\
      3031001122334455667704100000000000000000000000000000000104000400";
