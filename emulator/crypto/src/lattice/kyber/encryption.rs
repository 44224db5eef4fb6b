//! The encryption beneath the encapsulation, secure against chosen plaintexts only: `Kyber.CPAPKE`.

use zeroize::Zeroizing;

use super::super::bits::packed_size;
use super::super::ring::{dot, transform};
use super::compression::{compress, decode, decompress, encode, from_message, to_message};
use super::sample::{Orientation, matrix, noise};
use super::{ParameterSet, SYMMETRIC_SIZE, Seed, double_digest};

/// Makes a secret vector and a public key from a seed: algorithm 4.
pub(super) fn generate(set: ParameterSet, seed: &[u8; SYMMETRIC_SIZE]) -> (Zeroizing<Vec<u8>>, Vec<u8>) {
    let [matrix_seed, noise_seed] = double_digest([seed, &[]]);
    let secret = transform(&noise(noise_seed.as_slice(), 0, set.rank()));
    let error = transform(&noise(noise_seed.as_slice(), set.rank(), set.rank()));
    let rows = matrix(set, matrix_seed.as_slice(), Orientation::Straight);
    let public: Vec<_> = rows.zip(&error).map(|(row, error)| dot(&row, &secret).add(error)).collect();

    let mut secret_bytes = Zeroizing::new(Vec::with_capacity(set.vector_size()));
    encode(&secret, &mut secret_bytes);
    let mut public_bytes = Vec::with_capacity(set.public_key_size());
    encode(&public, &mut public_bytes);
    public_bytes.extend_from_slice(matrix_seed.as_slice());
    (secret_bytes, public_bytes)
}

/// Encrypts a message with coins: algorithm 5. The public key has its size.
pub(super) fn encrypt(
    set: ParameterSet,
    public: &[u8],
    message: &[u8; SYMMETRIC_SIZE],
    coins: &[u8; SYMMETRIC_SIZE],
) -> Vec<u8> {
    let rank = set.rank();
    let (public, matrix_seed) = public.split_at(set.vector_size());
    let public = decode(public);
    let random = transform(&noise(coins, 0, rank));
    let errors = noise(coins, rank, rank + 1);

    let mut ciphertext = Vec::with_capacity(set.ciphertext_size());
    for (row, error) in matrix(set, matrix_seed, Orientation::Transposed).zip(&errors) {
        compress(&dot(&row, &random).inverse().add(error), set.vector_bits(), &mut ciphertext);
    }
    let value = errors.iter().skip(rank).fold(dot(&public, &random).inverse(), |value, error| value.add(error));
    compress(&value.add(&from_message(message)), set.value_bits(), &mut ciphertext);
    ciphertext
}

/// Decrypts: algorithm 6. Secret vector and ciphertext have their sizes.
pub(super) fn decrypt(set: ParameterSet, secret: &[u8], ciphertext: &[u8]) -> Seed {
    let size = packed_size(set.vector_bits());
    let (vector, value) = ciphertext.split_at(set.rank() * size);
    let vector: Vec<_> = vector.chunks(size).map(|bytes| decompress(bytes, set.vector_bits())).collect();
    let mask = dot(&decode(secret), &transform(&vector)).inverse();
    to_message(&decompress(value, set.value_bits()).subtract(&mask))
}
