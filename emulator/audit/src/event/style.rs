//! Choices that the documentation leaves open (section 1.14), as far as they concern one event.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Deserializer};

use crate::catalogue::{self, Row};

/// How events are written. The default is the documented form; every other value is a form that was seen or is possible.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Style {
    /// Fraction of `eventTime`.
    pub event_time_style: TimeStyle,
    /// Name of the instance's member in `requestData`.
    pub instance_id_key: InstanceIdKey,
    /// Whether `&`, `<` and `>` are written as `\u0026`, `\u003c` and `\u003e`. Default: yes.
    pub html_escape: bool,
    /// The address of a caller on a private network.
    pub private_host: PrivateHost,
    /// How the severities of action and status combine.
    pub severity_combine: SeverityCombine,
    /// The severity of failures whose status no table lists.
    pub unlisted_failure_severity: UnlistedFailure,
    /// The severity of status 500 in Key Protect.
    pub kp_500_severity: KeyProtect500,
    /// Actions whose `dataEvent` differs from the catalogue. Default: none.
    pub data_event_overrides: DataEventOverrides,
    /// Whether actions carry their historical names. Default: no.
    pub legacy_action_names: bool,
    /// Whether events of Unified Key Orchestrator carry `correlationId`. Default: yes.
    pub uko_correlation_id: bool,
    /// Name of the observer.
    pub observer_name: ObserverName,
    /// Whether a member `id` follows `action`. Default: no.
    pub event_id: bool,
    /// What is shown instead of a loopback address. Default: 203.0.113.10, an address reserved for documentation.
    pub loopback_as: IpAddr,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            event_time_style: TimeStyle::default(),
            instance_id_key: InstanceIdKey::default(),
            html_escape: true,
            private_host: PrivateHost::default(),
            severity_combine: SeverityCombine::default(),
            unlisted_failure_severity: UnlistedFailure::default(),
            kp_500_severity: KeyProtect500::default(),
            data_event_overrides: DataEventOverrides::default(),
            legacy_action_names: false,
            uko_correlation_id: true,
            observer_name: ObserverName::default(),
            event_id: false,
            loopback_as: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10)),
        }
    }
}

/// Fraction of `eventTime`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeStyle {
    /// Always two digits.
    #[default]
    Centis,
    /// Two digits without trailing zeros, as Go prints them; no dot when none is left.
    GoTrim,
}

/// Name of the instance's member in `requestData`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum InstanceIdKey {
    /// As documented.
    #[default]
    #[serde(rename = "instanceID")]
    InstanceIdUpper,
    /// As in a published event.
    #[serde(rename = "instanceId")]
    InstanceIdLower,
}

impl InstanceIdKey {
    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            InstanceIdKey::InstanceIdUpper => "instanceID",
            InstanceIdKey::InstanceIdLower => "instanceId",
        }
    }
}

/// The address of a caller on a private network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrivateHost {
    /// No member.
    #[default]
    Omit,
    /// A member with an empty text.
    Empty,
}

/// How the severities of action and status combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeverityCombine {
    /// The status replaces the action's.
    #[default]
    Replace,
    /// The higher of the two.
    Max,
}

/// The severity of failures whose status no table lists, for example 404.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnlistedFailure {
    /// That of the action.
    #[default]
    Base,
    /// Warning.
    Warning,
}

/// The severity of status 500 in Key Protect, which its page does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyProtect500 {
    /// Warning, as for the platform.
    #[default]
    Warning,
    /// Critical, as for Hyper Protect Crypto Services.
    Critical,
    /// That of the action.
    Base,
}

/// Name of the observer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum ObserverName {
    /// As documented.
    #[default]
    ActivityTracker,
    /// As another service was seen to write it.
    #[serde(rename = "IBM Cloud Logs")]
    CloudLogs,
}

impl ObserverName {
    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            ObserverName::ActivityTracker => "ActivityTracker",
            ObserverName::CloudLogs => "IBM Cloud Logs",
        }
    }
}

/// Actions whose `dataEvent` differs from the catalogue. An action without a row is an error when this is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataEventOverrides(BTreeMap<&'static str, bool>);

impl DataEventOverrides {
    /// The `dataEvent` of this action.
    pub fn data_event(&self, row: &Row) -> bool {
        self.0.get(row.action).copied().unwrap_or(row.data_event)
    }
}

impl FromIterator<(&'static Row, bool)> for DataEventOverrides {
    fn from_iter<I: IntoIterator<Item = (&'static Row, bool)>>(pairs: I) -> Self {
        DataEventOverrides(pairs.into_iter().map(|(row, value)| (row.action, value)).collect())
    }
}

impl<'de> Deserialize<'de> for DataEventOverrides {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, bool>::deserialize(deserializer)?
            .into_iter()
            .map(|(action, value)| match catalogue::find(&action) {
                Some(row) => Ok((row, value)),
                None => Err(serde::de::Error::custom(format_args!("`{action}` is not an action of the catalogue"))),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Style, String> {
        serde_json::from_str(text).map_err(|fault| fault.to_string())
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(read("{}").unwrap(), Style::default());
    }

    #[test]
    fn every_documented_value_is_read() {
        let style = read(
            r#"{"event_time_style":"go-trim","instance_id_key":"instanceId","html_escape":false,"private_host":"empty",
                "severity_combine":"max","unlisted_failure_severity":"warning","kp_500_severity":"base",
                "data_event_overrides":{"hs-crypto.ep11.use":false},"legacy_action_names":true,
                "uko_correlation_id":false,"observer_name":"IBM Cloud Logs","event_id":true,"loopback_as":"::2"}"#,
        );
        let expected = Style {
            event_time_style: TimeStyle::GoTrim,
            instance_id_key: InstanceIdKey::InstanceIdLower,
            html_escape: false,
            private_host: PrivateHost::Empty,
            severity_combine: SeverityCombine::Max,
            unlisted_failure_severity: UnlistedFailure::Warning,
            kp_500_severity: KeyProtect500::Base,
            data_event_overrides: [(catalogue::find("hs-crypto.ep11.use").unwrap(), false)].into_iter().collect(),
            legacy_action_names: true,
            uko_correlation_id: false,
            observer_name: ObserverName::CloudLogs,
            event_id: true,
            loopback_as: "::2".parse().unwrap(),
        };
        assert_eq!(style, Ok(expected));
        assert_eq!(
            read(
                r#"{"event_time_style":"centis","instance_id_key":"instanceID","private_host":"omit",
                    "severity_combine":"replace","unlisted_failure_severity":"base","kp_500_severity":"warning",
                    "observer_name":"ActivityTracker"}"#
            ),
            Ok(Style::default())
        );
        assert_eq!(read(r#"{"kp_500_severity":"critical"}"#).unwrap().kp_500_severity, KeyProtect500::Critical);
    }

    #[test]
    fn unknown_knobs_values_and_actions_are_errors() {
        for (text, culprit) in [
            (r#"{"html_escapes":true}"#, "html_escapes"),
            (r#"{"private_host":"hide"}"#, "hide"),
            (r#"{"data_event_overrides":{"hs-crypto.ep11.used":true}}"#, "hs-crypto.ep11.used"),
        ] {
            assert!(read(text).unwrap_err().contains(culprit), "{text}");
        }
    }

    #[test]
    fn an_override_concerns_its_action_only() {
        let used = catalogue::find("hs-crypto.ep11.use").unwrap();
        let overrides: DataEventOverrides = [(used, false)].into_iter().collect();
        assert!(used.data_event);
        assert!(!overrides.data_event(used));
        assert!(overrides.data_event(catalogue::find("kms.secrets.wrap").unwrap()));
    }
}
