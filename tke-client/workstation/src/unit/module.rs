//! Who the crypto module is: its certificates, followed to a trusted root.

use hpcs_ep11::{
    AdminBlock, AdminFunction, ModuleId, OaCertificate, P521PublicKey, ReasonCode, ReturnCode, TrustedRoot,
    verify_chain,
};

use super::UnitError;
use super::answer::{Expected, ExpectedModule, Moment, SignedAnswer};
use super::exchange::Exchange;

/// A module that proved its key.
#[derive(Clone)]
pub(super) struct Module {
    /// Its serial number and instance, from a signed answer.
    pub(super) id: ModuleId,
    /// The key that verifies its answers.
    pub(super) key: P521PublicKey,
    /// The key in the form that files keep it in, which depends on the module's generation.
    pub(super) kept_key: Vec<u8>,
}

impl Module {
    /// Reads certificate 0 for the key, then the others, each answer verified with that key, then follows the chain.
    pub(super) async fn identify(exchange: &Exchange, roots: &[TrustedRoot]) -> Result<Self, UnitError> {
        let expected = Expected {
            function: AdminFunction::QUERY_DEVICE_CERTIFICATE,
            domain: exchange.domain(),
            module: ExpectedModule::Serial(exchange.info().serial),
            not_before: Moment::START,
            success: None,
        };
        let first = query(exchange, 0).await?;
        // A refusal of this question cannot be verified either, and only ends the attempt.
        let certificate = first.read_unverified(&expected)?.output;
        let decoded = OaCertificate::decode(&certificate)?;
        let (key, kept_key) = (*decoded.key(), decoded.key_as_kept());
        // From here on no answer is believed without the key, not even the one that brought it.
        let id = first.open(&key, &expected)?.module;
        let expected = Expected { module: ExpectedModule::Identified(id), ..expected };
        let mut chain = vec![certificate];
        for index in 1..=MAX_CERTIFICATES {
            match query(exchange, index).await?.open(&key, &expected) {
                Ok(answer) => chain.push(answer.output),
                Err(UnitError::Refused { code, reason }) if end_of_chain(code, reason) => {
                    let proved = verify_chain(&chain, roots).map_err(UnitError::Chain)?;
                    return Ok(Self { id, key: proved, kept_key });
                }
                Err(error) => return Err(error),
            }
        }
        Err(UnitError::TooManyCertificates)
    }
}

async fn query(exchange: &Exchange, index: u32) -> Result<SignedAnswer, UnitError> {
    let function = AdminFunction::QUERY_DEVICE_CERTIFICATE.to_bytes();
    // Eight zero bytes: the question is about the module, whichever unit it reaches.
    let block = AdminBlock::query(&function, &[0; 8], &index.to_be_bytes()).encode();
    exchange.administer(&block, &[]).await
}

/// Both codes are needed: any other refusal could hide a certificate.
fn end_of_chain(code: ReturnCode, reason: Option<ReasonCode>) -> bool {
    code == ReturnCode::KEY_HANDLE_INVALID && reason == Some(ReasonCode::CERTIFICATE_INDEX_RANGE)
}

/// Real chains have two or three.
const MAX_CERTIFICATES: u32 = 8;
