//! What each message asks.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_grpc::grep11::{self as wire, AttributeValue};
use hpcs_hsm::functions::{Function, Purpose};
use hpcs_names::Uuid;
use hpcs_service::CryptoAsk;
use zeroize::Zeroizing;

use super::mechanism::{key, mechanism, template};

/// What is asked, or why the message asks nothing.
pub(super) type Asked = Result<CryptoAsk, ReturnValue>;

/// Nothing where the message has no such field.
const NONE: Bytes = Bytes::new();

fn function(function: Function) -> Asked {
    Ok(CryptoAsk::Function(function))
}

pub(super) fn generate_random(m: wire::GenerateRandomRequest) -> Asked {
    function(Function::GenerateRandom { length: m.len })
}

pub(super) fn digest_init(m: wire::DigestInitRequest) -> Asked {
    function(Function::Init { purpose: Purpose::Digest, mechanism: mechanism(m.mech)?, key: None })
}

pub(super) fn digest(m: wire::DigestRequest) -> Asked {
    function(Function::OneShot { purpose: Purpose::Digest, state: m.state, data: m.data, signature: NONE })
}

pub(super) fn digest_update(m: wire::DigestUpdateRequest) -> Asked {
    function(Function::Update { purpose: Purpose::Digest, state: m.state, data: m.data })
}

pub(super) fn digest_key(m: wire::DigestKeyRequest) -> Asked {
    function(Function::DigestKey { state: m.state, key: key(m.key, m.key_legacy) })
}

pub(super) fn digest_final(m: wire::DigestFinalRequest) -> Asked {
    function(Function::Final { purpose: Purpose::Digest, state: m.state, signature: NONE })
}

pub(super) fn digest_single(m: wire::DigestSingleRequest) -> Asked {
    let mechanism = mechanism(m.mech)?;
    function(Function::Single { purpose: Purpose::Digest, mechanism, key: None, data: m.data, signature: NONE })
}

pub(super) fn encrypt_init(m: wire::EncryptInitRequest) -> Asked {
    let key = key(m.key, m.key_legacy);
    function(Function::Init { purpose: Purpose::Encrypt, mechanism: mechanism(m.mech)?, key })
}

pub(super) fn decrypt_init(m: wire::DecryptInitRequest) -> Asked {
    let key = key(m.key, m.key_legacy);
    function(Function::Init { purpose: Purpose::Decrypt, mechanism: mechanism(m.mech)?, key })
}

pub(super) fn encrypt_update(m: wire::EncryptUpdateRequest) -> Asked {
    function(Function::Update { purpose: Purpose::Encrypt, state: m.state, data: m.plain })
}

pub(super) fn decrypt_update(m: wire::DecryptUpdateRequest) -> Asked {
    function(Function::Update { purpose: Purpose::Decrypt, state: m.state, data: m.ciphered })
}

pub(super) fn encrypt(m: wire::EncryptRequest) -> Asked {
    function(Function::OneShot { purpose: Purpose::Encrypt, state: m.state, data: m.plain, signature: NONE })
}

pub(super) fn decrypt(m: wire::DecryptRequest) -> Asked {
    function(Function::OneShot { purpose: Purpose::Decrypt, state: m.state, data: m.ciphered, signature: NONE })
}

pub(super) fn encrypt_final(m: wire::EncryptFinalRequest) -> Asked {
    function(Function::Final { purpose: Purpose::Encrypt, state: m.state, signature: NONE })
}

pub(super) fn decrypt_final(m: wire::DecryptFinalRequest) -> Asked {
    function(Function::Final { purpose: Purpose::Decrypt, state: m.state, signature: NONE })
}

pub(super) fn encrypt_single(m: wire::EncryptSingleRequest) -> Asked {
    let (mechanism, key) = (mechanism(m.mech)?, key(m.key, m.key_legacy));
    function(Function::Single { purpose: Purpose::Encrypt, mechanism, key, data: m.plain, signature: NONE })
}

pub(super) fn decrypt_single(m: wire::DecryptSingleRequest) -> Asked {
    let (mechanism, key) = (mechanism(m.mech)?, key(m.key, m.key_legacy));
    function(Function::Single { purpose: Purpose::Decrypt, mechanism, key, data: m.ciphered, signature: NONE })
}

pub(super) fn sign_init(m: wire::SignInitRequest) -> Asked {
    let key = key(m.priv_key, m.priv_key_legacy);
    function(Function::Init { purpose: Purpose::Sign, mechanism: mechanism(m.mech)?, key })
}

pub(super) fn verify_init(m: wire::VerifyInitRequest) -> Asked {
    let key = key(m.pub_key, m.pub_key_legacy);
    function(Function::Init { purpose: Purpose::Verify, mechanism: mechanism(m.mech)?, key })
}

pub(super) fn sign_update(m: wire::SignUpdateRequest) -> Asked {
    function(Function::Update { purpose: Purpose::Sign, state: m.state, data: m.data })
}

pub(super) fn verify_update(m: wire::VerifyUpdateRequest) -> Asked {
    function(Function::Update { purpose: Purpose::Verify, state: m.state, data: m.data })
}

pub(super) fn sign_final(m: wire::SignFinalRequest) -> Asked {
    function(Function::Final { purpose: Purpose::Sign, state: m.state, signature: NONE })
}

