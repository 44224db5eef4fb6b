//! `hs-crypto.tke-cryptounit.reset`: the unit is zeroized.

use hpcs_audit::catalogue::tke;
use hpcs_ep11::AdminFunction;

use super::{TkeAction, nothing, nothing_more};

/// Neither the request nor the answer has members of its own.
pub(super) const ACTION: TkeAction =
    TkeAction { function: AdminFunction::ZEROIZE, row: tke::RESET, asked: nothing_more, answered: nothing };
