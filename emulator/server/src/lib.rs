//! The emulator's binary as a library: listener, gRPC surface, configuration, event sink and commands.
//!
//! # Layout
//! - [`emulator`](Emulator): puts store, engine, surface, listener and sink together; the handle that tests hold.
//! - `listener`: accepts connections, tells HTTP/2 from HTTP/1.1, sets deadlines, ends gracefully.
//! - `surface`: a request's way by path, and what every protocol shares: budgets, event streams.
//! - `http`: what the cloud serves over HTTP, control and event logs under `/_emulator/`, `/healthz`.
//! - `reach`: the hosts that the emulator stands in for, and certificates for them.
//! - `grpc`: one generic adapter over raw bytes for every method of `hpcs.emulator.v1`.
//! - `store`: chooses and opens the store, keeps its key, watches its faults, checks it.
//! - `sink`: committed events to an NDJSON file or to standard output.
//! - [`config`]: file, environment and flags; raw, then resolved.
//! - [`seed_file`]: what an emulator begins with.
//! - [`cli`]: the commands of the program.
//! - [`signing_service`]: a companion that keeps the keys of administrators; apart from everything else.
//! - [`demo`]: a key ceremony, end to end.
//! - [`shell`]: the one place that reads clock, environment and randomness of the machine.
//!
//! # Example
//! ```
//! use hpcs_emulator::{Config, Emulator, Log, World};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config { listen: "127.0.0.1:0".parse()?, ..Config::default() };
//! let emulator = Emulator::start(config, World::reproducible(7), Log::silent()).await?;
//! assert!(emulator.url().starts_with("http://127.0.0.1:"));
//! emulator.shutdown().await?;
//! # Ok(())
//! # }
//! ```

pub mod cli;
pub mod config;
pub mod demo;
mod emulator;
mod grpc;
mod http;
mod listener;
mod log;
mod reach;
pub mod seed_file;
mod seldom;
pub mod shell;
pub mod signing_service;
mod sink;
mod store;
mod surface;
mod world;

pub use config::Config;
pub use emulator::{Emulator, StartError, StopError};
pub use log::Log;
pub use seed_file::SeedFile;
pub use world::World;
