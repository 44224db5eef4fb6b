//! A disk that takes no more, as the limit of a process on the size of files: alone in its process, which it is for.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

#[path = "support/fixture.rs"]
#[allow(dead_code)]
mod fixture;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use hpcs_store::{
    Change, CommitError, CommitUnit, EventQuery, LogOptions, NoFaults, SqliteStore, Store, StoreOptions, Unavailable,
    Version, VirtualClock,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::fixture::{Digits, START, event, instance};

#[tokio::test]
async fn a_disk_that_takes_no_more_refuses_and_goes_on_when_it_does_again() {
    // Without a handler the first write beyond the limit would end the process.
    let _handler = signal(SignalKind::from_raw(SIGXFSZ)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::new(LogOptions::default(), 1);
    options.deadline = Duration::from_secs(30);
    let clock = Arc::new(VirtualClock::new(START, 10));
    let store = SqliteStore::open(directory.path(), Arc::new(Digits), clock, options, Arc::new(NoFaults)).unwrap();
    let unit = |key, value| CommitUnit {
        changes: vec![Change { key, expected: Version::ABSENT, value: Some(Arc::new(value)) }],
        event: Some(event(instance('7'))),
        ..CommitUnit::default()
    };
    store.commit(unit("a", 1)).await.unwrap();

    let before = getrlimit(Resource::Fsize);
    let used = fs::metadata(directory.path().join("emulator.db-wal")).unwrap().len();
    // Room for a page more, or two: the transaction breaks off in the middle.
    setrlimit(Resource::Fsize, Rlimit { current: Some(used + 20_000), maximum: before.maximum }).unwrap();
    let mut refusals = Vec::new();
    for key in ["b", "c", "d"] {
        match store.commit(unit(key, 2)).await {
            Err(CommitError::Unavailable(Unavailable(text))) => refusals.push((key, text)),
            other => panic!("{other:?}"),
        }
        assert_eq!(*store.load(&["a"]).await.unwrap().remove(0).unwrap().value, 1, "reading goes on");
    }
    setrlimit(Resource::Fsize, before).unwrap();

    let name = format!("SQLite file {}: ", directory.path().join("emulator.db").display());
    for (key, text) in refusals {
        assert!(text.starts_with(&name), "{text}");
        assert!(store.load(&[key]).await.unwrap()[0].is_none());
        store.commit(unit(key, 3)).await.unwrap();
    }
    let log = store.events(&EventQuery::all(instance('7'), 1, 10)).await.unwrap();
    assert_eq!(log.events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    store.check(&mut |finding| panic!("{finding}")).unwrap();
}

/// The number of the signal, the same on Linux and macOS.
const SIGXFSZ: i32 = 25;
