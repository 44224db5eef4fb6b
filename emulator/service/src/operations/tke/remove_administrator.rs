//! `hs-crypto.tke-cryptounit-admin.remove`: an administrator is removed.

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::Fields;
use hpcs_ep11::AdminFunction;

use super::{Asked, TkeAction, administrator_ids};

/// Request: `adminId`. Answer: `adminIds`, the remaining ones.
pub(super) const ACTION: TkeAction = TkeAction {
    function: AdminFunction::REMOVE_ADMINISTRATOR,
    row: tke::ADMIN_REMOVE,
    asked,
    answered: administrator_ids,
};

fn asked(fields: Fields, asked: &Asked<'_>) -> Fields {
    match asked.input {
        Some(input) if input.len() == 32 => fields.with("adminId", hex::encode(input)),
        _ => fields,
    }
}
