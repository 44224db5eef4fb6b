//! Bytes that nobody meant, for every function: no panic, no key out of a damaged blob, nothing out of a damaged state,
//! and nothing larger than clients have room for.

use std::sync::LazyLock;

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_hsm::functions::{
    AggregateParameter, AttributeValue, Cost, DeriveParameter, Function, HdParameter, KemParameter, MECHANISMS,
    Mechanism, OaepParameter, Output, Parameter, PssParameter, Purpose, Template, cost,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::bench::{Answer, Bench, ED25519, P256, SECP256K1, X25519, cbc_pad, init, plain, template};
use crate::support::mutation::{Mutation, mutation};

/// A unit, and what is right of every kind.
struct Scene {
    bench: Bench,
    /// Secret and private keys.
    blobs: Vec<Bytes>,
    public: Vec<Bytes>,
    /// Begun and continued operations.
    states: Vec<(Purpose, Bytes)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let bench = Bench::new();
    let aes = bench.aes();
    let pairs: Vec<_> = [P256, SECP256K1, ED25519, X25519].map(|curve| bench.curve(curve)).into();
    let rsa = bench.rsa();
    let hmac = bench.secret(MechanismType::GENERIC_SECRET_KEY_GEN, 32, &[AttributeType::DERIVE]);
    let des = bench.secret(MechanismType::DES3_KEY_GEN, 24, &[AttributeType::WRAP, AttributeType::UNWRAP]);
    let (private, mut public): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    public.push(rsa.1.clone());
    let digest = plain(MechanismType::SHA256);
    let begin = [
        (Purpose::Digest, Function::Init { purpose: Purpose::Digest, mechanism: digest, key: None }),
        (Purpose::Encrypt, init(Purpose::Encrypt, cbc_pad(), &aes)),
        (Purpose::Decrypt, init(Purpose::Decrypt, cbc_pad(), &aes)),
        (Purpose::Sign, init(Purpose::Sign, plain(MechanismType::SHA256_HMAC), &hmac)),
        (Purpose::Sign, init(Purpose::Sign, plain(MechanismType::SHA256_RSA_PKCS), &rsa.0)),
        (Purpose::Verify, init(Purpose::Verify, plain(MechanismType::ECDSA_SHA256), &public[0])),
    ];
    let mut states = Vec::new();
    for (purpose, function) in begin {
        let begun = state(bench.ask(&function));
        let data = Bytes::from_static(b"sixteen bytes to go on with");
        let updated = state(bench.ask(&Function::Update { purpose, state: begun.clone(), data }));
        states.extend([(purpose, begun), (purpose, updated)]);
    }
    let blobs = [vec![aes, hmac, des, rsa.0], private].concat();
    Scene { bench, blobs, public, states }
});

fn state(answer: Answer) -> Bytes {
    match answer {
        Ok(Output::State { state, .. }) => state.into(),
        Ok(_) => panic!("no state"),
        Err(refusal) => panic!("{refusal}"),
    }
}

