//! The layers of a message, outside in: HTP string, CPRB, administration request or `get_xcp_info`.

use hpcs_ep11::{
    AdminRequest, AdminResponse, Cprb, DomainIndex, FunctionWord, HtpRequest, HtpResponse, XcpInfoRequest,
    XcpInfoResponse,
};
use hpcs_names::InstanceId;

use super::UnitError;
use super::answer::SignedAnswer;
use crate::{CryptoUnitInfo, Service};

/// The way to one unit.
#[derive(Clone)]
pub(super) struct Exchange {
    service: Service,
    instance: InstanceId,
    info: CryptoUnitInfo,
}

impl Exchange {
    pub(super) fn new(service: Service, instance: InstanceId, info: CryptoUnitInfo) -> Self {
        Self { service, instance, info }
    }

    pub(super) fn instance(&self) -> InstanceId {
        self.instance
    }

    pub(super) fn info(&self) -> &CryptoUnitInfo {
        &self.info
    }

    /// The unit's domain: the last part of its location.
    pub(super) fn domain(&self) -> DomainIndex {
        DomainIndex(self.info.location.domain())
    }

    /// Sends a block with concatenated SignerInfos; the answer is not verified yet.
    pub(super) async fn administer(&self, block: &[u8], signatures: &[u8]) -> Result<SignedAnswer, UnitError> {
        let function = FunctionWord::sdk(FunctionWord::ADMIN);
        let domain = self.domain().to_bytes();
        let request = AdminRequest { function, domain: &domain, block, signatures }.encode();
        let payload = self.call(&request).await?;
        let response = AdminResponse::decode(&payload)?;
        let (block, signatures) = response.block().map_err(|code| UnitError::Unprocessed { code })?;
        Ok(SignedAnswer { block: block.to_vec(), signatures: signatures.to_vec() })
    }

    /// Facts of one kind, by the numbers in [`XcpInfoRequest`]. Not signed.
    pub(super) async fn facts(&self, subtype: u32) -> Result<Vec<u8>, UnitError> {
        let payload = self.call(&XcpInfoRequest::new(self.domain(), subtype).encode()).await?;
        let response = XcpInfoResponse::decode(&payload)?;
        if !response.return_code.is_ok() {
            return Err(UnitError::Unprocessed { code: response.return_code });
        }
        Ok(response.payload.to_vec())
    }

    async fn call(&self, message: &[u8]) -> Result<Vec<u8>, UnitError> {
        let cprb = Cprb::new(self.domain(), message).encode();
        let request = HtpRequest { module_index: self.info.location.module(), cprb }.encode();
        let answer = self.service.submit(self.instance, self.info.id, request.as_bytes()).await?;
        match HtpResponse::decode(&answer)? {
            HtpResponse::Error(error) => Err(UnitError::Host(error)),
            HtpResponse::Cprb(cprb) => payload(&Cprb::decode(&cprb)?),
        }
    }
}

fn payload(cprb: &Cprb<'_>) -> Result<Vec<u8>, UnitError> {
    match (cprb.return_code, cprb.reason_code) {
        (0, 0) => Ok(cprb.payload.to_vec()),
        (code, reason) => Err(UnitError::Header { code, reason }),
    }
}
