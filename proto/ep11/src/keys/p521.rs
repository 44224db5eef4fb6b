//! P-521: the curve of module keys, of importer keys and of most administrators.
//!
//! Signatures are ECDSA with SHA-512 and the nonces of RFC 6979, so that the same key and message give the same bytes.
//! Points are always uncompressed, `04 || X || Y` with 66 bytes each.

use std::sync::OnceLock;

use ::p521::ecdh::{SharedSecret, diffie_hellman};
use ::p521::ecdsa::signature::{Signer, Verifier};
use ::p521::ecdsa::{Signature, SigningKey, VerifyingKey};
use ::p521::elliptic_curve::Generate;
use ::p521::{PublicKey, SecretKey};
use rand_core::CryptoRng;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::ecdsa::{self, FixedSignature, SCALAR_SIZE};
use crate::der::{self, Reader};
use crate::{DecodeError, Fault, SubjectKeyId};

/// A public key on P-521: a point of the curve and never the one at infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct P521PublicKey(VerifyingKey);

impl P521PublicKey {
    /// Size of an uncompressed point in bytes.
    pub const POINT_SIZE: usize = 1 + 2 * SCALAR_SIZE;

    /// Reads an uncompressed point.
    ///
    /// # Errors
    /// [`Fault::WrongSize`] when `point` has not 133 bytes, [`Fault::OutOfRange`] when it does not begin with `04` or
    /// is not on the curve.
    pub fn from_point(point: &[u8]) -> Result<Self, DecodeError> {
        let fail = |fault| DecodeError { format: "P-521 public key", field: "point", offset: 0, fault };
        if point.len() != Self::POINT_SIZE {
            return Err(fail(Fault::WrongSize { expected: Self::POINT_SIZE, found: point.len() }));
        }
        VerifyingKey::from_sec1_bytes(point).map(Self).map_err(|_| fail(Fault::OutOfRange))
    }

    /// The uncompressed point.
    pub fn to_point(&self) -> [u8; Self::POINT_SIZE] {
        let mut point = [0; Self::POINT_SIZE];
        point.copy_from_slice(self.0.to_sec1_point(false).as_bytes());
        point
    }

    /// Reads `SEQUENCE { X, Y }`, as signing services name their keys (section 1.6). Coordinates of fewer than 66 bytes
    /// are padded.
    ///
    /// # Errors
    /// [`Fault::WrongSize`] when a coordinate is longer, [`Fault::OutOfRange`] when the point is not on the curve, others
    /// when the structure is wrong.
    pub fn from_coordinates(der: &[u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("signing service key", der);
        let mut sequence = outer.sequence("publickey")?;
        outer.finish("publickey")?;
        let mut point = [0; Self::POINT_SIZE];
        let (mark, coordinates) = point.split_at_mut(1);
        mark.fill(UNCOMPRESSED);
        for (padded, field) in coordinates.chunks_exact_mut(SCALAR_SIZE).zip(["X", "Y"]) {
            let start = sequence.clone();
            let magnitude = sequence.unsigned_integer(field)?;
            let zeros = padded.len().checked_sub(magnitude.len()).and_then(|zeros| padded.get_mut(zeros..));
            zeros
                .ok_or_else(|| start.error(field, Fault::WrongSize { expected: SCALAR_SIZE, found: magnitude.len() }))?
                .copy_from_slice(magnitude);
        }
        sequence.finish("publickey")?;
        Self::from_point(&point)
    }

    /// `SEQUENCE { X, Y }` with minimal integers.
    pub fn to_coordinates(&self) -> Vec<u8> {
        let point = self.to_point();
        let (_, coordinates) = point.split_at(1);
        let (x, y) = coordinates.split_at(SCALAR_SIZE);
        der::sequence(|key| {
            key.unsigned_integer(x).unsigned_integer(y);
        })
    }

    /// The identifier of a module key: the first 32 bytes of SHA-512 over the point (section 9.2). Administrators have
    /// another rule, see [`PublicKey::subject_key_id`](crate::PublicKey::subject_key_id).
    pub fn oa_key_id(&self) -> SubjectKeyId {
        let digest: [u8; 64] = Sha512::digest(self.to_point()).into();
        let mut id = [0; 32];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        SubjectKeyId(id)
    }

    /// Whether `signature`, a `SEQUENCE { r, s }`, is this key's over `message`. Anything malformed is a wrong
    /// signature.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        ecdsa::to_fixed(signature).is_some_and(|fixed| self.verify_fixed(message, &fixed))
    }

