//! Application keys: what they are inside the unit, and how they leave it.

mod blob;
mod protection;
mod public;
mod readable;
mod stored;
mod usage;
mod word;

use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

pub(crate) use protection::{BlobKeys, IV_SIZE, Sealed, WrappingKeyId};
use public::is_public;
pub(crate) use readable::readable;
pub(crate) use stored::Stored;
pub(crate) use usage::{Origin, combined};
use usage::{Usage, attribute_word};
pub(crate) use word::{AttributeWord, BOOLEANS, Settable};

use super::context::{Context, SessionId};
use super::function::NewKey;
use super::template::Template;
use super::{Outcome, families};
use crate::CallEnv;

/// A key in the clear. It exists while a function works with it.
pub(crate) struct Key {
    pub(crate) class: ObjectClass,
    pub(crate) key_type: KeyType,
    /// The value: raw bytes of a secret key, `PrivateKeyInfo` of a private key, `SubjectPublicKeyInfo` of a public one.
    pub(crate) value: Zeroizing<Vec<u8>>,
    pub(crate) attributes: AttributeWord,
    /// Attributes that are no truth values, and those truth values that nothing here depends on.
    pub(crate) stored: Stored,
    pub(crate) session: SessionId,
    /// Whether it came as public key information that nobody authenticated, and so without attributes.
    pub(crate) raw: bool,
}

impl Key {
    /// A key with the attributes that its template and its origin give it.
    ///
    /// # Errors
    /// Those of the template.
    pub(crate) fn new(
        context: &Context<'_>,
        (class, key_type): (ObjectClass, KeyType),
        value: Zeroizing<Vec<u8>>,
        template: &Template,
        origin: Origin,
        mechanism: MechanismType,
    ) -> Outcome<Self> {
        let curve = families::ec::curve_of(class, key_type, &value);
        let usage = Usage::of(class, key_type, curve);
        let attributes = attribute_word(context, template, class, usage, origin)?;
        let stored = Stored::new(template, mechanism)?;
        let session = context.session_of_new_keys();
        Ok(Key { class, key_type, value, attributes, stored, session, raw: false })
    }

    /// Reads a key blob or public key information, in the order of section 6.4.
    ///
    /// # Errors
    /// `absent` when there is no key, otherwise those of the blob.
    pub(crate) fn open(context: &Context<'_>, bytes: Option<&[u8]>, absent: ReturnValue) -> Outcome<Self> {
        let protection = context.current()?;
        let bytes = bytes.filter(|bytes| !bytes.is_empty()).ok_or(absent)?;
        let key = Key::open_under(bytes, protection)?;
        if !key.raw {
            context.check_session(key.session)?;
        }
        Ok(key)
    }

    /// Reads public keys that come one after the other, each authenticated; a key of another class comes alone.
    ///
    /// # Errors
    /// As [`Key::open`].
    pub(crate) fn open_several(context: &Context<'_>, bytes: Option<&[u8]>, absent: ReturnValue) -> Outcome<Vec<Self>> {
        let parts = bytes.filter(|bytes| is_public(bytes)).and_then(public::split);
        match parts {
            Some(parts) => parts.into_iter().map(|part| Key::open(context, Some(part), absent)).collect(),
            None => Key::open(context, bytes, absent).map(|key| vec![key]),
        }
    }

    /// The same under a certain master key, whatever the session.
    ///
    /// # Errors
    /// Those of the blob.
    pub(crate) fn open_under(bytes: &[u8], under: (&BlobKeys, WrappingKeyId)) -> Outcome<Self> {
        if is_public(bytes) { public::open(bytes, under) } else { blob::open(bytes, under) }
    }

    /// The key as it leaves the unit.
    pub(crate) fn seal(&self, context: &Context<'_>, env: &mut CallEnv) -> Outcome<NewKey> {
        let blob = self.seal_under(context.current()?, env)?;
        Ok(NewKey { blob, attributes: readable(self) })
    }

    /// The same under a certain master key.
    pub(crate) fn seal_under(&self, under: (&BlobKeys, WrappingKeyId), env: &mut CallEnv) -> Outcome<Vec<u8>> {
        match self.class {
            ObjectClass::PUBLIC_KEY => Ok(public::seal(self, under, env)),
            _ => blob::seal(self, under, env),
        }
    }

    /// Refuses unless the key has the attribute. Public key information without attributes is free.
    pub(crate) fn require(&self, attribute: AttributeWord) -> Outcome<()> {
        if self.raw || self.attributes.has(attribute) { Ok(()) } else { Err(ReturnValue::KEY_FUNCTION_NOT_PERMITTED) }
    }

    /// Refuses unless it is a key of this class and type.
    pub(crate) fn require_kind(&self, class: ObjectClass, key_type: KeyType) -> Outcome<()> {
        if self.is(class, key_type) { Ok(()) } else { Err(ReturnValue::KEY_TYPE_INCONSISTENT) }
    }

    pub(crate) fn is(&self, class: ObjectClass, key_type: KeyType) -> bool {
        (self.class, self.key_type) == (class, key_type)
    }

    /// Whether its attributes travel with it when it is wrapped, authenticated.
    pub(crate) fn is_attribute_bound(&self) -> bool {
        self.attributes.has(AttributeWord::ATTRBOUND)
    }

    /// What section 5.7 calls the checksum: of a secret key, how it encrypts zeros or what it hashes to, and its bits.
    pub(crate) fn checksum(&self) -> Vec<u8> {
        let bits = (self.value.len() as u32 * 8).to_be_bytes();
        let first = match self.class {
            ObjectClass::SECRET_KEY => families::secret::check_value(self.key_type, &self.value).to_vec(),
            _ => Vec::new(),
        };
        [first, bits.to_vec()].concat()
    }

    /// Whether the attribute is one that was stated and is kept.
    pub(crate) fn keeps(&self, attribute: AttributeType) -> bool {
        self.stored.get(attribute).is_some()
    }

    /// The public key of a private one, with the usages of its kind.
    pub(crate) fn public_half(&self) -> Option<Self> {
        if self.class != ObjectClass::PRIVATE_KEY {
            return None;
        }
        let value = Zeroizing::new(families::public_key_info(self.key_type, &self.value)?);
        let curve = families::ec::curve_of(ObjectClass::PUBLIC_KEY, self.key_type, &value);
        let usage = Usage::of(ObjectClass::PUBLIC_KEY, self.key_type, curve);
        let kept = self.attributes.0 & (AttributeWord::MODIFIABLE.with(AttributeWord::LOCAL)).0;
        Some(Key {
            class: ObjectClass::PUBLIC_KEY,
            key_type: self.key_type,
            value,
            attributes: usage.default.with(AttributeWord(kept)),
            stored: Stored::default(),
            session: self.session,
            raw: false,
        })
    }
}

/// What the key may be used for at all.
pub(crate) fn usage_of(key: &Key) -> Usage {
    Usage::of(key.class, key.key_type, families::ec::curve_of(key.class, key.key_type, &key.value))
}
