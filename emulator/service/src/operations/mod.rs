//! What callers may ask: one file an operation.

pub(crate) mod call;
pub(crate) mod clock;
pub(crate) mod ep11;
pub(crate) mod events;
pub(crate) mod failover;
pub(crate) mod fate;
pub(crate) mod identity;
pub(crate) mod instances;
pub mod keystore;
pub(crate) mod rotation;
pub(crate) mod submit;
pub mod tke;
pub(crate) mod units;

use bytes::Bytes;
use hpcs_hsm::functions::Cost;
use hpcs_hsm::{Admitted, Unit, UnitStatus};
use hpcs_names::{AccountId, CryptoUnitId, InstanceId, StoredKeyId};

use crate::document::InstanceDocument;
use crate::instance::failover_ids;
use crate::operations::keystore::instance_keystore_records;
use crate::{
    ApiKey, Claims, CryptoUnitCard, Decision, Instance, Knobs, ListingRoles, RecordKey, Refusal, Role, RotationReport,
    View, Who,
};

pub use call::{Addressee, Call};
pub use clock::{ClockMode, ClockReport, ClockSetting};
pub use ep11::{CryptoAsk, CryptoCall, CryptoReply, KeyName};
pub use events::EventScope;
pub use fate::OperationFate;
pub use instances::{NewInstance, NewSpec};
pub use keystore::KeystoreCall;
pub use submit::{HtpReply, Payload, Submit};

/// An operation, as every surface hands it in.
pub enum Operation {
    /// The instances of the caller's account.
    ListInstances,
    /// The crypto units of an instance.
    ListCryptoUnits {
        /// Which instance.
        instance: InstanceId,
    },
    /// The state of a crypto unit, read past the administration protocol.
    InspectCryptoUnit {
        /// Which instance.
        instance: InstanceId,
        /// Which unit of it.
        unit: CryptoUnitId,
    },
    /// A request to a crypto unit: administration or get_xcp_info.
    Submit(Submit),
    /// A call of the cryptographic interface.
    Crypto(Box<CryptoCall>),
    /// A call of the keystore interface.
    Keystore(Box<KeystoreCall>),
    /// Wraps a stored key under the next master key, too. The engine asks for it when a rotation was started.
    RewrapKey {
        /// Which instance.
        instance: InstanceId,
        /// Which key.
        key: StoredKeyId,
    },
    /// Assigns failover units to an instance.
    EnableFailover {
        /// Which instance.
        instance: InstanceId,
        /// How many it has then: 2 up to the number of operational units, and no fewer than it has.
        total: u32,
    },
    /// Starts a master key rotation: key storage is wrapped under the committed new master key.
    StartRotation {
        /// Which instance.
        instance: InstanceId,
    },
    /// How the master key rotation of an instance stands.
    ReadRotation {
        /// Which instance.
        instance: InstanceId,
    },
    /// A token for an API key.
    IssueToken {
        /// The key.
        api_key: ApiKey,
    },
    /// What the caller's token says.
    WhoAmI,
    /// Leave to read event logs.
    ReadEvents {
        /// Of which instances, deleted or not; of all of the account when there is none, later ones too.
        instances: Vec<InstanceId>,
    },
    /// Makes an instance.
    CreateInstance(Box<NewInstance>),
    /// Makes every crypto unit of an instance as it was made, or as a document says. The log goes on.
    ResetInstance {
        /// Which instance.
        instance: InstanceId,
        /// What is otherwise than laid out.
        document: Option<Box<InstanceDocument>>,
    },
    /// Deletes an instance.
    DeleteInstance {
        /// Which instance.
        instance: InstanceId,
        /// Whether its log goes too.
        purge: bool,
    },
    /// How the clock stands.
    ReadClock,
    /// Sets the clock.
    SetClock(ClockSetting),
    /// What became of an operation whose outcome was unknown.
    ReadFate {
        /// As the refusal named it.
        operation: String,
    },
    /// Leave to take an instance out, keys and log included.
    ExportInstance {
        /// Which instance.
        instance: InstanceId,
    },
    /// Leave to take an instance in.
    ImportInstance,
    /// A request that no surface could read. It is refused like any other, after the token was looked at.
    Unreadable(Refusal),
}

