//! Every place where bytes from outside enter a crypto unit's functions, with what must hold for any input.
//!
//! The fuzz targets and the ordinary test `tests/entrances.rs` share this list. No function may panic, and what is sealed
//! is only taken as it was sealed. Since no fuzzer finds an authentication code, an input is tried twice: as it is, and
//! as a change to something right.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_ep11::{AdminCertificate, DomainIndex, KeyPart, ModuleId, P521KeyPair, SigningKey, development_root};
use hpcs_hsm::functions::{
    AttributeValue, Cost, Function, MECHANISMS, Mechanism, OaepParameter, Output, Parameter, PssParameter, Purpose,
    Template, Terms, perform,
};
use hpcs_hsm::{CallEnv, Module, Profile, Unit};
use rand_core::SeedableRng;
use zeroize::Zeroizing;

/// Tries an input and panics when something is wrong with the unit.
pub(crate) type Check = fn(&[u8]);

/// Name of the target, and the check.
pub(crate) const ENTRANCES: &[(&str, Check)] = &[
    ("key_blob", key_blob),
    ("mechanism", mechanism),
    ("operation_state", operation_state),
    ("public_key", public_key),
    ("template", any_template),
    ("wrapped_key", wrapped_key),
];

/// Runs the check of the target `name`.
pub(crate) fn run(name: &str, input: &[u8]) {
    let check = ENTRANCES.iter().find(|(known, _)| *known == name).map(|(_, check)| check);
    assert!(check.is_some(), "no entrance is called {name}");
    if let Some(check) = check {
        check(input);
    }
}

/// What is right at this entrance: inputs to begin with.
#[allow(dead_code, reason = "fuzz targets begin with nothing")]
pub(crate) fn right(name: &str) -> Vec<Bytes> {
    match name {
        "key_blob" => vec![SCENE.aes.clone(), SCENE.private.clone()],
        "public_key" => vec![SCENE.public.clone()],
        "operation_state" => SCENE.states.iter().map(|(_, state)| state.clone()).collect(),
        "wrapped_key" => vec![info(&SCENE.public)],
        "mechanism" => vec![Bytes::from_static(&[41, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9])],
        _ => vec![Bytes::from_static(&[0x61, 1, 1, 2, 0, 32, 4, 1, 0, 1, 1])],
    }
}

/// A unit with a master key that is always the same, and keys of it.
struct Scene {
    unit: Unit,
    aes: Bytes,
    private: Bytes,
    public: Bytes,
    states: Vec<(Purpose, Bytes)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| scene().unwrap_or_else(|| std::process::abort()));

fn scene() -> Option<Scene> {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let id = ModuleId::from_bytes(*b"93AABC01\x00\x11\x22\x33\x44\x55\x66\x77")?;
    let module = Module::manufacture(Profile::Cex8, id, &development_root(), &mut rng);
    let mut parts = Unit::new(Arc::new(module), DomainIndex(3)).parts();
    let administrator = SigningKey::P521(P521KeyPair::generate(&mut rng));
    parts.administrators = vec![AdminCertificate::build("administrator", &administrator).ok()?];
    (parts.signature_threshold, parts.revocation_threshold) = (1, 1);
    parts.current_master_key = Some(Arc::new(KeyPart::filled_by(|bytes| bytes.fill(7))));
    let unit = Unit::from_parts(parts).ok()?;
    let on = [AttributeType::WRAP, AttributeType::UNWRAP, AttributeType::DERIVE, AttributeType::EXTRACTABLE];
    let on = on.map(|attribute| (attribute, AttributeValue::Boolean(true)));
    let template = Template::new(on.into_iter().chain([(AttributeType::VALUE_LEN, AttributeValue::Integer(32))]));
    let made = Function::GenerateKey { mechanism: plain(MechanismType::AES_KEY_GEN), template };
    let Ok(Output::Key { key, .. }) = ask_of(&unit, &made) else { return None };
    let aes = Bytes::from(key.blob);
    let Ok(Output::KeyPair { private, public }) = ask_of(&unit, &pair(Template::default(), curve())) else {
        return None;
    };
    let public = Bytes::from(public.blob);
    let begin = [
        (Purpose::Digest, plain(MechanismType::SHA256), None),
        (Purpose::Encrypt, cbc_pad(), Some(aes.clone())),
        (Purpose::Decrypt, cbc_pad(), Some(aes.clone())),
        (Purpose::Sign, plain(MechanismType::SHA256_HMAC), Some(aes.clone())),
        (Purpose::Verify, plain(MechanismType::ECDSA_SHA256), Some(public.clone())),
    ];
    let mut states = Vec::new();
    for (purpose, mechanism, key) in begin {
        let Ok(Output::State { state, .. }) = ask_of(&unit, &Function::Init { purpose, mechanism, key }) else {
            return None;
        };
        states.push((purpose, state.into()));
    }
    Some(Scene { unit, aes, private: private.blob.into(), public, states })
}

