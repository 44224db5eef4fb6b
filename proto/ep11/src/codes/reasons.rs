//! Reason codes: all numbers of section 13.2, one row each.

use std::fmt;

/// The reason code of a refusal: which rule a return code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonCode(pub u32);

impl ReasonCode {
    /// The four bytes, big-endian: the output of a refused command.
    pub fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The name of the constant with this number.
    pub fn name(self) -> Option<&'static str> {
        row(self).map(|row| row.name)
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a reason code means, in a few words; `None` for a number that is not defined.
///
/// These are explanations for people who rehearse. What a client shows is [`client_text`](crate::client_text).
pub fn reason_meaning(reason: ReasonCode) -> Option<&'static str> {
    row(reason).map(|row| row.meaning)
}

fn row(reason: ReasonCode) -> Option<&'static Row> {
    ROWS.binary_search_by_key(&reason, |row| row.code).ok().and_then(|at| ROWS.get(at))
}

struct Row {
    code: ReasonCode,
    name: &'static str,
    meaning: &'static str,
}

macro_rules! reason_codes {
    ($($number:literal $name:ident $meaning:literal;)*) => {
        impl ReasonCode {
            $(#[doc = $meaning] pub const $name: Self = Self($number);)*
        }
        const ROWS: &[Row] = &[$(Row { code: ReasonCode::$name, name: stringify!($name), meaning: $meaning }),*];
    };
}

reason_codes! {
    1 NO_IMPORTER_KEY "the unit has no importer key";
    2 IMPORT_WITHOUT_PARTS "import without key parts";
    3 PART_ENVELOPE_INVALID "the envelope of an embedded key part is invalid";
    4 PART_BLOCK_STRUCTURE "the structure of a command block is invalid";
    5 PART_BLOCK_FIELD_COUNT "a command block has a wrong number of fields";
    6 PART_FUNCTION_NOT_ADMIN "an embedded request is not an administrative one";
    7 PART_DOMAIN_DIFFERS "an embedded request is for another domain";
    8 PART_BLOCK_MISSING "an embedded request has no command block";
    9 PART_SIGNATURE_MISSING "an embedded request has no signature";
    10 PART_BLOCK_MALFORMED "an embedded command block does not decode";
    11 FUNCTION_ID_INVALID "the function identifier is invalid";
    12 DOMAIN_OUT_OF_RANGE "the domain index is out of range";
    13 DOMAIN_INSTANCE_MALFORMED "the domain instance is malformed";
    14 DOMAIN_INSTANCE_MISMATCH "the domain instance is not the present one";
    15 MODULE_ID_MALFORMED "the module identifier is malformed";
    16 MODULE_INSTANCE_MISMATCH "the module instance differs";
    17 SERIAL_NUMBER_MISMATCH "the module serial number differs";
    18 COUNTER_MALFORMED "the transaction counter is malformed";
    19 COUNTER_PASSED "the transaction counter was passed already";
    20 PART_DOMAIN_INSTANCE_DIFFERS "an embedded request has another domain instance";
    21 NOT_ENOUGH_SIGNATURES "not enough signatures";
    22 SIGNATURE_REJECTED "at least one signature is wrong";
    23 RECIPIENT_INFO_MALFORMED "a RecipientInfo is malformed";
    24 ENCRYPTED_PART_SIZE "an encrypted key part has a wrong size";
    25 ECDH_FAILED "key agreement failed; the point may be invalid";
    26 SHARED_INFO_INVALID "the parameters of the key derivation are invalid";
    27 UNWRAP_FAILED "key derivation or unwrapping failed";
    28 RECOVERED_PART_SIZE "a recovered key part has a wrong size";
    29 PART_KINDS_MIXED "key parts with and without a pattern of the whole key are mixed";
    30 PART_PATTERNS_DIFFER "the key parts name different patterns of the whole key";
    31 COMBINED_PATTERN_MISMATCH "the combined key does not have the pattern that the parts name";
    32 SKI_MALFORMED "a subject key identifier is malformed or not found";
    33 SKI_NOT_PRESENT "the subject key identifier is not installed";
    34 IMPRINT_MODE "not available in imprint mode";
    35 ONLY_IN_IMPRINT_MODE "only available in imprint mode";
    36 LEAVING_IMPRINT_REFUSED "leaving imprint mode is not permitted";
    37 CONTROL_POINT_ACTIVATION "the mode does not allow to activate a control point";
    38 ADMINISTRATOR_EXISTS "the administrator is installed already";
    39 ADMINISTRATORS_FULL "no more administrators fit";
    40 CERTIFICATE_NOT_X509 "the certificate is not an X.509 certificate";
    41 ATTRIBUTE_SIZE "the attribute list has a wrong size";
    42 ATTRIBUTE_UNSUPPORTED "an attribute is not supported";
    43 ATTRIBUTE_REPEATED "an attribute is given twice";
    44 CONTROL_POINT_SIZE "the set of control points has a wrong size";
    45 CONTROL_POINT_REJECTED "a control point is rejected";
    46 CONTROL_POINT_ADD_PREVENTED "control point 0 forbids enabling control points";
    47 CONTROL_POINT_DELETE_PREVENTED "control point 1 forbids disabling control points";
    48 PATTERN_MISMATCH "the verification pattern does not match the register";
    49 CURRENT_KEY_MISSING "the current master key register is empty";
    50 NEXT_KEY_MISSING "the new master key register is empty";
    51 DERIVED_VALUE_UNUSABLE "the derived value cannot be used as a key";
    52 RANDOM_KEY_PROHIBITED "the permissions forbid random master keys";
    53 BOTH_KEYS_PRESENT "both master key registers are full";
    54 IMPORTER_TYPE_LENGTH "the importer key type has a wrong length";
    55 IMPORTER_TYPE_UNSUPPORTED "the importer key type is not supported";
    56 LEAVING_IMPRINT_REVOCATION_ZERO "leaving imprint mode with a revocation threshold of 0";
    57 SIGNATURE_THRESHOLD_TOO_HIGH "the signature threshold is above the number of administrators";
    58 REVOCATION_THRESHOLD_TOO_HIGH "the revocation threshold is above the number of administrators";
    59 CERTIFICATE_INDEX_LENGTH "the certificate index has a wrong length";
    60 CERTIFICATE_INDEX_RANGE "the certificate index is past the end of the chain";
    61 FCV_MISSING "no function control vector is loaded";
    62 FCV_MALFORMED "the function control vector is malformed";
    63 FCV_DIFFERS "another function control vector is loaded";
    64 COMMITTED_KEY_MISSING "the new master key register holds no committed key";
    65 PART_FUNCTION_SIZE "the function word of an embedded request has a wrong size";
    66 REMOVAL_BELOW_THRESHOLD "removal would leave fewer administrators than a threshold";
    67 SINGLE_SIGN_NOT_ALLOWED "removal would leave one administrator, and thresholds of 1 are not allowed";
    68 LAST_ADMINISTRATOR "the last administrator cannot be removed";
    69 RESET_ONLY_ATTRIBUTE "a change-control bit cannot be set again";
    70 PROTECTED_ATTRIBUTE "a permission is protected by its change-control bit";
    71 PROTECTED_THRESHOLD "a threshold is protected by its change-control bit";
    72 READ_ONLY_ATTRIBUTE "an attribute is read-only";
    73 INACTIVE_MODULE "attributes of an inactive module";
    74 PREVENTED_BY_OTHER_SETTING "a threshold is 1, so that the permission for it has to stay";
    75 TOO_MANY_PARTS "too many key parts";
    76 SIGNATURE_THRESHOLD_ZERO "the signature threshold cannot become 0";
    77 REVOCATION_THRESHOLD_ZERO "the revocation threshold cannot become 0";
    78 SIGNATURE_THRESHOLD_ONE "a signature threshold of 1 is not permitted";
    79 REVOCATION_THRESHOLD_ONE "a revocation threshold of 1 is not permitted";
    80 IMPORT_PROHIBITED "the permissions forbid to import master keys";
    81 SINGLE_PART_IMPORT "the permissions forbid to import a master key in one part";
    82 IMPORT_CRYPTO_FAILURE "a cryptographic operation failed during import";
    83 DOMAIN_MASK_VERSION "the version of a domain mask is not supported";
    84 DOMAIN_MASK_MALFORMED "a domain mask is malformed";
    85 CARD_IN_IMPRINT_MODE "the crypto module itself is still in imprint mode";
    86 BLOB_REJECTED "the blob to re-encrypt is rejected";
    87 TOO_MANY_SIGNER_INFOS "too many signatures";
    88 NO_CONTEXT "the module is not initialised";
    89 ATTRIBUTE_INDEX_TOO_HIGH "an attribute index is too high";
    90 CONTROL_POINT_SET_INVALID "the set of control points is invalid";
    91 RETAINED_KEY_ID_LENGTH "a retained key identifier has a wrong length";
    92 RETAINED_KEY_ID_UNKNOWN "the retained key does not exist";
    93 FILE_ID_UNKNOWN "a file identifier is not known";
    94 FILE_ID_UNSUPPORTED "a file identifier is not supported";
    95 CONTROL_POINT_FCV_CONFLICT "the control points conflict with the function control vector";
    96 PART_LIMIT_INCONSISTENT "the number of parts needed does not fit the number of key part holders";
    97 PART_LIMIT_ZERO "the number of parts needed is zero";
    98 PART_LIMITS_DIFFER "different numbers of parts needed";
    99 PART_COUNTS_DIFFER "different numbers of parts";
    100 DOMAIN_MASKS_DIFFER "different domain masks";
    101 PART_INDEX_INVALID "a key part index repeats or is out of range";
    102 KPH_CERTIFICATE_INVALID "a key part holder certificate is not recognised";
    103 STATE_STRUCTURE "the saved state is missing or malformed";
    104 AUTHORITY_CERTIFICATE_INVALID "an authority certificate is not recognised";
    105 TRANSPORT_PARTS_STRUCTURE "the transport key parts are missing or malformed";
    106 STATE_SECTION_REPEATED "sections of the saved state repeat and differ";
    107 STATE_ALGORITHM "the encryption of the saved state is not supported";
    108 STATE_SIGNATURE_STRUCTURE "the signature sections of the saved state are malformed";
    109 STATE_SIGNATURE_INVALID "the signature of the saved state is wrong";
    110 SINGLE_PART_EXPORT "the permissions forbid to export a master key in one part";
    111 STATE_REASSEMBLY_FAILED "the transport key could not be put together";
    112 STATE_PARTS_CONFLICT "the transport key parts conflict";
    113 STATE_DATA_DIFFERS "several encrypted states differ";
    114 STATE_DATA_STRUCTURE "the encrypted state is missing or malformed";
    115 STATE_PARAMETERS_MISSING "an encryption parameter of the state is missing";
    116 STATE_INCONSISTENT "the decrypted state is inconsistent";
    117 TRUSTED_REJECTED "the blob cannot be marked as trusted";
    118 CLOCK_MALFORMED "the time is missing or malformed";
    119 CLOCK_INVALID "the time is not a valid time";
    120 EXPORT_SCOPE_INVALID "the scope of the export is not supported";
    121 IMPORT_SCOPE_INVALID "the scope of the import is not supported";
    122 IMPORT_SCOPE_VIOLATED "card sections in an import for domains only";
    123 IMPORT_SOURCE_AMBIGUOUS "several source domains";
    124 IMPORT_MASK_INVALID "the domain mask of the import is invalid";
    125 NO_CARD_IMPORTER_KEY "the module has no importer key";
    126 IMPORT_DOMAIN_DATA_FAILED "importing the data of a domain failed";
    127 IMPORT_DOMAIN_KEYS_FAILED "importing the master keys of a domain failed";
    128 IMPORT_ZEROIZE_FAILED "zeroizing the target domain failed";
    129 AUDIT_QUERY_MALFORMED "an audit query is malformed";
    130 AUDIT_QUERY_INVALID "an audit query is invalid";
    131 EXPORT_PROHIBITED "the permissions forbid to export master keys";
    132 STATE_EXPORT_PROHIBITED "the permissions forbid to export the state";
    133 STATE_IMPORT_PROHIBITED "the permissions forbid to import a state";
    134 EXPORT_UNAUTHORISED "the export of the master key is not authorised";
    135 OA_SIGNATURE_MISSING "no outbound authentication signature would be left";
    136 OA_SIGNATURE_CONFIGURATION "the configuration of outbound authentication signatures is invalid";
    137 ASN1_FORMAT "an ASN.1 structure is malformed";
    138 CERTIFICATE_TYPE "the type of the certificate is not supported";
    139 ROLE_ID "the role identifier is invalid";
    140 SIGNATURE_POLICY "the policy forbids this kind of administrator signature";
    141 KEY_STRENGTH_POLICY "the policy forbids keys of this strength";
    142 CHANGE_PROHIBITED "the change is prohibited";
    143 CHANGES_PROHIBITED "changes are prohibited";
    144 KEY_TYPE_POLICY "the policy forbids this type of key";
    145 KEY_TYPES_POLICY "the policy on types of keys is inconsistent";
    146 ADMINISTRATOR_POLICY "the policy forbids this administrator";
    147 ADMINISTRATORS_POLICY "the policy forbids the present administrators";
    148 CARD_INACTIVE "the crypto module is inactive";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_from_1_to_148_has_one_row() {
        let numbers: Vec<u32> = ROWS.iter().map(|row| row.code.0).collect();
        assert_eq!(numbers, (1..=148).collect::<Vec<_>>());
    }

    #[test]
    fn meanings_and_names_are_found_by_number() {
        assert_eq!(ReasonCode(21).name(), Some("NOT_ENOUGH_SIGNATURES"));
        assert_eq!(reason_meaning(ReasonCode::IMPRINT_MODE), Some("not available in imprint mode"));
        assert_eq!(reason_meaning(ReasonCode(0)), None);
        assert_eq!(reason_meaning(ReasonCode(149)), None);
    }
}
