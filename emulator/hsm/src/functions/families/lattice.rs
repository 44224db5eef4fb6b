//! Dilithium and Kyber: keys by strength, and their encodings (sections 4.14 and 5.6).
//!
//! | Encoding | Content |
//! |---|---|
//! | public key, Dilithium | SEQUENCE { BIT STRING rho, BIT STRING t1 } |
//! | public key, Kyber | SEQUENCE { BIT STRING pk } |
//! | private key | SEQUENCE { INTEGER 0, BIT STRING secret, \[0\] public key (Kyber) } |
//!
//! The algorithm is the strength's object identifier with NULL.

use hpcs_crypto::der::{self, Reader};
use hpcs_crypto::lattice::dilithium::{self, ParameterSet as DilithiumSet};
use hpcs_crypto::lattice::kyber::{self, ParameterSet as KyberSet};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, ReturnValue};
use zeroize::Zeroizing;

use crate::functions::Outcome;
use crate::functions::context::Context;
use crate::functions::template::Template;
use crate::{CallEnv, Profile};

/// A strength of one of the schemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    Dilithium(DilithiumSet),
    Kyber(KyberSet),
}

/// A strength, the end of its object identifier, and the first generation of modules that has it.
struct Row {
    strength: Strength,
    tail: [u8; 3],
    since: Profile,
}

const fn row(strength: Strength, tail: [u8; 3], since: Profile) -> Row {
    Row { strength, tail, since }
}

/// Every strength; the first of each scheme is what a template without one gets.
const STRENGTHS: &[Row] = &[
    row(Strength::Dilithium(DilithiumSet::Round2_65), [1, 6, 5], Profile::Cex7),
    row(Strength::Dilithium(DilithiumSet::Round2_87), [1, 8, 7], Profile::Cex8),
    row(Strength::Dilithium(DilithiumSet::Round3_44), [7, 4, 4], Profile::Cex8),
    row(Strength::Dilithium(DilithiumSet::Round3_65), [7, 6, 5], Profile::Cex8),
    row(Strength::Dilithium(DilithiumSet::Round3_87), [7, 8, 7], Profile::Cex8),
    row(Strength::Kyber(KyberSet::Round2_1024), [5, 4, 4], Profile::Cex8),
    row(Strength::Kyber(KyberSet::Round2_768), [5, 3, 3], Profile::Cex8),
];

/// What the object identifiers begin with: 1.3.6.1.4.1.2.267.
const ARC: [u8; 8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x02, 0x82, 0x0B];

const NULL: [u8; 2] = [0x05, 0x00];
const RHO_SIZE: usize = 32;

impl Strength {
    /// The type of such a key.
    pub(crate) fn key_type(self) -> KeyType {
        match self {
            Strength::Dilithium(_) => KeyType::IBM_DILITHIUM,
            Strength::Kyber(_) => KeyType::IBM_KYBER,
        }
    }

    /// The strength that a template asks for.
    ///
    /// # Errors
    /// `IBM_PQC_PARAMS_NOT_SUPPORTED` for one that there is not, or not in this generation.
    fn stated(context: &Context<'_>, key_type: KeyType, template: &Template) -> Outcome<Self> {
        let of_type = |row: &&Row| row.strength.key_type() == key_type && row.since <= context.profile();
        let mut known = STRENGTHS.iter().filter(of_type);
        let found = match template.bytes(AttributeType::IBM_PQC_PARAMS)? {
            None => known.next(),
            Some(stated) => known.find(|row| identifier(row.tail)[..] == stated),
        };
        found.map(|row| row.strength).ok_or(ReturnValue::IBM_PQC_PARAMS_NOT_SUPPORTED)
    }

    /// The DER of the object identifier.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let tail = STRENGTHS.iter().find(|row| row.strength == self).map_or([0; 3], |row| row.tail);
        identifier(tail).to_vec()
    }

    fn public_key_size(self) -> usize {
        match self {
            Strength::Dilithium(set) => set.public_key_size(),
            Strength::Kyber(set) => set.public_key_size(),
        }
    }

    fn public_of(self, secret: &[u8]) -> Option<Vec<u8>> {
        match self {
            Strength::Dilithium(set) => dilithium::public_key(set, secret).ok(),
            Strength::Kyber(set) => kyber::public_key(set, secret).ok(),
        }
    }

    fn private_key_info(self, secret: &[u8], public: &[u8]) -> Zeroizing<Vec<u8>> {
        let version = der::unsigned_integer(&[]);
        let bits = der::element(der::BIT_STRING, &[&[0], secret]);
        let public = match self {
            Strength::Dilithium(_) => Zeroizing::default(),
            Strength::Kyber(_) => der::element(der::constructed(0), &[&self.public_fields(public)]),
        };
        let key = der::element(der::SEQUENCE, &[&version, &bits, &public]);
        let key = der::element(der::OCTET_STRING, &[&key]);
        der::element(der::SEQUENCE, &[&version, &self.algorithm(), &key])
    }

    fn public_key_info(self, public: &[u8]) -> Vec<u8> {
        let key = der::element(der::SEQUENCE, &[&self.public_fields(public)]);
        let key = der::element(der::BIT_STRING, &[&[0], &key]);
        der::element(der::SEQUENCE, &[&self.algorithm(), &key]).to_vec()
    }

    fn public_fields(self, public: &[u8]) -> Zeroizing<Vec<u8>> {
        let bits = |bytes: &[u8]| der::element(der::BIT_STRING, &[&[0], bytes]);
        match (self, public.split_at_checked(RHO_SIZE)) {
            (Strength::Dilithium(_), Some((rho, t1))) => Zeroizing::new([&bits(rho)[..], &bits(t1)].concat()),
            _ => bits(public),
        }
    }

    fn algorithm(self) -> Zeroizing<Vec<u8>> {
        der::element(der::SEQUENCE, &[&self.identifier(), &NULL])
    }
}

