//! Crypto units as the service lists them.

use std::fmt;

use hpcs_ep11::SerialNumber;
use hpcs_names::{CryptoUnitId, Location};

/// A crypto unit in the list of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CryptoUnitInfo {
    /// Its id.
    pub id: CryptoUnitId,
    /// What it is for.
    pub kind: CryptoUnitKind,
    /// Where it is; module index and domain index come from here.
    pub location: Location,
    /// The serial number of its crypto module, as the service says; the module's own answers must agree.
    pub serial: SerialNumber,
}

/// What a crypto unit is for, in the order in which units are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CryptoUnitKind {
    /// Serves the applications.
    Operational,
    /// Keeps a copy of the master key; never serves applications.
    Recovery,
    /// Takes over in a regional disaster.
    Failover,
}

impl CryptoUnitKind {
    /// The word in the file `DOMAINS`: `operational`, `recovery`, `failover`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::Recovery => "recovery",
            Self::Failover => "failover",
        }
    }

    /// The kind that this word names.
    pub(crate) fn from_stored(word: &str) -> Option<Self> {
        [Self::Operational, Self::Recovery, Self::Failover].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The word in the TYPE column: `OPERATIONAL`, `RECOVERY`, `FAILOVER`.
impl fmt::Display for CryptoUnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Operational => "OPERATIONAL",
            Self::Recovery => "RECOVERY",
            Self::Failover => "FAILOVER",
        })
    }
}
