//! Signatures and message authentication codes: what is collected, and what is done with it in the end.

use hpcs_crypto::block::{BlockCipher, CipherKey, CmacState};
use hpcs_crypto::ec::{self, Fault, schnorr};
use hpcs_crypto::hash::{Hash, HashState};
use hpcs_crypto::hmac::HmacState;
use hpcs_crypto::lattice::dilithium;
use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::bls::{self, BlsKey};
use super::dsa::DsaKey;
use super::ec::EcKey;
use super::lattice::{self, LatticeKey, Strength};
use super::rsa::RsaSignature;
use super::{cipher, no_parameter};
use crate::CallEnv;
use crate::functions::context::Context;
use crate::functions::key::Key;
use crate::functions::mechanism::Parameter;
use crate::functions::registry::{Family, MechanismRow};
use crate::functions::{Outcome, policy};

/// A signature being made or verified.
pub(crate) struct Signature {
    collected: Collected,
    scheme: Scheme,
}

/// What has come of the data so far.
enum Collected {
    /// The data itself, of mechanisms that take it in one piece.
    Raw(Zeroizing<Vec<u8>>),
    Hash(HashState),
    Hmac(HmacState, Hash, Zeroizing<Vec<u8>>),
    Cmac(CmacState, BlockCipher, Zeroizing<Vec<u8>>),
}

/// What is done with it.
enum Scheme {
    /// It is the code already.
    Code,
    Rsa(RsaSignature),
    Dsa(DsaKey),
    Ecdsa(EcKey),
    EdDsa(EcKey),
    Schnorr(schnorr::Variant, EcKey),
    Bls(BlsKey),
    Dilithium(LatticeKey, ObjectClass),
}

impl Signature {
    /// Begins with a key: a private or secret one for signing, a public or secret one for verifying.
    pub(crate) fn start(context: &Context<'_>, row: &MechanismRow, parameter: &Parameter, key: &Key) -> Outcome<Self> {
        let collect = |hash: Option<Hash>| match hash {
            Some(hash) => Collected::Hash(hash.start()),
            None => Collected::Raw(Zeroizing::default()),
        };
        match row.family {
            Family::RsaPss(_) | Family::OtherSignature => {}
            _ => no_parameter(parameter)?,
        }
        let (collected, scheme) = match row.family {
            Family::Hmac(hash) => {
                require_hmac_key(context, key, hash)?;
                let state = HmacState::start(hash, &key.value);
                (Collected::Hmac(state, hash, key.value.clone()), Scheme::Code)
            }
            Family::Cmac(block) => {
                cipher::require_cipher_key(key, block)?;
                let schedule = CipherKey::new(block, &key.value).ok_or(ReturnValue::KEY_SIZE_RANGE)?;
                (Collected::Cmac(CmacState::start(schedule), block, key.value.clone()), Scheme::Code)
            }
            Family::RsaPkcs(hash) => (collect(hash), Scheme::Rsa(RsaSignature::pkcs(hash, key)?)),
            Family::RsaPss(hash) => (collect(hash), Scheme::Rsa(RsaSignature::pss(hash, parameter, key)?)),
            Family::RsaX931(hash) => (collect(hash), Scheme::Rsa(RsaSignature::x931(hash, key)?)),
            Family::Dsa(hash) => (collect(hash), Scheme::Dsa(DsaKey::open(key)?)),
            Family::Ecdsa(hash) => {
                let key = EcKey::open(context, key)?;
                key.require_family(ec::Family::Weierstrass)?;
                (collect(hash), Scheme::Ecdsa(key))
            }
            Family::EdDsa(curve) => {
                let key = EcKey::open(context, key)?;
                key.require_curve(curve)?;
                (collect(None), Scheme::EdDsa(key))
            }
            Family::OtherSignature if is_bls(parameter) => {
                if context.profile() < bls::SINCE {
                    return Err(ReturnValue::IBM_PARAM_NOT_SUPPORTED);
                }
                (collect(None), Scheme::Bls(BlsKey::open(key)?))
            }
            Family::OtherSignature => {
                let variant = variant(parameter)?;
                let key = EcKey::open(context, key)?;
                (collect(None), Scheme::Schnorr(variant, key))
            }
            Family::Dilithium => {
                let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
                let read = match (key.key_type, key.class) {
                    (KeyType::IBM_DILITHIUM, ObjectClass::PRIVATE_KEY) => lattice::private_key(&key.value),
                    (KeyType::IBM_DILITHIUM, ObjectClass::PUBLIC_KEY) => lattice::public_key(&key.value),
                    _ => None,
                };
                (collect(None), Scheme::Dilithium(read.ok_or(inconsistent)?, key.class))
            }
            _ => return Err(ReturnValue::MECHANISM_INVALID),
        };
        Ok(Signature { collected, scheme })
    }

