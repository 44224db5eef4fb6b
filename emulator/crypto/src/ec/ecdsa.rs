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
    // Less than eight bits are too many. Each byte moves right by them and takes in the low bits of the one above.
    let surplus = 8 * bytes - bits;
    let neighbours = [0].iter().chain(leftmost).zip(leftmost);
    let shifted: Vec<u8> =
        neighbours.map(|(above, byte)| (u16::from_be_bytes([*above, *byte]) >> surplus) as u8).collect();
    weierstrass::reduced_scalar::<C>(&shifted)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256, Sha512};

    use super::super::curves;
    use super::*;

    fn signature<C: Weierstrass>(private: &str, k: &str, data: &[u8]) -> String {
        let scalar = |digits: &str| weierstrass::scalar::<C>(&hex::decode(digits).unwrap()).unwrap();
        hex::encode(sign_with::<C>(&scalar(private), &number::<C>(data), &scalar(k)).unwrap())
    }

    #[test]
    fn the_k_of_rfc_6979_gives_its_signatures() {
        // Appendices A.2.5 and A.2.7, the message "sample".
        let found = signature::<curves::P256>(
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "a6e3c57dd01abe90086538398355dd4c3b17aa873382b0f24d6129493d8aad60",
            &Sha256::digest(b"sample"),
        );
        let r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
        let s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
        assert_eq!(found, [r, s].concat());
        let found = signature::<curves::P521>(
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "01dae2ea071f8110dc26882d4d5eae0621a3256fc8847fb9022e2b7d28e6f10198b1574fdd03a9053c08a1854a168aa5a57470ec97dd5ce090124ef52a2f7ecbffd3",
            &Sha512::digest(b"sample"),
        );
        let r = "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa";
        let s = "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a";
        assert_eq!(found, [r, s].concat());
    }

    #[test]
    fn data_is_cut_to_the_leftmost_bits() {
        // 521 bits of 528: seven bits fall off.
        let number_of = |data: &[u8]| hex::encode(number::<curves::P521>(data).to_repr());
        assert_eq!(number_of(&[0x80; 66])[..6], *"010101");
        assert_eq!(number_of(&[0x80; 66]), number_of(&[0x80; 90]));
        assert_eq!(number_of(&[1]), format!("{:0>132}", "1"));
        assert_eq!(number_of(&[0x80; 65]), format!("00{}", "80".repeat(65)));
        assert_eq!(number_of(&[]), "0".repeat(132));
        // The order of P-256 is as many bits as its bytes have, so only the modulus takes something away.
        let number_of = |data: &[u8]| hex::encode(number::<curves::P256>(data).to_repr());
        assert_eq!(number_of(&[0x12; 40]), "12".repeat(32));
        assert_eq!(number_of(&[0xFF; 32]), "00000000ffffffff00000000000000004319055258e8617b0c46353d039cdaae");
    }
}
