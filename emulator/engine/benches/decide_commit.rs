//! One threshold change below signature verification: `decide` and commit in memory, event included.
//!
//! The aim is 20 microseconds of CPU. The module's signature on the answer is not part of it: it is made after the
//! commit. For scale, the same run measures one P-521 signature. Beside it: the reset of an instance with five crypto
//! units through the engine, in memory; the aim is 5 milliseconds.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use futures_util::FutureExt;
use hpcs_ep11::{AdminCertificate, AdminFunction};
use hpcs_service::{
    CallEnv, Decision, InstanceSpec, Knobs, Operation, Record, RecordKey, Seed, ServiceRoot, TokenAuthority, View,
    decide,
};
use hpcs_store::{Change, ClockChange, CommitUnit, LogOptions, MemoryStore, Pace, Store, Version, VirtualClock};
use support::{Bench, admitted, attributes};

fn threshold_change(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bench = runtime.block_on(Bench::new());
    let who = bench.who();
    let (instance, records) = support::laid_out();
    let seed = Seed::from_number(7);
    let root = ServiceRoot::of(&seed);
    let (authority, knobs) = (TokenAuthority::new(&root), Knobs::default());
    let clock = Arc::new(VirtualClock::new(support::START, 10));
    let store = MemoryStore::<RecordKey, Record>::new(clock, LogOptions::default());
    let key = RecordKey::CryptoUnit(bench.unit);
    let card = Arc::new(Record::Instance(instance));
    let unit = records.into_iter().find(|(found, _)| *found == key).unwrap().1;
    let mut version = Version::ABSENT;
    let mut state = Arc::new(unit);
    let mut command = |function, input, counter| {
        let mut view = View::default();
        view.insert(RecordKey::Instance(bench.instance), card.clone());
        view.insert(key, state.clone());
        let operation = Operation::admitted(bench.instance, bench.unit, admitted(function, input, counter));
        let env = CallEnv { now: support::START, seed: &seed, root: &root, authority: &authority, knobs: &knobs };
        let Decision { changes, event, .. } = decide(&view, &who, &operation, &env);
        let change = changes.into_iter().next().expect("the command takes effect");
        state = Arc::new(change.record.expect("it writes"));
        let change = Change { key, expected: version, value: Some(state.clone()) };
        let unit = CommitUnit { changes: vec![change], event, ..CommitUnit::default() };
        store.commit(unit).now_or_never().unwrap().unwrap();
        // The only record of this store: its versions count up.
        version = Version(version.0 + 1);
    };
    let mut counter = 0;
    for (name, key) in ["one", "two"].into_iter().zip(&support::administrators()) {
        counter += 1;
        command(AdminFunction::ADD_ADMINISTRATOR, AdminCertificate::build(name, key).unwrap(), counter);
    }

    criterion.bench_function("decide + commit, threshold change", |bencher| {
        bencher.iter(|| {
            counter += 1;
            command(AdminFunction::SET_ATTRIBUTES, attributes(1 + (counter % 2) as u32, 1), counter);
        });
    });
    let [key, _] = support::administrators();
    criterion.bench_function("one P-521 signature, for scale", |bencher| bencher.iter(|| key.sign(&[0; 100])));
}

fn reset(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bench = runtime.block_on(Bench::of(vec![InstanceSpec { operational: 3, ..support::spec(0) }]));
    let instance = bench.instance;
    // Time moves with every commit here, and a token lives an hour.
    bench.engine.clock().change(ClockChange { pace: Some(Pace::Frozen), ..ClockChange::default() });
    criterion.bench_function("reset, five crypto units", |bencher| {
        bencher.iter(|| {
            let reset = Operation::ResetInstance { instance, document: None };
            assert!(runtime.block_on(bench.engine.carry_out(bench.who(), reset)).is_ok());
        });
    });
}

criterion_group!(benches, threshold_change, reset);
criterion_main!(benches);
