//! The independent validator: is this line an event of the catalogue, and where does it deviate?
//!
//! It judges the bytes that a consumer of the trail would read, whoever wrote them, by the Activity Tracker event
//! reference: envelope, severity, outcome and reason, data of each action, CRN grammar. It shares no code with the part
//! of this crate that writes events. All that both read is the catalogue, and that is data. So a mistake in the emitter
//! is not repeated here.
//!
//! # Layout
//!
//! | File | Concern |
//! |---|---|
//! | `wire`, `json` | bytes of the line, members in the order of the line |
//! | `members` | missing, unknown, misplaced and mistyped members of one object |
//! | `envelope`, `initiator`, `target`, `reason`, `message`, `severity` | the members of those names |
//! | `data`, `relations`, `tke` | `requestData` and `responseData`: documented fields; fields that depend on others |
//! | `crn`, `grammar`, `time` | the form of single values |
//! | `entry`, `family`, `subject` | the row of the catalogue, the family of the action, what all checks look at |
//!
//! Every check looks at the parsed line and adds what it finds. None stops at the first deviation, and a member with
//! the wrong type is reported once and otherwise treated as absent.

mod crn;
mod data;
mod entry;
mod envelope;
mod family;
mod grammar;
mod initiator;
mod json;
mod members;
mod message;
mod options;
mod reason;
mod relations;
mod report;
mod rule;
mod severity;
mod subject;
mod target;
mod time;
mod tke;
mod wire;

pub use options::{
    EventTimeStyle, InstanceIdKey, KeyProtect500, Options, PrivateHost, SeverityCombine, UnlistedFailure,
};
pub use report::{Deviation, Report};
pub use rule::RuleId;

use json::Json;
use report::Findings;
use subject::Subject;

/// Judges one line of an event file.
///
/// The line may carry its terminator (`\n`) or not. Any bytes are welcome: what is not UTF-8, not JSON or not one
/// object is a deviation too, and then the only one.
pub fn validate_line(line: &[u8], options: &Options) -> Report {
    let mut findings = Findings::default();
    let Some(json) = wire::parse(line, options, &mut findings) else {
        return findings.into_report(None);
    };
    json::check_duplicates(&json, &mut findings);
    let Json::Object(members) = &json else {
        findings.add(RuleId::OneObject, "$", "one JSON object", json.type_words());
        return findings.into_report(None);
    };
    let subject = Subject::new(members, options);
    for check in CHECKS {
        check(&subject, &mut findings);
    }
    findings.into_report(subject.action)
}

type Check = fn(&Subject<'_>, &mut Findings);

const CHECKS: &[Check] = &[
    envelope::check,
    message::check,
    initiator::check,
    target::check,
    reason::check,
    severity::check,
    data::check,
    relations::check,
    tke::check,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!validate_line(&bytes, &Options::default()).clean());
        }
    }

    #[test]
    fn what_is_not_one_json_object_has_exactly_one_deviation() {
        let deep = "[".repeat(100_000);
        for (line, rule) in [
            (&b"\xff\xfe{}"[..], RuleId::Utf8),
            (b"", RuleId::Json),
            (b"{\"a\":", RuleId::Json),
            (b"{}{}", RuleId::Json),
            (deep.as_bytes(), RuleId::Json),
            (b"[1]", RuleId::OneObject),
            (b"null", RuleId::OneObject),
        ] {
            let report = validate_line(line, &Options::default());
            assert_eq!(report.deviations.iter().map(|found| found.rule).collect::<Vec<_>>(), [rule]);
            assert_eq!(report.action, None);
        }
    }

    #[test]
    fn an_empty_object_misses_every_member_that_is_always_present() {
        let report = validate_line(b"{}", &Options::default());
        let missing = report.deviations.iter().filter(|found| found.rule == RuleId::MissingMember);
        assert_eq!(
            missing.map(|found| found.member.as_str()).collect::<Vec<_>>(),
            [
                "eventTime",
                "outcome",
                "message",
                "action",
                "initiator",
                "target",
                "observer",
                "reason",
                "severity",
                "requestData",
                "dataEvent",
                "saveServiceCopy",
                "logSourceCRN"
            ]
        );
    }
}
