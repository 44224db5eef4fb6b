//! The rotation of an instance's master key.
//!
//! ```text
//!            start                    rewrap time over           every unit set immediately
//! (none) -------------> running -------------------> waiting ------------------------> done
//!                          |                            |
//!                          +--- the new key is gone from a unit (cleared, replaced) ---> failed
//! ```
//!
//! Only the start is kept. Everything else follows from it, the clock and the registers of the operational and failover
//! units, so that nobody has to be told and a restart changes nothing. Part of the specification: TKE workflows 2.6, 4.4.

use std::time::Duration;

use hpcs_audit::EventTime;
use hpcs_ep11::VerificationPattern;
use hpcs_hsm::{NewRegisterStatus, Unit};

use super::{CryptoUnitCard, CryptoUnitKind};

/// A master key rotation as it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// When it was started.
    pub started: EventTime,
    /// The current master key when it was started.
    pub from: VerificationPattern,
    /// The committed new master key, under which key storage is wrapped anew.
    pub to: VerificationPattern,
    /// The new master key of the rotation whose place this one took before it was done. What had been wrapped anew under
    /// that key is unusable.
    pub given_up: Option<VerificationPattern>,
}

/// How a rotation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStatus {
    /// None was ever started.
    None,
    /// Key storage is wrapped anew.
    Running,
    /// Key storage is wrapped anew, and crypto units wait for being set immediately.
    Waiting,
    /// All operational and failover units hold the new master key as their current one.
    Done,
    /// A unit has the new master key neither committed nor as its current one.
    Failed,
}

/// How a rotation stands, in a word and in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationReport {
    /// The word.
    pub status: RotationStatus,
    /// The sentence.
    pub message: String,
}

impl RotationStatus {
    /// `none`, `running`, `waiting`, `done` or `failed`. The endpoint of the real service is not public; these words are
    /// the recommended ones, but for the first.
    pub fn as_str(self) -> &'static str {
        match self {
            RotationStatus::None => "none",
            RotationStatus::Running => "running",
            RotationStatus::Waiting => "waiting",
            RotationStatus::Done => "done",
            RotationStatus::Failed => "failed",
        }
    }
}

impl RotationReport {
    /// That there never was one.
    pub(crate) fn none() -> Self {
        let message = "No master key rotation was started.".to_owned();
        RotationReport { status: RotationStatus::None, message }
    }
}

impl Rotation {
    /// How it stands now, given all crypto units of the instance and how long wrapping key storage anew takes.
    pub(crate) fn report<'a>(
        &self,
        units: impl IntoIterator<Item = (&'a CryptoUnitCard, &'a Unit)>,
        now: EventTime,
        rewrap_time: Duration,
    ) -> RotationReport {
        let progress: Vec<_> = serving(units).map(|(card, unit)| (card, self.progress(unit))).collect();
        let set = progress.iter().filter(|(_, progress)| *progress == Progress::Set).count();
        let lost = progress.iter().find(|(_, progress)| *progress == Progress::Lost);
        let (status, message) = match lost {
            Some((card, _)) => (
                RotationStatus::Failed,
                format!("Crypto unit {} holds the new master key {} no longer.", card.location, self.to),
            ),
            None if !self.is_rewrapped(now, rewrap_time) => {
                (RotationStatus::Running, format!("Key storage is being rewrapped under master key {}.", self.to))
            }
            None if set < progress.len() => (
                RotationStatus::Waiting,
                format!(
                    "Key storage is rewrapped under master key {}, which is current in {set} of {} crypto units.",
                    self.to,
                    progress.len()
                ),
            ),
            None => (RotationStatus::Done, format!("Master key {} is current in all crypto units.", self.to)),
        };
        let given_up = self.given_up.map(|lost| {
            format!("  The rotation to master key {lost} was given up; what was rewrapped under it is unusable.")
        });
        RotationReport { status, message: message + &given_up.unwrap_or_default() }
    }

    /// Whether key storage is wrapped anew. There are no keys of key management yet, so it takes as long as it is said to
    /// take; once there are, this asks them.
    fn is_rewrapped(&self, now: EventTime, rewrap_time: Duration) -> bool {
        let elapsed = now.unix_millis().checked_sub(self.started.unix_millis());
        elapsed.is_some_and(|elapsed| u128::from(elapsed) >= rewrap_time.as_millis())
    }

    fn progress(&self, unit: &Unit) -> Progress {
        let status = unit.status();
        let is_new = |pattern: Option<VerificationPattern>| pattern.is_some_and(|found| found.matches(&self.to));
        if is_new(status.current_pattern) {
            Progress::Set
        } else if status.new_register == NewRegisterStatus::FullCommitted && is_new(status.new_pattern) {
            Progress::Committed
        } else {
            Progress::Lost
        }
    }
}

/// How far one unit is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Committed,
    Set,
    Lost,
}

