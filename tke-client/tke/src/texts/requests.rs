//! Texts about requests that several workstations sign.

use std::fmt::Display;
use std::path::Path;

use super::short_ski;
use crate::printable::{printable, printable_lines};

/// Own.
pub(crate) const KEYNUM_TO_SIGN: &str = "Enter the KEYNUM of the signature key to sign the request with:";
/// Own.
pub(crate) const REQUEST_SIGNED: &str = "The signature was added to the request.";
/// Own.
pub(crate) const REQUEST_SENT: &str = "The crypto unit accepted the request.";
/// Own.
pub(crate) const SIGN_REQUEST: &str = "Do you want to sign this request?";
/// Own.
pub(crate) const SEND_REQUEST: &str = "Do you want to send this request?";

/// Own.
pub(crate) const NOT_SIGNED: &str = "No administrator has signed the request.";
/// Own.
pub(crate) const SIGNED_BY: &str = "Signed by:";
/// Own: the domain instance or the module is another.
pub(crate) const UNIT_REPLACED: &str =
    "Warning!  The crypto unit was zeroized or replaced after the request was created.  It will refuse the request.";

/// Own.
pub(crate) fn counter_stands(counter: impl Display) -> String {
    format!("The transaction counter of the crypto unit is {counter}: the request can still be submitted.")
}

/// Own.
pub(crate) fn counter_moved(counter: impl Display) -> String {
    format!(
        "Warning!  The transaction counter of the crypto unit has moved to {counter} after the request was created.  \
         It will refuse the request."
    )
}

/// Own: `present` counts signatures of installed administrators only.
pub(crate) fn signatures_wanted(present: usize, wanted: usize) -> String {
    match wanted {
        0 => "The crypto unit requires no signature on the request.".to_owned(),
        _ => format!("The request has {present} of {wanted} signatures that the crypto unit requires."),
    }
}

/// Own.
pub(crate) const REFUSED_IN_IMPRINT_MODE: &str =
    "Warning!  The crypto unit is in imprint mode.  It will refuse the request.";

/// Own: a signer whose name comes from the certificate in the crypto unit.
pub(crate) fn known_signer(name: &str, ski: impl Display) -> String {
    format!("   {} ({})", printable(name), short_ski(ski))
}

/// Own: a signer whose name nobody has signed.
pub(crate) fn claimed_signer(name: &str, ski: impl Display) -> String {
    format!("   {} ({})  The name was not checked.", printable(name), short_ski(ski))
}

/// Own.
pub(crate) fn signer_not_installed(ski: impl Display) -> String {
    format!(
        "Warning!  The signer {} is not an administrator of the crypto unit.  It will refuse the request.",
        short_ski(ski)
    )
}

/// Own. The failure is set off: it may quote the server, which could otherwise write sentences of this program.
pub(crate) fn unit_unknown(failure: impl Display) -> String {
    let indented = printable_lines(&failure.to_string()).replace('\n', "\n   ");
    format!("The crypto unit could not be asked whether it would still take the request:\n   {indented}")
}

/// Own.
pub(crate) fn unit_gone(unit: impl Display) -> String {
    format!("The service instance has no crypto unit {unit}.")
}

/// Own.
pub(crate) fn administrator_unknown(wanted: &str) -> String {
    format!("No administrator of the crypto unit is called or identified by '{wanted}'.")
}

/// Own.
pub(crate) fn administrator_ambiguous(wanted: &str) -> String {
    format!("Several administrators of the crypto unit are called or identified by '{wanted}'.")
}

/// Own.
pub(crate) fn request_file_unusable(fault: &str) -> String {
    format!("The request file cannot be used.  {fault}")
}

/// Own.
pub(crate) fn request_written(path: &Path) -> String {
    format!("The request was written to {}.", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_server_stays_apart_from_sentences_of_this_program() {
        let text = unit_unknown("Message: x\nThe request has 2 of 2 signatures.\x07");
        assert!(text.ends_with("request:\n   Message: x\n   The request has 2 of 2 signatures.\\u{7}"), "{text}");
    }
}
