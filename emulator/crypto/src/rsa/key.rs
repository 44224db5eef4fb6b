//! Keys and the raw operation: the only file that touches the `rsa` crate.
//!
//! Every private operation is blinded, and its result checked against the public key.

use std::ops::RangeInclusive;

use ::rsa::BoxedUint;
use ::rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use ::rsa::pkcs1::{ALGORITHM_ID, RsaPublicKey as Pkcs1PublicKey, UintRef};
use ::rsa::pkcs8::der::Decode;
use ::rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, SubjectPublicKeyInfoRef};
use ::rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::blinding::Blinding;
use super::{RsaFault, RsaKeyFault};

/// Sizes of modulus, in bits.
const SIZES: RangeInclusive<usize> = 512..=4096;
/// Public exponents are odd and in here.
const EXPONENTS: RangeInclusive<u64> = 3..=(1 << 33) - 1;
/// A private key of 4096 bits has 2.4 KiB. A longer document is refused before arithmetic is spent on its numbers.
const LONGEST_PRIVATE_DER: usize = 4096;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    key: ::rsa::RsaPublicKey,
    /// Made once, because the crate's encoder can fail; not for keys that no constructor here lets through.
    spki: Vec<u8>,
}

impl RsaPublicKey {
    /// The key with this modulus and public exponent, both big-endian.
    ///
    /// # Errors
    /// [`RsaKeyFault::Size`] when the modulus does not have 512 to 4096 bits, [`RsaKeyFault::Form`] when it is even,
    /// [`RsaKeyFault::Exponent`] when the exponent is even, below 3 or above 2^33 - 1.
    pub fn from_components(modulus: &[u8], exponent: &[u8]) -> Result<Self, RsaKeyFault> {
        let modulus = significant(modulus, SIZES.end() / 8).ok_or(RsaKeyFault::Size)?;
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        if !SIZES.contains(&(modulus.bits_vartime() as usize)) {
            return Err(RsaKeyFault::Size);
        }
        let exponent = significant(exponent, size_of::<u64>()).ok_or(RsaKeyFault::Exponent)?;
        let exponent = checked_exponent(exponent.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))?;
        ::rsa::RsaPublicKey::new_with_size_limits(modulus, exponent, SIZES)
            .ok()
            .and_then(Self::wrap)
            .ok_or(RsaKeyFault::Form)
    }

    /// Reads a `SubjectPublicKeyInfo` with the algorithm `rsaEncryption` (RFC 3279, section 2.3.1).
    ///
    /// # Errors
    /// [`RsaKeyFault::Form`] when the bytes are no such structure, and as [`RsaPublicKey::from_components`].
    pub fn from_spki_der(der: &[u8]) -> Result<Self, RsaKeyFault> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| RsaKeyFault::Form)?;
        if spki.algorithm != ALGORITHM_ID {
            return Err(RsaKeyFault::Form);
        }
        let key = spki.subject_public_key.as_bytes().ok_or(RsaKeyFault::Form)?;
        let key = Pkcs1PublicKey::<UintRef<'_>>::from_der(key).map_err(|_| RsaKeyFault::Form)?;
        Self::from_components(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// The key as `SubjectPublicKeyInfo`, the parameters being NULL.
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.spki.clone()
    }

    /// Size of the modulus, and so of signatures and encryptions, in bytes.
    pub fn modulus_len(&self) -> usize {
        self.key.size()
    }

    /// Size of the modulus in bits.
    pub fn modulus_bits(&self) -> usize {
        self.key.n().bits_vartime() as usize
    }

    /// The modulus, big-endian without leading zeros.
    pub fn modulus(&self) -> Vec<u8> {
        self.key.n_bytes().into_vec()
    }

    /// The public exponent, big-endian without leading zeros.
    pub fn exponent(&self) -> Vec<u8> {
        self.key.e_bytes().into_vec()
    }

    /// RSAEP and RSAVP1: the public operation on a number as long as the modulus.
    ///
    /// # Errors
    /// [`RsaFault::Length`] for another size, [`RsaFault::Range`] when the number is not below the modulus.
    pub(super) fn public_operation(&self, input: &[u8]) -> Result<Vec<u8>, RsaFault> {
        let number = self.representative(input)?;
        let result = rsa_encrypt(&self.key, &number).map_err(|_| RsaFault::Arithmetic)?;
        Ok(self.octets(&result).to_vec())
    }

    /// `n - number`, for a number that is as long as the modulus `n` and below it.
    pub(super) fn complement(&self, number: &[u8]) -> Result<Vec<u8>, RsaFault> {
        let number = self.representative(number)?;
        let modulus: &BoxedUint = self.key.n();
        Ok(self.octets(&modulus.wrapping_sub(&number)).to_vec())
    }

    /// OS2IP with the checks of the operations, in the precision of the modulus.
    fn representative(&self, input: &[u8]) -> Result<BoxedUint, RsaFault> {
        if input.len() != self.modulus_len() {
            return Err(RsaFault::Length);
        }
        let number = BoxedUint::from_be_slice(input, self.key.n_bits_precision()).map_err(|_| RsaFault::Length)?;
        if number < **self.key.n() { Ok(number) } else { Err(RsaFault::Range) }
    }

    /// I2OSP to the size of the modulus.
    fn octets(&self, number: &BoxedUint) -> Zeroizing<Vec<u8>> {
        let bytes = Zeroizing::new(number.to_be_bytes());
        let excess = bytes.len().saturating_sub(self.modulus_len());
        Zeroizing::new(bytes.iter().skip(excess).copied().collect())
    }

    fn wrap(key: ::rsa::RsaPublicKey) -> Option<Self> {
        let spki = key.to_public_key_der().ok()?.into_vec();
        Some(Self { key, spki })
    }
}