/// The units that serve key storage, or would: a recovery unit only keeps the master key.
pub(crate) fn serving<'a>(
    units: impl IntoIterator<Item = (&'a CryptoUnitCard, &'a Unit)>,
) -> impl Iterator<Item = (&'a CryptoUnitCard, &'a Unit)> {
    units.into_iter().filter(|(card, _)| card.kind != CryptoUnitKind::Recovery)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hpcs_ep11::{AdminCertificate, KeyPart, P521KeyPair, PatternTail, Permissions, SigningKey, development_root};
    use hpcs_hsm::{NewMasterKeyParts, UnitParts};
    use zeroize::Zeroizing;

    use super::*;
    use crate::{Instance, InstanceSpec, Plan, Seed, ServiceRoot, UnitIds, lay_out};

    const OLD: u8 = 1;
    const NEW: u8 = 2;
    const MINUTE: Duration = Duration::from_secs(60);

    fn key(byte: u8) -> Arc<KeyPart> {
        Arc::new(KeyPart::new(Zeroizing::new([byte; 32])))
    }

    fn pattern(byte: u8) -> VerificationPattern {
        key(byte).verification_pattern(PatternTail::Kept)
    }

    fn laid_out() -> (Instance, Vec<Unit>) {
        let spec = InstanceSpec {
            profile: None,
            number: 0,
            id: None,
            region: "us-south".parse().unwrap(),
            plan: Plan::Standard,
            account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
            operational: 2,
            recovery: true,
            failover: 0,
        };
        let root = ServiceRoot::of(&Seed::from_number(1));
        lay_out(&spec, UnitIds::OfNumber, at(0), &root, &development_root()).unwrap()
    }

    fn at(millis: u64) -> EventTime {
        EventTime::from_unix_millis(millis)
    }

    /// A unit whose registers hold these keys.
    fn with_keys(unit: &Unit, current: Option<u8>, new: Option<(u8, bool)>) -> Unit {
        let administrator = SigningKey::P521(P521KeyPair::from_scalar(&[9]).unwrap());
        Unit::from_parts(UnitParts {
            administrators: vec![AdminCertificate::build("admin1", &administrator).unwrap()],
            signature_threshold: 1,
            revocation_threshold: 1,
            permissions: Permissions::FACTORY.sdk_operational(),
            current_master_key: current.map(key),
            new_master_key: new.map(|(byte, committed)| NewMasterKeyParts {
                key: key(byte),
                part_patterns: Vec::new(),
                committed,
            }),
            ..unit.parts()
        })
        .unwrap()
    }

    /// The key in the current register; that in the new one, and whether it is committed.
    type Registers = (Option<u8>, Option<(u8, bool)>);

    const READY: Registers = (Some(OLD), Some((NEW, true)));
    const SET: Registers = (Some(NEW), None);

    fn report(registers: [Registers; 2], now: u64, given_up: Option<u8>) -> RotationReport {
        let (instance, mut units) = laid_out();
        for (unit, (current, new)) in units.iter_mut().zip(registers) {
            *unit = with_keys(unit, current, new);
        }
        let given_up = given_up.map(pattern);
        let rotation = Rotation { started: at(1000), from: pattern(OLD), to: pattern(NEW), given_up };
        rotation.report(instance.units.iter().zip(&units), at(now), MINUTE)
    }

    #[test]
    fn time_and_registers_say_how_a_rotation_stands() {
        for (registers, now, status) in [
            ([READY, READY], 1000, RotationStatus::Running),
            ([READY, READY], 60_999, RotationStatus::Running),
            ([READY, READY], 0, RotationStatus::Running),
            ([READY, READY], 61_000, RotationStatus::Waiting),
            ([SET, READY], 61_000, RotationStatus::Waiting),
            ([SET, SET], 61_000, RotationStatus::Done),
            ([SET, SET], 60_999, RotationStatus::Running),
            ([(Some(OLD), None), READY], 1000, RotationStatus::Failed),
            ([READY, (Some(OLD), Some((NEW, false)))], 61_000, RotationStatus::Failed),
            ([READY, (Some(OLD), Some((3, true)))], 61_000, RotationStatus::Failed),
            ([SET, (None, None)], 61_000, RotationStatus::Failed),
        ] {
            assert_eq!(report(registers, now, None).status, status, "{registers:?} at {now}");
        }
    }

    #[test]
    fn the_sentence_names_the_key_the_unit_and_what_was_given_up() {
        let waiting = report([SET, READY], 61_000, None).message;
        assert!(waiting.contains(&pattern(NEW).to_string()) && waiting.contains("1 of 2 crypto units"), "{waiting}");
        let failed = report([READY, (Some(OLD), None)], 1000, Some(7)).message;
        assert!(failed.starts_with("Crypto unit [us-south].[AZ3-CS9].[01].[39] holds"), "{failed}");
        let lost = format!("  The rotation to master key {} was given up;", pattern(7));
        assert!(failed.contains(&lost), "{failed}");
    }
}
