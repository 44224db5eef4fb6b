//! Locations of crypto units: `[us-south].[AZ1-CS7].[01].[13]`.

use std::fmt;
use std::str::FromStr;

use crate::Region;

/// Where a crypto unit is: region, zone and host, crypto module index, domain index.
///
/// Written `[region].[zone].[module].[domain]`, the last two decimal and at least two digits wide. Clients split the
/// text at the dots and read the last two parts as numbers, so a zone holds neither dots nor brackets. Two units whose
/// first three parts are equal live in the same crypto module.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    region: Region,
    zone: String,
    module: u32,
    domain: u32,
}

impl Location {
    /// A location from its parts.
    ///
    /// # Errors
    /// [`LocationError`] when `zone` is empty or holds a dot or a bracket.
    pub fn new(region: Region, zone: &str, module: u32, domain: u32) -> Result<Self, LocationError> {
        if zone.is_empty() || zone.contains(['.', '[', ']']) || zone.chars().any(char::is_control) {
            return Err(LocationError { text: zone.to_owned(), part: "zone" });
        }
        Ok(Location { region, zone: zone.to_owned(), module, domain })
    }

    /// The region the unit is in; it may differ from the region of the instance that owns the unit.
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Availability zone and host, for example `AZ1-CS7`.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// Index of the crypto module, as HTP strings carry it.
    pub fn module(&self) -> u32 {
        self.module
    }

    /// Index of the domain within the module, as CPRBs carry it.
    pub fn domain(&self) -> u32 {
        self.domain
    }

    /// Whether both units live in the same crypto module.
    pub fn same_module(&self, other: &Location) -> bool {
        (&self.region, &self.zone, self.module) == (&other.region, &other.zone, other.module)
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let fault = |part| LocationError { text: text.to_owned(), part };
        let mut parts = text.split('.').map(|part| part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')));
        let mut next = |name| parts.next().flatten().ok_or_else(|| fault(name));
        let region = next("region")?.parse().map_err(|_| fault("region"))?;
        let zone = next("zone")?;
        let module = index(next("module index")?).ok_or_else(|| fault("module index"))?;
        let domain = index(next("domain index")?).ok_or_else(|| fault("domain index"))?;
        if parts.next().is_some() {
            return Err(fault("number of parts"));
        }
        Location::new(region, zone, module, domain).map_err(|_| fault("zone"))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}].[{}].[{:02}].[{:02}]", self.region, self.zone, self.module, self.domain)
    }
}

/// The text is not a location; `part` names the first part that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationError {
    text: String,
    part: &'static str,
}

impl fmt::Display for LocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not a location: the {} is wrong; a location looks like [us-south].[AZ1-CS7].[01].[13]",
            self.text, self.part
        )
    }
}

impl std::error::Error for LocationError {}

fn index(digits: &str) -> Option<u32> {
    if digits.len() < 2 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_locations_round_trip() {
        for text in [
            "[us-south].[AZ1-CS7].[01].[13]",
            "[us-east].[AZ2-CSSTAG2].[03].[22]",
            "[eu-de].[AZ2-fra2-qz1-sr3-rk007-a04].[06].[03]",
            "[us-south].[AZ3-CS9].[01].[255]",
        ] {
            assert_eq!(text.parse::<Location>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_error_names_the_wrong_part() {
        for (text, part) in [
            ("us-south.[AZ1-CS7].[01].[13]", "region"),
            ("[us-south].[].[01].[13]", "zone"),
            ("[us-south].[AZ1].[1].[13]", "module index"),
            ("[us-south].[AZ1].[01].[-3]", "domain index"),
            ("[us-south].[AZ1].[01]", "domain index"),
            ("[us-south].[AZ1].[01].[13].[00]", "number of parts"),
        ] {
            assert_eq!(text.parse::<Location>().unwrap_err().part, part, "{text}");
        }
    }

    #[test]
    fn units_of_one_module_share_all_but_the_domain() {
        let at = |text: &str| text.parse::<Location>().unwrap();
        let unit = at("[us-south].[AZ3-CS9].[01].[39]");
        assert!(unit.same_module(&at("[us-south].[AZ3-CS9].[01].[38]")));
        assert!(!unit.same_module(&at("[us-south].[AZ3-CS9].[02].[39]")));
        assert!(!unit.same_module(&at("[us-east].[AZ3-CS9].[01].[39]")));
    }
}
