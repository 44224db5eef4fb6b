//! Messages as bytes, with every field open to a test that wants to spoil it.

use hpcs_ep11::{
    AdminBlock, AdminFunction, AdminRequest, AdminResponse, AdminResponseBlock, FunctionWord, SigningKey,
    verify_response,
};
use hpcs_hsm::{Request, Unit, UnitRefusal, apply};

use super::{Code, NOW, code, env};

/// A command before it is signed.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) word: FunctionWord,
    pub(crate) outer_domain: Vec<u8>,
    pub(crate) function: Vec<u8>,
    pub(crate) domain: Vec<u8>,
    pub(crate) module: Vec<u8>,
    pub(crate) counter: Vec<u8>,
    pub(crate) input: Vec<u8>,
}

impl Message {
    /// The next command to `unit`.
    pub(crate) fn command(unit: &Unit, function: AdminFunction, input: impl Into<Vec<u8>>) -> Self {
        Message {
            word: FunctionWord::sdk(FunctionWord::ADMIN),
            outer_domain: unit.domain().index.to_bytes().to_vec(),
            function: function.to_bytes().to_vec(),
            domain: unit.domain().to_bytes().to_vec(),
            module: unit.module().id().to_bytes().to_vec(),
            counter: unit.counter().next().to_bytes().to_vec(),
            input: input.into(),
        }
    }

    /// A query about `unit`, as the published client sends it.
    pub(crate) fn query(unit: &Unit, function: AdminFunction, input: impl Into<Vec<u8>>) -> Self {
        let domain = [&unit.domain().index.to_bytes()[..], &[0; 4]].concat();
        Message { domain, module: vec![], counter: vec![], ..Message::command(unit, function, input) }
    }

    pub(crate) fn with_counter(mut self, counter: u128) -> Self {
        self.counter = counter.to_be_bytes().to_vec();
        self
    }

    /// What administrators sign.
    pub(crate) fn block(&self) -> Vec<u8> {
        AdminBlock {
            function: &self.function,
            domain: &self.domain,
            module: &self.module,
            counter: &self.counter,
            input: &self.input,
        }
        .encode()
    }

    pub(crate) fn with_signatures(&self, signatures: &[u8]) -> Vec<u8> {
        let block = self.block();
        AdminRequest { function: self.word, domain: &self.outer_domain, block: &block, signatures }.encode()
    }

    pub(crate) fn unsigned(&self) -> Vec<u8> {
        self.with_signatures(&[])
    }

    pub(crate) fn signed<'k>(&self, keys: impl IntoIterator<Item = &'k SigningKey>) -> Vec<u8> {
        let block = self.block();
        self.with_signatures(&keys.into_iter().flat_map(|key| key.signer_info(&block)).collect::<Vec<u8>>())
    }
}

/// One wrong bit in the signature, which stands at the end of a SignerInfo.
pub(crate) fn spoilt(mut signer_info: Vec<u8>) -> Vec<u8> {
    *signer_info.last_mut().unwrap() ^= 1;
    signer_info
}

/// A SEQUENCE of OCTET STRINGs, however many.
pub(crate) fn sequence(fields: &[&[u8]]) -> Vec<u8> {
    let element = |tag: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &length, content].concat()
    };
    element(0x30, &fields.iter().flat_map(|field| element(0x04, field)).collect::<Vec<u8>>())
}

/// Decode, admit, apply.
pub(crate) fn send(unit: &Unit, bytes: &[u8]) -> Result<(Unit, Vec<u8>), UnitRefusal> {
    match Request::decode(bytes, unit).map_err(|refused| refused.refusal)? {
        Request::Command(command) => apply(unit, &command.admit(unit)?, &mut env(unit)),
        _ => panic!("no command"),
    }
}

/// The state after a command that the unit must take.
pub(crate) fn accept(unit: &Unit, bytes: &[u8]) -> Unit {
    send(unit, bytes).unwrap_or_else(|refusal| panic!("{refusal}")).0
}

/// The code with which a command must be refused.
pub(crate) fn refuse(unit: &Unit, bytes: &[u8]) -> Code {
    send(unit, bytes).map(|_| "accepted").map_err(code).unwrap_err()
}

/// The complete answer of `unit` to any request, as it would travel.
pub(crate) fn answer(unit: &Unit, bytes: &[u8]) -> Vec<u8> {
    match Request::decode(bytes, unit) {
        Err(refused) => refused.response,
        Ok(Request::Info(info)) => info.answer(unit, NOW),
        Ok(Request::Query(query)) => query.answer(unit).0,
        Ok(Request::Command(command)) => {
            let applied = command.admit(unit).and_then(|admitted| apply(unit, &admitted, &mut env(unit)));
            match &applied {
                Ok((next, output)) => command.respond(next, Ok(output)),
                Err(refusal) => command.respond(unit, Err(*refusal)),
            }
        }
    }
    .into_payload()
}

/// The response block in an answer, after its signature was verified: code and output.
pub(crate) fn verified(unit: &Unit, answer: &[u8]) -> (u32, Vec<u8>) {
    let (block, signatures) = AdminResponse::decode(answer).unwrap().block().unwrap();
    assert!(verify_response(block, signatures, &unit.module().epoch_key()));
    let block = AdminResponseBlock::decode(block).unwrap();
    (block.code.0, block.output.to_vec())
}

/// The output of a query that the unit must answer, or its refusal.
pub(crate) fn ask(unit: &Unit, function: AdminFunction, input: &[u8]) -> Result<Vec<u8>, Code> {
    let (code, output) = verified(unit, &answer(unit, &Message::query(unit, function, input).unsigned()));
    match code {
        0 => Ok(output),
        _ => Err((code, output.try_into().ok().map(u32::from_be_bytes))),
    }
}
