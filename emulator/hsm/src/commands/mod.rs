//! Administration commands: a table, one file a command.
//!
//! A file declares function id, signature rules, its own checks and its effect. [`COMMANDS`] is built from these
//! declarations; admission, dispatch, documentation and tests read it.

mod add_administrator;
mod clear_master_key;
mod commit_master_key;
mod control_points;
mod export_master_key;
mod generate_importer;
mod import_master_key;
mod random_master_key;
mod remove_administrator;
mod set_attributes;
mod set_immediate;
mod zeroize;

use hpcs_ep11::{AdminFunction, AttributeList, Permissions};

pub(crate) use add_administrator::MAX_CERTIFICATE;
pub(crate) use import_master_key::MAX_PARTS;
pub use import_master_key::opened_part_patterns;
pub(crate) use set_attributes::DOMAIN_LEVEL;

use crate::{Admitted, CallEnv, Secured, Trust, Unit, UnitRefusal, UnitState};

/// What applying a command gives: the unit's next state and the output.
pub type Applied = Result<(Unit, Vec<u8>), UnitRefusal>;

/// One row of the table of commands.
pub struct CommandRow {
    /// Function id on the wire.
    pub function: AdminFunction,
    /// What the command is called, in the service's words.
    pub name: &'static str,
    /// Signatures in imprint mode.
    pub imprint: ImprintRule,
    /// Signatures outside imprint mode.
    pub secured: Quorum,
    pub(crate) check: fn(&Unit, &[u8], Trust) -> Result<(), UnitRefusal>,
    apply: fn(&Unit, &[u8], Trust, &mut CallEnv) -> Applied,
}

/// What a command needs in imprint mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImprintRule {
    /// Refused: 179/34.
    Refused,
    /// Allowed without signatures.
    Unsigned,
    /// Allowed; when it leaves imprint mode it needs as many signatures as the new signature threshold asks for.
    NewSignatureThreshold,
}

/// How many distinct administrators must sign a command outside imprint mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// None.
    None,
    /// One.
    One,
    /// As many as the signature threshold.
    SignatureThreshold,
    /// As many as the revocation signature threshold.
    RevocationThreshold,
    /// One when this permission bit is on, else as many as the signature threshold.
    OneIfPermitted(Permissions),
}

/// A declared command. Implementors are the files of this folder.
trait Command {
    const FUNCTION: AdminFunction;
    const NAME: &'static str;
    const IMPRINT: ImprintRule;
    const SECURED: Quorum;
    /// The input, read and checked.
    type Input;

    /// The command's own checks on input and state, in their order. They come after admission, except for attributes in
    /// imprint mode; what only the effect can find out (a key that repeats the current one) is refused there.
    fn check(unit: &Unit, input: &[u8], trust: Trust) -> Result<Self::Input, UnitRefusal>;

    /// The next state and the output. The counter is not the command's business.
    fn effect(unit: &Unit, input: Self::Input, env: &mut CallEnv) -> Applied;
}

/// Every command that a unit executes, by function id.
pub const COMMANDS: &[CommandRow] = &[
    row::<add_administrator::AddAdministrator>(),
    row::<remove_administrator::RemoveAdministrator>(),
    row::<set_attributes::SetAttributes>(),
    row::<generate_importer::GenerateImporter>(),
    row::<random_master_key::RandomMasterKey>(),
    row::<export_master_key::ExportKey<export_master_key::Current>>(),
    row::<import_master_key::ImportMasterKey>(),
    row::<commit_master_key::CommitMasterKey>(),
    row::<set_immediate::SetImmediate>(),
    row::<zeroize::Zeroize>(),
    row::<control_points::Change<control_points::Set>>(),
    row::<control_points::Change<control_points::Add>>(),
    row::<control_points::Change<control_points::Delete>>(),
    row::<clear_master_key::Clear<clear_master_key::Current>>(),
    row::<clear_master_key::Clear<clear_master_key::New>>(),
    row::<export_master_key::ExportKey<export_master_key::New>>(),
];

