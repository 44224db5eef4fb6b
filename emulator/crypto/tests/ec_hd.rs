//! The vectors of BIP32 and SLIP-0010.
#![allow(clippy::unwrap_used)]

use hpcs_crypto::ec::hd::{DerivationFault, ExtendedPrivateKey, HARDENED, Scheme};
use hpcs_crypto::ec::{Curve, PrivateKey};

const SEED: &str = "000102030405060708090a0b0c0d0e0f";

fn master(scheme: Scheme, curve: Curve, seed: &str) -> ExtendedPrivateKey {
    ExtendedPrivateKey::from_seed(scheme, curve, &hex::decode(seed).unwrap()).unwrap()
}

/// The public key as the standards write it, without the zero in front on Ed25519.
fn public(key: &PrivateKey) -> String {
    let public = key.public();
    hex::encode(public.to_compressed().unwrap_or_else(|| public.as_bytes().to_vec()))
}

/// One step down: index, private key, chain code and public key of the child.
type Step = (u32, &'static str, &'static str, &'static str);

fn follow(scheme: Scheme, mut key: ExtendedPrivateKey, steps: &[Step]) {
    for (index, private, chain_code, public_key) in steps {
        let child = key.child(scheme, *index).unwrap();
        assert_eq!(hex::encode(child.key.expose_bytes()), *private);
        assert_eq!(hex::encode(*child.chain_code), *chain_code);
        assert_eq!(public(&child.key), *public_key);
        if *index < HARDENED {
            let publicly = key.public().child(scheme, *index).unwrap();
            assert_eq!(publicly.key, child.key.public());
            assert_eq!(publicly.chain_code, child.chain_code);
        }
        key = child;
    }
}

#[test]
fn secp256k1_in_both_schemes() {
    for scheme in [Scheme::Bip32, Scheme::Slip10] {
        let master = master(scheme, Curve::Secp256k1, SEED);
        let private = "e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35";
        assert_eq!(hex::encode(master.key.expose_bytes()), private);
        let chain_code = "873dff81c02f525623fd1fe5167eac3a55a049de3d314bb42ee227ffed37d508";
        assert_eq!(hex::encode(*master.chain_code), chain_code);
        let steps = [
            (
                HARDENED,
                "edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea",
                "47fdacbd0f1097043b78c63c20c34ef4ed9a111d980047ad16282c7ae6236141",
                "035a784662a4a20a65bf6aab9ae98a6c068a81c52e4b032c0fb5400c706cfccc56",
            ),
            (
                1,
                "3c6cb8d0f6a264c91ea8b5030fadaa8e538b020f0a387421a12de9319dc93368",
                "2a7857631386ba23dacac34180dd1983734e444fdbf774041578e9b6adb37c19",
                "03501e454bf00751f24b1b489aa925215d66af2234e3891c3b21a52bedb3cd711c",
            ),
        ];
        follow(scheme, master.clone(), &steps);
        let steps = [(
            0,
            "4e2cdcf2f14e802810e878cf9e6411fc4e712edf19a06bcfcc5d5572e489a3b7",
            "d323f1be5af39a2d2f08f5e8f664633849653dbe329802e9847cfc85f8d7b52a",
            "027c4b09ffb985c298afe7e5813266cbfcb7780b480ac294b0b43dc21f2be3d13c",
        )];
        follow(scheme, master.clone(), &steps);
        let grandchild = master.public().child(scheme, 0).unwrap().child(scheme, 0).unwrap();
        let compressed = "02756de182c5dd4b717ea87e693006da62dbb3cddaa4a5cad2ed1f5bbab755f0f5";
        assert_eq!(hex::encode(grandchild.key.to_compressed().unwrap()), compressed);
    }
}

#[test]
fn p256() {
    let master = master(Scheme::Slip10, Curve::P256, SEED);
    let private = "612091aaa12e22dd2abef664f8a01a82cae99ad7441b7ef8110424915c268bc2";
    assert_eq!(hex::encode(master.key.expose_bytes()), private);
    let chain_code = "beeb672fe4621673f722f38529c07392fecaa61015c80c34f29ce8b41b3cb6ea";
    assert_eq!(hex::encode(*master.chain_code), chain_code);
    let steps = [
        (
            HARDENED,
            "6939694369114c67917a182c59ddb8cafc3004e63ca5d3b84403ba8613debc0c",
            "3460cea53e6a6bb5fb391eeef3237ffd8724bf0a40e94943c98b83825342ee11",
            "0384610f5ecffe8fda089363a41f56a5c7ffc1d81b59a612d0d649b2d22355590c",
        ),
        (
            1,
            "284e9d38d07d21e4e281b645089a94f4cf5a5a81369acf151a1c3a57f18b2129",
            "4187afff1aafa8445010097fb99d23aee9f599450c7bd140b6826ac22ba21d0c",
            "03526c63f8d0b4bbbf9c80df553fe66742df4676b241dabefdef67733e070f6844",
        ),
    ];
    follow(Scheme::Slip10, master, &steps);
}

#[test]
fn p256_where_a_number_falls_outside_the_group() {
    // SLIP-0010, "Test derivation retry for nist256p1" and "Test seed retry for nist256p1".
    let steps = [
        (
            HARDENED + 28578,
            "06f0db126f023755d0b8d86d4591718a5210dd8d024e3e14b6159d63f53aa669",
            "e94c8ebe30c2250a14713212f6449b20f3329105ea15b652ca5bdfc68f6c65c2",
            "02519b5554a4872e8c9c1c847115363051ec43e93400e030ba3c36b52a3e70a5b7",
        ),
        (
            33941,
            "092154eed4af83e078ff9b84322015aefe5769e31270f62c3f66c33888335f3a",
            "9e87fe95031f14736774cd82f25fd885065cb7c358c1edf813c72af535e83071",
            "0235bfee614c0d5b2cae260000bb1d0d84b270099ad790022c1ae0b2e782efe120",
        ),
    ];
    follow(Scheme::Slip10, master(Scheme::Slip10, Curve::P256, SEED), &steps);
    let seed = "a7305bc8df8d0951f0cb224c0e95d7707cbdf2c6ce7e8d481fec69c7ff5e9446";
    let master = master(Scheme::Slip10, Curve::P256, seed);
    let private = "3b8c18469a4634517d6d0b65448f8e6c62091b45540a1743c5846be55d47d88f";
    assert_eq!(hex::encode(master.key.expose_bytes()), private);
    let chain_code = "7762f9729fed06121fd13f326884c82f59aa95c57ac492ce8c9654e60efd130c";
    assert_eq!(hex::encode(*master.chain_code), chain_code);
}

#[test]
fn ed25519() {
    let master = master(Scheme::Slip10, Curve::Ed25519, SEED);
    let private = "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7";
    assert_eq!(hex::encode(master.key.expose_bytes()), private);
    let chain_code = "90046a93de5380a72b5e45010748567d5ea02bbf6522f979e05c0d8d8ca9fffb";
    assert_eq!(hex::encode(*master.chain_code), chain_code);
    let steps = [
        (
            HARDENED,
            "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3",
            "8b59aa11380b624e81507a27fedda59fea6d0b779a778918a2fd3590e16e9c69",
            "8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c",
        ),
        (
            HARDENED + 1,
            "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2",
            "a320425f77d1b5c2505a6b1b27382b37368ee640e3557c315416801243552f14",
            "1932a5270f335bed617d5b935c80aedb1a35bd9fc1e31acafd5372c30f5c1187",
        ),
    ];
    follow(Scheme::Slip10, master, &steps);
}

#[test]
fn what_a_scheme_lacks_is_refused() {
    let seed = [7; 16];
    let derive = |scheme, curve, seed: &[u8]| ExtendedPrivateKey::from_seed(scheme, curve, seed).err();
    assert_eq!(derive(Scheme::Bip32, Curve::P256, &seed), Some(DerivationFault::Curve));
    assert_eq!(derive(Scheme::Bip32, Curve::Ed25519, &seed), Some(DerivationFault::Curve));
    assert_eq!(derive(Scheme::Slip10, Curve::P384, &seed), Some(DerivationFault::Curve));
    assert_eq!(derive(Scheme::Slip10, Curve::P256, &seed[1..]), Some(DerivationFault::Seed));
    assert_eq!(derive(Scheme::Slip10, Curve::P256, &[7; 65]), Some(DerivationFault::Seed));
    assert_eq!(derive(Scheme::Slip10, Curve::P256, &[7; 64]), None);
    let edwards = ExtendedPrivateKey::from_seed(Scheme::Slip10, Curve::Ed25519, &seed).unwrap();
    assert_eq!(edwards.child(Scheme::Slip10, HARDENED - 1).err(), Some(DerivationFault::Index));
    assert_eq!(edwards.child(Scheme::Bip32, HARDENED).err(), Some(DerivationFault::Curve));
    assert_eq!(edwards.public().child(Scheme::Slip10, 0).err(), Some(DerivationFault::Index));
    let bitcoin = ExtendedPrivateKey::from_seed(Scheme::Bip32, Curve::Secp256k1, &seed).unwrap().public();
    assert_eq!(bitcoin.child(Scheme::Bip32, HARDENED).err(), Some(DerivationFault::Index));
}
