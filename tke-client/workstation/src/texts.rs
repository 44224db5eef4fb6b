//! Every text that a user of the library can see, in one place, so that a published original corrects a line.
//!
//! Two marks: *documented* texts come from vendor documentation, the published SDK or published transcripts and are
//! exact to the blank. *Reconstructed* ones have no known original and may change. The texts of the codes that crypto
//! units answer with are in `hpcs-ep11` (`client_text`), beside the codes.

use hpcs_ep11::{AdminFunction, Parameter, Permissions};

// Transport and environment. Documented.

/// First line when the list of service instances cannot be had.
pub(crate) const QUERY_INSTANCES: &str = "Error querying service instances.";
/// First line when the list of crypto units cannot be had.
pub(crate) const QUERY_CRYPTO_UNITS: &str = "Error querying crypto units.";
/// First line when a request cannot be handed to a crypto unit.
pub(crate) const SEND_REQUEST: &str = "Error sending HTPRequest to target service instance.";
/// The spelling is the original's.
pub(crate) const NO_RESPONSE: &str = "No HPTResponse returned.";
/// Follows status code 401.
pub(crate) const TOKEN_REFUSED: &str = "Your access token is invalid, expired, or does not have the necessary permissions to access this instance. You may need to log out and log back in to the IBM Cloud CLI to refresh your token. If the problem persists, note the input and output of this attempt and contact IBM Cloud support.";
/// Follows status code 404.
pub(crate) const NOT_FOUND: &str = "The service instance or crypto unit could not be found. Check and ensure that you have the correct resource group and region targeted and that you are logged into the correct account. If the problem persists, note the input and output of this attempt and contact IBM Cloud support.";
/// Follows status code 500.
pub(crate) const UNAVAILABLE: &str = "IBM Hyper Protect Crypto Services is currently unavailable.  Your request could not be processed.  Please try again later.  If the problem persists, note the input and output of this attempt and contact IBM Cloud support.";
/// Follows when the name of the service's host cannot be resolved.
pub(crate) const HOST_UNKNOWN: &str = "Hyper Protect Crypto Services may not be available in the region you have selected.\nCheck the REFERENCE section of the Hyper Protect Crypto Services online documentation to determine the regions and locations where the service is available.";
/// Two units of one crypto module, or a unit and the list of units, name different modules.
pub(crate) const SERIAL_MISMATCH: &str = "Serial number mismatch detected";
/// The environment variable is not set.
pub(crate) const FILES_UNSET: &str = "The CLOUDTKEFILES environment variable is not defined on this workstation.\n\nSet the CLOUDTKEFILES environment variable to indicate the subdirectory to hold files used by the Cloud TKE plug-in.";
/// The environment variable does not name a directory; its value follows.
pub(crate) const FILES_INACCESSIBLE: &str = "Error accessing the subdirectory defined by the CLOUDTKEFILES environment variable.\n\nCheck that the subdirectory exists and is specified correctly by the environment variable.\n\nCLOUDTKEFILES=";

// Transport. Reconstructed.

/// First line when an API key cannot be exchanged.
pub(crate) const ISSUE_TOKEN: &str = "Error requesting an access token.";
/// First line when the caller's identity cannot be had.
pub(crate) const WHO_AM_I: &str = "Error querying the current user.";
/// No connection; the address follows, as in the next two.
pub(crate) const UNREACHABLE: &str = "The service cannot be reached: ";
/// The connection broke off.
pub(crate) const CONNECTION_LOST: &str = "The connection to the service was lost: ";
/// No answer.
pub(crate) const TIMED_OUT: &str = "The service did not answer in time: ";
/// Follows when a request to a crypto unit was sent and no answer came.
pub(crate) const OUTCOME_UNKNOWN: &str = "The outcome is unknown: a command that was sent may have taken effect.\nCheck with the 'ibmcloud tke cryptounit-compare' command.";
/// Follows when the certificate of the other side does not lead to a root of this machine. It speaks of the service and
/// of the signing service.
pub(crate) const UNTRUSTED: &str = "The certificate is not trusted.  Set the SSL_CERT_FILE environment variable to a file with the certificate of the authority that issued it.";
/// This machine trusts nobody.
pub(crate) const NO_ROOTS: &str = "This workstation has no root certificates, which HTTPS needs.\nSet the SSL_CERT_FILE environment variable to a file with the certificate of the authority to trust.";
/// The address of the service is not one.
pub(crate) const BAD_ADDRESS: &str = "The address of the service is not valid.";
/// An access token with characters that no token has.
pub(crate) const BAD_TOKEN: &str = "The access token contains characters that are not allowed.";

// Answers of crypto units. Documented.

