use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use proptest::prelude::*;
use rand_core::Rng;
use sha2::{Digest, Sha256};

use super::*;
use crate::test_rng::NistDrbg;

/// One known-answer test of the competition, replayed.
struct Answer {
    count: usize,
    seed: [u8; 48],
    message: Vec<u8>,
    keys: KeyPair,
    signature: Vec<u8>,
}

fn answers(set: ParameterSet) -> impl Iterator<Item = Answer> {
    let mut outer = NistDrbg::outer();
    (0..100).map(move |count| {
        let mut seed = [0; 48];
        outer.fill_bytes(&mut seed);
        let mut message = vec![0; 33 * (count + 1)];
        outer.fill_bytes(&mut message);
        let keys = generate(set, &mut NistDrbg::new(&seed));
        let signature = sign(set, &keys.secret, &message).unwrap();
        assert_eq!(verify(set, &keys.public, &message, &signature), Ok(()));
        Answer { count, seed, message, keys, signature }
    })
}

impl Answer {
    /// As it stands in a file of responses.
    fn record(&self) -> String {
        let Self { count, seed, message, keys, signature } = self;
        let upper = hex::encode_upper::<&[u8]>;
        format!(
            "count = {count}\nseed = {}\nmlen = {}\nmsg = {}\npk = {}\nsk = {}\nsmlen = {}\nsm = {}{}\n",
            upper(seed),
            message.len(),
            upper(message),
            upper(&keys.public),
            upper(&keys.secret),
            signature.len() + message.len(),
            upper(signature),
            upper(message),
        )
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The digest of the file of responses for a set by the submission's name.
fn responses(set: ParameterSet, name: &str) -> String {
    let records: Vec<_> = answers(set).map(|answer| answer.record()).collect();
    digest(format!("# {name}\n\n{}\n", records.join("\n")).as_bytes())
}

/// `PQCsignKAT-SHAKE_3856.rsp` in `SHA256SUMS` of <https://github.com/pq-crystals/dilithium>, branch `round2`.
#[test]
fn round_2_gives_the_responses_of_the_submission() {
    let expected = "4c2e6d7c8675e9345e3ab7036a4e9fb786549d242462ba9b68f58db94e84147a";
    assert_eq!(responses(ParameterSet::Round2_65, "Dilithium4"), expected);
}

/// The digests in `sign/dilithium/kat_test.go` of <https://github.com/cloudflare/circl>, and what the implementation of
/// the submission gives at the tag `v3.1`.
#[test]
fn round_3_gives_the_responses_of_the_submission() {
    for (set, name, expected) in [
        (ParameterSet::Round3_44, "Dilithium2", "38ed991c5ca11e39ab23945ca37af89e059d16c5474bf8ba96b15cb4e948af2a"),
        (ParameterSet::Round3_65, "Dilithium3", "8196b32212753f525346201ffec1c7a0a852596fa0b57bd4e2746231dab44d55"),
        (ParameterSet::Round3_87, "Dilithium5", "7ded97a6e6c809b43b54c248171d7504fa6a0cab651bf288bb00034782667481"),
    ] {
        assert_eq!(responses(set, name), expected, "{set:?}");
    }
}

/// Public key, secret key and signature of the two test vectors in `testcases/crypto/dilithium.h` of
/// <https://github.com/opencryptoki/opencryptoki>, which are in the form of the competition.
#[test]
fn the_set_of_ibm_gives_the_vectors_of_opencryptoki() {
    let expected = [
        [
            "2426e4e5d44e29b6a055bbf560d559f92887c86ea936c48ba80f44c8b2cf9116",
            "feb2b19a42f3437394e3687f80bf6a4f6ba3fd75a0db3cdd20c36030a11159e3",
            "e0f41d40476a32b1f2310e6d656720503d49319bbaa1799ee8901f7e9366de83",
        ],
        [
            "e77f29385df454613254918777cc94883db59dec12064ac3e080b4ae35de4dc3",
            "7098ab71385d17d03541df624dffc16fba149b8d494cda99006f43e904ba81cd",
            "7d867ab3b6f4a9652a2bb9b343f18fa7a145fa1b69764563df26889d5e92f0b9",
        ],
    ];
    for (Answer { keys, signature, .. }, expected) in answers(ParameterSet::Round2_87).zip(expected) {
        assert_eq!([&keys.public, &*keys.secret, &signature].map(|bytes| digest(bytes)), expected);
    }
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

#[test]
fn sizes_are_those_of_the_specifications() {
    let sizes = ParameterSet::ALL.map(|set| (set.public_key_size(), set.secret_key_size(), set.signature_size()));
    let expected = [(1760, 3856, 3366), (2336, 5136, 4668), (1312, 2528, 2420), (1952, 4000, 3293), (2592, 4864, 4595)];
    assert_eq!(sizes, expected);
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(0));
        assert_eq!(keys.public.len(), set.public_key_size());
        assert_eq!(keys.secret.len(), set.secret_key_size());
        assert_eq!(sign(set, &keys.secret, b"").unwrap().len(), set.signature_size());
    }
}

#[test]
fn the_secret_key_has_the_public_one() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(1));
        assert_eq!(public_key(set, &keys.secret).as_ref(), Ok(&keys.public));
        // The seed of the matrix, the digest and t0; K may be anything.
        for place in [0, 2 * SEED_SIZE, keys.secret.len() - 1] {
            let mut secret = keys.secret.clone();
            secret[place] ^= 1;
            assert_eq!(public_key(set, &secret), Err(Fault::SecretKey), "{set:?} {place}");
        }
    }
}

