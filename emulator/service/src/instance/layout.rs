//! How a new instance is laid out: which units, in which modules, where.

use std::fmt;
use std::sync::Arc;

use hpcs_ep11::{DomainIndex, ModuleId, ModuleInstance, P521KeyPair, SerialNumber};
use hpcs_hsm::{Module, Unit};
use hpcs_names::{AccountId, CryptoUnitId, InstanceId, Location, LocationError, Region};

use super::places::{self, Place};
use super::{CryptoUnitCard, CryptoUnitKind, Instance, Plan};
use crate::{Record, RecordKey, Seed, stable_uuid};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct InstanceSpec {
    /// Number of the instance among those of the emulator, from 0; identifiers and places derive from it.
    pub number: u32,
    /// The instance's id; derived from the number when absent.
    pub id: Option<InstanceId>,
    /// Region of the instance.
    pub region: Region,
    /// Plan.
    pub plan: Plan,
    /// Owner.
    pub account: AccountId,
    /// Operational units, 1 to 6. The cloud gives 2 or 3.
    pub operational: u32,
    /// Whether the instance has its two recovery units, one at home and one in the recovery region.
    pub recovery: bool,
    /// Failover units: 0, or 2 up to the number of operational units.
    pub failover: u32,
}

/// Why an instance cannot be laid out as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// The service has no units in this region.
    Region(Region),
    /// Not 1 to 6 operational units.
    Operational(u32),
    /// Not 0, and not 2 up to the number of operational units.
    Failover {
        /// Asked for.
        failover: u32,
        /// Operational units.
        operational: u32,
    },
    /// The region has no recovery units.
    NoRecovery(Region),
    /// The region has no failover units.
    NoFailover(Region),
    /// A place of the table has an impossible name.
    Location(LocationError),
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpecError::Region(region) => {
                let known: Vec<_> = places::PLACES.iter().map(|place| place.region.as_str()).collect();
                write!(f, "region: there are no crypto units in {region}; choose one of {}", known.join(", "))
            }
            SpecError::Operational(count) => {
                write!(f, "operational: {count} operational crypto units are not possible; choose 1 to 6, usually 2")
            }
            SpecError::Failover { failover, operational } => {
                write!(
                    f,
                    "failover: {failover} failover crypto units are not possible; choose 0, or 2 to {operational}"
                )
            }
            SpecError::NoRecovery(region) => {
                write!(f, "recovery: {region} has no recovery crypto units; set recovery = false")
            }
            SpecError::NoFailover(region) => {
                write!(f, "failover: {region} has no failover crypto units; set failover = 0")
            }
            SpecError::Location(error) => write!(f, "region: {error}"),
        }
    }
}

impl std::error::Error for SpecError {}

/// The records of a new instance: its crypto units in imprint mode, and the instance itself.
///
/// Modules get their keys from `seed` and certificates that end at `root`. Units whose locations share the first three
/// parts share the module.
///
/// # Errors
/// [`SpecError`], whose text names the setting.
pub fn lay_out(
    spec: &InstanceSpec,
    seed: &Seed,
    root: &P521KeyPair,
) -> Result<(Instance, Vec<(RecordKey, Record)>), SpecError> {
    let mut units = Vec::new();
    let mut records = Vec::new();
    let mut modules: Vec<(Location, Arc<Module>)> = Vec::new();
    let id = spec.id.unwrap_or_else(|| InstanceId(stable_uuid(&format!("instance/{}", spec.number))));
    for (number, (kind, place, location)) in locations(spec)?.into_iter().enumerate() {
        let module = match modules.iter().find(|(other, _)| other.same_module(&location)) {
            Some((_, module)) => module.clone(),
            None => Arc::new(manufacture(place, &location, seed, root)),
        };
        modules.push((location.clone(), module.clone()));
        let unit = CryptoUnitId(stable_uuid(&format!("instance/{}/unit/{number}", spec.number)));
        units.push(CryptoUnitCard { id: unit, kind, location: location.clone(), serial: module.id().serial });
        let state = Unit::new(module, DomainIndex(location.domain()));
        records.push((RecordKey::CryptoUnit(unit), Record::CryptoUnit(state)));
    }
    let instance = Instance { id, region: spec.region.clone(), plan: spec.plan, account: spec.account.clone(), units };
    records.push((RecordKey::Instance(id), Record::Instance(instance.clone())));
    Ok((instance, records))
}

type Placed = (CryptoUnitKind, &'static Place, Location);

/// Operational units stand in different zones; the recovery unit at home beside the second operational one.
fn locations(spec: &InstanceSpec) -> Result<Vec<Placed>, SpecError> {
    let home = find(&spec.region)?;
    if !(1..=6).contains(&spec.operational) {
        return Err(SpecError::Operational(spec.operational));
    }
    if spec.failover != 0 && !(2..=spec.operational).contains(&spec.failover) {
        return Err(SpecError::Failover { failover: spec.failover, operational: spec.operational });
    }
    let mut placed = Vec::new();
    let mut place = |kind, place, index, below| {
        placed.push((kind, place, at(place, spec.number, index, below)?));
        Ok(())
    };
    for index in 0..spec.operational {
        place(CryptoUnitKind::Operational, home, index, 0)?;
    }
    if spec.recovery {
        let away = home.recovery_region.as_ref().ok_or_else(|| SpecError::NoRecovery(spec.region.clone()))?;
        place(CryptoUnitKind::Recovery, home, 1, 1)?;
        place(CryptoUnitKind::Recovery, find(away)?, 0, 0)?;
    }
    if spec.failover > 0 {
        let away = home.failover_region.as_ref().ok_or_else(|| SpecError::NoFailover(spec.region.clone()))?;
        for index in 0..spec.failover {
            place(CryptoUnitKind::Failover, find(away)?, index + 1, 2)?;
        }
    }
    Ok(placed)
}

fn find(region: &Region) -> Result<&'static Place, SpecError> {
    places::find(region).ok_or_else(|| SpecError::Region(region.clone()))
}