/// First line of a crypto unit's refusal.
pub(crate) const REPORTED_BY_MODULE: &str = "Error reported by EP11 crypto module.";
/// First line when the outer message carries the code.
pub(crate) const REPORTED_IN_RESPONSE: &str = "Error reported in xcpAdminRsp.";
/// First line when the request header carries the code.
pub(crate) const REPORTED_IN_CPRB: &str = "Error reported in EP11 CPRB.";

// Answers of crypto units. Reconstructed.

/// An answer that cannot be read; the fault follows.
pub(crate) const UNREADABLE_ANSWER: &str = "The response from the crypto unit could not be read.";
/// An answer whose signature does not verify.
pub(crate) const BAD_ANSWER_SIGNATURE: &str = "The signature on the response from the crypto unit is not valid.";
/// A module whose certificates do not lead to a known root; the fault follows.
pub(crate) const BAD_CERTIFICATES: &str = "The certificates of the crypto module could not be verified.";
/// An answer to something that was not asked; the field follows.
pub(crate) const FOREIGN_ANSWER: &str = "The response from the crypto unit does not belong to the request.";
/// An importer key for which key parts cannot be encrypted.
pub(crate) const IMPORTER_UNUSABLE: &str = "The importer key of the crypto unit cannot be used.";
/// Another number of key parts than a unit is given.
pub(crate) const KEY_PART_COUNT: &str = "1, 2 or 3 master key parts must be specified.";
/// A key part and a copy of it.
pub(crate) const SAME_KEY_PART: &str =
    "The same master key part was specified more than once.  Each key part must have a different value.";
/// Parts that cancel each other out.
pub(crate) const ZERO_KEY: &str = "The master key parts combine to a value of zeros, which is no master key.";
/// The register holds something else than was sent; both patterns follow.
pub(crate) const LOADED_PATTERN_MISCOMPARE: &str = "The crypto unit loaded another master key than the one sent.\nClear the new master key register and load the key parts again.";
/// More certificates than a chain has.
pub(crate) const TOO_MANY_CERTIFICATES: &str = "The crypto module presents more certificates than expected.";

// Signing service. Documented.

/// First line when the public key cannot be had.
pub(crate) const REQUEST_PUBLIC_KEY: &str = "Error requesting public part of signature key.";
/// First line when there is no signature.
pub(crate) const REQUEST_SIGNATURE: &str = "Error requesting a signature over supplied data.";
/// A public key that is not on P-521.
pub(crate) const UNSUPPORTED_PUBLIC_KEY: &str =
    "Invalid public key returned by signing service.  Only P521 EC keys are supported.";
/// An answer without its member; the member stands before it, as in the next three.
pub(crate) const MEMBER_MISSING: &str = "not found";
/// A member of another type.
pub(crate) const MEMBER_NOT_STRING: &str = "is not a string";

/// An answer without content.
pub(crate) const EMPTY_BODY: &str = "empty response body";

// Signing service. Reconstructed.

/// A URL that is none; it follows, as in the next one.
pub(crate) const BAD_SIGNING_SERVICE: &str =
    "The TKE_SIGNSERV_URL environment variable is not an http or https URL such as http://127.0.0.1:9877.";
/// A name of a key with other characters.
pub(crate) const BAD_KEY_NAME: &str =
    "A signature key identifier must consist of letters, digits, '-', '.', '_' and '~', and be neither '.' nor '..'.";
/// A token of two lines, for example.
pub(crate) const BAD_KEY_TOKEN: &str = "The access token of a signature key contains characters that are not allowed.";
/// No answer; the URL follows.
pub(crate) const SIGNING_SERVICE_TIMED_OUT: &str = "The signing service did not answer in time: ";
/// An answer that is JSON, but no object.
pub(crate) const NOT_AN_OBJECT: &str = "the answer is not a JSON object";

/// A member in another encoding.
pub(crate) const MEMBER_NOT_BASE64: &str = "is not base64";
/// A member with other content.
pub(crate) const MEMBER_NOT_TWO_INTEGERS: &str = "is not a DER sequence of two integers";
/// A signature that the public key does not verify.
pub(crate) const FOREIGN_SIGNATURE: &str =
    "The signature does not belong to the data and the public key of the signature key.";

// Files. Documented.

/// The password does not open the file.
pub(crate) const INVALID_PASSWORD: &str = "Invalid password.";
/// What the password opened is no private key.
pub(crate) const PEM_DECODE: &str = "PEM decode of signature key failed.";
/// The file belongs to another key than it says.
pub(crate) const SKI_MISCOMPARE: &str = "Miscompare on saved and calculated Subject Key Identifier.";
/// More than 30 characters.
pub(crate) const NAME_TOO_LONG: &str = "An administrator name is too long.  Names must be 30 characters or less.";