/// Every function with `bytes` in the place of each of its keys.
fn with_key(scene: &Scene, bytes: &Bytes) -> Vec<Function> {
    let (key, aes) = (Some(bytes.clone()), Some(scene.blobs[0].clone()));
    let (data, none) = (Bytes::from_static(b"sixteen bytes of"), Bytes::new());
    let hmac = || plain(MechanismType::SHA256_HMAC);
    let derivation = plain(MechanismType::SHA256_KEY_DERIVATION);
    let bound = || plain(MechanismType::IBM_ATTRIBUTEBOUND_WRAP);
    let single = |purpose, mechanism| Function::Single {
        purpose,
        mechanism,
        key: key.clone(),
        data: data.clone(),
        signature: data.clone(),
    };
    let begun = |purpose, mechanism| Function::Init { purpose, mechanism, key: key.clone() };
    let wrap = |mechanism, key: &Option<Bytes>, kek: &Option<Bytes>, mac_key: &Option<Bytes>| Function::WrapKey {
        mechanism,
        key: key.clone(),
        kek: kek.clone(),
        mac_key: mac_key.clone(),
    };
    let unwrap = |mechanism, kek: &Option<Bytes>, mac_key: &Option<Bytes>| Function::UnwrapKey {
        mechanism,
        wrapped: data.clone(),
        kek: kek.clone(),
        mac_key: mac_key.clone(),
        template: template([]),
    };
    let reencrypt = |from_key: &Option<Bytes>, to_key: &Option<Bytes>| Function::Reencrypt {
        from: plain(MechanismType::AES_ECB),
        from_key: from_key.clone(),
        to: cbc_pad(),
        to_key: to_key.clone(),
        data: data.clone(),
    };
    vec![
        Function::DigestKey { state: scene.states[0].1.clone(), key: key.clone() },
        begun(Purpose::Encrypt, cbc_pad()),
        begun(Purpose::Decrypt, cbc_pad()),
        begun(Purpose::Sign, hmac()),
        begun(Purpose::Verify, hmac()),
        begun(Purpose::Verify, plain(MechanismType::ECDSA)),
        single(Purpose::Encrypt, cbc_pad()),
        single(Purpose::Decrypt, cbc_pad()),
        single(Purpose::Sign, plain(MechanismType::ECDSA)),
        single(Purpose::Verify, plain(MechanismType::SHA256_RSA_PKCS)),
        reencrypt(&key, &aes),
        reencrypt(&aes, &key),
        wrap(cbc_pad(), &key, &aes, &None),
        wrap(cbc_pad(), &aes, &key, &None),
        wrap(bound(), &aes, &aes, &key),
        unwrap(cbc_pad(), &key, &None),
        unwrap(bound(), &aes, &key),
        Function::DeriveKey { mechanism: derivation, base_key: key.clone(), data: none, template: template([]) },
        Function::GetAttributeValue { object: bytes.clone(), asked: Vec::new() },
        Function::SetAttributeValue { object: bytes.clone(), changes: template([]) },
        Function::RewrapKeyBlob { blob: key.clone() },
    ]
}

/// Every function that takes a state, with `bytes` in its place.
fn with_state(bytes: &Bytes) -> Vec<Function> {
    let (state, data) = (bytes.clone(), Bytes::from_static(b"sixteen bytes of"));
    let mut functions = vec![Function::DigestKey { state: state.clone(), key: Some(SCENE.blobs[0].clone()) }];
    for purpose in Purpose::ALL {
        let (state, data, signature) = (state.clone(), data.clone(), data.clone());
        functions.push(Function::Update { purpose, state: state.clone(), data: data.clone() });
        functions.push(Function::Final { purpose, state: state.clone(), signature: signature.clone() });
        functions.push(Function::OneShot { purpose, state, data, signature });
    }
    functions
}

/// Asks, and checks that what comes is small enough for clients and keys look like keys.
fn ask(function: &Function) -> Answer {
    // What it costs is asked before it is decided.
    assert!(cost(function) <= Cost::Slow);
    let answer = SCENE.bench.ask(function);
    match &answer {
        Ok(Output::State { state, .. }) => {
            let digest = state[48..52] == [0, 0, 0, 1];
            assert!(state.len() <= if digest { 1024 } else { 8192 } && state[0] != 0x30, "{}", function.name());
        }
        Ok(Output::Key { key, .. }) => assert!(key.blob.len() <= 9216),
        Ok(Output::KeyPair { private, public }) => {
            assert!(private.blob.len() <= 9216 && private.blob[0] != 0x30 && public.blob[0] == 0x30);
        }
        _ => {}
    }
    answer
}

fn mutated(bytes: &[u8], mutations: &[Mutation]) -> Bytes {
    let mut bytes = bytes.to_vec();
    mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
    bytes.into()
}

fn bytes(longest: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..longest).prop_map(Bytes::from)
}

/// Small numbers that mean something, and others.
fn code() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0_u64..10, 2 => (0_u64..8).prop_map(|n| 0x8000_0000 + n), 1 => any::<u64>()]
}

fn hash() -> impl Strategy<Value = u64> {
    prop_oneof![any::<Index>().prop_map(|row| row.get(MECHANISMS).kind.0), any::<u64>()]
}

/// What has no `Debug`, because it may hold secrets elsewhere.
#[derive(Clone)]
struct Unseen<T>(T);

impl<T> std::fmt::Debug for Unseen<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not shown")
    }
}

