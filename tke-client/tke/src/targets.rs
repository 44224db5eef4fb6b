//! The crypto units that a command works on.

use hpcs_workstation::{DomainEntry, ModuleKeyEntry, UnitAuthority, UnitClient, UnitError, trusted_roots};

use crate::inventory::{self, Inventory};
use crate::session::Session;
use crate::views::{Block, Register, RegisterStatus, UnitLabel};
use crate::{Failure, texts, views};

/// The selected crypto units in the order of their numbers, each with a verified connection.
pub(crate) struct Targets(Vec<Target>);

/// One of them.
pub(crate) struct Target {
    pub(crate) label: UnitLabel,
    pub(crate) client: UnitClient,
    /// Who may sign, as it was when the command started.
    pub(crate) authority: UnitAuthority,
}

impl Targets {
    /// The units that are selected on this workstation. Keys of their crypto modules are noted in the workstation's files.
    ///
    /// # Errors
    /// A refusal when no unit is selected or the certificates of a module do not verify; faults of the service.
    pub(crate) async fn selected(session: &mut Session<'_>) -> Result<Self, Failure> {
        let inventory = Inventory::read(session).await?;
        let selected: Vec<DomainEntry> = inventory.units.iter().filter(|unit| unit.selected).cloned().collect();
        if selected.is_empty() {
            return Err(Failure::new(texts::NO_UNITS_SELECTED));
        }
        Targets::of(session, &inventory, &selected).await
    }

    /// One unit, selected or not.
    ///
    /// # Errors
    /// As [`Targets::selected`], and when no unit has the number.
    pub(crate) async fn numbered(session: &mut Session<'_>, typed: &str) -> Result<Target, Failure> {
        let inventory = Inventory::read(session).await?;
        let unit = inventory.unit(typed)?.clone();
        let targets = Targets::of(session, &inventory, &[unit]).await?;
        targets.0.into_iter().next().ok_or_else(|| Failure::new(texts::invalid_unit(typed)))
    }

    /// These units, selected or not.
    ///
    /// # Errors
    /// As [`Targets::selected`].
    pub(crate) async fn of(
        session: &mut Session<'_>,
        inventory: &Inventory,
        units: &[DomainEntry],
    ) -> Result<Self, Failure> {
        let addressed: Vec<_> = units.iter().map(|unit| (unit.instance, unit.info())).collect();
        let clients = UnitClient::connect_all(&inventory.service, &addressed, &trusted_roots()).await?;
        note_module_keys(session, inventory.units.clone(), &clients)?;
        let mut targets = Vec::new();
        for (unit, client) in units.iter().zip(clients) {
            let authority = client.authority().await?;
            targets.push(Target { label: inventory::label(unit), client, authority });
        }
        Ok(Targets(targets))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Target> {
        self.0.iter()
    }

    /// The position of the first recovery unit.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub(crate) fn first_recovery(&self) -> Result<usize, Failure> {
        let found = self.0.iter().position(|unit| unit.label.recovery);
        found.ok_or_else(|| Failure::new(texts::NO_RECOVERY_UNITS))
    }

    /// All units but the first.
    pub(crate) fn without_first(mut self) -> Self {
        self.0.drain(..self.0.len().min(1));
        self
    }

