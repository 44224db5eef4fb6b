//! Return codes.

use std::fmt;

/// The return code of a response: 0, or a PKCS#11 error number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReturnCode(pub u32);

impl ReturnCode {
    /// Whether the command succeeded.
    pub fn is_ok(self) -> bool {
        self == Self::OK
    }

    /// The four bytes, big-endian.
    pub fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The PKCS#11 name without its prefix: `DATA_INVALID`.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }
}

/// As clients print it: an unsigned decimal.
impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

macro_rules! return_codes {
    ($($number:literal $name:ident $meaning:literal;)*) => {
        impl ReturnCode {
            $(#[doc = $meaning] pub const $name: Self = Self($number);)*
        }
        const NAMES: &[(ReturnCode, &str)] = &[$((ReturnCode::$name, stringify!($name))),*];
    };
}

return_codes! {
    0 OK "Success.";
    3 SLOT_ID_INVALID "The domain of the command is wrong.";
    7 ARGUMENTS_BAD "Bad arguments, or a message that does not decode.";
    32 DATA_INVALID "The input has a wrong format or value.";
    33 DATA_LEN_RANGE "The input is missing, too long, or present where none is expected.";
    49 DEVICE_MEMORY "Not enough transient memory.";
    80 FUNCTION_CANCELED "Attributes, control points or state forbid the command.";
    84 FUNCTION_NOT_SUPPORTED "The module does not have the function.";
    96 KEY_HANDLE_INVALID "The key, certificate or audit record asked for does not exist.";
    101 KEY_CHANGED "A verification pattern does not match the register.";
    102 KEY_NEEDED "A key that the command needs is missing.";
    145 OPERATION_NOT_INITIALIZED "The function control vector is not loaded.";
    163 PIN_EXPIRED "The transaction counter is invalid.";
    179 SESSION_HANDLE_INVALID "Not allowed in imprint mode.";
    192 SIGNATURE_INVALID "A signature is wrong.";
    193 SIGNATURE_LEN_RANGE "A signature is malformed, or there are too many.";
    208 TEMPLATE_INCOMPLETE "Too few signatures.";
    209 TEMPLATE_INCONSISTENT "The input is inconsistent, or not allowed in the present state.";
    256 USER_ALREADY_LOGGED_IN "The administrator is installed already.";
    257 USER_NOT_LOGGED_IN "A signer is not an installed administrator.";
    261 USER_TOO_MANY_TYPES "The list of administrators is full.";
    0x8001_0002 IBM_INTERNAL_ERROR "Internal error of the module.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_ascending() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_code_prints_as_unsigned_decimal_and_knows_its_name() {
        assert_eq!(ReturnCode::IBM_INTERNAL_ERROR.to_string(), "2147549186");
        assert_eq!(ReturnCode(209).name(), Some("TEMPLATE_INCONSISTENT"));
        assert_eq!(ReturnCode(1).name(), None);
    }
}