    /// Whether `signature`, `r` and `s` of 66 bytes each, is this key's over `message`.
    #[must_use]
    pub fn verify_fixed(&self, message: &[u8], signature: &FixedSignature) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// A private key on P-521 with its public key. Cleared when it is dropped.
pub struct P521KeyPair {
    public: P521PublicKey,
    secret: Box<SecretKey>,
    /// Made of `secret` when it is first needed: making it costs a scalar multiplication, which a key that comes back
    /// from storage with its public key may never need.
    signing: OnceLock<Box<SigningKey>>,
}

impl P521KeyPair {
    /// Size of a stored pair in bytes, see [`to_stored`](Self::to_stored).
    pub const STORED_SIZE: usize = SCALAR_SIZE + P521PublicKey::POINT_SIZE;
    /// Size of the private scalar alone, in bytes.
    pub const SCALAR_SIZE: usize = SCALAR_SIZE;

    /// A new key from `rng`.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let signing = Box::new(SigningKey::generate_from_rng(rng));
        Self::ready(Box::new(SecretKey::from(&*signing)), signing)
    }

    /// The key with this big-endian scalar of at most 66 bytes.
    ///
    /// # Errors
    /// [`Fault::WrongSize`] when it is longer, [`Fault::OutOfRange`] when it is zero or not below the order of the
    /// curve.
    pub fn from_scalar(scalar: &[u8]) -> Result<Self, DecodeError> {
        read_scalar(scalar).map(Self::from_secret)
    }

    /// Reads an `ECPrivateKey` of SEC 1, as signature key files hold it (section 10.1).
    ///
    /// # Errors
    /// When the bytes are not such a structure or the curve is another one.
    pub fn from_sec1_der(der: &[u8]) -> Result<Self, DecodeError> {
        SecretKey::from_sec1_der(der).map(|key| Self::from_secret(Box::new(key))).map_err(|_| DecodeError {
            format: "ECPrivateKey",
            field: "privateKey",
            offset: 0,
            fault: Fault::Unsupported("anything but a P-521 key"),
        })
    }

    /// Reads what [`to_stored`](Self::to_stored) made.
    ///
    /// That scalar and point belong together is not looked at, because finding out costs what storing the point saves:
    /// a scalar multiplication. Bytes that somebody else may have touched need [`is_pair`](Self::is_pair) afterwards.
    ///
    /// # Errors
    /// [`Fault::WrongSize`] unless they are 199 bytes, [`Fault::OutOfRange`] when scalar or point is impossible.
    pub fn from_stored(stored: &[u8]) -> Result<Self, DecodeError> {
        let (scalar, point) =
            stored.split_at_checked(SCALAR_SIZE).filter(|_| stored.len() == Self::STORED_SIZE).ok_or(DecodeError {
                format: PRIVATE_KEY,
                field: "stored",
                offset: 0,
                fault: Fault::WrongSize { expected: Self::STORED_SIZE, found: stored.len() },
            })?;
        let public = P521PublicKey::from_point(point).map_err(|error| DecodeError { offset: SCALAR_SIZE, ..error })?;
        Ok(Self { public, secret: read_scalar(scalar)?, signing: OnceLock::new() })
    }

    /// The scalar, 66 bytes, and the uncompressed point of the public key, 133 bytes.
    pub fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        let scalar = Zeroizing::new(self.secret.to_bytes());
        concat(&[&scalar, &self.public.to_point()])
    }

    /// Whether private and public key belong together. Only a pair made by [`from_stored`](Self::from_stored) can say
    /// no.
    #[must_use]
    pub fn is_pair(&self) -> bool {
        self.public.0 == *self.signing().verifying_key()
    }

    /// The key as `ECPrivateKey` of SEC 1, with curve and public key.
    pub fn to_sec1_der(&self) -> Zeroizing<Vec<u8>> {
        let scalar = Zeroizing::new(self.secret.to_bytes());
        concat(&[&SEC1_HEAD, &scalar, &SEC1_MIDDLE, &self.public().to_point()])
    }

    /// The public key.
    pub fn public(&self) -> P521PublicKey {
        self.public
    }

    /// Signs `message`; the signature is a `SEQUENCE { r, s }` with minimal integers.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        ecdsa::to_der(&self.sign_fixed(message))
    }

    /// Signs `message`; the signature is `r` and `s` of 66 bytes each.
    pub fn sign_fixed(&self, message: &[u8]) -> FixedSignature {
        let signature: Signature = self.signing().sign(message);
        signature.to_bytes().into()
    }

    /// The x-coordinate of this key times `public`, 66 bytes that clear themselves.
    pub(crate) fn agree(&self, public: &P521PublicKey) -> SharedSecret {
        diffie_hellman(self.signing().as_nonzero_scalar(), PublicKey::from(public.0).as_affine())
    }

    fn from_secret(secret: Box<SecretKey>) -> Self {
        let signing = Box::new(SigningKey::from(&*secret));
        Self::ready(secret, signing)
    }

    fn ready(secret: Box<SecretKey>, signing: Box<SigningKey>) -> Self {
        Self { public: P521PublicKey(*signing.verifying_key()), secret, signing: OnceLock::from(signing) }
    }

    fn signing(&self) -> &SigningKey {
        self.signing.get_or_init(|| Box::new(SigningKey::from(&*self.secret)))
    }
}

