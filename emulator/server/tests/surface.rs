//! What the surface answers, over a real connection.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_ep11::{Cprb, DomainIndex, HtpRequest, HtpResponse, XcpInfoRequest};
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_grpc::emulator::v1::identity_client::IdentityClient;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::emulator::v1::{
    InspectCryptoUnitRequest, ListCryptoUnitsRequest, ListInstancesRequest, NewRegisterStatus, ReadEventsRequest,
    SubmitRequest, WhoAmIRequest,
};
use support::{MANAGER, READER, Server, ZEROIZE};
use tonic::{Code, Request};

#[tokio::test]
async fn instances_and_crypto_units_are_listed_and_inspected() {
    let server = Server::start().await;
    let listed = InstancesClient::new(server.channel.clone())
        .list(server.signed(MANAGER, ListInstancesRequest {}).await)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.instances.len(), 1);
    assert_eq!((listed.instances[0].id.as_str(), listed.instances[0].plan.as_str()), (&*server.instance(), "standard"));

    let request = ListCryptoUnitsRequest { instance: server.instance() };
    let units = server.crypto_units().list(server.signed(MANAGER, request).await).await.unwrap().into_inner().units;
    let locations: Vec<_> = units.iter().map(|unit| unit.location.as_str()).collect();
    assert_eq!(locations[0], "[us-south].[AZ1-CS7].[01].[13]");
    assert_eq!(locations.len(), 4);

    let request = InspectCryptoUnitRequest { instance: server.instance(), unit: server.unit() };
    let state = server.crypto_units().inspect(server.signed(MANAGER, request).await).await.unwrap().into_inner();
    assert!(state.imprint_mode);
    assert_eq!(state.new_register(), NewRegisterStatus::Empty);
    assert_eq!((state.new_verification_pattern.as_str(), state.transaction_counter.as_str()), ("", &*"0".repeat(32)));
}

#[tokio::test]
async fn who_am_i_says_what_the_api_key_stands_for() {
    let server = Server::start().await;
    let request = server.signed(READER, WhoAmIRequest {}).await;
    let me = IdentityClient::new(server.channel.clone()).who_am_i(request).await.unwrap().into_inner();
    assert_eq!((me.id.as_str(), me.name.as_str()), ("IBMid-550000EXM2", "reader@example.com"));
    assert_eq!(me.roles, ["Reader", "EventReader"]);
}

#[tokio::test]
async fn a_query_goes_through_to_the_unit_and_leaves_no_event() {
    let server = Server::start().await;
    let query = XcpInfoRequest::new(DomainIndex(13), XcpInfoRequest::DOMAIN).encode();
    let payload = HtpRequest { module_index: 1, cprb: Cprb::new(DomainIndex(13), &query).encode() }.encode();
    let request = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: payload.into() };
    let answer = server.crypto_units().submit(server.signed(MANAGER, request).await).await.unwrap().into_inner();
    assert!(HtpResponse::decode(&answer.payload).is_ok());
    assert!(server.events().await.is_empty());
}

#[tokio::test]
async fn a_command_without_a_token_is_refused_and_leaves_its_event() {
    let server = Server::start().await;
    let request = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: ZEROIZE.into() };
    let status = server.crypto_units().submit(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let [event] = &server.events().await[..] else { panic!("not one event") };
    assert_eq!(event["action"], "hs-crypto.tke-cryptounit.reset");
    assert_eq!((&event["outcome"], &event["reason"]["reasonCode"]), (&"failure".into(), &401.into()));
    assert_eq!(event["initiator"]["host"]["address"], "203.0.113.10");
    assert!(event["initiator"]["host"]["agent"].as_str().unwrap().starts_with("tonic/"));
}

#[tokio::test]
async fn a_long_user_agent_is_cut_in_the_event() {
    let server = Server::start().await;
    let endpoint = tonic::transport::Endpoint::from_shared(server.emulator.url()).unwrap();
    let channel = endpoint.user_agent("x".repeat(2000)).unwrap().connect_lazy();
    let request = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: ZEROIZE.into() };
    CryptoUnitsClient::new(channel).submit(request).await.unwrap_err();
    let [event] = &server.events().await[..] else { panic!("not one event") };
    assert_eq!(event["initiator"]["host"]["agent"], "x".repeat(512));
}