// Files. Reconstructed.

/// At most 30 characters, but more than 30 bytes; the number of bytes follows.
pub(crate) const NAME_TOO_LARGE: &str = "An administrator name is too large.  Names must be 30 bytes or less, and letters outside ASCII take several.  Bytes in this one:";
/// No character, or one that cannot be printed.
pub(crate) const NAME_NOT_PRINTABLE: &str = "An administrator name must consist of printable ASCII characters.";
/// A key part that is typed in has another form.
pub(crate) const KEY_PART_FORM: &str = "The key part value must be 64 hexadecimal digits.";
/// The key part does not have the pattern that the file promises.
pub(crate) const PATTERN_MISCOMPARE: &str = "Miscompare on saved and calculated verification pattern.";

/// More bytes than are read; the file stands before it, the limit in bytes follows.
pub(crate) const FILE_TOO_LARGE: &str = "too large; the limit is";
/// A line of more bytes than are read; the limit follows.
pub(crate) const LINE_TOO_LONG: &str = "The line is too long.  The most bytes that a line can have:";
/// A line that is not UTF-8.
pub(crate) const LINE_NOT_TEXT: &str = "The line is not valid UTF-8 text.";
/// A KEYNUM without a file; the number follows.
pub(crate) const INVALID_KEYNUM: &str = "Invalid KEYNUM: ";
/// A member of a file that is not there; file and member stand before it, as in the next three.
pub(crate) const FIELD_MISSING: &str = "not found";
/// A member of another type.
pub(crate) const FIELD_WRONG_TYPE: &str = "does not have the right type";
/// A member that cannot be read.
pub(crate) const FIELD_MALFORMED: &str = "is malformed";
/// A member of another size.
pub(crate) const FIELD_WRONG_SIZE: &str = "does not have the right size";

/// A member that is there twice.
pub(crate) const FIELD_REPEATED: &str = "is there more than once";
/// A member that the format does not have.
pub(crate) const MEMBER_UNKNOWN: &str = "is not a known member";

// Quorum. Reconstructed.

/// Fewer usable keys are selected than signatures are needed.
pub(crate) const TOO_FEW_SIGNERS: &str = "Not enough signature keys are selected to meet the signature threshold value.\nUse the 'ibmcloud tke sigkey-sel' command to select signature keys.";
/// The same for operations that count against the revocation signature threshold.
pub(crate) const TOO_FEW_REVOKERS: &str = "Not enough signature keys are selected to meet the revocation signature threshold value.\nUse the 'ibmcloud tke sigkey-sel' command to select signature keys.";

// Requests that several administrators sign. Our own: the cloud has no such file.

/// A name in the file, or of a signer, that could forge what is shown.
pub(crate) const REQUEST_BAD_NAME: &str =
    "The administrator name beside a signature must have 30 characters or less, all of them printable ASCII.";
/// The file is not one that this program writes; the fault follows.
pub(crate) const REQUEST_UNREADABLE: &str = "The request file could not be read.";
/// A member does not say what the signed bytes say; the member follows.
pub(crate) const REQUEST_TAMPERED: &str =
    "The request file was changed: its description does not match the bytes to be signed.";
/// A signature in the file does not verify; the administrator follows.
pub(crate) const REQUEST_BAD_SIGNATURE: &str = "The request file contains a signature that is not valid.";
/// The same administrator again.
pub(crate) const REQUEST_SIGNED_ALREADY: &str = "The request is already signed with this signature key.";
/// Copies of different requests.
pub(crate) const REQUEST_DIFFERENT: &str = "The files contain different requests.";
/// As many signatures as a unit takes.
pub(crate) const REQUEST_FULL: &str = "The request has as many signatures as a crypto unit accepts.";

/// A command that is not in the list of titles.
pub(crate) const NOT_EXPLAINED: &str = "a command that cannot be put into words";

/// What an administration command does, in the words of the product. Our own.
pub(crate) fn title(function: AdminFunction) -> Option<&'static str> {
    TITLES.iter().find(|(known, _)| *known == function).map(|(_, title)| *title)
}

