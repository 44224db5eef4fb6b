//! `serve`: the emulator itself.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use hpcs_audit::Style;
use hpcs_service::CryptoUnitKind;

use super::configuration::ConfigArgs;
use super::{Failure, Surroundings};
use crate::config::{
    Config, DEFAULT_API_KEY, DEFAULT_READER_KEY, EventsTo, ReplicaName, Settings, StorePlace, StoreSettings, TlsMode,
    TlsSettings,
};
use crate::{Emulator, StartError, StopError};

/// Flags of `serve`.
#[derive(Args, Default)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Address to listen on [default: 127.0.0.1:9876]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Port to listen on; 0 takes any free port
    #[arg(long)]
    port: Option<u16>,
    /// Whether TLS is served: auto (what a connection begins with decides), required, off [default: auto]
    #[arg(long, value_name = "MODE")]
    tls: Option<TlsMode>,
    /// Serve cryptographic calls without a token when they come without TLS, as clients with GREP11_LOCAL make them
    #[arg(long)]
    grep11_local: bool,
    /// Make the run reproducible: keys, identifiers, tokens and times follow from this number
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Begin with what this file says: instances with their crypto units, administrators and keys; API keys
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,
    /// Write events to this file as NDJSON; - is stdout
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Rename the event file when it would become larger than this [default: 104857600]
    #[arg(long, value_name = "BYTES")]
    events_max_bytes: Option<u64>,
    /// How many renamed event files are kept [default: 5]
    #[arg(long, value_name = "NUMBER")]
    events_keep: Option<u32>,
    /// Which of several emulators on one database this is: each writes all events, and goes on where it was
    #[arg(long, value_name = "NAME")]
    replica: Option<ReplicaName>,
}

/// Whether the user named the command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    ByName,
    Tacitly,
}

/// Serves until interrupted, or until nobody reads the events any more.
pub(super) async fn run(arguments: ServeArgs, asked: Asked, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let mut interrupted = (here.interrupted)();
    let config = resolve(arguments, here)?;
    let world = (here.world)(config.seed)?;
    let said = Said::of(&config);
    let starting = Emulator::start(config, world, here.log.clone());
    let (mut emulator, stop) = started(starting, &mut interrupted).await?;
    if said.events == EventsTo::Stdout {
        writeln!(here.stderr, "{}", emulator.url())?;
    } else {
        writeln!(here.stdout, "{}", emulator.url())?;
        here.stdout.flush()?;
    }
    if asked == Asked::Tacitly {
        here.stderr.write_all(HINT.as_bytes())?;
    }
    said.tell(&emulator, here.stderr)?;
    let ended = tokio::select! {
        biased;
        () = std::future::ready(()), if stop => None,
        () = interrupted, if !stop => None,
        ended = emulator.ended() => Some(ended),
    };
    let result: Result<(), StopError> = match ended {
        Some(result) => result,
        None => emulator.shutdown().await,
    };
    result.map(|()| 0).map_err(Failure::refused)
}

/// The emulator, and whether it is to end at once: the user may want that while it starts. A start that is on its way is
/// let come to its end; one that waits for what never comes, such as a database that does not answer, is left.
async fn started(
    starting: impl Future<Output = Result<Emulator, StartError>>,
    interrupted: &mut (impl Future<Output = ()> + Unpin),
) -> Result<(Emulator, bool), Failure> {
    let mut starting = pin!(starting);
    tokio::select! {
        started = &mut starting => Ok((started?, false)),
        () = interrupted => match tokio::time::timeout(START_GRACE, starting).await {
            Ok(started) => Ok((started?, true)),
            Err(_) => Err(Failure::interrupted()),
        },
    }
}

fn resolve(arguments: ServeArgs, here: &Surroundings<'_>) -> Result<Config, Failure> {
    let ServeArgs {
        config,
        listen,
        port,
        tls,
        grep11_local,
        seed,
        seed_file,
        events,
        events_max_bytes,
        events_keep,
        replica,
    } = arguments;
    let store = StoreSettings { replica, ..StoreSettings::default() };
    let tls = TlsSettings { mode: tls, directory: None };
    let grep11_local = grep11_local.then_some(true);
    let flags = Settings {
        seed,
        seed_file,
        events,
        events_max_bytes,
        events_keep,
        store,
        tls,
        grep11_local,
        ..Settings::default()
    };
    config.resolve(flags.listening(listen, port), here)
}

