//! The message, composed again from its parts (1.4).

use super::RuleId;
use super::json::quoted;
use super::report::Findings;
use super::subject::Subject;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let (Some(found), Some(expected)) = (subject.text("message"), compose(subject)) else { return };
    if !found.is_empty() && found != expected {
        findings.add(RuleId::MessageText, "message", quoted(&expected), quoted(found));
    }
}

/// None when a part is missing, which is reported where the part belongs.
fn compose(subject: &Subject<'_>) -> Option<String> {
    let entry = subject.entry()?;
    let display = match entry.service {
        "kms" => "Key Protect",
        _ => "Hyper Protect Crypto Services",
    };
    let name = subject.text("target.name")?;
    let mut message = format!("{display}: {} {name}", entry.phrase);
    if subject.failed? {
        // An empty name has left its blank already.
        message.push_str(if name.is_empty() { "-failure" } else { " -failure" });
        if entry.family.is_orchestrator() {
            message.push_str(": ");
            message.push_str(subject.text("reason.reasonForFailure")?);
        }
    }
    Some(message)
}