/// A private key with its public key. Cleared when it is dropped.
pub struct RsaPrivateKey {
    key: Box<::rsa::RsaPrivateKey>,
    public: RsaPublicKey,
    /// Made once, for the reason that `RsaPublicKey` has its document.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl RsaPrivateKey {
    /// A new key with two primes. Takes from milliseconds to many seconds, for the time grows with the fourth power of
    /// the size.
    ///
    /// # Errors
    /// [`RsaKeyFault::Size`] when `bits` is not in 512 to 4096 or no multiple of 8, [`RsaKeyFault::Exponent`] when
    /// `exponent` is even, below 3 or above 2^33 - 1.
    pub fn generate(bits: usize, exponent: u64, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, RsaKeyFault> {
        if !SIZES.contains(&bits) || !bits.is_multiple_of(8) {
            return Err(RsaKeyFault::Size);
        }
        let exponent = checked_exponent(exponent)?;
        // The crate gives up when two primes do not fit together; the next draw has others.
        loop {
            let key = ::rsa::RsaPrivateKey::new_with_exp_unchecked(rng, bits, exponent.clone());
            if let Some(key) = key.ok().and_then(Self::wrap) {
                return Ok(key);
            }
        }
    }

    /// Reads a `PrivateKeyInfo` of PKCS#8 (RFC 5208) with an `RSAPrivateKey` of two primes. Checks that its numbers
    /// belong together: the product, the private exponent modulo both primes less one, the coefficient. Does not test
    /// the primes for being prime.
    ///
    /// # Errors
    /// [`RsaKeyFault::Form`] when the bytes are no such structure or the numbers do not belong together,
    /// [`RsaKeyFault::Size`] when the modulus does not have 512 to 4096 bits.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, RsaKeyFault> {
        if der.len() > LONGEST_PRIVATE_DER {
            return Err(RsaKeyFault::Size);
        }
        let key = ::rsa::RsaPrivateKey::from_pkcs8_der(der).map_err(|_| RsaKeyFault::Form)?;
        if !SIZES.contains(&(key.n().bits_vartime() as usize)) {
            return Err(RsaKeyFault::Size);
        }
        Self::wrap(key).ok_or(RsaKeyFault::Form)
    }

    /// The key as `PrivateKeyInfo` of PKCS#8, with all numbers for the Chinese remainder theorem.
    pub fn to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    /// The public key.
    pub fn public(&self) -> &RsaPublicKey {
        &self.public
    }

    /// RSADP and RSASP1: the private operation on a number as long as the modulus.
    ///
    /// # Errors
    /// [`RsaFault::Length`] for another size, [`RsaFault::Range`] when the number is not below the modulus,
    /// [`RsaFault::Arithmetic`] when the result does not fit the public key.
    pub(super) fn private_operation(&self, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, RsaFault> {
        let number = Zeroizing::new(self.public.representative(input)?);
        let exponent = Zeroizing::new(self.key.d().to_be_bytes());
        let mut blinding = Blinding::new(&exponent, input);
        let result = rsa_decrypt_and_check(&*self.key, Some(&mut blinding), &number);
        let result = Zeroizing::new(result.map_err(|_| RsaFault::Arithmetic)?);
        Ok(self.public.octets(&result))
    }

    fn wrap(key: ::rsa::RsaPrivateKey) -> Option<Self> {
        let key = Box::new(key);
        let public = RsaPublicKey::wrap(key.to_public_key())?;
        let document = key.to_pkcs8_der().ok()?;
        Some(Self { key, public, pkcs8: Zeroizing::new(document.as_bytes().to_vec()) })
    }
}

impl ZeroizeOnDrop for RsaPrivateKey {}

/// A big-endian number without its leading zeros. `None` when it is longer than `longest` bytes.
fn significant(number: &[u8], longest: usize) -> Option<&[u8]> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).filter(|significant| significant.len() <= longest)
}

