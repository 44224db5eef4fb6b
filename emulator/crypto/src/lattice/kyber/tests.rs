use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use proptest::prelude::*;
use rand_core::Rng;
use sha2::Sha256;

use super::*;
use crate::test_rng::NistDrbg;

/// The records of the competition's known-answer test, replayed.
fn records(set: ParameterSet) -> impl Iterator<Item = String> {
    let mut outer = NistDrbg::outer();
    (0..100).map(move |count| {
        let mut seed = [0; 48];
        outer.fill_bytes(&mut seed);
        let mut inner = NistDrbg::new(&seed);
        let keys = generate(set, &mut inner);
        let (ciphertext, shared) = encapsulate(set, &keys.public, &mut inner).unwrap();
        assert_eq!(decapsulate(set, &keys.secret, &ciphertext).as_ref(), Ok(&shared));
        let upper = hex::encode_upper::<&[u8]>;
        format!(
            "count = {count}\nseed = {}\npk = {}\nsk = {}\nct = {}\nss = {}\n",
            upper(&seed),
            upper(&keys.public),
            upper(&keys.secret),
            upper(&ciphertext),
            upper(shared.as_slice()),
        )
    })
}

/// The digests in `kem/kyber/kat_test.go` of <https://github.com/cloudflare/circl> while it had round 2, and what the
/// implementation of the submission gives in the branch `round2` of <https://github.com/pq-crystals/kyber>.
#[test]
fn the_responses_are_the_submissions() {
    for (set, name, expected) in [
        (ParameterSet::Round2_768, "Kyber768", "6a9a983f3a003117c00f2adf8a1b42692429d40fd99ad12462caeb48e737a6eb"),
        (ParameterSet::Round2_1024, "Kyber1024", "9e6441f6f77cd33ba2b7e1324ec66e7623808fe91896e7f06ee054e3a8645e93"),
    ] {
        let records: Vec<_> = records(set).collect();
        let file = format!("# {name}\n\n{}\n", records.join("\n"));
        assert_eq!(hex::encode(Sha256::digest(file)), expected, "{set:?}");
    }
}

/// Ciphertext and secret of the test vectors in `testcases/crypto/kyber.h` of
/// <https://github.com/opencryptoki/opencryptoki>, which speaks to IBM's hardware: the first of the competition.
#[test]
fn the_first_secret_is_that_of_ibm() {
    for (set, ciphertext, secret) in [
        (
            ParameterSet::Round2_768,
            "ca2cd2ec2bd5c47f18d9b316e3734875c54eac1709647f22f39840f76e498870",
            "ed20140c05d78b15f2e412671a84154217fd77619a2c522d3c3cb688cb34c68b",
        ),
        (
            ParameterSet::Round2_1024,
            "7edae911ea95beada6b944874446985d0abbadaa39e95d92152de3759923792b",
            "fbc4eea691eef4c1b476a29936453f4c3d4881794ee37baf0fd72840743e7b7d",
        ),
    ] {
        let mut seed = [0; 48];
        NistDrbg::outer().fill_bytes(&mut seed);
        let mut inner = NistDrbg::new(&seed);
        let keys = generate(set, &mut inner);
        let (carrier, shared) = encapsulate(set, &keys.public, &mut inner).unwrap();
        assert_eq!(hex::encode(Sha256::digest(carrier)), ciphertext);
        assert_eq!(hex::encode(*shared), secret);
    }
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

#[test]
fn sizes_are_those_of_the_specification() {
    let sizes = ParameterSet::ALL.map(|set| (set.public_key_size(), set.secret_key_size(), set.ciphertext_size()));
    assert_eq!(sizes, [(1184, 2400, 1088), (1568, 3168, 1568)]);
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(0));
        let (ciphertext, _) = encapsulate(set, &keys.public, &mut rng(1)).unwrap();
        assert_eq!(keys.public.len(), set.public_key_size());
        assert_eq!(keys.secret.len(), set.secret_key_size());
        assert_eq!(ciphertext.len(), set.ciphertext_size());
    }
}

#[test]
fn the_secret_key_has_the_public_one() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(2));
        assert_eq!(public_key(set, &keys.secret).as_ref(), Ok(&keys.public));
        let mut secret = keys.secret.clone();
        secret[set.vector_size()] ^= 1;
        assert_eq!(public_key(set, &secret), Err(Fault::SecretKey));
    }
}

#[test]
fn a_changed_ciphertext_is_rejected_implicitly() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(3));
        let (ciphertext, shared) = encapsulate(set, &keys.public, &mut rng(4)).unwrap();
        for place in (0..ciphertext.len()).step_by(31) {
            let mut changed = ciphertext.clone();
            changed[place] ^= 1;
            let rejected = decapsulate(set, &keys.secret, &changed).unwrap();
            assert_ne!(rejected, shared);
            let rejection = &keys.secret[keys.secret.len() - SYMMETRIC_SIZE..];
            assert_eq!(rejected, shake256(&[rejection, &digest(&changed)]));
        }
    }
}

#[test]
fn another_key_gives_another_secret() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(5));
        let other = generate(set, &mut rng(6));
        let (ciphertext, shared) = encapsulate(set, &keys.public, &mut rng(7)).unwrap();
        assert_ne!(decapsulate(set, &other.secret, &ciphertext).unwrap(), shared);
    }
}

#[test]
fn wrong_sizes_are_refused() {
    for set in ParameterSet::ALL {
        let keys = generate(set, &mut rng(8));
        let (ciphertext, _) = encapsulate(set, &keys.public, &mut rng(9)).unwrap();
        let longer = |bytes: &[u8]| [bytes, &[0]].concat();
        let shorter = |bytes: &[u8]| bytes[1..].to_vec();
        for change in [longer, shorter, |_: &[u8]| Vec::new()] as [fn(&[u8]) -> Vec<u8>; 3] {
            assert_eq!(encapsulate(set, &change(&keys.public), &mut rng(0)).err(), Some(Fault::PublicKey));
            assert_eq!(decapsulate(set, &change(&keys.secret), &ciphertext), Err(Fault::SecretKey));
            assert_eq!(decapsulate(set, &keys.secret, &change(&ciphertext)), Err(Fault::Ciphertext));
            assert_eq!(public_key(set, &change(&keys.secret)), Err(Fault::SecretKey));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn both_sides_have_the_secret(seed in any::<u64>()) {
        for set in ParameterSet::ALL {
            let mut rng = rng(seed);
            let keys = generate(set, &mut rng);
            let (ciphertext, shared) = encapsulate(set, &keys.public, &mut rng).unwrap();
            prop_assert_eq!(decapsulate(set, &keys.secret, &ciphertext), Ok(shared));
        }
    }

    #[test]
    fn any_bytes_are_answered(seed in any::<u64>()) {
        for set in ParameterSet::ALL {
            let mut source = rng(seed);
            let mut random = |size: usize| {
                let mut bytes = vec![0; size];
                source.fill_bytes(&mut bytes);
                bytes
            };
            let (public, secret) = (random(set.public_key_size()), random(set.secret_key_size()));
            let ciphertext = random(set.ciphertext_size());
            prop_assert!(encapsulate(set, &public, &mut rng(seed)).is_ok());
            prop_assert!(decapsulate(set, &secret, &ciphertext).is_ok());
        }
    }
}
