//! A document applied to an instance: what was laid out, with everything that the document says otherwise.

use std::sync::Arc;

use hpcs_ep11::{DomainIndex, ModuleId, P521KeyPair};
use hpcs_hsm::{Module, Profile, Unit, UnitParts};

use super::instance::{LOCATION, UUID, named_kind, parsed};
use super::unit::{Ground, given};
use super::{DocumentFault, InstanceDocument, UnitDocument, Why};
use crate::{CryptoUnitCard, Instance, ServiceRoot};

/// Where modules come from that a document asks for without bringing their keys.
pub struct Factory<'a> {
    /// The root of their randomness.
    pub root: &'a ServiceRoot,
    /// The key that their certificates end at.
    pub manufacturer: &'a P521KeyPair,
    /// Whether an emulator wrote the document, perhaps an earlier one: modules it brings may be what that one made.
    pub exported: bool,
}

impl Factory<'_> {
    /// A module of this identity. The same identity gives the same module.
    pub(super) fn module(&self, profile: Profile, id: ModuleId) -> Module {
        let path: [&[u8]; 3] = [b"module of a document", profile.as_str().as_bytes(), &id.to_bytes()];
        Module::manufacture(profile, id, self.manufacturer, &mut self.root.seed().rng(&path))
    }
}

impl InstanceDocument {
    /// A new instance: `laid_out`, with what the document says otherwise of its units.
    ///
    /// What it says of the instance itself (id, number, region, plan, account, how many units) is for
    /// [`InstanceDocument::spec`], from which `laid_out` came, and is not looked at here. Keys that the document brings
    /// are checked thoroughly, a millisecond or two each: a person may have changed them.
    ///
    /// # Errors
    /// [`DocumentFault`] with the path of the first value that cannot be.
    pub fn apply(
        &self,
        laid_out: (Instance, Vec<Unit>),
        factory: &Factory<'_>,
    ) -> Result<(Instance, Vec<Unit>), DocumentFault> {
        let (mut instance, units) = laid_out;
        let applied = self.apply_to_units(&instance.units, &units, factory)?;
        let (cards, units) = applied.into_iter().unzip();
        instance.units = cards;
        instance.rotation = self.rotation()?;
        Ok((instance, units))
    }

    /// The units of an instance that is there already, in the order of its cards: `units`, as manufactured, with what the
    /// document says otherwise of their state.
    ///
    /// Its ids, locations and serial numbers stay; a document that names others is refused, and so is one that says of the
    /// instance itself what is not so.
    ///
    /// # Errors
    /// Those of [`InstanceDocument::apply`].
    pub fn apply_to_existing(
        &self,
        instance: &Instance,
        units: &[Unit],
        factory: &Factory<'_>,
    ) -> Result<Vec<Unit>, DocumentFault> {
        self.agrees_with(instance)?;
        let applied = self.apply_to_units(&instance.units, units, factory)?;
        for (index, ((card, _), own)) in applied.iter().zip(&instance.units).enumerate() {
            let changed = [
                ("id", card.id != own.id),
                ("location", card.location != own.location),
                ("module.serial", card.serial != own.serial),
            ];
            if let Some((field, _)) = changed.into_iter().find(|(_, changed)| *changed) {
                let why = Why::Conflict("is not that of the instance's unit, which keeps its own");
                return Err(DocumentFault::new(field, why).inside(format!("units[{index}]")));
            }
        }
        Ok(applied.into_iter().map(|(_, unit)| unit).collect())
    }

    fn apply_to_units(
        &self,
        cards: &[CryptoUnitCard],
        units: &[Unit],
        factory: &Factory<'_>,
    ) -> Result<Vec<(CryptoUnitCard, Unit)>, DocumentFault> {
        let documents = self.units.as_deref().unwrap_or_default();
        if documents.len() > units.len() {
            return Err(DocumentFault::new("units", Why::TooMany { most: units.len(), found: documents.len() }));
        }
        let left_out = UnitDocument::default();
        let mut applied = Vec::with_capacity(units.len());
        for (index, (card, unit)) in cards.iter().zip(units).enumerate() {
            let document = documents.get(index).unwrap_or(&left_out);
            let next = document.apply(card, &Ground { base: unit, factory });
            let next = next.and_then(|(card, unit)| fitting(&applied, card, unit));
            applied.push(next.map_err(|fault| fault.inside(format!("units[{index}]")))?);
        }
        Ok(applied)
    }
}

impl UnitDocument {
    fn apply(&self, card: &CryptoUnitCard, ground: &Ground<'_>) -> Result<(CryptoUnitCard, Unit), DocumentFault> {
        if let Some(name) = &self.kind
            && named_kind(name)? != card.kind
        {
            return Err(DocumentFault::new("kind", Why::Conflict("is not the kind that the layout has here")));
        }
        let location = parsed("location", self.location.as_deref(), LOCATION)?.unwrap_or(card.location.clone());
        if self.domain_index.is_some_and(|index| index != location.domain()) {
            let why = Why::Conflict("is not the last part of the location");
            return Err(DocumentFault::new("domain_index", why));
        }
        let base = Unit::new(ground.base.module().clone(), DomainIndex(location.domain()));
        let unit = self.to_unit(Some(&Ground { base: &base, factory: ground.factory }))?;
        let id = parsed("id", self.id.as_deref(), UUID)?.unwrap_or(card.id);
        Ok((CryptoUnitCard { id, kind: card.kind, location, serial: unit.module().id().serial }, unit))
    }

    /// What a listing says; everything has to be there.
    pub(super) fn to_card(&self) -> Result<CryptoUnitCard, DocumentFault> {
        let serial = self.module.as_ref().and_then(|module| module.serial.as_deref());
        Ok(CryptoUnitCard {
            id: given("id", parsed("id", self.id.as_deref(), UUID)?)?,
            kind: named_kind(given("kind", self.kind.as_deref())?)?,
            location: given("location", parsed("location", self.location.as_deref(), LOCATION)?)?,
            serial: given("module.serial", parsed("module.serial", serial, SERIAL)?)?,
        })
    }
}

/// The next unit, if it fits to those before it: no id and no location twice, and units whose locations share the first
/// three parts share the module.
fn fitting(
    earlier: &[(CryptoUnitCard, Unit)],
    card: CryptoUnitCard,
    mut unit: Unit,
) -> Result<(CryptoUnitCard, Unit), DocumentFault> {
    for (other, other_unit) in earlier {
        if other.id == card.id {
            return Err(DocumentFault::new("id", Why::Conflict("is that of a unit before")));
        }
        if other.location == card.location {
            return Err(DocumentFault::new("location", Why::Conflict("is that of a unit before")));
        }
        let same = is_same(other_unit.module(), unit.module());
        if other.location.same_module(&card.location) != same {
            let why = Why::Conflict("units share a module when their locations do, and only then");
            return Err(DocumentFault::new("module", why));
        }
        if same {
            unit = Unit::from_parts(UnitParts { module: other_unit.module().clone(), ..unit.parts() })?;
        }
    }
    Ok((card, unit))
}

/// Whether both are the same module: the same identity, key and certificates.
fn is_same(one: &Arc<Module>, other: &Arc<Module>) -> bool {
    let public = |module: &Module| (module.id(), module.profile(), module.epoch_key());
    Arc::ptr_eq(one, other) || (public(one) == public(other) && one.certificates() == other.certificates())
}

const SERIAL: &str = "a serial number of eight digits or upper-case letters";

#[cfg(test)]
mod tests;
