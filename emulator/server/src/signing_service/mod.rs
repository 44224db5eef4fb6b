//! A signing service: keys of administrators by name, for clients with `TKE_SIGNSERV_URL`.
//!
//! ```text
//! GET  /keys/<name>   Authorization: <token>                        -> {"publickey": base64(SEQUENCE { X, Y })}
//! POST /sign/<name>   Authorization: <token>, sha2-512 and input    -> {"signature": base64(SEQUENCE { R, S })}
//! ```
//!
//! A program mode of its own: it knows no engine, no store and no event, and the emulator does not know it. Keys are
//! P-521, one file each, encrypted under the token that comes with every call; nothing opens a file but the token, and
//! between two calls no key is in memory. Part of the specification: TKE administration protocol 1.6, TKE workflows 3.3.
//!
//! # Layout
//! - `keys`: the directory of keys.
//! - `faults`: what goes wrong on purpose, in drills.
//! - `answer`: a request to its answer; texts and status codes.
//! - `serve`: connections, deadlines, the end.

mod answer;
mod faults;
mod keys;
mod serve;

pub use faults::{Fault, FaultError, Faults};
pub use keys::{KeyDirectory, KeyError, ListedKey};
pub use serve::{Options, SigningServiceServer};
