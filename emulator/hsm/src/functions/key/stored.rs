//! Attributes that are kept with a key and that nothing in the unit depends on.

use std::collections::BTreeMap;

use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};

use crate::functions::Outcome;
use crate::functions::template::{AttributeValue, Template};

/// The attributes, ascending.
#[derive(Clone, Default)]
pub(crate) struct Stored(BTreeMap<AttributeType, AttributeValue>);

/// How an attribute is kept.
enum Form {
    Boolean,
    Integer,
    Bytes,
}

/// Attributes of a template that are kept as they are.
const KEPT: &[(AttributeType, Form)] = &[
    (AttributeType::TOKEN, Form::Boolean),
    (AttributeType::PRIVATE, Form::Boolean),
    (AttributeType::LABEL, Form::Bytes),
    (AttributeType::APPLICATION, Form::Bytes),
    (AttributeType::SUBJECT, Form::Bytes),
    (AttributeType::ID, Form::Bytes),
    (AttributeType::COPYABLE, Form::Boolean),
    (AttributeType::DESTROYABLE, Form::Boolean),
    (AttributeType::IBM_KEYTYPE, Form::Integer),
    (AttributeType::IBM_CV, Form::Bytes),
];

impl Stored {
    /// What a template says, and which mechanism the key comes from.
    ///
    /// # Errors
    /// `ATTRIBUTE_VALUE_INVALID` for a value of another kind, or for more of them than a blob has room for.
    pub(crate) fn new(template: &Template, mechanism: MechanismType) -> Outcome<Self> {
        let mut stored = BTreeMap::new();
        for (attribute, form) in KEPT {
            let value = match form {
                Form::Boolean => template.boolean(*attribute)?.map(AttributeValue::Boolean),
                Form::Integer => template.number(*attribute)?.map(|number| AttributeValue::Integer(number as i64)),
                Form::Bytes => template.bytes(*attribute)?.map(AttributeValue::Bytes),
            };
            if let Some(value) = value {
                stored.insert(*attribute, value);
            }
        }
        // The numbers of mechanisms are below 2^32.
        stored.insert(AttributeType::KEY_GEN_MECHANISM, AttributeValue::Integer(mechanism.0 as i64));
        let stored = Stored(stored);
        if stored.encode().len() > MAX_SIZE { Err(ReturnValue::ATTRIBUTE_VALUE_INVALID) } else { Ok(stored) }
    }

    pub(crate) fn get(&self, attribute: AttributeType) -> Option<&AttributeValue> {
        self.0.get(&attribute)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (AttributeType, &AttributeValue)> {
        self.0.iter().map(|(attribute, value)| (*attribute, value))
    }

    /// Whether the attribute is one that is kept as it is stated.
    pub(crate) fn keeps(attribute: AttributeType) -> bool {
        KEPT.iter().any(|(kept, _)| *kept == attribute)
    }

    /// Each attribute: number (4 bytes), form (1), length (2), value.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (attribute, value) in &self.0 {
            let (form, bytes) = match value {
                AttributeValue::Boolean(value) => (BOOLEAN, vec![u8::from(*value)]),
                AttributeValue::Integer(number) => (INTEGER, number.to_be_bytes().to_vec()),
                AttributeValue::Bytes(bytes) => (BYTES, bytes.clone()),
                AttributeValue::Absent => continue,
            };
            out.extend((attribute.0 as u32).to_be_bytes());
            out.push(form);
            out.extend((bytes.len() as u16).to_be_bytes());
            out.extend(bytes);
        }
        out
    }

    /// Reads what [`Stored::encode`] wrote; `None` when it is something else.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut stored = BTreeMap::new();
        while let Some((head, rest)) = bytes.split_first_chunk::<7>() {
            let [a, b, c, d, form, high, low] = *head;
            let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
            let value = match form {
                BOOLEAN => AttributeValue::Boolean(*value.first()? != 0),
                INTEGER => AttributeValue::Integer(i64::from_be_bytes(value.try_into().ok()?)),
                BYTES => AttributeValue::Bytes(value.to_vec()),
                _ => return None,
            };
            stored.insert(AttributeType(u64::from(u32::from_be_bytes([a, b, c, d]))), value);
            bytes = rest;
        }
        bytes.is_empty().then_some(Stored(stored))
    }
}

const BOOLEAN: u8 = 1;
const INTEGER: u8 = 2;
const BYTES: u8 = 3;

/// Bytes of all of them together: a blob has at most 9,216 bytes, and the largest key is below 6,000.
const MAX_SIZE: usize = 2048;
