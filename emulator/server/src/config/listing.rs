//! Who may list crypto units, as configurations write it.

use std::fmt;
use std::str::FromStr;

use hpcs_service::ListingRoles;

/// [`ListingRoles`] as configurations write them: `administrators`, `managers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListingName(pub ListingRoles);

impl FromStr for ListingName {
    type Err = ListingNameError;

    fn from_str(text: &str) -> Result<Self, ListingNameError> {
        match text {
            "administrators" => Ok(ListingName(ListingRoles::Administrators)),
            "managers" => Ok(ListingName(ListingRoles::Managers)),
            _ => Err(ListingNameError),
        }
    }
}

/// The text names nobody who may list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListingNameError;

impl fmt::Display for ListingNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is neither administrators nor managers")
    }
}

impl std::error::Error for ListingNameError {}
