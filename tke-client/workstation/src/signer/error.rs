//! What can be wrong with a signing service, with the texts that the published SDK shows.

use std::fmt;

use crate::tls::NoRoots;
use crate::{printable, texts};

/// A signing service that did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SigningServiceError {
    /// The URL of the service is not one.
    BadUrl {
        /// The URL.
        url: String,
    },
    /// The name of a key has characters that cannot stand in a URL as they are.
    BadName {
        /// The name.
        name: String,
    },
    /// An access token has characters that cannot stand in a header. It is not repeated here.
    BadToken,
    /// There is no root certificate with which the service could prove who it is.
    NoRoots,
    /// The service answered with another status than one of 200 to 299.
    Refused {
        /// What was asked.
        call: SigningServiceCall,
        /// The HTTP status.
        status: u16,
        /// The body of the answer: up to 4 KiB of it.
        message: String,
    },
    /// The service cannot be reached, or its answer did not arrive or cannot be read.
    Failed {
        /// What was asked.
        call: SigningServiceCall,
        /// What went wrong, innermost cause last.
        message: String,
        /// Whether the certificate of the service is not trusted.
        untrusted: bool,
    },
    /// A member of the answer cannot be used.
    Member {
        /// What was asked.
        call: SigningServiceCall,
        /// What is wrong with it.
        fault: MemberFault,
    },
    /// The public key is not one on P-521.
    UnsupportedKey,
    /// The signature is not one over what was sent by the key that the service named before.
    BadSignature,
}

/// What was asked of a signing service: the first line of the error text depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningServiceCall {
    /// The public key.
    PublicKey,
    /// A signature.
    Sign,
}

/// What is wrong with the one member that an answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberFault {
    /// It is not there, or null.
    Missing,
    /// It is not a string.
    WrongType,
    /// It is not standard base64.
    NotBase64,
    /// It is not a DER sequence of two positive integers.
    NotTwoIntegers,
}

impl SigningServiceCall {
    /// The member of the answer.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::PublicKey => "publickey",
            Self::Sign => "signature",
        }
    }

    fn first_line(self) -> &'static str {
        match self {
            Self::PublicKey => texts::REQUEST_PUBLIC_KEY,
            Self::Sign => texts::REQUEST_SIGNATURE,
        }
    }
}

impl fmt::Display for SigningServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadUrl { url } => write!(f, "{}\n{}", texts::BAD_SIGNING_SERVICE, printable(url)),
            Self::BadName { name } => write!(f, "{}\n{}", texts::BAD_KEY_NAME, printable(name)),
            Self::BadToken => f.write_str(texts::BAD_KEY_TOKEN),
            Self::NoRoots => f.write_str(texts::NO_ROOTS),
            Self::Refused { call, status, message } => {
                write!(f, "{}\nStatus code: {status}\nMessage: {}", call.first_line(), printable(message))
            }
            Self::Failed { call, message, untrusted } => {
                write!(f, "{}\nMessage: {}", call.first_line(), printable(message))?;
                if *untrusted { write!(f, "\n{}", texts::UNTRUSTED) } else { Ok(()) }
            }
            Self::Member { call, fault } => write!(f, "{}\n{} {fault}", call.first_line(), call.member()),
            Self::UnsupportedKey => f.write_str(texts::UNSUPPORTED_PUBLIC_KEY),
            Self::BadSignature => write!(f, "{}\n{}", texts::REQUEST_SIGNATURE, texts::FOREIGN_SIGNATURE),
        }
    }
}

impl std::error::Error for SigningServiceError {}

impl From<NoRoots> for SigningServiceError {
    fn from(_: NoRoots) -> Self {
        Self::NoRoots
    }
}

impl fmt::Display for MemberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => texts::MEMBER_MISSING,
            Self::WrongType => texts::MEMBER_NOT_STRING,
            Self::NotBase64 => texts::MEMBER_NOT_BASE64,
            Self::NotTwoIntegers => texts::MEMBER_NOT_TWO_INTEGERS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_show_status_and_body_after_the_documented_line() {
        let call = SigningServiceCall::Sign;
        let error = SigningServiceError::Refused { call, status: 401, message: "unknown token".to_owned() };
        assert_eq!(
            error.to_string(),
            "Error requesting a signature over supplied data.\nStatus code: 401\nMessage: unknown token"
        );
    }

    #[test]
    fn members_have_the_documented_words() {
        let text = |fault| SigningServiceError::Member { call: SigningServiceCall::PublicKey, fault }.to_string();
        let first = "Error requesting public part of signature key.";
        assert_eq!(text(MemberFault::Missing), format!("{first}\npublickey not found"));
        assert_eq!(text(MemberFault::WrongType), format!("{first}\npublickey is not a string"));
    }

    #[test]
    fn the_services_words_cannot_steer_the_terminal() {
        let message = "\u{1b}[2K\nStatus code: 200".to_owned();
        let text =
            SigningServiceError::Failed { call: SigningServiceCall::PublicKey, message, untrusted: false }.to_string();
        assert_eq!(text.lines().last(), Some("Message: \\u{1b}[2K\\u{a}Status code: 200"));
    }
}
