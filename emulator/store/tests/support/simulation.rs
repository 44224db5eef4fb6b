//! A store under random operations with random faults, held against what its callers were told.
//!
//! The rules: what was acknowledged is there, with its event, once; what was refused or conflicts left nothing; what is
//! unknown becomes one of both, and the store says which.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, join_all};
use hpcs_audit::catalogue::tke;
use hpcs_audit::{EventDraft, Reason};
use hpcs_names::InstanceId;
use hpcs_store::{
    Change, CommitError, CommitUnit, EventQuery, Fate, Fault, FaultPoint, Faults, LogState, Store, Version,
};

use crate::fixture::{event_of, instance};

pub type TestStore = Arc<dyn Store<&'static str, u32>>;

/// Where the stores of one run live.
pub trait Site {
    /// Opens the store, anew or for the first time.
    fn open(&mut self, faults: Arc<dyn Faults>, session: u64) -> BoxFuture<'_, TestStore>;

    /// Ends the process that has the store open, at once; what it wrote stays.
    fn crash(&mut self, store: TestStore) -> BoxFuture<'_, ()>;

    /// Looks for what only this backend can find wrong.
    fn inspect(&self, store: &TestStore) -> BoxFuture<'_, ()>;
}

/// Runs one seed on a site.
pub async fn run(seed: u64, mut site: impl Site) {
    let random = Random::new(seed);
    let faults = Arc::new(RandomFaults { random: Mutex::new(Random::new(!seed)), rate: Mutex::new(0) });
    let store = site.open(faults.clone(), 1).await;
    let mut run = Run { random, faults, store, model: Model::default(), operations: 0 };
    for session in 2..SESSIONS + 2 {
        for _ in 0..STEPS {
            run.step().await;
        }
        run.faults.set(0);
        run.compare().await;
        site.inspect(&run.store).await;
        if run.random.below(2) == 0 {
            run.store.close().await.unwrap();
            drop(run.store);
        } else {
            site.crash(run.store).await;
        }
        run.store = site.open(run.faults.clone(), session).await;
        run.compare().await;
    }
    site.inspect(&run.store).await;
}

struct Run {
    random: Random,
    faults: Arc<RandomFaults>,
    store: TestStore,
    model: Model,
    operations: u32,
}

/// What is known to be in the store.
#[derive(Default)]
struct Model {
    /// The operation that wrote each record last.
    records: BTreeMap<&'static str, u32>,
    /// Operations whose events are in each log.
    events: HashMap<InstanceId, HashSet<u32>>,
    /// Operations that left nothing.
    nothing: HashSet<u32>,
}

/// One operation as it was asked for.
struct Asked {
    number: u32,
    of: InstanceId,
    changes: Vec<(&'static str, bool)>,
    /// Whether the versions it was made on are the present ones.
    fits: bool,
}

impl Run {
    /// Some operations at once, on records of their own; then the outcome of each is settled.
    async fn step(&mut self) {
        self.faults.set(if self.random.below(2) == 0 { 6 } else { 0 });
        let mut keys = KEYS.to_vec();
        let mut units = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            units.push(self.operation(&mut keys).await);
        }
        let store = self.store.clone();
        let answers = join_all(units.into_iter().map(|(asked, unit)| {
            let store = store.clone();
            async move { (asked, store.commit(unit).await) }
        }));
        for (asked, answer) in answers.await {
            let happened = match answer {
                Ok(committed) => {
                    assert!(asked.fits, "operation {} did not conflict", asked.number);
                    let line = committed.event.unwrap().line;
                    assert!(number(&line) == asked.number, "operation {} got another's event", asked.number);
                    true
                }
                Err(CommitError::Conflict) => {
                    assert!(!asked.fits, "operation {} conflicted with nobody", asked.number);
                    false
                }
                Err(CommitError::Unavailable(_)) => false,
                Err(CommitError::OutcomeUnknown { operation, .. }) => loop {
                    match self.store.fate(operation).await {
                        Ok(Fate::Committed) => break true,
                        Ok(Fate::NotCommitted) => break false,
                        Ok(Fate::Unsettled) | Err(_) => tokio::task::yield_now().await,
                    }
                },
            };
            self.model.learn(asked, happened);
        }
    }

