//! What DSA and Diffie-Hellman keys have in common: numbers over a prime field, and their encodings (sections 4.8 and
//! 5.6).
//!
//! `PrivateKeyInfo` and `SubjectPublicKeyInfo` hold the domain parameters as a SEQUENCE of INTEGERs and the value as an
//! INTEGER. Domain parameters alone travel as a concatenation, each number as long as the modulus.

use hpcs_crypto::der::{self, Reader};
use zeroize::Zeroizing;

/// A kind of such keys.
pub(super) struct Scheme {
    /// Content of the algorithm's object identifier.
    pub(super) algorithm: &'static [u8],
    /// How many numbers its domain has: the modulus first.
    pub(super) numbers: usize,
}

/// A key: its domain and its value, big-endian without leading zeros.
pub(super) struct DiscreteKey {
    pub(super) domain: Vec<Vec<u8>>,
    pub(super) value: Zeroizing<Vec<u8>>,
}

impl Scheme {
    /// Domain parameters as clients hand them back: the concatenation that they were given as, a SEQUENCE of INTEGERs, or
    /// a whole AlgorithmIdentifier.
    pub(super) fn domain(&self, structure: &[u8]) -> Option<Vec<Vec<u8>>> {
        self.domain_of_algorithm(structure).or_else(|| self.domain_of_sequence(structure)).or_else(|| {
            let size = structure.len() / self.numbers;
            let whole = size > 0 && structure.len().is_multiple_of(self.numbers);
            whole.then(|| structure.chunks(size).map(trimmed).collect())
        })
    }

    /// The concatenation of a domain, as it leaves.
    pub(super) fn structure(&self, domain: &[&[u8]]) -> Vec<u8> {
        let size = domain.first().map_or(0, |modulus| modulus.len());
        let padded = |number: &&[u8]| {
            let zeros = size.saturating_sub(number.len());
            [&vec![0; zeros][..], number].concat()
        };
        domain.iter().flat_map(padded).collect()
    }

    pub(super) fn private_key_info(&self, domain: &[Vec<u8>], value: &[u8]) -> Zeroizing<Vec<u8>> {
        let key = der::element(der::OCTET_STRING, &[&der::unsigned_integer(value)]);
        der::element(der::SEQUENCE, &[&der::unsigned_integer(&[]), &self.algorithm(domain), &key])
    }

    pub(super) fn public_key_info(&self, domain: &[Vec<u8>], value: &[u8]) -> Vec<u8> {
        let key = der::element(der::BIT_STRING, &[&[0], &der::unsigned_integer(value)]);
        der::element(der::SEQUENCE, &[&self.algorithm(domain), &key]).to_vec()
    }

    pub(super) fn private_key(&self, info: &[u8]) -> Option<DiscreteKey> {
        let mut outer = Reader::new(info);
        let mut inner = outer.enter(der::SEQUENCE)?;
        outer.finish()?;
        if !inner.unsigned_integer()?.is_empty() {
            return None;
        }
        let domain = self.domain_of_algorithm(inner.whole_element(der::SEQUENCE)?)?;
        let mut key = inner.enter(der::OCTET_STRING)?;
        let value = Zeroizing::new(key.unsigned_integer()?.to_vec());
        key.finish()?;
        Some(DiscreteKey { domain, value })
    }

    pub(super) fn public_key(&self, info: &[u8]) -> Option<DiscreteKey> {
        let mut outer = Reader::new(info);
        let mut inner = outer.enter(der::SEQUENCE)?;
        outer.finish()?;
        let domain = self.domain_of_algorithm(inner.whole_element(der::SEQUENCE)?)?;
        let mut key = Reader::new(inner.bit_string()?);
        inner.finish()?;
        let value = Zeroizing::new(key.unsigned_integer()?.to_vec());
        key.finish()?;
        Some(DiscreteKey { domain, value })
    }

    /// The public key in the form in which it leaves, if its domain is one.
    pub(super) fn canonical_public_key(&self, info: &[u8], is_domain: impl Fn(&[Vec<u8>]) -> bool) -> Option<Vec<u8>> {
        let key = self.public_key(info).filter(|key| is_domain(&key.domain))?;
        Some(self.public_key_info(&key.domain, &key.value))
    }

    /// Bits of the modulus of a public key.
    pub(super) fn modulus_bits(&self, info: &[u8]) -> Option<usize> {
        self.public_key(info).map(|key| modulus_bits(&key.domain))
    }

    fn algorithm(&self, domain: &[Vec<u8>]) -> Zeroizing<Vec<u8>> {
        let numbers: Vec<_> = domain.iter().map(|number| der::unsigned_integer(number)).collect();
        let numbers: Vec<&[u8]> = numbers.iter().map(|number| &number[..]).collect();
        let identifier = der::element(der::OBJECT_IDENTIFIER, &[self.algorithm]);
        der::element(der::SEQUENCE, &[&identifier, &der::element(der::SEQUENCE, &numbers)])
    }

    fn domain_of_algorithm(&self, algorithm: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut outer = Reader::new(algorithm);
        let mut inner = outer.enter(der::SEQUENCE)?;
        outer.finish()?;
        if inner.element(der::OBJECT_IDENTIFIER)? != self.algorithm {
            return None;
        }
        let domain = self.domain_of_sequence(inner.whole_element(der::SEQUENCE)?)?;
        inner.finish()?;
        Some(domain)
    }

    fn domain_of_sequence(&self, sequence: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut outer = Reader::new(sequence);
        let mut inner = outer.enter(der::SEQUENCE)?;
        outer.finish()?;
        let domain = (0..self.numbers).map(|_| inner.unsigned_integer().map(trimmed)).collect::<Option<_>>()?;
        inner.finish()?;
        Some(domain)
    }
}

/// Bits of the modulus of a domain.
fn modulus_bits(domain: &[Vec<u8>]) -> usize {
    let Some(first) = domain.first().and_then(|modulus| modulus.first()) else { return 0 };
    domain.first().map_or(0, Vec::len) * 8 - first.leading_zeros() as usize
}

fn trimmed(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEME: Scheme = Scheme { algorithm: &[0x2A, 3], numbers: 2 };

    #[test]
    fn keys_come_back_out_of_their_encodings() {
        let domain = vec![vec![0xF1, 0, 7], vec![2]];
        let private = SCHEME.private_key(&SCHEME.private_key_info(&domain, &[0, 9])).unwrap();
        assert_eq!((private.domain, &private.value[..]), (domain.clone(), &[9][..]));
        let public = SCHEME.public_key(&SCHEME.public_key_info(&domain, &[0x80])).unwrap();
        assert_eq!((public.domain, &public.value[..]), (domain, &[0x80][..]));
    }

    #[test]
    fn domain_parameters_are_taken_in_every_form_that_a_client_may_hand_back() {
        let domain = vec![vec![0xF1, 0, 7], vec![2]];
        let structure = SCHEME.structure(&[&domain[0], &domain[1]]);
        assert_eq!(structure, [0xF1, 0, 7, 0, 0, 2]);
        let algorithm = SCHEME.algorithm(&domain);
        let sequence = [0x30, 8, 2, 4, 0, 0xF1, 0, 7, 2, 1, 2];
        assert_eq!(sequence.len(), 11);
        for form in [&structure[..], &algorithm, &[&[0x30, 9][..], &sequence[2..]].concat()] {
            assert_eq!(SCHEME.domain(form), Some(domain.clone()));
        }
        assert_eq!(SCHEME.domain(&[]), None);
        assert_eq!(SCHEME.domain(&[1, 2, 3]), None);
        assert_eq!(modulus_bits(&domain), 24);
    }
}
