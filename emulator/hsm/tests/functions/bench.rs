//! A unit with a master key, and short ways to ask it.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_ep11::{AdminFunction, ControlPoints};
use hpcs_hsm::functions::{
    AttributeValue, Function, Mechanism, NewKey, Output, Parameter, Purpose, Template, Terms, perform,
};
use hpcs_hsm::{CallEnv, Profile, Unit};
use zeroize::Zeroizing;

use crate::support::{RECOVERY, administered, assume, attributes, factory, secured};

/// A unit and what its caller may do with it. Equal calls have their own randomness each.
pub(crate) struct Bench {
    pub(crate) unit: Unit,
    pub(crate) control_points: ControlPoints,
    calls: AtomicU64,
}

pub(crate) type Answer = Result<Output, ReturnValue>;

impl Bench {
    /// A unit of the present generation with a random master key.
    pub(crate) fn new() -> Self {
        Bench::with_administrators(1)
    }

    /// The same after another number of commands, and so with another master key.
    pub(crate) fn with_administrators(count: u8) -> Self {
        Bench::of(assume(&secured(count, 1, 1, RECOVERY), AdminFunction::RANDOM_WK, &[]))
    }

    pub(crate) fn generation(profile: Profile) -> Self {
        let unit = administered(factory(profile), 1);
        let unit = assume(&unit, AdminFunction::SET_ATTRIBUTES, &attributes(1, 1, RECOVERY));
        Bench::of(assume(&unit, AdminFunction::RANDOM_WK, &[]))
    }

    pub(crate) fn of(unit: Unit) -> Self {
        let control_points = unit.control_points();
        Bench { unit, control_points, calls: AtomicU64::new(0) }
    }

    /// The same unit for a caller without these control points.
    pub(crate) fn without(&self, points: &[u8]) -> Self {
        let control_points = self.control_points.minus(&ControlPoints::of(points));
        Bench { control_points, ..Bench::of(self.unit.clone()) }
    }

