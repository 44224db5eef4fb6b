//! What is refused before a crypto unit sees it, and the form in which clients read refusals.

use bytes::{Buf, BufMut, Bytes};
use hpcs_ep11::pkcs11::{MechanismType, ReturnValue};
use hpcs_grpc::grep11::*;
use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

use crate::desk::{Desk, INSTANCE, P256, WITHOUT_GENERATION, cbc_pad, detail, pair_on, plain, return_value, signed};
use crate::every_method::check;

/// Messages as they are.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Raw
    }

    fn decoder(&mut self) -> Self {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}

async fn send(desk: &Desk, method: &str, request: Request<Bytes>) -> Result<Bytes, Status> {
    let path: PathAndQuery = format!("/grep11.Crypto/{method}").parse().unwrap();
    let mut grpc = Grpc::new(desk.server.channel.clone());
    grpc.ready().await.unwrap();
    grpc.unary(request, path, Raw).await.map(tonic::Response::into_inner)
}

const NOT_AUTHENTICATED: u64 = ReturnValue::IBM_GREP11_NOT_AUTHENTICATED.0 as u64;
const CANNOT_UNMARSHAL: u64 = ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL.0 as u64;

#[tokio::test]
async fn a_token_has_to_be_there_and_good() {
    let desk = Desk::open().await;
    for authorization in [None, Some(""), Some("Bearer "), Some("Bearer x.y.z"), Some("Basic dXNlcjpwdw==")] {
        let mut request = Request::new(GenerateRandomRequest { len: 8 });
        if let Some(text) = authorization {
            request.metadata_mut().insert("authorization", text.parse().unwrap());
        }
        let status = desk.client().generate_random(request).await.err().unwrap();
        assert_eq!((status.code(), detail(&status).code), (Code::Unauthenticated, NOT_AUTHENTICATED));
        check(&desk.last_event().await, "GenerateRandom", 401);
    }
    // The scheme is a word of any case.
    let mut request = Request::new(GenerateRandomRequest { len: 8 });
    request.metadata_mut().insert("authorization", format!("bEARER {}", desk.token).parse().unwrap());
    assert_eq!(desk.client().generate_random(request).await.unwrap().into_inner().rnd.len(), 8);
    assert_eq!(desk.events().await.len(), 6);
}

#[tokio::test]
async fn a_reader_uses_keys_and_makes_none() {
    let desk = Desk::open().await;
    let key = desk.aes().await;
    let reader = desk.of(WITHOUT_GENERATION).await;
    let request = GenerateKeyPairRequest { ..pair_on(P256) };
    let status = desk.client().generate_key_pair(signed(&reader, request)).await.err().unwrap();
    assert_eq!((status.code(), detail(&status).code), (Code::PermissionDenied, NOT_AUTHENTICATED));
    check(&desk.last_event().await, "GenerateKeyPair", 403);
    let request = EncryptSingleRequest { mech: cbc_pad(1), key: Some(key), ..EncryptSingleRequest::default() };
    let answer = desk.client().encrypt_single(signed(&reader, request)).await.unwrap().into_inner();
    assert_eq!(answer.ciphered.len(), 16);
    assert_eq!(desk.last_event().await["initiator"]["name"], "reader@example.com");
}

