//! An instance out of one emulator and into another: JSON lines, streamed.
//!
//! ```text
//! {"format":"hpcs-emulator-instance","version":1,"created_by":...,"sealed":...,"instance":{...},"log":{...}}
//! {"keystore":{...}}
//! {"key":{...}}
//! ...
//! {"sequence":1,"time":"2026-01-01T00:00:00.000Z","line":"<the event, exactly>","digest":"..."}
//! ...
//! {"end":{"events":1,"sha256":"<of all lines before, line ends included>"}}
//! ```
//!
//! An instance without keystores has no lines of them.
//!
//! Secrets are sealed under a passphrase, or in the clear for whoever asked for that. What comes in is complete or does
//! not come in at all: events go to the log of an instance that nobody can see yet, and the last commit shows it.

mod export;
mod fault;
mod format;
mod import;
mod lines;

pub use export::{Export, ExportSecrets};
pub use fault::{TransferFault, TransferWhy};
