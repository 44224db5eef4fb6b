//! An instance goes out of one emulator and into another.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream;
use hpcs_engine::{ExportSecrets, FeedStart, ServiceStore, TransferFault, TransferWhy};
use hpcs_ep11::AdminFunction;
use hpcs_hsm::Profile;
use hpcs_names::InstanceId;
use hpcs_service::sealing::SealFault;
use hpcs_service::{EventScope, Instance, InstanceSpec, Operation, Record, RecordKey, Refusal};
use hpcs_store::{Anchor, ClockChange, CommitError, CommitUnit, EventFilter, LogChange, LogOptions, Retention};
use sha2::{Digest, Sha256};
use support::hooked::{Hook, hooked};
use support::{ACCOUNT, Bench, Making, admitted, attributes, small, text};
use zeroize::Zeroizing;

/// A bench with an instance that has administrators, keys and a log.
async fn source() -> Bench {
    source_with(LogOptions::default()).await
}

async fn source_with(log: LogOptions) -> Bench {
    let bench = Bench::made_of(|store| store, Making { log, ..Making::default() }).await;
    bench.add_administrators().await;
    bench.submit(admitted(AdminFunction::SET_ATTRIBUTES, attributes(1, 1), 3)).await.unwrap();
    bench.submit(admitted(AdminFunction::GENERATE_IMPORTER, 3u32.to_be_bytes().to_vec(), 4)).await.unwrap();
    bench
}

/// Somewhere else, with an instance of its own.
async fn elsewhere() -> Bench {
    elsewhere_with(LogOptions::default()).await
}

async fn elsewhere_with(log: LogOptions) -> Bench {
    Bench::made_of(|store| store, Making { instances: vec![small(1)], seed: 8, log, ..Making::default() }).await
}

async fn exported(bench: &Bench, secrets: ExportSecrets) -> Vec<u8> {
    let mut export = bench.engine.export(bench.instance, None, secrets).await.unwrap();
    let mut file = Vec::new();
    while let Some(lines) = export.next().await.unwrap() {
        file.extend_from_slice(&lines);
    }
    file
}

async fn clear(bench: &Bench) -> Vec<u8> {
    exported(bench, ExportSecrets::InTheClear).await
}

fn passphrase(text: &str) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(text.to_owned()))
}

async fn import(bench: &Bench, file: &[u8]) -> Result<Instance, TransferFault> {
    import_with(bench, file, None).await
}

/// In chunks that know nothing of lines.
async fn import_with(
    bench: &Bench,
    file: &[u8],
    passphrase: Option<Zeroizing<String>>,
) -> Result<Instance, TransferFault> {
    let chunks: Vec<_> =
        file.chunks(1000).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
    bench.engine.import(stream::iter(chunks), passphrase, None).await
}

async fn nothing_of(bench: &Bench, id: InstanceId) {
    assert!(bench.instances().await.iter().all(|instance| instance.id != id));
    let read = Operation::ReadEvents { instances: vec![id] };
    assert_eq!(bench.execute(read).await.err(), Some(Refusal::NoSuchInstance));
    assert!(bench.events_of(id).await.is_empty());
}

