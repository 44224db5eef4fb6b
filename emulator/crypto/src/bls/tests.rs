//! Keys, messages and signatures are those of <https://github.com/ethereum/bls12-381-tests>, whose points are compressed.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use proptest::prelude::*;

use super::*;
use crate::test_rng::Replay;

const SECRETS: [&str; 3] = [
    "263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3",
    "47b8192d77bf871b62e87859d653922725724a5c031afeabc60bcef5ff665138",
    "328388aff0d4a5b7dc9205abd374e7e98f3cd9f3418edb4eafda5fb16473d216",
];

const PUBLIC_KEYS: [&str; 3] = [
    "a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a",
    "b301803f8b5ac4a1133581fc676dfedc60d891dd5fa99028805e5ea5b08d3491af75d0707adab3b70c6a6a580217bf81",
    "b53d21a4cfd562c469cc81514d4ce5a6b577d8403d32a394dc265dd190b47fa9f829fdd7963afdf972e5e77854051f6f",
];

const MESSAGES: [[u8; 32]; 3] = [[0x00; 32], [0x56; 32], [0xab; 32]];

/// `Sign(SECRETS[k], MESSAGES[m])` at `[k][m]`.
const SIGNATURES: [[&str; 3]; 3] = [
    [
        "b6ed936746e01f8ecf281f020953fbf1f01debd5657c4a383940b020b26507f6076334f91e2366c96e9ab279fb5158090352ea1c5b0c9274504f4f0e7053af24802e51e4568d164fe986834f41e55c8e850ce1f98458c0cfc9ab380b55285a55",
        "882730e5d03f6b42c3abc26d3372625034e1d871b65a8a6b900a56dae22da98abbe1b68f85e49fe7652a55ec3d0591c20767677e33e5cbb1207315c41a9ac03be39c2e7668edc043d6cb1d9fd93033caa8a1c5b0e84bedaeb6c64972503a43eb",
        "91347bccf740d859038fcdcaf233eeceb2a436bcaaee9b2aa3bfb70efe29dfb2677562ccbea1c8e061fb9971b0753c240622fab78489ce96768259fc01360346da5b9f579e5da0d941e4c6ba18a0e64906082375394f337fa1af2b7127b0d121",
    ],
    [
        "b23c46be3a001c63ca711f87a005c200cc550b9429d5f4eb38d74322144f1b63926da3388979e5321012fb1a0526bcd100b5ef5fe72628ce4cd5e904aeaa3279527843fae5ca9ca675f4f51ed8f83bbf7155da9ecc9663100a885d5dc6df96d9",
        "af1390c3c47acdb37131a51216da683c509fce0e954328a59f93aebda7e4ff974ba208d9a4a2a2389f892a9d418d618418dd7f7a6bc7aa0da999a9d3a5b815bc085e14fd001f6a1948768a3f4afefc8b8240dda329f984cb345c6363272ba4fe",
        "9674e2228034527f4c083206032b020310face156d4a4685e2fcaec2f6f3665aa635d90347b6ce124eb879266b1e801d185de36a0a289b85e9039662634f2eea1e02e670bc7ab849d006a70b2f93b84597558a05b879c8d445f387a5d5b653df",
    ],
    [
        "948a7cb99f76d616c2c564ce9bf4a519f1bea6b0a624a02276443c245854219fabb8d4ce061d255af5330b078d5380681751aa7053da2c98bae898edc218c75f07e24d8802a17cd1f6833b71e58f5eb5b94208b4d0bb3848cecb075ea21be115",
        "a4efa926610b8bd1c8330c918b7a5e9bf374e53435ef8b7ec186abf62e1b1f65aeaaeb365677ac1d1172a1f5b44b4e6d022c252c58486c0a759fbdc7de15a756acc4d343064035667a594b4c2a6f0b0b421975977f297dba63ee2f63ffe47bb6",
        "ae82747ddeefe4fd64cf9cedb9b04ae3e8a43420cd255e3c7cd06a8d88b7c7f8638543719981c5d16fa3527c468c25f0026704a6951bde891360c7e8d12ddee0559004ccdbe6046b55bae1b257ee97f7cdb955773d7cf29adf3ccbb9975e4eb9",
    ],
];

