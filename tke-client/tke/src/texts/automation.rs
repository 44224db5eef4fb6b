//! Texts of the commands that do a whole ceremony, and of those that order crypto units.

use std::fmt::Display;

use crate::printable::printable;

// Choosing a service instance

/// Documented.
pub(crate) const SEVERAL_INSTANCES: &str = "More than one service instance is assigned to the current resource group.";
/// Documented.
pub(crate) const INSTANCE_TO_INITIALIZE: &str =
    "Enter the INSTANCE NUM of the service instance you want to initialize.";
/// Reconstructed.
pub(crate) const INSTANCE_TO_ROTATE: &str =
    "Enter the INSTANCE NUM of the service instance where you want to rotate the master key.";
/// Documented: a sentence of the published SDK.
pub(crate) const NO_RECOVERY_UNITS: &str = "The service instance does not contain any recovery crypto units.";

/// Reconstructed.
pub(crate) fn invalid_instance_num(value: &str) -> String {
    format!("Invalid INSTANCE NUM: {value}")
}

// Initialising with recovery crypto units

/// Documented.
pub(crate) const PRESS_ENTER: &str = "Press enter to continue or Ctrl-c to exit.";
/// Reconstructed.
pub(crate) const ALL_IN_IMPRINT_MODE: &str = "All crypto units in the service instance must be in imprint mode.\n\
     Use the 'ibmcloud tke cryptounit-compare' command to check how crypto units are configured.";
/// Documented.
pub(crate) const ENTER_THRESHOLDS: &str = "ENTER SIGNATURE THRESHOLD VALUES";
/// Documented.
pub(crate) const SIGNATURES_ON_COMMANDS: &str = "Enter the number of signatures to be required on commands sent to the service instance.  This must be a number between 1 and 8.  To enforce dual control, this must be at least 2:";
/// Documented.
pub(crate) const SIGNATURES_ON_REMOVAL: &str = "Enter the number of signatures to be required on commands to remove an administrator.  This must be a number between 1 and 8.  To enforce dual control, this must be at least 2:";
/// Documented.
pub(crate) const ENTER_ADMINISTRATORS: &str = "ENTER NUMBER OF ADMINISTRATORS TO INSTALL";
/// Documented.
pub(crate) const ADMINISTRATORS_TO_INSTALL: &str = "Enter the number of administrators you want to install:";
/// Documented.
pub(crate) const SELECT_KEY_FILES: &str = "SELECT EXISTING SIGNATURE KEY FILES TO USE";
/// Documented.
pub(crate) const KEY_FILES_FOUND: &str = "The following signature key files were found on this workstation:";
/// Reconstructed: the two paragraphs that explain the choice.
pub(crate) const KEY_FILES_EXPLAINED: [&str; 2] = [
    "You can create administrators from existing signature key files, or from new ones that are created now.",
    "You will be asked for the password of each signature key file that you select.  Press enter to select none.",
];
/// Documented.
pub(crate) const KEY_FILES_TO_USE: &str =
    "Enter the KEYNUM of the existing signature key files you want to use to create administrators:";
/// Documented: a sentence of the published SDK.
pub(crate) const KEYS_NOT_UNIQUE: &str =
    "Signature keys are not unique.  The same signature key is specified for more than one administrator.";
/// Documented.
pub(crate) const SETTING_THRESHOLDS: &str = "Setting signature thresholds....";
/// Documented.
pub(crate) const GENERATING_MASTER_KEY: &str = "Generating a random master key value....";
/// Documented.
pub(crate) const INITIALIZED: [&str; 2] = [
    "The selected service instance has been initialized.",
    "To see what administrators are installed and what signature threshold and master key register values are set, use the 'ibmcloud tke cryptounit-compare' command.",
];

/// Documented for thresholds of 1, otherwise reconstructed.
pub(crate) fn administrators_explained(signature: u32, revocation: u32) -> String {
    let least = signature.max(revocation);
    let plural = if least == 1 { "" } else { "s" };
    format!(
        "You can install up to eight administrators in a crypto unit.  To set a signature threshold value of {signature} \
         and a revocation signature threshold of {revocation}, you must install at least {least} administrator{plural}."
    )
}