#[test]
fn nothing_of_a_signature_may_change() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(3));
        let signature = sign(set, &keys.secret, b"message").unwrap();
        assert_eq!(verify(set, &keys.public, b"massage", &signature), Err(Fault::Signature));
        for place in (0..signature.len()).step_by(97).chain(signature.len() - 160..signature.len()) {
            for bit in [1, 0x80] {
                let mut changed = signature.clone();
                changed[place] ^= bit;
                assert_eq!(verify(set, &keys.public, b"message", &changed), Err(Fault::Signature), "{set:?} {place}");
            }
        }
        let other = generate(set, &mut rng(4));
        assert_eq!(verify(set, &other.public, b"message", &signature), Err(Fault::Signature));
    }
}

#[test]
fn wrong_sizes_are_refused() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(5));
        let signature = sign(set, &keys.secret, b"").unwrap();
        for change in
            [|bytes: &mut Vec<u8>| bytes.push(0), |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1), Vec::clear]
        {
            let changed = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                change(&mut bytes);
                bytes
            };
            assert_eq!(sign(set, &changed(&keys.secret), b""), Err(Fault::SecretKey));
            assert_eq!(verify(set, &changed(&keys.public), b"", &signature), Err(Fault::PublicKey));
            assert_eq!(verify(set, &keys.public, b"", &changed(&signature)), Err(Fault::Signature));
        }
    }
}

#[test]
fn secret_coefficients_out_of_range_are_refused() {
    for set in ParameterSet::ALL {
        let mut secret = generate(set, &mut rng(6)).secret;
        let start = 2 * SEED_SIZE + set.parameters().key_digest_size();
        secret[start] = 0xff;
        assert_eq!(sign(set, &secret, b""), Err(Fault::SecretKey), "{set:?}");
    }
}

#[test]
fn a_key_that_was_not_made_is_answered() {
    for set in ParameterSet::ALL {
        // Small coefficients of eta and zeros elsewhere.
        let secret = vec![0; set.secret_key_size()];
        assert!(sign(set, &secret, b"").is_ok_and(|signature| signature.len() == set.signature_size()));
        assert_eq!(public_key(set, &secret), Err(Fault::SecretKey));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_message_is_signed(seed in any::<u64>(), message in prop::collection::vec(any::<u8>(), 0..300)) {
        for set in ParameterSet::ALL {
            let keys = generate(set, &mut rng(seed));
            let signature = sign(set, &keys.secret, &message).unwrap();
            prop_assert_eq!(verify(set, &keys.public, &message, &signature), Ok(()));
        }
    }

    #[test]
    fn any_bytes_are_answered(seed in any::<u64>()) {
        for set in ParameterSet::ALL {
            let mut rng = rng(seed);
            let mut random = |size: usize| {
                let mut bytes = vec![0; size];
                rng.fill_bytes(&mut bytes);
                bytes
            };
            let (public, mut signature) = (random(set.public_key_size()), random(set.signature_size()));
            prop_assert_eq!(verify(set, &public, b"", &signature), Err(Fault::Signature));
            // With a vector z that is in range and without hints it is computed to the end.
            signature.fill(0);
            prop_assert_eq!(verify(set, &public, b"", &signature), Err(Fault::Signature));
            prop_assert_eq!(sign(set, &random(set.secret_key_size()), b""), Err(Fault::SecretKey));
        }
    }
}
