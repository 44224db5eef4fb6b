//! Why the service does not do what was asked, and how each surface says so.

use std::fmt;

use hpcs_audit::event::{FailureCode, Reason};
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_ep11::{HtpError, client_text};
use hpcs_hsm::UnitRefusal;
use hpcs_names::InstanceId;

use crate::{AuthFault, Role};

/// A refusal. The texts name the field and the fix; no text holds input that could be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No valid token.
    Unauthenticated(AuthFault),
    /// The API key is not known.
    UnknownApiKey,
    /// The API key is known, and its time is over.
    ApiKeyExpired,
    /// The token's roles do not allow it.
    Forbidden {
        /// One of these would.
        needed: &'static [Role],
    },
    /// No such instance, or it belongs to another account.
    NoSuchInstance,
    /// The instance has no such crypto unit.
    NoSuchCryptoUnit,
    /// A field cannot be read.
    InvalidArgument {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The message is not one of this call's.
    Undecodable(String),
    /// The message is larger than the service takes.
    TooLarge {
        /// Bytes the service takes.
        limit: usize,
    },
    /// The CPRB is for another domain than the addressed crypto unit.
    DomainMismatch,
    /// The HTP string or the CPRB is malformed; answered inside the protocol.
    Htp(HtpError),
    /// The crypto unit refuses; answered inside the protocol.
    Unit(UnitRefusal),
    /// A cryptographic function is not carried out.
    Ep11 {
        /// Why.
        value: ReturnValue,
        /// Which function, without the `m_` in front.
        function: &'static str,
    },
    /// The request names another instance than the endpoint that it came to.
    OtherInstance,
    /// The crypto unit has taken as many calls as it takes a second.
    Throttled,
    /// No such method.
    NoSuchMethod,
    /// Others changed the same record again and again.
    Busy,
    /// It exists already.
    AlreadyExists {
        /// The field that names it.
        field: &'static str,
        /// What exists, and what to do about it.
        why: String,
    },
    /// A document describes nothing that can be.
    InvalidDocument {
        /// Where in it: `units[2].current_master_key.key`; empty for the document as a whole.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// A position in a log is not there any more: retention has cut it away.
    EventsGone {
        /// Whose log.
        instance: InstanceId,
        /// The sequence that was to be read.
        wanted: u64,
        /// The first one that is left.
        first: u64,
    },
    /// A file with an instance cannot be taken in.
    Transfer {
        /// The line of the file, from 1; 0 for the file as a whole.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The store refuses work; nothing was changed, and no event could be written.
    StoreUnavailable(String),
    /// The store went away while committing; it may have happened or not.
    OutcomeUnknown {
        /// What to ask for when the store is back.
        operation: String,
        /// What happened.
        why: String,
    },
    /// The service failed; the fault is in its log.
    Internal,
}

/// Status codes of gRPC that the service uses; the numbers are those of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the name of its status")]
pub enum GrpcCode {
    Unknown = 2,
    InvalidArgument = 3,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// What events say of a refused token, in the platform's conventional sentence.
const TOKEN_SENTENCE: &str =
    "Your access token is invalid or does not have the necessary permissions to perform this task.";

impl Refusal {
    /// The gRPC status and the HTTP status of this refusal: one table for every surface.
    ///
    /// HTP errors and unit refusals are not failures of the call; they are answered inside it with HTTP 200.
    pub fn status(&self) -> (GrpcCode, u16) {
        match self {
            Refusal::Unauthenticated(_) | Refusal::UnknownApiKey | Refusal::ApiKeyExpired => {
                (GrpcCode::Unauthenticated, 401)
            }
            Refusal::Forbidden { .. } | Refusal::OtherInstance => (GrpcCode::PermissionDenied, 403),
            Refusal::NoSuchInstance | Refusal::NoSuchCryptoUnit => (GrpcCode::NotFound, 404),
            Refusal::InvalidArgument { .. }
            | Refusal::Undecodable(_)
            | Refusal::DomainMismatch
            | Refusal::InvalidDocument { .. }
            | Refusal::Transfer { .. } => (GrpcCode::InvalidArgument, 400),
            Refusal::EventsGone { .. } => (GrpcCode::OutOfRange, 410),
            Refusal::TooLarge { .. } => (GrpcCode::ResourceExhausted, 413),
            Refusal::Throttled => (GrpcCode::ResourceExhausted, 429),
            Refusal::Htp(_) | Refusal::Unit(_) => (GrpcCode::InvalidArgument, 200),
            Refusal::Ep11 { .. } => (GrpcCode::Unknown, 400),
            Refusal::NoSuchMethod => (GrpcCode::Unimplemented, 404),
            Refusal::Busy => (GrpcCode::Aborted, 409),
            Refusal::AlreadyExists { .. } => (GrpcCode::AlreadyExists, 409),
            Refusal::StoreUnavailable(_) => (GrpcCode::Unavailable, 503),
            Refusal::OutcomeUnknown { .. } => (GrpcCode::Unknown, 500),
            Refusal::Internal => (GrpcCode::Internal, 500),
        }
    }

    /// The `reason` of the failure event of a TKE action.
    ///
    /// The documents know 400, 401, 403 and 500 for TKE. A refusal by the unit is 400 with the text that clients show
    /// for its codes, and 500 when they have none.
    pub fn tke_reason(&self) -> Reason {
        if let Some(reason) = self.token_reason() {
            return reason;
        }
        let (code, text) = match self {
            Refusal::Unit(refusal) => match client_text(refusal.code(), refusal.reason()) {
                Some(text) => (FailureCode::BadRequest, text.to_owned()),
                None => (FailureCode::InternalServerError, unmapped(*refusal)),
            },
            Refusal::Internal | Refusal::StoreUnavailable(_) | Refusal::OutcomeUnknown { .. } => {
                (FailureCode::InternalServerError, self.to_string())
            }
            _ => (FailureCode::BadRequest, self.to_string()),
        };
        Reason::failure(code, text)
    }
}

impl Refusal {
    /// The refusal of a method of the cryptographic interface. The function of EP11 has the method's name but once:
    /// rewrapping is administration there.
    pub fn of_method(value: ReturnValue, method: &'static str) -> Self {
        Refusal::Ep11 { value, function: if method == "RewrapKeyBlob" { "admin" } else { method } }
    }

    /// The `reason` of the failure event of a cryptographic call: by the return value where there is one, otherwise by
    /// the status.
    pub fn ep11_reason(&self) -> Reason {
        if let Some(reason) = self.token_reason() {
            return reason;
        }
        let (grpc, _) = self.status();
        let code = match (self, grpc) {
            (Refusal::Ep11 { value, .. }, _) if FAULTS_OF_THE_UNIT.contains(value) => FailureCode::InternalServerError,
            (_, GrpcCode::NotFound) => FailureCode::NotFound,
            (_, GrpcCode::AlreadyExists | GrpcCode::Aborted) => FailureCode::Conflict,
            (_, GrpcCode::ResourceExhausted) => FailureCode::TooManyRequests,
            (_, GrpcCode::Unimplemented) => FailureCode::NotImplemented,
            (_, GrpcCode::Unavailable) => FailureCode::ServiceUnavailable,
            (_, GrpcCode::Internal) => FailureCode::InternalServerError,
            _ => FailureCode::BadRequest,
        };
        Reason::failure(code, self.to_string())
    }

    /// The `reason` of what the token does not allow, the same for every action.
    fn token_reason(&self) -> Option<Reason> {
        let code = match self {
            Refusal::Unauthenticated(_) | Refusal::UnknownApiKey | Refusal::ApiKeyExpired => FailureCode::Unauthorized,
            Refusal::Forbidden { .. } | Refusal::OtherInstance => FailureCode::Forbidden,
            _ => return None,
        };
        Some(Reason::failure(code, TOKEN_SENTENCE))
    }
}

/// Return values that are nobody's mistake.
const FAULTS_OF_THE_UNIT: [ReturnValue; 6] = [
    ReturnValue::HOST_MEMORY,
    ReturnValue::GENERAL_ERROR,
    ReturnValue::FUNCTION_FAILED,
    ReturnValue::DEVICE_ERROR,
    ReturnValue::DEVICE_MEMORY,
    ReturnValue::IBM_INTERNAL_ERROR,
];

fn unmapped(refusal: UnitRefusal) -> String {
    let reason = refusal.reason().map_or(String::new(), |reason| reason.0.to_string());
    format!("Error reported by EP11 crypto module. Return code: {} Reason code: {reason}", refusal.code().0)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unauthenticated(why) => write!(f, "{why}"),
            Refusal::UnknownApiKey => f.write_str("api_key: no such API key"),
            Refusal::ApiKeyExpired => {
                f.write_str("api_key: the API key has expired; its time goes by the emulator's clock")
            }
            Refusal::Forbidden { needed } => {
                let needed: Vec<_> = needed.iter().map(Role::to_string).collect();
                write!(f, "the token's roles do not allow this; it takes {}", needed.join(" or "))
            }
            Refusal::NoSuchInstance => f.write_str("instance: no such service instance in this account"),
            Refusal::NoSuchCryptoUnit => f.write_str("unit: the instance has no such crypto unit"),
            Refusal::InvalidArgument { field, why } | Refusal::AlreadyExists { field, why } => {
                write!(f, "{field}: {why}")
            }
            Refusal::Undecodable(why) => write!(f, "the message cannot be decoded: {why}"),
            Refusal::TooLarge { limit } => write!(f, "the message is larger than {limit} bytes"),
            Refusal::DomainMismatch => {
                f.write_str("payload: the CPRB is for another domain than the addressed crypto unit")
            }
            Refusal::Htp(error) => write!(f, "{error}"),
            Refusal::Unit(refusal) => write!(f, "{refusal}"),
            Refusal::Ep11 { value, function } => write!(f, "Got error {value}, from libep11.so in m_{function}"),
            Refusal::OtherInstance => f.write_str("bluemix-instance: the endpoint is that of another instance"),
            Refusal::Throttled => f.write_str("too many requests a second; [grep11] requests_per_second is the limit"),
            Refusal::NoSuchMethod => f.write_str("no such method"),
            Refusal::Busy => f.write_str("others kept changing the same records; try again"),
            Refusal::InvalidDocument { path, why } if path.is_empty() => write!(f, "document: {why}"),
            Refusal::InvalidDocument { path, why } => write!(f, "document: {path}: {why}"),
            Refusal::EventsGone { instance, wanted, first } => write!(
                f,
                "event {wanted} of instance {instance} is not kept any more; the first one that is has sequence {first}"
            ),
            Refusal::Transfer { line: 0, why } => write!(f, "the file cannot be taken in: {why}"),
            Refusal::Transfer { line, why } => write!(f, "the file cannot be taken in: line {line}: {why}"),
            Refusal::StoreUnavailable(why) => write!(f, "the store is unavailable, nothing was changed: {why}"),
            Refusal::OutcomeUnknown { operation, why } => {
                write!(f, "the outcome of operation {operation} is unknown: {why}")
            }
            Refusal::Internal => f.write_str("internal error; the emulator's log tells more"),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_a_unit_are_bad_requests_in_the_words_of_clients() {
        for (refusal, text) in [
            (UnitRefusal::TOO_FEW_SIGNATURES, "Not enough signatures were provided on the command."),
            (UnitRefusal::IMPRINT_MODE, "Operation not allowed in imprint mode."),
            (UnitRefusal::COUNTER_PASSED, "Invalid transaction counter."),
            (UnitRefusal::DOMAIN_INSTANCE, "The domain specified for the command is invalid."),
        ] {
            let reason = Refusal::Unit(refusal).tke_reason();
            assert_eq!((reason.code(), reason.failure_text()), (400, Some(text)));
        }
        let unmapped = UnitRefusal::ALL.iter().filter(|refusal| Refusal::Unit(**refusal).tke_reason().code() != 400);
        assert_eq!(unmapped.count(), 0);
        let unknown = Refusal::Internal.tke_reason();
        assert_eq!(unknown.code(), 500);
    }
}