/// The bits of the permissions. Our own.
pub(crate) const PERMISSION_BITS: &[(u32, &str)] = &[
    (Permissions::WK_IMPORT.0, "import a master key"),
    (Permissions::WK_EXPORT.0, "export a master key"),
    (Permissions::WK_1PART.0, "import or export a master key in one part"),
    (Permissions::WK_RANDOM.0, "make a random master key"),
    (Permissions::ONE_SIGN.0, "allow thresholds of 1"),
    (Permissions::CP_1SIGN.0, "change control points with one signature"),
    (Permissions::ZERO_1SIGN.0, "zeroize with one signature"),
    (Permissions::DO_NOT_DISTURB.0, "do not disturb"),
    (Permissions::CHG_WK_IMPORT.0, "may change: import"),
    (Permissions::CHG_WK_EXPORT.0, "may change: export"),
    (Permissions::CHG_WK_1PART.0, "may change: one part"),
    (Permissions::CHG_WK_RANDOM.0, "may change: random"),
    (Permissions::CHG_SIGN_THR.0, "may change: signature threshold"),
    (Permissions::CHG_REVOKE_THR.0, "may change: revocation signature threshold"),
    (Permissions::CHG_ONE_SIGN.0, "may change: thresholds of 1"),
    (Permissions::CHG_CP_1SIGN.0, "may change: control points with one signature"),
    (Permissions::CHG_ZERO_1SIGN.0, "may change: zeroize with one signature"),
    (Permissions::CHG_DO_NOT_DISTURB.0, "may change: do not disturb"),
];

/// The bits of an export's scope. Our own.
pub(crate) const SCOPE_BITS: &[(u32, &str)] = &[
    (Parameter::SCOPE_DOMAIN_ONLY, "data of domains only"),
    (Parameter::SCOPE_NOT_SENSITIVE, "nothing sensitive"),
    (Parameter::SCOPE_WITHOUT_KPH_CERTIFICATES, "without certificates of recipients"),
    (Parameter::SCOPE_WITHOUT_OA_CERTIFICATES, "without certificates of the crypto module"),
    (Parameter::SCOPE_NOT_QUANTUM_SAFE, "signatures that are not quantum-safe"),
    (Parameter::SCOPE_QUANTUM_SAFE, "quantum-safe signatures"),
];

const TITLES: &[(AdminFunction, &str)] = &[
    (AdminFunction::ADD_ADMINISTRATOR, "Add an administrator"),
    (AdminFunction::REMOVE_ADMINISTRATOR, "Remove an administrator"),
    (AdminFunction::SET_ATTRIBUTES, "Set signature thresholds and permissions"),
    (AdminFunction::GENERATE_IMPORTER, "Generate an importer key"),
    (AdminFunction::RANDOM_WK, "Generate a random master key"),
    (AdminFunction::EXPORT_WK, "Export the current master key to another crypto unit"),
    (AdminFunction::EXPORT_NEXT_WK, "Export the new master key to another crypto unit"),
    (AdminFunction::IMPORT_WK, "Load the new master key register"),
    (AdminFunction::COMMIT_WK, "Commit the new master key register"),
    (AdminFunction::FINALIZE_WK, "Make the new master key the current one"),
    (AdminFunction::CLEAR_CURRENT_WK, "Clear the current master key register"),
    (AdminFunction::CLEAR_NEXT_WK, "Clear the new master key register"),
    (AdminFunction::ZEROIZE, "Zeroize the crypto unit"),
    (AdminFunction::SET_CONTROL_POINTS, "Replace all control points"),
    (AdminFunction::ADD_CONTROL_POINTS, "Enable control points"),
    (AdminFunction::DELETE_CONTROL_POINTS, "Disable control points"),
];

/// Labels of the lines that follow a title. Our own.
pub(crate) mod label {
    pub(crate) const ADMINISTRATOR: &str = "Administrator";
    pub(crate) const SUBJECT_KEY_ID: &str = "Subject key identifier";
    pub(crate) const SIGNATURE_THRESHOLD: &str = "Signature threshold";
    pub(crate) const REVOCATION_THRESHOLD: &str = "Revocation signature threshold";
    pub(crate) const PERMISSIONS: &str = "Permissions";
    pub(crate) const OPERATIONAL_MODE: &str = "Operational mode";
    pub(crate) const KEY_TYPE: &str = "Key type";
    pub(crate) const VERIFICATION_PATTERN: &str = "Verification pattern";
    pub(crate) const KEY_PARTS: &str = "Key parts";
    pub(crate) const KEY_PARTS_NEEDED: &str = "Key parts needed";
    pub(crate) const SIGNED_BY: &str = "Signed by";
    pub(crate) const SCOPE: &str = "Scope";
    pub(crate) const RECIPIENT: &str = "Recipient key";
    pub(crate) const CONTROL_POINTS: &str = "Control points";
    pub(crate) const CRYPTO_MODULE: &str = "Crypto module";
    pub(crate) const DOMAIN: &str = "Domain";
    pub(crate) const COUNTER: &str = "Transaction counter";
}
