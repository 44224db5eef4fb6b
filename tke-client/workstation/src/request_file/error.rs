//! What can be wrong with a request file.

use std::fmt;

use hpcs_ep11::DecodeError;

use crate::{SigningServiceError, texts};

/// A request file that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The file does not have the form of a request file of this version.
    Unreadable {
        /// What is wrong and where.
        fault: String,
    },
    /// The bytes cannot be put into words.
    Unexplained(DecodeError),
    /// A member says something else than the bytes: somebody changed the file.
    Mismatch {
        /// The member.
        member: &'static str,
    },
    /// A signature is not one over these bytes by the key beside it.
    BadSignature {
        /// The administrator name beside it.
        name: String,
    },
    /// A name beside a signature that administrators cannot have. It is not repeated here.
    BadName,
    /// The file cannot be read or written, or is too large.
    File {
        /// The file and what is wrong.
        fault: String,
    },
    /// The signing service that keeps the administrator's key did not sign.
    SigningService(SigningServiceError),
    /// The administrator's signature is there already.
    SignedAlready,
    /// The other file holds another request.
    Different,
    /// There are as many signatures as a unit accepts.
    Full,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { fault } => write!(f, "{}\n{fault}", texts::REQUEST_UNREADABLE),
            Self::Unexplained(error) => write!(f, "{}\n{error}", texts::REQUEST_UNREADABLE),
            Self::Mismatch { member } => write!(f, "{}\n{member}", texts::REQUEST_TAMPERED),
            Self::BadSignature { name } => write!(f, "{}\n{name}", texts::REQUEST_BAD_SIGNATURE),
            Self::BadName => f.write_str(texts::REQUEST_BAD_NAME),
            Self::File { fault } => f.write_str(fault),
            Self::SigningService(error) => error.fmt(f),
            Self::SignedAlready => f.write_str(texts::REQUEST_SIGNED_ALREADY),
            Self::Different => f.write_str(texts::REQUEST_DIFFERENT),
            Self::Full => f.write_str(texts::REQUEST_FULL),
        }
    }
}

impl std::error::Error for RequestError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unexplained(error) => Some(error),
            Self::SigningService(error) => Some(error),
            _ => None,
        }
    }
}

impl From<SigningServiceError> for RequestError {
    fn from(error: SigningServiceError) -> Self {
        Self::SigningService(error)
    }
}
