//! The service: what callers may ask, and what becomes of it.
//!
//! [`decide`] is the centre: it takes what is known ([`View`]), who asks ([`Who`]), what is asked ([`Operation`]) and the
//! environment of the call ([`CallEnv`]), and gives a [`Decision`]: the reply, the records to change, the records the
//! decision rests on, and the event. It is pure and synchronous; committing and answering is the engine's business.
//!
//! # Layout
//! - [`operations`]: one file an operation. `operations/tke` holds the nine documented actions of Trusted Key Entry, and
//!   the table of what is deliberately not audited.
//! - `identity`: callers, roles, API keys, access tokens.
//! - `instance`: instances and their crypto units; how new ones are laid out, and how a rotation stands.
//! - [`keystore`]: EP11 keystores and their keys.
//! - `refusal`: every refusal with its HTTP status, gRPC code and event reason, in one table.
//! - [`document`], [`sealing`]: instances and units as data that may leave the process, and how their secrets are kept.
//! - `env`: the seed from which all randomness, keys and identifiers of the emulator derive.

mod decide;
mod decision;
pub mod document;
mod env;
mod identity;
mod instance;
pub mod keystore;
pub mod operations;
mod record;
mod refusal;
pub mod sealing;
mod service_root;
mod trail;

pub use decide::{decide, overtaken, refuse, serving_unit};
pub use decision::{Change, Decision};
pub use env::{CallEnv, Knobs, ListingRoles, RandomKeyEvent, Seed, stable_uuid};
pub use identity::{
    ApiKey, ApiKeyDigest, AuthFault, Authentication, Caller, Claims, Identity, Origin, Role, SCOPE, TOKEN_LIFETIME,
    TokenAuthority, TokenKey, Who,
};
pub use instance::{
    CryptoUnitCard, CryptoUnitKind, Instance, InstanceSpec, Plan, PlanError, Rotation, RotationReport, RotationStatus,
    Session, SpecError, UnitIds, instance_records, lay_out,
};
pub use operations::{
    Access, Addressee, Audit, Call, ClockMode, ClockReport, ClockSetting, CryptoAsk, CryptoCall, CryptoReply,
    EventScope, HtpReply, KeyName, KeystoreCall, NewInstance, NewSpec, Operation, OperationFate, Payload, Reply,
    Submit, UnitReport, Weight,
};
pub use record::{Directory, LogPlace, Record, RecordKey, SinkPosition, View};
pub use refusal::{GrpcCode, Refusal};
pub use service_root::ServiceRoot;
