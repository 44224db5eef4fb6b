//! The rules an event can deviate from, each with its stable name.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal;)+) => {
        /// A rule of the event reference. Its name never changes, so that tools can filter by it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum RuleId {
            $($(#[doc = $doc])+ $name,)+
        }

        impl RuleId {
            /// Every rule, in the order of this documentation.
            pub const ALL: &'static [RuleId] = &[$(RuleId::$name),+];

            /// The stable name, in kebab case.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(RuleId::$name => $id,)+
                }
            }
        }
    };
}

rules! {
    /// The line is UTF-8 (1.11).
    Utf8 = "utf8";
    /// The line is one JSON text (1.11).
    Json = "json";
    /// The JSON text is an object (1.11).
    OneObject = "one-object";
    /// No blank, tab or line break between tokens (1.11).
    Layout = "layout";
    /// `&`, `<` and `>` are written as escapes, or not, as configured (1.11).
    HtmlEscape = "html-escape";
    /// No object has two members of the same name.
    DuplicateMember = "duplicate-member";
    /// A member that is always present here is present (1.1, 1.2, 4).
    MissingMember = "missing-member";
    /// No member that the reference does not know (1.1, 1.2, 4).
    UnknownMember = "unknown-member";
    /// Members come in the documented order (1.1, 1.2, 4).
    MemberOrder = "member-order";
    /// A member has its documented JSON type (1.1, 1.2, 4.13).
    MemberType = "member-type";
    /// A member of `requestData` or `responseData` has its documented form (4.13).
    MemberValue = "member-value";
    /// No member is null (1.11).
    Null = "null";
    /// No string is empty, except `target.name` (1.11).
    EmptyString = "empty-string";
    /// `action` is a row of the catalogue.
    UnknownAction = "unknown-action";
    /// `action` is the current name, not a historical one.
    LegacyAction = "legacy-action";
    /// `action` is not a misprint that the vendor's pages contain.
    ErratumAction = "erratum-action";
    /// `eventTime` has the documented form and names a real moment (1.3).
    EventTime = "event-time";
    /// `outcome` is `success` or `failure` (1.1).
    OutcomeValue = "outcome-value";
    /// `outcome` is `success` exactly when the code is below 400 (section 10).
    OutcomeOfCode = "outcome-of-code";
    /// `message` is display name, phrase, target name and suffix (1.4).
    MessageText = "message-text";
    /// `observer.name` is the observer (1.1).
    ObserverName = "observer-name";
    /// `dataEvent` is the value of the action's row (1.9).
    DataEvent = "data-event";
    /// `saveServiceCopy` is true (1.1).
    SaveServiceCopy = "save-service-copy";
    /// `correlationId` is absent from TKE events and at most 128 characters elsewhere (1.10).
    CorrelationId = "correlation-id";
    /// `id`, where events carry one, is a UUID (1.1).
    EventId = "event-id";
    /// `severity` is one of the three words (1.1).
    SeverityValue = "severity-value";
    /// `severity` follows from action, code and key state (section 2).
    SeverityOfCode = "severity-of-code";
    /// `reason.reasonCode` is a status that ends a request.
    ReasonCode = "reason-code";
    /// A success has the code of its action (3.1).
    SuccessCode = "success-code";
    /// `reason.reasonType` is the phrase of the code (3.2).
    ReasonType = "reason-type";
    /// A reason for the failure is given on failure and only then (3.5, 3.6).
    ReasonForFailure = "reason-for-failure";
    /// `initiator.id` has one of the documented forms (1.5).
    InitiatorId = "initiator-id";
    /// `initiator.name` belongs to the id (1.5).
    InitiatorName = "initiator-name";
    /// `initiator.typeURI` belongs to the id (1.5).
    InitiatorTypeUri = "initiator-type-uri";
    /// `initiator.credential.type` belongs to the id (1.5).
    InitiatorCredential = "initiator-credential";
    /// `authnId` and `authnName` come together, for trusted profiles and only for them (1.2, 1.5).
    InitiatorAuthn = "initiator-authn";
    /// The kind of initiator fits the action: certificates for KMIP, the service for its own events (1.5).
    InitiatorOfAction = "initiator-of-action";
    /// `addressType` fits the address (1.6).
    AddressType = "address-type";
    /// The address is shown on public endpoints only, and is no loopback address (1.6).
    HostAddress = "host-address";
    /// The agent is absent where no client sends one (1.6).
    HostAgent = "host-agent";
    /// A CRN follows the grammar (1.7).
    Crn = "crn";
    /// A CRN names the service of the action (1.7).
    CrnService = "crn-service";
    /// `target.id` names a kind of object that the action acts on (1.7, 1.8).
    TargetKind = "target-kind";
    /// `target.id` and `requestData.instanceID` name the instance of `logSourceCRN` (1.7, section 10).
    SameInstance = "same-instance";
    /// `target.name` is the documented name of the object (1.8).
    TargetName = "target-name";
    /// `target.typeURI` is the value of the action's row (1.8).
    TargetTypeUri = "target-type-uri";
    /// `logSourceCRN` names the instance itself (1.7).
    LogSourceCrn = "log-source-crn";
    /// `requestData.requestURI` is a path with query, of the action's interface (1.11, 4).
    RequestUri = "request-uri";
    /// A refused key management request shows none of its own members (3.7).
    RequestOnRefusal = "request-on-refusal";
    /// `responseData` is absent rather than empty (1.1).
    EmptyResponse = "empty-response";
    /// A failure has no `responseData`, but for the documented exceptions (3.7).
    ResponseOnFailure = "response-on-failure";
    /// `initialValue` and `newValue` of a policy change hold the same members (4.5).
    OldAndNewValues = "old-and-new-values";
    /// `requestData.location` is the target's name (4.9).
    TkeLocation = "tke-location";
    /// The administrators after the change agree with the change (4.9).
    TkeAdminIds = "tke-admin-ids";
    /// Activation leaves the pattern that it was asked for (4.9).
    TkePattern = "tke-pattern";
    /// Credentials in copied bodies are redacted (4.12).
    Redaction = "redaction";
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_in_kebab_case() {
        let names: HashSet<_> = RuleId::ALL.iter().map(|rule| rule.as_str()).collect();
        assert_eq!(names.len(), RuleId::ALL.len());
        for name in names {
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
                "{name}"
            );
        }
    }
}
