//! The DER of keys: what is written, what is taken and what is refused.

use chacha20::ChaCha20Rng;
use hpcs_crypto::ec::{Curve, Family, PrivateKey, PublicKey, spki_length};
use proptest::prelude::*;
use rand_core::SeedableRng;

fn key(curve: Curve) -> PrivateKey {
    PrivateKey::generate(curve, &mut ChaCha20Rng::seed_from_u64(1))
}

fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    assert!(content.len() < 0x80);
    [&[tag, content.len() as u8], content.as_slice()].concat()
}

#[test]
fn public_keys_have_the_fixed_prefixes() {
    for (curve, prefix) in [
        (Curve::P256, "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
        (Curve::Secp256k1, "3056301006072a8648ce3d020106052b8104000a034200"),
        (Curve::Ed25519, "3033300e06072a8648ce3d020106032b6570032100"),
        (Curve::P521, "30819b301006072a8648ce3d020106052b81040023038186000"),
    ] {
        let public = key(curve).public();
        let der = public.to_spki_der();
        assert!(hex::encode(&der).starts_with(prefix), "{}", hex::encode(der));
        assert!(der.ends_with(public.as_bytes()));
    }
}

#[test]
fn private_keys_have_the_fixed_shape() {
    for (curve, head, middle) in [
        (Curve::P256, "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420", "a144034200"),
        (Curve::Ed25519, "3061020100300e06072a8648ce3d020106032b6570044c304a0201010420", "a123032100"),
    ] {
        let key = key(curve);
        let (secret, public) = (hex::encode(key.expose_bytes()), hex::encode(key.public().as_bytes()));
        assert_eq!(hex::encode(&*key.to_pkcs8_der()), [head, &secret, middle, &public].concat());
    }
}

#[test]
fn every_key_comes_back() {
    for curve in Curve::ALL {
        let private = key(curve);
        let read = PrivateKey::from_pkcs8_der(&private.to_pkcs8_der()).unwrap();
        assert_eq!((read.curve(), read.expose_bytes()), (curve, private.expose_bytes()));
        let public = private.public();
        assert_eq!(public.as_bytes().len(), curve.public_key_length());
        assert_eq!(PublicKey::from_spki_der(&public.to_spki_der()), Some(public));
    }
}

#[test]
fn the_inner_key_may_say_less_or_more() {
    let private = key(Curve::P256);
    let oid = Curve::P256.object_identifier();
    let algorithm = encode(0x30, &[b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", oid]);
    let secret = encode(0x04, &[private.expose_bytes()]);
    let parameters = encode(0xA0, &[oid]);
    let whole = |inner: &[&[u8]], after: &[u8]| {
        let inner = encode(0x30, inner);
        encode(0x30, &[&[2, 1, 0], &algorithm, &encode(0x04, &[&inner]), after])
    };
    let one: &[u8] = &[2, 1, 1];
    let attributes: &[u8] = &[0xA0, 0];
    for accepted in [
        whole(&[one, &secret], &[]),
        whole(&[one, &secret, &parameters], &[]),
        whole(&[one, &secret], attributes),
        whole(&[one, &secret, &encode(0xA1, &[&[3, 2, 0, 4]])], &[]),
    ] {
        let read = PrivateKey::from_pkcs8_der(&accepted).unwrap();
        assert_eq!(read.expose_bytes(), private.expose_bytes());
    }
    let other_curve = encode(0xA0, &[Curve::P384.object_identifier()]);
    let trailing = [whole(&[one, &secret], &[]), vec![0]].concat();
    for refused in [
        whole(&[&[2, 1, 0], &secret], &[]),
        whole(&[one, &secret, &other_curve], &[]),
        whole(&[one, &secret, &[5, 0]], &[]),
        whole(&[one, &secret], &[5, 0]),
        whole(&[one, &encode(0x04, &[&[0xFF; 32]])], &[]),
        whole(&[one, &encode(0x04, &[&[1; 31]])], &[]),
        trailing,
    ] {
        assert!(PrivateKey::from_pkcs8_der(&refused).is_none(), "{}", hex::encode(refused));
    }
}

#[test]
fn only_uncompressed_points_are_keys() {
    for curve in Curve::ALL.into_iter().filter(|curve| curve.family() == Family::Weierstrass) {
        let public = key(curve).public();
        let compressed = public.to_compressed().unwrap();
        assert_eq!(compressed.len(), 1 + curve.field_length());
        assert_eq!(PublicKey::from_bytes(curve, &compressed), None);
        assert_eq!(PublicKey::from_bytes(curve, &[0]), None);
        assert_eq!(PublicKey::from_bytes(curve, &[]), None);
        for first in [0x00, 0x02, 0x03, 0x05, 0x06, 0x07] {
            let mut other = public.as_bytes().to_vec();
            other[0] = first;
            assert_eq!(PublicKey::from_bytes(curve, &other), None);
        }
        let mut off = public.as_bytes().to_vec();
        *off.last_mut().unwrap() ^= 1;
        assert_eq!(PublicKey::from_bytes(curve, &off), None);
    }
    assert_eq!(key(Curve::Ed448).public().to_compressed(), None);
}

#[test]
fn a_public_key_ends_where_it_says() {
    let der = key(Curve::Bp320T).public().to_spki_der();
    let longer = [der.as_slice(), b"mechanism"].concat();
    assert_eq!(spki_length(&longer), Some(der.len()));
    assert_eq!(spki_length(&der), Some(der.len()));
    assert_eq!(spki_length(&der[..der.len() - 1]), None);
    assert_eq!(spki_length(&[]), None);
    assert_eq!(spki_length(&[0x04, 0x00]), None);
    assert_eq!(PublicKey::from_spki_der(&longer), None);
}

#[test]
fn weierstrass_curves_have_no_form_of_their_own() {
    let public = key(Curve::P256).public();
    let algorithm = encode(0x30, &[Curve::P256.object_identifier()]);
    let der = encode(0x30, &[&algorithm, &encode(0x03, &[&[0], public.as_bytes()])]);
    assert_eq!(PublicKey::from_spki_der(&der), None);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes: Vec<u8>, position: usize, value: u8) {
        PrivateKey::from_pkcs8_der(&bytes);
        PublicKey::from_spki_der(&bytes);
        spki_length(&bytes);
        let mut der = key(Curve::P256).to_pkcs8_der().to_vec();
        let position = position % der.len();
        der[position] = value;
        PrivateKey::from_pkcs8_der(&der);
        PrivateKey::from_pkcs8_der(&der[..position]);
        let mut der = key(Curve::Ed25519).public().to_spki_der();
        let position = position % der.len();
        der[position] = value;
        PublicKey::from_spki_der(&der);
        for curve in Curve::ALL {
            PrivateKey::from_bytes(curve, &bytes);
            PublicKey::from_bytes(curve, &bytes);
        }
    }
}
