//! DSA (section 4.8).
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::key::Key;
use crate::functions::template::Template;
use hpcs_ep11::pkcs11::ReturnValue;
use zeroize::Zeroizing;

pub(crate) struct DsaKey;
impl DsaKey {
    pub(crate) fn open(_: &Key) -> Outcome<Self> {
        Err(ReturnValue::MECHANISM_INVALID)
    }
    pub(crate) fn sign(&self, _: &[u8], _: &mut CallEnv) -> Option<Vec<u8>> {
        None
    }
    pub(crate) fn verify(&self, _: &[u8], _: &[u8]) -> Outcome<()> {
        Err(ReturnValue::MECHANISM_INVALID)
    }
}
pub(crate) fn parameters(_: &Template) -> Outcome<Vec<u8>> {
    Err(ReturnValue::MECHANISM_INVALID)
}
pub(crate) fn generate(_: &Template, _: &mut CallEnv) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    Err(ReturnValue::MECHANISM_INVALID)
}
pub(crate) fn canonical_public_key(_: &[u8]) -> Option<Vec<u8>> {
    None
}
pub(crate) fn canonical_private_key(_: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    None
}
pub(crate) fn public_key_info(_: &[u8]) -> Option<Vec<u8>> {
    None
}
pub(crate) fn modulus_bits(_: &[u8]) -> Option<usize> {
    None
}
