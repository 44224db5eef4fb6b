//! What is wrong with a YAML file, and where.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::Position;
use crate::config::suggestion;

/// A fault. serde makes it without a place; readers add field and place on its way out.
#[derive(Debug)]
pub(in crate::seed_file) struct Fault {
    /// `instances[0].units[1].kind`; empty for the file itself.
    pub(in crate::seed_file) field: String,
    /// The nearest place that is known.
    pub(in crate::seed_file) at: Option<Position>,
    /// What is wrong. Never a value of the file.
    pub(in crate::seed_file) why: String,
}

impl Fault {
    pub(in crate::seed_file) fn new(why: impl Into<String>) -> Self {
        Fault { field: String::new(), at: None, why: why.into() }
    }

    /// The fault at this place, unless it has one that is nearer.
    pub(in crate::seed_file) fn at(self, position: Position) -> Self {
        Fault { at: self.at.or(Some(position)), ..self }
    }

    /// The fault under this key.
    pub(in crate::seed_file) fn in_key(self, key: &str) -> Self {
        let field = match self.field.as_str() {
            "" => key.to_owned(),
            inner if inner.starts_with('[') => format!("{key}{inner}"),
            inner => format!("{key}.{inner}"),
        };
        Fault { field, ..self }
    }

    /// The fault in this item of a list, from 0.
    pub(in crate::seed_file) fn in_item(self, index: usize) -> Self {
        self.in_key(&format!("[{index}]"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Fault::new(why.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = plain(expected);
        let scalar = matches!(
            found,
            Unexpected::Bool(_) | Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_)
        );
        let advice = if scalar && expected.contains("text") { "; put it in quotes" } else { "" };
        Fault::new(format!("expected {expected}, found {}{advice}", kind(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Unsigned(number) => Fault::new(format!("expected {}, found {number}", plain(expected))),
            Unexpected::Signed(number) => Fault::new(format!("expected {}, found {number}", plain(expected))),
            other => Fault::new(format!("expected {}, found {}", plain(expected), kind(&other))),
        }
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Fault::new(format!("expected {}, found {found}", plain(expected)))
    }

    fn unknown_variant(found: &str, expected: &'static [&'static str]) -> Self {
        let meant = match suggestion(found, expected.iter().copied()) {
            Some(meant) => format!("; did you mean {meant}?"),
            None => String::new(),
        };
        Fault::new(format!("not one of {}{meant}", expected.join(", ")))
    }

    fn unknown_field(found: &str, expected: &'static [&'static str]) -> Self {
        Fault::new(match suggestion(found, expected.iter().copied()) {
            Some(meant) => format!("there is no such key; did you mean {meant}?"),
            None if expected.is_empty() => "there is no such key".to_owned(),
            None => format!("there is no such key; keys are {}", expected.join(", ")),
        })
    }

    fn missing_field(field: &'static str) -> Self {
        Fault::new("is missing").in_key(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Fault::new("is given twice").in_key(field)
    }
}

/// What was found, in words; never the value.
fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Unit | Unexpected::Option => "nothing",
        Unexpected::Seq => "a list",
        Unexpected::Map => "keys and values",
        _ => "something else",
    }
}

/// What serde expects, in words for those who do not write Rust.
fn plain(expected: &dyn Expected) -> String {
    match expected.to_string().as_str() {
        "a string" | "a borrowed string" => "text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "keys and values".to_owned(),
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        other if other.starts_with("struct ") || other.starts_with("internally tagged") => "keys and values".to_owned(),
        other => other.to_owned(),
    }
}
