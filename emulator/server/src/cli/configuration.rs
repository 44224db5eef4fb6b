//! Flags of every command that opens a store, and the configuration they are part of.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Surroundings};
use crate::config::{Config, DatabaseUrlError, Settings, StoreSettings};

/// Where the configuration is, and where the store.
#[derive(Args, Default)]
pub(super) struct ConfigArgs {
    /// Configuration file, TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep state and events in this directory: a SQLite file and the key that seals its secrets
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Keep state and events in this PostgreSQL database; HPCS_EMULATOR_STORE does not show a password to other users
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Take the key that seals secrets from this file: 64 hexadecimal digits [default: store.key in the data directory]
    #[arg(long, value_name = "FILE")]
    store_key_file: Option<PathBuf>,
}

impl ConfigArgs {
    /// Whether any of these flags is given.
    pub(super) fn are_given(&self) -> bool {
        let ConfigArgs { config, data_dir, store, store_key_file } = self;
        config.is_some() || data_dir.is_some() || store.is_some() || store_key_file.is_some()
    }

    /// The configuration of these flags and `flags`, the environment and the file.
    pub(super) fn resolve(self, flags: Settings, here: &Surroundings<'_>) -> Result<Config, Failure> {
        let environment = here.environment()?;
        let ConfigArgs { config, data_dir, store, store_key_file } = self;
        let parsed = store.map(|url| url.parse()).transpose();
        let url = parsed.map_err(|error: DatabaseUrlError| Failure::usage(format_args!("--store: {error}")))?;
        let store = StoreSettings { data_dir, url, key_file: store_key_file, ..flags.store };
        let flags = Settings { store, ..flags };
        let path = config.or_else(|| environment.config_file());
        let unreadable = |path: &PathBuf, error| Failure::usage(format_args!("{}: {error}", path.display()));
        let text = match &path {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?),
            None => None,
        };
        let file = path.as_deref().zip(text.as_deref());
        Ok(Config::resolve(flags, &environment, file)?)
    }
}
