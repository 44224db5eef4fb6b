//! The administration commands, one file for each family.
//!
//! Each command comes twice: `prepare_...` gives the bytes to sign, for administrators on several workstations, and the
//! short form prepares, signs with the keys that are here, and sends. How many keys must sign is the business of
//! [`choose_signers`](crate::choose_signers); the unit decides. Part of the specification: TKE administration protocol 5.6 to 5.18.

mod administrators;
mod control_points;
mod import;
mod registers;
mod thresholds;
mod transfer;
mod zeroize;

use hpcs_ep11::VerificationPattern;

use crate::unit::output_array;
use crate::{PreparedCommand, Signer, UnitClient, UnitError};

pub use import::combined_pattern;
pub use transfer::MasterKeyRegister;

impl UnitClient {
    /// Signs and sends a prepared command.
    ///
    /// # Errors
    /// As [`UnitClient::send`].
    pub async fn send_signed(&self, command: &PreparedCommand, signers: &[&Signer]) -> Result<Vec<u8>, UnitError> {
        self.send(command, &command.sign_all(signers).await?).await
    }
}

/// The verification pattern that commands on master key registers answer with.
fn pattern(output: &[u8]) -> Result<VerificationPattern, UnitError> {
    output_array(output, "verification pattern").map(VerificationPattern::from_bytes)
}
