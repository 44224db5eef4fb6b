//! IAM service roles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A service role, as IAM assigns it, or one of the emulator's own. What each may do is declared by the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads, and exports keys.
    ReaderPlus,
    /// Writes.
    Writer,
    /// Everything a service role allows, administration of crypto units included.
    Manager,
    /// Administration of crypto units.
    CryptoUnitAdministrator,
    /// Calls of the cryptographic interface: the custom role of that name.
    CryptoOperator,
    /// Keys in EP11 keystores: the custom role of that name.
    KeyOperator,
    /// EP11 keystores themselves: the custom role of that name.
    KeystoreOperator,
    /// Certificates for mutual TLS.
    CertificateManager,
    /// Reads event logs of the account. The emulator's own: in the cloud another service keeps them.
    EventReader,
    /// Makes, resets and deletes instances, sets the clock, moves instances. The emulator's own.
    EmulatorOperator,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 11] = [
        Role::Reader,
        Role::ReaderPlus,
        Role::Writer,
        Role::Manager,
        Role::CryptoUnitAdministrator,
        Role::CryptoOperator,
        Role::KeyOperator,
        Role::KeystoreOperator,
        Role::CertificateManager,
        Role::EventReader,
        Role::EmulatorOperator,
    ];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Role::ALL.into_iter().find(|role| role.to_string() == text).ok_or_else(|| {
            let known: Vec<_> = Role::ALL.iter().map(Role::to_string).collect();
            format!("'{text}' is not a role; roles are {}", known.join(", "))
        })
    }
}
