//! The outer request, xcpAdminReq.

use crate::der::{self, Reader};
use crate::{DecodeError, FunctionWord};

/// An administrative request: a block and the signatures over it. Specification, section 4.3.
///
/// The fields of a [`DecodeError`] are `function`, `domain`, `block` and `signatures`, since each has its own reason
/// code in the requests embedded in a key import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminRequest<'a> {
    /// The function word, `m_admin`; other functions are read too.
    pub function: FunctionWord,
    /// Index of the domain as received; four bytes in a valid request.
    pub domain: &'a [u8],
    /// The complete bytes of the [`AdminBlock`](crate::AdminBlock): what the signatures cover.
    pub block: &'a [u8],
    /// [`SignerInfo`](crate::SignerInfo)s, one after the other; may be empty.
    pub signatures: &'a [u8],
}

impl<'a> AdminRequest<'a> {
    /// Reads a request: a SEQUENCE of exactly four OCTET STRINGs. The block and the signatures are not looked into.
    ///
    /// # Errors
    /// When the structure differs, the function word has another size than four bytes, or bytes follow.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("xcpAdminReq", bytes);
        let mut fields = outer.sequence("request")?;
        outer.finish("request")?;
        let request = Self {
            function: FunctionWord::from_bytes(fields.octets_array("function")?),
            domain: fields.octets("domain")?,
            block: fields.octets("block")?,
            signatures: fields.octets("signatures")?,
        };
        fields.finish("end")?;
        Ok(request)
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|fields| {
            fields.octets(&self.function.to_bytes()).octets(self.domain).octets(self.block).octets(self.signatures);
        })
    }

    /// The requests embedded in the input of a key import: complete SEQUENCEs, one after the other, none for no bytes.
    ///
    /// # Errors
    /// When something else than a complete SEQUENCE is found.
    pub fn sequence(input: &'a [u8]) -> Result<Vec<&'a [u8]>, DecodeError> {
        der::split_sequences("key parts", "request", input)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{AdminBlock, AdminFunction, Cprb, DomainIndex, Fault, HtpRequest};

    /// The HTP string of a query to module 2, domain 3.
    fn query(function: AdminFunction, domain: [u8; 8], input: &[u8]) -> String {
        let block = AdminBlock::query(&function.to_bytes(), &domain, input).encode();
        let request = AdminRequest {
            function: FunctionWord::sdk(FunctionWord::ADMIN),
            domain: &[0, 0, 0, 3],
            block: &block,
            signatures: &[],
        };
        let cprb = Cprb::new(DomainIndex(3), &request.encode()).encode();
        HtpRequest { module_index: 2, cprb }.encode()
    }

    const UNIT: [u8; 8] = [0, 0, 0, 3, 0, 0, 0, 0];
    const MODULE: [u8; 8] = [0; 8];

    /// Specification, section 14.3.
    #[test]
    fn unsigned_queries_of_the_published_client() {
        let attributes = "181;PCI request;XPNUM   ;2;        ;002004000080543400000000000000030000000000000000000000000\
                          000002A30280404000100290404000000030418301604040001000A040800000003000000000400040004000400";
        assert_eq!(query(AdminFunction::QUERY_ATTRIBUTES, UNIT, &[]), attributes);
        for (function, id) in
            [(AdminFunction::QUERY_ADMINISTRATORS, "00010002"), (AdminFunction::QUERY_CONTROL_POINTS, "00010006")]
        {
            assert_eq!(query(function, UNIT, &[]), attributes.replace("0001000A", id));
        }
        assert_eq!(
            query(AdminFunction::QUERY_DEVICE_CERTIFICATE, MODULE, &[0; 4]),
            "189;PCI request;XPNUM   ;2;        ;002004000080543400000000000000030000000000000000000000000000002E302C04\
             0400010029040400000003041C301A04040001000304080000000000000000040004000404000000000400"
        );
        assert_eq!(
            query(AdminFunction::QUERY_DEVICE_CERTIFICATE, MODULE, &[]),
            "181;PCI request;XPNUM   ;2;        ;002004000080543400000000000000030000000000000000000000000000002A302804\
             040001002904040000000304183016040400010003040800000000000000000400040004000400"
        );
    }

    /// Specification, section 14.4.
    #[test]
    fn zeroize_in_imprint_mode_of_the_published_client() {
        let text = "245;PCI request;XPNUM   ;0;        ;002004000080543400000000000000030000000000000000000000000000004\
                    A30480404000100290404000000030438303604040000001004080000000300000001041039334141424330310011223344\
                    55667704100000000000000000000000000000000104000400";
        let htp = HtpRequest::decode(text.as_bytes()).unwrap();
        let cprb = Cprb::decode(&htp.cprb).unwrap();
        let request = AdminRequest::decode(cprb.payload).unwrap();
        let block = AdminBlock::decode(request.block).unwrap();
        assert_eq!(block.function, AdminFunction::ZEROIZE.to_bytes());
        assert_eq!(block.domain, [0, 0, 0, 3, 0, 0, 0, 1]);
        assert_eq!(block.module, b"93AABC01\x00\x11\x22\x33\x44\x55\x66\x77");
        assert_eq!(block.counter, 1_u128.to_be_bytes());
        assert!(block.input.is_empty() && request.signatures.is_empty());
        assert_eq!((block.encode(), request.encode()), (request.block.to_vec(), cprb.payload.to_vec()));
        assert_eq!(htp.encode(), text);
    }

    #[test]
    fn the_block_is_kept_as_received() {
        let bytes = hex::decode("308200150404000100290400048200048101aabb0481020102").unwrap();
        let request = AdminRequest::decode(&bytes).unwrap();
        assert_eq!(request.block, [0x81, 0x01, 0xAA, 0xBB]);
        assert_eq!(request.signatures, [1, 2]);
    }

    #[test]
    fn a_missing_field_is_named() {
        for (bytes, field) in [
            ("3000", "function"),
            ("300604040001 0029", "domain"),
            ("300c 040400010029 040400000003", "block"),
            ("300e 040400010029 040400000003 0400", "signatures"),
        ] {
            let error = AdminRequest::decode(&hex::decode(bytes.replace(' ', "")).unwrap()).unwrap_err();
            assert_eq!((error.field, error.fault), (field, Fault::Truncated));
        }
    }

    #[test]
    fn a_function_word_of_another_size_is_refused() {
        let error = AdminRequest::decode(&hex::decode("300b0403000100040004000400").unwrap()).unwrap_err();
        assert_eq!((error.field, error.fault), ("function", Fault::WrongSize { expected: 4, found: 3 }));
    }

    #[test]
    fn a_fifth_element_and_bytes_after_the_end_are_refused() {
        let five = hex::decode("300e0404000100290400040004000400").unwrap();
        assert_eq!(AdminRequest::decode(&five).unwrap_err().fault, Fault::TrailingBytes);
        let longer = hex::decode("300c04040001002904000400040000").unwrap();
        assert_eq!(AdminRequest::decode(&longer).unwrap_err().field, "request");
    }

    #[test]
    fn embedded_requests_are_split_as_received() {
        let input = hex::decode("300204003081020500").unwrap();
        assert_eq!(AdminRequest::sequence(&input).unwrap(), [&input[..4], &input[4..]]);
        assert!(AdminRequest::sequence(&[]).unwrap().is_empty());
        assert!(AdminRequest::sequence(&[0x04, 0x00]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            ordinal: u16, number: u16,
            domain in proptest::collection::vec(any::<u8>(), 0..9),
            block in proptest::collection::vec(any::<u8>(), 0..300),
            signatures in proptest::collection::vec(any::<u8>(), 0..700),
        ) {
            let function = FunctionWord { ordinal, function: number };
            let request = AdminRequest { function, domain: &domain, block: &block, signatures: &signatures };
            let bytes = request.encode();
            prop_assert_eq!(AdminRequest::decode(&bytes), Ok(request));
        }
    }
}
