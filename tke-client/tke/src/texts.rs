//! Every prompt and message of the dialogues, exact to the byte.
//!
//! Scripts match these texts, so each says where it comes from. *Documented*: from published documentation, transcripts
//! or programs that drive the real plug-in. *Reconstructed*: no original was found; made by analogy, to be replaced when
//! one turns up. *Own*: the real plug-in has no such situation. Texts of the files, of the service and of crypto units
//! are in the workstation library, where those faults arise.

mod automation;
mod requests;

use std::fmt::Display;
use std::path::Path;

use crate::printable::{printable, printable_lines};

pub(crate) use automation::*;
pub(crate) use requests::*;

// Tables

/// Documented.
pub(crate) const SIGNATURE_THRESHOLDS: &str = "SIGNATURE THRESHOLDS";
/// Documented.
pub(crate) const CRYPTO_UNIT_ADMINISTRATORS: &str = "CRYPTO UNIT ADMINISTRATORS";
/// Documented.
pub(crate) const NEW_MASTER_KEY_REGISTER: &str = "NEW MASTER KEY REGISTER";
/// Documented.
pub(crate) const CURRENT_MASTER_KEY_REGISTER: &str = "CURRENT MASTER KEY REGISTER";
/// Documented.
pub(crate) const CONTROL_POINTS: &str = "CONTROL POINTS";
/// Documented. Published transcripts lack it below the new master key register.
pub(crate) const RECOVERY_FOOTNOTE: &str =
    "* Indicates a recovery crypto unit used only to hold a backup master key value.";
/// Documented. Printed below every table of thresholds, whatever the mode of the units.
pub(crate) const IMPRINT_FOOTNOTE: &str = "==> Crypto units with a signature threshold of 0 are in IMPRINT MODE. <==";
/// Documented.
pub(crate) const CONFIGURED_THE_SAME: &str = "==> All crypto units are configured the same. <==";
/// Documented.
pub(crate) const CONFIGURED_DIFFERENTLY: &str = "==> WARNING: Crypto units are configured differently. <==";
/// Documented: the cell of a unit without administrators.
pub(crate) const NO_ADMINISTRATORS: &str = "No administrators";
/// Documented.
pub(crate) const CONFIGURE_NOTE: [&str; 2] = [
    "Note: all operational crypto units in a service instance must be configured the same.",
    "Use 'ibmcloud tke cryptounit-compare' to check how crypto units are configured.",
];
/// Documented.
pub(crate) const NO_INSTANCES: &str = "No service instances were found for the current resource group.";

/// Documented: heads the table of one service instance.
pub(crate) fn service_instance(id: impl Display) -> String {
    format!("SERVICE INSTANCE: {id}")
}

/// Documented.
pub(crate) fn no_administrators_in(instance: impl Display) -> String {
    format!("No crypto unit administrators for service instance {instance}")
}

// Selecting crypto units

/// Documented.
pub(crate) const UNITS_TO_ADD: &str = "Enter a list of CRYPTO UNIT NUM to add, separated by spaces:";
/// Reconstructed.
pub(crate) const UNITS_TO_REMOVE: &str = "Enter a list of CRYPTO UNIT NUM to remove, separated by spaces:";
/// Reconstructed.
pub(crate) const NO_UNITS_SELECTED: &str =
    "No crypto units are selected.\nUse the 'ibmcloud tke cryptounit-add' command to select crypto units.";

/// Reconstructed.
pub(crate) fn invalid_unit(value: &str) -> String {
    format!("Invalid CRYPTO UNIT NUM: {value}")
}

// Signature keys

