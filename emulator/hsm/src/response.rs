//! Answers of a crypto unit.

use std::sync::Arc;

use hpcs_ep11::{
    AdminDomain, AdminResponse, AdminResponseBlock, DomainIndex, FunctionWord, ReturnCode, TransactionCounter,
};

use crate::request::Header;
use crate::{Module, Unit, UnitRefusal};

/// An answer, complete but for the module's signature.
///
/// Deciding and signing are two steps because the signature costs a hundred times what the decision does;
/// [`Response::into_payload`] signs.
pub struct Response(Form);

enum Form {
    /// Goes out as it is: get_xcp_info and outer failures.
    Plain(Vec<u8>),
    /// A response block that the epoch key signs.
    Signed { module: Arc<Module>, word: FunctionWord, domain: DomainIndex, block: Vec<u8> },
}

impl Response {
    /// An answer without signature: the complete payload.
    pub(crate) fn plain(payload: Vec<u8>) -> Self {
        Response(Form::Plain(payload))
    }

    /// The three-element form, for requests of which no administration block could be processed. `word` and `domain`
    /// repeat the request's as far as they could be read.
    pub(crate) fn outer_failure(word: FunctionWord, domain: DomainIndex, refusal: UnitRefusal) -> Self {
        let failed = AdminResponse::Failed { function: word, domain, code: refusal.code() };
        Response::plain(failed.encode())
    }

    /// The answer to a command or to a query about the unit.
    pub(crate) fn to_command(unit: &Unit, header: Header, result: Result<impl AsRef<[u8]>, UnitRefusal>) -> Self {
        Response::signed(unit, header, unit.domain, unit.counter, result)
    }

    /// The answer to a query about the module: domain and counter are zero.
    pub(crate) fn to_module_query(unit: &Unit, header: Header, result: Result<impl AsRef<[u8]>, UnitRefusal>) -> Self {
        Response::signed(unit, header, AdminDomain::MODULE, TransactionCounter::ZERO, result)
    }

    fn signed(
        unit: &Unit,
        header: Header,
        domain: AdminDomain,
        counter: TransactionCounter,
        result: Result<impl AsRef<[u8]>, UnitRefusal>,
    ) -> Self {
        let reason;
        let (code, output) = match &result {
            Ok(output) => (ReturnCode::OK, output.as_ref()),
            Err(refusal) => {
                reason = refusal.reason().map(|reason| reason.0.to_be_bytes());
                (refusal.code(), reason.as_ref().map_or(&[][..], |bytes| &bytes[..]))
            }
        };
        let module = unit.module().clone();
        let block =
            AdminResponseBlock { function: header.function, domain, module: module.id(), counter, code, output };
        Response(Form::Signed { block: block.encode(), module, word: header.word, domain: unit.domain.index })
    }

    /// The payload of the answering CPRB, signed by the module where the protocol wants it.
    pub fn into_payload(self) -> Vec<u8> {
        match self.0 {
            Form::Plain(payload) => payload,
            Form::Signed { module, word, domain, block } => {
                let signatures = module.sign(&block);
                AdminResponse::Block { function: word, domain, block: &block, signatures: &signatures }.encode()
            }
        }
    }
}
