//! Two Schnorr signatures over SHA-256, on curves with orders of 256 bits.
//!
//! A signature is r and s, 32 bytes each; r is a hash over the point kG that signing drew, s = k - rd, and whoever
//! verifies finds the point again as sG + rP. The two differ in what the hash covers.

use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::ops::{MulByGeneratorVartime, Reduce};
use elliptic_curve::{FieldBytes, Group};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::curves::on_curves;
use super::weierstrass::{self, Weierstrass};
use super::{Fault, PrivateKey, PublicKey};

/// What the hash covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// ECSDSA of ISO/IEC 14888-3 in the optimised form, also BSI TR-03111, section 4.2.3: the message and the x coordinate
    /// of the point. r is the hash itself.
    Ecsdsa,
    /// EC-Schnorr of Zilliqa: the compressed point, the compressed public key and the message. r is the hash modulo n.
    Zilliqa,
}

/// The bytes of r and of s.
const LENGTH: usize = 32;

/// Signs `message` with a random k: 64 bytes.
///
/// `None` when the key is not on secp256k1, P-256, BP-256R or BP-256T.
pub fn sign(
    variant: Variant,
    key: &PrivateKey,
    message: &[u8],
    rng: &mut (impl CryptoRng + ?Sized),
) -> Option<Vec<u8>> {
    on_curves!(
        [P256, Secp256k1, Bp256R, Bp256T],
        key.curve(),
        C => {
            let private = Zeroizing::new(weierstrass::reduced_scalar::<C>(key.expose_bytes()));
            loop {
                let k = weierstrass::random_scalar::<C>(rng);
                if let Some(signature) = sign_with::<C>(variant, &private, message, &k) {
                    return Some(signature);
                }
            }
        },
        _ => None
    )
}

/// Checks a signature over `message`.
///
/// # Errors
/// [`Fault::Length`] when it is not 64 bytes long, [`Fault::Signature`] when r or s is zero or out of range or the
/// equation does not hold, [`Fault::Curve`] when the key is not on one of the four curves.
pub fn verify(variant: Variant, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    on_curves!(
        [P256, Secp256k1, Bp256R, Bp256T],
        key.curve(),
        C => verify_on::<C>(variant, key.as_bytes(), message, signature),
        _ => Err(Fault::Curve)
    )
}

/// The signature with this k; `None` when r or s would be zero and another k is needed.
fn sign_with<C: Weierstrass>(variant: Variant, private: &C::Scalar, message: &[u8], k: &C::Scalar) -> Option<Vec<u8>> {
    let public = weierstrass::multiply_base::<C>(private);
    let (challenge, r) = challenge::<C>(variant, &weierstrass::multiply_base::<C>(k), &public, message);
    let s = *k - r * *private;
    let zero: bool = (r.is_zero() | s.is_zero()).into();
    (!zero).then(|| [challenge.as_slice(), &s.to_repr()].concat())
}

fn verify_on<C: Weierstrass>(variant: Variant, public: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let (r, s) = signature.split_at_checked(LENGTH).filter(|(_, s)| s.len() == LENGTH).ok_or(Fault::Length)?;
    if holds::<C>(variant, public, message, r, s) == Some(true) { Ok(()) } else { Err(Fault::Signature) }
}

/// Whether the hash is r again; `None` when a part is out of range.
fn holds<C: Weierstrass>(variant: Variant, public: &[u8], message: &[u8], r: &[u8], s: &[u8]) -> Option<bool> {
    let public = weierstrass::point::<C>(public)?;
    let s = weierstrass::scalar::<C>(s)?;
    let factor = weierstrass::reduced_scalar::<C>(r);
    let point = C::ProjectivePoint::mul_by_generator_and_mul_add_vartime(&s, &factor, &public);
    let zero: bool = (factor.is_zero() | point.is_identity()).into();
    // A Zilliqa r that is not less than n cannot be what the challenge gives, so it needs no check of its own.
    Some(!zero && challenge::<C>(variant, &point, &public, message).0.as_slice() == r)
}

