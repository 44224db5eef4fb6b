//! Every decoder of the crate with what must hold for any input.
//!
//! The fuzz targets and the ordinary test `tests/corpus.rs` share this list. A decoder must not panic; and what it
//! takes must come back from its encoder unchanged. Bytes need not come back: senders may use lengths that encoders do
//! not.

use std::fmt::Debug;

use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminRequest, AdminResponse, AdminResponseBlock, AttributeList, Cex5Certificate,
    Cprb, DomainInfo, FunctionWord, HtpRequest, HtpResponse, KphCertificate, ModuleInfo, Oa2Certificate,
    Oa3Certificate, OaCertificate, P521KeyPair, ParameterMap, PublicKey, RecipientInfo, RsaKeyPair, SignerInfo,
    XcpInfoRequest, XcpInfoResponse, glimpse_function, verify_chain,
};

/// Decodes an input and panics when something is wrong with the decoder.
pub(crate) type Check = fn(&[u8]);

/// Name of the target and of its corpus folder, and the check.
pub(crate) const DECODERS: &[(&str, Check)] = &[
    ("admin_block", admin_block),
    ("admin_certificate", admin_certificate),
    ("admin_request", admin_request),
    ("admin_response", admin_response),
    ("admin_response_block", admin_response_block),
    ("attributes", attributes),
    ("cprb", cprb),
    ("glimpse", glimpse),
    ("htp_request", htp_request),
    ("htp_response", htp_response),
    ("kph_certificate", kph_certificate),
    ("oa_certificate", oa_certificate),
    ("oa_certificate_cex5", oa_certificate_cex5),
    ("oa_certificate_oa2", oa_certificate_oa2),
    ("oa_certificate_oa3", oa_certificate_oa3),
    ("parameter_map", parameter_map),
    ("private_key_pkcs1", private_key_pkcs1),
    ("private_key_sec1", private_key_sec1),
    ("public_key_spki", public_key_spki),
    ("recipient_info", recipient_info),
    ("signer_info", signer_info),
    ("xcp_info_request", xcp_info_request),
    ("xcp_info_response", xcp_info_response),
];

/// Runs the check of the target `name`.
pub(crate) fn run(name: &str, input: &[u8]) {
    let check = DECODERS.iter().find(|(known, _)| *known == name).map(|(_, check)| check);
    assert!(check.is_some(), "no decoder is called {name}");
    if let Some(check) = check {
        check(input);
    }
}

fn htp_request(input: &[u8]) {
    match HtpRequest::decode(input) {
        Ok(request) => returns(&HtpRequest::decode(request.encode().as_bytes()), &request),
        Err(error) => {
            let answer = HtpResponse::Error(error);
            returns(&HtpResponse::decode(answer.encode().as_bytes()), &answer);
        }
    }
}

fn htp_response(input: &[u8]) {
    if let Ok(response) = HtpResponse::decode(input) {
        returns(&HtpResponse::decode(response.encode().as_bytes()), &response);
    }
}

fn cprb(input: &[u8]) {
    if let Ok(cprb) = Cprb::decode(input) {
        returns(&Cprb::decode(&cprb.encode()), &cprb);
    }
}

fn xcp_info_request(input: &[u8]) {
    if let Ok(request) = XcpInfoRequest::decode(input) {
        returns(&XcpInfoRequest::decode(&request.encode()), &request);
    }
}

fn xcp_info_response(input: &[u8]) {
    let Ok(response) = XcpInfoResponse::decode(input) else { return };
    returns(&XcpInfoResponse::decode(&response.encode()), &response);
    if let Ok(info) = DomainInfo::decode(response.payload) {
        returns(&DomainInfo::decode(&info.encode()), &info);
    }
    if let Ok(info) = ModuleInfo::from_bytes(response.payload) {
        returns(&ModuleInfo::from_bytes(&info.to_bytes()), &info);
    }
}

fn admin_request(input: &[u8]) {
    if let Ok(request) = AdminRequest::decode(input) {
        returns(&AdminRequest::decode(&request.encode()), &request);
    }
    if let Ok(parts) = AdminRequest::sequence(input) {
        assert_eq!(parts.concat(), input);
    }
}

fn admin_block(input: &[u8]) {
    if let Ok(block) = AdminBlock::decode(input) {
        returns(&AdminBlock::decode(&block.encode()), &block);
    }
}

fn admin_response(input: &[u8]) {
    if let Ok(response) = AdminResponse::decode(input) {
        returns(&AdminResponse::decode(&response.encode()), &response);
    }
}

