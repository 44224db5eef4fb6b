//! The command line of the workstation: the commands and dialogues of the plug-in `ibmcloud tke`, against the emulator.
//!
//! The library is the whole program but for the process around it: [`run`] takes arguments and a [`Shell`], so tests
//! drive it in process. The binary only hands in the real streams, the environment and the system's randomness. Part of
//! the specification: TKE workflows, sections 1.5 to 1.8, 2 and 3.
//!
//! ```
//! use tke::{Environment, HiddenInput, Shell, Terminal};
//! # use chacha20::rand_core::SeedableRng;
//! # struct NoTerminal;
//! # impl HiddenInput for NoTerminal {
//! #     fn read_hidden(&mut self) -> std::io::Result<zeroize::Zeroizing<String>> { unreachable!() }
//! # }
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
//! let shell = Shell {
//!     stdin: &mut "".as_bytes(),
//!     stdout: &mut stdout,
//!     stderr: &mut stderr,
//!     terminal: Terminal::default(),
//!     passwords: &mut NoTerminal,
//!     rng: &mut chacha20::ChaCha20Rng::seed_from_u64(1),
//!     environment: Environment::new([("CLOUDTKEFILES".into(), "/no/such/directory".into())]),
//! };
//! assert_eq!(tke::run(["tke".into(), "sigkeys".into()], shell).await, 1);
//! assert!(stderr.starts_with(b"FAILED\nError accessing the subdirectory"));
//! # });
//! ```
//!
//! # Layout
//! - `commands`: one file each; the table there drives dispatch, help and completion.
//! - `session`, `inventory`, `targets`, `signing`: what commands share: files and service, all crypto units, the
//!   selected ones, the signing sub-dialogue.
//! - `carry`, `precheck`, `rotation`: what commands share that carry a master key from a recovery unit, or rotate it.
//! - `texts`: every prompt and message. `printable`: foreign text in them. `views`, `table`: the tables. `console`: the
//!   streams.
//! - `input`: answers to prompts. `config`, `shell`: settings and the world outside.

mod carry;
mod cli;
mod commands;
mod config;
mod console;
mod failure;
mod help;
mod input;
mod inventory;
mod precheck;
mod printable;
mod rotation;
mod service_key;
mod session;
mod shell;
mod signing;
mod table;
mod targets;
mod texts;
mod views;

pub use cli::run;
pub use shell::{Environment, HiddenInput, Shell, Terminal};

pub(crate) use failure::Failure;