/// What the start message says of the configuration.
struct Said {
    events: EventsTo,
    style: Style,
    private: bool,
    /// Whom calls without a token count as, where such calls are served.
    local_client: Option<String>,
    /// Configured keys are secrets; the default ones are documented.
    default_keys: bool,
    api_keys: usize,
    /// Whether the seed file may have brought API keys.
    seeded: bool,
    durable: bool,
}

impl Said {
    fn of(config: &Config) -> Self {
        let digest = hpcs_service::ApiKey::new(DEFAULT_API_KEY.to_owned()).digest();
        Said {
            events: config.events.clone(),
            style: config.style.clone(),
            private: config.private,
            local_client: config.knobs.local_client.as_ref().map(|identity| identity.name.clone()),
            default_keys: config.api_keys.iter().any(|entry| entry.key.digest() == digest),
            api_keys: config.api_keys.len(),
            seeded: config.seed_file.is_some(),
            durable: config.store.place != StorePlace::Memory,
        }
    }

    fn tell(&self, emulator: &Emulator, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "hpcs-emulator {}", env!("CARGO_PKG_VERSION"))?;
        for notice in emulator.notices() {
            writeln!(out, "{notice}")?;
        }
        for instance in emulator.instances() {
            let plan = instance.plan.as_str();
            writeln!(out, "Instance {}  {}  {plan}  account {}", instance.id, instance.region, instance.account)?;
            for unit in &instance.units {
                writeln!(out, "  {:<11}  {:<30}  {}", kind(unit.kind), unit.location.to_string(), unit.id)?;
            }
            let operational = instance.units.iter().filter(|unit| unit.kind == CryptoUnitKind::Operational).count();
            if operational > MOST_IN_THE_CLOUD {
                writeln!(
                    out,
                    "  Note: {operational} operational crypto units; the cloud gives at most {MOST_IN_THE_CLOUD}."
                )?;
            }
        }
        if self.seeded {
            writeln!(out, "API keys: those of the seed file, if it has any.")?;
        } else if self.default_keys {
            writeln!(out, "API keys: {DEFAULT_API_KEY} administers, {DEFAULT_READER_KEY} reads.")?;
        } else {
            writeln!(out, "API keys: {} from the configuration.", self.api_keys)?;
        }
        match &self.events {
            EventsTo::Log => {
                let place = if self.durable { "the store" } else { "memory" };
                writeln!(
                    out,
                    "Events: in {place}; read them with `hpcs-emulator events`, or write them with --events FILE."
                )?;
            }
            EventsTo::Stdout => writeln!(out, "Events: on standard output.")?,
            EventsTo::File(rotation) => writeln!(out, "Events: in {}.", rotation.path.display())?,
        }
        if let Some(name) = &self.local_client {
            writeln!(out, "Cryptographic calls without TLS need no token; events call their sender {name}.")?;
        }
        if self.private {
            writeln!(out, "Callers count as being on the private network; events do not show their addresses.")
        } else {
            writeln!(
                out,
                "Callers on this machine appear in events as {}; [events] loopback_as changes that.",
                self.style.loopback_as
            )
        }
    }
}

fn kind(kind: CryptoUnitKind) -> &'static str {
    match kind {
        CryptoUnitKind::Operational => "operational",
        CryptoUnitKind::Recovery => "recovery",
        CryptoUnitKind::Failover => "failover",
    }
}

/// How long a start may go on that the user wants ended.
const START_GRACE: Duration = Duration::from_secs(2);

/// Operational crypto units that an instance can have in the cloud; older pages say up to six.
const MOST_IN_THE_CLOUD: usize = 3;

const HINT: &str = "\
No command was given, so this serves; `hpcs-emulator --help` names the others, `demo` plays a key ceremony.
Settings are flags of `serve`, HPCS_EMULATOR_... variables, or a file named by --config. Ctrl-C ends it.
";
