//! A random master key, audited as a load without key parts where the operator wants it.

use hpcs_audit::catalogue::tke;
use hpcs_ep11::AdminFunction;

use super::{TkeAction, pattern};

/// Not documented: only with the knob `tke_gen_wk_event`. Answer: the pattern of the register that was filled.
pub(super) const ACTION: TkeAction = TkeAction {
    function: AdminFunction::RANDOM_WK,
    row: tke::MASTER_KEY_REGISTER_ADD,
    asked: |fields, _| fields.with("masterKeyIds", Vec::<String>::new()),
    answered: |before, after| match before.current_pattern() {
        None => pattern(after.current_pattern()),
        Some(_) => pattern(after.new_pattern()),
    },
};
