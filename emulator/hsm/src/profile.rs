//! Generations of crypto modules.

use hpcs_ep11::{ControlPoints, PatternTail};

/// The generation of a crypto module. It alone decides what differs between generations.
///
/// Outbound authentication certificates are built in the layout of the CEX6 and CEX7 generation for every profile: the
/// layouts of CEX5 and CEX8 are not built yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Crypto Express5S, adapter 4767.
    Cex5,
    /// Crypto Express6S, adapter 4768.
    Cex6,
    /// Crypto Express7S, adapter 4769.
    Cex7,
    /// Crypto Express8S, adapter 4770.
    Cex8,
}

impl Profile {
    /// Every generation, the oldest first.
    pub const ALL: [Profile; 4] = [Profile::Cex5, Profile::Cex6, Profile::Cex7, Profile::Cex8];

    /// The short name: `CEX6`.
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::Cex5 => "CEX5",
            Profile::Cex6 => "CEX6",
            Profile::Cex7 => "CEX7",
            Profile::Cex8 => "CEX8",
        }
    }

    /// The generation of this short name.
    pub fn named(name: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|profile| profile.as_str() == name)
    }

    /// The adapter type as certificates carry it, blank padded.
    pub fn adapter_type(self) -> [u8; 8] {
        *match self {
            Profile::Cex5 => b"4767    ",
            Profile::Cex6 => b"4768    ",
            Profile::Cex7 => b"4769    ",
            Profile::Cex8 => b"4770    ",
        }
    }

    /// Whether the unit zeroes the last four bytes of the verification patterns it reports.
    pub fn pattern_tail(self) -> PatternTail {
        match self {
            Profile::Cex5 | Profile::Cex6 => PatternTail::Kept,
            Profile::Cex7 | Profile::Cex8 => PatternTail::Zeroed,
        }
    }

    /// Control points of a new or zeroized unit.
    pub fn control_points(self) -> ControlPoints {
        ControlPoints::DEFAULT
    }

    /// Firmware version: major, minor.
    pub fn firmware(self) -> [u8; 2] {
        match self {
            Profile::Cex5 => [3, 6],
            Profile::Cex6 => [4, 8],
            Profile::Cex7 => [5, 8],
            Profile::Cex8 => [6, 4],
        }
    }
}
