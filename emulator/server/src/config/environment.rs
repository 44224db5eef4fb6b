//! Environment variables `HPCS_EMULATOR_...`, handed in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use hpcs_audit::Style;
use hpcs_service::Knobs;
use serde::Deserialize;
use toml::{Table, Value};

use super::file::{KNOBS, STYLE, try_knob};
use super::suggest::suggestion;
use super::{ConfigError, Place, Settings, StoreSettings, TlsSettings};

/// The variables of this program, without their common beginning.
#[derive(Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Keeps the variables that start with `HPCS_EMULATOR_`; an empty value counts as not set.
    ///
    /// # Errors
    /// [`ConfigError`] for a variable that does not exist, or whose value is not UTF-8.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, ConfigError> {
        let mut kept = BTreeMap::new();
        for (name, value) in variables {
            let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).map(str::to_owned) else {
                continue;
            };
            if !known().any(|known| known == name) {
                let known: Vec<_> = known().collect();
                let suggestion = suggestion(&name, known.iter().map(String::as_str)).map(variable);
                return Err(ConfigError::Unknown { place: Place::Environment, key: variable(&name), suggestion });
            }
            let value = value.into_string().map_err(|_| wrong(&name, "it is not UTF-8"))?;
            if !value.is_empty() {
                kept.insert(name, value);
            }
        }
        Ok(Environment(kept))
    }

    /// The configuration file.
    pub fn config_file(&self) -> Option<PathBuf> {
        self.0.get("CONFIG").map(PathBuf::from)
    }

    /// The server that client commands talk to.
    pub fn server(&self) -> Option<&str> {
        self.0.get("SERVER").map(String::as_str)
    }

    /// The API key that client commands sign in with.
    pub fn api_key(&self) -> Option<&str> {
        self.0.get("API_KEY").map(String::as_str)
    }

    /// Whether a store is named, or a file that may name one.
    pub(crate) fn names_a_store(&self) -> bool {
        ["CONFIG", "DATA_DIR", "STORE"].iter().any(|name| self.0.contains_key(*name))
    }

    pub(super) fn settings(&self) -> Result<Settings, ConfigError> {
        let settings = Settings {
            private: self.parse("PRIVATE")?,
            seed: self.parse("SEED")?,
            events: self.0.get("EVENTS").map(PathBuf::from),
            events_max_bytes: self.parse("EVENTS_MAX_BYTES")?,
            events_keep: self.parse("EVENTS_KEEP")?,
            seed_file: self.0.get("SEED_FILE").map(PathBuf::from),
            store: self.store()?,
            connections: self.parse("CONNECTIONS")?,
            tls: TlsSettings { mode: self.parse("TLS")?, directory: self.0.get("TLS_DIRECTORY").map(PathBuf::from) },
            tke_listing: self.parse("TKE_LISTING")?,
            rewrap_time: self.parse("ROTATION_REWRAP_TIME")?,
            grep11_local: self.parse("GREP11_LOCAL")?,
            requests_per_second: self.parse("GREP11_REQUESTS_PER_SECOND")?,
            ..Settings::default()
        };
        Ok(settings.listening(self.parse("LISTEN")?, self.parse("PORT")?))
    }

    fn store(&self) -> Result<StoreSettings, ConfigError> {
        Ok(StoreSettings {
            data_dir: self.0.get("DATA_DIR").map(PathBuf::from),
            url: self.parse_secret("STORE")?,
            key_file: self.0.get("STORE_KEY_FILE").map(PathBuf::from),
            replica: self.parse("STORE_REPLICA")?,
            keep_events: self.parse("STORE_KEEP_EVENTS")?,
            keep_age: self.parse("STORE_KEEP_AGE")?,
            keep_bytes: self.parse("STORE_KEEP_BYTES")?,
            hash_chain: self.parse("STORE_HASH_CHAIN")?,
            commit_deadline: self.parse("STORE_COMMIT_DEADLINE")?,
            audit_mode: self.parse("STORE_AUDIT_MODE")?,
        })
    }

    pub(super) fn style(&self, file: Table) -> Result<Style, ConfigError> {
        self.over(file, STYLE)
    }

    pub(super) fn knobs(&self, file: Table) -> Result<Knobs, ConfigError> {
        self.over(file, KNOBS)
    }

    /// The knobs of a file with those of the environment over them.
    fn over<T: for<'de> Deserialize<'de>>(&self, mut table: Table, names: &[&str]) -> Result<T, ConfigError> {
        for name in names {
            let key = knob_variable(name);
            let Some(text) = self.0.get(&key) else { continue };
            let value = match text.as_str() {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                other => Value::String(other.to_owned()),
            };
            try_knob::<T>(name, &value).map_err(|why| wrong(&key, why))?;
            table.insert((*name).to_owned(), value);
        }
        // Each member was tried by itself; together they have no way to fail.
        table.try_into().map_err(|error| wrong("EVENTS", error.message()))
    }

    fn parse<T: FromStr>(&self, name: &str) -> Result<Option<T>, ConfigError>
    where
        T::Err: std::fmt::Display,
    {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| wrong(name, format!("'{}': {error}", text.escape_debug())))
    }

    /// As [`Environment::parse`]; a wrong value is not repeated.
    fn parse_secret<T: FromStr>(&self, name: &str) -> Result<Option<T>, ConfigError>
    where
        T::Err: std::fmt::Display,
    {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| wrong(name, error.to_string()))
    }
}

/// The names of all variables, without the common beginning.
pub(super) fn known() -> impl Iterator<Item = String> {
    let knobs = STYLE.iter().filter(|name| **name != TABLE_KNOB).chain(KNOBS);
    SIMPLE.iter().map(|name| (*name).to_owned()).chain(knobs.map(|name| knob_variable(name)))
}

/// The variable of a knob, without the common beginning.
pub(super) fn knob_variable(name: &str) -> String {
    format!("EVENTS_{}", name.to_ascii_uppercase())
}

/// The whole name of a variable.
pub(super) fn variable(name: &str) -> String {
    format!("{PREFIX}{name}")
}

fn wrong(name: &str, why: impl Into<String>) -> ConfigError {
    ConfigError::Value { place: Place::Environment, key: variable(name), why: why.into() }
}

const PREFIX: &str = "HPCS_EMULATOR_";

/// Variables that are not knobs of events.
const SIMPLE: &[&str] = &[
    "CONFIG",
    "LISTEN",
    "PORT",
    "PRIVATE",
    "CONNECTIONS",
    "SEED",
    "SEED_FILE",
    "DATA_DIR",
    "STORE",
    "STORE_KEY_FILE",
    "STORE_REPLICA",
    "STORE_KEEP_EVENTS",
    "STORE_KEEP_AGE",
    "STORE_KEEP_BYTES",
    "STORE_HASH_CHAIN",
    "STORE_COMMIT_DEADLINE",
    "STORE_AUDIT_MODE",
    "TLS",
    "TLS_DIRECTORY",
    "TKE_LISTING",
    "GREP11_LOCAL",
    "GREP11_REQUESTS_PER_SECOND",
    "EVENTS",
    "EVENTS_MAX_BYTES",
    "EVENTS_KEEP",
    "ROTATION_REWRAP_TIME",
    "SERVER",
    "API_KEY",
];

/// A table has no form in one variable.
pub(super) const TABLE_KNOB: &str = "data_event_overrides";
