//! What calls of the interfaces of an instance share, the cryptographic one and that of keystores: which instance they
//! are for, and which unit serves them.

use hpcs_ep11::ControlPoints;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_hsm::Unit;
use hpcs_names::{CryptoUnitId, InstanceId};

use super::{all_instances, instance_of};
use crate::{Authentication, CallEnv, Caller, CryptoUnitCard, CryptoUnitKind, Instance, RecordKey, Refusal, View, Who};

/// Which instance a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The one that is named.
    Instance(InstanceId),
    /// The first one of the caller's account: none is named.
    First,
    /// None: what is named is no instance.
    Nobody,
}

impl Addressee {
    /// The instance that is named.
    pub fn named(self) -> Option<InstanceId> {
        match self {
            Addressee::Instance(instance) => Some(instance),
            Addressee::First | Addressee::Nobody => None,
        }
    }
}

/// A call of one of the interfaces.
pub struct Call<A> {
    /// Of which instance.
    pub instance: Addressee,
    /// The name of the method: `EncryptSingle`.
    pub method: &'static str,
    /// What is asked, or why that cannot be made out.
    pub asked: Result<A, Refusal>,
    /// SHA-256 of method and message, maps in order: equal calls have equal ones. Where runs are not
    /// [reproducible](crate::Seed::is_reproducible) the occurrence tells cryptographic calls apart by itself, and theirs may
    /// be zeros.
    pub digest: [u8; 32],
    /// How many equal calls there were before; the engine counts.
    pub occurrence: u64,
}

impl<A> Call<A> {
    /// The instance that was named, or the one that stands for none.
    pub(crate) fn instance_id(&self, view: &View, who: &Who) -> Option<InstanceId> {
        let own = |instance: &&Instance| match &who.authentication {
            Authentication::Known(caller) => instance.account == caller.claims().account,
            Authentication::Rejected { .. } => true,
        };
        let first = || {
            let instances = view.instances().filter(|instance| !instance.deleted).filter(own);
            instances.min_by_key(|instance| instance.number).map(|instance| instance.id)
        };
        match self.instance {
            Addressee::Instance(instance) => Some(instance),
            Addressee::First => first(),
            Addressee::Nobody => None,
        }
    }

    /// What it takes to find the instance, the instance, and the units that serve there.
    pub(crate) fn reads(&self, view: &View, who: &Who) -> Vec<RecordKey> {
        let mut reads = if self.instance == Addressee::First { all_instances(view) } else { Vec::new() };
        if let Some(id) = self.instance_id(view, who) {
            reads.push(RecordKey::Instance(id));
            reads.extend(view.instance(id).into_iter().flat_map(serving_keys));
        }
        reads
    }

    /// The instance in whose log the call's event belongs, whatever becomes of the call.
    ///
    /// # Errors
    /// What the caller hears when there is none: then nothing leaves an event.
    pub(crate) fn own_instance<'a>(
        &self,
        view: &'a View,
        who: &Who,
        caller: &Result<&Caller, Refusal>,
    ) -> Result<&'a Instance, Refusal> {
        let id = self.instance_id(view, who);
        let instance = id.and_then(|id| match caller {
            Ok(caller) => instance_of(view, caller, id).ok(),
            Err(_) => view.instance(id).filter(|instance| !is_stranger(who, instance)),
        });
        instance.ok_or_else(|| caller.as_ref().err().cloned().unwrap_or(Refusal::NoSuchInstance))
    }

    /// The unit that the call reaches: it follows from the call's own randomness.
    pub(crate) fn reached<'a>(&self, view: &'a View, instance: &'a Instance, env: &CallEnv<'_>) -> Option<&'a Unit> {
        let place = self.place(instance, units(view, instance).count(), env);
        units(view, instance).nth(place)
    }

    /// The place of the unit among so many.
    fn place(&self, instance: &Instance, count: usize, env: &CallEnv<'_>) -> usize {
        let number = env.place(instance.id, &self.digest, self.occurrence);
        (number % count.max(1) as u64) as usize
    }

    /// Which unit the call reaches.
    pub(crate) fn serving_unit(&self, view: &View, who: &Who, env: &CallEnv<'_>) -> Option<CryptoUnitId> {
        let instance = view.instance(self.instance_id(view, who)?)?;
        let place = self.place(instance, operational(instance).count(), env);
        operational(instance).nth(place).map(|card| card.id)
    }

    /// The correlation id of the caller, or one made for the call.
    pub(crate) fn correlation(&self, who: &Who, instance: &Instance, env: &CallEnv<'_>) -> String {
        let made = || env.correlation(instance.id, &self.digest, self.occurrence).to_string();
        who.origin.correlation.clone().unwrap_or_else(made)
    }

    /// The refusal with this return value.
    pub(crate) fn refused(&self, value: ReturnValue) -> Refusal {
        Refusal::of_method(value, self.method)
    }
}

/// The units that serve requests, as far as they were read.
pub(crate) fn units<'a>(view: &'a View, instance: &'a Instance) -> impl Iterator<Item = &'a Unit> {
    operational(instance).filter_map(|card| view.crypto_unit(card.id))
}

/// The records of the units that serve requests.
pub(crate) fn serving_keys(instance: &Instance) -> impl Iterator<Item = RecordKey> {
    operational(instance).map(|card| RecordKey::CryptoUnit(card.id))
}

/// The control points that count: those that all serving units have enabled.
pub(crate) fn control_points(view: &View, instance: &Instance) -> ControlPoints {
    let points = units(view, instance).map(Unit::control_points);
    points.reduce(|all, unit| all.intersection(&unit)).unwrap_or(ControlPoints::NONE)
}

fn operational(instance: &Instance) -> impl Iterator<Item = &CryptoUnitCard> {
    instance.units.iter().filter(|card| card.kind == CryptoUnitKind::Operational)
}

/// Whether the token is of another account: for its bearer the instance does not exist, and neither does its log.
fn is_stranger(who: &Who, instance: &Instance) -> bool {
    matches!(&who.authentication, Authentication::Known(caller) if caller.claims().account != instance.account)
}
