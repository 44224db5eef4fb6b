//! A command before it is signed.

use hpcs_ep11::{AdminBlock, AdminDomain, AdminFunction, DecodeError, Fault, ModuleId, TransactionCounter};

use super::{AttributeReport, UnitError};
use crate::Signer;

/// A command for one unit at one turn: the bytes that administrators sign, and what those bytes say.
///
/// It is good until the unit's counter passes `counter` or the unit is zeroized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedCommand {
    /// The command.
    pub function: AdminFunction,
    /// The unit's domain.
    pub domain: AdminDomain,
    /// The unit's module.
    pub module: ModuleId,
    /// The turn: one above the unit's counter.
    pub counter: TransactionCounter,
    /// The bytes: a complete xcpAdminBlk.
    pub block: Vec<u8>,
}

impl PreparedCommand {
    /// The next command of the unit that reported these attributes.
    #[must_use]
    pub fn new(report: &AttributeReport, function: AdminFunction, input: &[u8]) -> Self {
        let AttributeReport { domain, module, .. } = *report;
        let counter = report.counter.next();
        let block = AdminBlock::encode_command(function, domain, module, counter, input);
        Self { function, domain, module, counter, block }
    }

    /// The command that these bytes are.
    ///
    /// # Errors
    /// When they are no xcpAdminBlk, or its fields do not have the sizes of a command.
    pub fn from_block(bytes: &[u8]) -> Result<Self, DecodeError> {
        let block = AdminBlock::decode(bytes)?;
        let module = sized(block.module, "module")?;
        Ok(Self {
            function: AdminFunction(u32::from_be_bytes(sized(block.function, "function")?)),
            domain: AdminDomain::from_bytes(sized(block.domain, "domain")?),
            module: ModuleId::from_bytes(module).ok_or_else(|| fault("module", Fault::OutOfRange))?,
            counter: TransactionCounter::from_bytes(sized(block.counter, "counter")?),
            block: bytes.to_vec(),
        })
    }

    /// A complete SignerInfo over the bytes.
    ///
    /// # Errors
    /// [`UnitError::SigningService`] when a signing service keeps the key and does not sign.
    pub async fn sign(&self, signer: &Signer) -> Result<Vec<u8>, UnitError> {
        Ok(signer.signer_info(&self.block).await?)
    }

    /// One SignerInfo from each signer.
    ///
    /// # Errors
    /// As [`PreparedCommand::sign`], for the first that fails.
    pub async fn sign_all(&self, signers: &[&Signer]) -> Result<Vec<Vec<u8>>, UnitError> {
        let mut signatures = Vec::with_capacity(signers.len());
        for signer in signers {
            signatures.push(self.sign(signer).await?);
        }
        Ok(signatures)
    }
}

fn sized<const N: usize>(bytes: &[u8], field: &'static str) -> Result<[u8; N], DecodeError> {
    bytes.try_into().map_err(|_| fault(field, Fault::WrongSize { expected: N, found: bytes.len() }))
}

/// The offset is that of the block: the fields of a decoded block no longer know where they stood.
fn fault(field: &'static str, fault: Fault) -> DecodeError {
    DecodeError { format: "xcpAdminBlk", field, offset: 0, fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{report, signer, wait};

    #[test]
    fn the_counter_is_one_above_the_units() {
        let command = PreparedCommand::new(&report(), AdminFunction::ZEROIZE, &[]);
        assert_eq!(command.counter, report().counter.next());
        assert_eq!(PreparedCommand::from_block(&command.block).unwrap(), command);
    }

    #[test]
    fn queries_and_damaged_blocks_are_no_commands() {
        let query = AdminBlock::query(&AdminFunction::QUERY_ATTRIBUTES.to_bytes(), &[0; 8], &[]).encode();
        assert_eq!(PreparedCommand::from_block(&query).unwrap_err().field, "module");
        let command = PreparedCommand::new(&report(), AdminFunction::ZEROIZE, &[]);
        assert!(PreparedCommand::from_block(&command.block[1..]).is_err());
    }

    #[test]
    fn a_signature_covers_the_whole_block() {
        let key = signer(5);
        let command = PreparedCommand::new(&report(), AdminFunction::ZEROIZE, &[]);
        let signature = wait(command.sign(&key)).unwrap();
        let info = hpcs_ep11::SignerInfo::sequence(&signature).unwrap()[0];
        assert!(key.public().verify(info.scheme, &command.block, info.signature));
        assert!(!key.public().verify(info.scheme, &command.block[1..], info.signature));
    }
}
