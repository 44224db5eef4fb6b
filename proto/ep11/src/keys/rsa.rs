//! RSA, and the only file that touches the `rsa` crate.
//!
//! RSA exists for legacy administrator keys (2048-bit signature key files, moduli up to 4096 bits when verifying) and
//! for importer keys of type 0. Why this crate, and why a release candidate pinned to one version: it is of the same
//! generation as the other cryptography here and its big integers are constant in time; the decision record
//! `docs/decisions/0002-rsa.md` has the rest.
//!
//! Every private operation is blinded and its result checked against the public key. The blinding factor comes from the
//! key and the input, so that no operation needs a random generator and equal calls give equal bytes.

use std::convert::Infallible;

use ::rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use ::rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use ::rsa::traits::{PrivateKeyParts, PublicKeyParts};
use ::rsa::{BoxedUint, Pkcs1v15Encrypt, Pkcs1v15Sign, RsaPrivateKey};
use rand_core::{CryptoRng, TryCryptoRng, TryRng};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::x931;
use crate::der;
use crate::{DecodeError, Fault};

/// An RSA public key with a modulus of 2048 to 4096 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey(::rsa::RsaPublicKey);

impl RsaPublicKey {
    /// The key with this modulus and public exponent, both big-endian.
    ///
    /// # Errors
    /// [`Fault::Unsupported`] when the modulus has fewer than 2048 or more than 4096 bits, [`Fault::OutOfRange`] when
    /// it is even or the exponent is even, below 3 or above 2^33 - 1.
    pub fn from_components(modulus: &[u8], exponent: &[u8]) -> Result<Self, DecodeError> {
        let fail = |field, fault| DecodeError { format: "RSAPublicKey", field, offset: 0, fault };
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        if !is_supported_size(modulus.bits_vartime() as usize) {
            return Err(fail("modulus", Fault::Unsupported("moduli outside 2048 to 4096 bits")));
        }
        ::rsa::RsaPublicKey::new(modulus, BoxedUint::from_be_slice_vartime(exponent))
            .map(Self)
            .map_err(|_| fail("publicExponent", Fault::OutOfRange))
    }

    /// `SEQUENCE { INTEGER n, INTEGER e }`, the content of the BIT STRING in a SubjectPublicKeyInfo.
    pub fn to_pkcs1_der(&self) -> Vec<u8> {
        der::sequence(|key| {
            key.unsigned_integer(&self.0.n_bytes()).unsigned_integer(&self.0.e_bytes());
        })
    }

    /// Size of the modulus, and so of signatures and encryptions, in bytes.
    pub fn size(&self) -> usize {
        self.0.size()
    }

    /// Whether `signature` is this key's over the X9.31 frame of `message` (section 4.7). Both representatives, `m` and
    /// `n - m`, are right.
    #[must_use]
    pub fn verify_x931(&self, message: &[u8], signature: &[u8]) -> bool {
        let precision = self.0.n_bits_precision();
        let Some(frame) = x931::frame(message, self.size()) else { return false };
        let Ok(frame) = BoxedUint::from_be_slice(&frame, precision) else { return false };
        if signature.len() != self.size() {
            return false;
        }
        let Ok(signature) = BoxedUint::from_be_slice(signature, precision) else { return false };
        let modulus: &BoxedUint = self.0.n();
        if signature >= *modulus {
            return false;
        }
        rsa_encrypt(&self.0, &signature).is_ok_and(|m| m == frame || modulus.wrapping_sub(&m) == frame)
    }

    /// Whether `signature` is this key's over `message` by RSASSA-PKCS1-v1_5 with SHA-256.
    #[must_use]
    pub fn verify_pkcs1(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature).is_ok()
    }

    /// Encrypts `message` by RSAES-PKCS1-v1_5. `None` when it is longer than the modulus less 11 bytes.
    pub fn encrypt_pkcs1(&self, rng: &mut (impl CryptoRng + ?Sized), message: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(rng, Pkcs1v15Encrypt, message).ok()
    }
}

