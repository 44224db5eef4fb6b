//! All crypto units of the account, numbered, with the selection of this workstation.

use std::collections::BTreeSet;

use hpcs_names::InstanceId;
use hpcs_workstation::{CryptoUnitKind, DomainEntry, InstanceInfo, Service, refresh_domains};

use crate::input::AnswerFlag;
use crate::printable::printable;
use crate::session::Session;
use crate::views::{self, Block, Header, ListedUnit, UnitLabel};
use crate::{Failure, texts};

/// The crypto units of all instances. Their numbers hold for one run: the service may have other units next time.
pub(crate) struct Inventory {
    pub(crate) service: Service,
    pub(crate) units: Vec<DomainEntry>,
    instances: Vec<InstanceInfo>,
}

impl Inventory {
    /// Asks the service and refreshes the file `DOMAINS`. The selection survives; units that are gone are dropped.
    ///
    /// # Errors
    /// When the service refuses or the file cannot be written.
    pub(crate) async fn read(session: &mut Session<'_>) -> Result<Self, Failure> {
        let service = session.service().await?;
        let mut instances = service.instances().await?;
        instances.sort_by_key(|instance| instance.id);
        let mut listed = Vec::new();
        for instance in &instances {
            listed.push((instance.id, service.crypto_units(instance.id).await?));
        }
        let units = refresh_domains(&session.files.domains()?, &listed);
        session.files.save_domains(&units)?;
        Ok(Inventory { service, units, instances })
    }

    /// Prints who asks whom: the header block of the listings.
    ///
    /// # Errors
    /// When the service refuses.
    pub(crate) async fn show_header(&self, session: &mut Session<'_>) -> Result<(), Failure> {
        let caller = self.service.who_am_i().await?;
        let regions: BTreeSet<&str> = self.instances.iter().map(|instance| instance.region.as_str()).collect();
        let header = Header {
            endpoint: session.config.server.as_str().to_owned(),
            region: printable(&regions.into_iter().collect::<Vec<_>>().join(", ")),
            user: printable(&caller.name),
            account_name: printable(&caller.account_name),
            account: printable(&caller.account),
        };
        for line in views::header(&header).lines() {
            session.console.inform(line);
        }
        Ok(())
    }

    /// Prints all units, or that there is no instance.
    pub(crate) fn show_units(&self, session: &mut Session<'_>) {
        if self.instances.is_empty() {
            session.console.say(&format!("\n{}", texts::NO_INSTANCES));
            return;
        }
        let blocks: Vec<_> = self.instances.iter().map(|instance| self.block(instance.id)).collect();
        session.console.write(&views::inventory(&blocks, session.console.paint()));
    }

    /// The unit with this number, as typed.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub(crate) fn unit(&self, typed: &str) -> Result<&DomainEntry, Failure> {
        let wanted = typed.parse().ok();
        let found = self.units.iter().find(|unit| Some(unit.number) == wanted);
        found.ok_or_else(|| Failure::new(texts::invalid_unit(typed)))
    }

    /// The instance to work on: the only one, or the one that is chosen in answer to `prompt`.
    ///
    /// # Errors
    /// A refusal when there is none, or none with the number; when the input ends.
    pub(crate) fn choose_instance(&self, session: &mut Session<'_>, prompt: &str) -> Result<InstanceId, Failure> {
        match self.instances.as_slice() {
            [] => Err(Failure::new(texts::NO_INSTANCES)),
            [one] => Ok(one.id),
            several => {
                let ids: Vec<InstanceId> = several.iter().map(|instance| instance.id).collect();
                session.console.say(texts::SEVERAL_INSTANCES);
                session.console.say("");
                session.console.write(&views::instances(&ids, session.console.paint()));
                session.console.say("");
                let typed = session.ask(prompt, AnswerFlag::Instance)?;
                let number: Option<usize> = typed.parse().ok();
                let chosen = number.and_then(|number| ids.get(number.checked_sub(1)?));
                chosen.copied().ok_or_else(|| Failure::new(texts::invalid_instance_num(&typed)))
            }
        }
    }

    /// The instance with this id.
    pub(crate) fn instance(&self, id: InstanceId) -> Option<&InstanceInfo> {
        self.instances.iter().find(|instance| instance.id == id)
    }

    /// The units of an instance.
    pub(crate) fn units_of(&self, instance: InstanceId) -> Vec<DomainEntry> {
        self.units.iter().filter(|unit| unit.instance == instance).cloned().collect()
    }

    /// The one instance of which all units but those that `may_lack` allows are selected, and of no other any; with its
    /// selected units.
    ///
    /// # Errors
    /// Refusals when no unit is selected, and when there is no such instance.
    pub(crate) fn selected_instance(
        &self,
        may_lack: impl Fn(CryptoUnitKind) -> bool,
    ) -> Result<(InstanceId, Vec<DomainEntry>), Failure> {
        let selected: Vec<DomainEntry> = self.units.iter().filter(|unit| unit.selected).cloned().collect();
        let instance = selected.first().ok_or_else(|| Failure::new(texts::NO_UNITS_SELECTED))?.instance;
        let left_out = |unit: &DomainEntry| unit.instance == instance && !unit.selected && !may_lack(unit.kind);
        if selected.iter().any(|unit| unit.instance != instance) || self.units.iter().any(left_out) {
            return Err(Failure::new(texts::ALL_OF_ONE_INSTANCE));
        }
        Ok((instance, selected))
    }

    /// Selects all units of an instance and no others, here and in the file `DOMAINS`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn select_instance(&mut self, session: &Session<'_>, instance: InstanceId) -> Result<(), Failure> {
        for unit in &mut self.units {
            unit.selected = unit.instance == instance;
        }
        Ok(session.files.save_domains(&self.units)?)
    }

    /// Selects or deselects the units with these numbers, as typed, separated by blanks. All of them or none.
    ///
    /// # Errors
    /// A refusal for the first number that no unit has, and when there is no number.
    pub(crate) fn set_selected(&mut self, typed: &str, selected: bool) -> Result<(), Failure> {
        let numbers = typed.split_whitespace().map(|word| self.unit(word).map(|unit| unit.number));
        let numbers: BTreeSet<u32> = numbers.collect::<Result<_, _>>()?;
        if numbers.is_empty() {
            return Err(Failure::new(texts::invalid_unit(typed)));
        }
        for unit in self.units.iter_mut().filter(|unit| numbers.contains(&unit.number)) {
            unit.selected = selected;
        }
        Ok(())
    }

    fn block(&self, instance: InstanceId) -> Block<ListedUnit> {
        let listed = |unit: &DomainEntry| {
            let row = ListedUnit { selected: unit.selected, kind: unit.kind, location: unit.location.clone() };
            (label(unit), row)
        };
        Block { instance, units: self.units.iter().filter(|unit| unit.instance == instance).map(listed).collect() }
    }
}

