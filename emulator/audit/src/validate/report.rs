//! What the validator answers.

use std::fmt;

use serde::Serialize;

use super::RuleId;

/// The verdict on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The action that the line names, known or not; `None` when it names none.
    pub action: Option<String>,
    /// Every deviation found, in the order of the checks; empty for a line that follows the reference.
    pub deviations: Vec<Deviation>,
}

impl Report {
    /// The line follows the reference in everything that was checked.
    pub fn clean(&self) -> bool {
        self.deviations.is_empty()
    }

    /// The line names an action of the catalogue by its accepted name, whatever else is wrong with it.
    pub fn names_catalogue_action(&self) -> bool {
        let misnamed = [RuleId::UnknownAction, RuleId::LegacyAction, RuleId::ErratumAction];
        self.action.is_some() && !self.deviations.iter().any(|deviation| misnamed.contains(&deviation.rule))
    }
}

/// One member that is not as the reference has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// Path of the member, for example `requestData.location` or `responseData.adminIds[1]`; `$` for the whole line.
    pub member: String,
    /// The rule that it deviates from.
    pub rule: RuleId,
    /// What the rule demands here, in words or as JSON.
    pub expected: String,
    /// What the line has, in words or as JSON; long values are shortened.
    pub found: String,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Deviation { member, rule, expected, found } = self;
        write!(f, "{}: {rule}: expected {expected}, found {found}", member.escape_debug())
    }
}

/// Collects deviations while the checks run.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Deviation>);

impl Findings {
    pub(super) fn add(
        &mut self,
        rule: RuleId,
        member: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        self.0.push(Deviation { member: member.into(), rule, expected: expected.into(), found: found.into() });
    }

    pub(super) fn into_report(self, action: Option<&str>) -> Report {
        Report { action: action.map(str::to_owned), deviations: self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_prints_as_one_line_whatever_the_member_is_called() {
        let mut findings = Findings::default();
        findings.add(RuleId::UnknownMember, "a\nb", "no such member", "1");
        let report = findings.into_report(Some("x"));
        assert_eq!(report.deviations[0].to_string(), r"a\nb: unknown-member: expected no such member, found 1");
    }

    #[test]
    fn the_report_is_json_with_the_stable_rule_name() {
        let mut findings = Findings::default();
        findings.add(RuleId::SeverityOfCode, "severity", "\"critical\"", "\"normal\"");
        let json = serde_json::to_string(&findings.into_report(None)).unwrap();
        assert_eq!(
            json,
            r#"{"action":null,"deviations":[{"member":"severity","rule":"severity-of-code","expected":"\"critical\"","found":"\"normal\""}]}"#
        );
    }
}
