//! How a request ended (section 3).

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// Whether a request succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The request was done.
    Success,
    /// The request was refused or went wrong.
    Failure,
}

/// Status code and, for a failure, the text that says why: the event's `reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Success(SuccessCode),
    Failure { code: FailureCode, text: String },
}

impl Reason {
    /// Success with status 200.
    pub const OK: Reason = Reason::success(SuccessCode::Ok);

    /// Success with this status.
    pub const fn success(code: SuccessCode) -> Self {
        Reason(Kind::Success(code))
    }

    /// Failure with this status and text; the status phrase takes the place of an empty text.
    pub fn failure(code: FailureCode, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.is_empty() {
            text.push_str(reason_type(code.code()));
        }
        Reason(Kind::Failure { code, text })
    }

    /// The status, `reasonCode`.
    pub fn code(&self) -> u16 {
        match &self.0 {
            Kind::Success(code) => code.code(),
            Kind::Failure { code, .. } => code.code(),
        }
    }

    /// Whether it is a success.
    pub fn outcome(&self) -> Outcome {
        match &self.0 {
            Kind::Success(_) => Outcome::Success,
            Kind::Failure { .. } => Outcome::Failure,
        }
    }

    /// Why the request failed, `reasonForFailure`; none for a success.
    pub fn failure_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Success(_) => None,
            Kind::Failure { text, .. } => Some(text),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let code = self.code();
        let mut object = serializer.serialize_struct("Reason", 3)?;
        object.serialize_field("reasonCode", &code)?;
        object.serialize_field("reasonType", reason_type(code))?;
        if let Some(text) = self.failure_text() {
            object.serialize_field("reasonForFailure", text)?;
        }
        object.end()
    }
}

/// The statuses of success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the name of its status")]
pub enum SuccessCode {
    Ok = 200,
    Created = 201,
    Accepted = 202,
    NoContent = 204,
}

impl SuccessCode {
    /// The number.
    pub const fn code(self) -> u16 {
        self as u16
    }
}

/// The statuses of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the name of its status")]
pub enum FailureCode {
    BadRequest = 400,
    Unauthorized = 401,
    PaymentRequired = 402,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    RequestTimeout = 408,
    Conflict = 409,
    Gone = 410,
    RequestEntityTooLarge = 413,
    UnprocessableEntity = 422,
    FailedDependency = 424,
    TooManyRequests = 429,
    InternalServerError = 500,
    NotImplemented = 501,
    BadGateway = 502,
    ServiceUnavailable = 503,
    GatewayTimeout = 504,
    HttpVersionNotSupported = 505,
    InsufficientStorage = 507,
}

impl FailureCode {
    /// All of them, in rising order.
    pub const ALL: [FailureCode; 20] = [
        FailureCode::BadRequest,
        FailureCode::Unauthorized,
        FailureCode::PaymentRequired,
        FailureCode::Forbidden,
        FailureCode::NotFound,
        FailureCode::MethodNotAllowed,
        FailureCode::RequestTimeout,
        FailureCode::Conflict,
        FailureCode::Gone,
        FailureCode::RequestEntityTooLarge,
        FailureCode::UnprocessableEntity,
        FailureCode::FailedDependency,
        FailureCode::TooManyRequests,
        FailureCode::InternalServerError,
        FailureCode::NotImplemented,
        FailureCode::BadGateway,
        FailureCode::ServiceUnavailable,
        FailureCode::GatewayTimeout,
        FailureCode::HttpVersionNotSupported,
        FailureCode::InsufficientStorage,
    ];

    /// The number.
    pub const fn code(self) -> u16 {
        self as u16
    }
}

impl TryFrom<u16> for FailureCode {
    type Error = UndocumentedCode;

    fn try_from(code: u16) -> Result<Self, UndocumentedCode> {
        FailureCode::ALL.into_iter().find(|known| known.code() == code).ok_or(UndocumentedCode { code })
    }
}

/// The number is not a status that a failed request is documented to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndocumentedCode {
    /// The number.
    pub code: u16,
}

impl fmt::Display for UndocumentedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a documented status of a failed request", self.code)
    }
}

impl std::error::Error for UndocumentedCode {}

/// The phrase of a status, `reasonType` (section 3.2).
///
/// A status outside the table is read as the first of its class, the way HTTP clients do.
pub const fn reason_type(code: u16) -> &'static str {
    match code {
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Request Entity Too Large",
        422 => "Unprocessable Entity",
        424 => "Failed Dependency",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        400..=499 => "Bad Request",
        500.. => "Internal Server Error",
        0..=399 => "OK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(reason: &Reason) -> String {
        serde_json::to_string(reason).unwrap()
    }

    #[test]
    fn success_has_no_failure_text() {
        assert_eq!(json(&Reason::OK), r#"{"reasonCode":200,"reasonType":"OK"}"#);
        assert_eq!(json(&Reason::success(SuccessCode::NoContent)), r#"{"reasonCode":204,"reasonType":"No Content"}"#);
    }

    #[test]
    fn failure_always_has_a_text() {
        for code in FailureCode::ALL {
            assert_eq!(Reason::failure(code, "why").failure_text(), Some("why"));
            assert_eq!(Reason::failure(code, "").failure_text(), Some(reason_type(code.code())));
        }
    }

    #[test]
    fn outcome_is_success_exactly_below_400() {
        for code in [SuccessCode::Ok, SuccessCode::Created, SuccessCode::Accepted, SuccessCode::NoContent] {
            assert!(code.code() < 400);
            assert_eq!(Reason::success(code).outcome(), Outcome::Success);
        }
        for code in FailureCode::ALL {
            assert!(code.code() >= 400);
            assert_eq!(Reason::failure(code, "why").outcome(), Outcome::Failure);
        }
    }

    #[test]
    fn documented_numbers_are_failure_codes_and_others_are_not() {
        for code in FailureCode::ALL {
            assert_eq!(FailureCode::try_from(code.code()), Ok(code));
        }
        for code in [0, 200, 399, 418, 500 + 6, 599] {
            assert_eq!(FailureCode::try_from(code), Err(UndocumentedCode { code }));
        }
    }

    #[test]
    fn a_status_outside_the_table_is_read_as_its_class() {
        for (code, expected) in [(200, "OK"), (226, "OK"), (418, "Bad Request"), (599, "Internal Server Error")] {
            assert_eq!(reason_type(code), expected);
        }
    }
}
