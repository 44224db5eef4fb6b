//! Regions: `us-south`, `eu-de`, and any other name of the same form.

use std::fmt;
use std::str::FromStr;

/// An IBM Cloud region, for example `us-south`.
///
/// Two lower-case letters, a hyphen, two to five lower-case letters. Regions that the service never had are accepted:
/// the platform adds regions, and a name of the right form is all that clients rely on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(String);

impl Region {
    /// The region's name, for example `us-south`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let fits = |part: &str, sizes: std::ops::RangeInclusive<usize>| {
            sizes.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        match text.split_once('-') {
            Some((country, city)) if fits(country, 2..=2) && fits(city, 2..=5) => Ok(Region(text.to_owned())),
            _ => Err(RegionError(text.to_owned())),
        }
    }
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