/// Documented.
pub(crate) const NO_SIGNATURE_KEYS: [&str; 3] = [
    "No files containing a signature key were found.",
    "",
    "To create a file containing a signature key, use the 'ibmcloud tke sigkey-add' command.",
];
/// Documented.
pub(crate) const ADMINISTRATOR_NAME: &str = "Enter an administrator name to be associated with the signature key:";
/// Documented.
pub(crate) const SIGNATURE_KEY_PASSWORD: &str = "Enter a password to protect the signature key:";
/// Documented.
pub(crate) const CONFIRM_PASSWORD: &str = "Re-enter the password to confirm:";
/// Documented.
pub(crate) const SIGNATURE_KEY_CREATED: [&str; 2] =
    ["A signature key was created.", "The available signature keys on this workstation are:"];
/// Documented.
pub(crate) const SIGNATURE_KEYS_TO_SELECT: &str =
    "Enter the KEYNUM values to select as current signature keys, separated by spaces:";
/// Reconstructed.
pub(crate) const SIGNATURE_KEY_TO_REMOVE: &str = "Enter the KEYNUM of the signature key you wish to remove:";
/// Reconstructed.
pub(crate) const REMOVE_SIGNATURE_KEY: &str = "Are you sure you want to remove the signature key?";
/// Reconstructed.
pub(crate) const SIGNATURE_KEY_REMOVED: &str = "The signature key was removed.";
/// Reconstructed.
pub(crate) const PASSWORDS_DIFFER: &str = "The passwords do not match.";
/// Reconstructed.
pub(crate) const PASSWORD_EMPTY: &str = "A password must have at least one character.";
/// Reconstructed: what `sigkeys`, `sigkey-add`, `sigkey-rm` and `sigkey-sel` say while `TKE_SIGNSERV_URL` is set.
pub(crate) const SIGNING_SERVICE_USED: &str = "A signing service is being used.  No action was performed.";
/// Reconstructed; as the next two, asked by `cryptounit-admin-add` while `TKE_SIGNSERV_URL` is set.
pub(crate) const SERVICE_KEY: &str = "Enter the signature key identifier:";
/// Reconstructed.
pub(crate) const SERVICE_KEY_ADMINISTRATOR: &str = "Enter the administrator name:";
/// Reconstructed.
pub(crate) const SERVICE_KEY_TOKEN: &str = "Enter the access token:";
/// Own.
pub(crate) const NEW_KEY_NOT_NAMED: &str =
    "A signing service is being used.  Name its key with --new-key and the administrator with --new-name.";
/// Own.
pub(crate) const NEW_KEYNUM_NOT_NAMED: &str =
    "No signing service is being used.  Name the signature key on this workstation with --new-keynum.";

/// Reconstructed: by analogy with the prompt for a password.
pub(crate) fn signing_token(key: &str) -> String {
    format!("Enter the access token for the signature key identified by:\n{}", printable(key))
}

/// Reconstructed: the first line is that for key files; the second is own.
pub(crate) fn too_few_service_keys(revocation: bool) -> String {
    let threshold = if revocation { "revocation signature threshold" } else { "signature threshold" };
    format!(
        "Not enough signature keys are selected to meet the {threshold} value.\n\
         The SIGNSERVKEYS file must name enough signature keys of administrators that are installed in all selected \
         crypto units."
    )
}

/// Documented for none and for one key, reconstructed for several.
pub(crate) fn selected_signature_keys(keynums: &[u32]) -> String {
    match keynums {
        [] => "No KEYNUM are selected as current signature keys.".to_owned(),
        [one] => format!("KEYNUM {one} is selected as the current signature key."),
        several => format!("KEYNUM {} are selected as current signature keys.", list(several)),
    }
}

/// Documented for one key, reconstructed for several and for none.
pub(crate) fn made_signature_keys(keynums: &[u32]) -> String {
    match keynums {
        [] => selected_signature_keys(&[]),
        [one] => format!("KEYNUM {one} has been made the current signature key."),
        several => format!("KEYNUM {} have been made the current signature keys.", list(several)),
    }
}

/// Documented.
pub(crate) fn keynum_password(keynum: u32) -> String {
    format!("Enter the password for KEYNUM {keynum}:")
}