/// An RSA private key with its public key. Cleared when it is dropped.
pub struct RsaKeyPair {
    key: Box<RsaPrivateKey>,
    /// `RSAPrivateKey` of PKCS#1. Made once, because encoding can fail for keys that no constructor here lets through.
    pkcs1: Zeroizing<Vec<u8>>,
}

impl RsaKeyPair {
    /// A new key with a modulus of `bits` bits and the exponent 65537. Takes from milliseconds to seconds.
    ///
    /// # Errors
    /// When `bits` is not between 2048 and 4096, or not a multiple of 8.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized), bits: usize) -> Result<Self, RsaKeySizeError> {
        if !is_supported_size(bits) || !bits.is_multiple_of(8) {
            return Err(RsaKeySizeError { bits });
        }
        Ok(Self::generate_supported(rng, bits))
    }

    /// A new key of 2048 bits, the size of importer keys and of the SDK's key files.
    pub fn generate_2048(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self::generate_supported(rng, 2048)
    }

    /// Reads an `RSAPrivateKey` of PKCS#1, as signature key files hold it (section 10.1).
    ///
    /// # Errors
    /// When the bytes are no such structure, its numbers do not belong together, or the modulus has fewer than 2048 or
    /// more than 4096 bits.
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, DecodeError> {
        RsaPrivateKey::from_pkcs1_der(der).ok().and_then(Self::checked).ok_or(DecodeError {
            format: "RSAPrivateKey",
            field: "privateKey",
            offset: 0,
            fault: Fault::Unsupported("anything but a two-prime key of 2048 to 4096 bits"),
        })
    }

    /// The key as `RSAPrivateKey` of PKCS#1.
    pub fn to_pkcs1_der(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs1.clone()
    }

    /// The public key.
    pub fn public(&self) -> RsaPublicKey {
        RsaPublicKey(self.key.to_public_key())
    }

    /// Signs the X9.31 frame of `message`; the signature is as long as the modulus. It is `m^d`, not the smaller of
    /// that and its complement: the SDK does the same.
    pub fn sign_x931(&self, message: &[u8]) -> Vec<u8> {
        let size = self.key.size();
        // A fault in the arithmetic gives no signature at all: a wrong one can give the key away.
        x931::frame(message, size)
            .and_then(|frame| self.private_operation(&frame))
            .map(|signature| signature.to_vec())
            .unwrap_or_default()
    }

    /// Decrypts what [`RsaPublicKey::encrypt_pkcs1`] made.
    ///
    /// # Errors
    /// [`RsaDecryptError::Size`] when `encrypted` is not as long as the modulus, [`RsaDecryptError::Padding`] when no
    /// message is inside.
    pub fn decrypt_pkcs1(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, RsaDecryptError> {
        if encrypted.len() != self.key.size() {
            return Err(RsaDecryptError::Size);
        }
        let block = self.private_operation(encrypted).ok_or(RsaDecryptError::Padding)?;
        // The answer has a code of its own for bad padding, so hiding it in the timing here would hide nothing.
        message_in(&block).map(|message| Zeroizing::new(message.to_vec())).ok_or(RsaDecryptError::Padding)
    }

    /// The raw private operation on a number as long as the modulus. `None` when it is not below the modulus.
    fn private_operation(&self, input: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let number = Zeroizing::new(BoxedUint::from_be_slice(input, self.key.n_bits_precision()).ok()?);
        let mut blinding = Blinding::new(&self.key, input);
        let result = Zeroizing::new(rsa_decrypt_and_check(&*self.key, Some(&mut blinding), &number).ok()?);
        let bytes = Zeroizing::new(result.to_be_bytes());
        let excess = bytes.len().checked_sub(self.key.size())?;
        bytes.get(excess..).map(|bytes| Zeroizing::new(bytes.to_vec()))
    }

    fn generate_supported(rng: &mut (impl CryptoRng + ?Sized), bits: usize) -> Self {
        // The crate gives up when two primes do not fit together; the next draw has others.
        loop {
            if let Some(key) = RsaPrivateKey::new(rng, bits).ok().and_then(Self::checked) {
                return key;
            }
        }
    }

    fn checked(key: RsaPrivateKey) -> Option<Self> {
        let key = Box::new(key);
        if !is_supported_size(key.n().bits_vartime() as usize) {
            return None;
        }
        let document = key.to_pkcs1_der().ok()?;
        Some(Self { key, pkcs1: Zeroizing::new(document.as_bytes().to_vec()) })
    }
}

