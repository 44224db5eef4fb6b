//! Keys outside the unit: the layouts of sections 6.2 and 6.3, the attribute words of 5.2, the checksums of 5.7.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismType, ReturnValue};
use hpcs_hsm::functions::{AttributeValue, Function, Output, Purpose};

use crate::bench::{
    Bench, ED25519, P256, SECP256K1, X25519, cbc_pad, generate, number, plain, single, template, unwrap, wrap,
};

const USED: [AttributeType; 3] = [AttributeType::ENCRYPT, AttributeType::DECRYPT, AttributeType::EXTRACTABLE];

fn word(blob: &[u8]) -> u64 {
    u64::from_be_bytes(blob[48..56].try_into().unwrap())
}

fn wrapping_key_id(bench: &Bench) -> Vec<u8> {
    bench.unit.current_pattern().unwrap().0[..16].to_vec()
}

/// Imports a raw secret key under `kek`.
fn import(bench: &Bench, kek: &Bytes, value: &[u8], key_type: KeyType, on: &[AttributeType]) -> (Bytes, Vec<u8>) {
    let wrapped = bench.bytes(&single(Purpose::Encrypt, cbc_pad(), kek, value));
    let (key, checksum) = bench.key(&unwrap(cbc_pad(), &wrapped, kek, key_type.0, on));
    (key.blob.into(), checksum)
}

/// The blobs that were published: an AES-128 key made with three attributes, and one taken in with the same.
#[test]
fn the_attribute_words_are_those_of_published_blobs() {
    let bench = Bench::new();
    let made = bench.secret(MechanismType::AES_KEY_GEN, 16, &USED);
    assert_eq!((word(&made), made.len()), (0x8D25, 256));
    let (taken_in, _) = import(&bench, &bench.aes(), &[7; 16], KeyType::AES, &USED);
    assert_eq!(word(&taken_in), 0x0C01);
    let (silent, _) = import(&bench, &bench.aes(), &[7; 16], KeyType::AES, &[]);
    assert_eq!(word(&silent), 0x8D01, "usages as if it were made, and extractable");
    let made = bench.secret(MechanismType::AES_KEY_GEN, 16, &[]);
    assert_eq!(word(&made), 0x8D26, "never extractable");
    let generic = bench.secret(MechanismType::GENERIC_SECRET_KEY_GEN, 16, &[AttributeType::ENCRYPT]);
    assert_eq!(word(&generic), 0x8126, "a generic secret does not encrypt, whatever is said");
}

#[test]
fn a_key_blob_has_its_fields_where_clients_look_for_them() {
    let bench = Bench::new();
    let (rsa, _) = bench.rsa();
    let ids = wrapping_key_id(&bench);
    let blobs = [bench.aes(), bench.secret(MechanismType::DES3_KEY_GEN, 0, &[]), bench.curve(P256).0, rsa];
    for blob in &blobs {
        assert_eq!(blob[..32], [0; 32], "no session");
        assert_eq!(blob[32..48], ids);
        assert_eq!(blob[56..66], [0, 0, 0, 0, 0, 0, 0, 1, 0x12, 0x34]);
        assert!(blob.len() <= 9216 && (blob.len() - 80 - 32) % 16 == 0);
    }
    assert_eq!((blobs[0].len(), blobs[1].len()), (256, 256));
    let (one, other) = (bench.aes(), bench.aes());
    assert_ne!(one[66..80], other[66..80], "no two have one initialisation vector");
}

#[test]
fn private_and_secret_keys_never_look_like_public_ones() {
    let bench = Bench::new();
    for _ in 0..40 {
        assert_ne!(bench.aes()[0], 0x30);
        let (private, public) = bench.curve(P256);
        assert_ne!(private[0], 0x30);
        assert_eq!(public[0], 0x30);
    }
}

