//! Diffie-Hellman in a field (PKCS#3; SP 800-56A, section 5.7.1.1).

mod groups;

use crypto_bigint::BoxedUint;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

pub use crate::modular::KeyPair;
use crate::modular::Modulus;
pub use groups::{MODP_1024, MODP_2048, MODP_3072};

/// A published group, its numbers big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DhGroup {
    /// The modulus, a prime.
    pub p: &'static [u8],
    /// The generator.
    pub g: &'static [u8],
}

const LONGEST_P: usize = 512;
/// The least size of a private value with a size of its own, in bits: two for every bit of the least security there is.
const SHORTEST_PRIVATE: usize = 160;

/// Domain parameters, ready for use.
pub struct DhParameters {
    p: Modulus,
    g: BoxedUint,
}

impl DhParameters {
    /// The parameters with these numbers, big-endian. `None` when `p` is even or does not have 512 to 4096 bits, or `g`
    /// is not from 2 to `p - 2`. Whether `p` is a prime is not looked at.
    pub fn new(p: &[u8], g: &[u8]) -> Option<Self> {
        let p = Modulus::new(p, LONGEST_P).filter(|p| p.bits() >= 512)?;
        let g = inner_element(&p, g)?;
        Some(Self { p, g })
    }

    /// Size of `p`, and so of public values and shared secrets, in bytes.
    pub fn p_len(&self) -> usize {
        self.p.len()
    }

    /// A new key. The private value is from 1 to `p - 2`; with `private_bits` it has exactly so many bits, which makes
    /// everything faster. `None` when those are fewer than 160, or as many as `p` has or more.
    pub fn generate(&self, private_bits: Option<usize>, rng: &mut (impl CryptoRng + ?Sized)) -> Option<KeyPair> {
        let private = match private_bits {
            None => self.full_private(rng),
            Some(bits) if (SHORTEST_PRIVATE..self.p.bits()).contains(&bits) => private_of(bits, rng),
            Some(_) => return None,
        };
        let public = self.public(&private)?;
        Some(KeyPair { private, public })
    }

    /// The public value that goes with a private one, as long as `p`. `None` when the private value is not from 1 to
    /// `p - 1`.
    pub fn public(&self, private: &[u8]) -> Option<Vec<u8>> {
        Some(self.power(&self.g, private)?.to_vec())
    }

    /// The secret shared with the owner of `public`, as long as `p`. `None` when `public` is not from 2 to `p - 2`, the
    /// private value is not from 1 to `p - 1`, or the secret is 1, which another element of small order would give.
    pub fn agree(&self, private: &[u8], public: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let element = inner_element(&self.p, public)?;
        let secret = self.power(&element, private)?;
        let (last, leading) = secret.split_last()?;
        let is_trivial = *last <= 1 && leading.iter().all(|byte| *byte == 0);
        (!is_trivial).then_some(secret)
    }

    /// The exponent has the precision of its bytes, for a short one is not to take the time of a long one.
    fn power(&self, base: &BoxedUint, private: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let in_range = self.p.residue(private).map(Zeroizing::new)?.is_nonzero();
        let precision = u32::try_from(private.len().checked_mul(8)?).ok()?;
        let exponent = Zeroizing::new(BoxedUint::from_be_slice(private, precision).ok()?);
        in_range.to_bool().then(|| self.p.bytes(&self.p.power(base, &exponent)))
    }

    fn full_private(&self, rng: &mut (impl CryptoRng + ?Sized)) -> Zeroizing<Vec<u8>> {
        let greatest = self.p.less(1);
        loop {
            let number = self.p.random(rng);
            if *number < greatest {
                return self.p.bytes(&number);
            }
        }
    }
}

/// A random number with exactly `bits` bits, in as many bytes as it needs.
fn private_of(bits: usize, rng: &mut (impl CryptoRng + ?Sized)) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; bits.div_ceil(8)]);
    rng.fill_bytes(&mut bytes);
    let highest = 0x80 >> (bits.next_multiple_of(8) - bits);
    if let Some(first) = bytes.first_mut() {
        *first = (*first & (highest - 1)) | highest;
    }
    bytes
}

