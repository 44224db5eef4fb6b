//! How grave an event is (section 2).

use hpcs_names::ServiceName;

use super::{KeyProtect500, SeverityCombine, Style, UnlistedFailure};
use crate::catalogue::{Family, Row, Severity, orchestrator};

/// The algorithm of section 2.1: action first, then the status code.
pub(super) fn of(row: &Row, code: u16, key_destroyed: bool, style: &Style) -> Severity {
    if row.family == Family::Tke {
        return Severity::Critical;
    }
    let destroys = key_destroyed && row.action == orchestrator::MANAGED_KEY_WRITE.action;
    let base = if destroys { Severity::Critical } else { row.base_severity.severity() };
    match (of_status(row.service, code, style), style.severity_combine) {
        (None, _) => base,
        (Some(severity), SeverityCombine::Replace) => severity,
        (Some(severity), SeverityCombine::Max) => severity.max(base),
    }
}

/// The severity that a status brings along (section 2.3); none where the base stays.
fn of_status(service: ServiceName, code: u16, style: &Style) -> Option<Severity> {
    match code {
        401 | 403 | 503 | 507 => Some(Severity::Critical),
        400 | 409 | 424 | 502 | 504 | 505 => Some(Severity::Warning),
        500 => match (service, style.kp_500_severity) {
            (ServiceName::HsCrypto, _) | (ServiceName::Kms, KeyProtect500::Critical) => Some(Severity::Critical),
            (ServiceName::Kms, KeyProtect500::Warning) => Some(Severity::Warning),
            (ServiceName::Kms, KeyProtect500::Base) => None,
        },
        0..=399 => None,
        _ => match style.unlisted_failure_severity {
            UnlistedFailure::Base => None,
            UnlistedFailure::Warning => Some(Severity::Warning),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{CATALOGUE, find};
    use Severity::{Critical, Normal, Warning};

    fn severity(action: &str, code: u16, style: &Style) -> Severity {
        of(find(action).unwrap(), code, false, style)
    }

    #[test]
    fn worked_cases_of_section_2_6() {
        for (case, action, code, key_destroyed, expected) in [
            (1, "hs-crypto.secrets.create", 201, false, Normal),
            (2, "hs-crypto.secrets.create", 400, false, Warning),
            (3, "hs-crypto.secrets.create", 401, false, Critical),
            (4, "hs-crypto.secrets.delete", 204, false, Critical),
            (5, "hs-crypto.secrets.delete", 409, false, Warning),
            (6, "hs-crypto.secrets.read", 404, false, Normal),
            (7, "hs-crypto.secrets.rotate", 204, false, Warning),
            (8, "hs-crypto.secrets.wrap", 500, false, Critical),
            (9, "kms.secrets.wrap", 500, false, Warning),
            (10, "kms.secrets.delete", 401, false, Critical),
            (11, "hs-crypto.tke-cryptounit-admin.add", 200, false, Critical),
            (12, "hs-crypto.tke-cryptounit.reset", 400, false, Critical),
            (13, "hs-crypto.tke-cryptounit-threshold.set", 502, false, Critical),
            (14, "hs-crypto.managed-keys.write", 200, false, Warning),
            (15, "hs-crypto.managed-keys.write", 200, true, Critical),
            (16, "hs-crypto.managed-keys.write", 409, true, Warning),
            (17, "hs-crypto.key-rings.delete", 204, false, Critical),
            (18, "hs-crypto.secrets.expire", 200, false, Warning),
            (19, "hs-crypto.mtlscert-cert.delete", 200, false, Critical),
            (20, "hs-crypto.ep11.use", 403, false, Critical),
            (21, "hs-crypto.keystore.updatekey", 200, false, Critical),
            (22, "kms.secrets.ack-rotate", 408, false, Normal),
        ] {
            let found = of(find(action).unwrap(), code, key_destroyed, &Style::default());
            assert_eq!(found, expected, "case {case}");
        }
    }

    /// Columns of the decision table of section 2.5 after the first two, which are 2xx and 400.
    const COLUMNS: [&[u16]; 7] = [
        &[200, 201, 202, 204],
        &[400],
        &[401, 403],
        &[404, 408, 410, 422, 429],
        &[409, 424, 502, 504, 505],
        &[500],
        &[503, 507],
    ];

    #[test]
    fn decision_table_of_section_2_5_holds_for_every_row() {
        for row in CATALOGUE {
            let expected = match (row.family, row.service, row.base_severity.severity()) {
                (Family::Tke, ..) => [Critical; 7],
                (_, ServiceName::HsCrypto, base) => [base, Warning, Critical, base, Warning, Critical, Critical],
                (_, ServiceName::Kms, base) => [base, Warning, Critical, base, Warning, Warning, Critical],
            };
            for (codes, expected) in COLUMNS.iter().zip(expected) {
                for code in *codes {
                    assert_eq!(of(row, *code, false, &Style::default()), expected, "{} {code}", row.action);
                }
            }
        }
    }

    #[test]
    fn destruction_raises_managed_key_writes_only() {
        for row in CATALOGUE.iter().filter(|row| row.action != "hs-crypto.managed-keys.write") {
            assert_eq!(of(row, 200, true, &Style::default()), of(row, 200, false, &Style::default()), "{}", row.action);
        }
    }

    #[test]
    fn max_keeps_the_higher_of_base_and_status() {
        let style = Style { severity_combine: SeverityCombine::Max, ..Style::default() };
        assert_eq!(severity("hs-crypto.secrets.delete", 409, &style), Critical);
        assert_eq!(severity("hs-crypto.secrets.create", 409, &style), Warning);
        assert_eq!(severity("hs-crypto.secrets.create", 201, &style), Normal);
    }

    #[test]
    fn unlisted_failures_can_be_warnings() {
        let style = Style { unlisted_failure_severity: UnlistedFailure::Warning, ..Style::default() };
        assert_eq!(severity("hs-crypto.secrets.read", 404, &style), Warning);
        assert_eq!(severity("hs-crypto.secrets.read", 200, &style), Normal);
        assert_eq!(severity("hs-crypto.secrets.read", 503, &style), Critical);
        assert_eq!(severity("hs-crypto.tke-cryptounit.reset", 404, &style), Critical);
    }

    #[test]
    fn the_500_of_key_protect_is_a_choice_and_that_of_the_other_service_is_not() {
        for (choice, expected) in
            [(KeyProtect500::Warning, Warning), (KeyProtect500::Critical, Critical), (KeyProtect500::Base, Normal)]
        {
            let style = Style { kp_500_severity: choice, ..Style::default() };
            assert_eq!(severity("kms.secrets.wrap", 500, &style), expected);
            assert_eq!(severity("hs-crypto.secrets.wrap", 500, &style), Critical);
        }
    }
}
