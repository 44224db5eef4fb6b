//! Regions: `us-south`, `eu-de`, and any other name of the same form.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// An IBM Cloud region, for example `us-south`.
///
/// Two lower-case letters, a hyphen, two to five lower-case letters. Regions that the service never had are accepted:
/// the platform adds regions, and a name of the right form is all that clients rely on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(Cow<'static, str>);

impl Region {
    /// A region known when the program is written; the compiler refuses a name of the wrong form in a constant.
    ///
    /// # Panics
    /// When `name` has the wrong form.
    pub const fn of(name: &'static str) -> Self {
        assert!(is_region(name.as_bytes()), "not a region");
        Region(Cow::Borrowed(name))
    }

    /// The region's name, for example `us-south`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        match is_region(text.as_bytes()) {
            true => Ok(Region(Cow::Owned(text.to_owned()))),
            false => Err(RegionError(text.to_owned())),
        }
    }
}

const fn is_region(name: &[u8]) -> bool {
    if name.len() < 5 || name.len() > 8 {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        let fits = if at == 2 { name[at] == b'-' } else { name[at].is_ascii_lowercase() };
        if !fits {
            return false;
        }
        at += 1;
    }
    true
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionError(String);

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a region; a region looks like us-south or eu-de", self.0)
    }
}

impl std::error::Error for RegionError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_region_parses() {
        for name in [
            "au-syd", "br-sao", "ca-tor", "eu-de", "eu-es", "eu-gb", "jp-osa", "jp-tok", "us-east", "us-south",
            "in-che",
        ] {
            assert_eq!(name.parse::<Region>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in ["", "us", "us-", "-south", "US-south", "us_south", "us-southern", "usa-east", "us-south-1"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }
}