/// The number in `bytes` when it is from 2 to `p - 2`: not one of the elements of order one and two.
fn inner_element(p: &Modulus, bytes: &[u8]) -> Option<BoxedUint> {
    p.residue(bytes).filter(|number| *number > BoxedUint::one() && *number < p.less(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::ChaCha20Rng;
    use crypto_primes::{Flavor, is_prime};
    use proptest::prelude::*;
    use rand_core::SeedableRng;

    const GROUPS: [(DhGroup, usize); 3] = [(MODP_1024, 128), (MODP_2048, 256), (MODP_3072, 384)];

    fn parameters(group: DhGroup) -> DhParameters {
        DhParameters::new(group.p, group.g).unwrap()
    }

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(1)
    }

    /// The first and last bytes are those in the RFCs; between them, a wrong digit would hardly leave a safe prime.
    #[test]
    fn published_groups_are_those_of_the_rfcs() {
        let ends = [
            "49286651ece65381ffffffffffffffff",
            "15728e5a8aacaa68ffffffffffffffff",
            "4b82d120a93ad2caffffffffffffffff",
        ];
        for ((group, size), end) in GROUPS.into_iter().zip(ends) {
            assert_eq!(hex::encode(&group.p[..16]), "ffffffffffffffffc90fdaa22168c234");
            assert_eq!(hex::encode(&group.p[size - 16..]), end);
            assert!(is_prime(Flavor::Safe, parameters(group).p.number().as_ref()));
        }
    }

    #[test]
    fn both_sides_agree() {
        for (group, size) in GROUPS {
            let parameters = parameters(group);
            let first = parameters.generate(None, &mut rng()).unwrap();
            let second = parameters.generate(Some(256), &mut rng()).unwrap();
            assert_eq!((first.private.len(), second.private.len()), (size, 32));
            assert_eq!((first.public.len(), second.public.len()), (size, size));
            let secret = parameters.agree(&first.private, &second.public).unwrap();
            assert_eq!(secret.len(), size);
            assert_eq!(secret, parameters.agree(&second.private, &first.public).unwrap());
            assert_eq!(parameters.public(&second.private).unwrap(), second.public);
        }
    }

    #[test]
    fn a_secret_keeps_its_leading_zeros() {
        let parameters = parameters(MODP_1024);
        assert_eq!(*parameters.agree(&[3], &[2]).unwrap(), [&[0; 127][..], &[8]].concat());
        assert_eq!(*parameters.agree(&[0, 0, 3], &[0, 2]).unwrap(), [&[0; 127][..], &[8]].concat());
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let parameters = parameters(MODP_1024);
        let less = |small: u8| parameters.p.bytes(&parameters.p.less(small)).to_vec();
        for public in [vec![], vec![0], vec![1], less(1), less(0), vec![0xFF; 128], vec![1; 129]] {
            assert!(parameters.agree(&[5], &public).is_none());
        }
        assert!(parameters.agree(&[5], &less(2)).is_some());
        for private in [vec![], vec![0], less(0), vec![0xFF; 128], vec![1; 1000]] {
            assert!(parameters.agree(&private, &[2]).is_none());
            assert!(parameters.public(&private).is_none());
        }
        // Fermat: the secret is 1.
        assert!(parameters.agree(&less(1), &[2]).is_none());
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let DhGroup { p, g } = MODP_1024;
        assert!(DhParameters::new(&p[1..], g).is_some());
        let even = [p, &[0]].concat();
        for (p, g) in [(&even[..], g), (&p[70..], g), (&[0xFF; 513], g), (&[], g), (p, &[]), (p, &[1]), (p, p)] {
            assert!(DhParameters::new(p, g).is_none());
        }
        let parameters = parameters(MODP_1024);
        for bits in [0, 159, 1024, usize::MAX] {
            assert!(parameters.generate(Some(bits), &mut rng()).is_none());
        }
    }

    proptest! {
        #[test]
        fn private_values_have_exactly_their_bits(bits in 160_usize..400, seed: u64) {
            let private = private_of(bits, &mut ChaCha20Rng::seed_from_u64(seed));
            let leading = private[0].leading_zeros() as usize;
            prop_assert_eq!(private.len() * 8 - leading, bits);
        }
    }
}
