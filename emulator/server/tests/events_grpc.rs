//! Event logs over gRPC: several instances, resume tokens, waiting, cut logs.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_emulator::config::{Config, StoreConfig};
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::emulator::v1::{
    CreateInstanceRequest, Event, ListCryptoUnitsRequest, ReadEventsRequest, WaitForEventsRequest,
    WaitForEventsResponse,
};
use hpcs_store::Retention;
use support::{MANAGER, READER, Server};
use tonic::{Code, Status};

/// A second instance: its id and one of its crypto units.
async fn second_instance(server: &Server) -> (String, String) {
    let request = server.signed(MANAGER, CreateInstanceRequest::default()).await;
    let id = InstancesClient::new(server.channel.clone()).create(request).await.unwrap().into_inner().id;
    let request = ListCryptoUnitsRequest { instance: id.clone() };
    let units = server.crypto_units().list(server.signed(MANAGER, request).await).await.unwrap().into_inner().units;
    (id, units[0].id.clone())
}

async fn read(server: &Server, request: ReadEventsRequest) -> Result<Vec<Event>, Status> {
    let mut stream = server.read_events(request).await?;
    let mut events = Vec::new();
    while let Some(event) = stream.message().await? {
        events.push(event);
    }
    Ok(events)
}

async fn wait(server: &Server, request: WaitForEventsRequest) -> Result<WaitForEventsResponse, Status> {
    let request = server.signed(READER, request).await;
    EventsClient::new(server.channel.clone()).wait(request).await.map(tonic::Response::into_inner)
}

fn sequences(events: &[Event], instance: &str) -> Vec<u64> {
    events.iter().filter(|event| event.instance == instance).map(|event| event.sequence).collect()
}

#[tokio::test]
async fn all_instances_are_read_unless_some_are_named() {
    let server = Server::start().await;
    let (second, unit) = second_instance(&server).await;
    server.one_event().await;
    server.one_event_of(&second, &unit).await;
    server.one_event_of(&second, &unit).await;
    let all = read(&server, ReadEventsRequest::default()).await.unwrap();
    assert_eq!((sequences(&all, &server.instance()), sequences(&all, &second)), (vec![1], vec![1, 2]));
    let one = ReadEventsRequest { instances: vec![second.clone()], from: 2, ..ReadEventsRequest::default() };
    let one = read(&server, one).await.unwrap();
    assert_eq!((one.len(), sequences(&one, &second)), (1, vec![2]));
    let from = ReadEventsRequest { from: 2, ..ReadEventsRequest::default() };
    assert_eq!(read(&server, from).await.unwrap_err().code(), Code::InvalidArgument);
    let foreign = ReadEventsRequest { instances: vec![unit], ..ReadEventsRequest::default() };
    assert_eq!(read(&server, foreign).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn every_event_can_be_resumed_from_without_gap_or_repeat() {
    let server = Server::start().await;
    let (second, unit) = second_instance(&server).await;
    for _ in 0..3 {
        server.one_event().await;
        server.one_event_of(&second, &unit).await;
    }
    let all = read(&server, ReadEventsRequest::default()).await.unwrap();
    assert_eq!(all.len(), 6);
    for (index, event) in all.iter().enumerate() {
        let request = ReadEventsRequest { resume: event.resume.clone(), ..ReadEventsRequest::default() };
        assert_eq!(read(&server, request).await.unwrap(), all[index + 1..], "after {index}");
    }
}

#[tokio::test]
async fn the_newest_events_come_first_and_then_those_that_are_committed() {
    let server = Server::start().await;
    for _ in 0..5 {
        server.one_event().await;
    }
    let request = ReadEventsRequest { last: 2, follow: true, ..ReadEventsRequest::default() };
    let mut stream = server.read_events(request).await.unwrap();
    server.one_event().await;
    for expected in [4, 5, 6] {
        assert_eq!(stream.message().await.unwrap().unwrap().sequence, expected);
    }
}

#[tokio::test]
async fn waiting_ends_when_enough_events_match_or_time_is_over() {
    let server = Server::start().await;
    server.one_event().await;
    let events = |severity: &str| {
        Some(ReadEventsRequest { severities: vec![severity.to_owned()], ..ReadEventsRequest::default() })
    };
    let severity = server.events().await[0]["severity"].as_str().unwrap().to_owned();
    let request = WaitForEventsRequest { events: events(&severity), count: 2, timeout_millis: 600_000 };
    let (waited, ()) = tokio::join!(wait(&server, request), server.one_event());
    let waited = waited.unwrap();
    assert_eq!((waited.complete, waited.events.len()), (true, 2));
    let request = WaitForEventsRequest { events: events(&severity), count: 3, timeout_millis: 1 };
    let waited = wait(&server, request).await.unwrap();
    assert_eq!((waited.complete, waited.events.len()), (false, 2));
    let following = Some(ReadEventsRequest { follow: true, ..ReadEventsRequest::default() });
    let request = WaitForEventsRequest { events: following, ..WaitForEventsRequest::default() };
    assert_eq!(wait(&server, request).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_position_that_retention_has_cut_away_is_out_of_range() {
    let retention = Retention { events: Some(2), ..Retention::default() };
    let store = StoreConfig { retention, ..StoreConfig::default() };
    let server = Server::with(Config { store, ..Config::default() }).await;
    server.one_event().await;
    let resume = read(&server, ReadEventsRequest::default()).await.unwrap()[0].resume.clone();
    for _ in 0..40 {
        server.one_event().await;
    }
    let request = ReadEventsRequest { resume, ..ReadEventsRequest::default() };
    let status = read(&server, request).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    assert!(status.message().starts_with("event 2 of instance "), "{}", status.message());
}
