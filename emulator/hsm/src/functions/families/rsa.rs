//! RSA: pairs, encryption and signatures (section 4.7).

use bytes::Bytes;
use hpcs_crypto::block::Direction;
use hpcs_crypto::hash::Hash;
use hpcs_crypto::rsa::{OaepParameters, PssParameters, RsaFault, RsaKeyFault, RsaPrivateKey, RsaPublicKey};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use crate::functions::context::Context;
use crate::functions::key::Key;
use crate::functions::mechanism::{OaepParameter, Parameter, PssParameter};
use crate::functions::registry::{self, Family};
use crate::functions::template::Template;
use crate::functions::{Outcome, policy};
use crate::{CallEnv, Profile};

/// A key of one half or both.
enum RsaKey {
    Private(RsaPrivateKey),
    Public(RsaPublicKey),
}

impl RsaKey {
    fn open(key: &Key) -> Outcome<Self> {
        let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
        if key.key_type != KeyType::RSA {
            return Err(inconsistent);
        }
        let read = match key.class {
            ObjectClass::PRIVATE_KEY => RsaPrivateKey::from_pkcs8_der(&key.value).map(RsaKey::Private),
            ObjectClass::PUBLIC_KEY => RsaPublicKey::from_spki_der(&key.value).map(RsaKey::Public),
            _ => return Err(inconsistent),
        };
        read.map_err(|_| inconsistent)
    }

    fn public(&self) -> &RsaPublicKey {
        match self {
            RsaKey::Private(key) => key.public(),
            RsaKey::Public(key) => key,
        }
    }

    fn private(&self) -> Outcome<&RsaPrivateKey> {
        match self {
            RsaKey::Private(key) => Ok(key),
            RsaKey::Public(_) => Err(ReturnValue::KEY_TYPE_INCONSISTENT),
        }
    }
}

/// How a message is padded before it is encrypted.
pub(crate) enum RsaEncryption {
    Pkcs,
    Oaep { hash: Hash, label: Bytes },
}

impl RsaEncryption {
    /// OAEP as its parameter says. The mask generation function has the same hash.
    ///
    /// # Errors
    /// `MECHANISM_PARAM_INVALID` for what does not fit together, `IBM_PARAM_NOT_SUPPORTED` for another hash than SHA-1 in
    /// modules that know no other.
    pub(crate) fn oaep(context: &Context<'_>, parameter: &Parameter) -> Outcome<Self> {
        let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
        let Parameter::Oaep(OaepParameter { hash, mgf, source, label }) = parameter else { return Err(invalid) };
        let hash = hash_and_mask(*hash, *mgf)?;
        if hash != Hash::Sha1 && context.profile() < OTHER_OAEP_HASHES {
            return Err(ReturnValue::IBM_PARAM_NOT_SUPPORTED);
        }
        match source {
            0 if label.is_empty() => {}
            1 if label.len() <= LONGEST_LABEL => {}
            _ => return Err(invalid),
        }
        Ok(RsaEncryption::Oaep { hash, label: label.clone() })
    }
}

/// An encryption or a decryption of one block.
pub(crate) struct RsaCipher {
    key: RsaKey,
    encryption: RsaEncryption,
    direction: Direction,
}

impl RsaCipher {
    /// Public keys encrypt, private ones decrypt.
    pub(crate) fn new(encryption: RsaEncryption, key: &Key, direction: Direction) -> Outcome<Self> {
        let class = match direction {
            Direction::Encrypt => ObjectClass::PUBLIC_KEY,
            Direction::Decrypt => ObjectClass::PRIVATE_KEY,
        };
        key.require_kind(class, KeyType::RSA)?;
        Ok(RsaCipher { key: RsaKey::open(key)?, encryption, direction })
    }

    pub(crate) fn run(&self, data: &[u8], env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
        let oaep = |hash: Hash, label| OaepParameters { hash, mgf_hash: hash, label };
        match (self.direction, &self.encryption) {
            (Direction::Encrypt, RsaEncryption::Pkcs) => {
                self.key.public().encrypt_pkcs1(data, &mut env.rng).map(Zeroizing::new).map_err(of_plaintext)
            }
            (Direction::Encrypt, RsaEncryption::Oaep { hash, label }) => {
                let encrypted = self.key.public().encrypt_oaep(oaep(*hash, label), data, &mut env.rng);
                encrypted.map(Zeroizing::new).map_err(of_plaintext)
            }
            (Direction::Decrypt, RsaEncryption::Pkcs) => self.key.private()?.decrypt_pkcs1(data).map_err(of_ciphertext),
            (Direction::Decrypt, RsaEncryption::Oaep { hash, label }) => {
                self.key.private()?.decrypt_oaep(oaep(*hash, label), data).map_err(of_ciphertext)
            }
        }
    }
}

