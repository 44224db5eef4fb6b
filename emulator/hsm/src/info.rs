//! get_xcp_info: module and domain information.

use hpcs_ep11::{ModuleInfo, ReturnCode, UnixMillis, XcpInfoRequest, XcpInfoResponse};

use crate::{InfoRequest, Response, Unit};

impl InfoRequest {
    /// Answers from the state of `unit`; `now` is the module's clock.
    ///
    /// A wrong domain answers 3, an unknown subtype 7, both with an empty payload.
    pub fn answer(&self, unit: &Unit, now: UnixMillis) -> Response {
        let request = &self.0;
        let result = if request.domain != unit.domain().index {
            Err(ReturnCode::SLOT_ID_INVALID)
        } else {
            match request.subtype {
                XcpInfoRequest::MODULE => Ok(module_info(unit, now).to_bytes()),
                XcpInfoRequest::DOMAIN => Ok(unit.domain_info().encode()),
                _ => Err(ReturnCode::ARGUMENTS_BAD),
            }
        };
        let (return_code, payload) = match result {
            Ok(payload) => (ReturnCode::OK, payload),
            Err(code) => (code, Vec::new()),
        };
        let response =
            XcpInfoResponse { function: request.function, domain: request.domain, return_code, payload: &payload };
        Response::plain(response.encode())
    }
}

/// Values that no client reads are those of the administration protocol, section 5.19.
fn module_info(unit: &Unit, now: UnixMillis) -> ModuleInfo {
    let module = unit.module();
    let [firmware_hash, xcp_hash, csp_hash] = *module.configuration_hashes();
    let [a, b, c, d, ..] = firmware_hash;
    let version = module.profile().firmware();
    ModuleInfo {
        api_ordinal: 4,
        firmware_id: [a, b, c, d],
        firmware_version: version,
        csp_version: version,
        firmware_hash,
        xcp_hash,
        csp_hash,
        module: module.id(),
        time: now,
        mode: 1,
        pkcs11_flags: 0,
        extended_flags: 0,
        domains: 256,
        symmetric_state_size: 0,
        digest_state_size: 0,
        pin_blob_size: 80,
        spki_size: 0,
        private_blob_size: 0,
        symmetric_blob_size: 0,
        max_payload: 0x0001_0000,
        profile_size: 0,
        highest_control_point: 67,
    }
}
