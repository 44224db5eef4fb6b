//! What is left when control points are off (section 9), and what generations of modules have.

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_hsm::Profile;
use hpcs_hsm::functions::{AttributeValue, Function, HdParameter, Mechanism, Parameter, Purpose};

use crate::bench::{
    BP256R, Bench, ED25519, P256, SECP256K1, TRUE, X25519, cbc_pad, derive, generate, init, number, on_curve, plain,
    single, template, unwrap, with_bytes, wrap,
};

use MechanismType as M;

/// Off; the mechanisms that are hidden or refused then, each with a call that needs it.
struct Row {
    off: &'static [u8],
    calls: Vec<(M, Function)>,
}

/// The keys that the calls use.
struct Keys {
    aes: Bytes,
    hmac: Bytes,
    rsa: (Bytes, Bytes),
    p256: (Bytes, Bytes),
    ed25519: (Bytes, Bytes),
    x25519: (Bytes, Bytes),
    wrapped: Bytes,
    wrapped_under_rsa: Bytes,
}

impl Keys {
    fn of(bench: &Bench) -> Self {
        let (aes, rsa) = (bench.aes(), bench.rsa());
        Keys {
            hmac: bench.secret(M::GENERIC_SECRET_KEY_GEN, 32, &[AttributeType::DERIVE, AttributeType::IBM_USE_AS_DATA]),
            wrapped: bench.bytes(&wrap(cbc_pad(), &aes, &aes)),
            wrapped_under_rsa: bench.bytes(&wrap(plain(M::RSA_PKCS), &aes, &rsa.1)),
            p256: bench.curve(P256),
            ed25519: bench.curve(ED25519),
            x25519: bench.curve(X25519),
            aes,
            rsa,
        }
    }

    fn sign(&self, kind: M, key: &Bytes) -> (M, Function) {
        (kind, single(Purpose::Sign, plain(kind), key, b"message"))
    }

    fn agree(&self, kind: M, pair: &(Bytes, Bytes), prefix: usize, point: usize) -> (M, Function) {
        (kind, derive(with_bytes(kind, &pair.1[prefix..prefix + point]), &pair.0))
    }

    fn master(&self) -> (M, Function) {
        let parameter = Parameter::Hd(HdParameter { kind: 4, index: 0, chain_code: Bytes::new(), version: 1 });
        let mechanism = Mechanism { kind: M::IBM_BTC_DERIVE, parameter };
        let curve = AttributeValue::Bytes(SECP256K1.to_vec());
        let template = template([(AttributeType::EC_PARAMS, curve), (AttributeType::DERIVE, TRUE)]);
        let base_key = Some(self.hmac.clone());
        (M::IBM_BTC_DERIVE, Function::DeriveKey { mechanism, base_key, data: Bytes::new(), template })
    }

    fn pair(&self) -> (M, Function) {
        (M::EC_KEY_PAIR_GEN, on_curve(P256))
    }

    fn small_rsa(&self) -> (M, Function) {
        use AttributeType as A;
        let public = template([(A::MODULUS_BITS, number(1024)), (A::PUBLIC_EXPONENT, number(65537))]);
        let (mechanism, private) = (plain(M::RSA_PKCS_KEY_PAIR_GEN), template([]));
        (M::RSA_PKCS_KEY_PAIR_GEN, Function::GenerateKeyPair { mechanism, private, public })
    }

    fn schnorr(&self) -> (M, Function) {
        let mechanism = Mechanism { kind: M::IBM_ECDSA_OTHER, parameter: Parameter::OtherSignature(3) };
        (M::IBM_ECDSA_OTHER, single(Purpose::Sign, mechanism, &self.p256.0, b"message"))
    }
}