/// What an operation answers.
///
/// `H` is the form of an HTP response: unsigned in a decision, a text once it is signed.
pub enum Reply<H = HtpReply> {
    /// Instances, in ascending order of id.
    Instances(Vec<Instance>),
    /// Crypto units in listing order.
    CryptoUnits(Vec<CryptoUnitCard>),
    /// The state of a crypto unit.
    CryptoUnit(UnitReport),
    /// An HTP response.
    Htp(H),
    /// The answer of a cryptographic function.
    Crypto(CryptoReply),
    /// The answer of an action on keystores.
    Keystore(keystore::KeystoreReply),
    /// How a master key rotation stands.
    Rotation(RotationReport),
    /// A token.
    Token {
        /// The token.
        token: String,
        /// Its lifetime in seconds.
        expires_in: u64,
        /// Its end, seconds since the Unix epoch.
        expires_at: u64,
    },
    /// The caller's claims.
    Caller(Claims),
    /// The caller may read these events.
    EventsOf(EventScope),
    /// The instance, as it is now.
    Instance(Instance),
    /// The instance is deleted.
    Deleted,
    /// How the clock stands.
    Clock(ClockReport),
    /// What became of the operation.
    Fate(OperationFate),
    /// The caller, who is of this account, may; the rest is not decided but done.
    Granted(AccountId),
}

impl Reply {
    /// The complete reply: an HTP response is signed by the module and encoded.
    pub fn signed(self) -> Reply<String> {
        match self {
            Reply::Htp(reply) => Reply::Htp(reply.into_htp()),
            Reply::Crypto(reply) => Reply::Crypto(reply),
            Reply::Keystore(reply) => Reply::Keystore(reply),
            Reply::Instances(instances) => Reply::Instances(instances),
            Reply::CryptoUnits(units) => Reply::CryptoUnits(units),
            Reply::CryptoUnit(report) => Reply::CryptoUnit(report),
            Reply::Rotation(report) => Reply::Rotation(report),
            Reply::Token { token, expires_in, expires_at } => Reply::Token { token, expires_in, expires_at },
            Reply::Caller(claims) => Reply::Caller(claims),
            Reply::EventsOf(scope) => Reply::EventsOf(scope),
            Reply::Instance(instance) => Reply::Instance(instance),
            Reply::Deleted => Reply::Deleted,
            Reply::Clock(report) => Reply::Clock(report),
            Reply::Fate(fate) => Reply::Fate(fate),
            Reply::Granted(account) => Reply::Granted(account),
        }
    }
}

/// A crypto unit: its card and its state.
pub struct UnitReport {
    /// What a listing says.
    pub card: CryptoUnitCard,
    /// Its state, without keys.
    pub status: UnitStatus,
}

/// Who may ask for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without a token.
    Anyone,
    /// Anyone with a valid token.
    Authenticated,
    /// Callers with one of these roles.
    Roles(&'static [Role]),
}