    /// Verifies under the sum of several public keys.
    pub(crate) fn of_several(keys: &[Key]) -> Outcome<Self> {
        let scheme = Scheme::Bls(BlsKey::sum(keys)?);
        Ok(Signature { collected: Collected::Raw(Zeroizing::default()), scheme })
    }

    pub(crate) fn update(&mut self, data: &[u8]) -> Outcome<()> {
        match &mut self.collected {
            Collected::Raw(raw) => raw.extend_from_slice(data),
            Collected::Hash(state) => state.update(data),
            Collected::Hmac(state, ..) => state.update(data),
            Collected::Cmac(state, ..) => state.update(data),
        }
        Ok(())
    }

    pub(crate) fn export(&self) -> Zeroizing<Vec<u8>> {
        match &self.collected {
            Collected::Raw(_) => Zeroizing::default(),
            Collected::Hash(state) => state.export(),
            Collected::Hmac(state, ..) => state.export(),
            Collected::Cmac(state, ..) => state.export(),
        }
    }

    pub(crate) fn restore(&mut self, progress: &[u8]) -> Option<()> {
        match &mut self.collected {
            Collected::Raw(_) => {}
            Collected::Hash(state) => *state = HashState::import(state.hash(), progress)?,
            Collected::Hmac(state, hash, key) => *state = HmacState::import(*hash, key, progress)?,
            Collected::Cmac(state, cipher, key) => *state = CmacState::import(CipherKey::new(*cipher, key)?, progress)?,
        }
        Some(())
    }

    /// Signs what was collected.
    pub(crate) fn sign(self, env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
        let data = match self.collected {
            Collected::Hmac(state, ..) => return Ok(state.finish()),
            Collected::Cmac(state, ..) => return Ok(state.finish()),
            Collected::Raw(raw) => raw,
            Collected::Hash(state) => Zeroizing::new(state.finish()),
        };
        let signature = match &self.scheme {
            Scheme::Code => None,
            Scheme::Rsa(rsa) => Some(rsa.sign(&data, env)?),
            Scheme::Dsa(key) => Some(key.sign(&data, env)?),
            Scheme::Ecdsa(key) => ec::ecdsa::sign(key.private()?, &data, &mut env.rng),
            Scheme::EdDsa(key) => ec::eddsa::sign(key.private()?, &data),
            Scheme::Schnorr(variant, key) => {
                let signature = schnorr::sign(*variant, key.private()?, &data, &mut env.rng);
                return signature.map(Zeroizing::new).ok_or(ReturnValue::CURVE_NOT_SUPPORTED);
            }
            Scheme::Bls(key) => Some(key.sign(&data)?),
            Scheme::Dilithium(LatticeKey { strength: Strength::Dilithium(set), bytes }, ObjectClass::PRIVATE_KEY) => {
                dilithium::sign(*set, bytes, &data).ok()
            }
            Scheme::Dilithium(..) => return Err(ReturnValue::KEY_TYPE_INCONSISTENT),
        };
        signature.map(Zeroizing::new).ok_or(ReturnValue::FUNCTION_FAILED)
    }