pub(super) fn verify_final(m: wire::VerifyFinalRequest) -> Asked {
    function(Function::Final { purpose: Purpose::Verify, state: m.state, signature: m.signature })
}

pub(super) fn sign(m: wire::SignRequest) -> Asked {
    function(Function::OneShot { purpose: Purpose::Sign, state: m.state, data: m.data, signature: NONE })
}

pub(super) fn verify(m: wire::VerifyRequest) -> Asked {
    function(Function::OneShot { purpose: Purpose::Verify, state: m.state, data: m.data, signature: m.signature })
}

pub(super) fn sign_single(m: wire::SignSingleRequest) -> Asked {
    let (mechanism, key) = (mechanism(m.mech)?, key(m.priv_key, m.priv_key_legacy));
    function(Function::Single { purpose: Purpose::Sign, mechanism, key, data: m.data, signature: NONE })
}

pub(super) fn verify_single(m: wire::VerifySingleRequest) -> Asked {
    let (mechanism, key) = (mechanism(m.mech)?, key(m.pub_key, m.pub_key_legacy));
    function(Function::Single { purpose: Purpose::Verify, mechanism, key, data: m.data, signature: m.signature })
}

pub(super) fn reencrypt_single(m: wire::ReencryptSingleRequest) -> Asked {
    function(Function::Reencrypt {
        from: mechanism(m.dec_mech)?,
        from_key: key(m.dec_key, m.dec_key_legacy),
        to: mechanism(m.enc_mech)?,
        to_key: key(m.enc_key, m.enc_key_legacy),
        data: m.ciphered,
    })
}

pub(super) fn generate_key(m: wire::GenerateKeyRequest) -> Asked {
    function(Function::GenerateKey { mechanism: mechanism(m.mech)?, template: template(m.template) })
}

pub(super) fn generate_key_pair(m: wire::GenerateKeyPairRequest) -> Asked {
    let (private, public) = (template(m.priv_key_template), template(m.pub_key_template));
    function(Function::GenerateKeyPair { mechanism: mechanism(m.mech)?, private, public })
}

pub(super) fn wrap_key(m: wire::WrapKeyRequest) -> Asked {
    function(Function::WrapKey {
        mechanism: mechanism(m.mech)?,
        key: key(m.key, m.key_legacy),
        kek: key(m.ke_k, m.ke_k_legacy),
        mac_key: key(m.mac_key, m.mac_key_legacy),
    })
}

pub(super) fn unwrap_key(m: wire::UnwrapKeyRequest) -> Asked {
    function(Function::UnwrapKey {
        mechanism: mechanism(m.mech)?,
        wrapped: m.wrapped,
        kek: key(m.ke_k, m.ke_k_legacy),
        mac_key: key(m.mac_key, m.mac_key_legacy),
        template: template(m.template),
    })
}

pub(super) fn derive_key(m: wire::DeriveKeyRequest) -> Asked {
    function(Function::DeriveKey {
        mechanism: mechanism(m.mech)?,
        base_key: key(m.base_key, m.base_key_legacy),
        data: m.data,
        template: template(m.template),
    })
}

pub(super) fn get_mechanism_list(wire::GetMechanismListRequest {}: wire::GetMechanismListRequest) -> Asked {
    function(Function::GetMechanismList)
}

pub(super) fn get_mechanism_info(m: wire::GetMechanismInfoRequest) -> Asked {
    function(Function::GetMechanismInfo { mechanism: m.mech })
}

/// Values that stand with the attributes are placeholders.
pub(super) fn get_attribute_value(m: wire::GetAttributeValueRequest) -> Asked {
    let asked = m.attributes.into_keys().chain(m.attributes_bytes.into_keys()).map(AttributeType);
    function(Function::GetAttributeValue { object: m.object, asked: asked.collect() })
}

pub(super) fn set_attribute_value(m: wire::SetAttributeValueRequest) -> Asked {
    let bytes = |bytes| AttributeValue { one_attr: Some(wire::attribute_value::OneAttr::AttributeB(bytes)) };
    let mut attributes = m.attributes;
    for (attribute, value) in m.attributes_bytes {
        attributes.entry(attribute).or_insert_with(|| bytes(value));
    }
    function(Function::SetAttributeValue { object: m.object, changes: template(attributes) })
}

pub(super) fn rewrap_key_blob(m: wire::RewrapKeyBlobRequest) -> Asked {
    function(Function::RewrapKeyBlob { blob: key(m.wrapped_key, m.wrapped_key_bytes) })
}

pub(super) fn login(m: wire::LoginRequest) -> Asked {
    let text = || std::str::from_utf8(&m.storeid).ok()?.parse::<Uuid>().ok().map(|id| *id.as_bytes());
    let store = <[u8; 16]>::try_from(&m.storeid[..]).ok().or_else(text).ok_or(ReturnValue::ARGUMENTS_BAD)?;
    Ok(CryptoAsk::Login { store, pin: Zeroizing::new(m.pin.to_vec()) })
}

pub(super) fn logout(wire::LogoutRequest {}: wire::LogoutRequest) -> Asked {
    Ok(CryptoAsk::Logout)
}
