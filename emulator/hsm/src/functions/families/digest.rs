//! Digests (section 4.4).

use hpcs_crypto::hash::HashState;
use hpcs_ep11::pkcs11::ReturnValue;
use zeroize::Zeroizing;

use crate::functions::Outcome;
use crate::functions::families::no_parameter;
use crate::functions::mechanism::Parameter;
use crate::functions::registry::{Family, MechanismRow};

/// A digest in progress.
pub(crate) struct Digest(HashState);

impl Digest {
    pub(crate) fn start(row: &MechanismRow, parameter: &Parameter) -> Outcome<Self> {
        no_parameter(parameter)?;
        match row.family {
            Family::Digest(hash) => Ok(Digest(hash.start())),
            _ => Err(ReturnValue::MECHANISM_INVALID),
        }
    }

    /// Takes in more. Nothing is not more: the service refuses it.
    pub(crate) fn update(&mut self, data: &[u8]) -> Outcome<()> {
        if data.is_empty() {
            return Err(ReturnValue::ARGUMENTS_BAD);
        }
        self.0.update(data);
        Ok(())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.finish()
    }

    pub(crate) fn export(&self) -> Zeroizing<Vec<u8>> {
        self.0.export()
    }

    pub(crate) fn restore(&mut self, progress: &[u8]) -> Option<()> {
        self.0 = HashState::import(self.0.hash(), progress)?;
        Some(())
    }
}