/// Applies an admitted command: its own checks, then its effect.
///
/// The counter of the next state is the command's, except after zeroize, which resets it.
///
/// # Errors
/// The refusal of the command's first failing check; the unit stays as it is.
pub fn apply(unit: &Unit, admitted: &Admitted, env: &mut CallEnv) -> Applied {
    if !admitted.row.allowed_in(unit) {
        return Err(UnitRefusal::IMPRINT_MODE);
    }
    let (mut next, output) = (admitted.row.apply)(unit, &admitted.input, admitted.trust, env)?;
    if next.domain == unit.domain {
        next.counter = admitted.counter;
    }
    Ok((next, output))
}

impl CommandRow {
    /// The row of this function.
    pub fn find(function: AdminFunction) -> Option<&'static CommandRow> {
        COMMANDS.iter().find(|row| row.function == function)
    }

    /// Whether the unit's mode allows the command.
    pub fn allowed_in(&self, unit: &Unit) -> bool {
        matches!(unit.state(), UnitState::Secured(_)) || self.imprint != ImprintRule::Refused
    }

    /// How many distinct administrators must sign this command with this input now.
    pub fn signatures_needed(&self, unit: &Unit, input: &[u8]) -> usize {
        let needed = match (unit.state(), self.imprint, self.secured) {
            (UnitState::Imprint(_), ImprintRule::NewSignatureThreshold, _) => {
                return AttributeList::decode(input)
                    .ok()
                    .and_then(|list| list.get(AttributeList::SIGNATURE_THRESHOLD))
                    .map_or(0, |threshold| threshold as usize);
            }
            (UnitState::Imprint(_), _, _) | (_, _, Quorum::None) => 0,
            (_, _, Quorum::One) => 1,
            (_, _, Quorum::OneIfPermitted(bit)) if unit.permissions.contains(bit) => 1,
            (_, _, Quorum::SignatureThreshold | Quorum::OneIfPermitted(_)) => unit.signature_threshold(),
            (_, _, Quorum::RevocationThreshold) => unit.revocation_threshold(),
        };
        needed.into()
    }
}

const fn row<C: Command>() -> CommandRow {
    CommandRow {
        function: C::FUNCTION,
        name: C::NAME,
        imprint: C::IMPRINT,
        secured: C::SECURED,
        check: |unit, input, trust| C::check(unit, input, trust).map(|_| ()),
        apply: |unit, input, trust, env| C::effect(unit, C::check(unit, input, trust)?, env),
    }
}

/// The part of the state that commands refused in imprint mode work on.
///
/// # Errors
/// [`UnitRefusal::IMPRINT_MODE`].
fn secured(unit: &Unit) -> Result<&Secured, UnitRefusal> {
    match unit.state() {
        UnitState::Secured(secured) => Ok(secured),
        UnitState::Imprint(_) => Err(UnitRefusal::IMPRINT_MODE),
    }
}

/// The unit with another secured state.
fn with_secured(unit: &Unit, secured: Secured) -> Unit {
    Unit { state: UnitState::Secured(secured), ..unit.clone() }
}

/// # Errors
/// [`UnitRefusal::INPUT_LENGTH`] when there is input.
pub(crate) fn no_input(input: &[u8]) -> Result<(), UnitRefusal> {
    if input.is_empty() { Ok(()) } else { Err(UnitRefusal::INPUT_LENGTH) }
}

/// # Errors
/// `refusal` when the permission bit is off.
fn permitted(unit: &Unit, bit: Permissions, refusal: UnitRefusal) -> Result<(), UnitRefusal> {
    if unit.permissions.contains(bit) { Ok(()) } else { Err(refusal) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_ids_are_unique_and_none_is_a_query() {
        for (index, row) in COMMANDS.iter().enumerate() {
            assert!(!row.function.is_query(), "{}", row.name);
            assert!(COMMANDS[..index].iter().all(|other| other.function != row.function), "{}", row.name);
            assert!(!row.function.known_unsupported(), "{}", row.name);
        }
    }
}
