//! Login and Logout of the cryptographic interface.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_grpc::grep11::{GetAttributeValueRequest, LoginRequest, LogoutRequest};
use support::keystore::{Bench, Caller, EVERYTHING, octets, refused};
use tonic::Status;

async fn login(caller: &mut Caller, store: &[u8], pin: &[u8]) -> Result<Vec<u8>, Status> {
    let request = LoginRequest { storeid: store.to_vec().into(), pin: pin.to_vec().into() };
    let request = caller.request(request);
    Ok(caller.crypto.login(request).await?.into_inner().pinblob.to_vec())
}

async fn logout(caller: &mut Caller) -> Result<(), Status> {
    let request = caller.request(LogoutRequest {});
    caller.crypto.logout(request).await.map(|_| ())
}

async fn session_of(caller: &mut Caller, object: &[u8]) -> Result<Vec<u8>, Status> {
    let attributes = [(AttributeType::IBM_LOGIN_SESSION.0, octets(b""))].into();
    let request = GetAttributeValueRequest { object: object.to_vec().into(), attributes, ..Default::default() };
    let request = caller.request(request);
    let answer = caller.crypto.get_attribute_value(request).await?.into_inner();
    Ok(answer.attributes_bytes[&AttributeType::IBM_LOGIN_SESSION.0].to_vec())
}

#[tokio::test]
async fn keys_of_a_session_end_with_it() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    let free = caller.aes(&[]).await.key_blobs.remove(0);
    let pin_blob = login(&mut caller, &[1; 16], b"12345678").await.unwrap();
    assert_eq!(pin_blob.len(), 80);
    let bound = caller.aes(&[]).await.key_blobs.remove(0);
    assert_eq!(session_of(&mut caller, &free).await.unwrap(), [0; 32]);
    assert_eq!(session_of(&mut caller, &bound).await.unwrap(), pin_blob[..32]);
    let mut other = bench.caller("key-Manager").await;
    assert_eq!(refused(session_of(&mut other, &bound).await), ReturnValue::SESSION_CLOSED);
    logout(&mut caller).await.unwrap();
    assert_eq!(refused(session_of(&mut caller, &bound).await), ReturnValue::SESSION_CLOSED);
    assert_eq!(session_of(&mut caller, &free).await.unwrap(), [0; 32]);
    assert_eq!(refused(logout(&mut caller).await), ReturnValue::USER_NOT_LOGGED_IN);
    let again = login(&mut caller, &[1; 16], b"12345678").await.unwrap();
    assert_ne!(again, pin_blob, "a session that was closed does not come back");
}

#[tokio::test]
async fn a_pin_has_8_to_16_bytes_and_opens_its_session_alone() {
    let bench = Bench::start().await;
    let mut caller = bench.caller(EVERYTHING).await;
    for pin in [&b"1234567"[..], b"12345678901234567"] {
        assert_eq!(refused(login(&mut caller, &[1; 16], pin).await), ReturnValue::PIN_LEN_RANGE);
    }
    assert_eq!(refused(login(&mut caller, b"x", b"12345678").await), ReturnValue::ARGUMENTS_BAD);
    let text = b"01010101-0101-0101-0101-010101010101";
    let first = login(&mut caller, &[1; 16], b"12345678").await.unwrap();
    assert_eq!(login(&mut caller, text, b"12345678").await.unwrap(), first);
    assert_eq!(refused(login(&mut caller, text, b"12345679").await), ReturnValue::PIN_INCORRECT);
    for store in 2..=16 {
        login(&mut caller, &[store; 16], b"12345678").await.unwrap();
    }
    assert_eq!(refused(login(&mut caller, &[17; 16], b"12345678").await), ReturnValue::SESSION_COUNT);
    let events = bench.server.read_events_as(EVERYTHING).await;
    assert!(events.iter().all(|event| event["action"] == "hs-crypto.ep11.use"));
    assert_eq!(events.len(), 2 + 1 + 3 + 15 + 1);
    assert!(!format!("{events:?}").contains("1234567"));
}
