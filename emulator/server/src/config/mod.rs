//! Configuration: a file, the environment and flags; read as they are, then resolved into something complete.
//!
//! Flags count before the environment, the environment before the file, the file before the defaults. Unknown keys and
//! variables are errors that suggest what was meant.
//!
//! ```toml
//! listen = "127.0.0.1:9876"
//! private = false              # whether callers count as coming from the private network
//! connections = 4096           # open at once; new ones are closed beyond that
//! seed = 7                     # makes a run reproducible
//!
//! data_dir = "data"            # keep state and events in a SQLite file there; without, they are in memory
//! seed_file = "seed.yaml"      # what is there from the beginning
//!
//! [store]
//! # url = "postgres://..."     # or in a PostgreSQL database
//! # key_file = "store.key"     # the key that seals secrets; a data directory makes its own
//! # replica = "a"              # who of several emulators on one database this is
//! keep_events = 1000000        # how much of each instance's log is kept; without, all of it
//! keep_age = "30d"
//! keep_bytes = 1073741824
//! hash_chain = true            # events carry digests that build on each other
//! commit_deadline = "900ms"    # how long a caller waits for a commit
//! audit_mode = "fail_closed"   # or "fail_open": what becomes of an operation whose event cannot be kept
//!
//! [tls]
//! mode = "auto"                # or "required", "off"
//! directory = "data"           # where the development CA is kept; the data directory when there is one
//!
//! [tke]
//! listing = "administrators"   # or "managers": who may list crypto units
//!
//! [grep11]
//! local = false                # cryptographic calls without TLS need no token
//! requests_per_second = 500    # how many a crypto unit takes; without, any number
//!
//! [events]
//! to = "events.ndjson"         # a file, or "-" for standard output
//! max_bytes = 104857600        # the file is renamed to events.ndjson.1 when it would become larger
//! keep = 5                     # renamed files that are kept
//! loopback_as = "203.0.113.10" # and the other choices of how events look
//! tke_gen_wk_event = "none"    # or "add": an event for a random master key
//!
//! [rotation]
//! rewrap_time = "0s"           # how long a master key rotation wraps key storage anew
//!
//! [[instance]]
//! region = "us-south"          # id, plan, account, profile, operational, recovery, failover
//!
//! [[api_key]]
//! key = "my-key"
//! iam_id = "IBMid-270000EXM1"  # name, account, account_name
//! roles = ["Manager"]
//! ```

mod database_url;
mod defaults;
mod environment;
mod error;
mod file;
mod help;
mod listing;
mod period;
mod replica;
mod section;
mod settings;
mod store;
mod suggest;
mod tls;

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use hpcs_audit::Style;
use hpcs_service::{ApiKey, Identity, InstanceSpec, Knobs};

pub use crate::listener::Limits;
pub use database_url::{DatabaseUrl, DatabaseUrlError};
pub(crate) use defaults::instance as default_instance;
pub use defaults::{DEFAULT_API_KEY, DEFAULT_READER_KEY};
pub use environment::Environment;
pub use error::{ConfigError, Place};
pub(crate) use file::IAM_ID_FORMS;
pub(crate) use help::settings_help;
pub use listing::{ListingName, ListingNameError};
pub use period::{CommitDeadline, Period, PeriodError, RewrapTime};
pub use replica::{ReplicaName, ReplicaNameError};
pub use settings::Settings;
pub use store::{AuditModeName, StoreConfig, StorePlace, StoreSettings};
pub(crate) use suggest::suggestion;
pub use tls::{TlsConfig, TlsMode, TlsModeError, TlsSettings};

/// A complete configuration.
pub struct Config {
    /// The file that it comes from, if there is one.
    pub file: Option<PathBuf>,
    /// Address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Whether callers count as coming from the private network; events show their addresses differently.
    pub private: bool,
    /// TLS on the listener.
    pub tls: TlsConfig,
    /// Makes a run reproducible; the shell makes the world of it.
    pub seed: Option<u64>,
    /// What is there from the beginning: a file of instances and API keys.
    pub seed_file: Option<PathBuf>,
    /// Where state and events are kept.
    pub store: StoreConfig,
    /// Where events go beside the log.
    pub events: EventsTo,
    /// How events look.
    pub style: Style,
    /// Choices that change what is decided.
    pub knobs: Knobs,
    /// The instances, at least one. Those of the seed file replace the default one.
    pub instances: Vec<InstanceConfig>,
    /// Who may sign in. Keys of the seed file replace the default ones.
    pub api_keys: Vec<ApiKeyConfig>,
    /// Deadlines and numbers of the listener.
    pub limits: Limits,
}

