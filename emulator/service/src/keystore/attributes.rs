//! Attributes of keystores and their keys.

use std::collections::BTreeMap;

use hpcs_ep11::pkcs11::{AttributeType, ReturnValue};
use hpcs_hsm::functions::{AttributeValue, is_value, truth};

/// Attributes by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<AttributeType, AttributeValue>);

/// Characters of `CKA_LABEL` (section 8.1).
const LONGEST_LABEL: usize = 32;

/// Bytes of all values together, so that a record stays a record.
const MOST_BYTES: usize = 8 * 1024;

/// How many there may be.
const MOST: usize = 128;

/// What the service itself says of a stored key. A client that sends back what it read sends these too.
const OF_THE_SERVICE: [AttributeType; 3] =
    [AttributeType::GREP11_WKID, AttributeType::GREP11_NEXTWKID, AttributeType::GREP11_KEYBLOB_HAS_ROTATION];

impl FromIterator<(AttributeType, AttributeValue)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (AttributeType, AttributeValue)>>(attributes: I) -> Self {
        Attributes(attributes.into_iter().collect())
    }
}

impl Attributes {
    /// The attributes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeType, &AttributeValue)> {
        self.0.iter().map(|(attribute, value)| (*attribute, value))
    }

    /// The value of one.
    pub fn get(&self, attribute: AttributeType) -> Option<&AttributeValue> {
        self.0.get(&attribute)
    }

    /// The truth value of one; `None` where there is none.
    pub fn truth(&self, attribute: AttributeType) -> Option<bool> {
        self.get(attribute).and_then(truth)
    }

    /// Sets one.
    pub fn set(&mut self, attribute: AttributeType, value: AttributeValue) {
        self.0.insert(attribute, value);
    }

    /// These, and where they say something the others do not count.
    #[must_use]
    pub fn over(mut self, others: Attributes) -> Self {
        for (attribute, value) in others.0 {
            self.0.entry(attribute).or_insert(value);
        }
        self
    }

    /// Bytes of all values.
    pub fn size(&self) -> usize {
        self.0.values().map(|value| if let AttributeValue::Bytes(bytes) = value { bytes.len() } else { 8 }).sum()
    }

    /// Whether each attribute of `asked` has exactly the value that is asked for.
    pub fn matches(&self, asked: &Attributes) -> bool {
        asked.iter().all(|(attribute, value)| self.get(attribute).is_some_and(|has| is_value(has, value)))
    }

    /// What a client states, without what only the service says.
    ///
    /// # Errors
    /// `ATTRIBUTE_VALUE_INVALID` for a value that is absent and for a label of more than 32 characters,
    /// `ATTRIBUTE_TYPE_INVALID` for a password, which has a field of its own, `ARGUMENTS_BAD` for more than a record holds.
    pub(crate) fn stated(mut self) -> Result<Self, ReturnValue> {
        if self.0.contains_key(&AttributeType::GREP11_KEYSTORE_PASSWORD) {
            return Err(ReturnValue::ATTRIBUTE_TYPE_INVALID);
        }
        if self.0.values().any(|value| matches!(value, AttributeValue::Absent)) {
            return Err(ReturnValue::ATTRIBUTE_VALUE_INVALID);
        }
        if let Some(AttributeValue::Bytes(label)) = self.get(AttributeType::LABEL)
            && characters(label) > LONGEST_LABEL
        {
            return Err(ReturnValue::ATTRIBUTE_VALUE_INVALID);
        }
        if self.0.len() > MOST || self.size() > MOST_BYTES {
            return Err(ReturnValue::ARGUMENTS_BAD);
        }
        self.0.retain(|attribute, _| !OF_THE_SERVICE.contains(attribute));
        Ok(self)
    }
}

/// Characters of a text; of what is no text, bytes.
pub(super) fn characters(text: &[u8]) -> usize {
    std::str::from_utf8(text).map_or(text.len(), |text| text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Attributes {
        Attributes::from_iter([(AttributeType::LABEL, AttributeValue::Bytes(text.as_bytes().to_vec()))])
    }

    #[test]
    fn a_label_has_32_characters_whatever_their_bytes() {
        assert!(label(&"\u{1f511}".repeat(32)).stated().is_ok());
        assert_eq!(label(&"a".repeat(33)).stated(), Err(ReturnValue::ATTRIBUTE_VALUE_INVALID));
    }

    #[test]
    fn a_password_is_no_attribute_and_what_the_service_says_does_not_come_back() {
        let one = |attribute| Attributes::from_iter([(attribute, AttributeValue::Bytes(b"secret1".to_vec()))]);
        let password = one(AttributeType::GREP11_KEYSTORE_PASSWORD).stated();
        assert_eq!(password, Err(ReturnValue::ATTRIBUTE_TYPE_INVALID));
        assert_eq!(one(AttributeType::GREP11_WKID).stated(), Ok(Attributes::default()));
    }

    #[test]
    fn all_that_is_asked_for_has_to_match() {
        let key = label("a").over(Attributes::from_iter([(AttributeType::SIGN, AttributeValue::Boolean(true))]));
        let sign = |value| Attributes::from_iter([(AttributeType::SIGN, AttributeValue::Integer(value))]);
        assert!(key.matches(&Attributes::default()) && key.matches(&label("a").over(sign(1))));
        assert!(!key.matches(&label("a").over(sign(0))) && !key.matches(&label("b")));
        assert!(!label("a").matches(&sign(0)), "what a key does not have has no value");
    }
}
