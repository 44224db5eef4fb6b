//! `hs-crypto.tke-cryptounit-master-key-register.commit`: the new register is committed.

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::Fields;
use hpcs_ep11::AdminFunction;
use hpcs_hsm::Unit;

use super::{TkeAction, key_part_ids, named_pattern, pending};

/// Request: `verificationPattern` as sent. Answer: `masterKeyIds` of the parts that an earlier load combined.
pub(super) const ACTION: TkeAction = TkeAction {
    function: AdminFunction::COMMIT_WK,
    row: tke::MASTER_KEY_REGISTER_COMMIT,
    asked: named_pattern,
    answered,
};

fn answered(_: &Unit, unit: &Unit) -> Fields {
    let parts = pending(unit).map(|pending| pending.part_patterns).unwrap_or_default();
    Fields::new().with("masterKeyIds", key_part_ids(&parts))
}