/// r as it stands in the signature, and as a number modulo n.
fn challenge<C: Weierstrass>(
    variant: Variant,
    point: &C::ProjectivePoint,
    public: &C::ProjectivePoint,
    message: &[u8],
) -> (FieldBytes<C>, C::Scalar) {
    let hash = match variant {
        Variant::Ecsdsa => Sha256::new().chain_update(message).chain_update(weierstrass::x_coordinate::<C>(point)),
        Variant::Zilliqa => Sha256::new()
            .chain_update(weierstrass::compressed::<C>(point))
            .chain_update(weierstrass::compressed::<C>(public))
            .chain_update(message),
    };
    let mut bytes = FieldBytes::<C>::default();
    bytes.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    let r = C::Scalar::reduce(&bytes);
    match variant {
        Variant::Ecsdsa => (bytes, r),
        Variant::Zilliqa => (r.to_repr(), r),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Curve, curves};
    use super::*;

    /// The signature with the private key 7 and k = 5 over "abc".
    fn signature<C: Weierstrass>(variant: Variant) -> Vec<u8> {
        let (private, k) = (weierstrass::reduced_scalar::<C>(&[7]), weierstrass::reduced_scalar::<C>(&[5]));
        sign_with::<C>(variant, &private, b"abc", &k).unwrap()
    }

    fn seven(curve: Curve) -> PublicKey {
        PrivateKey::from_bytes(curve, &[&[0; 31], [7].as_slice()].concat()).unwrap().public()
    }

    #[test]
    fn ecsdsa_matches_the_vector() {
        let r = "e889f94b7d3f72c942859d4c15ece46c07c7370b766147cd96d0e3cd43ae50bd";
        let s = "a43a2eef9343dc7f2e58b2eb6685c102e45588fe8e536b031f0a5b3cd7b793a1";
        let found = signature::<curves::Secp256k1>(Variant::Ecsdsa);
        assert_eq!(hex::encode(&found), [r, s].concat());
        assert_eq!(verify(Variant::Ecsdsa, &seven(Curve::Secp256k1), b"abc", &found), Ok(()));
    }

    #[test]
    fn zilliqa_matches_the_vector() {
        let r = "52a486ffbbc4e17aecf603fcd64af63a48e2e9b98502913d87cfe10d639398a1";
        let s = "bd804f01dd9dd5a38545e41623f3446431d832a16ac7e80488c7f448b7999761";
        let found = signature::<curves::Secp256k1>(Variant::Zilliqa);
        assert_eq!(hex::encode(&found), [r, s].concat());
        let public = seven(Curve::Secp256k1);
        let compressed = "025cbdf0646e5db4eaa398f365f2ea7a0e3d419b7e0330e39ce92bddedcac4f9bc";
        assert_eq!(hex::encode(public.to_compressed().unwrap()), compressed);
        assert_eq!(verify(Variant::Zilliqa, &public, b"abc", &found), Ok(()));
    }

    #[test]
    fn every_part_of_a_signature_counts() {
        for variant in [Variant::Ecsdsa, Variant::Zilliqa] {
            let (public, right) = (seven(Curve::P256), signature::<curves::P256>(variant));
            assert_eq!(verify(variant, &public, b"abc", &right), Ok(()));
            assert_eq!(verify(variant, &public, b"abd", &right), Err(Fault::Signature));
            assert_eq!(verify(variant, &public, b"abc", &right[1..]), Err(Fault::Length));
            assert_eq!(verify(variant, &public, b"abc", &[&right, [0].as_slice()].concat()), Err(Fault::Length));
            for position in 0..64 {
                let mut wrong = right.clone();
                wrong[position] ^= 1;
                assert_eq!(verify(variant, &public, b"abc", &wrong), Err(Fault::Signature), "{position}");
            }
            for wrong in
                [[[0; 32].as_slice(), &right[32..]].concat(), [&right[..32], &[0; 32]].concat(), vec![0xFF; 64]]
            {
                assert_eq!(verify(variant, &public, b"abc", &wrong), Err(Fault::Signature));
            }
        }
    }

    #[test]
    fn the_variants_do_not_mix() {
        let found = signature::<curves::Bp256T>(Variant::Ecsdsa);
        assert_eq!(verify(Variant::Zilliqa, &seven(Curve::Bp256T), b"abc", &found), Err(Fault::Signature));
    }
}