/// `Aggregate` of the three signatures over `MESSAGES[m]`.
const AGGREGATES: [&str; 3] = [
    "9683b3e6701f9a4b706709577963110043af78a5b41991b998475a3d3fd62abf35ce03b33908418efc95a058494a8ae504354b9f626231f6b3f3c849dfdeaf5017c4780e2aee1850ceaf4b4d9ce70971a3d2cfcd97b7e5ecf6759f8da5f76d31",
    "ad38fc73846583b08d110d16ab1d026c6ea77ac2071e8ae832f56ac0cbcdeb9f5678ba5ce42bd8dce334cc47b5abcba40a58f7f1f80ab304193eb98836cc14d8183ec14cc77de0f80c4ffd49e168927a968b5cdaa4cf46b9805be84ad7efa77b",
    "9712c3edd73a209c742b8250759db12549b3eaf43b5ca61376d9f30e2747dbcf842d8b2ac0901d2a093713e20284a7670fcf6954e9ab93de991bb9b313e664785a075fc285806fa5224c82bde146561b446ccfc706a64b8579513cfc4ff1d930",
];

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// The uncompressed form of a compressed public key.
fn key(text: &str) -> [u8; PUBLIC_KEY_SIZE] {
    min_pk::PublicKey::uncompress(&bytes(text)).unwrap().serialize()
}

/// The uncompressed form of a compressed signature.
fn signature(text: &str) -> [u8; SIGNATURE_SIZE] {
    min_pk::Signature::uncompress(&bytes(text)).unwrap().serialize()
}

fn infinity<const SIZE: usize>() -> [u8; SIZE] {
    let mut point = [0; SIZE];
    point[0] = 0x40;
    point
}

#[test]
fn keys_are_made_as_erc_2333_makes_master_keys() {
    let material = bytes("3141592653589793238462643383279502884197169399375105820974944592");
    let secret = generate(&mut Replay::new(&material));
    assert_eq!(hex::encode(*secret), "41c9e07822b092a93fd6797396338c3ada4170cc81829fdfce6b5d34bd5e7ec7");
}

#[test]
fn keys_and_signatures_are_ethereums() {
    for ((secret, public), signatures) in SECRETS.iter().zip(PUBLIC_KEYS).zip(SIGNATURES) {
        let secret = bytes(secret);
        let public = key(public);
        assert_eq!(public_key(&secret), Ok(public));
        for (message, expected) in MESSAGES.iter().zip(signatures) {
            let expected = signature(expected);
            assert_eq!(sign(&secret, message), Ok(expected));
            assert_eq!(verify(&public, message, &expected), Ok(()));
            assert_eq!(verify(&public, b"another", &expected), Err(Fault::Mismatch));
        }
    }
}

#[test]
fn aggregates_are_ethereums() {
    let keys = PUBLIC_KEYS.map(key);
    let public = aggregate_public_keys(&keys.each_ref().map(|key| &key[..])).unwrap();
    for (index, expected) in AGGREGATES.iter().enumerate() {
        let signatures = SIGNATURES.map(|signatures| signature(signatures[index]));
        let aggregate = aggregate_signatures(&signatures.each_ref().map(|signature| &signature[..])).unwrap();
        assert_eq!(aggregate, signature(expected));
        assert_eq!(verify(&public, &MESSAGES[index], &aggregate), Ok(()));
        assert_eq!(verify(&keys[0], &MESSAGES[index], &aggregate), Err(Fault::Mismatch));
    }
}

#[test]
fn nothing_has_no_aggregate() {
    assert_eq!(aggregate_signatures(&[]), Err(Fault::Nothing));
    assert_eq!(aggregate_public_keys(&[]), Err(Fault::Nothing));
}