fn lines(file: &[u8]) -> Vec<String> {
    text(file).lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

/// The lines with a last one that fits to them.
fn summed_up(mut lines: Vec<String>) -> Vec<u8> {
    lines.pop();
    let sum = hex::encode(Sha256::digest(joined(&lines)));
    let events = lines.len() - 1;
    lines.push(format!(r#"{{"end":{{"events":{events},"sha256":"{sum}"}}}}"#));
    joined(&lines)
}

#[tokio::test]
async fn out_and_in_and_out_again_gives_the_same_bytes() {
    for chained in [false, true] {
        let source = source_with(LogOptions { chained, ..LogOptions::default() }).await;
        let file = clear(&source).await;
        let target = elsewhere().await;
        let instance = import(&target, &file).await.unwrap();
        assert_eq!(instance.id, source.instance);
        let mut again = target.engine.export(instance.id, None, ExportSecrets::InTheClear).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(lines) = again.next().await.unwrap() {
            bytes.extend_from_slice(&lines);
        }
        assert_eq!(text(&bytes), text(&file));
        target.leave_events(&instance, 1).await;
        let events = target.events_of(instance.id).await;
        assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let before = source.events_of(instance.id).await;
        assert_eq!(events[..3], before[..]);
    }
}

#[tokio::test]
async fn modules_of_every_generation_go_out_and_come_in() {
    for profile in Profile::ALL {
        let instances = vec![InstanceSpec { profile: Some(profile), ..small(0) }];
        let source = Bench::made_of(|store| store, Making { instances, ..Making::default() }).await;
        source.add_administrators().await;
        let file = clear(&source).await;
        let target = elsewhere().await;
        let instance = import(&target, &file).await.unwrap();
        assert_eq!(instance.profile, Some(profile));
        let target = Bench { instance: source.instance, unit: source.unit, ..target };
        assert_eq!(text(&clear(&target).await), text(&file), "{profile}");
    }
}

/// A module as an earlier emulator wrote it: a CEX8 module with OA2 certificates.
#[tokio::test]
async fn a_module_whose_certificates_an_earlier_version_made_comes_in_as_it_is() {
    let source = source().await;
    let mut lines = lines(&clear(&source).await);
    assert!(lines[0].contains(r#""profile":"CEX6""#));
    lines[0] = lines[0].replace(r#""profile":"CEX6""#, r#""profile":"CEX8""#);
    let (file, target) = (summed_up(lines), elsewhere().await);
    import(&target, &file).await.unwrap();
    let target = Bench { instance: source.instance, unit: source.unit, ..target };
    assert_eq!(text(&clear(&target).await), text(&file));
}

#[tokio::test]
async fn what_comes_in_works_as_it_did() {
    let source = source().await;
    let target = elsewhere().await;
    import(&target, &clear(&source).await).await.unwrap();
    let target = Bench { instance: source.instance, unit: source.unit, ..target };
    target.submit_signed(AdminFunction::SET_ATTRIBUTES, attributes(2, 1), 5).await;
    assert_eq!(target.status().await.signature_threshold, 2);
}

#[tokio::test]
async fn a_passphrase_hides_every_secret_and_opens_them_again() {
    let source = source().await;
    let file = exported(&source, ExportSecrets::Passphrase(Zeroizing::new("correct horse".into()))).await;
    let open = clear(&source).await;
    let secret = text(&open).split(r#""key":""#).nth(1).unwrap()[..64].to_owned();
    assert!(!text(&file).contains(&secret));
    let target = elsewhere().await;
    let fault = import(&target, &file).await.unwrap_err();
    assert_eq!((fault.line, fault.why), (1, TransferWhy::NoPassphrase));
    let fault = import_with(&target, &file, passphrase("correct hors")).await.unwrap_err();
    assert_eq!((fault.line, fault.why), (1, TransferWhy::Seal(SealFault::WrongKey)));
    nothing_of(&target, source.instance).await;
    import_with(&target, &file, passphrase("correct horse")).await.unwrap();
    let target = Bench { instance: source.instance, ..target };
    assert_eq!(clear(&target).await, open);
}

#[tokio::test]
async fn files_of_others_and_of_other_versions_are_told_apart() {
    let source = source().await;
    let file = text(&clear(&source).await);
    let target = elsewhere().await;
    let fault = import(&target, file.replacen(r#""version":1"#, r#""version":2"#, 1).as_bytes()).await.unwrap_err();
    assert_eq!((fault.line, fault.why), (1, TransferWhy::ForeignVersion(2)));
    for other in ["", "x", "{}\n", "PK\u{3}\u{4}\n"] {
        let fault = import(&target, other.as_bytes()).await.unwrap_err();
        assert!(matches!(fault.why, TransferWhy::Truncated | TransferWhy::ForeignFormat), "{other:?}: {fault}");
    }
}

#[tokio::test]
async fn a_file_that_was_cut_leaves_nothing_wherever_the_cut_is() {
    let source = source().await;
    let all = lines(&clear(&source).await);
    let target = elsewhere().await;
    for count in 1..all.len() {
        let fault = import(&target, &joined(&all[..count])).await.unwrap_err();
        assert_eq!((fault.line, fault.why), (count as u64 + 1, TransferWhy::Truncated));
        nothing_of(&target, source.instance).await;
    }
    let whole = joined(&all);
    let fault = import(&target, &whole[..whole.len() - 1]).await.unwrap_err();
    assert_eq!(fault.why, TransferWhy::Truncated);
    import(&target, &whole).await.unwrap();
}

#[tokio::test]
async fn a_changed_line_is_found_by_its_own_fault_or_by_the_sum() {
    let source = source().await;
    let all = lines(&clear(&source).await);
    let target = elsewhere().await;
    let last = all.len() as u64;
    let mut renamed = all.clone();
    renamed[1] = renamed[1].replace("ceremony.admin@", "ceremony.other@");
    let mut gap = all.clone();
    gap.remove(2);
    let mut turned = all.clone();
    turned[2] = turned[2].replace("2026-01-01", "2025-01-01");
    let mut stranger = all.clone();
    stranger[1] = stranger[1].replace("hs-crypto.tke", "hs-crypto.nothing");
    let mut fewer = all.clone();
    fewer.remove(3);
    let mut longer = all.clone();
    longer.push("{}".to_owned());
    let mut control = all.clone();
    control[1] = control[1].replacen(r#""line":"{"#, r#""line":"{\n"#, 1);
    let mut other_time = all.clone();
    other_time[1] = other_time[1].replacen(r#"eventTime\":\"2026"#, r#"eventTime\":\"2027"#, 1);
    let mut other_instance = all.clone();
    let at = other_instance[1].rfind(&source.instance.to_string()).unwrap();
    other_instance[1].replace_range(at..at + 4, "0000");
    let mut long = all.clone();
    long[1] = long[1].replacen(r#""line":"{"#, &format!(r#""line":"{{{}"#, " ".repeat(64 * 1024)), 1);
    let mut chain = all.clone();
    chain[0] = chain[0].replacen(r#""chain":false"#, r#""chain":true"#, 1);
    let mut deleted = all.clone();
    deleted[0] = deleted[0].replacen(r#""instance":{"#, r#""instance":{"deleted":true,"#, 1);
    for (name, file, line, fits) in [
        ("control", summed_up(control), 2, (|why| *why == TransferWhy::Event("line")) as fn(&TransferWhy) -> bool),
        ("other time", summed_up(other_time), 2, |why| *why == TransferWhy::Event("line.eventTime")),
        ("other instance", summed_up(other_instance), 2, |why| *why == TransferWhy::Event("line.logSourceCRN")),
        ("long", summed_up(long), 2, |why| matches!(why, TransferWhy::LongLine { .. })),
        ("chain", summed_up(chain), 1, |why| *why == TransferWhy::Event("log.chain")),
        ("deleted", summed_up(deleted), 1, |why| why.to_string().starts_with("instance: deleted: ")),
        ("renamed", joined(&renamed), last, |why| *why == TransferWhy::Checksum),
        ("gap", joined(&gap), 3, |why| matches!(why, TransferWhy::Broken(_))),
        ("turned", joined(&turned), 3, |why| matches!(why, TransferWhy::Broken(_))),
        ("stranger", joined(&stranger), 2, |why| *why == TransferWhy::Event("line.action")),
        ("fewer", joined(&fewer), last - 1, |why| *why == TransferWhy::Count { said: 3, found: 2 }),
        ("fewer, summed up", summed_up(fewer), last - 1, |why| *why == TransferWhy::LastEvent),
        ("longer", joined(&longer), last + 1, |why| *why == TransferWhy::AfterTheEnd),
    ] {
        let fault = import(&target, &file).await.unwrap_err();
        assert!(fits(&fault.why), "{name}: {fault}");
        assert_eq!(fault.line, line, "{name}");
        nothing_of(&target, source.instance).await;
        assert!(Refusal::from(fault).to_string().contains(&format!("line {line}")), "{name}");
    }
}

#[tokio::test]
async fn a_changed_line_of_a_chained_log_is_found_where_it_is() {
    let source = source_with(LogOptions { chained: true, ..LogOptions::default() }).await;
    let mut all = lines(&clear(&source).await);
    all[2] = all[2].replace("ceremony.admin@", "ceremony.other@");
    let fault = import(&elsewhere().await, &summed_up(all)).await.unwrap_err();
    assert!(fault.line == 3 && matches!(fault.why, TransferWhy::Broken(_)), "{fault}");
}

#[tokio::test]
async fn an_instance_that_cannot_be_names_the_field() {
    let source = source().await;
    let mut all = lines(&clear(&source).await);
    all[0] = all[0].replacen(r#""signature_threshold":1"#, r#""signature_threshold":9"#, 1);
    let fault = import(&elsewhere().await, &summed_up(all)).await.unwrap_err();
    assert!(fault.line == 1 && fault.to_string().contains("units[0].signature_threshold"), "{fault}");
}

#[tokio::test]
async fn a_source_that_breaks_off_leaves_nothing_and_the_next_try_starts_clean() {
    let source = source().await;
    let file = clear(&source).await;
    let target = elsewhere().await;
    let broken = [Ok(Bytes::copy_from_slice(&file[..file.len() - 300])), Err(std::io::Error::other("gone"))];
    let fault = target.engine.import(stream::iter(broken), None, None).await.unwrap_err();
    assert_eq!(fault.why, TransferWhy::Source("gone".into()));
    nothing_of(&target, source.instance).await;
    import(&target, &file).await.unwrap();
}

#[tokio::test]
async fn an_import_that_is_left_alone_is_invisible_and_taken_up_anew() {
    let source = source().await;
    source.leave_events(&source.instances().await[0], 2000).await;
    let file = clear(&source).await;
    let target = elsewhere().await;
    {
        let head = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[..file.len() - 300]))]);
        let stuck = futures_util::StreamExt::chain(head, stream::pending());
        let import = target.engine.import(stuck, None, None);
        tokio::pin!(import);
        // Its first events are in the log when its caller gives up, as when its process ends.
        tokio::select! {
            _ = &mut import => panic!("the source never ends"),
            () = async { while target.events_of(source.instance).await.is_empty() { tokio::task::yield_now().await } } => {}
        }
    }
    let read = Operation::ReadEvents { instances: vec![source.instance] };
    assert_eq!(target.execute(read).await.err(), Some(Refusal::NoSuchInstance));
    import(&target, &file).await.unwrap();
    assert_eq!(target.events_of(source.instance).await.len(), 2003);
}

#[tokio::test]
async fn what_an_import_left_does_not_become_the_log_of_an_instance_that_is_made() {
    let source = source().await;
    source.leave_events(&source.instances().await[0], 2000).await;
    let file = clear(&source).await;
    let target = elsewhere().await;
    {
        let head = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[..file.len() - 300]))]);
        let stuck = futures_util::StreamExt::chain(head, stream::pending());
        let import = target.engine.import(stuck, None, None);
        tokio::pin!(import);
        tokio::select! {
            _ = &mut import => panic!("the source never ends"),
            () = async { while target.events_of(source.instance).await.is_empty() { tokio::task::yield_now().await } } => {}
        }
    }
    target.create(Some(source.instance)).await.unwrap();
    assert!(target.events_of(source.instance).await.is_empty());
}

#[tokio::test]
async fn an_instance_that_is_here_stays_as_it_is() {
    let source = source().await;
    let file = clear(&source).await;
    let fault = import(&source, &file).await.unwrap_err();
    assert_eq!(fault.why, TransferWhy::Exists(source.instance));
    let text = Refusal::from(fault).to_string();
    assert_eq!(text, format!("instance: {} is here already; delete and purge it first", source.instance));
    assert_eq!(clear(&source).await, file);
    source.delete(source.instance, false).await.unwrap();
    assert_eq!(import(&source, &file).await.unwrap_err().why, TransferWhy::Exists(source.instance));
    source.delete(source.instance, true).await.unwrap();
    import(&source, &file).await.unwrap();
    assert_eq!(clear(&source).await, file);
}

#[tokio::test]
async fn an_instance_that_does_not_exist_does_not_go_out() {
    let bench = source().await;
    let nowhere = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    let refusal = bench.engine.export(nowhere, None, ExportSecrets::InTheClear).await.err().unwrap();
    assert_eq!(refusal, Refusal::NoSuchInstance);
}

fn shift(bench: &Bench, millis: i64) {
    bench.engine.clock().change(ClockChange { shift: millis, ..ClockChange::default() });
}

/// A bench whose clock can be set, with a log of some minutes of which retention hides the older part.
async fn aged(chained: bool) -> (Bench, u64) {
    let retention = Retention { age: Some(Duration::from_secs(60)), ..Retention::default() };
    let source = source_with(LogOptions { chained, retention, ..LogOptions::default() }).await;
    let instance = source.instances().await.remove(0);
    source.leave_events(&instance, 5).await;
    shift(&source, 40_000);
    source.leave_events(&instance, 3).await;
    shift(&source, 40_000);
    let visible = source.events_of(instance.id).await;
    assert_eq!(visible.len(), 3, "the others are hidden, and no commit has cut them away");
    (source, visible[0].sequence)
}

#[tokio::test]
async fn what_retention_hides_is_not_in_the_file_and_the_rest_comes_in() {
    for chained in [false, true] {
        let (source, first) = aged(chained).await;
        let file = clear(&source).await;
        let target = elsewhere_with(LogOptions { chained, ..LogOptions::default() }).await;
        let instance = import(&target, &file).await.unwrap();
        let sequences: Vec<_> = target.events_of(instance.id).await.iter().map(|event| event.sequence).collect();
        // The digest before the first visible event is not to be had: the chain begins after it.
        let first = if chained { first + 1 } else { first };
        assert_eq!(sequences, (first..=source.events_of(instance.id).await[2].sequence).collect::<Vec<_>>());
        target.leave_events(&instance, 1).await;
        assert_eq!(target.events_of(instance.id).await.len(), sequences.len() + 1);
    }
}

#[tokio::test]
async fn a_log_that_is_hidden_altogether_goes_out_empty_and_goes_on() {
    for chained in [false, true] {
        let (source, first) = aged(chained).await;
        shift(&source, 600_000);
        let target = elsewhere().await;
        let instance = import(&target, &clear(&source).await).await.unwrap();
        assert!(target.events_of(instance.id).await.is_empty());
        target.leave_events(&instance, 1).await;
        assert_eq!(target.events_of(instance.id).await[0].sequence, first + 3);
    }
}

#[tokio::test]
async fn an_instance_of_another_account_does_not_come_in_and_its_owner_is_named() {
    let source = source().await;
    let target = elsewhere().await;
    let file = exported(&source, ExportSecrets::Passphrase(Zeroizing::new("correct horse".into()))).await;
    let import = |account: &str| {
        let file = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file))]);
        target.engine.import(file, passphrase("wrong"), Some(account.parse().unwrap()))
    };
    let fault = import("00000000000000000000000000000000").await.unwrap_err();
    assert_eq!(fault.to_string(), "line 1: instance: account: is not the caller's account");
    // The passphrase is looked at after the account.
    assert_eq!(import(ACCOUNT).await.unwrap_err().why, TransferWhy::Seal(SealFault::WrongKey));
}

/// Before an instance is shown: someone else begins to take it in, or whoever waits for events gets a turn.
#[derive(Default)]
struct Racing {
    /// Whose log the other one begins, once.
    instance: Mutex<Option<InstanceId>>,
}

impl Hook for Racing {
    fn before<'a>(
        &'a self,
        inner: &'a ServiceStore,
        unit: &'a CommitUnit<RecordKey, Record>,
    ) -> BoxFuture<'a, Result<(), CommitError>> {
        Box::pin(async move {
            if unit.changes.iter().any(|change| change.key == RecordKey::Directory) {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                let raced = self.instance.lock().unwrap().take();
                if let Some(instance) = raced {
                    let logs =
                        vec![LogChange::Drop(instance), LogChange::Begin { instance, anchor: Anchor::BEGINNING }];
                    inner.commit(CommitUnit { logs, ..CommitUnit::default() }).await?;
                }
            }
            Ok(())
        })
    }
}

/// As elsewhere, but over such a store.
async fn racing(instance: Option<InstanceId>) -> Bench {
    let racing = Arc::new(Racing::default());
    let making = Making { instances: vec![small(1)], seed: 8, ..Making::default() };
    let bench = Bench::made_of(hooked(racing.clone()), making).await;
    *racing.instance.lock().unwrap() = instance;
    bench
}

#[tokio::test]
async fn an_instance_is_not_shown_with_a_log_that_another_replica_has_begun_anew() {
    // Of the longest log, a part was written before.
    for (events, refused) in [(0, false), (3, false), (1_500, true)] {
        let source = Bench::new().await;
        source.leave_events(&source.instances().await[0], events).await;
        let file = clear(&source).await;
        let target = racing(Some(source.instance)).await;
        if refused {
            let fault = import(&target, &file).await.unwrap_err();
            assert_eq!(fault.why, TransferWhy::Refused(Refusal::Busy));
            nothing_of(&target, source.instance).await;
        }
        import(&target, &file).await.unwrap();
        assert_eq!(target.events_of(source.instance).await.len(), events);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_events_is_woken_when_an_instance_comes_in() {
    let source = source().await;
    let file = clear(&source).await;
    let target = racing(None).await;
    let scope = EventScope::Account(ACCOUNT.parse().unwrap());
    let mut feed = target.engine.feed(scope, FeedStart::Now, EventFilter::default()).await.unwrap();
    let engine = target.engine.clone();
    let waiting = tokio::spawn(async move {
        engine
            .wait_for(&mut feed, 3, tokio::time::sleep(Duration::from_secs(60)))
            .await
            .map_err(|error| error.to_string())
    });
    let before = tokio::time::Instant::now();
    import(&target, &file).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().len(), 3);
    assert!(before.elapsed() < Duration::from_secs(60), "not woken, but out of time");
}