    /// Leaves only the units for which `keep` is true.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Target) -> bool) {
        self.0.retain(keep);
    }

    /// The positions of all units but the one at `position`.
    pub(crate) fn all_but(&self, position: usize) -> Vec<usize> {
        (0..self.len()).filter(|index| *index != position).collect()
    }

    /// Runs a command on one unit after the other and stops at the first that fails. Nothing is undone: units before it
    /// stay changed, and the failure says where it stopped when there are several.
    ///
    /// # Errors
    /// The failure of that unit.
    pub(crate) async fn each(
        &self,
        mut command: impl AsyncFnMut(usize, &Target) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (index, target) in self.iter().enumerate() {
            command(index, target).await.map_err(|failure| self.stopped_at(target, failure))?;
        }
        Ok(())
    }

    /// The failure of a unit, which says where the command stopped when there are several.
    pub(crate) fn stopped_at(&self, target: &Target, failure: Failure) -> Failure {
        if self.0.len() > 1 { failure.with_line(&texts::stopped_at(target.label.number)) } else { failure }
    }

    /// Reads one value from every unit.
    ///
    /// # Errors
    /// The failure of the first unit that fails.
    pub(crate) async fn read<T>(
        &self,
        value: impl AsyncFn(&UnitClient) -> Result<T, UnitError>,
    ) -> Result<Vec<Block<T>>, Failure> {
        let mut blocks: Vec<Block<T>> = Vec::new();
        for target in self.iter() {
            let row = (target.label, value(&target.client).await?);
            match blocks.last_mut() {
                Some(block) if block.instance == target.client.instance() => block.units.push(row),
                _ => blocks.push(Block { instance: target.client.instance(), units: vec![row] }),
            }
        }
        Ok(blocks)
    }

    /// Prints the new master key registers.
    ///
    /// # Errors
    /// As [`Targets::read`].
    pub(crate) async fn show_new_registers(&self, session: &mut Session<'_>) -> Result<(), Failure> {
        let blocks = self.read(async |client| Ok(new_register(&client.domain_info().await?))).await?;
        session.console.write(&views::new_registers(&blocks, session.console.paint()));
        Ok(())
    }

    /// Prints the current master key registers.
    ///
    /// # Errors
    /// As [`Targets::read`].
    pub(crate) async fn show_current_registers(&self, session: &mut Session<'_>) -> Result<(), Failure> {
        let blocks = self.read(async |client| Ok(current_register(&client.domain_info().await?))).await?;
        session.console.write(&views::current_registers(&blocks, session.console.paint()));
        Ok(())
    }

    /// Prints both registers, the new ones first, two blank lines apart.
    ///
    /// # Errors
    /// As [`Targets::read`].
    pub(crate) async fn show_registers(&self, session: &mut Session<'_>) -> Result<(), Failure> {
        self.show_new_registers(session).await?;
        session.console.say("");
        self.show_current_registers(session).await
    }
}

/// The new register (*next wrapping key* on the wire) as it is listed.
pub(crate) fn new_register(info: &hpcs_ep11::DomainInfo) -> Register {
    let status = match (info.flags.next_present(), info.flags.next_committed()) {
        (false, _) => RegisterStatus::Empty,
        (true, false) => RegisterStatus::FullUncommitted,
        (true, true) => RegisterStatus::FullCommitted,
    };
    Register { status, pattern: info.next }
}

/// The current register as it is listed.
pub(crate) fn current_register(info: &hpcs_ep11::DomainInfo) -> Register {
    let status = if info.flags.current_present() { RegisterStatus::Valid } else { RegisterStatus::Empty };
    Register { status, pattern: info.current }
}

/// Warns when `known` has another key for a module than the one it presents.
pub(crate) fn warn_of_other_key(session: &mut Session<'_>, known: &[ModuleKeyEntry], presented: &ModuleKeyEntry) {
    if known.iter().any(|module| module.serial == presented.serial && module.public_key != presented.public_key) {
        session.console.warn(&texts::module_key_changed(presented.serial));
    }
}

/// Keeps the verified keys of crypto modules in the files `DOMAINS` and `CRYPTOMODULES`, where other tools look for them.
/// Warns when a module that is known there has another key.
fn note_module_keys(
    session: &mut Session<'_>,
    mut units: Vec<DomainEntry>,
    clients: &[UnitClient],
) -> Result<(), Failure> {
    let mut known = session.files.module_keys()?;
    for entry in clients.iter().map(UnitClient::module_key_entry) {
        for unit in units.iter_mut().filter(|unit| unit.serial == entry.serial) {
            unit.public_key = Some(entry.public_key.clone());
        }
        warn_of_other_key(session, &known, &entry);
        known.retain(|module| module.serial != entry.serial);
        known.push(entry);
    }
    session.files.save_domains(&units)?;
    Ok(session.files.save_module_keys(&known)?)
}