fn admin_response_block(input: &[u8]) {
    if let Ok(block) = AdminResponseBlock::decode(input) {
        returns(&AdminResponseBlock::decode(&block.encode()), &block);
    }
}

fn signer_info(input: &[u8]) {
    if let Ok(signers) = SignerInfo::sequence(input) {
        let bytes: Vec<u8> = signers.iter().flat_map(SignerInfo::encode).collect();
        returns(&SignerInfo::sequence(&bytes), &signers);
    }
}

/// A certificate is kept as it was received; there is nothing to encode it with.
fn admin_certificate(input: &[u8]) {
    if let Ok(certificate) = AdminCertificate::decode(input) {
        assert!(!certificate.name.is_empty());
    }
}

fn kph_certificate(input: &[u8]) {
    if let Ok(PublicKey::P521(key)) = KphCertificate::decode(input) {
        let bytes = KphCertificate::encode_sdk(&key);
        returns(&KphCertificate::decode(&bytes), &PublicKey::P521(key));
    }
}

fn parameter_map(input: &[u8]) {
    if let Ok(map) = ParameterMap::decode(input) {
        returns(&ParameterMap::decode(&map.encode()), &map);
    }
}

fn recipient_info(input: &[u8]) {
    if let Ok(info) = RecipientInfo::decode(input) {
        returns(&RecipientInfo::decode(&info.encode()), &info);
    }
}

/// A certificate is verified as it was received; its own key did not sign it, and no root is trusted here.
fn oa_certificate(input: &[u8]) {
    if let Ok(certificate) = OaCertificate::decode(input) {
        assert!(!certificate.verify(certificate.key()));
        assert!(matches!(certificate.key_as_kept().len(), 133 | 159));
    }
    assert!(verify_chain(&[input.to_vec()], &[]).is_err());
}

/// The layouts one by one, whatever they would be recognised as.
fn oa_certificate_cex5(input: &[u8]) {
    if let Ok(certificate) = Cex5Certificate::decode(input) {
        assert!(!certificate.verify(&certificate.key));
    }
}

fn oa_certificate_oa2(input: &[u8]) {
    if let Ok(certificate) = Oa2Certificate::decode(input) {
        assert!(!certificate.verify(&certificate.key));
    }
}

fn oa_certificate_oa3(input: &[u8]) {
    if let Ok(certificate) = Oa3Certificate::decode(input) {
        assert!(!certificate.verify(&certificate.key));
    }
}

/// A request that decodes down to the block is seen the same way by the look at damaged ones.
fn glimpse(input: &[u8]) {
    let seen = glimpse_function(input);
    let Ok(htp) = HtpRequest::decode(input) else { return };
    let Ok(cprb) = Cprb::decode(&htp.cprb) else { return };
    let Ok(request) = AdminRequest::decode(cprb.payload) else { return };
    let Ok(block) = AdminBlock::decode(request.block) else { return };
    if request.function.function == FunctionWord::ADMIN && request.domain.len() == 4 && block.function.len() == 4 {
        assert_eq!(seen.map(|function| function.to_bytes().to_vec()), Some(block.function.to_vec()));
    }
}

fn attributes(input: &[u8]) {
    if let Ok(list) = AttributeList::decode(input) {
        assert_eq!(list.encode(), input);
    }
}

/// Private keys cannot be compared; what the first and the second reading sign for is the same key.
fn private_key_sec1(input: &[u8]) {
    if let Ok(key) = P521KeyPair::from_sec1_der(input) {
        let again = P521KeyPair::from_sec1_der(&key.to_sec1_der());
        assert_eq!(again.map(|key| key.public()), Ok(key.public()));
    }
}

fn private_key_pkcs1(input: &[u8]) {
    if let Ok(key) = RsaKeyPair::from_pkcs1_der(input) {
        let again = RsaKeyPair::from_pkcs1_der(&key.to_pkcs1_der());
        assert_eq!(again.map(|key| key.public()), Ok(key.public()));
    }
}

fn public_key_spki(input: &[u8]) {
    if let Ok(key) = PublicKey::from_spki(input) {
        returns(&PublicKey::from_spki(&key.to_spki()), &key);
    }
}

/// The second decoding gave what the first one gave.
fn returns<T: Debug + PartialEq, E: Debug + PartialEq>(again: &Result<T, E>, first: &T) {
    assert_eq!(again.as_ref(), Ok(first));
}