/// Where events go. They are always in the log, where the `events` command and every client can read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventsTo {
    /// The log only.
    Log,
    /// Standard output, as NDJSON.
    Stdout,
    /// A file of NDJSON.
    File(Rotation),
}

/// A file that is renamed when it is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The file.
    pub path: PathBuf,
    /// Its greatest size in bytes; a single line may be larger.
    pub max_bytes: u64,
    /// How many renamed files are kept.
    pub keep: u32,
}

/// A configured instance.
#[derive(Clone, Debug)]
pub struct InstanceConfig {
    /// What is asked for.
    pub spec: InstanceSpec,
    /// Where.
    pub declared: Declared,
}

/// Where something was configured, for error texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Nowhere: it is the default.
    Default,
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Declared::Default => f.write_str("the default instance"),
            Declared::File { path, line } => write!(f, "{}:{line}: instance", path.display()),
        }
    }
}

/// An API key and whom it stands for.
pub struct ApiKeyConfig {
    /// The key.
    pub key: ApiKey,
    /// The identity.
    pub identity: Identity,
    /// Whether it is a documented key that nobody asked for.
    pub is_default: bool,
}

impl Config {
    /// Resolves flags, environment and file, each complete in itself; what none of them says is the default.
    ///
    /// # Errors
    /// [`ConfigError`], which names the key, where it was set, and what was probably meant.
    pub fn resolve(
        flags: Settings,
        environment: &Environment,
        file: Option<(&Path, &str)>,
    ) -> Result<Self, ConfigError> {
        let path = file.map(|(path, _)| path.to_owned());
        let file = file.map(|(path, text)| file::read(path, text)).transpose()?.unwrap_or_default();
        let settings = flags.or(environment.settings()?).or(file.settings);
        let default = Config::default();
        let store = settings.store.clone().resolve()?;
        let knobs = environment.knobs(file.knobs)?;
        let rewrap_time = settings.rewrap_time.map_or(default.knobs.rewrap_time, |RewrapTime(time)| time);
        Ok(Config {
            file: path,
            listen: settings.address(),
            private: settings.private.unwrap_or(default.private),
            seed: settings.seed,
            seed_file: settings.seed_file.clone(),
            tls: settings.tls.clone().resolve(&store.place),
            store,
            events: settings.events_to()?,
            style: environment.style(file.style)?,
            knobs: Knobs {
                tke_listing: settings.tke_listing.map_or(knobs.tke_listing, |name| name.0),
                rewrap_time,
                requests_per_second: settings.requests_per_second,
                local_client: settings.grep11_local.unwrap_or(false).then(defaults::local_client),
                ..knobs
            },
            instances: if file.instances.is_empty() { default.instances } else { file.instances },
            api_keys: if file.api_keys.is_empty() { default.api_keys } else { file.api_keys },
            limits: Limits {
                connections: settings.connections.map_or(default.limits.connections, NonZeroUsize::get),
                ..default.limits
            },
        })
    }

    /// Whether events can be written by more than one replica: each keeps its own position, and so has to have a name.
    ///
    /// # Errors
    /// [`ConfigError::Contradiction`].
    pub(crate) fn check_replica(&self) -> Result<(), ConfigError> {
        let shared = matches!(self.store.place, StorePlace::Postgres { .. });
        if shared && self.events != EventsTo::Log && self.store.replica.is_none() {
            return Err(ConfigError::Contradiction {
                keys: "store.url and events.to without store.replica",
                why: "each emulator on the database writes all events to a target of its own, and goes on there after a \
                      restart; --replica NAME tells them apart, and stays the same over restarts",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
