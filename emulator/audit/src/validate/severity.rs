//! Severity, computed again from action, code and key state (section 2).

use super::entry::Entry;
use super::json::quoted;
use super::report::Findings;
use super::subject::Subject;
use super::{KeyProtect500, Options, RuleId, SeverityCombine, UnlistedFailure};
use crate::catalogue::BaseSeverity;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(text) = subject.text("severity").filter(|text| !text.is_empty()) else { return };
    let Some(found) = Grade::of(text) else {
        findings.add(RuleId::SeverityValue, "severity", "\"normal\", \"warning\" or \"critical\"", quoted(text));
        return;
    };
    let (Some(entry), Some(code)) = (subject.entry(), subject.code) else { return };
    let expected = grade(&entry, code, destroys(subject, &entry), subject.options);
    if found != expected {
        let expected = format!("{} for {} and code {code}", quoted(expected.as_str()), entry.action);
        findings.add(RuleId::SeverityOfCode, "severity", expected, quoted(text));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grade {
    Normal,
    Warning,
    Critical,
}

impl Grade {
    fn of(text: &str) -> Option<Grade> {
        [Grade::Normal, Grade::Warning, Grade::Critical].into_iter().find(|grade| grade.as_str() == text)
    }

    fn as_str(self) -> &'static str {
        match self {
            Grade::Normal => "normal",
            Grade::Warning => "warning",
            Grade::Critical => "critical",
        }
    }
}

/// The algorithm of 2.1.
fn grade(entry: &Entry, code: u16, destroys: bool, options: &Options) -> Grade {
    if entry.action.starts_with("hs-crypto.tke-") {
        return Grade::Critical;
    }
    let base = if destroys { Grade::Critical } else { base(entry) };
    let status = match of_status(entry, code, options) {
        None if code >= 400 && options.unlisted_failure == UnlistedFailure::Warning => Some(Grade::Warning),
        status => status,
    };
    match (status, options.severity_combine) {
        (Some(status), SeverityCombine::Replace) => status,
        (Some(status), SeverityCombine::Max) => status.max(base),
        (None, _) => base,
    }
}

/// What the page lists, else what the verb suggests (2.2).
fn base(entry: &Entry) -> Grade {
    match (entry.base_severity, entry.verb) {
        (BaseSeverity::Normal, _) => Grade::Normal,
        (BaseSeverity::Warning, _) => Grade::Warning,
        (BaseSeverity::Critical, _) | (BaseSeverity::Unlisted(_), "delete" | "purge" | "destroy") => Grade::Critical,
        (BaseSeverity::Unlisted(_), "patch" | "expire" | "revoke") => Grade::Warning,
        (BaseSeverity::Unlisted(_), _) => Grade::Normal,
    }
}

/// The status table of 2.3.
fn of_status(entry: &Entry, code: u16, options: &Options) -> Option<Grade> {
    match code {
        500 if entry.service == "kms" => match options.key_protect_500 {
            KeyProtect500::Warning => Some(Grade::Warning),
            KeyProtect500::Critical => Some(Grade::Critical),
            KeyProtect500::Base => None,
        },
        401 | 403 | 500 | 503 | 507 => Some(Grade::Critical),
        400 | 409 | 424 | 502 | 504 | 505 => Some(Grade::Warning),
        _ => None,
    }
}

/// The requested or resulting state of a managed key is destroyed (2.1 step 3).
fn destroys(subject: &Subject<'_>, entry: &Entry) -> bool {
    let by_route = subject
        .text("requestData.requestURI")
        .and_then(|uri| uri.split('?').next())
        .is_some_and(|path| path.ends_with("/destroy"));
    let by_state = ["requestData.state", "responseData.state"]
        .into_iter()
        .filter_map(|path| subject.text(path))
        .any(|state| matches!(state, "destroyed" | "destroyed_compromised"));
    entry.action == "hs-crypto.managed-keys.write" && (by_route || by_state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::CATALOGUE;
    use crate::validate::entry::Naming;

    fn grade_of(action: &str, code: u16, destroys: bool, options: &Options) -> &'static str {
        grade(&Naming::of(action).entry().unwrap(), code, destroys, options).as_str()
    }

    #[test]
    fn worked_cases() {
        for (action, code, destroys, expected) in [
            ("hs-crypto.secrets.create", 201, false, "normal"),
            ("hs-crypto.secrets.create", 400, false, "warning"),
            ("hs-crypto.secrets.create", 401, false, "critical"),
            ("hs-crypto.secrets.delete", 204, false, "critical"),
            ("hs-crypto.secrets.delete", 409, false, "warning"),
            ("hs-crypto.secrets.read", 404, false, "normal"),
            ("hs-crypto.secrets.rotate", 204, false, "warning"),
            ("hs-crypto.secrets.wrap", 500, false, "critical"),
            ("kms.secrets.wrap", 500, false, "warning"),
            ("kms.secrets.delete", 401, false, "critical"),
            ("hs-crypto.tke-cryptounit-admin.add", 200, false, "critical"),
            ("hs-crypto.tke-cryptounit.reset", 400, false, "critical"),
            ("hs-crypto.tke-cryptounit-threshold.set", 502, false, "critical"),
            ("hs-crypto.managed-keys.write", 200, false, "warning"),
            ("hs-crypto.managed-keys.write", 200, true, "critical"),
            ("hs-crypto.managed-keys.write", 409, true, "warning"),
            ("hs-crypto.key-rings.delete", 204, false, "critical"),
            ("hs-crypto.secrets.expire", 200, false, "warning"),
            ("hs-crypto.mtlscert-cert.delete", 200, false, "critical"),
            ("hs-crypto.ep11.use", 403, false, "critical"),
            ("hs-crypto.keystore.updatekey", 200, false, "critical"),
            ("kms.secrets.ack-rotate", 408, false, "normal"),
        ] {
            assert_eq!(grade_of(action, code, destroys, &Options::default()), expected, "{action} {code}");
        }
    }

    #[test]
    fn the_configured_variants_change_the_answer() {
        let max = Options { severity_combine: SeverityCombine::Max, ..Options::default() };
        assert_eq!(grade_of("hs-crypto.secrets.delete", 409, false, &max), "critical");
        let warning = Options { unlisted_failure: UnlistedFailure::Warning, ..Options::default() };
        assert_eq!(grade_of("hs-crypto.secrets.read", 404, false, &warning), "warning");
        assert_eq!(grade_of("hs-crypto.secrets.read", 200, false, &warning), "normal");
        let base = Options { key_protect_500: KeyProtect500::Base, ..Options::default() };
        assert_eq!(grade_of("kms.secrets.wrap", 500, false, &base), "normal");
    }

    #[test]
    fn the_verb_suggests_what_the_catalogue_chose_for_unlisted_actions() {
        for row in CATALOGUE {
            let (BaseSeverity::Unlisted(chosen), Some(entry)) = (row.base_severity, Naming::of(row.action).entry())
            else {
                continue;
            };
            assert_eq!(base(&entry).as_str(), format!("{chosen:?}").to_lowercase(), "{}", row.action);
        }
    }
}
