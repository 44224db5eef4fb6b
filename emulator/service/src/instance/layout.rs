//! How a new instance is laid out: which units, in which modules, where.

use std::fmt;
use std::sync::Arc;

use hpcs_audit::EventTime;
use hpcs_ep11::{DomainIndex, ModuleId, ModuleInstance, P521KeyPair, SerialNumber};
use hpcs_hsm::{Module, Profile, Unit};
use hpcs_names::{AccountId, CryptoUnitId, InstanceId, Location, LocationError, Region};

use super::places::{self, Place};
use super::{CryptoUnitCard, CryptoUnitKind, Instance, Plan};
use crate::{Record, RecordKey, ServiceRoot, stable_uuid};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct InstanceSpec {
    /// Number of the instance among those of the emulator, from 0; its places derive from it, and its id and those of its
    /// units where nothing else is said.
    pub number: u32,
    /// The instance's id; derived from the number when absent.
    pub id: Option<InstanceId>,
    /// Region of the instance.
    pub region: Region,
    /// Plan.
    pub plan: Plan,
    /// Owner.
    pub account: AccountId,
    /// Generation of all its crypto modules; when absent, that of each module's region.
    pub profile: Option<Profile>,
    /// Operational units, 1 to 6. The cloud gives 2 or 3.
    pub operational: u32,
    /// Whether the instance has its two recovery units, one at home and one in the recovery region.
    pub recovery: bool,
    /// Failover units: 0, or 2 up to the number of operational units.
    pub failover: u32,
}