fn rows(keys: &Keys) -> Vec<Row> {
    let with_iv = |kind| with_bytes(kind, &[1; 16]);
    let block = [0; 16];
    let crypt = |purpose, mechanism: Mechanism| (mechanism.kind, single(purpose, mechanism, &keys.aes, &block));
    let rsa = |purpose, key: &Bytes, data: &[u8]| (M::RSA_PKCS, single(purpose, plain(M::RSA_PKCS), key, data));
    let symmetric = vec![keys.sign(M::SHA256_HMAC, &keys.hmac), keys.sign(M::AES_CMAC, &keys.aes)];
    let asymmetric = vec![
        keys.sign(M::SHA256_RSA_PKCS, &keys.rsa.0),
        keys.sign(M::RSA_PKCS, &keys.rsa.0),
        keys.sign(M::ECDSA, &keys.p256.0),
        keys.sign(M::ECDSA_SHA256, &keys.p256.0),
        keys.sign(M::IBM_ED25519_SHA512, &keys.ed25519.0),
    ];
    let agreements =
        || vec![keys.agree(M::ECDH1_DERIVE, &keys.p256, 26, 65), keys.agree(M::IBM_EC_X25519, &keys.x25519, 21, 32)];
    let pairs = || vec![keys.pair(), keys.small_rsa()];
    let unwrapped = |mechanism: Mechanism, wrapped: &Bytes, kek: &Bytes| {
        (mechanism.kind, unwrap(mechanism, wrapped, kek, 0x1F, &[]))
    };
    vec![
        Row { off: &[3], calls: symmetric },
        Row { off: &[2], calls: asymmetric },
        Row {
            off: &[5, 7],
            calls: vec![
                crypt(Purpose::Encrypt, plain(M::AES_ECB)),
                crypt(Purpose::Encrypt, with_iv(M::AES_CBC)),
                crypt(Purpose::Decrypt, plain(M::AES_ECB)),
                crypt(Purpose::Decrypt, with_iv(M::AES_CBC)),
            ],
        },
        Row { off: &[5], calls: vec![crypt(Purpose::Encrypt, cbc_pad())] },
        Row { off: &[7], calls: vec![crypt(Purpose::Decrypt, plain(M::AES_ECB))] },
        Row { off: &[6], calls: vec![rsa(Purpose::Decrypt, &keys.rsa.0, &keys.wrapped_under_rsa)] },
        Row { off: &[8], calls: vec![(M::RSA_PKCS, wrap(plain(M::RSA_PKCS), &keys.aes, &keys.rsa.1))] },
        Row { off: &[10], calls: vec![unwrapped(plain(M::RSA_PKCS), &keys.wrapped_under_rsa, &keys.rsa.0)] },
        Row { off: &[9], calls: vec![(M::AES_CBC_PAD, wrap(cbc_pad(), &keys.aes, &keys.aes))] },
        Row { off: &[11], calls: vec![unwrapped(cbc_pad(), &keys.wrapped, &keys.aes)] },
        Row { off: &[12], calls: pairs() },
        Row {
            off: &[13],
            calls: vec![
                (M::AES_KEY_GEN, generate(M::AES_KEY_GEN, 16, &[])),
                (M::DES3_KEY_GEN, generate(M::DES3_KEY_GEN, 24, &[])),
                (M::GENERIC_SECRET_KEY_GEN, generate(M::GENERIC_SECRET_KEY_GEN, 16, &[])),
                unwrapped(cbc_pad(), &keys.wrapped, &keys.aes),
                (M::SHA256_KEY_DERIVATION, derive(plain(M::SHA256_KEY_DERIVATION), &keys.aes)),
            ],
        },
        Row {
            off: &[16],
            calls: vec![
                (M::AES_CBC_PAD, wrap(cbc_pad(), &keys.aes, &keys.aes)),
                unwrapped(cbc_pad(), &keys.wrapped, &keys.aes),
            ],
        },
        Row { off: &[30], calls: vec![keys.sign(M::SHA256_RSA_PKCS, &keys.rsa.0), keys.small_rsa()] },
        Row { off: &[32], calls: vec![keys.sign(M::ECDSA, &keys.p256.0), keys.pair(), keys.schnorr()] },
        Row { off: &[46], calls: agreements() },
        Row { off: &[47], calls: [agreements(), vec![keys.master()]].into_iter().flatten().collect() },
        Row {
            off: &[55],
            calls: vec![
                keys.sign(M::IBM_ED25519_SHA512, &keys.ed25519.0),
                keys.agree(M::IBM_EC_X25519, &keys.x25519, 21, 32),
            ],
        },
        Row { off: &[66], calls: vec![keys.master()] },
        Row { off: &[67], calls: vec![keys.schnorr()] },
    ]
}

#[test]
fn a_control_point_that_is_off_hides_its_mechanisms_or_refuses_their_calls() {
    let bench = Bench::new();
    let keys = Keys::of(&bench);
    let all = bench.list();
    for Row { off, calls } in rows(&keys) {
        let without = bench.without(off);
        let list = without.list();
        assert!(list.iter().all(|kind| all.contains(kind)), "{off:?} off shows more");
        for (kind, call) in calls {
            if let Err(refusal) = bench.ask(&call) {
                panic!("{} with {kind}: {refusal}", call.name());
            }
            let refusal = without.refused(&call);
            let listed = list.contains(&kind);
            let expected = if listed { ReturnValue::FUNCTION_CANCELED } else { ReturnValue::MECHANISM_INVALID };
            assert_eq!(refusal, expected, "{off:?} off: {} with {kind}, listed: {listed}", call.name());
        }
    }
}