/// Reconstructed.
pub(crate) fn invalid_keynum(value: &str) -> String {
    format!("Invalid KEYNUM: {value}")
}

// Master key parts

/// Documented.
pub(crate) const NO_KEY_PARTS: &str = "No files containing an EP11 master key part were found.";
/// Documented.
pub(crate) const KEY_PART_VALUE: &str = "Enter the key part value:";
/// Documented.
pub(crate) const KEY_PART_DESCRIPTION: &str = "Enter a description for the key part:";
/// Documented.
pub(crate) const KEY_PART_PASSWORD: &str = "Enter a password to protect the key part:";
/// Documented.
pub(crate) const KEY_PART_CREATED: [&str; 2] =
    ["A key part was created.", "The available EP11 master key parts on this workstation are:"];
/// Reconstructed.
pub(crate) const KEY_PART_TO_REMOVE: &str = "Enter the KEYNUM of the master key part you wish to remove:";
/// Reconstructed.
pub(crate) const REMOVE_KEY_PART: &str = "Are you sure you want to remove the master key part?";
/// Reconstructed.
pub(crate) const KEY_PART_REMOVED: &str = "The master key part was removed.";
/// Reconstructed.
pub(crate) const RANDOM_OR_VALUE: &str = "Incorrect usage.  Specify either --random or --value.";

// Signing

/// Documented.
pub(crate) fn signing_password(name: &str, ski: impl Display) -> String {
    format!("Enter the password for the signature key identified by:\n{} ({})", printable(name), short_ski(ski))
}

/// Documented: the first 30 hexadecimal digits of a subject key identifier and three dots.
pub(crate) fn short_ski(ski: impl Display) -> String {
    let digits = ski.to_string();
    format!("{}...", digits.get(..30).unwrap_or(&digits))
}

/// Own: which unit refused, when several were selected.
pub(crate) fn stopped_at(unit: u32) -> String {
    format!("The command stopped at CRYPTO UNIT NUM {unit}.  Crypto units after it were not changed.")
}

// Administrators

/// Documented.
pub(crate) const ADMINISTRATOR_TO_ADD: &str = "Enter the KEYNUM of the administrator signature key you wish to load:";
/// Documented.
pub(crate) const ADMINISTRATOR_PASSWORD: &str = "Enter the password for the administrator signature key file:";
/// Documented.
pub(crate) const CERTIFICATE_PASSWORD_INVALID: &str = "Invalid password for a signature key file";
/// Documented.
pub(crate) const ADMINISTRATOR_ADDED: &str = "The crypto unit administrator was added to the selected crypto units.";
/// Reconstructed.
pub(crate) const ADMINISTRATOR_TO_REMOVE: &str = "Enter the ADMIN NUM of the administrator you wish to remove:";
/// Reconstructed.
pub(crate) const ADMINISTRATOR_REMOVED: &str =
    "The crypto unit administrator was removed from the selected crypto units.";
/// Reconstructed.
pub(crate) const NO_ADMINISTRATORS_INSTALLED: &str = "No administrators are installed in the selected crypto units.";

/// Reconstructed.
pub(crate) fn invalid_admin_num(value: &str) -> String {
    format!("Invalid ADMIN NUM: {value}")
}

// Thresholds

/// Documented.
pub(crate) const NEW_SIGNATURE_THRESHOLD: &str = "Enter the new signature threshold value:";
/// Documented.
pub(crate) const NEW_REVOCATION_THRESHOLD: &str = "Enter the new revocation signature threshold value:";
/// Reconstructed.
pub(crate) const THRESHOLD_OUT_OF_RANGE: &str = "The value must be a number between 1 and 8.";
/// Documented.
pub(crate) const THRESHOLDS_SET: &str = "New signature threshold values have been set in the selected crypto units.";

// Master key registers

/// Documented.
pub(crate) const KEY_PARTS_TO_LOAD: &str = "Enter the KEYNUM values of the master key parts you wish to load.\n\
                                            2 or 3 values must be specified, separated by spaces.";
