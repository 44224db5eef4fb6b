//! Attributes as callers state them.

use std::collections::BTreeMap;
use std::fmt;

use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass, ReturnValue};

use super::Outcome;

/// The value of an attribute, in one of the forms that a caller may choose. Which form is up to the caller's language,
/// so each kind of attribute takes them all (section 1.5).
#[derive(Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A truth value.
    Boolean(bool),
    /// A number.
    Integer(i64),
    /// Nothing: an attribute that is asked for.
    Absent,
}

impl fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttributeValue::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            AttributeValue::Boolean(value) => write!(f, "{value}"),
            AttributeValue::Integer(value) => write!(f, "{value}"),
            AttributeValue::Absent => f.write_str("absent"),
        }
    }
}

impl AttributeValue {
    /// The truth value it stands for.
    pub(crate) fn boolean(&self) -> Outcome<bool> {
        match self {
            AttributeValue::Boolean(value) => Ok(*value),
            AttributeValue::Integer(number) => Ok(*number != 0),
            AttributeValue::Bytes(bytes) => match bytes[..] {
                [byte] => Ok(byte != 0),
                _ => Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
            },
            AttributeValue::Absent => Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
        }
    }

    /// The number it stands for; bytes are big-endian.
    pub(crate) fn number(&self) -> Outcome<u64> {
        match self {
            AttributeValue::Boolean(value) => Ok(u64::from(*value)),
            AttributeValue::Integer(number) => u64::try_from(*number).map_err(|_| ReturnValue::ATTRIBUTE_VALUE_INVALID),
            AttributeValue::Bytes(bytes) if (1..=8).contains(&bytes.len()) => {
                Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            AttributeValue::Bytes(_) | AttributeValue::Absent => Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
        }
    }

    /// The bytes it stands for; a number in as few bytes as it needs.
    pub(crate) fn bytes(&self) -> Outcome<Vec<u8>> {
        match self {
            AttributeValue::Bytes(bytes) => Ok(bytes.clone()),
            AttributeValue::Boolean(value) => Ok(vec![u8::from(*value)]),
            AttributeValue::Integer(_) => {
                let bytes = self.number()?.to_be_bytes();
                Ok(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
            }
            AttributeValue::Absent => Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
        }
    }
}

/// Attributes that a key shall have, or that shall change.
#[derive(Clone, Default)]
pub struct Template(BTreeMap<AttributeType, AttributeValue>);

impl Template {
    /// A template of these attributes; of several with one number the last counts.
    pub fn new(attributes: impl IntoIterator<Item = (AttributeType, AttributeValue)>) -> Self {
        Template(attributes.into_iter().collect())
    }

    /// The attributes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeType, &AttributeValue)> {
        self.0.iter().map(|(attribute, value)| (*attribute, value))
    }

    /// Whether the attribute is there.
    pub(crate) fn has(&self, attribute: AttributeType) -> bool {
        self.0.contains_key(&attribute)
    }

    pub(crate) fn boolean(&self, attribute: AttributeType) -> Outcome<Option<bool>> {
        self.0.get(&attribute).map(AttributeValue::boolean).transpose()
    }

    pub(crate) fn number(&self, attribute: AttributeType) -> Outcome<Option<u64>> {
        self.0.get(&attribute).map(AttributeValue::number).transpose()
    }

    pub(crate) fn bytes(&self, attribute: AttributeType) -> Outcome<Option<Vec<u8>>> {
        self.0.get(&attribute).map(AttributeValue::bytes).transpose()
    }

    /// `CKA_VALUE_LEN`, bytes.
    pub(crate) fn value_len(&self) -> Outcome<Option<usize>> {
        let length = self.number(AttributeType::VALUE_LEN)?;
        Ok(length.map(|length| usize::try_from(length).unwrap_or(usize::MAX)))
    }

    /// `CKA_KEY_TYPE`.
    pub(crate) fn key_type(&self) -> Outcome<Option<KeyType>> {
        let number = self.number(AttributeType::KEY_TYPE)?;
        let narrow = |number| u32::try_from(number).map_err(|_| ReturnValue::ATTRIBUTE_VALUE_INVALID);
        Ok(number.map(narrow).transpose()?.map(KeyType))
    }

    /// `CKA_CLASS`.
    pub(crate) fn class(&self) -> Outcome<Option<ObjectClass>> {
        let number = self.number(AttributeType::CLASS)?;
        let narrow = |number| u32::try_from(number).map_err(|_| ReturnValue::ATTRIBUTE_VALUE_INVALID);
        Ok(number.map(narrow).transpose()?.map(ObjectClass))
    }

    /// Refuses a class or a key type that contradicts what the mechanism makes.
    pub(crate) fn agree_on(&self, class: ObjectClass, key_type: KeyType) -> Outcome<()> {
        let other_class = self.class()?.is_some_and(|stated| stated != class);
        let other_type = self.key_type()?.is_some_and(|stated| stated != key_type);
        if other_class || other_type { Err(ReturnValue::TEMPLATE_INCONSISTENT) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_every_form_that_a_language_may_choose() {
        let forms = [AttributeValue::Boolean(true), AttributeValue::Integer(1), AttributeValue::Bytes(vec![1])];
        for form in forms {
            assert_eq!(form.boolean(), Ok(true));
            assert_eq!(form.number(), Ok(1));
            assert_eq!(form.bytes(), Ok(vec![1]));
        }
        assert_eq!(AttributeValue::Integer(65537).bytes(), Ok(vec![1, 0, 1]));
        assert_eq!(AttributeValue::Bytes(vec![1, 0, 1]).number(), Ok(65537));
    }

    #[test]
    fn what_is_no_value_of_the_kind_is_refused() {
        let refused = ReturnValue::ATTRIBUTE_VALUE_INVALID;
        assert_eq!(AttributeValue::Bytes(vec![0, 1]).boolean(), Err(refused));
        assert_eq!(AttributeValue::Bytes(vec![0; 9]).number(), Err(refused));
        assert_eq!(AttributeValue::Bytes(Vec::new()).number(), Err(refused));
        assert_eq!(AttributeValue::Integer(-1).number(), Err(refused));
        assert_eq!(AttributeValue::Absent.boolean(), Err(refused));
    }
}
