//! A time on the command line.

use std::str::FromStr;

use hpcs_service::document::moment;

/// A moment, RFC 3339; kept as it was written.
#[derive(Clone)]
pub(super) struct Moment(String);

impl Moment {
    /// The text, as requests carry it.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match moment(text) {
            Some(_) => Ok(Moment(text.to_owned())),
            None => Err("not a time such as 2026-01-01T00:00:00Z (RFC 3339)".to_owned()),
        }
    }
}