/// Reconstructed.
pub(crate) const KEY_PARTS_COUNT: &str = "2 or 3 different KEYNUM values must be specified.";
/// Documented.
pub(crate) const LOADED: &str = "The new master key register has been loaded in the selected crypto units.";
/// Reconstructed.
pub(crate) const SAME_MASTER_KEY: &str =
    "The selected master key parts produce the master key value that is already in the current master key register.";
/// Documented.
pub(crate) const COMMITTED: &str = "The new master key register has been committed in the selected crypto units.";
/// Documented.
pub(crate) const SET_IMMEDIATE_WARNING: &str = "Warning!  Any key storage associated with the targeted service instance must be prepared to accept the new master key value before running this command.  Otherwise, key storage may become unusable.";
/// Documented.
pub(crate) const CONTINUE: &str = "Do you want to continue?";
/// Documented.
pub(crate) const ANSWER_YES_NO: &str = "Answer [y/N]:";
/// Documented.
pub(crate) const SET_IMMEDIATE: &str = "Set immediate completed successfully in the selected crypto units.";
/// Reconstructed.
pub(crate) const NEW_CLEARED: &str = "The new master key register has been cleared in the selected crypto units.";
/// Reconstructed.
pub(crate) const CLEAR_CURRENT_WARNING: &str = "Warning!  Clearing the current master key register makes any key storage protected by the current master key unusable.";
/// Reconstructed.
pub(crate) const CURRENT_CLEARED: &str =
    "The current master key register has been cleared in the selected crypto units.";
/// Documented.
pub(crate) const ZEROIZE: &str = "Are you sure you want to zeroize the selected crypto units?";
/// Reconstructed.
pub(crate) const ZEROIZED: &str = "The selected crypto units have been zeroized.";

/// Documented; the only prompt without a colon.
pub(crate) fn key_file_password(keynum: u32) -> String {
    format!("Enter the password for key file {keynum}")
}

/// Reconstructed.
pub(crate) const LEFT_IMPRINT_MODE: &str = "The selected crypto units have left imprint mode.";
/// Own: `cryptounit-exit-impr` would set thresholds of 1 in crypto units that may have others.
pub(crate) const NOT_IN_IMPRINT_MODE: &str = "One or more crypto units are not in imprint mode.\n\
     Use the 'ibmcloud tke cryptounit-thrhld-set' command to change their signature thresholds.";

// Control points

/// Reconstructed.
pub(crate) const CONTROL_POINT_NUMBER: &str = "Enter the control point number:";
/// Reconstructed.
pub(crate) const CONTROL_POINT_CHANGE: &str = "Enter 1 to set, 0 to reset, or press enter to leave unchanged:";
/// Reconstructed.
pub(crate) const CONTROL_POINT_SET: &str = "The control point has been set in the selected crypto units.";
/// Reconstructed.
pub(crate) const CONTROL_POINT_RESET: &str = "The control point has been reset in the selected crypto units.";

/// Documented: the cell of a control point.
pub(crate) fn set_or_not(set: bool) -> &'static str {
    if set { "Set" } else { "Not Set" }
}

/// Reconstructed: one line for each crypto unit, in the order of their numbers.
pub(crate) fn control_point(name: &str, set: bool) -> String {
    format!("{name}: {}", set_or_not(set))
}

/// Own.
pub(crate) fn invalid_control_point(value: &str) -> String {
    format!("Invalid control point number: {value}")
}

/// Own.
pub(crate) fn invalid_control_point_change(value: &str) -> String {
    format!("Invalid value: {value}")
}

// The workstation and its server

/// Own.
pub(crate) fn unknown_command(name: &str, similar: Option<&str>) -> String {
    let hint = similar.map(|similar| format!(" Did you mean '{similar}'?")).unwrap_or_default();
    format!("'{name}' is not a registered command.{hint} See 'tke help'.")
}

