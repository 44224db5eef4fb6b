//! Refusals in the form that clients of the interface read: a status whose details are one `Grep11Error` (section 3).

use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_grpc::grep11::Grep11Error;
use hpcs_service::Refusal;
use http::Response;
use prost::Message;
use tonic::Status;
use tonic::body::Body;

use crate::grpc::reply;

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// A response that has a status and nothing else.
pub(in crate::grpc) fn refused(refusal: &Refusal) -> Response<Body> {
    let status = reply::status(refusal);
    let text = status.message().to_owned();
    let (value, retry) = value(refusal);
    let error = Grep11Error { code: value.0.into(), detail: text.clone(), retry };
    let any = Any { type_url: TYPE_URL.to_owned(), value: error.encode_to_vec() };
    let details = RpcStatus { code: status.code() as i32, message: text.clone(), details: vec![any] };
    let metadata = status.metadata().clone();
    Status::with_details_and_metadata(status.code(), text, details.encode_to_vec().into(), metadata).into_http()
}

/// The return value that says it, and whether the same call may succeed later.
fn value(refusal: &Refusal) -> (ReturnValue, bool) {
    match refusal {
        Refusal::Ep11 { value, .. } => (*value, RETRY.contains(value)),
        Refusal::TooLarge { .. } => (ReturnValue::IBM_GREP11_CANNOT_UNMARSHAL, false),
        Refusal::Throttled => (ReturnValue::IBM_TRANSPORT_LIMIT, true),
        Refusal::Busy | Refusal::StoreUnavailable(_) => (ReturnValue::DEVICE_ERROR, true),
        Refusal::OutcomeUnknown { .. } | Refusal::Internal => (ReturnValue::GENERAL_ERROR, false),
        Refusal::NoSuchMethod => (ReturnValue::FUNCTION_NOT_SUPPORTED, false),
        _ => (ReturnValue::IBM_GREP11_NOT_AUTHENTICATED, false),
    }
}

/// What the details hold.
const TYPE_URL: &str = "type.googleapis.com/grep11.Grep11Error";

/// What passes by itself.
const RETRY: [ReturnValue; 5] = [
    ReturnValue::IBM_BLOBKEY_CONFLICT,
    ReturnValue::IBM_REQ_TIMEOUT,
    ReturnValue::IBM_TRANSPORT_ERROR,
    ReturnValue::DEVICE_ERROR,
    ReturnValue::IBM_GREP11_CONFLICT,
];

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn a_refusal_is_unknown_with_its_return_value_in_one_detail() {
        let refusal = Refusal::Ep11 { value: ReturnValue::SIGNATURE_INVALID, function: "VerifySingle" };
        let response = refused(&refusal);
        let headers = response.headers();
        assert_eq!(headers["grpc-status"], (Code::Unknown as i32).to_string());
        let text = "Got error CKR_SIGNATURE_INVALID, from libep11.so in m_VerifySingle";
        let status = Status::from_header_map(headers).unwrap();
        assert_eq!(status.message(), text);
        let details = RpcStatus::decode(status.details()).unwrap();
        assert_eq!((details.code, details.message.as_str(), details.details.len()), (2, text, 1));
        assert_eq!(details.details[0].type_url, "type.googleapis.com/grep11.Grep11Error");
        let error = Grep11Error::decode(&details.details[0].value[..]).unwrap();
        assert_eq!((error.code, error.detail.as_str(), error.retry), (0xC0, text, false));
    }

    #[test]
    fn what_a_token_does_not_allow_is_not_authenticated() {
        let response = refused(&Refusal::Forbidden { needed: &[] });
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::PermissionDenied);
        let details = RpcStatus::decode(status.details()).unwrap();
        assert_eq!(Grep11Error::decode(&details.details[0].value[..]).unwrap().code, 0x8004_0001);
    }
}