/// The `index`-th zone of a place. Each instance gets modules of its own, so that none shares a card with another;
/// `below` counts down from the zone's domain index, because neighbours on a card have neighbouring domains.
fn at(place: &Place, instance: u32, index: u32, below: u32) -> Result<Location, SpecError> {
    const DOMAINS_PER_MODULE: u32 = 85;
    /// Module indexes of one instance, so that the next one does not meet them.
    const MODULES_PER_INSTANCE: u32 = 7;
    let zones = place.zones.len() as u32;
    let Some((zone, module, domain)) = place.zones.get((index % zones) as usize) else {
        return Err(SpecError::Region(place.region.clone()));
    };
    let module = module + MODULES_PER_INSTANCE * instance;
    let domain = (domain + DOMAINS_PER_MODULE - below + 40 * (index / zones)) % DOMAINS_PER_MODULE;
    Location::new(place.region.clone(), zone, module, domain).map_err(SpecError::Location)
}

fn manufacture(place: &Place, location: &Location, seed: &Seed, root: &P521KeyPair) -> Module {
    let card = format!("{}.{}.{}", location.region(), location.zone(), location.module());
    let identity = stable_uuid(&format!("module/{card}"));
    let mut rng = seed.rng(&[b"module", card.as_bytes()]);
    Module::manufacture(place.profile, module_id(identity.as_bytes()), root, &mut rng)
}

/// Serial numbers look like `93AABC01`; what the last four characters of real ones mean is not public.
fn module_id(identity: &[u8; 16]) -> ModuleId {
    let [a, b, c, d, .., h, i, j, k, l, m, n, o] = *identity;
    let serial = SerialNumber::spelled([9, 3, 10, 10, a, b, c, d]);
    let instance = [h, i, j, k, l, m, n, o].map(|byte| b'0' + byte % 10);
    ModuleId { serial, instance: ModuleInstance(instance) }
}

#[cfg(test)]
mod tests {
    use hpcs_ep11::development_root;

    use super::*;

    fn spec(region: &str) -> InstanceSpec {
        InstanceSpec {
            number: 0,
            id: None,
            region: region.parse().unwrap(),
            plan: Plan::Standard,
            account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
            operational: 2,
            recovery: true,
            failover: 0,
        }
    }

    fn units(spec: &InstanceSpec) -> Vec<String> {
        let seed = Seed::from_number(1);
        let (instance, _) = lay_out(spec, &seed, &development_root()).unwrap();
        instance.units.iter().map(|unit| unit.location.to_string()).collect()
    }

    #[test]
    fn the_default_instance_stands_where_real_ones_were_seen() {
        assert_eq!(
            units(&spec("us-south")),
            [
                "[us-south].[AZ1-CS7].[01].[13]",
                "[us-south].[AZ3-CS9].[01].[39]",
                "[us-south].[AZ3-CS9].[01].[38]",
                "[us-east].[AZ3-CS3].[01].[12]",
            ]
        );
    }

    #[test]
    fn no_two_units_of_any_layout_share_a_domain() {
        for place in places::PLACES {
            for number in 0..3 {
                let failover = if place.failover_region.is_some() { 6 } else { 0 };
                let recovery = place.recovery_region.is_some();
                let spec = InstanceSpec { number, operational: 6, recovery, failover, ..spec(place.region.as_str()) };
                let mut locations: Vec<_> =
                    super::locations(&spec).unwrap().into_iter().map(|(_, _, location)| location).collect();
                let count = locations.len();
                locations.sort();
                locations.dedup();
                assert_eq!(locations.len(), count, "{}", place.region);
            }
        }
    }

    #[test]
    fn units_of_one_module_share_serial_number_and_key() {
        let (instance, records) = lay_out(&spec("us-south"), &Seed::from_number(1), &development_root()).unwrap();
        let module = |index: usize| match &records[index].1 {
            Record::CryptoUnit(unit) => unit.module().clone(),
            _ => panic!("not a unit"),
        };
        assert!(Arc::ptr_eq(&module(1), &module(2)));
        assert_eq!(instance.units[1].serial, instance.units[2].serial);
        assert_ne!(instance.units[0].serial, instance.units[1].serial);
    }

    #[test]
    fn impossible_layouts_name_the_setting() {
        for (spec, setting) in [
            (InstanceSpec { operational: 7, ..spec("us-south") }, "operational"),
            (InstanceSpec { failover: 1, ..spec("us-south") }, "failover"),
            (InstanceSpec { failover: 2, ..spec("eu-de") }, "failover"),
            (spec("eu-es"), "recovery"),
            (spec("jp-osa"), "region"),
        ] {
            let error = lay_out(&spec, &Seed::from_number(1), &development_root()).err().unwrap().to_string();
            assert!(error.starts_with(setting), "{error}");
        }
    }
}