/// The prefixes are literal: clients parse them with libraries that know no other form.
#[test]
fn a_public_key_is_its_information_and_six_strings_behind_it() {
    let bench = Bench::new();
    let prefixes = [
        (P256, "3059301306072a8648ce3d020106082a8648ce3d030107034200", 65),
        (SECP256K1, "3056301006072a8648ce3d020106052b8104000a034200", 65),
        (ED25519, "3033300e06072a8648ce3d020106032b6570032100", 32),
        (X25519, "3033300e06072a8648ce3d020106032b656e032100", 32),
    ];
    for (curve, prefix, point) in prefixes {
        let (_, public) = bench.curve(curve);
        let prefix = hex::decode(prefix).unwrap();
        assert!(public.starts_with(&prefix), "{}", hex::encode(&public));
        let mut tail = &public[prefix.len() + point..];
        assert_eq!(tail.len(), 120);
        let mut fields = Vec::new();
        for size in [16_usize, 32, 8, 8, 12, 32] {
            assert_eq!(tail[..2], [0x04, size as u8]);
            fields.push(&tail[2..2 + size]);
            tail = &tail[2 + size..];
        }
        assert_eq!((fields[0], fields[1]), (&wrapping_key_id(&bench)[..], &[0; 32][..]));
        assert_eq!(fields[4][0] >> 4, 1, "version of the attributes");
        let verifies = u64::from_be_bytes(fields[4][4..].try_into().unwrap()) & 0x8000 != 0;
        assert_eq!(verifies, curve != X25519);
    }
    let (_, rsa) = bench.rsa();
    assert!(rsa.starts_with(&hex::decode("30819f300d06092a864886f70d010101050003818d0030818902818100").unwrap()));
}

/// Section 11.
#[test]
fn checksums_are_the_published_check_values_and_the_bits() {
    let bench = Bench::new();
    let kek = bench.aes();
    let counting: Vec<u8> = (0..32).collect();
    let vectors = [
        (KeyType::AES, "00".repeat(16), "66e94b00000080"),
        (KeyType::AES, hex::encode(counting), "f2900000000100"),
        (KeyType::AES, "84eb31c184aee86791bf095045914adbcbe08823b40024f02977b46c15e84d64".to_owned(), "9fb11e00000100"),
        (KeyType::DES3, "0123456789abcdef23456789abcdef01456789abcdef0123".to_owned(), "4eba73000000c0"),
        // SHA-1 of "abc" begins with a9993e.
        (KeyType::GENERIC_SECRET, hex::encode("abc"), "a9993e00000018"),
    ];
    for (key_type, value, expected) in vectors {
        let value = hex::decode(value).unwrap();
        let (blob, checksum) = import(&bench, &kek, &value, key_type, &[AttributeType::EXTRACTABLE]);
        assert_eq!(hex::encode(&checksum), expected);
        // And it leaves as it came.
        let wrapped = bench.bytes(&wrap(cbc_pad(), &blob, &kek));
        assert_eq!(bench.bytes(&single(Purpose::Decrypt, cbc_pad(), &kek, &wrapped)), value);
    }
    let (key, made) = bench.key(&generate(MechanismType::AES_KEY_GEN, 16, &USED));
    let wrapped = bench.bytes(&wrap(cbc_pad(), &key.blob.into(), &kek));
    let (_, taken_in) = bench.key(&unwrap(cbc_pad(), &wrapped, &kek, KeyType::AES.0, &[]));
    assert!(taken_in.starts_with(&made));
}

#[test]
fn no_two_keys_in_one_blob_and_no_key_under_another_master_key() {
    let (bench, stranger) = (Bench::new(), Bench::with_administrators(2));
    assert_ne!(bench.unit.current_pattern(), stranger.unit.current_pattern());
    let (key, (_, public)) = (stranger.aes(), stranger.curve(P256));
    for foreign in [&key, &public] {
        let asked = Function::GetAttributeValue { object: foreign.clone(), asked: Vec::new() };
        assert_eq!(bench.refused(&asked), ReturnValue::IBM_WKID_MISMATCH);
    }
    let twice = Bytes::from([&bench.aes()[..], &bench.aes()[..]].concat());
    let asked = Function::GetAttributeValue { object: twice, asked: Vec::new() };
    assert_eq!(bench.refused(&asked), ReturnValue::IBM_BLOB_ERROR);
}

#[test]
fn what_a_client_says_of_a_key_is_kept_and_bounded() {
    let bench = Bench::new();
    let labelled = |length| Function::GenerateKey {
        mechanism: plain(MechanismType::AES_KEY_GEN),
        template: template([
            (AttributeType::VALUE_LEN, number(16)),
            (AttributeType::LABEL, AttributeValue::Bytes(vec![b'x'; length])),
        ]),
    };
    let (key, _) = bench.key(&labelled(1000));
    let blob = key.blob.into();
    assert_eq!(bench.attribute(&blob, AttributeType::LABEL), AttributeValue::Bytes(vec![b'x'; 1000]));
    assert!(blob.len() <= 9216);
    assert_eq!(bench.refused(&labelled(9000)), ReturnValue::ATTRIBUTE_VALUE_INVALID);
    let Ok(Output::Attributes(all)) = bench.ask(&Function::GetAttributeValue { object: blob, asked: Vec::new() })
    else {
        panic!("no attributes")
    };
    assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0));
}
