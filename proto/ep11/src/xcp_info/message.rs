//! Request and response of `get_xcp_info`.

use crate::der::{self, Reader};
use crate::{DecodeError, DomainIndex, FunctionWord, ReturnCode};

/// Asks for one kind of facts. Specification, section 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XcpInfoRequest {
    /// The function word, `get_xcp_info`; other functions are read too.
    pub function: FunctionWord,
    /// The domain asked about.
    pub domain: DomainIndex,
    /// Which facts: [`MODULE`](Self::MODULE), [`DOMAIN`](Self::DOMAIN) or another number, not answered here.
    pub subtype: u32,
    /// Second subtype; zero.
    pub second: u32,
}

impl XcpInfoRequest {
    /// Subtype of facts about the module, [`ModuleInfo`](crate::ModuleInfo).
    pub const MODULE: u32 = 1;
    /// Subtype of facts about the domain, [`DomainInfo`](crate::DomainInfo).
    pub const DOMAIN: u32 = 3;

    /// The request of the published client.
    pub fn new(domain: DomainIndex, subtype: u32) -> Self {
        Self { function: FunctionWord::sdk(FunctionWord::GET_XCP_INFO), domain, subtype, second: 0 }
    }

    /// Reads a request: a SEQUENCE of exactly four OCTET STRINGs of four bytes.
    ///
    /// # Errors
    /// When the structure or a size differs, or bytes follow.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("get_xcp_info request", bytes);
        let mut fields = outer.sequence("request")?;
        outer.finish("request")?;
        let request = Self {
            function: FunctionWord::from_bytes(fields.octets_array("function")?),
            domain: DomainIndex(fields.octets_u32("domain")?),
            subtype: fields.octets_u32("subtype")?,
            second: fields.octets_u32("second subtype")?,
        };
        fields.finish("end")?;
        Ok(request)
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|fields| {
            fields.octets(&self.function.to_bytes()).octets(&self.domain.to_bytes());
            fields.octets_u32(self.subtype).octets_u32(self.second);
        })
    }
}

/// The facts asked for. Not signed. Specification, section 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XcpInfoResponse<'a> {
    /// The function word of the request.
    pub function: FunctionWord,
    /// The domain of the request.
    pub domain: DomainIndex,
    /// Zero, or an error; the published client looks at the payload alone.
    pub return_code: ReturnCode,
    /// The facts; empty after an error.
    pub payload: &'a [u8],
}

impl<'a> XcpInfoResponse<'a> {
    /// Reads a response: a SEQUENCE of exactly four OCTET STRINGs. As in clients, bytes after it are ignored.
    ///
    /// # Errors
    /// When the structure or a size differs.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut fields = Reader::new("get_xcp_info response", bytes).sequence("response")?;
        let response = Self {
            function: FunctionWord::from_bytes(fields.octets_array("function")?),
            domain: DomainIndex(fields.octets_u32("domain")?),
            return_code: ReturnCode(fields.octets_u32("return code")?),
            payload: fields.octets("payload")?,
        };
        fields.finish("end")?;
        Ok(response)
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|fields| {
            fields.octets(&self.function.to_bytes()).octets(&self.domain.to_bytes());
            fields.octets(&self.return_code.to_bytes()).octets(self.payload);
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Cprb, DomainFlags, DomainInfo, Fault, HtpRequest, HtpResponse, VerificationPattern};

    /// Specification, section 14.3.
    #[test]
    fn queries_of_the_published_client() {
        let domain = "149;PCI request;XPNUM   ;2;        ;0020040000805434000000000000000300000000000000000000000000000\
                      01A3018040400010026040400000003040400000003040400000000";
        let module = domain.replace("040400000003040400000000", "040400000001040400000000");
        for (subtype, expected) in [(XcpInfoRequest::DOMAIN, domain), (XcpInfoRequest::MODULE, module.as_str())] {
            let request = XcpInfoRequest::new(DomainIndex(3), subtype);
            let cprb = Cprb::new(DomainIndex(3), &request.encode()).encode();
            assert_eq!(HtpRequest { module_index: 2, cprb }.encode(), expected);
            let htp = HtpRequest::decode(expected.as_bytes()).unwrap();
            let cprb = Cprb::decode(&htp.cprb).unwrap();
            assert_eq!(XcpInfoRequest::decode(cprb.payload), Ok(request));
        }
    }

    /// Specification, section 14.5: master key 00..1f, imprint mode left.
    #[test]
    fn domain_information_with_a_current_master_key() {
        let current = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000";
        let info = DomainInfo {
            domain: DomainIndex(3),
            current: current.parse().unwrap(),
            next: VerificationPattern::ZERO,
            flags: DomainFlags(0x8000_0013),
            mode: 1,
        };
        let response = XcpInfoResponse {
            function: FunctionWord::sdk(FunctionWord::GET_XCP_INFO),
            domain: DomainIndex(3),
            return_code: ReturnCode::OK,
            payload: &info.encode(),
        };
        let cprb = Cprb::new(DomainIndex(3), &response.encode()).encode();
        let expected = "0020040000805434000000000000000300000000000000000000000000000066306404040001002604040000000304\
                        0400000000045000000003491176B0F443C65A7C7D72DF47D6CBC0D04E111FB5A619F60D3E77670000000000000000\
                        00000000000000000000000000000000000000000000000000000000800000130000000000000001";
        assert_eq!(hex::encode_upper(&cprb), expected);
        let text = HtpResponse::Cprb(cprb).encode();
        assert_eq!(text, format!("426;000       0       {:138};{expected}", ""));
    }

    #[test]
    fn an_element_more_or_of_another_size_is_refused() {
        let five = hex::decode("301a0404000100260404000000030404000000030404000000000400").unwrap();
        assert_eq!(XcpInfoRequest::decode(&five).unwrap_err().fault, Fault::TrailingBytes);
        let short = hex::decode("301704040001002604040000000304030000030404000000 00".replace(' ', "")).unwrap();
        let error = XcpInfoRequest::decode(&short).unwrap_err();
        assert_eq!((error.field, error.offset), ("subtype", 14));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            ordinal: u16, number: u16, domain: u32, subtype: u32, second: u32, code: u32,
            payload in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let function = FunctionWord { ordinal, function: number };
            let domain = DomainIndex(domain);
            let request = XcpInfoRequest { function, domain, subtype, second };
            let bytes = request.encode();
            prop_assert_eq!(XcpInfoRequest::decode(&bytes), Ok(request));
            let response = XcpInfoResponse { function, domain, return_code: ReturnCode(code), payload: &payload };
            let bytes = response.encode();
            prop_assert_eq!(XcpInfoResponse::decode(&bytes), Ok(response));
        }
    }
}