/// Whether an operation leaves an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// As the tables of [`tke`] say for the command inside.
    OfTheCommand,
    /// Always, under this action.
    As(&'static hpcs_audit::Row),
    /// Under this action, unless there was nothing to do.
    IfDone(&'static hpcs_audit::Row),
    /// Never, for this reason.
    None(&'static str),
}

/// Who may see and administer crypto units. The service sees only requests, not intentions: queries need it too.
const TKE_ROLES: &[Role] = &[Role::Manager, Role::CryptoUnitAdministrator];

/// Who may list crypto units under [`ListingRoles::Managers`].
const LISTING_ROLES: &[Role] = &[Role::Manager];

/// Who may assign failover units: it is no administration of crypto units.
const FAILOVER_ROLES: &[Role] = &[Role::Manager];

/// Who may read event logs.
const EVENT_ROLES: &[Role] = &[Role::EventReader, Role::EmulatorOperator];

/// Who may use what the emulator has and the cloud has not.
const CONTROL_ROLES: &[Role] = &[Role::EmulatorOperator];

impl Operation {
    /// A command that enters below admission, for in-process users.
    pub fn admitted(instance: InstanceId, unit: CryptoUnitId, command: Admitted) -> Self {
        Operation::Submit(Submit { instance, unit, payload: Payload::Admitted(command) })
    }

    /// A request to a crypto unit as an HTP string.
    pub fn submit(instance: InstanceId, unit: CryptoUnitId, htp: Bytes) -> Self {
        Operation::Submit(Submit { instance, unit, payload: Payload::Htp(htp) })
    }

    /// Who may ask for it.
    pub fn access(&self, knobs: &Knobs) -> Access {
        match self {
            Operation::IssueToken { .. } => Access::Anyone,
            Operation::ListCryptoUnits { .. } if knobs.tke_listing == ListingRoles::Managers => {
                Access::Roles(LISTING_ROLES)
            }
            Operation::ListCryptoUnits { .. }
            | Operation::InspectCryptoUnit { .. }
            | Operation::Submit(_)
            | Operation::StartRotation { .. }
            | Operation::RewrapKey { .. }
            | Operation::ReadRotation { .. } => Access::Roles(TKE_ROLES),
            Operation::Crypto(call) => Access::Roles(call.roles()),
            Operation::Keystore(call) => Access::Roles(call.action.roles),
            Operation::EnableFailover { .. } => Access::Roles(FAILOVER_ROLES),
            Operation::ReadEvents { .. } => Access::Roles(EVENT_ROLES),
            Operation::CreateInstance(_)
            | Operation::ResetInstance { .. }
            | Operation::DeleteInstance { .. }
            | Operation::ReadClock
            | Operation::SetClock(_)
            | Operation::ReadFate { .. }
            | Operation::ExportInstance { .. }
            | Operation::ImportInstance => Access::Roles(CONTROL_ROLES),
            Operation::ListInstances | Operation::WhoAmI | Operation::Unreadable(_) => Access::Authenticated,
        }
    }

    /// The instance that it is about when it came to an endpoint of the cloud, which serves those of its region only.
    pub fn instance(&self) -> Option<InstanceId> {
        match self {
            Operation::ListCryptoUnits { instance }
            | Operation::EnableFailover { instance, .. }
            | Operation::StartRotation { instance }
            | Operation::RewrapKey { instance, .. }
            | Operation::ReadRotation { instance }
            | Operation::InspectCryptoUnit { instance, .. }
            | Operation::Submit(Submit { instance, .. }) => Some(*instance),
            Operation::Crypto(call) => call.instance.named(),
            Operation::Keystore(call) => call.call.instance.named(),
            _ => None,
        }
    }

    /// Numbers it, if equal ones are told apart by how many there were: `count` gives the number of one that names this
    /// instance and has this digest.
    pub fn number(&mut self, count: impl FnOnce(Option<InstanceId>, &[u8; 32]) -> u64) {
        match self {
            Operation::Crypto(call) => call.occurrence = count(call.instance.named(), &call.digest),
            Operation::Keystore(keystore) => {
                let call = &mut keystore.call;
                call.occurrence = count(call.instance.named(), &call.digest);
            }
            _ => {}
        }
    }

    /// Whether it leaves an event. Everything that may be asked has its line here.
    pub fn audit(&self) -> Audit {
        match self {
            Operation::Submit(_) => Audit::OfTheCommand,
            Operation::Crypto(_) => Audit::As(hpcs_audit::catalogue::ep11::USE),
            Operation::Keystore(call) => Audit::As(call.action.row),
            Operation::RewrapKey { .. } => Audit::IfDone(hpcs_audit::catalogue::ep11::UPDATE_KEY),
            Operation::ListInstances => Audit::None("resource listings: no documented action"),
            Operation::ListCryptoUnits { .. } => Audit::None("unit listings: no documented action"),
            Operation::InspectCryptoUnit { .. } => Audit::None("the cloud has no such call"),
            Operation::EnableFailover { .. } => Audit::None("failover-enable: no documented event"),
            Operation::StartRotation { .. } => Audit::None("rotations leave the events of setting immediate alone"),
            Operation::ReadRotation { .. } => Audit::None("the state of a rotation: no documented action"),
            Operation::IssueToken { .. } | Operation::WhoAmI => Audit::None("IAM calls are not this service's"),
            Operation::ReadEvents { .. } => Audit::None("the cloud has no such call"),
            Operation::CreateInstance(_) => Audit::None("the resource controller's; no documented action"),
            Operation::ResetInstance { .. } => Audit::None("the cloud has no such call"),
            Operation::DeleteInstance { .. } => Audit::None("the resource controller's; no documented action"),
            Operation::ReadClock | Operation::SetClock(_) => Audit::None("the cloud has no such call"),
            Operation::ReadFate { .. } => Audit::None("the cloud has no such call"),
            Operation::ExportInstance { .. } | Operation::ImportInstance => Audit::None("the cloud has no such call"),
            Operation::Unreadable(_) => Audit::None("no action and no target can be made out"),
        }
    }

    /// The records its decision looks at, given those already in `view`.
    ///
    /// Asked again after each reading until it names nothing new, so that one record may lead to others.
    pub fn reads(&self, view: &View, who: &Who) -> Vec<RecordKey> {
        match self {
            Operation::Crypto(call) => call.reads(view, who),
            Operation::Keystore(call) => call.reads(view, who),
            Operation::RewrapKey { instance, key } => keystore::rewrap::reads(view, *instance, *key),
            Operation::ListInstances | Operation::CreateInstance(_) => all_instances(view),
            Operation::ReadEvents { instances } => instances.iter().map(|id| RecordKey::Instance(*id)).collect(),
            Operation::ListCryptoUnits { instance } | Operation::ExportInstance { instance } => {
                vec![RecordKey::Instance(*instance)]
            }
            Operation::ResetInstance { instance, .. } => {
                with_units(view, *instance).into_iter().chain(instance_keystore_records(view, *instance)).collect()
            }
            Operation::StartRotation { instance } | Operation::ReadRotation { instance } => with_units(view, *instance),
            Operation::EnableFailover { instance, total } => {
                let added = view.instance(*instance).map(|instance| failover_ids(instance, *total)).unwrap_or_default();
                let added = added.into_iter().map(RecordKey::CryptoUnit);
                with_units(view, *instance).into_iter().chain(added).collect()
            }
            Operation::DeleteInstance { instance, purge } => {
                let directory = purge.then_some(RecordKey::Directory);
                let keystores = instance_keystore_records(view, *instance);
                with_units(view, *instance).into_iter().chain(directory).chain(keystores).collect()
            }
            Operation::InspectCryptoUnit { instance, unit } | Operation::Submit(Submit { instance, unit, .. }) => {
                vec![RecordKey::Instance(*instance), RecordKey::CryptoUnit(*unit)]
            }
            Operation::IssueToken { api_key } => vec![RecordKey::ApiKey(api_key.digest())],
            Operation::WhoAmI
            | Operation::ReadClock
            | Operation::SetClock(_)
            | Operation::ReadFate { .. }
            | Operation::ImportInstance
            | Operation::Unreadable(_) => Vec::new(),
        }
    }

    /// What deciding it takes.
    pub fn weight(&self) -> Weight {
        match self {
            Operation::Submit(_) | Operation::CreateInstance(_) | Operation::EnableFailover { .. } => Weight::Heavy,
            Operation::ResetInstance { document: Some(_), .. }
            | Operation::Keystore(_)
            | Operation::RewrapKey { .. } => Weight::Heavy,
            Operation::Crypto(call) => match call.cost() {
                Cost::Light => Weight::Light,
                Cost::Heavy => Weight::Heavy,
                Cost::Slow => Weight::Slow,
            },
            _ => Weight::Light,
        }
    }
}

/// What deciding an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Microseconds.
    Light,
    /// Up to milliseconds: signatures, key parts to decrypt, module keys to make.
    Heavy,
    /// Seconds: primes to find. It must not stand in the way of anything else.
    Slow,
}

/// The directory, and every instance in it.
fn all_instances(view: &View) -> Vec<RecordKey> {
    let instances = view.instance_ids().iter().map(|id| RecordKey::Instance(*id));
    std::iter::once(RecordKey::Directory).chain(instances).collect()
}

/// An instance and its crypto units, unless it is deleted and has none.
fn with_units(view: &View, id: InstanceId) -> Vec<RecordKey> {
    let units = view.instance(id).map_or(&[][..], |instance| &instance.units);
    std::iter::once(RecordKey::Instance(id)).chain(units.iter().map(|card| RecordKey::CryptoUnit(card.id))).collect()
}

/// A decision, or the decision to refuse.
fn decided(decision: Result<Decision, Refusal>) -> Decision {
    decision.unwrap_or_else(|refusal| Decision::reply(Err(refusal)))
}

/// The units of an instance in the order of its cards.
fn units_of(view: &View, instance: &Instance) -> Result<Vec<Unit>, Refusal> {
    let unit = |card: &CryptoUnitCard| view.crypto_unit(card.id).cloned().ok_or(Refusal::Internal);
    instance.units.iter().map(unit).collect()
}

/// The instance, if it is the caller's.
pub(crate) fn instance_of<'a>(view: &'a View, caller: &crate::Caller, id: InstanceId) -> Result<&'a Instance, Refusal> {
    let own = |instance: &&Instance| instance.account == caller.claims().account;
    view.instance(id).filter(own).ok_or(Refusal::NoSuchInstance)
}

#[cfg(test)]
mod tests {
    use hpcs_audit::catalogue::{CATALOGUE, Status, ep11};

    use super::*;

    #[test]
    fn the_catalogue_says_implemented_exactly_where_an_operation_declares_the_action() {
        let mut implemented: Vec<_> =
            CATALOGUE.iter().filter(|row| row.status == Status::Implemented).map(|row| row.action).collect();
        let commands = tke::ACTIONS.iter().map(|action| action.row);
        let keystores = keystore::ACTIONS.iter().map(|action| action.row);
        let mut declared: Vec<_> = commands.chain(keystores).chain([ep11::USE]).map(|row| row.action).collect();
        implemented.sort_unstable();
        declared.sort_unstable();
        assert_eq!(declared, implemented);
    }
}
