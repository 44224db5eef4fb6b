//! Rotations of master keys in documents.

use hpcs_ep11::VerificationPattern;
use serde::{Deserialize, Serialize};

use super::instance::parsed;
use super::unit::given;
use super::{DocumentFault, Why, moment, moment_text};
use crate::Rotation;

/// A rotation as it was started.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RotationDocument {
    /// When it was started, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// Verification pattern of the current master key at that moment, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Verification pattern of the committed new master key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Verification pattern of the new master key of the rotation that this one took the place of before it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_up: Option<String>,
}

impl RotationDocument {
    pub(super) fn of(rotation: &Rotation) -> Self {
        RotationDocument {
            started: Some(moment_text(rotation.started)),
            from: Some(rotation.from.to_string()),
            to: Some(rotation.to.to_string()),
            given_up: rotation.given_up.map(|pattern| pattern.to_string()),
        }
    }

    pub(super) fn to_rotation(&self) -> Result<Rotation, DocumentFault> {
        let pattern = |field, text: &Option<String>| parsed::<VerificationPattern>(field, text.as_deref(), PATTERN);
        let started = given("started", self.started.as_deref())?;
        Ok(Rotation {
            started: moment(started)
                .ok_or_else(|| DocumentFault::new("started", Why::Expected("a time such as 2026-01-01T00:00:00Z")))?,
            from: given("from", pattern("from", &self.from)?)?,
            to: given("to", pattern("to", &self.to)?)?,
            given_up: pattern("given_up", &self.given_up)?,
        })
    }
}

const PATTERN: &str = "a verification pattern of 64 hexadecimal digits";

#[cfg(test)]
mod tests {
    use hpcs_audit::EventTime;

    use super::*;

    fn rotation(given_up: Option<VerificationPattern>) -> Rotation {
        let pattern = |byte| VerificationPattern([byte; 32]);
        Rotation { started: EventTime::from_unix_millis(1_767_225_600_123), from: pattern(1), to: pattern(2), given_up }
    }

    #[test]
    fn a_rotation_comes_back_exactly() {
        for rotation in [rotation(None), rotation(Some(VerificationPattern([3; 32])))] {
            let text = serde_json::to_string(&RotationDocument::of(&rotation)).unwrap();
            let read: RotationDocument = serde_json::from_str(&text).unwrap();
            assert_eq!(read.to_rotation().unwrap(), rotation);
        }
    }

    #[test]
    fn what_is_missing_or_no_pattern_is_named() {
        let whole = RotationDocument::of(&rotation(None));
        let without_start = RotationDocument { started: None, ..RotationDocument::of(&rotation(None)) };
        assert_eq!(without_start.to_rotation().unwrap_err(), DocumentFault::new("started", Why::Missing));
        let short = RotationDocument { to: Some("0102".to_owned()), ..whole };
        assert_eq!(short.to_rotation().unwrap_err(), DocumentFault::new("to", Why::Expected(PATTERN)));
    }
}
