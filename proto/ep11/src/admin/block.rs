//! The block inside a request, xcpAdminBlk.

use crate::der::{self, Reader};
use crate::{AdminDomain, AdminFunction, DecodeError, ModuleId, TransactionCounter};

/// What an administrator signs: one query or command, for one domain of one module, at one turn. Section 4.4.
///
/// Sizes are not checked while reading, because a wrong size of each field has a return code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminBlock<'a> {
    /// The [`AdminFunction`]; four bytes when valid.
    pub function: &'a [u8],
    /// The [`AdminDomain`]; eight bytes when valid. Instance zero in queries, all zero for the module itself.
    pub domain: &'a [u8],
    /// The [`ModuleId`]; 16 bytes in a valid command, empty in queries.
    pub module: &'a [u8],
    /// The [`TransactionCounter`]; 16 bytes in a valid command, empty in queries.
    pub counter: &'a [u8],
    /// The input of the command; may be empty.
    pub input: &'a [u8],
}

impl<'a> AdminBlock<'a> {
    /// A query: no module and no counter.
    pub fn query(function: &'a [u8; 4], domain: &'a [u8; 8], input: &'a [u8]) -> Self {
        Self { function, domain, module: &[], counter: &[], input }
    }

    /// The bytes of a command, ready to be signed.
    pub fn encode_command(
        function: AdminFunction,
        domain: AdminDomain,
        module: ModuleId,
        counter: TransactionCounter,
        input: &[u8],
    ) -> Vec<u8> {
        AdminBlock {
            function: &function.to_bytes(),
            domain: &domain.to_bytes(),
            module: &module.to_bytes(),
            counter: &counter.to_bytes(),
            input,
        }
        .encode()
    }

    /// Reads a block: a SEQUENCE of exactly five OCTET STRINGs of any sizes.
    ///
    /// # Errors
    /// When the structure differs or bytes follow.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("xcpAdminBlk", bytes);
        let mut fields = outer.sequence("block")?;
        outer.finish("block")?;
        let block = Self {
            function: fields.octets("function")?,
            domain: fields.octets("domain")?,
            module: fields.octets("module")?,
            counter: fields.octets("counter")?,
            input: fields.octets("input")?,
        };
        fields.finish("end")?;
        Ok(block)
    }

    /// The bytes. Empty fields are written, never left out.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|fields| {
            for field in [self.function, self.domain, self.module, self.counter, self.input] {
                fields.octets(field);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{DomainIndex, DomainInstance, Fault};

    #[test]
    fn empty_fields_are_written() {
        let block = AdminBlock::query(&[0, 1, 0, 2], &[0; 8], &[]).encode();
        assert_eq!(hex::encode(block), "30160404000100020408000000000000000004000400 0400".replace(' ', ""));
    }

    #[test]
    fn a_command_has_all_sizes() {
        let bytes = AdminBlock::encode_command(
            AdminFunction::ZEROIZE,
            AdminDomain { index: DomainIndex(3), instance: DomainInstance::FIRST },
            ModuleId::from_bytes(*b"93AABC0100000001").unwrap(),
            TransactionCounter(1),
            &[],
        );
        let block = AdminBlock::decode(&bytes).unwrap();
        assert_eq!([block.function.len(), block.domain.len(), block.module.len(), block.counter.len()], [4, 8, 16, 16]);
    }

    #[test]
    fn other_field_counts_and_tags_are_refused() {
        let four = hex::decode("300804000400 04000400".replace(' ', "")).unwrap();
        assert_eq!(AdminBlock::decode(&four).unwrap_err().field, "input");
        let six = hex::decode("300c040004000400040004000400").unwrap();
        assert_eq!(
            AdminBlock::decode(&six).unwrap_err(),
            DecodeError::new("xcpAdminBlk", "end", 12, Fault::TrailingBytes)
        );
        let tag = hex::decode("300a04000400020004000400").unwrap();
        let fault = Fault::UnexpectedTag { expected: 4, found: 2 };
        assert_eq!(AdminBlock::decode(&tag).unwrap_err(), DecodeError::new("xcpAdminBlk", "module", 6, fault));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            fields in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 5),
        ) {
            let [function, domain, module, counter, input] = &fields[..] else { unreachable!() };
            let block = AdminBlock { function, domain, module, counter, input };
            let bytes = block.encode();
            prop_assert_eq!(AdminBlock::decode(&bytes), Ok(block));
        }
    }
}