#[tokio::test]
async fn what_is_no_message_of_the_method_is_refused_with_its_event() {
    let desk = Desk::open().await;
    // A field of another type, a length beyond the end, a group that never ends, nonsense.
    for bytes in [&b"\x0A\x03abc"[..], b"\x0A\x7Fabc", b"\x0B", b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"] {
        let request = signed(&desk.token, Bytes::from_static(bytes));
        let status = send(&desk, "GenerateRandom", request).await.unwrap_err();
        assert_eq!((status.code(), detail(&status).code), (Code::Unknown, CANNOT_UNMARSHAL), "{bytes:02X?}");
        check(&desk.last_event().await, "GenerateRandom", 400);
    }
    // Fields that nobody knows are no fault.
    let request = signed(&desk.token, Bytes::from_static(b"\x08\x05\xF2\x06\x02hi"));
    assert_eq!(&send(&desk, "GenerateRandom", request).await.unwrap()[..2], b"\x0A\x05");
    assert_eq!(desk.events().await.len(), 5);
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_with_its_event() {
    let desk = Desk::open().await;
    let message = DigestSingleRequest { mech: plain(MechanismType::SHA256), data: vec![1; 4 << 20].into() };
    let status = call!(desk, digest_single, message).err().unwrap();
    assert_eq!((status.code(), detail(&status).code), (Code::ResourceExhausted, CANNOT_UNMARSHAL));
    let event = desk.last_event().await;
    assert_eq!(event["requestData"]["requestURI"], "/grep11.Crypto/DigestSingle");
    assert_eq!((&event["outcome"], &event["reason"]["reasonCode"]), (&"failure".into(), &429.into()));
    assert_eq!(desk.events().await.len(), 1);
}

#[tokio::test]
async fn a_unit_takes_a_mebibyte_at_once_and_not_a_byte_more() {
    let desk = Desk::open().await;
    let key = Some(desk.aes().await);
    let request = |length| DigestSingleRequest { mech: plain(MechanismType::SHA256), data: vec![1; length].into() };
    assert_eq!(ask!(desk, digest_single, request(1 << 20)).digest.len(), 32);
    assert_eq!(refused!(desk, digest_single, request((1 << 20) + 1)), ReturnValue::DATA_LEN_RANGE);
    check(&desk.last_event().await, "DigestSingle", 400);
    let begin = EncryptInitRequest { mech: cbc_pad(1), key: key.clone(), ..EncryptInitRequest::default() };
    let state = ask!(desk, encrypt_init, begin).state;
    let request = |length| EncryptUpdateRequest { state: state.clone(), plain: vec![1; length].into() };
    assert_eq!(ask!(desk, encrypt_update, request(1 << 20)).ciphered.len(), 1 << 20);
    assert_eq!(refused!(desk, encrypt_update, request((1 << 20) + 1)), ReturnValue::DATA_LEN_RANGE);
    let request = ReencryptSingleRequest {
        dec_mech: cbc_pad(1),
        enc_mech: cbc_pad(2),
        dec_key: key.clone(),
        enc_key: key,
        ciphered: vec![0; (1 << 20) + 16].into(),
        ..ReencryptSingleRequest::default()
    };
    assert_eq!(refused!(desk, reencrypt_single, request), ReturnValue::DATA_LEN_RANGE);
}

#[tokio::test]
async fn what_is_no_method_is_unimplemented_and_leaves_no_event() {
    let desk = Desk::open().await;
    for method in ["Encipher", "generaterandom", "GenerateRandom/", ""] {
        let status = send(&desk, method, signed(&desk.token, Bytes::new())).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{method}");
    }
    assert_eq!(desk.events().await.len(), 0);
}

#[tokio::test]
async fn an_instance_that_is_not_there_is_not_found_and_has_no_log() {
    let desk = Desk::open().await;
    for (stated, code) in [
        ("9d3c41f0-7a68-4be2-8f15-c06e2b97d4a8", Code::NotFound),
        ("no instance", Code::NotFound),
        ("", Code::NotFound),
    ] {
        let mut request = desk.request(GenerateRandomRequest { len: 8 });
        request.metadata_mut().insert("bluemix-instance", stated.parse().unwrap());
        let status = desk.client().generate_random(request).await.err().unwrap();
        assert_eq!((status.code(), detail(&status).code), (code, NOT_AUTHENTICATED), "{stated}");
    }
    let foreigner = desk.of(crate::desk::FOREIGNER).await;
    let mut request = signed(&foreigner, GenerateRandomRequest { len: 8 });
    request.metadata_mut().insert("bluemix-instance", INSTANCE.parse().unwrap());
    let status = desk.client().generate_random(request).await.err().unwrap();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(desk.events().await.len(), 0);
}

#[tokio::test]
async fn a_correlation_id_is_passed_through_up_to_its_longest() {
    let desk = Desk::open().await;
    for (sent, kept) in [("order 4711".to_owned(), true), ("x".repeat(128), true), ("x".repeat(129), false)] {
        for header in ["x-correlation-id", "correlation-id"] {
            let mut request = desk.request(GenerateRandomRequest { len: 8 });
            request.metadata_mut().insert(header, sent.parse().unwrap());
            desk.client().generate_random(request).await.unwrap();
            assert_eq!(desk.last_event().await["correlationId"] == *sent, kept, "{header}");
        }
    }
}

#[tokio::test]
async fn only_what_passes_by_itself_is_worth_a_retry() {
    let desk = Desk::open().await;
    let status = call!(desk, generate_random, GenerateRandomRequest { len: 1_000_001 }).err().unwrap();
    assert_eq!(return_value(&status), ReturnValue::ARGUMENTS_BAD);
    assert!(!detail(&status).retry);
}
