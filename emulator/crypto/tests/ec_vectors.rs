//! Published vectors, and keys and signatures that OpenSSL made on every short Weierstrass curve.
#![allow(clippy::unwrap_used)]

use hpcs_crypto::ec::{Curve, Family, Fault, PrivateKey, PublicKey, agreement, ecdsa, eddsa};
use sha2::{Digest, Sha512};

fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).unwrap()
}

fn private(curve: Curve, digits: &str) -> PrivateKey {
    PrivateKey::from_bytes(curve, &bytes(digits)).unwrap()
}

fn public(curve: Curve, digits: &str) -> PublicKey {
    PublicKey::from_bytes(curve, &bytes(digits)).unwrap()
}

#[test]
fn openssl_agrees_on_every_curve() {
    let text = include_str!("openssl_curves.txt");
    let mut curves = Vec::new();
    for paragraph in text.split("\n\n").skip(1) {
        let lines: Vec<&str> = paragraph.lines().collect();
        let [name, own_pkcs8, own_spki, peer_spki, secret, signature] = lines.try_into().unwrap();
        let curve = Curve::from_name(name.as_bytes()).unwrap();
        let key = PrivateKey::from_pkcs8_der(&bytes(own_pkcs8)).unwrap();
        assert_eq!(key.curve(), curve);
        assert_eq!(hex::encode(key.public().to_spki_der()), own_spki, "{name}");
        let peer = PublicKey::from_spki_der(&bytes(peer_spki)).unwrap();
        assert_eq!(hex::encode(&*agreement::agree(&key, &peer).unwrap()), secret, "{name}");
        let digest = Sha512::digest(b"data");
        assert_eq!(ecdsa::verify(&key.public(), &digest, &bytes(signature)), Ok(()), "{name}");
        assert_eq!(ecdsa::verify(&peer, &digest, &bytes(signature)), Err(Fault::Signature), "{name}");
        curves.push(curve);
    }
    let weierstrass: Vec<Curve> = Curve::ALL.into_iter().filter(|c| c.family() == Family::Weierstrass).collect();
    assert_eq!(curves, weierstrass);
}

#[test]
fn rfc_7027_secrets() {
    // Appendix A: the private keys of both sides, and the x coordinate of the common point.
    let vectors = [
        (
            Curve::Bp256R,
            "81db1ee100150ff2ea338d708271be38300cb54241d79950f77b063039804f1d",
            "55e40bc41e37e3e2ad25c3c6654511ffa8474a91a0032087593852d3e7d76bd3",
            "89afc39d41d3b327814b80940b042590f96556ec91e6ae7939bce31f3a18bf2b",
        ),
        (
            Curve::Bp384R,
            "1e20f5e048a5886f1f157c74e91bde2b98c8b52d58e5003d57053fc4b0bd65d6f15eb5d1ee1610df870795143627d042",
            "032640bc6003c59260f7250c3db58ce647f98e1260acce4acda3dd869f74e01f8ba5e0324309db6a9831497abac96670",
            "0bd9d3a7ea0b3d519d09d8e48d0785fb744a6b355e6304bc51c229fbbce239bbadf6403715c35d4fb2a5444f575d4f42",
        ),
        (
            Curve::Bp512R,
            "16302ff0dbbb5a8d733dab7141c1b45acbc8715939677f6a56850a38bd87bd59b09e80279609ff333eb9d4c061231fb26f92eeb04982a5f1d1764cad57665422",
            "230e18e1bcc88a362fa54e4ea3902009292f7f8033624fd471b5d8ace49d12cfabbc19963dab8e2f1eba00bffb29e4d72d13f2224562f405cb80503666b25429",
            "a7927098655f1f9976fa50a9d566865dc530331846381c87256baf3226244b76d36403c024d7bbf0aa0803eaff405d3d24f11a9b5c0bef679fe1454b21c4cd1f",
        ),
    ];
    for (curve, alice, bob, secret) in vectors {
        let (alice, bob) = (private(curve, alice), private(curve, bob));
        assert_eq!(hex::encode(&*agreement::agree(&alice, &bob.public()).unwrap()), secret);
        assert_eq!(hex::encode(&*agreement::agree(&bob, &alice.public()).unwrap()), secret);
    }
}

#[test]
fn rfc_7748_secrets() {
    // Section 6: private and public key of Alice, of Bob, and the secret.
    let vectors = [
        (
            Curve::X25519,
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        ),
        (
            Curve::X448,
            "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
            "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
            "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
            "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
            "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d",
        ),
    ];
    for (curve, alice, alice_public, bob, bob_public, secret) in vectors {
        let (alice, bob) = (private(curve, alice), private(curve, bob));
        assert_eq!(alice.public(), public(curve, alice_public));
        assert_eq!(bob.public(), public(curve, bob_public));
        assert_eq!(hex::encode(&*agreement::agree(&alice, &bob.public()).unwrap()), secret);
        assert_eq!(hex::encode(&*agreement::agree(&bob, &alice.public()).unwrap()), secret);
        let low_order = PublicKey::from_bytes(curve, &vec![0; curve.public_key_length()]).unwrap();
        assert!(agreement::agree(&alice, &low_order).is_none());
    }
}

#[test]
fn rfc_8032_signatures() {
    // Sections 7.1 and 7.4: seed, public key, message and signature.
    let vectors = [
        (
            Curve::Ed25519,
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            Curve::Ed25519,
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            Curve::Ed448,
            "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
            "",
            "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
        ),
        (
            Curve::Ed448,
            "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
            "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
            "03",
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
        ),
    ];
    for (curve, seed, public_key, message, signature) in vectors {
        let key = private(curve, seed);
        assert_eq!(key.public(), public(curve, public_key));
        assert_eq!(hex::encode(eddsa::sign(&key, &bytes(message)).unwrap()), signature);
        let signature = bytes(signature);
        assert_eq!(eddsa::verify(&key.public(), &bytes(message), &signature), Ok(()));
        assert_eq!(eddsa::verify(&key.public(), b"another", &signature), Err(Fault::Signature));
        assert_eq!(eddsa::verify(&key.public(), &bytes(message), &signature[1..]), Err(Fault::Length));
    }
}

#[test]
fn the_key_of_two_forms_of_rfc_8410() {
    // Section 10.3, without and with attributes and the public key; section 10.1, the public key of the same pair.
    let short = "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
    let long = "3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273812100\
                19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
    let public = "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
    for form in [short, long] {
        let key = PrivateKey::from_pkcs8_der(&bytes(form)).unwrap();
        assert_eq!(key.curve(), Curve::Ed25519);
        assert_eq!(Some(key.public()), PublicKey::from_spki_der(&bytes(public)));
    }
}
