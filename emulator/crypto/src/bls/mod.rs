//! BLS signatures over BLS12-381 (draft-irtf-cfrg-bls-signature-05).
//!
//! The minimal-pubkey-size variant: public keys are points of G1, signatures points of G2, both uncompressed in ZCash's
//! format (big-endian coordinates, three flag bits on top). The ciphersuite is the one with proofs of possession, section
//! 4.2.3; that a key's holder has proven possession is for the caller to know.
//!
//! Every point that comes in is checked: its encoding, the curve, the subgroup. A public key may not be the point at
//! infinity (`KeyValidate`, section 2.5); a signature may, in an aggregate, and verifies under no key.

use std::fmt;

use blst::BLST_ERROR;
use blst::min_pk;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Bytes of a secret key: a big-endian scalar between zero and the group order.
pub const SECRET_KEY_SIZE: usize = 32;

/// Bytes of an uncompressed public key.
pub const PUBLIC_KEY_SIZE: usize = 96;

/// Bytes of an uncompressed signature.
pub const SIGNATURE_SIZE: usize = 192;

const CIPHERSUITE: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// Why an input is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The secret key has not 32 bytes, is zero or is not below the group order.
    SecretKey,
    /// A public key is not one.
    PublicKey(PointFault),
    /// A signature is not one.
    Signature(PointFault),
    /// Keys and signature are well formed, and the signature is not the key's for the message.
    Mismatch,
    /// There is nothing to aggregate.
    Nothing,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretKey => formatter.write_str("the secret key is out of range"),
            Self::PublicKey(fault) => write!(formatter, "the public key {fault}"),
            Self::Signature(fault) => write!(formatter, "the signature {fault}"),
            Self::Mismatch => formatter.write_str("the signature does not hold"),
            Self::Nothing => formatter.write_str("there is nothing to aggregate"),
        }
    }
}

impl std::error::Error for Fault {}

/// Why bytes are not a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointFault {
    /// The size, the flag bits or a coordinate is out of range.
    Encoding,
    /// The coordinates do not satisfy the curve's equation.
    Curve,
    /// The point is on the curve, outside the subgroup of prime order.
    Subgroup,
    /// The point at infinity where none may be.
    Infinity,
}

impl fmt::Display for PointFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Encoding => "is not an encoded point",
            Self::Curve => "is not on the curve",
            Self::Subgroup => "is not in the subgroup",
            Self::Infinity => "is the point at infinity",
        })
    }
}

impl From<BLST_ERROR> for PointFault {
    fn from(error: BLST_ERROR) -> Self {
        match error {
            BLST_ERROR::BLST_POINT_NOT_ON_CURVE => PointFault::Curve,
            BLST_ERROR::BLST_POINT_NOT_IN_GROUP => PointFault::Subgroup,
            BLST_ERROR::BLST_PK_IS_INFINITY => PointFault::Infinity,
            _ => PointFault::Encoding,
        }
    }
}

/// Makes a secret key: `KeyGen` of section 2.3 over 32 random bytes.
pub fn generate(rng: &mut impl CryptoRng) -> Zeroizing<[u8; SECRET_KEY_SIZE]> {
    let mut material = Zeroizing::new([0; 32]);
    loop {
        rng.fill_bytes(material.as_mut_slice());
        // It fails on short material only.
        if let Ok(key) = min_pk::SecretKey::key_gen(material.as_slice(), &[]) {
            return Zeroizing::new(key.to_bytes());
        }
    }
}

/// The public key of a secret one: `SkToPk`, section 2.4.
///
/// # Errors
///
/// [`Fault::SecretKey`].
pub fn public_key(secret: &[u8]) -> Result<[u8; PUBLIC_KEY_SIZE], Fault> {
    Ok(secret_key(secret)?.sk_to_pk().serialize())
}

/// Signs a message of any size: `CoreSign`, section 2.6.
///
/// # Errors
///
/// [`Fault::SecretKey`].
pub fn sign(secret: &[u8], message: &[u8]) -> Result<[u8; SIGNATURE_SIZE], Fault> {
    Ok(secret_key(secret)?.sign(message, CIPHERSUITE, &[]).serialize())
}

/// Checks a signature: `CoreVerify`, section 2.7. With an aggregate of keys and an aggregate of signatures over one
/// message it is `FastAggregateVerify`, section 3.3.4.
///
/// # Errors
///
/// [`Fault::PublicKey`], [`Fault::Signature`]; [`Fault::Mismatch`] if the signature does not hold.
pub fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let public = public_point(public)?;
    let signature = signature_point(signature)?;
    // Both points have been checked.
    match signature.verify(false, message, CIPHERSUITE, &[], &public, false) {
        BLST_ERROR::BLST_SUCCESS => Ok(()),
        _ => Err(Fault::Mismatch),
    }
}

/// Adds signatures: `Aggregate`, section 2.8.
///
/// # Errors
///
/// [`Fault::Nothing`] without a signature, [`Fault::Signature`].
pub fn aggregate_signatures(signatures: &[&[u8]]) -> Result<[u8; SIGNATURE_SIZE], Fault> {
    let (first, rest) = signatures.split_first().ok_or(Fault::Nothing)?;
    let mut sum = min_pk::AggregateSignature::from_signature(&signature_point(first)?);
    for signature in rest {
        sum.add_aggregate(&min_pk::AggregateSignature::from_signature(&signature_point(signature)?));
    }
    Ok(sum.to_signature().serialize())
}

/// Adds public keys, as `FastAggregateVerify` of section 3.3.4 does.
///
/// # Errors
///
/// [`Fault::Nothing`] without a key, [`Fault::PublicKey`]; with [`PointFault::Infinity`] also if the keys cancel out, for
/// the sum is no public key then.
pub fn aggregate_public_keys(keys: &[&[u8]]) -> Result<[u8; PUBLIC_KEY_SIZE], Fault> {
    let (first, rest) = keys.split_first().ok_or(Fault::Nothing)?;
    let mut sum = min_pk::AggregatePublicKey::from_public_key(&public_point(first)?);
    for key in rest {
        sum.add_aggregate(&min_pk::AggregatePublicKey::from_public_key(&public_point(key)?));
    }
    let sum = sum.to_public_key();
    sum.validate().map_err(|error| Fault::PublicKey(error.into()))?;
    Ok(sum.serialize())
}

fn secret_key(bytes: &[u8]) -> Result<min_pk::SecretKey, Fault> {
    min_pk::SecretKey::deserialize(bytes).map_err(|_| Fault::SecretKey)
}

fn public_point(bytes: &[u8]) -> Result<min_pk::PublicKey, Fault> {
    let fault = |error: BLST_ERROR| Fault::PublicKey(error.into());
    if bytes.len() != PUBLIC_KEY_SIZE {
        return Err(fault(BLST_ERROR::BLST_BAD_ENCODING));
    }
    let point = min_pk::PublicKey::deserialize(bytes).map_err(fault)?;
    point.validate().map_err(fault)?;
    Ok(point)
}

fn signature_point(bytes: &[u8]) -> Result<min_pk::Signature, Fault> {
    let fault = |error: BLST_ERROR| Fault::Signature(error.into());
    if bytes.len() != SIGNATURE_SIZE {
        return Err(fault(BLST_ERROR::BLST_BAD_ENCODING));
    }
    let point = min_pk::Signature::deserialize(bytes).map_err(fault)?;
    point.validate(false).map_err(fault)?;
    Ok(point)
}

#[cfg(test)]
mod tests;
