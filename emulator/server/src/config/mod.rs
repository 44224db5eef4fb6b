//! Configuration: a file, the environment and flags; read as they are, then resolved into something complete.
//!
//! Flags count before the environment, the environment before the file, the file before the defaults. Unknown keys and
//! variables are errors that suggest what was meant.
//!
//! ```toml
//! listen = "127.0.0.1:9876"
//! private = false              # whether callers count as coming from the private network
//! seed = 7                     # makes a run reproducible
//!
//! [events]
//! to = "events.ndjson"         # a file, or "-" for standard output
//! max_bytes = 104857600        # the file is renamed to events.ndjson.1 when it would become larger
//! keep = 5                     # renamed files that are kept
//! loopback_as = "203.0.113.10" # and the other choices of how events look
//! tke_gen_wk_event = "none"    # or "add": an event for a random master key
//!
//! [[instance]]
//! region = "us-south"          # id, plan, account, operational, recovery, failover
//!
//! [[api_key]]
//! key = "my-key"
//! iam_id = "IBMid-270000EXM1"  # name, account, account_name
//! roles = ["Manager"]
//! ```

mod defaults;
mod environment;
mod error;
mod file;
mod section;
mod settings;
mod suggest;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hpcs_audit::Style;
use hpcs_service::{ApiKey, Identity, InstanceSpec, Knobs};

pub use crate::listener::Limits;
pub use defaults::{DEFAULT_API_KEY, DEFAULT_READER_KEY};
pub use environment::Environment;
pub use error::{ConfigError, Place};
pub use settings::Settings;

/// A complete configuration.
pub struct Config {
    /// Address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Whether callers count as coming from the private network; events show their addresses differently.
    pub private: bool,
    /// Makes a run reproducible; the shell makes the world of it.
    pub seed: Option<u64>,
    /// Where events go beside the log.
    pub events: EventsTo,
    /// How events look.
    pub style: Style,
    /// Choices that change what is decided.
    pub knobs: Knobs,
    /// The instances, at least one.
    pub instances: Vec<InstanceConfig>,
    /// Who may sign in.
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
        let file = file.map(|(path, text)| file::read(path, text)).transpose()?.unwrap_or_default();
        let settings = flags.or(environment.settings()?).or(file.settings);
        let default = Config::default();
        Ok(Config {
            listen: settings.address(),
            private: settings.private.unwrap_or(default.private),
            seed: settings.seed,
            events: settings.events_to(),
            style: environment.style(file.style)?,
            knobs: environment.knobs(file.knobs)?,
            instances: if file.instances.is_empty() { default.instances } else { file.instances },
            api_keys: if file.api_keys.is_empty() { default.api_keys } else { file.api_keys },
            limits: default.limits,
        })
    }
}