    /// Verifies a signature over what was collected.
    pub(crate) fn verify(self, signature: &[u8]) -> Outcome<()> {
        let code = |len: usize, holds: bool| match (signature.len() == len, holds) {
            (true, true) => Ok(()),
            (true, false) => Err(ReturnValue::SIGNATURE_INVALID),
            (false, _) => Err(ReturnValue::SIGNATURE_LEN_RANGE),
        };
        let data = match self.collected {
            Collected::Hmac(state, hash, _) => return code(hash.output_len(), state.verify(signature)),
            Collected::Cmac(state, cipher, _) => return code(cipher.block_len(), state.verify(signature)),
            Collected::Raw(raw) => raw,
            Collected::Hash(state) => Zeroizing::new(state.finish()),
        };
        match &self.scheme {
            Scheme::Code => Err(ReturnValue::IBM_INTERNAL_ERROR),
            Scheme::Rsa(rsa) => rsa.verify(&data, signature),
            Scheme::Dsa(key) => key.verify(&data, signature),
            Scheme::Ecdsa(key) => ec::ecdsa::verify(&key.public(), &data, signature).map_err(refusal),
            Scheme::EdDsa(key) => ec::eddsa::verify(&key.public(), &data, signature).map_err(refusal),
            Scheme::Schnorr(variant, key) => {
                schnorr::verify(*variant, &key.public(), &data, signature).map_err(refusal)
            }
            Scheme::Bls(key) => key.verify(&data, signature),
            Scheme::Dilithium(key, class) => verify_dilithium(key, *class, &data, signature),
        }
    }
}

fn verify_dilithium(key: &LatticeKey, class: ObjectClass, data: &[u8], signature: &[u8]) -> Outcome<()> {
    let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
    let Strength::Dilithium(set) = key.strength else { return Err(inconsistent) };
    if signature.len() != set.signature_size() {
        return Err(ReturnValue::SIGNATURE_LEN_RANGE);
    }
    let derived;
    let public = if class == ObjectClass::PRIVATE_KEY {
        derived = dilithium::public_key(set, &key.bytes).map_err(|_| inconsistent)?;
        &derived
    } else {
        &key.bytes[..]
    };
    dilithium::verify(set, public, data, signature).map_err(|_| ReturnValue::SIGNATURE_INVALID)
}

/// Whether the parameter of `CKM_IBM_ECDSA_OTHER` names BLS.
fn is_bls(parameter: &Parameter) -> bool {
    matches!(parameter, Parameter::OtherSignature(6))
}

/// Whether a signature may be of several keys at once, which then come one after the other.
pub(crate) fn takes_several_keys(row: &MechanismRow, parameter: &Parameter) -> bool {
    row.family == Family::OtherSignature && is_bls(parameter)
}

fn refusal(fault: Fault) -> ReturnValue {
    match fault {
        Fault::Curve => ReturnValue::CURVE_NOT_SUPPORTED,
        Fault::Length => ReturnValue::SIGNATURE_LEN_RANGE,
        Fault::Signature => ReturnValue::SIGNATURE_INVALID,
    }
}

/// The signature that the parameter of `CKM_IBM_ECDSA_OTHER` names, a `CK_IBM_ECSG`.
fn variant(parameter: &Parameter) -> Outcome<schnorr::Variant> {
    match parameter {
        Parameter::OtherSignature(3) => Ok(schnorr::Variant::Ecsdsa),
        Parameter::OtherSignature(5) => Ok(schnorr::Variant::Zilliqa),
        _ => Err(ReturnValue::MECHANISM_PARAM_INVALID),
    }
}

/// An HMAC key is a generic secret or an AES key, and not much shorter than what it makes.
fn require_hmac_key(context: &Context<'_>, key: &Key, hash: Hash) -> Outcome<()> {
    let fits = [KeyType::GENERIC_SECRET, KeyType::AES].contains(&key.key_type);
    if key.class != ObjectClass::SECRET_KEY || !fits {
        return Err(ReturnValue::KEY_TYPE_INCONSISTENT);
    }
    let short = key.value.len() < hash.output_len() / 2;
    if short && !context.allows(policy::KEYSZ_HMAC_ANY) { Err(ReturnValue::KEY_SIZE_RANGE) } else { Ok(()) }
}