fn parameter() -> impl Strategy<Value = Unseen<Parameter>> {
    prop_oneof![
        Just(Unseen(Parameter::None)),
        bytes(80).prop_map(|bytes| Unseen(Parameter::Bytes(bytes))),
        (hash(), code(), code(), bytes(1100)).prop_map(|(hash, mgf, source, label)| {
            Unseen(Parameter::Oaep(OaepParameter { hash, mgf, source, label }))
        }),
        (hash(), code(), code()).prop_map(|(hash, mgf, salt_length)| Unseen(Parameter::Pss(PssParameter {
            hash,
            mgf,
            salt_length
        }))),
        (code(), bytes(1100), bytes(140))
            .prop_map(|(kdf, shared, public)| { Unseen(Parameter::Derive(DeriveParameter { kdf, shared, public })) }),
        (code(), code(), bytes(40), code()).prop_map(|(kind, index, chain_code, version)| {
            Unseen(Parameter::Hd(HdParameter { kind, index, chain_code, version }))
        }),
        code().prop_map(|kind| Unseen(Parameter::OtherSignature(kind))),
        (code(), code(), code(), any::<bool>(), bytes(40), bytes(40), bytes(300)).prop_map(
            |(version, mode, kdf, prepend, ciphertext, shared, blob)| {
                Unseen(Parameter::Kem(KemParameter { version, mode, kdf, prepend, ciphertext, shared, blob }))
            }
        ),
        (code(), code(), code(), bytes(300)).prop_map(|(version, mode, element_size, elements)| {
            Unseen(Parameter::Aggregate(AggregateParameter { version, mode, element_size, elements }))
        }),
    ]
}

/// Any mechanism that is no search for primes, with any parameter.
fn mechanism() -> impl Strategy<Value = Unseen<Mechanism>> {
    let quick: Vec<_> = MECHANISMS.iter().filter(|row| row.cost < Cost::Slow).map(|row| row.kind).collect();
    let kind = prop_oneof![9 => select(quick), 1 => any::<u64>().prop_map(MechanismType)];
    (kind, parameter()).prop_map(|(kind, Unseen(parameter))| Unseen(Mechanism { kind, parameter }))
}

fn attribute() -> impl Strategy<Value = AttributeType> {
    use AttributeType as A;
    let known = vec![
        A::CLASS,
        A::KEY_TYPE,
        A::VALUE_LEN,
        A::EC_PARAMS,
        A::LABEL,
        A::ID,
        A::TOKEN,
        A::ENCRYPT,
        A::DECRYPT,
        A::SIGN,
        A::VERIFY,
        A::WRAP,
        A::UNWRAP,
        A::DERIVE,
        A::EXTRACTABLE,
        A::MODIFIABLE,
        A::TRUSTED,
        A::SENSITIVE,
        A::LOCAL,
        A::IBM_ATTRBOUND,
        A::IBM_USE_AS_DATA,
        A::IBM_STRUCT_PARAMS,
        A::PRIME_BITS,
        A::VALUE_BITS,
        A::VALUE,
        A::PUBLIC_KEY_INFO,
        A::IBM_CV,
        A::IBM_KEYTYPE,
        A::IBM_MACED_PUBLIC_KEY_INFO,
    ];
    prop_oneof![9 => select(known), 1 => any::<u64>().prop_map(AttributeType)]
}

fn attributes() -> impl Strategy<Value = Unseen<Template>> {
    let value = prop_oneof![
        any::<bool>().prop_map(AttributeValue::Boolean),
        (0_i64..40).prop_map(AttributeValue::Integer),
        any::<i64>().prop_map(AttributeValue::Integer),
        vec(any::<u8>(), 0..40).prop_map(AttributeValue::Bytes),
        select(vec![P256, SECP256K1, ED25519, X25519]).prop_map(|curve| AttributeValue::Bytes(curve.to_vec())),
        Just(AttributeValue::Absent),
    ];
    vec((attribute(), value), 0..6).prop_map(|attributes| Unseen(template(attributes)))
}

