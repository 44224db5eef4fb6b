//! Calls of an instance's interfaces.

use hpcs_ep11::pkcs11::{AttributeType, MechanismType};
use hpcs_hsm::functions::{AttributeValue, Function, Mechanism, Parameter, Template};
use hpcs_names::InstanceId;
use hpcs_service::{Addressee, Call, CryptoAsk, Refusal};

/// A call that names its instance. Equal ones have equal digests.
pub fn call<A>(instance: InstanceId, method: &'static str, asked: Result<A, Refusal>, digest: [u8; 32]) -> Call<A> {
    Call { instance: Addressee::Instance(instance), method, asked, digest, occurrence: 0 }
}

/// What `GenerateKey` asks for an AES key of 256 bits.
pub fn generate_aes() -> CryptoAsk {
    let mechanism = Mechanism { kind: MechanismType::AES_KEY_GEN, parameter: Parameter::None };
    let template = Template::new([(AttributeType::VALUE_LEN, AttributeValue::Integer(32))]);
    CryptoAsk::Function(Box::new(Function::GenerateKey { mechanism, template }))
}
