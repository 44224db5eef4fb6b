//! Service instances and their crypto units.

mod layout;
mod places;
mod rotation;
mod session;

use std::fmt;
use std::str::FromStr;

use hpcs_audit::EventTime;
use hpcs_ep11::SerialNumber;
use hpcs_hsm::Profile;
use hpcs_names::{AccountId, Crn, CryptoUnitId, InstanceId, KeystoreId, Location, Region, ServiceName};

pub use layout::{InstanceSpec, SpecError, UnitIds, instance_records, lay_out};
pub(crate) use layout::{failover_ids, lay_out_failover};
pub(crate) use rotation::serving;
pub use rotation::{Rotation, RotationReport, RotationStatus};
pub(crate) use session::MOST_SESSIONS;
pub use session::Session;

/// A service instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The instance's UUID.
    pub id: InstanceId,
    /// Its place among those of the emulator: the places of its units derive from it. No two instances that were laid out
    /// here and are not deleted have the same; one that was taken in from elsewhere keeps its own, which may be taken.
    pub number: u32,
    /// Tells the instance, and so its log, from others that had the same id before and were purged: never twice the same
    /// for an id. 0 until the instance is in the [directory](crate::Directory).
    pub incarnation: u32,
    /// Where its endpoints are; units may be elsewhere.
    pub region: Region,
    /// Its plan.
    pub plan: Plan,
    /// Who owns it.
    pub account: AccountId,
    /// Generation of its crypto modules, if one was asked for; otherwise it is that of the region of each module.
    pub profile: Option<Profile>,
    /// Its crypto units: operational, then recovery, then failover.
    pub units: Vec<CryptoUnitCard>,
    /// When it was made, or made again.
    pub created: EventTime,
    /// Whether it was deleted. Its log is still there.
    pub deleted: bool,
    /// The last rotation of its master key that was started; none after a reset.
    pub rotation: Option<Rotation>,
    /// Logins to the cryptographic interface that are open, oldest first.
    pub sessions: Vec<Session>,
}

/// What a listing says about a crypto unit. It never changes.
#[derive(Clone, Debug)]
pub struct CryptoUnitCard {
    /// The id that the TKE interface calls `hsm_id`.
    pub id: CryptoUnitId,
    /// What the unit is for.
    pub kind: CryptoUnitKind,
    /// Where it is.
    pub location: Location,
    /// Serial number of its crypto module.
    pub serial: SerialNumber,
}

/// What a crypto unit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CryptoUnitKind {
    /// Serves cryptographic requests.
    Operational,
    /// Makes, exports and keeps the master key; serves nothing.
    Recovery,
    /// Takes over when the region fails.
    Failover,
}

/// The plan of an instance. TKE behaves the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Hyper Protect Crypto Services.
    Standard,
    /// With Unified Key Orchestrator.
    UnifiedKeyOrchestrator,
}

impl Instance {
    /// The CRN of the instance.
    pub fn crn(&self) -> Crn {
        Crn::instance(ServiceName::HsCrypto, &self.region, &self.account, self.id)
    }

    /// The CRN of one of its crypto units. The real form is not documented.
    pub fn unit_crn(&self, unit: CryptoUnitId) -> Crn {
        self.crn().resource("tke-cryptounit", unit.0)
    }

    /// The CRN of one of its EP11 keystores. The real form is not documented.
    pub fn keystore_crn(&self, keystore: KeystoreId) -> Crn {
        self.crn().resource("keystore", keystore.0)
    }

    /// Generation of its modules at home; `None` where the service has no modules.
    pub fn module_profile(&self) -> Option<Profile> {
        self.profile.or(places::profile_of(&self.region))
    }

    /// How many units of this kind it has.
    pub fn count(&self, kind: CryptoUnitKind) -> u32 {
        self.units.iter().filter(|card| card.kind == kind).count() as u32
    }

    /// The card of this unit, if it is one of the instance's.
    pub fn unit(&self, id: CryptoUnitId) -> Option<&CryptoUnitCard> {
        self.units.iter().find(|card| card.id == id)
    }
}

impl Plan {
    /// The plan's name in the resource catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Plan::Standard => "standard",
            Plan::UnifiedKeyOrchestrator => "hpcs-hourly-uko",
        }
    }
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        [Plan::Standard, Plan::UnifiedKeyOrchestrator]
            .into_iter()
            .find(|plan| plan.as_str() == text)
            .ok_or_else(|| PlanError(text.to_owned()))
    }
}

/// The text is not a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError(String);

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a plan; plans are standard and hpcs-hourly-uko", self.0)
    }
}

impl std::error::Error for PlanError {}
