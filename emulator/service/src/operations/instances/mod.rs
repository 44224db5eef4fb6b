//! Making, resetting and deleting instances. The emulator's own: in the cloud the resource controller does it, and the
//! documents name no event of this service.

mod create;
mod delete;
mod reset;

use hpcs_hsm::Profile;
use hpcs_names::{InstanceId, Region};

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use reset::reset;

use crate::document::{DocumentFault, InstanceDocument};
use crate::{Plan, Refusal};

/// An instance to be made, in the caller's account.
pub struct NewInstance {
    /// Its id; a new one when absent. An instance of this id that was deleted comes back with its log.
    pub id: Option<InstanceId>,
    /// How it is laid out.
    pub spec: NewSpec,
    /// What is otherwise than laid out.
    pub document: Option<Box<InstanceDocument>>,
}

/// How a new instance is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSpec {
    /// Region of the instance.
    pub region: Region,
    /// Plan.
    pub plan: Plan,
    /// Generation of its crypto modules; when absent, that of the region.
    pub profile: Option<Profile>,
    /// Operational units, 1 to 6. The cloud gives 2 or 3.
    pub operational: u32,
    /// Whether the instance has its two recovery units.
    pub recovery: bool,
    /// Failover units: 0, or 2 up to the number of operational units.
    pub failover: u32,
}

fn invalid(path: impl Into<String>, why: impl Into<String>) -> Refusal {
    Refusal::InvalidDocument { path: path.into(), why: why.into() }
}

impl From<DocumentFault> for Refusal {
    fn from(fault: DocumentFault) -> Self {
        Refusal::InvalidDocument { path: fault.path, why: fault.why.to_string() }
    }
}
