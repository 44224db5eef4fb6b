//! ECDSA on the short Weierstrass curves (FIPS 186-5, section 6; SEC 1, section 4.1).
//!
//! Nothing is hashed here. What is signed is a number, the leftmost bits of the data; a signature is r and s, each as long
//! as a private key. s is taken as it comes: not made low when signing, not asked to be low when verifying.

use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::ops::{MulByGeneratorVartime, Reduce};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::curves::on_weierstrass;
use super::weierstrass::{self, Weierstrass};
use super::{Fault, PrivateKey, PublicKey};

/// Signs `data`, usually a digest, with a random k.
///
/// Data longer than the order is cut to as many bits on the left; shorter data, and none, is the number that it is
/// (bits2int, SEC 1, section 4.1.3, step 5). `None` when the key is not on a Weierstrass curve.
pub fn sign(key: &PrivateKey, data: &[u8], rng: &mut (impl CryptoRng + ?Sized)) -> Option<Vec<u8>> {
    on_weierstrass!(
        key.curve(),
        C => {
            let private = Zeroizing::new(weierstrass::reduced_scalar::<C>(key.expose_bytes()));
            let number = number::<C>(data);
            loop {
                let k = weierstrass::random_scalar::<C>(rng);
                if let Some(signature) = sign_with::<C>(&private, &number, &k) {
                    return Some(signature);
                }
            }
        },
        _ => None
    )
}

/// Checks a signature over `data`, which is cut as for [`sign`].
///
/// # Errors
/// [`Fault::Length`] when it is not [`Curve::signature_length`](super::Curve::signature_length) bytes long,
/// [`Fault::Signature`] when r or s is zero or not less than the order or the equation does not hold, [`Fault::Curve`]
/// when the key is not on a Weierstrass curve.
pub fn verify(key: &PublicKey, data: &[u8], signature: &[u8]) -> Result<(), Fault> {
    on_weierstrass!(key.curve(), C => verify_on::<C>(key.as_bytes(), data, signature), _ => Err(Fault::Curve))
}

/// The signature with this k; `None` when r or s would be zero and another k is needed.
fn sign_with<C: Weierstrass>(private: &C::Scalar, number: &C::Scalar, k: &C::Scalar) -> Option<Vec<u8>> {
    let inverse = Zeroizing::new(Option::<C::Scalar>::from(Field::invert(k))?);
    let r = C::Scalar::reduce(&weierstrass::x_coordinate::<C>(&weierstrass::multiply_base::<C>(k)));
    let s = *inverse * (*number + r * *private);
    let zero: bool = (r.is_zero() | s.is_zero()).into();
    (!zero).then(|| [r.to_repr(), s.to_repr()].concat())
}

fn verify_on<C: Weierstrass>(public: &[u8], data: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let length = weierstrass::order_bits::<C>().div_ceil(8);
    let (r, s) = signature.split_at_checked(length).filter(|(_, s)| s.len() == length).ok_or(Fault::Length)?;
    if holds::<C>(public, &number::<C>(data), r, s) == Some(true) { Ok(()) } else { Err(Fault::Signature) }
}

/// Whether the equation holds; `None` when a part is out of range.
fn holds<C: Weierstrass>(public: &[u8], number: &C::Scalar, r: &[u8], s: &[u8]) -> Option<bool> {
    let public = weierstrass::point::<C>(public)?;
    let (r, s) = (weierstrass::scalar::<C>(r)?, weierstrass::scalar::<C>(s)?);
    let inverse = Option::<C::Scalar>::from(Field::invert(&*s))?;
    let point =
        C::ProjectivePoint::mul_by_generator_and_mul_add_vartime(&(*number * inverse), &(*r * inverse), &public);
    // The x coordinate of the point at infinity reads as zero, and r is not zero.
    Some(C::Scalar::reduce(&weierstrass::x_coordinate::<C>(&point)) == *r)
}

/// The number that stands for the data: its leftmost bits, as many as the order has, modulo the order.
fn number<C: Weierstrass>(data: &[u8]) -> C::Scalar {
    let bits = weierstrass::order_bits::<C>();
    let bytes = bits.div_ceil(8);
    let Some(leftmost) = data.get(..bytes) else { return weierstrass::reduced_scalar::<C>(data) };
    // Less than eight bits are too many; each byte moves right by them and takes in the low bits of its neighbour.
    let surplus = 8 * bytes - bits;
    let mut shifted = Vec::with_capacity(bytes);
    let mut above = 0_u8;
    for byte in leftmost {
        shifted.push((u16::from_be_bytes([above, *byte]) >> surplus) as u8);
        above = *byte;
    }
    weierstrass::reduced_scalar::<C>(&shifted)
}