/// A scalar of at most 66 bytes, big-endian.
fn read_scalar(scalar: &[u8]) -> Result<Box<SecretKey>, DecodeError> {
    let fail = |fault| DecodeError { format: PRIVATE_KEY, field: "scalar", offset: 0, fault };
    let mut padded = Zeroizing::new([0; SCALAR_SIZE]);
    SCALAR_SIZE
        .checked_sub(scalar.len())
        .and_then(|zeros| padded.get_mut(zeros..))
        .ok_or_else(|| fail(Fault::WrongSize { expected: SCALAR_SIZE, found: scalar.len() }))?
        .copy_from_slice(scalar);
    SecretKey::from_slice(&*padded).map(Box::new).map_err(|_| fail(Fault::OutOfRange))
}

/// One allocation of the final size: a vector that grows would leave key material behind.
fn concat(pieces: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut whole = Zeroizing::new(Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum()));
    pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
    whole
}

/// What an uncompressed point begins with.
const UNCOMPRESSED: u8 = 0x04;

const PRIVATE_KEY: &str = "P-521 private key";

/// `ECPrivateKey` up to the scalar: SEQUENCE, version 1, OCTET STRING.
const SEC1_HEAD: [u8; 8] = [0x30, 0x81, 0xDC, 0x02, 0x01, 0x01, 0x04, 0x42];
/// `ECPrivateKey` between scalar and point: the curve in `[0]`, then `[1]` with the BIT STRING.
const SEC1_MIDDLE: [u8; 16] =
    [0xA0, 0x07, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23, 0xA1, 0x81, 0x89, 0x03, 0x81, 0x86, 0x00];

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    fn key(seed: u64) -> P521KeyPair {
        P521KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn nonces_are_those_of_rfc_6979() {
        let scalar = "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538";
        let r = "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa";
        let s = "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a";
        let signature = P521KeyPair::from_scalar(&hex::decode(scalar).unwrap()).unwrap().sign_fixed(b"sample");
        assert_eq!(hex::encode(signature), [r, s].concat());
    }

    #[test]
    fn oa_key_id_matches_the_published_vector() {
        let id = P521KeyPair::from_scalar(&[3]).unwrap().public().oa_key_id();
        assert_eq!(id.to_string(), "05cf8ec04a3dbc150e3b92683694a896648ceaa3a87796dbe3285505a2284a13");
    }

    #[test]
    fn scalars_out_of_range_are_refused() {
        let order = "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
        let fault = |scalar: &[u8]| P521KeyPair::from_scalar(scalar).err().map(|error| error.fault);
        assert_eq!(fault(&hex::decode(order).unwrap()), Some(Fault::OutOfRange));
        assert_eq!(fault(&[0]), Some(Fault::OutOfRange));
        assert_eq!(fault(&[]), Some(Fault::OutOfRange));
        assert_eq!(fault(&[1; 67]), Some(Fault::WrongSize { expected: 66, found: 67 }));
    }

    #[test]
    fn points_off_the_curve_and_other_forms_are_refused() {
        let point = key(1).public().to_point();
        let mut off = point;
        off[132] ^= 1;
        assert_eq!(P521PublicKey::from_point(&off).unwrap_err().fault, Fault::OutOfRange);
        let mut compressed_mark = point;
        compressed_mark[0] = 2;
        assert_eq!(P521PublicKey::from_point(&compressed_mark).unwrap_err().fault, Fault::OutOfRange);
        assert!(matches!(
            P521PublicKey::from_point(&point[1..]).unwrap_err().fault,
            Fault::WrongSize { found: 132, .. }
        ));
        assert!(P521PublicKey::from_point(&[0]).is_err(), "the point at infinity");
    }

    #[test]
    fn coordinates_are_padded_and_read_back() {
        let sizes = [1, 2, 3, 4].map(|scalar| {
            let public = P521KeyPair::from_scalar(&[scalar]).unwrap().public();
            let mut coordinates = public.to_coordinates();
            assert_eq!(P521PublicKey::from_coordinates(&coordinates).unwrap(), public);
            let size = coordinates.len();
            coordinates.push(0);
            assert!(P521PublicKey::from_coordinates(&coordinates).is_err());
            size
        });
        // A tag and a length of three bytes, then twice tag, length and 66 bytes.
        assert!(sizes.iter().any(|size| *size < 3 + 2 * 68), "one of them is shorter: {sizes:?}");
    }

    #[test]
    fn coordinates_of_another_curve_or_size_are_refused() {
        let fault = |x: &[u8], y: &[u8]| {
            let der = der::sequence(|key| {
                key.unsigned_integer(x).unsigned_integer(y);
            });
            P521PublicKey::from_coordinates(&der).unwrap_err().fault
        };
        assert_eq!(fault(&[1; 67], &[1]), Fault::WrongSize { expected: 66, found: 67 });
        assert_eq!(fault(&[1], &[1; 67]), Fault::WrongSize { expected: 66, found: 67 });
        assert_eq!(fault(&[1; 32], &[1; 32]), Fault::OutOfRange);
        assert!(P521PublicKey::from_coordinates(&[0x30, 3, 2, 1, 1]).is_err());
    }

    #[test]
    fn signatures_out_of_range_are_wrong_and_do_not_panic() {
        let public = key(1).public();
        assert!(!public.verify_fixed(b"message", &[0; 132]));
        assert!(!public.verify_fixed(b"message", &[0xFF; 132]));
        assert!(!public.verify(b"message", &[]));
    }

    #[test]
    fn sec1_form_is_complete_and_reads_back() {
        let der = key(2).to_sec1_der();
        assert_eq!((der.len(), der.capacity()), (223, 223));
        assert!(P521KeyPair::from_sec1_der(&der).unwrap().public() == key(2).public());
        assert!(P521KeyPair::from_sec1_der(&der[1..]).is_err());
    }

    #[test]
    fn a_stored_pair_reads_back_and_signs_the_same() {
        let stored = key(7).to_stored();
        assert_eq!((stored.len(), stored.capacity()), (P521KeyPair::STORED_SIZE, P521KeyPair::STORED_SIZE));
        let read = P521KeyPair::from_stored(&stored).unwrap();
        assert!(read.public() == key(7).public() && read.is_pair());
        assert_eq!(read.sign(b"message"), key(7).sign(b"message"));
        assert_eq!(read.to_stored(), stored);
        assert_eq!(read.to_sec1_der(), key(7).to_sec1_der());
    }

    #[test]
    fn stored_halves_of_two_keys_are_no_pair() {
        let mixed = [&key(7).to_stored()[..66], &key(8).to_stored()[66..]].concat();
        assert!(!P521KeyPair::from_stored(&mixed).unwrap().is_pair());
        assert!(key(7).is_pair());
    }

    #[test]
    fn damaged_stored_pairs_are_refused() {
        let stored = key(7).to_stored().to_vec();
        let fault = |bytes: &[u8]| P521KeyPair::from_stored(bytes).err().map(|error| (error.field, error.fault));
        for size in [0, 66, 198] {
            let expected = Fault::WrongSize { expected: 199, found: size };
            assert_eq!(fault(&stored[..size]), Some(("stored", expected)));
        }
        let mut off_the_curve = stored.clone();
        off_the_curve[198] ^= 1;
        assert_eq!(fault(&off_the_curve), Some(("point", Fault::OutOfRange)));
        let no_scalar = [&[0; 66], &stored[66..]].concat();
        assert_eq!(fault(&no_scalar), Some(("scalar", Fault::OutOfRange)));
    }

    #[test]
    fn both_sides_agree_on_a_secret() {
        let (one, other) = (key(3), key(4));
        assert_eq!(one.agree(&other.public()).raw_secret_bytes(), other.agree(&one.public()).raw_secret_bytes());
    }

    proptest! {
        #[test]
        fn arbitrary_coordinates_do_not_panic(input: Vec<u8>) {
            let _ = P521PublicKey::from_coordinates(&input);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn a_signature_verifies_only_its_message_and_key(message: Vec<u8>, other: Vec<u8>) {
            let signature = key(5).sign(&message);
            prop_assert!(key(5).public().verify(&message, &signature));
            prop_assert!(!key(6).public().verify(&message, &signature));
            prop_assert!(message == other || !key(5).public().verify(&other, &signature));
        }
    }
}