/// How tables name a unit.
pub(crate) fn label(unit: &DomainEntry) -> UnitLabel {
    UnitLabel { number: unit.number, recovery: matches!(unit.kind, CryptoUnitKind::Recovery) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units 1 and 2, unit 2 selected. Needs a runtime, because a service does.
    fn inventory() -> Inventory {
        let unit = |number: u32, serial: &str| DomainEntry {
            number,
            unit: format!("{number:08x}-2f7b-4e83-8a51-c60e9b72d4f8").parse().unwrap(),
            instance: "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap(),
            location: format!("[us-south].[AZ{number}-CS7].[01].[13]").parse().unwrap(),
            serial: serial.parse().unwrap(),
            public_key: None,
            kind: CryptoUnitKind::Operational,
            selected: number == 2,
        };
        let service = Service::connect("127.0.0.1:9876").unwrap();
        Inventory { service, units: vec![unit(1, "93AAAA01"), unit(2, "93AAAA02")], instances: Vec::new() }
    }

    fn selected(inventory: &Inventory) -> Vec<u32> {
        inventory.units.iter().filter(|unit| unit.selected).map(|unit| unit.number).collect()
    }

    #[tokio::test]
    async fn units_are_selected_and_deselected_by_number() {
        let mut inventory = inventory();
        inventory.set_selected(" 1  2 1 ", true).unwrap();
        assert_eq!(selected(&inventory), [1, 2]);
        inventory.set_selected("2", false).unwrap();
        assert_eq!(selected(&inventory), [1]);
    }

    #[tokio::test]
    async fn a_selection_is_that_of_one_instance_and_may_lack_only_what_is_allowed() {
        let lacks = |allowed: bool| inventory().selected_instance(|_| allowed).map(|(_, units)| units.len());
        assert_eq!(lacks(true).unwrap(), 1);
        assert_eq!(lacks(false).unwrap_err().to_string(), texts::ALL_OF_ONE_INSTANCE);
        let mut two = inventory();
        two.units[0].selected = true;
        assert_eq!(two.selected_instance(|_| false).unwrap().1.len(), 2);
        two.units[0].instance = "00000000-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap();
        assert_eq!(two.selected_instance(|_| true).unwrap_err().to_string(), texts::ALL_OF_ONE_INSTANCE);
        two.units.iter_mut().for_each(|unit| unit.selected = false);
        assert_eq!(two.selected_instance(|_| true).unwrap_err().to_string(), texts::NO_UNITS_SELECTED);
    }

    #[tokio::test]
    async fn one_wrong_number_selects_none_of_them() {
        for (typed, wrong) in [("1 3", "3"), ("1 x", "x"), ("1,2", "1,2"), ("0", "0"), ("", "")] {
            let mut inventory = inventory();
            let failure = inventory.set_selected(typed, true).unwrap_err();
            assert_eq!(failure.to_string(), format!("Invalid CRYPTO UNIT NUM: {wrong}"));
            assert_eq!(selected(&inventory), [2]);
        }
    }
}
