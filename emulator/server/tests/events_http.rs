//! Event logs over plain HTTP: reading, filters, following, waiting, roles, cut logs, and the end.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;

use hpcs_emulator::config::{ApiKeyConfig, Config, StoreConfig};
use hpcs_service::{ApiKey, Role};
use hpcs_store::Retention;
use hyper::Method;
use support::http::{Answer, Client, nothing};
use support::{MANAGER, READER, Server};

const EVENTS: &str = "/_emulator/events";
const SSE: &str = "text/event-stream";

/// A second instance: its id and one of its crypto units.
async fn second_instance(server: &Server) -> (String, String) {
    let id = "6a1f0c9e-3b7d-4c52-9e08-5d4f2b1a7c63".to_owned();
    let manager = server.http(MANAGER).await;
    let created = manager.post("/_emulator/instances", &format!(r#"{{"id":"{id}"}}"#)).await;
    assert_eq!(created.status, 201, "{created:?}");
    let request = hpcs_grpc::emulator::v1::ListCryptoUnitsRequest { instance: id.clone() };
    let units = server.crypto_units().list(server.signed(MANAGER, request).await).await.unwrap().into_inner().units;
    (id, units[0].id.clone())
}

fn envelopes(answer: &Answer) -> Vec<serde_json::Value> {
    answer.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// (instance, sequence) of each envelope.
fn names(answer: &Answer) -> Vec<(String, u64)> {
    envelopes(answer)
        .iter()
        .map(|event| (event["instance"].as_str().unwrap().to_owned(), event["sequence"].as_u64().unwrap()))
        .collect()
}

async fn reader(server: &Server) -> Client {
    server.http(READER).await
}

#[tokio::test]
async fn lines_are_those_that_were_committed_byte_for_byte() {
    let server = Server::start().await;
    server.one_event().await;
    server.one_event().await;
    let over_grpc = server.events().await;
    let answer = reader(&server).await.get(EVENTS).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    assert!(answer.content.ends_with(b"\n"));
    let lines = answer.lines();
    assert_eq!(lines.len(), 2);
    let read: Vec<serde_json::Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, over_grpc);

    let answer = reader(&server).await.get(&format!("{EVENTS}?form=envelope")).await;
    for (index, line) in answer.lines().iter().enumerate() {
        let (head, event) = line.split_once(r#","event":"#).unwrap();
        assert_eq!(event.strip_suffix('}').unwrap(), lines[index]);
        assert!(head.starts_with(&format!(r#"{{"instance":"{}","sequence":{},"#, server.instance(), index + 1)));
    }
}

#[tokio::test]
async fn the_same_is_read_over_http_2() {
    let server = Server::start().await;
    server.one_event().await;
    let reader = reader(&server).await;
    let request = || reader.request(Method::GET, EVENTS).body(nothing()).unwrap();
    let (one, two) = (reader.send(request()).await, reader.send_h2(request()).await);
    assert_eq!((two.status, two.content), (200, one.content));
}

#[tokio::test]
async fn filters_choose_by_action_outcome_severity_time_and_number() {
    let server = Server::start().await;
    for _ in 0..5 {
        server.one_event().await;
    }
    let reader = reader(&server).await;
    let count = async |query: &str| {
        let answer = reader.get(&format!("{EVENTS}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        answer.lines().len()
    };
    assert_eq!(count("action=hs-crypto.tke-*").await, 5);
    assert_eq!(count("action=hs-crypto.tke-cryptounit.reset&action=x").await, 5);
    assert_eq!(count("action=hs-crypto.secrets.create").await, 0);
    assert_eq!(count("outcome=failure").await, 5);
    assert_eq!(count("outcome=success").await, 0);
    assert_eq!(count("severity=normal&severity=warning&severity=critical").await, 5);
    assert_eq!(count("until=2026-01-01T00:00:00Z").await, 0);
    assert_eq!(count("since=2026-01-01T00:00:00Z&until=2030-01-01T00:00:00%2B01:00").await, 5);
    assert_eq!(count(&format!("instance={}&from=4", server.instance())).await, 2);
    let newest = reader.get(&format!("{EVENTS}?last=2&form=envelope")).await;
    assert_eq!(names(&newest), [(server.instance(), 4), (server.instance(), 5)]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_name() {
    let server = Server::start().await;
    let reader = reader(&server).await;
    for (query, message) in [
        ("instnace=x", "query: no parameter 'instnace'; did you mean 'instance'?"),
        ("outcome=maybe", "outcome: 'maybe' is none of success, failure"),
        ("after=damaged", "after: "),
        ("from=2", "from: a sequence belongs to one instance; name it with instance"),
        ("last=0", "last: a number from 1 to 1000"),
        ("wait=0", "wait: a number from 1 to 1000"),
        ("wait=1&timeout=11m", "timeout: at most 600 s"),
        ("wait=1&timeout=soon", "timeout: 'soon': "),
        ("timeout=1s", "timeout: it goes with wait"),
        ("wait=1&follow=true", "follow: not where events are waited for"),
        ("follow=maybe", "follow: 'maybe': "),
        ("follow=true&follow=true", "follow: it is there more than once"),
        ("since=yesterday", "since: 'yesterday' is not a time"),
        ("form=xml", "form: 'xml': "),
        ("instance=first", "instance: "),
    ] {
        let (status, code, text) = reader.get(&format!("{EVENTS}?{query}")).await.error();
        assert_eq!((status, code.as_str()), (400, "INVALID_ARGUMENT"), "{query}");
        assert!(text.starts_with(message), "{query}: {text}");
    }
    let unknown = reader.get(&format!("{EVENTS}?instance=6a1f0c9e-3b7d-4c52-9e08-5d4f2b1a7c63")).await;
    assert_eq!(unknown.error().0, 404);
}

#[tokio::test]
async fn a_damaged_token_is_refused_wherever_the_damage_is() {
    let server = Server::start().await;
    server.one_event().await;
    let reader = reader(&server).await;
    let all = reader.get(&format!("{EVENTS}?form=envelope")).await;
    let token = envelopes(&all)[0]["resume"].as_str().unwrap().to_owned();
    assert!(reader.get(&format!("{EVENTS}?after={token}")).await.lines().is_empty());
    for at in [0, token.len() / 2, token.len() - 1] {
        let mut damaged = token.clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        let damaged = String::from_utf8(damaged).unwrap();
        let answer = reader.get(&format!("{EVENTS}?after={damaged}")).await;
        assert_eq!(answer.error().0, 400, "{damaged}");
    }
}

#[tokio::test]
async fn server_sent_events_go_on_after_a_broken_connection_without_gap_or_repeat() {
    let server = Server::start().await;
    let (second, unit) = second_instance(&server).await;
    let reader = reader(&server).await;
    let mut seen = BTreeSet::new();
    let mut last_id: Option<String> = None;
    for round in 0..4 {
        for _ in 0..3 {
            server.one_event().await;
            server.one_event_of(&second, &unit).await;
        }
        let mut request = reader.request(Method::GET, &format!("{EVENTS}?form=envelope")).header("accept", SSE);
        if let Some(id) = &last_id {
            request = request.header("last-event-id", id);
        }
        let mut stream = reader.open(request.body(nothing()).unwrap()).await;
        assert_eq!((stream.status, &stream.headers["content-type"]), (200, &SSE.parse().unwrap()));
        // Some of what is there is left for the next connection.
        for _ in 0..(if round == 3 { 9 } else { 5 }) {
            let fields = stream.event().await.unwrap();
            let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["id", "event", "data"]);
            assert_eq!(fields[1].1, "audit");
            let event: serde_json::Value = serde_json::from_str(&fields[2].1).unwrap();
            assert_eq!(event["resume"], fields[0].1.as_str());
            let name = (event["instance"].as_str().unwrap().to_owned(), event["sequence"].as_u64().unwrap());
            assert!(seen.insert(name.clone()), "{name:?} came twice");
            last_id = Some(fields[0].1.clone());
        }
    }
    let all =
        [server.instance(), second].into_iter().flat_map(|id| (1..=12).map(move |sequence| (id.clone(), sequence)));
    assert_eq!(seen, all.collect());
}

#[tokio::test]
async fn lines_are_followed_and_resumed_by_token() {
    let server = Server::start().await;
    let reader = reader(&server).await;
    server.one_event().await;
    let mut stream = reader.follow(&format!("{EVENTS}?follow=true&form=envelope"), "*/*").await;
    let first: serde_json::Value = serde_json::from_str(&stream.until("\n").await.unwrap()).unwrap();
    assert_eq!(first["sequence"], 1);
    server.one_event().await;
    let second: serde_json::Value = serde_json::from_str(&stream.until("\n").await.unwrap()).unwrap();
    assert_eq!(second["sequence"], 2);
    drop(stream);
    server.one_event().await;
    let path = format!("{EVENTS}?form=envelope&after={}", second["resume"].as_str().unwrap());
    assert_eq!(names(&reader.get(&path).await), [(server.instance(), 3)]);
}

#[tokio::test]
async fn an_instance_that_is_made_later_joins_those_who_follow() {
    let server = Server::start().await;
    let reader = reader(&server).await;
    let mut stream = reader.follow(&format!("{EVENTS}?last=1&form=envelope"), SSE).await;
    let (second, unit) = second_instance(&server).await;
    server.one_event_of(&second, &unit).await;
    let event: serde_json::Value = serde_json::from_str(&stream.event().await.unwrap()[2].1).unwrap();
    assert_eq!((event["instance"].as_str().unwrap(), &event["sequence"]), (&*second, &1.into()));
}

#[tokio::test]
async fn the_newest_events_of_several_instances_are_the_newest_of_all_and_resume_among_themselves() {
    let server = Server::start().await;
    let (second, unit) = second_instance(&server).await;
    for _ in 0..3 {
        server.one_event().await;
        server.one_event_of(&second, &unit).await;
    }
    let reader = reader(&server).await;
    let newest = reader.get(&format!("{EVENTS}?last=4&form=envelope")).await;
    let first = server.instance();
    let expected = [(first.clone(), 2), (second.clone(), 2), (first, 3), (second, 3)];
    assert_eq!(names(&newest), expected);
    for (index, event) in envelopes(&newest).iter().enumerate() {
        let path = format!("{EVENTS}?form=envelope&after={}", event["resume"].as_str().unwrap());
        let rest: BTreeSet<_> = names(&reader.get(&path).await).into_iter().collect();
        assert_eq!(rest, expected[index + 1..].iter().cloned().collect(), "after {index}");
    }
}

#[tokio::test]
async fn waiting_ends_with_the_last_event_that_was_waited_for() {
    let server = Server::start().await;
    server.one_event().await;
    let reader = reader(&server).await;
    let path = format!("{EVENTS}?wait=3&timeout=600s&form=envelope");
    let waiting = tokio::spawn(async move { reader.get(&path).await });
    for _ in 0..4 {
        server.one_event().await;
    }
    let answer = waiting.await.unwrap();
    assert_eq!((answer.status, answer.header("hpcs-complete")), (200, "true"));
    let sequences: Vec<_> = names(&answer).into_iter().map(|(_, sequence)| sequence).collect();
    assert_eq!(sequences, [1, 2, 3]);
}

#[tokio::test]
async fn waiting_in_vain_gives_what_came() {
    let server = Server::start().await;
    server.one_event().await;
    let answer = reader(&server).await.get(&format!("{EVENTS}?wait=2&timeout=1ms")).await;
    assert_eq!((answer.status, answer.header("hpcs-complete")), (200, "false"));
    assert_eq!(answer.lines().len(), 1);
}

#[tokio::test]
async fn a_position_that_retention_has_cut_away_is_gone() {
    let retention = Retention { events: Some(2), ..Retention::default() };
    let store = StoreConfig { retention, ..StoreConfig::default() };
    let server = Server::with(Config { store, ..Config::default() }).await;
    let reader = reader(&server).await;
    server.one_event().await;
    let token = envelopes(&reader.get(&format!("{EVENTS}?form=envelope")).await)[0]["resume"].clone();
    for _ in 0..40 {
        server.one_event().await;
    }
    let from = format!("{EVENTS}?instance={}&from=2", server.instance());
    let after = format!("{EVENTS}?after={}", token.as_str().unwrap());
    for path in [from, after] {
        let (status, code, message) = reader.get(&path).await.error();
        assert_eq!((status, code.as_str()), (410, "OUT_OF_RANGE"));
        assert!(message.starts_with("event 2 of instance "), "{message}");
    }
    assert!(reader.get(EVENTS).await.lines().len() >= 2);
}

#[tokio::test]
async fn only_readers_of_events_read_them() {
    let mut config = Config::default();
    let identity = config.api_keys[0].identity.clone();
    let identity = hpcs_service::Identity { roles: vec![Role::Manager], ..identity };
    config.api_keys.push(ApiKeyConfig { key: ApiKey::new("manager".to_owned()), identity, is_default: false });
    let server = Server::with(config).await;
    let (status, code, message) = server.http("manager").await.get(EVENTS).await.error();
    assert_eq!((status, code.as_str()), (403, "PERMISSION_DENIED"));
    assert!(message.contains("EventReader"), "{message}");
    for key in [MANAGER, READER] {
        assert_eq!(server.http(key).await.get(EVENTS).await.status, 200, "{key}");
    }
    let stranger = server.stranger().get(EVENTS).await;
    assert_eq!(stranger.error().0, 401);
    assert_eq!(stranger.header("www-authenticate"), "Bearer realm=\"hpcs-emulator\"");
    let guess = Client::new(server.emulator.address(), Some("guess".to_owned())).get(&format!("{EVENTS}?x=y")).await;
    assert_eq!(guess.error().0, 401);
}

#[tokio::test]
async fn the_log_of_a_deleted_instance_stays_readable() {
    let server = Server::start().await;
    let (second, unit) = second_instance(&server).await;
    server.one_event_of(&second, &unit).await;
    let manager = server.http(MANAGER).await;
    assert_eq!(manager.delete(&format!("/_emulator/instances/{second}")).await.status, 204);
    let reader = reader(&server).await;
    let path = format!("{EVENTS}?form=envelope&instance={second}");
    assert_eq!(names(&reader.get(&path).await), [(second.clone(), 1)]);
    assert_eq!(manager.delete(&format!("/_emulator/instances/{second}?purge=true")).await.status, 204);
    assert_eq!(reader.get(&path).await.error().0, 404);
}

#[tokio::test]
async fn streams_and_waiting_calls_end_with_the_emulator() {
    let server = Server::start().await;
    server.one_event().await;
    let reader = reader(&server).await;
    let mut lines = reader.follow(&format!("{EVENTS}?follow=true"), "*/*").await;
    let mut events = reader.follow(EVENTS, SSE).await;
    lines.until("\n").await.unwrap();
    events.event().await.unwrap();
    let mut connection = reader.connect_h2().await;
    let path = format!("{EVENTS}?wait=2&timeout=600s");
    let waiting = tokio::spawn(connection.send_request(reader.request(Method::GET, &path).body(nothing()).unwrap()));
    // Streams of a connection are taken in their order: the call that waits is there when the next is answered.
    let health = reader.request(Method::GET, "/healthz").body(nothing()).unwrap();
    assert_eq!(connection.send_request(health).await.unwrap().status(), 200);
    server.emulator.shutdown().await.unwrap();
    let waited = waiting.await.unwrap().unwrap();
    assert_eq!((waited.status().as_u16(), &waited.headers()["hpcs-complete"]), (200, &"false".parse().unwrap()));
    assert_eq!(lines.rest().await.unwrap().len(), 0);
    assert_eq!(events.rest().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_reader_that_takes_nothing_holds_up_nobody() {
    let server = Server::start().await;
    let reader = reader(&server).await;
    let _idle: Vec<_> =
        [reader.follow(&format!("{EVENTS}?follow=true"), "*/*").await, reader.follow(EVENTS, SSE).await].into();
    for _ in 0..300 {
        server.one_event().await;
    }
    assert_eq!(reader.get(EVENTS).await.lines().len(), 300);
}

#[tokio::test]
async fn head_answers_as_get_would_without_content() {
    let server = Server::start().await;
    server.one_event().await;
    let reader = reader(&server).await;
    for path in [EVENTS.to_owned(), format!("{EVENTS}?follow=true"), format!("{EVENTS}?wait=9&timeout=600s")] {
        let answer = reader.send(reader.request(Method::HEAD, &path).body(nothing()).unwrap()).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{path}");
        assert!(answer.content.is_empty());
    }
    let missing = format!("{EVENTS}?instance=6a1f0c9e-3b7d-4c52-9e08-5d4f2b1a7c63");
    let answer = reader.send(reader.request(Method::HEAD, &missing).body(nothing()).unwrap()).await;
    assert_eq!(answer.status, 404);
}