/// A size of modulus that is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsaKeySizeError {
    /// The size asked for, in bits.
    pub bits: usize,
}

impl std::fmt::Display for RsaKeySizeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RSA keys have 2048 to 4096 bits, in steps of 8, not {}", self.bits)
    }
}

impl std::error::Error for RsaKeySizeError {}

/// Why an encryption does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaDecryptError {
    /// It is not as long as the modulus.
    Size,
    /// It was made for another key, or is no encryption at all.
    Padding,
}

/// Blinding factors from a key and an input, after the idea of RFC 6979: blocks of SHA-512 over a seed and a counter,
/// the seed being SHA-512 over the private exponent and the input.
struct Blinding {
    seed: Zeroizing<[u8; 64]>,
    counter: u64,
}

impl Blinding {
    fn new(key: &RsaPrivateKey, input: &[u8]) -> Self {
        let exponent = Zeroizing::new(key.d().to_be_bytes());
        let seed = Sha512::new().chain_update(b"RSA blinding").chain_update(&*exponent).chain_update(input).finalize();
        Self { seed: Zeroizing::new(seed.into()), counter: 0 }
    }
}

impl TryRng for Blinding {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        for chunk in destination.chunks_mut(64) {
            let block =
                Sha512::new().chain_update(self.seed.as_slice()).chain_update(self.counter.to_be_bytes()).finalize();
            self.counter += 1;
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

impl TryCryptoRng for Blinding {}

/// The message in `00 02 | at least eight bytes that are not zero | 00 | message`.
fn message_in(block: &[u8]) -> Option<&[u8]> {
    let padded = block.strip_prefix(&[0, 2])?;
    let end = padded.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
    padded.get(end + 1..)
}

fn is_supported_size(bits: usize) -> bool {
    (2048..=4096).contains(&bits)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    /// Making one takes a while, so all tests share it.
    static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate_2048(&mut rng(1)));

    fn rng(seed: u64) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(seed)
    }

    /// What a signer with the complement rule of X9.31 sends: `n - s`, whose public operation gives `n - m`.
    fn complement(signature: &[u8]) -> Vec<u8> {
        let number = BoxedUint::from_be_slice(signature, 2048).unwrap();
        let modulus: &BoxedUint = KEY.key.n();
        modulus.wrapping_sub(&number).to_be_bytes().to_vec()
    }

    #[test]
    fn x931_signature_verifies_in_both_representations() {
        let signature = KEY.sign_x931(b"message");
        assert_eq!(signature.len(), 256);
        assert!(KEY.public().verify_x931(b"message", &signature));
        assert!(KEY.public().verify_x931(b"message", &complement(&signature)));
        assert!(!KEY.public().verify_x931(b"massage", &signature));
        assert!(!KEY.public().verify_pkcs1(b"message", &signature));
    }

    #[test]
    fn x931_signature_is_the_plain_private_operation_and_repeats() {
        let signature = KEY.sign_x931(b"message");
        assert_eq!(signature, KEY.sign_x931(b"message"));
        let number = BoxedUint::from_be_slice(&signature, 2048).unwrap();
        let frame = rsa_encrypt(&KEY.public().0, &number).unwrap();
        assert_eq!(frame.to_be_bytes().to_vec(), x931::frame(b"message", 256).unwrap());
    }