    /// A random operation on one or two of the keys that are left.
    async fn operation(&mut self, keys: &mut Vec<&'static str>) -> (Asked, CommitUnit<&'static str, u32>) {
        self.operations += 1;
        let number = self.operations;
        let of = instance(if self.random.below(3) == 0 { '8' } else { '7' });
        let stale = self.random.below(8) == 0;
        let mut asked = Asked { number, of, changes: Vec::new(), fits: true };
        let mut unit = CommitUnit { event: Some(marked(of, number)), ..CommitUnit::default() };
        for _ in 0..self.random.below(3).min(keys.len() as u32) {
            let key = keys.swap_remove(self.random.below(keys.len() as u32) as usize);
            let present = self.version(key).await;
            let delete = present != Version::ABSENT && self.random.below(5) == 0;
            let expected = if stale { Version(present.0 + 1) } else { present };
            asked.fits &= !stale;
            unit.changes.push(Change { key, expected, value: (!delete).then(|| Arc::new(number)) });
            asked.changes.push((key, delete));
        }
        unit.erase = self.random.below(10) == 0;
        (asked, unit)
    }

    /// Reading goes on whatever happens to commits; what is read is a version that was committed.
    async fn version(&self, key: &'static str) -> Version {
        let record = self.store.load(&[key]).await.unwrap().remove(0);
        let value = record.as_ref().map(|record| *record.value);
        assert_eq!(value, self.model.records.get(key).copied(), "record {key}");
        record.map_or(Version::ABSENT, |record| record.version)
    }

    async fn compare(&self) {
        for key in KEYS {
            self.version(key).await;
        }
        for of in [instance('7'), instance('8')] {
            let page = self.store.events(&EventQuery::all(of, 1, 4096)).await.unwrap();
            let mut state = LogState::after(hpcs_store::Anchor::BEGINNING);
            let mut found = HashSet::new();
            for event in &page.events {
                state.follow(event).unwrap();
                let number = number(&event.line);
                assert!(!self.model.nothing.contains(&number), "operation {number} left an event");
                assert!(found.insert(number), "operation {number} left two events");
            }
            assert_eq!(&found, self.model.events.get(&of).unwrap_or(&HashSet::new()), "events of {of}");
            let log = self.store.log(of).await.unwrap();
            assert_eq!(log.unwrap_or(LogState::after(hpcs_store::Anchor::BEGINNING)), state);
        }
    }
}

impl Model {
    fn learn(&mut self, asked: Asked, happened: bool) {
        let Asked { number, of, changes, .. } = asked;
        if !happened {
            self.nothing.insert(number);
            return;
        }
        self.events.entry(of).or_default().insert(number);
        for (key, delete) in changes {
            if delete {
                self.records.remove(key);
            } else {
                self.records.insert(key, number);
            }
        }
    }
}

/// An event that tells its operation.
fn marked(of: InstanceId, number: u32) -> EventDraft {
    let mut event = event_of(of, tke::RESET, Reason::OK);
    event.target.name = format!("operation-{number}-");
    event
}

/// The operation that an event tells.
fn number(line: &[u8]) -> u32 {
    let line = std::str::from_utf8(line).unwrap();
    let from = line.find("operation-").unwrap() + "operation-".len();
    line[from..].split('-').next().unwrap().parse().unwrap()
}

/// Faults at random points, some of a hundred passings.
struct RandomFaults {
    random: Mutex<Random>,
    rate: Mutex<u32>,
}

impl RandomFaults {
    fn set(&self, rate: u32) {
        *self.rate.lock().unwrap() = rate;
    }
}

impl Faults for RandomFaults {
    fn at(&self, point: FaultPoint) -> Fault {
        let mut random = self.random.lock().unwrap();
        let rate = *self.rate.lock().unwrap();
        let rate = if matches!(point, FaultPoint::Commit | FaultPoint::Settle) { rate * 4 } else { rate };
        if random.below(100) >= rate {
            return Fault::None;
        }
        match random.below(4) {
            0 => Fault::Fail,
            1 => Fault::StepLost,
            2 => Fault::AnswerLost,
            _ => Fault::Hang(Box::pin(tokio::task::yield_now())),
        }
    }
}

/// A small generator: the same numbers for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 33) as u32) % bound
    }
}

const KEYS: [&str; 5] = ["a", "b", "c", "d", "e"];
const STEPS: u32 = 12;
const SESSIONS: u64 = 3;
