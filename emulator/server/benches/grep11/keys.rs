//! Keys that both services have: made here, and imported into the emulator.
//!
//! They are wrapped under a key that both sides agree on by Diffie-Hellman, as an application would bring its keys along.

use std::collections::BTreeMap;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use hpcs_crypto::block::{BlockCipher, CipherKey, CipherStream, Direction, Mode};
use hpcs_crypto::ec::agreement::agree;
use hpcs_crypto::ec::{Curve, PrivateKey, PublicKey, spki_length};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismType, ObjectClass};
use hpcs_grpc::grep11::attribute_value::OneAttr;
use hpcs_grpc::grep11::mechanism::Parameter;
use hpcs_grpc::grep11::{self as wire, AttributeValue, Ecdh1DeriveParm, KeyBlob, Mechanism};
use rand_core::SeedableRng;
use zeroize::Zeroizing;

use crate::questions::Emulator;

/// What keys of the two services can be wrapped under: its blob, and its value.
pub struct TransportKey {
    blob: KeyBlob,
    value: Zeroizing<Vec<u8>>,
}

impl TransportKey {
    /// Agrees on one.
    pub async fn agree(emulator: &mut Emulator) -> Self {
        let own = PrivateKey::generate(Curve::P256, &mut rng());
        let pair = wire::GenerateKeyPairRequest {
            mech: Some(mechanism(MechanismType::EC_KEY_PAIR_GEN, None)),
            priv_key_template: template([(AttributeType::DERIVE, yes())]),
            pub_key_template: template([(AttributeType::EC_PARAMS, bytes(Curve::P256.object_identifier()))]),
        };
        let pair = emulator.generate_key_pair(pair).await.unwrap().into_inner();
        let info = spki_length(&pair.pub_key_bytes).map(|length| &pair.pub_key_bytes[..length]).unwrap();
        let value = agree(&own, &PublicKey::from_spki_der(info).unwrap()).unwrap();
        let public = own.public().as_bytes().to_vec().into();
        let parameter = Ecdh1DeriveParm { kdf: 1, shared_data: Bytes::new(), public_data: public };
        let derive = wire::DeriveKeyRequest {
            mech: Some(mechanism(MechanismType::ECDH1_DERIVE, Some(Parameter::Ecdh1DeriveParameter(parameter)))),
            base_key: pair.priv_key,
            template: template([
                (AttributeType::CLASS, number(ObjectClass::SECRET_KEY.0)),
                (AttributeType::KEY_TYPE, number(KeyType::AES.0)),
                (AttributeType::VALUE_LEN, number(value.len() as u32)),
                (AttributeType::UNWRAP, yes()),
            ]),
            ..Default::default()
        };
        let blob = emulator.derive_key(derive).await.unwrap().into_inner().new_key.unwrap();
        TransportKey { blob, value }
    }

    /// Imports a key for this use.
    pub async fn import(
        &self,
        emulator: &mut Emulator,
        clear: &[u8],
        (class, key_type): (ObjectClass, KeyType),
        usage: AttributeType,
    ) -> KeyBlob {
        let iv = [7; 16];
        let key = CipherKey::new(BlockCipher::Aes, &self.value).unwrap();
        let stream = CipherStream::start(key, Direction::Encrypt, Mode::CbcPad, &iv).unwrap();
        let wrapped = stream.complete(clear).unwrap().to_vec();
        let unwrap = wire::UnwrapKeyRequest {
            wrapped: wrapped.into(),
            ke_k: Some(self.blob.clone()),
            mech: Some(mechanism(MechanismType::AES_CBC_PAD, Some(Parameter::ParameterB(iv.to_vec().into())))),
            template: template([
                (AttributeType::CLASS, number(class.0)),
                (AttributeType::KEY_TYPE, number(key_type.0)),
                (usage, yes()),
            ]),
            ..Default::default()
        };
        emulator.unwrap_key(unwrap).await.unwrap().into_inner().unwrapped.unwrap()
    }
}

/// The same key in the same record, in the clear where the emulator has its blob.
pub fn clear(blob: &KeyBlob, value: &[u8]) -> KeyBlob {
    KeyBlob { key_blobs: vec![Bytes::copy_from_slice(value)], ..blob.clone() }
}

pub fn mechanism(kind: MechanismType, parameter: Option<Parameter>) -> Mechanism {
    Mechanism { mechanism: kind.0, parameter }
}

/// Keys are the same in every run.
pub fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([7; 32])
}

fn template<const N: usize>(attributes: [(AttributeType, AttributeValue); N]) -> BTreeMap<u64, AttributeValue> {
    attributes.into_iter().map(|(attribute, value)| (attribute.0, value)).collect()
}

fn yes() -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeTf(true)) }
}

fn number(value: u32) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeI(value.into())) }
}

fn bytes(value: &[u8]) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeB(Bytes::copy_from_slice(value))) }
}
