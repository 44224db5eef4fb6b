//! The outer response, xcpAdminRsp.

use crate::der::{self, Reader};
use crate::{DecodeError, DomainIndex, FunctionWord, ReturnCode};

/// The answer to an administrative request. Specification, section 4.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminResponse<'a> {
    /// The unit looked at the block and answers with one, signed; a refusal is a block, too.
    Block {
        /// The function word of the request.
        function: FunctionWord,
        /// The domain of the request.
        domain: DomainIndex,
        /// The complete bytes of the [`AdminResponseBlock`](crate::AdminResponseBlock): what the signature covers.
        block: &'a [u8],
        /// The module's SignerInfo; a second one for a quantum-safe signature may follow.
        signatures: &'a [u8],
    },
    /// There was no block to look at: undecodable, another function, another domain. Not signed.
    Failed {
        /// The function word of the request.
        function: FunctionWord,
        /// The domain of the request.
        domain: DomainIndex,
        /// Why; never [`ReturnCode::OK`].
        code: ReturnCode,
    },
}

impl<'a> AdminResponse<'a> {
    /// Reads a response: five elements with return code 0, or three with another. As in clients, five elements with
    /// another return code are a failure, and bytes after the SEQUENCE are ignored.
    ///
    /// # Errors
    /// When the structure differs or a field has a wrong size.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut fields = Reader::new("xcpAdminRsp", bytes).sequence("response")?;
        let function = FunctionWord::from_bytes(fields.octets_array("function")?);
        let domain = DomainIndex(fields.octets_u32("domain")?);
        let code = ReturnCode(fields.octets_u32("return code")?);
        if !code.is_ok() && fields.is_empty() {
            return Ok(Self::Failed { function, domain, code });
        }
        let block = fields.octets("block")?;
        let signatures = fields.octets("signatures")?;
        fields.finish("end")?;
        if code.is_ok() {
            Ok(Self::Block { function, domain, block, signatures })
        } else {
            Ok(Self::Failed { function, domain, code })
        }
    }

    /// The bytes. A failure with return code 0, which no client can read, is sent as an internal error.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|fields| match *self {
            Self::Block { function, domain, block, signatures } => {
                fields.octets(&function.to_bytes()).octets(&domain.to_bytes()).octets(&ReturnCode::OK.to_bytes());
                fields.octets(block).octets(signatures);
            }
            Self::Failed { function, domain, code } => {
                let code = if code.is_ok() { ReturnCode::IBM_INTERNAL_ERROR } else { code };
                fields.octets(&function.to_bytes()).octets(&domain.to_bytes()).octets(&code.to_bytes());
            }
        })
    }

    /// The block and the signatures over it.
    ///
    /// # Errors
    /// The return code of a failure.
    pub fn block(&self) -> Result<(&'a [u8], &'a [u8]), ReturnCode> {
        match *self {
            Self::Block { block, signatures, .. } => Ok((block, signatures)),
            Self::Failed { code, .. } => Err(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Fault;

    const ADMIN: FunctionWord = FunctionWord::sdk(FunctionWord::ADMIN);

    /// The example in section 4.5.
    #[test]
    fn a_failure_has_three_elements() {
        let failed =
            AdminResponse::Failed { function: ADMIN, domain: DomainIndex(3), code: ReturnCode::FUNCTION_NOT_SUPPORTED };
        let bytes = hex::decode("3012040400010029040400000003040400000054").unwrap();
        assert_eq!(failed.encode(), bytes);
        assert_eq!(AdminResponse::decode(&bytes), Ok(failed));
        assert_eq!(failed.block(), Err(ReturnCode(84)));
    }

    /// The complete response of section 14.6.
    #[test]
    fn a_block_has_five_elements() {
        let bytes = AdminResponse::Block {
            function: ADMIN,
            domain: DomainIndex(3),
            block: &[0xAA; 102],
            signatures: &[0xBB; 213],
        }
        .encode();
        assert_eq!(hex::encode(&bytes[..24]), "308201520404000100290404000000030404000000000466");
        assert_eq!(hex::encode(&bytes[124..129]), "aaaa0481d5");
        assert_eq!(bytes.len(), 342);
    }

    #[test]
    fn a_failure_never_carries_return_code_0() {
        let bytes = AdminResponse::Failed { function: ADMIN, domain: DomainIndex(0), code: ReturnCode::OK }.encode();
        let read = AdminResponse::decode(&bytes).unwrap();
        assert_eq!(read.block(), Err(ReturnCode::IBM_INTERNAL_ERROR));
    }

    #[test]
    fn three_elements_with_return_code_0_and_four_elements_are_refused() {
        let three = hex::decode("3012040400010029040400000003040400000000").unwrap();
        assert_eq!(AdminResponse::decode(&three).unwrap_err().field, "block");
        let four = hex::decode("30140404000100290404000000030404000000540400").unwrap();
        assert_eq!(AdminResponse::decode(&four).unwrap_err().field, "signatures");
    }

    #[test]
    fn five_elements_with_a_return_code_are_a_failure() {
        let five = hex::decode("301604040001002904040000000304040000005404000400").unwrap();
        assert_eq!(AdminResponse::decode(&five).unwrap().block(), Err(ReturnCode(84)));
    }

    #[test]
    fn bytes_after_the_response_are_ignored_and_a_sixth_element_is_not() {
        let bytes = hex::decode("3012040400010029040400000003040400000054ffff").unwrap();
        assert!(AdminResponse::decode(&bytes).is_ok());
        let six = hex::decode("3018040400010029040400000003040400000000040004000400").unwrap();
        assert_eq!(AdminResponse::decode(&six).unwrap_err().fault, Fault::TrailingBytes);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            ordinal: u16, number: u16, domain: u32, code in 1_u32..,
            block in proptest::collection::vec(any::<u8>(), 0..400),
            signatures in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let function = FunctionWord { ordinal, function: number };
            let domain = DomainIndex(domain);
            let answer = AdminResponse::Block { function, domain, block: &block, signatures: &signatures };
            let bytes = answer.encode();
            prop_assert_eq!(AdminResponse::decode(&bytes), Ok(answer));
            let failed = AdminResponse::Failed { function, domain, code: ReturnCode(code) };
            let bytes = failed.encode();
            prop_assert_eq!(AdminResponse::decode(&bytes), Ok(failed));
        }
    }
}
