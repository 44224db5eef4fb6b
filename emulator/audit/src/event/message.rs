//! The sentence for humans (section 1.4).

use std::fmt;

use hpcs_names::ServiceName;

use super::EventDraft;

/// `<service>: <verb> <object> <target name>[ -failure[: <detail>]]`.
pub(super) struct Message<'a>(pub(super) &'a EventDraft);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EventDraft { action, target, reason, .. } = self.0;
        f.write_str(match action.service {
            ServiceName::HsCrypto => "Hyper Protect Crypto Services: ",
            ServiceName::Kms => "Key Protect: ",
        })?;
        f.write_str(action.phrase)?;
        f.write_str(" ")?;
        f.write_str(&target.name)?;
        let Some(why) = reason.failure_text() else {
            return Ok(());
        };
        // The blank before a missing name is the one before the suffix.
        f.write_str(if target.name.is_empty() { "-failure" } else { " -failure" })?;
        if action.family.is_orchestrator() {
            f.write_str(": ")?;
            f.write_str(why)?;
        }
        Ok(())
    }
}
