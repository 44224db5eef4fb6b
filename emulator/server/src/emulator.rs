//! An emulator, put together and running.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hpcs_engine::{Engine, Parts};
use hpcs_ep11::development_root;
use hpcs_names::InstanceId;
use hpcs_service::{Instance, Record, RecordKey, Refusal, SpecError, lay_out};
use hpcs_store::{LogOptions, MemoryStore};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::config::{ApiKeyConfig, Config};
use crate::listener;
use crate::sink::{Sink, SinkError};
use crate::surface::Surface;
use crate::{Log, World};

/// A running emulator. Dropped, it ends in the background; [`Emulator::shutdown`] waits for the end.
pub struct Emulator {
    address: SocketAddr,
    instances: Vec<Instance>,
    engine: Engine,
    stop: DropGuard,
    serving: JoinHandle<Result<(), StopError>>,
}

/// Why an emulator does not start.
#[derive(Debug)]
pub enum StartError {
    /// An instance cannot be laid out as configured.
    Instance {
        /// Where it is configured: `emulator.toml:12`, or that it is the default instance.
        declared: String,
        /// What is wrong.
        error: SpecError,
    },
    /// The address cannot be listened on.
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The event file cannot be opened.
    Events(SinkError),
    /// The store does not take the first records.
    Store(Refusal),
}

/// What went wrong at the end of an emulator.
#[derive(Debug)]
pub enum StopError {
    /// Events could not be written.
    Events(SinkError),
    /// The last events were not taken within the grace period.
    EventsStuck,
    /// A task of the emulator panicked.
    Panicked,
}

impl Emulator {
    /// Starts an emulator: it is ready when this returns.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config, world: World, log: Log) -> Result<Self, StartError> {
        let address = config.listen;
        let listener = TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, error })?;
        Emulator::start_on(listener, config, world, log).await
    }

    /// Starts an emulator on a listener that is open already; `config.listen` does not count.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start_on(listener: TcpListener, config: Config, world: World, log: Log) -> Result<Self, StartError> {
        let Config { listen, private, events, style, knobs, instances, api_keys, limits, seed: _ } = config;
        let address = listener.local_addr().map_err(|error| StartError::Listen { address: listen, error })?;
        let World { clock, seed } = world;
        let root = development_root();
        let mut records = Vec::new();
        let mut laid_out = Vec::new();
        for instance in instances {
            let error = |error| StartError::Instance { declared: instance.declared.to_string(), error };
            let (instance, its) = lay_out(&instance.spec, &seed, &root).map_err(error)?;
            records.extend(its);
            laid_out.push(instance);
        }
        records.push(directory(&laid_out));
        records.extend(api_keys.into_iter().map(api_key));
        let store = Arc::new(MemoryStore::new(clock.clone(), LogOptions { style, ..LogOptions::default() }));
        let engine = Engine::new(Parts { store, clock, seed, knobs });
        engine.create(records).await.map_err(StartError::Store)?;

        let ids: Vec<InstanceId> = laid_out.iter().map(|instance| instance.id).collect();
        let sink = Sink::open(&events, engine.clone(), ids.clone(), log.clone()).map_err(StartError::Events)?;
        let surface = Arc::new(Surface::new(engine.clone(), &ids, limits.message).await);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(run(listener, surface, private, limits, log, sink, stop.clone()));
        Ok(Emulator { address, instances: laid_out, engine, stop: stop.drop_guard(), serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as clients take it: `http://127.0.0.1:9876`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The instances, as configured.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// The engine behind every surface, for tests and in-process users.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Waits until the emulator ends by itself: when the reader of its events has gone.
    ///
    /// # Errors
    /// [`StopError`].
    pub async fn ended(&mut self) -> Result<(), StopError> {
        outcome((&mut self.serving).await)
    }

    /// Ends the emulator: requests in progress are answered, streams end, the last event is written.
    ///
    /// # Errors
    /// [`StopError`].
    pub async fn shutdown(self) -> Result<(), StopError> {
        let Emulator { stop, serving, .. } = self;
        drop(stop);
        outcome(serving.await)
    }
}

/// Serves until told to stop or until nobody reads the events any more; the sink ends last.
async fn run(
    listener: TcpListener,
    surface: Arc<Surface>,
    private: bool,
    limits: listener::Limits,
    log: Log,
    sink: Sink,
    stop: CancellationToken,
) -> Result<(), StopError> {
    let reader_gone = sink.reader_gone();
    let shutdown = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = reader_gone.cancelled() => {}
        }
    };
    let grace = limits.grace;
    listener::serve(listener, surface, private, limits, log, shutdown).await;
    // A pipe that nobody reads must not keep the emulator from ending.
    match tokio::time::timeout(grace, sink.finish()).await {
        Ok(finished) => finished.map_err(StopError::Events),
        Err(_) => Err(StopError::EventsStuck),
    }
}

fn outcome(joined: Result<Result<(), StopError>, tokio::task::JoinError>) -> Result<(), StopError> {
    joined.unwrap_or(Err(StopError::Panicked))
}

fn directory(instances: &[Instance]) -> (RecordKey, Record) {
    let mut ids: Vec<_> = instances.iter().map(|instance| instance.id).collect();
    ids.sort();
    (RecordKey::Directory, Record::Directory(ids))
}

fn api_key(ApiKeyConfig { key, identity }: ApiKeyConfig) -> (RecordKey, Record) {
    (RecordKey::ApiKey(key.digest()), Record::ApiKey(identity))
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Instance { declared, error } => write!(f, "{declared}: {error}"),
            StartError::Listen { address, error } => {
                write!(f, "listen: {address} cannot be listened on: {error}; `--port 0` takes any free port")
            }
            StartError::Events(error) => write!(f, "events: {error}"),
            StartError::Store(refusal) => write!(f, "the store does not take the first records: {refusal}"),
        }
    }
}

impl std::error::Error for StartError {}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StopError::Events(error) => write!(f, "events: {error}"),
            StopError::EventsStuck => f.write_str("events: the last ones were not taken in time"),
            StopError::Panicked => f.write_str("a task of the emulator failed"),
        }
    }
}

impl std::error::Error for StopError {}
