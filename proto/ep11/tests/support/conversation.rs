//! Takes `conversation.txt` apart: one exchange for each distinct client message, every layer decoded.

use std::collections::BTreeMap;

use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminFunction, AdminRequest, AdminResponse, AdminResponseBlock, Cprb, HtpRequest,
    HtpResponse, SignerInfo, SubjectKeyId,
};

/// One client message and the answer to it.
pub(crate) struct Exchange {
    /// The client's HTP string as recorded.
    pub(crate) request: &'static str,
    /// The answer's HTP string as recorded.
    pub(crate) response: &'static str,
    /// The module that the client addressed.
    pub(crate) module_index: u32,
    request_cprb: Vec<u8>,
    response_cprb: Vec<u8>,
}

/// A signed command or a query as the client sent it.
pub(crate) struct Sent<'a> {
    pub(crate) request: AdminRequest<'a>,
    pub(crate) block: AdminBlock<'a>,
}

/// A signed answer.
pub(crate) struct Answered<'a> {
    pub(crate) block: &'a [u8],
    pub(crate) signatures: &'a [u8],
    pub(crate) content: AdminResponseBlock<'a>,
}

/// All exchanges in the order of the recording.
pub(crate) fn exchanges() -> Vec<Exchange> {
    let messages: Vec<&str> = include_str!("../fixtures/conversation.txt").lines().collect();
    messages
        .chunks(2)
        .map(|pair| {
            let (unit, request) = pair[0].split_once(" > ").expect("a client message");
            let response = pair[1].strip_prefix(unit).and_then(|rest| rest.strip_prefix(" < ")).expect("its answer");
            Exchange::new(request, response)
        })
        .collect()
}

/// The certificate of each administrator who was added, by identifier.
pub(crate) fn administrators(exchanges: &[Exchange]) -> BTreeMap<SubjectKeyId, Vec<u8>> {
    exchanges
        .iter()
        .filter(|exchange| exchange.function() == Some(AdminFunction::ADD_ADMINISTRATOR))
        .map(|exchange| exchange.sent().expect("a command").block.input.to_vec())
        .map(|certificate| (AdminCertificate::decode(&certificate).unwrap().key.subject_key_id(), certificate))
        .collect()
}

/// The OA certificates of each module in the order of their index.
pub(crate) fn module_certificates(exchanges: &[Exchange]) -> BTreeMap<u32, Vec<Vec<u8>>> {
    let mut found: BTreeMap<u32, BTreeMap<Vec<u8>, Vec<u8>>> = BTreeMap::new();
    for exchange in exchanges {
        if exchange.function() == Some(AdminFunction::QUERY_DEVICE_CERTIFICATE) {
            let (sent, answered) = (exchange.sent().unwrap(), exchange.answered().unwrap());
            if answered.content.code.0 == 0 {
                let index = sent.block.input.to_vec();
                found.entry(exchange.module_index).or_default().insert(index, answered.content.output.to_vec());
            }
        }
    }
    found.into_iter().map(|(module, chain)| (module, chain.into_values().collect())).collect()
}

impl Exchange {
    fn new(request: &'static str, response: &'static str) -> Self {
        let HtpRequest { module_index, cprb: request_cprb } = HtpRequest::decode(request.as_bytes()).unwrap();
        let HtpResponse::Cprb(response_cprb) = HtpResponse::decode(response.as_bytes()).unwrap() else {
            panic!("an answer without a CPRB: {response}");
        };
        Self { request, response, module_index, request_cprb, response_cprb }
    }

    pub(crate) fn request_cprb(&self) -> Cprb<'_> {
        Cprb::decode(&self.request_cprb).unwrap()
    }

    pub(crate) fn response_cprb(&self) -> Cprb<'_> {
        Cprb::decode(&self.response_cprb).unwrap()
    }

    /// The request inside, unless it is get_xcp_info.
    pub(crate) fn sent(&self) -> Option<Sent<'_>> {
        Sent::decode(self.request_cprb().payload)
    }

    /// The answer inside, unless it is one to get_xcp_info.
    pub(crate) fn answered(&self) -> Option<Answered<'_>> {
        self.sent()?;
        let AdminResponse::Block { block, signatures, .. } =
            AdminResponse::decode(self.response_cprb().payload).unwrap()
        else {
            panic!("an outer error: {}", self.response);
        };
        Some(Answered { block, signatures, content: AdminResponseBlock::decode(block).unwrap() })
    }

    /// The administrative function, unless the request is get_xcp_info.
    pub(crate) fn function(&self) -> Option<AdminFunction> {
        self.sent().map(|sent| sent.function())
    }
}

impl<'a> Sent<'a> {
    /// Decodes a request, outer or inner. `None` for get_xcp_info.
    pub(crate) fn decode(payload: &'a [u8]) -> Option<Self> {
        let request = AdminRequest::decode(payload).unwrap();
        assert_eq!(request.function.ordinal, 1);
        request.function.is_admin().then(|| Self { request, block: AdminBlock::decode(request.block).unwrap() })
    }

    pub(crate) fn function(&self) -> AdminFunction {
        AdminFunction(u32::from_be_bytes(self.block.function.try_into().unwrap()))
    }

    pub(crate) fn signers(&self) -> Vec<SignerInfo<'a>> {
        SignerInfo::sequence(self.request.signatures).unwrap()
    }

    /// The requests inside an import with their bytes; none in other commands. To be asked of outer requests only.
    pub(crate) fn inner(&self) -> Vec<(Sent<'a>, &'a [u8])> {
        if self.function() != AdminFunction::IMPORT_WK {
            return Vec::new();
        }
        let inner = AdminRequest::sequence(self.block.input).unwrap();
        inner.into_iter().map(|request| (Sent::decode(request).expect("an inner request"), request)).collect()
    }
}
