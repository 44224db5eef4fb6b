//! gRPC responses.

use std::convert::Infallible;

use bytes::{BufMut, Bytes, BytesMut};
use hpcs_service::Refusal;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use http_body_util::{BodyExt, Full};
use tonic::body::Body;
use tonic::{Code, Status};

/// A response with one message.
pub(super) fn message(content: Vec<u8>) -> Response<Body> {
    let body = Full::new(framed(&content)).with_trailers(async { Some(Ok::<_, Infallible>(success())) });
    response(Body::new(body))
}

/// A response with this body, which ends with its own trailers.
pub(super) fn response(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

/// A response that has a status and nothing else.
pub(super) fn refused(refusal: &Refusal) -> Response<Body> {
    status(refusal).into_http()
}

/// The status of a refusal; the numbers of both enums are those of the protocol.
pub(super) fn status(refusal: &Refusal) -> Status {
    let (code, _) = refusal.status();
    let text: String = refusal.to_string().chars().take(LONGEST_TEXT).collect();
    let mut status = Status::new(Code::from_i32(code as i32), text);
    if let Refusal::OutcomeUnknown { operation, .. } = refusal
        && let Ok(operation) = operation.parse()
    {
        status.metadata_mut().insert(OPERATION, operation);
    }
    status
}

/// A message with its prefix.
pub(super) fn framed(content: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(5 + content.len());
    put(&mut frame, content);
    frame.freeze()
}

/// Appends a message with its prefix. Messages of the emulator are far smaller than 4 GiB.
pub(super) fn put(frame: &mut BytesMut, content: &[u8]) {
    frame.put_u8(0);
    frame.put_u32(u32::try_from(content.len()).unwrap_or(u32::MAX));
    frame.put_slice(content);
}

/// The trailers of a call that succeeded.
pub(super) fn success() -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert(GRPC_STATUS, HeaderValue::from_static("0"));
    trailers
}

/// The trailers of a call that was refused after its first message.
pub(super) fn failure(refusal: &Refusal) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(2);
    // A status whose text cannot stand in a header keeps its code.
    if status(refusal).add_header(&mut trailers).is_err() {
        trailers.insert(GRPC_STATUS, HeaderValue::from(refusal.status().0 as i32));
    }
    trailers
}

/// Characters of a status text. It may quote a field, and clients take no more than some kilobytes of headers.
const LONGEST_TEXT: usize = 500;

/// Names the operation of a refusal whose outcome is unknown.
const OPERATION: &str = "hpcs-operation";

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_refusal_is_a_header_whatever_it_holds() {
        let refusal = Refusal::InvalidArgument { field: "unit", why: "'\n\u{e9}%' is not a UUID".to_owned() };
        let response = refused(&refusal);
        assert_eq!(response.headers()["grpc-status"], "3");
        assert_eq!(response.headers()["grpc-message"], "unit:%20'%0A%C3%A9%25'%20is%20not%20a%20UUID");
        assert_eq!(failure(&refusal)["grpc-message"], response.headers()["grpc-message"]);
    }

    #[test]
    fn an_unknown_outcome_names_its_operation_in_a_trailer() {
        let operation = "5f3c0a9be2d41786-12".to_owned();
        let refusal = Refusal::OutcomeUnknown { operation: operation.clone(), why: "it hangs".to_owned() };
        let response = refused(&refusal);
        assert_eq!(response.headers()["grpc-status"], "2");
        assert_eq!(response.headers()["hpcs-operation"], operation);
        assert!(response.headers()["grpc-message"].to_str().unwrap().contains(&operation));
        assert_eq!(failure(&refusal)["hpcs-operation"], operation);
    }

    #[test]
    fn a_text_that_quotes_a_megabyte_is_cut() {
        let refusal = Refusal::InvalidArgument { field: "unit", why: "\u{e9}".repeat(1 << 20) };
        assert!(refused(&refusal).headers()["grpc-message"].len() <= 6 * LONGEST_TEXT);
    }

    #[tokio::test]
    async fn a_message_is_followed_by_its_status() {
        let collected = message(b"abc".to_vec()).into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
        assert_eq!(collected.to_bytes(), &b"\0\0\0\0\x03abc"[..]);
    }
}