    pub(crate) fn ask(&self, function: &Function) -> Answer {
        let mut seed = [3; 32];
        seed[..8].copy_from_slice(&self.calls.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let terms = Terms { control_points: self.control_points, sessions: &[] };
        perform(&self.unit, &terms, function, &mut CallEnv::new(&Zeroizing::new(seed)))
    }

    pub(crate) fn refused(&self, function: &Function) -> ReturnValue {
        self.ask(function).err().unwrap_or_else(|| panic!("{} is carried out", function.name()))
    }

    /// The key and checksum that a function gives.
    pub(crate) fn key(&self, function: &Function) -> (NewKey, Vec<u8>) {
        match self.ask(function) {
            Ok(Output::Key { key, checksum }) => (key, checksum),
            Ok(_) => panic!("{} gives no key", function.name()),
            Err(refusal) => panic!("{}: {refusal}", function.name()),
        }
    }

    pub(crate) fn bytes(&self, function: &Function) -> Bytes {
        match self.ask(function) {
            Ok(Output::Bytes(bytes)) => Bytes::copy_from_slice(&bytes),
            Ok(_) => panic!("{} gives no bytes", function.name()),
            Err(refusal) => panic!("{}: {refusal}", function.name()),
        }
    }

    /// The blob of a new secret key with these attributes, and no others, true.
    pub(crate) fn secret(&self, kind: MechanismType, length: i64, on: &[AttributeType]) -> Bytes {
        self.key(&generate(kind, length, on)).0.blob.into()
    }

    /// An AES-256 key for everything.
    pub(crate) fn aes(&self) -> Bytes {
        use AttributeType as A;
        let everything = [A::WRAP, A::UNWRAP, A::DERIVE, A::EXTRACTABLE, A::IBM_USE_AS_DATA];
        self.secret(MechanismType::AES_KEY_GEN, 32, &everything)
    }

    /// Private and public key of a new pair.
    pub(crate) fn pair(&self, function: &Function) -> (Bytes, Bytes) {
        match self.ask(function) {
            Ok(Output::KeyPair { private, public }) => (private.blob.into(), public.blob.into()),
            Ok(_) => panic!("{} gives no pair", function.name()),
            Err(refusal) => panic!("{}: {refusal}", function.name()),
        }
    }

    /// A pair on this curve with every usage that it can have.
    pub(crate) fn curve(&self, curve: &[u8]) -> (Bytes, Bytes) {
        self.pair(&on_curve(curve))
    }

    /// A pair of RSA keys for everything, just large enough.
    pub(crate) fn rsa(&self) -> (Bytes, Bytes) {
        use AttributeType as A;
        self.pair(&Function::GenerateKeyPair {
            mechanism: plain(MechanismType::RSA_PKCS_KEY_PAIR_GEN),
            private: template([(A::UNWRAP, TRUE), (A::EXTRACTABLE, TRUE)]),
            public: template([(A::MODULUS_BITS, number(1024)), (A::PUBLIC_EXPONENT, number(65537)), (A::WRAP, TRUE)]),
        })
    }

    /// The mechanisms that the unit lists.
    pub(crate) fn list(&self) -> Vec<MechanismType> {
        match self.ask(&Function::GetMechanismList) {
            Ok(Output::Mechanisms(numbers)) => numbers.into_iter().map(MechanismType).collect(),
            _ => panic!("no list"),
        }
    }

    /// The truth values of a key.
    pub(crate) fn attribute(&self, object: &Bytes, attribute: AttributeType) -> AttributeValue {
        match self.ask(&Function::GetAttributeValue { object: object.clone(), asked: vec![attribute] }) {
            Ok(Output::Attributes(found)) => found[0].1.clone(),
            Ok(_) => panic!("no attributes"),
            Err(refusal) => panic!("{attribute}: {refusal}"),
        }
    }
}

pub(crate) const TRUE: AttributeValue = AttributeValue::Boolean(true);
pub(crate) const FALSE: AttributeValue = AttributeValue::Boolean(false);

pub(crate) fn number(number: i64) -> AttributeValue {
    AttributeValue::Integer(number)
}

pub(crate) fn template(attributes: impl IntoIterator<Item = (AttributeType, AttributeValue)>) -> Template {
    Template::new(attributes)
}

pub(crate) fn plain(kind: MechanismType) -> Mechanism {
    Mechanism { kind, parameter: Parameter::None }
}

/// A mechanism with bytes as its parameter.
pub(crate) fn with_bytes(kind: MechanismType, bytes: &[u8]) -> Mechanism {
    Mechanism { kind, parameter: Parameter::Bytes(Bytes::copy_from_slice(bytes)) }
}

pub(crate) fn cbc_pad() -> Mechanism {
    with_bytes(MechanismType::AES_CBC_PAD, &[1; 16])
}

pub(crate) fn generate(kind: MechanismType, length: i64, on: &[AttributeType]) -> Function {
    let on = on.iter().map(|attribute| (*attribute, TRUE));
    Function::GenerateKey {
        mechanism: plain(kind),
        template: template(on.chain([(AttributeType::VALUE_LEN, number(length))])),
    }
}

pub(crate) fn on_curve(curve: &[u8]) -> Function {
    use AttributeType as A;
    Function::GenerateKeyPair {
        mechanism: plain(MechanismType::EC_KEY_PAIR_GEN),
        private: template([(A::SIGN, TRUE), (A::DERIVE, TRUE), (A::EXTRACTABLE, TRUE)]),
        public: template([(A::EC_PARAMS, AttributeValue::Bytes(curve.to_vec())), (A::VERIFY, TRUE)]),
    }
}

pub(crate) fn single(purpose: Purpose, mechanism: Mechanism, key: &Bytes, data: &[u8]) -> Function {
    let (key, data) = (Some(key.clone()), Bytes::copy_from_slice(data));
    Function::Single { purpose, mechanism, key, data, signature: Bytes::new() }
}

pub(crate) fn init(purpose: Purpose, mechanism: Mechanism, key: &Bytes) -> Function {
    Function::Init { purpose, mechanism, key: Some(key.clone()) }
}

pub(crate) fn wrap(mechanism: Mechanism, key: &Bytes, kek: &Bytes) -> Function {
    Function::WrapKey { mechanism, key: Some(key.clone()), kek: Some(kek.clone()), mac_key: None }
}

/// Takes in what is wrapped as a secret key of this type, with these attributes true.
pub(crate) fn unwrap(
    mechanism: Mechanism,
    wrapped: &Bytes,
    kek: &Bytes,
    key_type: u32,
    on: &[AttributeType],
) -> Function {
    let kind = [(AttributeType::CLASS, number(4)), (AttributeType::KEY_TYPE, number(key_type.into()))];
    let template = template(on.iter().map(|attribute| (*attribute, TRUE)).chain(kind));
    Function::UnwrapKey { mechanism, wrapped: wrapped.clone(), kek: Some(kek.clone()), mac_key: None, template }
}

pub(crate) fn derive(mechanism: Mechanism, base_key: &Bytes) -> Function {
    Function::DeriveKey { mechanism, base_key: Some(base_key.clone()), data: Bytes::new(), template: template([]) }
}

/// Object identifiers of curves.
pub(crate) const P256: &[u8] = &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
pub(crate) const SECP256K1: &[u8] = &[0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A];
pub(crate) const ED25519: &[u8] = &[0x06, 0x03, 0x2B, 0x65, 0x70];
pub(crate) const X25519: &[u8] = &[0x06, 0x03, 0x2B, 0x65, 0x6E];
/// brainpoolP256r1.
pub(crate) const BP256R: &[u8] = &[0x06, 0x09, 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07];
