//! What a crypto unit answers when it does not do what was asked.

use std::fmt;

use hpcs_ep11::{ReasonCode, ReturnCode, client_text};

/// A refusal: return code, reason code, and where the answer carries them.
///
/// Every pair the unit can answer is a constant here, so that a pair learned from real firmware changes in one line.
/// Pairs that the public material does not settle follow the recommendations of the administration protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnitRefusal {
    code: ReturnCode,
    reason: Option<ReasonCode>,
    outer: bool,
}

macro_rules! refusals {
    ($($(#[$doc:meta])+ $name:ident = $code:literal $(/ $reason:literal)?;)+) => {
        impl UnitRefusal {
            $($(#[$doc])+ pub const $name: UnitRefusal = UnitRefusal::inner($code, refusals!(@reason $($reason)?));)+

            /// Every refusal that travels inside a response block.
            pub const ALL: &'static [UnitRefusal] = &[$(UnitRefusal::$name),+];
        }
    };
    (@reason) => { None };
    (@reason $reason:literal) => { Some($reason) };
}

refusals! {
    /// The domain of the command is not this unit's.
    DOMAIN_OUT_OF_RANGE = 3 / 12;
    /// The administrative domain is not 8 bytes.
    DOMAIN_MALFORMED = 3 / 13;
    /// The domain instance is not the current one: the unit was zeroized since.
    DOMAIN_INSTANCE = 3 / 14;
    /// A KPH certificate is not acceptable.
    KPH_CERTIFICATE = 3 / 102;
    /// The kind of importer key is not supported.
    IMPORTER_TYPE = 7 / 55;
    /// Input of the right size with a wrong value.
    DATA_INVALID = 32;
    /// An import without key parts.
    NO_KEY_PARTS = 32 / 2;
    /// An inner request is not a SEQUENCE of four.
    PART_ENVELOPE = 32 / 3;
    /// An inner administration block has not five fields.
    PART_FIELD_COUNT = 32 / 5;
    /// An inner function word is not m_admin.
    PART_FUNCTION = 32 / 6;
    /// An inner request names another domain.
    PART_DOMAIN = 32 / 7;
    /// An inner request has no administration block.
    PART_BLOCK_MISSING = 32 / 8;
    /// An inner request has no signature.
    PART_UNSIGNED = 32 / 9;
    /// An inner administration block is malformed.
    PART_BLOCK_MALFORMED = 32 / 10;
    /// An inner request is not an import.
    PART_NOT_IMPORT = 32 / 11;
    /// The module identifier is not 16 bytes.
    MODULE_MALFORMED = 32 / 15;
    /// The module instance is not this module's.
    MODULE_INSTANCE = 32 / 16;
    /// The serial number is not this module's.
    MODULE_SERIAL = 32 / 17;
    /// An inner request names another domain instance.
    PART_DOMAIN_INSTANCE = 32 / 20;
    /// A RecipientInfo cannot be read or opened.
    RECIPIENT_INFO = 32 / 23;
    /// The encrypted key part has the wrong size.
    ENCRYPTED_PART_SIZE = 32 / 24;
    /// The ephemeral point is not on the curve.
    ECDH_POINT = 32 / 25;
    /// The key part does not unwrap.
    UNWRAP = 32 / 27;
    /// The recovered key part is not 32 bytes.
    PART_SIZE = 32 / 28;
    /// The administrator is not installed, or its identifier has the wrong size.
    ADMINISTRATOR_NOT_FOUND = 32 / 32;
    /// The certificate cannot be read.
    CERTIFICATE = 32 / 40;
    /// An inner function word has the wrong size.
    PART_FUNCTION_SIZE = 32 / 65;
    /// More than 20 key parts.
    TOO_MANY_PARTS = 32 / 75;
    /// M of N key parts make no sense.
    PART_POLICY = 32 / 96;
    /// The index of a KPH is repeated or out of range.
    PART_INDEX = 32 / 101;
    /// The parameters of an export are missing or malformed.
    PARAMETERS = 32 / 103;
    /// The scope mask has unknown bits.
    SCOPE = 32 / 120;
    /// The certificate's key is of an unsupported kind.
    CERTIFICATE_KEY = 32 / 138;
    /// Input is missing, or present where none is expected.
    INPUT_LENGTH = 33;
    /// The attribute list is empty or cut.
    ATTRIBUTE_LENGTH = 33 / 41;
    /// The control point mask is not 16 bytes.
    CONTROL_POINT_LENGTH = 33 / 44;
    /// The kind of importer key is not 4 bytes.
    IMPORTER_LENGTH = 33 / 54;
    /// The certificate index is not 4 bytes.
    CERTIFICATE_INDEX_LENGTH = 33 / 59;
    /// The control points can never be enabled or do not exist.
    CONTROL_POINT_REJECTED = 80 / 45;
    /// Control point 0 does not allow others to be enabled.
    CONTROL_POINT_ADD = 80 / 46;
    /// Control point 1 does not allow others to be disabled.
    CONTROL_POINT_DELETE = 80 / 47;
    /// Permissions forbid a random master key.
    RANDOM_PROHIBITED = 80 / 52;
    /// Both master key registers are full.
    BOTH_REGISTERS_FULL = 80 / 53;
    /// Permissions forbid the import of a master key.
    IMPORT_PROHIBITED = 80 / 80;
    /// Permissions forbid import in a single part.
    SINGLE_PART_IMPORT = 80 / 81;
    /// Permissions forbid export in a single part.
    SINGLE_PART_EXPORT = 80 / 110;
    /// Permissions forbid the export of a master key.
    EXPORT_PROHIBITED = 80 / 131;
    /// The function exists elsewhere and is not supported here.
    NOT_SUPPORTED = 84;
    /// No such function.
    UNKNOWN_FUNCTION = 84 / 11;
    /// No device certificate at this index: the end of the chain.
    CERTIFICATE_INDEX = 96 / 60;
    /// The verification pattern is not the register's.
    PATTERN_MISMATCH = 101 / 48;
    /// There is no importer key.
    NO_IMPORTER_KEY = 102 / 1;
    /// The current master key register is empty.
    CURRENT_EMPTY = 102 / 49;
    /// The new master key register is empty.
    NEW_EMPTY = 102 / 50;
    /// The new master key register holds nothing committed.
    NOT_COMMITTED = 102 / 64;
    /// The transaction counter is not 16 bytes.
    COUNTER_MALFORMED = 163 / 18;
    /// The transaction counter is not above the unit's: stale or replayed.
    COUNTER_PASSED = 163 / 19;
    /// Not allowed in imprint mode.
    IMPRINT_MODE = 179 / 34;
    /// A signature does not verify.
    SIGNATURE_INVALID = 192 / 22;
    /// A SignerInfo cannot be read.
    SIGNATURE_MALFORMED = 193;
    /// More than eight SignerInfos.
    TOO_MANY_SIGNATURES = 193 / 87;
    /// Too few distinct administrators signed.
    TOO_FEW_SIGNATURES = 208 / 21;
    /// The attribute does not exist or cannot be set.
    ATTRIBUTE_UNSUPPORTED = 209 / 42;
    /// An attribute is given twice.
    ATTRIBUTE_REPEATED = 209 / 43;
    /// Imprint mode cannot be left with a revocation threshold of 0.
    LEAVING_WITHOUT_REVOCATION = 209 / 56;
    /// The signature threshold is above the number of administrators.
    SIGNATURE_THRESHOLD_HIGH = 209 / 57;
    /// The revocation signature threshold is above the number of administrators.
    REVOCATION_THRESHOLD_HIGH = 209 / 58;
    /// Fewer administrators than a threshold would remain.
    BELOW_THRESHOLD = 209 / 66;
    /// A change-control bit cannot be set again.
    CHANGE_BIT_RESET_ONLY = 209 / 69;
    /// The permission is protected by its cleared change-control bit.
    PERMISSION_PROTECTED = 209 / 70;
    /// The threshold is protected by its cleared change-control bit.
    THRESHOLD_PROTECTED = 209 / 71;
    /// The operational mode cannot be set.
    MODE_READ_ONLY = 209 / 72;
    /// Thresholds of 1 cannot be forbidden while a threshold is 1.
    SINGLE_SIGNATURE_IN_USE = 209 / 74;
    /// The signature threshold cannot return to 0.
    SIGNATURE_THRESHOLD_ZERO = 209 / 76;
    /// The revocation signature threshold cannot return to 0.
    REVOCATION_THRESHOLD_ZERO = 209 / 77;
    /// A signature threshold of 1 is not permitted.
    SIGNATURE_THRESHOLD_ONE = 209 / 78;
    /// A revocation signature threshold of 1 is not permitted.
    REVOCATION_THRESHOLD_ONE = 209 / 79;
    /// The attribute index is above every known one.
    ATTRIBUTE_INDEX = 209 / 89;
    /// The administrator is already installed.
    ADMINISTRATOR_INSTALLED = 256 / 38;
    /// A signer is not an installed administrator.
    SIGNER_UNKNOWN = 257 / 33;
    /// Eight administrators are installed already.
    ADMINISTRATORS_FULL = 261 / 39;
}

impl UnitRefusal {
    /// Outer: no administration block could be processed.
    pub const UNREADABLE: UnitRefusal = UnitRefusal { code: ReturnCode(7), reason: None, outer: true };
    /// Outer: the message is for another domain.
    pub const OTHER_DOMAIN: UnitRefusal = UnitRefusal { code: ReturnCode(3), reason: None, outer: true };

    const fn inner(code: u32, reason: Option<u32>) -> Self {
        let reason = match reason {
            Some(number) => Some(ReasonCode(number)),
            None => None,
        };
        UnitRefusal { code: ReturnCode(code), reason, outer: false }
    }

    /// The return code.
    pub fn code(self) -> ReturnCode {
        self.code
    }

    /// The reason code; many return codes come without one.
    pub fn reason(self) -> Option<ReasonCode> {
        self.reason
    }

    /// Whether the codes travel in the unsigned outer response, because no administration block could be read.
    pub fn is_outer(self) -> bool {
        self.outer
    }
}

impl fmt::Display for UnitRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.0)?;
        if let Some(reason) = self.reason {
            write!(f, "/{}", reason.0)?;
        }
        match client_text(self.code, self.reason) {
            Some(text) => write!(f, ": {text}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnitRefusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_share_a_pair() {
        for (index, refusal) in UnitRefusal::ALL.iter().enumerate() {
            assert!(!UnitRefusal::ALL[..index].contains(refusal), "{refusal}");
        }
    }

    #[test]
    fn the_text_is_the_one_clients_show() {
        assert_eq!(
            UnitRefusal::TOO_FEW_SIGNATURES.to_string(),
            "208/21: Not enough signatures were provided on the command."
        );
    }
}