/// What is hidden according to the table, and not merely refused.
#[test]
fn whole_families_disappear_from_the_list() {
    let bench = Bench::new();
    for (off, hidden, kept) in [
        (&[3][..], &[M::SHA256_HMAC, M::SHA_1_HMAC, M::IBM_SHA3_256_HMAC, M::AES_CMAC, M::DES3_CMAC][..], M::ECDSA),
        (&[2], &[M::ECDSA, M::SHA512_RSA_PKCS, M::RSA_PKCS_PSS, M::DSA_SHA1, M::IBM_ECDSA_OTHER], M::SHA256_HMAC),
        (
            &[12],
            &[M::EC_KEY_PAIR_GEN, M::RSA_PKCS_KEY_PAIR_GEN, M::DSA_KEY_PAIR_GEN, M::DH_PKCS_KEY_PAIR_GEN],
            M::AES_KEY_GEN,
        ),
        (&[13], &[M::AES_KEY_GEN, M::DES2_KEY_GEN, M::DES3_KEY_GEN, M::GENERIC_SECRET_KEY_GEN], M::EC_KEY_PAIR_GEN),
        (&[30], &[M::RSA_PKCS, M::RSA_PKCS_OAEP, M::SHA1_RSA_PKCS, M::RSA_PKCS_KEY_PAIR_GEN], M::ECDSA),
        (&[31], &[M::DSA, M::DSA_SHA1, M::DSA_KEY_PAIR_GEN, M::DSA_PARAMETER_GEN], M::ECDSA),
        (&[32], &[M::ECDSA, M::EC_KEY_PAIR_GEN, M::ECDH1_DERIVE, M::IBM_BTC_DERIVE], M::RSA_PKCS),
        (&[46], &[M::ECDH1_DERIVE, M::DH_PKCS_DERIVE, M::DH_PKCS_KEY_PAIR_GEN, M::IBM_EC_X25519], M::ECDSA),
        (&[47], &[M::SHA1_KEY_DERIVATION, M::SHA256_KEY_DERIVATION, M::ECDH1_DERIVE, M::DH_PKCS_DERIVE], M::ECDSA),
        (&[55], &[M::IBM_EC_X25519, M::IBM_ED25519_SHA512, M::IBM_EC_X448, M::IBM_ED448_SHA3], M::ECDSA),
        (&[66], &[M::IBM_BTC_DERIVE], M::IBM_ECDSA_OTHER),
        (&[67], &[M::IBM_ECDSA_OTHER], M::IBM_BTC_DERIVE),
    ] {
        let (full, list) = (bench.list(), bench.without(off).list());
        for kind in hidden {
            assert!(full.contains(kind), "{kind}");
            assert!(!list.contains(kind), "{off:?} off shows {kind}");
            let info = Function::GetMechanismInfo { mechanism: kind.0 };
            assert_eq!(bench.without(off).refused(&info), ReturnValue::MECHANISM_INVALID);
        }
        assert!(list.contains(&kept), "{off:?} off hides {kept}");
    }
}

#[test]
fn curves_have_control_points_of_their_own() {
    let bench = Bench::new();
    for (off, curve) in [(33, BP256R), (34, P256), (55, ED25519), (60, SECP256K1)] {
        let (private, _) = bench.curve(curve);
        let without = bench.without(&[off]);
        assert_eq!(without.refused(&on_curve(curve)), ReturnValue::CURVE_NOT_SUPPORTED, "{off}");
        let kind = if off == 55 { M::IBM_ED25519_SHA512 } else { M::ECDSA };
        let refusal = without.refused(&single(Purpose::Sign, plain(kind), &private, b"x"));
        assert!(
            [ReturnValue::CURVE_NOT_SUPPORTED, ReturnValue::MECHANISM_INVALID].contains(&refusal),
            "{off}: {refusal}"
        );
    }
}

