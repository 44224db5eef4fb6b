//! Function words and administrative function identifiers.
//!
//! Specification: TKE administration protocol, sections 4.1 and 5.

use std::fmt;

/// The first element of every message: which interface, and which call of it. Four bytes.
///
/// The published client always uses ordinal 1; others use higher ones. A unit accepts any and echoes the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionWord {
    /// Ordinal number of the interface version, first two bytes.
    pub ordinal: u16,
    /// Number of the call, last two bytes.
    pub function: u16,
}

impl FunctionWord {
    /// Number of `get_xcp_info`, which asks for facts about a module or domain.
    pub const GET_XCP_INFO: u16 = 0x26;
    /// Number of `m_admin`, which carries administrative queries and commands.
    pub const ADMIN: u16 = 0x29;
    /// The ordinal that the published client uses.
    pub const SDK_ORDINAL: u16 = 1;

    /// `function` with the ordinal of the published client.
    pub const fn sdk(function: u16) -> Self {
        Self { ordinal: Self::SDK_ORDINAL, function }
    }

    /// The word in these bytes.
    pub fn from_bytes([a, b, c, d]: [u8; 4]) -> Self {
        Self { ordinal: u16::from_be_bytes([a, b]), function: u16::from_be_bytes([c, d]) }
    }

    /// The four bytes.
    pub fn to_bytes(self) -> [u8; 4] {
        let [a, b] = self.ordinal.to_be_bytes();
        let [c, d] = self.function.to_be_bytes();
        [a, b, c, d]
    }

    /// Whether the message is an administrative one.
    pub fn is_admin(self) -> bool {
        self.function == Self::ADMIN
    }
}

impl fmt::Display for FunctionWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}{:04x}", self.ordinal, self.function)
    }
}

/// The identifier of an administrative query or command: the first field of an administrative block. Four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdminFunction(pub u32);

impl AdminFunction {
    /// The bit that tells a query from a command.
    pub const QUERY_BIT: u32 = 0x0001_0000;

    /// Whether it only reads: no signatures, no counter.
    pub fn is_query(self) -> bool {
        self.0 & Self::QUERY_BIT != 0
    }

    /// Whether the identifier is a real one that a crypto unit of this service does not offer: it answers return code
    /// 84 without a reason. An identifier that is neither this nor named is answered with reason 11 as well.
    pub fn known_unsupported(self) -> bool {
        UNSUPPORTED.iter().any(|(function, _)| *function == self)
    }

    /// What the function is called: `zeroize domain`. Unsupported ones have a name too.
    pub fn name(self) -> Option<&'static str> {
        SUPPORTED.iter().chain(UNSUPPORTED).find(|(function, _)| *function == self).map(|(_, name)| *name)
    }

    /// The four bytes, big-endian.
    pub fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for AdminFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

