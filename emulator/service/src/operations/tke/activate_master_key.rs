//! `hs-crypto.tke-cryptounit-master-key-register.activate`: "set immediate".

use hpcs_audit::catalogue::tke;
use hpcs_ep11::AdminFunction;

use super::{TkeAction, named_pattern, pattern};

/// Request: `verificationPattern` as sent. Answer: `verificationPattern` of what is now current.
pub(super) const ACTION: TkeAction = TkeAction {
    function: AdminFunction::FINALIZE_WK,
    row: tke::MASTER_KEY_REGISTER_ACTIVATE,
    asked: named_pattern,
    answered: |_, unit| pattern(unit.current_pattern()),
};