/// A signature scheme with its key.
pub(crate) struct RsaSignature {
    key: RsaKey,
    scheme: Scheme,
}

enum Scheme {
    /// The data is padded as it is.
    Raw,
    Pkcs(Hash),
    Pss(PssParameters),
    /// The hash that was applied; without one the length of the data tells it.
    X931(Option<Hash>),
}

impl RsaSignature {
    pub(crate) fn pkcs(hash: Option<Hash>, key: &Key) -> Outcome<Self> {
        Ok(RsaSignature { key: RsaKey::open(key)?, scheme: hash.map_or(Scheme::Raw, Scheme::Pkcs) })
    }

    /// PSS as its parameter says. A mechanism with a hash has no other.
    pub(crate) fn pss(hash: Option<Hash>, parameter: &Parameter, key: &Key) -> Outcome<Self> {
        let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
        let Parameter::Pss(PssParameter { hash: stated, mgf, salt_length }) = parameter else { return Err(invalid) };
        let stated = hash_and_mask(*stated, *mgf)?;
        if hash.is_some_and(|hash| hash != stated) {
            return Err(invalid);
        }
        let salt_length = match *salt_length {
            PssParameter::SALT_OF_HASH_LENGTH => stated.output_len(),
            length => usize::try_from(length).map_err(|_| invalid)?,
        };
        let key = RsaKey::open(key)?;
        if salt_length > key.public().modulus_len() {
            return Err(invalid);
        }
        Ok(RsaSignature {
            key,
            scheme: Scheme::Pss(PssParameters { hash: stated, mgf_hash: stated, salt_len: salt_length }),
        })
    }

    pub(crate) fn x931(hash: Option<Hash>, key: &Key) -> Outcome<Self> {
        Ok(RsaSignature { key: RsaKey::open(key)?, scheme: Scheme::X931(hash) })
    }

    /// Signs data, or the digest of it where the mechanism has a hash.
    pub(crate) fn sign(&self, data: &[u8], env: &mut CallEnv) -> Outcome<Vec<u8>> {
        let key = self.key.private()?;
        let signature = match &self.scheme {
            Scheme::Raw => key.sign_pkcs1_raw(data),
            Scheme::Pkcs(hash) => key.sign_pkcs1(*hash, data),
            Scheme::Pss(parameters) => key.sign_pss(*parameters, data, &mut env.rng),
            Scheme::X931(hash) => key.sign_x931(hash_of_digest(*hash, data)?, data),
        };
        signature.map_err(of_plaintext)
    }

    pub(crate) fn verify(&self, data: &[u8], signature: &[u8]) -> Outcome<()> {
        let key = self.key.public();
        if signature.len() != key.modulus_len() {
            return Err(ReturnValue::SIGNATURE_LEN_RANGE);
        }
        let holds = match &self.scheme {
            Scheme::Raw => key.verify_pkcs1_raw(data, signature),
            Scheme::Pkcs(hash) => key.verify_pkcs1(*hash, data, signature),
            Scheme::Pss(parameters) if data.len() != parameters.hash.output_len() => {
                return Err(ReturnValue::DATA_LEN_RANGE);
            }
            Scheme::Pss(parameters) => key.verify_pss(*parameters, data, signature),
            Scheme::X931(hash) => key.verify_x931(hash_of_digest(*hash, data)?, data, signature),
        };
        if holds { Ok(()) } else { Err(ReturnValue::SIGNATURE_INVALID) }
    }
}

/// A new pair: `PrivateKeyInfo` and `SubjectPublicKeyInfo`.
pub(crate) fn generate(
    context: &Context<'_>,
    private: &Template,
    public: &Template,
    env: &mut CallEnv,
) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let bits = public.number(AttributeType::MODULUS_BITS)?.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
    let bits = usize::try_from(bits).unwrap_or(usize::MAX);
    let stated = |template: &Template| template.bytes(AttributeType::PUBLIC_EXPONENT);
    let exponent = match stated(public)?.or(stated(private)?) {
        Some(bytes) => exponent(&bytes).ok_or(ReturnValue::ATTRIBUTE_VALUE_INVALID)?,
        None => USUAL_EXPONENT,
    };
    if exponent < USUAL_EXPONENT && !context.allows(policy::KEYSZ_RSA65536) {
        return Err(ReturnValue::ATTRIBUTE_VALUE_INVALID);
    }
    if bits < LEAST_STRONG_BITS && !context.allows(policy::KEYSZ_BELOW80BIT) {
        return Err(ReturnValue::KEY_SIZE_RANGE);
    }
    let key = RsaPrivateKey::generate(bits, exponent, &mut env.rng).map_err(|fault| match fault {
        RsaKeyFault::Size => ReturnValue::KEY_SIZE_RANGE,
        RsaKeyFault::Exponent => ReturnValue::ATTRIBUTE_VALUE_INVALID,
        RsaKeyFault::Form => ReturnValue::FUNCTION_FAILED,
    })?;
    Ok((key.to_pkcs8_der(), key.public().to_spki_der()))
}

