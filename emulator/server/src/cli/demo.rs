//! `demo`: a key ceremony, end to end.

use clap::Args;

use super::{Failure, Surroundings};
use crate::config::{Config, DEFAULT_API_KEY};
use crate::demo::DemoError;
use crate::{Emulator, World};

/// Flags of `demo`.
#[derive(Args)]
#[command(after_help = "\
Two administrators take two crypto units out of imprint mode, load a master key from three parts, and make three
mistakes. It starts an emulator of its own on a free port, and talks to it over gRPC with real signatures.

Examples:
  hpcs-emulator demo > events.ndjson             read the story, keep the events
  hpcs-emulator demo 2>/dev/null | hpcs-emulator validate -
  hpcs-emulator demo --seed 7                    the same bytes every time")]
pub(super) struct DemoArgs {
    /// Make the run reproducible
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Plays the ceremony against an emulator of its own.
pub(super) async fn run(arguments: DemoArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let interrupted = (here.interrupted)();
    let World { clock, seed } = (here.world)(arguments.seed)?;
    let mut rng = seed.rng(&[b"demo"]);
    let config = Config { listen: ANY_PORT, ..Config::default() };
    let emulator = Emulator::start(config, World { clock, seed }, here.log.clone()).await?;
    let url = emulator.url();
    let ceremony = crate::demo::run(&url, DEFAULT_API_KEY, &mut rng, here.stderr, here.stdout);
    let result = tokio::select! {
        result = ceremony => Some(result),
        () = interrupted => None,
    };
    emulator.shutdown().await.map_err(Failure::refused)?;
    match result {
        None => Ok(INTERRUPTED),
        Some(Ok(())) => Ok(0),
        Some(Err(error)) if DemoError::is_broken_pipe(&error) => Ok(0),
        Some(Err(error)) => Err(Failure::refused(error)),
    }
}

/// Exit code of an interrupted demo, as shells have it: half a ceremony is not a success.
const INTERRUPTED: u8 = 130;

const ANY_PORT: std::net::SocketAddr =
    std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
