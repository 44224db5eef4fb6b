//! What can go wrong between the workstation and a crypto unit, with the texts that the real command shows.

use std::fmt;

use hpcs_ep11::{
    AdminCertificate, ChainError, DecodeError, HtpError, NameError, ReasonCode, ReturnCode, VerificationPattern,
    client_text,
};

use crate::{ServiceError, SigningServiceError, printable, texts};

/// A query or command that failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum UnitError {
    /// The service did not take the request or did not bring an answer.
    Service(ServiceError),
    /// The host program in front of the modules refused.
    Host(HtpError),
    /// The header of the answer carries an error.
    Header {
        /// Its return code.
        code: u16,
        /// Its reason code.
        reason: u16,
    },
    /// The module could not make anything of the request. The answer is not signed.
    Unprocessed {
        /// Its return code.
        code: ReturnCode,
    },
    /// The unit refused, in a signed answer.
    Refused {
        /// The return code.
        code: ReturnCode,
        /// The reason code, if there is one.
        reason: Option<ReasonCode>,
    },
    /// An answer cannot be read.
    Decode(DecodeError),
    /// An answer is not signed by the module that was identified.
    Signature,
    /// The module's certificates do not lead to a trusted root.
    Chain(ChainError),
    /// The module has more certificates than a chain can have.
    TooManyCertificates,
    /// An answer that is properly signed, but not the answer to what was asked.
    Foreign {
        /// The first field that differs.
        field: &'static str,
    },
    /// Units of one module, or a unit and the service's list, name different serial numbers.
    SerialMismatch,
    /// The signing service that keeps a signer's key did not sign.
    SigningService(SigningServiceError),
    /// An administrator name that does not fit into a certificate.
    Name(NameError),
    /// Key parts cannot be encrypted for the unit's importer key.
    Importer,
    /// Another number of key parts than 1, 2 or 3.
    KeyPartCount {
        /// How many.
        count: usize,
    },
    /// The same key part twice.
    SameKeyPart,
    /// Key parts that together make a key of zeros.
    ZeroKey,
    /// The unit carried out the command, but the key in its register is not the one that was sent.
    PatternMiscompare {
        /// The verification pattern of the key that was sent.
        expected: VerificationPattern,
        /// The pattern that the unit answered with.
        found: VerificationPattern,
    },
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Host(error) => f.write_str(&printable(&error.to_string())),
            Self::Header { code, reason } => {
                write!(f, "{}\nReturn code: {code}\nReason code: {reason}", texts::REPORTED_IN_CPRB)
            }
            Self::Unprocessed { code } => write!(f, "{}\nReturn value: {}", texts::REPORTED_IN_RESPONSE, code.0),
            Self::Refused { code, reason } => write_refusal(f, *code, *reason),
            Self::Decode(error) => write!(f, "{}\n{error}", texts::UNREADABLE_ANSWER),
            Self::Signature => f.write_str(texts::BAD_ANSWER_SIGNATURE),
            Self::Chain(error) => write!(f, "{}\n{error}", texts::BAD_CERTIFICATES),
            Self::TooManyCertificates => write!(f, "{}\n{}", texts::BAD_CERTIFICATES, texts::TOO_MANY_CERTIFICATES),
            Self::Foreign { field } => write!(f, "{}\n{field}", texts::FOREIGN_ANSWER),
            Self::SerialMismatch => f.write_str(texts::SERIAL_MISMATCH),
            Self::SigningService(error) => error.fmt(f),
            // The documented sentence speaks of characters, which are not what the certificate has room for.
            Self::Name(error) if error.characters > AdminCertificate::NAME_SIZE => f.write_str(texts::NAME_TOO_LONG),
            Self::Name(error) => write!(f, "{} {}", texts::NAME_TOO_LARGE, error.size),
            Self::Importer => f.write_str(texts::IMPORTER_UNUSABLE),
            Self::KeyPartCount { .. } => f.write_str(texts::KEY_PART_COUNT),
            Self::SameKeyPart => f.write_str(texts::SAME_KEY_PART),
            Self::ZeroKey => f.write_str(texts::ZERO_KEY),
            Self::PatternMiscompare { expected, found } => {
                write!(f, "{}\nExpected: {expected}\nFound: {found}", texts::LOADED_PATTERN_MISCOMPARE)
            }
        }
    }
}

impl std::error::Error for UnitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Service(error) => Some(error),
            Self::Host(error) => Some(error),
            Self::Decode(error) => Some(error),
            Self::Chain(error) => Some(error),
            Self::SigningService(error) => Some(error),
            Self::Name(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ServiceError> for UnitError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<DecodeError> for UnitError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<SigningServiceError> for UnitError {
    fn from(error: SigningServiceError) -> Self {
        Self::SigningService(error)
    }
}

impl From<NameError> for UnitError {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}

fn write_refusal(f: &mut fmt::Formatter<'_>, code: ReturnCode, reason: Option<ReasonCode>) -> fmt::Result {
    write!(f, "{}\nReturn code: {}\nReason code: ", texts::REPORTED_BY_MODULE, code.0)?;
    if let Some(reason) = reason {
        write!(f, "{}", reason.0)?;
    }
    client_text(code, reason).map_or(Ok(()), |text| write!(f, "\nError message: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u32, reason: Option<u32>) -> String {
        UnitError::Refused { code: ReturnCode(code), reason: reason.map(ReasonCode) }.to_string()
    }

    #[test]
    fn the_documented_sample_of_a_refusal() {
        assert_eq!(
            refused(209, Some(71)),
            "Error reported by EP11 crypto module.\nReturn code: 209\nReason code: 71\nError message: Change not \
             allowed.  You are not allowed to change a threshold value if the corresponding attribute control bit is \
             reset."
        );
    }

    #[test]
    fn a_reason_without_a_text_falls_back_to_the_return_code() {
        assert!(
            refused(179, Some(34))
                .ends_with("\nReason code: 34\nError message: Operation not allowed in imprint mode.")
        );
    }

    #[test]
    fn a_missing_reason_leaves_the_line_empty() {
        assert!(refused(193, None).ends_with("\nReason code: \nError message: A signature was malformed."));
    }

    #[test]
    fn codes_outside_the_table_have_no_message_line() {
        assert_eq!(
            refused(0x8001_0009, None),
            "Error reported by EP11 crypto module.\nReturn code: 2147549193\nReason code: "
        );
    }

    #[test]
    fn a_name_of_few_characters_and_many_bytes_is_not_called_too_long_in_characters() {
        let text = |characters, size| UnitError::Name(NameError { size, characters }).to_string();
        assert!(text(31, 31).ends_with("Names must be 30 characters or less."));
        assert!(
            text(20, 40).ends_with("30 bytes or less, and letters outside ASCII take several.  Bytes in this one: 40")
        );
    }

    #[test]
    fn codes_of_the_outer_layers_say_where_they_stand() {
        let outer = UnitError::Unprocessed { code: ReturnCode(84) };
        assert_eq!(outer.to_string(), "Error reported in xcpAdminRsp.\nReturn value: 84");
        let header = UnitError::Header { code: 8, reason: 3 };
        assert_eq!(header.to_string(), "Error reported in EP11 CPRB.\nReturn code: 8\nReason code: 3");
    }
}
