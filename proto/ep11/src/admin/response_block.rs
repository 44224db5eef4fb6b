//! The block inside a response, xcpAdminRspBlk.

use crate::der::{self, Reader};
use crate::{AdminDomain, AdminFunction, DecodeError, Fault, ModuleId, ReasonCode, ReturnCode, TransactionCounter};

/// What a crypto module signs: the outcome of a query or command. Specification, section 4.6.
///
/// A client takes domain, module and counter from the answer to an attribute query into its next command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminResponseBlock<'a> {
    /// The function of the request.
    pub function: AdminFunction,
    /// The domain with its present instance; [`AdminDomain::MODULE`] for queries about the module.
    pub domain: AdminDomain,
    /// The module that answers.
    pub module: ModuleId,
    /// The domain's counter, after the command if that changed it.
    pub counter: TransactionCounter,
    /// Whether the command succeeded.
    pub code: ReturnCode,
    /// The output of the command; for a refusal its reason code, or nothing when it has none.
    pub output: &'a [u8],
}

impl<'a> AdminResponseBlock<'a> {
    /// Reads a block: a SEQUENCE of exactly six OCTET STRINGs.
    ///
    /// # Errors
    /// When the structure differs, a field has a wrong size, the serial number holds other characters than digits and
    /// upper-case letters, or bytes follow.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("xcpAdminRspBlk", bytes);
        let mut fields = outer.sequence("block")?;
        outer.finish("block")?;
        let function = AdminFunction(fields.octets_u32("function")?);
        let domain = AdminDomain::from_bytes(fields.octets_array("domain")?);
        let bad_module = fields.error("module", Fault::OutOfRange);
        let module = ModuleId::from_bytes(fields.octets_array("module")?).ok_or(bad_module)?;
        let counter = TransactionCounter::from_bytes(fields.octets_array("counter")?);
        let code = ReturnCode(fields.octets_u32("return code")?);
        let output = fields.octets("output")?;
        fields.finish("end")?;
        Ok(Self { function, domain, module, counter, code, output })
    }

    /// The bytes, ready to be signed.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|fields| {
            fields.octets(&self.function.to_bytes()).octets(&self.domain.to_bytes()).octets(&self.module.to_bytes());
            fields.octets(&self.counter.to_bytes()).octets(&self.code.to_bytes()).octets(self.output);
        })
    }

    /// The reason code of a refusal, if it has one: the first four bytes of the output.
    pub fn reason(&self) -> Option<ReasonCode> {
        if self.code.is_ok() {
            return None;
        }
        self.output.first_chunk().map(|bytes| ReasonCode(u32::from_be_bytes(*bytes)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{AttributeList, DomainIndex, DomainInstance, Permissions};

    const MODULE: [u8; 16] = *b"93AABC01\x00\x11\x22\x33\x44\x55\x66\x77";

    /// The block of section 14.6: attributes in factory state, domain 3.
    #[test]
    fn attributes_in_factory_state() {
        let output = AttributeList(vec![(1, 0), (2, 0), (3, Permissions::FACTORY.0), (4, 0), (5, 1)]).encode();
        let block = AdminResponseBlock {
            function: AdminFunction::QUERY_ATTRIBUTES,
            domain: AdminDomain { index: DomainIndex(3), instance: DomainInstance::FIRST },
            module: ModuleId::from_bytes(MODULE).unwrap(),
            counter: TransactionCounter::ZERO,
            code: ReturnCode::OK,
            output: &output,
        };
        let expected = "306404040001000a0408000000030000000104103933414142433031001122334455667704100000000000000000000\
                        00000000000000404000000000428000000010000000000000002000000000000000381ff0011000000040000000000\
                        00000500000001";
        assert_eq!(hex::encode(block.encode()), expected);
        assert_eq!(AdminResponseBlock::decode(&hex::decode(expected).unwrap()), Ok(block));
        assert_eq!(block.reason(), None);
    }

    /// The second block of section 14.6: past the end of the certificate chain.
    #[test]
    fn end_of_the_certificate_chain() {
        let output = ReasonCode::CERTIFICATE_INDEX_RANGE.to_bytes();
        let block = AdminResponseBlock {
            function: AdminFunction::QUERY_DEVICE_CERTIFICATE,
            domain: AdminDomain::MODULE,
            module: ModuleId::from_bytes(MODULE).unwrap(),
            counter: TransactionCounter::ZERO,
            code: ReturnCode::KEY_HANDLE_INVALID,
            output: &output,
        };
        assert_eq!(
            hex::encode(block.encode()),
            "3040040400010003040800000000000000000410393341414243303100112233445566770410000000000000000000000000000000\
             0004040000006004040000003c"
        );
        assert_eq!(block.reason(), Some(ReasonCode(60)));
    }

    #[test]
    fn a_refusal_without_output_has_no_reason() {
        let bytes = hex::decode(
            "303c0404000000 08 0408000000030000000104103933414142433031001122334455667704100000000000000000000000000000\
             00010404000000c10400"
                .replace(' ', ""),
        )
        .unwrap();
        let block = AdminResponseBlock::decode(&bytes).unwrap();
        assert_eq!((block.code, block.reason()), (ReturnCode::SIGNATURE_LEN_RANGE, None));
    }

    #[test]
    fn non_minimal_lengths_are_read() {
        let minimal = hex::decode(
            "3040040400010003040800000000000000000410393341414243303100112233445566770410000000000000000000000000000000\
             0004040000006004040000003c",
        )
        .unwrap();
        let padded = [&[0x30, 0x82, 0x00, 0x40], &minimal[2..]].concat();
        assert_eq!(AdminResponseBlock::decode(&padded), AdminResponseBlock::decode(&minimal));
    }

    #[test]
    fn a_serial_number_with_other_characters_is_refused() {
        let block = AdminResponseBlock {
            function: AdminFunction::QUERY_ATTRIBUTES,
            domain: AdminDomain::MODULE,
            module: ModuleId::from_bytes(MODULE).unwrap(),
            counter: TransactionCounter::ZERO,
            code: ReturnCode::OK,
            output: &[],
        };
        let mut bytes = block.encode();
        bytes[20] = b'-';
        assert_eq!(
            AdminResponseBlock::decode(&bytes),
            Err(DecodeError::new("xcpAdminRspBlk", "module", 18, Fault::OutOfRange))
        );
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            function: u32, domain: [u8; 8], serial in "[0-9A-Z]{8}", instance: [u8; 8], counter: u128, code: u32,
            output in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let mut module = [0; 16];
            module[..8].copy_from_slice(serial.as_bytes());
            module[8..].copy_from_slice(&instance);
            let block = AdminResponseBlock {
                function: AdminFunction(function),
                domain: AdminDomain::from_bytes(domain),
                module: ModuleId::from_bytes(module).unwrap(),
                counter: TransactionCounter(counter),
                code: ReturnCode(code),
                output: &output,
            };
            let bytes = block.encode();
            prop_assert_eq!(AdminResponseBlock::decode(&bytes), Ok(block));
        }
    }
}
