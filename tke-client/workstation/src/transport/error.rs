//! Refusals and failures of the service, with the texts that the real command shows.

use std::error::Error;
use std::fmt;

use tonic::{Code, ConnectError, Status};

use crate::tls::{NoRoots, untrusted_certificate};
use crate::{printable, texts};

/// A call that the service refused or did not answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServiceError {
    /// The address is not one.
    BadAddress {
        /// The address.
        address: String,
    },
    /// There is no root certificate with which the service could prove who it is.
    NoRoots,
    /// The access token has characters that cannot stand in a header.
    BadToken,
    /// The service answered with an error.
    Refused {
        /// What was asked.
        call: ServiceCall,
        /// The gRPC status, as received.
        status: Box<Status>,
    },
    /// No connection to the service: nothing was sent.
    Unreachable {
        /// What was asked.
        call: ServiceCall,
        /// The address of the service.
        address: String,
        /// What went wrong, innermost cause last.
        message: String,
        /// Whether the name of the host could not be resolved.
        unknown_host: bool,
    },
    /// The service has a certificate that this machine does not trust: nothing was sent.
    Untrusted {
        /// What was asked.
        call: ServiceCall,
        /// The address of the service.
        address: String,
        /// What is wrong with the certificate.
        message: String,
    },
    /// The connection ended before the answer was there. The request may have arrived.
    Lost {
        /// What was asked.
        call: ServiceCall,
        /// The address of the service.
        address: String,
        /// What went wrong, innermost cause last.
        message: String,
    },
    /// No answer in time. The request may have arrived.
    TimedOut {
        /// What was asked.
        call: ServiceCall,
        /// The address of the service.
        address: String,
    },
    /// A member of the answer cannot be used.
    Malformed {
        /// What was asked.
        call: ServiceCall,
        /// The member, as the TKE interface calls it: `hsm_id`.
        field: &'static str,
        /// Whether it is missing; otherwise it has another form.
        missing: bool,
    },
    /// The service handed on a request and brought no answer.
    NoResponse,
}

/// What was asked of the service: the first line of the error text depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceCall {
    /// The list of instances.
    Instances,
    /// The list of an instance's crypto units.
    CryptoUnits,
    /// Handing a request to a crypto unit.
    Submit,
    /// An access token for an API key.
    IssueToken,
    /// What the service knows about the caller.
    WhoAmI,
}

impl ServiceError {
    /// The error for a failed call: a status that the service sent, or one that stands for a lost connection.
    pub(super) fn from_status(call: ServiceCall, address: &str, status: Status) -> Self {
        let Some(cause) = status.source() else { return Self::Refused { call, status: Box::new(status) } };
        let address = address.to_owned();
        let message = chain(cause);
        if untrusted_certificate(cause).is_some() {
            Self::Untrusted { call, address, message }
        } else if causes(cause).any(<dyn Error>::is::<ConnectError>) {
            // The resolver's error has no type of its own.
            let unknown_host = causes(cause).any(|cause| cause.to_string().starts_with(RESOLVER_ERROR));
            Self::Unreachable { call, address, message, unknown_host }
        } else {
            Self::Lost { call, address, message }
        }
    }

    /// The HTTP status that stands for the service's refusal: 400, 401, 403, 404, 413, 500 or 501.
    ///
    /// `None` when the service did not answer at all.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(http_status(status.code()).0),
            _ => None,
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadAddress { address } => write!(f, "{}\n{address}", texts::BAD_ADDRESS),
            Self::NoRoots => f.write_str(texts::NO_ROOTS),
            Self::BadToken => f.write_str(texts::BAD_TOKEN),
            Self::Refused { call, status } => write_refusal(f, *call, status),
            Self::Unreachable { call, address, message, unknown_host } => {
                write_cause(f, *call, message)?;
                write!(f, "\n{}{}", texts::UNREACHABLE, printable(address))?;
                if *unknown_host { write!(f, "\n\n{}", texts::HOST_UNKNOWN) } else { Ok(()) }
            }
            Self::Untrusted { call, address, message } => {
                write_cause(f, *call, message)?;
                write!(f, "\n{}{}\n\n{}", texts::UNREACHABLE, printable(address), texts::UNTRUSTED)
            }
            Self::Lost { call, address, message } => {
                write_cause(f, *call, message)?;
                write!(f, "\n{}{}", texts::CONNECTION_LOST, printable(address))?;
                write_outcome(f, *call)
            }
            Self::TimedOut { call, address } => {
                write!(f, "{}\n{}{}", first_line(*call), texts::TIMED_OUT, printable(address))?;
                write_outcome(f, *call)
            }
            Self::Malformed { call, field, missing } => {
                let fault = if *missing { texts::FIELD_MISSING } else { texts::FIELD_MALFORMED };
                write!(f, "{}\n{field} {fault}", first_line(*call))
            }
            Self::NoResponse => write!(f, "{}\n{}", texts::SEND_REQUEST, texts::NO_RESPONSE),
        }
    }
}