macro_rules! supported_functions {
    ($($number:literal $constant:ident $name:literal;)*) => {
        impl AdminFunction {
            $(#[doc = concat!("The function \"", $name, "\".")] pub const $constant: Self = Self($number);)*
        }
        const SUPPORTED: &[(AdminFunction, &str)] = &[$((AdminFunction::$constant, $name)),*];
    };
}

// "Current" and "pending wrapping key" are the wire's words for the current and the new master key register.
supported_functions! {
    0x0000_0002 ADD_ADMINISTRATOR "add domain administrator";
    0x0000_0004 REMOVE_ADMINISTRATOR "remove domain administrator";
    0x0000_0008 SET_ATTRIBUTES "set domain attributes";
    0x0000_0009 GENERATE_IMPORTER "generate importer key";
    0x0000_000A RANDOM_WK "create random wrapping key";
    0x0000_000B EXPORT_WK "export current wrapping key";
    0x0000_000C IMPORT_WK "import wrapping key";
    0x0000_000D COMMIT_WK "commit pending wrapping key";
    0x0000_000E FINALIZE_WK "finalize wrapping key";
    0x0000_0010 ZEROIZE "zeroize domain";
    0x0000_0011 SET_CONTROL_POINTS "set domain control points";
    0x0000_0012 ADD_CONTROL_POINTS "add domain control points";
    0x0000_0013 DELETE_CONTROL_POINTS "delete domain control points";
    0x0000_001B CLEAR_CURRENT_WK "clear current wrapping key";
    0x0000_001C CLEAR_NEXT_WK "clear pending wrapping key";
    0x0000_0026 EXPORT_NEXT_WK "export pending wrapping key";
    0x0001_0002 QUERY_ADMINISTRATORS "query domain administrators";
    0x0001_0003 QUERY_DEVICE_CERTIFICATE "query device certificate";
    0x0001_0006 QUERY_CONTROL_POINTS "query domain control points";
    0x0001_0007 QUERY_CURRENT_WK "query current wrapping key";
    0x0001_0008 QUERY_NEXT_WK "query pending wrapping key";
    0x0001_0009 QUERY_CARD_ATTRIBUTES "query card attributes";
    0x0001_000A QUERY_ATTRIBUTES "query domain attributes";
}

/// Section 5.21 without those that are supported all the same.
const UNSUPPORTED: &[(AdminFunction, &str)] = &[
    (AdminFunction(0x01), "add card administrator"),
    (AdminFunction(0x03), "remove card administrator"),
    (AdminFunction(0x05), "replace card administrator"),
    (AdminFunction(0x06), "replace domain administrator"),
    (AdminFunction(0x07), "set card attributes"),
    (AdminFunction(0x0F), "zeroize module"),
    (AdminFunction(0x14), "set clock"),
    (AdminFunction(0x15), "set function control vector"),
    (AdminFunction(0x16), "set card control points"),
    (AdminFunction(0x17), "add card control points"),
    (AdminFunction(0x18), "delete card control points"),
    (AdminFunction(0x19), "re-encrypt blob"),
    (AdminFunction(0x1A), "remove retained key"),
    (AdminFunction(0x1D), "system zeroize"),
    (AdminFunction(0x1E), "export state"),
    (AdminFunction(0x1F), "import state"),
    (AdminFunction(0x20), "commit state"),
    (AdminFunction(0x21), "remove state"),
    (AdminFunction(0x22), "generate module importer key"),
    (AdminFunction(0x23), "set trusted"),
    (AdminFunction(0x24), "zeroize several domains"),
    (AdminFunction(0x27), "remove sessions"),
    (AdminFunction(0x0001_0001), "query card administrators"),
    (AdminFunction(0x0001_0004), "query domain importer certificate"),
    (AdminFunction(0x0001_0005), "query card control points"),
    (AdminFunction(0x0001_000B), "query function control vector"),
    (AdminFunction(0x0001_000C), "query wrapping key origins"),
    (AdminFunction(0x0001_000D), "query retained keys"),
    (AdminFunction(0x0001_000E), "query internal state"),
    (AdminFunction(0x0001_000F), "query importer certificate"),
    (AdminFunction(0x0001_0010), "query audit state"),
    (AdminFunction(0x0001_0011), "query domains of the last command"),
    (AdminFunction(0x0001_0012), "query service administrators"),
    (AdminFunction(0x0001_0013), "query login importer"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_ordinal_then_function() {
        let word = FunctionWord::sdk(FunctionWord::ADMIN);
        assert_eq!(word.to_string(), "00010029");
        assert_eq!(FunctionWord::from_bytes([0, 6, 0, 0x29]), FunctionWord { ordinal: 6, ..word });
        assert_eq!(word.to_bytes(), [0, 1, 0, 0x29]);
        assert!(word.is_admin());
    }

    #[test]
    fn no_function_is_both_supported_and_unsupported() {
        let mut all: Vec<_> = SUPPORTED.iter().chain(UNSUPPORTED).map(|(function, _)| *function).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn only_named_queries_have_the_query_bit() {
        for (function, name) in SUPPORTED.iter().chain(UNSUPPORTED) {
            assert_eq!(function.is_query(), name.starts_with("query "), "{function} {name}");
        }
    }

    #[test]
    fn unsupported_unknown_and_supported_are_told_apart() {
        assert!(AdminFunction(0x1E).known_unsupported());
        assert!(!AdminFunction::ZEROIZE.known_unsupported());
        assert!(!AdminFunction(0x25).known_unsupported() && AdminFunction(0x25).name().is_none());
        assert_eq!(AdminFunction::ZEROIZE.name(), Some("zeroize domain"));
    }
}
