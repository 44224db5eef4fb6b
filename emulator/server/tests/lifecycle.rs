//! Start, standard services, plain HTTP, odd connections, event streams, and the end.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use hpcs_emulator::config::{Config, EventsTo, Limits, Rotation};
use hpcs_grpc::emulator::v1::ReadEventsRequest;
use support::Server;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

#[tokio::test]
async fn health_serves_and_says_when_it_no_longer_does() {
    let server = Server::start().await;
    let mut health = HealthClient::new(server.channel.clone());
    for service in ["", "hpcs.emulator.v1.CryptoUnits"] {
        let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    let mut watch = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let stopped = tokio::spawn(server.emulator.shutdown());
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    assert!(watch.message().await.unwrap().is_none());
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_long_question_about_health_is_refused_before_it_is_read() {
    let server = Server::start().await;
    let request = HealthCheckRequest { service: "x".repeat(5000) };
    let status = HealthClient::new(server.channel.clone()).check(request).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange);
}

#[tokio::test]
async fn reflection_lists_every_service() {
    let server = Server::start().await;
    let list = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut client = ServerReflectionClient::new(server.channel.clone());
    let answers = client.server_reflection_info(tokio_stream::iter([request])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(services)) = answer.message_response else { panic!("no list") };
    let mut names: Vec<_> = services.service.into_iter().map(|service| service.name).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "grep11.Crypto",
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "hpcs.emulator.v1.Clock",
            "hpcs.emulator.v1.CryptoUnits",
            "hpcs.emulator.v1.Events",
            "hpcs.emulator.v1.Identity",
            "hpcs.emulator.v1.Instances",
            "hpcs.emulator.v1.Operations",
            "hpcs.keystore.v1.Keystore",
        ]
    );
}

#[tokio::test]
async fn http_answers_on_the_same_port() {
    let server = Server::start().await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = String::from_utf8(server.raw(get("/healthz").as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let body: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((&body["status"], &body["version"]), (&"ok".into(), &env!("CARGO_PKG_VERSION").into()));
    assert_eq!(body["instances"], serde_json::json!([server.instance()]));
    let answer = String::from_utf8(server.raw(get("/").as_bytes()).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    serde_json::from_str::<serde_json::Value>(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
}

#[tokio::test]
async fn tls_and_nonsense_are_closed_and_harm_nobody() {
    let server = Server::start().await;
    assert!(server.raw(b"\x16\x03\x01\x02\x00\x01\x00").await.is_empty());
    assert!(server.raw(b"\0\0\0\0\0\0\0\0\r\n\r\n").await.starts_with(b"HTTP/1.1 400"));
    assert!(server.events().await.is_empty());
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed_at_its_deadline() {
    let limits = Limits { head: Duration::from_millis(1), ..Limits::default() };
    let server = Server::with(Config { limits, ..Config::default() }).await;
    for said in ["", "PRI * HT", "GET / HTTP/1.1\r\nho"] {
        let mut stream = TcpStream::connect(server.emulator.address()).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{said}");
    }
}

#[tokio::test]
async fn beyond_the_greatest_number_the_newest_connection_is_closed() {
    let limits = Limits { connections: 2, ..Limits::default() };
    let server = Server::with(Config { limits, ..Config::default() }).await;
    assert!(server.events().await.is_empty());
    let _idle = TcpStream::connect(server.emulator.address()).await.unwrap();
    let mut refused = TcpStream::connect(server.emulator.address()).await.unwrap();
    assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0);
    assert!(server.events().await.is_empty());
}

#[tokio::test]
async fn events_are_filtered_followed_and_end_with_the_emulator() {
    let server = Server::start().await;
    server.one_event().await;
    let none = ReadEventsRequest { outcomes: vec!["success".to_owned()], ..ReadEventsRequest::default() };
    assert!(server.read_events(none).await.unwrap().message().await.unwrap().is_none());
    let follow = ReadEventsRequest {
        instances: vec![server.instance()],
        from: 2,
        follow: true,
        actions: vec!["hs-crypto.tke-*".to_owned()],
        ..ReadEventsRequest::default()
    };
    let mut events = server.read_events(follow).await.unwrap();
    server.one_event().await;
    assert_eq!(events.message().await.unwrap().unwrap().sequence, 2);
    server.emulator.shutdown().await.unwrap();
    assert!(events.message().await.unwrap().is_none());
}

#[tokio::test]
async fn the_event_file_has_every_line_when_the_emulator_has_ended() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("events.ndjson");
    let events = EventsTo::File(Rotation { path: path.clone(), max_bytes: 2000, keep: 100 });
    let server = Server::with(Config { events, ..Config::default() }).await;
    for _ in 0..10 {
        server.one_event().await;
    }
    let expected = server.events().await;
    server.emulator.shutdown().await.unwrap();
    let mut files: Vec<_> = (1..100).map(|number| path.with_extension(format!("ndjson.{number}"))).rev().collect();
    files.push(path);
    let text: String = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let written: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(written.len(), 10);
    assert_eq!(written, expected);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = Server::start().await;
    let config = Config { listen: server.emulator.address(), ..Config::default() };
    let world = hpcs_emulator::World::reproducible(1);
    let error = hpcs_emulator::Emulator::start(config, world, hpcs_emulator::Log::silent()).await.err().unwrap();
    assert!(error.to_string().contains(&server.emulator.address().to_string()), "{error}");
}