impl Error for ServiceError {}

impl From<NoRoots> for ServiceError {
    fn from(_: NoRoots) -> Self {
        Self::NoRoots
    }
}

fn write_cause(f: &mut fmt::Formatter<'_>, call: ServiceCall, message: &str) -> fmt::Result {
    write!(f, "{}\nMessage: {}", first_line(call), printable(message))
}

/// What is sent to a crypto unit may have been a command. The other calls change nothing.
fn write_outcome(f: &mut fmt::Formatter<'_>, call: ServiceCall) -> fmt::Result {
    if call == ServiceCall::Submit { write!(f, "\n\n{}", texts::OUTCOME_UNKNOWN) } else { Ok(()) }
}

fn write_refusal(f: &mut fmt::Formatter<'_>, call: ServiceCall, status: &Status) -> fmt::Result {
    let (number, reason, suffix) = http_status(status.code());
    // The documented samples show the name of the HTTP status. Where it says nothing, the service's words are better.
    let message = if suffix.is_some() || status.message().is_empty() { reason } else { status.message() };
    write!(f, "{}\nStatus code: {number}\nMessage: {}", first_line(call), printable(message))?;
    suffix.map_or(Ok(()), |suffix| write!(f, "\n{suffix}"))
}

fn first_line(call: ServiceCall) -> &'static str {
    match call {
        ServiceCall::Instances => texts::QUERY_INSTANCES,
        ServiceCall::CryptoUnits => texts::QUERY_CRYPTO_UNITS,
        ServiceCall::Submit => texts::SEND_REQUEST,
        ServiceCall::IssueToken => texts::ISSUE_TOKEN,
        ServiceCall::WhoAmI => texts::WHO_AM_I,
    }
}

/// Number and name of the HTTP status that the cloud would answer with, and the sentence that follows them.
fn http_status(code: Code) -> (u16, &'static str, Option<&'static str>) {
    match code {
        Code::InvalidArgument => (400, "Bad Request", None),
        Code::Unauthenticated => (401, "Unauthorized", Some(texts::TOKEN_REFUSED)),
        // The sentence speaks of permissions, too, and none is documented for 403.
        Code::PermissionDenied => (403, "Forbidden", Some(texts::TOKEN_REFUSED)),
        Code::NotFound => (404, "Not Found", Some(texts::NOT_FOUND)),
        Code::ResourceExhausted => (413, "Content Too Large", None),
        Code::Unimplemented => (501, "Not Implemented", None),
        // The outcome is unknown: the sentence, which says that nothing happened, would be wrong.
        Code::Unknown => (500, "Internal Server Error", None),
        _ => (500, "Internal Server Error", Some(texts::UNAVAILABLE)),
    }
}

/// The texts of an error and its causes. Some errors repeat their cause.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = if text.is_empty() { cause } else { format!("{text}: {cause}") };
        }
    }
    text
}

