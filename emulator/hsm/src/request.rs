//! What arrives at a crypto unit: get_xcp_info, a query, or a command.

use hpcs_ep11::{AdminBlock, AdminFunction, AdminRequest, DomainIndex, FunctionWord, XcpInfoRequest};

use crate::queries::{self, QueryRow};
use crate::{CommandRow, Response, Unit, UnitRefusal};

/// A decoded request, by kind.
pub enum Request<'a> {
    /// get_xcp_info: module or domain information, answered without a signature.
    Info(InfoRequest),
    /// An administration query: changes nothing, needs no signature.
    Query(QueryRequest<'a>),
    /// An administration command.
    Command(CommandRequest<'a>),
}

/// A get_xcp_info request.
pub struct InfoRequest(pub(crate) XcpInfoRequest);

/// An administration query.
pub struct QueryRequest<'a> {
    pub(crate) header: Header,
    pub(crate) row: &'static QueryRow,
    pub(crate) block: AdminBlock<'a>,
}

/// An administration command, read but not yet admitted.
pub struct CommandRequest<'a> {
    pub(crate) header: Header,
    pub(crate) row: &'static CommandRow,
    pub(crate) block: AdminBlock<'a>,
    /// The block as received: what signatures cover.
    pub(crate) signed: &'a [u8],
    pub(crate) signatures: &'a [u8],
}

/// A request that was refused while it was read, with its answer.
pub struct Refused {
    /// Why.
    pub refusal: UnitRefusal,
    /// The answer that says so.
    pub response: Response,
}

/// What an answer repeats of its request.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    pub word: FunctionWord,
    pub function: AdminFunction,
}

impl<'a> Request<'a> {
    /// Reads the payload of a CPRB addressed to `unit`: steps 1 to 4 of the processing order.
    ///
    /// # Errors
    /// [`UnitRefusal::UNREADABLE`], [`UnitRefusal::OTHER_DOMAIN`], [`UnitRefusal::UNKNOWN_FUNCTION`] or
    /// [`UnitRefusal::NOT_SUPPORTED`], each with the answer to send.
    pub fn decode(payload: &'a [u8], unit: &Unit) -> Result<Self, Refused> {
        if let Ok(info) = XcpInfoRequest::decode(payload)
            && info.function.function == FunctionWord::GET_XCP_INFO
        {
            return Ok(Request::Info(InfoRequest(info)));
        }
        let own = unit.domain.index;
        let failed =
            |refusal, word, domain| Refused { refusal, response: Response::outer_failure(word, domain, refusal) };
        let default_word = FunctionWord::sdk(FunctionWord::ADMIN);
        let request = AdminRequest::decode(payload).map_err(|_| failed(UnitRefusal::UNREADABLE, default_word, own))?;
        let word = request.function;
        let named = <[u8; 4]>::try_from(request.domain).map_or(own, |bytes| DomainIndex(u32::from_be_bytes(bytes)));
        if word.function != FunctionWord::ADMIN {
            return Err(failed(UnitRefusal::UNREADABLE, word, named));
        }
        let block = AdminBlock::decode(request.block).map_err(|_| failed(UnitRefusal::UNREADABLE, word, named))?;
        let function = <[u8; 4]>::try_from(block.function).map(u32::from_be_bytes);
        let header = Header { word, function: AdminFunction(function.unwrap_or_default()) };
        let refused =
            |refusal| Refused { refusal, response: Response::to_command(unit, header, Err::<&[u8], _>(refusal)) };
        if function.is_err() {
            return Err(refused(UnitRefusal::UNKNOWN_FUNCTION));
        }
        let query = queries::find(header.function);
        let command = CommandRow::find(header.function);
        if query.is_none() && command.is_none() {
            let known = header.function.known_unsupported();
            return Err(refused(if known { UnitRefusal::NOT_SUPPORTED } else { UnitRefusal::UNKNOWN_FUNCTION }));
        }
        if request.domain != own.to_bytes() {
            return Err(failed(UnitRefusal::OTHER_DOMAIN, word, named));
        }
        match (query, command) {
            (Some(row), _) => Ok(Request::Query(QueryRequest { header, row, block })),
            (None, Some(row)) => Ok(Request::Command(CommandRequest {
                header,
                row,
                block,
                signed: request.block,
                signatures: request.signatures,
            })),
            (None, None) => Err(refused(UnitRefusal::UNKNOWN_FUNCTION)),
        }
    }
}

impl CommandRequest<'_> {
    /// Which command this is.
    pub fn function(&self) -> AdminFunction {
        self.header.function
    }

    /// The command's input, not yet checked.
    pub fn input(&self) -> &[u8] {
        self.block.input
    }

    /// The answer of `unit`, the state after the command, or before it when it was refused.
    pub fn respond(&self, unit: &Unit, result: Result<&[u8], UnitRefusal>) -> Response {
        Response::to_command(unit, self.header, result)
    }
}
