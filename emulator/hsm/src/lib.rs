//! The simulated hardware: crypto modules, their crypto units, and every administration command.
//!
//! A crypto unit is a value. [`Request::decode`] reads what arrived, [`CommandRequest::admit`] decides whether the unit
//! takes the command (identity, counter, mode, signatures), [`apply`] checks its own rules and gives the unit's next
//! state. Nothing here knows a clock, a network, a file, a cloud name or an event: time and randomness come in through
//! [`CallEnv`]. Governed by the TKE administration protocol, sections 4 to 6.
//!
//! ```text
//!                add administrator, remove administrator, set attributes (signature threshold stays 0)
//!                  ┌───┐
//!                  ▼   │
//!   zeroize ──► Imprint ── set attributes (thresholds > 0) ──► Secured ◄─┐ every other command,
//!      ▲          no registers, no importer key                   │   └──┘ signed as the table says
//!      └──────────────────────────────────────────────────────────┘
//!
//!   new master key register, in Secured:             current master key register:
//!
//!            import, random            commit
//!     Empty ───────────────► Uncommitted ───► Committed        Empty ── random ──► Valid
//!       ▲                        │  ▲             │              ▲                   ▲ │
//!       ├──────── clear ─────────┘  └── import ───┤              └───── clear ───────┼─┘
//!       └──────── clear, set immediate ───────────┘ ─────────── set immediate ───────┘
//! ```
//!
//! What applications ask of a unit that has a master key is in [`functions`].
//!
//! The table of commands is [`COMMANDS`], that of queries [`QUERIES`]; the order of checks is data beside them.
//! [`Unit::parts`] takes a unit apart for whoever keeps it elsewhere, [`Unit::from_parts`] puts it together again.

mod admission;
mod commands;
mod env;
pub mod functions;
mod info;
mod master_key;
mod module;
mod parts;
mod profile;
mod queries;
mod refusal;
mod request;
mod response;
mod signatures;
mod unit;

pub use admission::{Admitted, Check, Trust};
pub use commands::{Applied, COMMANDS, CommandRow, ImprintRule, Quorum, apply, opened_part_patterns};
pub use env::CallEnv;
pub use master_key::MasterKey;
pub use module::Module;
pub use parts::{ModuleParts, NewMasterKeyParts, PartsFault, PartsField, PartsRule, UnitParts};
pub use profile::{Profile, ProfileError};
pub use queries::{QUERIES, QueryRow};
pub use refusal::UnitRefusal;
pub use request::{CommandRequest, InfoRequest, QueryRequest, Refused, Request};
pub use response::Response;
pub use unit::{
    Administrator, Administrators, CurrentRegister, Imprint, NewRegister, NewRegisterStatus, PendingKey, Registers,
    Secured, Thresholds, Unit, UnitState, UnitStatus,
};
