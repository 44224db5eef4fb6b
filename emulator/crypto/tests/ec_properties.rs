//! What holds on every curve, whatever the key and the data.

use chacha20::ChaCha20Rng;
use hpcs_crypto::ec::schnorr::{self, Variant};
use hpcs_crypto::ec::{Curve, Family, Fault, PrivateKey, PublicKey, agreement, ecdsa, eddsa};
use proptest::prelude::*;
use rand_core::SeedableRng;

fn curves(family: Family) -> impl Iterator<Item = Curve> {
    Curve::ALL.into_iter().filter(move |curve| curve.family() == family)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn ecdsa_signatures_hold(seed: u64, data: Vec<u8>, flipped: usize) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for curve in curves(Family::Weierstrass) {
            let key = PrivateKey::generate(curve, &mut rng);
            let signature = ecdsa::sign(&key, &data, &mut rng).unwrap();
            prop_assert_eq!(Some(signature.len()), curve.signature_length());
            let public = key.public();
            prop_assert_eq!(ecdsa::verify(&public, &data, &signature), Ok(()));
            let mut wrong = signature.clone();
            wrong[flipped % signature.len()] ^= 1;
            prop_assert_eq!(ecdsa::verify(&public, &data, &wrong), Err(Fault::Signature));
            prop_assert_eq!(ecdsa::verify(&public, &data, &signature[1..]), Err(Fault::Length));
            prop_assert_eq!(eddsa::verify(&public, &data, &signature), Err(Fault::Curve));
        }
    }

    #[test]
    fn eddsa_signatures_hold(seed: u64, message: Vec<u8>) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for curve in curves(Family::Edwards) {
            let key = PrivateKey::generate(curve, &mut rng);
            let signature = eddsa::sign(&key, &message).unwrap();
            prop_assert_eq!(Some(signature.len()), curve.signature_length());
            prop_assert_eq!(eddsa::verify(&key.public(), &message, &signature), Ok(()));
            let other = PrivateKey::generate(curve, &mut rng).public();
            prop_assert_eq!(eddsa::verify(&other, &message, &signature), Err(Fault::Signature));
            prop_assert_eq!(ecdsa::verify(&other, &message, &signature), Err(Fault::Curve));
            prop_assert_eq!(ecdsa::sign(&key, &message, &mut rng), None);
        }
    }

    #[test]
    fn schnorr_signatures_hold(seed: u64, message: Vec<u8>) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for curve in Curve::ALL {
            let key = PrivateKey::generate(curve, &mut rng);
            for variant in [Variant::Ecsdsa, Variant::Zilliqa] {
                let signature = schnorr::sign(variant, &key, &message, &mut rng);
                let defined = matches!(curve, Curve::P256 | Curve::Secp256k1 | Curve::Bp256R | Curve::Bp256T);
                prop_assert_eq!(signature.is_some(), defined);
                let Some(signature) = signature else { continue };
                prop_assert_eq!(schnorr::verify(variant, &key.public(), &message, &signature), Ok(()));
                let other = PrivateKey::generate(curve, &mut rng).public();
                prop_assert_eq!(schnorr::verify(variant, &other, &message, &signature), Err(Fault::Signature));
            }
        }
    }

    #[test]
    fn agreement_commutes(seed: u64) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for curve in curves(Family::Weierstrass).chain(curves(Family::Montgomery)) {
            let (alice, bob) = (PrivateKey::generate(curve, &mut rng), PrivateKey::generate(curve, &mut rng));
            let secret = agreement::agree(&alice, &bob.public()).unwrap();
            prop_assert_eq!(secret.len(), curve.field_length());
            prop_assert_eq!(Some(secret), agreement::agree(&bob, &alice.public()));
        }
    }

    #[test]
    fn the_public_keys_of_valid_keys_are_valid(seed: u64) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for curve in Curve::ALL {
            let key = PrivateKey::generate(curve, &mut rng);
            prop_assert!(PrivateKey::from_bytes(curve, key.expose_bytes()).is_some());
            let public = key.public();
            prop_assert_eq!(PublicKey::from_bytes(curve, public.as_bytes()), Some(public));
        }
    }
}

#[test]
fn keys_on_different_curves_agree_on_nothing() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (r1, t1) = (PrivateKey::generate(Curve::Bp256R, &mut rng), PrivateKey::generate(Curve::Bp256T, &mut rng));
    assert!(agreement::agree(&r1, &t1.public()).is_none());
    let edwards = PrivateKey::generate(Curve::Ed25519, &mut rng);
    assert!(agreement::agree(&edwards, &edwards.public()).is_none());
}
