//! The look at everything.

use hpcs_store::{LogOptions, Store, Version};

use super::{Setup, one, only_event, write};
use crate::cases;
use crate::fixture::instance;
use crate::server::Server;

cases! {
    an_untouched_database_has_no_faults,
    every_kind_of_damage_is_found,
}

async fn an_untouched_database_has_no_faults(server: &Server) {
    let (store, _) = one(server, Setup::default()).await;
    store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
    for digit in ['7', '8', '7'] {
        store.commit(only_event(instance(digit))).await.unwrap();
    }
    let checked = store.check(&mut |finding| panic!("{finding}")).await.unwrap();
    assert_eq!((checked.records, checked.logs, checked.events, checked.findings), (1, 2, 3, 0));
}

async fn every_kind_of_damage_is_found(server: &Server) {
    for (damage, fault) in [
        ("DELETE FROM hpcs_events WHERE sequence = 3", "event 3 is missing"),
        ("DELETE FROM hpcs_events WHERE sequence = 5", "it ends with event 4"),
        ("UPDATE hpcs_events SET time = 0 WHERE sequence = 3", "earlier than the one before"),
        ("UPDATE hpcs_events SET line = line || ' ' WHERE sequence = 3", "event 3 does not fit the digest chain"),
        ("UPDATE hpcs_events SET digest = line WHERE sequence = 3", "a digest"),
        ("UPDATE hpcs_events SET action = 'none' WHERE sequence = 3", "the action of event 3"),
        ("UPDATE hpcs_logs SET bytes = 5", "its head says 5"),
        ("UPDATE hpcs_records SET value = 'x'", "'a' is not a number"),
        ("UPDATE hpcs_records SET version = 1000", "version 1000 was never given out"),
        ("DELETE FROM hpcs_logs", "but not the log"),
    ] {
        let log = LogOptions { chained: true, ..LogOptions::default() };
        let (store, database) = one(server, Setup { log, ..Setup::default() }).await;
        store.commit(write("a", Version::ABSENT, 1)).await.unwrap();
        for _ in 0..5 {
            store.commit(only_event(instance('7'))).await.unwrap();
        }
        server.connect(&database).await.batch_execute(damage).await.unwrap();
        let mut findings = Vec::new();
        let checked = store.check(&mut |finding| findings.push(finding.to_string())).await.unwrap();
        assert!(findings.iter().any(|found| found.contains(fault)), "{damage}: {findings:?}");
        assert_eq!(checked.findings, findings.len() as u64);
    }
}