/// Reconstructed.
pub(crate) fn number_between(least: u32, most: u32) -> String {
    format!("The value must be a number between {least} and {most}.")
}

/// Reconstructed.
pub(crate) fn too_many_keys(most: usize) -> String {
    match most {
        1 => "No more than one existing signature key can be selected to install one administrator.".to_owned(),
        _ => format!(
            "No more than {} existing signature keys can be selected to install {} administrators.",
            spelled(most),
            spelled(most)
        ),
    }
}

/// Documented for one administrator with one existing key, otherwise reconstructed.
pub(crate) fn keys_to_create(administrators: usize, existing: usize) -> String {
    let asked = match administrators {
        1 => "one administrator".to_owned(),
        several => format!("{} administrators", spelled(several)),
    };
    let selected = match existing {
        1 => "one existing signature key".to_owned(),
        several => format!("{} existing signature keys", spelled(several)),
    };
    let created = match administrators.saturating_sub(existing) {
        0 => "No new signature key files will be created.".to_owned(),
        1 => "One new signature key file will be created.".to_owned(),
        several => {
            let mut number = spelled(several).to_owned();
            if let Some(first) = number.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            format!("{number} new signature key files will be created.")
        }
    };
    format!("You asked to install {asked} and selected {selected} to use.  {created}")
}

/// Documented.
pub(crate) fn installing(number: usize, of: usize) -> String {
    format!("Installing {number} of {of} administrators....")
}

/// Documented.
pub(crate) fn transferring(number: usize, of: usize) -> String {
    format!("Transferring the master key value to {number} of {of} crypto units....")
}

/// A number up to eight in words, as the plug-in writes it.
fn spelled(number: usize) -> &'static str {
    const WORDS: [&str; 9] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];
    WORDS.get(number).copied().unwrap_or("more than eight")
}

// Rotating the master key

/// Reconstructed: what is checked before.
pub(crate) const ROTATION_EXPLAINED: &str = "This command rewraps key storage to the master key value in the new master key registers, and then sets that value.  \
     All crypto units in one service instance must be selected and must have left imprint mode, with the same signature thresholds, the same value in all current master key registers, and the same committed value in all new master key registers.";
/// Reconstructed.
pub(crate) const ALL_OF_ONE_INSTANCE: &str = "All crypto units in a single service instance must be selected.";
/// Reconstructed.
pub(crate) const SOME_IN_IMPRINT_MODE: &str = "One or more crypto units are in imprint mode.";
/// Reconstructed.
pub(crate) const THRESHOLDS_DIFFER: &str = "Signature thresholds on the crypto units are not set the same.";
/// Reconstructed.
pub(crate) const NO_COMMON_ADMINISTRATORS: &str = "A common set of administrators large enough to meet the signature threshold value is not selected and installed in all crypto units.";
/// Reconstructed.
pub(crate) const CURRENT_NOT_THE_SAME: &str =
    "The current master key registers are not all Valid with the same verification pattern.";
/// Reconstructed.
pub(crate) const NEW_NOT_COMMITTED: &str =
    "The new master key registers are not all Full Committed with the same verification pattern.";
/// Reconstructed.
pub(crate) const COMMITTING_MASTER_KEY: &str = "Committing the master key value....";
/// Documented.
pub(crate) const ROTATION_STARTED: &str = "Master key rotation started.";
/// Documented; the page about smart cards prints `MKS` for `KMS`.
pub(crate) const REWRAP_SUCCESSFUL: &str = "KMS CRK rewrap successful, waiting on cryptounit-mk-setimm.";
/// Documented.
pub(crate) const ROTATION_SUCCESSFUL: &str = "Master key rotation successful.";

/// Documented for 30 seconds.
pub(crate) fn delaying(seconds: u64) -> String {
    format!("Delaying {seconds} seconds to allow server to discover new master key values")
}

