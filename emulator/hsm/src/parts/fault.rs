//! Why parts do not make a unit.

use std::fmt;

use hpcs_ep11::{DecodeError, OaGeneration};

use crate::Profile;

/// Parts that do not make a unit or a module: which part, and the rule it breaks. Never holds key material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartsFault {
    /// Which part.
    pub field: PartsField,
    /// What is wrong with it.
    pub rule: PartsRule,
}

/// A part of a unit or of its module. Its text is the name that documents give it: `administrators[2].certificate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartsField {
    /// The module's epoch key.
    EpochKey,
    /// The module's certificates.
    ModuleCertificates,
    /// One of them, from 0.
    ModuleCertificate(usize),
    /// The list of administrators.
    Administrators,
    /// The certificate of one of them, from 0.
    AdministratorCertificate(usize),
    /// The signature threshold.
    SignatureThreshold,
    /// The revocation signature threshold.
    RevocationThreshold,
    /// The permission word.
    Permissions,
    /// The control points.
    ControlPoints,
    /// The current master key register.
    CurrentMasterKey,
    /// The new master key register.
    NewMasterKey,
    /// The verification patterns of the parts of the new master key.
    PartPatterns,
    /// The importer key.
    ImporterKey,
}

/// The rule that a part breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartsRule {
    /// The module has no certificate.
    NoCertificate,
    /// The certificate cannot be read.
    Certificate(DecodeError),
    /// The certificate is larger than a module takes; sizes in bytes.
    CertificateSize {
        /// The largest size.
        most: usize,
        /// The size found.
        found: usize,
    },
    /// The certificate is not in the layout of the module's generation.
    OtherGeneration {
        /// The module's generation.
        profile: Profile,
        /// The layout that its certificates have.
        expected: OaGeneration,
        /// The layout that the certificate is recognised by.
        found: OaGeneration,
    },
    /// The certificate names another module.
    OtherModule,
    /// The first certificate is not the epoch key's.
    OtherKey,
    /// The certificate is not signed by the key of the next one.
    WrongSignature,
    /// Private and public key do not belong together.
    NoPair,
    /// There are more than fit.
    TooMany {
        /// How many fit.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// The administrator is in the list before.
    Repeats {
        /// Where, from 0.
        first: usize,
    },
    /// The number is out of range.
    OutOfRange {
        /// The least.
        least: u8,
        /// The largest.
        most: u8,
        /// The number found.
        found: u8,
    },
    /// The threshold is above the number of administrators.
    AboveAdministrators {
        /// The threshold.
        found: u8,
        /// How many administrators there are.
        administrators: usize,
    },
    /// A threshold of 1 needs the permission ONE_SIGN.
    NeedsOneSign,
    /// Bits are on that no unit ever has on; the bits, big-endian.
    ImpossibleBits(u128),
    /// A unit in imprint mode has none.
    ImprintMode,
    /// It is the key in the current master key register.
    RepeatsCurrent,
}

impl PartsFault {
    pub(crate) fn new(field: PartsField, rule: PartsRule) -> Self {
        PartsFault { field, rule }
    }
}

impl fmt::Display for PartsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

impl std::error::Error for PartsFault {}

impl fmt::Display for PartsField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PartsField::EpochKey => "module.epoch_key",
            PartsField::ModuleCertificates => "module.certificates",
            PartsField::ModuleCertificate(index) => return write!(f, "module.certificates[{index}]"),
            PartsField::Administrators => "administrators",
            PartsField::AdministratorCertificate(index) => return write!(f, "administrators[{index}].certificate"),
            PartsField::SignatureThreshold => "signature_threshold",
            PartsField::RevocationThreshold => "revocation_signature_threshold",
            PartsField::Permissions => "permissions",
            PartsField::ControlPoints => "control_points",
            PartsField::CurrentMasterKey => "current_master_key",
            PartsField::NewMasterKey => "new_master_key",
            PartsField::PartPatterns => "new_master_key.part_patterns",
            PartsField::ImporterKey => "importer_key",
        })
    }
}

impl fmt::Display for PartsRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartsRule::NoCertificate => f.write_str("a module has at least the certificate of its epoch key"),
            PartsRule::Certificate(error) => error.fmt(f),
            PartsRule::CertificateSize { most, found } => write!(f, "{found} bytes; a certificate has 1 to {most}"),
            PartsRule::OtherGeneration { profile, expected, found } => write!(
                f,
                "the certificate has the {found} layout, those of this {profile} module have the {expected} layout; \
                 without epoch_key and certificates the module is made anew"
            ),
            PartsRule::OtherModule => f.write_str("the certificate names another module"),
            PartsRule::OtherKey => f.write_str("the certificate is not that of the epoch key"),
            PartsRule::WrongSignature => f.write_str("the certificate is not signed by the key of the next one"),
            PartsRule::NoPair => f.write_str("private and public key do not belong together"),
            PartsRule::TooMany { most, found } => write!(f, "{found} are too many; at most {most} fit"),
            PartsRule::Repeats { first } => write!(f, "the same administrator as number {first}, counted from 0"),
            PartsRule::OutOfRange { least, most, found } => write!(f, "{found} is not possible; {least} to {most} are"),
            PartsRule::AboveAdministrators { found, administrators } => {
                write!(f, "{found} is above the number of administrators, {administrators}")
            }
            PartsRule::NeedsOneSign => f.write_str("1 needs the permission ONE_SIGN (0x00000010)"),
            PartsRule::ImpossibleBits(bits) => write!(f, "no unit ever has the bits {bits:#x}"),
            PartsRule::ImprintMode => {
                f.write_str("a unit in imprint mode has none; a signature threshold above 0 leaves it")
            }
            PartsRule::RepeatsCurrent => f.write_str("the key is already in the current master key register"),
        }
    }
}