/// A public exponent: odd, and 17 at least.
fn exponent(bytes: &[u8]) -> Option<u64> {
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let number = significant.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (significant.len() <= 8 && number >= LEAST_EXPONENT && number % 2 == 1).then_some(number)
}

/// The private key in the form in which blobs keep it.
pub(crate) fn canonical_private_key(der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    RsaPrivateKey::from_pkcs8_der(der).ok().map(|key| key.to_pkcs8_der())
}

/// The public key in the form in which it leaves.
pub(crate) fn canonical_public_key(info: &[u8]) -> Option<Vec<u8>> {
    RsaPublicKey::from_spki_der(info).ok().map(|key| key.to_spki_der())
}

/// The public key information of a private key.
pub(crate) fn public_key_info(private: &[u8]) -> Option<Vec<u8>> {
    RsaPrivateKey::from_pkcs8_der(private).ok().map(|key| key.public().to_spki_der())
}

/// The public key in public key information.
pub(crate) fn public_key(info: &[u8]) -> Option<RsaPublicKey> {
    RsaPublicKey::from_spki_der(info).ok()
}

/// The hash of a parameter, whose mask generation function must have the same.
fn hash_and_mask(hash: u64, mgf: u64) -> Outcome<Hash> {
    let invalid = ReturnValue::MECHANISM_PARAM_INVALID;
    let hash = match registry::find(MechanismType(hash)).map(|row| row.family) {
        Some(Family::Digest(hash)) => hash,
        _ => return Err(invalid),
    };
    let mask = match mgf {
        1 => Hash::Sha1,
        2 => Hash::Sha256,
        3 => Hash::Sha384,
        4 => Hash::Sha512,
        5 => Hash::Sha224,
        0x8000_0001 => Hash::Sha3_224,
        0x8000_0002 => Hash::Sha3_256,
        0x8000_0003 => Hash::Sha3_384,
        0x8000_0004 => Hash::Sha3_512,
        _ => return Err(invalid),
    };
    if hash == mask { Ok(hash) } else { Err(invalid) }
}

/// The hash that a digest is of, by its length if the mechanism does not say.
fn hash_of_digest(hash: Option<Hash>, digest: &[u8]) -> Outcome<Hash> {
    let known = [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512];
    let by_length = || known.into_iter().find(|hash| hash.output_len() == digest.len());
    hash.or_else(by_length).ok_or(ReturnValue::DATA_LEN_RANGE)
}

fn of_plaintext(fault: RsaFault) -> ReturnValue {
    match fault {
        RsaFault::Length | RsaFault::Range | RsaFault::Padding => ReturnValue::DATA_LEN_RANGE,
        RsaFault::Hash => ReturnValue::MECHANISM_PARAM_INVALID,
        RsaFault::Arithmetic => ReturnValue::FUNCTION_FAILED,
    }
}

fn of_ciphertext(fault: RsaFault) -> ReturnValue {
    match fault {
        RsaFault::Length => ReturnValue::ENCRYPTED_DATA_LEN_RANGE,
        RsaFault::Range | RsaFault::Padding => ReturnValue::ENCRYPTED_DATA_INVALID,
        RsaFault::Hash => ReturnValue::MECHANISM_PARAM_INVALID,
        RsaFault::Arithmetic => ReturnValue::FUNCTION_FAILED,
    }
}

/// The first generation of modules whose OAEP has other hashes than SHA-1.
const OTHER_OAEP_HASHES: Profile = Profile::Cex7;

const USUAL_EXPONENT: u64 = 65537;
const LEAST_EXPONENT: u64 = 17;

/// Moduli from here on have 80 bits of strength.
const LEAST_STRONG_BITS: usize = 1024;

/// Bytes of a label.
const LONGEST_LABEL: usize = 1024;
