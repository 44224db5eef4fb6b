//! `hs-crypto.tke-cryptounit-master-key-register.add`: key parts are loaded into the new register.

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::Fields;
use hpcs_ep11::AdminFunction;
use hpcs_hsm::Unit;

use super::{Asked, TkeAction, key_part_ids, pattern, pending};

/// Request: `masterKeyIds`, one a key part in load order, if the parts were opened. Answer:
/// `verificationPattern` of the combined key.
///
/// The documents describe the ids as SHA-256 of the key part files, which the unit never sees; they are the patterns of
/// the parts.
pub(super) const ACTION: TkeAction =
    TkeAction { function: AdminFunction::IMPORT_WK, row: tke::MASTER_KEY_REGISTER_ADD, asked, answered };

fn asked(fields: Fields, asked: &Asked<'_>) -> Fields {
    let loaded = asked.next.and_then(pending).map(|pending| pending.part_patterns);
    match loaded.or_else(|| asked.opened_parts.map(<[_]>::to_vec)) {
        Some(patterns) => fields.with("masterKeyIds", key_part_ids(&patterns)),
        None => fields,
    }
}

fn answered(_: &Unit, unit: &Unit) -> Fields {
    pattern(unit.new_pattern())
}