#[tokio::test]
async fn a_reader_may_not_command_and_that_leaves_an_event_with_the_reader_in_it() {
    let server = Server::start().await;
    let request = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: ZEROIZE.into() };
    let status = server.crypto_units().submit(server.signed(READER, request).await).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    let [event] = &server.events().await[..] else { panic!("not one event") };
    assert_eq!((&event["reason"]["reasonCode"], &event["initiator"]["id"]), (&403.into(), &"IBMid-550000EXM2".into()));
    let request = ListCryptoUnitsRequest { instance: server.instance() };
    let status = server.crypto_units().list(server.signed(READER, request).await).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_message_one_byte_too_large_is_refused_and_leaves_its_event() {
    const LIMIT: usize = 4 * 1024 * 1024;
    let server = Server::start().await;
    let framing = 2 * (2 + 36) + 5;
    let mut payload = ZEROIZE.as_bytes().to_vec();
    payload.resize(LIMIT + 1 - framing, b'0');
    let too_large = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: payload.into() };
    assert_eq!(prost::Message::encoded_len(&too_large), LIMIT + 1);
    let mut units = server.crypto_units();
    let status = units.submit(server.signed(MANAGER, too_large.clone()).await).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::ResourceExhausted, "the message is larger than 4194304 bytes")
    );
    let [event] = &server.events().await[..] else { panic!("not one event") };
    assert_eq!(event["action"], "hs-crypto.tke-cryptounit.reset");
    assert_eq!(event["reason"]["reasonCode"], 400);

    // One byte less is a message like any other: this one is no request that a unit could read.
    let mut largest = too_large;
    largest.payload.truncate(LIMIT - framing);
    assert!(units.submit(server.signed(MANAGER, largest).await).await.is_ok());
}

#[tokio::test]
async fn a_malformed_identifier_names_its_field_but_only_to_those_who_may_ask() {
    let server = Server::start().await;
    let request = || ListCryptoUnitsRequest { instance: "first".to_owned() };
    let status = server.crypto_units().list(server.signed(MANAGER, request()).await).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("instance: "), "{}", status.message());
    let status = server.crypto_units().list(request()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn an_unknown_method_and_an_unknown_service_are_unimplemented() {
    let server = Server::start().await;
    let unknown = [
        "/hpcs.emulator.v1.Instances/Destroy",
        "/grep11.Crypto/GetMechanism",
        "/hpcs.keystore.v1.Keystore/GetKey",
        "/grep12.Crypto/GetMechanismList",
    ];
    for path in unknown {
        let mut client = tonic::client::Grpc::new(server.channel.clone());
        client.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<ListInstancesRequest, ListInstancesRequest>::default();
        let request = Request::new(ListInstancesRequest {});
        let status = client.unary(request, path.parse().unwrap(), codec).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_message_are_refused_and_leave_an_event_if_the_command_can_be_seen() {
    let server = Server::start().await;
    // The third field claims to be longer than the message.
    let request = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: ZEROIZE.into() };
    let mut message = prost::Message::encode_to_vec(&request);
    message.truncate(message.len() - 4);
    let mut client = tonic::client::Grpc::new(server.channel.clone());
    client.ready().await.unwrap();
    let path = "/hpcs.emulator.v1.CryptoUnits/Submit".parse().unwrap();
    let status = client.unary(server.signed(MANAGER, message).await, path, support::raw::Raw).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("the message cannot be decoded: "), "{}", status.message());
    let [event] = &server.events().await[..] else { panic!("not one event") };
    assert_eq!((&event["action"], &event["outcome"]), (&"hs-crypto.tke-cryptounit.reset".into(), &"failure".into()));
}

#[tokio::test]
async fn an_unknown_api_key_is_refused_and_left_out_of_the_text() {
    let server = Server::start().await;
    let request = hpcs_grpc::emulator::v1::IssueTokenRequest { api_key: "guess".to_owned() };
    let status = IdentityClient::new(server.channel.clone()).issue_token(request).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "api_key: no such API key"));
}

#[tokio::test]
async fn filters_of_events_are_checked() {
    let server = Server::start().await;
    let request = ReadEventsRequest { outcomes: vec!["maybe".to_owned()], ..ReadEventsRequest::default() };
    let status = server.read_events(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().starts_with("outcomes: "), "{}", status.message());
}
