//! `hs-crypto.tke-cryptounit-current-master-key-register.clear`: the current register is emptied.

use hpcs_audit::catalogue::tke;
use hpcs_ep11::AdminFunction;

use super::{TkeAction, nothing, nothing_more};

/// Neither the request nor the answer has members of its own.
pub(super) const ACTION: TkeAction = TkeAction {
    function: AdminFunction::CLEAR_CURRENT_WK,
    row: tke::CURRENT_MASTER_KEY_REGISTER_CLEAR,
    asked: nothing_more,
    answered: nothing,
};
