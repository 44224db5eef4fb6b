//! Which of the documented variants a trail is held against.

use std::collections::BTreeMap;

/// The variants that the emitter of a trail can be configured to. The default is the documented default of each.
///
/// Events of another emitter are judged by the options that it was run with (events reference, 1.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Form of the fraction in `eventTime`.
    pub event_time: EventTimeStyle,
    /// Spelling of the instance member in `requestData`.
    pub instance_id_key: InstanceIdKey,
    /// `&`, `<` and `>` are written as `\u0026`, `\u003c`, `\u003e`; otherwise they are written as they are.
    pub html_escape: bool,
    /// How the address of a private caller is left out.
    pub private_host: PrivateHost,
    /// How the severity of the status and the severity of the action combine.
    pub severity_combine: SeverityCombine,
    /// Severity of a failure whose code is in no severity table.
    pub unlisted_failure: UnlistedFailure,
    /// Severity of code 500 of Key Protect.
    pub key_protect_500: KeyProtect500,
    /// Values of `dataEvent` that replace those of the catalogue, by current action name.
    pub data_event_overrides: BTreeMap<String, bool>,
    /// Historical action names are accepted beside the current ones.
    pub legacy_action_names: bool,
    /// Unified Key Orchestrator events carry `correlationId`; otherwise they must not.
    pub uko_correlation_id: bool,
    /// The name of the observer.
    pub observer_name: String,
    /// Events carry a UUID as member `id` after `action`; otherwise they must not.
    pub event_id: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            event_time: EventTimeStyle::Centis,
            instance_id_key: InstanceIdKey::InstanceID,
            html_escape: true,
            private_host: PrivateHost::Omit,
            severity_combine: SeverityCombine::Replace,
            unlisted_failure: UnlistedFailure::Base,
            key_protect_500: KeyProtect500::Warning,
            data_event_overrides: BTreeMap::new(),
            legacy_action_names: false,
            uko_correlation_id: true,
            observer_name: "ActivityTracker".to_owned(),
            event_id: false,
        }
    }
}

/// Form of the fraction in `eventTime` (1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTimeStyle {
    /// Exactly two digits.
    Centis,
    /// None, or one to nine digits: trailing zeros may be trimmed.
    GoTrim,
}

/// Spelling of the instance member in `requestData` (1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceIdKey {
    /// `instanceID`, the documented spelling.
    InstanceID,
    /// `instanceId`, the spelling of one real event.
    InstanceId,
}

impl InstanceIdKey {
    /// The member's name.
    pub fn as_str(self) -> &'static str {
        match self {
            InstanceIdKey::InstanceID => "instanceID",
            InstanceIdKey::InstanceId => "instanceId",
        }
    }
}

/// How the address of a private caller is left out (1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateHost {
    /// The member is absent.
    Omit,
    /// The member is an empty string.
    Empty,
}

/// How the severity of the status and the severity of the action combine (2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeverityCombine {
    /// The status replaces the action's severity.
    Replace,
    /// The higher of the two.
    Max,
}

/// Severity of a failure whose code is in no severity table (2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlistedFailure {
    /// The action's severity.
    Base,
    /// `warning`.
    Warning,
}

/// Severity of code 500 of Key Protect, which its page does not list (2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProtect500 {
    /// The platform's value.
    Warning,
    /// The value of the sibling service.
    Critical,
    /// The action's severity.
    Base,
}
