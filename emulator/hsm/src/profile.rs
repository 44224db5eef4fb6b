//! Generations of crypto modules.

use std::fmt;
use std::str::FromStr;

use hpcs_ep11::{ControlPoints, OaGeneration, PatternTail};

/// The generation of a crypto module. It alone decides what differs between generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// The layout of the outbound authentication certificates that such a module is made with.
    pub fn oa_generation(self) -> OaGeneration {
        match self {
            Profile::Cex5 => OaGeneration::Cex5,
            Profile::Cex6 | Profile::Cex7 => OaGeneration::Oa2,
            Profile::Cex8 => OaGeneration::Oa3,
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

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        Profile::named(text).ok_or_else(|| ProfileError(text.to_owned()))
    }
}

/// The text is no generation of crypto modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a generation of crypto modules; choose CEX5, CEX6, CEX7 or CEX8", self.0)
    }
}

impl std::error::Error for ProfileError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_are_refused_with_the_choices() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        let error = "cex8".parse::<Profile>().unwrap_err().to_string();
        assert_eq!(error, "'cex8' is not a generation of crypto modules; choose CEX5, CEX6, CEX7 or CEX8");
    }
}
