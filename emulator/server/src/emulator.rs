//! An emulator, put together and running.
//!
//! ```text
//! store -> engine -> what is declared -> sink -> surface -> listener      each step needs the one before it
//! ```
//!
//! The end goes the other way: the listener first, the store last.

mod declared;
mod error;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hpcs_engine::{Engine, Parts, ServiceStore};
use hpcs_service::Instance;
use hpcs_store::{Clock, ControlledClock};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::config::{Config, StorePlace, TlsConfig, TlsMode};
use crate::listener::{self, Security};
use crate::reach::{Authority, Tls};
use crate::sink::{self, KeepPosition, Sink, Source};
use crate::store::{self, Opened};
use crate::surface::Surface;
use crate::surface::around::Around;
use crate::{Log, World};
use declared::Declared;

pub use error::{StartError, StopError};

/// A running emulator. Dropped, it ends in the background; [`Emulator::shutdown`] waits for the end.
pub struct Emulator {
    address: SocketAddr,
    instances: Vec<Instance>,
    notices: Vec<String>,
    engine: Engine,
    stop: DropGuard,
    serving: JoinHandle<Result<(), StopError>>,
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
        let mut config = config;
        let address = listener.local_addr().map_err(|error| StartError::Listen { address: config.listen, error })?;
        // What cannot be is told before a store is made.
        config.check_replica().map_err(StartError::Config)?;
        sink::check_place(&config).map_err(StartError::EventsPlace)?;
        let declared = Declared::of(&mut config, world.clock.now())?;
        let opened = open(&config, world, &log).await?;
        let engine = opened.engine.clone();
        match Emulator::over(opened, declared, listener, address, config, log).await {
            Ok(emulator) => Ok(emulator),
            Err(error) => {
                // The error on its way is the one that matters.
                let _ = engine.close().await;
                Err(error)
            }
        }
    }

    async fn over(
        opened: OpenedEngine,
        declared: Declared,
        listener: TcpListener,
        address: SocketAddr,
        config: Config,
        log: Log,
    ) -> Result<Self, StartError> {
        let Config { private, events, limits, store: at, tls, .. } = config;
        let (instances, mut notices) = declared.prepare(&opened).await?;
        let OpenedEngine { engine, store, clock, stepped } = opened;
        let durable = at.place != StorePlace::Memory;
        if durable {
            let totals = store::totals(&store).await.map_err(StartError::Read)?;
            let (instances, events) = (counted(totals.instances, "instance"), counted(totals.events, "event"));
            notices.insert(0, format!("Store: {}, {instances}, {events}", engine.store_name()));
            notices.extend(totals.clock_behind(clock.now()));
        }
        let keep = match (durable, stepped) {
            (false, _) => KeepPosition::Never,
            (true, true) => KeepPosition::AtTheEnd,
            (true, false) => KeepPosition::NowAndThen(clock),
        };
        let source = Source { engine: engine.clone(), replica: at.replica, log: log.clone() };
        let sink = Sink::open(&events, keep, source).await.map_err(StartError::Events)?;
        let around = Around::new(store, sink.progress(), log.clone());
        let (security, authority) = secure(&tls, address)?;
        if let Some(file) = authority.as_ref().and_then(|authority| authority.file()) {
            notices.push(format!("TLS: certificates by the CA in {}", file.display()));
        }
        let surface = Arc::new(Surface::new(engine.clone(), around, authority, limits.message).await);
        let stop = CancellationToken::new();
        tokio::spawn(tell_of_lost_events(engine.clone(), log.clone(), stop.clone()));
        let end = End { sink, engine: engine.clone(), grace: limits.grace };
        let serving = tokio::spawn(run((listener, security), surface, private, limits, log, end, stop.clone()));
        Ok(Emulator { address, instances, notices, engine, stop: stop.drop_guard(), serving })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as clients take it: `http://127.0.0.1:9876`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The instances that are declared: by the configuration, or by the seed file.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// What the operator should know of the start, a line each: the store and what is in it, when it outlives the
    /// process; whether API keys of the configuration were replaced; whether the clock is behind the events.
    pub fn notices(&self) -> &[String] {
        &self.notices
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

    /// Ends the emulator: requests in progress are answered, streams end, the last event is written, the store is
    /// closed.
    ///
    /// # Errors
    /// [`StopError`].
    pub async fn shutdown(self) -> Result<(), StopError> {
        let Emulator { stop, serving, .. } = self;
        drop(stop);
        outcome(serving.await)
    }
}

/// An engine and the store below it.
pub(crate) struct OpenedEngine {
    pub(crate) engine: Engine,
    pub(crate) store: ServiceStore,
    clock: Arc<ControlledClock>,
    /// Whether time moves with commits.
    stepped: bool,
}

/// Opens the store of a configuration, and an engine over it.
pub(crate) async fn open(config: &Config, world: World, log: &Log) -> Result<OpenedEngine, StartError> {
    let World { clock, stepped, seed, sealing } = world;
    let opening = store::open(&config.store, config.style.clone(), clock, sealing, log).await;
    let Opened { store, clock, .. } = opening.map_err(StartError::Store)?;
    let knobs = config.knobs.clone();
    let audit_mode = config.store.audit_mode;
    let parts = Parts { store: store.clone(), clock: clock.clone(), seed, knobs, audit_mode };
    match Engine::open(parts).await {
        Ok(engine) => Ok(OpenedEngine { engine, store, clock, stepped }),
        Err(error) => {
            // As above.
            let _ = store.close().await;
            Err(StartError::Open(error))
        }
    }
}

/// Whether the listener takes TLS, and whom clients then have to trust.
fn secure(tls: &TlsConfig, address: SocketAddr) -> Result<(Security, Option<Arc<Authority>>), StartError> {
    if tls.mode == TlsMode::Off {
        return Ok((Security::Plain, None));
    }
    let authority = match &tls.directory {
        Some(directory) => Authority::in_directory(directory),
        None => Authority::in_memory(),
    };
    let authority = Arc::new(authority.map_err(StartError::Tls)?);
    let served = Tls::new(authority.clone(), address.ip()).map_err(StartError::Tls)?;
    let security = if tls.mode == TlsMode::Required { Security::Required(served) } else { Security::Either(served) };
    Ok((security, Some(authority)))
}

/// What is ended after the last request.
struct End {
    sink: Sink,
    engine: Engine,
    grace: Duration,
}

impl End {
    async fn finish(self) -> Result<(), StopError> {
        let End { sink, engine, grace } = self;
        // A pipe that nobody reads must not keep the emulator from ending.
        let written = match tokio::time::timeout(grace, sink.finish()).await {
            Ok(finished) => finished.map_err(StopError::Events),
            Err(_) => Err(StopError::EventsStuck),
        };
        // The sink's last position is in the store now; nothing else uses it any more.
        let closed = engine.close().await.map_err(StopError::Store);
        written.and(closed)
    }
}

/// Serves until told to stop or until nobody reads the events any more.
async fn run(
    (listener, security): (TcpListener, Security),
    surface: Arc<Surface>,
    private: bool,
    limits: listener::Limits,
    log: Log,
    end: End,
    stop: CancellationToken,
) -> Result<(), StopError> {
    let reader_gone = end.sink.reader_gone();
    let shutdown = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = reader_gone.cancelled() => {}
        }
    };
    listener::serve(listener, surface, security, private, limits, log, shutdown).await;
    end.finish().await
}

/// Says, once a while, how many events were lost because the operator prefers answers to events.
async fn tell_of_lost_events(engine: Engine, log: Log, stop: CancellationToken) {
    let mut lost = engine.lost_events();
    let mut told = *lost.borrow_and_update();
    loop {
        tokio::select! {
            changed = lost.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return,
        }
        let total = *lost.borrow_and_update();
        log.line(format_args!("EVENTS ARE LOST: {} more, {total} in all; the store did not take them", total - told));
        told = total;
        tokio::select! {
            () = tokio::time::sleep(LOST_EVENTS_PERIOD) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn outcome(joined: Result<Result<(), StopError>, tokio::task::JoinError>) -> Result<(), StopError> {
    joined.unwrap_or(Err(StopError::Panicked))
}

/// Lost events are told of at most this often.
const LOST_EVENTS_PERIOD: Duration = Duration::from_secs(30);