/// Own.
pub(crate) fn invalid_delay(value: &str) -> String {
    format!("'{value}' is not a number of seconds between 0 and 3600.")
}

/// Own. `message` is the service's.
pub(crate) fn rotation_failed(message: &str) -> String {
    format!("The master key rotation failed.\n{}", printable(message))
}

// Recovering the master key

/// Reconstructed.
pub(crate) const RECOVERY_SOURCE: &str = "Enter the CRYPTO UNIT NUM of the recovery crypto unit to use as the source:";
/// Reconstructed.
pub(crate) const RECOVERY_TARGETS: &str =
    "Enter a list of CRYPTO UNIT NUM to receive the master key value, separated by spaces:";
/// Own.
pub(crate) const NO_SOURCE: &str = "No recovery crypto unit in the current resource group holds a master key value.";

/// Own: nothing is sent to a unit that has the key.
pub(crate) fn holds_the_key(unit: u32) -> String {
    format!("CRYPTO UNIT NUM {unit} already holds the master key value.")
}

/// Own.
pub(crate) fn holds_another_key(unit: u32) -> String {
    format!(
        "Warning!  CRYPTO UNIT NUM {unit} holds another master key value.  Any key storage protected by it becomes unusable."
    )
}

// Failover crypto units

/// Documented.
pub(crate) const CONTINUE_FAILOVER: &str = "Would you like to continue? [y/n]:";
/// Documented.
pub(crate) const GETTING_UNITS: &str = "Getting crypto unit info... this may take a moment";
/// Documented.
pub(crate) const INITIALIZE_FAILOVER: &str =
    "You should initialize your failover crypto units now to be prepared for a failover event.";
/// Own.
pub(crate) const FAILOVER_COMPLETE: &str =
    "The service instance already has as many failover crypto units as operational crypto units.";
/// Own.
pub(crate) const FAILOVER_NEEDS_TWO: &str =
    "A service instance needs at least 2 operational crypto units to have failover crypto units.";

/// Documented.
pub(crate) fn failover_present(present: u32, instance: impl Display) -> String {
    format!("You currently have {present} failover crypto unit(s) for the selected instance {instance}")
}

/// Documented.
pub(crate) fn failover_possible(operational: u32) -> String {
    format!(
        "Since you have {operational} operational crypto units for this instance, you can have up to {operational} \
         failover crypto units"
    )
}

/// Documented.
pub(crate) fn failover_total(most: u32) -> String {
    format!("Enter the total number of failover crypto units you would like (max {most}):")
}

/// Documented.
pub(crate) fn failover_billing(total: u32) -> String {
    format!(
        "You will now have {total} failover crypto units. This will affect your billing. For more information, see \
         https://cloud.ibm.com/docs/hs-crypto?topic=hs-crypto-faq-pricing"
    )
}

/// Documented.
pub(crate) fn failover_region(instance: impl Display, region: &str) -> String {
    format!("Instance {instance} targeting backup region {}", printable(region))
}

/// Documented.
pub(crate) fn failover_assigned(total: u32) -> String {
    format!("{total} failover crypto units have been assigned.")
}

/// Own.
pub(crate) fn failover_not_offered(region: &str, plan: &str) -> String {
    format!(
        "Failover crypto units are not offered for the plan {} in the region {}.  They are for the plan standard in \
         us-south, us-east and eu-es.",
        printable(plan),
        printable(region)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_administrators_and_keys_are_spelled_out() {
        assert_eq!(
            keys_to_create(1, 1),
            "You asked to install one administrator and selected one existing signature key to use.  No new signature \
             key files will be created."
        );
        assert_eq!(
            keys_to_create(3, 1),
            "You asked to install three administrators and selected one existing signature key to use.  Two new \
             signature key files will be created."
        );
        assert_eq!(
            administrators_explained(1, 1),
            "You can install up to eight administrators in a crypto unit.  To set a signature threshold value of 1 and a \
             revocation signature threshold of 1, you must install at least 1 administrator."
        );
        assert!(administrators_explained(1, 3).ends_with("you must install at least 3 administrators."));
    }
}
