//! Listing instances and crypto units, and looking into a unit. No events: the documents name none for queries.

use hpcs_names::{CryptoUnitId, InstanceId, Region};

use super::instance_of;
use crate::{Caller, Refusal, Reply, UnitReport, View};

/// The instances of the caller's account, those of one region only when an endpoint of it was asked.
pub(crate) fn list_instances(view: &View, caller: &Caller, region: Option<&Region>) -> Reply {
    let own = view.instance_ids().iter().filter_map(|id| instance_of(view, caller, *id).ok());
    Reply::Instances(own.filter(|instance| region.is_none_or(|region| instance.region == *region)).cloned().collect())
}

/// The crypto units of an instance: operational, then recovery, then failover.
pub(crate) fn list(view: &View, caller: &Caller, instance: InstanceId) -> Result<Reply, Refusal> {
    Ok(Reply::CryptoUnits(instance_of(view, caller, instance)?.units.clone()))
}

/// The state of a crypto unit.
pub(crate) fn inspect(
    view: &View,
    caller: &Caller,
    instance: InstanceId,
    unit: CryptoUnitId,
) -> Result<Reply, Refusal> {
    let card = instance_of(view, caller, instance)?.unit(unit).ok_or(Refusal::NoSuchCryptoUnit)?;
    let state = view.crypto_unit(unit).ok_or(Refusal::NoSuchCryptoUnit)?;
    Ok(Reply::CryptoUnit(UnitReport { card: card.clone(), status: state.status() }))
}