#[test]
fn changing_attributes_verifying_and_sessionless_keys_have_control_points_too() {
    let bench = Bench::new();
    let (aes, hmac) = (bench.aes(), bench.secret(M::GENERIC_SECRET_KEY_GEN, 32, &[]));
    let changes = template([(AttributeType::SIGN, TRUE)]);
    let set = Function::SetAttributeValue { object: aes.clone(), changes };
    assert_eq!(bench.without(&[17]).refused(&set), ReturnValue::FUNCTION_CANCELED);
    let verify = init(Purpose::Verify, plain(M::SHA256_HMAC), &hmac);
    assert!(bench.ask(&verify).is_ok());
    assert_eq!(bench.without(&[4]).refused(&verify), ReturnValue::FUNCTION_CANCELED);
    let encrypt = single(Purpose::Encrypt, cbc_pad(), &aes, b"x");
    assert_eq!(bench.without(&[48]).refused(&encrypt), ReturnValue::SESSION_HANDLE_INVALID);
}

#[test]
fn usages_that_control_points_keep_apart_are_neither_stated_nor_used_together() {
    let bench = Bench::new();
    use AttributeType as A;
    let key = |on: &[A], off: &[A]| {
        let values = on.iter().map(|attribute| (*attribute, TRUE));
        let values = values.chain(off.iter().map(|attribute| (*attribute, AttributeValue::Boolean(false))));
        let template = template(values.chain([(A::VALUE_LEN, number(32))]));
        Function::GenerateKey { mechanism: plain(M::AES_KEY_GEN), template }
    };
    let signing = [A::SIGN, A::VERIFY];
    let crypting = [A::ENCRYPT, A::DECRYPT];
    for (point, both) in [
        (39, key(&[A::WRAP, A::ENCRYPT], &signing)),
        (40, key(&[A::SIGN, A::ENCRYPT], &[])),
        (41, key(&[A::WRAP, A::SIGN], &crypting)),
    ] {
        let made = bench.key(&both).0.blob.into();
        let without = bench.without(&[point]);
        assert_eq!(without.refused(&both), ReturnValue::TEMPLATE_INCONSISTENT, "{point}");
        let used = match point {
            41 => single(Purpose::Sign, plain(M::AES_CMAC), &made, b"x"),
            _ => single(Purpose::Encrypt, cbc_pad(), &made, b"x"),
        };
        assert!(bench.ask(&used).is_ok(), "{point}");
        assert_eq!(without.refused(&used), ReturnValue::KEY_FUNCTION_NOT_PERMITTED, "{point}");
    }
}

#[test]
fn a_weaker_key_wraps_a_stronger_one_only_where_that_is_allowed() {
    let bench = Bench::new();
    let strong = bench.aes();
    let weak = bench.secret(M::AES_KEY_GEN, 16, &[AttributeType::WRAP, AttributeType::UNWRAP]);
    let wrapped = bench.bytes(&wrap(cbc_pad(), &strong, &weak));
    let without = bench.without(&[44]);
    assert_eq!(without.refused(&wrap(cbc_pad(), &strong, &weak)), ReturnValue::WRAPPING_KEY_SIZE_RANGE);
    let back = unwrap(cbc_pad(), &wrapped, &weak, 0x1F, &[]);
    assert_eq!(without.refused(&back), ReturnValue::UNWRAPPING_KEY_SIZE_RANGE);
    assert!(without.ask(&wrap(cbc_pad(), &strong, &strong)).is_ok());
}

#[test]
fn older_modules_have_no_sha3() {
    let digests = [M::IBM_SHA3_224, M::IBM_SHA3_256, M::IBM_SHA3_384, M::IBM_SHA3_512];
    let codes = [M::IBM_SHA3_224_HMAC, M::IBM_SHA3_256_HMAC, M::IBM_SHA3_384_HMAC, M::IBM_SHA3_512_HMAC];
    for profile in Profile::ALL {
        let bench = Bench::generation(profile);
        let (list, has) = (bench.list(), profile >= Profile::Cex7);
        for kind in digests.into_iter().chain(codes) {
            assert_eq!(list.contains(&kind), has, "{kind} of {profile}");
        }
        for kind in digests {
            let (data, signature) = (Bytes::from_static(b"abc"), Bytes::new());
            let purpose = Purpose::Digest;
            let digest = Function::Single { purpose, mechanism: plain(kind), key: None, data, signature };
            assert_eq!(
                bench.ask(&digest).err(),
                (!has).then_some(ReturnValue::MECHANISM_INVALID),
                "{kind} of {profile}"
            );
        }
        assert_eq!(list[0], M::RSA_PKCS, "clients print the first one");
    }
}
