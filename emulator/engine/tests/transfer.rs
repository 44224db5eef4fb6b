//! An instance goes out of one emulator and into another.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use bytes::Bytes;
use futures_util::stream;
use hpcs_engine::{ExportSecrets, TransferFault, TransferWhy};
use hpcs_ep11::AdminFunction;
use hpcs_names::InstanceId;
use hpcs_service::sealing::SealFault;
use hpcs_service::{Instance, Operation, Refusal};
use hpcs_store::LogOptions;
use sha2::{Digest, Sha256};
use support::{Bench, Making, admitted, attributes, small, text};
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
    Bench::made_of(|store| store, Making { instances: vec![small(1)], seed: 8, ..Making::default() }).await
}

async fn exported(bench: &Bench, secrets: ExportSecrets) -> Vec<u8> {
    let mut export = bench.engine.export(bench.instance, secrets).await.unwrap();
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
    bench.engine.import(stream::iter(chunks), passphrase).await
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
        let mut again = target.engine.export(instance.id, ExportSecrets::InTheClear).await.unwrap();
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
    turned[2] = turned[2].replacen("2026-01-01", "2025-01-01", 1);
    let mut stranger = all.clone();
    stranger[1] = stranger[1].replace("hs-crypto.tke", "hs-crypto.nothing");
    let mut fewer = all.clone();
    fewer.remove(3);
    let mut longer = all.clone();
    longer.push("{}".to_owned());
    for (name, file, line, fits) in [
        ("renamed", joined(&renamed), last, (|why| *why == TransferWhy::Checksum) as fn(&TransferWhy) -> bool),
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
    let fault = target.engine.import(stream::iter(broken), None).await.unwrap_err();
    assert_eq!(fault.why, TransferWhy::Source("gone".into()));
    nothing_of(&target, source.instance).await;
    import(&target, &file).await.unwrap();
}

#[tokio::test]
async fn an_import_that_is_left_alone_is_invisible_and_taken_up_anew() {
    let source = source().await;
    source.leave_events(&source.instances().await[0], 200).await;
    let file = clear(&source).await;
    let target = elsewhere().await;
    {
        let head = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[..file.len() - 300]))]);
        let stuck = futures_util::StreamExt::chain(head, stream::pending());
        let import = target.engine.import(stuck, None);
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
    assert_eq!(target.events_of(source.instance).await.len(), 203);
}

#[tokio::test]
async fn what_an_import_left_does_not_become_the_log_of_an_instance_that_is_made() {
    let source = source().await;
    source.leave_events(&source.instances().await[0], 200).await;
    let file = clear(&source).await;
    let target = elsewhere().await;
    {
        let head = stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(&file[..file.len() - 300]))]);
        let stuck = futures_util::StreamExt::chain(head, stream::pending());
        let import = target.engine.import(stuck, None);
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
    assert_eq!(Refusal::from(fault), Refusal::AlreadyExists);
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
    let refusal = bench.engine.export(nowhere, ExportSecrets::InTheClear).await.err().unwrap();
    assert_eq!(refusal, Refusal::NoSuchInstance);
}
