//! The control interface over gRPC.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_emulator::config::{Config, Limits};
use hpcs_grpc::emulator::v1::clock_client::ClockClient;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::emulator::v1::operations_client::OperationsClient;
use hpcs_grpc::emulator::v1::{
    ClockMode, CreateInstanceRequest, DeleteInstanceRequest, ExportInstanceRequest, GetClockRequest,
    ImportInstanceRequest, Instance, ListCryptoUnitsRequest, ListInstancesRequest, OperationOutcomeRequest,
    ResetInstanceRequest, SetClockRequest,
};
use support::{MANAGER, READER, Server};
use tonic::transport::Channel;
use tonic::{Code, Status};

const ID: &str = "6a1f0c9e-3b7d-4c52-9e08-5d4f2b1a7c63";

fn instances(server: &Server) -> InstancesClient<Channel> {
    InstancesClient::new(server.channel.clone())
}

async fn ids(server: &Server) -> Vec<String> {
    let request = server.signed(MANAGER, ListInstancesRequest {}).await;
    let listed = instances(server).list(request).await.unwrap().into_inner().instances;
    listed.into_iter().map(|instance| instance.id).collect()
}

async fn export(server: &Server, request: ExportInstanceRequest) -> Result<Vec<u8>, Status> {
    let mut pieces = instances(server).export(server.signed(MANAGER, request).await).await?.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = pieces.message().await? {
        assert!(piece.content.ends_with(b"\n"));
        file.extend_from_slice(&piece.content);
    }
    Ok(file)
}

