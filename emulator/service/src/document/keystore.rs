//! EP11 keystores and their keys in documents: values of the store, and lines of export files.
//!
//! Nothing in them is a secret to be sealed: blobs are encrypted under the master key, and the contents of a keystore
//! with a password under that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hpcs_ep11::pkcs11::AttributeType;
use hpcs_hsm::functions::AttributeValue;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::instance::{UUID, parsed};
use super::unit::given;
use super::{DocumentFault, Why, moment, moment_text};
use crate::keystore::{
    Attributes, BUCKETS, BucketSizes, Entry, KeyContent, KeyRecord, Keystore, KeystoreType, Lock, StoredContent,
};

/// A keystore without its keys.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeystoreDocument {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: TypeName,
    created_by: String,
    created: String,
    version: u64,
    transaction: Octets,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<AttributeForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lock: Option<LockForm>,
    /// Two bytes a bucket, big-endian.
    sizes: Octets,
}

/// A key of a keystore.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDocument {
    id: String,
    keystore: String,
    version: u64,
    transaction: Octets,
    created: String,
    updated: String,
    /// As it is, or [locked](KeyDocument::locked).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<OpenForm>,
    /// Encrypted under the password of the keystore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locked: Option<Octets>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TypeName {
    Public,
    Private,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LockForm {
    salt: Octets,
    rounds: u32,
    check: Octets,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenForm {
    attributes: Vec<AttributeForm>,
    entries: Vec<EntryForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryForm {
    wrapping_key: Octets,
    blob: Octets,
}

/// Number and value of an attribute.
#[derive(Serialize, Deserialize)]
struct AttributeForm(u64, ValueForm);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ValueForm {
    Boolean(bool),
    Integer(i64),
    Bytes(Octets),
}

/// Bytes in base64 and nothing else: clients choose them, so a text of hexadecimal digits may be meant as base64.
struct Octets(Vec<u8>);

impl KeystoreDocument {
    /// The document of a keystore.
    pub fn of(keystore: &Keystore) -> Self {
        let Keystore { id, name, kind, created_by, created, version, transaction, attributes, lock, sizes } = keystore;
        KeystoreDocument {
            id: id.to_string(),
            name: name.clone(),
            kind: match kind {
                KeystoreType::Public => TypeName::Public,
                KeystoreType::Private => TypeName::Private,
            },
            created_by: created_by.clone(),
            created: moment_text(*created),
            version: *version,
            transaction: Octets(transaction.to_vec()),
            attributes: attributes_form(attributes),
            lock: lock.as_ref().map(|lock| LockForm {
                salt: Octets(lock.salt.to_vec()),
                rounds: lock.rounds,
                check: Octets(lock.check.clone()),
            }),
            sizes: Octets(sizes.as_array().iter().flat_map(|size| size.to_be_bytes()).collect()),
        }
    }

    /// The keystore.
    ///
    /// # Errors
    /// [`DocumentFault`] with the path of the first value that cannot be.
    pub fn into_keystore(self) -> Result<Keystore, DocumentFault> {
        let mut sizes = [0; BUCKETS];
        let bytes: [u8; 2 * BUCKETS] = self.sizes.array("sizes", "512")?;
        for (size, bytes) in sizes.iter_mut().zip(bytes.chunks_exact(2)) {
            *size = bytes.iter().fold(0, |size, byte| size << 8 | u16::from(*byte));
        }
        let lock = |lock: LockForm| {
            Ok::<_, DocumentFault>(Lock {
                salt: lock.salt.array("lock.salt", "16")?,
                rounds: lock.rounds,
                check: lock.check.0,
            })
        };
        Ok(Keystore {
            id: id("id", &self.id)?,
            name: self.name,
            kind: match self.kind {
                TypeName::Public => KeystoreType::Public,
                TypeName::Private => KeystoreType::Private,
            },
            created_by: self.created_by,
            created: time("created", &self.created)?,
            version: self.version,
            transaction: self.transaction.array("transaction", "16")?,
            attributes: attributes(self.attributes),
            lock: self.lock.map(lock).transpose()?,
            sizes: BucketSizes::new(sizes),
        })
    }
}

impl KeyDocument {
    /// The document of a key.
    pub fn of(key: &KeyRecord) -> Self {
        let (content, locked) = match &key.content {
            StoredContent::Open(content) => (Some(OpenForm::of(content)), None),
            StoredContent::Locked(sealed) => (None, Some(Octets(sealed.clone()))),
        };
        KeyDocument {
            id: key.id.to_string(),
            keystore: key.keystore.to_string(),
            version: key.version,
            transaction: Octets(key.transaction.to_vec()),
            created: moment_text(key.created),
            updated: moment_text(key.updated),
            content,
            locked,
        }
    }

    /// The key.
    ///
    /// # Errors
    /// [`DocumentFault`] with the path of the first value that cannot be.
    pub fn into_key(self) -> Result<KeyRecord, DocumentFault> {
        Ok(KeyRecord {
            id: id("id", &self.id)?,
            keystore: id("keystore", &self.keystore)?,
            version: self.version,
            transaction: self.transaction.array("transaction", "16")?,
            created: time("created", &self.created)?,
            updated: time("updated", &self.updated)?,
            content: match (self.content, self.locked) {
                (Some(content), None) => StoredContent::Open(content.into_content()?),
                (None, Some(sealed)) => StoredContent::Locked(sealed.0),
                (Some(_), Some(_)) => return Err(DocumentFault::new("locked", Why::Conflict("excludes content"))),
                (None, None) => return Err(DocumentFault::new("content", Why::Missing)),
            },
        })
    }
}

/// The content of a key as bytes, for a password to seal.
pub(crate) fn encode_key_content(content: &KeyContent) -> Vec<u8> {
    // Texts, numbers and lists of them: serde_json writes them all.
    serde_json::to_vec(&OpenForm::of(content)).unwrap_or_default()
}

/// The content in the bytes that [`encode_key_content`] gave.
///
/// # Errors
/// [`DocumentFault`] when they are none.
pub(crate) fn decode_key_content(bytes: &[u8]) -> Result<KeyContent, DocumentFault> {
    let form = serde_json::from_slice::<OpenForm>(bytes);
    form.map_err(|_| DocumentFault::new("", Why::Expected("the content of a key")))?.into_content()
}

impl OpenForm {
    fn of(content: &KeyContent) -> Self {
        let entries = content.entries.iter().map(|entry| EntryForm {
            wrapping_key: Octets(entry.wrapping_key.to_vec()),
            blob: Octets(entry.blob.to_vec()),
        });
        OpenForm { attributes: attributes_form(&content.attributes), entries: entries.collect() }
    }

    fn into_content(self) -> Result<KeyContent, DocumentFault> {
        let entry = |(index, entry): (usize, EntryForm)| {
            let wrapping_key = entry.wrapping_key.array("wrapping_key", "16");
            let wrapping_key = wrapping_key.map_err(|fault| fault.inside(format!("entries[{index}]")))?;
            Ok(Entry { wrapping_key, blob: Bytes::from(entry.blob.0) })
        };
        let entries = self.entries.into_iter().enumerate().map(entry).collect::<Result<_, DocumentFault>>()?;
        Ok(KeyContent { attributes: attributes(self.attributes), entries })
    }
}

fn attributes_form(attributes: &Attributes) -> Vec<AttributeForm> {
    let value = |value: &AttributeValue| match value {
        AttributeValue::Boolean(value) => Some(ValueForm::Boolean(*value)),
        AttributeValue::Integer(number) => Some(ValueForm::Integer(*number)),
        AttributeValue::Bytes(bytes) => Some(ValueForm::Bytes(Octets(bytes.clone()))),
        AttributeValue::Absent => None,
    };
    attributes.iter().filter_map(|(number, stated)| Some(AttributeForm(number.0, value(stated)?))).collect()
}

fn attributes(forms: Vec<AttributeForm>) -> Attributes {
    let value = |form| match form {
        ValueForm::Boolean(value) => AttributeValue::Boolean(value),
        ValueForm::Integer(number) => AttributeValue::Integer(number),
        ValueForm::Bytes(bytes) => AttributeValue::Bytes(bytes.0),
    };
    forms.into_iter().map(|AttributeForm(number, form)| (AttributeType(number), value(form))).collect()
}

fn id<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, DocumentFault> {
    given(field, parsed(field, Some(text), UUID)?)
}

fn time(field: &'static str, text: &str) -> Result<hpcs_audit::EventTime, DocumentFault> {
    moment(text).ok_or_else(|| DocumentFault::new(field, Why::Expected("a time such as 2026-01-01T00:00:00Z")))
}

impl Octets {
    fn array<const N: usize>(&self, field: &'static str, expected: &'static str) -> Result<[u8; N], DocumentFault> {
        let fault = || DocumentFault::new(field, Why::Size { expected, found: self.0.len() });
        self.0[..].try_into().map_err(|_| fault())
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text.as_bytes());
        bytes.map(Octets).map_err(|_| serde::de::Error::custom("expected base64"))
    }
}

#[cfg(test)]
mod tests {
    use hpcs_audit::EventTime;
    use hpcs_names::{KeystoreId, StoredKeyId, Uuid};

    use super::*;

    fn uuid(byte: u8) -> Uuid {
        Uuid::from_bytes([byte; 16])
    }

    fn attributes() -> Attributes {
        Attributes::from_iter([
            (AttributeType::LABEL, AttributeValue::Bytes(b"a label".to_vec())),
            (AttributeType::CLASS, AttributeValue::Integer(4)),
            (AttributeType::SIGN, AttributeValue::Boolean(true)),
            // In base64 these are hexadecimal digits.
            (AttributeType::ID, AttributeValue::Bytes(STANDARD.decode("ab".repeat(24)).unwrap())),
        ])
    }

    #[test]
    fn a_keystore_comes_back_as_it_was() {
        let lock = Lock { salt: [1; 16], rounds: 3, check: vec![2; 40] };
        for lock in [None, Some(lock)] {
            let mut sizes = [0; BUCKETS];
            (sizes[0], sizes[255]) = (7, 300);
            let keystore = Keystore {
                id: KeystoreId(uuid(1)),
                name: "a name".into(),
                kind: KeystoreType::Private,
                created_by: "IBMid-1".into(),
                created: EventTime::from_unix_millis(1_767_225_600_123),
                version: 0,
                transaction: [3; 16],
                attributes: attributes(),
                lock,
                sizes: BucketSizes::new(sizes),
            };
            let text = serde_json::to_string(&KeystoreDocument::of(&keystore)).unwrap();
            let back: KeystoreDocument = serde_json::from_str(&text).unwrap();
            assert_eq!(back.into_keystore().unwrap(), keystore);
        }
    }

    #[test]
    fn a_key_comes_back_as_it_was() {
        let entry = Entry { wrapping_key: [9; 16], blob: Bytes::from(vec![7; 256]) };
        let open = StoredContent::Open(KeyContent { attributes: attributes(), entries: vec![entry] });
        for content in [open, StoredContent::Locked(vec![5; 99])] {
            let key = KeyRecord {
                id: StoredKeyId(uuid(1)),
                keystore: KeystoreId(uuid(2)),
                version: 4,
                transaction: [3; 16],
                created: EventTime::from_unix_millis(1_767_225_600_123),
                updated: EventTime::from_unix_millis(1_767_225_600_124),
                content,
            };
            let text = serde_json::to_string(&KeyDocument::of(&key)).unwrap();
            let back: KeyDocument = serde_json::from_str(&text).unwrap();
            assert_eq!(back.into_key().unwrap(), key);
        }
    }

    #[test]
    fn a_value_that_cannot_be_is_named() {
        let text = r#"{"id":"x","keystore":"y","version":0,"transaction":"","created":"","updated":"","locked":""}"#;
        let key: KeyDocument = serde_json::from_str(text).unwrap();
        assert_eq!(key.into_key().unwrap_err().path, "id");
    }
}