/// The error and its causes, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// How the resolver's errors begin.
const RESOLVER_ERROR: &str = "dns error";

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "http://example.test:9876";

    fn refused(call: ServiceCall, status: Status) -> String {
        ServiceError::from_status(call, ADDRESS, status).to_string()
    }

    #[test]
    fn the_documented_sample_of_401() {
        let text = refused(ServiceCall::Instances, Status::unauthenticated("expired"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["Error querying service instances.", "Status code: 401", "Message: Unauthorized"]);
        assert!(lines[3].starts_with("Your access token is invalid, expired, or does not have"));
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn each_documented_status_has_its_sentence() {
        for (status, number, sentence) in [
            (Status::permission_denied(""), 403, texts::TOKEN_REFUSED),
            (Status::not_found("no unit"), 404, texts::NOT_FOUND),
            (Status::unavailable("the store"), 500, texts::UNAVAILABLE),
            (Status::unknown("the outcome is unknown"), 500, "\nMessage: the outcome is unknown"),
        ] {
            let error = ServiceError::from_status(ServiceCall::Submit, ADDRESS, status);
            assert_eq!(error.http_status(), Some(number));
            assert!(error.to_string().ends_with(sentence), "{number}");
        }
    }

    #[test]
    fn a_bad_request_shows_the_services_words() {
        let text = refused(ServiceCall::CryptoUnits, Status::invalid_argument("instance: 'x' is not a UUID"));
        assert_eq!(text, "Error querying crypto units.\nStatus code: 400\nMessage: instance: 'x' is not a UUID");
    }

    #[test]
    fn the_services_words_cannot_steer_the_terminal() {
        let text = refused(ServiceCall::CryptoUnits, Status::invalid_argument("\u{1b}[2K\nStatus code: 200"));
        assert_eq!(text.lines().last(), Some("Message: \\u{1b}[2K\\u{a}Status code: 200"));
    }

    #[test]
    fn a_connection_lost_after_sending_leaves_the_outcome_of_a_submit_unknown() {
        let lost = |call| {
            let cause = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection reset");
            ServiceError::from_status(call, ADDRESS, Status::from_error(Box::new(cause)))
        };
        assert_eq!(lost(ServiceCall::Submit).http_status(), None);
        let text = lost(ServiceCall::Submit).to_string();
        assert_eq!(text.lines().nth(1), Some("Message: connection reset"));
        assert!(text.contains("\nThe connection to the service was lost: http://example.test:9876\n"), "{text}");
        assert!(text.ends_with(texts::OUTCOME_UNKNOWN), "{text}");
        assert!(!lost(ServiceCall::Instances).to_string().contains(texts::OUTCOME_UNKNOWN));
    }

    #[test]
    fn a_timeout_leaves_the_outcome_of_a_submit_unknown() {
        let text = |call| ServiceError::TimedOut { call, address: ADDRESS.to_owned() }.to_string();
        assert!(text(ServiceCall::Submit).ends_with(texts::OUTCOME_UNKNOWN));
        assert!(text(ServiceCall::WhoAmI).ends_with("in time: http://example.test:9876"));
    }

    #[test]
    fn only_a_name_that_is_not_resolved_asks_about_the_region() {
        let unreachable = |cause: &str| {
            let error = ConnectError(cause.to_owned().into());
            ServiceError::from_status(ServiceCall::Submit, ADDRESS, Status::from_error(Box::new(error))).to_string()
        };
        let refused = unreachable("tcp connect error");
        assert!(refused.ends_with("\nThe service cannot be reached: http://example.test:9876"), "{refused}");
        let unknown = unreachable("dns error");
        assert!(unknown.ends_with(texts::HOST_UNKNOWN), "{unknown}");
    }

    #[test]
    fn causes_are_not_repeated() {
        let inner = ConnectError("refused".into());
        let outer = ConnectError(Box::new(inner));
        assert_eq!(chain(&outer), "refused");
    }

    #[test]
    fn a_missing_answer_keeps_the_originals_spelling() {
        let text = ServiceError::NoResponse.to_string();
        assert_eq!(text, "Error sending HTPRequest to target service instance.\nNo HPTResponse returned.");
    }

    #[test]
    fn a_missing_member_has_the_documented_words() {
        let error = ServiceError::Malformed { call: ServiceCall::CryptoUnits, field: "hsm_id", missing: true };
        assert_eq!(error.to_string(), "Error querying crypto units.\nhsm_id not found");
    }
}