/// A key: its strength, and its bytes in the form of the scheme.
pub(crate) struct LatticeKey {
    pub(crate) strength: Strength,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// A new pair of the strength that the public template asks for: `PrivateKeyInfo` and `SubjectPublicKeyInfo`.
pub(crate) fn generate(
    context: &Context<'_>,
    key_type: KeyType,
    public: &Template,
    env: &mut CallEnv,
) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let strength = Strength::stated(context, key_type, public)?;
    let (secret, public) = match strength {
        Strength::Dilithium(set) => {
            let pair = dilithium::generate(set, &mut env.rng);
            (pair.secret, pair.public)
        }
        Strength::Kyber(set) => {
            let pair = kyber::generate(set, &mut env.rng);
            (pair.secret, pair.public)
        }
    };
    Ok((strength.private_key_info(&secret, &public), strength.public_key_info(&public)))
}

/// The private key in a `PrivateKeyInfo`.
pub(crate) fn private_key(info: &[u8]) -> Option<LatticeKey> {
    let mut outer = Reader::new(info);
    let mut inner = outer.enter(der::SEQUENCE)?;
    outer.finish()?;
    if !inner.unsigned_integer()?.is_empty() {
        return None;
    }
    let strength = strength(&mut inner)?;
    let mut key = inner.enter(der::OCTET_STRING)?.enter(der::SEQUENCE)?;
    if !key.unsigned_integer()?.is_empty() {
        return None;
    }
    let bytes = Zeroizing::new(key.bit_string()?.to_vec());
    Some(LatticeKey { strength, bytes })
}

/// The public key in a `SubjectPublicKeyInfo`.
pub(crate) fn public_key(info: &[u8]) -> Option<LatticeKey> {
    let mut outer = Reader::new(info);
    let mut inner = outer.enter(der::SEQUENCE)?;
    outer.finish()?;
    let strength = strength(&mut inner)?;
    let mut key = Reader::new(inner.bit_string()?);
    inner.finish()?;
    let mut fields = key.enter(der::SEQUENCE)?;
    key.finish()?;
    let mut bytes = Zeroizing::new(fields.bit_string()?.to_vec());
    if let Strength::Dilithium(_) = strength {
        bytes.extend_from_slice(fields.bit_string()?);
    }
    fields.finish()?;
    (bytes.len() == strength.public_key_size()).then_some(LatticeKey { strength, bytes })
}

/// The private key in the form in which blobs keep it.
pub(crate) fn canonical_private_key(key_type: KeyType, info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = private_key(info).filter(|key| key.strength.key_type() == key_type)?;
    let public = key.strength.public_of(&key.bytes)?;
    Some(key.strength.private_key_info(&key.bytes, &public))
}

/// The public key in the form in which it leaves.
pub(crate) fn canonical_public_key(info: &[u8]) -> Option<Vec<u8>> {
    public_key(info).map(|key| key.strength.public_key_info(&key.bytes))
}

/// The public key information of a private key.
pub(crate) fn public_key_info(private: &[u8]) -> Option<Vec<u8>> {
    let key = private_key(private)?;
    let public = key.strength.public_of(&key.bytes)?;
    Some(key.strength.public_key_info(&public))
}

/// The type of the key that an algorithm's object identifier is of.
pub(crate) fn key_type_of(identifier: &[u8]) -> Option<KeyType> {
    let tail = identifier.strip_prefix(&ARC)?;
    STRENGTHS.iter().find(|row| row.tail == tail).map(|row| row.strength.key_type())
}

fn strength(reader: &mut Reader<'_>) -> Option<Strength> {
    let mut algorithm = reader.enter(der::SEQUENCE)?;
    let tail = algorithm.element(der::OBJECT_IDENTIFIER)?.strip_prefix(&ARC)?;
    STRENGTHS.iter().find(|row| row.tail == tail).map(|row| row.strength)
}

fn identifier(tail: [u8; 3]) -> [u8; 13] {
    let mut bytes = [0; 13];
    bytes[..2].copy_from_slice(&[der::OBJECT_IDENTIFIER, 11]);
    bytes[2..10].copy_from_slice(&ARC);
    bytes[10..].copy_from_slice(&tail);
    bytes
}