fn checked_exponent(exponent: u64) -> Result<BoxedUint, RsaKeyFault> {
    let is_odd = exponent & 1 == 1;
    if is_odd && EXPONENTS.contains(&exponent) { Ok(BoxedUint::from(exponent)) } else { Err(RsaKeyFault::Exponent) }
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{key_1024, key_2048, rng};
    use super::*;

    #[test]
    fn documents_read_back() {
        let key = key_2048();
        let read = RsaPrivateKey::from_pkcs8_der(&key.to_pkcs8_der()).unwrap();
        assert_eq!(read.public(), key.public());
        assert_eq!(read.to_pkcs8_der(), key.to_pkcs8_der());
        let public = RsaPublicKey::from_spki_der(&key.public().to_spki_der()).unwrap();
        assert_eq!(&public, key.public());
        assert_eq!((public.modulus_len(), public.modulus_bits(), public.exponent()), (256, 2048, vec![1, 0, 1]));
        let leading_zero = [&[0][..], &public.modulus()].concat();
        assert_eq!(RsaPublicKey::from_components(&leading_zero, &[0, 1, 0, 1]).unwrap(), public);
    }

    #[test]
    fn damaged_documents_are_none() {
        let (private, public) = (key_1024().to_pkcs8_der(), key_1024().public().to_spki_der());
        for position in 0..private.len() {
            let mut damaged = private.clone();
            damaged[position] ^= 1;
            let read = RsaPrivateKey::from_pkcs8_der(&damaged).map(|key| key.to_pkcs8_der());
            // The numbers that follow from the others are computed and not read.
            assert!(read.is_err() || read == Ok(private.clone()), "{position}");
        }
        assert!(RsaPrivateKey::from_pkcs8_der(&private[..private.len() - 1]).is_err());
        assert!(RsaPrivateKey::from_pkcs8_der(&[&private[..], &[0]].concat()).is_err());
        assert!(RsaPrivateKey::from_pkcs8_der(&vec![0x30; 5000]).is_err());
        assert!(RsaPublicKey::from_spki_der(&public[1..]).is_err());
        assert!(RsaPublicKey::from_spki_der(&[&public[..], &[0]].concat()).is_err());
        assert!(RsaPublicKey::from_spki_der(&private).is_err());
    }

    #[test]
    fn private_and_public_operation_undo_each_other_and_repeat() {
        for key in [key_1024(), key_2048()] {
            let mut input = vec![0x5A; key.public().modulus_len()];
            input[0] = 0;
            let signed = key.private_operation(&input).unwrap();
            assert_eq!(signed, key.private_operation(&input).unwrap());
            assert_eq!(key.public().public_operation(&signed).unwrap(), input);
        }
    }

    #[test]
    fn numbers_of_another_size_or_not_below_the_modulus_are_refused() {
        let key = key_1024();
        let modulus = key.public().modulus();
        for (input, fault) in [(&modulus[1..], RsaFault::Length), (&modulus, RsaFault::Range), (&[], RsaFault::Length)]
        {
            assert_eq!(key.private_operation(input).err(), Some(fault));
            assert_eq!(key.public().public_operation(input).err(), Some(fault));
        }
        assert!(key.private_operation(&[0; 128]).is_ok_and(|result| **result == [0; 128]));
    }

    #[test]
    fn other_exponents_and_small_sizes_work() {
        for (bits, exponent) in [(512, 3), (520, 17), (1024, (1 << 33) - 1)] {
            let key = RsaPrivateKey::generate(bits, exponent, &mut rng(7)).unwrap();
            assert_eq!(key.public().modulus_bits(), bits);
            let input = [&[0][..], &vec![9; bits / 8 - 1]].concat();
            let signed = key.private_operation(&input).unwrap();
            assert_eq!(key.public().public_operation(&signed).unwrap(), input);
            assert!(RsaPrivateKey::from_pkcs8_der(&key.to_pkcs8_der()).is_ok());
        }
    }

    #[test]
    fn sizes_and_exponents_outside_the_limits_are_refused() {
        for bits in [0, 504, 1023, 4104] {
            assert_eq!(RsaPrivateKey::generate(bits, 65537, &mut rng(1)).err(), Some(RsaKeyFault::Size));
        }
        for exponent in [0, 1, 2, 65536, 1 << 33, u64::MAX] {
            assert_eq!(RsaPrivateKey::generate(1024, exponent, &mut rng(1)).err(), Some(RsaKeyFault::Exponent));
        }
        for size in [0, 1, 63, 513, 100_000] {
            let key = RsaPublicKey::from_components(&vec![0xFF; size], &[3]);
            assert_eq!(key.err(), Some(RsaKeyFault::Size), "{size}");
        }
        for exponent in [&[][..], &[1], &[4], &[2, 0, 0, 0, 1], &[1; 9]] {
            let key = RsaPublicKey::from_components(&[0xFF; 64], exponent);
            assert_eq!(key.err(), Some(RsaKeyFault::Exponent), "{exponent:?}");
        }
        assert_eq!(RsaPublicKey::from_components(&[0xFE; 64], &[3]).err(), Some(RsaKeyFault::Form));
    }

    #[test]
    fn the_same_seed_gives_the_same_key() {
        let generate = || RsaPrivateKey::generate(512, 65537, &mut rng(3)).unwrap().to_pkcs8_der();
        assert_eq!(generate(), generate());
    }
}
