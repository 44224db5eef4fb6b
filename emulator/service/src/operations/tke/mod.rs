//! The nine documented actions of Trusted Key Entry, one file each, and what is deliberately not audited.

mod activate_master_key;
mod add_administrator;
mod clear_current_master_key;
mod clear_new_master_key;
mod commit_master_key;
mod load_master_key;
mod random_master_key;
mod remove_administrator;
mod reset;
mod set_thresholds;

use hpcs_audit::Row;
use hpcs_audit::event::Fields;
use hpcs_ep11::{AdminFunction, VerificationPattern};
use hpcs_hsm::{PendingKey, Unit};

use crate::{CryptoUnitCard, Knobs, RandomKeyEvent};

/// A documented action: which command it is and what its event says.
pub struct TkeAction {
    /// The command.
    pub function: AdminFunction,
    /// Its row in the catalogue of events.
    pub row: &'static Row,
    /// Adds the request's members to the location.
    pub(crate) asked: fn(Fields, &Asked<'_>) -> Fields,
    /// The answer's members, from the unit before and after.
    pub(crate) answered: fn(&Unit, &Unit) -> Fields,
}

/// A command as its event sees it.
pub(crate) struct Asked<'a> {
    /// The unit before the command.
    pub unit: &'a Unit,
    /// The command's input, when the request could be read to its end.
    pub input: Option<&'a [u8]>,
    /// Patterns of key parts that were opened before the command was refused.
    pub opened_parts: Option<&'a [VerificationPattern]>,
    /// The unit after the command, when it took effect.
    pub next: Option<&'a Unit>,
}

/// The documented actions.
pub const ACTIONS: &[&TkeAction] = &[
    &add_administrator::ACTION,
    &remove_administrator::ACTION,
    &set_thresholds::ACTION,
    &load_master_key::ACTION,
    &commit_master_key::ACTION,
    &activate_master_key::ACTION,
    &clear_new_master_key::ACTION,
    &clear_current_master_key::ACTION,
    &reset::ACTION,
];

/// Commands without an event: the documents name none for them. Queries and get_xcp_info have none either.
pub const NOT_AUDITED: &[(AdminFunction, &str)] = &[
    (AdminFunction::GENERATE_IMPORTER, "importer keys: no documented action"),
    (AdminFunction::RANDOM_WK, "random master keys: no documented action; the knob tke_gen_wk_event adds one"),
    (AdminFunction::EXPORT_WK, "exports: no documented action"),
    (AdminFunction::EXPORT_NEXT_WK, "exports: no documented action"),
    (AdminFunction::SET_CONTROL_POINTS, "control points: no documented action"),
    (AdminFunction::ADD_CONTROL_POINTS, "control points: no documented action"),
    (AdminFunction::DELETE_CONTROL_POINTS, "control points: no documented action"),
];

/// The action under which this command is audited.
pub fn action_of(function: AdminFunction, knobs: &Knobs) -> Option<&'static TkeAction> {
    if function == AdminFunction::RANDOM_WK && knobs.tke_gen_wk_event == RandomKeyEvent::Add {
        return Some(&random_master_key::ACTION);
    }
    ACTIONS.iter().find(|action| action.function == function).copied()
}

/// The first member of every TKE request.
pub(crate) fn location(card: &CryptoUnitCard) -> Fields {
    Fields::new().with("location", card.location.to_string())
}

/// The verification pattern that a commit or activation names, as sent.
fn named_pattern(fields: Fields, asked: &Asked<'_>) -> Fields {
    match asked.input {
        Some(input) if input.len() == 32 => fields.with("verificationPattern", hex::encode(input)),
        _ => fields,
    }
}

/// The identifiers of all administrators, in the order of installation.
fn administrator_ids(_: &Unit, unit: &Unit) -> Fields {
    let ids: Vec<_> = unit.administrators().iter().map(|administrator| hex::encode(administrator.id().0)).collect();
    Fields::new().with("adminIds", ids)
}

/// `verificationPattern`, unless the register is empty.
fn pattern(pattern: Option<VerificationPattern>) -> Fields {
    match pattern {
        Some(pattern) => Fields::new().with("verificationPattern", hex::encode(pattern.0)),
        None => Fields::new(),
    }
}

fn key_part_ids(patterns: &[VerificationPattern]) -> Vec<String> {
    patterns.iter().map(|pattern| hex::encode(pattern.0)).collect()
}

/// The key in the new register after the command.
fn pending(unit: &Unit) -> Option<PendingKey> {
    unit.registers().new.pending().cloned()
}

/// Nothing beyond the location.
fn nothing_more(fields: Fields, _: &Asked<'_>) -> Fields {
    fields
}

/// No members.
fn nothing(_: &Unit, _: &Unit) -> Fields {
    Fields::new()
}

#[cfg(test)]
mod tests {
    use hpcs_hsm::COMMANDS;

    use super::*;

    #[test]
    fn every_command_is_audited_or_declared_silent_and_not_both() {
        for command in COMMANDS {
            let audited = ACTIONS.iter().any(|action| action.function == command.function);
            let silent = NOT_AUDITED.iter().any(|(function, _)| *function == command.function);
            assert!(audited != silent, "{}", command.name);
        }
    }
}