/// What the ids of an instance's crypto units derive from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitIds {
    /// The number of the instance: the configured ones have the same ids in every emulator.
    OfNumber,
    /// The id of the instance: they meet those of no other instance, whatever its number.
    OfInstance,
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
    /// The number is above [`InstanceSpec::MOST_NUMBER`].
    Number(u32),
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
            SpecError::Number(number) => {
                write!(f, "number: {number} is too large; numbers go from 0 to {}", InstanceSpec::MOST_NUMBER)
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

/// A new instance, and its crypto units in the order of its cards, all in imprint mode.
///
/// Modules get their keys from `root` and certificates that end at the key of the `manufacturer`. Units whose locations
/// share the first three parts share the module.
///
/// # Errors
/// [`SpecError`], whose text names the setting.
pub fn lay_out(
    spec: &InstanceSpec,
    unit_ids: UnitIds,
    created: EventTime,
    root: &ServiceRoot,
    manufacturer: &P521KeyPair,
) -> Result<(Instance, Vec<Unit>), SpecError> {
    let id = spec.derived_id();
    let mut cards = Vec::new();
    let mut units = Vec::new();
    let mut modules: Vec<(Location, Arc<Module>)> = Vec::new();
    for (index, (kind, place, location)) in locations(spec)?.into_iter().enumerate() {
        let module = match modules.iter().find(|(other, _)| other.same_module(&location)) {
            Some((_, module)) => module.clone(),
            None => Arc::new(manufacture(place, spec.profile, &location, root, manufacturer)),
        };
        modules.push((location.clone(), module.clone()));
        let unit = match unit_ids {
            UnitIds::OfNumber => stable_uuid(&format!("instance/{}/unit/{index}", spec.number)),
            UnitIds::OfInstance => stable_uuid(&format!("instance/{id}/unit/{index}")),
        };
        let serial = module.id().serial;
        units.push(Unit::new(module, DomainIndex(location.domain())));
        cards.push(CryptoUnitCard { id: CryptoUnitId(unit), kind, location, serial });
    }
    let instance = Instance {
        id,
        number: spec.number,
        incarnation: 0,
        region: spec.region.clone(),
        plan: spec.plan,
        account: spec.account.clone(),
        profile: spec.profile,
        units: cards,
        created,
        deleted: false,
        rotation: None,
        sessions: Vec::new(),
    };
    Ok((instance, units))
}

/// What failover units are to be added to an instance, so that there are `total` of them: cards and states, in listing
/// order and in imprint mode. `units` are the states of those it has, in the order of its cards.
///
/// They stand where [`lay_out`] would have put them, unless a document put another unit of the instance there; then in the
/// next place. A unit whose location names a module that is there already shares it.
///
/// # Errors
/// [`SpecError`], whose text names the setting.
pub(crate) fn lay_out_failover(
    instance: &Instance,
    units: &[Unit],
    total: u32,
    root: &ServiceRoot,
    manufacturer: &P521KeyPair,
) -> Result<Vec<(CryptoUnitCard, Unit)>, SpecError> {
    let operational = instance.count(CryptoUnitKind::Operational);
    if !(2..=operational).contains(&total) {
        return Err(SpecError::Failover { failover: total, operational });
    }
    let home = find(&instance.region)?;
    let away = home.failover_region.as_ref().ok_or_else(|| SpecError::NoFailover(instance.region.clone()))?;
    let place = find(away)?;
    let mut taken: Vec<Location> = instance.units.iter().map(|card| card.location.clone()).collect();
    let mut modules: Vec<(Location, Arc<Module>)> =
        taken.iter().cloned().zip(units.iter().map(|unit| unit.module().clone())).collect();
    let mut added = Vec::new();
    let mut index = instance.count(CryptoUnitKind::Failover);
    for id in failover_ids(instance, total) {
        let location = loop {
            index += 1;
            let location = at(place, instance.number, index, 2)?;
            if !taken.contains(&location) {
                break location;
            }
        };
        let module = match modules.iter().find(|(other, _)| other.same_module(&location)) {
            Some((_, module)) => module.clone(),
            None => Arc::new(manufacture(place, instance.profile, &location, root, manufacturer)),
        };
        modules.push((location.clone(), module.clone()));
        taken.push(location.clone());
        let serial = module.id().serial;
        let unit = Unit::new(module, DomainIndex(location.domain()));
        added.push((CryptoUnitCard { id, kind: CryptoUnitKind::Failover, location, serial }, unit));
    }
    Ok(added)
}

/// The ids of the failover units that an instance would get, so that there are `total` of them.
pub(crate) fn failover_ids(instance: &Instance, total: u32) -> Vec<CryptoUnitId> {
    let missing = total.min(MOST_FAILOVER).saturating_sub(instance.count(CryptoUnitKind::Failover)) as usize;
    let indexes = instance.units.len()..instance.units.len() + missing;
    indexes.map(|index| CryptoUnitId(stable_uuid(&format!("instance/{}/unit/{index}", instance.id)))).collect()
}

/// The records of an instance: its crypto units, which stand in the order of its cards, and the instance itself.
pub fn instance_records(instance: Instance, units: Vec<Unit>) -> Vec<(RecordKey, Record)> {
    let cards = instance.units.iter().map(|card| RecordKey::CryptoUnit(card.id));
    let mut records: Vec<_> = cards.zip(units.into_iter().map(Record::CryptoUnit)).collect();
    records.push((RecordKey::Instance(instance.id), Record::Instance(instance)));
    records
}

impl InstanceSpec {
    /// The largest number of an instance; places are counted from it.
    pub const MOST_NUMBER: u32 = 999_999;

    /// The id the instance gets: the one that was asked for, or the one that derives from its number.
    pub fn derived_id(&self) -> InstanceId {
        self.id.unwrap_or_else(|| InstanceId(stable_uuid(&format!("instance/{}", self.number))))
    }

    /// Generation of its modules at home; `None` where the service has no modules.
    pub fn module_profile(&self) -> Option<Profile> {
        self.profile.or(places::profile_of(&self.region))
    }
}

type Placed = (CryptoUnitKind, &'static Place, Location);

/// Operational units stand in different zones; the recovery unit at home beside the second operational one.
fn locations(spec: &InstanceSpec) -> Result<Vec<Placed>, SpecError> {
    let home = find(&spec.region)?;
    if spec.number > InstanceSpec::MOST_NUMBER {
        return Err(SpecError::Number(spec.number));
    }
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

/// Another generation at the same place is another card, with a serial number and keys of its own.
fn manufacture(
    place: &Place,
    asked: Option<Profile>,
    location: &Location,
    root: &ServiceRoot,
    manufacturer: &P521KeyPair,
) -> Module {
    let profile = asked.unwrap_or(place.profile);
    let mut card = format!("{}.{}.{}", location.region(), location.zone(), location.module());
    if profile != place.profile {
        card = format!("{card}/{profile}");
    }
    let identity = stable_uuid(&format!("module/{card}"));
    let mut rng = root.seed().rng(&[b"module", card.as_bytes()]);
    Module::manufacture(profile, module_id(identity.as_bytes()), manufacturer, &mut rng)
}

/// Serial numbers look like `93AABC01`; what the last four characters of real ones mean is not public.
fn module_id(identity: &[u8; 16]) -> ModuleId {
    let [a, b, c, d, .., h, i, j, k, l, m, n, o] = *identity;
    let serial = SerialNumber::spelled([9, 3, 10, 10, a, b, c, d]);
    let instance = [h, i, j, k, l, m, n, o].map(|byte| b'0' + byte % 10);
    ModuleId { serial, instance: ModuleInstance(instance) }
}

/// As many as there can be operational units.
const MOST_FAILOVER: u32 = 6;

#[cfg(test)]
mod tests {
    use hpcs_ep11::development_root;

    use super::*;
    use crate::Seed;

    fn spec(region: &str) -> InstanceSpec {
        InstanceSpec {
            number: 0,
            id: None,
            region: region.parse().unwrap(),
            plan: Plan::Standard,
            account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
            profile: None,
            operational: 2,
            recovery: true,
            failover: 0,
        }
    }

    fn laid_out(spec: &InstanceSpec, ids: UnitIds) -> Result<(Instance, Vec<Unit>), SpecError> {
        let root = ServiceRoot::of(&Seed::from_number(1));
        lay_out(spec, ids, EventTime::from_unix_millis(5), &root, &development_root())
    }

    fn units(spec: &InstanceSpec) -> Vec<String> {
        laid_out(spec, UnitIds::OfNumber).unwrap().0.units.iter().map(|unit| unit.location.to_string()).collect()
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
        let (instance, units) = laid_out(&spec("us-south"), UnitIds::OfNumber).unwrap();
        assert!(Arc::ptr_eq(units[1].module(), units[2].module()));
        assert_eq!(instance.units[1].serial, instance.units[2].serial);
        assert_ne!(instance.units[0].serial, instance.units[1].serial);
    }

    #[test]
    fn units_of_an_instance_that_was_asked_for_have_ids_of_its_own_whatever_its_number() {
        let other = InstanceSpec { id: Some(InstanceId(stable_uuid("other"))), ..spec("us-south") };
        let ids = |spec: &InstanceSpec, ids| {
            let (instance, _) = laid_out(spec, ids).unwrap();
            instance.units.iter().map(|card| card.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&spec("us-south"), UnitIds::OfNumber), ids(&other, UnitIds::OfNumber));
        let own = ids(&other, UnitIds::OfInstance);
        assert!(own.iter().all(|id| !ids(&spec("us-south"), UnitIds::OfInstance).contains(id)));
        assert_eq!(own, ids(&InstanceSpec { number: 3, ..other.clone() }, UnitIds::OfInstance));
    }

    #[test]
    fn a_generation_that_is_asked_for_is_that_of_all_modules_and_makes_other_cards() {
        let modules = |profile| {
            let (instance, units) = laid_out(&InstanceSpec { profile, ..spec("us-south") }, UnitIds::OfNumber).unwrap();
            let profiles: Vec<_> = units.iter().map(|unit| unit.module().profile()).collect();
            (instance.module_profile(), profiles, units[0].module().id())
        };
        let (own, profiles, id) = modules(None);
        assert_eq!((own, profiles), (Some(Profile::Cex6), vec![Profile::Cex6; 4]));
        let (asked, profiles, other) = modules(Some(Profile::Cex8));
        assert_eq!((asked, profiles), (Some(Profile::Cex8), vec![Profile::Cex8; 4]));
        assert_ne!(id.serial, other.serial);
        assert_eq!(modules(Some(Profile::Cex6)).2, id);
    }

    #[test]
    fn failover_units_that_are_added_stand_where_they_would_have_been_laid_out() {
        let root = ServiceRoot::of(&Seed::from_number(1));
        let add = |instance: &Instance, units: &[Unit], total| {
            super::lay_out_failover(instance, units, total, &root, &development_root())
        };
        let three = InstanceSpec { operational: 3, ..spec("us-south") };
        let (whole, _) = laid_out(&InstanceSpec { failover: 3, ..three.clone() }, UnitIds::OfInstance).unwrap();
        let (mut instance, mut units) = laid_out(&three, UnitIds::OfInstance).unwrap();
        for total in [2, 2, 3] {
            for (card, unit) in add(&instance, &units, total).unwrap() {
                instance.units.push(card);
                units.push(unit);
            }
            assert_eq!(instance.count(CryptoUnitKind::Failover), total);
        }
        assert_eq!(format!("{:?}", instance.units), format!("{:?}", whole.units));
        // The third one is beside the recovery unit over there.
        assert!(Arc::ptr_eq(units[4].module(), units[7].module()));
        for (total, setting) in [(1, "failover: 1"), (4, "failover: 4")] {
            let error = add(&instance, &units, total).err().unwrap().to_string();
            assert!(error.starts_with(setting), "{error}");
        }
        let (elsewhere, units) = laid_out(&spec("eu-de"), UnitIds::OfInstance).unwrap();
        assert_eq!(add(&elsewhere, &units, 2).err(), Some(SpecError::NoFailover("eu-de".parse().unwrap())));
    }

    #[test]
    fn impossible_layouts_name_the_setting() {
        for (spec, setting) in [
            (InstanceSpec { operational: 7, ..spec("us-south") }, "operational"),
            (InstanceSpec { failover: 1, ..spec("us-south") }, "failover"),
            (InstanceSpec { failover: 2, ..spec("eu-de") }, "failover"),
            (spec("eu-es"), "recovery"),
            (spec("jp-osa"), "region"),
            (InstanceSpec { number: 1_000_000, ..spec("us-south") }, "number"),
            (InstanceSpec { number: u32::MAX, ..spec("us-south") }, "number"),
        ] {
            let error = laid_out(&spec, UnitIds::OfNumber).err().unwrap().to_string();
            assert!(error.starts_with(setting), "{error}");
        }
    }
}
