//! Mechanisms, keys and templates out of messages.

use std::collections::BTreeMap;

use bytes::Bytes;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_grpc::grep11::attribute_value::OneAttr;
use hpcs_grpc::grep11::mechanism::Parameter as Wire;
use hpcs_grpc::grep11::{self as wire, AttributeValue as WireValue, KeyBlob};
use hpcs_hsm::functions::{
    AggregateParameter, AttributeValue, DeriveParameter, HdParameter, KemParameter, Mechanism, OaepParameter,
    Parameter, PssParameter, Template,
};

/// The mechanism of a message.
///
/// # Errors
/// `MECHANISM_INVALID` when there is none: number 0 would be a mechanism.
pub(super) fn mechanism(wire: Option<wire::Mechanism>) -> Result<Mechanism, ReturnValue> {
    let wire::Mechanism { mechanism, parameter } = wire.ok_or(ReturnValue::MECHANISM_INVALID)?;
    let parameter = match parameter {
        None => Parameter::None,
        Some(Wire::ParameterB(bytes)) => Parameter::Bytes(bytes),
        Some(Wire::RsaoaepParameter(p)) => Parameter::Oaep(OaepParameter {
            hash: p.hash_mech,
            mgf: number(p.mgf),
            source: number(p.encoding_parm_type),
            label: p.encoding_parm,
        }),
        Some(Wire::RsapssParameter(p)) => {
            Parameter::Pss(PssParameter { hash: p.hash_mech, mgf: number(p.mgf), salt_length: p.salt_byte_count })
        }
        Some(Wire::Ecdh1DeriveParameter(p)) => {
            Parameter::Derive(DeriveParameter { kdf: number(p.kdf), shared: p.shared_data, public: p.public_data })
        }
        Some(Wire::BtcDeriveParameter(p)) => Parameter::Hd(HdParameter {
            kind: number(p.r#type),
            index: p.child_key_index,
            chain_code: p.chain_code,
            version: p.version,
        }),
        Some(Wire::EcsgParameter(p)) => Parameter::OtherSignature(number(p.r#type)),
        Some(Wire::KyberKemParameter(p)) => Parameter::Kem(KemParameter {
            version: p.version.into(),
            mode: number(p.mode),
            kdf: number(p.kdf),
            prepend: p.prepend,
            ciphertext: p.cipher_text,
            shared: p.shared_data,
            blob: p.blob,
        }),
        Some(Wire::EcaggParameter(p)) => Parameter::Aggregate(AggregateParameter {
            version: p.version.into(),
            mode: number(p.mode),
            element_size: p.per_element_size.into(),
            elements: p.elements,
        }),
    };
    Ok(Mechanism { kind: MechanismType(mechanism), parameter })
}

/// The number that an enumeration stands for. EP11's own numbers do not fit into protobuf's enumerations: bit 31 travels
/// as bit 23, or as the sign (section 1.6).
fn number(value: i32) -> u64 {
    let bits = value as u32;
    match bits & 0x0080_0000 {
        0 => bits.into(),
        _ => (0x8000_0000 | (bits & 0xFFFF)).into(),
    }
}

/// The key of a message: the first blob of the newer form, or the older form.
pub(super) fn key(blob: Option<KeyBlob>, legacy: Bytes) -> Option<Bytes> {
    let newer = blob.and_then(|blob| blob.key_blobs.into_iter().next());
    newer.or(Some(legacy)).filter(|bytes| !bytes.is_empty())
}

/// The template of a message.
pub(super) fn template(attributes: BTreeMap<u64, WireValue>) -> Template {
    Template::new(pairs(attributes))
}

/// Attributes of a message.
pub(in crate::grpc) fn pairs(
    attributes: BTreeMap<u64, WireValue>,
) -> impl Iterator<Item = (AttributeType, AttributeValue)> {
    attributes.into_iter().map(|(attribute, value)| (AttributeType(attribute), value_of(value)))
}

fn value_of(value: WireValue) -> AttributeValue {
    match value.one_attr {
        None => AttributeValue::Absent,
        Some(OneAttr::AttributeB(bytes)) => AttributeValue::Bytes(bytes.to_vec()),
        Some(OneAttr::AttributeTf(value)) => AttributeValue::Boolean(value),
        Some(OneAttr::AttributeI(number)) => AttributeValue::Integer(number),
    }
}

/// Attributes as a message has them.
pub(in crate::grpc) fn attributes(
    attributes: impl IntoIterator<Item = (AttributeType, AttributeValue)>,
) -> BTreeMap<u64, WireValue> {
    let wire = |value| WireValue {
        one_attr: match value {
            AttributeValue::Bytes(bytes) => Some(OneAttr::AttributeB(bytes.into())),
            AttributeValue::Boolean(value) => Some(OneAttr::AttributeTf(value)),
            AttributeValue::Integer(number) => Some(OneAttr::AttributeI(number)),
            AttributeValue::Absent => None,
        },
    };
    attributes.into_iter().map(|(attribute, value)| (attribute.0, wire(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_ep11_come_back_from_where_protobuf_has_room_for_them() {
        assert_eq!(number(0x0080_0001), 0x8000_0001);
        assert_eq!(number(i32::from_ne_bytes(0x8000_0003_u32.to_ne_bytes())), 0x8000_0003);
        assert_eq!(number(6), 6);
    }

    #[test]
    fn the_newer_form_of_a_key_comes_first_and_nothing_is_no_key() {
        let blob = |bytes: &'static [u8]| KeyBlob { key_blobs: vec![Bytes::from_static(bytes)], ..KeyBlob::default() };
        let old = Bytes::from_static(b"old");
        assert_eq!(key(Some(blob(b"new")), old.clone()).as_deref(), Some(&b"new"[..]));
        assert_eq!(key(Some(KeyBlob::default()), old.clone()).as_deref(), Some(&b"old"[..]));
        assert_eq!(key(None, old).as_deref(), Some(&b"old"[..]));
        assert_eq!(key(None, Bytes::new()), None);
    }
}
