//! What goes wrong on purpose: the drills of a signing service that fails its clients.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One fault, for one key or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    key: Option<String>,
    kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The connection ends without an answer.
    Down,
    /// Every token is refused.
    Unauthorized,
    /// The public key is one on P-256.
    WrongCurve,
    /// The answer comes late.
    Slow(Duration),
}

/// All faults of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// These faults.
    #[must_use]
    pub fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    /// Whether the service is down for every key: then it does not even read requests.
    pub(super) fn all_down(&self) -> bool {
        self.0.iter().any(|fault| fault.key.is_none() && fault.kind == FaultKind::Down)
    }

    /// Whether this goes wrong with the key.
    pub(super) fn has(&self, key: &str, kind: FaultKind) -> bool {
        self.of(key).any(|found| found == kind)
    }

    /// How long the answer for the key waits.
    pub(super) fn delay(&self, key: &str) -> Option<Duration> {
        self.of(key).filter_map(|kind| if let FaultKind::Slow(delay) = kind { Some(delay) } else { None }).max()
    }

    fn of(&self, key: &str) -> impl Iterator<Item = FaultKind> {
        self.0.iter().filter(move |fault| fault.key.as_deref().is_none_or(|only| only == key)).map(|fault| fault.kind)
    }
}

/// `KIND` or `KEY:KIND`, where a kind is `down`, `unauthorized`, `wrong-curve` or `slow=MILLISECONDS`.
impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (key, kind) = match text.split_once(':') {
            Some((key, kind)) => (Some(key), kind),
            None => (None, text),
        };
        if let Some(key) = key {
            hpcs_workstation::check_key_name(key).map_err(|_| FaultError)?;
        }
        let kind = match (kind, kind.strip_prefix("slow=")) {
            ("down", _) => FaultKind::Down,
            ("unauthorized", _) => FaultKind::Unauthorized,
            ("wrong-curve", _) => FaultKind::WrongCurve,
            (_, Some(millis)) => {
                let millis = millis.parse().ok().filter(|millis| *millis <= LONGEST_MILLIS).ok_or(FaultError)?;
                FaultKind::Slow(Duration::from_millis(millis))
            }
            _ => return Err(FaultError),
        };
        Ok(Self { key: key.map(str::to_owned), kind })
    }
}

/// A text that names no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultError;

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a fault is down, unauthorized, wrong-curve or slow=MILLISECONDS (at most 600000), with KEY: before it for \
             one key",
        )
    }
}

impl std::error::Error for FaultError {}

/// Ten minutes: clients have long given up.
const LONGEST_MILLIS: u64 = 600_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(texts: &[&str]) -> Faults {
        Faults::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn a_fault_is_for_one_key_or_for_all() {
        let faults = faults(&["first-key:down", "unauthorized", "second-key:slow=250", "slow=100"]);
        assert!(!faults.all_down());
        assert!(faults.has("first-key", FaultKind::Down) && !faults.has("second-key", FaultKind::Down));
        assert!(faults.has("second-key", FaultKind::Unauthorized));
        assert_eq!(faults.delay("first-key"), Some(Duration::from_millis(100)));
        assert_eq!(faults.delay("second-key"), Some(Duration::from_millis(250)));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "up", "slow", "slow=", "slow=x", "slow=600001", ":down", "a/b:down", "down:a"] {
            assert_eq!(text.parse::<Fault>(), Err(FaultError), "{text}");
        }
    }
}