    #[test]
    fn pkcs1_signature_verifies() {
        let signature = KEY.key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(b"message")).unwrap();
        assert!(KEY.public().verify_pkcs1(b"message", &signature));
        assert!(!KEY.public().verify_pkcs1(b"massage", &signature));
        assert!(!KEY.public().verify_x931(b"message", &signature));
    }

    #[test]
    fn signatures_of_wrong_size_or_not_below_the_modulus_are_wrong() {
        let public = KEY.public();
        for signature in [&[][..], &[0; 256], &[0xFF; 256], &[0; 255], &[1; 300]] {
            assert!(!public.verify_x931(b"message", signature), "{} bytes", signature.len());
            assert!(!public.verify_pkcs1(b"message", signature), "{} bytes", signature.len());
        }
    }

    #[test]
    fn encryption_opens_with_the_private_key_alone() {
        let encrypted = KEY.public().encrypt_pkcs1(&mut rng(2), &[7; 32]).unwrap();
        assert_eq!(KEY.decrypt_pkcs1(&encrypted).unwrap().as_slice(), &[7; 32]);
        assert_eq!(KEY.decrypt_pkcs1(&encrypted[1..]).err(), Some(RsaDecryptError::Size));
        assert_eq!(KEY.decrypt_pkcs1(&[0xFF; 256]).err(), Some(RsaDecryptError::Padding));
        let mut damaged = encrypted;
        damaged[200] ^= 1;
        assert_eq!(KEY.decrypt_pkcs1(&damaged).err(), Some(RsaDecryptError::Padding));
    }

    #[test]
    fn padding_needs_eight_bytes_and_an_end() {
        let filled = |count: usize, tail: &[u8]| [&[0, 2][..], &vec![9; count], tail].concat();
        assert_eq!(message_in(&filled(8, &[0, 5, 6])), Some(&[5, 6][..]));
        assert_eq!(message_in(&filled(8, &[0])), Some(&[][..]));
        assert_eq!(message_in(&filled(7, &[0, 5])), None);
        assert_eq!(message_in(&filled(20, &[])), None);
        assert_eq!(message_in(&[0, 1, 9, 9, 9, 9, 9, 9, 9, 9, 0, 5]), None);
    }

    #[test]
    fn a_message_too_long_for_the_modulus_is_not_encrypted() {
        assert_eq!(KEY.public().encrypt_pkcs1(&mut rng(3), &[0; 246]), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_key_and_pkcs1_reads_back() {
        assert!(RsaKeyPair::generate_2048(&mut rng(1)).public() == KEY.public());
        let read = RsaKeyPair::from_pkcs1_der(&KEY.to_pkcs1_der()).unwrap();
        assert!(read.public() == KEY.public());
        assert_eq!(read.sign_x931(b"message"), KEY.sign_x931(b"message"));
        assert!(RsaKeyPair::from_pkcs1_der(&[0x30, 0]).is_err());
    }

    #[test]
    fn larger_moduli_sign_and_verify() {
        let key = RsaKeyPair::generate(&mut rng(4), 3072).unwrap();
        let signature = key.sign_x931(b"message");
        assert_eq!(signature.len(), 384);
        assert!(key.public().verify_x931(b"message", &signature));
    }

    #[test]
    fn moduli_outside_2048_to_4096_bits_are_refused() {
        for bits in [1024, 2047, 4104] {
            assert_eq!(RsaKeyPair::generate(&mut rng(5), bits).err(), Some(RsaKeySizeError { bits }));
        }
        for size in [128, 255, 513] {
            let error = RsaPublicKey::from_components(&vec![0xFF; size], &[1, 0, 1]).unwrap_err();
            assert!(matches!((error.field, error.fault), ("modulus", Fault::Unsupported(_))), "{size} bytes");
        }
        assert!(RsaPublicKey::from_components(&[0xFF; 256], &[1]).is_err());
        assert!(RsaPublicKey::from_components(&[0xFF; 256], &[4]).is_err());
        assert!(RsaPublicKey::from_components(&[0xFE; 256], &[1, 0, 1]).is_err());
    }
}