/// Sends the file in pieces of this size.
async fn import(server: &Server, file: &[u8], passphrase: &str, size: usize) -> Result<Instance, Status> {
    let first = ImportInstanceRequest { passphrase: passphrase.to_owned(), ..ImportInstanceRequest::default() };
    let pieces = file.chunks(size).map(|piece| ImportInstanceRequest {
        content: bytes::Bytes::copy_from_slice(piece),
        ..ImportInstanceRequest::default()
    });
    let messages: Vec<_> = std::iter::once(first).chain(pieces).collect();
    let request = server.signed(MANAGER, tokio_stream::iter(messages)).await;
    instances(server).import(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn an_instance_is_created_reset_and_deleted() {
    let server = Server::start().await;
    let create = |document: &str| CreateInstanceRequest {
        id: ID.to_owned(),
        operational: Some(3),
        document: document.as_bytes().to_vec(),
        ..CreateInstanceRequest::default()
    };
    let request = server.signed(MANAGER, create(r#"{"region":"eu-de","operational":2,"recovery":false}"#)).await;
    let created = instances(&server).create(request).await.unwrap().into_inner();
    assert_eq!((created.id.as_str(), created.region.as_str()), (ID, "eu-de"));
    assert!(created.created.ends_with('Z'), "{}", created.created);
    let request = ListCryptoUnitsRequest { instance: ID.to_owned() };
    let units = server.crypto_units().list(server.signed(MANAGER, request).await).await.unwrap().into_inner().units;
    assert_eq!(units.len(), 3, "a field comes before what the document says");

    let status = instances(&server).create(server.signed(MANAGER, create("")).await).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    let status = instances(&server).create(server.signed(MANAGER, create("{")).await).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("document: "), "{}", status.message());

    let reset = ResetInstanceRequest { instance: ID.to_owned(), document: Vec::new() };
    let reset = instances(&server).reset(server.signed(MANAGER, reset).await).await.unwrap().into_inner();
    assert_eq!(reset.id, ID);
    let delete = || DeleteInstanceRequest { instance: ID.to_owned(), purge: false };
    instances(&server).delete(server.signed(MANAGER, delete()).await).await.unwrap();
    assert_eq!(ids(&server).await, [server.instance()]);
    let status = instances(&server).delete(server.signed(MANAGER, delete()).await).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn an_instance_moves_with_its_log_in_pieces_of_any_size() {
    let server = Server::start().await;
    for _ in 0..200 {
        server.one_event().await;
    }
    let events = server.events().await;
    let sealed = ExportInstanceRequest {
        instance: server.instance(),
        passphrase: "open sesame".to_owned(),
        ..ExportInstanceRequest::default()
    };
    let file = export(&server, sealed).await.unwrap();
    assert_eq!(file.split(|byte| *byte == b'\n').count(), 203);
    for size in [997, 100_000] {
        let exists = import(&server, &file, "open sesame", size).await.unwrap_err();
        assert_eq!(exists.code(), Code::AlreadyExists);
        let purge = DeleteInstanceRequest { instance: server.instance(), purge: true };
        instances(&server).delete(server.signed(MANAGER, purge).await).await.unwrap();
        let cut = import(&server, &file[..file.len() / 2], "open sesame", size).await.unwrap_err();
        assert_eq!(cut.code(), Code::InvalidArgument, "{cut}");
        assert!(ids(&server).await.is_empty());
        let imported = import(&server, &file, "open sesame", size).await.unwrap();
        assert_eq!(imported.id, server.instance());
        assert_eq!(server.events().await, events);
    }
}

#[tokio::test]
async fn an_export_needs_a_passphrase_or_the_word_that_it_needs_none() {
    let server = Server::start().await;
    let request = |passphrase: &str, secrets_in_the_clear| ExportInstanceRequest {
        instance: server.instance(),
        passphrase: passphrase.to_owned(),
        secrets_in_the_clear,
    };
    assert!(export(&server, request("", true)).await.is_ok());
    for refused in [request("", false), request("x", true)] {
        let status = export(&server, refused).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with("passphrase: "), "{}", status.message());
    }
}

#[tokio::test]
async fn a_message_of_an_import_that_stalls_ends_it_and_nothing_is_left() {
    let limits = Limits { message: std::time::Duration::from_millis(1), ..Limits::default() };
    let server = Server::with(Config { limits, ..Config::default() }).await;
    let first = ImportInstanceRequest { content: "{\"format\":".into(), ..ImportInstanceRequest::default() };
    let stalled = tokio_stream::StreamExt::chain(tokio_stream::iter([first]), tokio_stream::pending());
    let request = server.signed(MANAGER, stalled).await;
    let status = instances(&server).import(request).await.unwrap_err();
    assert!(status.message().contains("did not arrive within"), "{}", status.message());
    assert_eq!(ids(&server).await, [server.instance()]);
}

#[tokio::test]
async fn the_clock_is_read_and_set() {
    let server = Server::start().await;
    let mut clock = ClockClient::new(server.channel.clone());
    let setting = SetClockRequest {
        mode: ClockMode::Stepped.into(),
        time: "2027-05-01T00:00:00Z".to_owned(),
        step_millis: Some(1000),
        ..SetClockRequest::default()
    };
    let set = clock.set(server.signed(MANAGER, setting).await).await.unwrap().into_inner();
    assert_eq!(
        (set.mode(), set.time.as_str(), set.step_millis),
        (ClockMode::Stepped, "2027-05-01T00:00:00.000Z", 1000)
    );
    server.one_event().await;
    let read = clock.get(server.signed(MANAGER, GetClockRequest {}).await).await.unwrap().into_inner();
    assert_eq!(read.time, "2027-05-01T00:00:01.000Z");
    let back = SetClockRequest { shift_millis: -1000, ..SetClockRequest::default() };
    let back = clock.set(server.signed(MANAGER, back).await).await.unwrap().into_inner();
    assert_eq!(back.time, "2027-05-01T00:00:00.000Z");
    for (wrong, field) in [
        (SetClockRequest { time: "tomorrow".to_owned(), ..SetClockRequest::default() }, "time: "),
        (SetClockRequest { mode: 7, ..SetClockRequest::default() }, "mode: "),
    ] {
        let status = clock.set(server.signed(MANAGER, wrong).await).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(status.message().starts_with(field), "{}", status.message());
    }
}

#[tokio::test]
async fn an_operation_that_is_none_has_no_outcome() {
    let server = Server::start().await;
    let request = OperationOutcomeRequest { operation: "nonsense".to_owned() };
    let status =
        OperationsClient::new(server.channel.clone()).outcome(server.signed(MANAGER, request).await).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_reader_controls_nothing() {
    let server = Server::start().await;
    let delete = DeleteInstanceRequest { instance: server.instance(), purge: true };
    let refused = [
        instances(&server).create(server.signed(READER, CreateInstanceRequest::default()).await).await.err(),
        instances(&server).delete(server.signed(READER, delete).await).await.err(),
        instances(&server)
            .import(server.signed(READER, tokio_stream::iter([ImportInstanceRequest::default()])).await)
            .await
            .err(),
        ClockClient::new(server.channel.clone()).get(server.signed(READER, GetClockRequest {}).await).await.err(),
    ];
    for status in refused {
        let status = status.unwrap();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert!(status.message().contains("EmulatorOperator"), "{}", status.message());
    }
    assert_eq!(ids(&server).await, [server.instance()]);
}