fn purpose() -> impl Strategy<Value = Purpose> {
    select(Purpose::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_are_no_key_and_no_state(bytes in bytes(600)) {
        for function in with_key(&SCENE, &bytes) {
            prop_assert!(ask(&function).is_err(), "{}", function.name());
        }
        for function in with_state(&bytes) {
            prop_assert!(ask(&function).is_err(), "{}", function.name());
        }
    }

    #[test]
    fn a_damaged_blob_is_no_key(which: Index, mutations in vec(mutation(), 1..4)) {
        let blob = which.get(&SCENE.blobs);
        let damaged = mutated(blob, &mutations);
        prop_assume!(damaged != *blob);
        for function in with_key(&SCENE, &damaged) {
            prop_assert!(ask(&function).is_err(), "{}", function.name());
        }
    }

    /// Without its authentication it is a public key from outside, which may do what needs no attribute.
    #[test]
    fn a_damaged_public_key_is_none_of_this_unit(which: Index, mutations in vec(mutation(), 1..4)) {
        let key = which.get(&SCENE.public);
        let damaged = mutated(key, &mutations);
        prop_assume!(damaged != *key);
        for function in with_key(&SCENE, &damaged) {
            let answer = ask(&function);
            let changes = matches!(function, Function::SetAttributeValue { .. } | Function::RewrapKeyBlob { .. });
            prop_assert!(answer.is_err() || !changes, "{}", function.name());
        }
    }

    #[test]
    fn a_damaged_state_goes_nowhere(which: Index, mutations in vec(mutation(), 1..4)) {
        let (_, state) = which.get(&SCENE.states);
        let damaged = mutated(state, &mutations);
        prop_assume!(damaged != *state);
        for function in with_state(&damaged) {
            prop_assert!(ask(&function).is_err(), "{}", function.name());
        }
    }

    #[test]
    fn a_state_serves_its_purpose_alone(which: Index) {
        let (own, state) = which.get(&SCENE.states);
        for function in with_state(state) {
            let other = match &function {
                Function::Update { purpose, .. } | Function::Final { purpose, .. } | Function::OneShot { purpose, .. } => {
                    purpose != own
                }
                _ => *own != Purpose::Digest,
            };
            if other {
                prop_assert_eq!(ask(&function).err(), Some(ReturnValue::OPERATION_NOT_INITIALIZED));
            }
        }
    }

    #[test]
    fn any_mechanism_with_any_parameter_is_answered(
        Unseen(mechanism) in mechanism(),
        which: Index,
        other: Index,
        purpose in purpose(),
        data in bytes(200),
        (Unseen(one), Unseen(two)) in (attributes(), attributes()),
    ) {
        let keys = [&SCENE.blobs[..], &SCENE.public].concat();
        let (key, kek) = (Some(which.get(&keys).clone()), Some(other.get(&keys).clone()));
        let begun = Function::Init { purpose, mechanism: mechanism.clone(), key: key.clone() };
        if let Ok(Output::State { state, .. }) = ask(&begun) {
            let state = Bytes::from(state);
            let _ = ask(&Function::OneShot { purpose, state: state.clone(), data: data.clone(), signature: data.clone() });
            let _ = ask(&Function::Update { purpose, state, data: data.clone() });
        }
        let m = || mechanism.clone();
        let _ = ask(&Function::Single { purpose, mechanism: m(), key: key.clone(), data: data.clone(), signature: data.clone() });
        let (from_key, to_key) = (key.clone(), kek.clone());
        let _ = ask(&Function::Reencrypt { from: m(), from_key, to: m(), to_key, data: data.clone() });
        let _ = ask(&Function::GenerateKey { mechanism: m(), template: one.clone() });
        let _ = ask(&Function::GenerateKeyPair { mechanism: m(), private: one.clone(), public: two });
        let _ = ask(&Function::WrapKey { mechanism: m(), key: key.clone(), kek: kek.clone(), mac_key: kek.clone() });
        let (wrapped, mac_key) = (data.clone(), key.clone());
        let _ = ask(&Function::UnwrapKey { mechanism: m(), wrapped, kek, mac_key, template: one.clone() });
        let _ = ask(&Function::DeriveKey { mechanism: m(), base_key: key, data, template: one });
        let _ = ask(&Function::GetMechanismInfo { mechanism: mechanism.kind.0 });
    }

    #[test]
    fn any_template_and_any_question_is_answered(
        which: Index,
        Unseen(changes) in attributes(),
        asked in vec(attribute(), 0..6),
        length: u64,
    ) {
        let keys = [&SCENE.blobs[..], &SCENE.public].concat();
        let object = which.get(&keys).clone();
        let _ = ask(&Function::GetAttributeValue { object: object.clone(), asked });
        if let Ok(Output::Blob(blob)) = ask(&Function::SetAttributeValue { object: object.clone(), changes }) {
            prop_assert_eq!(blob.len(), object.len());
        }
        let in_range = (1..=1_000_000).contains(&length);
        prop_assert_eq!(ask(&Function::GenerateRandom { length }).is_ok(), in_range);
    }
}