fn ask_of(unit: &Unit, function: &Function) -> Result<Output, ReturnValue> {
    let terms = Terms { control_points: unit.control_points(), sessions: &[] };
    perform(unit, &terms, function, &mut CallEnv::new(&Zeroizing::new([5; 32])))
}

fn ask(function: &Function) -> Result<Output, ReturnValue> {
    ask_of(&SCENE.unit, function)
}

fn plain(kind: MechanismType) -> Mechanism {
    Mechanism { kind, parameter: Parameter::None }
}

fn cbc_pad() -> Mechanism {
    let parameter = Parameter::Bytes(Bytes::from_static(&[1; 16]));
    Mechanism { kind: MechanismType::AES_CBC_PAD, parameter }
}

fn curve() -> Template {
    let p256 = vec![0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
    Template::new([(AttributeType::EC_PARAMS, AttributeValue::Bytes(p256))])
}

fn pair(private: Template, public: Template) -> Function {
    Function::GenerateKeyPair { mechanism: plain(MechanismType::EC_KEY_PAIR_GEN), private, public }
}

/// The public key alone: 91 bytes on P-256.
fn info(key: &Bytes) -> Bytes {
    key.slice(..91)
}

/// What is right, changed where the input is not zero.
fn changed(right: &[u8], input: &[u8]) -> Bytes {
    let mut changed = right.to_vec();
    changed.iter_mut().zip(input).for_each(|(byte, change)| *byte ^= change);
    changed.into()
}

fn with_key(bytes: &Bytes) -> Vec<Function> {
    let (key, aes) = (Some(bytes.clone()), Some(SCENE.aes.clone()));
    let data = Bytes::from_static(b"sixteen bytes of");
    let (signature, wrapped) = (data.clone(), data.clone());
    let ecdsa = plain(MechanismType::ECDSA);
    vec![
        Function::GetAttributeValue { object: bytes.clone(), asked: Vec::new() },
        Function::SetAttributeValue { object: bytes.clone(), changes: Template::default() },
        Function::Init { purpose: Purpose::Encrypt, mechanism: cbc_pad(), key: key.clone() },
        Function::Single {
            purpose: Purpose::Verify,
            mechanism: ecdsa,
            key: key.clone(),
            data: data.clone(),
            signature,
        },
        Function::WrapKey { mechanism: cbc_pad(), key: key.clone(), kek: aes.clone(), mac_key: None },
        Function::WrapKey { mechanism: cbc_pad(), key: aes, kek: key.clone(), mac_key: None },
        Function::UnwrapKey {
            mechanism: cbc_pad(),
            wrapped,
            kek: key.clone(),
            mac_key: None,
            template: Template::default(),
        },
        Function::DeriveKey {
            mechanism: plain(MechanismType::SHA256_KEY_DERIVATION),
            base_key: key.clone(),
            data: Bytes::new(),
            template: Template::default(),
        },
        Function::RewrapKeyBlob { blob: key },
    ]
}

fn key_blob(input: &[u8]) {
    for right in [&SCENE.aes, &SCENE.private] {
        for bytes in [Bytes::copy_from_slice(input), changed(right, input)] {
            let is_right = [&SCENE.aes, &SCENE.private, &SCENE.public].contains(&&bytes);
            for function in with_key(&bytes) {
                // Plain public keys may be any bytes of that form.
                let taken = ask(&function).is_ok() && bytes.first() != Some(&0x30);
                assert!(!taken || is_right, "{} takes a key that this unit never sealed", function.name());
            }
        }
    }
}

fn public_key(input: &[u8]) {
    for bytes in [Bytes::copy_from_slice(input), changed(&SCENE.public, input)] {
        for function in with_key(&bytes) {
            let taken = ask(&function).is_ok();
            let sealed = matches!(function, Function::SetAttributeValue { .. });
            assert!(!(taken && sealed) || [&SCENE.public, &SCENE.aes, &SCENE.private].contains(&&bytes));
        }
    }
}

fn operation_state(input: &[u8]) {
    for (own, right) in &SCENE.states {
        for state in [Bytes::copy_from_slice(input), changed(right, input)] {
            for purpose in Purpose::ALL {
                let data = Bytes::from_static(b"sixteen bytes of");
                let (signature, state) = (data.clone(), state.clone());
                let is_right = SCENE.states.contains(&(purpose, state.clone()));
                let one_shot = Function::OneShot { purpose, state: state.clone(), data: data.clone(), signature };
                let _ = ask(&one_shot);
                let updated = ask(&Function::Update { purpose, state: state.clone(), data });
                assert!(updated.is_err() || is_right, "a state for {own:?} that this unit never sealed");
                let finished = ask(&Function::Final { purpose, state, signature: Bytes::new() });
                assert!(finished.is_err() || is_right, "a state for {own:?} that this unit never sealed");
            }
        }
    }
}

/// Row of the mechanism, kind of parameter, the parameter.
fn mechanism(input: &[u8]) {
    let [row, form, rest @ ..] = input else { return };
    let row = &MECHANISMS[usize::from(*row) % MECHANISMS.len()];
    if row.cost == Cost::Slow {
        return;
    }
    let bytes = Bytes::copy_from_slice(rest);
    let number = |at: usize| rest.get(at).map_or(0, |byte| u64::from(*byte));
    let parameter = match form % 4 {
        0 => Parameter::None,
        1 => Parameter::Bytes(bytes.clone()),
        2 => Parameter::Oaep(OaepParameter {
            hash: number(0) << 4,
            mgf: number(1),
            source: number(2),
            label: bytes.clone(),
        }),
        _ => Parameter::Pss(PssParameter { hash: number(0) << 4, mgf: number(1), salt_length: number(2) }),
    };
    let mechanism = Mechanism { kind: row.kind, parameter };
    for key in [&SCENE.aes, &SCENE.private, &SCENE.public].map(|key| Some(key.clone())) {
        for purpose in Purpose::ALL {
            let (mechanism, data, signature) = (mechanism.clone(), bytes.clone(), bytes.clone());
            let begun = ask(&Function::Init { purpose, mechanism: mechanism.clone(), key: key.clone() });
            if let Ok(Output::State { state, .. }) = begun {
                assert!(state.len() <= 8192 && state[0] != 0x30);
            }
            let _ = ask(&Function::Single { purpose, mechanism, key: key.clone(), data, signature });
        }
        let (mechanism, data, template) = (mechanism.clone(), Bytes::new(), Template::default());
        let _ = ask(&Function::DeriveKey { mechanism, base_key: key, data, template });
    }
}

/// Attributes: low byte and high byte of the number, form, length, value.
fn any_template(mut input: &[u8]) {
    let mut attributes = Vec::new();
    while let [low, high, form, length, rest @ ..] = input {
        let (value, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        let number = value.iter().take(8).fold(0, |number: i64, byte| number << 8 | i64::from(*byte));
        attributes.push((
            AttributeType(u64::from(*low) | u64::from(high & 0x0F) << 8 | u64::from(high & 0x80) << 24),
            match form % 4 {
                0 => AttributeValue::Absent,
                1 => AttributeValue::Boolean(number != 0),
                2 => AttributeValue::Integer(number),
                _ => AttributeValue::Bytes(value.to_vec()),
            },
        ));
        input = rest;
    }
    let template = Template::new(attributes);
    let made = ask(&Function::GenerateKey { mechanism: plain(MechanismType::AES_KEY_GEN), template: template.clone() });
    if let Ok(Output::Key { key, .. }) = made {
        assert!(key.blob.len() <= 9216 && key.blob[0] != 0x30);
    }
    let _ = ask(&pair(template.clone(), curve()));
    let _ = ask(&Function::SetAttributeValue { object: SCENE.aes.clone(), changes: template });
}

/// A public key from outside, and a private key that was encrypted outside.
fn wrapped_key(input: &[u8]) {
    for wrapped in [Bytes::copy_from_slice(input), changed(&info(&SCENE.public), input)] {
        let mechanism = plain(MechanismType::IBM_TRANSPORTKEY);
        let template = Template::default();
        let _ = ask(&Function::UnwrapKey { mechanism, wrapped, kek: None, mac_key: None, template });
    }
    let (purpose, key, data) = (Purpose::Encrypt, Some(SCENE.aes.clone()), Bytes::copy_from_slice(input));
    let encrypt = Function::Single { purpose, mechanism: cbc_pad(), key: key.clone(), data, signature: Bytes::new() };
    let Ok(Output::Bytes(wrapped)) = ask(&encrypt) else { return };
    for (class, key_type) in [(3, 0), (3, 1), (3, 2), (3, 3), (4, 0x10), (4, 0x1F)] {
        let number = AttributeValue::Integer;
        let template = [(AttributeType::CLASS, number(class)), (AttributeType::KEY_TYPE, number(key_type))];
        let (wrapped, template) = (Bytes::copy_from_slice(&wrapped), Template::new(template));
        let _ = ask(&Function::UnwrapKey { mechanism: cbc_pad(), wrapped, kek: key.clone(), mac_key: None, template });
    }
}
