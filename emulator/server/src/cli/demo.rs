//! `demo`: a key ceremony, end to end.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Surroundings};
use crate::Emulator;
use crate::config::{Config, DEFAULT_API_KEY, StoreConfig, StorePlace};
use crate::demo::DemoError;
use crate::store;

/// Flags of `demo`.
#[derive(Args)]
#[command(after_help = "\
Two administrators take two crypto units out of imprint mode, load a master key from three parts, and make three
mistakes. It starts an emulator of its own on a free port, and talks to it over gRPC with real signatures.

Examples:
  hpcs-emulator demo > events.ndjson             read the story, keep the events
  hpcs-emulator demo 2>/dev/null | hpcs-emulator validate -
  hpcs-emulator demo --seed 7                    the same bytes every time
  hpcs-emulator demo --data-dir data             a store to look at afterwards")]
pub(super) struct DemoArgs {
    /// Make the run reproducible
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Keep the crypto units and their events in this directory, which holds no store yet
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Plays the ceremony against an emulator of its own.
pub(super) async fn run(arguments: DemoArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let interrupted = (here.interrupted)();
    let world = (here.world)(arguments.seed)?;
    let mut rng = world.seed.rng(&[b"demo"]);
    let store = StoreConfig { place: place(arguments.data_dir)?, ..StoreConfig::default() };
    let config = Config { listen: ANY_PORT, store, ..Config::default() };
    let emulator = Emulator::start(config, world, here.log.clone()).await?;
    let url = emulator.url();
    let ceremony = crate::demo::run(&url, DEFAULT_API_KEY, &mut rng, here.stderr, here.stdout);
    let result = tokio::select! {
        result = ceremony => Some(result),
        () = interrupted => None,
    };
    emulator.shutdown().await.map_err(Failure::refused)?;
    match result {
        None => Err(Failure::interrupted()),
        Some(Ok(())) => Ok(0),
        Some(Err(error)) if DemoError::is_broken_pipe(&error) => Ok(0),
        Some(Err(error)) => Err(Failure::refused(error)),
    }
}

/// The ceremony begins with crypto units that nobody has touched.
fn place(data_dir: Option<PathBuf>) -> Result<StorePlace, Failure> {
    let Some(path) = data_dir else { return Ok(StorePlace::Memory) };
    let place = StorePlace::Directory { path, key_file: None };
    if store::exists(&place) {
        return Err(Failure::usage(format_args!(
            "--data-dir: {place} holds a store already; the demo makes a new one"
        )));
    }
    Ok(place)
}

const ANY_PORT: std::net::SocketAddr =
    std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