#[test]
fn secret_keys_are_scalars_below_the_order() {
    let order = bytes("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    let mut below = order.clone();
    below[31] = 0;
    assert!(public_key(&below).is_ok());
    for secret in [&order[..], &[0; 32], &[1; 31], &[1; 33], &[]] {
        assert_eq!(public_key(secret), Err(Fault::SecretKey));
        assert_eq!(sign(secret, b""), Err(Fault::SecretKey));
    }
}

#[test]
fn infinity_is_no_public_key_and_signs_nothing() {
    let fault = Fault::PublicKey(PointFault::Infinity);
    assert_eq!(verify(&infinity::<PUBLIC_KEY_SIZE>(), b"", &infinity::<SIGNATURE_SIZE>()), Err(fault));
    assert_eq!(aggregate_public_keys(&[&infinity::<PUBLIC_KEY_SIZE>()]), Err(fault));
    assert_eq!(verify(&key(PUBLIC_KEYS[0]), b"", &infinity::<SIGNATURE_SIZE>()), Err(Fault::Mismatch));
    let signature = signature(SIGNATURES[0][0]);
    assert_eq!(aggregate_signatures(&[&infinity::<SIGNATURE_SIZE>(), &signature]), Ok(signature));
}

#[test]
fn keys_that_cancel_out_have_no_sum() {
    let one = bytes(SECRETS[0]);
    // The order less the secret.
    let negative = bytes("4dafe9d9fa426163b461787ed0e0e56fcd0e96c83844e40ce3d8701db9dfbf1e");
    let (one, negative) = (public_key(&one).unwrap(), public_key(&negative).unwrap());
    assert_eq!(one[..48], negative[..48]);
    assert_eq!(aggregate_public_keys(&[&one, &negative]), Err(Fault::PublicKey(PointFault::Infinity)));
}

#[test]
fn malformed_points_are_told_apart() {
    let public = key(PUBLIC_KEYS[0]);
    let good = signature(SIGNATURES[0][0]);
    let of_key = |bytes: &[u8]| verify(bytes, &MESSAGES[0], &good);
    let of_signature = |bytes: &[u8]| verify(&public, &MESSAGES[0], bytes);

    let compressed = bytes(PUBLIC_KEYS[0]);
    for malformed in [&[][..], &public[..95], &compressed, &[0xff; PUBLIC_KEY_SIZE]] {
        assert_eq!(of_key(malformed), Err(Fault::PublicKey(PointFault::Encoding)));
    }
    for malformed in [&[][..], &good[..191], &[0x3f; SIGNATURE_SIZE]] {
        assert_eq!(of_signature(malformed), Err(Fault::Signature(PointFault::Encoding)));
    }

    let mut off = public;
    off[95] ^= 1;
    assert_eq!(of_key(&off), Err(Fault::PublicKey(PointFault::Curve)));
    let mut off = good;
    off[191] ^= 1;
    assert_eq!(of_signature(&off), Err(Fault::Signature(PointFault::Curve)));

    // (0, 2) satisfies y² = x³ + 4; its order is three.
    let mut outside = [0; PUBLIC_KEY_SIZE];
    outside[95] = 2;
    assert_eq!(of_key(&outside), Err(Fault::PublicKey(PointFault::Subgroup)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn aggregates_hold_for_the_sum_of_the_keys(
        seed in any::<u64>(),
        signers in 1_usize..6,
        message in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let secrets: Vec<_> = (0..signers).map(|_| generate(&mut rng)).collect();
        let keys: Vec<_> = secrets.iter().map(|secret| public_key(&**secret).unwrap()).collect();
        let signatures: Vec<_> = secrets.iter().map(|secret| sign(&**secret, &message).unwrap()).collect();

        let keys: Vec<_> = keys.iter().map(|key| &key[..]).collect();
        let signatures: Vec<_> = signatures.iter().map(|signature| &signature[..]).collect();
        let public = aggregate_public_keys(&keys).unwrap();
        let aggregate = aggregate_signatures(&signatures).unwrap();
        prop_assert_eq!(verify(&public, &message, &aggregate), Ok(()));

        let mut others = message.clone();
        others.push(0);
        prop_assert_eq!(verify(&public, &others, &aggregate), Err(Fault::Mismatch));
        if signers > 1 {
            let fewer = aggregate_signatures(&signatures[1..]).unwrap();
            prop_assert_eq!(verify(&public, &message, &fewer), Err(Fault::Mismatch));
        }
    }

    #[test]
    fn any_bytes_are_answered(
        public in prop::collection::vec(any::<u8>(), 0..200),
        signature in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(verify(&public, b"", &signature).is_err());
        prop_assert!(aggregate_signatures(&[&signature]).is_err());
        prop_assert!(aggregate_public_keys(&[&public]).is_err());
    }
}