/// Own: a key file that a listing leaves out.
pub(crate) fn damaged_file(fault: impl Display) -> String {
    format!("Warning!  A file cannot be read.  {}", printable_lines(&fault.to_string()))
}

/// Own: the key that answers is not the one in the file `CRYPTOMODULES`.
pub(crate) fn module_key_changed(serial: impl Display) -> String {
    format!(
        "Warning!  Crypto module {serial} presents another key than before.  An emulator that runs without --seed makes \
         new keys at each start; otherwise find out why before you continue."
    )
}

/// Own.
pub(crate) fn not_encrypted(server: &str) -> String {
    format!("Warning!  The access token or API key is sent to {server} without encryption.")
}

/// Own.
pub(crate) fn tokens_not_encrypted(service: &str) -> String {
    format!("Warning!  The access tokens of signature keys are sent to {} without encryption.", printable(service))
}

/// Own.
pub(crate) fn no_more_input(prompt: &str) -> String {
    format!("The input ended before this prompt was answered:\n{prompt}")
}

/// Own.
pub(crate) fn file_not_text(path: &Path) -> String {
    format!("{}: not UTF-8 text", path.display())
}

/// Own.
pub(crate) fn not_text(variable: &str) -> String {
    format!("The value of the {variable} environment variable is not UTF-8 text.")
}

/// Own.
pub(crate) fn neither_yes_nor_no(variable: &str, value: &str) -> String {
    format!("The {variable} environment variable is '{value}'.  It must be y, yes, 1, true, n, no, 0 or false.")
}

/// Own.
pub(crate) fn bad_server_address(text: &str) -> String {
    format!(
        "'{text}' is not a server address.\n\
         An address looks like http://127.0.0.1:9876, https://tke.example.com or 127.0.0.1:9876."
    )
}

/// Own.
pub(crate) fn no_credential(server: &str) -> String {
    format!(
        "No access token or API key is set for {server}.\n\
         Set TKE_TOKEN or IBMCLOUD_API_KEY, or use --api-key-file."
    )
}

/// Own.
pub(crate) fn api_key_file_unreadable(fault: &str) -> String {
    format!("The API key file cannot be read.  {fault}")
}

/// Own.
pub(crate) fn api_key_file_empty(path: &Path) -> String {
    format!("The API key file {} is empty.", path.display())
}

/// Own.
pub(crate) fn password_file_unreadable(fault: &str) -> String {
    format!("The password file cannot be read.  {fault}")
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_about_the_selection_count() {
        assert_eq!(selected_signature_keys(&[]), "No KEYNUM are selected as current signature keys.");
        assert_eq!(selected_signature_keys(&[1]), "KEYNUM 1 is selected as the current signature key.");
        assert_eq!(selected_signature_keys(&[1, 2]), "KEYNUM 1, 2 are selected as current signature keys.");
        assert_eq!(made_signature_keys(&[3]), "KEYNUM 3 has been made the current signature key.");
        assert_eq!(made_signature_keys(&[1, 3]), "KEYNUM 1, 3 have been made the current signature keys.");
    }

    #[test]
    fn a_name_cannot_add_a_line_to_a_prompt_or_to_the_list_of_signers() {
        let name = "eve\n\x1b[2JSigned by:";
        let texts = [signing_password(name, "00"), known_signer(name, "00"), claimed_signer(name, "00")];
        for text in texts {
            assert!(text.contains("eve\\u{a}\\u{1b}[2JSigned by:"), "{text}");
        }
    }

    #[test]
    fn identifiers_are_cut_after_thirty_digits() {
        let ski = "754adadbd731a5344c2e606b51993c0123456789abcdef0123456789abcdef01";
        assert_eq!(short_ski(ski), "754adadbd731a5344c2e606b51993c...");
        assert_eq!(
            signing_password("admin1", ski),
            "Enter the password for the signature key identified by:\nadmin1 (754adadbd731a5344c2e606b51993c...)"
        );
    }
}
