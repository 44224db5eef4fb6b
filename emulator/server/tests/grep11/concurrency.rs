//! Clients that leave, and slow work beside quick work.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType};
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_grpc::emulator::v1::{ReadEventsRequest, WaitForEventsRequest};
use hpcs_grpc::grep11::*;
use tokio::sync::mpsc;

use crate::desk::{Desk, attributes, cbc_pad, integer, plain, signed};
use crate::every_method::check;
use crate::support::READER;

fn rsa(bits: i64) -> GenerateKeyPairRequest {
    GenerateKeyPairRequest {
        mech: plain(MechanismType::RSA_PKCS_KEY_PAIR_GEN),
        pub_key_template: attributes([
            (AttributeType::MODULUS_BITS, integer(bits)),
            (AttributeType::PUBLIC_EXPONENT, integer(65537)),
        ]),
        priv_key_template: attributes([]),
    }
}

fn encrypt(key: &KeyBlob) -> EncryptSingleRequest {
    let plain = Bytes::from_static(b"hello");
    EncryptSingleRequest { mech: cbc_pad(1), key: Some(key.clone()), plain, ..EncryptSingleRequest::default() }
}

#[tokio::test]
async fn a_client_that_leaves_leaves_its_event() {
    let desk = Desk::open().await;
    let key = desk.aes().await;
    let mut client = desk.client();
    let leaving = client.generate_key_pair(desk.request(rsa(2048)));
    // The messages go over one connection, so that the first has arrived when the second is answered.
    tokio::select! {
        biased;
        _ = leaving => panic!("the search for primes was quicker than one block of AES"),
        answer = async { call!(desk, encrypt_single, encrypt(&key)) } => assert!(answer.is_ok()),
    }
    let request =
        WaitForEventsRequest { events: Some(ReadEventsRequest::default()), count: 3, timeout_millis: 600_000 };
    let request = desk.server.signed(READER, request).await;
    let waited = EventsClient::new(desk.server.channel.clone()).wait(request).await.unwrap().into_inner();
    assert!(waited.complete);
    let events = desk.events().await;
    check(&events[1], "EncryptSingle", 200);
    check(&events[2], "GenerateKeyPair", 200);
    assert_eq!(events.len(), 3);
}

/// One of them is done, so that all of them have begun or wait; what is asked now is answered before the last of them.
#[tokio::test]
async fn searching_primes_for_many_holds_up_nobody_else() {
    let desk = Desk::open().await;
    let key = desk.aes().await;
    let (done, mut finished) = mpsc::unbounded_channel();
    for number in 0..CLIENTS {
        let (done, mut client, token) = (done.clone(), desk.client(), desk.token.clone());
        tokio::spawn(async move {
            let pair = client.generate_key_pair(signed(&token, rsa(4096))).await;
            done.send((number, pair.is_ok())).unwrap();
        });
    }
    let (_, made) = finished.recv().await.unwrap();
    assert!(made);
    for _ in 0..20 {
        ask!(desk, encrypt_single, encrypt(&key));
    }
    let mut before = 0;
    while let Ok((_, made)) = finished.try_recv() {
        assert!(made);
        before += 1;
    }
    assert!(before + 1 < CLIENTS, "{before} more pairs were made before one block was encrypted");
    for _ in before + 1..CLIENTS {
        assert!(finished.recv().await.unwrap().1);
    }
    assert_eq!(desk.events().await.len(), 1 + 20 + CLIENTS);
}

const CLIENTS: usize = 8;
