//! Why a file cannot be taken in.

use std::fmt;

use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::Refusal;
use hpcs_service::document::DocumentFault;
use hpcs_service::sealing::SealFault;
use hpcs_store::Broken;

/// A file that cannot be taken in: where, and why. Nothing of it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferFault {
    /// The line, from 1; 0 when it is not about a line.
    pub line: u64,
    /// What is wrong.
    pub why: TransferWhy,
}

/// Why a file cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferWhy {
    /// The source broke off with this error.
    Source(String),
    /// The file ends before its last line.
    Truncated,
    /// A line is longer than any that is written, in bytes.
    LongLine {
        /// The longest that is read.
        most: usize,
    },
    /// The line is not what it should be; what the reader of JSON says, without values.
    Form(String),
    /// It is the file of another program, or none.
    ForeignFormat,
    /// The version of the format is not known.
    ForeignVersion(u64),
    /// Secrets are sealed, and no passphrase was given.
    NoPassphrase,
    /// The passphrase does not fit, or the head is damaged.
    Seal(SealFault),
    /// The instance in it cannot be.
    Instance(Box<DocumentFault>),
    /// A keystore or a key cannot be: says why.
    Holding(String),
    /// A field of an event cannot be read.
    Event(&'static str),
    /// An event does not follow the one before.
    Broken(Broken),
    /// There is another number of events than the last line says.
    Count {
        /// Said.
        said: u64,
        /// There.
        found: u64,
    },
    /// The last event is another one than the head says.
    LastEvent,
    /// The sum over all lines is another one: something was changed.
    Checksum,
    /// Something follows the last line.
    AfterTheEnd,
    /// The instance is here already, deleted or not; purged it could be taken in.
    Exists(InstanceId),
    /// A crypto unit of it is here already, in another instance.
    UnitExists(CryptoUnitId),
    /// The emulator refuses.
    Refused(Refusal),
}

impl TransferFault {
    pub(super) fn at(line: u64, why: TransferWhy) -> Self {
        TransferFault { line, why }
    }
}

impl TransferWhy {
    /// What is wrong, without the field in front.
    fn what(&self) -> String {
        match self {
            TransferWhy::Exists(instance) => format!("{instance} is here already; delete and purge it first"),
            TransferWhy::UnitExists(unit) => {
                format!("{unit} is here already, in another instance; delete that one first")
            }
            other => other.to_string(),
        }
    }
}

impl From<Refusal> for TransferFault {
    fn from(refusal: Refusal) -> Self {
        TransferFault::at(0, TransferWhy::Refused(refusal))
    }
}

impl From<TransferFault> for Refusal {
    fn from(fault: TransferFault) -> Self {
        match fault.why {
            TransferWhy::Refused(refusal) => refusal,
            TransferWhy::Exists(_) => Refusal::AlreadyExists { field: "instance", why: fault.why.what() },
            TransferWhy::UnitExists(_) => Refusal::AlreadyExists { field: "unit", why: fault.why.what() },
            why => Refusal::Transfer { line: fault.line, why: why.to_string() },
        }
    }
}

impl fmt::Display for TransferFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.why),
            line => write!(f, "line {line}: {}", self.why),
        }
    }
}

impl std::error::Error for TransferFault {}

impl fmt::Display for TransferWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransferWhy::Source(error) => write!(f, "the file cannot be read: {error}"),
            TransferWhy::Truncated => f.write_str("the file ends before its last line"),
            TransferWhy::LongLine { most } => write!(f, "longer than {most} bytes"),
            TransferWhy::Form(text) => f.write_str(text),
            TransferWhy::ForeignFormat => f.write_str("not a file of an exported instance"),
            TransferWhy::ForeignVersion(version) => write!(f, "version {version} is of another program; 1 is known"),
            TransferWhy::NoPassphrase => f.write_str("secrets are sealed; give the passphrase"),
            TransferWhy::Seal(SealFault::WrongKey) => f.write_str("sealed: the passphrase does not fit"),
            TransferWhy::Seal(fault) => write!(f, "sealed: {fault}"),
            TransferWhy::Instance(fault) => write!(f, "instance: {fault}"),
            TransferWhy::Holding(why) => f.write_str(why),
            TransferWhy::Event(field) => write!(f, "{field}: cannot be read"),
            TransferWhy::Broken(broken) => write!(f, "{broken}"),
            TransferWhy::Count { said, found } => write!(f, "{said} events are announced, {found} are there"),
            TransferWhy::LastEvent => f.write_str("the last event is not the one that the head names"),
            TransferWhy::Checksum => f.write_str("the sum over all lines is another one; the file was changed"),
            TransferWhy::AfterTheEnd => f.write_str("something follows the last line"),
            TransferWhy::Exists(_) => write!(f, "instance: {}", self.what()),
            TransferWhy::UnitExists(_) => write!(f, "unit: {}", self.what()),
            TransferWhy::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}
